"""Carrying forward: what one board found out becomes the cards of the next, and each says where it came from."""

from typing import Any

import pytest

from facilitate.core.actors import Actor
from facilitate.core.rounds import leading
from facilitate.exports import kinds
from tests.play import Play, key_of, phase, refusal, steady


def workshop(*more: dict[str, Any], **side: Any) -> tuple[Play, list[str]]:
    """Five ideas, two of them in a cluster with a title, two in one without; and a phase on another board to come."""
    play = Play(
        phase("brainstorm", "write"),
        phase("cluster", "sort"),
        phase("vote", "choose", of="clusters"),
        phase("brainstorm", "on", board="side", **side),
        *more,
    )
    play.start("write")
    ideas = [play.post(play.join(), text) for text in ("one", "two", "three", "four", "five")]
    play.start("sort")
    play.do(play.facilitator, "FormCluster", id="cluster-titled-00", ideas=ideas[:2], title="Together")
    play.do(play.facilitator, "FormCluster", id="cluster-plain-000", ideas=ideas[2:4])
    return play, ideas


def carry(play: Play, **fields: Any) -> str:
    return play.do(play.facilitator, "CarryForward", **{"board": "wall", "phase": "on", **fields})


def carried(play: Play, board: str = "side") -> list[tuple[str | None, str, int | None]]:
    """(text, mark, votes) of the carried cards of a board, as participants see them."""
    seen = [idea for idea in play.sees("participants", "idea").values() if idea["board"] == board]
    return [
        (idea["text"], idea["origin"]["mark"], idea["origin"].get("votes"))
        for idea in sorted(seen, key=lambda idea: int(idea["number"]))
        if "origin" in idea
    ]


def test_without_a_vote_the_largest_clusters_come_first() -> None:
    """Then the ideas that stand alone. A cluster without a title goes by its first idea's words."""
    play, _ = workshop()
    carry(play)
    assert carried(play) == [("Together", "A", None), ("three", "B", None), ("five", "5", None)]
    assert [idea["source"] for idea in play.sees("participants", "idea").values()].count("carried") == 3
    steady(play)


def test_the_last_vote_says_what_is_best() -> None:
    """What it got is told only where the result was shown; an open round says nothing."""
    play, ideas = workshop()
    play.start("choose")
    play.vote(play.join(), **{ideas[4]: 2})
    carry(play, top=1)
    assert carried(play) == [("Together", "A", None)]
    first = play.round
    play.do(play.facilitator, "CloseRound", round=first)
    carry(play, top=1)
    assert carried(play)[1:] == [("five", "5", None)]
    play.do(play.facilitator, "VoteAgain", phase="choose")
    play.vote(play.join(), **{"cluster-plain-000": 3})
    play.do(play.facilitator, "ShowResults", round=play.round)
    carry(play, top=1)
    assert carried(play)[2:] == [("three", "B", 3)]
    steady(play)


@pytest.mark.parametrize("top", [1, 2, 3, 4])
def test_equals_come_along_and_what_got_nothing_stays(top: int) -> None:
    """Three with one vote each, one with two, the rest with none: no place in a list decides among the three."""
    play = Play(
        phase("brainstorm"), phase("vote", of="ideas"), phase("brainstorm", "on", board="side"),
        phase("discuss", top=top),
    )  # fmt: skip
    play.start("brainstorm")
    ideas = [play.post(play.join(), f"idea {number}") for number in range(6)]
    play.start("vote")
    for number in (4, 5, 1, 4, 2):
        play.vote(play.join(), **{ideas[number]: 1})
    play.do(play.facilitator, "ShowResults", round=play.round)
    carry(play, top=top)
    expected = {ideas[4]} if top == 1 else {ideas[4], ideas[5], ideas[1], ideas[2]}
    assert {idea.origin.idea for idea in play.state.ideas.values() if idea.origin} == expected
    play.start("discuss")
    assert set(play.state.slice_of("discuss")["items"]) == expected
    steady(play)


