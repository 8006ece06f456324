"""The door: who comes in while it is open, knocks while it needs approval, or stays outside while it is closed.

Whoever is in stays in, whatever the door does later. Who is not sees no more of the session than its title. After the
end nobody comes in any more: a code that was found or guessed then opens nothing.
"""

from typing import Annotated, Literal

import msgspec

from facilitate.core.book import Case, Command, Fact, decides, evolves
from facilitate.core.refused import Refused
from facilitate.core.state import State
from facilitate.core.tables import Participant

MOST = 20_000  # people in one session


class SetDoor(Command, frozen=True):
    """What is not given stays as it is."""

    door: Literal["open", "approval", "closed"] | None = None
    capacity: Annotated[int, msgspec.Meta(ge=1, le=MOST)] | None = None


class LetIn(Command, frozen=True):
    participant: str


class TurnAway(Command, frozen=True):
    participant: str


class DoorSet(Fact, frozen=True):
    door: Literal["open", "approval", "closed"]


class CapacitySet(Fact, frozen=True):
    capacity: int


class Knocked(Fact, frozen=True):
    participant: str


class PersonLetIn(Fact, frozen=True):
    participant: str


class PersonTurnedAway(Fact, frozen=True):
    participant: str


def is_open(state: State) -> bool:
    """Whether everybody who knows the code may come in: nobody has to ask, and it is not over."""
    return state.session.door == "open" and state.session.state != "ended"


def is_in(state: State, person: str) -> bool:
    """Whoever has joined is in; and everybody, while the door is open to all."""
    known = state.participants.get(person)
    return is_open(state) if known is None else known.state == "in"


def is_joined(state: State, person: str) -> bool:
    """Whether somebody has a place of their own. Who has only come, waits at the door or was turned away has none."""
    known = state.participants.get(person)
    return known is not None and known.state == "in"


def check_in(state: State, person: str) -> None:
    """Refused with what keeps this person outside."""
    known = state.participants.get(person)
    if known is not None and known.state == "away":
        raise Refused("door.turned-away")
    if known is None and state.session.state == "ended":
        raise Refused("session.ended")
    if not is_in(state, person):
        raise Refused("door.closed" if known is None and state.session.door == "closed" else "door.waiting")


def check_room(state: State) -> None:
    """Refused where all places are taken. Only who has joined takes one (`is_joined`)."""
    capacity = state.session.capacity
    if len(state.participants) < capacity:
        return
    if sum(is_joined(state, person) for person in state.participants) >= capacity:
        raise Refused("session.full", n=capacity)


@decides(SetDoor, "facilitator")
def _set(command: SetDoor, case: Case) -> list[Fact]:
    session, facts = case.state.session, list[Fact]()
    if command.door is not None and command.door != session.door:
        facts.append(DoorSet(door=command.door))
        if command.door == "open":
            facts += [PersonLetIn(participant=person.id) for person in waiting(case.state)]
    if command.capacity is not None and command.capacity != session.capacity:
        facts.append(CapacitySet(capacity=command.capacity))
    return facts


def waiting(state: State) -> list[Participant]:
    """Who has knocked, in the order of knocking."""
    knocking = (person for person in state.participants.values() if person.state == "knocking")
    return sorted(knocking, key=lambda person: person.knocked)


@decides(LetIn, "facilitator")
def _let_in(command: LetIn, case: Case) -> list[Fact]:
    person = _known(case, command.participant)
    if person.state == "in":
        return []
    check_room(case.state)
    return [PersonLetIn(participant=person.id)]


@decides(TurnAway, "facilitator")
def _turn_away(command: TurnAway, case: Case) -> list[Fact]:
    person = _known(case, command.participant)
    return [] if person.state != "knocking" else [PersonTurnedAway(participant=person.id)]


def _known(case: Case, participant: str) -> Participant:
    found = case.state.participants.get(participant)
    if found is None:
        raise Refused("participant.unknown")
    return found


@evolves(DoorSet)
def _door_set(state: State, fact: DoorSet) -> None:
    state.set("session", state.session.id, door=fact.door)


@evolves(CapacitySet)
def _capacity_set(state: State, fact: CapacitySet) -> None:
    state.set("session", state.session.id, capacity=fact.capacity)


@evolves(Knocked)
def _knocked(state: State, fact: Knocked) -> None:
    state.put("participant", Participant(fact.participant, state="knocking", knocked=state.seq))
    state.touch_named(fact.participant)


@evolves(PersonLetIn)
def _in(state: State, fact: PersonLetIn) -> None:
    state.set("participant", fact.participant, state="in")
    state.touch_named(fact.participant)


@evolves(PersonTurnedAway)
def _away(state: State, fact: PersonTurnedAway) -> None:
    state.set("participant", fact.participant, state="away")
    state.touch_named(fact.participant)
