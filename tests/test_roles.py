"""Who may do what when: every command by every role, every activity's participants in every state of a phase."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import facilitate
from facilitate.core import book, roles
from facilitate.core.actors import CLOCK, Actor
from facilitate.core.phases import GRACE
from facilitate.core.refused import Refused
from facilitate.languages import catalogue
from tests.play import RULES, SCREEN, Play, phase, refusal

PLURAL = re.compile(r"_(zero|one|two|few|many|other)$")
CODE = Path(facilitate.__file__).parent
IN_TIME, LATE = GRACE / 1000, GRACE / 1000 + 1

# What is given from a phone alone: everybody acts for themselves there.
PHONES = {
    "Join", "CastBallot", "SetPeople", "RaiseHand", "CallHelp", "LowerHand", "MarkReady", "JoinGroup", "GiveAnswer",
    "WithdrawAnswer", "PostComment", "WithdrawComment", "PlusOne", "RestoreOwn",
}  # fmt: skip
ROLES = {
    "participant": {
        "PostIdea", "EditIdea", "WithdrawIdea", "FormCluster", "MoveIdea", "RenameCluster", "DissolveCluster",
        "ChooseIdea", "StayAsHost", *PHONES,
    },
    "facilitator": set(book.COMMANDS) - {"RunOut", "FormGroups", "DeleteSession"} - PHONES,
    "theme": {
        "FormCluster", "FormClusters", "MoveIdea", "MoveIdeas", "RenameCluster", "DissolveCluster", "SplitCluster",
        "MergeClusters", "SetAside", "MergeIdeas", "SplitIdeas", "Undo",
    },
    "moderator": {
        "AcceptIdea", "ReturnIdea", "RejectIdea", "HideIdea", "RestoreIdea", "AdmitLate", "MuteAuthor", "UnmuteAuthor",
        "HideComment", "RestoreComment", "HideAnswer", "RestoreAnswer",
        "PostIdea", "EditIdea", "WithdrawIdea", "AnswerHand", "LetIn", "TurnAway", "Undo",
    },
    "screen": set(),
    "clock": {"RunOut", "DeleteSession", "FormGroups"},
}  # fmt: skip


ACTORS = {
    "theme": Actor("theme", "t1", b"a helper's secret"),
    "moderator": Actor("moderator", "m1", b"another's secret"),
    "screen": SCREEN,
    "clock": CLOCK,
}


def workshop(activity: str = "brainstorm", **settings: Any) -> tuple[Play, Actor]:
    """A session with something of everything, before its phase `it`; and somebody who wrote a card on the wall."""
    return workshop_in(planned, activity, **settings)


def workshop_in(state: Callable[[Play], None], activity: str, **settings: Any) -> tuple[Play, Actor]:
    """The same, with its phase `it` in one of STATES."""
    play, person = _workshop(state, activity, tuple(settings.items()))
    return play.copy(), person


@cache
def _workshop(
    state: Callable[[Play], None], activity: str, settings: tuple[tuple[str, Any], ...]
) -> tuple[Play, Actor]:
    given = ({"of": "ideas"} if activity == "vote" else {}) | dict(settings)
    play = Play(phase("brainstorm", "before"), phase(activity, "it", **given), phase("pause", "after"))
    play.start("before")
    person = play.join()
    for number in range(4):
        play.post(person, f"card {number}", id=f"idea-000000000000{number}")
    play.post(play.facilitator, "from the desk", id="idea-0000000desk0")
    play.do(play.facilitator, "FormCluster", ideas=["idea-0000000000000"], id="cluster-0000000000", title="Together")
    play.do(play.facilitator, "EndPhase", phase="before")
    play.wait(LATE)
    state(play)
    return play, person


def fields(play: Play, kind: str) -> dict[str, Any]:
    """The fields of a command that makes sense in the workshop."""
    idea, cluster = "idea-0000000000001", "cluster-0000000000"
    round_ = next(iter(play.state.rounds), "none")
    mine = [idea.id for idea in play.state.ideas.values() if idea.phase == "it"]
    commands: dict[str, dict[str, Any]] = {
        "PostIdea": {"phase": "it", "text": "new"},
        "EditIdea": {"idea": mine[-1] if mine else idea, "text": "other"},
        "WithdrawIdea": {"idea": mine[-1] if mine else idea},
        "CastBallot": {"round": round_, "rev": 1, "choices": {idea: 1}},
        "FormCluster": {"ideas": [idea], "title": "New"},
        "MoveIdea": {"idea": idea, "cluster": cluster},
        "RenameCluster": {"cluster": cluster, "title": "Other"},
        "DissolveCluster": {"cluster": cluster},
        "MoveIdeas": {"ideas": [idea], "cluster": cluster}, "SetAside": {"ideas": [idea]},
        "SplitCluster": {"cluster": cluster, "ideas": ["idea-0000000000000"]},
        "MergeClusters": {"into": cluster, "clusters": [cluster]},
        "FormClusters": {"board": "wall", "drafts": [{"ideas": [idea]}]},
        "MergeIdeas": {"keep": idea, "ideas": ["idea-0000000000002"]}, "SplitIdeas": {"ideas": [idea]},
        "HideIdea": {"idea": idea}, "RestoreIdea": {"idea": idea}, "AdmitLate": {"idea": idea},
        "EraseIdea": {"idea": idea}, "RevealIdeas": {"board": "wall"}, "Peek": {"board": "wall"},
        "LockBoard": {"board": "wall", "locked": True}, "ShowResults": {"round": round_},
        "CloseRound": {"round": round_},
        "TakeNote": {"phase": "it", "item": idea, "text": "note"}, "Show": {"what": "black"},
        "Undo": {"command": cluster}, "discuss.Turn": {"phase": "it", "item": None},
        "StartPhase": {"phase": "it"}, "Begin": {"phase": "it"}, "EndPhase": {"phase": "it"},
        "ExtendPhase": {"phase": "it", "seconds": 60}, "PausePhase": {"phase": "it"}, "ResumePhase": {"phase": "it"},
        "SetDoor": {"door": "approval"}, "LetIn": {"participant": "nobody"}, "TurnAway": {"participant": "nobody"},
        "SetPeople": {"people": 3}, "CountHands": {"round": round_, "option": idea, "n": 3},
        "RaiseHand": {}, "CallHelp": {"table": "4"}, "LowerHand": {"hand": idea}, "AnswerHand": {"hand": idea},
        "AllowHands": {"allowed": True},
        "AcceptIdea": {"idea": idea}, "ReturnIdea": {"idea": idea, "reason": "why"},
        "RejectIdea": {"idea": idea, "reason": "why"}, "MuteAuthor": {"idea": idea}, "UnmuteAuthor": {"idea": idea},
        "RemoveAuthor": {"idea": idea}, "FreezeBoard": {"board": "wall", "frozen": True}, "RestoreOwn": {"idea": idea},
        "PostComment": {"phase": "it", "idea": idea, "text": "new"}, "PlusOne": {"phase": "it", "idea": idea},
        **{kind: {"comment": idea} for kind in ("WithdrawComment", "HideComment", "RestoreComment", "EraseComment")},
        **{kind: {"answer": idea} for kind in ("HideAnswer", "RestoreAnswer", "EraseAnswer")},
        "GiveAnswer": {"phase": "it", "value": 1}, "WithdrawAnswer": {"phase": "it"}, "ShowAnswers": {"phase": "it"},
        "MarkReady": {"phase": "it"}, "BringEverybody": {}, "SetSound": {"on": True}, "VoteAgain": {"phase": "it"},
        "InsertPhase": {"activity": "pause", "title": {"en": "New"}}, "RepeatPhase": {"phase": "it"},
        "SkipPhase": {"phase": "after"}, "MovePhase": {"phase": "after"}, "RemovePhase": {"phase": "after"},
        "ChangePhase": {"phase": "it", "title": {"en": "Other"}},
        "CarryForward": {"board": "wall", "phase": "it"}, "ChooseIdea": {"idea": idea},
        "FormGroups": {"phase": "it", "people": 3}, "JoinGroup": {"phase": "it"}, "StayAsHost": {"phase": "it"},
        "MergeGroups": {"group": "none", "into": "other"}, "MoveMember": {"member": "none", "group": "other"},
        "PromptGroup": {"group": "none", "prompt": "new"},
        "OpenScreen": {"screen": "second"}, "CloseScreen": {"screen": "main"},
        "RunOut": {"phase": "it"}, "Join": {}, "EndSession": {}, "DeleteSession": {},
    }  # fmt: skip
    return commands[kind]


def planned(play: Play) -> None: ...


def waiting(play: Play) -> None:
    play.start("it")


def opened(play: Play) -> None:
    play.start("it")
    if play.state.phases["it"].state == "waiting":
        play.do(play.facilitator, "Begin", phase="it")


def closed(play: Play) -> None:
    """Time ran out where that closes anything; elsewhere it stays open."""
    opened(play)
    play.wait(60)
    if play.state.phases["it"].settings.get("closes"):
        play.do(CLOCK, "RunOut", phase="it")


def ended_just_now(play: Play) -> None:
    opened(play)
    play.start("after")
    play.wait(IN_TIME)


def ended(play: Play) -> None:
    opened(play)
    play.start("after")
    play.wait(LATE)


def session_ended(play: Play) -> None:
    opened(play)
    play.do(play.facilitator, "EndSession")
    play.wait(LATE)


STATES = [planned, waiting, opened, closed, ended_just_now, ended, session_ended]
OPEN = [waiting, opened]
WITHIN = [*OPEN, closed, ended_just_now]  # closed: just now


# --- roles


def test_roles_are_those_of_the_contract() -> None:
    """Each command names its roles; a new one must be entered here."""
    assert {role: set(roles.kinds_of(role)) for role in ROLES} == ROLES  # type: ignore[arg-type]
    assert set().union(*roles.HELPERS.values()) <= set(book.COMMANDS), "a helper may what nobody can"


@pytest.mark.parametrize("kind", sorted(book.COMMANDS))
@pytest.mark.parametrize("role", ROLES)
def test_roles(kind: str, role: str) -> None:
    """In every state of a phase: carried out or refused with a key; a wrong role always with `role.refused`."""
    for state, activity in product(STATES, ("brainstorm", "vote", "discuss")):
        play, person = workshop_in(state, activity, **WITH.get(activity, {}))
        actor = {**ACTORS, "participant": person, "facilitator": play.facilitator}[role]
        key = refusal(play, actor, kind, **fields(play, kind))
        if kind not in ROLES[role]:
            assert key == "role.refused"
        assert key in sentences() | {""}


WITH: dict[str, dict[str, Any]] = {
    "brainstorm": {"begin": "on-go", "minutes": 1, "closes": True},
    "vote": {"begin": "on-go", "minutes": 1, "closes": True},
}


# --- helpers


def test_a_helper_takes_back_only_what_was_their_own() -> None:
    """The theme desk's own move, not the facilitator's; a facilitator takes back both; also after a restart."""
    play, _ = workshop()
    theme = ACTORS["theme"]
    cluster = "cluster-0000000000"
    own = play.do(theme, "MoveIdea", idea="idea-0000000000001", cluster=cluster)
    ours = play.do(play.facilitator, "MoveIdea", idea="idea-0000000000002", cluster=cluster)
    other = play.do(theme, "MoveIdea", idea="idea-0000000000003", cluster=cluster)
    play.restart()
    assert refusal(play, theme, "Undo", command=ours) == "role.refused"
    assert refusal(play, ACTORS["moderator"], "Undo", command=own) == "role.refused"
    assert refusal(play, Actor("theme", "t2", b"x"), "Undo", command=own) == "role.refused"
    play.do(theme, "Undo", command=own)
    play.undo(ours)
    play.undo(other)
    assert [idea.id for idea in play.state.in_cluster(cluster)] == ["idea-0000000000000"]


def test_the_theme_desk_sorts_before_and_after_the_phase() -> None:
    """Whether the phase lets participants sort or not."""
    for state in STATES[:-1]:
        play, _ = workshop()
        state(play)
        assert refusal(play, ACTORS["theme"], "FormCluster", **fields(play, "FormCluster")) == ""


def test_a_moderator_writes_for_the_room() -> None:
    """The card is the desk's; whoever moderates mends their own, and nobody else's."""
    play, _ = workshop()
    moderator = ACTORS["moderator"]
    play.start("it")
    card = play.post(moderator, "from the table without a phone", phase="it")
    assert play.sees("facilitators", "idea")[card]["source"] == "desk"
    play.do(moderator, "EditIdea", idea=card, text="mended")
    assert refusal(play, moderator, "EditIdea", idea="idea-0000000desk0", text="x") == "role.refused"
    assert refusal(play, moderator, "WithdrawIdea", idea="idea-0000000000001") == "role.refused"
    play.do(play.facilitator, "EditIdea", idea=card, text="mended twice")
    play.do(moderator, "WithdrawIdea", idea=card)


def test_helpers_see_what_facilitators_see() -> None:
    """Their signature in the log says which desk it was, and never looks like a participant's."""
    play, _ = workshop()
    play.do(ACTORS["theme"], "FormCluster", ideas=["idea-0000000000001"], title="By a helper")
    assert play.log[-1].by == "theme:t1"
    assert "By a helper" in {cluster["title"] for cluster in play.sees("facilitators", "cluster").values()}