def test_a_hundred_equals_are_not_cut_anywhere() -> None:
    """They are more than a board takes at once: then those before them come alone."""
    results = [("first", 2), *((f"equal-{number}", 1) for number in range(100))]
    assert leading(results, 5, 50) == ["first"]
    assert leading(results, 5, 200) == [option for option, _ in results]
    assert leading([("a", 0)], 5, 50) == []


def test_a_vote_in_which_nobody_voted_decides_nothing() -> None:
    """As without one: the largest come, also where an earlier one had a result."""
    play, ideas = workshop()
    play.start("choose")
    play.vote(play.join(), **{ideas[4]: 1})
    play.do(play.facilitator, "VoteAgain", phase="choose")
    play.do(play.facilitator, "ShowResults", round=play.round)
    carry(play, top=1)
    assert [text for text, _, _ in carried(play)] == ["Together"]


def test_ideas_instead_of_clusters_or_what_was_chosen() -> None:
    """By number without a vote; or just these, in this order."""
    play, ideas = workshop()
    carry(play, of="ideas", top=2)
    assert carried(play) == [("one", "1", None), ("two", "2", None)]
    carry(play, chosen=[ideas[4], "cluster-titled-00"])
    assert carried(play)[2:] == [("five", "5", None), ("Together", "A", None)]
    steady(play)


def test_twice_carries_nothing_twice() -> None:
    """The same command, and another one; what was taken back may come again."""
    play, _ = workshop()
    first = carry(play)
    state = play.state
    play.give(play.facilitator, {"kind": "CarryForward", "id": first, "board": "wall", "phase": "on"})
    assert play.state is state
    carry(play)
    assert len(carried(play)) == 3
    play.restart()
    play.undo(first)
    assert carried(play) == []
    carry(play)
    assert len(carried(play)) == 3
    steady(play)


def test_one_undo_takes_all_of_it_back_until_somebody_worked_with_it() -> None:
    """A card that was moved since holds all of them."""
    play, _ = workshop()
    first = carry(play)
    card = next(idea["id"] for idea in play.sees("facilitators", "idea").values() if idea["board"] == "side")
    form = play.do(play.facilitator, "FormCluster", ideas=[card], title="New")
    assert key_of(lambda: play.undo(first)) == "undo.overtaken"
    play.undo(form)
    play.undo(first)
    assert carried(play) == []
    steady(play)


def test_what_lies_face_down_or_was_hidden_is_never_carried() -> None:
    """Neither as a card nor as the words of a cluster."""
    play, ideas = workshop()
    play.do(play.facilitator, "HideIdea", idea=ideas[2])
    play.do(play.facilitator, "HideIdea", idea=ideas[4])
    carry(play)
    assert carried(play) == [("Together", "A", None), ("four", "B", None)]
    secret = Play(phase("brainstorm", "write", private=True), phase("brainstorm", "on", board="side"))
    secret.start("write")
    down = secret.post(secret.join(), "nobody may read this")
    assert refusal(secret, secret.facilitator, "CarryForward", board="wall", phase="on") == "carry.nothing"
    fields = {"board": "wall", "phase": "on", "chosen": [down]}
    assert refusal(secret, secret.facilitator, "CarryForward", **fields) == "idea.unknown"
    assert b"nobody may read this" not in secret.sent("participants")


def test_what_was_set_aside_is_not_among_the_best() -> None:
    """The parking lot goes on only where somebody chooses it."""
    play, ideas = workshop()
    play.do(play.facilitator, "SetAside", ideas=[ideas[4]])
    carry(play)
    assert carried(play) == [("Together", "A", None), ("three", "B", None)]
    carry(play, chosen=[ideas[4]])
    assert carried(play)[2:] == [("five", "5", None)]


