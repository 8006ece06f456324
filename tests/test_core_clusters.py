"""Clusters: who may form and fill them, what they are called, and who sees them."""

import pytest

from facilitate.core.clusters import letter_after
from tests.play import Play, phase, refusal


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
