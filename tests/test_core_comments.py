"""Comments, "+1", and answers to one question: allowed where a phase says so, and never linked to anybody."""

import json
from itertools import combinations
from typing import Any

import pytest

from facilitate import exports
from facilitate.core.actors import Actor
from facilitate.core.phases import GRACE
from tests.play import SCREEN, Play, phase, refusal
from tests.test_secrets import SECRET, assert_seen, signs
from tests.workshop import Workshop

OVER = GRACE / 1000 + 1


def talking(names: str = "none", **settings: Any) -> tuple[Play, Actor, Actor, str]:
    """An open board with comments and +1, two people, and an idea of the first."""
    play = Play(phase("brainstorm", comments=True, plus_one=True, **settings), phase("pause"), names=names)
    play.start("brainstorm")
    author, other = play.join("Kim"), play.join("Robin")
    return play, author, other, play.post(author, "an idea")


def comment(play: Play, person: Actor, idea: str, text: str) -> str:
    return play.do(person, "PostComment", phase="brainstorm", idea=idea, text=text)


# --- comments


def test_a_comment_is_seen_with_its_idea() -> None:
    """By all who see the idea, and by nobody else."""
    play, author, other, idea = talking()
    comment(play, other, idea, SECRET)
    assert_seen(play, SECRET, by=[author, other, SCREEN, "facilitators"], never_by=[])
    hide = play.do(play.facilitator, "HideIdea", idea=idea)
    for who in (author, SCREEN):
        assert not any(SECRET.encode() in data for data in play.holds(who).values())
    assert SECRET.encode() in b"".join(play.holds(other).values())  # their own
    play.undo(hide)
    assert SECRET.encode() in b"".join(play.holds(SCREEN).values())


def test_off_by_default() -> None:
    """A phase that says nothing of them has neither."""
    play = Play(phase("brainstorm"))
    play.start("brainstorm")
    author, other = play.join(), play.join()
    idea = play.post(author, "an idea")
    assert refusal(play, other, "PostComment", phase="brainstorm", idea=idea, text="x") == "not-now"
    assert refusal(play, other, "PlusOne", phase="brainstorm", idea=idea) == "not-now"


def test_where_comments_are_refused() -> None:
    """Empty, too long, late, on a paused board, on what one does not see or what is not there."""
    play, _, other, idea = talking(private=True)
    assert refusal(play, other, "PostComment", phase="brainstorm", idea=idea, text="x") == "idea.unknown"
    play.do(play.facilitator, "RevealIdeas", board="wall")
    for text, key in (("  ", "text.empty"), ("x" * 281, "text.long")):
        assert refusal(play, other, "PostComment", phase="brainstorm", idea=idea, text=text) == key
    assert refusal(play, other, "PostComment", phase="brainstorm", idea="none", text="x") == "idea.unknown"
    assert refusal(play, play.facilitator, "PostComment", phase="brainstorm", idea=idea, text="x") == "role.refused"
    lock = play.do(play.facilitator, "LockBoard", board="wall", locked=True)
    assert refusal(play, other, "PostComment", phase="brainstorm", idea=idea, text="x") == "board.locked"
    play.undo(lock)
    once = {"kind": "PostComment", "id": "comment-000000001", "phase": "brainstorm", "idea": idea, "text": "once"}
    assert play.give(other, once) == play.give(other, once)
    play.start("pause")
    comment(play, other, idea, "in the grace time")
    play.wait(OVER)
    assert refusal(play, other, "PostComment", phase="brainstorm", idea=idea, text="late") == "phase.over"
    assert sorted(it["text"] for it in play.sees(SCREEN, "comment").values()) == ["in the grace time", "once"]


def test_ones_own_comment() -> None:
    """Can be taken back by its author alone; hidden, its author keeps the words and reads why."""
    play, author, other, idea = talking()
    said = comment(play, other, idea, SECRET)
    assert refusal(play, author, "WithdrawComment", comment=said) == "role.refused"
    assert refusal(play, other, "HideComment", comment=said) == "role.refused"
    hide = play.do(play.facilitator, "HideComment", comment=said, reason="Unkind")
    assert play.sees(other, "said")[said]["state"] == "hidden"
    assert play.sees(other, "said")[said]["reason"] == "Unkind"
    for who in (author, SCREEN):
        assert not any(SECRET.encode() in data for data in play.holds(who).values())
    assert_seen(play, "Unkind", by=[other, "facilitators"], never_by=[author, SCREEN])
    play.undo(hide)
    assert play.sees(SCREEN, "comment")[said]["text"] == SECRET
    play.do(play.facilitator, "HideComment", comment=said)
    play.do(play.facilitator, "RestoreComment", comment=said)
    play.do(other, "WithdrawComment", comment=said)
    assert play.sees(SCREEN, "comment") == play.sees(other, "said") == {}
    assert refusal(play, other, "WithdrawComment", comment=said) == "comment.gone"


