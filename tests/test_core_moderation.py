"""Order in the hall: muted and removed by what was written, boards frozen, with reasons; and all of it undone."""

import json
from typing import Any

import pytest

from facilitate.core import moderation
from facilitate.core.actors import Actor
from facilitate.core.phases import GRACE
from tests.play import SCREEN, Play, Who, phase, refusal
from tests.test_secrets import SECRET, assert_seen

THEME = Actor("theme", "t1", b"a helper's secret")


def hall(names: str = "none") -> tuple[Play, Actor, Actor]:
    play = Play(
        phase("brainstorm", comments=True, plus_one=True),
        phase("cluster", who="everyone"),
        phase("vote", of="ideas"),
        phase("pause"),
        names=names,
    )
    play.start("brainstorm")
    return play, play.join("Kim"), play.join("Robin")


# --- mute


@pytest.mark.parametrize("names", ["none", "optional", "shown"])
def test_a_muted_person_does_not_write(names: str) -> None:
    """Whatever else they wrote; others do; reading, voting, agreeing and taking back go on; also after a restart."""
    play, troll, other = hall(names)
    rude, fine, theirs = play.post(troll, "rude"), play.post(troll, "fine"), play.post(other, "theirs")
    play.do(play.facilitator, "MuteAuthor", idea=rude, reason="Insults")
    for _ in range(2):
        assert refusal(play, troll, "PostIdea", phase="brainstorm", text="more") == "person.muted"
        assert refusal(play, troll, "EditIdea", idea=fine, text="ruder") == "person.muted"
        assert refusal(play, troll, "PostComment", phase="brainstorm", idea=theirs, text="ha") == "person.muted"
        play.restart()
    play.post(other, "goes on")
    play.do(troll, "PlusOne", phase="brainstorm", idea=theirs)
    play.do(troll, "WithdrawIdea", idea=fine)
    play.start("cluster")
    assert refusal(play, troll, "FormCluster", ideas=[theirs], title="Rude") == "person.muted"
    play.start("vote")
    play.vote(troll, **{theirs: 1})


def test_who_is_muted_nobody_learns() -> None:
    """The muted phone is told, nobody else; the desk reads the reason, and not what else that person wrote."""
    play, troll, other = hall()
    rude, fine = play.post(troll, "rude"), play.post(troll, "fine")
    play.do(play.facilitator, "MuteAuthor", idea=rude, reason=SECRET)
    assert play.sees(troll, "muted") == {rude: {"type": "muted", "id": rude, "level": "muted"}}
    assert play.sees(other, "muted") == {}
    desk = play.sees("facilitators", "mute")
    assert {id_: (mute["level"], mute["reason"]) for id_, mute in desk.items()} == {rude: ("muted", SECRET)}
    assert_seen(play, SECRET, by=["facilitators"], never_by=["participants", SCREEN, other, troll])
    about = [json.loads(event.data) for event in play.log if event.kind == "AuthorMuted"]
    assert about == [{"idea": rude, "level": "muted", "reason": SECRET}]
    assert fine not in json.dumps(about) + json.dumps(desk)
    for who in (play.people[person][0].secret.hex() for person in play.people):
        assert who not in repr(vars(play.state))


def test_unmuted() -> None:
    """By its own command, or by undo in the right order; also after a restart."""
    play, troll, _ = hall()
    rude = play.post(troll, "rude")
    mute = play.do(play.facilitator, "MuteAuthor", idea=rude)
    remove = play.do(play.facilitator, "RemoveAuthor", idea=rude, reason="again")
    assert refusal(play, play.facilitator, "Undo", command=mute) == "undo.overtaken"
    play.restart()
    play.undo(remove)
    assert moderation.standing(play.state, troll) == "muted"
    play.restart()
    play.undo(mute)
    assert moderation.standing(play.state, troll) == ""
    assert play.sees("facilitators", "mute") == play.sees(troll, "muted") == {}
    play.post(troll, "better")
    play.do(play.facilitator, "MuteAuthor", idea=rude)
    play.do(play.facilitator, "UnmuteAuthor", idea=rude)
    play.do(play.facilitator, "UnmuteAuthor", idea=rude)
    play.post(troll, "better still")


