"""People: what a format asks of them and who learns it, phones that speak for a table, hands counted in the room."""

import json
from typing import Any

import pytest

from facilitate import exports
from facilitate.core.actors import Actor
from facilitate.core.formats import FormatMistake
from facilitate.core.people import CELL, breakdown
from facilitate.core.phases import GRACE
from facilitate.core.report import Report, Result, report
from facilitate.languages import catalogue
from tests.play import RULES, SCREEN, Play, Who, phase, refusal

OVER = GRACE / 1000 + 1

SECTOR = {
    "id": "sector",
    "title": {"en": "Which sector?"},
    "options": [{"id": it, "title": {"en": it.title()}} for it in ("business", "society", "citizens")],
}
CITY = {"id": "city", "title": {"en": "Which city?"}}


def asking(names: str = "none", *attributes: dict[str, Any]) -> Play:
    play = Play(phase("brainstorm"), phase("vote", of="ideas"), names=names, attributes=attributes or (SECTOR, CITY))
    play.start("brainstorm")
    return play


def join(play: Play, name: str | None = None, **attributes: str) -> Actor:
    person = play.person()
    play.do(person, "Join", name=name, attributes=attributes)
    return person


# --- attributes


def test_only_what_is_asked_is_kept() -> None:
    """Beside the log, not in it; nothing that the format did not ask for, and no name without names."""
    play = asking()
    person = join(play, "Nadja", sector="business", city="  Kassel ", shoe="41")
    assert play.rows[person.id] == {"name": "", "attributes": {"sector": "business", "city": "Kassel"}}
    for secret in ("Nadja", "business", "Kassel", "41"):
        assert secret not in "".join(event.data.decode() for event in play.log if event.kind != "SessionCreated")
    assert refusal(play, play.person(), "Join", attributes={"sector": "aliens"}) == "attribute.unknown"
    nobody = play.join()
    assert nobody.id not in play.rows
    plain = Play(phase("brainstorm"))
    plain.do(plain.person(), "Join", attributes={"sector": "business"})
    assert plain.rows == {}


def test_answers_may_be_changed_and_taken_back() -> None:
    """Joining again with others replaces them; without any it leaves them; the name stays."""
    play = asking("shown")
    person = join(play, "Nadja", sector="business", city="Kassel")
    play.do(person, "Join", name="Nadja", attributes={"sector": "society"})
    assert play.rows[person.id] == {"name": "Nadja", "attributes": {"sector": "society"}}
    play.do(person, "Join", name="Nadja")
    assert play.rows[person.id]["attributes"] == {"sector": "society"}
    play.do(person, "Join", attributes={})
    assert play.rows[person.id] == {"name": "Nadja"}


@pytest.mark.parametrize(("names", "seen"), [("none", False), ("optional", False), ("shown", True)])
def test_who_sees_an_attribute(names: str, seen: bool) -> None:
    """The desk alone, and only where the session was declared named."""
    play = asking(names)
    person = join(play, "Nadja", sector="business", city="Zebra")
    post = play.post(person, "a card")
    for _ in range(2):
        assert (b"Zebra" in play.sent("facilitators")) is seen
        strangers: list[Who] = ["participants", "outside", SCREEN, person]
        for who in strangers:
            assert b"Zebra" not in play.sent(who)
        play.restart()
    if names == "none":
        assert play.state.ideas[post].author != person.id
        assert person.id.encode() not in play.sent("facilitators")


def test_totals_speak_of_a_handful_at_least() -> None:
    """Smaller answers are told together, or not at all; the rest never gives one away."""
    play = asking("none", SECTOR)
    plan = play.state.session.attributes[0]
    for number, sector in enumerate(["business"] * 4):
        join(play, sector=sector)
        assert breakdown(play.state, plan) == ({}, 0), number
    join(play, sector="business")
    assert breakdown(play.state, plan) == ({"business": 5}, 0)
    for _ in range(2):
        join(play, sector="citizens")
    assert breakdown(play.state, plan) == ({}, 7), "5 and 2 would say that two gave the other answer"
    for _ in range(8):
        join(play, sector="society")
    assert breakdown(play.state, plan) == ({"society": 8}, 7)
    told = play.sees("facilitators", "breakdown")["sector"]
    assert (told["told"], told["rest"]) == ({"society": 8}, 7)
    for who in ("participants", "outside", SCREEN):
        assert play.sees(who, "breakdown") == {}
    assert b"citizens" not in play.sent("facilitators").replace(b'"id":"citizens","title"', b"")


def test_no_total_is_below_the_smallest_cell() -> None:
    """Whatever people answer, one after another."""
    play = asking("none", CITY)
    plan = play.state.session.attributes[0]
    for number in range(60):
        join(play, city=f"City {(number * number) % 7}")
        told, rest = breakdown(play.state, plan)
        assert all(count >= CELL for count in told.values())
        assert rest == 0 or rest >= CELL
        assert rest + sum(told.values()) in (0, number + 1)


