"""The voted items, one after another, with a note for each."""

from collections.abc import Mapping
from typing import Any

from facilitate.core.book import Case, Command, Fact, set_slice
from facilitate.core.clusters import ClustersShown
from facilitate.core.phases import current
from facilitate.core.refused import Refused
from facilitate.core.rounds import leading, tally_of
from facilitate.core.state import State
from facilitate.core.tables import Phase

MOST = 100  # items on the list

DEFAULTS: dict[str, Any] = {"top": 5, "minutes_each": None, "show_notes": True}
NEEDS_BOARD = True


class Turn(Command, frozen=True, tag="discuss.Turn"):
    """Talk about this item now; None: about the whole list."""

    phase: str
    item: str | None = None


class Listed(Fact, frozen=True):
    """What the phase talks about, best first, as it stood when the phase began."""

    phase: str
    items: tuple[str, ...]


class Turned(Fact, frozen=True):
    phase: str
    item: str | None


COMMANDS = (Turn,)
ROLES = {Turn: {"facilitator"}}
FACTS = {Listed: 1, Turned: 1}


def check(settings: Mapping[str, Any], methods: Mapping[str, Any]) -> None:
    top, each = settings["top"], settings["minutes_each"]
    if isinstance(top, bool) or not isinstance(top, int) or not 1 <= top <= MOST:
        raise ValueError("top: must be a whole number from 1 to 100")
    if each is not None and (isinstance(each, bool) or not isinstance(each, int | float) or each <= 0):
        raise ValueError("minutes_each: must be a number above 0")
    if not isinstance(settings["show_notes"], bool):
        raise ValueError("show_notes: must be true or false")


def allows(kind: str, settings: Mapping[str, Any]) -> bool:
    return False


def starts(state: State, phase: Phase, case: Case) -> list[Fact]:
    facts: list[Fact] = []
    if phase.board and not state.boards[phase.board].clusters_shown and state.clusters_of(phase.board):
        facts.append(ClustersShown(board=phase.board))
    items = _items(state, phase, case)
    before = state.slice_of(phase.id) or {}
    if list(items) != before.get("items"):
        facts.append(Listed(phase=phase.id, items=items))
    return facts


def _items(state: State, phase: Phase, case: Case) -> tuple[str, ...]:
    """The first of the last vote on this board, with their equals; if nobody voted its clusters by size, else its
    ideas."""
    rounds = [round_ for round_ in state.rounds.values() if round_.board == phase.board]
    top = int(phase.settings["top"])
    if rounds and (voted := leading(tally_of(state, rounds[-1], case.rules.methods), top, MOST)):
        return tuple(voted)
    ideas = [idea for idea in state.on_board(str(phase.board)) if idea.is_visible and not idea.aside]
    sizes = {cluster.id: 0 for cluster in state.clusters_of(str(phase.board))}
    for idea in ideas:
        if idea.cluster in sizes:
            sizes[idea.cluster] += 1
    filled = sorted((cluster for cluster, size in sizes.items() if size), key=lambda cluster: -sizes[cluster])
    return tuple(filled or [idea.id for idea in ideas])[:top]


def decide(command: Turn, case: Case) -> list[Fact]:
    phase = current(case, command.phase)
    value = case.state.slice_of(phase.id) or {}
    if phase.activity != "discuss":
        raise Refused("phase.unknown")
    if command.item is not None and command.item not in map(case.state.stand_in, value.get("items", ())):
        raise Refused("idea.unknown")
    return [] if value.get("item") == command.item else [Turned(phase=phase.id, item=command.item)]


def evolve(state: State, fact: Listed | Turned) -> None:
    value = dict(state.slice_of(fact.phase) or {"items": [], "item": None})
    if isinstance(fact, Listed):
        value["items"] = list(fact.items)
        value["item"] = value["item"] if value["item"] in fact.items else None
    else:
        value["item"] = fact.item
    set_slice(state, fact.phase, value)


def view(state: State, phase: Phase) -> dict[str, Any]:
    """`doing` of the phase record, for all audiences: the items, and the one that is talked about now."""
    value = state.slice_of(phase.id) or {"items": [], "item": None}
    items = [item for item in dict.fromkeys(map(state.stand_in, value["items"])) if state.shows(item)]
    now = state.stand_in(value["item"] or "")
    return {"items": items, "item": now if now in items else None}
