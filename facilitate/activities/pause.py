"""A break: until when, and one sentence."""

import re
from collections.abc import Mapping
from typing import Any

DEFAULTS: dict[str, Any] = {"until": None, "sentence": {}}
NEEDS_BOARD = False


def check(settings: Mapping[str, Any], methods: Mapping[str, Any]) -> None:
    until, sentence = settings["until"], settings["sentence"]
    if until is not None and not (isinstance(until, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", until)):
        raise ValueError('until: must be a time like "10:45"')
    if not isinstance(sentence, dict) or not all(isinstance(part, str) for pair in sentence.items() for part in pair):
        raise ValueError("sentence: must be texts by language")


def allows(kind: str, settings: Mapping[str, Any]) -> bool:
    return False
