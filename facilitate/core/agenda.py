"""The agenda while the session runs: phases added, repeated, skipped, moved, changed. Nothing that was done is lost."""

from typing import Any

from msgspec import UNSET, UnsetType, field, structs

from facilitate.core import formats
from facilitate.core import text as words
from facilitate.core.book import Case, Command, Fact, decides, evolves
from facilitate.core.formats import Begin, BoardPlan, FormatMistake, PhasePlan, Texts
from facilitate.core.phases import ClockSet, clock_of, current, known
from facilitate.core.refused import Refused
from facilitate.core.rounds import closing, last_round, opening
from facilitate.core.state import State
from facilitate.core.tables import Board, Phase
from facilitate.core.undo import is_used

MOST = 100  # phases in an agenda
STEP = 1.0  # between two places
NEAR = 1e-6  # places that are nearer to each other are spread anew


class InsertPhase(Command, frozen=True):
    """`after`: None puts it first. Its board is one that is there, or a new one with the title `new_board`."""

    activity: str
    title: Texts
    after: str | None = None
    prompt: Texts = field(default_factory=dict)
    guide: Texts = field(default_factory=dict)
    minutes: float | None = None
    stage: str | None = None
    board: str | None = None
    new_board: Texts | None = None
    begin: Begin = "at-once"
    settings: dict[str, Any] = field(default_factory=dict)


class RepeatPhase(Command, frozen=True):
    """A fresh phase with the same plan; it stands behind `after` (as given or, left out, behind the current one)."""

    phase: str
    after: str | UnsetType = UNSET
    new_board: bool = False


class SkipPhase(Command, frozen=True):
    phase: str
    skipped: bool = True


class MovePhase(Command, frozen=True):
    phase: str
    after: str | None = None


class RemovePhase(Command, frozen=True):
    phase: str


class ChangePhase(Command, frozen=True):
    """Texts by language: those that are not named stay, empty ones go. `minutes` null: no time limit."""

    phase: str
    title: Texts | UnsetType = UNSET
    prompt: Texts | UnsetType = UNSET
    guide: Texts | UnsetType = UNSET
    minutes: float | UnsetType | None = UNSET
    settings: dict[str, Any] | UnsetType = UNSET


class VoteAgain(Command, frozen=True):
    """A new round of the current phase, beside those that were; its clock begins anew."""

    phase: str


class BringEverybody(Command, frozen=True):
    pass


class SetSound(Command, frozen=True):
    on: bool


class PhaseInserted(Fact, frozen=True):
    plan: PhasePlan
    place: float
    board: BoardPlan | None = None  # made with it
    repeats: str | None = None


class PhasesPlaced(Fact, frozen=True):
    places: dict[str, float]


class PhaseSkipped(Fact, frozen=True):
    phase: str
    skipped: bool


class PhaseRemoved(Fact, frozen=True):
    phase: str


class PhaseChanged(Fact, frozen=True):
    phase: str
    fields: dict[str, Any]


class EverybodyCalled(Fact, frozen=True):
    pass


class SoundSet(Fact, frozen=True):
    on: bool


def planned(case: Case, phase: str) -> Phase:
    """A phase that has not been held yet: only such a one is moved, skipped or taken away."""
    found = known(case, phase)
    if found.was_started:
        raise Refused("phase.started")
    return found


@decides(InsertPhase, "facilitator")
def _insert(command: InsertPhase, case: Case) -> list[Fact]:
    title = _texts(command.title, words.TITLE, case.state)
    if not title:
        raise Refused("text.empty")
    made = None
    if command.new_board is not None:
        if command.board is not None:
            raise Refused("command.malformed")
        named = _texts(command.new_board, words.TITLE, case.state) or title
        made = BoardPlan(id=_board_id(case), title=named)
    data: dict[str, Any] = {
        "id": "new",
        "activity": command.activity,
        "title": title,
        "begin": command.begin,
        "settings": command.settings,
    }
    for part, limit in (("prompt", words.IDEA), ("guide", words.NOTE)):
        if texts := _texts(getattr(command, part), limit, case.state):
            data[part] = texts
    for part, value in (("minutes", command.minutes), ("stage", command.stage)):
        if value is not None:
            data[part] = value
    board = made.id if made else command.board
    if board is not None:
        data["board"] = board
    boards = {board.id for board in case.state.boards.values() if not board.removed and board.of is None}
    try:
        plan = formats.phase_of(
            data, tuple(title), boards | ({made.id} if made else set()), case.rules.activities, case.rules.methods
        )
    except FormatMistake as mistake:
        raise Refused("phase.plan", part=mistake.key) from mistake
    return _inserted(structs.replace(plan, id=command.id), command.after, made, None, case)


