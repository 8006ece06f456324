"""Ideas: where they go, who may change them, when they are late, how many there may be, and how they turn over."""

import pytest

from facilitate.core.phases import GRACE
from tests.play import Play, phase, refusal

OVER = GRACE / 1000 + 1  # seconds


def test_an_idea_arrives() -> None:
    """It is on the board for all, with a number, and on its author's own list."""
    play = Play(phase("brainstorm"))
    play.start("brainstorm")
    person = play.join()
    idea = play.post(person, "  More   benches ", lang="de")
    seen = play.sees("screens", "idea")[idea]
    assert {key: seen[key] for key in ("text", "lang", "number", "board", "source", "state")} == {
        "text": "More benches", "lang": "en", "number": 1, "board": "wall", "source": "phone", "state": "open",
    }  # fmt: skip
    assert play.sees(person, "own")[idea]["state"] == "open"


def test_the_number_is_never_given_twice() -> None:
    """A number on paper stays with its card."""
    play = Play(phase("brainstorm"))
    play.start("brainstorm")
    person = play.join()
    play.do(person, "WithdrawIdea", idea=play.post(person, "one"))
    idea = play.post(person, "two")
    assert play.sees("screens", "idea")[idea]["number"] == 2


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"phase": "dessert"}, "phase.unknown"),
        ({"phase": "later"}, "not-now"),
        ({"phase": "welcome"}, "not-now"),
        ({"board": "side"}, "board.unknown"),
        ({"text": " \u200b\n"}, "text.empty"),
        ({"text": "x" * 21}, "text.long"),
        ({"column": None}, "column.missing"),
        ({"column": "ugly"}, "column.unknown"),
    ],
)
def test_what_a_board_does_not_take(fields: dict[str, object], key: str) -> None:
    """Each mistake has its key, and nothing is stored."""
    play = Play(
        phase("welcome"), phase("brainstorm", max_length=20), phase("brainstorm", "later"), columns=["good", "bad"]
    )
    play.start("welcome")
    play.start("brainstorm")
    good = {"phase": "brainstorm", "text": "x" * 20, "column": "good"}
    person = play.join()
    assert refusal(play, person, "PostIdea", **(good | fields)) == key
    assert play.texts("facilitators") == []
    assert refusal(play, person, "PostIdea", **good) == ""


def test_only_the_author_changes_an_idea() -> None:
    """The same phone may; another phone and even the desk may not."""
    play = Play(phase("brainstorm"))
    play.start("brainstorm")
    author, other = play.join(), play.join()
    idea = play.post(author, "mine")
    for stranger in (other, play.facilitator):
        assert refusal(play, stranger, "EditIdea", idea=idea, text="yours") == "role.refused"
        assert refusal(play, stranger, "WithdrawIdea", idea=idea) == "role.refused"
    play.do(author, "EditIdea", idea=idea, text="mine, better")
    assert play.texts("screens") == ["mine, better"]
    play.do(author, "WithdrawIdea", idea=idea)
    assert play.texts("facilitators") == []
    assert play.sees(author, "own")[idea]["state"] == "withdrawn"
    assert refusal(play, author, "EditIdea", idea=idea, text="again") == "idea.gone"
    assert refusal(play, author, "EditIdea", idea="no-such-idea", text="again") == "idea.unknown"


def test_the_desk_writes_for_the_room() -> None:
    """Cards from the room are open at once, also in a private phase, and any facilitator may mend them."""
    play = Play(phase("brainstorm", private=True, max_ideas=1))
    play.start("brainstorm")
    idea = play.post(play.facilitator, "said aloud")
    play.post(play.facilitator, "said again")
    assert play.texts("screens") == ["said aloud", "said again"]
    play.do(play.facilitator, "EditIdea", idea=idea, text="said loudly")
    assert play.sees("screens", "idea")[idea]["source"] == "desk"
    assert play.texts("screens") == ["said loudly", "said again"]


def test_within_the_grace_time_an_idea_goes_to_its_own_phase() -> None:
    """What was on its way is not put on the next board."""
    play = Play(phase("brainstorm"), phase("brainstorm", "next", board="side"))
    play.start("brainstorm")
    person = play.join()
    early = play.post(person, "early")
    play.start("next")
    play.wait(GRACE / 1000)
    idea = play.post(person, "just in time", phase="brainstorm")
    assert play.sees("participants", "idea")[idea]["board"] == "wall"
    play.do(person, "EditIdea", idea=early, text="early, better")
    play.wait(1)
    assert refusal(play, person, "EditIdea", idea=early, text="too late") == "phase.over"
    assert refusal(play, person, "WithdrawIdea", idea=early) == "phase.over"


