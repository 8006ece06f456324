"""The report holds everything that happened, each thing in its place, and says of each who may read it."""

from types import ModuleType
from typing import Any

import msgspec
import pytest

from facilitate import activities, votes
from facilitate.core.decide import replay, rules_of
from facilitate.core.events import Event
from facilitate.core.report import Group, Ideas, Line, Notes, Remark, Report, Result, Step, report
from facilitate.languages import catalogue
from tests.workshop import COLUMNS, MINUTE, PHASES, START, Workshop


def step(it: Report, phase: str) -> Step:
    return next(one for one in it.steps if one.id == phase)


def blocks(it: Report, phase: str, kind: type[Any]) -> list[Any]:
    return [block for block in step(it, phase).blocks if isinstance(block, kind)]


def listed(it: Report) -> list[str]:
    """Every card that is written out in full, as often as it is."""
    return [
        card
        for one in it.steps
        for block in one.blocks
        if isinstance(block, Ideas)
        for group in block.groups
        for card in group.cards
    ]


def test_facts() -> None:
    """Who, when, in which languages, on whose server."""
    workshop = Workshop()
    for number in range(1, 4):
        workshop.do(workshop.guest(number), "Join")
    workshop.wait(2 * 60)
    workshop.start("welcome")
    workshop.wait(3 * 60)
    workshop.do(workshop.facilitator, "EndSession")
    it = workshop.report("de")
    assert (it.title, it.code, it.format) == (Line("Partnerschaften", "de"), "K7MPQ2", "pin-board")
    assert (it.languages, it.operator, it.people, it.state) == (("en", "de"), "City of Examples", 3, "ended")
    assert (it.created, it.started, it.ended) == (START, START + 2 * MINUTE, START + 5 * MINUTE)
    assert [one.id for one in it.steps] == ["welcome", "collect", "sort", "weigh", "talk"]
    assert step(it, "collect").stage == ("co-learning", "Co-Learning")
    assert step(it, "collect").activity == ("brainstorm", "Ideensammlung")
    assert step(it, "weigh").minutes == 4
    assert not step(it, "weigh").held


def test_ideas_by_column() -> None:
    """Without clusters they stand at the phase that wrote them, in the order of the columns."""
    workshop = Workshop(columns=COLUMNS)
    workshop.start("collect")
    hard = workshop.write("Time", column="hard")
    works = workshop.write("Trust", column="works")
    last = workshop.write("Keys", column="hard")
    (block,) = blocks(workshop.report(), "collect", Ideas)
    assert block == Ideas(
        board="wall",
        by="column",
        groups=(
            Group((works,), column=Line("What works", "en")),
            Group((hard, last), column=Line("Challenge", "en")),
        ),
        written=3,
        face_down=0,
    )


def test_ideas_by_cluster() -> None:
    """With clusters they stand at the cluster phase, the rest at the end; the phase that wrote them points there."""
    workshop = Workshop()
    workshop.start("collect")
    one, two, three = (workshop.write(text) for text in ("Trust", "Time", "Keys"))
    workshop.start("sort")
    cluster = workshop.cluster("Beginnings", three, one)
    it = workshop.report()
    (wrote,) = blocks(it, "collect", Ideas)
    assert (wrote.groups, wrote.written, wrote.at) == ((), 3, "sort")
    (sorted_,) = blocks(it, "sort", Ideas)
    assert sorted_.groups == (Group((one, three), cluster=cluster), Group((two,)))
    assert sorted(listed(it)) == sorted([one, two, three])


def test_clusters_without_a_cluster_phase() -> None:
    """They stand at the last phase that wrote on the board."""
    again = {"id": "again", "activity": "brainstorm"}
    workshop = Workshop(phases=[PHASES[1], again])
    workshop.start("collect")
    first = workshop.write("Trust")
    workshop.start("again")
    second = workshop.write("Time", phase="again")
    cluster = workshop.cluster("Beginnings", first)
    it = workshop.report()
    assert blocks(it, "collect", Ideas)[0].at == "again"
    assert blocks(it, "again", Ideas)[0].groups == (Group((first,), cluster=cluster), Group((second,)))