@pytest.mark.parametrize("what", ["comment", "idea"])
def test_an_erased_comment(what: str) -> None:
    """By itself or with its idea: gone from log, state and every view; a replay leads to the same."""
    play, author, other, idea = talking()
    said = comment(play, other, idea, SECRET)
    play.do(play.facilitator, "HideComment", comment=said, reason=f"{SECRET}, really")
    play.undo(play.do(play.facilitator, "RestoreComment", comment=said))
    if what == "comment":
        play.do(play.facilitator, "EraseComment", comment=said)
        play.do(play.facilitator, "EraseComment", comment=said)
    else:
        play.do(play.facilitator, "EraseIdea", idea=idea)
    for _ in range(2):
        assert SECRET.encode() not in play.written()
        assert SECRET not in repr(vars(play.state))
        for who in (author, other, SCREEN, "facilitators"):
            assert not any(SECRET.encode() in data for data in play.holds(who).values())
        before = play.state
        play.restart()
        assert play.state == before


# --- +1


def test_one_plus_a_person() -> None:
    """However often it is tapped; all see how many, one's own phone that it was one of them."""
    play, author, other, idea = talking()
    third = play.join("Sasha")
    for person in (other, other, third):
        play.do(person, "PlusOne", phase="brainstorm", idea=idea)
    assert play.sees(SCREEN, "pluses")[idea]["n"] == play.sees("facilitators", "pluses")[idea]["n"] == 2
    assert set(play.sees(other, "agreed")) == {idea}
    assert play.sees(author, "agreed") == {}
    play.restart()
    play.do(other, "PlusOne", phase="brainstorm", idea=idea, on=False)
    assert play.sees(SCREEN, "pluses")[idea]["n"] == 1
    assert play.sees(other, "agreed") == {}
    assert refusal(play, author, "PlusOne", phase="brainstorm", idea=idea) == "plus.own"
    assert refusal(play, play.facilitator, "PlusOne", phase="brainstorm", idea=idea) == "role.refused"
    play.do(play.facilitator, "HideIdea", idea=idea)
    assert play.sees(SCREEN, "pluses") == play.sees(third, "agreed") == {}
    assert refusal(play, third, "PlusOne", phase="brainstorm", idea=idea) == "idea.unknown"


@pytest.mark.parametrize("names", ["none", "shown"])
def test_who_agrees_is_never_known(names: str) -> None:
    """Not from any frame, nor from the log, also where names are shown: every tag stands once."""
    play, author, other, idea = talking(names)
    second = play.post(author, "a second idea")
    for it in (idea, second):
        play.do(other, "PlusOne", phase="brainstorm", idea=it)
        comment(play, other, it, "words")
    given = {event.command for event in play.log if event.kind == "PlusGiven"}
    for event in play.log:
        if event.command in given:
            row = f"{event.by} {event.command} {event.check} {event.data.decode()}"
            assert other.id not in row
    tags = {command: found for command, found in signs(play).items() if command in given}
    assert len(tags) == 2
    for one, two in combinations(tags.values(), 2):
        assert not one & two
    for who in ("facilitators", SCREEN, author):
        for found in tags.values():
            for tag in found:
                assert tag.encode() not in play.sent(who)


@pytest.mark.parametrize("named", [False, True])
def test_who_voted_is_in_the_log_only_where_that_was_said(named: bool) -> None:
    """Also where names are shown: what signs a ballot is a tag, but for a round that was declared named."""
    play = Play(phase("brainstorm"), phase("vote", of="ideas", named=named), names="shown")
    play.start("brainstorm")
    person = play.join("Kim")
    idea = play.post(person, "an idea")
    play.start("vote")
    play.vote(person, **{idea: 1})
    cast = next(event for event in play.log if event.kind == "BallotCast")
    assert cast.by != person.id
    assert (person.id in cast.data.decode()) == named


