"""Hands and calls for help: a queue that the desk works off, and that names nobody who is not named anyway."""

from typing import Any

import pytest

from facilitate.core.actors import Actor
from tests.play import SCREEN, Play, Who, phase, refusal


def hall(names: str = "none", **settings: Any) -> tuple[Play, Actor, Actor]:
    play = Play(phase("brainstorm", **{"hands": True, **settings}), phase("pause"), names=names)
    play.start("brainstorm")
    return play, play.join("Nadja"), play.join("Oleg")


def queue(play: Play) -> list[tuple[str, str | None]]:
    """What stands on the desk, in the order of arrival."""
    hands = sorted(play.sees("facilitators", "hand").values(), key=lambda hand: hand["at"])
    return [(hand["of"], hand.get("table")) for hand in hands]


def test_a_queue_in_the_order_of_arrival() -> None:
    """A hand, a table's call, each until it is answered or lowered."""
    play, one, two = hall()
    hand = play.do(one, "RaiseHand")
    play.wait(5)
    help_ = play.do(two, "CallHelp", table="  4 ")
    assert queue(play) == [("hand", None), ("help", "4")]
    play.do(play.facilitator, "AnswerHand", hand=help_)
    assert queue(play) == [("hand", None)]
    play.do(one, "LowerHand", hand=hand)
    assert queue(play) == []


def test_one_of_a_kind_at_a_time() -> None:
    """A second hand of the same phone changes nothing; a call for help is another thing; later there may be another."""
    play, one, _ = hall()
    first = play.do(one, "RaiseHand")
    events = len(play.log)
    play.do(one, "RaiseHand")
    play.do(one, "RaiseHand", id=first)
    assert len(play.log) == events
    play.do(one, "CallHelp")
    assert len(queue(play)) == 2
    play.do(play.facilitator, "AnswerHand", hand=first)
    play.do(one, "RaiseHand")
    assert len(queue(play)) == 2


def test_off_unless_it_is_wanted() -> None:
    """By the phase's setting, or for the whole session from the desk; lowering is always possible."""
    play, one, _ = hall(hands=False)
    assert refusal(play, one, "RaiseHand") == refusal(play, one, "CallHelp") == "hands.closed"
    allowed = play.do(play.facilitator, "AllowHands", allowed=True)
    assert play.sees("participants", "session")["K7MPQ2"]["hands"] is True
    hand = play.do(one, "RaiseHand")
    play.undo(allowed)
    assert refusal(play, one, "CallHelp") == "hands.closed"
    play.do(one, "LowerHand", hand=hand)
    play.do(play.facilitator, "AllowHands", allowed=True)
    play.start("pause")
    play.do(one, "RaiseHand")
    play.do(play.facilitator, "EndSession")
    assert refusal(play, one, "CallHelp") == "session.ended"


def test_only_its_owner_lowers_a_hand() -> None:
    """And nobody learns from a refusal whose it is."""
    play, one, two = hall()
    hand = play.do(one, "RaiseHand")
    assert refusal(play, two, "LowerHand", hand=hand) == "role.refused"
    assert refusal(play, play.facilitator, "LowerHand", hand=hand) == "role.refused"
    assert refusal(play, one, "AnswerHand", hand=hand) == "role.refused"
    assert refusal(play, one, "LowerHand", hand="nothing") == "hand.unknown"
    assert refusal(play, play.facilitator, "AnswerHand", hand="nothing") == "hand.unknown"
    assert len(queue(play)) == 1


def test_answering_can_be_undone() -> None:
    """Also after a restart."""
    play, one, _ = hall()
    hand = play.do(one, "RaiseHand")
    answered = play.do(play.facilitator, "AnswerHand", hand=hand)
    assert play.sees(one, "hand") == {}
    before = play.state
    play.restart()
    assert play.state == before
    play.undo(answered)
    assert len(queue(play)) == 1
    assert list(play.sees(one, "hand")) == [hand]


@pytest.mark.parametrize("names", ["none", "optional", "shown"])
def test_who_sees_a_hand(names: str) -> None:
    """The desk, by name only where names are given; its owner; nobody else."""
    play, one, two = hall(names)
    hand = play.do(one, "RaiseHand", table="Zebra")
    found = play.sees("facilitators", "hand")[hand]
    assert found.get("name") == (None if names == "none" else "Nadja")
    assert list(play.sees(one, "hand")) == [hand]
    strangers: list[Who] = [two, SCREEN, "participants", "outside"]
    for who in strangers:
        assert b"Zebra" not in play.sent(who)
        assert hand.encode() not in play.sent(who)
    if names == "none":
        assert one.id.encode() not in play.sent("facilitators")
        other = play.do(one, "CallHelp")
        assert play.state.hands[hand].by != play.state.hands[other].by


def test_a_table_is_short() -> None:
    """It stands in a list."""
    play, one, _ = hall()
    assert refusal(play, one, "CallHelp", table="x" * 21) == "table.long"
    assert queue(play) == []