@decides(RepeatPhase, "facilitator")
def _repeat(command: RepeatPhase, case: Case) -> list[Fact]:
    phase = known(case, command.phase)
    if phase.activity not in case.rules.activities:
        raise Refused("activity.missing", activity=phase.activity)
    now = case.state.current
    after = (now.id if now else phase.id) if command.after is UNSET else command.after
    made = None
    if command.new_board:
        if phase.board is None:
            raise Refused("board.unknown")
        board = case.state.boards[phase.board]
        titles = [one.title for one in case.state.boards.values() if not one.removed]
        made = BoardPlan(id=_board_id(case), title=_numbered(board.title, titles), columns=board.columns)
    plan = PhasePlan(
        id=command.id,
        activity=phase.activity,
        title=_numbered(phase.title, [one.title for one in case.state.agenda()]),
        prompt=phase.prompt,
        guide=phase.guide,
        settings=phase.settings,
        stage=phase.stage,
        board=made.id if made else phase.board,
        minutes=phase.minutes,
        begin=phase.begin,
    )
    return _inserted(plan, after, made, phase.id, case)


def _board_id(case: Case) -> str:
    return f"{case.command}-board"[:40]


def _numbered(title: Texts, taken: list[Texts]) -> Texts:
    """The title with the first number that makes it differ from all that are there: `Ideas (2)`."""
    there = {text for texts in taken for text in texts.values()}
    number = 2
    while any(_with(text, number) in there for text in title.values()):
        number += 1
    return {language: _with(text, number) for language, text in title.items()}


def _with(text: str, number: int) -> str:
    base, _, last = text.rpartition(" (")
    plain = base if base and last.endswith(")") and last[:-1].isdigit() else text
    return f"{plain[: words.TITLE - 6]} ({number})"


def _inserted(
    plan: PhasePlan, after: str | None, made: BoardPlan | None, repeats: str | None, case: Case
) -> list[Fact]:
    if plan.id in case.state.phases or (made and made.id in case.state.boards):
        raise Refused("id.taken")
    if len(case.state.agenda()) >= MOST:
        raise Refused("agenda.full", n=MOST)
    facts, place = _place_after(after, plan.id, case)
    return [*facts, PhaseInserted(plan=plan, place=place, board=made, repeats=repeats)]


def _place_after(after: str | None, moved: str, case: Case) -> tuple[list[Fact], float]:
    """A place between two neighbours; where they stand too close, all are spread first."""
    agenda = [phase for phase in case.state.agenda() if phase.id != moved]
    at = 0
    if after is not None:
        anchor = known(case, after)
        if anchor.id == moved:
            raise Refused("command.malformed")
        at = agenda.index(anchor) + 1
    places = [phase.place for phase in agenda]
    place = _between(places, at)
    if place is not None:
        return [], place
    spread = {phase.id: STEP * order for order, phase in enumerate(agenda, 1)}
    facts: list[Fact] = [PhasesPlaced(places=spread)]
    return facts, STEP * at + STEP / 2


def _between(places: list[float], at: int) -> float | None:
    if not places:
        return STEP
    low = places[at - 1] if at else places[0] - 2 * STEP
    high = places[at] if at < len(places) else places[-1] + 2 * STEP
    return (low + high) / 2 if high - low > NEAR else None


@decides(SkipPhase, "facilitator")
def _skip(command: SkipPhase, case: Case) -> list[Fact]:
    phase = planned(case, command.phase)
    return [] if phase.skipped == command.skipped else [PhaseSkipped(phase=phase.id, skipped=command.skipped)]


@decides(MovePhase, "facilitator")
def _move(command: MovePhase, case: Case) -> list[Fact]:
    phase = planned(case, command.phase)
    agenda = [one.id for one in case.state.agenda()]
    at = agenda.index(phase.id)
    if command.after == (agenda[at - 1] if at else None):
        return []
    facts, place = _place_after(command.after, phase.id, case)
    return [*facts, PhasesPlaced(places={phase.id: place})]


@decides(RemovePhase, "facilitator")
def _remove(command: RemovePhase, case: Case) -> list[Fact]:
    if (found := case.state.phases.get(command.phase)) and found.removed:
        return []
    phase = planned(case, command.phase)
    if is_used(case.state, phase.id):
        raise Refused("phase.started")
    return [PhaseRemoved(phase=phase.id)]


@decides(ChangePhase, "facilitator")
def _change(command: ChangePhase, case: Case) -> list[Fact]:
    phase = known(case, command.phase)
    if phase.state == "ended":
        raise Refused("phase.over")
    fields: dict[str, Any] = {}
    for part, limit in (("title", words.TITLE), ("prompt", words.IDEA), ("guide", words.NOTE)):
        texts = getattr(command, part)
        if texts is not UNSET:
            fields[part] = _changed_texts(getattr(phase, part), texts, limit, case.state)
    if fields.get("title") == {}:
        raise Refused("text.empty")
    facts: list[Fact] = []
    if command.minutes is not UNSET:
        if command.minutes is not None and not 0 < command.minutes <= formats.LONGEST_PHASE:
            raise Refused("phase.minutes", n=formats.LONGEST_PHASE)
        fields["minutes"] = command.minutes
        facts = _clock_for(phase, command.minutes, case.at)
    if command.settings is not UNSET:
        try:
            fields["settings"] = formats.changed_settings(phase.settings, command.settings)
        except (ValueError, TypeError) as mistake:
            raise Refused("phase.plan", part=str(mistake).partition(": ")[0]) from mistake
    fields = {part: value for part, value in fields.items() if getattr(phase, part) != value}
    if not fields:
        return []
    return [PhaseChanged(phase=phase.id, fields=fields), *(facts if "minutes" in fields else ())]


