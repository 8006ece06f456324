"""Nobody is sent what is not theirs to see: each case first makes something that could leak, then looks everywhere."""

import json
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest

from facilitate.core.actors import Actor
from facilitate.core.phases import GRACE
from tests.play import SCREEN, Play, Who, phase, refusal

SECRET = "Zebra crossing"
OVER = GRACE / 1000 + 1


def brainstorming(**settings: Any) -> tuple[Play, Actor, Actor]:
    """A session that collects ideas, and two people in it."""
    play = Play(phase("brainstorm", **settings), phase("vote", of="ideas"), phase("discuss"), phase("pause"))
    play.start("brainstorm")
    return play, play.join(), play.join()


def assert_seen(play: Play, secret: str, *, by: list[Who], never_by: list[Who]) -> None:
    """Also by whoever comes after a restart; and never in any frame before."""
    for _ in range(2):
        for who in by:
            assert secret.encode() in play.sent(who), f"{who} should see it"
        for who in never_by:
            assert secret.encode() not in play.sent(who), f"{who} must not see it"
        play.restart()


# --- ideas


def test_a_private_idea() -> None:
    """Its author alone; the desk learns that it is there; when it is turned over, all."""
    play, author, other = brainstorming(private=True)
    idea = play.post(author, SECRET)
    assert_seen(play, SECRET, by=[author], never_by=["participants", SCREEN, other, "facilitators"])
    assert idea.encode() in play.sent("facilitators")
    assert idea.encode() not in play.sent(other) + play.sent(SCREEN)
    play.do(author, "EditIdea", idea=idea, text=f"{SECRET} lights")
    assert_seen(play, "lights", by=[author], never_by=["participants", SCREEN, other, "facilitators"])
    play.do(play.facilitator, "RevealIdeas", board="wall")
    assert_seen(play, "lights", by=[author, SCREEN, other, "facilitators"], never_by=[])


def test_a_private_idea_after_a_peek() -> None:
    """The desk, and still nobody else."""
    play, author, other = brainstorming(private=True)
    play.post(author, SECRET)
    play.do(play.facilitator, "Peek", board="wall")
    assert_seen(play, SECRET, by=[author, "facilitators"], never_by=["participants", SCREEN, other])


def test_a_strictly_private_idea() -> None:
    """Nobody else by any command of the desk but the reveal."""
    play, author, other = brainstorming(private=True, strict=True)
    idea = play.post(author, SECRET)
    assert refusal(play, play.facilitator, "Peek", board="wall") == "role.refused"
    play.do(play.facilitator, "FormCluster", ideas=[idea])
    play.do(play.facilitator, "HideIdea", idea=idea)
    play.do(play.facilitator, "RestoreIdea", idea=idea)
    play.start("pause")
    assert refusal(play, play.facilitator, "Peek", board="wall") == "role.refused"
    assert_seen(play, SECRET, by=[author], never_by=["participants", SCREEN, other, "facilitators"])


def test_a_late_idea() -> None:
    """Its author and the desk; after it was admitted, all."""
    play, author, other = brainstorming()
    play.start("pause")
    play.wait(OVER)
    idea = play.post(author, SECRET, phase="brainstorm")
    assert_seen(play, SECRET, by=[author, "facilitators"], never_by=["participants", SCREEN, other])
    play.do(play.facilitator, "AdmitLate", idea=idea)
    assert_seen(play, SECRET, by=[author, "facilitators", SCREEN, other], never_by=[])


def test_a_hidden_idea() -> None:
    """Whoever comes after it was hidden does not get it; nor its reason, which is for the author and the desk."""
    play, author, other = brainstorming()
    idea = play.post(author, SECRET)
    play.do(play.facilitator, "HideIdea", idea=idea, reason="A private reason")
    for who in (other, SCREEN):
        assert not any(SECRET.encode() in data for data in play.holds(who).values())
    assert_seen(play, "A private reason", by=[author, "facilitators"], never_by=["participants", SCREEN, other])
    play.do(author, "WithdrawIdea", idea=idea)
    assert not any(SECRET.encode() in data for data in play.holds("facilitators").values())


def test_an_idea_that_was_hidden_face_down() -> None:
    """The reveal of the others does not turn it over for all."""
    play, author, other = brainstorming(private=True)
    idea = play.post(author, SECRET)
    play.do(play.facilitator, "HideIdea", idea=idea)
    play.do(play.facilitator, "RevealIdeas", board="wall")
    assert_seen(play, SECRET, by=[author, "facilitators"], never_by=["participants", SCREEN, other])


def test_an_erased_idea() -> None:
    """Gone from the log and from what anybody gets from then on; whoever was away is told to drop it."""
    play, author, other = brainstorming()
    idea = play.post(author, SECRET)
    away = play.state.seq
    play.do(play.facilitator, "EraseIdea", idea=idea)
    for _ in range(2):
        for who in (author, other, SCREEN, "facilitators"):
            assert not any(SECRET.encode() in data for data in play.holds(who).values())
        assert ("idea", idea) not in play.projections["outside"].records
        for projection in (play.projections[who] for who in ("participants", "facilitators", "screens")):
            assert (("idea", idea), None) in [(key, data) for key, _, data in projection.since(away)]
        assert SECRET.encode() not in play.written()
        assert SECRET not in repr(vars(play.state))
        play.restart()