def test_words_of_ones_own_are_counted_whatever_their_capitals() -> None:
    """Kassel is KASSEL."""
    play = asking("none", CITY)
    for city in ("Kassel", "kassel", "KASSEL", "Kassel", "Kassel"):
        join(play, city=city)
    assert breakdown(play.state, play.state.session.attributes[0]) == ({"Kassel": 5}, 0)


def test_who_waits_at_the_door_is_in_no_total() -> None:
    """And counts as soon as the door opens."""
    play = asking("none", SECTOR)
    play.do(play.facilitator, "SetDoor", door="approval")
    for _ in range(5):
        join(play, sector="business")
    assert play.sees("facilitators", "breakdown")["sector"]["told"] == {}
    opened = play.do(play.facilitator, "SetDoor", door="open")
    assert play.sees("facilitators", "breakdown")["sector"]["told"] == {"business": 5}
    play.undo(opened)
    assert play.sees("facilitators", "breakdown")["sector"]["told"] == {}
    play.restart()
    assert play.sees("facilitators", "breakdown")["sector"]["told"] == {}


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        ([{**CITY, "id": f"a{number}"} for number in range(5)], "attributes.a4: 5 questions .* at most 4: leave"),
        ([{**CITY, "id": f"a{number}"} for number in range(11)], "attributes.a4: 11 questions .* at most 4: leave"),
        ([CITY, CITY], "stands there twice"),
        ([{**SECTOR, "options": SECTOR["options"][:1]}], "one is no choice"),  # type: ignore[index]
        ([{**CITY, "needed": True}], "not known"),
        ([{"id": "city", "title": {}}], "missing"),
        ([{"id": "A city", "title": {"en": "City"}}], "may hold only"),
    ],
)
def test_mistakes_in_what_is_asked(attributes: list[dict[str, Any]], why: str) -> None:
    """A format is checked before anybody is asked."""
    with pytest.raises(FormatMistake, match=why):
        Play(phase("pause"), attributes=attributes)


# --- a phone for a table


def test_a_phone_speaks_for_a_table() -> None:
    """It may say for how many, change it, and is told what it said."""
    play = asking()
    person = play.join()
    play.do(person, "SetPeople", people=6)
    assert play.sees(person, "place")["place"]["people"] == 6
    for wrong in (0, -1, 51):
        assert refusal(play, person, "SetPeople", people=wrong) == "people.many"
    assert refusal(play, play.person(), "SetPeople", people=2) == "join.first"
    events = len(play.log)
    play.do(person, "SetPeople", people=6)
    assert len(play.log) == events
    play.restart()
    assert play.sees(person, "place")["place"]["people"] == 6
    play.do(person, "SetPeople", people=1)
    assert play.sees(person, "place") == {}


# --- hands counted in the room


def voting() -> tuple[Play, list[Actor], list[str]]:
    play = Play(phase("brainstorm"), phase("vote", of="ideas"), phase("discuss"))
    play.start("brainstorm")
    people = [play.join() for _ in range(2)]
    ideas = [play.post(person, f"card {number}") for number, person in enumerate(people)]
    play.start("vote")
    return play, people, ideas


def count(play: Play, option: str, n: int) -> str:
    return play.do(play.facilitator, "CountHands", round=play.round, option=option, n=n)


def tally(play: Play, who: Who = "participants") -> tuple[dict[str, int], dict[str, int]] | None:
    found = play.sees(who, "tally").get(play.round)
    return (found["results"], found.get("hands", {})) if found else None


def test_hands_are_added_and_told_apart() -> None:
    """Nobody sees them before the result; then the number is both, and says how many of it were hands."""
    play, people, (one, two) = voting()
    play.vote(people[0], **{one: 2})
    count(play, two, 14)
    assert tally(play) is None
    assert tally(play, "facilitators") is None
    play.do(play.facilitator, "ShowResults", round=play.round)
    for who in ("participants", "facilitators"):
        assert tally(play, who) == ({two: 14, one: 2}, {two: 14})
    assert play.sees("participants", "tally")[play.round]["voters"] == 1, "voters are phones"


def test_a_new_count_replaces_the_earlier_one() -> None:
    """And each is undone for itself, also after a restart."""
    play, _, (one, two) = voting()
    first, second, third = count(play, one, 3), count(play, two, 5), count(play, one, 4)
    play.do(play.facilitator, "CloseRound", round=play.round)
    assert tally(play, "facilitators") == ({two: 5, one: 4}, {two: 5, one: 4})
    play.restart()
    play.undo(second)
    assert tally(play, "facilitators") == ({one: 4, two: 0}, {one: 4})
    assert refusal(play, play.facilitator, "Undo", command=first) == "undo.overtaken"
    play.undo(third)
    play.undo(first)
    assert tally(play, "facilitators") == ({one: 0, two: 0}, {})
    assert count(play, one, 2)