def test_erasing_takes_the_copies_with_it() -> None:
    """An idea's words are gone from every board that they were carried to, and from the log."""
    play, ideas = workshop(phase("brainstorm", "last", board="wall"))
    carry(play, chosen=[ideas[4]])
    copy = next(idea.id for idea in play.state.ideas.values() if idea.board == "side")
    play.do(play.facilitator, "CarryForward", board="side", phase="last", chosen=[copy])
    assert [idea.text for idea in play.state.ideas.values()].count("five") == 3
    play.do(play.facilitator, "EraseIdea", idea=ideas[4])
    assert "five" not in play.texts("facilitators")
    assert b'"five"' not in play.written()
    steady(play)


def test_an_erased_idea_takes_the_words_of_its_cluster_with_it() -> None:
    """A cluster without a title was called by them."""
    play, ideas = workshop()
    carry(play)
    play.do(play.facilitator, "EraseIdea", idea=ideas[2])
    assert [text for text, _, _ in carried(play)] == ["Together", "five"]
    assert b'"three"' not in play.written()


def test_the_format_carries_when_the_phase_starts() -> None:
    """Once, however often it is started; and its start's Undo takes the cards back."""
    play, _ = workshop(carry={"from": "wall", "top": 2})
    start = play.start("on")
    assert carried(play) == [("Together", "A", None), ("three", "B", None)]
    play.undo(start)
    assert carried(play) == []
    play.start("on")
    play.start("write")
    play.start("on")
    assert len(carried(play)) == 2
    steady(play)


def test_a_discussion_lists_what_its_start_carried() -> None:
    """The cards are there before the activity begins."""
    play = Play(phase("brainstorm", "write"), phase("discuss", "talk", board="side", carry={"from": "wall", "top": 2}))
    play.start("write")
    for text in ("one", "two", "three"):
        play.post(play.join(), text)
    play.start("talk")
    items = play.sees("participants", "phase")["talk"]["doing"]["items"]
    assert [play.state.ideas[item].text for item in items] == ["one", "two"]
    steady(play)


def test_three_stages_feed_one_another() -> None:
    """Practice to insights to solutions: each card leads back to the one that it came from."""
    play = Play(
        phase("brainstorm", "practice", stage="co-learning"),
        phase("brainstorm", "insights", stage="co-sharing", board="side", carry={"from": "wall", "top": 1}),
        phase("vote", "choose", stage="co-sharing", board="side", of="ideas"),
    )
    play.start("practice")
    root = play.post(play.join(), "a shared office")
    play.post(play.join(), "another")
    play.start("insights")
    middle = next(idea for idea in play.state.ideas.values() if idea.board == "side")
    play.start("choose")
    play.vote(play.join(), **{middle.id: 3})
    play.do(play.facilitator, "ShowResults", round=play.round)
    made = play.do(
        play.facilitator, "InsertPhase", activity="brainstorm", title={"en": "Create"}, stage="co-creation",
        new_board={"en": "Solutions"}, after="choose", settings={"carry": {"from": "side", "top": 1}},
    )  # fmt: skip
    play.start(made)
    board = str(play.state.phases[made].board)
    last = next(idea for idea in play.state.ideas.values() if idea.board == board)
    assert last.origin is not None
    assert middle.origin is not None
    assert (last.text, last.origin.votes) == ("a shared office", 3)
    assert (last.origin.idea, middle.origin.idea) == (middle.id, root)
    steady(play)


def test_the_desk_edits_what_it_carried() -> None:
    """The copy alone: the first idea keeps its author's words."""
    play, ideas = workshop()
    carry(play, chosen=[ideas[4]])
    copy = next(idea.id for idea in play.state.ideas.values() if idea.board == "side")
    play.do(play.facilitator, "EditIdea", idea=copy, text="five, but better")
    assert carried(play) == [("five, but better", "5", None)]
    assert play.state.ideas[ideas[4]].text == "five"
    person = play.join()
    assert refusal(play, person, "EditIdea", idea=copy, text="mine") == "role.refused"


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"board": "no-such"}, "board.unknown"),
        ({"phase": "no-such"}, "phase.unknown"),
        ({"phase": "sort"}, "carry.board"),
        ({"phase": "pause"}, "carry.board"),
        ({"board": "side", "phase": "write"}, "carry.nothing"),
        ({"top": 0}, "command.malformed"),
        ({"top": 51}, "command.malformed"),
        ({"of": "people"}, "command.malformed"),
        ({"chosen": ["no-such"]}, "idea.unknown"),
        ({"chosen": []}, "carry.nothing"),
    ],
)
def test_what_cannot_be_carried(fields: dict[str, Any], key: str) -> None:
    """Each with its key, and nothing changed."""
    play, _ = workshop(phase("pause", "pause"))
    before = play.state
    assert key_of(lambda: carry(play, **fields)) == key
    assert play.state is before


