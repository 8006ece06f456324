"""Every vote method keeps the contract: a ballot is checked, all are tallied, and each single vote counts the same."""

from copy import deepcopy
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitate import votes
from facilitate.languages import catalogue
from tests.play import Play, key_of, phase

NAMES = sorted(path.stem for path in Path(votes.__file__).parent.glob("*.py") if path.stem != "__init__")
METHODS = votes.modules()
OPTIONS = ("one", "two", "three")
BALLOT = st.dictionaries(st.sampled_from(OPTIONS), st.integers(1, 4))


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def method(name: str) -> ModuleType:
    return METHODS[name]


def is_good(method: ModuleType, ballot: dict[str, int], settings: dict[str, Any] | None = None) -> bool:
    key = key_of(lambda: method.check(ballot, settings or method.DEFAULTS))
    assert not key or f"error.{key}" in {entry.split("_")[0] for entry in catalogue("en").entries()}
    return not key


def test_the_folder_is_the_registry() -> None:
    """A method is there because its file is there."""
    assert sorted(METHODS) == NAMES
    assert {"dots", "approval"} <= set(NAMES)


def test_it_says_what_it_is(method: ModuleType, name: str) -> None:
    """In its docstring, and in every language."""
    assert method.__doc__
    for language in ("en", "de"):
        assert catalogue(language).say(f"method.{name}")


def test_everybody_may_abstain(method: ModuleType) -> None:
    """An empty ballot is good, and a round without ballots has an empty tally."""
    assert is_good(method, {})
    assert method.tally([], method.DEFAULTS) == []
    assert all(number == 0 for _, number in method.tally([{}], method.DEFAULTS))


@given(st.data())
def test_any_ballot_is_good_or_refused(data: st.DataObject) -> None:
    """With a key, never by accident; and checking changes nothing."""
    method = METHODS[data.draw(st.sampled_from(NAMES))]
    ballot = data.draw(st.dictionaries(st.text(max_size=3), st.integers(1)))
    before, defaults = dict(ballot), deepcopy(method.DEFAULTS)
    is_good(method, ballot)
    assert (ballot, method.DEFAULTS) == (before, defaults)


@given(st.sampled_from(NAMES), st.lists(BALLOT, max_size=8), st.randoms())
def test_no_ballot_counts_more(name: str, ballots: list[dict[str, int]], chance: Any) -> None:
    """The order of ballots does not matter, the best stands first, and nothing is counted that nobody chose."""
    method = METHODS[name]
    ballots = [ballot for ballot in ballots if is_good(method, ballot)]
    tally = method.tally(ballots, method.DEFAULTS)
    numbers = [number for _, number in tally]
    assert numbers == sorted(numbers, reverse=True)
    assert {option for option, _ in tally} == {option for ballot in ballots for option in ballot}
    shuffled = list(ballots)
    chance.shuffle(shuffled)
    assert dict(method.tally(shuffled, method.DEFAULTS)) == dict(tally)


@given(st.sampled_from(NAMES), st.lists(BALLOT, max_size=5), st.sampled_from(OPTIONS))
def test_one_more_vote_never_harms(name: str, ballots: list[dict[str, int]], option: str) -> None:
    """Choosing something never makes it smaller, nor anything else larger."""
    method = METHODS[name]
    ballots = [ballot for ballot in ballots if is_good(method, ballot)]
    before = dict(method.tally(ballots, method.DEFAULTS))
    after = dict(method.tally([*ballots, {option: 1}], method.DEFAULTS))
    assert after.pop(option) > before.pop(option, 0)
    assert after == before


@pytest.mark.parametrize("of", ["ideas", "clusters"])
def test_a_round_of_it(name: str, of: str) -> None:
    """Two people, one idea that both choose: it is on top, the others are there with nothing."""
    play = Play(phase("brainstorm"), phase("vote", method=name, of=of))
    play.start("brainstorm")
    people = [play.join(), play.join()]
    ideas = [play.post(person, text) for person, text in zip(people, ("one", "two"), strict=True)]
    play.start("vote")
    for person in people:
        play.vote(person, **{ideas[1]: 1})
    play.do(play.facilitator, "ShowResults", round=play.round)
    assert list(play.sees("screens", "tally")[play.round]["results"].items()) == [(ideas[1], 2), (ideas[0], 0)]


# --- what single methods promise


def test_dots() -> None:
    """As many as the format says, on one idea only where it allows it."""
    check = METHODS["dots"]
    assert is_good(check, {"one": 3}, {"dots": 3, "stack": True})
    assert not is_good(check, {"one": 2, "two": 2}, {"dots": 3, "stack": True})
    assert is_good(check, {"one": 1, "two": 1}, {"dots": 3, "stack": False})
    assert not is_good(check, {"one": 2}, {"dots": 3, "stack": False})
    assert check.tally([{"one": 2, "two": 1}, {"two": 3}], {}) == [("two", 4), ("one", 2)]


def test_approval() -> None:
    """As many as one likes, each once."""
    check = METHODS["approval"]
    assert is_good(check, dict.fromkeys(OPTIONS, 1))
    assert not is_good(check, {"one": 2})
    assert check.tally([{"one": 1, "two": 1}, {"two": 1}], {}) == [("two", 2), ("one", 1)]