def test_hands_come_late_too() -> None:
    """Who counts them enters them afterwards: also when the result was shown, and the shown result says so."""
    play, _, (one, two) = voting()
    play.do(play.facilitator, "ShowResults", round=play.round)
    play.wait(OVER)
    count(play, two, 7)
    assert tally(play) == ({two: 7, one: 0}, {two: 7})


def test_what_is_counted_is_checked() -> None:
    """An option of this round, a number that a hall can hold, by a facilitator."""
    play, people, (one, _) = voting()
    assert refusal(play, play.facilitator, "CountHands", round=play.round, option="none", n=1) == "vote.unknown-option"
    assert refusal(play, play.facilitator, "CountHands", round="none", option=one, n=1) == "round.unknown"
    for n in (-1, 20_001):
        assert refusal(play, play.facilitator, "CountHands", round=play.round, option=one, n=n) == "command.malformed"
    assert refusal(play, people[0], "CountHands", round=play.round, option=one, n=1) == "role.refused"
    events = len(play.log)
    count(play, one, 0)
    assert len(play.log) == events


def test_a_round_with_hands_is_not_undone_by_mistake() -> None:
    """Like one with ballots: its count would be gone."""
    play = Play(phase("brainstorm"), phase("vote", of="ideas"))
    play.start("brainstorm")
    idea = play.post(play.join(), "card")
    started = play.start("vote")
    counted = count(play, idea, 3)
    assert refusal(play, play.facilitator, "Undo", command=started) == "undo.overtaken"
    play.undo(counted)
    play.undo(started)
    assert play.state.rounds == {}


def test_hands_on_a_hidden_card_are_not_told() -> None:
    """As its votes are not."""
    play, _, (one, two) = voting()
    count(play, one, 3)
    count(play, two, 5)
    play.do(play.facilitator, "HideIdea", idea=one)
    play.do(play.facilitator, "ShowResults", round=play.round)
    assert tally(play) == ({two: 5}, {two: 5})
    assert one not in json.dumps(play.sees("participants", "tally"))


# --- what remains


def reported(play: Play, language: str = "en") -> Report:
    return report(
        play.state, RULES, play.state.names, language, catalogue(language).say, play.now, play.log, timezone="UTC"
    )


@pytest.mark.parametrize("kind", ["csv", "html", "json", "markdown"])
def test_every_export_tells_phones_and_hands_apart(kind: str) -> None:
    """The number is both; how many of it were hands stands beside it; without hands nothing is said of any."""
    play, people, (one, two) = voting()
    play.vote(people[0], **{one: 2})
    count(play, two, 14)
    count(play, one, 3)
    play.do(play.facilitator, "ShowResults", round=play.round)
    it = reported(play)
    result = next(block for step in it.steps for block in step.blocks if isinstance(block, Result))
    assert [(rank.number, rank.hands) for rank in result.ranks] == [(14, 14), (5, 3)]
    module = exports.kinds()[kind]
    text = module.write(it).decode()
    told = {
        "csv": [',"14",', ',"5",', ',"3"\r\n', "Of them hands"],
        "html": [">14</td><td", ">5</td><td", ">3</td>", "17 hands were counted", "Of them hands"],
        "json": ['"hands": 14', '"number": 5', '"hands": 3'],
        "markdown": ["| 14 | 14 |", "| 5 | 3 |", "17 hands were counted", "Of them hands"],
    }[kind]
    for part in told:
        assert part in text, (part, text)
    plain, voters, (only, _) = voting()
    plain.vote(voters[0], **{only: 1})
    plain.do(plain.facilitator, "ShowResults", round=plain.round)
    words = ("17 hands", "Of them hands", '"hands": 1')
    assert not any(word in module.write(reported(plain)).decode() for word in words)


def test_hands_alone_are_a_result() -> None:
    """A vote without a single phone."""
    play, _, (_, two) = voting()
    count(play, two, 14)
    play.do(play.facilitator, "ShowResults", round=play.round)
    text = exports.kinds()["markdown"].write(reported(play)).decode()
    assert "14 hands were counted in the room." in text
    assert catalogue("en").say("report.no-votes") not in text


@pytest.mark.parametrize(("names", "kept"), [("none", False), ("optional", False), ("shown", True)])
def test_attributes_in_what_remains(names: str, kept: bool) -> None:
    """As totals always; of single people only where names were shown; and a table counts all its people."""
    play = asking(names)
    for number in range(5):
        person = join(play, f"Person {number}", sector="business", city="Zebra" if number == 0 else "Kassel")
    play.do(person, "SetPeople", people=4)
    it = reported(play)
    assert it.people == 8
    for kind, export in exports.kinds().items():
        text = export.write(it).decode()
        assert ("Zebra" in text) is (kept and kind == "json"), kind
        if kind != "csv":
            assert "Business" in text
    assert "Which sector" in "".join(part.title.text for part in it.breakdowns)
