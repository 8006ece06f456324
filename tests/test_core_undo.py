"""Undo: whatever a facilitator did is taken back, unless something stands on it."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from facilitate.core import book
from facilitate.core.refused import Refused
from facilitate.core.tables import Key
from tests.play import SCREEN, Play, phase, refusal
from tests.test_convergence import STEPS, begun

Fields = Callable[[Play], dict[str, Any]]


def workshop() -> Play:
    """A session in the middle of its work, with something of everything."""
    return _workshop().copy()


@cache
def _workshop() -> Play:
    play = Play(
        phase("brainstorm", minutes=5, private=True),
        phase("brainstorm", "later", begin="on-go", minutes=3),
        phase("vote", takes_ideas=True, minutes=2),
        phase("discuss"),
        phase("brainstorm", "groups", board="side", groups={"by": "random", "count": 2}),
        phase("brainstorm", "moved", board="side", groups={"rotate": True, "hosts": 1}),
        phase("brainstorm", "read", approval=True),
        phase("brainstorm", "open", comments=True),
        phase("check_in", "asked", kind="words", results="reveal"),
    )
    play.start("groups")
    for _ in range(2):
        play.do(play.join(), "JoinGroup", phase="groups")
    play.post(play.facilitator, "for a group", board="groups.1")
    author = play.join()
    play.start("asked")
    play.do(author, "GiveAnswer", phase="asked", text="fine", id="an-answer-of-somebody")
    play.start("read")
    play.post(author, "to be read")
    play.start("open")
    play.post(author, "said", id="a-card-of-somebody")
    play.do(author, "PostComment", phase="open", idea="a-card-of-somebody", text="yes", id="a-comment-of-somebody")
    play.start("brainstorm")
    ideas = [play.post(author, f"card {number}") for number in range(3)]
    play.do(play.facilitator, "FormCluster", title="Together", ideas=ideas[:1])
    play.start("later")
    play.wait(21)
    play.post(author, "late", phase="brainstorm")
    play.do(play.facilitator, "HideIdea", idea=play.post(author, "rude"), reason="rude")
    play.do(play.facilitator, "AllowHands", allowed=True)
    play.do(author, "CallHelp", table="4")
    play.do(play.facilitator, "SetDoor", door="approval")
    play.join()
    said = play.post(play.facilitator, "said aloud")
    play.do(play.facilitator, "MergeIdeas", keep=said, ideas=[play.post(author, "the same")])
    return play


def _idea(play: Play, text: str) -> str:
    return next(idea.id for idea in play.state.ideas.values() if idea.text == text)


def _member(play: Play) -> str:
    return next(member.id for member in play.state.members.values() if member.group == "groups.1")


def _knocking(play: Play) -> str:
    return next(person.id for person in play.state.participants.values() if person.state == "knocking")


def _cluster(play: Play) -> str:
    return next(iter(play.state.clusters))


# What comes before it, if anything, and the fields of the command. Commands that nothing takes back are in NEVER.
CASES: dict[str, tuple[list[tuple[str, dict[str, Any]]], Fields]] = {
    "StartPhase": ([], lambda play: {"phase": "vote"}),
    "Begin": ([], lambda play: {"phase": "later"}),
    "EndPhase": ([("StartPhase", {"phase": "vote"})], lambda play: {"phase": "vote"}),
    "ExtendPhase": ([("Begin", {"phase": "later"})], lambda play: {"phase": "later", "seconds": 60}),
    "PausePhase": ([("Begin", {"phase": "later"})], lambda play: {"phase": "later"}),
    "ResumePhase": (
        [("Begin", {"phase": "later"}), ("PausePhase", {"phase": "later"})],
        lambda play: {"phase": "later"},
    ),
    "PostIdea": ([], lambda play: {"phase": "later", "text": "for the room"}),
    "EditIdea": ([], lambda play: {"idea": _idea(play, "said aloud"), "text": "said loudly"}),
    "WithdrawIdea": ([], lambda play: {"idea": _idea(play, "said aloud")}),
    "HideIdea": ([], lambda play: {"idea": _idea(play, "card 0"), "reason": "twice"}),
    "RestoreIdea": ([], lambda play: {"idea": _idea(play, "rude")}),
    "AdmitLate": ([], lambda play: {"idea": _idea(play, "late")}),
    "RevealIdeas": ([], lambda play: {"board": "wall"}),
    "Peek": ([], lambda play: {"board": "wall"}),
    "LockBoard": ([], lambda play: {"board": "wall", "locked": True}),
    "FormCluster": ([], lambda play: {"ideas": [_idea(play, "card 0"), _idea(play, "card 1")], "title": "New"}),
    "MoveIdea": ([], lambda play: {"idea": _idea(play, "card 0"), "cluster": None}),
    "RenameCluster": ([], lambda play: {"cluster": _cluster(play), "title": "Better"}),
    "DissolveCluster": ([], lambda play: {"cluster": _cluster(play)}),
    "MoveIdeas": ([], lambda play: {"ideas": [_idea(play, "card 0"), _idea(play, "card 1")], "cluster": None}),
    "SetAside": ([], lambda play: {"ideas": [_idea(play, "card 0"), _idea(play, "card 1")]}),
    "SplitCluster": ([], lambda play: {"cluster": _cluster(play), "ideas": [_idea(play, "card 0")], "title": "Part"}),
    "MergeClusters": (
        [("FormCluster", {"board": "wall", "title": "Other"})],
        lambda play: {"into": _cluster(play), "clusters": [list(play.state.clusters)[-1]]},
    ),
    "FormClusters": ([], lambda play: {"board": "wall", "drafts": [{"ideas": [_idea(play, "card 1")]}]}),
    "MergeIdeas": ([], lambda play: {"keep": _idea(play, "card 0"), "ideas": [_idea(play, "card 1")]}),
    "SplitIdeas": ([], lambda play: {"ideas": [_idea(play, "the same")]}),
    "CountHands": (
        [("RevealIdeas", {"board": "wall"}), ("StartPhase", {"phase": "vote"})],
        lambda play: {"round": play.round, "option": _cluster(play), "n": 14},
    ),
    "AllowHands": ([], lambda play: {"allowed": False}),
    "AnswerHand": ([], lambda play: {"hand": next(iter(play.state.hands))}),
    "SetDoor": ([], lambda play: {"door": "open", "capacity": 50}),
    "LetIn": ([], lambda play: {"participant": _knocking(play)}),
    "TurnAway": ([], lambda play: {"participant": _knocking(play)}),
    "CloseRound": ([("StartPhase", {"phase": "vote"})], lambda play: {"round": play.round}),
    "ShowResults": ([("StartPhase", {"phase": "vote"})], lambda play: {"round": play.round}),
    "AcceptIdea": ([], lambda play: {"idea": _idea(play, "to be read")}),
    "ReturnIdea": ([], lambda play: {"idea": _idea(play, "to be read"), "reason": "shorter"}),
    "RejectIdea": ([], lambda play: {"idea": _idea(play, "to be read"), "reason": "no"}),
    "MuteAuthor": ([], lambda play: {"idea": _idea(play, "card 0"), "reason": "rude"}),
    "RemoveAuthor": ([], lambda play: {"idea": _idea(play, "card 0")}),
    "UnmuteAuthor": (
        [("MuteAuthor", {"idea": "a-card-of-somebody"})],
        lambda play: {"idea": "a-card-of-somebody"},
    ),
    "FreezeBoard": ([], lambda play: {"board": "wall", "frozen": True}),
    "HideComment": ([], lambda play: {"comment": "a-comment-of-somebody", "reason": "rude"}),
    "RestoreComment": (
        [("HideComment", {"comment": "a-comment-of-somebody"})],
        lambda play: {"comment": "a-comment-of-somebody"},
    ),
    "HideAnswer": ([], lambda play: {"answer": "an-answer-of-somebody", "reason": "rude"}),
    "RestoreAnswer": (
        [("HideAnswer", {"answer": "an-answer-of-somebody"})],
        lambda play: {"answer": "an-answer-of-somebody"},
    ),
    "ShowAnswers": ([], lambda play: {"phase": "asked"}),
    "TakeNote": ([], lambda play: {"phase": "discuss", "item": "discuss", "text": "agreed"}),
    "Show": ([], lambda play: {"what": "message", "text": "Lunch"}),
    "OpenScreen": ([], lambda play: {"screen": "second", "title": "Foyer"}),
    "CloseScreen": ([("OpenScreen", {"screen": "second"})], lambda play: {"screen": "second"}),
    "MoveMember": ([("StartPhase", {"phase": "groups"})], lambda play: {"member": _member(play), "group": "groups.2"}),
    "StayAsHost": (
        [("StartPhase", {"phase": "groups"})],
        lambda play: {"phase": "groups", "member": _member(play)},
    ),
    "MergeGroups": ([("StartPhase", {"phase": "groups"})], lambda play: {"group": "groups.1", "into": "groups.2"}),
    "PromptGroup": ([], lambda play: {"group": "groups.1", "prompt": "And you?"}),
    "ChooseIdea": ([], lambda play: {"idea": _idea(play, "for a group")}),
    "EndSession": ([("StartPhase", {"phase": "vote"})], lambda play: {}),
    "discuss.Turn": (
        [("RevealIdeas", {"board": "wall"}), ("StartPhase", {"phase": "discuss"})],
        lambda play: {"phase": "discuss", "item": _cluster(play)},
    ),
    "InsertPhase": (
        [],
        lambda play: {"activity": "brainstorm", "title": {"en": "New"}, "new_board": {"en": "New"}, "after": "later"},
    ),
    "RepeatPhase": ([], lambda play: {"phase": "brainstorm", "new_board": True}),
    "SkipPhase": ([], lambda play: {"phase": "vote"}),
    "MovePhase": ([], lambda play: {"phase": "discuss", "after": None}),
    "RemovePhase": ([], lambda play: {"phase": "vote"}),
    "ChangePhase": ([], lambda play: {"phase": "later", "prompt": {"en": "And now?"}, "minutes": 9}),
    "VoteAgain": (
        [
            ("StartPhase", {"phase": "vote", "id": "the-start-of-a-vote"}),
            ("CloseRound", {"round": "the-start-of-a-vote-round"}),
        ],
        lambda play: {"phase": "vote"},
    ),
    "CarryForward": ([("RevealIdeas", {"board": "wall"})], lambda play: {"board": "wall", "phase": "groups"}),
    "SetSound": ([], lambda play: {"on": True}),
    "BringEverybody": ([], lambda play: {}),
}
NEVER = {"EraseComment", "EraseAnswer", "EraseIdea", "Undo"}


def test_every_command_of_a_facilitator_is_here() -> None:
    """A new command is either taken back in a test or stands in NEVER."""
    assert CASES.keys() | NEVER == {kind for kind, roles in book.ROLES.items() if "facilitator" in roles}


def seen(play: Play) -> dict[str, dict[Key, bytes]]:
    people = {id_: play.holds(actor) for id_, (actor, _) in play.people.items()}
    return {"facilitators": play.holds("facilitators"), "screens": play.holds("screens"), **people}


@pytest.mark.parametrize("restart", [False, True], ids=["at once", "after a restart"])
@pytest.mark.parametrize("kind", CASES)
def test_everything_is_taken_back_and_done_again(kind: str, restart: bool) -> None:
    """Undo leads to what everybody saw before; undoing the undo to what everybody saw then; and so on."""
    play = workshop()
    setup, fields = CASES[kind]
    for before_kind, before_fields in setup:
        play.do(play.facilitator, before_kind, **before_fields)
    before = seen(play)
    command = play.do(play.facilitator, kind, **fields(play))
    after = seen(play)
    assert after != before
    if restart:
        play.restart()
    undo = play.undo(command)
    assert seen(play) == before
    assert refusal(play, play.facilitator, "Undo", command=command) in ("undo.overtaken", "undo.nothing")
    if restart:
        play.restart()
    redo = play.undo(undo)
    assert seen(play) == after
    play.undo(redo)
    assert seen(play) == before


@settings(max_examples=50)
@given(STEPS, st.integers(1, 6))
def test_the_last_commands_are_taken_back_in_turn(steps: list[Any], depth: int) -> None:
    """After any history: what the desk did last is undone, newest first, until what was there before is there."""
    history = begun("none")
    play = history.play
    for step in steps:
        history.step(*step)
    views, commands = [seen(play)], []
    for number in range(depth):
        before = len(play.log)
        history.step(
            ("HideIdea", "FormCluster", "StartPhase", "MoveIdea", "RevealIdeas", "EndPhase")[number], 7, 5, 0, False
        )
        if len(play.log) > before:
            commands.append(play.log[-1].command)
            views.append(seen(play))
    assume(commands)
    while commands:
        assert seen(play) == views.pop()
        play.undo(commands.pop())
    assert seen(play) == views.pop()


def test_nothing_to_undo() -> None:
    """Unknown commands, participants' commands, and what was erased."""
    play = workshop()
    play.start("later")
    idea = play.post(next(iter(play.people.values()))[0], "of a phone")
    assert refusal(play, play.facilitator, "Undo", command=idea) == "undo.nothing"
    assert refusal(play, play.facilitator, "Undo", command="no-such-command") == "undo.nothing"
    erase = play.do(play.facilitator, "EraseIdea", idea=idea)
    assert refusal(play, play.facilitator, "Undo", command=erase) == "undo.nothing"


