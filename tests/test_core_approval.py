"""Approval before publication: what waits is the author's and the desk's alone; the first decision counts."""

from typing import Any

import pytest

from facilitate.core.actors import Actor
from facilitate.core.phases import GRACE
from tests.play import RULES, SCREEN, Play, Who, phase, refusal
from tests.test_secrets import SECRET, assert_seen

OVER = GRACE / 1000 + 1


def collecting(**settings: Any) -> tuple[Play, Actor, Actor]:
    """A phase in which the desk reads first, and two people in it."""
    columns = ("good", "hard") if settings.pop("columns", False) else ()
    play = Play(phase("brainstorm", approval=True, **settings), phase("pause"), columns=columns)
    play.start("brainstorm")
    return play, play.join(), play.join()


def state_of(play: Play, person: Actor, idea: str) -> tuple[str, str | None]:
    own = play.sees(person, "own")[idea]
    return own["state"], own.get("reason")


def test_what_waits_is_for_the_author_and_the_desk_alone() -> None:
    """Nobody else is sent a word of it, nor that it is there, before it is accepted; also after a restart."""
    play, author, other = collecting()
    idea = play.post(author, SECRET)
    assert state_of(play, author, idea) == ("waiting", None)
    assert play.sees("facilitators", "idea")[idea]["state"] == "waiting"
    everybody_else: list[Who] = ["participants", SCREEN, other]
    assert_seen(play, SECRET, by=[author, "facilitators"], never_by=everybody_else)
    assert idea.encode() not in play.sent(other) + play.sent(SCREEN)
    play.do(play.facilitator, "AcceptIdea", idea=idea, rev=0)
    assert_seen(play, SECRET, by=[author, "facilitators", SCREEN, other], never_by=[])
    assert state_of(play, author, idea) == ("open", None)


def test_what_waits_is_in_no_vote_and_no_count() -> None:
    """Until it is accepted it is nowhere but in the queue."""
    play = Play(phase("brainstorm", approval=True), phase("vote", of="ideas"))
    play.start("brainstorm")
    author = play.join()
    waits, accepted = play.post(author, "one"), play.post(author, "two")
    play.do(play.facilitator, "AcceptIdea", idea=accepted)
    play.start("vote")
    assert play.state.options_of(play.state.rounds[play.round]) == [accepted]
    assert b'"ideas": 1' in play.sent(SCREEN)
    assert refusal(play, author, "CastBallot", round=play.round, rev=1, choices={waits: 1}) == "vote.unknown-option"


def test_back_to_its_author_and_sent_again() -> None:
    """The reason goes to the author alone; what is changed, or sent again as it is, waits again."""
    play, author, other = collecting()
    idea = play.post(author, "first words")
    play.do(play.facilitator, "ReturnIdea", idea=idea, reason="Bitte ohne Namen")
    assert state_of(play, author, idea) == ("returned", "Bitte ohne Namen")
    assert_seen(play, "Bitte ohne Namen", by=[author, "facilitators"], never_by=["participants", SCREEN, other])
    play.do(author, "EditIdea", idea=idea, text="other words")
    assert state_of(play, author, idea) == ("waiting", None)
    play.do(play.facilitator, "ReturnIdea", idea=idea, reason="Shorter")
    play.do(author, "EditIdea", idea=idea, text="other words")
    assert state_of(play, author, idea) == ("waiting", None)
    play.do(play.facilitator, "AcceptIdea", idea=idea)
    assert play.texts(other) == ["other words"]


def test_not_taken() -> None:
    """The author reads why, keeps the words, can take them back but not send them again; the place is free again."""
    play, author, other = collecting(max_ideas=1)
    idea = play.post(author, SECRET)
    play.do(play.facilitator, "RejectIdea", idea=idea, reason="Hurts somebody")
    assert state_of(play, author, idea) == ("rejected", "Hurts somebody")
    assert play.texts(author) == [SECRET]
    assert_seen(play, SECRET, by=[author, "facilitators"], never_by=["participants", SCREEN, other])
    assert refusal(play, author, "EditIdea", idea=idea, text="again") == "idea.rejected"
    play.post(author, "another")
    assert refusal(play, author, "PostIdea", phase="brainstorm", text="a third") == "limit.reached"
    play.do(author, "WithdrawIdea", idea=idea)


