"""One question for everybody, at the start or the end: a step of a scale, or a few words of one's own."""

from collections.abc import Mapping
from typing import Any

from facilitate.core.answers import Asked, are_shared, in_phase, numbers
from facilitate.core.book import Rules
from facilitate.core.report import Answers, Block, Line
from facilitate.core.state import State
from facilitate.core.tables import Phase

DEFAULTS: dict[str, Any] = {
    "kind": "scale",  # or "words"
    "steps": 5,
    "low": {},  # what the ends of the scale mean, by language
    "high": {},
    "max_length": 30,
    "results": "live",  # or "reveal": when the desk shows them
    "closes": False,
}
NEEDS_BOARD = False
ALLOWS = {"GiveAnswer", "WithdrawAnswer"}


def check(settings: Mapping[str, Any], methods: Mapping[str, Any]) -> None:
    if settings["kind"] not in ("scale", "words"):
        raise ValueError('kind: must be "scale" or "words"')
    if settings["results"] not in ("live", "reveal"):
        raise ValueError('results: must be "live" or "reveal"')
    if not isinstance(settings["closes"], bool):
        raise ValueError("closes: must be true or false")
    for key, least, most in (("steps", 2, 11), ("max_length", 1, 140)):
        number = settings[key]
        if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
            raise ValueError(f"{key}: must be a whole number from {least} to {most}")
    for key in ("low", "high"):
        texts = settings[key]
        if not isinstance(texts, dict) or not all(isinstance(part, str) for pair in texts.items() for part in pair):
            raise ValueError(f"{key}: must be texts by language")


def allows(kind: str, settings: Mapping[str, Any]) -> bool:
    return kind in ALLOWS


def asks(settings: Mapping[str, Any]) -> Asked:
    if settings["kind"] == "scale":
        return Asked(steps=settings["steps"])
    return Asked(length=settings["max_length"])


def view(state: State, phase: Phase) -> dict[str, Any]:
    """`doing` of the phase record: whether all see the answers now."""
    return {"shown": are_shared(state, phase)}


def report(state: State, phase: Phase, rules: Rules) -> list[Block]:
    given = in_phase(state, phase.id)
    if not given:
        return []
    scale = phase.settings["kind"] == "scale"
    chosen = tuple(numbers(state, phase.id, phase.settings["steps"])) if scale else ()
    said = sorted((answer.text, answer.lang) for answer in given if answer.text)
    lines = tuple(Line(text, lang) for text, lang in said)
    ends = (phase.settings["low"], phase.settings["high"]) if scale else ({}, {})
    return [Answers(phase.id, len(given), chosen, lines, are_shared(state, phase), False, *ends)]
