"""Where somebody is: at the door, inside, in a group. Whoever saw every change holds what somebody holds who comes now.

People are let in, turned away and removed; groups are formed, moved on, merged, kept and left; screens show their
boards. Each audience is watched by itself too: all, who waits outside, and every group there ever was.
"""

from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.json import encode

from facilitate.core.actors import Actor
from facilitate.core.door import is_in, waiting
from facilitate.core.moderation import standing
from facilitate.core.projection import personal_from
from facilitate.core.refused import Refused
from facilitate.core.seats import PREFIX, audience_of, moved_at
from facilitate.core.tables import Key
from facilitate.core.view import Audience, view
from tests.play import RULES, Play, phase
from tests.test_convergence import Browser

PLAN = (
    phase("brainstorm", "drawn", groups={"by": "random", "count": 3, "choose": 1}),
    phase("brainstorm", "second", groups={"rotate": True, "hosts": 1, "choose": 1}),
    phase("brainstorm", "third", groups={"rotate": True, "hosts": 2}),
    phase("brainstorm", "kept", private=True, groups={"keep": True}),
    phase("brainstorm", "merged", board="side", groups={"merge": 2}),
    phase("brainstorm", "tables", groups={"by": "table"}),
    phase("brainstorm", "moved", groups={"rotate": True, "hosts": 1}),
    phase("discuss", "back", board="plenary", groups={"back": True}),
)
ALONE = {"session"}  # what who waits at the door may know, beside what is kept of themselves

THEIRS = (
    ["JoinGroup"] * 4
    + ["PostIdea"] * 3
    + ["StayAsHost"] * 2
    + ["ChooseIdea", "WithdrawIdea", "Join", "Join", "CallHelp", "SetPeople"]
)
DOOR = ["SetDoor", "SetDoor", "LetIn", "LetIn", "TurnAway", "RemoveAuthor", "UnmuteAuthor"]
DESK = ["StartPhase"] * 5 + ["MoveMember"] * 3 + ["MergeGroups"] * 2 + ["Show"] * 2 + ["HideIdea", "RevealIdeas"]
DESK += ["SkipPhase", "StayAsHost", "EraseIdea", "PromptGroup", "FormCluster"] + ["Undo"] * 4
STEP = st.tuples(
    st.sampled_from([*THEIRS, *THEIRS, *DOOR, *DESK]), st.integers(0, 30), st.integers(0, 30), st.booleans()
)


class Visitor(Browser):
    """A phone: it begins anew where it comes in or goes out, and gets the difference where it sits elsewhere."""

    def __init__(self, play: Play, person: Actor) -> None:
        super().__init__()
        self.play, self.person = play, person
        self.at = place(play, person)

    def catch_up(self) -> None:
        play, now = self.play, place(self.play, self.person)
        own = play.people[self.person.id][1]
        if (now == "outside") != (self.at == "outside"):
            self.records, self.seq = {}, 0
        elif now != self.at:
            self.take(play.projections.moved([self.at], now, own), self.seq)
        self.at = now
        shown = play.projections.of(now)
        mine = [entry for entry in own.since(self.seq) if entry[2] is not None or shown.holds(entry[0]) is None]
        self.take([*shown.since(self.seq), *mine], play.state.seq)

    def comes_back(self) -> None:
        """After it was away: with what it held, unless it sits elsewhere or goes through the door meanwhile."""
        now = place(self.play, self.person)
        if (now == "outside") != (self.at == "outside") or self.seq < moved_at(self.play.state, self.person):
            self.records, self.seq = {}, 0
        self.at = now
        self.catch_up()


def place(play: Play, person: Actor) -> Audience:
    """As the live floor reckons it."""
    inside = is_in(play.state, person.id) and standing(play.state, person) != "removed"
    return audience_of(play.state, person) if inside else "outside"


def held(play: Play, person: Actor) -> dict[Key, bytes]:
    """What somebody gets who comes now."""
    entries = [*play.projections.of(place(play, person)).all(), *personal_from(play.state, person).all()]
    return {key: data for key, _, data in entries if data is not None}


def audiences(play: Play) -> list[Audience]:
    return ["participants", "outside", *play.projections.groups]


def looked_at(play: Play, audience: Audience) -> dict[Key, bytes]:
    """What an audience sees of all that was ever touched, without any projection."""
    seen = {key: view(play.state, audience, key, RULES) for key in play.state.touched}
    return {key: encode(record) for key, record in seen.items() if record is not None}


def inner(play: Play, audience: Audience) -> dict[Key, bytes]:
    """What is this audience's own."""
    own = play.projections.groups.get(audience) or play.projections[audience]
    return {key: data for key, _, data in own.all() if data is not None}


