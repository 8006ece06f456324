"""Clusters: who may form and fill them, what they are called, and who sees them."""

from typing import Any

import pytest
from hypothesis import given, settings

from facilitate.core.actors import Actor
from facilitate.core.clusters import letter_after
from facilitate.core.report import Ideas
from tests.play import SCREEN, Play, phase, refusal
from tests.test_convergence import STEPS, begun


def sorting(who: str = "facilitators") -> Play:
    """A session in its cluster phase, with two people and a card of each on the wall."""
    play = Play(phase("brainstorm"), phase("cluster", who=who), phase("brainstorm", "side", board="side"))
    play.start("brainstorm")
    for _ in range(2):
        play.post(play.join(), "card")
    play.start("cluster")
    return play


def test_clusters_are_seen_once_a_phase_shows_them() -> None:
    """The desk may sort while others write; they see it when it is time."""
    play = Play(phase("brainstorm"), phase("cluster"))
    play.start("brainstorm")
    idea = play.post(play.join(), "card")
    cluster = play.do(play.facilitator, "FormCluster", title="Together", ideas=[idea])
    assert play.sees("facilitators", "idea")[idea]["cluster"] == cluster
    assert play.sees("participants", "cluster") == {}
    assert "cluster" not in play.sees("participants", "idea")[idea]
    play.start("cluster")
    assert play.sees("participants", "cluster")[cluster]["title"] == "Together"
    assert play.sees("screens", "idea")[idea]["cluster"] == cluster


def test_an_idea_lies_in_one_cluster() -> None:
    """Moving takes it out of the other; a cluster that is dissolved frees what lay in it."""
    play = sorting()
    one, two = play.state.ideas
    first = play.do(play.facilitator, "FormCluster", ideas=[one, two, one])
    second = play.do(play.facilitator, "FormCluster", board="wall")
    play.do(play.facilitator, "MoveIdea", idea=one, cluster=second)
    ideas = play.sees("screens", "idea")
    assert (ideas[one]["cluster"], ideas[two]["cluster"]) == (second, first)
    play.do(play.facilitator, "DissolveCluster", cluster=second)
    assert set(play.sees("screens", "cluster")) == {first}
    assert "cluster" not in play.sees("screens", "idea")[one]
    play.do(play.facilitator, "MoveIdea", idea=two, cluster=None)
    assert "cluster" not in play.sees("screens", "idea")[two]


def test_letters() -> None:
    """One letter names one cluster of a board for ever."""
    play = sorting()
    letters = []
    for _ in range(3):
        cluster = play.do(play.facilitator, "FormCluster", board="wall")
        letters.append(play.sees("screens", "cluster")[cluster]["letter"])
        play.do(play.facilitator, "DissolveCluster", cluster=cluster)
    assert letters == ["A", "B", "C"]
    other = play.do(play.facilitator, "FormCluster", board="side")
    assert play.sees("facilitators", "cluster")[other]["letter"] == "A"
    assert letter_after(chr(65 + number) for number in range(26)) == "AA"


def test_renaming() -> None:
    """A heading is one line of at most 120 signs, or none."""
    play = sorting()
    cluster = play.do(play.facilitator, "FormCluster", board="wall", title=" Neigh\nbours ")
    assert play.sees("screens", "cluster")[cluster]["title"] == "Neigh bours"
    assert refusal(play, play.facilitator, "RenameCluster", cluster=cluster, title="x" * 121) == "title.long"
    play.do(play.facilitator, "RenameCluster", cluster=cluster, title=" ")
    assert play.sees("screens", "cluster")[cluster]["title"] is None


def test_everyone_may_sort_where_the_format_says_so() -> None:
    """What one phone sorts, all see; outside the phase, or with the board locked, phones may not."""
    play = sorting("everyone")
    person, *_ = (actor for actor, _ in play.people.values())
    one, two = play.state.ideas
    cluster = play.do(person, "FormCluster", title="Ours", ideas=[one, two])
    play.do(person, "RenameCluster", cluster=cluster, title="Still ours")
    play.do(play.facilitator, "LockBoard", board="wall", locked=True)
    assert refusal(play, person, "MoveIdea", idea=one, cluster=None) == "board.locked"
    play.do(play.facilitator, "LockBoard", board="wall", locked=False)
    assert refusal(play, person, "FormCluster", board="side") == "board.unknown"
    play.do(person, "DissolveCluster", cluster=cluster)
    play.start("brainstorm")
    assert refusal(play, person, "FormCluster", ideas=[one]) == "not-now"