def test_ideas_after_the_clusters() -> None:
    """What a later phase wrote and nobody placed stands there; what was placed stands in its cluster; none twice."""
    vote = {"id": "weigh", "activity": "vote", "settings": {"takes_ideas": True}}
    workshop = Workshop(phases=[PHASES[1], PHASES[2], vote])
    workshop.start("collect")
    first = workshop.write("Trust")
    workshop.start("sort")
    cluster = workshop.cluster("Beginnings", first)
    workshop.start("weigh")
    placed = workshop.write("Placed", phase="weigh")
    free = workshop.write("Free", phase="weigh")
    workshop.do(workshop.facilitator, "MoveIdea", idea=placed, cluster=cluster)
    it = workshop.report()
    assert blocks(it, "sort", Ideas)[0].groups == (Group((first, placed), cluster=cluster),)
    (late,) = blocks(it, "weigh", Ideas)
    assert (late.groups, late.written, late.at) == ((Group((free,)),), 2, "sort")
    assert sorted(listed(it)) == sorted([first, placed, free])


def test_titled_clusters_stay_when_they_are_empty() -> None:
    """A heading that somebody wrote is kept; an empty one without words and a dissolved one are not."""
    workshop = Workshop()
    workshop.start("collect")
    idea = workshop.write("Trust")
    workshop.start("sort")
    filled, empty, gone = workshop.cluster("", idea), workshop.cluster("Empty"), workshop.cluster("Gone")
    workshop.cluster("")
    workshop.do(workshop.facilitator, "DissolveCluster", cluster=gone)
    it = workshop.report("de")
    assert [group.cluster for group in blocks(it, "sort", Ideas)[0].groups] == [filled, empty]
    assert it.clusters[0].title == Line("Cluster A ohne Titel", "de")
    assert not it.clusters[0].titled


def test_states() -> None:
    """Only what stands face up is listed; everything is in `cards`, marked, with the words that the desk reads."""
    private = {"id": "collect", "activity": "brainstorm", "settings": {"private": True}}
    workshop = Workshop(phases=[{"id": "open", "activity": "brainstorm"}, private])
    workshop.start("open")
    seen, hidden, withdrawn, erased = (workshop.write(text, phase="open") for text in "abcd")
    workshop.do(workshop.facilitator, "HideIdea", idea=hidden)
    workshop.do(workshop.guest(1), "WithdrawIdea", idea=withdrawn)
    workshop.do(workshop.facilitator, "EraseIdea", idea=erased)
    workshop.start("collect")
    down = workshop.write("e")
    workshop.wait(5 * 60)
    late = workshop.write("f", phase="open")
    it = workshop.report()
    assert {card.id: card.state for card in it.cards} == {
        seen: "open", hidden: "hidden", withdrawn: "withdrawn", erased: "erased", down: "face-down", late: "late",
    }  # fmt: skip
    assert [card.text for card in it.cards] == ["a", "b", None, None, None, "f"]
    assert listed(it) == [seen] == list(it.visible())
    assert (it.face_down(), blocks(it, "collect", Ideas)[0].face_down) == (1, 1)
    workshop.do(workshop.facilitator, "RevealIdeas", board="wall")
    workshop.do(workshop.facilitator, "AdmitLate", idea=late)
    assert listed(workshop.report()) == [seen, late, down]


def test_ideas_of_a_phase_that_was_taken_back() -> None:
    """Undoing a start loses no idea."""
    workshop = Workshop()
    start = workshop.start("collect")
    idea = workshop.write("Trust")
    workshop.do(workshop.facilitator, "Undo", command=start)
    assert workshop.state.phases["collect"].state == "planned"
    assert listed(workshop.report()) == [idea]


def test_no_ideas() -> None:
    """A phase that asked and got none says so; one that never began says nothing."""
    workshop = Workshop()
    assert not any(one.blocks for one in workshop.report().steps)
    workshop.start("collect")
    assert blocks(workshop.report(), "collect", Ideas) == [Ideas("wall", "column", (), 0, 0)]


