"""Comments and "+1" on ideas, where a phase allows them. Who agrees is never known; how many, everybody sees."""

from facilitate.core import text as words
from facilitate.core.actors import Actor
from facilitate.core.book import Case, Command, Decision, Fact, decides, evolves
from facilitate.core.ideas import Blanked, admits, lang_of
from facilitate.core.phases import known
from facilitate.core.refused import Refused
from facilitate.core.seats import board_for
from facilitate.core.state import State
from facilitate.core.tables import Comment, Idea, Phase, Plus

LENGTH = 280  # characters


class PostComment(Command, frozen=True):
    phase: str
    idea: str
    text: str
    lang: str | None = None


class WithdrawComment(Command, frozen=True):
    comment: str


class HideComment(Command, frozen=True):
    comment: str
    reason: str | None = None


class RestoreComment(Command, frozen=True):
    comment: str


class EraseComment(Command, frozen=True):
    comment: str


class PlusOne(Command, frozen=True):
    """Agree with an idea, or no longer."""

    phase: str
    idea: str
    on: bool = True


class CommentPosted(Fact, frozen=True):
    comment: str
    phase: str
    idea: str
    author: str
    text: str | None
    lang: str = ""


class CommentWithdrawn(Fact, frozen=True):
    comment: str


class CommentHidden(Fact, frozen=True):
    comment: str
    reason: str | None = None


class CommentRestored(Fact, frozen=True):
    comment: str


class PlusGiven(Fact, frozen=True):
    """`by` is a tag of this idea alone: one a person, and nobody's."""

    idea: str
    by: str
    on: bool


def _seen(case: Case, phase: Phase, idea: str) -> Idea:
    """An idea of the phase's board, or of one's group's own, that lies open."""
    found = case.state.ideas.get(idea)
    if found is None or found.board != board_for(case, phase) or not found.is_visible:
        raise Refused("idea.unknown")
    return found


def _in_time(case: Case, phase: Phase, kind: str) -> None:
    if admits(case, phase, kind):
        raise Refused("phase.over")


def comment_of(case: Case, comment: str) -> Comment:
    found = case.state.comments.get(comment)
    if found is None:
        raise Refused("comment.unknown")
    if found.withdrawn or found.erased:
        raise Refused("comment.gone")
    return found


@decides(PostComment, "participant")
def _post(command: PostComment, case: Case) -> list[Fact]:
    phase = known(case, command.phase)
    _in_time(case, phase, "PostComment")
    idea = _seen(case, phase, command.idea)
    if case.state.is_locked(idea.board):
        raise Refused("board.locked")
    if command.id in case.state.comments or command.id in case.state.ideas:
        raise Refused("id.taken")
    text = words.required(command.text, LENGTH, lines=True)
    lang = lang_of(command.lang, text, case.state)
    author = case.actor.signs(command.id)
    posted = CommentPosted(comment=command.id, phase=phase.id, idea=idea.id, author=author, text=text, lang=lang)
    return [posted]


@decides(WithdrawComment, "participant")
def _withdraw(command: WithdrawComment, case: Case) -> list[Fact]:
    comment = comment_of(case, command.comment)
    if not case.actor.wrote(comment.author, comment.id):
        raise Refused("role.refused")
    _in_time(case, case.state.phases[comment.phase], "WithdrawComment")
    return [CommentWithdrawn(comment=comment.id)]


@decides(PlusOne, "participant")
def _plus(command: PlusOne, case: Case) -> list[Fact]:
    phase = known(case, command.phase)
    _in_time(case, phase, "PlusOne")
    idea = _seen(case, phase, command.idea)
    if case.actor.wrote(idea.author, idea.id):
        raise Refused("plus.own")
    by = plus_tag(case.actor, idea.id)
    before = case.state.pluses.get(f"{idea.id}/{by}")
    if command.on == (before is not None and before.on):
        return []
    return [PlusGiven(idea=idea.id, by=by, on=command.on)]


def plus_tag(person: Actor, idea: str) -> str:
    """Another tag than the one by which an idea's author proves it."""
    return person.tag(f"plus/{idea}")


@decides(HideComment, "facilitator")
def _hide(command: HideComment, case: Case) -> list[Fact]:
    comment = comment_of(case, command.comment)
    reason = words.clean(command.reason or "", words.REASON, what="reason") or None
    return [] if comment.hidden else [CommentHidden(comment=comment.id, reason=reason)]


@decides(RestoreComment, "facilitator")
def _restore(command: RestoreComment, case: Case) -> list[Fact]:
    comment = comment_of(case, command.comment)
    return [CommentRestored(comment=comment.id)] if comment.hidden else []


@decides(EraseComment, "facilitator")
def _erase(command: EraseComment, case: Case) -> Decision:
    found = case.state.comments.get(command.comment)
    if found is None:
        raise Refused("comment.unknown")
    if found.erased:
        return Decision([])
    return Decision([Blanked(comments=(found.id,))], erases=(found.id,))


@evolves(CommentPosted)
def _posted(state: State, fact: CommentPosted) -> None:
    state.put("comment", Comment(fact.comment, fact.idea, fact.phase, fact.author, fact.text, fact.lang))
    state.note_comment(fact.idea, fact.comment)


@evolves(CommentWithdrawn)
def _withdrawn(state: State, fact: CommentWithdrawn) -> None:
    state.set("comment", fact.comment, withdrawn=True)


@evolves(CommentHidden)
def _hidden(state: State, fact: CommentHidden) -> None:
    state.set("comment", fact.comment, hidden=True, reason=fact.reason)


@evolves(CommentRestored)
def _restored(state: State, fact: CommentRestored) -> None:
    state.set("comment", fact.comment, hidden=False, reason=None)


@evolves(PlusGiven)
def _given(state: State, fact: PlusGiven) -> None:
    id_ = f"{fact.idea}/{fact.by}"
    before = id_ in state.pluses and state.pluses[id_].on
    state.put("plus", Plus(id_, fact.idea, fact.on))
    state.count_plus(fact.idea, fact.on - before)
