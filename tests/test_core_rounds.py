"""Rounds: what can be chosen, which ballots count, and what is shown of them when."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitate.core.actors import CLOCK, Actor
from facilitate.core.phases import GRACE
from facilitate.core.refused import Refused
from facilitate.core.report import Result
from facilitate.core.state import State
from facilitate.core.tables import Round
from facilitate.core.view import counts
from facilitate.exports import kinds
from tests.play import Play, phase, refusal, steady

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


@pytest.mark.parametrize("method", ["dots", "approval"])
def test_who_took_everything_back_has_not_voted(method: str) -> None:
    """Neither while the round is open, nor in its result, nor in the minutes."""
    play, (one, other, _), (idea, *_) = voting(method=method)
    for person in (one, other):
        play.vote(person, 1, **{idea: 1})
    play.vote(other, 2)
    assert counts(play.state)["voted"] == 1
    play.do(play.facilitator, "ShowResults", round=play.round)
    assert play.sees("participants", "tally")[play.round]["voters"] == 1
    (result,) = [block for step in play.report().steps for block in step.blocks if isinstance(block, Result)]
    assert result.voters == 1


@pytest.mark.parametrize("kind", ["markdown", "html", "csv"])
def test_minutes_name_the_votes_of_the_newest_round(kind: str) -> None:
    """Also where that gave a card nothing, and where it belongs to a phase that stands earlier in the agenda."""
    play = Play(phase("brainstorm"), phase("vote", "second", of="ideas"), phase("vote", "first", of="ideas"))
    play.start("brainstorm")
    person = play.join()
    one, other = play.post(person, "card one"), play.post(person, "card two")
    for name, choice in (("first", {one: 3}), ("second", {other: 2})):
        play.start(name)
        play.vote(person, **choice)
        play.do(play.facilitator, "ShowResults", round=play.round)
    votes = {card.id: card.votes for card in play.report().cards}
    assert votes == {one: 0, other: 2}
    cards = kinds()[kind].write(play.report()).decode().partition("Rank")[0]
    assert "2 dots" in cards or kind == "csv"
    assert "3 dots" not in cards


ACTS = (
    "MoveIdea", "MoveIdeas", "SetAside", "FormCluster", "DissolveCluster", "MergeClusters", "SplitCluster",
    "MergeIdeas", "SplitIdeas", "HideIdea", "RestoreIdea", "EraseIdea", "WithdrawIdea", "Undo", "Recast",
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 20), st.integers(0, 20)), max_size=12),
    st.sampled_from(["ideas", "clusters"]),
    st.booleans(),
)
def test_no_dot_is_lost_between_voter_and_count(acts: list[tuple[str, int, int]], of: str, stack: bool) -> None:
    """Whatever the desk does with the cards of an open round: what every voter sees of their own ballot is what is
    counted, what lay on a card that is gone is free again and said to be, and all that is free can be used."""
    play = Play(phase("brainstorm"), phase("vote", of=of, dots=4, stack=stack))
    play.start("brainstorm")
    people = [play.join() for _ in range(4)]
    ideas = [play.post(people[number % 4], f"card {number}") for number in range(8)]
    for number in range(3):
        play.do(play.facilitator, "FormCluster", title=f"{number}", ideas=ideas[2 * number : 2 * number + 2])
    play.start("vote")
    round_ = play.state.rounds[play.round]
    for number, person in enumerate(people):
        options = play.state.options_of(round_)
        play.vote(person, **{options[number]: 1, options[-1]: 1})
    done: list[str] = []
    for kind, first, second in acts:
        if act := _act(play, people, ideas, done, kind, first, second):
            done.append(act)
        for person in people:
            _check_ballot(play, person)
    seen = [play.sees(person, "ballot")[play.round]["choices"] for person in people]
    play.do(play.facilitator, "ShowResults", round=play.round)
    counted = play.sees("facilitators", "tally")[play.round]["results"]
    assert counted == {option: sum(choices.get(option, 0) for choices in seen) for option in counted}


def _act(
    play: Play, people: list[Actor], ideas: list[str], done: list[str], kind: str, first: int, second: int
) -> str | None:
    """One deed of the desk, or of a voter who uses all that is free; None where it was refused."""
    idea, other = ideas[first % len(ideas)], ideas[second % len(ideas)]
    clusters = [*play.state.clusters]
    cluster, more = clusters[first % len(clusters)], clusters[second % len(clusters)]
    person = people[first % len(people)]
    if kind == "Recast":
        ballot = play.sees(person, "ballot")[play.round]
        options = play.state.options_of(play.state.rounds[play.round])
        free = 4 - sum(ballot["choices"].values())
        fresh = [option for option in options if option not in ballot["choices"]][:free]
        play.vote(person, ballot["rev"] + 1, **ballot["choices"], **dict.fromkeys(fresh, 1))
        assert "freed" not in play.sees(person, "ballot")[play.round]
        return None
    wishes: dict[str, dict[str, Any]] = {
        "MoveIdea": {"idea": idea, "cluster": cluster},
        "MoveIdeas": {"ideas": [idea, other], "cluster": None},
        "SetAside": {"ideas": [idea]},
        "FormCluster": {"ideas": [idea, other]},
        "DissolveCluster": {"cluster": cluster},
        "MergeClusters": {"into": cluster, "clusters": [more]},
        "SplitCluster": {"cluster": cluster, "ideas": [idea]},
        "MergeIdeas": {"keep": idea, "ideas": [other]},
        "SplitIdeas": {"ideas": [idea]},
        "Undo": {"command": done[first % len(done)] if done else "nothing-was-done-yet"},
    }
    actor = person if kind == "WithdrawIdea" else play.facilitator
    try:
        return play.do(actor, kind, **wishes.get(kind, {"idea": idea}))
    except Refused:
        return None


def _check_ballot(play: Play, person: Actor) -> None:
    """What somebody's phone holds, not only what it would be given anew."""
    state, round_ = play.state, play.state.rounds[play.round]
    kept = state.ballots[f"{round_.id}/{person.tag(round_.id)}"]
    data = play.people[person.id][1].holds(("ballot", round_.id))
    assert data is not None
    held = json.loads(data)
    options = set(state.options_of(round_))
    assert options == {option for option in [*state.ideas, *state.clusters] if state.is_option(round_, option)}
    assert set(held["choices"]) <= options
    assert sum(held["choices"].values()) + held.get("freed", 0) == sum(kept.choices.values())
    assert held == play.sees(person, "ballot")[round_.id]


