"""Events: written with a version, read back by every later version, blanked without breaking the replay."""

from typing import Any

import msgspec
import pytest

from facilitate.core import book, events
from facilitate.core.decide import replay, rules_of
from facilitate.core.events import Unreadable
from facilitate.core.ideas import IdeaPosted
from tests.play import RULES, Play, phase


def test_every_fact_comes_back() -> None:
    """What is written is read as it was; kinds of activities carry their activity's name."""
    play = Play(phase("brainstorm"), phase("discuss"))
    play.start("brainstorm")
    play.post(play.join(), "card")
    play.start("discuss")
    assert "discuss.Listed" in {event.kind for event in play.log}
    for event in play.log:
        fact = events.read(event.kind, event.v, event.data)
        assert events.write(fact) == (event.kind, event.v, event.data)


def test_every_fact_has_a_version_and_an_effect() -> None:
    """None can be written that cannot be carried out."""
    for kind, fact in book.FACTS.items():
        assert book.VERSIONS[kind] >= 1
        assert fact in book.EFFECTS
        assert events.kind_of(fact) == kind
        for version in range(1, book.VERSIONS[kind]):
            assert (kind, version) in book.UPCASTERS, f"no upcaster leads on from {kind} version {version}"


@pytest.mark.parametrize(
    ("kind", "v", "data"),
    [
        ("IdeaSung", 1, b"{}"),
        ("opera.Sung", 1, b"{}"),
        ("IdeaPosted", 99, b"{}"),
        ("IdeaPosted", 0, b"{}"),
        ("IdeaPosted", 1, b"{}"),
        ("IdeaPosted", 1, b'{"idea": 5}'),
        ("IdeaPosted", 1, b"not JSON"),
        ("IdeaPosted", 1, b""),
        ("IdeaPosted", 1, b"\xff"),
    ],
)
def test_unreadable(kind: str, v: int, data: bytes) -> None:
    """Unknown, of a newer version, or damaged: said so, never guessed."""
    with pytest.raises(Unreadable):
        events.read(kind, v, data)


def test_upcasting(monkeypatch: pytest.MonkeyPatch) -> None:
    """An old event is brought up step by step; what is written today is not touched."""
    monkeypatch.setitem(book.VERSIONS, "IdeaPosted", 3)
    steps: list[int] = []

    def first(fields: dict[str, Any]) -> dict[str, Any]:
        steps.append(1)
        return {"idea": fields.pop("card"), **fields}

    def second(fields: dict[str, Any]) -> dict[str, Any]:
        steps.append(2)
        return {**fields, "text": fields["text"].strip()}

    monkeypatch.setitem(book.UPCASTERS, ("IdeaPosted", 1), first)
    monkeypatch.setitem(book.UPCASTERS, ("IdeaPosted", 2), second)
    rest = {"number": 1, "board": "wall", "phase": "x", "author": "tag"}
    fact = events.read("IdeaPosted", 1, msgspec.json.encode({"card": "i", "text": " old ", **rest}))
    assert fact == IdeaPosted(idea="i", text="old", **rest)  # type: ignore[arg-type]
    assert steps == [1, 2]
    assert events.read("IdeaPosted", 3, msgspec.json.encode({"idea": "i", "text": " new ", **rest})).text == " new "  # type: ignore[attr-defined]
    with pytest.raises(Unreadable):
        events.read("IdeaPosted", 1, msgspec.json.encode({"text": " old ", **rest, "card": 7}))


def test_an_activity_brings_its_own_upcasters(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are named like its events."""
    monkeypatch.setattr(RULES.activities["discuss"], "UPCASTERS", {("Turned", 0): lambda fields: fields}, raising=False)
    rules_of(RULES.activities, RULES.methods)
    assert book.UPCASTERS.pop(("discuss.Turned", 0))({"item": "x"}) == {"item": "x"}


def test_blanking_every_place() -> None:
    """The text goes from the posting, every edit, every reason and every undo; other ideas keep theirs."""
    play = Play(phase("brainstorm"))
    play.start("brainstorm")
    secret, other = play.post(play.facilitator, "secret 1"), play.post(play.facilitator, "public")
    edit = play.do(play.facilitator, "EditIdea", idea=secret, text="secret 2")
    play.undo(edit)
    play.do(play.facilitator, "HideIdea", idea=secret, reason="secret 3")
    play.undo(play.do(play.facilitator, "RestoreIdea", idea=secret))
    assert play.written().count(b"secret ") >= 5
    kinds = [(event.seq, event.kind, event.by, event.check, event.at) for event in play.log]
    play.do(play.facilitator, "EraseIdea", idea=secret)
    assert b"secret " not in play.written()
    assert b"public" in play.written()
    assert [(event.seq, event.kind, event.by, event.check, event.at) for event in play.log][:-1] == kinds
    assert replay(play.log) == play.state
    assert play.state.ideas[secret].state == "erased"
    assert play.state.ideas[other].text == "public"


def test_an_event_without_their_text_is_left_alone() -> None:
    """It is the same object, so a store knows that it has nothing to write."""
    play = Play(phase("brainstorm"))
    play.start("brainstorm")
    idea = play.post(play.join(), "card")
    assert [events.blanked(event, frozenset([idea])) is event for event in play.log] == [True] * 5 + [False]


def test_replay_needs_the_log_alone() -> None:
    """Also in the middle of it: any first part of a log is a state."""
    play = Play(phase("brainstorm"), phase("vote", of="ideas"))
    play.start("brainstorm")
    person = play.join()
    idea = play.post(person, "card")
    play.start("vote")
    play.vote(person, **{idea: 1})
    for end in range(1, len(play.log) + 1):
        assert replay(play.log[:end]).seq == end
    assert replay(play.log) == play.state
