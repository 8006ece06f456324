"""Hosts of a café: who says so stays at the table when the others move on, until they say otherwise."""

import pytest

from facilitate.core.actors import Actor
from facilitate.core.decide import replay
from facilitate.core.formats import check_groups
from facilitate.core.phases import GRACE
from facilitate.core.seats import seat_of
from tests.play import SCREEN, Play, Record, phase, refusal
from tests.test_core_groups import by_group, group_of, grouped, groups_boards, people_of, take_seat, writing

MOVES = {"rotate": True, "hosts": 1}


def cafe(people: int = 9, tables: int = 3, *, hosts: int = 1, between: tuple[dict[str, object], ...] = ()) -> Play:
    """The first of three rounds at so many tables."""
    moves = {"rotate": True, "hosts": hosts}
    return grouped(
        people,
        writing(by="random", count=tables),
        *between,
        phase("brainstorm", "second", groups=moves),
        phase("brainstorm", "third", groups=moves),
        phase("discuss", "harvest", board="side", groups={"back": True}),
    )


def stay(play: Play, person: Actor, stay: bool = True, phase: str = "") -> str:
    return play.do(person, "StayAsHost", phase=phase or str(play.state.session.phase), stay=stay)


def table(play: Play, person: Actor) -> int:
    """The table whose board somebody works at."""
    (board,) = groups_boards(play, person)
    return int(board["table"])


def tables(play: Play) -> dict[str, int]:
    return {person.id: table(play, person) for person in people_of(play)}


def seat(play: Play, person: Actor) -> Record:
    return play.sees(person, "seat")["seat"]


def test_a_host_keeps_the_table_and_the_others_move_on() -> None:
    play = cafe()
    before, hosts = tables(play), [members[0] for members in by_group(play).values()]
    for host in hosts:
        play.post(host, f"left by {host.id}")
        stay(play, host)
    play.start("second")
    for person in people_of(play):
        at = before[person.id]
        assert table(play, person) == (at if person in hosts else at % 3 + 1)
    for host in hosts:
        (group,) = play.sees(host, "group").values()
        assert (group["people"], group["hosts"]) == (3, 1)
        assert play.texts(host) == [f"left by {host.id}"]
    assert play.state == replay(play.log)


def test_a_host_goes_on_until_they_say_otherwise_and_another_takes_over() -> None:
    play = cafe()
    host, other, *_ = next(iter(by_group(play).values()))
    home = table(play, host)
    stay(play, host)
    assert refusal(play, other, "StayAsHost", phase="groups") == "group.hosts"
    play.start("second")
    assert seat(play, host)["stays"]
    assert "stays" not in seat(play, other)
    stay(play, host, False)
    (arrived, *_) = [mate for mate in by_group(play)[group_of(play, host)] if mate != host]
    stay(play, arrived)
    play.start("third")
    assert table(play, host) == home % 3 + 1
    assert table(play, arrived) == home
    assert play.state == replay(play.log)


def test_saying_it_twice_and_taking_it_back() -> None:
    play = cafe()
    person = people_of(play)[0]
    before = tables(play)
    command = stay(play, person)
    seq = play.state.seq
    play.give(person, {"kind": "StayAsHost", "id": command, "phase": "groups", "stay": True})
    stay(play, person)
    assert play.state.seq == seq
    stay(play, person, False)
    play.start("second")
    assert all(table(play, one) == before[one.id] % 3 + 1 for one in people_of(play))


@pytest.mark.parametrize("hosts", [1, 2])
def test_at_most_so_many_stay_at_a_table(hosts: int) -> None:
    play = cafe(8, 2, hosts=hosts)
    members = next(iter(by_group(play).values()))
    keys = [refusal(play, member, "StayAsHost", phase="groups") for member in members]
    assert keys == [""] * hosts + ["group.hosts"] * (len(members) - hosts)


def test_where_all_of_a_table_stay_the_next_group_still_comes() -> None:
    play = cafe(4, 2, hosts=2)
    (here, also), there = by_group(play).values()
    stay(play, here)
    stay(play, also)
    play.start("second")
    assert {table(play, person) for person in (here, also, *there)} == {table(play, here)}


def test_a_single_table_moves_nowhere() -> None:
    play = cafe(3, 1)
    stay(play, people_of(play)[0])
    play.start("second")
    assert set(tables(play).values()) == {1}


