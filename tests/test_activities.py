"""Every activity keeps the contract: the file is found, its settings are checked, and a session plays it to its end."""

import json
from copy import deepcopy
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from facilitate import activities
from facilitate.core import book, commands
from facilitate.core.decide import replay
from facilitate.core.refused import Refused
from facilitate.languages import catalogue
from tests.play import RULES, Play, phase, refusal

FOLDER = Path(activities.__file__).parent
NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
PARTICIPANTS = {kind for kind, roles in book.ROLES.items() if "participant" in roles}
WORKS = ["PostIdea", "EditIdea", "WithdrawIdea", "CastBallot", "FormCluster", "MoveIdea", "RenameCluster"]


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def activity(name: str) -> ModuleType:
    return activities.modules()[name]


def test_the_folder_is_the_registry() -> None:
    """An activity is there because its file is there."""
    assert sorted(activities.modules()) == NAMES
    assert {"welcome", "brainstorm", "cluster", "vote", "discuss", "pause"} <= set(NAMES)


def test_it_says_what_it_is(activity: ModuleType, name: str) -> None:
    """In its docstring, and in every language."""
    assert activity.__doc__
    for language in ("en", "de"):
        assert catalogue(language).say(f"activity.{name}")


def test_its_defaults_are_good(activity: ModuleType) -> None:
    """They pass its own check, can be written as JSON, and nothing changes them."""
    before = deepcopy(activity.DEFAULTS)
    activity.check(deepcopy(activity.DEFAULTS), RULES.methods)
    assert json.loads(json.dumps(activity.DEFAULTS)) == before
    assert isinstance(activity.NEEDS_BOARD, bool)


@pytest.mark.parametrize("wrong", ["text", -1, 10**9, 2.5, True, None, [], [1], {"en": 1}, {1: "x"}], ids=str)
def test_wrong_settings_are_named(activity: ModuleType, wrong: Any) -> None:
    """Whatever stands in a setting is taken, or refused with the setting's name; no setting takes everything."""
    mistakes = {}
    for key in activity.DEFAULTS:
        try:
            activity.check({**deepcopy(activity.DEFAULTS), key: wrong}, RULES.methods)
        except ValueError as mistake:
            mistakes[key] = str(mistake)
    assert [key for key, mistake in mistakes.items() if not mistake.startswith(f"{key}: ")] == []


def test_no_setting_takes_everything(activity: ModuleType) -> None:
    """Each is checked at all."""
    for key in activity.DEFAULTS:
        with pytest.raises(ValueError, match=f"^{key}: "):
            activity.check({**deepcopy(activity.DEFAULTS), key: [object()]}, RULES.methods)


def test_it_allows_only_what_participants_can_do(activity: ModuleType) -> None:
    """`allows` answers for every kind, and never lets phones do what is the desk's."""
    allowed = {kind for kind in book.COMMANDS if activity.allows(kind, activity.DEFAULTS)}
    assert allowed <= PARTICIPANTS
    assert not activity.allows("NoSuchCommand", activity.DEFAULTS)


def test_its_own_commands_and_facts_are_in_the_book(activity: ModuleType, name: str) -> None:
    """Under its name, with roles, a decision and an effect."""
    for command in getattr(activity, "COMMANDS", ()):
        assert commands.kind_of(command) == f"{name}.{command.__name__}"
        assert book.COMMANDS[f"{name}.{command.__name__}"] is command
        assert book.ROLES[f"{name}.{command.__name__}"]
    for fact, version in getattr(activity, "FACTS", {}).items():
        assert book.VERSIONS[f"{name}.{fact.__name__}"] == version
        assert book.EFFECTS[fact] is activity.evolve


