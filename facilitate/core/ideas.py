"""Ideas: posted, edited, withdrawn, hidden, admitted late, turned over, erased. Never put on another board."""

from msgspec import UNSET, UnsetType
from msgspec.structs import asdict

from facilitate.core import text as words
from facilitate.core.book import Case, Command, Decision, Fact, decides, evolves
from facilitate.core.phases import GRACE, known
from facilitate.core.quoting import quoting
from facilitate.core.refused import Refused
from facilitate.core.scripts import fits
from facilitate.core.seats import board_for, check_place
from facilitate.core.spoken import SPOKEN, silenced
from facilitate.core.state import State
from facilitate.core.tables import Board, Idea, Origin, Phase


class PostIdea(Command, frozen=True):
    phase: str
    text: str
    column: str | None = None
    board: str | None = None
    lang: str | None = None


class EditIdea(Command, frozen=True):
    idea: str
    text: str
    column: str | UnsetType = UNSET


class WithdrawIdea(Command, frozen=True):
    idea: str


class RestoreOwn(Command, frozen=True):
    """Its author takes back that it was taken back: the card lies where it lay, with its number."""

    idea: str


class HideIdea(Command, frozen=True):
    idea: str
    reason: str | None = None


class RestoreIdea(Command, frozen=True):
    """A hidden idea comes back, also when `Undo` has been overtaken."""

    idea: str


class AdmitLate(Command, frozen=True):
    idea: str


class EraseIdea(Command, frozen=True):
    idea: str


class RevealIdeas(Command, frozen=True):
    board: str
    column: str | None = None


class Peek(Command, frozen=True):
    board: str


class LockBoard(Command, frozen=True):
    board: str
    locked: bool
    reason: str | None = None


class IdeaPosted(Fact, frozen=True):
    idea: str
    number: int
    board: str
    phase: str
    author: str
    text: str | None
    lang: str = ""
    column: str | None = None
    source: str = "phone"
    late: bool = False
    face_down: bool = False
    slot: str | None = None
    first: bool = False  # this person's first in the phase
    origin: Origin | None = None  # of a carried card
    waits: bool = False  # to be accepted


class IdeaEdited(Fact, frozen=True):
    idea: str
    text: str | None
    column: str | None = None
    waits: bool = False


class IdeaWithdrawn(Fact, frozen=True):
    idea: str


class OwnRestored(Fact, frozen=True):
    idea: str


class IdeaHidden(Fact, frozen=True):
    idea: str
    reason: str | None = None


class IdeaRestored(Fact, frozen=True):
    idea: str


class LateAdmitted(Fact, frozen=True):
    idea: str


class IdeasRevealed(Fact, frozen=True):
    board: str
    column: str | None = None


class Peeked(Fact, frozen=True):
    board: str


class BoardLocked(Fact, frozen=True):
    board: str
    locked: bool
    reason: str | None = None


class Blanked(Fact, frozen=True):
    """The free text of these became NULL everywhere; what remains is that they were there.

    Of clusters and notes it is every text they ever had: one of them quoted what was erased.
    """

    ideas: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()  # the command that showed it + "/" + screen
    screens: tuple[str, ...] = ()  # those that showed one of them, and follow the session again
    spoken: tuple[str, ...] = ()  # the command that said it + "/" + record + "/" + field
    silent: tuple[tuple[str, str, str], ...] = ()  # (table, record, field) where one of them stood until now


def idea_of(case: Case, idea: str) -> Idea:
    found = case.state.ideas.get(idea)
    if found is None:
        raise Refused("idea.unknown")
    if found.withdrawn or found.erased:
        raise Refused("idea.gone")
    return found


def board_of(case: Case, board: str) -> Board:
    found = case.state.boards.get(board)
    if found is None or found.removed:
        raise Refused("board.unknown")
    return found


