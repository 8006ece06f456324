"""Whoever saw every change, whoever came late and whoever was away for a while hold the same; so does a restart."""

from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from facilitate.core.actors import CLOCK, Actor
from facilitate.core.decide import replay
from facilitate.core.projection import Entry, Projection, personal_from
from facilitate.core.refused import Refused
from facilitate.core.seats import moved_at
from facilitate.core.tables import Key
from facilitate.core.view import Audience
from tests.play import SCREEN, Play, Who, audience_in, phase


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
        self.audience: Audience = audience_in(play.state, who)

    def catch_up(self, person: Projection | None) -> None:
        """Everything behind its own number, of what all see and of what is its own alone; first the difference for
        who has gone to another group."""
        audience, projections = audience_in(self.play.state, self.who), self.play.projections
        if audience != self.audience:
            self.give(projections.moved([self.audience], audience, person), self.seq)
            self.audience = audience
        entries = projections.of(audience).since(self.seq)
        own = person.since(self.seq) if person is not None else []
        shown = projections.of(audience)
        mine = [entry for entry in own if entry[2] is not None or shown.holds(entry[0]) is None]
        self.give([*entries, *mine], self.play.state.seq)

    def give(self, entries: list[Entry], seq: int) -> None:
        """Nothing is sent that somebody who came now would not get."""
        held = self.play.holds(self.who)
        assert all(data is None or held.get(key) == data for key, _, data in entries)
        self.take(entries, seq)

    def comes_back(self) -> None:
        """Who comes from another group forgets everything; and whoever was away while something was erased."""
        person = personal_from(self.play.state, self.who) if isinstance(self.who, Actor) else None
        if isinstance(self.who, Actor) and self.seq < moved_at(self.play.state, self.who):
            self.records, self.seq = {}, 0
        if self.seq < self.play.state.blanked:  # after a restart the log no longer says what looked different before
            self.records, self.seq = {}, 0
        self.audience = audience_in(self.play.state, self.who)
        self.catch_up(person)


PLAN = (
    phase("welcome"),
    phase("brainstorm", "private", private=True, max_ideas=2, minutes=1, closes=True),
    phase("brainstorm", "strict", private=True, strict=True),
    phase("brainstorm", "open", begin="on-go", minutes=1, closes=True, ready=True),
    phase("cluster", "cluster", who="everyone"),
    phase("cluster", "own", who="own"),
    phase("vote", "dots", of="clusters", takes_ideas=True, minutes=1, closes=True),
    phase("vote", "approval", method="approval", of="ideas", named=True),
    phase("discuss"),
    phase("brainstorm", "groups", groups={"by": "random", "count": 2, "choose": 1}),
    phase("cluster", "moved", who="everyone", groups={"rotate": True, "hosts": 1, "choose": 1}),
    phase("brainstorm", "merged", private=True, groups={"merge": 2}),
    phase("brainstorm", "back", board="side", groups={"back": True}, carry={"from": "wall", "top": 3}),
    phase("brainstorm", "read", approval=True, plus_one=True, max_per_column=2),
    phase("brainstorm", "talk", comments=True, plus_one=True),
    phase("check_in", "asked", kind="words", results="reveal"),
    phase("check_in", "scaled"),
)
COLUMNS = ("good", "hard")