def test_it_can_be_played(name: str) -> None:
    """Started, written in, voted in, ended, gone back to; everybody can be shown it, and the log replays."""
    play = Play(phase("brainstorm", "before"), phase(name, "it"), phase("pause", "after"))
    play.start("before")
    person = play.join()
    ideas = [play.post(person, text) for text in ("one", "two")]
    play.do(play.facilitator, "FormCluster", title="Together", ideas=ideas[:1])
    for _ in range(2):
        play.start("it")
        record = play.sees("participants", "phase")["it"]
        assert (record["activity"], record["state"]) == (name, "open")
        for kind in WORKS:
            assert refusal(play, person, kind, **_fields(play, kind)) != "role.refused"
        play.do(play.facilitator, "EndPhase", phase="it")
        play.start("after")
    assert replay(play.log) == play.state
    held = play.holds("participants")
    play.restart()
    assert play.holds("participants") == held
    assert msgspec.json.decode(held["phase", "it"])["state"] == "ended"


def _fields(play: Play, kind: str) -> dict[str, Any]:
    idea, cluster = next(iter(play.state.ideas)), next(iter(play.state.clusters))
    fields: dict[str, dict[str, Any]] = {
        "PostIdea": {"phase": "it", "text": "new"},
        "EditIdea": {"idea": idea, "text": "other"},
        "WithdrawIdea": {"idea": idea},
        "CastBallot": {"round": list(play.state.rounds)[-1] if play.state.rounds else "none", "rev": 1, "choices": {}},
        "FormCluster": {"ideas": [idea]},
        "MoveIdea": {"idea": idea, "cluster": cluster},
        "RenameCluster": {"cluster": cluster, "title": "Other"},
    }
    return fields[kind]


# --- what single activities promise


def test_brainstorm_asks_for_private_before_strict() -> None:
    """Nobody can peek at what is open anyway."""
    with pytest.raises(ValueError, match=r"^strict: "):
        RULES.activities["brainstorm"].check({**RULES.activities["brainstorm"].DEFAULTS, "strict": True}, {})


def test_discuss_goes_through_the_voted_items() -> None:
    """Best first, at most `top`; the desk says which one is talked about, and a note is seen by all."""
    play = Play(phase("brainstorm"), phase("vote", of="ideas"), phase("discuss", top=2))
    play.start("brainstorm")
    people = [play.join() for _ in range(3)]
    one, two, three = (play.post(person, text) for person, text in zip(people, ("one", "two", "three"), strict=True))
    play.start("vote")
    play.vote(people[0], **{three: 2, two: 1})
    play.start("discuss")
    assert play.sees("screens", "phase")["discuss"]["doing"] == {"items": [three, two], "item": None}
    play.do(play.facilitator, "discuss.Turn", phase="discuss", item=two)
    assert play.sees("screens", "phase")["discuss"]["doing"]["item"] == two
    with pytest.raises(Refused, match=r"idea\.unknown"):
        play.do(play.facilitator, "discuss.Turn", phase="discuss", item=one)
    with pytest.raises(Refused, match=r"phase\.over"):
        play.do(play.facilitator, "discuss.Turn", phase="vote", item=two)
    play.do(play.facilitator, "TakeNote", phase="discuss", item=two, text="Agreed:\nsoon")
    assert [note["text"] for note in play.sees("screens", "note").values()] == ["Agreed:\nsoon"]


def test_discuss_without_a_vote() -> None:
    """Clusters, the fullest first; without clusters the ideas."""
    play = Play(phase("brainstorm"), phase("discuss"))
    play.start("brainstorm")
    person = play.join()
    ideas = [play.post(person, text) for text in ("one", "two", "three")]
    play.start("discuss")
    assert play.sees("screens", "phase")["discuss"]["doing"]["items"] == ideas
    small = play.do(play.facilitator, "FormCluster", ideas=ideas[:1])
    large = play.do(play.facilitator, "FormCluster", ideas=ideas[1:])
    play.start("brainstorm")
    play.start("discuss")
    assert play.sees("screens", "phase")["discuss"]["doing"]["items"] == [large, small]


def test_notes_may_be_the_desks_own() -> None:
    """Where the format does not show them."""
    play = Play(phase("brainstorm"), phase("discuss", show_notes=False))
    play.start("brainstorm")
    idea = play.post(play.join(), "card")
    play.start("discuss")
    play.do(play.facilitator, "TakeNote", phase="discuss", item=idea, text="delicate")
    assert play.sees("facilitators", "note")
    assert b"delicate" not in play.sent("participants") + play.sent("screens")
