"""Phases: shown, opened, timed, ended. Going back loses nothing; time's running out closes nothing by itself."""

from collections.abc import Callable
from dataclasses import replace

from facilitate.core.book import EFFECTS, Case, Command, Fact, decides, evolves
from facilitate.core.refused import Refused
from facilitate.core.state import State
from facilitate.core.tables import Phase

MAIN = "main"  # the screen that goes along; what others show was chosen for them
GRACE = 20_000  # ms after a phase's end in which what was on its way still goes to its own phase


class StartPhase(Command, frozen=True):
    phase: str


class Begin(Command, frozen=True):
    phase: str


class EndPhase(Command, frozen=True):
    phase: str


class ExtendPhase(Command, frozen=True):
    phase: str
    seconds: int


class PausePhase(Command, frozen=True):
    phase: str


class ResumePhase(Command, frozen=True):
    phase: str


class RunOut(Command, frozen=True):
    """The clock's: a phase that closes by itself has come to its end."""

    phase: str


class PhaseShown(Fact, frozen=True):
    phase: str
    at: int | None = None


class InputOpened(Fact, frozen=True):
    phase: str
    board: str | None = None
    private: bool = False


class ClockStarted(Fact, frozen=True):
    phase: str
    at: int
    ends: int | None


class ClockSet(Fact, frozen=True):
    """Extended, shortened, stopped (`ends` None, `left` set) or going again."""

    phase: str
    ends: int | None
    left: int | None


class InputClosed(Fact, frozen=True):
    phase: str
    at: int


class PhaseEnded(Fact, frozen=True):
    phase: str
    at: int


def known(case: Case, phase: str) -> Phase:
    found = case.state.phases.get(phase)
    if found is None or found.removed:
        raise Refused("phase.unknown")
    return found


def current(case: Case, phase: str) -> Phase:
    found = known(case, phase)
    if case.state.session.phase != phase or not found.is_current:
        raise Refused("phase.over")
    return found


def ending(case: Case) -> list[Fact]:
    """The facts that end the current phase, if one is under way."""
    phase = case.state.current
    if phase is None or not phase.is_current:
        return []
    more = case.rules.ask(phase, "ends", lambda state, phase, case: [])
    return [*more(case.state, phase, case), PhaseEnded(phase=phase.id, at=case.at)]


@decides(StartPhase, "facilitator")
def _start(command: StartPhase, case: Case) -> list[Fact]:
    phase = known(case, command.phase)
    if case.state.session.phase == phase.id and phase.is_open:
        return []
    if phase.activity not in case.rules.activities:
        raise Refused("activity.missing", activity=phase.activity)
    facts = ending(case)
    facts.append(PhaseShown(phase=phase.id, at=case.at))
    private = bool(phase.settings.get("private")) and phase.board is not None
    facts.append(InputOpened(phase=phase.id, board=phase.board, private=private))
    brought, seen = _brought(phase, case)
    facts += [*brought, *case.rules.ask(phase, "starts", lambda state, phase, case: [])(seen.state, phase, seen)]
    if phase.begin == "at-once":
        facts.append(clock_of(phase, case.at))
    return facts


# What comes to a phase's board when it starts: other modules of the core add to it.
BRINGS: list[Callable[[Phase, Case], list[Fact]]] = []


def _brought(phase: Phase, case: Case) -> tuple[list[Fact], Case]:
    """All that comes, and the case with it. Each sees what came before it: no number and no card is given twice."""
    brought: list[Fact] = []
    seen = case
    for bring in BRINGS:
        if facts := bring(phase, seen):
            brought += facts
            seen = afterwards(case, brought)
    return brought, seen


def afterwards(case: Case, facts: list[Fact]) -> Case:
    """The same case when these facts are true already."""
    state = case.state.fork()
    state.begin(case.command, keeps=False)
    for fact in facts:
        EFFECTS[type(fact)](state, fact)
    return replace(case, state=state)


def clock_of(phase: Phase, at: int) -> ClockStarted:
    return ClockStarted(phase=phase.id, at=at, ends=at + round(phase.minutes * 60_000) if phase.minutes else None)


