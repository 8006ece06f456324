"""A session's beginning and end."""

from facilitate.core.book import Case, Command, Fact, decides, evolves
from facilitate.core.formats import AttributePlan, BoardPlan, Names, PhasePlan, Texts
from facilitate.core.phases import ending
from facilitate.core.refused import Refused
from facilitate.core.state import State
from facilitate.core.tables import Board, Phase, Screen, Session


class SessionCreated(Fact, frozen=True):
    """The first event: the whole plan, and what was promised to the participants."""

    session: str
    code: str
    at: int
    format: str
    title: Texts
    languages: tuple[str, ...]
    names: Names
    delete_after: int
    boards: tuple[BoardPlan, ...]
    phases: tuple[PhasePlan, ...]
    operator: str = ""
    imprint: str = ""
    privacy: str = ""
    filmed: bool = False
    capacity: int = 1000
    attributes: tuple[AttributePlan, ...] = ()
    timezone: str = ""


class SessionEnded(Fact, frozen=True):
    at: int


class SessionDeleted(Fact, frozen=True):
    """The last event of a session whose time is over; everything before it is gone from the store."""


class EndSession(Command, frozen=True):
    pass


@evolves(SessionCreated)
def _created(state: State, fact: SessionCreated) -> None:
    state.put(
        "session",
        Session(
            id=fact.session,
            code=fact.code,
            title=fact.title,
            languages=fact.languages,
            format=fact.format,
            names=fact.names,
            created=fact.at,
            delete_after=fact.delete_after,
            operator=fact.operator,
            imprint=fact.imprint,
            privacy=fact.privacy,
            filmed=fact.filmed,
            capacity=fact.capacity,
            attributes=fact.attributes,
            timezone=fact.timezone,
        ),
    )
    for board in fact.boards:
        state.put("board", Board(board.id, board.title, board.columns))
    for order, phase in enumerate(fact.phases, 1):
        state.put(
            "phase",
            Phase(
                id=phase.id,
                order=order,
                activity=phase.activity,
                title=phase.title,
                prompt=phase.prompt,
                guide=phase.guide,
                settings=phase.settings,
                stage=phase.stage,
                board=phase.board,
                minutes=phase.minutes,
                begin=phase.begin,
                place=float(order),
            ),
        )
    state.put("screen", Screen("main", {"what": "phase"}))
    for attribute in fact.attributes:
        state.touch("breakdown", attribute.id)


@decides(EndSession, "facilitator")
def _end(command: EndSession, case: Case) -> list[Fact]:
    if case.state.session.state == "ended":
        return []
    return [*ending(case), SessionEnded(at=case.at)]


@evolves(SessionEnded)
def _ended(state: State, fact: SessionEnded) -> None:
    state.set("session", state.session.id, state="ended", ended=fact.at)


class DeleteSession(Command, frozen=True):
    """The program's alone: people delete through the lobby, which leaves nothing of the log."""


@decides(DeleteSession, "clock")
def _delete(command: DeleteSession, case: Case) -> list[Fact]:
    if case.at < case.state.session.delete_at:
        now = case.state.current
        raise Refused("not-now", activity=now.activity if now else "welcome")
    return [SessionDeleted()]


@evolves(SessionDeleted)
def _deleted(state: State, fact: SessionDeleted) -> None:
    for name, table in list(state.tables.items()):
        if name != "session":
            for id_ in table:
                state.touch(name, id_)
                if name == "round":
                    state.touch("tally", id_)
            state.tables[name] = {}
    state.lying = {}
    state.names = {}
    state.set("session", state.session.id, state="ended", phase=None, title={}, operator="", imprint="", privacy="")
