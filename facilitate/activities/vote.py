"""A choice among the ideas or clusters of a board; the result is hidden until it is shown."""

from collections.abc import Mapping
from typing import Any

from facilitate.core.book import Case, Fact
from facilitate.core.clusters import ClustersShown
from facilitate.core.rounds import closing, last_round, opening
from facilitate.core.state import State
from facilitate.core.tables import Phase

DEFAULTS: dict[str, Any] = {
    "method": "dots",
    "of": "clusters",
    "dots": 3,
    "stack": True,
    "named": False,
    "takes_ideas": False,  # people may still post to the board while they vote
    "max_length": 140,
    "max_ideas": None,
    "closes": False,
}
NEEDS_BOARD = True
ALLOWS = {"CastBallot"}
ALLOWS_WITH_IDEAS = ALLOWS | {"PostIdea", "EditIdea", "WithdrawIdea", "RestoreOwn"}


def check(settings: Mapping[str, Any], methods: Mapping[str, Any]) -> None:
    if settings["method"] not in tuple(methods):
        raise ValueError(f"method: must be one of {', '.join(sorted(methods))}")
    if settings["of"] not in ("ideas", "clusters"):
        raise ValueError('of: must be "ideas" or "clusters"')
    for key in ("stack", "named", "takes_ideas", "closes"):
        if not isinstance(settings[key], bool):
            raise ValueError(f"{key}: must be true or false")
    for key, most in (("dots", 100), ("max_length", 500), ("max_ideas", 50)):
        number = settings[key]
        if key == "max_ideas" and number is None:
            continue
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= most:
            raise ValueError(f"{key}: must be a whole number from 1 to {most}")


def allows(kind: str, settings: Mapping[str, Any]) -> bool:
    return kind in (ALLOWS_WITH_IDEAS if settings["takes_ideas"] else ALLOWS)


def starts(state: State, phase: Phase, case: Case) -> list[Fact]:
    facts: list[Fact] = []
    if phase.board and phase.settings["of"] == "clusters" and not state.boards[phase.board].clusters_shown:
        facts.append(ClustersShown(board=phase.board))
    return [*facts, opening(state, phase, case)]


def ends(state: State, phase: Phase, case: Case) -> list[Fact]:
    round_ = last_round(state, phase.id)
    return [closing(state, round_, phase.closed or case.at)] if round_ and round_.state == "open" else []