def test_no_two_comments_share_a_tag() -> None:
    """Nor does one with an idea of the same person."""
    play, _, other, idea = talking()
    play.post(other, "theirs")
    for text in ("one", "two"):
        comment(play, other, idea, text)
    tags = signs(play)
    kinds = {event.command for event in play.log if event.kind in ("IdeaPosted", "CommentPosted")}
    for one, two in combinations(kinds, 2):
        assert not tags[one] & tags[two]


def test_what_is_said_in_a_group_stays_in_the_group() -> None:
    """Comments and agreement go where their idea goes; nobody of another group comments on it."""
    grouped = {"by": "random", "count": 2}
    play = Play(phase("brainstorm", comments=True, plus_one=True, groups=grouped), phase("pause"))
    play.start("brainstorm")
    people = [play.join() for _ in range(4)]
    for person in people:
        play.do(person, "JoinGroup", phase="brainstorm")
    ideas = {person.id: play.post(person, f"an idea of {person.id}") for person in people}
    author = people[0]
    mates: list[Actor] = []
    others: list[Actor] = []
    for person in people[1:]:
        sees = ideas[author.id] in play.sees(person, "idea")
        (mates if sees else others).append(person)
    assert mates
    assert others
    comment(play, mates[0], ideas[author.id], SECRET)
    play.do(mates[0], "PlusOne", phase="brainstorm", idea=ideas[author.id])
    assert set(play.sees(author, "pluses")) == {ideas[author.id]}
    assert_seen(play, SECRET, by=[author, mates[0], "facilitators"], never_by=[SCREEN, *others])
    for person in (*others, play.join()):
        assert play.sees(person, "pluses") == play.sees(person, "comment") == {}
    wishes: list[tuple[str, dict[str, Any]]] = [("PostComment", {"text": "x"}), ("PlusOne", {})]
    for kind, more in wishes:
        assert refusal(play, others[0], kind, phase="brainstorm", idea=ideas[author.id], **more) == "idea.unknown"


# --- answers


def asking(activity: str, **settings: Any) -> tuple[Play, Actor, Actor]:
    play = Play(phase(activity, "ask", **settings), phase("pause"))
    play.start("ask")
    return play, play.join(), play.join()


def give(play: Play, person: Actor, **fields: Any) -> str:
    return play.do(person, "GiveAnswer", phase="ask", **fields)


def test_a_scale_live() -> None:
    """All see how many chose what as it comes; nobody is sent what one person chose, but that person."""
    play, one, two = asking("check_in", steps=3)
    give(play, one, value=1)
    give(play, two, value=3)
    give(play, one, value=2)
    for who in (SCREEN, one, "facilitators"):
        assert play.sees(who, "answers")["ask"] == {"type": "answers", "id": "ask", "n": 2, "numbers": [0, 1, 1]}
        assert play.sees(who, "answer") == {}
    assert [it["value"] for it in play.sees(one, "answered").values()] == [2]
    play.restart()
    assert [it["value"] for it in play.sees(two, "answered").values()] == [3]
    play.do(two, "WithdrawAnswer", phase="ask")
    play.do(two, "WithdrawAnswer", phase="ask")
    assert play.sees(SCREEN, "answers")["ask"]["numbers"] == [0, 1, 0]
    give(play, two, value=1)
    assert play.sees(SCREEN, "answers")["ask"]["numbers"] == [1, 1, 0]


def test_words_when_they_are_shown() -> None:
    """The desk reads them; the others once they are shown; undone, whoever comes then does not get them."""
    play, one, two = asking("check_in", kind="words", results="reveal")
    give(play, one, text=SECRET)
    assert_seen(play, SECRET, by=[one, "facilitators"], never_by=["participants", SCREEN, two])
    assert play.sees(SCREEN, "answers")["ask"] == {"type": "answers", "id": "ask", "n": 1}
    assert refusal(play, one, "ShowAnswers", phase="ask") == "role.refused"
    show = play.do(play.facilitator, "ShowAnswers", phase="ask")
    assert play.sees(SCREEN, "phase")["ask"]["doing"] == {"shown": True}
    assert_seen(play, SECRET, by=[one, "facilitators", SCREEN, two], never_by=[])
    play.undo(show)
    for who in (SCREEN, two):
        assert not any(SECRET.encode() in data for data in play.holds(who).values())


