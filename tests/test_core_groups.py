"""Groups: everybody has a place, writes on the group's own board, sees that alone, and brings along what was chosen."""

import json
from collections import Counter

import pytest

from facilitate.core.actors import CLOCK, Actor
from facilitate.core.decide import replay
from facilitate.core.formats import FormatMistake, check_groups, read
from facilitate.core.groups import _number
from facilitate.core.report import Ideas
from facilitate.core.seats import audience_of, seat_of
from facilitate.core.view import overview
from tests.play import RULES, Play, Record, key_of, phase, refusal, steady

DRAWN = {"by": "random", "size": 4}
ALONE, PAIRS = {"by": "random", "size": 1, "choose": 2}, {"merge": 2, "top": 2}


def grouped(people: int, *phases: dict[str, object], names: str = "none", columns: tuple[str, ...] = ()) -> Play:
    """A session in its first phase, with so many people who have a place in its groups."""
    play = Play(*phases, names=names, columns=columns)
    play.start("groups")
    for _ in range(people):
        person = play.join(*(["Somebody"] if names != "none" else []))
        take_seat(play, person)
    return play


def take_seat(play: Play, person: Actor, **fields: str) -> str:
    return play.do(person, "JoinGroup", phase=str(play.state.session.phase), **fields)


def people_of(play: Play) -> list[Actor]:
    return [actor for actor, _ in play.people.values()]


def sizes(play: Play) -> list[int]:
    groups = play.state.groups_of(str(play.state.session.grouping))
    return sorted(len(play.state.members_of(group.id)) for group in groups)


def group_of(play: Play, person: Actor) -> str:
    seat = seat_of(play.state, person)
    assert seat is not None
    return seat.group


def by_group(play: Play) -> dict[str, list[Actor]]:
    found: dict[str, list[Actor]] = {}
    for person in people_of(play):
        found.setdefault(group_of(play, person), []).append(person)
    return found


def writing(**wish: object) -> dict[str, object]:
    return phase("brainstorm", "groups", groups=wish)


# --- a place for everybody


@pytest.mark.parametrize(
    ("people", "size", "groups"), [(200, 4, 50), (7, 4, 2), (5, 4, 1), (5, 2, 2), (1, 4, 1), (3, 1, 3), (9, 4, 2)]
)
def test_so_many_groups_that_nobody_is_left_alone(people: int, size: int, groups: int) -> None:
    assert _number(people, size) == groups


def test_people_are_spread_evenly_when_it_is_known_how_many_there_are() -> None:
    play = Play(writing(**DRAWN))
    play.start("groups")
    play.do(CLOCK, "FormGroups", phase="groups", people=14)
    for _ in range(14):
        take_seat(play, play.join())
    assert sizes(play) == [3, 3, 4, 4]


def test_who_sits_together_is_drawn_and_follows_from_the_command_that_started_the_phase() -> None:
    def places(start: str) -> list[str]:
        play = Play(writing(by="random", count=3))
        play.do(play.facilitator, "StartPhase", id=start, phase="groups")
        people = [play.join() for _ in range(9)]
        for person in people:
            take_seat(play, person)
        return [group_of(play, person) for person in people]

    assert places("the-first-seed-1") == places("the-first-seed-1")
    assert places("the-first-seed-1") != places("another-seed-123")


def test_a_latecomer_goes_to_the_smallest_group_and_then_to_a_new_one() -> None:
    play = Play(writing(by="random", size=2))
    play.start("groups")
    play.do(CLOCK, "FormGroups", phase="groups", people=4)
    for expected in ([0, 1], [1, 1], [1, 2], [2, 2], [2, 3], [3, 3], [1, 3, 3]):
        take_seat(play, play.join())
        assert sizes(play) == expected


def test_a_place_is_given_once() -> None:
    play = grouped(3, writing(**DRAWN))
    person = people_of(play)[0]
    before = play.state.seq
    take_seat(play, person)
    assert play.state.seq == before
    assert sizes(play) == [3]


def test_tables_are_told_by_their_code_in_any_spelling() -> None:
    play = Play(writing(by="table"))
    play.start("groups")
    first, second, third = play.join(), play.join(), play.join()
    assert refusal(play, first, "JoinGroup", phase="groups") == "group.first"
    assert refusal(play, first, "PostIdea", phase="groups", text="too soon") == "group.first"
    take_seat(play, first, group=" 7a ")
    take_seat(play, second, group="7 A")
    take_seat(play, third, group="8")
    assert group_of(play, first) == group_of(play, second) != group_of(play, third)
    assert {group["name"] for group in play.sees("facilitators", "group").values()} == {"7A", "8"}
    take_seat(play, second, group="8")  # the wrong table was typed
    assert group_of(play, second) == group_of(play, third)
    assert refusal(play, second, "JoinGroup", phase="groups", group="x" * 13) == "table.long"


