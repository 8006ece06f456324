"""Everybody writes ideas on a board: in the open, or private until they are revealed."""

from collections.abc import Mapping
from typing import Any

from facilitate.core.book import Case, Fact
from facilitate.core.clusters import ClustersShown
from facilitate.core.state import State
from facilitate.core.tables import Phase

DEFAULTS: dict[str, Any] = {
    "private": False,
    "strict": False,  # nobody may peek
    "max_length": 140,
    "max_ideas": None,
    "closes": False,  # whether input closes when the time is up
    "show_all": True,
    "max_per_column": None,  # of one person
    "approval": False,  # the facilitators read what comes in before the others see it
    "comments": False,
    "plus_one": False,
    "cluster": "facilitators",  # or "own": people place their own cards while they write
}
NEEDS_BOARD = True
ALLOWS = {"PostIdea", "EditIdea", "WithdrawIdea", "RestoreOwn"}
IF_SET = {"PostComment": "comments", "WithdrawComment": "comments", "PlusOne": "plus_one"}
PLACES: dict[str, set[str]] = {"facilitators": set(), "own": {"MoveIdea"}}


def check(settings: Mapping[str, Any], methods: Mapping[str, Any]) -> None:
    for key in ("private", "strict", "closes", "show_all", "approval", "comments", "plus_one"):
        if not isinstance(settings[key], bool):
            raise ValueError(f"{key}: must be true or false")
    if settings["strict"] and not settings["private"]:
        raise ValueError("strict: goes with private = true")
    if settings["approval"] and settings["strict"]:
        raise ValueError("approval: does not go with strict = true, where nobody reads the cards before the reveal")
    if settings["comments"] and settings["approval"]:
        raise ValueError("comments: do not go with approval = true, for nobody reads them first")
    if settings["cluster"] not in tuple(PLACES):
        raise ValueError('cluster: must be "facilitators" or "own"')
    length = settings["max_length"]
    if isinstance(length, bool) or not isinstance(length, int) or not 1 <= length <= 500:
        raise ValueError("max_length: must be a whole number from 1 to 500")
    for key in ("max_ideas", "max_per_column"):
        number = settings[key]
        if number is not None and (isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 50):
            raise ValueError(f"{key}: must be a whole number from 1 to 50")


def allows(kind: str, settings: Mapping[str, Any]) -> bool:
    if kind in IF_SET:
        return bool(settings.get(IF_SET[kind]))
    return kind in ALLOWS or kind in PLACES[settings.get("cluster", "facilitators")]


def starts(state: State, phase: Phase, case: Case) -> list[Fact]:
    if phase.settings.get("cluster", "facilitators") != "own" or state.boards[str(phase.board)].clusters_shown:
        return []
    return [ClustersShown(board=str(phase.board))]
