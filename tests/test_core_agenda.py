"""The agenda while the session runs: whatever is changed, nothing done is lost, and all of it can be undone."""

from typing import Any

import pytest

from facilitate.core.actors import Actor
from facilitate.core.tables import Phase
from tests.play import Play, key_of, phase, refusal, steady

MINUTE = 60_000


def workshop(*more: dict[str, Any]) -> Play:
    """Three phases on one board; the first has been held, with two ideas."""
    play = Play(
        phase("brainstorm", "write", minutes=5, prompt={"en": "What works?"}, guide={"en": "Say little"}),
        phase("cluster", "sort", minutes=10),
        phase("vote", "choose", minutes=5, of="ideas"),
        *more,
    )
    play.start("write")
    for text in ("one", "two"):
        play.post(play.join(), text)
    return play


def order(play: Play) -> list[str]:
    """The agenda's ids, as every browser lists them."""
    seen = sorted(play.sees("participants", "phase").values(), key=lambda phase: int(phase["order"]))
    assert [phase["order"] for phase in seen] == list(range(1, len(seen) + 1))
    assert seen == sorted(play.sees("screens", "phase").values(), key=lambda phase: int(phase["order"]))
    assert play.sees("participants", "session")["K7MPQ2"]["phases"] == len(seen)
    return [phase["id"] for phase in seen]


def insert(play: Play, **fields: Any) -> str:
    given = {"activity": "brainstorm", "title": {"en": "One more"}, "board": "wall", **fields}
    return play.do(play.facilitator, "InsertPhase", **given)


# --- adding


def test_a_phase_is_added_where_it_is_wanted() -> None:
    """Behind any phase, first, or several at the same place; all others keep their order."""
    play = workshop()
    a = insert(play, after="write")
    b = insert(play, after=None)
    c = insert(play, after="choose")
    d = insert(play, after="write")
    assert order(play) == [b, "write", d, a, "sort", "choose", c]
    steady(play)


def test_an_added_phase_is_a_phase_like_all_others() -> None:
    """With texts, minutes, stage, a board and complete settings; it is started, written in, ended and gone back to."""
    play = workshop()
    made = insert(
        play, after="write", prompt={"en": " More? "}, guide={"en": "Wait"}, minutes=3, stage="co-sharing",
        settings={"private": True},
    )  # fmt: skip
    seen = play.sees("facilitators", "phase")[made]
    assert (seen["prompt"], seen["guide"], seen["minutes"], seen["stage"]) == (
        {"en": "More?"}, {"en": "Wait"}, 3, "co-sharing",
    )  # fmt: skip
    assert seen["inserted"]
    assert (seen["settings"]["private"], seen["settings"]["max_length"]) == (True, 140)
    assert "guide" not in play.sees("participants", "phase")[made]
    play.start(made)
    play.post(play.join(), "three")
    play.start("sort")
    play.start(made)
    assert len(play.texts("facilitators")) == 3
    steady(play)


def test_an_added_phase_may_have_a_board_of_its_own() -> None:
    """It is made with it, and taken back with it."""
    play = workshop()
    made = insert(play, board=None, new_board={"en": "Another wall"}, after="write")
    board = play.state.phases[made].board
    assert play.sees("participants", "board")[str(board)]["title"] == {"en": "Another wall"}
    play.undo(made)
    assert str(board) not in play.sees("participants", "board")
    assert order(play) == ["write", "sort", "choose"]
    steady(play)


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"activity": "no-such"}, "phase.plan"),
        ({"board": "no-such"}, "phase.plan"),
        ({"board": None}, "phase.plan"),
        ({"minutes": 0}, "phase.plan"),
        ({"minutes": 100_000}, "phase.plan"),
        ({"stage": "co-napping"}, "phase.plan"),
        ({"begin": "whenever"}, "command.malformed"),
        ({"settings": {"private": 3}}, "phase.plan"),
        ({"settings": {"unheard-of": 3}}, "phase.plan"),
        ({"settings": {"carry": {"from": "wall"}}}, "phase.plan"),
        ({"title": {}}, "text.empty"),
        ({"title": {"en": " "}}, "text.empty"),
        ({"title": {"en": "x" * 121}}, "text.long"),
        ({"title": {"fi": "x"}}, "command.malformed"),
        ({"after": "no-such"}, "phase.unknown"),
        ({"new_board": {"en": "x"}}, "command.malformed"),
    ],
)
def test_what_a_format_could_not_say_is_refused(fields: dict[str, Any], key: str) -> None:
    """An added phase is held to all that a format's phase is held to, and nothing of it stays."""
    play = workshop()
    before = play.state
    assert key_of(lambda: insert(play, **fields)) == key
    assert play.state is before