def test_clusters_before_they_are_shown() -> None:
    """The desk may think aloud."""
    play, author, other = brainstorming()
    idea = play.post(author, "card")
    cluster = play.do(play.facilitator, "FormCluster", title=SECRET, ideas=[idea])
    assert_seen(play, SECRET, by=["facilitators"], never_by=["participants", SCREEN, author, other])
    assert cluster.encode() not in play.sent(author) + play.sent(SCREEN)


# --- votes


def ballots(play: Play) -> Iterator[bytes]:
    """All ways in which somebody's choices or a count of them could be written."""
    for ballot in play.state.ballots.values():
        yield json.dumps(ballot.choices, separators=(",", ":")).encode()


def test_an_open_ballot() -> None:
    """Its voter alone sees it; nobody sees a count; the desk only how many have voted."""
    play, author, other = brainstorming()
    one, two = play.post(author, "one"), play.post(other, "two")
    play.start("vote")
    play.vote(author, **{one: 2, two: 1})
    (choices,) = ballots(play)
    assert choices in play.sent(author)
    everybody: list[Who] = ["participants", SCREEN, other, "facilitators"]
    for who in everybody:
        assert choices not in play.sent(who)
        assert b'"tally"' not in play.sent(who)
    assert b'"voted": 1' in play.sent("facilitators")


def test_a_closed_rounds_tally() -> None:
    """The desk's until it is shown; then everybody's."""
    play, author, other = brainstorming()
    one, two = play.post(author, "one"), play.post(other, "two")
    play.start("vote")
    play.vote(author, **{one: 2, two: 1})
    play.do(play.facilitator, "CloseRound", round=play.round)
    assert_seen(play, '"tally"', by=["facilitators"], never_by=["participants", SCREEN, author, other])
    play.do(play.facilitator, "ShowResults", round=play.round)
    assert_seen(play, '"tally"', by=["facilitators", SCREEN, author, other], never_by=[])


# --- plans and people


def test_the_guide_is_for_facilitators() -> None:
    """In every state of its phase."""
    play = Play(phase("brainstorm", guide={"en": SECRET}), phase("pause"))
    person = play.join()
    for step in ("brainstorm", "pause"):
        assert_seen(play, SECRET, by=["facilitators"], never_by=["participants", SCREEN, person])
        play.start(step)
    play.do(play.facilitator, "EndSession")
    assert_seen(play, SECRET, by=["facilitators"], never_by=["participants", SCREEN, person])


def test_a_question_that_was_not_asked_yet() -> None:
    """Neither prompt nor settings of a planned phase; asked, everybody reads it."""
    play = Play(phase("welcome", text={"en": "Hello"}), phase("pause", prompt={"en": SECRET}, sentence={"en": "Cake"}))
    person = play.join()
    play.start("welcome")
    for secret in (SECRET, "Cake"):
        assert_seen(play, secret, by=["facilitators"], never_by=["participants", SCREEN, person])
    play.start("pause")
    for secret in (SECRET, "Cake"):
        assert_seen(play, secret, by=["facilitators", SCREEN, person], never_by=[])


def test_the_session_has_a_secret_id() -> None:
    """Its log's name is nobody's business: the join code is all that people need."""
    play, author, _ = brainstorming()
    play.post(author, "card")
    everybody: list[Who] = ["participants", SCREEN, author, "facilitators"]
    for who in everybody:
        assert b"secret-session-id" not in play.sent(who)


@pytest.mark.parametrize("names", ["optional", "shown"])
def test_a_name_that_was_given(names: str) -> None:
    """Stands on the cards for all, as was said; attributes are for the desk where names are shown; never in the log."""
    play = Play(phase("brainstorm"), names=names, attributes=[{"id": "sector", "title": {"en": "Sector?"}}])
    play.start("brainstorm")
    person = play.person()
    play.do(person, "Join", name=SECRET, attributes={"sector": "Lighthouses"})
    strangers: list[Who] = ["participants", SCREEN, person, "outside", *(["facilitators"] if names != "shown" else [])]
    assert play.rows[person.id]["attributes"] == {"sector": "Lighthouses"}
    assert_seen(play, "Lighthouses", by=["facilitators"] if names == "shown" else [], never_by=strangers)
    play.post(person, "card")
    assert_seen(play, SECRET, by=["facilitators", SCREEN, person], never_by=[])
    assert SECRET.encode() not in play.written()
    assert b"Lighthouses" not in play.written()
    assert person.id.encode() not in play.sent("participants")


