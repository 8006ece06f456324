"""The door: who comes in, who knocks, who stays outside; and that whoever is outside sees and does nothing."""

import pytest

from facilitate.core.actors import Actor
from facilitate.core.projection import personal_from
from tests.play import Play, phase, refusal


def doors(**wish: object) -> Play:
    return Play(phase("brainstorm"), phase("vote", of="ideas"), phase("pause"), **wish)  # type: ignore[arg-type]


def set_door(play: Play, door: str) -> str:
    return play.do(play.facilitator, "SetDoor", door=door)


def place(play: Play, person: Actor) -> str | None:
    """How this person's phone sees where they stand; None: in, and nothing to say of it."""
    found = list(play.sees(person, "place").values())
    return found[0]["state"] if found else None


def test_a_closed_door_lets_nobody_in_and_nobody_out() -> None:
    """Who has joined goes on; who comes new is refused, with every command."""
    play = doors()
    play.start("brainstorm")
    inside, outside = play.join(), play.person()
    set_door(play, "closed")
    play.post(inside, "still here")
    play.do(inside, "Join")
    post = {"phase": "brainstorm", "text": "x"}
    for kind, given in (("Join", {}), ("PostIdea", post), ("SetPeople", {"people": 3})):
        assert refusal(play, outside, kind, **given) == "door.closed"
    assert outside.id not in play.state.participants
    set_door(play, "open")
    play.do(outside, "Join")
    play.post(outside, "in now")


def test_who_knocks_waits_for_the_desk() -> None:
    """In the order of knocking; let in they may act, turned away they may not even knock again."""
    play = doors()
    play.start("brainstorm")
    set_door(play, "approval")
    first, second = play.join(), play.join()
    assert [record["id"] for record in play.sees("facilitators", "knock").values()] == [first.id, second.id]
    assert play.sees("facilitators", "participant") == {}
    assert refusal(play, first, "PostIdea", phase="brainstorm", text="x") == "door.waiting"
    assert place(play, first) == "knocking"
    play.do(play.facilitator, "LetIn", participant=first.id)
    play.do(play.facilitator, "TurnAway", participant=second.id)
    play.post(first, "let in")
    for kind, fields in (("Join", {}), ("PostIdea", {"phase": "brainstorm", "text": "x"})):
        assert refusal(play, second, kind, **fields) == "door.turned-away"
    assert (place(play, first), place(play, second)) == (None, "away")
    play.do(play.facilitator, "LetIn", participant=second.id)
    play.post(second, "a mistake, mended")


def test_another_token_knocks_again_and_gets_no_further() -> None:
    """Whoever was turned away may throw the token away; without the desk's word they are outside all the same."""
    play = doors()
    play.start("brainstorm")
    set_door(play, "approval")
    first = play.join()
    play.do(play.facilitator, "TurnAway", participant=first.id)
    again = play.join()
    assert refusal(play, again, "PostIdea", phase="brainstorm", text="x") == "door.waiting"
    set_door(play, "closed")
    assert refusal(play, play.person(), "Join") == "door.closed"
    assert refusal(play, again, "PostIdea", phase="brainstorm", text="x") == "door.waiting"


def test_an_open_door_lets_in_who_waits() -> None:
    """But not who was turned away; and `Undo` takes all of it back."""
    play = doors()
    play.start("brainstorm")
    set_door(play, "approval")
    waits, away = play.join(), play.join()
    play.do(play.facilitator, "TurnAway", participant=away.id)
    opened = set_door(play, "open")
    play.post(waits, "in")
    assert refusal(play, away, "Join") == "door.turned-away"
    play.undo(opened)
    assert play.state.session.door == "approval"
    assert refusal(play, waits, "PostIdea", phase="brainstorm", text="x") == "door.waiting"


def test_knocking_twice_is_knocking_once() -> None:
    """A repeat, and another command of the same phone, change nothing."""
    play = doors()
    set_door(play, "approval")
    person = play.person()
    id_ = play.do(person, "Join")
    events = len(play.log)
    play.do(person, "Join", id=id_)
    play.do(person, "Join")
    play.do(play.facilitator, "TurnAway", participant=person.id)
    play.do(play.facilitator, "TurnAway", participant=person.id)
    assert len(play.log) == events + 1