def test_only_facilitators_carry() -> None:
    """Neither participants nor screens."""
    play, _ = workshop()
    for actor in (play.join(), Actor("screen", "s1")):
        assert refusal(play, actor, "CarryForward", board="wall", phase="on") == "role.refused"


@pytest.mark.parametrize("kind", ["markdown", "html", "csv", "json"])
def test_the_exports_say_where_a_card_came_from(kind: str) -> None:
    """From which board, which number or letter, and with how many votes."""
    play, ideas = workshop()
    play.start("choose")
    play.vote(play.join(), **{ideas[4]: 2})
    play.do(play.facilitator, "ShowResults", round=play.round)
    carry(play, top=2)
    carry(play, chosen=["cluster-titled-00"])
    play.start("on")
    it = play.report()
    written = kinds()[kind].write(it).decode()
    if kind == "json":
        assert '"mark": "5"' in written
        assert '"votes": 2' in written
        return
    assert "From “Wall”, 5, 2 votes" in written.replace("\\", "")
    assert "From “Wall”, A, 0 votes" in written.replace("\\", "")


@pytest.mark.parametrize("kind", ["markdown", "html"])
def test_the_minutes_tell_of_phases_added_repeated_and_skipped(kind: str) -> None:
    """And not of those that were taken away."""
    play, _ = workshop(phase("pause", "coffee"))
    again = play.do(play.facilitator, "RepeatPhase", phase="write")
    fields: dict[str, Any] = {"activity": "brainstorm", "title": {"en": "More"}, "board": "wall", "after": again}
    more = play.do(play.facilitator, "InsertPhase", **fields)
    gone = play.do(play.facilitator, "InsertPhase", activity="pause", title={"en": "Nothing"}, after=again)
    play.do(play.facilitator, "RemovePhase", phase=gone)
    play.do(play.facilitator, "SkipPhase", phase="coffee")
    for one in (again, more):
        play.start(one)
        play.post(play.join(), f"in {one}")
    it = play.report()
    written = kinds()[kind].write(it).decode().replace("\\", "")
    assert "repeats step 1" in written
    assert "added during the workshop" in written
    assert "skipped" in written
    assert "Nothing" not in written
    assert [step.title.text for step in it.steps] == [
        "brainstorm", "cluster", "brainstorm (2)", "More", "vote", "brainstorm", "pause",
    ]  # fmt: skip


# --- from groups, and for groups


def in_groups(*more: dict[str, Any]) -> tuple[Play, dict[str, list[Actor]]]:
    """Two groups of two at work on the wall, each with two cards: `1.1`, `1.2`, `2.1`, `2.2`."""
    wish = {"by": "random", "count": 2, "choose": 1}
    play = Play(phase("brainstorm", "write", groups=wish), phase("brainstorm", "on", board="side"), *more)
    play.start("write")
    for _ in range(4):
        play.do(play.join(), "JoinGroup", phase="write")
    seated: dict[str, list[Actor]] = {}
    for person, _ in list(play.people.values()):
        (group,) = play.sees(person, "group")
        seated.setdefault(group, []).append(person)
    seated = dict(sorted(seated.items()))
    for number, members in enumerate(seated.values(), 1):
        for seat, member in enumerate(members, 1):
            play.post(member, f"{number}.{seat}")
    return play, seated