def test_a_session_without_names() -> None:
    """What is sent as a name is kept nowhere, and no browser but one's own learns one's id."""
    play, author, other = brainstorming()
    play.do(author, "Join", name=SECRET, attributes={"sector": "Lighthouses"})
    play.do(play.person(), "Join", name=SECRET, attributes={"sector": "Lighthouses"})
    play.post(author, "card")
    assert play.rows == {}
    everybody: list[Who] = ["participants", SCREEN, author, other, "facilitators"]
    for secret in (SECRET, "Lighthouses", author.id, other.id):
        for who in everybody:
            assert secret.encode() not in play.sent(who)
    assert SECRET.encode() not in play.written()


# --- the log


def work(play: Play, people: list[Actor]) -> None:
    """Everything that one can do: several ideas, edits, withdrawals, moves, ballots in two rounds."""
    play.start("brainstorm")
    for person in people:
        kept, edited, gone = (play.post(person, f"{person.id[-1]} {number}") for number in range(3))
        play.do(person, "EditIdea", idea=edited, text=f"{person.id[-1]} edited")
        play.do(person, "WithdrawIdea", idea=gone)
        play.post(person, f"{person.id[-1]} again")
        assert refusal(play, person, "PostIdea", phase="brainstorm", text="too many") == "limit.reached"
        cluster = play.do(play.facilitator, "FormCluster", ideas=[kept], title="Together")
    play.start("cluster")
    for person in people:
        mine = [id_ for id_, own in play.sees(person, "own").items() if own["state"] == "open"]
        for idea in mine[1:]:
            play.do(person, "MoveIdea", idea=idea, cluster=cluster)
    for _ in range(2):
        play.start("vote")
        for person in people:
            play.vote(person, 1, **{kept: 1})
            play.vote(person, 2, **{kept: 2})
        play.do(play.facilitator, "EndPhase", phase="vote")


def strings(data: Any) -> Iterator[str]:
    """Every string inside an event's data."""
    if isinstance(data, dict):
        for value in data.values():
            yield from strings(value)
    elif isinstance(data, list):
        for value in data:
            yield from strings(value)
    elif isinstance(data, str):
        yield data


def signs(play: Play) -> dict[str, set[str]]:
    """By command: every tag that could say whose it is. Ids of ideas, rounds and phases are no secret."""
    state = play.state
    known = {*state.ideas, *state.rounds, *state.phases, *state.boards, *state.commands, "", "en", "phone", "desk"}
    found: dict[str, set[str]] = {}
    for event in play.log:
        if not event.by.startswith(("facilitator:", "clock")):
            texts = {text for text in strings(json.loads(event.data)) if " " not in text}
            found.setdefault(event.command, set()).update({event.by, event.check} | texts - known)
    return found


@pytest.fixture
def worked() -> tuple[Play, list[Actor]]:
    play = Play(phase("brainstorm", max_ideas=3), phase("cluster", who="own"), phase("vote", of="ideas"))
    people = [play.join(), play.join()]
    work(play, people)
    return play, people


def test_no_two_ideas_share_a_tag(worked: tuple[Play, list[Actor]]) -> None:
    """Nobody can tell from the file that two ideas are of one person, withdrawn ones included."""
    play, _ = worked
    tags = signs(play)
    posted = [event.command for event in play.log if event.kind == "IdeaPosted"]
    assert len(posted) == 8
    for one, other in combinations(posted, 2):
        assert not tags[one] & tags[other]


def test_only_repeats_of_one_ballot_share_a_tag(worked: tuple[Play, list[Actor]]) -> None:
    """A ballot and its correction must; otherwise no two commands of the whole log do."""
    play, _ = worked
    of = {event.command: json.loads(event.data).get("round") for event in play.log if event.kind == "BallotCast"}
    tags = signs(play)
    for one, other in combinations(tags, 2):
        shared = tags[one] & tags[other]
        assert not shared or (one in of and of[one] == of.get(other) and len(shared) == 1)
    voters = {(ballot.round, ballot.voter) for ballot in play.state.ballots.values()}
    assert len(voters) == len({voter for _, voter in voters}) == 4


def test_only_joining_names_a_participant(worked: tuple[Play, list[Actor]]) -> None:
    """The number of people is kept; no idea and no ballot bears an id, nor does who signed the joining."""
    play, people = worked
    for event in play.log:
        row = f"{event.by} {event.command} {event.check} {event.data.decode()}"
        for person in people:
            assert (person.id in row) == (event.kind == "ParticipantJoined" and person.id in event.data.decode())
            assert event.by != person.id


def test_no_secret_is_kept(worked: tuple[Play, list[Actor]]) -> None:
    """What would link all of it stays in the phone."""
    play, people = worked
    for person in people:
        assert person.secret not in play.written()
        assert person.secret.hex() not in repr(vars(play.state))


def test_the_same_phone_can_still_prove_what_is_its_own(worked: tuple[Play, list[Actor]]) -> None:
    """With the secret, and with nothing else, its ideas and ballots are found again."""
    play, (person, other) = worked
    play.restart()
    assert len(play.sees(person, "own")) == 4
    assert len(play.sees(person, "ballot")) == 2
    assert not set(play.sees(person, "own")) & set(play.sees(other, "own"))
    stranger = Actor("participant", person.id, b"another secret")
    assert play.sees(stranger, "own") == play.sees(stranger, "ballot") == {}