def test_a_pause_or_a_phase_that_keeps_its_groups_takes_nobody_s_word_away() -> None:
    between = (phase("pause"), phase("brainstorm", "kept", groups={"keep": True}))
    play = cafe(6, between=between)
    host = people_of(play)[0]
    home = table(play, host)
    assert refusal(play, host, "StayAsHost", phase="groups") == "not-now"  # the groups are kept next
    play.start("pause")
    play.start("kept")
    stay(play, host)
    play.start("second")
    assert table(play, host) == home


def test_a_phase_that_is_skipped_asks_for_no_hosts() -> None:
    play = cafe(6)
    play.do(play.facilitator, "SkipPhase", phase="third")
    play.start("second")
    assert refusal(play, people_of(play)[0], "StayAsHost", phase="second") == "not-now"
    play.do(play.facilitator, "SkipPhase", phase="third", skipped=False)
    assert refusal(play, people_of(play)[0], "StayAsHost", phase="second") == ""


def test_it_is_off_unless_the_format_asks() -> None:
    play = grouped(4, writing(by="random", count=2), phase("brainstorm", "second", groups={"rotate": True}))
    assert refusal(play, people_of(play)[0], "StayAsHost", phase="groups") == "not-now"
    assert play.sees("participants", "phase")["second"]["groups"] == {"rotate": True}
    assert cafe().sees("participants", "phase")["second"]["groups"] == MOVES
    for wrong in ({"by": "table", "hosts": 1}, {"rotate": True, "hosts": 0}, {"rotate": True, "hosts": 6}):
        with pytest.raises(ValueError, match=r"^groups: hosts"):
            check_groups(wrong)


def test_what_comes_just_after_the_change_still_counts() -> None:
    """The groups have moved by then: the host comes back to the table, and may think better of it."""
    play = cafe()
    host = people_of(play)[0]
    home = table(play, host)
    play.start("second")
    stay(play, host, phase="groups")
    assert table(play, host) == home
    assert seat(play, host)["stays"]
    stay(play, host, False, phase="groups")
    assert table(play, host) == home % 3 + 1
    play.wait(GRACE / 1000 + 1)
    assert refusal(play, host, "StayAsHost", phase="groups") == "phase.over"
    assert play.state == replay(play.log)


def test_a_start_that_is_undone_finds_those_who_have_become_hosts_since() -> None:
    play = cafe()
    host, other = people_of(play)[:2]
    before = tables(play)
    stay(play, host)
    start = play.start("second")
    play.undo(start)
    assert tables(play) == before
    stay(play, host, False)
    stay(play, other)
    play.start("second")
    assert table(play, host) == before[host.id] % 3 + 1
    assert table(play, other) == before[other.id]
    assert play.state == replay(play.log)


def test_going_back_and_on_again_leaves_whom_the_desk_has_moved_where_they_are() -> None:
    play = cafe()
    host = people_of(play)[0]
    home = table(play, host)
    third = next(at for at in (1, 2, 3) if at not in (home, home % 3 + 1))
    stay(play, host)
    play.start("second")
    there = next(group_of(play, person) for person in people_of(play) if table(play, person) == third)
    moved = seat_of(play.state, host)
    assert moved is not None
    play.do(play.facilitator, "MoveMember", member=moved.id, group=there)
    assert "stays" not in seat(play, host)  # whoever is moved decides anew
    was = tables(play)
    play.start("groups")
    assert seat(play, host)["stays"]
    play.start("second")
    assert tables(play) == was
    assert table(play, host) == third


def test_who_comes_late_can_stay_like_everybody() -> None:
    play = cafe(6)
    play.start("second")
    late = play.join()
    assert refusal(play, late, "StayAsHost", phase="second") == "group.first"
    take_seat(play, late)
    home = table(play, late)
    stay(play, late)
    play.start("third")
    assert table(play, late) == home


def test_the_desk_says_it_for_somebody_and_takes_it_back() -> None:
    play = cafe()
    person = people_of(play)[0]
    member = seat_of(play.state, person)
    assert member is not None
    command = play.do(play.facilitator, "StayAsHost", phase="groups", member=member.id)
    assert seat(play, person)["stays"]
    assert play.sees("facilitators", "member")[member.id]["stays"]
    play.undo(command)
    assert "stays" not in seat(play, person)
    assert refusal(play, play.facilitator, "StayAsHost", phase="groups") == "group.unknown"
    assert refusal(play, SCREEN, "StayAsHost", phase="groups") == "role.refused"