@decides(Begin, "facilitator")
def _begin(command: Begin, case: Case) -> list[Fact]:
    phase = current(case, command.phase)
    return [clock_of(phase, case.at)] if phase.state == "waiting" else []


@decides(EndPhase, "facilitator")
def _end(command: EndPhase, case: Case) -> list[Fact]:
    current(case, command.phase)
    return ending(case)


@decides(ExtendPhase, "facilitator")
def _extend(command: ExtendPhase, case: Case) -> list[Fact]:
    phase = current(case, command.phase)
    if not 0 < abs(command.seconds) <= 86_400:
        raise Refused("command.malformed")
    if phase.state == "closed" and command.seconds < 0:
        return []
    if phase.state == "waiting":
        raise Refused("not-now", activity=phase.activity)  # its clock has not begun
    change = command.seconds * 1000
    if phase.left is not None:
        return [ClockSet(phase=phase.id, ends=None, left=max(0, phase.left + change))]
    base = max(phase.ends or case.at, case.at) if change > 0 else phase.ends or case.at
    return [ClockSet(phase=phase.id, ends=max(case.at, base + change), left=None)]


@decides(PausePhase, "facilitator")
def _pause(command: PausePhase, case: Case) -> list[Fact]:
    phase = current(case, command.phase)
    if phase.ends is None or phase.state == "closed":
        return []
    return [ClockSet(phase=phase.id, ends=None, left=max(0, phase.ends - case.at))]


@decides(ResumePhase, "facilitator")
def _resume(command: ResumePhase, case: Case) -> list[Fact]:
    phase = current(case, command.phase)
    if phase.left is None:
        return []
    return [ClockSet(phase=phase.id, ends=case.at + phase.left, left=None)]


@decides(RunOut, "clock")
def _run_out(command: RunOut, case: Case) -> list[Fact]:
    phase = current(case, command.phase)
    if phase.state != "open" or phase.ends is None or case.at < phase.ends or not phase.settings.get("closes"):
        raise Refused("not-now", activity=phase.activity)
    return [InputClosed(phase=phase.id, at=case.at)]  # as it is noticed: a server that was away cuts nobody off


@evolves(PhaseShown)
def _shown(state: State, fact: PhaseShown) -> None:
    state.set("session", state.session.id, phase=fact.phase, state="running", ended=None)
    again = {"shown": fact.at, "runs": state.phases[fact.phase].runs + 1, "skipped": False}
    state.set("phase", fact.phase, state="waiting", started=None, ends=None, left=None, closed=None, **again)
    for screen in list(state.screens.values()):
        if screen.id == MAIN and screen.shows.get("what") not in ("phase", "black"):
            state.set("screen", screen.id, shows={"what": "phase"})


@evolves(InputOpened)
def _opened(state: State, fact: InputOpened) -> None:
    if fact.private and fact.board:
        boards = {fact.board, *(board.id for board in state.boards_of(fact.board))}
        for board in boards:
            state.set("board", board, revealed=False, revealed_columns=(), peeked=False)
        for idea in state.ideas.values():
            if idea.board in boards and idea.face_down:
                state.touch("idea", idea.id)


@evolves(ClockStarted)
def _started(state: State, fact: ClockStarted) -> None:
    state.set("phase", fact.phase, state="open", started=fact.at, ends=fact.ends, left=None)


@evolves(ClockSet)
def _set(state: State, fact: ClockSet) -> None:
    reopened = {"state": "open", "closed": None} if state.phases[fact.phase].state == "closed" else {}
    state.set("phase", fact.phase, ends=fact.ends, left=fact.left, **reopened)


@evolves(InputClosed)
def _closed(state: State, fact: InputClosed) -> None:
    state.set("phase", fact.phase, state="closed", closed=fact.at)


@evolves(PhaseEnded)
def _ended(state: State, fact: PhaseEnded) -> None:
    phase = state.phases[fact.phase]
    left = max(0, phase.ends - fact.at) if phase.ends else phase.left
    run = max(0, fact.at - phase.shown) if phase.shown is not None else 0
    over = {"closed": phase.closed or fact.at, "spent": phase.spent + run, "shown": None}
    state.set("phase", fact.phase, state="ended", ends=None, left=left, **over)