SECTOR = {
    "id": "sector",
    "title": {"en": "Sector"},
    "options": [{"id": id_, "title": {"en": id_}} for id_ in ("city", "firm", "club", "harbour")],
}


def with_sectors(wish: dict[str, object], *sectors: str) -> Play:
    play = Play(writing(**wish), names="optional", attributes=[SECTOR])
    play.start("groups")
    for sector in sectors:
        person = play.join("Somebody")
        play.rows[person.id] = {"name": "Somebody", **({"attributes": {"sector": sector}} if sector else {})}
        play.state.names = dict(play.rows)
        take_seat(play, person)
    return play


def test_people_who_are_alike_sit_together() -> None:
    play = with_sectors({"by": "attribute", "attribute": "sector"}, "city", "firm", "city", "", "firm", "")
    assert sorted(group.name or "" for group in play.state.groups.values()) == ["", "city", "firm"]
    assert sizes(play) == [2, 2, 2]


def test_people_who_are_unlike_are_mixed() -> None:
    wish = {"by": "attribute", "attribute": "sector", "mix": True, "count": 2}
    play = with_sectors(wish, *["city", "firm", "city", "firm", "club", "club"])
    sectors = {person: row["attributes"]["sector"] for person, row in play.rows.items()}
    for members in by_group(play).values():
        assert Counter(sectors[person.id] for person in members) == {"city": 1, "firm": 1, "club": 1}


def test_what_people_have_in_common_is_not_in_the_log_where_they_are_mixed() -> None:
    wish = {"by": "attribute", "attribute": "sector", "mix": True, "count": 2}
    play = with_sectors(wish, "harbour", "firm")
    assert not any(b"harbour" in event.data for event in play.log if event.kind != "SessionCreated")


def test_without_names_no_group_leads_to_a_person() -> None:
    play = grouped(3, writing(**DRAWN))
    seated = [event for event in play.log if event.kind == "MemberSeated"]
    assert len(seated) == 3
    joined = {json.loads(event.data)["participant"] for event in play.log if event.kind == "ParticipantJoined"}
    for event in seated:
        assert not any(person in event.data.decode() + event.by for person in joined)


def test_where_names_are_shown_the_desk_reads_who_sits_where() -> None:
    play = grouped(2, writing(**DRAWN), names="optional")
    assert {member["name"] for member in play.sees("facilitators", "member").values()} == {"Somebody"}
    assert not play.sees("participants", "member")


# --- a board for each group


def test_a_group_sees_its_own_board_and_no_other() -> None:
    play = grouped(6, writing(by="random", size=3), columns=("good",))
    (here, *_), (there, *_) = by_group(play).values()
    mine = play.post(here, "what our group alone may read", column="good")
    mates = by_group(play)[group_of(play, here)]
    assert all("what our group alone may read" in play.texts(person) for person in mates)
    assert play.texts(there) == play.texts("participants") == play.texts("screens") == []
    assert play.texts("facilitators") == ["what our group alone may read"]
    for audience in (there, "participants", "screens"):
        assert b"what our group alone may read" not in play.sent(audience)
    assert play.state.ideas[mine].board != "wall"


def test_commands_are_for_the_own_groups_board_only() -> None:
    play = grouped(6, phase("brainstorm", "groups", groups={"by": "random", "size": 3, "choose": 1}))
    (here, *_), (there, *_) = by_group(play).values()
    other = str(play.state.groups[group_of(play, there)].board)
    theirs = play.post(there, "theirs")
    assert refusal(play, here, "PostIdea", phase="groups", text="mine", board=other) == "board.unknown"
    assert refusal(play, here, "PostIdea", phase="groups", text="mine", board="wall") == "board.unknown"
    assert refusal(play, here, "ChooseIdea", idea=theirs) == "group.other"
    assert refusal(play, here, "EditIdea", idea=theirs, text="x") == "role.refused"
    play.post(play.facilitator, "for you", board=other)
    assert "for you" in play.texts(there)


def test_groups_cluster_their_own_cards() -> None:
    play = grouped(
        4, phase("brainstorm", "groups", groups={"by": "random", "count": 2}),
        phase("cluster", "sort", who="everyone", groups={"keep": True}),
    )  # fmt: skip
    (here, *_), (there, *_) = by_group(play).values()
    mine = play.post(here, "mine")
    play.start("sort")
    cluster = play.do(here, "FormCluster", title="Ours", ideas=[mine])
    assert play.sees(here, "cluster")[cluster]["title"] == "Ours"
    assert not play.sees(there, "cluster")
    assert refusal(play, there, "RenameCluster", cluster=cluster, title="Theirs") == "board.unknown"
    assert refusal(play, there, "MoveIdea", idea=mine, cluster=None) == "board.unknown"