def test_an_agenda_has_an_end() -> None:
    """A hundred phases; the next one is refused with a sentence."""
    play = workshop()
    for _ in range(97):
        insert(play, after="write")
    assert len(order(play)) == 100
    assert key_of(lambda: insert(play)) == "agenda.full"
    steady(play)


# --- undoing what was added


def test_adding_is_undone_until_something_stands_on_it() -> None:
    """An idea, or another phase on its new board, holds it; undone in the right order all of it goes."""
    play = workshop()
    made = insert(play, board=None, new_board={"en": "New"}, after="write")
    board = str(play.state.phases[made].board)
    second = insert(play, board=board, after=made)
    assert key_of(lambda: play.undo(made)) == "undo.overtaken"
    play.undo(second)
    start = play.start(made)
    assert key_of(lambda: play.undo(made)) == "undo.overtaken"
    play.undo(start)
    play.restart()
    play.undo(made)
    assert order(play) == ["write", "sort", "choose"]
    assert key_of(lambda: insert(play, board=board)) == "phase.plan"
    steady(play)


def test_what_was_written_in_a_phase_holds_it() -> None:
    """Also when its start was undone: its ideas would otherwise belong to nothing."""
    play = workshop()
    made = insert(play, after="write")
    start = play.start(made)
    play.post(play.join(), "three")
    play.undo(start)
    assert key_of(lambda: play.undo(made)) == "undo.overtaken"
    assert refusal(play, play.facilitator, "RemovePhase", phase=made) == "phase.started"


# --- repeating


def test_a_repeated_phase_is_a_fresh_one_with_the_same_plan() -> None:
    """Behind the current phase, under a title that tells it apart; the first run keeps all that it has."""
    play = workshop()
    again = play.do(play.facilitator, "RepeatPhase", phase="write")
    third = play.do(play.facilitator, "RepeatPhase", phase=again)
    assert order(play) == ["write", third, again, "sort", "choose"]
    first, second = play.state.phases["write"], play.state.phases[again]
    plan = ("activity", "prompt", "guide", "settings", "minutes", "begin", "stage", "board")
    assert [getattr(first, part) for part in plan] == [getattr(second, part) for part in plan]
    assert second.title == {"en": "brainstorm (2)"}
    assert play.state.phases[third].title == {"en": "brainstorm (3)"}
    assert (second.repeats, second.state) == ("write", "planned")
    assert play.texts("participants") == ["one", "two"]
    steady(play)


def test_a_phase_may_be_repeated_on_a_new_board() -> None:
    """With the same columns, and a title that tells the boards apart."""
    play = Play(phase("brainstorm", "write"), columns=("good", "hard"))
    play.start("write")
    play.post(play.join(), "one", column="good")
    again = play.do(play.facilitator, "RepeatPhase", phase="write", new_board=True)
    board = play.state.boards[str(play.state.phases[again].board)]
    assert (board.title, [column.id for column in board.columns]) == ({"en": "Wall (2)"}, ["good", "hard"])
    play.start(again)
    play.post(play.join(), "two", column="hard")
    assert [idea["board"] for idea in play.sees("participants", "idea").values()] == ["wall", board.id]
    pause = insert(play, activity="pause", board=None)
    assert refusal(play, play.facilitator, "RepeatPhase", phase=pause, new_board=True) == "board.unknown"
    steady(play)


# --- skipping, moving, taking away


def test_skipped_is_not_gone() -> None:
    """It says so everywhere, can be brought back, and starting it brings it back too."""
    play = workshop()
    skip = play.do(play.facilitator, "SkipPhase", phase="sort")
    assert play.sees("participants", "phase")["sort"]["skipped"]
    assert "skipped" not in play.sees("participants", "phase")["choose"]
    play.undo(skip)
    assert "skipped" not in play.sees("participants", "phase")["sort"]
    play.do(play.facilitator, "SkipPhase", phase="sort")
    play.do(play.facilitator, "SkipPhase", phase="sort", skipped=False)
    assert not play.state.phases["sort"].skipped
    play.do(play.facilitator, "SkipPhase", phase="sort")
    play.start("sort")
    assert not play.state.phases["sort"].skipped
    assert refusal(play, play.facilitator, "SkipPhase", phase="sort") == "phase.started"
    steady(play)


