"""Who says "I am ready": how many, never who."""

import json

from facilitate.core.view import counts
from tests.play import Play, key_of, phase, refusal


def workshop(names: str = "none") -> Play:
    play = Play(phase("brainstorm", "write", ready=True), phase("cluster", "sort"), names=names)
    play.start("write")
    return play


def ready(play: Play) -> int:
    return int(counts(play.state)["ready"])


def test_one_person_one_mark() -> None:
    """However often it is tapped, and with whatever id; it can be taken back."""
    play = workshop()
    anna, bert = play.join(), play.join()
    first = play.do(anna, "MarkReady", phase="write")
    play.give(anna, {"kind": "MarkReady", "id": first, "phase": "write"})
    play.do(anna, "MarkReady", phase="write")
    play.do(bert, "MarkReady", phase="write")
    assert ready(play) == 2
    play.do(anna, "MarkReady", phase="write", ready=False)
    assert ready(play) == 1
    play.do(anna, "MarkReady", phase="write")
    state = play.state
    play.restart()
    assert (ready(play), play.state == state) == (2, True)


def test_the_phone_knows_after_a_restart_that_its_person_is_ready() -> None:
    """And only that phone."""
    play = workshop()
    anna, bert = play.join(), play.join()
    play.do(anna, "MarkReady", phase="write")
    for _ in range(2):
        assert [record["run"] for record in play.sees(anna, "ready").values()] == [1]
        assert play.sees(bert, "ready") == {}
        play.restart()
    play.do(anna, "MarkReady", phase="write", ready=False)
    assert play.sees(anna, "ready") == {}


def test_who_is_ready_is_told_to_nobody() -> None:
    """Neither the desk nor the log can say who, even where names are shown."""
    play = workshop("shown")
    anna = play.join("Anna Example")
    play.do(anna, "MarkReady", phase="write")
    facts = [json.loads(event.data) for event in play.log if event.kind == "ReadyMarked"]
    assert all(anna.id not in str(fact) for fact in facts)
    mark = facts[0]["mark"].encode()
    for who in ("participants", "facilitators", "screens"):
        assert mark not in play.sent(who)
        assert play.sees(who, "ready") == {}
    assert mark not in play.sent(anna)


def test_marks_of_two_runs_cannot_be_linked() -> None:
    """Who goes back to a phase begins to count anew; the first run's marks come back with Undo."""
    play = workshop()
    anna = play.join()
    play.do(anna, "MarkReady", phase="write")
    play.start("sort")
    back = play.start("write")
    assert ready(play) == 0
    play.undo(back)
    assert play.state.session.phase == "sort"
    play.start("write")
    play.do(anna, "MarkReady", phase="write")
    marks = {json.loads(event.data)["mark"] for event in play.log if event.kind == "ReadyMarked"}
    assert (len(marks), ready(play)) == (2, 1)


def test_only_while_the_phase_asks_for_it() -> None:
    """Not late, not in a phase without it, not by a desk; the counts are silent there."""
    play = workshop()
    anna = play.join()
    assert refusal(play, play.facilitator, "MarkReady", phase="write") == "role.refused"
    assert refusal(play, anna, "MarkReady", phase="no-such") == "phase.unknown"
    play.start("sort")
    assert "ready" not in counts(play.state)
    assert refusal(play, anna, "MarkReady", phase="sort") == "not-now"
    assert refusal(play, anna, "MarkReady", phase="write") == "phase.over"
    play.do(play.facilitator, "ChangePhase", phase="sort", settings={"ready": True})
    play.do(anna, "MarkReady", phase="sort")
    assert ready(play) == 1
    command = next(event.command for event in play.log if event.kind == "ReadyMarked")
    assert key_of(lambda: play.undo(command)) == "undo.nothing"