def test_private_cards_of_groups_are_turned_over_together() -> None:
    play = grouped(4, phase("brainstorm", "groups", private=True, groups={"by": "random", "count": 2}))
    for members in by_group(play).values():
        play.post(members[0], f"secret of {members[0].id}")
    assert all(len(play.texts(members[1])) == 0 for members in by_group(play).values())
    reveal = play.do(play.facilitator, "RevealIdeas", board="wall")
    for members in by_group(play).values():
        assert play.texts(members[1]) == [f"secret of {members[0].id}"]
    play.undo(reveal)
    assert all(len(play.texts(members[1])) == 0 for members in by_group(play).values())


def test_each_table_has_its_own_question() -> None:
    prompts = [{"en": "Who?"}, {"en": "What?"}]
    play = grouped(4, writing(by="random", count=2, prompts=prompts))
    asked = {board["table"]: board["prompt"]["en"] for p in people_of(play) for board in groups_boards(play, p)}
    assert asked == {1: "Who?", 2: "What?"}
    group = group_of(play, people_of(play)[0])
    ask = play.do(play.facilitator, "PromptGroup", group=group, prompt="Where to?")
    assert groups_boards(play, people_of(play)[0])[0]["prompt"] == {"en": "Where to?"}
    play.undo(ask)
    assert groups_boards(play, people_of(play)[0])[0]["prompt"] != {"en": "Where to?"}


def groups_boards(play: Play, who: Actor) -> list[Record]:
    return [board for board in play.sees(who, "board").values() if "of" in board]


# --- choosing, merging, coming back


def test_a_group_chooses_at_most_so_many() -> None:
    play = grouped(2, writing(by="random", count=1, choose=1))
    one, two = people_of(play)
    first, second = play.post(one, "first"), play.post(one, "second")
    choose = play.do(two, "ChooseIdea", idea=first)
    assert play.sees(one, "idea")[first]["chosen"]
    assert refusal(play, one, "ChooseIdea", idea=second) == "group.enough"
    play.give(two, {"kind": "ChooseIdea", "id": choose, "idea": first})  # a repeat
    play.do(one, "ChooseIdea", idea=first, chosen=False)
    play.do(one, "ChooseIdea", idea=second)
    play.do(play.facilitator, "EndPhase", phase="groups")
    play.wait(30)
    assert refusal(play, one, "ChooseIdea", idea=second, chosen=False) == "phase.over"


def one_two_four_all(people: int = 9) -> Play:
    play = Play(
        writing(**ALONE),
        phase("brainstorm", "pairs", board="side", groups={**PAIRS, "choose": 1}),
        phase("brainstorm", "fours", groups={**PAIRS, "choose": 1}),
        phase("discuss", "all", board="plenary", groups={"back": True, "top": 1}),
    )
    play.start("groups")
    for number in range(people):
        person = play.join()
        take_seat(play, person)
        play.post(person, f"idea {number}")
    return play


def test_one_two_four_all() -> None:
    play = one_two_four_all(9)
    assert sizes(play) == [1] * 9
    play.start("pairs")
    assert sizes(play) == [2, 2, 2, 3]
    for members in by_group(play).values():
        texts = [play.texts(person) for person in members]
        assert all(len(set(text)) >= len(members) for text in texts)
        card = next(iter(play.sees(members[0], "idea").values()))
        play.do(members[0], "ChooseIdea", idea=card["id"])
    play.start("fours")
    assert sizes(play) == [4, 5]
    for members in by_group(play).values():
        carried = [card for card in play.sees(members[0], "idea").values() if card["source"] == "carried"]
        assert {card["state"] for card in carried} == {"open"}
        play.do(members[-1], "ChooseIdea", idea=carried[0]["id"])
    play.start("all")
    assert len(play.texts("participants")) == 2
    brought = next(idea for idea in play.state.ideas.values() if idea.board == "plenary")
    assert brought.origin is not None
    source = play.state.ideas[str(brought.origin.idea)]
    assert source.text == brought.text
    assert source.origin is not None  # and that one knows where it comes from, too
    assert play.state == replay(play.log)


def test_what_no_group_chose_is_not_lost() -> None:
    play = grouped(4, writing(by="random", count=2), phase("discuss", "all", board="side", groups={"back": True}))
    for person in people_of(play):
        play.post(person, f"of {person.id}")
    play.start("all")
    assert len(list(play.state.on_board("side"))) == 4


