"""Everybody looks back in words of their own: for the facilitators alone, or for all."""

from collections.abc import Mapping
from typing import Any

from facilitate.core.answers import Asked, are_shared, in_phase
from facilitate.core.book import Rules
from facilitate.core.report import Answers, Block, Line
from facilitate.core.state import State
from facilitate.core.tables import Phase

DEFAULTS: dict[str, Any] = {"to": "facilitator", "max_length": 500, "closes": False}
NEEDS_BOARD = False
ALLOWS = {"GiveAnswer", "WithdrawAnswer"}


def check(settings: Mapping[str, Any], methods: Mapping[str, Any]) -> None:
    if settings["to"] not in ("facilitator", "all"):
        raise ValueError('to: must be "facilitator" or "all"')
    if not isinstance(settings["closes"], bool):
        raise ValueError("closes: must be true or false")
    length = settings["max_length"]
    if isinstance(length, bool) or not isinstance(length, int) or not 1 <= length <= 2000:
        raise ValueError("max_length: must be a whole number from 1 to 2000")


def allows(kind: str, settings: Mapping[str, Any]) -> bool:
    return kind in ALLOWS


def asks(settings: Mapping[str, Any]) -> Asked:
    return Asked(length=settings["max_length"], lines=True)


def view(state: State, phase: Phase) -> dict[str, Any]:
    """`doing` of the phase record: whether all see the answers."""
    return {"shown": are_shared(state, phase)}


def report(state: State, phase: Phase, rules: Rules) -> list[Block]:
    said = sorted((answer.text, answer.lang) for answer in in_phase(state, phase.id) if answer.text)
    lines = tuple(Line(text, lang) for text, lang in said)  # by their words, not by who came first
    kept = phase.settings["to"] == "facilitator"
    return [Answers(phase.id, len(lines), (), lines, are_shared(state, phase), kept)] if lines else []