def test_muted_twice() -> None:
    """By two of one's things: both must be lifted."""
    play, troll, _ = hall()
    one, two = play.post(troll, "one"), play.post(troll, "two")
    for idea in (one, two):
        play.do(play.facilitator, "MuteAuthor", idea=idea)
    play.do(play.facilitator, "UnmuteAuthor", idea=one)
    assert refusal(play, troll, "PostIdea", phase="brainstorm", text="more") == "person.muted"
    play.do(play.facilitator, "UnmuteAuthor", idea=two)
    play.post(troll, "more")


def test_muted_by_a_comment() -> None:
    """Somebody may write nothing else."""
    play, troll, other = hall()
    idea = play.post(other, "an idea")
    comment = play.do(troll, "PostComment", phase="brainstorm", idea=idea, text="rude")
    play.do(play.facilitator, "MuteAuthor", idea=comment)
    assert refusal(play, troll, "PostIdea", phase="brainstorm", text="more") == "person.muted"
    assert set(play.sees(troll, "muted")) == {comment}


def test_muted_still_after_the_idea_was_erased() -> None:
    """Its words go, with the reason; the mute stays, and can be lifted."""
    play, troll, _ = hall()
    rude = play.post(troll, "rude")
    play.do(play.facilitator, "MuteAuthor", idea=rude, reason=SECRET)
    play.do(play.facilitator, "EraseIdea", idea=rude)
    assert SECRET.encode() not in play.written()
    assert SECRET not in repr(vars(play.state))
    before = play.state
    play.restart()
    assert play.state == before
    assert refusal(play, troll, "PostIdea", phase="brainstorm", text="more") == "person.muted"
    play.do(play.facilitator, "UnmuteAuthor", idea=rude)
    play.post(troll, "better")


# --- removed


def test_a_removed_person_does_nothing() -> None:
    """No command of theirs is carried out, whatever it is, nor do they come in again with the same token."""
    play, troll, other = hall()
    rude, theirs = play.post(troll, "rude"), play.post(other, "theirs")
    play.do(play.facilitator, "RemoveAuthor", idea=rude, reason="Insults")
    play.restart()
    assert moderation.standing(play.state, troll) == "removed"
    assert moderation.standing(play.state, other) == ""
    cases: list[tuple[str, dict[str, Any]]] = [
        ("Join", {}),
        ("PostIdea", {"phase": "brainstorm", "text": "x"}),
        ("WithdrawIdea", {"idea": rude}),
        ("PlusOne", {"phase": "brainstorm", "idea": theirs}),
    ]
    for kind, fields in cases:
        assert refusal(play, troll, kind, **fields) == "person.removed"
    play.do(play.facilitator, "UnmuteAuthor", idea=rude)
    play.post(troll, "back again")


def test_what_has_no_author_on_a_phone() -> None:
    """What the desk wrote mutes nobody; nor does what is not there; nor may anybody but a desk."""
    play, troll, other = hall()
    desk, idea = play.post(play.facilitator, "said aloud"), play.post(other, "an idea")
    for kind in ("MuteAuthor", "RemoveAuthor"):
        assert refusal(play, play.facilitator, kind, idea=desk) == "person.desk"
        assert refusal(play, play.facilitator, kind, idea="no-such-thing") == "idea.unknown"
        assert refusal(play, troll, kind, idea=idea) == "role.refused"
        assert refusal(play, SCREEN, kind, idea=idea) == "role.refused"
        assert refusal(play, play.facilitator, kind, idea=idea, reason="x" * 201) == "reason.long"
    once = {"kind": "MuteAuthor", "id": "mute-000000000001", "idea": idea}
    assert play.give(play.facilitator, once) == play.give(play.facilitator, once)


