"""Near-duplicates and titles by the signs of texts alone."""

import unicodedata
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitate.core.similar import duplicates, folded, places, titles

TEXTS = st.lists(st.text(max_size=60), max_size=25)


def found(*texts: str) -> list[list[str]]:
    """The groups as texts."""
    ids = {str(number): text for number, text in enumerate(texts)}
    return [[ids[id_] for id_ in group] for group in duplicates(ids)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("More benches in the park", "more benches in the park!"),
        ("More benches in the park", "In the park more benches"),
        ("Mehr Bänke im Stadtpark", "Mehr Baenke im Stadtpark"),
        ("Mehr Bänke im Stadtpark", "Mehr Banke im Stadtpark"),
        ("Schöne Straße", "Schöne Strasse"),
        ("Больше скамеек в парке", "больше скамеек в парке."),
        ("Περισσότερα παγκάκια", "περισσοτερα παγκακια"),
        ("公园里要有更多长椅", "公园里要有更多的长椅"),
        ("مقاعد أكثر في الحديقة", "مقاعد اكثر في الحديقة"),
        ("\uff26\uff32\uff25\uff25 \uff22\uff35\uff33", "Free bus"),
        ("🚲🚲", "🚲🚲"),
        ("Café", unicodedata.normalize("NFD", "Café")),
    ],
)
def test_alike(one: str, other: str) -> None:
    """Case, accents, width, punctuation, the order of words and a letter more or less make no difference."""
    assert len(found(one, other)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("More benches in the park", "More trees along the road"),
        ("More buses at night", "Fewer cars by day"),
        ("公园里要有更多长椅", "晚上的公交车太少"),
        ("🚲", "🚌"),
        ("", ""),
        ("...", ""),
    ],
)
def test_not_alike(one: str, other: str) -> None:
    assert found(one, other) == []


def test_groups_hold_together() -> None:
    """A chain of small differences does not lead from one thing to another."""
    texts = ["bus line one", "bus line onetwo", "bus line onetwo three", "bus line onetwo three four"]
    assert all(len(group) < 4 for group in found(*texts))


def test_the_longest_text_comes_first() -> None:
    """It is the one that is kept, unless somebody chooses another."""
    assert found("More benches", "Tea", "More benches!!", "tea") == [["More benches!!", "More benches"], ["Tea", "tea"]]


@given(TEXTS)
def test_every_text_is_in_one_group_at_most(texts: list[str]) -> None:
    """Whatever people write; and each group has at least two."""
    groups = duplicates({str(number): text for number, text in enumerate(texts)})
    ids = [id_ for group in groups for id_ in group]
    assert len(ids) == len(set(ids))
    assert all(len(group) > 1 for group in groups)


@given(TEXTS.filter(bool))
def test_the_same_text_twice_is_always_found(texts: list[str]) -> None:
    text = next((text for text in texts if text.strip()), "x")
    assert any({"a", "b"} <= set(group) for group in duplicates({"a": text, "b": text}))


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


def test_a_text_belongs_where_the_nearest_one_lies() -> None:
    """If it is near to any, and clearly nearer to one place than to all others."""
    texts = {
        "a": "More benches in the park", "b": "Open the library on Sundays", "c": "Open the library on Sundays!",
        "new": "Benches in the park", "far": "Free swimming lessons", "both": "The library open on Sundays",
    }  # fmt: skip
    assert places(texts, {"a": "rest", "b": "rest", "c": "culture"}) == {"rest": ["new"]}
    assert places(texts, {}) == {}
    assert places({}, {"a": "rest"}) == {}


@given(TEXTS, TEXTS)
def test_places_are_for_what_has_none(placed: list[str], free: list[str]) -> None:
    """Each text once at most, none that has its place, whatever people write."""
    texts = {str(number): text for number, text in enumerate([*placed, *free])}
    lies = {str(number): str(number % 3) for number in range(len(placed))}
    ids = [id_ for group in places(texts, lies).values() for id_ in group]
    assert len(ids) == len(set(ids))
    assert not set(ids) & set(lies)


def test_five_hundred() -> None:
    """As many as a hall writes; the benchmark says how quickly."""
    words = ("park", "bus", "school", "energy", "garden", "market", "street", "night", "youth", "music", "water")
    texts = [" ".join(pair) + f" number {number}" for number, pair in enumerate(combinations(words, 5))]
    texts = [*texts[:250], *(text + "!" for text in texts[:250])]
    groups = duplicates({str(number): text for number, text in enumerate(texts)})
    assert sum(map(len, groups)) == 500


def test_titles_are_the_groups_own_words() -> None:
    """What a group has and the others do not; words that all have are nobody's."""
    bikes = ["The city needs bike lanes", "Safe bike parking in the city", "Repair the bikes of the city"]
    music = ["Music in the city at night", "The city choir sings at night", "A night of music for the city"]
    one, other = titles([bikes, music])
    assert one.startswith("Bike")
    assert "Night" in other
    assert "City" not in one + other


@pytest.mark.parametrize(
    ("group", "word"),
    [
        (["Mehr Bänke", "Bänke im Park", "Neue Bänke"], "Bänke"),
        (["Новые скамейки", "Скамейки около реки"], "Скамейки"),
        (["مقاعد جديدة", "مقاعد في الحديقة"], "مقاعد"),
        (["公园里要有更多长椅", "公园长椅太少"], "公园"),
        (["🚲", "🚲"], "🚲"),
        (["only one"], "only one"),
    ],
)
def test_titles_in_any_script(group: list[str], word: str) -> None:
    assert word in titles([group], ["something else", "etwas anderes"])[0]


@given(st.lists(st.lists(st.text(max_size=200), max_size=5), max_size=5), TEXTS)
def test_a_title_is_never_too_long_to_be_one(groups: list[list[str]], rest: list[str]) -> None:
    found = titles(groups, rest)
    assert len(found) == len(groups)
    assert all("\n" not in title and len(title) <= 120 for title in found)