def test_back_in_plenary_twice_brings_no_card_twice_and_undo_takes_them_back() -> None:
    play = grouped(2, writing(by="random", count=1), phase("discuss", "all", board="side", groups={"back": True}))
    play.post(people_of(play)[0], "one")
    start = play.start("all")
    assert len(list(play.state.on_board("side"))) == 1
    play.undo(start)
    assert not list(play.state.on_board("side"))
    assert play.state.session.phase == "groups"
    play.start("all")
    play.start("groups")
    play.start("all")
    assert len(list(play.state.on_board("side"))) == 1


def test_what_is_carried_and_what_groups_bring_back_have_numbers_of_their_own() -> None:
    """A phase that does both at its start: no number names two cards, and no idea gets two of them."""
    both = phase("discuss", "all", board="side", groups={"back": True}, carry={"from": "wall", "top": 3})
    play = grouped(4, writing(by="random", count=2), both)
    for person in people_of(play):
        play.post(person, f"of {person.id}")
    play.do(play.facilitator, "PostIdea", phase="groups", text="of all", board="wall")
    play.start("all")
    numbers = [idea.number for idea in play.state.ideas.values()]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    origins = [idea.origin.idea for idea in play.state.on_board("side") if idea.origin]
    assert len(origins) == len(set(origins)) == 4
    steady(play)


def test_erasing_a_card_erases_what_was_carried_of_it() -> None:
    play = grouped(2, writing(by="random", count=1), phase("discuss", "all", board="side", groups={"back": True}))
    card = play.post(people_of(play)[0], "a secret that must go")
    play.start("all")
    play.do(play.facilitator, "EraseIdea", idea=card)
    assert b"a secret that must go" not in play.written()


def test_groups_that_are_kept_find_their_board_again() -> None:
    play = grouped(4, writing(by="random", count=2), phase("brainstorm", "more", groups={"keep": True}))
    people = people_of(play)
    play.post(people[0], "ours")
    before = {person.id: sorted(map(str, play.texts(person))) for person in people}
    mates = {frozenset(p.id for p in members) for members in by_group(play).values()}
    play.start("more")
    assert {person.id: sorted(map(str, play.texts(person))) for person in people} == before
    assert {frozenset(p.id for p in members) for members in by_group(play).values()} == mates


def test_a_cafe_moves_on_to_the_next_table_and_finds_what_was_left_there() -> None:
    play = grouped(
        6,
        writing(by="random", count=3),
        phase("brainstorm", "second", groups={"rotate": True}),
        phase("brainstorm", "third", groups={"rotate": True}),
        phase("brainstorm", "fourth", groups={"rotate": True}),
    )
    groups = by_group(play)
    left = {}
    for number, members in enumerate(groups.values()):
        play.post(members[0], f"left at {number}")
        left[number] = groups_boards(play, members[0])[0]["table"]
    seen = {number: [play.texts(members[1])] for number, members in enumerate(groups.values())}
    for round_ in ("second", "third", "fourth"):
        play.start(round_)
        for number, members in enumerate(groups.values()):
            seen[number].append(play.texts(members[1]))
            assert play.texts(members[0])  # the author sees the own card wherever they are
    for number in seen:
        assert seen[number][0] == seen[number][3] == [f"left at {number}"]
        assert len({str(texts) for texts in seen[number]}) == 3


def test_going_back_finds_the_groups_of_then() -> None:
    play = one_two_four_all(4)
    alone = {person.id: group_of(play, person) for person in people_of(play)}
    play.start("pairs")
    play.start("groups")
    assert {person.id: group_of(play, person) for person in people_of(play)} == alone
    for person in people_of(play):
        assert len(play.texts(person)) == 1


def test_the_start_of_a_phase_with_groups_can_be_undone_and_done_again() -> None:
    play = one_two_four_all(4)
    start = play.start("pairs")
    carried = len([idea for idea in play.state.ideas.values() if idea.source == "carried" and idea.stands])
    play.undo(start)
    assert play.state.session.grouping == "groups"
    assert [len(play.texts(person)) for person in people_of(play)] == [1, 1, 1, 1]
    play.start("pairs")
    assert len([i for i in play.state.ideas.values() if i.source == "carried" and i.stands]) == carried == 4
    assert play.state == replay(play.log)


# --- the desk moves people


