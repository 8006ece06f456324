"""A device that speaks for several people: in its group, on every list of groups, and when groups are drawn."""

import json

import msgspec
import pytest

from facilitate.core.actors import CLOCK, Actor
from facilitate.core.decide import replay
from facilitate.core.groups import places
from facilitate.core.seats import seat_of
from facilitate.core.view import overview
from tests.play import Play, phase
from tests.test_core_groups import group_of, grouped, people_of, take_seat, writing

NAMES = ("none", "optional", "shown")


def counted(play: Play) -> dict[str, int]:
    """How many people each group of now has, as the desk, the group itself and the screen read it."""
    told = {it["id"]: it["people"] for it in overview(play.state)}
    desk = {id_: group["people"] for id_, group in play.sees("facilitators", "group").items()}
    assert told == {id_: desk[id_] for id_ in told}
    for person in people_of(play):
        if (seat := seat_of(play.state, person)) and not play.state.groups[seat.group].gone:
            assert play.sees(person, "group")[seat.group]["people"] == told[seat.group]
    return told


def speak_for(play: Play, person: Actor, people: int) -> None:
    play.do(person, "SetPeople", people=people)


def tables(play: Play, *people: int) -> list[Actor]:
    """Devices of so many people each, in the groups of the phase."""
    found = []
    for number in people:
        person = play.join("Somebody")
        if number > 1:
            speak_for(play, person, number)
        found.append(person)
    for person in found:
        take_seat(play, person)
    return found


# --- a group's people


@pytest.mark.parametrize("names", NAMES)
def test_a_group_counts_people_and_not_devices(names: str) -> None:
    """Whether it was said before there were groups, in them, or said otherwise; also behind a restart."""
    play = Play(writing(by="random", count=1), names=names)
    before, after = play.join("Ada"), play.join("Ada")
    speak_for(play, before, 6)
    play.start("groups")
    take_seat(play, before)
    take_seat(play, after)
    assert counted(play) == {"groups.1": 7}
    speak_for(play, after, 3)
    assert counted(play) == {"groups.1": 9}
    speak_for(play, before, 5)
    speak_for(play, before, 5)
    assert counted(play) == {"groups.1": 8}
    play.restart()
    assert counted(play) == {"groups.1": 8}
    assert play.state == replay(play.log, play.rows)
    speak_for(play, before, 1)
    assert counted(play) == {"groups.1": 4}
    assert play.sees(before, "place") == {}
    late = play.join("Ada")
    speak_for(play, late, 2)
    take_seat(play, late)
    assert counted(play) == {"groups.1": 6}


@pytest.mark.parametrize("names", NAMES)
def test_people_go_where_their_device_goes(names: str) -> None:
    """Moved and moved back, their group merged and set apart again; what was said meanwhile is not undone with it."""
    play = Play(writing(by="random", count=2), names=names)
    play.start("groups")
    table, _ = tables(play, 6, 1)
    here, there = group_of(play, table), next(id_ for id_ in counted(play) if id_ != group_of(play, table))
    seat = seat_of(play.state, table)
    assert seat
    assert counted(play) == {here: 6, there: 1}
    move = play.do(play.facilitator, "MoveMember", member=seat.id, group=there)
    assert counted(play) == {here: 0, there: 7}
    speak_for(play, table, 4)
    assert counted(play) == {here: 0, there: 5}
    play.undo(move)
    assert counted(play) == {here: 4, there: 1}
    merge = play.do(play.facilitator, "MergeGroups", group=here, into=there)
    assert counted(play) == {there: 5}
    speak_for(play, table, 8)
    play.undo(merge)
    assert counted(play) == {here: 8, there: 1}


@pytest.mark.parametrize("names", NAMES)
def test_people_stay_together_from_round_to_round(names: str) -> None:
    """What is said in a later round counts where the groups come from too; groups formed anew ask who is there."""
    play = Play(
        writing(by="table"),
        phase("brainstorm", "on", groups={"rotate": True}),
        phase("brainstorm", "anew", groups={"by": "random", "count": 1}),
        names=names,
    )
    play.start("groups")
    table, single = play.join("Ada"), play.join("Ada")
    speak_for(play, table, 6)
    take_seat(play, table, group="1")
    take_seat(play, single, group="2")
    play.start("on")
    assert sorted(counted(play).values()) == [1, 6]
    speak_for(play, table, 4)
    assert sorted(counted(play).values()) == [1, 4]
    play.start("groups")
    assert counted(play) == {"groups.1": 4, "groups.2": 1}
    play.start("anew")
    take_seat(play, table)
    take_seat(play, single)
    assert counted(play) == {"anew.1": 5}
    play.restart()
    assert counted(play) == {"anew.1": 5}


