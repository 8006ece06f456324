"""One running session: decides what waits, in order, stores it in one go, and only then shows it.

Commands are decided on a candidate that has seen the earlier ones of its batch. If the append fails, the candidate is
thrown away and nobody is told "saved". While one batch is being written, the next gathers.
"""

import asyncio
import logging
import time
from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from facilitate.core.actors import CLOCK, Actor
from facilitate.core.book import Command, Row, Rules
from facilitate.core.commands import program_id
from facilitate.core.copies import Copy, copies
from facilitate.core.decide import decide, enveloped, evolve, repeated
from facilitate.core.events import Event, Unreadable
from facilitate.core.people import people_at
from facilitate.core.phases import RunOut
from facilitate.core.projection import Projection, Projections, Seen, audiences
from facilitate.core.refused import Refused
from facilitate.core.state import State
from facilitate.core.tables import Key
from facilitate.core.view import counts
from facilitate.live.aside import MANY, aside
from facilitate.live.clock import Clock
from facilitate.live.presence import Presence
from facilitate.live.writer import Writer
from facilitate.store import Append, Conflict, Store

BATCH = 500  # commands decided at once
PAGE = 1000  # events read at once: the store writes for all sessions, and none waits for another's log
CONFLICTS = 5  # in a row, then the store counts as failing
WAITING = 20_000  # commands that may wait before the session says it is busy

logger = logging.getLogger("facilitate")


@dataclass(slots=True)
class Pending:
    command: Command
    actor: Actor
    answer: asyncio.Future[int]


@dataclass(frozen=True, slots=True)
class Done:
    """What one accepted command touched: the fan-out tells the person from it."""

    actor: Actor
    keys: frozenset[Key]


@dataclass(slots=True)
class Batch:
    candidate: State
    events: list[Event] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    erases: list[str] = field(default_factory=list)
    keys: set[Key] = field(default_factory=set)
    done: list[Done] = field(default_factory=list)
    answers: list[tuple[Pending, int]] = field(default_factory=list)
    refused: list[tuple[Pending, Refused]] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    seen: list[tuple[Projection, list[Seen]]] = field(default_factory=list)  # what everybody will hold
    ahead: list[tuple[Projection, Projection]] = field(default_factory=list)  # ... where that is a lot


class Broken(Exception):  # noqa: N818
    """A fact that was decided could not be carried out: a mistake of the program's."""

    def __init__(self, pending: Pending) -> None:
        super().__init__(type(pending.command).__name__)
        self.pending = pending


