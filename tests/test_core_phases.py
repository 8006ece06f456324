"""Phases: shown, begun, timed, stopped, ended, and gone back to."""

import pytest

from facilitate.core.actors import CLOCK
from facilitate.core.phases import GRACE
from facilitate.core.refused import Refused
from tests.play import Play, phase, refusal

MINUTE = 60_000


def test_start_shows_opens_and_starts_the_clock() -> None:
    """One command, three events, and everybody sees question and time."""
    play = Play(phase("brainstorm", minutes=8, prompt={"en": "What works?"}))
    start = play.start("brainstorm")
    assert [event.kind for event in play.log if event.command == start] == ["PhaseShown", "InputOpened", "ClockStarted"]
    for audience in ("participants", "screens", "facilitators"):
        seen = play.sees(audience, "phase")["brainstorm"]
        assert (seen["state"], seen["started"], seen["ends"]) == ("open", play.now, play.now + 8 * MINUTE)
        assert seen["prompt"] == {"en": "What works?"}
    assert play.sees("participants", "session")["K7MPQ2"]["phase"] == "brainstorm"


def test_on_go_waits_for_begin() -> None:
    """The question is shown and ideas are taken before the clock begins."""
    play = Play(phase("brainstorm", minutes=1, begin="on-go"))
    play.start("brainstorm")
    assert play.sees("participants", "phase")["brainstorm"]["state"] == "waiting"
    play.post(play.join(), "early bird")
    play.wait(300)
    play.do(play.facilitator, "Begin", phase="brainstorm")
    seen = play.sees("participants", "phase")["brainstorm"]
    assert (seen["state"], seen["ends"]) == ("open", play.now + MINUTE)


def test_a_second_start_changes_nothing() -> None:
    """A double click on Next does not start the clock anew."""
    play = Play(phase("brainstorm", minutes=1))
    play.start("brainstorm")
    events = len(play.log)
    play.wait(5)
    play.start("brainstorm")
    assert len(play.log) == events


def test_starting_the_next_ends_the_one_before() -> None:
    """Only one phase is current."""
    play = Play(phase("welcome"), phase("brainstorm"))
    play.start("welcome")
    play.start("brainstorm")
    states = {id_: seen["state"] for id_, seen in play.sees("participants", "phase").items()}
    assert states == {"welcome": "ended", "brainstorm": "open"}


def test_time_running_out_closes_nothing() -> None:
    """Unless the format says so: whoever is still writing may finish."""
    play = Play(phase("brainstorm", minutes=1))
    play.start("brainstorm")
    play.wait(600)
    assert refusal(play, CLOCK, "RunOut", phase="brainstorm") == "not-now"
    play.post(play.join(), "slowly thought")
    assert play.texts("participants") == ["slowly thought"]


def test_closes_when_the_format_says_so() -> None:
    """Input ends by itself, once, and not a moment too early; more time opens it again."""
    play = Play(phase("brainstorm", minutes=1, closes=True))
    person = play.join()
    play.start("brainstorm")
    play.wait(59)
    assert refusal(play, CLOCK, "RunOut", phase="brainstorm") == "not-now"
    play.wait(1)
    play.do(CLOCK, "RunOut", phase="brainstorm")
    assert refusal(play, CLOCK, "RunOut", phase="brainstorm") == "not-now"
    assert play.sees("participants", "phase")["brainstorm"]["state"] == "closed"
    play.wait(GRACE / 1000 + 1)
    play.post(person, "too slow")
    assert play.texts("participants") == []
    play.do(play.facilitator, "ExtendPhase", phase="brainstorm", seconds=60)
    play.post(person, "in time")
    assert play.texts("participants") == ["in time"]


def test_only_more_time_opens_what_time_closed() -> None:
    """Stopping the clock or taking time away does not let ideas in again."""
    play = Play(phase("brainstorm", minutes=1, closes=True))
    play.start("brainstorm")
    play.wait(60)
    play.do(CLOCK, "RunOut", phase="brainstorm")
    play.do(play.facilitator, "PausePhase", phase="brainstorm")
    play.do(play.facilitator, "ExtendPhase", phase="brainstorm", seconds=-60)
    play.do(play.facilitator, "ResumePhase", phase="brainstorm")
    assert play.sees("participants", "phase")["brainstorm"]["state"] == "closed"