def test_planned_phases_change_places() -> None:
    """First, last, up and down; a move that changes nothing is none."""
    play = workshop()
    move = play.do(play.facilitator, "MovePhase", phase="choose", after="write")
    assert order(play) == ["write", "choose", "sort"]
    play.do(play.facilitator, "MovePhase", phase="sort", after=None)
    assert order(play) == ["sort", "write", "choose"]
    seq = play.state.seq
    play.do(play.facilitator, "MovePhase", phase="sort", after=None)
    assert play.state.seq == seq
    play.undo(move)
    assert order(play) == ["sort", "write", "choose"]  # it stands behind "write" either way
    for bad in ("choose", "no-such"):
        assert refusal(play, play.facilitator, "MovePhase", phase="choose", after=bad) != ""
    assert refusal(play, play.facilitator, "MovePhase", phase="write", after="sort") == "phase.started"
    steady(play)


def test_moving_for_ever_never_runs_out_of_places() -> None:
    """Two phases that change places two hundred times stay in order; all places are spread when they get close."""
    play = workshop()
    for _ in range(100):
        play.do(play.facilitator, "MovePhase", phase="choose", after="write")
        play.do(play.facilitator, "MovePhase", phase="sort", after="write")
        assert order(play) == ["write", "sort", "choose"]
    assert sum(event.kind == "PhasesPlaced" for event in play.log) > 200
    steady(play)


def test_only_what_was_never_held_is_taken_away() -> None:
    """And it comes back by Undo, to its place."""
    play = workshop()
    gone = play.do(play.facilitator, "RemovePhase", phase="sort")
    assert order(play) == ["write", "choose"]
    for kind in ("StartPhase", "RepeatPhase", "SkipPhase", "MovePhase", "ChangePhase"):
        assert refusal(play, play.facilitator, kind, phase="sort") == "phase.unknown"
    seq = play.state.seq
    play.do(play.facilitator, "RemovePhase", phase="sort")
    assert play.state.seq == seq
    steady(play)
    play.undo(gone)
    assert order(play) == ["write", "sort", "choose"]
    assert refusal(play, play.facilitator, "RemovePhase", phase="write") == "phase.started"


# --- changing


def test_texts_of_planned_and_running_phases_are_changed() -> None:
    """All at once see the new question; the guide remains the desk's alone."""
    play = workshop()
    change = play.do(
        play.facilitator, "ChangePhase", phase="write", title={"en": "Look around"}, prompt={"en": "What else?"},
        guide={"en": "secret hint"},
    )  # fmt: skip
    seen = play.sees("participants", "phase")["write"]
    assert (seen["title"], seen["prompt"]) == ({"en": "Look around"}, {"en": "What else?"})
    assert play.sees("facilitators", "phase")["write"]["guide"] == {"en": "secret hint"}
    person = play.join()
    for who in ("participants", "screens", person):
        assert b"secret hint" not in play.sent(who)
    play.undo(change)
    assert play.state.phases["write"].prompt == {"en": "What works?"}
    play.do(play.facilitator, "ChangePhase", phase="write", prompt={"en": ""})
    assert play.state.phases["write"].prompt == {}
    assert refusal(play, play.facilitator, "ChangePhase", phase="write", title={"en": " "}) == "text.empty"
    steady(play)


def test_a_planned_question_stays_unasked() -> None:
    """What is changed in a phase that is still to come goes to no phone."""
    play = workshop()
    play.do(play.facilitator, "ChangePhase", phase="sort", prompt={"en": "a coming question"})
    assert b"a coming question" not in play.sent("participants")
    assert b"a coming question" in play.sent("facilitators")


def test_what_is_over_is_not_rewritten() -> None:
    """The minutes say what was asked when it was asked."""
    play = workshop()
    play.start("sort")
    assert refusal(play, play.facilitator, "ChangePhase", phase="write", prompt={"en": "Other"}) == "phase.over"