# --- phases

# What participants may do in a phase of an activity, and in which states of it. What is not here they never may.
MAY: dict[tuple[str, str], dict[str, list[Any]]] = {
    ("welcome", ""): {},
    ("pause", ""): {},
    ("discuss", ""): {},
    ("check_in", ""): {"GiveAnswer": WITHIN, "WithdrawAnswer": WITHIN},
    ("reflect", ""): {"WithdrawAnswer": WITHIN},  # it takes words, and no step of a scale
    ("brainstorm", ""): {"PostIdea": [*WITHIN, ended, session_ended], "EditIdea": WITHIN, "WithdrawIdea": WITHIN},
    ("cluster", "facilitators"): {},
    ("cluster", "own"): {"MoveIdea": OPEN},
    ("cluster", "everyone"): dict.fromkeys(("FormCluster", "MoveIdea", "RenameCluster", "DissolveCluster"), OPEN),
    ("vote", ""): {"CastBallot": WITHIN},
    ("vote", "takes_ideas"): {
        "CastBallot": WITHIN,
        "PostIdea": [*WITHIN, ended, session_ended],
        "EditIdea": WITHIN,
        "WithdrawIdea": WITHIN,
    },
}


def settings_of(activity: str, variant: str) -> dict[str, Any]:
    more: dict[str, Any] = {"who": variant} if activity == "cluster" else {"takes_ideas": True} if variant else {}
    return {**WITH.get(activity, {"begin": "on-go"}), **more}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("activity", "variant"), MAY, ids=str)
