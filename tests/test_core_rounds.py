"""Rounds: what can be chosen, which ballots count, and what is shown of them when."""

from typing import Any

import pytest

from facilitate.core.actors import CLOCK, Actor
from facilitate.core.phases import GRACE
from facilitate.core.refused import Refused
from tests.play import Play, phase, refusal

OVER = GRACE / 1000 + 1


def voting(**settings: Any) -> tuple[Play, list[Actor], list[str]]:
    """A session in its vote, three people, three cards."""
    play = Play(phase("brainstorm"), phase("vote", **({"of": "ideas"} | settings)), phase("discuss"))
    play.start("brainstorm")
    people = [play.join() for _ in range(3)]
    ideas = [play.post(person, f"card {number}") for number, person in enumerate(people)]
    play.start("vote")
    return play, people, ideas


def results(play: Play, who: Any = "participants") -> dict[str, int] | None:
    found = play.sees(who, "tally").get(play.round)
    return found["results"] if found else None


def test_a_ballot_is_whole_and_the_newest_counts() -> None:
    """A higher rev replaces it, the same again is no news, an older one is refused."""
    play, (person, *_), (one, two, _) = voting()
    play.vote(person, 1, **{one: 2, two: 1})
    play.vote(person, 3, **{two: 3})
    events = len(play.log)
    play.vote(person, 3, **{two: 3, one: 0})
    assert len(play.log) == events
    for rev in (1, 3):
        with pytest.raises(Refused, match=r"vote\.newer"):
            play.vote(person, rev, **{one: 1})
    assert play.sees(person, "ballot")[play.round]["choices"] == {two: 3}
    play.do(play.facilitator, "ShowResults", round=play.round)
    assert results(play) == {two: 3, one: 0, play.state.rounds[play.round].options[2]: 0}  # type: ignore[index]


def test_nobody_sees_a_count_before_it_is_time() -> None:
    """Open: nobody; closed: the desk; shown: all, the screen too."""
    play, people, (one, *_) = voting()
    for person in people:
        play.vote(person, **{one: 1})
    assert results(play, "facilitators") is None
    play.do(play.facilitator, "CloseRound", round=play.round)
    assert results(play, "facilitators") is not None
    assert results(play) is results(play, "screens") is None
    play.do(play.facilitator, "ShowResults", round=play.round)
    assert results(play) == results(play, "screens") == results(play, "facilitators")
    assert play.sees("screens", "tally")[play.round]["voters"] == 3


def test_showing_an_open_round_closes_it() -> None:
    """What is shown no longer changes."""
    play, (person, *_), (one, *_) = voting()
    play.do(play.facilitator, "ShowResults", round=play.round)
    with pytest.raises(Refused, match=r"vote\.late"):
        play.vote(person, **{one: 1})


def test_late_ballots_never_count() -> None:
    """Within the grace time they do; after it they do not, and both cases are told apart."""
    play, (quick, slow, never), (one, two, _) = voting()
    play.vote(quick, 1, **{one: 1})
    play.start("discuss")
    play.wait(GRACE / 1000)
    play.vote(slow, 1, **{one: 1})
    play.wait(1)
    assert refusal(play, quick, "CastBallot", round=play.round, rev=2, choices={two: 1}) == "vote.late-change"
    assert refusal(play, never, "CastBallot", round=play.round, rev=1, choices={two: 1}) == "vote.late"
    play.do(play.facilitator, "ShowResults", round=play.round)
    assert results(play) == {one: 2, two: 0, list(play.state.ideas)[2]: 0}


def test_a_round_closed_by_hand_has_no_grace() -> None:
    """The facilitator says when it is over, also while the phase goes on."""
    play, (person, other, _), (one, *_) = voting()
    play.vote(person, **{one: 1})
    play.do(play.facilitator, "CloseRound", round=play.round)
    assert refusal(play, person, "CastBallot", round=play.round, rev=2, choices={}) == "vote.late-change"
    assert refusal(play, other, "CastBallot", round=play.round, rev=1, choices={}) == "vote.late"


