"""What minutes tell of an evening besides its cards: what came from where, what was chosen, said and left out."""

import re

import pytest

from facilitate.exports import kinds
from facilitate.languages import catalogue
from tests.play import Play, phase

READ = ("html", "markdown")
QUESTIONS = [{"en": "What works here?"}, {"en": "What is in the way?"}]


def evening() -> Play:
    """Two groups with a question each; one card of each comes to the plenary."""
    wish = {"by": "random", "count": 2, "choose": 1, "prompts": QUESTIONS}
    tables = phase("brainstorm", "tables", groups=wish, comments=True, plus_one=True)
    play = Play(tables, phase("cluster", "plenary", board="plenary", groups={"back": True}))
    play.start("tables")
    for _ in range(4):
        play.do(play.join(), "JoinGroup", phase="tables")
    return play


def told(play: Play, kind: str) -> str:
    """The minutes as one line of words, without what their format adds."""
    made = play.report()
    text = kinds()[kind].write(made).decode()
    return " ".join(re.sub(r"<[^>]*>|[*\\>]", " ", text).split())


@pytest.mark.parametrize("kind", READ)
def test_what_groups_were_asked_what_they_brought_and_what_others_said(kind: str) -> None:
    """Each in words of its own: a comment is no duplicate, and a card that was chosen says so."""
    play = evening()
    people = [actor for actor, _ in play.people.values()]
    cards = [play.post(person, f"Idea of {number}") for number, person in enumerate(people)]
    neighbour = next(
        person
        for person in people[1:]
        if play.state.ideas[cards[people.index(person)]].board == play.state.ideas[cards[0]].board
    )
    play.do(neighbour, "PostComment", phase="tables", idea=cards[0], text="Tried before")
    play.do(neighbour, "PlusOne", phase="tables", idea=cards[0])
    play.do(people[0], "ChooseIdea", idea=cards[0])
    play.start("plenary")
    text = told(play, kind)
    for question in QUESTIONS:
        assert text.count(question["en"]) == 1
    assert "brought along by the group" in text
    assert "Comment: Tried before" in text
    own = play.state.boards[play.state.ideas[cards[0]].board]
    assert f" {own.table}”, 1" in text, "where a card came from is told with its table"
    assert catalogue("en").say("report.plus", n=1) in text
    assert "3 cards came from other boards." in text, "a group that chose nothing brings all"
    assert "4 ideas." in text, "what was carried is not counted as written again"
    assert "7 ideas." not in text


@pytest.mark.parametrize("kind", READ)
def test_duplicates_are_told_from_comments(kind: str) -> None:
    """Both texts of a card stand there, and the second says what it is."""
    play = Play(phase("brainstorm"))
    play.start("brainstorm")
    keep, other = play.post(play.join(), "A place to meet"), play.post(play.join(), "A square")
    play.do(play.facilitator, "MergeIdeas", keep=keep, ideas=[other])
    assert "Likewise: 2 A square" in told(play, kind)


@pytest.mark.parametrize("kind", READ)
def test_what_is_left_out_is_counted_and_not_told(kind: str) -> None:
    """Neither its words nor what the desk wrote to its author."""
    play = Play(phase("brainstorm", approval=True))
    play.start("brainstorm")
    person = play.join()
    fine, hidden, rejected, returned, _ = (
        play.post(person, f"Text {name}") for name in ("fine", "hidden", "rejected", "returned", "waiting")
    )
    for idea in (fine, hidden):
        play.do(play.facilitator, "AcceptIdea", idea=idea)
    play.do(play.facilitator, "HideIdea", idea=hidden, reason="Reason of hiding")
    play.do(play.facilitator, "RejectIdea", idea=rejected, reason="Reason of rejecting")
    play.do(play.facilitator, "ReturnIdea", idea=returned, reason="Reason of returning")
    text = told(play, kind)
    assert "Text fine" in text
    for state in ("hidden", "rejected", "returned", "waiting"):
        assert f"Text {state}" not in text
        assert catalogue("en").say(f"report.omitted-{state}", n=1) in text
    assert "Reason of" not in text


@pytest.mark.parametrize("kind", READ)
def test_what_was_given_stands_beside_a_card_and_a_cluster(kind: str) -> None:
    """Once the room has seen it, and nowhere before."""
    play = Play(phase("brainstorm"), phase("cluster"), phase("vote", of="ideas"), phase("vote", "second"))
    play.start("brainstorm")
    person = play.join()
    square, trees = play.post(person, "A square"), play.post(person, "Trees")
    play.start("vote")
    play.vote(person, **{square: 2, trees: 1})
    assert "dot" not in told(play, kind).lower()
    play.do(play.facilitator, "ShowResults", round=play.round)
    assert re.search(r"1 A square \(?2 dots", told(play, kind))
    green = play.do(play.facilitator, "FormCluster", board="wall", title="Green", ideas=[trees])
    play.start("second")
    play.vote(person, **{green: 3})
    play.do(play.facilitator, "ShowResults", round=play.round)
    assert re.search(r"Green \(?1 idea · 3 dots", told(play, kind))