def own(case: Case, idea: str) -> Idea:
    """An idea that the actor wrote, or, for a facilitator, that the desk wrote."""
    found, actor = idea_of(case, idea), case.actor
    theirs = found.author == actor.signs(found.id) if actor.is_staff else actor.wrote(found.author, found.id)
    if not (found.source in ("desk", "carried") if actor.role == "facilitator" else theirs):
        raise Refused("role.refused")
    return found


def over_since(phase: Phase, at: int) -> int | None:
    """Milliseconds since a phase's input ended, or None while it is open."""
    return None if phase.is_open else at - (phase.closed or 0)


def admits(case: Case, phase: Phase, kind: str) -> bool:
    """Whether input of a participant to this phase is late; refused where it was never possible."""
    if not case.rules.allows(phase, kind) or not phase.was_started:
        raise _not_now(case)
    since = over_since(phase, case.at)
    return since is not None and since > GRACE


def _not_now(case: Case) -> Refused:
    now = case.state.current
    return Refused("not-now", activity=now.activity if now else "welcome")


@decides(PostIdea, "participant", "facilitator")
def _post(command: PostIdea, case: Case) -> list[Fact]:
    state, actor = case.state, case.actor
    phase = known(case, command.phase)
    late = False
    if actor.role == "participant":
        late = admits(case, phase, "PostIdea")
    elif not phase.was_started:
        raise _not_now(case)
    if phase.board is None:
        raise Refused("not-now", activity=phase.activity)
    place = str(board_for(case, phase))
    if command.board is not None and command.board != place:
        if not actor.is_staff or command.board not in {one.id for one in state.boards_of(phase.board)}:
            raise Refused("board.unknown")
        place = command.board
    board = state.boards[place]
    if command.id in state.ideas:
        raise Refused("id.taken")
    text = _text(command.text, phase)
    columns = {column.id for column in board.columns}
    if command.column is None and columns:
        raise Refused("column.missing")
    if command.column is not None and command.column not in columns:
        raise Refused("column.unknown")
    slot, first = None, False
    if actor.role == "participant":
        if state.is_locked(board.id) and not late:
            raise Refused("board.locked")
        slot, first = _slot(case, phase, command.column)
    down = (
        bool(phase.settings.get("private"))
        and not board.revealed
        and command.column not in board.revealed_columns
        and actor.role == "participant"
    )
    return [
        IdeaPosted(
            idea=command.id,
            number=state.next_number,
            board=board.id,
            phase=phase.id,
            author=actor.signs(command.id),
            text=text,
            lang=lang_of(command.lang, text, state),
            column=command.column,
            source="desk" if actor.is_staff else "phone",
            late=late,
            face_down=down,
            slot=slot,
            first=first,
            waits=reads_first(phase) and actor.role == "participant" and not late,
        )
    ]


def reads_first(phase: Phase) -> bool:
    """Whether the facilitators read what comes in before the others see it."""
    return bool(phase.settings.get("approval"))


def lang_of(lang: str | None, text: str | None, state: State) -> str:
    """Which of the session's languages a text is in, by what its author reads the page in and by its letters; the
    session's first where that is none of them, and "" where the letters are of none of them.

    Never what a phone is set to: the only one in another language would link all that it writes.
    """
    languages = state.session.languages
    base = (lang or "").split("-")[0].lower()
    likely = [code for code in languages if code.split("-")[0].lower() == base]
    return next((code for code in (*likely, *languages) if fits(text or "", code)), "")


def _text(typed: str, phase: Phase) -> str:
    most = min(words.IDEA, int(phase.settings.get("max_length") or words.IDEA))
    return words.required(typed, most, lines=True)


def _slot(case: Case, phase: Phase, column: str | None) -> tuple[str | None, bool]:
    """The next place of this person in this phase: limits hold although nobody can link two ideas.

    A place is never used twice, or it would link an idea that was withdrawn to the one written after it.
    """
    place = 0
    while (tag := case.actor.tag(f"{phase.id}/{place}")) in case.state.slots:
        if not _is_limited(phase):
            return None, False
        place += 1
    _check_limits(case, phase, column)
    return tag, place == 0