def test_a_late_idea_is_stored_and_waits() -> None:
    """Invisible to others until a facilitator admits it; its author sees what became of it."""
    play = Play(phase("brainstorm"), phase("pause"))
    play.start("brainstorm")
    person = play.join()
    play.start("pause")
    play.wait(OVER)
    idea = play.post(person, "late but good", phase="brainstorm")
    assert play.texts("participants") == play.texts("screens") == []
    assert play.texts("facilitators") == play.texts(person) == ["late but good"]
    assert play.sees("facilitators", "idea")[idea]["state"] == play.sees(person, "own")[idea]["state"] == "late"
    play.do(play.facilitator, "AdmitLate", idea=idea)
    assert play.texts("screens") == ["late but good"]
    assert play.sees("screens", "idea")[idea]["board"] == "wall"
    assert play.sees(person, "own")[idea]["state"] == "open"


def test_admitting_turns_nothing_over() -> None:
    """A late idea of a private phase stays face down until the others are revealed."""
    play = Play(phase("brainstorm", private=True), phase("pause"))
    play.start("brainstorm")
    person = play.join()
    play.start("pause")
    play.wait(OVER)
    idea = play.post(person, "late and private", phase="brainstorm")
    play.do(play.facilitator, "AdmitLate", idea=idea)
    assert play.texts("screens") == []
    play.do(play.facilitator, "RevealIdeas", board="wall")
    assert play.texts("screens") == ["late and private"]


def test_a_locked_board_takes_nothing_from_phones() -> None:
    """Writing pauses; the desk may write; unlocking lets all write again."""
    play = Play(phase("brainstorm"))
    play.start("brainstorm")
    person = play.join()
    idea = play.post(person, "before")
    play.do(play.facilitator, "LockBoard", board="wall", locked=True)
    assert refusal(play, person, "PostIdea", phase="brainstorm", text="during") == "board.locked"
    assert refusal(play, person, "EditIdea", idea=idea, text="during") == "board.locked"
    play.post(play.facilitator, "from the desk")
    play.do(play.facilitator, "LockBoard", board="wall", locked=False)
    play.post(person, "after")
    assert play.texts("screens") == ["before", "from the desk", "after"]


def test_a_limit_counts_what_stands() -> None:
    """Withdrawing frees a place; another person's places are their own; another phase has its own."""
    play = Play(phase("brainstorm", max_ideas=2), phase("brainstorm", "more", max_ideas=1))
    play.start("brainstorm")
    person, other = play.join(), play.join()
    first = play.post(person, "1")
    play.post(person, "2")
    assert refusal(play, person, "PostIdea", phase="brainstorm", text="3") == "limit.reached"
    play.post(other, "theirs")
    play.do(person, "WithdrawIdea", idea=first)
    play.post(person, "3")
    assert refusal(play, person, "PostIdea", phase="brainstorm", text="4") == "limit.reached"
    play.restart()
    assert refusal(play, person, "PostIdea", phase="brainstorm", text="4") == "limit.reached"
    play.start("more")
    play.post(person, "5")
    assert refusal(play, person, "PostIdea", phase="more", text="6") == "limit.reached"


def test_people_who_wrote_are_counted_once() -> None:
    """However often they withdraw and write again, with and without a limit."""
    for limit in (1, None):
        play = Play(phase("brainstorm", max_ideas=limit))
        play.start("brainstorm")
        for person in (play.join(), play.join()):
            for text in ("one", "two"):
                play.do(person, "WithdrawIdea", idea=play.post(person, text))
        assert play.state.posters == {"brainstorm": 2}


def test_private_until_revealed() -> None:
    """Its author reads it, the desk sees that it is there, others nothing; the reveal shows all and what follows."""
    play = Play(phase("brainstorm", private=True))
    play.start("brainstorm")
    author, other = play.join(), play.join()
    play.post(author, "shy")
    assert play.texts(author) == ["shy"]
    assert play.texts("facilitators") == [None]
    assert play.texts(other) == play.texts("screens") == []
    play.do(play.facilitator, "RevealIdeas", board="wall")
    play.post(author, "bold")
    assert play.texts(author) == play.texts(other) == play.texts("screens") == ["shy", "bold"]


def test_a_peek_is_for_the_desk_alone_and_logged() -> None:
    """The screen stays as it is."""
    play = Play(phase("brainstorm", private=True))
    play.start("brainstorm")
    play.post(play.join(), "shy")
    peek = play.do(play.facilitator, "Peek", board="wall")
    assert play.texts("facilitators") == ["shy"]
    assert play.texts("screens") == []
    assert [event.kind for event in play.log if event.command == peek] == ["Peeked"]


def test_starting_a_private_phase_again_ends_the_peek() -> None:
    """What the desk reads after a return is what it may read then."""
    play = Play(phase("brainstorm", private=True), phase("pause"))
    play.start("brainstorm")
    play.post(play.join(), "shy")
    play.do(play.facilitator, "Peek", board="wall")
    play.start("pause")
    play.start("brainstorm")
    assert play.texts("facilitators") == [None]