def test_from_a_groups_own_board() -> None:
    """What is carried is for all from then on, and says where it came from; what is not stays the group's."""
    play, seated = in_groups()
    (first, (here, _)), (_, (there, _)) = seated.items()
    command = carry(play, board=first, top=1)
    assert [text for text, _, _ in carried(play)] == ["1.1"]
    assert play.texts(there).count("1.1") == 1
    assert b'"1.2"' not in play.sent(there)
    (card,) = [idea for idea in play.sees("participants", "idea").values() if "origin" in idea]
    assert card["origin"]["board"] == first
    assert play.sees(here, "board")[first]["of"] == "wall"
    carry(play, board=first, top=1)  # nothing twice
    assert len(carried(play)) == 1
    play.undo(command)
    assert carried(play) == []
    steady(play)


def test_a_groups_clusters_are_carried_too() -> None:
    play, seated = in_groups()
    first = next(iter(seated))
    ideas = [idea.id for idea in play.state.ideas.values() if idea.board == first]
    play.do(play.facilitator, "FormCluster", id="cluster-of-a-group", ideas=ideas, title="Ours")
    carry(play, board=first)
    assert carried(play) == [("Ours", "A", None)]
    steady(play)


def test_a_board_that_groups_have_a_part_of_each_stands_for_all_of_them() -> None:
    """What they chose comes first; nothing is carried a second time, from whichever board it is asked for."""
    play, seated = in_groups()
    (first, _), (second, (member, _)) = seated.items()
    chosen = next(idea.id for idea in play.state.ideas.values() if idea.text == "2.2")
    play.do(member, "ChooseIdea", idea=chosen)
    carry(play, top=2)
    assert [text for text, _, _ in carried(play)] == ["2.2", "1.1"]
    carry(play, board=second)
    carry(play, top=50)
    assert sorted(str(text) for text, _, _ in carried(play)) == ["1.1", "1.2", "2.1", "2.2"]
    assert {idea["origin"]["board"] for idea in play.sees("participants", "idea").values()} == {first, second}
    assert key_of(lambda: carry(play, board=first, chosen=[chosen])) == "idea.unknown"
    steady(play)


def test_a_format_carries_from_groups_by_itself() -> None:
    plan = {"from": "wall", "top": 3}
    play, _ = in_groups(phase("discuss", "talk", board="plenary", carry=plan))
    play.start("talk")
    assert [text for text, _, _ in carried(play, "plenary")] == ["1.1", "1.2", "2.1"]
    play.start("on")
    play.start("talk")
    assert len(carried(play, "plenary")) == 3
    steady(play)


def test_what_lies_face_down_with_a_group_is_not_carried() -> None:
    wish = {"by": "random", "count": 1}
    play = Play(phase("brainstorm", "write", private=True, groups=wish), phase("discuss", board="side"))
    play.start("write")
    person = play.join()
    play.do(person, "JoinGroup", phase="write")
    play.post(person, "not yet")
    assert key_of(lambda: carry(play, phase="discuss")) == "carry.nothing"
    play.do(play.facilitator, "RevealIdeas", board="wall")
    carry(play, phase="discuss")
    assert [text for text, _, _ in carried(play)] == ["not yet"]


def test_what_is_carried_to_a_phase_in_groups_lies_where_every_group_reads_it() -> None:
    """On the board of the plan, beside the groups' own; it is no group's card, and is not brought back again."""
    wish = {"by": "random", "size": 2}
    play, _ = workshop(phase("discuss", "back", board="plenary", groups={"back": True}), groups=wish)
    carry(play, top=1)
    play.start("on")
    people = [play.join() for _ in range(4)]
    for person in people:
        play.do(person, "JoinGroup", phase="on")
        assert "Together" in play.texts(person)
    play.post(people[0], "ours")
    play.start("back")
    assert [text for text, _, _ in carried(play, "plenary")] == ["ours"]
    steady(play)