def test_each_phone_places_its_own() -> None:
    """And no others'; it forms no clusters."""
    play = sorting("own")
    (person, _), *_ = play.people.values()
    mine, other = play.state.ideas
    cluster = play.do(play.facilitator, "FormCluster", board="wall")
    play.do(person, "MoveIdea", idea=mine, cluster=cluster)
    assert play.sees("screens", "idea")[mine]["cluster"] == cluster
    assert refusal(play, person, "MoveIdea", idea=other, cluster=cluster) == "role.refused"
    assert refusal(play, person, "FormCluster", ideas=[mine]) == "not-now"


@pytest.mark.parametrize("hide", ["HideIdea", "withdrawn"])
def test_what_a_phone_cannot_see_it_cannot_move(hide: str) -> None:
    """An idea that is not there for it is unknown to it."""
    play = sorting("everyone")
    (author, _), (other, _) = play.people.values()
    idea = next(iter(play.state.ideas))
    cluster = play.do(play.facilitator, "FormCluster", board="wall")
    if hide == "HideIdea":
        play.do(play.facilitator, "HideIdea", idea=idea)
        assert refusal(play, other, "MoveIdea", idea=idea, cluster=cluster) == "idea.unknown"
        play.do(play.facilitator, "MoveIdea", idea=idea, cluster=cluster)
    else:
        play.do(author, "WithdrawIdea", idea=idea)
        assert refusal(play, other, "MoveIdea", idea=idea, cluster=cluster) == "idea.gone"


def test_no_cluster_reaches_over_boards() -> None:
    """Ideas of two boards, and a cluster of another board, do not go together."""
    play = sorting()
    play.start("side")
    side = play.post(next(iter(play.people.values()))[0], "elsewhere")
    idea = next(iter(play.state.ideas))
    cluster = play.do(play.facilitator, "FormCluster", board="wall")
    assert refusal(play, play.facilitator, "FormCluster", ideas=[idea, side]) == "board.unknown"
    assert refusal(play, play.facilitator, "FormCluster") == "board.unknown"
    assert refusal(play, play.facilitator, "FormCluster", ideas=[idea], board="side") == "board.unknown"
    assert refusal(play, play.facilitator, "FormCluster", ideas=["no-such-idea"]) == "idea.unknown"
    assert refusal(play, play.facilitator, "MoveIdea", idea=side, cluster=cluster) == "cluster.unknown"
    assert refusal(play, play.facilitator, "RenameCluster", cluster="none", title="x") == "cluster.unknown"


# --- many at once


def wall(number: int = 6, *more: dict[str, Any]) -> tuple[Play, list[str]]:
    """A session in its cluster phase with so many cards of one person."""
    play = Play(phase("brainstorm"), phase("cluster"), *more)
    play.start("brainstorm")
    person = play.join()
    ideas = [play.post(person, f"card {place}") for place in range(number)]
    play.start("cluster")
    return play, ideas


def lies(play: Play, idea: str) -> str | None:
    found: str | None = play.sees("facilitators", "idea")[idea].get("cluster")
    return found


def test_many_move_at_once() -> None:
    """One command, one fact, one undo; what is gone meanwhile stays out."""
    play, (first, *others) = wall()
    cluster = play.do(play.facilitator, "FormCluster", board="wall")
    play.do(play.facilitator, "HideIdea", idea=first)
    before = play.state.seq
    moved = play.do(play.facilitator, "MoveIdeas", ideas=[first, *others], cluster=cluster)
    assert play.state.seq == before + 1
    assert {lies(play, idea) for idea in others} == {cluster}
    assert play.state.ideas[first].cluster is None
    play.undo(moved)
    assert {lies(play, idea) for idea in others} == {None}
    assert refusal(play, play.facilitator, "MoveIdeas", ideas=[first], cluster=cluster) == "idea.gone"
    assert refusal(play, play.facilitator, "MoveIdeas", ideas=["none"], cluster=cluster) == "idea.unknown"
    assert refusal(play, play.facilitator, "MoveIdeas", ideas=others, cluster="none") == "cluster.unknown"