def test_pause_and_resume_keep_what_is_left() -> None:
    """A stopped clock keeps its time, and takes more while it stands."""
    play = Play(phase("brainstorm", minutes=2))
    play.start("brainstorm")
    play.wait(30)
    play.do(play.facilitator, "PausePhase", phase="brainstorm")
    seen = play.sees("participants", "phase")["brainstorm"]
    assert (seen["ends"], seen["left"]) == (None, 90_000)
    play.wait(1000)
    play.do(play.facilitator, "ExtendPhase", phase="brainstorm", seconds=60)
    play.do(play.facilitator, "ResumePhase", phase="brainstorm")
    seen = play.sees("participants", "phase")["brainstorm"]
    assert (seen["ends"], seen["left"]) == (play.now + 150_000, None)


def test_more_and_less_time() -> None:
    """Time given after the end counts from now, time taken never ends in the past."""
    play = Play(phase("brainstorm", minutes=1))
    play.start("brainstorm")
    play.wait(100)
    play.do(play.facilitator, "ExtendPhase", phase="brainstorm", seconds=60)
    assert play.sees("participants", "phase")["brainstorm"]["ends"] == play.now + MINUTE
    play.do(play.facilitator, "ExtendPhase", phase="brainstorm", seconds=-300)
    assert play.sees("participants", "phase")["brainstorm"]["ends"] == play.now


@pytest.mark.parametrize("seconds", [0, 86_401, -86_401, 2**70])
def test_no_senseless_time(seconds: int) -> None:
    """Nothing, and more than a day, are not times."""
    play = Play(phase("brainstorm", minutes=1))
    play.start("brainstorm")
    assert refusal(play, play.facilitator, "ExtendPhase", phase="brainstorm", seconds=seconds) == "command.malformed"


def test_going_back_loses_nothing() -> None:
    """Ideas, clusters and notes of later phases stay when an earlier phase is started again."""
    play = Play(phase("brainstorm"), phase("cluster"), phase("discuss"))
    person = play.join()
    play.start("brainstorm")
    idea = play.post(person, "first")
    play.start("cluster")
    cluster = play.do(play.facilitator, "FormCluster", title="Together", ideas=[idea])
    play.start("discuss")
    play.do(play.facilitator, "TakeNote", phase="discuss", item=cluster, text="agreed")
    play.start("brainstorm")
    play.post(person, "second")
    assert play.texts("participants") == ["first", "second"]
    assert play.sees("participants", "idea")[idea]["cluster"] == cluster
    assert [note["text"] for note in play.sees("participants", "note").values()] == ["agreed"]


@pytest.mark.parametrize("kind", ["Begin", "EndPhase", "PausePhase", "ResumePhase"])
def test_phases_that_are_not_current(kind: str) -> None:
    """What is over, or never was there, is named as such."""
    play = Play(phase("welcome"), phase("brainstorm"))
    play.start("welcome")
    play.start("brainstorm")
    assert refusal(play, play.facilitator, kind, phase="welcome") == "phase.over"
    assert refusal(play, play.facilitator, kind, phase="dessert") == "phase.unknown"


def test_the_end_of_the_session() -> None:
    """It ends the phase; nobody joins any more; starting a phase goes on after all."""
    play = Play(phase("brainstorm"), phase("pause"))
    known = play.join()
    play.start("brainstorm")
    play.do(play.facilitator, "EndSession")
    session = play.sees("participants", "session")["K7MPQ2"]
    assert session["state"] == "ended"
    assert session["delete_at"] == play.now + 90 * 86_400_000
    with pytest.raises(Refused, match=r"session\.ended"):
        play.join()
    play.wait(60)
    play.post(known, "an afterthought", phase="brainstorm")
    assert play.texts("participants") == []
    play.start("pause")
    assert play.sees("participants", "session")["K7MPQ2"]["state"] == "running"
    play.join()