class Runner:
    """`state` is what is stored; `projections` what each audience holds of it."""

    def __init__(self, session: str, rules: Rules, writer: Writer, clock: Clock) -> None:
        self.session = session
        self.rules = rules
        self.writer = writer
        self.clock = clock
        self.presence = Presence()
        self.state = State()
        self.projections: Projections = audiences(rules)
        self.read_only: str | None = None  # the key that says why
        self.missing = ""  # the activity that is not there
        self.failing = False  # the last append did not reach the store
        self.is_storing = False
        self.storing = 0.0  # seconds that the last batches took to be decided and stored
        self.changed: Callable[[Sequence[Done], set[Key]], None] = lambda done, keys: None
        self.gather: Callable[[], float] = lambda: 0.0
        self._waiting: list[Pending] = []
        self._working: asyncio.Task[None] | None = None

    # --- start, and start again

    async def load(self) -> None:
        """The state is the log, replayed. A log that this version cannot read or show in full opens read-only."""
        events = await self.log()
        names = await self.writer.call(lambda store: dict(store.names(self.session)))
        if len(events) < MANY:
            state, projections, read_only = self._replayed(events, names)
        else:
            state, projections, read_only = await aside("opening", self._replayed, events, names)
        self.state, self.projections, self.read_only = state, projections, read_only

    def _replayed(
        self, events: Sequence[Event], names: dict[str, dict[str, Any]]
    ) -> tuple[State, Projections, str | None]:
        state, projections, read_only = State(), audiences(self.rules), None
        unseen: set[Key] = set()  # between two facts of a command there may be what cannot be shown
        for place, event in enumerate(events):
            try:
                keys = evolve(state, event)
            except Unreadable as unreadable:
                logger.warning("session %s is read-only: %s", self.session, unreadable)
                if "." in event.kind:
                    read_only, self.missing = "activity.missing", event.kind.partition(".")[0]
                    continue  # an activity that is not installed: its own part alone is missing
                read_only = "session.read-only"
                break
            except Exception:
                logger.exception("session %s is read-only: event %s could not be carried out", self.session, event.seq)
                state, projections, read_only = self._replayed(events[:place], names)
                return state, projections, read_only or "session.read-only"
            unseen = (unseen - keys) | _unseen(projections, state, keys)
        named = state.take_names(names)
        unseen = _unseen(projections, state, unseen) | _unseen(projections, state, named, again=True)
        if unseen:
            logger.error("session %s is read-only: these records could not be shown: %s", self.session, sorted(unseen))
            projections.drop(unseen, state.seq)
            read_only = "session.read-only"
        for phase in state.phases.values():
            if phase.activity not in self.rules.activities:
                read_only, self.missing = "activity.missing", phase.activity
        return state, projections, read_only

    async def log(self) -> list[Event]:
        log: list[Event] = []
        while True:
            after = log[-1].seq if log else 0
            page = await self.writer.call(partial(_page, self.session, after))
            log += page
            if len(page) < PAGE:
                return log

    # --- commands

    @property
    def is_over(self) -> bool:
        """Whether the moment has come from which on nothing of it may be there."""
        return bool(self.state.tables["session"]) and self.state.session.delete_at <= self.clock.now()

    async def do(self, command: Command, actor: Actor) -> int:
        """The number behind which the command's effect is visible. Raises `Refused`."""
        return await self.enqueue(command, actor)

    def enqueue(self, command: Command, actor: Actor) -> "asyncio.Future[int]":
        """Takes its place in the queue at once; the answer comes when it is on disk."""
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if self.read_only:
            answer.set_exception(self._refusal())
        elif self.is_over:
            answer.set_exception(Refused("session.over", retry=60.0))
        elif len(self._waiting) >= WAITING:
            answer.set_exception(Refused("session.busy", retry=2.0))
        else:
            self._waiting.append(Pending(command, actor, answer))
            if self._working is None or self._working.done():
                self._working = asyncio.create_task(self._work())
        return answer

    async def _work(self) -> None:
        conflicts = 0
        while self._waiting:
            if wait := self.gather():
                await asyncio.sleep(wait)
            pending, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            began = time.monotonic()
            try:
                batch = await self._decide(pending)
                if batch.events or batch.rows:
                    self.is_storing = True
                    await self._append(batch)
                    self.storing += 0.2 * (time.monotonic() - began - self.storing)
            except Conflict as conflict:
                conflicts += 1
                self._waiting = pending + self._waiting
                if conflicts < CONFLICTS:
                    await self._reload()
                    if self.read_only:
                        self._refuse()
                    continue
                pending, self._waiting = self._waiting, []
                self._fail(pending, conflict)
                continue
            except Exception as error:
                self._fail(pending, error)
                continue
            finally:
                self.is_storing = False
            if batch.events or batch.rows:
                self.failing = False
                self._accept(batch)
            for one, seq in batch.answers:
                if not one.answer.done():
                    one.answer.set_result(seq)

    async def _reload(self) -> None:
        """Another process appended: read what it wrote, and show it."""
        before = self.state.seq
        await self.load()
        self.changed((), {key for key, at in self.state.touched.items() if at > before})

    def _refusal(self) -> Refused:
        return Refused(str(self.read_only), activity=self.missing) if self.missing else Refused(str(self.read_only))

    def _refuse(self) -> None:
        """What waits came to a session that could still be written to."""
        pending, self._waiting = self._waiting, []
        for one in pending:
            if not one.answer.done():
                one.answer.set_exception(self._refusal())

    def _fail(self, pending: Sequence[Pending], error: Exception) -> None:
        logger.error("session %s: cannot store: %s", self.session, error)
        self.failing = True
        for one in pending:
            if not one.answer.done():
                one.answer.set_exception(Refused("store.failing", retry=3.0))
        self.changed((), set())  # the counts say that the store fails

    async def _decide(self, pending: list[Pending]) -> Batch:
        """Who is refused is told at once, the others when it is on disk."""
        if len(self.state.ideas) < MANY:
            batch = self._decided(pending)
        else:
            batch = await aside("deciding", self._decided, pending)
        for one, refused in batch.refused:
            if not one.answer.done():
                one.answer.set_exception(refused)
        return batch

    def _decided(self, pending: list[Pending]) -> Batch:
        """Decide each on a candidate; a command that breaks the rules' own code is refused, the others stand."""
        failed: list[tuple[Pending, Refused]] = []
        while True:
            try:
                batch = self._showable(self._try(pending))
            except Broken as broken:
                logger.exception("session %s: %s could not be carried out", self.session, broken)
                failed.append((broken.pending, Refused("command.failed")))
                pending = [one for one in pending if one is not broken.pending]
            else:
                batch.refused += failed
                batch.copies = copies(batch.candidate, batch.keys, self.rules)
                if len(batch.keys) >= MANY:
                    seq = batch.candidate.seq
                    batch.ahead = [(projection, projection.ahead(seen, seq)) for projection, seen in batch.seen]
                return batch

    def _try(self, pending: list[Pending]) -> Batch:
        now = self.clock.now()
        batch = Batch(self.state.fork())
        for one in pending:
            if one.answer.done():
                continue
            try:
                seq = repeated(batch.candidate, one.command, one.actor)
                if seq is None:
                    seq = self._carry(batch, one, now)
            except Refused as refused:
                batch.refused.append((one, refused))
            except Exception as error:
                raise Broken(one) from error
            else:
                batch.answers.append((one, seq))
        return batch

    def _showable(self, batch: Batch) -> Batch:
        """What cannot be shown is not stored: every later start would stumble over it."""
        try:
            batch.seen = self.projections.looked(batch.candidate, batch.keys)
        except Exception as error:
            raise Broken(self._culprit([one for one, _ in batch.answers])) from error
        return batch

    def _culprit(self, pending: list[Pending]) -> Pending:
        """The first that leads to what cannot be shown, by halves."""

        def fails(first: int) -> bool:
            batch = self._try(pending[:first])
            try:
                self.projections.looked(batch.candidate, batch.keys)
            except Exception:
                return True
            return False

        return pending[bisect_left(range(1, len(pending)), True, key=fails)]

    def _carry(self, batch: Batch, one: Pending, now: int) -> int:
        decision = decide(batch.candidate, one.command, one.actor, now, self.rules)
        events = enveloped(batch.candidate, decision, one.command, one.actor, now)
        keys: set[Key] = set()
        for event in events:
            keys |= evolve(batch.candidate, event)
        for row in decision.rows:
            batch.candidate.name(row.participant, row.value or {})
            keys.add(("participant", row.participant))
        batch.events += events
        batch.rows += decision.rows
        batch.erases += decision.erases
        batch.keys |= keys
        batch.done.append(Done(one.actor, frozenset(keys)))
        return batch.candidate.seq

    async def _append(self, batch: Batch) -> None:
        await self.writer.append(
            Append(
                session=self.session,
                expected=self.state.seq,
                events=tuple(batch.events),
                rows=tuple(batch.rows),
                copies=tuple(batch.copies),
                erases=tuple(batch.erases),
            )
        )

    def _accept(self, batch: Batch) -> None:
        self.state = batch.candidate
        if batch.ahead:
            for projection, then in batch.ahead:
                projection.follow(then)
        else:
            self.projections.put(batch.seen, self.state.seq)
        try:
            self.changed(batch.done, batch.keys)
        except Exception:  # it is stored, and so it is answered; browsers ask again for what they lack
            logger.exception("session %s: a change could not be handed out", self.session)

    # --- time and people

    async def tick(self) -> None:
        """What time does: a phase that closes by itself runs out; a store that failed is tried again."""
        if self.failing:
            await self._try_store()
        phase = None if self.read_only or self.is_over else self.state.current
        if phase is None or phase.state != "open" or phase.ends is None or not phase.settings.get("closes"):
            return
        if self.clock.now() >= phase.ends:
            try:
                await self.do(RunOut(id=program_id("clock", self.state.seq), phase=phase.id), CLOCK)
            except Refused as refused:
                logger.info("session %s: %s", self.session, refused.key)

    async def _try_store(self) -> None:
        """Also where nobody sends anything: the desk must not say for ever that nothing can be saved."""
        try:
            await self.writer.call(lambda store: store.probe())
        except Exception as error:
            logger.info("session %s: still cannot store: %s", self.session, error)
        else:
            self.failing = False
            self.changed((), set())

    def counts(self) -> dict[str, Any]:
        """The `counts` record: no person in it, never stored."""
        phase = self.state.current
        here = self.presence.here(self.clock.now(), phase.started if phase else None)
        parties = self.presence.parties
        return {
            **counts(self.state),
            "joined": len(here),
            "people": sum(people_at(self.state, person, parties[person]) for person in here),
            "connected": self.presence.connected,
            "reached": self.presence.reached,
            "failing": self.failing,
        }

    async def settle(self) -> None:
        """Returns when nothing waits any more."""
        while self._working is not None and not self._working.done():
            await asyncio.gather(self._working, return_exceptions=True)


def _page(session: str, after: int, store: Store) -> list[Event]:
    return list(store.read(session, after, PAGE))


def _unseen(projections: Projections, state: State, keys: Collection[Key], *, again: bool = False) -> set[Key]:
    """Let everybody look at these records, and say which of them cannot be shown."""
    if not _fails(projections, state, keys, again):
        return set()
    return {key for key in keys if _fails(projections, state, [key], again)}


def _fails(projections: Projections, state: State, keys: Collection[Key], again: bool) -> bool:
    try:
        projections.take(state, keys, state.seq, again=again)
    except Exception as error:
        logger.info("cannot be shown: %r", error)
        return True
    return False