def test_a_reason_must_be_given() -> None:
    """Nobody is turned down without a word."""
    play, author, _ = collecting()
    idea = play.post(author, "words")
    for kind in ("ReturnIdea", "RejectIdea"):
        assert refusal(play, play.facilitator, kind, idea=idea, reason="  ") == "reason.missing"
        assert refusal(play, play.facilitator, kind, idea=idea, reason="x" * 201) == "reason.long"
    assert state_of(play, author, idea) == ("waiting", None)


@pytest.mark.parametrize("first", ["AcceptIdea", "ReturnIdea", "RejectIdea"])
@pytest.mark.parametrize("then", ["AcceptIdea", "ReturnIdea", "RejectIdea"])
def test_the_first_decision_counts(first: str, then: str) -> None:
    """Two work at one queue: the second is told, and changes nothing."""
    play, author, _ = collecting()
    idea = play.post(author, "words")
    more: dict[str, dict[str, str]] = {
        "AcceptIdea": {},
        "ReturnIdea": {"reason": "shorter"},
        "RejectIdea": {"reason": "no"},
    }
    play.do(play.facilitator, first, idea=idea, **more[first])
    decided = state_of(play, author, idea)
    second = Actor("facilitator", "f2", b"another desk's secret")
    assert refusal(play, second, then, idea=idea, **more[then]) == "idea.decided"
    assert state_of(play, author, idea) == decided


def test_a_decision_is_on_what_was_read() -> None:
    """What its author changed meanwhile is not let through unread."""
    play, author, other = collecting()
    idea = play.post(author, "harmless")
    read = play.sees("facilitators", "idea")[idea]["rev"]
    play.do(author, "EditIdea", idea=idea, text=SECRET)
    for kind in ("AcceptIdea", "ReturnIdea", "RejectIdea"):
        more = {} if kind == "AcceptIdea" else {"reason": "why"}
        assert refusal(play, play.facilitator, kind, idea=idea, rev=read, **more) == "idea.changed"
    assert_seen(play, SECRET, by=[author, "facilitators"], never_by=["participants", SCREEN, other])
    play.do(play.facilitator, "AcceptIdea", idea=idea, rev=play.sees("facilitators", "idea")[idea]["rev"])
    assert play.texts(other) == [SECRET]


def test_an_edit_of_what_was_accepted_waits_again() -> None:
    """The new words are nobody's before they are read, and the card is off the board so long."""
    play, author, other = collecting()
    idea = play.post(author, "harmless")
    play.do(play.facilitator, "AcceptIdea", idea=idea)
    assert play.texts(other) == ["harmless"]
    play.do(author, "EditIdea", idea=idea, text=SECRET)
    assert play.texts(other) == []
    assert_seen(play, SECRET, by=[author, "facilitators"], never_by=["participants", SCREEN, other])


def test_undo_of_decisions() -> None:
    """Each decision is taken back, also after a restart; not once its author has sent it anew."""
    play, author, other = collecting()
    cases: tuple[tuple[str, dict[str, str]], ...]
    cases = (("AcceptIdea", {}), ("ReturnIdea", {"reason": "a"}), ("RejectIdea", {"reason": "b"}))
    for kind, more in cases:
        idea = play.post(author, kind)
        command = play.do(play.facilitator, kind, idea=idea, **more)
        play.restart()
        play.undo(command)
        assert state_of(play, author, idea) == ("waiting", None)
        assert play.texts(other) == []
    idea = play.post(author, "returned")
    command = play.do(play.facilitator, "ReturnIdea", idea=idea, reason="shorter")
    play.do(author, "EditIdea", idea=idea, text="short")
    assert refusal(play, play.facilitator, "Undo", command=command) == "undo.overtaken"
    assert state_of(play, author, idea) == ("waiting", None)


def test_wrong_role_twice_and_late() -> None:
    """Only desks decide; the same command twice is one; a card that was taken back or erased is gone."""
    play, author, other = collecting()
    idea, gone = play.post(author, "one"), play.post(author, "two")
    for kind in ("AcceptIdea", "ReturnIdea", "RejectIdea"):
        more = {} if kind == "AcceptIdea" else {"reason": "why"}
        for actor in (author, other, SCREEN):
            assert refusal(play, actor, kind, idea=idea, **more) == "role.refused"
        assert refusal(play, play.facilitator, kind, idea="no-such-idea", **more) == "idea.unknown"
    once = {"kind": "AcceptIdea", "id": "accept-0000000001", "idea": idea}
    assert play.give(play.facilitator, once) == play.give(play.facilitator, once)
    play.do(author, "WithdrawIdea", idea=gone)
    assert refusal(play, play.facilitator, "AcceptIdea", idea=gone) == "idea.gone"


