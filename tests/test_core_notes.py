"""Notes that two facilitators write at once: each names the text it was written on, and overwrites no other."""

import pytest

from facilitate.core.refused import Refused
from tests.play import Play, phase


def taken(play: Play, text: str, **more: str) -> str:
    return play.do(play.facilitator, "TakeNote", phase="discuss", item="discuss", text=text, **more)


def stands(play: Play) -> list[str]:
    return [note["text"] for note in play.sees("participants", "note").values()]


def talking() -> Play:
    play = Play(phase("discuss"))
    play.start("discuss")
    return play


def test_a_note_written_on_a_text_that_stands_no_more_is_refused() -> None:
    """What the other wrote stays; the same text again is no news; who names no text writes over it."""
    play = talking()
    taken(play, "first", base="")
    with pytest.raises(Refused, match=r"note\.overtaken"):
        taken(play, "second", base="")
    assert stands(play) == ["first"]
    taken(play, "first", base="")
    taken(play, "first and second", base="first")
    taken(play, "third")
    assert stands(play) == ["third"]


def test_a_note_goes_on_from_what_an_undo_brought_back() -> None:
    play = talking()
    taken(play, "first", base="")
    command = taken(play, "second", base="first")
    play.do(play.facilitator, "Undo", command=command)
    with pytest.raises(Refused, match=r"note\.overtaken"):
        taken(play, "third", base="second")
    taken(play, "third", base="first")
    assert stands(play) == ["third"]
