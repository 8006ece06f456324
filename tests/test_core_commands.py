"""Commands from outside: a repeat gets its answer, and whatever else comes in is read or refused, never an accident."""

import time
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitate.core import book, commands
from facilitate.core.commands import read
from facilitate.core.refused import Refused
from tests.play import Play, key_of, phase, refusal

ID = "command-with-an-id"


def brainstorming() -> Play:
    play = Play(phase("brainstorm"), phase("vote", of="ideas"), phase("discuss"))
    play.start("brainstorm")
    return play


# --- repeats


def test_a_repeat_gets_the_same_answer() -> None:
    """Also when more has happened since, and after a restart; and nothing happens twice."""
    play = brainstorming()
    person = play.join()
    raw = {"kind": "PostIdea", "id": ID, "phase": "brainstorm", "text": "once"}
    answer = play.give(person, raw)
    play.post(play.join(), "more")
    play.start("vote")
    play.wait(1000)
    events = len(play.log)
    assert play.give(person, dict(reversed(raw.items()))) == answer
    play.restart()
    assert play.give(person, raw) == answer
    assert len(play.log) == events


def test_several_events_have_one_answer() -> None:
    """It is the number of the last of them, so that whoever waits for it has seen them all."""
    play = brainstorming()
    raw = {"kind": "StartPhase", "id": ID, "phase": "vote"}
    answer = play.give(play.facilitator, raw)
    assert answer == play.state.seq == play.log[-1].seq
    assert sum(event.command == ID for event in play.log) > 1
    assert play.give(play.facilitator, raw) == answer


@pytest.mark.parametrize("restart", [False, True])
def test_another_use_of_an_id(restart: bool) -> None:
    """Another text, another kind, another person, another role: taken."""
    play = brainstorming()
    person = play.join()
    raw = {"kind": "PostIdea", "id": ID, "phase": "brainstorm", "text": "mine"}
    play.give(person, raw)
    if restart:
        play.restart()
    for actor, other in (
        (person, raw | {"text": "other"}),
        (person, raw | {"text": "mine "}),
        (person, {"kind": "Join", "id": ID}),
        (play.person(), raw),
        (play.facilitator, raw),
    ):
        with pytest.raises(Refused, match=r"id\.taken"):
            play.give(actor, other)
    assert play.texts("screens") == ["mine"]


def test_a_refused_command_may_be_given_again() -> None:
    """A refusal uses nothing up: shortened, the text goes out under the same id."""
    play = brainstorming()
    person = play.join()
    raw = {"kind": "PostIdea", "id": ID, "phase": "brainstorm", "text": "x" * 141}
    with pytest.raises(Refused, match=r"text\.long"):
        play.give(person, raw)
    play.give(person, raw | {"text": "x" * 140})


def test_half_an_emoji_is_cut_off() -> None:
    """A browser may cut a text in the middle of a sign; the rest of it is not lost for that."""
    play = brainstorming()
    person = play.join()
    raw = {"kind": "PostIdea", "id": ID, "phase": "brainstorm", "text": "good \ud83d"}
    assert play.give(person, raw) == play.give(person, raw)
    assert play.texts("screens") == ["good"]


# --- whatever comes


@pytest.mark.parametrize(
    "raw",
    [
        None, 1, "PostIdea", [], {}, [["kind", "Join"]],
        {"kind": "Join"}, {"id": ID}, {"kind": None, "id": ID}, {"kind": ["Join"], "id": ID},
        {"kind": "Join", "id": "short"}, {"kind": "Join", "id": "x" * 41}, {"kind": "Join", "id": 10**20},
        {"kind": "Join", "id": f"{ID}\n"}, {"kind": "Join", "id": f"{ID}/../x"}, {"kind": "Join", "id": "ä" * 20},
        {"kind": "Join", "id": ID, "role": "facilitator"},
        {"kind": "Join", "id": ID, "name": 7}, {"kind": "Join", "id": ID, "attributes": {"a": None}},
        {"kind": "PostIdea", "id": ID}, {"kind": "PostIdea", "id": ID, "phase": "x"},
        {"kind": "PostIdea", "id": ID, "phase": "x", "text": None},
        {"kind": "PostIdea", "id": ID, "phase": "x", "text": "y", "late": False},
        {"kind": "EditIdea", "id": ID, "idea": "x", "text": "y", "column": None},
        {"kind": "CastBallot", "id": ID, "round": "x", "rev": 1, "choices": {"a": float("nan")}},
        {"kind": "CastBallot", "id": ID, "round": "x", "rev": 1, "choices": {"a": float("inf")}},
        {"kind": "CastBallot", "id": ID, "round": "x", "rev": 1, "choices": {"a": 1.5}},
        {"kind": "CastBallot", "id": ID, "round": "x", "rev": 1, "choices": {"a": True}},
        {"kind": "CastBallot", "id": ID, "round": "x", "rev": "1", "choices": {}},
        {"kind": "CastBallot", "id": ID, "round": "x", "rev": 1, "choices": [["a", 1]]},
        {"kind": "FormCluster", "id": ID, "ideas": "abc"}, {"kind": "FormCluster", "id": ID, "ideas": [None]},
        {"kind": "LockBoard", "id": ID, "board": "wall", "locked": 1},
        {"kind": "ExtendPhase", "id": ID, "phase": "x", "seconds": 1e400},
    ],
    ids=str,
)  # fmt: skip
def test_malformed(raw: Any) -> None:
    """Not an object, no kind, no good id, fields missing, of another type, or not known."""
    with pytest.raises(Refused, match=r"command\.malformed"):
        read(raw)