def _is_limited(phase: Phase) -> bool:
    return any(isinstance(phase.settings.get(key), int) for key in ("max_ideas", "max_per_column"))


def _check_limits(case: Case, phase: Phase, column: str | None, but: str = "") -> None:
    """Whether this person may have one more card in this column of the phase; `but` is one that does not count.

    What was not taken does not count either: its place is free again.
    """
    mine, place = [], 0
    while _is_limited(phase) and (tag := case.actor.tag(f"{phase.id}/{place}")) in case.state.slots:
        mine.append(case.state.ideas[case.state.slots[tag]])
        place += 1
    counted = [idea for idea in mine if not idea.withdrawn and idea.review != "rejected" and idea.id != but]
    most, most_there = phase.settings.get("max_ideas"), phase.settings.get("max_per_column")
    if isinstance(most, int) and len(counted) >= most:
        raise Refused("limit.reached", n=most)
    if isinstance(most_there, int) and sum(idea.column == column for idea in counted) >= most_there:
        raise Refused("limit.column", n=most_there)


@decides(EditIdea, "participant", "facilitator")
def _edit(command: EditIdea, case: Case) -> list[Fact]:
    idea = own(case, command.idea)
    phase = case.state.phases[idea.phase]
    if case.actor.role == "participant":
        if admits(case, phase, "EditIdea"):
            raise Refused("phase.over")
        check_place(case, ("idea", idea.id))
        if case.state.is_locked(idea.board):
            raise Refused("board.locked")
        if idea.hidden:
            raise Refused("idea.gone")
        if idea.review == "rejected":
            raise Refused("idea.rejected")
    text = _text(command.text, phase)
    column = idea.column if command.column is UNSET else command.column
    if column is not None and column not in {column.id for column in case.state.boards[idea.board].columns}:
        raise Refused("column.unknown")
    if (text, column) == (idea.text, idea.column) and idea.review != "returned":
        return []
    if column != idea.column and case.actor.role == "participant":
        _check_limits(case, phase, column, but=idea.id)
    waits = case.actor.role == "participant" and reads_first(phase)
    return [IdeaEdited(idea=idea.id, text=text, column=column, waits=waits)]


@decides(WithdrawIdea, "participant", "facilitator")
def _withdraw(command: WithdrawIdea, case: Case) -> list[Fact]:
    idea = own(case, command.idea)
    if case.actor.role == "participant" and admits(case, case.state.phases[idea.phase], "WithdrawIdea"):
        raise Refused("phase.over")
    return [IdeaWithdrawn(idea=idea.id)]


@decides(RestoreOwn, "participant")
def _restore_own(command: RestoreOwn, case: Case) -> list[Fact]:
    idea = case.state.ideas.get(command.idea)
    if idea is None or idea.source != "phone":
        raise Refused("idea.unknown")
    if not case.actor.wrote(idea.author, idea.id):
        raise Refused("role.refused")
    if idea.erased:
        raise Refused("idea.gone")
    if not idea.withdrawn:
        return []
    phase = case.state.phases[idea.phase]
    if admits(case, phase, "WithdrawIdea"):
        raise Refused("phase.over")
    _check_limits(case, phase, idea.column)
    return [OwnRestored(idea=idea.id)]


@decides(HideIdea, "facilitator")
def _hide(command: HideIdea, case: Case) -> list[Fact]:
    idea = idea_of(case, command.idea)
    if idea.hidden:
        return []
    reason = words.clean(command.reason, words.REASON) if command.reason else None
    return [IdeaHidden(idea=idea.id, reason=reason or None)]


@decides(RestoreIdea, "facilitator")
def _restore(command: RestoreIdea, case: Case) -> list[Fact]:
    idea = idea_of(case, command.idea)
    return [IdeaRestored(idea=idea.id)] if idea.hidden else []


