"""Ideas are put together under headings: by the facilitators, by everyone, or each phone places its own cards."""

from collections.abc import Mapping
from typing import Any

from facilitate.core.book import Case, Fact
from facilitate.core.clusters import ClustersShown
from facilitate.core.state import State
from facilitate.core.tables import Phase

DEFAULTS: dict[str, Any] = {"who": "facilitators"}
NEEDS_BOARD = True
ALLOWS = {
    "facilitators": set(),
    "own": {"MoveIdea"},
    "everyone": {"FormCluster", "MoveIdea", "RenameCluster", "DissolveCluster"},
}


def check(settings: Mapping[str, Any], methods: Mapping[str, Any]) -> None:
    if settings["who"] not in tuple(ALLOWS):
        raise ValueError('who: must be "facilitators", "everyone" or "own"')


def allows(kind: str, settings: Mapping[str, Any]) -> bool:
    return kind in ALLOWS[settings["who"]]


def starts(state: State, phase: Phase, case: Case) -> list[Fact]:
    shown = phase.board is None or state.boards[phase.board].clusters_shown
    return [] if shown else [ClustersShown(board=str(phase.board))]