def test_strict_means_nobody_peeks() -> None:
    """Not during the phase, not after it, and not through another private phase on the same board."""
    play = Play(
        phase("brainstorm", "strict", private=True, strict=True), phase("pause"), phase("brainstorm", private=True)
    )
    play.start("strict")
    assert refusal(play, play.facilitator, "Peek", board="wall") == "role.refused"
    person = play.join()
    play.post(person, "only for me")
    play.start("pause")
    assert refusal(play, play.facilitator, "Peek", board="wall") == "role.refused"
    play.do(play.facilitator, "RevealIdeas", board="wall")
    play.start("brainstorm")
    play.do(play.facilitator, "Peek", board="wall")
    play.wait(OVER)
    play.post(person, "late, and still only for me", phase="strict")
    assert play.texts("facilitators") == ["only for me", None]


def test_columns_turn_over_one_by_one() -> None:
    """A column that is open takes open ideas; the last one opens the board."""
    play = Play(phase("brainstorm", private=True), columns=["good", "bad"])
    play.start("brainstorm")
    person = play.join()
    play.post(person, "good", column="good")
    play.post(person, "bad", column="bad")
    play.do(play.facilitator, "RevealIdeas", board="wall", column="good")
    play.post(person, "good too", column="good")
    assert play.texts("screens") == ["good", "good too"]
    assert not play.sees("screens", "board")["wall"]["revealed"]
    assert refusal(play, play.facilitator, "RevealIdeas", board="wall", column="ugly") == "column.unknown"
    play.do(play.facilitator, "RevealIdeas", board="wall", column="bad")
    assert play.texts("screens") == ["good", "bad", "good too"]
    assert play.sees("screens", "board")["wall"]["revealed"]


def test_moving_a_face_down_idea_to_an_open_column_turns_it_over() -> None:
    """Else it would stay face down for ever, once every column is open."""
    play = Play(phase("brainstorm", private=True), columns=["good", "bad"])
    play.start("brainstorm")
    person = play.join()
    idea = play.post(person, "rather good", column="bad")
    play.do(play.facilitator, "RevealIdeas", board="wall", column="good")
    play.do(person, "EditIdea", idea=idea, text="rather good", column="good")
    assert play.texts("screens") == ["rather good"]


def test_hidden_and_restored() -> None:
    """The author learns why; the card keeps its number and comes back with it."""
    play = Play(phase("brainstorm"))
    play.start("brainstorm")
    person = play.join()
    idea = play.post(person, "about a neighbour")
    play.do(play.facilitator, "HideIdea", idea=idea, reason="No names, please")
    assert play.texts("screens") == []
    own = play.sees(person, "own")[idea]
    assert (own["state"], own["reason"]) == ("hidden", "No names, please")
    assert refusal(play, person, "EditIdea", idea=idea, text="other") == "idea.gone"
    play.do(play.facilitator, "RestoreIdea", idea=idea)
    assert play.sees("screens", "idea")[idea]["number"] == 1
    assert "reason" not in play.sees(person, "own")[idea]


def test_an_erased_idea_leaves_no_text() -> None:
    """Neither in what anybody sees, nor in the log, nor in memory; what remains is that it was there."""
    play = Play(phase("brainstorm"))
    play.start("brainstorm")
    idea = play.post(play.facilitator, "a secret of the town")
    play.do(play.facilitator, "EditIdea", idea=idea, text="a secret of the village")
    play.do(play.facilitator, "HideIdea", idea=idea, reason="a secret reason")
    play.undo(play.do(play.facilitator, "RestoreIdea", idea=idea))
    play.do(play.facilitator, "EraseIdea", idea=idea)
    assert b"secret of" not in play.written()
    assert "secret of" not in repr(vars(play.state))
    assert "secret reason" not in repr(vars(play.state)) + play.written().decode()
    assert play.texts("facilitators") == []
    events = len(play.log)
    play.do(play.facilitator, "EraseIdea", idea=idea)
    assert len(play.log) == events
    assert refusal(play, play.facilitator, "EraseIdea", idea="no-such-idea") == "idea.unknown"


def test_nobody_writes_for_a_step_that_is_still_to_come() -> None:
    """Not the desk either, which writes where the room is; before or after it may, also when its start is undone."""
    play = Play(phase("brainstorm", "first"), phase("brainstorm", "second"))
    for actor in (play.facilitator, play.person()):
        assert refusal(play, actor, "PostIdea", phase="first", text="Too early") == "not-now"
    play.start("first")
    start = play.start("second")
    play.post(play.facilitator, "after its end", "first")
    card = play.post(play.facilitator, "in time", "second")
    play.undo(start)
    assert refusal(play, play.facilitator, "PostIdea", phase="second", text="Too early again") == "not-now"
    play.do(play.facilitator, "EditIdea", idea=card, text="still the desk's")
    assert play.texts("facilitators") == ["after its end", "still the desk's"]