def _clock_for(phase: Phase, minutes: float | None, at: int) -> list[Fact]:
    """The running clock goes by the new plan: what was added by hand, and what it stood still, stay."""
    if phase.state not in ("open", "closed") or (phase.state == "closed" and minutes is None):
        return []
    if minutes is None:
        return [ClockSet(phase=phase.id, ends=None, left=None)]
    if phase.minutes is None:
        return [ClockSet(phase=phase.id, ends=max(at, (phase.started or at) + round(minutes * 60_000)), left=None)]
    change = round((minutes - phase.minutes) * 60_000)
    if phase.left is not None:
        return [ClockSet(phase=phase.id, ends=None, left=max(0, phase.left + change))]
    if phase.ends is None or (phase.state == "closed" and phase.ends + change <= at):
        return []
    return [ClockSet(phase=phase.id, ends=max(at, phase.ends + change), left=None)]


def _texts(texts: Texts, limit: int, state: State) -> Texts:
    """What is said in the session's languages; a language that it does not have is refused."""
    if set(texts) - set(state.session.languages):
        raise Refused("command.malformed")
    cleaned = {language: words.clean(text, limit, lines=limit != words.TITLE) for language, text in texts.items()}
    return {language: text for language, text in cleaned.items() if text}


def _changed_texts(before: Texts, texts: Texts, limit: int, state: State) -> Texts:
    said = _texts(texts, limit, state)
    kept = {language: text for language, text in before.items() if language not in texts}
    order = [*before, *texts]
    return {language: text for language in dict.fromkeys(order) if (text := said.get(language) or kept.get(language))}


@decides(VoteAgain, "facilitator")
def _vote_again(command: VoteAgain, case: Case) -> list[Fact]:
    phase = current(case, command.phase)
    if phase.settings.get("method") not in case.rules.methods:
        raise Refused("not-now", activity=phase.activity)
    round_ = last_round(case.state, phase.id)
    if round_ and round_.state == "open" and not case.state.ballots_in(round_.id):
        return []
    facts: list[Fact] = [closing(case.state, round_, case.at)] if round_ and round_.state == "open" else []
    facts.append(opening(case.state, phase, case))
    return [*facts, *([clock_of(phase, case.at)] if phase.state != "waiting" else [])]


@decides(BringEverybody, "facilitator")
def _bring(command: BringEverybody, case: Case) -> list[Fact]:
    return [EverybodyCalled()]


@decides(SetSound, "facilitator")
def _sound(command: SetSound, case: Case) -> list[Fact]:
    return [] if case.state.session.sound == command.on else [SoundSet(on=command.on)]


@evolves(PhaseInserted)
def _put(state: State, fact: PhaseInserted) -> None:
    plan, made = fact.plan, fact.board
    if made:
        state.put("board", Board(made.id, made.title, made.columns))
    state.put(
        "phase",
        Phase(
            id=plan.id,
            order=0,
            activity=plan.activity,
            title=plan.title,
            prompt=plan.prompt,
            guide=plan.guide,
            settings=plan.settings,
            stage=plan.stage,
            board=plan.board,
            minutes=plan.minutes,
            begin=plan.begin,
            place=fact.place,
            inserted=True,
            repeats=fact.repeats,
        ),
    )
    state.renumber()


@evolves(PhasesPlaced)
def _placed(state: State, fact: PhasesPlaced) -> None:
    for phase, place in fact.places.items():
        state.set("phase", phase, place=place)
    state.renumber()


@evolves(PhaseSkipped)
def _skipped(state: State, fact: PhaseSkipped) -> None:
    state.set("phase", fact.phase, skipped=fact.skipped)


@evolves(PhaseRemoved)
def _removed(state: State, fact: PhaseRemoved) -> None:
    state.set("phase", fact.phase, removed=True)
    state.renumber()


@evolves(PhaseChanged)
def _changed(state: State, fact: PhaseChanged) -> None:
    state.set("phase", fact.phase, **fact.fields)


@evolves(EverybodyCalled)
def _called(state: State, fact: EverybodyCalled) -> None:
    state.set("session", state.session.id, called=state.session.called + 1)


@evolves(SoundSet)
def _sounds(state: State, fact: SoundSet) -> None:
    state.set("session", state.session.id, sound=fact.on)