def test_deleting_waits_for_its_day_and_leaves_nothing() -> None:
    """The clock deletes when the promised days are over; then no record and no name is left for anybody."""
    play = Play(phase("brainstorm"), phase("vote"), phase("discuss"), names="shown")
    play.start("brainstorm")
    person = play.join("Robin")
    idea = play.post(person, "unforgettable")
    play.start("vote")
    play.vote(person, **{idea: 1})
    play.do(play.facilitator, "ShowResults", round=play.round)
    play.start("discuss")
    play.do(play.facilitator, "TakeNote", phase="discuss", item=idea, text="unforgettable too")
    play.do(play.facilitator, "EndSession")
    assert refusal(play, CLOCK, "DeleteSession") == "not-now"
    play.wait(90 * 86_400)
    play.do(CLOCK, "DeleteSession")
    for who in ("participants", "facilitators", "screens"):
        assert {key[0] for key in play.holds(who)} == {"session"}
    assert {data for _, data in play.people[person.id][1].records.items()} == {None}
    assert "unforgettable" not in repr(play.state.tables)
    assert not play.state.names
    assert refusal(play, play.facilitator, "StartPhase", phase="brainstorm") == "session.unknown"
    assert refusal(play, person, "PostIdea", phase="brainstorm", text="more") == "session.unknown"


def test_screens_follow_the_phase() -> None:
    """A message gives way to the next phase; black stays until it is taken away."""
    play = Play(phase("welcome"), phase("brainstorm"), phase("pause"))
    play.start("welcome")
    play.do(play.facilitator, "Show", what="message", text="Lunch  is\nready")
    assert play.sees("screens", "screen")["main"]["shows"] == {"what": "message", "text": "Lunch is\nready"}
    play.start("brainstorm")
    assert play.sees("screens", "screen")["main"]["shows"] == {"what": "phase"}
    play.do(play.facilitator, "Show", what="black")
    play.start("pause")
    assert play.sees("screens", "screen")["main"]["shows"] == {"what": "black"}


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"screen": "other"}, "screen.unknown"),
        ({"what": "film"}, "command.malformed"),
        ({"what": "board", "board": "nowhere"}, "board.unknown"),
        ({"what": "results", "round": "none"}, "round.unknown"),
        ({"page": -1}, "command.malformed"),
        ({"what": "message", "text": "x" * 501}, "text.long"),
    ],
)
def test_screens_show_only_what_is_there(fields: dict[str, object], key: str) -> None:
    """Each mistake has its key."""
    play = Play(phase("welcome"))
    assert refusal(play, play.facilitator, "Show", **fields) == key


def test_people() -> None:
    """One place each; whoever was there before may come back to a full session."""
    play = Play(phase("welcome"), capacity=2)
    first = play.join()
    play.join()
    play.do(first, "Join")
    assert refusal(play, play.person(), "Join") == "session.full"
    assert len(play.state.participants) == 2


def test_a_name_may_change() -> None:
    """It changes on every card, for everybody, also after a restart."""
    play = Play(phase("brainstorm"), names="optional")
    play.start("brainstorm")
    person = play.person()
    idea = play.post(person, "before anybody knew")
    assert "author" not in play.sees("participants", "idea")[idea]
    for name in ("Robin", "Kim"):
        play.do(person, "Join", name=name)
        assert play.sees("participants", "idea")[idea]["author"] == name
        assert play.sees("facilitators", "participant")[person.id]["name"] == name
    events = len(play.log)
    play.do(person, "Join", name="Kim")
    assert len(play.log) == events
    play.restart()
    assert play.sees("screens", "idea")[idea]["author"] == "Kim"


def test_a_name_may_be_taken_back() -> None:
    """Whoever was away learns it too, also when the server was started anew meanwhile."""
    play = Play(phase("brainstorm"), names="optional")
    play.start("brainstorm")
    person = play.join("Robin")
    idea = play.post(person, "card")
    away = play.state.seq
    play.do(person, "Join", name="")
    for _ in range(2):
        (news,) = (data for key, _, data in play.projections["screens"].since(away) if key == ("idea", idea))
        assert b"Robin" not in (news or b"Robin")
        play.restart()


def test_names_shown_asks_for_one() -> None:
    """Where cards carry names nobody comes in without; without names nothing that is sent is kept."""
    play = Play(phase("welcome"), names="shown")
    assert refusal(play, play.person(), "Join", name=" ") == "text.empty"
    play = Play(phase("welcome"))
    play.join("Robin")
    assert play.rows == {}
    assert b"Robin" not in play.written()