def test_the_later_move_wins() -> None:
    """And the earlier one cannot be taken back any more without tearing the later one away."""
    play, (idea, *_) = wall()
    one, two = (play.do(play.facilitator, "FormCluster", board="wall") for _ in range(2))
    helper = Actor("theme", "t1", b"the helper's secret")
    first = play.do(play.facilitator, "MoveIdeas", ideas=[idea], cluster=one)
    play.do(helper, "MoveIdeas", ideas=[idea], cluster=two)
    assert lies(play, idea) == two
    assert refusal(play, play.facilitator, "Undo", command=first) == "undo.overtaken"


def test_splitting() -> None:
    """Some of a cluster's cards get a cluster of their own; undone in one go."""
    play, (one, two, three, other, *_) = wall()
    cluster = play.do(play.facilitator, "FormCluster", ideas=[one, two, three], title="All")
    split = play.do(play.facilitator, "SplitCluster", cluster=cluster, ideas=[two, three, other], title="Some")
    assert [lies(play, idea) for idea in (one, two, three, other)] == [cluster, split, split, None]
    assert play.sees(SCREEN, "cluster")[split] == {
        "type": "cluster", "id": split, "board": "wall", "title": "Some", "letter": "B"
    }  # fmt: skip
    play.undo(split)
    assert [lies(play, idea) for idea in (one, two, three)] == [cluster] * 3
    assert refusal(play, play.facilitator, "SplitCluster", cluster=cluster, ideas=[other]) == "idea.gone"
    assert refusal(play, play.facilitator, "SplitCluster", cluster="none", ideas=[one]) == "cluster.unknown"


def test_merging_clusters() -> None:
    """One takes in the others, with a title where it has none; undo brings them back."""
    play, (one, two, three, *_) = wall()
    ids = [play.do(play.facilitator, "FormCluster", ideas=[idea], title=t) for idea, t in ((one, ""), (two, "Two"))]
    empty = play.do(play.facilitator, "FormCluster", board="wall", title="Empty")
    merged = play.do(play.facilitator, "MergeClusters", into=ids[0], clusters=[ids[0], ids[1], empty])
    assert {cluster["title"] for cluster in play.sees(SCREEN, "cluster").values()} == {"Two"}
    assert {lies(play, one), lies(play, two)} == {ids[0]}
    play.restart()
    play.undo(merged)
    assert set(play.sees(SCREEN, "cluster")) == {*ids, empty}
    assert [lies(play, idea) for idea in (one, two, three)] == [ids[0], ids[1], None]
    assert refusal(play, play.facilitator, "MergeClusters", into=ids[0], clusters=[ids[0]]) == "cluster.unknown"
    assert refusal(play, play.facilitator, "MergeClusters", into=ids[0], clusters=["none"]) == "cluster.unknown"


def test_votes_go_along_into_the_cluster() -> None:
    """What was voted for a cluster that another took in counts for that one, also in a round that is over."""
    play, (one, two, *_) = wall(2, phase("vote", of="clusters"))
    first, second, third = (play.do(play.facilitator, "FormCluster", ideas=[idea]) for idea in (one, two, one))
    play.start("vote")
    person, *_ = (actor for actor, _ in play.people.values())
    play.vote(person, **{second: 1, third: 2})
    play.do(play.facilitator, "ShowResults", round=play.round)
    merged = play.do(play.facilitator, "MergeClusters", into=third, clusters=[second])
    assert play.sees(SCREEN, "tally")[play.round]["results"] == {third: 3}
    play.do(play.facilitator, "MergeClusters", into=first, clusters=[third])
    assert play.sees(SCREEN, "tally")[play.round]["results"] == {first: 3}
    assert refusal(play, play.facilitator, "Undo", command=merged) == "undo.overtaken"


# --- the parking lot


