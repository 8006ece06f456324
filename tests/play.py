"""A session on the rules alone: no server, no store, a clock that tests move. Reads like what people do."""

import json
from collections.abc import Callable, Iterable
from copy import copy
from typing import Any

from facilitate import activities, votes
from facilitate.core import commands, events, seats
from facilitate.core.actors import CLOCK, Actor, secret_of
from facilitate.core.book import Decision, Rules
from facilitate.core.decide import decide, enveloped, evolve, numbered, repeated, rules_of
from facilitate.core.events import Event
from facilitate.core.formats import read
from facilitate.core.projection import (
    Entry,
    Projection,
    Projections,
    audiences,
    own_places,
    personal_from,
    personal_keys,
)
from facilitate.core.refused import Refused
from facilitate.core.report import Report, report
from facilitate.core.sessions import EndSession, SessionCreated
from facilitate.core.state import State
from facilitate.core.tables import Key
from facilitate.core.view import Audience, counts
from facilitate.languages import catalogue

RULES: Rules = rules_of(activities.modules(), votes.modules())
START = 1_800_000_000_000
PARTS = ("board", "stage", "minutes", "begin", "prompt", "guide")
SCREEN = Actor("screen", "screen-1")

Who = Audience | Actor
Record = dict[str, Any]


def phase(activity: str, id: str = "", **given: Any) -> dict[str, Any]:
    """A phase of the plan: what a format says of it, and else settings. Its id is its activity's unless given."""
    parts: dict[str, Any] = {key: given.pop(key) for key in PARTS if key in given}
    if RULES.activities[activity].NEEDS_BOARD:
        parts.setdefault("board", "wall")
    return {"id": id or activity, "activity": activity, "title": {"en": activity}, "settings": given, **parts}