THEIRS = ["PostIdea"] * 4 + ["EditIdea", "WithdrawIdea", "CastBallot", "CastBallot", "MarkReady", "Join"]
THEIRS += ["JoinGroup", "JoinGroup", "RestoreOwn", "PostComment", "WithdrawComment", "PlusOne", "GiveAnswer"]
THEIRS += ["WithdrawAnswer", "StayAsHost", "SetPeople"]
BOTH = ["FormCluster", "FormCluster", "MoveIdea", "MoveIdea", "RenameCluster", "DissolveCluster"]
DESK = (
    ["HideIdea", "HideIdea", "RestoreIdea", "AdmitLate", "EraseIdea", "RevealIdeas", "RevealIdeas", "Peek", "LockBoard"]
    + ["StartPhase"] * 4
    + ["EndPhase", "Begin", "ExtendPhase", "PausePhase", "ResumePhase", "CloseRound", "ShowResults", "TakeNote", "Show"]
    + ["discuss.Turn", "EndSession", "MoveMember", "MoveMember", "MergeGroups", "ChooseIdea", "PromptGroup"]
    + ["OpenScreen", "CloseScreen"]
    + ["MoveIdeas", "SetAside", "SplitCluster", "MergeClusters", "FormClusters", "MergeIdeas", "MergeIdeas"]
    + ["SplitIdeas"]
    + ["InsertPhase", "RepeatPhase", "SkipPhase", "MovePhase", "RemovePhase", "ChangePhase", "VoteAgain"]
    + ["CarryForward"]
    + ["AcceptIdea", "AcceptIdea", "ReturnIdea", "RejectIdea", "MuteAuthor", "RemoveAuthor", "UnmuteAuthor"]
    + ["UnmuteAuthor", "FreezeBoard", "HideComment", "RestoreComment", "EraseComment", "HideAnswer", "RestoreAnswer"]
    + ["EraseAnswer", "ShowAnswers"]
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

    def __init__(self, play: Play) -> None:
        self.play = play
        self.people = [actor for actor, _ in play.people.values()]

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
            "MoveIdeas": {"ideas": [idea, _one(state.ideas, b)], "cluster": cluster if a % 4 else None},
            "SetAside": {"ideas": [idea, _one(state.ideas, b)], "aside": a % 3 > 0},
            "SplitCluster": {"cluster": cluster, "ideas": [idea, _one(state.ideas, b)], "title": f"part {a}"},
            "MergeClusters": {"into": cluster, "clusters": [_one(state.clusters, a)]},
            "FormClusters": {"board": "wall", "drafts": [{"ideas": [idea]}, {"ideas": [idea], "cluster": cluster}]},
            "MergeIdeas": {"keep": idea, "ideas": [_one(state.ideas, b)]},
            "SplitIdeas": {"ideas": [idea, _one(state.ideas, b)]},
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
        agenda: dict[str, dict[str, Any]] = {
            "InsertPhase": {
                "activity": "brainstorm",
                "title": {"en": f"inserted {a}"},
                "after": _one(state.phases, b) if a % 3 else None,
                **({"new_board": {"en": f"board {b}"}} if b % 2 else {"board": "side"}),
                "settings": {"ready": True, "carry": {"from": "wall", "top": 2}},
            },
            "RepeatPhase": {"phase": _one(state.phases, a), "new_board": b % 2 == 0},
            "SkipPhase": {"phase": _one(state.phases, a), "skipped": b % 3 > 0},
            "MovePhase": {"phase": _one(state.phases, a), "after": _one(state.phases, b)},
            "RemovePhase": {"phase": _last(state.phases, a)},
            "ChangePhase": {"phase": phase_, "prompt": {"en": f"q {b}"}, "minutes": b, "settings": {"ready": b > 9}},
            "VoteAgain": {"phase": state.session.phase},
            "CarryForward": {"board": "wall", "phase": _one(state.phases, a), "top": 1 + b % 3},
            "MarkReady": {"phase": state.session.phase, "ready": b % 3 > 0},
        }
        if kind in agenda:
            return agenda[kind]
        if kind in ("StartPhase", "Begin", "EndPhase", "PausePhase", "ResumePhase", "RunOut"):
            return {"phase": _one(state.phases, a) if kind == "StartPhase" else state.session.phase}
        groups: dict[str, dict[str, Any]] = {
            "JoinGroup": {"phase": state.session.phase},
            "MoveMember": {"member": _last(state.members, a % 3), "group": _last(state.groups, b % 3)},
            "MergeGroups": {"group": _last(state.groups, b % 2), "into": _last(state.groups, 1 - b % 2)},
            "PromptGroup": {"group": _last(state.groups, a % 3), "prompt": f"idea {a} {b}" if b % 2 else ""},
            "StayAsHost": {"phase": phase_, "stay": b % 4 > 0},
            "SetPeople": {"people": 1 + b % 6},
            "OpenScreen": {"screen": f"screen-{a % 2}"},
            "CloseScreen": {"screen": f"screen-{a % 2}"},
        }
        if kind == "Show" and a % 2:
            board = _last(state.boards, b % 4)
            shown: dict[str, Any] = {"what": "card", "idea": idea} if b % 2 else {"what": "board", "board": board}
            return {"screen": ("main", "screen-0")[b % 3 == 0], **shown}
        comment, answer = _last(state.comments, a), _last(state.answers, a)
        talk: dict[str, dict[str, Any]] = {
            "ReturnIdea": {"idea": idea, "reason": f"why {b}"},
            "RejectIdea": {"idea": idea, "reason": f"why {b}"},
            "RestoreOwn": {"idea": self.own(a, b)},
            "FreezeBoard": {"board": "wall", "frozen": not b % 4},
            "PostComment": {"phase": phase_, "idea": idea, "text": f"comment {b}"},
            "PlusOne": {"phase": phase_, "idea": idea, "on": b % 3 > 0},
            "GiveAnswer": {"phase": phase_, "value": 1 + b % 5, "text": f"word {b}"},
            "WithdrawAnswer": {"phase": phase_},
            "ShowAnswers": {"phase": phase_},
            **{f"{one}Comment": {"comment": comment} for one in ("Withdraw", "Hide", "Restore", "Erase")},
            **{one: {"answer": answer} for one in ("HideAnswer", "RestoreAnswer", "EraseAnswer")},
        }
        return (groups | fields | talk).get(kind, {"idea": idea})

    def own(self, a: int, b: int) -> str:
        person = self.people[a % len(self.people)]
        mine = {idea.id: 0 for idea in self.play.state.ideas.values() if person.wrote(idea.author, idea.id)}
        return _last(mine, b % 3)

    def choices(self, a: int, b: int) -> dict[str, int]:
        state = self.play.state
        options = {id_: 0 for round_ in state.rounds.values() for id_ in state.options_of(round_)}
        return {_one(options, a): 1, _one(options, b): 1}


def begun(names: str) -> History:
    """A history that has seen something of every phase."""
    return History(_beginning(names).copy())


@cache
def _beginning(names: str) -> Play:
    play = Play(*PLAN, columns=COLUMNS, names=names, capacity=3)
    for _ in range(3):
        play.person()
    history = History(play)
    for number, phase_ in enumerate(PLAN[1:]):
        history.step("StartPhase", number + 1, 0, 15, False)
        for person in range(3):
            history.step("JoinGroup", person, 1, 0, False)
        for step in (("PostIdea", number, 1), ("PostIdea", 1, 2), ("FormCluster", 0, 2), ("CastBallot", 0, 1)):
            history.step(*step, 0, False)
        history.step("RevealIdeas", 0, 2, 0, phase_["id"] == "strict")
    return play


def _one(things: dict[str, Any], number: int) -> str:
    return list(things)[number % len(things)] if things else "nothing"


def _last(things: dict[str, Any], back: int) -> str:
    return list(things)[-1 - back % len(things)] if things else "nothing"


@settings(max_examples=40)
@given(STEPS, NAMES, st.data())
def test_all_hold_the_same(steps: list[Any], names: str, data: st.DataObject) -> None:
    """Every frame, a gap of any length, a fresh welcome and a restart lead to the same records."""
    history = begun(names)
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


@settings(max_examples=10)
@given(STEPS, NAMES)
def test_a_copy_goes_its_own_way(steps: list[Any], names: str) -> None:
    """What all these tests begin with is what a session of its own would be, and stays as it was."""
    copied, alone = begun(names), History(_beginning.__wrapped__(names))
    before = _whole(_beginning(names))
    assert _whole(copied.play) == _whole(alone.play) == before
    for step in steps:
        assert copied.step(*step) == alone.step(*step)
    assert _whole(copied.play) == _whole(alone.play)
    assert _whole(_beginning(names)) == before


def _whole(play: Play) -> dict[str, Any]:
    """All that a session is, in an order that can be compared."""
    projections = [*play.projections.items(), *play.projections.groups.items()]
    projections += [(id_, projection) for id_, (_, projection) in play.people.items()]
    held = {who: (list(it.records.items()), list(it.changed.items()), it.seq) for who, it in projections}
    parts: dict[str, Any] = {"log": [*play.log], "rows": dict(play.rows), "now": play.now, "held": held}
    return parts | {"frames": {who: [*frames] for who, frames in play.frames.items()}, "state": _snapshot(play)}


def _kept(play: Play, who: Who) -> Projection | None:
    return play.people[who.id][1] if isinstance(who, Actor) else None


def test_a_hidden_card_of_ones_own_comes_along_to_another_group() -> None:
    """Others lost it before one moved; one's own copy of it must not go with the old group's things."""
    play = Play(*PLAN, columns=COLUMNS)
    play.start("groups")
    person = play.join()
    play.do(person, "JoinGroup", phase="groups")
    play.start("merged")
    card = play.post(person, "mine", column="good")
    watcher = Watcher(play, person)
    watcher.catch_up(_kept(play, person))
    steps = {"RevealIdeas": {"board": "wall"}, "HideIdea": {"idea": card}, "StartPhase": {"phase": "groups"}}
    for kind, fields in steps.items():
        play.do(play.facilitator, kind, "", **fields)
        watcher.catch_up(_kept(play, person))
    assert ("idea", card) in watcher.records
    assert watcher.records == play.holds(person)


@settings(max_examples=40)
@given(STEPS, NAMES)
def test_a_restart_is_a_replay(steps: list[Any], names: str) -> None:
    """The log alone, also after erasing, gives the same state and the same records for everybody."""
    history = begun(names)
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
    history = begun("optional")
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
    history = begun("none")
    state = history.play.state
    for step in steps:
        history.step(*step)
        state = history.play.state
        there = [cluster for board in state.boards for cluster in state.clusters_of(board)]
        assert {idea.cluster for idea in state.ideas.values()} <= {None, *(cluster.id for cluster in there)}
        assert len({(cluster.board, cluster.letter) for cluster in there}) == len(there)
        assert len({idea.number for idea in state.ideas.values()}) == len(state.ideas)
        for group in state.groups_of(state.session.grouping or ""):
            assert group.board is None or state.boards[group.board].group == group.id, "who sits there has the board"
        assert not any(state.groups[member.group].gone for member in state.members.values())
    slots = [idea.slot for idea in state.ideas.values() if idea.slot]
    assert len(set(slots)) == len(slots)


def _snapshot(play: Play) -> str:
    return repr({name: value for name, value in vars(play.state).items() if not name.startswith("_")})


@settings(max_examples=40)
@given(STEPS, st.integers(1, 3))
def test_pieces_lose_nothing(steps: list[Any], most: int) -> None:
    """A slow browser that is given a few records at a time, while more happens, misses none and doubles none."""
    history = begun("none")
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