def test_overtaken() -> None:
    """What somebody has built on since is not pulled away from under them."""
    play = workshop()
    facilitator, author = play.facilitator, next(iter(play.people.values()))[0]
    cluster = play.do(facilitator, "FormCluster", board="wall", title="New")
    play.do(facilitator, "MoveIdea", idea=_idea(play, "card 1"), cluster=cluster)
    assert refusal(play, facilitator, "Undo", command=cluster) == "undo.overtaken"

    start = play.start("vote")
    play.vote(author, **{_cluster(play): 0})
    assert refusal(play, facilitator, "Undo", command=start) == "undo.overtaken"

    hide = play.do(facilitator, "HideIdea", idea=_idea(play, "card 2"))
    play.do(facilitator, "RestoreIdea", idea=_idea(play, "card 2"))
    assert refusal(play, facilitator, "Undo", command=hide) == "undo.overtaken"

    written = play.post(facilitator, "for the room")
    edited = play.do(facilitator, "EditIdea", idea=written, text="for the hall")
    assert refusal(play, facilitator, "Undo", command=written) == "undo.overtaken"
    play.undo(edited)
    play.undo(written)


def test_no_idea_goes_back_into_a_cluster_that_is_gone() -> None:
    """It would lie nowhere, and be missing from the vote."""
    play = workshop()
    idea, old = _idea(play, "card 0"), _cluster(play)
    new = play.do(play.facilitator, "FormCluster", ideas=[idea])
    dissolve = play.do(play.facilitator, "DissolveCluster", cluster=old)
    assert refusal(play, play.facilitator, "Undo", command=new) == "undo.overtaken"
    play.undo(dissolve)
    play.undo(new)
    assert play.sees("facilitators", "idea")[idea]["cluster"] == old