@decides(AdmitLate, "facilitator")
def _admit(command: AdmitLate, case: Case) -> list[Fact]:
    idea = idea_of(case, command.idea)
    return [LateAdmitted(idea=idea.id)] if idea.late else []


@decides(EraseIdea, "facilitator")
def _erase(command: EraseIdea, case: Case) -> Decision:
    found = case.state.ideas.get(command.idea)
    if found is None:
        raise Refused("idea.unknown")
    if found.erased:
        return Decision([])
    quoted = quoting(case.state, found.id)
    comments = tuple(comment for idea in quoted.ideas for comment in case.state.said_on.get(idea, ()))
    blanked = Blanked(comments=comments, **asdict(quoted))
    named = (quoted.ideas, comments, quoted.clusters, quoted.notes, quoted.messages, quoted.spoken)
    return Decision([blanked], erases=tuple(thing for things in named for thing in things))


@decides(RevealIdeas, "facilitator")
def _reveal(command: RevealIdeas, case: Case) -> list[Fact]:
    board = board_of(case, command.board)
    if command.column is not None and command.column not in {column.id for column in board.columns}:
        raise Refused("column.unknown")
    boards = [one for one in (board, *case.state.boards_of(board.id)) if not one.revealed]
    return [
        IdeasRevealed(board=one.id, column=command.column)
        for one in boards
        if command.column is None or command.column not in one.revealed_columns
    ]


@decides(Peek, "facilitator")
def _peek(command: Peek, case: Case) -> list[Fact]:
    board = board_of(case, command.board)
    phase = case.state.current
    down = {idea.phase for idea in case.state.ideas.values() if idea.board == board.id and idea.face_down}
    if phase is not None and phase.board == board.id:
        down.add(phase.id)
    if any(case.state.phases[id_].settings.get("strict") for id_ in down):
        raise Refused("role.refused")
    return [] if board.peeked or board.revealed else [Peeked(board=board.id)]


@decides(LockBoard, "facilitator")
def _lock(command: LockBoard, case: Case) -> list[Fact]:
    board = board_of(case, command.board)
    reason = words.clean(command.reason or "", words.REASON, what="reason") or None
    return [] if board.locked == command.locked else [BoardLocked(board=board.id, locked=command.locked, reason=reason)]


@evolves(IdeaPosted)
def _posted(state: State, fact: IdeaPosted) -> None:
    state.put(
        "idea",
        Idea(
            id=fact.idea,
            number=fact.number,
            board=fact.board,
            phase=fact.phase,
            author=fact.author,
            text=fact.text,
            lang=fact.lang,
            column=fact.column,
            source=fact.source,  # type: ignore[arg-type]
            late=fact.late,
            face_down=fact.face_down,
            slot=fact.slot,
            origin=fact.origin,
            review="waiting" if fact.waits else "",
        ),
    )
    state.next_number = max(state.next_number, fact.number + 1)
    if fact.slot:
        state.note_slot(fact.slot, fact.idea)
    if fact.first:
        state.count_poster(fact.phase)


@evolves(IdeaEdited)
def _edited(state: State, fact: IdeaEdited) -> None:
    idea = state.ideas[fact.idea]
    phone = {"rev": idea.rev + 1} if idea.source == "phone" else {}
    state.set("idea", fact.idea, text=fact.text, column=fact.column, **phone)
    if fact.waits and not idea.late:
        _change(state, fact.idea, review="waiting", reason=None)
    if idea.face_down and fact.column in state.boards[idea.board].revealed_columns:
        _change(state, fact.idea, face_down=False)


def _change(state: State, idea: str, **fields: object) -> None:
    """Set fields that decide whether an idea is seen: the results it stands in change with it."""
    state.set("idea", idea, **fields)
    state.touch_results(state.ideas[idea].board)


@evolves(IdeaWithdrawn)
def _withdrawn(state: State, fact: IdeaWithdrawn) -> None:
    _change(state, fact.idea, withdrawn=True)