def test_a_person_is_moved_and_it_can_be_undone() -> None:
    play = grouped(4, writing(by="random", count=2))
    (here, *_), (there, *_) = by_group(play).values()
    play.post(here, "ours")
    old, new = group_of(play, here), group_of(play, there)
    member = seat_of(play.state, here)
    assert member
    move = play.do(play.facilitator, "MoveMember", member=member.id, group=new)
    assert group_of(play, here) == new
    assert play.texts(here) == ["ours"]  # one's own card stays one's own
    assert play.texts(there) == []
    assert refusal(play, here, "EditIdea", idea=next(iter(play.state.ideas)), text="x") == "group.other"
    play.undo(move)
    assert group_of(play, here) == old
    assert refusal(play, here, "MoveMember", member=member.id, group=new) == "role.refused"
    assert refusal(play, play.facilitator, "MoveMember", member=member.id, group="nowhere") == "group.unknown"


def test_two_groups_become_one() -> None:
    play = grouped(4, writing(by="random", count=2))
    (here, *_), (there, *_) = by_group(play).values()
    play.post(here, "of the first")
    play.post(there, "of the second")
    merge = play.do(play.facilitator, "MergeGroups", group=group_of(play, here), into=group_of(play, there))
    assert sizes(play) == [4]
    assert set(play.texts(there)) == {"of the first", "of the second"}
    play.undo(merge)
    assert sizes(play) == [2, 2]
    assert play.texts(there) == ["of the second"]
    assert play.state == replay(play.log)


def test_nobody_is_moved_back_into_a_group_that_is_gone() -> None:
    play = grouped(4, writing(by="random", count=2))
    (here, *_), (there, *_) = by_group(play).values()
    old, new = group_of(play, here), group_of(play, there)
    member = seat_of(play.state, here)
    assert member
    move = play.do(play.facilitator, "MoveMember", member=member.id, group=new)
    play.do(play.facilitator, "MergeGroups", group=old, into=new)
    assert refusal(play, play.facilitator, "Undo", command=move) == "undo.overtaken"


# --- what the screen shows is for all


def test_a_groups_board_is_for_all_as_long_as_a_screen_shows_it() -> None:
    play = grouped(4, writing(by="random", count=2))
    (here, *_), (there, *_) = by_group(play).values()
    card = play.post(here, "ours")
    board = play.state.ideas[card].board
    play.do(play.facilitator, "Show", what="board", board=board)
    assert play.texts(there) == play.texts("screens") == ["ours"]
    assert play.texts(here) == ["ours"]
    play.do(play.facilitator, "Show", what="phase")
    assert play.texts(there) == play.texts("screens") == []
    assert play.texts(here) == ["ours"]
    other = play.post(here, "but not this one")
    show = play.do(play.facilitator, "Show", what="card", idea=card)
    assert play.texts(there) == ["ours"]
    play.undo(show)
    assert play.texts(there) == []
    assert other in play.sees(here, "idea")


def test_the_overview_counts_people_and_cards_by_group() -> None:
    play = grouped(4, writing(by="random", count=2))
    play.post(people_of(play)[0], "one")
    assert b'"groups": [' not in play.sent("participants")
    play.do(play.facilitator, "Show", what="groups")
    frames = [json.loads(frame) for frame in play.frames["screens"] if frame.startswith(b"{")]
    last = next(frame for frame in reversed(frames) if frame["type"] == "counts")
    assert sorted((group["people"], group["ideas"]) for group in last["groups"]) == [(2, 0), (2, 1)]


def test_the_audience_of_a_desk_is_no_group() -> None:
    play = grouped(2, writing(**DRAWN))
    assert audience_of(play.state, play.facilitator) == "participants"
    assert audience_of(play.state, people_of(play)[0]).startswith("group:")


# --- formats


@pytest.mark.parametrize(
    "wish",
    [
        {}, {"by": "stars"}, {"by": "random"}, {"by": "random", "size": 0}, {"by": "random", "size": 4, "count": 2},
        {"by": "attribute", "size": 4, "mix": True}, {"merge": 1}, {"merge": 2, "keep": True}, {"seats": 4},
        {"by": "table", "size": 4}, {"rotate": "yes"}, "random", {"by": "attribute", "attribute": "x", "size": 4},
    ],
)  # fmt: skip
def test_what_is_no_way_to_form_groups_is_refused(wish: object) -> None:
    with pytest.raises(ValueError, match=r"^groups: "):
        check_groups(wish)


@pytest.mark.parametrize("activity", ["vote", "discuss"])
def test_what_no_group_can_do_is_refused(activity: str) -> None:
    board = {"id": "wall", "title": {"en": "Wall"}}
    plan = {
        "title": {"en": "P"}, "summary": {"en": "P"}, "languages": ["en"], "boards": [board],
        "phases": [phase(activity, groups={"by": "random", "size": 2})],
    }  # fmt: skip
    with pytest.raises(FormatMistake, match="plenary"):
        read("play", plan, RULES.activities, RULES.methods)