def test_a_reflection_for_the_facilitators_alone() -> None:
    """Nobody else is ever sent it, whatever the desk does."""
    play, one, two = asking("reflect")
    give(play, one, text=f"{SECRET}\nand more")
    assert refusal(play, play.facilitator, "ShowAnswers", phase="ask") == "not-now"
    play.do(play.facilitator, "EndPhase", phase="ask")
    play.do(play.facilitator, "EndSession")
    assert_seen(play, SECRET, by=[one, "facilitators"], never_by=["participants", SCREEN, two])


def test_a_reflection_for_all() -> None:
    """As it comes."""
    play, one, two = asking("reflect", to="all")
    give(play, one, text=SECRET)
    assert_seen(play, SECRET, by=[one, two, SCREEN, "facilitators"], never_by=[])


def test_answers_that_are_refused() -> None:
    """Not on the scale, without words, too long, late, where nothing is asked, by the wrong role."""
    play, one, _ = asking("check_in", steps=3)
    for value in (None, 0, 4, -1):
        assert refusal(play, one, "GiveAnswer", phase="ask", value=value) == "answer.step"
    assert refusal(play, play.facilitator, "GiveAnswer", phase="ask", value=1) == "role.refused"
    assert refusal(play, one, "GiveAnswer", phase="pause", value=1) == "not-now"
    once = {"kind": "GiveAnswer", "id": "answer-0000000001", "phase": "ask", "value": 1}
    assert play.give(one, once) == play.give(one, once)
    play.start("pause")
    play.wait(OVER)
    assert refusal(play, one, "GiveAnswer", phase="ask", value=2) == "phase.over"
    assert refusal(play, one, "WithdrawAnswer", phase="ask") == "phase.over"
    play, one, _ = asking("check_in", kind="words", max_length=10)
    for text, key in ((None, "text.empty"), (" ", "text.empty"), ("x" * 11, "text.long")):
        assert refusal(play, one, "GiveAnswer", phase="ask", text=text) == key


def test_a_word_that_hurts() -> None:
    """Hidden with a reason, undone, erased for good; its author is told and does not send it again."""
    play, one, two = asking("check_in", kind="words")
    answer = give(play, one, text=SECRET)
    hide = play.do(play.facilitator, "HideAnswer", answer=answer, reason="Unkind")
    assert play.sees(SCREEN, "answer") == {}
    assert play.sees(SCREEN, "answers")["ask"]["n"] == 0
    assert play.sees(one, "answered")[answer]["reason"] == "Unkind"
    assert refusal(play, one, "GiveAnswer", phase="ask", text="again") == "answer.gone"
    assert refusal(play, two, "HideAnswer", answer=answer) == "role.refused"
    play.undo(hide)
    assert play.sees(SCREEN, "answers")["ask"]["n"] == 1
    play.do(play.facilitator, "HideAnswer", answer=answer)
    play.do(play.facilitator, "RestoreAnswer", answer=answer)
    play.do(play.facilitator, "EraseAnswer", answer=answer)
    for _ in range(2):
        assert SECRET.encode() not in play.written()
        assert SECRET not in repr(vars(play.state))
        for who in (one, two, SCREEN, "facilitators"):
            assert not any(SECRET.encode() in data for data in play.holds(who).values())
        before = play.state
        play.restart()
        assert play.state == before
    give(play, one, text="a better word")
    assert [it["text"] for it in play.sees(SCREEN, "answer").values()] == ["a better word"]


def test_an_answer_links_to_nothing() -> None:
    """Neither to an idea of the same person, nor to the answer in another phase."""
    play = Play(phase("check_in", "in"), phase("brainstorm"), phase("reflect", "out"))
    play.start("in")
    one = play.join()
    play.do(one, "GiveAnswer", phase="in", value=2)
    play.start("brainstorm")
    play.post(one, "an idea")
    play.start("out")
    play.do(one, "GiveAnswer", phase="out", text="it was good")
    tags = signs(play)
    assert len(tags) == 4
    for a, b in combinations(tags.values(), 2):
        assert not a & b
    for event in play.log:
        if event.kind == "AnswerGiven":
            for tag in (json.loads(event.data)["author"], json.loads(event.data)["slot"]):
                assert tag.encode() not in play.sent("facilitators") + play.sent(SCREEN) + play.sent(one)