# --- frozen


def test_a_frozen_board() -> None:
    """Only facilitators move and edit; people still add cards, comment and agree; a helper does not sort either."""
    play, author, other = hall()
    mine, theirs = play.post(author, "mine"), play.post(other, "theirs")
    freeze = play.do(play.facilitator, "FreezeBoard", board="wall", frozen=True, reason="Photograph")
    assert play.sees(SCREEN, "board")["wall"]["frozen"] is True
    for _ in range(2):
        assert refusal(play, author, "EditIdea", idea=mine, text="other") == "board.frozen"
        assert refusal(play, author, "WithdrawIdea", idea=mine) == "board.frozen"
        assert refusal(play, THEME, "FormCluster", ideas=[mine]) == "board.frozen"
        assert refusal(play, THEME, "MoveIdea", idea=mine, cluster=None) == "board.frozen"
        play.restart()
    play.post(author, "one more")
    play.do(author, "PlusOne", phase="brainstorm", idea=theirs)
    cluster = play.do(play.facilitator, "FormCluster", ideas=[mine], title="Together")
    play.start("cluster")
    assert refusal(play, other, "RenameCluster", cluster=cluster, title="Mine") == "board.frozen"
    assert refusal(play, other, "DissolveCluster", cluster=cluster) == "board.frozen"
    assert refusal(play, other, "FormCluster", ideas=[theirs]) == "board.frozen"
    play.undo(freeze)
    assert "frozen" not in play.sees(SCREEN, "board")["wall"]
    play.do(other, "RenameCluster", cluster=cluster, title="Ours")
    assert refusal(play, other, "FreezeBoard", board="wall", frozen=True) == "role.refused"
    assert refusal(play, play.facilitator, "FreezeBoard", board="no-such", frozen=True) == "board.unknown"


def test_reasons_stand_in_the_log() -> None:
    """Of hiding, muting, removing, pausing the writing, freezing; the desk alone reads those that it is sent."""
    play, author, other = hall()
    idea = play.post(author, "an idea")
    cases: list[tuple[str, dict[str, Any]]] = [
        ("HideIdea", {"idea": idea}),
        ("MuteAuthor", {"idea": idea}),
        ("RemoveAuthor", {"idea": idea}),
        ("LockBoard", {"board": "wall", "locked": True}),
        ("FreezeBoard", {"board": "wall", "frozen": True}),
    ]
    for number, (kind, fields) in enumerate(cases):
        play.do(play.facilitator, kind, reason=f"reason {number}", **fields)
        assert f"reason {number}".encode() in play.written()
        assert f"reason {number}".encode() not in play.sent(other) + play.sent(SCREEN)


def test_undone_in_the_right_order() -> None:
    """Hide, mute, lock, freeze: newest first, each leads back to what was there before, and so does a restart."""
    play, author, other = hall()
    idea = play.post(author, "an idea")
    people: list[Who] = [author, other, SCREEN, "facilitators"]
    seen, commands = [], []
    cases: list[tuple[str, dict[str, Any]]] = [
        ("HideIdea", {"idea": idea, "reason": "rude"}),
        ("MuteAuthor", {"idea": idea}),
        ("LockBoard", {"board": "wall", "locked": True}),
        ("FreezeBoard", {"board": "wall", "frozen": True}),
        ("RemoveAuthor", {"idea": idea}),
    ]
    for kind, fields in cases:
        seen.append([play.holds(who) for who in people])
        commands.append(play.do(play.facilitator, kind, **fields))
    play.restart()
    while commands:
        play.undo(commands.pop())
        assert [play.holds(who) for who in people] == seen.pop()
    play.post(author, "goes on")


# --- erasing


