"""Whoever saw every change, whoever came late and whoever was away for a while hold the same; so does a restart."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from facilitate.core.actors import CLOCK, Actor
from facilitate.core.decide import replay
from facilitate.core.projection import Entry, Projection, personal_from
from facilitate.core.refused import Refused
from facilitate.core.state import Key
from facilitate.core.view import Audience
from tests.play import SCREEN, Play, Who, audience_of, phase


class Browser:
    """What a browser does with a frame: drop first, then put. Nothing else."""

    def __init__(self) -> None:
        self.records: dict[Key, bytes] = {}
        self.seq = 0

    def take(self, entries: list[Entry], seq: int) -> None:
        for key, _, data in entries:
            if data is None:
                self.records.pop(key, None)
        for key, _, data in entries:
            if data is not None:
                self.records[key] = data
        self.seq = seq


class Watcher(Browser):
    """Somebody's browser."""

    def __init__(self, play: Play, who: Who) -> None:
        super().__init__()
        self.play, self.who = play, who
        self.audience: Audience = audience_of(who)

    def catch_up(self, person: Projection | None) -> None:
        """Everything behind its own number, of what all see and of what is its own alone."""
        entries = self.play.projections[self.audience].since(self.seq)
        if person is not None:
            entries = [*entries, *person.since(self.seq)]
        self.take(entries, self.play.state.seq)

    def comes_back(self) -> None:
        self.catch_up(personal_from(self.play.state, self.who) if isinstance(self.who, Actor) else None)


PLAN = (
    phase("welcome"),
    phase("brainstorm", "private", private=True, max_ideas=2, minutes=1, closes=True),
    phase("brainstorm", "strict", private=True, strict=True),
    phase("brainstorm", "open", begin="on-go", minutes=1, closes=True),
    phase("cluster", "cluster", who="everyone"),
    phase("cluster", "own", who="own"),
    phase("vote", "dots", of="clusters", takes_ideas=True, minutes=1, closes=True),
    phase("vote", "approval", method="approval", of="ideas", named=True),
    phase("discuss"),
)
COLUMNS = ("good", "hard")

THEIRS = ["PostIdea"] * 4 + ["EditIdea", "WithdrawIdea", "CastBallot", "CastBallot", "Join"]
BOTH = ["FormCluster", "FormCluster", "MoveIdea", "MoveIdea", "RenameCluster", "DissolveCluster"]
DESK = (
    ["HideIdea", "HideIdea", "RestoreIdea", "AdmitLate", "EraseIdea", "RevealIdeas", "RevealIdeas", "Peek", "LockBoard"]
    + ["StartPhase"] * 4
    + ["EndPhase", "Begin", "ExtendPhase", "PausePhase", "ResumePhase", "CloseRound", "ShowResults", "TakeNote", "Show"]
    + ["discuss.Turn", "EndSession"]
    + ["Undo"] * 8
)
KINDS = st.sampled_from(THEIRS * 2 + BOTH + DESK + ["RunOut"] * 4)
# kind, two numbers that choose what it is about, seconds before it, and whether the wrong role gives it
STEP = st.tuples(
    KINDS,
    st.integers(0, 30),
    st.integers(0, 30),
    st.sampled_from([0, 0, 1, 15, 60]),
    st.integers(0, 9).map(lambda number: not number),
)
STEPS = st.lists(STEP, min_size=20, max_size=70)
NAMES = st.sampled_from(["none", "optional"])