@pytest.mark.parametrize(
    "kind", ["Fly", "", "IdeaPosted", "SessionCreated", "Command", "__class__", "\ud800", "x" * 9999]
)
def test_unknown_kinds(kind: str) -> None:
    """The answer repeats the name, so it must be short and fit to be sent."""
    with pytest.raises(Refused, match=r"command\.unknown") as refused:
        read({"kind": kind, "id": ID})
    assert len(refused.value.values["kind"].encode()) <= 40


def test_the_clock_and_new_sessions_have_no_door() -> None:
    """What only the server itself does, nobody can ask for."""
    play = brainstorming()
    for actor in (play.join(), play.facilitator):
        assert refusal(play, actor, "RunOut", phase="brainstorm") == "role.refused"
    assert "SessionCreated" not in book.COMMANDS


def test_nested_garbage() -> None:
    """However deep it goes."""
    deep: Any = {}
    for _ in range(100_000):
        deep = {"choices": deep}
    for raw in (deep, {"kind": "CastBallot", "id": ID, "round": "x", "rev": 1, "choices": deep}):
        with pytest.raises(Refused, match=r"command\.malformed"):
            read(raw)


def test_a_text_of_ten_megabytes() -> None:
    """Refused at once."""
    play = brainstorming()
    person = play.join()
    began = time.perf_counter()
    assert refusal(play, person, "PostIdea", phase="brainstorm", text="x" * 10_000_000) == "text.long"
    assert time.perf_counter() - began < 1


def test_huge_numbers_are_numbers() -> None:
    """They are refused for what they are, and compare with an earlier command of the same id."""
    play = brainstorming()
    person = play.join()
    idea = play.post(person, "card")
    play.start("vote")
    raw = {"kind": "CastBallot", "id": ID, "round": play.round, "rev": 1, "choices": {idea: 1}}
    play.give(person, raw)
    with pytest.raises(Refused, match=r"id\.taken"):
        play.give(person, raw | {"choices": {idea: 10**400}})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = sorted({field.name for kind in book.COMMANDS.values() for field in msgspec.structs.fields(kind)} - {"id"})


@settings(max_examples=200)
@given(
    st.sampled_from(sorted(book.COMMANDS)),
    st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), JSON, max_size=4),
    st.booleans(),
)
def test_random_fields(kind: str, fields: dict[str, Any], only_known: bool) -> None:
    """Any kind with any fields is read or refused; read, it has bytes of its own and is decided or refused."""
    known = {field.name for field in msgspec.structs.fields(book.COMMANDS[kind])}
    if only_known:
        fields = {name: value for name, value in fields.items() if name in known}
    raw = {**fields, "kind": kind, "id": ID}
    key = key_of(lambda: commands.content(read(raw)))
    assert key in ("", "command.malformed")
    play = brainstorming()
    for actor in (play.person(), play.facilitator):
        assert key_of(lambda actor=actor: play.give(actor, raw)) == key or not key  # type: ignore[misc]


@given(JSON)
def test_random_json(raw: Any) -> None:
    """Nothing that is no command is taken for one."""
    with pytest.raises(Refused):
        read(raw)


REFERENCES = st.sampled_from(["brainstorm", "vote", "wall", "side", "main", "idea-0000000000001", "", "x", "\ud800"])


@settings(max_examples=200)
@given(st.data())
def test_random_commands(data: st.DataObject) -> None:
    """Well-formed commands with senseless values: carried out or refused with a key, for every role."""
    kind = data.draw(st.sampled_from(sorted(book.COMMANDS)))
    struct = book.COMMANDS[kind]
    fields = {field.name: data.draw(_values(field.type), field.name) for field in msgspec.structs.fields(struct)}
    play = brainstorming()
    person = play.join()
    play.post(person, "card", id="idea-0000000000001")
    play.start(data.draw(st.sampled_from(["brainstorm", "vote", "discuss"])))
    fields = {name: value for name, value in fields.items() if value is not msgspec.UNSET} | {"id": ID, "kind": kind}
    for actor in (person, play.facilitator):
        events, key = len(play.log), key_of(lambda actor=actor: play.give(actor, fields))  # type: ignore[misc]
        assert not (key and len(play.log) > events)


def _values(type_: Any) -> st.SearchStrategy[Any]:
    text = REFERENCES | st.text(st.characters(), max_size=5)
    if type_ is int:
        return st.integers()
    if type_ is bool:
        return st.booleans()
    if type_ == dict[str, int]:
        return st.dictionaries(text, st.integers(), max_size=3)
    if "tuple" in str(type_):
        return st.lists(text, max_size=3)
    if "dict" in str(type_):
        return st.none() | st.dictionaries(text, text, max_size=3)
    if "int" in str(type_):
        return st.none() | st.integers()
    if "None" in str(type_):
        return st.none() | text
    return text