def test_the_desk_needs_nobodys_leave() -> None:
    """What is written for the room is on the board at once; what comes late waits as late, once."""
    play, author, other = collecting()
    play.post(play.facilitator, "said aloud", phase="brainstorm")
    assert play.texts(other) == ["said aloud"]
    play.start("pause")
    play.wait(OVER)
    late = play.post(author, "late", phase="brainstorm")
    assert state_of(play, author, late) == ("late", None)
    play.do(play.facilitator, "AdmitLate", idea=late)
    assert play.texts(other) == ["said aloud", "late"]


def test_private_and_to_be_accepted() -> None:
    """The desk reads what waits; accepted, it lies face down like the others until the reveal."""
    play, author, other = collecting(private=True)
    idea, second = play.post(author, SECRET), play.post(author, "second")
    assert SECRET.encode() in play.sent("facilitators")
    play.do(play.facilitator, "AcceptIdea", idea=idea)
    assert play.sees("facilitators", "idea")[idea]["text"] is None
    assert_seen(play, SECRET, by=[author], never_by=["participants", SCREEN, other])
    play.do(play.facilitator, "RevealIdeas", board="wall")
    assert play.texts(other) == [SECRET]
    play.do(play.facilitator, "AcceptIdea", idea=second)
    assert play.texts(other) == [SECRET, "second"]


def test_settings_that_contradict() -> None:
    """What nobody may read nobody can accept; comments would go past the reader."""
    brainstorm = RULES.activities["brainstorm"]
    for more, key in (({"private": True, "strict": True}, "approval"), ({"comments": True}, "comments")):
        with pytest.raises(ValueError, match=f"^{key}: "):
            brainstorm.check({**brainstorm.DEFAULTS, "approval": True, **more}, {})


# --- one's own


def test_taking_back_is_taken_back() -> None:
    """The card lies where it lay, with number and cluster; others see it again; twice is once."""
    play = Play(phase("brainstorm"), phase("pause"))
    play.start("brainstorm")
    author, other = play.join(), play.join()
    idea = play.post(author, "words")
    cluster = play.do(play.facilitator, "FormCluster", ideas=[idea])
    play.do(author, "WithdrawIdea", idea=idea)
    assert play.texts(other) == []
    assert refusal(play, other, "RestoreOwn", idea=idea) == "role.refused"
    assert refusal(play, play.facilitator, "RestoreOwn", idea=idea) == "role.refused"
    play.restart()
    play.do(author, "RestoreOwn", idea=idea)
    play.do(author, "RestoreOwn", idea=idea)
    assert play.sees("facilitators", "idea")[idea]["cluster"] == cluster
    assert play.texts(other) == ["words"]
    play.do(author, "WithdrawIdea", idea=idea)
    play.start("pause")
    play.wait(OVER)
    assert refusal(play, author, "RestoreOwn", idea=idea) == "phase.over"
    erased = play.post(author, "late", phase="brainstorm")
    play.do(play.facilitator, "EraseIdea", idea=erased)
    assert refusal(play, author, "RestoreOwn", idea=erased) == "idea.gone"


def test_taking_back_does_not_go_round_the_limit() -> None:
    """One card in all: the second may be written once the first is taken back, and then the first stays so."""
    play = Play(phase("brainstorm", max_ideas=1))
    play.start("brainstorm")
    author = play.join()
    first = play.post(author, "first")
    play.do(author, "WithdrawIdea", idea=first)
    play.post(author, "second")
    assert refusal(play, author, "RestoreOwn", idea=first) == "limit.reached"


def test_a_limit_per_column() -> None:
    """So many in each, of each person; an edit does not go round it either."""
    play = Play(phase("brainstorm", max_per_column=1), columns=("good", "hard"))
    play.start("brainstorm")
    author, other = play.join(), play.join()
    play.post(author, "one", column="good")
    assert refusal(play, author, "PostIdea", phase="brainstorm", text="two", column="good") == "limit.column"
    second = play.post(author, "two", column="hard")
    assert refusal(play, author, "EditIdea", idea=second, text="two", column="good") == "limit.column"
    play.do(author, "EditIdea", idea=second, text="two, better", column="hard")
    play.post(other, "three", column="good")
    play.restart()
    assert refusal(play, author, "PostIdea", phase="brainstorm", text="four", column="hard") == "limit.column"