def test_dots_on_a_duplicate_go_along_and_those_on_a_hidden_card_are_free() -> None:
    play, (person, *_), (one, two, three) = voting()
    play.vote(person, **{one: 1, two: 2})
    play.do(play.facilitator, "MergeIdeas", keep=three, ideas=[one])
    assert play.sees(person, "ballot")[play.round]["choices"] == {three: 1, two: 2}
    hidden = play.do(play.facilitator, "HideIdea", idea=two)
    ballot = play.sees(person, "ballot")[play.round]
    assert (ballot["choices"], ballot["freed"]) == ({three: 1}, 2)
    play.undo(hidden)
    assert play.sees(person, "ballot")[play.round]["choices"] == {three: 1, two: 2}
    play.do(play.facilitator, "HideIdea", idea=two)
    play.vote(person, 2, **{three: 3})
    play.do(play.facilitator, "ShowResults", round=play.round)
    assert results(play) == {three: 3}
    steady(play)


@pytest.mark.parametrize("voters", [2, 30])
def test_the_options_of_a_round_are_listed_a_few_times_for_all_its_voters(
    voters: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 35,000 cards a list for each voter's ballot took the desk 14 s."""
    play, _, (one, two, _) = voting()
    for _ in range(voters):
        play.vote(play.join(), **{one: 2, two: 1})
    listed, options_of = [], State.options_of

    def counting(state: State, round_: Round) -> list[str]:
        listed.append(round_.id)
        return options_of(state, round_)

    monkeypatch.setattr(State, "options_of", counting)
    play.do(play.facilitator, "ShowResults", round=play.round)
    assert len(listed) < 25