def test_groups_are_formed_by_what_people_are_asked() -> None:
    with pytest.raises(FormatMistake, match="'sector' is missing"):
        Play(writing(by="attribute", attribute="sector"))


def test_a_place_is_refused_where_there_are_no_groups() -> None:
    play = Play(phase("brainstorm"))
    person = play.join()
    assert key_of(lambda: play.do(person, "JoinGroup", phase="brainstorm")) == "phase.over"
    play.start("brainstorm")
    assert key_of(lambda: play.do(person, "JoinGroup", phase="brainstorm")) == "not-now"


# --- what remains


def test_the_minutes_say_which_group_wrote_what_and_lose_nothing() -> None:
    play = grouped(4, writing(by="random", count=2, choose=1), phase("discuss", board="side", groups={"back": True}))
    written = {play.post(person, f"of {person.id}") for person in people_of(play)}
    play.start("discuss")
    made = play.report()
    (block,) = [one for step in made.steps for one in step.blocks if isinstance(one, Ideas) and step.id == "groups"]
    assert [group.column.text for group in block.groups if group.column] == ["Group 1", "Group 2"]
    assert {card for group in block.groups for card in group.cards} == written


@pytest.mark.parametrize("later", [{"rotate": True}, {"keep": True}])
@pytest.mark.parametrize("by", ["table", "attribute"])
def test_the_minutes_name_a_round_after_those_who_sat_there_then(by: str, later: dict[str, object]) -> None:
    """Who has moved on since is not taken for who wrote; and what people have in common goes by its title."""
    moved = phase("brainstorm", "second", groups=later)
    sector = {
        "id": "sector",
        "title": {"en": "Sector"},
        "options": [{"id": id_, "title": {"en": f"Title of {id_}"}} for id_ in ("a", "b", "c")],
    }
    wish = {"by": by, "attribute": "sector"} if by == "attribute" else {"by": by}
    play = Play(writing(**wish), moved, names="optional", attributes=[sector])
    play.start("groups")
    wrote = {}
    for id_ in ("a", "b", "c"):
        person = play.join("Somebody")
        play.rows[person.id] = {"name": "Somebody", "attributes": {"sector": id_}}
        play.state.names = dict(play.rows)
        take_seat(play, person, **({"group": id_} if by == "table" else {}))
        called = f"Table {id_.upper()}" if by == "table" else f"Group Title of {id_}"
        wrote[called] = {play.post(person, f"at {id_}")}
        (group,) = play.sees(person, "group").values()
        assert group.get("title") == ({"en": f"Title of {id_}"} if by == "attribute" else None)
    play.start("second")
    made = play.report()
    (block,) = [one for step in made.steps for one in step.blocks if isinstance(one, Ideas) and step.id == "groups"]
    assert {group.column.text: set(group.cards) for group in block.groups if group.column} == wrote
    titles = [group.get("title", {}).get("en") for group in overview(play.state)]
    assert titles == [f"Title of {id_}" if by == "attribute" else None for id_ in ("a", "b", "c")]


def test_each_round_has_the_questions_that_were_asked_in_it() -> None:
    """Where the next round asks anew: in the minutes, and for whoever goes back; also what the desk asked meanwhile."""
    asked = {name: [{"en": f"{name} {n}?"} for n in (1, 2)] for name in ("First", "Second")}
    play = grouped(
        2,
        writing(by="random", count=2, prompts=asked["First"]),
        phase("brainstorm", "second", groups={"rotate": True, "prompts": asked["Second"]}),
    )

    def prompts() -> dict[int, str]:
        boards = [board for person in people_of(play) for board in groups_boards(play, person)]
        return {board["table"]: board["prompt"]["en"] for board in boards}

    def minutes(id_: str) -> set[str]:
        made = play.report()
        (block,) = [one for step in made.steps for one in step.blocks if isinstance(one, Ideas) and step.id == id_]
        return {group.prompt.text for group in block.groups if group.prompt}

    for person in people_of(play):
        play.post(person, "in the first round")
    play.do(play.facilitator, "PromptGroup", group="groups.2", prompt="The desk asks?")
    start = play.start("second")
    assert prompts() == {1: "Second 1?", 2: "Second 2?"}
    play.undo(start)
    assert prompts() == {1: "First 1?", 2: "The desk asks?"}
    play.start("second")
    for person in people_of(play):
        play.post(person, "in the second round")
    assert minutes("groups") == {"First 1?", "The desk asks?"}
    assert minutes("second") == {"Second 1?", "Second 2?"}
    play.start("groups")
    assert prompts() == {1: "First 1?", 2: "The desk asks?"}
    again = play.do(play.facilitator, "PromptGroup", group="groups.1", prompt="")
    play.undo(again)
    play.start("second")
    assert prompts() == {1: "Second 1?", 2: "Second 2?"}
    assert minutes("groups") == {"First 1?", "The desk asks?"}
    assert play.state == replay(play.log)
    play.restart()