def test_a_round_that_time_closes() -> None:
    """The grace time counts from the phase's own end, not from when the next phase was started."""
    play, (person, other, _), (one, *_) = voting(closes=True, minutes=1)
    play.wait(60)
    play.do(CLOCK, "RunOut", phase="vote")
    play.wait(GRACE / 1000)
    play.vote(person, **{one: 1})
    play.wait(1)
    assert refusal(play, other, "CastBallot", round=play.round, rev=1, choices={one: 1}) == "vote.late"
    play.start("discuss")
    assert refusal(play, other, "CastBallot", round=play.round, rev=1, choices={one: 1}) == "vote.late"


def test_going_back_opens_a_new_round_beside_the_old_one() -> None:
    """The old one keeps its ballots and its result."""
    play, (person, *_), (one, two, three) = voting()
    old = play.round
    play.vote(person, **{one: 1})
    play.do(play.facilitator, "ShowResults", round=old)
    play.start("discuss")
    play.start("vote")
    assert play.round != old
    assert [play.sees("screens", "round")[id_]["number"] for id_ in (old, play.round)] == [1, 2]
    play.vote(person, **{two: 1})
    assert refusal(play, person, "CastBallot", round=old, rev=2, choices={}) == "vote.late-change"
    play.do(play.facilitator, "ShowResults", round=play.round)
    assert play.sees("screens", "tally")[old]["results"] == {one: 1, two: 0, three: 0}
    assert play.sees("screens", "tally")[play.round]["results"] == {two: 1, one: 0, three: 0}


def test_options_grow_while_open_and_are_fixed_when_closed() -> None:
    """An idea written during the vote can be chosen at once; one written afterwards cannot."""
    play, (person, *_), ideas = voting(takes_ideas=True)
    assert play.sees("participants", "round")[play.round]["options"] == "ideas"
    new = play.post(person, "while voting")
    play.vote(person, **{new: 1})
    play.do(play.facilitator, "CloseRound", round=play.round)
    after = play.post(person, "afterwards")
    assert play.sees("participants", "round")[play.round]["options"] == [*ideas, new]
    play.do(play.facilitator, "ShowResults", round=play.round)
    assert after not in (results(play) or {})


def test_what_cannot_be_chosen() -> None:
    """Unknown, hidden, face-down and withdrawn ideas; negative numbers; revisions below one."""
    play, (person, *_), (one, two, _) = voting()
    play.do(play.facilitator, "HideIdea", idea=one)
    cast = {"round": play.round, "rev": 1}
    assert refusal(play, person, "CastBallot", **cast, choices={one: 1}) == "vote.unknown-option"
    assert refusal(play, person, "CastBallot", **cast, choices={"nothing": 1}) == "vote.unknown-option"
    assert refusal(play, person, "CastBallot", **cast, choices={two: -1}) == "command.malformed"
    assert refusal(play, person, "CastBallot", **cast, choices={two: 2**70}) == "vote.too-many-dots"
    for rev in (0, -1, 2**31, 2**70):
        refused = refusal(play, person, "CastBallot", round=play.round, rev=rev, choices={two: 1})
        assert refused == "command.malformed"
    assert refusal(play, person, "CastBallot", round="none", rev=1, choices={}) == "round.unknown"


def test_dots_on_an_idea_that_was_hidden_do_not_count() -> None:
    """But a ballot that still holds it may be changed, and it counts again when the idea comes back."""
    play, (person, *_), (one, two, _) = voting()
    play.vote(person, 1, **{one: 1})
    play.do(play.facilitator, "HideIdea", idea=one)
    play.vote(person, 2, **{one: 1, two: 1})
    play.do(play.facilitator, "ShowResults", round=play.round)
    assert one not in (results(play) or {one: 0})