@pytest.mark.parametrize(
    ("before", "minutes", "left"),
    [(5, 8.0, 7), (5, 3.0, 2), (5, 0.5, 0), (5, None, None), (None, 4.0, 3)],
)
def test_a_running_clock_goes_by_the_new_minutes(before: float | None, minutes: float | None, left: float) -> None:
    """After one minute of a phase: longer, shorter, already over, without an end, with one at last."""
    given = {} if before is None else {"minutes": before}
    play = Play(phase("brainstorm", "write", **given))
    play.start("write")
    play.wait(60)
    change = play.do(play.facilitator, "ChangePhase", phase="write", minutes=minutes)
    ends = play.state.phases["write"].ends
    assert (None if ends is None else (ends - play.now) / MINUTE) == left
    play.undo(change)
    assert play.state.phases["write"].minutes == before
    steady(play)


def test_what_was_added_by_hand_and_a_pause_stay() -> None:
    """The plan grows by two minutes, and so does what is left."""
    play = workshop()
    play.do(play.facilitator, "ExtendPhase", phase="write", seconds=60)
    play.do(play.facilitator, "PausePhase", phase="write")
    play.do(play.facilitator, "ChangePhase", phase="write", minutes=7)
    assert play.state.phases["write"].left == (5 + 1 + 2) * MINUTE
    play.do(play.facilitator, "ResumePhase", phase="write")
    assert play.state.phases["write"].ends == play.now + 8 * MINUTE
    for minutes in (0, -1, 100_000):
        assert refusal(play, play.facilitator, "ChangePhase", phase="write", minutes=minutes) == "phase.minutes"


def test_a_few_settings_are_changed_while_it_runs() -> None:
    """Those that change nobody's words; all others are the plan's."""
    play = workshop()
    change = play.do(play.facilitator, "ChangePhase", phase="write", settings={"ready": True, "look_back": True})
    assert play.sees("participants", "phase")["write"]["settings"]["ready"]
    play.undo(change)
    assert not play.state.phases["write"].settings["ready"]
    for settings in ({"private": True}, {"ready": 3}, {"no-such": 1}):
        assert refusal(play, play.facilitator, "ChangePhase", phase="write", settings=settings) == "phase.plan"


# --- time


def test_what_a_phase_took_is_the_sum_of_its_runs() -> None:
    """The desk can tell how far the session is behind, also after going back and after a restart."""
    play = workshop()
    play.wait(6 * 60)
    play.start("sort")
    play.wait(4 * 60)
    play.start("write")
    play.wait(60)
    seen = play.sees("facilitators", "phase")
    assert (seen["write"]["spent"], seen["sort"]["spent"]) == (6 * MINUTE, 4 * MINUTE)
    assert seen["write"]["shown"] == play.now - MINUTE
    assert "spent" not in play.sees("participants", "phase")["write"]
    play.start("choose")
    assert play.state.phases["write"].spent == 7 * MINUTE
    steady(play)


def test_waiting_counts_as_time_but_not_on_the_clock() -> None:
    """`begin = "on-go"`: the question is there and can be answered; the clock begins when somebody says go."""
    play = Play(phase("brainstorm", "write", minutes=5, begin="on-go"))
    play.start("write")
    play.post(play.join(), "early")
    play.wait(120)
    assert (play.state.phases["write"].state, play.state.phases["write"].ends) == ("waiting", None)
    play.do(play.facilitator, "Begin", phase="write")
    assert play.state.phases["write"].ends == play.now + 5 * MINUTE
    play.do(play.facilitator, "EndPhase", phase="write")
    assert play.state.phases["write"].spent == 2 * MINUTE


# --- going back, voting again


def test_going_back_keeps_ideas_clusters_and_ballots() -> None:
    """Twice through everything, in any order, with phases added between: nothing is lost."""
    play = workshop()
    play.start("sort")
    ideas = list(play.state.ideas)
    play.do(play.facilitator, "FormCluster", ideas=[ideas[0]], title="First")
    play.start("choose")
    person = play.join()
    play.vote(person, **{ideas[0]: 2})
    insert(play, after="write")
    play.do(play.facilitator, "MovePhase", phase=order(play)[1], after=None)
    for back in ("write", "sort", "choose"):
        play.start(back)
    assert play.texts("participants") == ["one", "two"]
    assert [cluster.title for cluster in play.state.clusters_of("wall")] == ["First"]
    assert [len(play.state.ballots_in(round_)) for round_ in play.state.rounds] == [1, 0]
    assert [round_.number for round_ in play.state.rounds.values()] == [1, 2]
    steady(play)