# --- what remains


def minutes(workshop: Workshop, kind: str) -> str:
    """An export of the workshop, as text."""
    return exports.kinds()[kind].write(workshop.report()).decode()


def answered(**settings: Any) -> Workshop:
    """A workshop that asked one question of two people, and collected an idea on which one of them commented."""
    it = Workshop(
        [
            {"id": "ask", "board": None, **settings},
            {"id": "collect", "activity": "brainstorm", "settings": {"comments": True, "plus_one": True}},
        ]
    )
    it.start("ask")
    return it


@pytest.mark.parametrize("kind", ["markdown", "html"])
def test_answers_stand_in_the_minutes_where_they_were_shared(kind: str) -> None:
    """A scale with its ends and numbers; words in an order that says nothing of who came first."""
    ends = {"steps": 2, "low": {"en": "tired"}, "high": {"en": "wide awake"}}
    it = answered(activity="check_in", settings=ends)
    for person, value in ((1, 2), (2, 2)):
        it.do(it.guest(person), "GiveAnswer", phase="ask", value=value)
    text = minutes(it, kind)
    assert "2 answers." in text
    assert "1 (tired)" in text
    assert "2 (wide awake)" in text
    it = answered(activity="check_in", settings={"kind": "words"})
    for person, word in ((1, "zest"), (2, "*apples*")):
        it.do(it.guest(person), "GiveAnswer", phase="ask", text=word)
    text = minutes(it, kind)
    assert 0 < text.index("apples") < text.index("zest")
    assert "- *apples*" not in text


@pytest.mark.parametrize(
    ("activity", "settings", "sentence"),
    [
        ("reflect", {}, "1 answer, for the facilitator only."),
        ("check_in", {"kind": "words", "results": "reveal"}, "1 answer, not shown."),
    ],
)
@pytest.mark.parametrize("kind", ["markdown", "html", "csv"])
def test_what_was_not_shared_is_counted_alone(kind: str, activity: str, settings: Any, sentence: str) -> None:
    """No reader of the minutes finds the words; the JSON, which is the whole session, holds them."""
    it = answered(activity=activity, settings=settings)
    it.do(it.guest(1), "GiveAnswer", phase="ask", text=SECRET)
    text = minutes(it, kind)
    assert SECRET not in text
    assert sentence in text or kind == "csv"
    assert SECRET in minutes(it, "json")


@pytest.mark.parametrize("kind", ["markdown", "html", "csv"])
def test_comments_stand_in_the_minutes(kind: str) -> None:
    """Beside their idea, with how many agree; without what was taken down, taken back or erased."""
    it = answered(activity="check_in")
    it.start("collect")
    idea = it.write("an idea")
    said = [
        it.do(it.guest(2), "PostComment", phase="collect", idea=idea, text=text)
        for text in ("Yes, but how?", "hidden words", "withdrawn words", "erased words")
    ]
    it.do(it.facilitator, "HideComment", comment=said[1])
    it.do(it.guest(2), "WithdrawComment", comment=said[2])
    it.do(it.facilitator, "EraseComment", comment=said[3])
    for person in (2, 3):
        it.do(it.guest(person), "PlusOne", phase="collect", idea=idea)
    text = minutes(it, kind)
    assert "Yes, but how?" in text
    assert ("2 agree" in text) or kind == "csv"
    for gone in ("hidden words", "withdrawn words", "erased words"):
        assert gone not in text
    assert "erased words" not in minutes(it, "json")


def test_ones_own_plus_goes_and_comes_back_with_the_card() -> None:
    """A phone that is there holds what one that comes now gets: nothing of a hidden card, and again when it is back."""
    play = Play(phase("brainstorm", plus_one=True))
    play.start("brainstorm")
    person = play.join()
    idea = play.post(play.join(), "card")
    play.do(person, "PlusOne", phase="brainstorm", idea=idea)
    own = play.people[person.id][1]
    for kind, there in (("HideIdea", False), ("RestoreIdea", True)):
        play.do(play.facilitator, kind, idea=idea)
        assert bool(own.holds(("agreed", idea))) == bool(play.sees(person, "agreed")) == there