def test_hidden_options_vanish_from_what_participants_see() -> None:
    """From a closed round, its result and what is discussed; the desk keeps them; restored they are back."""
    play, (person, *_), (one, _, _) = voting()
    play.vote(person, **{one: 1})
    play.do(play.facilitator, "ShowResults", round=play.round)
    play.start("discuss")
    before = [play.holds(who) for who in ("participants", "screens", "facilitators")]
    play.do(play.facilitator, "HideIdea", idea=one)
    for who in ("participants", "screens"):
        held = play.holds(who)
        assert not any(one.encode() in data for data in held.values())
    assert one in play.sees("facilitators", "tally")[play.round]["results"]
    play.do(play.facilitator, "RestoreIdea", idea=one)
    assert [play.holds(who) for who in ("participants", "screens", "facilitators")] == before


def test_results_follow_a_reveal_that_was_undone() -> None:
    """Face down again an idea is in no result that participants see; turned over once more it is back."""
    play = Play(phase("brainstorm", private=True), phase("vote", of="ideas"))
    play.start("brainstorm")
    person = play.join()
    idea = play.post(person, "shy")
    reveal = play.do(play.facilitator, "RevealIdeas", board="wall")
    play.start("vote")
    play.vote(person, **{idea: 1})
    play.do(play.facilitator, "ShowResults", round=play.round)
    assert results(play) == {idea: 1}
    play.undo(reveal)
    assert results(play) == {}
    play.do(play.facilitator, "RevealIdeas", board="wall")
    assert results(play) == {idea: 1}


def test_a_dissolved_cluster_vanishes_from_results() -> None:
    """Nobody would know what its line means; the ideas that lay in it are options of the next round."""
    play = Play(phase("brainstorm"), phase("vote"))
    play.start("brainstorm")
    person = play.join()
    one, two = play.post(person, "one"), play.post(person, "two")
    cluster = play.do(play.facilitator, "FormCluster", ideas=[one])
    play.start("vote")
    play.vote(person, **{cluster: 2, two: 1})
    play.do(play.facilitator, "ShowResults", round=play.round)
    assert results(play) == {cluster: 2, two: 1}
    play.do(play.facilitator, "DissolveCluster", cluster=cluster)
    assert results(play) == {two: 1}


def test_clusters_as_options_lose_no_idea() -> None:
    """What lies in no cluster stands alone; an empty cluster is no option."""
    play = Play(phase("brainstorm"), phase("vote"))
    play.start("brainstorm")
    person = play.join()
    one, two, three = (play.post(person, text) for text in ("one", "two", "three"))
    cluster = play.do(play.facilitator, "FormCluster", ideas=[one, two])
    play.do(play.facilitator, "FormCluster", board="wall", title="empty")
    play.start("vote")
    play.do(play.facilitator, "CloseRound", round=play.round)
    assert play.sees("participants", "round")[play.round]["options"] == [cluster, three]


def test_ties_keep_the_order_of_the_board() -> None:
    """The same votes always give the same list."""
    play, (person, other, _), (one, two, three) = voting()
    play.vote(person, **{three: 1})
    play.vote(other, **{two: 1})
    play.do(play.facilitator, "ShowResults", round=play.round)
    assert list(results(play) or {}) == [two, three, one]


def test_a_named_round_needs_names() -> None:
    """Where a session promised to keep no names, no format can make it keep who voted what."""
    play, (person, *_), (one, *_) = voting(named=True)
    play.vote(person, **{one: 1})
    assert not play.sees("participants", "round")[play.round]["named"]
    assert person.id not in repr(play.state.ballots)
    play = Play(phase("brainstorm"), phase("vote", named=True, of="ideas"), names="shown")
    play.start("brainstorm")
    person = play.join("Robin")
    one = play.post(person, "card")
    play.start("vote")
    play.vote(person, **{one: 1})
    assert play.sees("participants", "round")[play.round]["named"]
    assert play.sees(person, "ballot")[play.round]["choices"] == {one: 1}
