"""Hands: raised to speak, or a table that calls for help; answered at the desk in the order in which they came.

A hand is its owner's by a tag of its own, like an idea: nobody can tell from the file who raised which.
"""

from typing import Literal

from facilitate.core import text as words
from facilitate.core.book import Case, Command, Fact, decides, evolves
from facilitate.core.refused import Refused
from facilitate.core.state import State
from facilitate.core.tables import Hand

TABLE = 20  # characters of a table's code


class RaiseHand(Command, frozen=True):
    table: str | None = None


class CallHelp(Command, frozen=True):
    table: str | None = None


class LowerHand(Command, frozen=True):
    """One's own hand or call is no longer needed."""

    hand: str


class AnswerHand(Command, frozen=True):
    """The desk has seen to it."""

    hand: str


class AllowHands(Command, frozen=True):
    """For the whole session, beside what a phase's setting `hands` says."""

    allowed: bool


class HandRaised(Fact, frozen=True):
    hand: str
    by: str
    of: Literal["hand", "help"]
    at: int
    table: str | None = None


class HandLowered(Fact, frozen=True):
    hand: str


class HandAnswered(Fact, frozen=True):
    hand: str


class HandsAllowed(Fact, frozen=True):
    allowed: bool


def are_allowed(state: State) -> bool:
    phase = state.current
    return state.session.hands or bool(phase and phase.is_current and phase.settings.get("hands"))


@decides(RaiseHand, "participant")
def _raise(command: RaiseHand, case: Case) -> list[Fact]:
    return _raised("hand", command, case)


@decides(CallHelp, "participant")
def _call(command: CallHelp, case: Case) -> list[Fact]:
    return _raised("help", command, case)


def _raised(of: Literal["hand", "help"], command: RaiseHand | CallHelp, case: Case) -> list[Fact]:
    """One of a kind at a time: a second one of the same phone changes nothing."""
    state, actor = case.state, case.actor
    if state.session.state == "ended":
        raise Refused("session.ended")
    if not are_allowed(state):
        raise Refused("hands.closed")
    if any(hand.of == of and hand.state == "up" and actor.wrote(hand.by, hand.id) for hand in state.hands.values()):
        return []
    if command.id in state.hands:
        raise Refused("id.taken")
    table = words.clean(command.table or "", TABLE, what="table") or None
    return [HandRaised(hand=command.id, by=actor.signs(command.id), of=of, at=case.at, table=table)]


@decides(LowerHand, "participant")
def _lower(command: LowerHand, case: Case) -> list[Fact]:
    hand = _known(case, command.hand)
    if not case.actor.wrote(hand.by, hand.id):
        raise Refused("role.refused")
    return [HandLowered(hand=hand.id)] if hand.state == "up" else []


@decides(AnswerHand, "facilitator")
def _answer(command: AnswerHand, case: Case) -> list[Fact]:
    hand = _known(case, command.hand)
    return [HandAnswered(hand=hand.id)] if hand.state == "up" else []


def _known(case: Case, hand: str) -> Hand:
    found = case.state.hands.get(hand)
    if found is None:
        raise Refused("hand.unknown")
    return found


@decides(AllowHands, "facilitator")
def _allow(command: AllowHands, case: Case) -> list[Fact]:
    return [] if case.state.session.hands == command.allowed else [HandsAllowed(allowed=command.allowed)]


@evolves(HandRaised)
def _up(state: State, fact: HandRaised) -> None:
    state.put("hand", Hand(fact.hand, fact.by, fact.of, fact.at, fact.table))


@evolves(HandLowered)
def _lowered(state: State, fact: HandLowered) -> None:
    state.set("hand", fact.hand, state="lowered")


@evolves(HandAnswered)
def _answered(state: State, fact: HandAnswered) -> None:
    state.set("hand", fact.hand, state="answered")


@evolves(HandsAllowed)
def _allowed(state: State, fact: HandsAllowed) -> None:
    state.set("session", state.session.id, hands=fact.allowed)
