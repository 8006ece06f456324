"""Duplicates: several ideas on one card that keeps all their texts, authors and votes, and can be split again."""

from typing import Any

import pytest

from facilitate import exports
from facilitate.core.actors import Actor
from facilitate.core.decide import replay
from tests.play import SCREEN, Play, phase, refusal


def twice(**settings: Any) -> tuple[Play, list[Actor], list[str]]:
    """Three people who wrote a card each; the first two mean the same."""
    play = Play(phase("brainstorm", **settings), phase("vote", of="ideas"), phase("discuss"))
    play.start("brainstorm")
    people = [play.join() for _ in range(3)]
    texts = ("More benches", "More benches!", "Fewer cars")
    return play, people, [play.post(person, text) for person, text in zip(people, texts, strict=True)]


def merge(play: Play, keep: str, *ideas: str) -> str:
    return play.do(play.facilitator, "MergeIdeas", keep=keep, ideas=ideas)


def test_one_card_keeps_both_texts_and_both_authors() -> None:
    """All see one card with both texts; both phones still see their own."""
    play, (anna, bert, _), (one, two, other) = twice()
    merge(play, one, two)
    for who in ("facilitators", SCREEN, anna, bert):
        card = play.sees(who, "idea")[one]
        assert card["text"] == "More benches"
        assert [(also["number"], also["text"]) for also in card["also"]] == [(2, "More benches!")]
    assert set(play.sees(SCREEN, "idea")) == {one, other}
    assert play.sees(anna, "own")[one]["state"] == "open"
    assert play.sees(bert, "own")[two] == {
        "type": "own", "id": two, "idea": two, "state": "merged", "phase": "brainstorm", "same_as": 1
    }  # fmt: skip
    assert play.sees(bert, "idea")[two]["text"] == "More benches!"


def test_the_authors_stand_on_it_where_names_are_shown() -> None:
    play = Play(phase("brainstorm"), names="shown")
    play.start("brainstorm")
    one, two = (play.post(play.join(name), "same") for name in ("Robin", "Kim"))
    merge(play, one, two)
    card = play.sees(SCREEN, "idea")[one]
    assert (card["author"], card["also"][0]["author"]) == ("Robin", "Kim")


def test_splitting_and_undo() -> None:
    """Either brings both cards back as they were; one command, one undo; also after a restart."""
    play, _, (one, two, _) = twice()
    cluster = play.do(play.facilitator, "FormCluster", ideas=[two])
    merged = merge(play, one, two)
    play.restart()
    play.undo(merged)
    card = play.sees("facilitators", "idea")[two]
    assert (card["state"], card["cluster"]) == ("open", cluster)
    assert "also" not in play.sees("facilitators", "idea")[one]
    merge(play, one, two)
    play.do(play.facilitator, "MoveIdea", idea=one, cluster=None)
    split = play.do(play.facilitator, "SplitIdeas", ideas=[two])
    assert "cluster" not in play.sees("facilitators", "idea")[two], "it comes back where its card lies"
    play.undo(split)
    assert play.sees("facilitators", "idea")[two]["state"] == "merged"
    assert replay(play.log, play.rows) == play.state


def test_a_card_that_goes_gives_back_what_lay_on_it() -> None:
    """Nobody's words go because another person takes back theirs, or a facilitator takes them down."""
    for gone in ("withdraw", "hide", "erase"):
        play, (anna, bert, _), (one, two, _) = twice()
        merge(play, one, two)
        if gone == "withdraw":
            play.do(anna, "WithdrawIdea", idea=one)
        else:
            deed = play.do(play.facilitator, "HideIdea" if gone == "hide" else "EraseIdea", idea=one)
        assert play.sees(SCREEN, "idea")[two]["text"] == "More benches!"
        assert play.sees(bert, "own")[two]["state"] == "open"
        if gone == "hide":
            play.undo(deed)
            assert play.sees(SCREEN, "idea")[one]["also"][0]["id"] == two
    assert replay(play.log, play.rows) == play.state


def test_what_is_hidden_or_withdrawn_is_not_on_the_card() -> None:
    """A duplicate that its author takes back, or that is taken down, is seen nowhere."""
    play, (_, bert, _), (one, two, third) = twice()
    merge(play, one, two, third)
    play.do(bert, "WithdrawIdea", idea=two)
    play.do(play.facilitator, "HideIdea", idea=third)
    assert "also" not in play.sees(SCREEN, "idea")[one]
    assert "also" not in play.sees("facilitators", "idea")[one]


def test_its_author_still_changes_it() -> None:
    play, (_, bert, _), (one, two, _) = twice()
    merge(play, one, two)
    play.do(bert, "EditIdea", idea=two, text="More and better benches")
    assert play.sees(SCREEN, "idea")[one]["also"][0]["text"] == "More and better benches"


def test_what_lies_on_a_card_goes_along() -> None:
    """Three become one in two steps; undone one by one."""
    play, _, (one, two, three) = twice()
    first, second = merge(play, one, two), merge(play, three, one)
    assert [also["id"] for also in play.sees(SCREEN, "idea")[three]["also"]] == [one, two]
    assert refusal(play, play.facilitator, "Undo", command=first) == "undo.overtaken"
    play.undo(second)
    assert [also["id"] for also in play.sees(SCREEN, "idea")[one]["also"]] == [two]
    play.undo(first)
    assert set(play.sees(SCREEN, "idea")) == {one, two, three}