def test_what_is_set_aside() -> None:
    """It lies in no cluster and waits for none; a move brings it back, and so does undo."""
    play, (one, two, *_) = wall(2)
    cluster = play.do(play.facilitator, "FormCluster", ideas=[one])
    aside = play.do(play.facilitator, "SetAside", ideas=[one, two])
    assert play.state.unplaced("wall") == []
    assert [play.sees(SCREEN, "idea")[idea].get("aside") for idea in (one, two)] == [True, True]
    assert lies(play, one) is None
    play.undo(aside)
    assert (lies(play, one), len(play.state.unplaced("wall"))) == (cluster, 1)
    play.do(play.facilitator, "SetAside", ideas=[one, two])
    play.do(play.facilitator, "MoveIdea", idea=one, cluster=cluster)
    play.do(play.facilitator, "SetAside", ideas=[two], aside=False)
    assert [idea.id for idea in play.state.unplaced("wall")] == [two]
    assert lies(play, one) == cluster


def test_what_is_set_aside_is_not_voted_on_with_the_clusters() -> None:
    """Unless it is brought back; a vote on ideas has them all. It is in the report, under a heading of its own."""
    play, (one, two, three) = wall(3, phase("vote", of="clusters"), phase("vote", "ideas", of="ideas"))
    cluster = play.do(play.facilitator, "FormCluster", ideas=[one])
    play.do(play.facilitator, "SetAside", ideas=[two])
    play.start("vote")
    assert play.state.options_of(play.state.rounds[play.round]) == [cluster, three]
    play.do(play.facilitator, "SetAside", ideas=[two], aside=False)
    assert play.state.options_of(play.state.rounds[play.round]) == [cluster, two, three]
    play.do(play.facilitator, "SetAside", ideas=[two])
    play.start("ideas")
    assert play.state.options_of(play.state.rounds[play.round]) == [one, two, three]
    found = play.report()
    blocks = [block for step in found.steps for block in step.blocks if isinstance(block, Ideas)]
    groups = [group for block in blocks for group in block.groups]
    assert [(group.cards, group.aside) for group in groups] == [((one,), False), ((three,), False), ((two,), True)]


def test_no_undo_puts_a_card_in_two_places() -> None:
    """Set aside after its cluster was dissolved: the cluster's coming back would take it from the parking lot."""
    play, (one, *_) = wall(2)
    cluster = play.do(play.facilitator, "FormCluster", ideas=[one])
    dissolved = play.do(play.facilitator, "DissolveCluster", cluster=cluster)
    play.do(play.facilitator, "SetAside", ideas=[one])
    assert refusal(play, play.facilitator, "Undo", command=dissolved) == "undo.overtaken"


# --- suggestions that were accepted


def test_suggestions_are_accepted_in_one_go() -> None:
    """New clusters with letters and titles, cards to a cluster that is there; one undo takes all of it back."""
    play, (one, two, three, four, five, six) = wall()
    old = play.do(play.facilitator, "FormCluster", ideas=[one], title="Old")
    drafts = [{"title": "A pair", "ideas": [two, three]}, {"ideas": [four]}, {"cluster": old, "ideas": [five, two]}]
    formed = play.do(play.facilitator, "FormClusters", board="wall", drafts=drafts)
    clusters = {cluster["letter"]: cluster for cluster in play.sees(SCREEN, "cluster").values()}
    assert {letter: cluster["title"] for letter, cluster in clusters.items()} == {"A": "Old", "B": "A pair", "C": None}
    places = [lies(play, idea) for idea in (one, two, three, four, five, six)]
    assert places == [old, clusters["B"]["id"], clusters["B"]["id"], clusters["C"]["id"], old, None]
    play.undo(formed)
    assert set(play.sees(SCREEN, "cluster")) == {old}
    assert len(play.state.unplaced("wall")) == 5