@pytest.mark.parametrize("how", ["title", "renamed", "earlier title", "note", "earlier note", "undone", "participant"])
def test_an_erased_text_is_not_quoted_either(how: str) -> None:
    """Titles and notes that hold it word for word go with it, today's and those before, from log, state and views."""
    play, author, other = hall()
    idea, kept = play.post(author, "Zebra crossing now"), play.post(other, "Other")
    desk = play.facilitator
    cluster = play.do(
        desk, "FormCluster", ideas=[idea, kept], title="About" if how != "title" else "zebra crossing now"
    )
    play.do(desk, "TakeNote", phase="brainstorm", item=cluster, text="Nothing of it")
    if how in ("renamed", "earlier title", "undone"):
        rename = play.do(desk, "RenameCluster", cluster=cluster, title="Zebra crossing now, and more")
        if how == "undone":
            play.undo(rename)
        elif how == "earlier title":
            play.do(desk, "RenameCluster", cluster=cluster, title="Streets")
    elif how == "participant":
        play.start("cluster")
        play.do(other, "RenameCluster", cluster=cluster, title="Zebra crossing now")
        play.do(other, "RenameCluster", cluster=cluster, title="")
    elif how in ("note", "earlier note"):
        play.do(desk, "TakeNote", phase="brainstorm", item=kept, text="Said:\n“Zebra  crossing now”, twice")
        if how == "earlier note":
            play.do(desk, "TakeNote", phase="brainstorm", item=kept, text="Said much")
    assert b"ebra crossing now" in play.written() or b"ebra  crossing now" in play.written()
    play.do(desk, "EraseIdea", idea=idea)
    for _ in range(2):
        for text in ("ebra crossing", "ebra  crossing"):
            assert text.encode() not in play.written()
            assert text not in repr(vars(play.state))
            for who in (author, other, SCREEN, "facilitators"):
                assert not any(text.encode() in data for data in play.holds(who).values())
        before = play.state
        play.restart()
        assert play.state == before
    assert set(play.sees("facilitators", "cluster")) == {cluster}
    assert play.texts("facilitators") == ["Other"]


def test_what_only_looks_like_a_quotation_stays() -> None:
    """A part of a word is none, and other people's notes are not touched."""
    play, author, _ = hall()
    idea = play.post(author, "Park")
    cluster = play.do(play.facilitator, "FormCluster", ideas=[idea], title="Parking")
    play.do(play.facilitator, "TakeNote", phase="brainstorm", item=cluster, text="Sparks")
    play.do(play.facilitator, "EraseIdea", idea=idea)
    assert play.sees("facilitators", "cluster")[cluster]["title"] == "Parking"
    assert [note["text"] for note in play.sees("facilitators", "note").values()] == ["Sparks"]


def test_a_title_that_was_erased_can_be_given_anew() -> None:
    """And that can be undone; what was blanked does not come back."""
    play, author, _ = hall()
    idea = play.post(author, SECRET)
    cluster = play.do(play.facilitator, "FormCluster", ideas=[idea], title=SECRET)
    rename = play.do(play.facilitator, "RenameCluster", cluster=cluster, title="Streets")
    play.do(play.facilitator, "EraseIdea", idea=idea)
    assert refusal(play, play.facilitator, "Undo", command=rename) == "undo.nothing"
    again = play.do(play.facilitator, "RenameCluster", cluster=cluster, title="Ways")
    play.undo(again)
    assert play.sees("facilitators", "cluster")[cluster]["title"] is None


def test_grace_does_not_help_the_muted() -> None:
    """Late or not: what comes from a muted phone is refused."""
    play, troll, _ = hall()
    rude = play.post(troll, "rude")
    play.do(play.facilitator, "MuteAuthor", idea=rude)
    play.start("pause")
    assert refusal(play, troll, "PostIdea", phase="brainstorm", text="x") == "person.muted"
    play.wait(GRACE / 1000 + 1)
    assert refusal(play, troll, "PostIdea", phase="brainstorm", text="x") == "person.muted"