# --- tables that are numbered, and what becomes of their cards later


def test_a_table_has_the_number_that_stands_on_it() -> None:
    """In whatever order people come; and so it has the question of that number, and its places their names."""
    prompts = [{"en": "One?"}, {"en": "Two?"}, {"en": "Three?"}]
    play = Play(writing(by="table", prompts=prompts))
    play.start("groups")
    codes = ("3", "A", "B", "1", "999999", "٣", "2", "03")
    for code in codes:
        take_seat(play, play.join(), group=code)
    numbers = {group.name: group.number for group in play.state.groups.values()}
    assert numbers == {"3": 3, "A": 2, "B": 4, "1": 1, "999999": 5, "٣": 6, "2": 7, "03": 8}
    asked = {board["code"]: board["prompt"]["en"] for p in people_of(play) for board in groups_boards(play, p)}
    assert (asked["3"], asked["1"]) == ("Three?", "One?")
    assert play.state == replay(play.log)


@pytest.mark.parametrize("wish", [{"keep": True}, {"rotate": True}])
def test_who_scans_a_tables_card_late_comes_to_the_group_that_sits_there_now(wish: dict[str, object]) -> None:
    play = Play(writing(by="table"), phase("brainstorm", "later", groups=wish))
    play.start("groups")
    for code in ("1", "2", "2", "3", "3"):
        take_seat(play, play.join(), group=code)
    play.start("later")
    late = play.join()
    take_seat(play, late)  # the live floor finds a place for everybody
    take_seat(play, late, group=" 2 ")
    (board,) = groups_boards(play, late)
    assert board["code"] == "2"
    before = play.state.seq
    take_seat(play, late, group="2")
    assert play.state.seq == before
    take_seat(play, late, group="3")
    assert groups_boards(play, late)[0]["code"] == "3"
    unknown = play.join()
    take_seat(play, unknown, group="77")  # no such table: as without a card
    assert seat_of(play.state, unknown) is not None
    assert play.state == replay(play.log)


def test_only_tables_take_a_code() -> None:
    """A group that was drawn, or is named after what people have in common, is nobody's to choose."""
    play = with_sectors({"by": "attribute", "attribute": "sector"}, "city", "firm")
    person = people_of(play)[0]
    before = group_of(play, person)
    take_seat(play, person, group="FIRM")
    assert group_of(play, person) == before
    assert not any("code" in board for board in play.sees("facilitators", "board").values())


def test_writing_that_is_paused_is_paused_at_every_table() -> None:
    """New cards, changes and comments alike; phones are told; it goes on at all of them, those made meanwhile too."""
    play = grouped(2, phase("brainstorm", "groups", groups={"by": "random", "size": 1}, comments=True))
    one, two = people_of(play)
    card = play.post(one, "Before")
    for unlock in (False, True):
        locked = play.do(play.facilitator, "LockBoard", board="wall", locked=True)
        assert refusal(play, one, "PostIdea", phase="groups", text="Meanwhile") == "board.locked"
        assert refusal(play, one, "EditIdea", idea=card, text="Changed meanwhile") == "board.locked"
        assert refusal(play, one, "PostComment", phase="groups", idea=card, text="Said meanwhile") == "board.locked"
        assert play.sees(two, "board")[group_of(play, two)]["locked"]
        late = play.join()
        take_seat(play, late)
        if unlock:
            play.do(play.facilitator, "LockBoard", board="wall", locked=False)
        else:
            play.undo(locked)
        for person in (one, two, late):
            assert not play.sees(person, "board")[group_of(play, person)]["locked"]
            play.post(person, "Afterwards")


# --- tried out before people came, or gone back to when more have come


def on_the_board_of(play: Play, person: Actor) -> list[str]:
    (board,) = groups_boards(play, person)
    return sorted(idea.text or "" for idea in play.state.on_board(board["id"]))