@evolves(OwnRestored)
def _own_restored(state: State, fact: OwnRestored) -> None:
    _change(state, fact.idea, withdrawn=False)


@evolves(IdeaHidden)
def _hidden(state: State, fact: IdeaHidden) -> None:
    _change(state, fact.idea, hidden=True, reason=fact.reason)


@evolves(IdeaRestored)
def _restored(state: State, fact: IdeaRestored) -> None:
    _change(state, fact.idea, hidden=False, reason=None)


@evolves(LateAdmitted)
def _admitted(state: State, fact: LateAdmitted) -> None:
    _change(state, fact.idea, late=False)  # what is face down stays so until the others are turned over


@evolves(IdeasRevealed)
def _revealed(state: State, fact: IdeasRevealed) -> None:
    board = state.boards[fact.board]
    state.touch_results(fact.board)
    for idea in list(state.ideas.values()):
        if idea.board == fact.board and idea.face_down and fact.column in (None, idea.column):
            state.set("idea", idea.id, face_down=False)
    if fact.column is None:
        state.set("board", fact.board, revealed=True)
        return
    columns = (*board.revealed_columns, fact.column)
    everything = {column.id for column in board.columns} <= set(columns)
    state.set("board", fact.board, revealed_columns=columns, revealed=everything)


@evolves(Peeked)
def _peeked(state: State, fact: Peeked) -> None:
    state.set("board", fact.board, peeked=True)
    for idea in state.ideas.values():
        if idea.board == fact.board and idea.face_down:
            state.touch("idea", idea.id)


@evolves(BoardLocked)
def _locked(state: State, fact: BoardLocked) -> None:
    state.set("board", fact.board, locked=fact.locked)
    state.note_spoken(fact.board, "reason", fact.reason)
    for one in state.boards_of(fact.board):
        state.touch("board", one.id)


@evolves(Blanked)
def _blanked(state: State, fact: Blanked) -> None:
    state.blanked = state.seq
    for idea in fact.ideas:
        if idea in state.ideas:
            _change(state, idea, text=None, reason=None, erased=True)
            _leave_nothing(state, "idea", idea, "text", "reason")
        if idea in state.mutes:
            _blank(state, "mute", idea, "reason")
    for table, ids in (("comment", fact.comments), ("answer", fact.answers)):
        for id_ in ids:
            if id_ in state.tables[table]:
                state.set(table, id_, erased=True)
                _blank(state, table, id_, "text", "reason")
            if id_ in state.mutes:
                _blank(state, "mute", id_, "reason")
    for cluster in fact.clusters:
        _blank(state, "cluster", cluster, "title")
        state.touch_results(state.clusters[cluster].board)
    for note in fact.notes:
        _blank(state, "note", note, "text")
    for screen in fact.screens:
        state.set("screen", screen, shows={"what": "phase"})
    for message in fact.messages:
        state.forget_earlier("message", message)
        state.forget("screen", message.rpartition("/")[2], "shows")
    for table, record, field in fact.silent:
        state.set(table, record, **{field: silenced(field, getattr(state.tables[table][record], field))})
    for said in fact.spoken:
        _, record, field = said.split("/")
        state.forget_earlier("spoken", said)
        for table in (table for table, fields in SPOKEN.items() if field in fields and record in state.tables[table]):
            state.forget(table, record, field)


def _blank(state: State, table: str, id_: str, *fields: str) -> None:
    state.set(table, id_, **dict.fromkeys(fields))
    _leave_nothing(state, table, id_, *fields)


def _leave_nothing(state: State, table: str, id_: str, *fields: str) -> None:
    """Neither what can be undone nor what stood there before."""
    state.forget(table, id_, *fields)
    state.forget_earlier(table, id_)
    for type_, said in list(state.earlier):
        if type_ == "spoken" and said.endswith(f"/{id_}/reason"):
            state.forget_earlier(type_, said)