def test_what_participants_may_do(activity: str, variant: str, state: Any) -> None:
    """Exactly what stands in MAY: in time, in the grace time, and, for ideas alone, late."""
    if activity not in ("brainstorm", "vote") and state is closed:
        state = opened  # nothing closes by itself there
    done = set()
    for kind in set().union(*MAY.values()):
        play, person = workshop(activity, **settings_of(activity, variant))
        if kind in ("EditIdea", "WithdrawIdea") and "PostIdea" in MAY[activity, variant] and state is not planned:
            waiting(play)
            play.post(person, "mine", phase="it")
        state(play)
        if not refusal(play, person, kind, **fields(play, kind)):
            done.add(kind)
    assert done == {kind for kind, states in MAY[activity, variant].items() if state in states}


def test_every_activity_is_here() -> None:
    """A new activity says here what its participants may do."""
    assert {activity for activity, _ in MAY} == set(RULES.activities)


@pytest.mark.parametrize(
    ("state", "visible"),
    [(waiting, "open"), (opened, "open"), (closed, "open"), (ended_just_now, "open"), (ended, "late")],
)
def test_what_becomes_of_an_idea(state: Any, visible: str) -> None:
    """It never goes to another board, and never gets lost."""
    play, person = workshop(**WITH["brainstorm"])
    state(play)
    idea = play.post(person, "new", phase="it")
    assert play.sees("facilitators", "idea")[idea]["state"] == visible
    assert (idea in play.sees("screens", "idea")) == (visible == "open")


