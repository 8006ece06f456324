"""Participants. Names and attributes are rows beside the log; with `names = "none"` no name is kept.

Attributes are what the format asks for, and nothing else. The row belongs to the participant, who is on no card and on
no ballot of a session without names: so it says who was there, not who wrote what. They are shown to nobody unless
names are shown; otherwise only as totals, from a smallest number of people on.
"""

from collections import Counter
from collections.abc import Mapping

from facilitate.core import text as words
from facilitate.core.actors import Actor
from facilitate.core.book import Case, Command, Decision, Fact, Row, decides, evolves
from facilitate.core.door import Knocked, check_in, check_room
from facilitate.core.formats import AttributePlan
from facilitate.core.refused import Refused
from facilitate.core.seats import seat_of
from facilitate.core.state import State
from facilitate.core.tables import Participant, Party

CELL = 5  # people of whom a total speaks at least
TABLE = 50  # people that one phone may speak for


class Join(Command, frozen=True):
    name: str | None = None
    attributes: dict[str, str] | None = None


class SetPeople(Command, frozen=True):
    """How many people this phone speaks for."""

    people: int


class ParticipantJoined(Fact, frozen=True):
    participant: str
    people: int = 1


class NameGiven(Fact, frozen=True):
    """Somebody already there has another name or other attributes: they are in the row beside the log."""

    participant: str


class PeopleSet(Fact, frozen=True):
    """`participant` is a tag where no names are kept: it stands beside a seat, and no seat leads to a person."""

    participant: str
    people: int
    seats: tuple[str, ...] = ()


@decides(Join, "participant")
def _join(command: Join, case: Case) -> Decision:
    state, person = case.state, case.actor
    if state.session.state == "ended":
        raise Refused("session.ended")
    known = state.participants.get(person.id)
    if known is None or known.state == "away":
        _check_door(case, known)
    row = _row(command, case)
    if known is None:
        knocks = state.session.door == "approval"
        fact = Knocked(participant=person.id) if knocks else ParticipantJoined(participant=person.id)
        return Decision([fact], [Row(person.id, row)] if row else [])
    if not row or _filled(state.names.get(person.id, {})) == _filled(row):
        return Decision([])
    return Decision([NameGiven(participant=person.id)], [Row(person.id, row)])


def _check_door(case: Case, known: Participant | None) -> None:
    if case.state.session.door != "approval" or known is not None:
        check_in(case.state, case.actor.id)
    check_room(case.state)


def _row(command: Join, case: Case) -> dict[str, object]:
    """What is kept beside the log of what was given; empty where nothing is. An attribute that is left out goes."""
    session, person = case.state.session, case.actor
    before = case.state.names.get(person.id, {})
    name = "" if session.names == "none" else words.clean(command.name or "", words.NAME)
    if not name and session.names == "shown":
        if person.id not in case.state.participants:
            raise Refused("text.empty")
        name = str(before.get("name", ""))
    attributes = before.get("attributes", {})
    if command.attributes is not None:
        attributes = _attributes(command.attributes, session.attributes)
    row = {"name": name, **({"attributes": attributes} if attributes else {})}
    return row if _filled(row) or before else {}


def _filled(row: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in row.items() if value}


def _attributes(given: Mapping[str, str], asked: tuple[AttributePlan, ...]) -> dict[str, str]:
    """The answers to what the format asks; whatever else comes is passed over."""
    kept: dict[str, str] = {}
    for plan in asked:
        value = words.clean(given.get(plan.id, ""), words.NAME)
        if plan.options and value and value not in {option.id for option in plan.options}:
            raise Refused("attribute.unknown")
        if value:
            kept[plan.id] = value
    return kept


@decides(SetPeople, "participant")
def _set_people(command: SetPeople, case: Case) -> list[Fact]:
    person = case.state.participants.get(case.actor.id)
    if person is None:
        raise Refused("join.first")
    if not 1 <= command.people <= TABLE:
        raise Refused("people.many", n=TABLE)
    known = case.actor.named or person.people > 1  # logs of older versions name the person in either case
    seats = _seats(case, command.people) if case.actor.named or not known else ()
    if speaks_for(case.state, case.actor) == command.people and not seats:
        return []
    return [PeopleSet(participant=person.id if known else party_of(case.actor), people=command.people, seats=seats)]


def _seats(case: Case, people: int) -> tuple[str, ...]:
    """The places in the groups of now, and in those that they come from or led to, where another number stands."""
    sits = seat_of(case.state, case.actor)
    tag = sits and sits.id.partition("/")[2]
    there = (seat for seat in case.state.members.values() if seat.id.partition("/")[2] == tag)
    return tuple(seat.id for seat in there if seat.people != people)


def party_of(actor: Actor) -> str:
    """What stands in the log instead of somebody, without names, when they say for how many they speak."""
    return actor.tag("people")


def people_in(state: State) -> int:
    """How many people came in, with those at one device. Without names it is not known whose party is turned away."""
    devices = sum(person.people for person in state.participants.values() if person.state == "in")
    return devices + sum(party.people - 1 for party in state.parties.values())


def speaks_for(state: State, actor: Actor) -> int:
    """For how many people somebody's device speaks."""
    return people_at(state, actor.id, party_of(actor))


def people_at(state: State, person: str, party: str) -> int:
    there = state.parties.get(party) or state.participants.get(person)
    return there.people if there else 1


def check_joined(case: Case) -> None:
    """Whoever acts must have been let in, have a place or find one, and, where names are shown, have given one."""
    state, actor = case.state, case.actor
    if actor.role != "participant":
        return
    check_in(state, actor.id)
    if actor.id not in state.participants:
        check_room(state)
    if state.session.names == "shown" and actor.id not in state.participants:
        raise Refused("join.first")


def breakdown(state: State, plan: AttributePlan, cell: int = CELL) -> tuple[dict[str, int], int]:
    """How many of those who are in gave which answer: (answers of at least `cell` people, all others together).

    The rest is 0 or at least `cell`: where it would be fewer, the smallest answer that is told goes into it, so that
    nobody can reckon it from the total. Fewer than `cell` answers in all: nothing is told.
    """
    here = (person.id for person in state.participants.values() if person.state == "in")
    rows = (state.names.get(person, {}).get("attributes", {}) for person in here)
    answers = Counter[str]()
    spelled: dict[str, str] = {}  # of answers in people's own words, capitals make no difference
    for answer, number in Counter(str(row[plan.id]) for row in rows if plan.id in row).most_common():
        answers[spelled.setdefault(answer.casefold(), answer)] += number
    told = {answer: number for answer, number in answers.most_common() if number >= cell}
    rest = answers.total() - sum(told.values())
    while 0 < rest < cell and told:
        rest += told.popitem()[1]
    return told, rest if rest >= cell else 0


@evolves(ParticipantJoined)
def _joined(state: State, fact: ParticipantJoined) -> None:
    state.put("participant", Participant(fact.participant, fact.people))
    state.touch_named(fact.participant)


@evolves(NameGiven)
def _named(state: State, fact: NameGiven) -> None:
    state.touch_named(fact.participant)


@evolves(PeopleSet)
def _people_set(state: State, fact: PeopleSet) -> None:
    if fact.participant in state.participants:
        state.set("participant", fact.participant, people=fact.people)
    else:
        state.lay("party", Party(fact.participant, fact.people))
    for seat in fact.seats:
        state.set("member", seat, people=fact.people)
        state.touch("group", state.members[seat].group)