class Play:
    """`log`, `state` and the projections of every audience; `frames` holds every byte that each was ever sent."""

    def __init__(
        self,
        *phases: dict[str, Any],
        columns: Iterable[str] = (),
        names: str = "none",
        capacity: int = 1000,
        attributes: Iterable[dict[str, Any]] = (),
    ) -> None:
        wall = {"id": "wall", "title": {"en": "Wall"}, "columns": [{"id": c, "title": {"en": c}} for c in columns]}
        plan = read(
            "play",
            {
                "title": {"en": "Play"},
                "summary": {"en": "A session of the tests"},
                "languages": ["en"],
                "names": names,
                "boards": [wall, *({"id": id_, "title": {"en": id_.title()}} for id_ in ("side", "plenary"))],
                "phases": list(phases),
                "attributes": list(attributes),
            },
            RULES.activities,
            RULES.methods,
        )
        created = SessionCreated(
            session="secret-session-id",
            code="K7MPQ2",
            at=START,
            format=plan.id,
            title=plan.title,
            languages=plan.languages,
            names=plan.names,
            delete_after=plan.delete_after,
            boards=plan.boards,
            phases=plan.phases,
            capacity=capacity,
            attributes=plan.attributes,
        )
        self.begin(created, RULES)

    def begin(self, created: SessionCreated, rules: Rules) -> None:
        self.rules = rules
        self.now = created.at
        self.log: list[Event] = []
        self.rows: dict[str, dict[str, Any]] = {}  # the names beside the log
        self.state = State()
        self.projections = audiences(rules)
        self.people: dict[str, tuple[Actor, Projection]] = {}
        self.frames: dict[str, list[bytes]] = {}
        self.facilitator = Actor("facilitator", "f1", b"the desk's secret")
        self._given = 0
        first = EndSession(id="the-first-command")  # only its id counts: the event has no command of its own
        self._take(numbered(created.session, 0, Decision([created]), first, CLOCK, self.now), Decision([]))

    def copy(self) -> "Play":
        """Another session that stands where this one stands; from here on each goes its own way."""
        other = copy(self)
        other.log, other.rows, other.state = [*self.log], dict(self.rows), self.state.fork()
        other.projections = _own_projections(self.projections)
        other.people = {id_: (actor, _own(projection)) for id_, (actor, projection) in self.people.items()}
        other.frames = {who: [*frames] for who, frames in self.frames.items()}
        return other

    # --- what people do

    def person(self, secret: str = "") -> Actor:
        """Somebody with a phone who has not done anything yet."""
        number = secret or f"participant-{len(self.people):03d}"
        actor = Actor("participant", number, secret_of(b"key", number), named=self.state.session.names != "none")
        self.people[actor.id] = (actor, personal_from(self.state, actor))
        return actor

    def join(self, name: str | None = None) -> Actor:
        person = self.person()
        self.do(person, "Join", name=name)
        return person

    def do(self, actor: Actor, kind: str, id: str = "", **fields: Any) -> str:
        """Give a command; the id, of the command and of what it made. Raises `Refused`."""
        if not id:
            self._given += 1
            id = f"command-{self._given:08d}"
        self.give(actor, {"kind": kind, "id": id, **fields})
        return id

    def give(self, actor: Actor, raw: Any) -> int:
        """A command as it comes over the wire; the answer's number."""
        command = commands.read(json.loads(json.dumps(raw)))
        seq = repeated(self.state, command, actor)
        if seq is not None:
            return seq
        decision = decide(self.state, command, actor, self.now, self.rules)
        self._take(enveloped(self.state, decision, command, actor, self.now), decision)
        return self.state.seq

    def start(self, phase: str) -> str:
        return self.do(self.facilitator, "StartPhase", phase=phase)

    def post(self, actor: Actor, text: str, phase: str = "", **fields: Any) -> str:
        return self.do(actor, "PostIdea", phase=phase or str(self.state.session.phase), text=text, **fields)

    def vote(self, actor: Actor, rev: int = 1, /, **choices: int) -> str:
        """A ballot in the newest round."""
        return self.do(actor, "CastBallot", round=self.round, rev=rev, choices=choices)

    def undo(self, command: str) -> str:
        return self.do(self.facilitator, "Undo", command=command)

    def wait(self, seconds: float) -> None:
        self.now += round(seconds * 1000)

    @property
    def round(self) -> str:
        return list(self.state.rounds)[-1]

    # --- as the live floor does it

    def _take(self, rows: list[Event], decision: Decision) -> None:
        candidate = self.state.fork()
        keys: set[Key] = set()
        for event in rows:
            keys |= evolve(candidate, event)
        for row in decision.rows:
            self.rows[row.participant] = row.value or {}
            candidate.name(row.participant, row.value or {})
        self.state = candidate
        self.log += rows
        if decision.erases:
            self.log = [events.blanked(event, frozenset(decision.erases)) for event in self.log]
        sent = {who: projection.seq for who, projection in self._everybody()}
        self._look(keys)
        for _, projection in self.people.values():
            projection.update(self.state, personal_keys(self.state, keys), self.state.seq)
            if any(type_ in ("member", "grouping") for type_, _ in keys):
                projection.update(self.state, own_places(projection), self.state.seq)
        now = json.dumps(counts(self.state)).encode()
        for who, projection in self._everybody():
            self._send(who, projection.since(sent.get(who, 0)), now)

    def _everybody(self) -> list[tuple[str, Projection]]:
        people = ((id_, projection) for id_, (_, projection) in self.people.items())
        return [*self.projections.items(), *self.projections.groups.items(), *people]

    def _send(self, who: str, entries: list[Entry], now: bytes) -> None:
        drop = json.dumps([key for key, _, data in entries if data is None]).encode()
        put = [data for _, _, data in entries if data is not None]
        self.frames.setdefault(who, []).extend([*put, drop, now])

    def restart(self) -> None:
        """The server starts anew: all that it had in memory is built from the log and the rows beside it."""
        self.state, self.projections = State(), audiences(self.rules)
        for event in self.log:
            self._look(evolve(self.state, event))
        self._look(self.state.take_names(self.rows), again=True)
        self.people = {id_: (actor, personal_from(self.state, actor)) for id_, (actor, _) in self.people.items()}

    def _look(self, keys: set[Key], again: bool = False) -> None:
        self.projections.take(self.state, keys, self.state.seq, again=again)

    # --- what they see

    def holds(self, who: Who) -> dict[Key, bytes]:
        """All records of somebody who comes now."""
        entries = list(self.projections.of(audience_in(self.state, who)).all())
        if isinstance(who, Actor) and who.role == "participant":
            entries += personal_from(self.state, who).all()
        return {key: data for key, _, data in entries if data is not None}

    def sees(self, who: Who, type_: str) -> dict[str, Record]:
        """The records of a type by id."""
        records = (json.loads(data) for (kind, _), data in self.holds(who).items() if kind == type_)
        return {record["id"]: record for record in records}

    def texts(self, who: Who) -> list[str | None]:
        """What stands on the cards that somebody sees, by number."""
        return [idea["text"] for idea in sorted(self.sees(who, "idea").values(), key=lambda idea: idea["number"])]

    def sent(self, who: Who) -> bytes:
        """Every byte that somebody was or would be sent: all frames ever, and a welcome now."""
        frames = list(self.frames.get(audience_of(who), []))
        if isinstance(who, Actor) and who.role == "participant":
            frames += self.frames.get(audience_in(self.state, who), [])
        if isinstance(who, Actor):
            frames += self.frames.get(who.id, [])
        return b"\n".join([*frames, *self.holds(who).values()])

    def report(self, language: str = "en", *, log: bool = True) -> Report:
        """What remains of it, in the hall's time."""
        say, rows = catalogue(language).say, self.log if log else ()
        return report(self.state, self.rules, self.rows, language, say, self.now, rows, "Europe/Berlin")

    def written(self) -> bytes:
        """The log as it lies on disk."""
        rows = (f"{event.by} {event.command} {event.check} {event.data.decode()}" for event in self.log)
        return "\n".join(rows).encode()


def _own(projection: Projection) -> Projection:
    own = copy(projection)
    own.records, own.changed = dict(projection.records), dict(projection.changed)
    return own


def _own_projections(projections: Projections) -> Projections:
    """What audiences share they share here too."""
    own, made = copy(projections), {projection: _own(projection) for projection in projections.values()}
    own.update({audience: made[projection] for audience, projection in projections.items()})
    own.groups = {audience: _own(projection) for audience, projection in projections.groups.items()}
    own._holders = {key: set(audiences) for key, audiences in projections._holders.items()}
    return own


def audience_of(who: Who) -> Audience:
    if isinstance(who, str):
        return who
    return {"facilitator": "facilitators", "screen": "screens"}.get(who.role, "participants")


def audience_in(state: State, who: Who) -> Audience:
    """With the group that a person sits in now."""
    return seats.audience_of(state, who) if isinstance(who, Actor) and who.role == "participant" else audience_of(who)


def steady(play: Play) -> None:
    """A restart changes nothing for anybody."""
    before = {who: play.holds(who) for who in ("participants", "facilitators", "screens")}
    state = play.state
    play.restart()
    assert play.state == state
    assert {who: play.holds(who) for who in before} == before


def refusal(play: Play, actor: Actor, kind: str, **fields: Any) -> str:
    """The key with which a command is refused; "" if it is not."""
    return key_of(lambda: play.do(actor, kind, **fields))


def key_of(deed: Callable[[], object]) -> str:
    """The key of the refusal that this leads to; "" if to none. Anything else that is raised goes on."""
    try:
        deed()
    except Refused as refused:
        return refused.key
    return ""