# --- refusals


@cache
def sentences() -> set[str]:
    """The keys that every language has a sentence for."""
    return {PLURAL.sub("", key.removeprefix("error.")) for key in catalogue("en").entries() if key.startswith("error.")}


def refusals_in(path: Path) -> Iterator[tuple[str, set[str]]]:
    """Every key that a file refuses with, where it is written out, and the names of the values that go with it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
            first = node.args[0]
            values = {str(keyword.arg) for keyword in node.keywords}
            for key in [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]:
                if isinstance(key, ast.Constant):
                    yield str(key.value), values


def test_every_refusal_has_a_sentence() -> None:
    """In every file of the program."""
    used = {(path.name, key) for path in CODE.rglob("*.py") for key, _ in refusals_in(path)}
    assert len(used) > 30
    assert {(file, key) for file, key in used if key not in sentences()} == set()


def test_every_sentence_gets_its_values() -> None:
    """What a sentence has a place for, the refusal brings."""
    places: dict[str, set[str]] = {}
    for entry, text in catalogue("en").entries().items():
        places.setdefault(PLURAL.sub("", entry), set()).update(re.findall(r"\{(\w+)\}", text))
    for path in CODE.rglob("*.py"):
        for key, values in refusals_in(path):
            assert places.get(f"error.{key}", set()) <= values, (path.name, key)


def test_a_refusal_as_it_is_sent() -> None:
    """Key, values for the sentence, and when to try again, if that helps."""
    assert Refused("limit.reached", n=3).as_error() == {"key": "limit.reached", "values": {"n": 3}}
    assert Refused("session.busy", retry=2.0).as_error() == {"key": "session.busy", "values": {}, "retry": 2.0}
