"""Participants. Names and attributes are rows beside the log; with `names = "none"` nothing of the kind is kept."""

from facilitate.core import text as words
from facilitate.core.book import Case, Command, Decision, Fact, Row, decides, evolves
from facilitate.core.refused import Refused
from facilitate.core.state import Participant, State


class Join(Command, frozen=True):
    name: str | None = None
    attributes: dict[str, str] | None = None


class ParticipantJoined(Fact, frozen=True):
    participant: str
    people: int = 1


class NameGiven(Fact, frozen=True):
    """Somebody already there has another name or other attributes: they are in the row beside the log."""

    participant: str


@decides(Join, "participant")
def _join(command: Join, case: Case) -> Decision:
    state, person = case.state, case.actor
    if state.session.state == "ended":
        raise Refused("session.ended")
    known = person.id in state.participants
    if not known and len(state.participants) >= state.session.capacity:
        raise Refused("session.full", n=state.session.capacity)
    facts: list[Fact] = [] if known else [ParticipantJoined(participant=person.id)]
    if state.session.names == "none":
        return Decision(facts)
    name = words.clean(command.name or "", words.NAME)
    if not name and state.session.names == "shown" and not known:
        raise Refused("text.empty")
    attributes = {
        words.clean(key, words.NAME): words.clean(value, words.NAME)
        for key, value in list((command.attributes or {}).items())[:10]
    }
    row = {"name": name, **({"attributes": attributes} if attributes else {})}
    if not known:
        return Decision(facts, [Row(person.id, row)] if name or attributes else [])
    if (not name and state.session.names == "shown") or state.names.get(person.id, {"name": ""}) == row:
        return Decision([])
    return Decision([NameGiven(participant=person.id)], [Row(person.id, row)])


def check_joined(case: Case) -> None:
    """Where names are shown, whoever acts must have given one."""
    state, actor = case.state, case.actor
    if actor.role == "participant" and state.session.names == "shown" and actor.id not in state.participants:
        raise Refused("join.first")


@evolves(ParticipantJoined)
def _joined(state: State, fact: ParticipantJoined) -> None:
    state.put("participant", Participant(fact.participant, fact.people))
    state.touch_named(fact.participant)


@evolves(NameGiven)
def _named(state: State, fact: NameGiven) -> None:
    state.touch_named(fact.participant)