def test_no_card_is_lost_behind_another() -> None:
    """Undo is refused where it would put an idea on a card that is no longer there."""
    play, _, (one, two, three) = twice()
    merge(play, one, two)
    split = play.do(play.facilitator, "SplitIdeas", ideas=[two])
    merge(play, three, one)
    assert refusal(play, play.facilitator, "Undo", command=split) == "undo.overtaken"
    assert two in play.sees(SCREEN, "idea")


@pytest.mark.parametrize(("stack", "got"), [(True, 4), (False, 3)])
@pytest.mark.parametrize("when", ["open", "closed"])
def test_votes_count_for_the_card(stack: bool, got: int, when: str) -> None:
    """Dots on a duplicate are dots on its card; who chose both chose one where there is one dot each."""
    play, (anna, bert, carl), (one, two, other) = twice()
    play.state.phases["vote"].settings["stack"] = stack
    play.start("vote")
    play.vote(anna, **{one: 1, two: 1})
    play.vote(bert, **{two: 1})
    play.vote(carl, **{one: 1, other: 1})
    if when == "closed":
        play.do(play.facilitator, "CloseRound", round=play.round)
    merged = merge(play, one, two)
    play.do(play.facilitator, "ShowResults", round=play.round)
    assert play.sees(SCREEN, "tally")[play.round]["results"] == {one: got, other: 1}
    if when == "closed":
        assert play.sees(SCREEN, "round")[play.round]["options"] == [one, other]
    play.undo(merged)
    results = play.sees(SCREEN, "tally")[play.round]["results"]
    assert results == ({one: 2, two: 2, other: 1} if when == "closed" else {one: 2, other: 1})


def test_limits_stay_right() -> None:
    """A card that was put on another counts as written all the same."""
    play, (_, bert, _), (one, two, _) = twice(max_ideas=1)
    merge(play, one, two)
    assert refusal(play, bert, "PostIdea", phase="brainstorm", text="again") == "limit.reached"


def test_it_is_in_the_report() -> None:
    """One card with both texts and both numbers."""
    play, _, (one, two, _) = twice()
    merge(play, one, two)
    found = play.report()
    cards = {card.id: card for card in found.cards}
    assert [(twin.number, twin.text) for twin in cards[one].also] == [(2, "More benches!")]
    assert cards[two].state == "merged"
    assert two not in found.visible()


@pytest.mark.parametrize("kind", ["html", "markdown", "csv", "json"])
def test_every_export_has_both_texts(kind: str) -> None:
    """Whatever the room takes home."""
    play, _, (one, two, three) = twice()
    merge(play, one, two)
    play.do(play.facilitator, "SetAside", ideas=[three])
    play.do(play.facilitator, "FormCluster", ideas=[one], title="Benches")
    found = play.report()
    written = exports.kinds()[kind].write(found).decode()
    for text in ("More benches", "More benches!", "Fewer cars"):
        assert text in written.replace("\\", "")
    if kind in ("html", "markdown"):
        assert "Set aside" in written


def test_nonsense() -> None:
    """What cannot be put together: itself, what is not there, what lies on another board, open on covered."""
    play = Play(phase("brainstorm", private=True), phase("brainstorm", "side", board="side"))
    play.start("brainstorm")
    person = play.join()
    down, gone = play.post(person, "covered"), play.post(person, "gone")
    play.do(person, "WithdrawIdea", idea=gone)
    said = play.post(play.facilitator, "open")
    play.start("side")
    side = play.post(person, "elsewhere")
    assert refusal(play, play.facilitator, "MergeIdeas", keep=said, ideas=[said]) == "idea.gone"
    assert refusal(play, play.facilitator, "MergeIdeas", keep=said, ideas=[gone]) == "idea.gone"
    assert refusal(play, play.facilitator, "MergeIdeas", keep=gone, ideas=[said]) == "idea.gone"
    assert refusal(play, play.facilitator, "MergeIdeas", keep=said, ideas=["none"]) == "idea.unknown"
    assert refusal(play, play.facilitator, "MergeIdeas", keep=said, ideas=[side]) == "board.unknown"
    assert refusal(play, play.facilitator, "MergeIdeas", keep=said, ideas=[down]) == "merge.face-down"
    assert refusal(play, play.facilitator, "SplitIdeas", ideas=["none"]) == "idea.unknown"
    assert refusal(play, person, "MergeIdeas", keep=said, ideas=[down]) == "role.refused"
    before = play.state.seq
    play.do(play.facilitator, "SplitIdeas", ideas=[said])
    assert play.state.seq == before


def test_covered_texts_stay_covered() -> None:
    """Two cards that lie face down are put together without anybody's reading them; the reveal shows both."""
    play = Play(phase("brainstorm", private=True, strict=True))
    play.start("brainstorm")
    one, two = (play.post(play.join(), text) for text in ("secret one", "secret two"))
    merge(play, one, two)
    for who in ("facilitators", SCREEN):
        assert b"secret" not in play.sent(who)
    play.do(play.facilitator, "RevealIdeas", board="wall")
    assert play.sees(SCREEN, "idea")[one]["also"][0]["text"] == "secret two"