def test_ranks() -> None:
    """Equal numbers share a rank, and the next one counts them all."""
    workshop = Workshop(phases=[PHASES[1], {"id": "weigh", "activity": "vote", "settings": {"of": "ideas"}}])
    workshop.start("collect")
    one, two, three, four = (workshop.write(text) for text in ("Trust", "Time", "Keys", "Tea"))
    workshop.start("weigh")
    workshop.weigh("weigh", {two: 2, one: 1}, {three: 2, four: 1})
    (result,) = blocks(workshop.report(), "weigh", Result)
    assert [(rank.option.id, rank.option.mark, rank.rank, rank.number) for rank in result.ranks] == [
        (two, "2", 1, 2), (three, "3", 1, 2), (one, "1", 3, 1), (four, "4", 3, 1),
    ]  # fmt: skip
    assert (result.state, result.method, result.voters, result.named) == ("shown", "dots", 2, False)


def test_hidden_options_have_no_rank() -> None:
    """What was taken down after the vote counts for nobody's rank, as on the screen."""
    workshop = Workshop(phases=[PHASES[1], {"id": "weigh", "activity": "vote", "settings": {"of": "ideas"}}])
    workshop.start("collect")
    one, two = workshop.write("Trust"), workshop.write("Time")
    workshop.start("weigh")
    workshop.weigh("weigh", {one: 3})
    workshop.do(workshop.facilitator, "HideIdea", idea=one)
    (result,) = blocks(workshop.report(), "weigh", Result)
    assert [(rank.option.id, rank.rank) for rank in result.ranks] == [(one, None), (two, 1)]


def test_rounds_that_are_not_shown() -> None:
    """An open round is no result yet; a closed one is, and marked."""
    workshop = Workshop(phases=[PHASES[1], PHASES[3]])
    workshop.start("collect")
    idea = workshop.write("Trust")
    workshop.start("weigh")
    round_ = workshop.weigh("weigh", {idea: 1}, shown=False)
    assert blocks(workshop.report(), "weigh", Result) == []
    workshop.do(workshop.facilitator, "CloseRound", round=round_)
    (result,) = blocks(workshop.report(), "weigh", Result)
    assert result.state == "closed"
    assert workshop.report().cards[0].votes is None


def test_votes_of_an_idea() -> None:
    """Those of the last round shown in which it stood, itself or in its cluster."""
    again = {"id": "again", "activity": "vote", "settings": {"of": "ideas"}}
    workshop = Workshop(phases=[PHASES[1], PHASES[2], PHASES[3], again])
    workshop.start("collect")
    one, two, three = (workshop.write(text) for text in ("Trust", "Time", "Keys"))
    workshop.start("sort")
    cluster = workshop.cluster("Beginnings", one, two)
    workshop.start("weigh")
    workshop.weigh("weigh", {cluster: 2, three: 1})
    assert [card.votes for card in workshop.report().cards] == [2, 2, 1]
    workshop.start("again")
    workshop.weigh("again", {two: 3})
    assert [card.votes for card in workshop.report().cards] == [0, 3, 0]


def test_notes() -> None:
    """In the order in which they were begun; an emptied one is gone."""
    workshop = Workshop(phases=[PHASES[1], PHASES[4]])
    workshop.start("collect")
    one, two = workshop.write("Trust"), workshop.write("Time")
    workshop.start("talk")
    workshop.do(workshop.facilitator, "TakeNote", phase="talk", item=two, text="First line\nSecond line")
    workshop.do(workshop.facilitator, "TakeNote", phase="talk", item=one, text="away")
    workshop.do(workshop.facilitator, "TakeNote", phase="talk", item="talk", text="On all of it")
    workshop.do(workshop.facilitator, "TakeNote", phase="talk", item=one, text="")
    (notes,) = blocks(workshop.report(), "talk", Notes)
    assert [(remark.option and remark.option.mark, remark.text) for remark in notes.remarks] == [
        ("2", "First line\nSecond line"),
        (None, "On all of it"),
    ]


def test_going_back_keeps_the_first_beginning() -> None:
    """With the log a phase says when it first began; an idea's time is never later than the idea."""
    workshop = Workshop()
    workshop.start("collect")
    workshop.wait(5 * 60)
    workshop.write("Trust")
    workshop.start("sort")
    workshop.wait(5 * 60)
    workshop.start("collect")
    workshop.wait(1 * 60)
    workshop.do(workshop.facilitator, "EndPhase", phase="collect")
    it = workshop.report()
    assert (step(it, "collect").started, step(it, "collect").ended) == (START, START + 11 * MINUTE)
    assert it.cards[0].time == START
    assert step(workshop.report(log=False), "collect").started == START + 10 * MINUTE


