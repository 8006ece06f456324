"""Approval: where a phase asks for it, ideas are read by the facilitators before the others see them.

Several people may work through what waits at once, and nothing is locked: the first decision counts, the next is told.
A decision names what was read (`rev`), so that nobody lets through a text that its author has just changed.
"""

from typing import Literal

from facilitate.core import text as words
from facilitate.core.book import Case, Command, Fact, decides, evolves
from facilitate.core.ideas import idea_of
from facilitate.core.refused import Refused
from facilitate.core.state import State
from facilitate.core.tables import Idea

Decided = Literal["", "returned", "rejected"]


class AcceptIdea(Command, frozen=True):
    idea: str
    rev: int | None = None


class ReturnIdea(Command, frozen=True):
    """Back to its author with a request: it can be changed and sent again."""

    idea: str
    reason: str
    rev: int | None = None


class RejectIdea(Command, frozen=True):
    idea: str
    reason: str
    rev: int | None = None


class IdeaReviewed(Fact, frozen=True):
    """`review` is "" where the idea was accepted."""

    idea: str
    review: Decided
    reason: str | None = None


def _waiting(case: Case, command: AcceptIdea | ReturnIdea | RejectIdea) -> Idea:
    idea = idea_of(case, command.idea)
    if idea.review != "waiting":
        raise Refused("idea.decided", number=idea.number)
    if command.rev is not None and command.rev != idea.rev:
        raise Refused("idea.changed", number=idea.number)
    return idea


def _reason(text: str) -> str:
    """Nobody is told no without a word."""
    reason = words.clean(text, words.REASON, what="reason")
    if not reason:
        raise Refused("reason.missing")
    return reason


@decides(AcceptIdea, "facilitator")
def _accept(command: AcceptIdea, case: Case) -> list[Fact]:
    return [IdeaReviewed(idea=_waiting(case, command).id, review="")]


@decides(ReturnIdea, "facilitator")
def _return(command: ReturnIdea, case: Case) -> list[Fact]:
    return [IdeaReviewed(idea=_waiting(case, command).id, review="returned", reason=_reason(command.reason))]


@decides(RejectIdea, "facilitator")
def _reject(command: RejectIdea, case: Case) -> list[Fact]:
    return [IdeaReviewed(idea=_waiting(case, command).id, review="rejected", reason=_reason(command.reason))]


@evolves(IdeaReviewed)
def _reviewed(state: State, fact: IdeaReviewed) -> None:
    state.set("idea", fact.idea, review=fact.review, reason=fact.reason)
    state.touch_results(state.ideas[fact.idea].board)
