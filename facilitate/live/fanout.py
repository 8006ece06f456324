"""The fan-out: every connection gets every change that it may see, in order, without a task or a queue per receiver.

Each connection keeps `sent`, the number up to which it was handed everything it may see. A frame goes *direct*, as
bytes made once for all, into the transport of the open WebSocket, only if nothing else can be overtaken by it or stand
in its way (see `is_free`). Otherwise nothing is queued: the connection is behind, and at each tick it gets its next
piece, cut from what changed since `sent`, as soon as the rule holds. A polling connection gets one piece into an empty
queue, at most once a second. Acks and pings stay on the stock path; a change carries `from`, so order does not matter.

The first change after a pause goes out at once; then at most one frame per tick and connection. The tick grows with
the number of connections and the measured cost of a round.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import engineio
from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket

from facilitate.core.actors import Actor
from facilitate.core.door import is_in
from facilitate.core.moderation import standing
from facilitate.core.projection import (
    Entry,
    Found,
    Mark,
    Projection,
    Together,
    own_places,
    personal_from,
    personal_keys,
    search,
    took_part,
)
from facilitate.core.rounds import ballot_id
from facilitate.core.seats import PREFIX, audience_of, is_grouped, moved_at
from facilitate.core.tables import Key
from facilitate.core.view import Audience
from facilitate.live import wire
from facilitate.live.aside import MANY, aside
from facilitate.live.direct import Wire, is_free
from facilitate.live.runner import Done, Runner
from facilitate.live.seating import seat
from facilitate.live.tokens import Pass

PIECE = 32 * 1024  # bytes that a connection gets at most in one frame (a single larger record excepted)
PIECES = 4  # ... and in one round
TICK = 0.02  # seconds between two frames to one connection, in a seminar
LONGEST = 1.0  # ... and with ten thousand phones
GATHER = 0.2  # of a tick, in which commands gather
LONGEST_GATHER = 0.025  # seconds
HOLD = 0.1  # of a tick, that a round waits for what is being stored
POLL = 1.0  # seconds between two pieces for a polling connection
COUNTS = 1.0  # seconds between two counts
WRITTEN = ("idea", "comment", "answer")  # what has an author
OWN = ("own", "said", "answered", "hand")  # ... and what is somebody's own, as it is called to them
STANDING = ("place", "muted")  # ... and what is theirs who are not let in
SLICE = 200  # connections served, or own things looked at, before others may use the event loop
LATE = 200  # events that a newcomer may get after the whole, where it is too large to be put together for each
TRIES = 3  # to put the whole together while it changes
KEPT = 600.0  # seconds for which it is known what somebody made who has gone
NOBODYS = Pass()  # by which participants are there


logger = logging.getLogger("facilitate")


class Connection:
    """One open socket of a phone, screen or desk."""

    __slots__ = (
        "actor",
        "audience",
        "belongs",
        "by",
        "checked",
        "counted",
        "left",
        "mark",
        "person",
        "polled",
        "sent",
        "sid",
        "socket",
        "takes",
        "wire",
    )

    def __init__(
        self,
        sid: str,
        socket: Any,
        audience: Audience,
        actor: Actor,
        person: "Person | None",
        takes: Callable[[Wire, bytes], bool] = lambda wire, text: False,
        by: Pass = NOBODYS,
        belongs: Callable[[], bool] = lambda: False,
    ) -> None:
        self.sid = sid
        self.socket = socket
        self.audience: Audience = audience
        self.actor = actor
        self.by = by
        self.person = person
        self.sent = 0  # the number that the browser has
        self.checked = 0  # the number up to which there was nothing (more) that it may see
        self.left: tuple[Audience, ...] = ()  # the groups that it went away from since its last frame
        self.mark: Mark | None = None  # the last entry of a group that was cut in the middle
        self.polled = 0.0
        self.counted = 0  # the generation of counts that it has
        self.takes = takes  # a command of theirs that came the short way
        self.belongs = belongs  # whether it is one of those for whom there is always room
        self.wire: Wire | None = None  # once the WebSocket is open


class Person:
    """What one person sees beyond the other participants, shared by all tabs of one phone."""

    __slots__ = ("actor", "connections", "projection")

    def __init__(self, actor: Actor, projection: Projection) -> None:
        self.actor = actor
        self.projection = projection
        self.connections = 0


Piece = tuple[str, int, Mark | None]  # (body, end, mark)


@dataclass(frozen=True, slots=True)
class Whole:
    """All that an audience held at a number, put together aside."""

    body: str
    seq: int
    keys: frozenset[Key]

    def may_be_given(self, projection: Projection, seq: int) -> bool:
        """Whether nothing has happened since but that something came: what was taken away or changed meanwhile is told
        to nobody who comes."""
        if seq - self.seq > LATE:
            return False
        return self.keys.isdisjoint(entry[0] for entry in projection.since(self.seq))


def _put_together(entries: list[Entry], seq: int) -> Whole:
    return Whole(wire.body(entries), seq, frozenset(entry[0] for entry in entries))


class Fanout:
    """Hands the changes of one session to its connections."""

    def __init__(self, runner: Runner, server: engineio.AsyncServer, load: "Load") -> None:
        self.runner = runner
        self.server = server
        self.load = load
        self.connections: dict[str, Connection] = {}
        self.people: dict[str, Person] = {}
        self.authors: dict[str, str] = {}  # idea, comment, hand, ballot ... -> person, of those who are connected
        self.log = runner.session[:12]
        self.found: dict[str, Found] = {}  # person -> what they made, as far as it was looked for
        self._wholes: dict[Audience, Whole] = {}  # of large sessions
        self._making: dict[Audience, asyncio.Task[None]] = {}
        self._owed: dict[str, set[Key]] = {}  # person -> what of theirs is still to be looked at
        self._paying: asyncio.Task[None] | None = None  # meanwhile nobody here is told anything
        self._rest: dict[tuple[Audience, int, Mark | None], list[Entry]] = {}
        self._pieces: dict[tuple[Audience, int, Mark | None], Piece] = {}
        self._frames: dict[tuple[Audience, int, Mark | None], wire.Frame] = {}
        self._steps: dict[tuple[Audience, int, int], tuple[bytes, int]] = {}
        self._counts: wire.Frame | None = None
        self._record: dict[str, Any] = {}
        self._generation = 0
        self._counting = False
        self._counted = 0.0
        self._round: asyncio.Task[None] | None = None
        self._due: asyncio.TimerHandle | None = None
        self._due_at = 0.0
        self._held = False
        self._last = 0.0
        self.turned: Callable[[str], None] = lambda sid: None  # who comes in or goes out connects anew
        runner.changed = self.changed
        runner.gather = self.gather

    # --- coming and going

    def audience_of(self, actor: Actor, inside: Audience) -> Audience:
        """Whoever has to wait at the door sees none of what those inside see."""
        return inside if actor.role != "participant" or self._is_inside(actor) else "outside"

    def _is_inside(self, actor: Actor) -> bool:
        """Whoever was removed stays outside, whatever the door is; who took part stays inside after the end."""
        state = self.runner.state
        inside = is_in(state, actor.id) or (self._is_over(actor) and took_part(self.person(actor).projection))
        return inside and standing(state, actor) != "removed"

    def _is_over(self, actor: Actor) -> bool:
        """Whether the end alone keeps outside one who is in no list."""
        session = self.runner.state.session
        return session.state == "ended" and session.door == "open" and actor.id not in self.runner.state.participants

    def person(self, actor: Actor) -> Person:
        """The person behind a phone, with what is theirs."""
        person = self.people.get(actor.id)
        if person is None:
            state = self.runner.state
            found = self.found[actor.id] = search(state, actor, self.found.get(actor.id))
            person = self.people[actor.id] = Person(actor, personal_from(state, actor, found))
            self.authors |= dict.fromkeys(self._things(person), actor.id)
        return person

    def _things(self, person: Person) -> Iterator[str]:
        """What is somebody's own, and may look different to them by what others do."""
        rounds = self.runner.state.rounds
        for type_, id_ in person.projection.changed:
            if type_ in OWN:
                yield id_
            elif type_ == "ballot" and id_ in rounds:
                yield ballot_id(person.actor, rounds[id_])

    async def expect(self, actor: Actor) -> None:
        """Somebody is coming: where there is much to look through for what is theirs, it is done before."""
        state, before = self.runner.state, self.found.get(actor.id, Found())
        if actor.id not in self.people and len(state.ideas) - before.through.get("idea", 0) >= MANY:
            self.found[actor.id] = await aside("coming", search, state, actor, before)
            asyncio.get_running_loop().call_later(KEPT, self._unlearn, actor.id)

    async def prepare(self, connection: Connection) -> None:
        """Before a welcome: what takes long to be put together."""
        audience = "participants" if connection.audience.startswith(PREFIX) else connection.audience
        for _ in range(TRIES):
            if not self._is_large(audience) or self._made(audience) is not None:
                break
            if audience not in self._making:
                self._making[audience] = asyncio.create_task(self._make(audience))
            await asyncio.shield(self._making[audience])
        while self._paying is not None:
            await asyncio.shield(self._paying)

    def _is_large(self, audience: Audience) -> bool:
        return len(self.runner.projections[audience].records) >= MANY

    def _made(self, audience: Audience) -> Whole | None:
        whole, projection = self._wholes.get(audience), self.runner.projections[audience]
        return whole if whole is not None and whole.may_be_given(projection, self.runner.state.seq) else None

    async def _make(self, audience: Audience) -> None:
        try:
            entries, seq = list(self.runner.projections[audience].all()), self.runner.state.seq
            self._wholes[audience] = await aside("putting", _put_together, entries, seq)
        finally:
            del self._making[audience]

    def welcome(self, connection: Connection, since: Any, you: dict[str, Any]) -> str:
        """The welcome frame, whole or the difference to `since`; the connection now stands at its number."""
        self._sit(connection)
        connection.left = ()
        start = self._known(since, connection)
        content, end, mark = self._missed(connection, start) if start else self._everything(connection)
        connection.sent, connection.mark = end, mark
        connection.checked = end if mark is None else start
        self.connections[connection.sid] = connection
        self._seat([connection])
        self.count_soon()
        if end < self.runner.state.seq:
            self.soon()
        return wire.welcome(you, self.runner.clock.now(), self._log(connection.audience), start, end, content)

    def _log(self, audience: Audience) -> str:
        """What a browser holds of the outside is no part of what it holds inside: it begins anew with the other."""
        return f"{self.log}-door" if audience == "outside" else self.log

    def _everything(self, connection: Connection) -> Piece:
        content, seq = self._whole(connection.audience)
        if connection.person is not None:
            mine = self._beyond(connection, connection.person.projection.all())
            if mine:
                content = wire.joined(content, wire.body(mine))
        return content, seq, None

    def _missed(self, connection: Connection, start: int) -> Piece:
        """The first piece of it: a thousand phones that come back at once must not each have all of it lying here."""
        content, end, mark = self._piece(connection.audience, start, None)
        if connection.person is not None:
            mine = self._beyond(connection, (e for e in connection.person.projection.since(start) if e[1] <= end))
            if mine:
                content = wire.joined(content or wire.body(()), wire.body(mine))
        return content or wire.body(()), end, mark

    def _known(self, since: Any, connection: Connection) -> int:
        """The number a browser may be caught up from; 0: it must forget everything, also another group's things."""
        if not isinstance(since, dict) or since.get("log") != self._log(connection.audience):
            return 0
        seq = since.get("seq")
        if isinstance(seq, bool) or not isinstance(seq, int) or not 0 < seq <= self.runner.state.seq:
            return 0
        if connection.person is not None and seq < moved_at(self.runner.state, connection.actor):
            return 0
        if seq < self.runner.state.blanked:
            return 0  # after a restart the log no longer says which records looked different before
        return seq

    def _whole(self, audience: Audience) -> tuple[str, int]:
        """All that there is, and the number up to which it is whole."""
        projection = self.runner.projections.of(audience)
        if isinstance(projection, Together):
            if self._is_large("participants"):
                content, seq = self._whole("participants")
                return wire.joined(content, wire.body(projection.inner.all())), seq
        elif self._is_large(audience) and (whole := self._made(audience)):
            return whole.body, whole.seq
        key = (audience, -1, None)
        found = self._pieces.get(key)
        if found is None or found[1] != self.runner.state.seq:
            found = wire.body(projection.all()), self.runner.state.seq, None
            self._pieces[key] = found
        return found[0], found[1]

    def resume(self, connection: Connection, since: Any) -> str | None:
        """A browser has missed something: it goes on from its own number, or starts anew (then the whole is given)."""
        start = self._known(since, connection)
        if start:
            connection.sent, connection.checked, connection.mark = start, 0, None
            self.soon()
            return None
        if not is_free(connection):
            return None  # never two wholes on their way to one browser: it asks again
        you = {"id": connection.actor.id, "role": connection.actor.role}
        return self.welcome(connection, None, you)

    def leave(self, connection: Connection) -> None:
        """Also where the welcome had not gone out yet."""
        self.connections.pop(connection.sid, None)
        if connection.person is not None:
            connection.person.connections -= 1
            if connection.person.connections <= 0:
                self.people.pop(connection.actor.id, None)
                asyncio.get_running_loop().call_later(KEPT, self._unlearn, connection.actor.id)
                for id_ in self._things(connection.person):
                    self.authors.pop(id_, None)
        self.count_soon()

    def _unlearn(self, person: str) -> None:
        if person not in self.people:
            self.found.pop(person, None)

    # --- changes

    def changed(self, done: Sequence[Done], keys: set[Key]) -> None:
        """What a batch touched: tell the people whose own things are among it, then show it to all."""
        state = self.runner.state
        mine: dict[str, set[Key]] = {}
        for one in done:
            if one.actor.role == "participant" and one.actor.id in self.people:
                mine.setdefault(one.actor.id, set()).update(personal_keys(state, one.keys))
                for type_, id_ in one.keys:
                    new = type_ in WRITTEN and id_ not in self.authors
                    if new and one.actor.wrote(state.tables[type_][id_].author, id_):
                        self.authors[id_] = one.actor.id
                    if type_ == "hand" and one.actor.wrote(state.hands[id_].by, id_):
                        self.authors[id_] = one.actor.id
                    if type_ == "ballot" and id_ == ballot_id(one.actor, state.rounds[state.ballots[id_].round]):
                        self.authors[id_] = one.actor.id
        for key in personal_keys(state, [key for key in keys if self._is_somebodys(key)]):
            person = self.authors.get(key[1])
            if person is not None:
                mine.setdefault(person, set()).add(key)
        for type_, id_ in keys:
            if type_ == "participant" and id_ in self.people:
                mine.setdefault(id_, set()).add(("place", "place"))
            if type_ == "ballot" and id_ in self.authors:
                mine.setdefault(self.authors[id_], set()).add(("ballot", state.ballots[id_].round))
        for person, theirs in mine.items():
            self._owed.setdefault(person, set()).update(theirs)
        if self._paying is None and sum(map(len, self._owed.values())) > SLICE:
            self._paying = asyncio.create_task(self._pay())
        elif self._paying is None:
            for person in list(self._owed):
                self._look_again(person, self._owed.pop(person))
        self._turn(keys)
        self._reseat(done, keys)
        self._forget()
        self.count_soon()
        if self._paying is not None:
            return
        if self._held and self._due is not None:
            self._due.cancel()
            self._start()
        self.soon()

    def _is_somebodys(self, key: Key) -> bool:
        """Whether it bears upon something whose author is here."""
        return key[1] in self.authors or (key[0] == "plus" and key[1].rpartition("/")[0] in self.authors)

    def _look_again(self, person: str, theirs: Iterable[Key]) -> None:
        if person in self.people:
            self.people[person].projection.update(self.runner.state, theirs, self.runner.state.seq)

    async def _pay(self) -> None:
        """A reveal may touch what a thousand people wrote: nobody here is told of it before all of it is looked at."""
        try:
            while self._owed:
                person, theirs = self._owed.popitem()
                rest = list(theirs)
                for at in range(0, len(rest), SLICE):
                    self._look_again(person, rest[at : at + SLICE])
                    await asyncio.sleep(0)
        finally:
            self._paying = None
            self.soon()

    def _turn(self, keys: set[Key]) -> None:
        """The door, or what became of somebody at it, changed: who now sees other things comes anew."""
        if not any(type_ in ("session", "participant", "mute") for type_, _ in keys):
            return
        for connection in self.connections.values():
            is_outside = connection.audience == "outside"
            if connection.person is not None and self._is_inside(connection.actor) == is_outside:
                self.turned(connection.sid)

    # --- groups

    def _sit(self, connection: Connection) -> bool:
        """Put a participant's connection with the group that they are in now. True if it was elsewhere."""
        before, state = connection.audience, self.runner.state
        if connection.person is None or before == "outside":
            return False
        connection.audience = audience_of(state, connection.actor)
        own = connection.person.projection
        own.update(state, own_places(own), state.seq)
        return connection.audience != before

    def _reseat(self, done: Sequence[Done], keys: set[Key]) -> None:
        """Whoever sits elsewhere now sees other things: their next frame is the difference."""
        types = {type_ for type_, _ in keys}
        if types & {"grouping", "member"}:
            by_hand = not done or any(one.actor.role != "participant" for one in done)
            movers = {one.actor.id for one in done}
            for connection in self.connections.values():
                before = connection.audience
                if (by_hand or connection.actor.id in movers) and self._sit(connection):
                    connection.left = (*connection.left, before)
                    connection.mark, connection.checked = None, -1
        if types & {"session", "grouping", "participant"}:
            self._seat(self.connections.values())

    def _seat(self, connections: Iterable[Connection]) -> None:
        """Whoever is here and has no place in the groups of the phase gets one."""
        phase = self.runner.state.current
        if phase is None or not is_grouped(phase):
            return
        inside = (one for one in connections if one.person is not None and one.audience != "outside")
        people = {one.actor.id: one.actor for one in inside}
        here = (person.actor for person in self.people.values() if self._is_inside(person.actor))
        seat(self.runner, people.values(), here)

    def _forget(self) -> None:
        """What was encoded for a state that is no longer the newest."""
        self._rest.clear()
        self._pieces.clear()
        self._frames.clear()
        self._steps.clear()

    def gather(self) -> float:
        """Seconds in which more commands may gather before the next are stored together.

        Nobody sees them before the next round; so they are stored a few times a tick, the last time just before it.
        """
        if self._due is None:
            return 0.0
        left = self._due_at - time.monotonic() - self.runner.storing
        return max(0.0, left) % min(LONGEST_GATHER, self.load.tick(len(self.connections)) * GATHER)

    def count_soon(self) -> None:
        """Somebody came, went, wrote or voted: the counts are told at the next occasion, at most once a second."""
        if not self._counting:
            self._counting = True
            wait = max(0.0, self._counted + COUNTS - time.monotonic())
            asyncio.get_running_loop().call_later(wait, self._count)

    def soon(self) -> None:
        """A round at once after a pause, else when the tick is over."""
        if self._paying is not None or self._due is not None or (self._round is not None and not self._round.done()):
            return
        now = time.monotonic()
        self._due_at = max(now, self._last + self.load.tick(len(self.connections)))
        self._due = asyncio.get_running_loop().call_later(self._due_at - now, self._start)

    def _start(self) -> None:
        """The round begins; what is being stored just now may still catch it, so that it need not wait for the next."""
        hold = HOLD * self.load.tick(len(self.connections))
        if self.runner.is_storing and not self._held:
            self._held = True
            self._due = asyncio.get_running_loop().call_later(hold, self._start)
            return
        self._due, self._held = None, False
        now = time.monotonic()
        self._last = self._due_at if now - self._due_at <= hold else now
        self._round = asyncio.get_running_loop().create_task(self._serve())

    async def _serve(self) -> None:
        began = time.monotonic()
        behind = False
        spent = 0.0
        slice_began = began
        for number, connection in enumerate(list(self.connections.values()), 1):
            if self._paying is not None:
                break
            try:
                if not self._hand_common(connection):
                    behind |= self._hand_pieces(connection, began)
            except Exception:  # one connection must not stop the others
                logger.exception("session %s: a frame could not be handed over", self.runner.session)
            if number % SLICE == 0:
                spent += time.monotonic() - slice_began
                await asyncio.sleep(0)
                slice_began = time.monotonic()
        self.load.measured(spent + time.monotonic() - slice_began)
        if len(self._pieces) > 64:
            self._forget()
        self._round = None
        if behind or any(c.checked < self.runner.state.seq for c in self.connections.values()):
            self.soon()

    def _count(self) -> None:
        self._counting, self._counted = False, time.monotonic()
        record = self.runner.counts()
        if record != self._record:
            self._record = record
            self._generation += 1
            self._steps.clear()
            self._counts = wire.now(self.runner.clock.now(), [record])
        self.soon()  # also where nothing changed: whoever has just come knows no counts yet

    def _hand_pieces(self, connection: Connection, now: float) -> bool:
        """Whoever is behind and reads on gets several pieces a round. True if that was not all."""
        for _ in range(PIECES):
            before = connection.sent, connection.mark
            if not self._hand(connection, now):
                return False
            if (connection.sent, connection.mark) == before:
                break
        return True

    def _hand_common(self, connection: Connection) -> bool:
        """Nine in ten: a free line, nothing of one's own, the same step as the others. What is done for each counts."""
        line = connection.wire
        if line is None or connection.mark is not None or connection.checked != connection.sent:
            return False
        person = connection.person
        if person is not None and person.projection.seq > connection.sent:
            return False
        step = self._steps.get((connection.audience, connection.sent, connection.counted))
        if step is None:
            step = self._step(connection)
        raw, end = step
        socket = connection.socket
        if not raw or end < 0 or socket.closed or socket.closing or not is_free(connection):
            return False
        line.transport.write(raw)
        connection.sent = connection.checked = end
        connection.counted = self._generation
        return True

    def _step(self, connection: Connection) -> tuple[bytes, int]:
        """The change and the counts in one go, and where they lead; -1 where that takes more than one piece."""
        frame, end, mark = self._common(connection.audience, connection.sent, None)
        raw = b""
        if mark is not None or end != self.runner.state.seq or (frame is None and end != connection.sent):
            end = -1
        elif frame is not None:
            raw = frame.raw
        if connection.counted < self._generation and self._counts is not None and connection.audience != "outside":
            raw += self._counts.raw
        step = self._steps[connection.audience, connection.sent, connection.counted] = raw, end
        return step

    def _hand(self, connection: Connection, now: float) -> bool:
        """Give one connection its next piece if it is free. True if it is still behind."""
        if connection.audience == "outside":
            connection.counted = self._generation  # how many are inside, and what they write, is told inside alone
        if connection.checked >= self.runner.state.seq and connection.counted >= self._generation:
            return False
        socket = connection.socket
        if socket.closed or socket.closing:
            return False
        polling = not socket.upgraded
        if polling:
            if socket.upgrading or not socket.queue.empty() or now - connection.polled < POLL:
                return True
        elif not is_free(connection):
            return True
        if connection.checked < self.runner.state.seq:
            frame, end, mark = self._frame(connection)
            if frame is not None:
                give(connection, frame)
                connection.sent, connection.polled = end, now
            connection.mark = mark
            connection.checked = connection.sent if mark is not None else max(end, connection.sent)
        elif self._counts is not None:
            give(connection, self._counts)
            connection.counted, connection.polled = self._generation, now
        return connection.checked < self.runner.state.seq or connection.counted < self._generation

    # --- pieces

    def _frame(self, connection: Connection) -> tuple[wire.Frame | None, int, Mark | None]:
        """The next frame for one connection, and where it will stand after it. No frame: nothing it may see."""
        start, mark = connection.sent, connection.mark
        if connection.left:
            own = connection.person.projection if connection.person is not None else None
            moved = self.runner.projections.moved(connection.left, connection.audience, own)
            connection.left = ()
            return wire.change(start, start, wire.body(moved)), start, None
        content, end, next_mark = self._piece(connection.audience, start, mark)
        if connection.person is not None and connection.person.projection.seq > start:
            mine = self._beyond(connection, (e for e in connection.person.projection.since(start) if e[1] <= end))
            if mine:
                content = wire.joined(content, wire.body(mine)) if content else wire.body(mine)
                return wire.change(start, end, content), end, next_mark
        return self._common(connection.audience, start, mark)

    def _common(self, audience: Audience, start: int, mark: Mark | None) -> tuple[wire.Frame | None, int, Mark | None]:
        """The same for one who has nothing of their own in it."""
        content, end, next_mark = self._piece(audience, start, mark)
        if not content:
            return None, end, next_mark
        key = (audience, start, mark)
        frame = self._frames.get(key)
        if frame is None:
            frame = self._frames[key] = wire.change(start, end, content)
        return frame, end, next_mark

    def _beyond(self, connection: Connection, own: Iterable[Entry]) -> list[Entry]:
        """One's own entries, but for the loss of an idea that by now all see, or the group; outside only where one
        stands."""
        shown = self.runner.projections.of(connection.audience)
        if connection.audience == "outside":
            own = [entry for entry in own if entry[0][0] in STANDING]
        return [entry for entry in own if entry[2] is not None or shown.holds(entry[0]) is None]

    def _piece(self, audience: Audience, start: int, mark: Mark | None) -> Piece:
        """What the audience sees change behind `start`, at most PIECE bytes, encoded once for all who need it."""
        found = self._pieces.get((audience, start, mark))
        if found is not None:
            return found
        projection = self.runner.projections.of(audience)
        seq = self.runner.state.seq
        found = "", seq, None
        if projection.seq > start:
            entries = self._rest.pop((audience, start, mark), None) or projection.since(start, mark)
            found, taken = self._cut(entries, start, seq)
            if taken < len(entries):
                self._rest[audience, found[1], found[2]] = entries[taken:]
        self._pieces[audience, start, mark] = found
        return found

    def _cut(self, entries: list[Entry], start: int, seq: int) -> tuple[Piece, int]:
        """The first piece of these entries, and how many of them are in it."""
        size, taken = 0, 0
        for key, _, data in entries:
            size += len(data) if data is not None else len(key[1]) + 20
            if size > PIECE and taken:
                break
            taken += 1
        if taken == len(entries):
            return (wire.body(entries), seq, None), taken
        # Back to a border between two numbers; if one number fills the piece, the cut is inside it.
        border = taken
        while border and entries[border - 1][1] == entries[border][1]:
            border -= 1
        if border:
            return (wire.body(entries[:border]), entries[border - 1][1], None), border
        return (wire.body(entries[:taken]), start, entries[taken - 1][:2]), taken


def give(connection: Connection, frame: wire.Frame) -> None:
    """Hand a frame to a connection that is free. A socket that dies under us is noticed by Engine.IO."""
    if connection.wire is not None:
        connection.wire.transport.write(frame.raw)
    else:
        connection.socket.queue.put_nowait(EnginePacket(MESSAGE, frame.text))


class Load:
    """How long a tick is: it grows with the connections, of the session and in all, and with what a round costs."""

    def __init__(self) -> None:
        self.connections = 0
        self.cost = 0.0

    def measured(self, seconds: float) -> None:
        self.cost = max(seconds, 0.8 * self.cost + 0.2 * seconds)

    def tick(self, here: int) -> float:
        """Seconds between two rounds of a session with `here` connections."""
        return min(LONGEST, max(TICK, here / 10_000, self.connections / 40_000, 2.5 * self.cost))