@pytest.mark.parametrize("names", ["none", "optional"])
def test_times_in_the_log(names: str) -> None:
    """Where nobody has a name, nobody's thinking time can be read from the log; and nothing depends on it."""
    workshop = Workshop(names=names)
    workshop.wait(1 * 60)
    workshop.do(workshop.guest(1), "Join")
    workshop.wait(1 * 60)
    workshop.start("collect")
    workshop.wait(3 * 60)
    workshop.write("Trust")
    workshop.do(workshop.facilitator, "HideIdea", idea=workshop.write("Time"))
    log = workshop.report().log
    times = {event.kind: event.at - START for event in log}
    exact = names != "none"
    assert times["ParticipantJoined"] == (MINUTE if exact else 0)
    assert times["IdeaPosted"] == (5 * MINUTE if exact else 2 * MINUTE)
    assert times["IdeaHidden"] == 5 * MINUTE
    assert replay(log, workshop.rows) == workshop.state


def test_names() -> None:
    """Authors are named where the session shows names; an erased idea has no author."""
    workshop = Workshop(names="shown")
    for number, name in enumerate(("Birch", "Alder"), 1):
        workshop.do(workshop.guest(number), "Join", name=name)
    workshop.start("collect")
    workshop.write("Trust", person=2)
    erased = workshop.write("Time", person=1)
    workshop.do(workshop.facilitator, "EraseIdea", idea=erased)
    it = workshop.report()
    assert [card.author for card in it.cards] == ["Alder", None]
    assert it.rows == {"person-1": {"name": "Birch"}, "person-2": {"name": "Alder"}}


def test_erased_text_is_in_no_log() -> None:
    """Whatever log is handed in, the report's has lost it too."""
    workshop = Workshop()
    workshop.start("collect")
    idea = workshop.write("Somebody's secret")
    full = list(workshop.log)
    workshop.do(workshop.facilitator, "EraseIdea", idea=idea)
    workshop.log = [*full, *workshop.log[len(full) :]]
    assert any(b"secret" in event.data for event in workshop.log)
    assert not any(b"secret" in event.data for event in workshop.report().log)


def test_languages() -> None:
    """The reader's, else the first of the session's that has the text, else any."""
    prompts = [{"en": "e", "de": "d"}, {"en": "e", "de": "d", "fr": "f"}, {"fi": "f"}, {}]
    phases = [{"id": f"p{number}", "activity": "welcome", "prompt": prompt} for number, prompt in enumerate(prompts)]
    workshop = Workshop(phases=phases, languages=("de", "en"))
    it = report(workshop.state, workshop.rules, {}, "fr", catalogue("en").say, START)
    assert [one.prompt for one in it.steps] == [Line("d", "de"), Line("f", "fr"), Line("f", "fi"), Line("", "")]


def test_an_activity_adds_to_its_phase() -> None:
    """A new activity is one new file: what it has to report comes from there, and it needs no word in a catalogue."""
    market = ModuleType("market")
    added = Notes((Remark(None, "Three deals were made"),))
    vars(market).update(
        DEFAULTS={},
        NEEDS_BOARD=False,
        check=lambda settings, methods: None,
        allows=lambda kind, settings: False,
        report=lambda state, phase, rules: [added],
    )
    rules = rules_of({**activities.modules(), "market": market}, votes.modules())
    workshop = Workshop(phases=[{"id": "deals", "activity": "market"}], rules=rules)
    workshop.start("deals")
    (only,) = workshop.report().steps
    assert only.blocks == (added,)
    assert only.activity == ("market", "market")


def test_a_report_travels() -> None:
    """It is plain values all through: encoded and decoded, it is the same."""
    workshop = Workshop(columns=COLUMNS)
    workshop.start("collect")
    idea = workshop.write("Trust", column="works")
    workshop.start("weigh")
    workshop.weigh("weigh", {idea: 1})
    it = workshop.report()
    assert msgspec.json.decode(msgspec.json.encode(it), type=Report) == it
    assert all(isinstance(event, Event) for event in it.log)