class History:
    """Random steps as commands of several people: many are refused, and that is as it should be."""

    def __init__(self, names: str, phases: int = 9) -> None:
        self.play = Play(*PLAN, columns=COLUMNS, names=names, capacity=3)
        self.people = [self.play.person() for _ in range(3)]
        for number, phase_ in enumerate(PLAN[1 : phases + 1]):
            self.step("StartPhase", number + 1, 0, 15, False)
            for step in (("PostIdea", number, 1), ("PostIdea", 1, 2), ("FormCluster", 0, 2), ("CastBallot", 0, 1)):
                self.step(*step, 0, False)
            self.step("RevealIdeas", 0, 2, 0, phase_["id"] == "strict")

    def step(self, kind: str, a: int, b: int, wait: int, wrong: bool) -> bool:
        """Whether the command was carried out."""
        self.play.wait(wait)
        person = self.people[a % len(self.people)]
        desk = kind in DESK or (kind in BOTH and b % 2 == 1)
        actor = CLOCK if kind == "RunOut" else self.play.facilitator if desk != wrong else person
        try:
            self.play.do(actor, kind, **self.fields(kind, a, b))
        except Refused:
            return False
        return True

    def fields(self, kind: str, a: int, b: int) -> dict[str, Any]:
        state = self.play.state
        idea, cluster = _one(state.ideas, a), _one(state.clusters, b)
        phase_ = state.session.phase if b % 4 else _one(state.phases, a)
        column = (*COLUMNS, None)[b % 3]
        fields: dict[str, dict[str, Any]] = {
            "PostIdea": {"phase": phase_, "text": f"idea {a} {b}", "column": COLUMNS[b % 2]},
            "EditIdea": {"idea": self.own(a, b), "text": f"edited {b}", **({"column": column} if column else {})},
            "RevealIdeas": {"board": "wall", "column": column},
            "Peek": {"board": "wall"},
            "WithdrawIdea": {"idea": self.own(a, b)},
            "LockBoard": {"board": "wall", "locked": not b % 4},
            "HideIdea": {"idea": idea, "reason": "why" if b % 2 else None},
            "FormCluster": {"ideas": [idea, _one(state.ideas, b)], "title": f"title {a}"},
            "MoveIdea": {"idea": idea, "cluster": cluster if a % 4 else None},
            "RenameCluster": {"cluster": cluster, "title": f"other {a}"},
            "DissolveCluster": {"cluster": cluster},
            "CastBallot": {"round": _last(state.rounds, a), "rev": b + 1, "choices": self.choices(a, b)},
            "CloseRound": {"round": _last(state.rounds, a)},
            "ShowResults": {"round": _last(state.rounds, a)},
            "ExtendPhase": {"phase": phase_, "seconds": 60 if a % 2 else -60},
            "TakeNote": {"phase": "discuss", "item": idea, "text": f"note {b}" if b % 3 else ""},
            "Show": {"what": "message", "text": f"text {b}"} if b % 2 else {"what": "black"},
            "discuss.Turn": {"phase": "discuss", "item": idea if b % 3 else None},
            "Undo": {"command": _last(state.history, a % 4)},
            "Join": {"name": ("", "Robin", "Kim")[b % 3]},
            "EndSession": {},
        }
        if kind in ("StartPhase", "Begin", "EndPhase", "PausePhase", "ResumePhase", "RunOut"):
            return {"phase": _one(state.phases, a) if kind == "StartPhase" else state.session.phase}
        return fields.get(kind, {"idea": idea})

    def own(self, a: int, b: int) -> str:
        person = self.people[a % len(self.people)]
        mine = {idea.id: 0 for idea in self.play.state.ideas.values() if person.wrote(idea.author, idea.id)}
        return _last(mine, b % 3)

    def choices(self, a: int, b: int) -> dict[str, int]:
        state = self.play.state
        options = {id_: 0 for round_ in state.rounds.values() for id_ in state.options_of(round_)}
        return {_one(options, a): 1, _one(options, b): 1}


def _one(things: dict[str, Any], number: int) -> str:
    return list(things)[number % len(things)] if things else "nothing"


def _last(things: dict[str, Any], back: int) -> str:
    return list(things)[-1 - back % len(things)] if things else "nothing"