def test_voting_again_is_a_new_round_beside_the_old_one() -> None:
    """The first result stays; the clock begins anew; with an empty round open there is nothing to do."""
    play = workshop()
    play.start("choose")
    idea = next(iter(play.state.ideas))
    play.vote(play.join(), **{idea: 1})
    first = play.round
    play.do(play.facilitator, "ShowResults", round=first)
    play.wait(600)
    again = play.do(play.facilitator, "VoteAgain", phase="choose")
    assert play.round != first
    assert (play.state.rounds[first].state, play.state.rounds[play.round].state) == ("shown", "open")
    assert play.state.phases["choose"].ends == play.now + 5 * MINUTE
    seq = play.state.seq
    play.do(play.facilitator, "VoteAgain", phase="choose")
    assert play.state.seq == seq
    play.vote(play.join(), **{idea: 1})
    assert key_of(lambda: play.undo(again)) == "undo.overtaken"
    play.do(play.facilitator, "VoteAgain", phase="choose")
    assert [round_.state for round_ in play.state.rounds.values()] == ["shown", "closed", "open"]
    play.start("sort")
    assert refusal(play, play.facilitator, "VoteAgain", phase="sort") == "not-now"
    assert refusal(play, play.facilitator, "VoteAgain", phase="choose") == "phase.over"
    steady(play)


# --- everybody, sound


def test_everybody_is_called_each_time() -> None:
    """The number grows, so that every phone sees that it is called again."""
    play = workshop()
    call = play.do(play.facilitator, "BringEverybody")
    play.do(play.facilitator, "BringEverybody")
    assert play.sees("participants", "session")["K7MPQ2"]["called"] == 2
    assert play.give(play.facilitator, {"kind": "BringEverybody", "id": call}) < play.state.seq
    assert play.sees("participants", "session")["K7MPQ2"]["called"] == 2


def test_the_sound_is_the_desks_choice() -> None:
    """Off until somebody wants it."""
    play = workshop()
    assert not play.sees("screens", "session")["K7MPQ2"]["sound"]
    on = play.do(play.facilitator, "SetSound", on=True)
    assert play.sees("screens", "session")["K7MPQ2"]["sound"]
    play.undo(on)
    assert not play.sees("screens", "session")["K7MPQ2"]["sound"]


# --- who, twice, after a restart

DEEDS: list[tuple[str, dict[str, Any]]] = [
    ("InsertPhase", {"activity": "pause", "title": {"en": "Break"}, "after": "write"}),
    ("RepeatPhase", {"phase": "write"}),
    ("SkipPhase", {"phase": "sort"}),
    ("MovePhase", {"phase": "sort", "after": "choose"}),
    ("RemovePhase", {"phase": "sort"}),
    ("ChangePhase", {"phase": "sort", "title": {"en": "Other"}, "minutes": 3}),
    ("SetSound", {"on": True}),
    ("BringEverybody", {}),
]


@pytest.mark.parametrize(("kind", "fields"), DEEDS)
def test_each_is_a_facilitators_once_and_undone_also_after_a_restart(kind: str, fields: dict[str, Any]) -> None:
    """A repeat of the same command changes nothing; Undo brings the agenda back to what it was, byte for byte."""
    play = workshop()
    for actor in (play.join(), Actor("screen", "s1")):
        assert refusal(play, actor, kind, **fields) == "role.refused"
    before = {who: play.holds(who) for who in ("participants", "facilitators")}
    deed = play.do(play.facilitator, kind, **fields)
    state = play.state
    play.give(play.facilitator, {"kind": kind, "id": deed, **fields})
    assert play.state is state
    assert play.holds("facilitators") != before["facilitators"]
    play.restart()
    play.undo(deed)
    after = {who: play.holds(who) for who in before}
    if kind == "BringEverybody":
        return  # phones that were called have been called
    assert after == before
    steady(play)


def test_an_agenda_of_an_older_log_is_read() -> None:
    """Phases that were shown before their time was noted have none; they are moved and changed like others."""
    play = workshop()
    play.log = [
        event if event.kind != "PhaseShown" else type(event)(**{**fields_of(event), "data": b'{"phase":"write"}'})
        for event in play.log
    ]
    play.restart()
    write: Phase = play.state.phases["write"]
    assert (write.shown, write.runs, write.spent) == (None, 1, 0)
    play.start("sort")
    assert play.state.phases["write"].spent == 0
    insert(play, after="write")
    assert order(play)[0] == "write"


def fields_of(event: Any) -> dict[str, Any]:
    return {field: getattr(event, field) for field in event.__struct_fields__}