def test_no_cluster_goes_away_under_an_idea() -> None:
    """Not even when it is an undo that is undone."""
    play = workshop()
    cluster, other = _cluster(play), _idea(play, "card 1")
    undo = play.undo(play.do(play.facilitator, "DissolveCluster", cluster=cluster))
    move = play.do(play.facilitator, "MoveIdea", idea=other, cluster=cluster)
    assert refusal(play, play.facilitator, "Undo", command=undo) == "undo.overtaken"
    play.undo(move)
    play.undo(undo)
    assert play.sees("facilitators", "cluster") == {}


def test_an_undone_round_takes_no_ballots() -> None:
    """It is not there any more; the next start opens the first round again."""
    play = workshop()
    play.do(play.facilitator, "RevealIdeas", board="wall")
    author = next(iter(play.people.values()))[0]
    start = play.start("vote")
    gone = play.round
    undo = play.undo(start)
    assert play.sees("facilitators", "round") == {}
    assert refusal(play, author, "CastBallot", round=gone, rev=1, choices={}) == "round.unknown"
    play.undo(undo)
    assert set(play.sees(SCREEN, "round")) == {gone}
    play.undo(play.log[-1].command)
    play.start("vote")
    assert [round_["number"] for round_ in play.sees(SCREEN, "round").values()] == [1]
    with pytest.raises(Refused, match=r"round\.unknown"):
        play.do(author, "CastBallot", round=gone, rev=1, choices={})