def test_what_was_tried_out_with_one_phone_is_formed_for_all_who_have_come_since() -> None:
    """They go on with their group, and so do the cards; no card goes to a board that is not there."""
    pairs = phase("brainstorm", "pairs", groups={"merge": 2, "top": 2})
    play = grouped(1, writing(**ALONE), pairs, phase("brainstorm", "fours", groups={"merge": 2}))
    play.start("pairs")
    play.start("fours")
    play.start("groups")
    for _ in range(7):
        take_seat(play, play.join())
    for person in people_of(play):
        play.post(person, f"of {person.id}")
    for later, size in (("pairs", 2), ("fours", 4)):
        play.start(later)
        assert sizes(play) == [size] * (8 // size)
        for members in by_group(play).values():
            assert on_the_board_of(play, members[0]) == sorted(f"of {person.id}" for person in members)
    assert play.state == replay(play.log)
    play.restart()


def test_who_comes_to_a_table_after_the_change_was_tried_out_moves_on_with_it() -> None:
    """Also at a table that nobody sat at before: it has a group of its own then, and each board still one."""
    play = grouped(0, writing(by="table"), phase("brainstorm", "second", groups={"rotate": True, "hosts": 1}))
    people = [play.join() for _ in range(6)]
    for person, name in zip(people[:2], "12", strict=True):
        take_seat(play, person, group=name)
    play.start("second")
    play.start("groups")
    for person, name in zip(people[2:], "1233", strict=True):
        take_seat(play, person, group=name)
    play.do(people[2], "StayAsHost", phase="groups")
    play.start("second")
    at = [groups_boards(play, person)[0]["table"] for person in people]
    assert at == [2, 1, 1, 1, 3, 3], "the third stays"
    play.start("groups")
    play.do(people[2], "StayAsHost", phase="groups", stay=False)
    play.start("second")
    play.start("groups")
    play.do(people[2], "StayAsHost", phase="groups")
    play.start("second")
    at = [groups_boards(play, person)[0]["table"] for person in people]
    assert at == [2, 1, 1, 1, 3, 3], "as often as they think again"
    boards = [str(group.board) for group in play.state.groups_of("second")]
    assert sorted(boards) == sorted(str(group.board) for group in play.state.groups_of("groups"))
    assert play.state == replay(play.log)


def test_cards_of_a_group_that_the_desk_merged_go_where_its_people_are_and_only_once() -> None:
    play = grouped(4, writing(**ALONE), phase("brainstorm", "pairs", groups=PAIRS))
    for person in people_of(play):
        play.post(person, f"of {person.id}")
    play.start("pairs")
    first, second = play.state.groups_of("pairs")
    play.do(play.facilitator, "MergeGroups", group=second.id, into=first.id)
    play.start("groups")
    person = people_of(play)[-1]
    play.post(person, "another")
    play.start("pairs")
    assert on_the_board_of(play, person) == ["another", *sorted(f"of {one.id}" for one in people_of(play))]


@pytest.mark.parametrize("back", [False, True])
def test_a_carried_card_that_the_desk_hid_is_not_carried_again(back: bool) -> None:
    wish = {"back": True} if back else {"merge": 2}
    there = phase("discuss" if back else "brainstorm", "there", board="side" if back else "wall", groups=wish)
    play = grouped(2, writing(**ALONE), there)
    play.post(people_of(play)[0], "hurtful")
    play.start("there")
    (carried,) = (idea.id for idea in play.state.ideas.values() if idea.origin)
    hide = play.do(play.facilitator, "HideIdea", idea=carried)
    play.start("groups")
    play.start("there")
    assert [idea.id for idea in play.state.ideas.values() if idea.origin] == [carried]
    play.undo(hide)
    assert [idea.text for idea in play.state.on_board(play.state.ideas[carried].board)] == ["hurtful"]


def test_who_sits_where_is_told_by_name_also_after_a_restart_and_with_another_name() -> None:
    """Where names are shown: the name may come, or change, when somebody sits already."""
    play = Play(writing(by="random", count=1), names="optional")
    play.start("groups")
    person = play.join()
    take_seat(play, person)
    for name in ("Robin", "Kim"):
        play.do(person, "Join", name=name)
        for _ in range(2):
            assert [member.get("name") for member in play.sees("facilitators", "member").values()] == [name]
            play.restart()


def test_a_start_that_is_undone_after_a_merging_was_gives_back_the_boards() -> None:
    """In whatever order: first the groups are parted, then it turns out that they are not where people sit."""
    play = grouped(4, writing(by="random", count=2), phase("brainstorm", "later", groups={"keep": True}))
    people = people_of(play)
    homes = {person.id: groups_boards(play, person)[0]["id"] for person in people}
    play.start("later")
    merge = play.do(play.facilitator, "MergeGroups", group="groups.1", into="groups.2")
    play.start("groups")
    start = play.start("later")
    play.undo(merge)
    play.undo(start)
    assert play.state.session.grouping == "groups"
    assert {person.id: board["id"] for person in people for board in groups_boards(play, person)} == homes
    assert play.state == replay(play.log)
