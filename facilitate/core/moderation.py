"""Order in the hall: whoever wrote something may be muted or removed, a board may be frozen; all of it with a reason.

Nobody needs a name for it. A mute bears the tag of one idea (or comment, or answer); the phone that can prove to have
written that is the one that is muted, whatever else it wrote, and nobody learns what else that was.

The door asks `standing` too: whoever is "removed" is not let in again with the same token.
"""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from facilitate.core import text as words
from facilitate.core.actors import Actor
from facilitate.core.book import Case, Command, Fact, decides, evolves
from facilitate.core.ideas import board_of
from facilitate.core.refused import Refused
from facilitate.core.state import State
from facilitate.core.tables import Mute

Level = Literal["", "muted", "removed"]

SORTING = frozenset(
    {
        "FormCluster", "FormClusters", "MoveIdea", "MoveIdeas", "RenameCluster", "DissolveCluster", "SplitCluster",
        "MergeClusters", "SetAside", "MergeIdeas",
    }
)  # fmt: skip
# What a muted person may not do. Reading, voting, taking back and asking for help go on.
WRITING = SORTING | {"PostIdea", "EditIdea", "RestoreOwn", "PostComment", "GiveAnswer"}
# What nobody but the facilitators does on a frozen board.
CHANGING = SORTING | {"EditIdea", "WithdrawIdea", "RestoreOwn"}


class MuteAuthor(Command, frozen=True):
    """`idea` may also be a comment or an answer."""

    idea: str
    reason: str | None = None


class RemoveAuthor(Command, frozen=True):
    idea: str
    reason: str | None = None


class UnmuteAuthor(Command, frozen=True):
    """May write again, or come back."""

    idea: str


class FreezeBoard(Command, frozen=True):
    board: str
    frozen: bool
    reason: str | None = None


class AuthorMuted(Fact, frozen=True):
    idea: str
    level: Level
    reason: str | None = None


class BoardFrozen(Fact, frozen=True):
    board: str
    frozen: bool
    reason: str | None = None


def standing(state: State, person: Actor) -> Level:
    """How somebody who takes part stands: "muted", "removed", or ""."""
    levels = {mute.level for mute in state.mutes.values() if mute.level and person.wrote(mute.author, mute.id)}
    return "removed" if "removed" in levels else "muted" if levels else ""


def check(command: Command, kind: str, case: Case) -> None:
    """Before any rule: the removed do nothing, the muted do not write, and a frozen board stays as it is."""
    if case.actor.role == "participant":
        level = standing(case.state, case.actor)
        if level == "removed":
            raise Refused("person.removed")
        if level == "muted" and kind in WRITING:
            raise Refused("person.muted")
    if case.actor.role != "facilitator" and kind in CHANGING:
        boards = case.state.boards
        if any(boards[board].frozen for board in _boards(command, case.state) if board in boards):
            raise Refused("board.frozen")


def _boards(command: Command, state: State) -> Iterator[str]:
    """The boards of all that a command names."""
    for named in _strings(msgspec.structs.asdict(command).values()):
        for table in (state.ideas, state.clusters):
            if named in table:
                yield table[named].board
        if named in state.boards:
            yield named


def _strings(values: Any) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple | list):
            yield from _strings(value)
        elif isinstance(value, msgspec.Struct):
            yield from _strings(msgspec.structs.asdict(value).values())


def _muted(command: MuteAuthor | RemoveAuthor, case: Case, level: Level) -> list[Fact]:
    state, id_ = case.state, command.idea
    thing = state.ideas.get(id_) or state.comments.get(id_) or state.answers.get(id_)
    if thing is None:
        raise Refused("idea.unknown")
    if getattr(thing, "source", "phone") != "phone":
        raise Refused("person.desk")
    if id_ in state.mutes and state.mutes[id_].level == level:
        return []
    reason = words.clean(command.reason or "", words.REASON, what="reason") or None
    return [AuthorMuted(idea=id_, level=level, reason=reason)]


@decides(MuteAuthor, "facilitator")
def _mute(command: MuteAuthor, case: Case) -> list[Fact]:
    return _muted(command, case, "muted")


@decides(RemoveAuthor, "facilitator")
def _remove(command: RemoveAuthor, case: Case) -> list[Fact]:
    return _muted(command, case, "removed")


@decides(UnmuteAuthor, "facilitator")
def _unmute(command: UnmuteAuthor, case: Case) -> list[Fact]:
    mute = case.state.mutes.get(command.idea)
    return [AuthorMuted(idea=command.idea, level="")] if mute and mute.level else []


@decides(FreezeBoard, "facilitator")
def _freeze(command: FreezeBoard, case: Case) -> list[Fact]:
    board = board_of(case, command.board)
    reason = words.clean(command.reason or "", words.REASON, what="reason") or None
    return [] if board.frozen == command.frozen else [BoardFrozen(board=board.id, frozen=command.frozen, reason=reason)]


@evolves(AuthorMuted)
def _author_muted(state: State, fact: AuthorMuted) -> None:
    if fact.idea not in state.mutes:
        thing = state.ideas.get(fact.idea) or state.comments.get(fact.idea) or state.answers[fact.idea]
        state.put("mute", Mute(fact.idea, thing.author))
    state.set("mute", fact.idea, level=fact.level, reason=fact.reason)


@evolves(BoardFrozen)
def _frozen(state: State, fact: BoardFrozen) -> None:
    state.set("board", fact.board, frozen=fact.frozen)
    state.note_spoken(fact.board, "reason", fact.reason)