@settings(max_examples=40)
@given(STEPS, NAMES, st.data())
def test_all_hold_the_same(steps: list[Any], names: str, data: st.DataObject) -> None:
    """Every frame, a gap of any length, a fresh welcome and a restart lead to the same records."""
    history = History(names)
    play = history.play
    everybody: list[Who] = ["facilitators", "screens", *history.people]
    watching = {who: Watcher(play, who) for who in everybody}
    leaving = {data.draw(st.integers(0, len(steps))) for _ in range(3)}
    away: list[Watcher] = []
    for number, step in enumerate(steps):
        if number in leaving:
            for who in everybody:
                gone = Watcher(play, who)
                gone.records, gone.seq = dict(watching[who].records), watching[who].seq
                away.append(gone)
        history.step(*step)
        for who, watcher in watching.items():
            watcher.catch_up(_kept(play, who))
    for one in [*watching.values(), *away]:
        before = dict(one.records), one.seq
        one.comes_back()
        assert one.records == play.holds(one.who)
        one.records, one.seq = before
    play.restart()
    for one in [*watching.values(), *away]:
        one.comes_back()
        assert one.records == play.holds(one.who)


def _kept(play: Play, who: Who) -> Projection | None:
    return play.people[who.id][1] if isinstance(who, Actor) else None


@settings(max_examples=40)
@given(STEPS, NAMES)
def test_a_restart_is_a_replay(steps: list[Any], names: str) -> None:
    """The log alone, also after erasing, gives the same state and the same records for everybody."""
    history = History(names)
    play = history.play
    for step in steps:
        history.step(*step)
    everybody: list[Who] = ["facilitators", "screens", "participants", *history.people]
    held = [play.holds(who) for who in everybody]
    assert replay(play.log, play.rows) == play.state
    play.restart()
    assert [play.holds(who) for who in everybody] == held


@settings(max_examples=40)
@given(STEPS)
def test_deciding_changes_nothing(steps: list[Any]) -> None:
    """Neither a decision nor a candidate that is thrown away leaves a trace in the state it started from."""
    history = History("optional")
    for step in steps:
        state, before = history.play.state, _snapshot(history.play)
        history.step(*step)
        history.play.state, after = state, history.play.state
        assert _snapshot(history.play) == before
        history.play.state = after


@settings(max_examples=40)
@given(STEPS)
def test_the_wall_stays_whole(steps: list[Any]) -> None:
    """No idea lies in a cluster that is gone, no letter or number names two things, no place is held twice."""
    history = History("none")
    state = history.play.state
    for step in steps:
        history.step(*step)
        state = history.play.state
        there = [cluster for board in state.boards for cluster in state.clusters_of(board)]
        assert {idea.cluster for idea in state.ideas.values()} <= {None, *(cluster.id for cluster in there)}
        assert len({(cluster.board, cluster.letter) for cluster in there}) == len(there)
        assert len({idea.number for idea in state.ideas.values()}) == len(state.ideas)
    slots = [idea.slot for idea in state.ideas.values() if idea.slot]
    assert len(set(slots)) == len(slots)


def _snapshot(play: Play) -> str:
    return repr({name: value for name, value in vars(play.state).items() if not name.startswith("_")})


@settings(max_examples=40)
@given(STEPS, st.integers(1, 3))
def test_pieces_lose_nothing(steps: list[Any], most: int) -> None:
    """A slow browser that is given a few records at a time, while more happens, misses none and doubles none."""
    history = History("none")
    play = history.play
    slow, mark = Browser(), None
    everything = play.projections["facilitators"]
    for step in [*steps, None]:
        if step:
            history.step(*step)
        for _ in range(1 if step else 1000):
            entries = everything.since(slow.seq, mark)
            cut = entries[:most]
            inside = len(entries) > most and entries[most][1] == cut[-1][1]
            mark = cut[-1][:2] if inside else None
            slow.take(cut, slow.seq if inside else cut[-1][1] if len(entries) > most else play.state.seq)
    assert slow.records == play.holds("facilitators")


def test_a_person_sees_what_all_participants_see() -> None:
    """One's own records come beside those of the others, never instead."""
    play = Play(phase("brainstorm"))
    play.start("brainstorm")
    person, other = play.join(), play.join()
    play.post(other, "theirs")
    assert play.texts(person) == play.texts("participants") == play.texts(SCREEN) == ["theirs"]