class History:
    def __init__(self) -> None:
        self.play = Play(*PLAN, capacity=7)
        self.people = [self.play.person() for _ in range(9)]
        self.play.do(self.play.facilitator, "AllowHands", allowed=True)
        self.play.start("drawn")
        for person in self.people[:3]:
            self.play.do(person, "JoinGroup", phase="drawn")
            self.play.post(person, f"by {person.id}")

    def step(self, kind: str, a: int, b: int, desk: bool) -> None:
        theirs = kind in THEIRS and not (desk and kind in DESK)
        actor = self.people[a % len(self.people)] if theirs else self.play.facilitator
        with suppress(Refused):
            self.play.do(actor, kind, **self.fields(kind, a, b, theirs))

    def fields(self, kind: str, a: int, b: int, theirs: bool) -> dict[str, Any]:
        state = self.play.state
        now, idea = state.session.phase, one(state.ideas, a)
        member, group = one(state.members, -1 - a), one(state.groups, -1 - b)
        board = one(state.boards, -1 - b)
        fields: dict[str, dict[str, Any]] = {
            "JoinGroup": {"phase": now, "group": str(1 + b % 3) if b % 4 else None},
            "PostIdea": {"phase": now, "text": f"text {a} {b}"},
            "StayAsHost": {"phase": now, "stay": b % 3 > 0, **({} if theirs else {"member": member})},
            "Join": {},
            "SetPeople": {"people": 1 + b % 6},
            "CallHelp": {"table": "1"},
            "SetDoor": {"door": ("open", "approval", "approval", "closed")[b % 4]},
            "LetIn": {"participant": one({it.id: it for it in state.participants.values() if it.state != "in"}, a)},
            "TurnAway": {"participant": one({it.id: it for it in waiting(state)}, a)},
            "UnmuteAuthor": {"idea": one(state.mutes, a)},
            "StartPhase": {"phase": one(state.phases, a)},
            "SkipPhase": {"phase": one(state.phases, a), "skipped": b % 2 > 0},
            "MoveMember": {"member": member, "group": group},
            "MergeGroups": {"group": group, "into": one(state.groups, -1 - a)},
            "PromptGroup": {"group": group, "prompt": f"asked {b}"},
            "Show": {"what": "board", "board": board} if b % 3 else {"what": "black"},
            "RevealIdeas": {"board": ("wall", board)[b % 2]},
            "FormCluster": {"ideas": [idea], "title": f"title {b}"},
            "Undo": {"command": one(state.history, -1 - a % 4)},
        }
        return fields.get(kind, {"idea": idea})


def one(things: dict[str, Any], number: int) -> str:
    return list(things)[number % len(things)] if things else "nothing"


@settings(max_examples=60)
@given(st.lists(STEP, min_size=10, max_size=60), st.data())
def test_wherever_people_are_they_hold_what_is_to_be_seen_there(steps: list[Any], data: st.DataObject) -> None:
    history = History()
    play = history.play
    visitors = {person.id: Visitor(play, person) for person in history.people}
    watching: dict[Audience, Browser] = {}
    leaving = {data.draw(st.integers(0, len(steps))) for _ in range(3)}
    away: list[Visitor] = []
    for number, step in enumerate([None, *steps]):
        if step is not None:
            history.step(*step)
        for visitor in visitors.values():
            visitor.catch_up()
        for audience in audiences(play):
            browser = watching.setdefault(audience, Browser())
            own = play.projections.groups.get(audience) or play.projections[audience]
            browser.take(own.since(browser.seq), play.state.seq)
        if number in leaving:
            for visitor in visitors.values():
                gone = Visitor(play, visitor.person)
                gone.records, gone.seq, gone.at = dict(visitor.records), visitor.seq, visitor.at
                away.append(gone)
    check(play, [*visitors.values()], watching)
    for visitor in away:
        visitor.comes_back()
        assert visitor.records == held(play, visitor.person)
    play.restart()
    check(play, [], watching)
    for visitor in [*visitors.values(), *away]:
        visitor.comes_back()
        assert visitor.records == held(play, visitor.person)


def check(play: Play, visitors: list[Visitor], watching: dict[Audience, Browser]) -> None:
    for visitor in visitors:
        assert visitor.records == held(play, visitor.person)
    for audience, browser in watching.items():
        if not audience.startswith(PREFIX) or audience in play.projections.groups:
            assert browser.records == inner(play, audience)
        assert browser.records == looked_at(play, audience)
    assert {type_ for type_, _ in watching["outside"].records} <= ALONE
    everybody = watching["participants"].records.keys()
    for audience, browser in watching.items():
        if audience.startswith(PREFIX):
            assert not browser.records.keys() & everybody  # what is a group's alone nobody else is sent


@settings(max_examples=60)
@given(st.lists(STEP, min_size=10, max_size=60))
def test_nobody_sits_in_a_group_that_is_gone_and_no_table_has_more_hosts_than_it_may(steps: list[Any]) -> None:
    history = History()
    for step in steps:
        history.step(*step)
        state = history.play.state
        assert not any(state.groups[member.group].gone for member in state.members.values())
        for grouping in state.groupings:
            boards = [group.board for group in state.groups_of(grouping)]
            assert len(set(boards)) == len(boards)