def test_capacity_changes_while_people_come() -> None:
    """Nobody is put out; who waits or was turned away takes no place."""
    play = doors(capacity=2)
    set_door(play, "approval")
    people = [play.join() for _ in range(2)]
    assert refusal(play, play.person(), "Join") == ""
    for person in people:
        play.do(play.facilitator, "LetIn", participant=person.id)
    third = next(id_ for id_ in play.sees("facilitators", "knock"))
    assert refusal(play, play.facilitator, "LetIn", participant=third) == "session.full"
    assert refusal(play, play.person(), "Join") == "session.full"
    more = play.do(play.facilitator, "SetDoor", capacity=3)
    play.do(play.facilitator, "LetIn", participant=third)
    play.undo(more)
    assert play.state.session.capacity == 2
    assert all(play.state.participants[person.id].state == "in" for person in people)
    play.start("brainstorm")
    play.post(people[0], "still in")
    assert play.sees("facilitators", "session")["K7MPQ2"]["capacity"] == 2
    assert "capacity" not in play.sees("participants", "session")["K7MPQ2"]
    for capacity in (0, -1, 20_001):
        assert refusal(play, play.facilitator, "SetDoor", capacity=capacity) == "command.malformed"


@pytest.mark.parametrize("door", ["approval", "closed"])
def test_outside_nothing_of_the_boards_is_seen(door: str) -> None:
    """Not one byte of a card, a prompt, a phase, a cluster or a result; before, and after a restart."""
    play = Play(
        phase("brainstorm", prompt={"en": "A secret question"}), phase("vote", of="ideas", dots=5), phase("discuss")
    )
    set_door(play, door)
    inside = play.join() if door == "approval" else play.person()
    if door == "approval":
        play.do(play.facilitator, "LetIn", participant=inside.id)
    play.start("brainstorm")
    card = play.post(play.facilitator, "Zebra crossing")
    play.do(play.facilitator, "FormCluster", ideas=[card], title="Striped")
    play.start("vote")
    play.do(play.facilitator, "ShowResults", round=play.round)
    play.do(play.facilitator, "Show", what="message", text="For the room alone")
    for _ in range(2):
        seen = play.sent("outside")
        assert b"Play" in seen
        for secret in ("Zebra", "Striped", "secret question", card, play.round, "brainstorm", "For the room alone"):
            assert secret.encode() not in seen
            assert secret.encode() in play.sent("facilitators")
        assert {kind for kind, _ in play.holds("outside")} == {"session"}
        play.restart()


def test_what_a_person_outside_is_told_of_themselves() -> None:
    """Where they stand, also when they come back; and nobody else is told."""
    play = doors()
    set_door(play, "approval")
    person, other = play.join(), play.join()
    play.restart()
    assert place(play, person) == "knocking"
    play.do(play.facilitator, "LetIn", participant=person.id)
    assert place(play, person) is None
    assert ("place", "place") in personal_from(play.state, person).records, "a phone that slept learns that it is in"
    assert person.id.encode() not in play.sent(other) + play.sent("participants") + play.sent("outside")


def test_the_door_after_a_restart() -> None:
    """All of it is in the log."""
    play = doors()
    set_door(play, "approval")
    people = [play.join() for _ in range(3)]
    play.do(play.facilitator, "LetIn", participant=people[0].id)
    play.do(play.facilitator, "TurnAway", participant=people[1].id)
    let_in = play.do(play.facilitator, "LetIn", participant=people[2].id)
    before = play.state
    play.restart()
    assert play.state == before
    play.undo(let_in)
    assert [play.state.participants[person.id].state for person in people] == ["in", "away", "knocking"]


def test_names_at_the_door() -> None:
    """Where names are shown, the desk sees who knocks, and nobody else does."""
    play = doors(names="shown")
    set_door(play, "approval")
    person = play.join("Nadja")
    assert play.sees("facilitators", "knock")[person.id]["name"] == "Nadja"
    assert b"Nadja" not in play.sent("participants") + play.sent("outside")
    plain = doors()
    set_door(plain, "approval")
    anybody = plain.join("Nadja")
    assert "name" not in plain.sees("facilitators", "knock")[anybody.id]


def test_whoever_is_not_known_is_not_let_in() -> None:
    """And nobody who never knocked is turned away."""
    play = doors()
    assert refusal(play, play.facilitator, "LetIn", participant="nobody") == "participant.unknown"
    assert refusal(play, play.facilitator, "TurnAway", participant="nobody") == "participant.unknown"
    inside = play.join()
    play.do(play.facilitator, "TurnAway", participant=inside.id)
    assert play.state.participants[inside.id].state == "in"