def test_nobody_but_the_table_and_the_desk_learns_who_stays() -> None:
    play = cafe()
    (here, mate, *_), (there, *_) = list(by_group(play).values())[:2]
    stay(play, here)
    assert [group["hosts"] for group in play.sees(mate, "group").values()] == [1]
    assert "stays" not in seat(play, mate)
    told = {data for key, data in play.holds(there).items() if key[0] != "phase"}
    assert not any(b'"hosts"' in data or b'"stays"' in data for data in told)
    joined = {person.id.encode() for person in people_of(play)}
    said = next(event for event in play.log if event.kind == "MemberStays")
    assert not any(person in said.data + said.by.encode() for person in joined)


# --- never more than the format allows


def hosts_at(play: Play) -> list[int]:
    """How many stay at the next change, of each group that sits now."""
    return [sum(one.stays for one in play.state.members_of(group)) for group in by_group(play)]


@pytest.mark.parametrize("how", ["moved", "merged", "no longer"])
def test_a_host_who_was_replaced_does_not_come_back_beside_the_new_one(how: str) -> None:
    """`Undo` would leave two at a table for one: somebody else's word stands on it."""
    play = cafe(6, 2)
    (host, other, *_), (there, *_) = by_group(play).values()
    stay(play, host)
    here, away, moved = group_of(play, host), group_of(play, there), seat_of(play.state, host)
    assert moved is not None
    wishes: dict[str, dict[str, object]] = {
        "MoveMember": {"member": moved.id, "group": away},
        "StayAsHost": {"phase": "groups", "member": moved.id, "stay": False},
        "MergeGroups": {"group": here, "into": away},
    }
    kind = {"moved": "MoveMember", "merged": "MergeGroups", "no longer": "StayAsHost"}[how]
    deed = play.do(play.facilitator, kind, "", **wishes[kind])
    if how == "merged":
        at = seat_of(play.state, other)
        assert at is not None
        play.undo(deed)
        deed = play.do(play.facilitator, kind, "", **wishes[kind])
        assert hosts_at(play) == [0]
        play.undo(deed)
        assert sorted(hosts_at(play)) == [0, 1], "nobody has taken over"
        return
    stay(play, other)
    seen = play.holds("facilitators")
    assert refusal(play, play.facilitator, "Undo", command=deed) == "undo.overtaken"
    assert play.holds("facilitators") == seen
    stay(play, other, False)
    play.undo(deed)
    assert seat(play, host)["stays"]
    assert sorted(hosts_at(play)) == [0, 1]
    assert play.state == replay(play.log)
    play.restart()


def test_who_says_so_just_after_the_change_does_not_take_the_place_of_the_next_host() -> None:
    """They come back to their table; that somebody else stays after this round has been said already."""
    play = cafe()
    host = people_of(play)[0]
    home = table(play, host)
    play.start("second")
    arrived = next(person for person in people_of(play) if table(play, person) == home)
    stay(play, arrived)
    stay(play, host, phase="groups")
    assert table(play, host) == home
    assert (seat(play, arrived).get("stays"), seat(play, host).get("stays")) == (True, None)
    assert max(hosts_at(play)) == 1
    play.start("groups")
    play.start("second")
    assert max(hosts_at(play)) == 1
    play.start("third")
    assert (table(play, arrived), table(play, host)) == (home, home % 3 + 1)
    assert play.state == replay(play.log)


def test_fewer_hosts_in_the_next_round() -> None:
    """Of two who stayed the first stays on; the other travels with the group."""
    play = grouped(
        8,
        writing(by="random", count=2),
        phase("brainstorm", "second", groups={"rotate": True, "hosts": 2}),
        phase("brainstorm", "third", groups={"rotate": True, "hosts": 1}),
    )
    first, second, *_ = next(iter(by_group(play).values()))
    home = table(play, first)
    stay(play, first)
    stay(play, second)
    play.start("second")
    assert (table(play, first), table(play, second)) == (home, home)
    play.start("third")
    assert (table(play, first), table(play, second)) == (home, home % 2 + 1)
    assert play.state == replay(play.log)