def test_what_changed_meanwhile_is_left_out_of_a_suggestion() -> None:
    """Placed by somebody, set aside, taken down: it stays where it is. Where nothing is left, it is said."""
    play, (one, two, three, four, *_) = wall()
    old = play.do(play.facilitator, "FormCluster", ideas=[one])
    play.do(play.facilitator, "SetAside", ideas=[two])
    play.do(play.facilitator, "HideIdea", idea=three)
    drafts = [{"title": "New", "ideas": [one, two, three, four]}, {"title": "None", "ideas": [one]}]
    play.do(play.facilitator, "FormClusters", board="wall", drafts=drafts)
    assert [cluster["title"] for cluster in play.sees(SCREEN, "cluster").values()] == [None, "New"]
    assert lies(play, one) == old
    again = {"board": "wall", "drafts": drafts}
    assert refusal(play, play.facilitator, "FormClusters", **again) == "suggestion.overtaken"
    gone = {"board": "wall", "drafts": [{"cluster": "none", "ideas": [play.state.unplaced("wall")[0].id]}]}
    assert refusal(play, play.facilitator, "FormClusters", **gone) == "suggestion.overtaken"
    much = {"board": "wall", "drafts": [{"ideas": []}] * 61}
    assert refusal(play, play.facilitator, "FormClusters", **much) == "command.large"


# --- while writing is still open


def test_people_place_their_own_cards_while_they_write() -> None:
    """Where the format says so, and their own alone; the headings are there to be chosen from."""
    play = Play(phase("brainstorm", cluster="own"), phase("brainstorm", "plain"))
    play.start("brainstorm")
    anna, bert = play.join(), play.join()
    mine, other = play.post(anna, "mine"), play.post(bert, "other")
    cluster = play.do(play.facilitator, "FormCluster", title="Here", board="wall")
    assert play.sees(anna, "cluster")[cluster]["title"] == "Here"
    play.do(anna, "MoveIdea", idea=mine, cluster=cluster)
    assert lies(play, mine) == cluster
    assert refusal(play, anna, "MoveIdea", idea=other, cluster=cluster) == "role.refused"
    assert refusal(play, anna, "FormCluster", ideas=[mine]) == "not-now"
    play.start("plain")
    assert refusal(play, anna, "MoveIdea", idea=mine, cluster=None) == "not-now"


def test_a_covered_card_is_placed_by_its_author() -> None:
    """In a private phase too: the others learn nothing of it."""
    play = Play(phase("brainstorm", cluster="own", private=True))
    play.start("brainstorm")
    person, other = play.join(), play.join()
    idea = play.post(person, "secret")
    cluster = play.do(play.facilitator, "FormCluster", title="Here", board="wall")
    play.do(person, "MoveIdea", idea=idea, cluster=cluster)
    assert play.sees(person, "idea")[idea]["cluster"] == cluster
    assert idea.encode() not in play.sent(other)


# --- the counter that never lies


@given(STEPS)
@settings(max_examples=60)
def test_every_card_is_placed_aside_or_counted(steps: list[Any]) -> None:
    """Whatever comes and goes: what a desk counts from its records is what the rules say, and nothing is in two."""
    history = begun("none")
    for step in steps:
        history.step(*step)
        state = history.play.state
        records = history.play.sees("facilitators", "idea").values()
        standing = [one for one in records if one["board"] == "wall" and one["state"] in ("open", "face-down")]
        clusters = history.play.sees("facilitators", "cluster")
        placed = [one for one in standing if one.get("cluster") in clusters]
        aside = [one for one in standing if one.get("aside")]
        free = [one["id"] for one in standing if not one.get("cluster") and not one.get("aside")]
        assert len(standing) == len(placed) + len(aside) + len(free)
        assert sorted(free) == sorted(idea.id for idea in state.unplaced("wall"))
        for idea in state.ideas.values():
            assert not idea.same_as or state.ideas[idea.same_as].stands


def test_what_was_set_aside_before_the_clusters_were_shown_is_told_to_lie_there() -> None:
    """Screens that were there show it as those do that come later."""
    play = Play(phase("brainstorm"), phase("cluster"))
    play.start("brainstorm")
    idea = play.post(play.join(), "Later, perhaps")
    play.do(play.facilitator, "SetAside", ideas=[idea])
    assert "aside" not in play.sees(SCREEN, "idea")[idea]
    play.start("cluster")
    for _ in range(2):
        assert play.sees(SCREEN, "idea")[idea]["aside"]
        play.restart()
