"""Everybody writes ideas on a board: in the open, or private until they are revealed."""

from collections.abc import Mapping
from typing import Any

DEFAULTS: dict[str, Any] = {
    "private": False,
    "strict": False,  # nobody may peek
    "max_length": 140,
    "max_ideas": None,
    "closes": False,  # whether input closes when the time is up
    "show_all": True,
}
NEEDS_BOARD = True
ALLOWS = {"PostIdea", "EditIdea", "WithdrawIdea"}


def check(settings: Mapping[str, Any], methods: Mapping[str, Any]) -> None:
    for key in ("private", "strict", "closes", "show_all"):
        if not isinstance(settings[key], bool):
            raise ValueError(f"{key}: must be true or false")
    if settings["strict"] and not settings["private"]:
        raise ValueError("strict: goes with private = true")
    length, number = settings["max_length"], settings["max_ideas"]
    if isinstance(length, bool) or not isinstance(length, int) or not 1 <= length <= 500:
        raise ValueError("max_length: must be a whole number from 1 to 500")
    if number is not None and (isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 50):
        raise ValueError("max_ideas: must be a whole number from 1 to 50")


def allows(kind: str, settings: Mapping[str, Any]) -> bool:
    return kind in ALLOWS