def test_who_changes_tables_takes_their_people_along() -> None:
    play = Play(writing(by="table"))
    play.start("groups")
    table = play.join()
    speak_for(play, table, 6)
    take_seat(play, table, group="1")
    take_seat(play, table, group="2")
    assert counted(play) == {"groups.1": 0, "groups.2": 6}


# --- what the file says


def test_without_names_the_number_leads_from_no_seat_to_a_person() -> None:
    """Who says it before, in and after the groups is named by a tag, which stands at nothing that they wrote."""
    play = Play(writing(by="random", count=1), attributes=[{"id": "sector", "title": {"en": "Sector?"}}])
    person = play.person()
    play.do(person, "Join", attributes={"sector": "harbour"})
    speak_for(play, person, 6)
    play.start("groups")
    take_seat(play, person)
    written = play.post(person, "a card")
    speak_for(play, person, 5)
    said = [event for event in play.log if event.kind in ("PeopleSet", "MemberSeated")]
    assert len(said) == 3
    tags = {json.loads(event.data).get("participant") for event in said} - {None}
    for event in said:
        assert person.id not in event.data.decode() + event.by
    others = "".join(event.data.decode() + event.by for event in play.log if event not in said)
    assert tags
    assert not any(str(tag) in others for tag in tags)
    assert play.state.ideas[written].author not in tags
    for who in ("facilitators", "participants", "screens"):
        assert not any(str(tag).encode() in play.sent(who) for tag in tags)


def test_a_log_of_an_older_version_says_the_same_as_ever() -> None:
    """There the person is named, seats have no number, and what is said later goes on in the same way."""
    play = grouped(1, writing(by="random", count=1))
    (person,) = people_of(play)
    old = []
    for event in play.log:
        fields = json.loads(event.data)
        if event.kind == "MemberSeated":
            del fields["people"]
        old.append(msgspec.structs.replace(event, data=json.dumps(fields).encode()))
    last = old[-1]
    data = json.dumps({"participant": person.id, "people": 6}).encode()
    play.log = [
        *old,
        msgspec.structs.replace(last, seq=last.seq + 1, command="set-people-0001", kind="PeopleSet", data=data),
    ]
    play.restart()
    assert counted(play) == {"groups.1": 1}
    assert play.sees(person, "place")["place"]["people"] == 6
    speak_for(play, person, 4)
    assert play.sees(person, "place")["place"]["people"] == 4
    assert play.state.parties == {}
    play.restart()
    assert play.sees(person, "place")["place"]["people"] == 4


# --- groups of a size


@pytest.mark.parametrize(
    ("size", "devices", "expected"),
    [
        (6, (6, 6, 6, 6), [6, 6, 6, 6]),
        (4, (6, 6, 1, 1, 1, 1), [4, 6, 6]),
        (4, (20, 1, 1, 1), [3, 20]),
        (4, (2,) * 10, [4] * 5),
        (4, (3,) * 4, [3, 3, 3, 3]),
        (1, (6, 1, 1), [1, 1, 6]),
        (2, (1, 6), [7]),
        (4, (1,) * 9, [4, 5]),
    ],
)
def test_groups_of_a_size_are_formed_of_people(size: int, devices: tuple[int, ...], expected: list[int]) -> None:
    """A device is never split, and nobody sits alone who was to have company."""
    play = Play(writing(by="random", size=size))
    people = [play.join() for _ in devices]
    for person, number in zip(people, devices, strict=True):
        speak_for(play, person, number)
    play.start("groups")
    current = play.state.current
    assert current
    play.do(CLOCK, "FormGroups", phase="groups", people=places(play.state, current, people))
    for person in people:
        take_seat(play, person)
    assert sorted(counted(play).values()) == expected


def test_a_table_that_comes_late_makes_a_group_of_its_own() -> None:
    play = Play(writing(by="random", size=4))
    play.start("groups")
    tables(play, 1, 1, 1, 1)
    assert sorted(counted(play).values()) == [4]
    tables(play, 6)
    assert sorted(counted(play).values()) == [4, 6]
    tables(play, 1)
    assert sorted(counted(play).values()) == [5, 6]
