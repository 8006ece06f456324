"""A text and the join code, while people arrive."""

from collections.abc import Mapping
from typing import Any

DEFAULTS: dict[str, Any] = {"text": {}}
NEEDS_BOARD = False


def check(settings: Mapping[str, Any], methods: Mapping[str, Any]) -> None:
    text = settings["text"]
    if not isinstance(text, dict) or not all(isinstance(part, str) for pair in text.items() for part in pair):
        raise ValueError("text: must be texts by language")


def allows(kind: str, settings: Mapping[str, Any]) -> bool:
    return False
