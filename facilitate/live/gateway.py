"""The Socket.IO gateway, namespace `/live`: who is it, what do they want, and their frames. Knows no NiceGUI."""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import socketio

from facilitate.core import commands, roles
from facilitate.core.actors import Actor
from facilitate.core.door import check_room, is_joined
from facilitate.core.people import party_of
from facilitate.core.refused import Refused
from facilitate.core.view import Audience
from facilitate.live import direct, hints, nonsense, suggestions, wire
from facilitate.live.addresses import place_of
from facilitate.live.fanout import Connection, Fanout, Load
from facilitate.live.limits import Bucket, Rate, Rates, Shares, is_own
from facilitate.live.lobby import LINKED, Lobby
from facilitate.live.runner import Runner

LARGEST = 64 * 1024  # bytes of one command
LONGEST_TOKEN = 2000
PACKET = 256 * 1024  # bytes of one packet; whoever sends more is disconnected, alone

AUDIENCE: dict[str, Audience] = {
    "participant": "participants",
    "screen": "screens",
    "facilitator": "facilitators",
    "theme": "facilitators",
    "moderator": "facilitators",
}
TABS = 20  # lines of one person: the oldest are what a bad network has left behind
SILENT = 3000  # of a session, that have not joined, or twice as many as there are places
SCREENS = 200  # of a session, that are remembered by name
HELLO = 20.0  # seconds in which a line says which session it wants
CROWDED = 1.0  # seconds to wait where a whole session says too much at once

Guest = tuple[str, str, str]  # (session, role, id)

logger = logging.getLogger("facilitate")


class Gateway(socketio.AsyncNamespace):  # type: ignore[misc]
    def __init__(self, lobby: Lobby, rates: Rates) -> None:
        super().__init__(wire.NAMESPACE)
        self.lobby = lobby
        self.rates = rates
        self.load = Load()
        self.fanouts: dict[str, Fanout] = {}
        self.at: dict[str, tuple[Runner, Fanout, Connection]] = {}
        self.buckets: dict[str, Bucket] = {}  # per person
        self.doors: dict[str, Bucket] = {}  # per session
        self.newcomers = Shares(rates.newcomers)
        self.crowds: dict[str, Bucket] = {}  # per session
        self.lines: dict[Guest, dict[str, None]] = {}  # of phones and screens, oldest first
        self.silent: dict[str, dict[Guest, None]] = {}  # per session: who did not belong to it when they came
        self.screens: dict[str, set[str]] = {}  # per session: who has been here
        self.suggestions = suggestions.Suggestions()
        self._tasks: set[asyncio.Task[None]] = set()
        lobby.removed = self.dismiss
        lobby.withdrawn = self.look_again
        lobby.opened = self.opened_by

    # --- coming

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        try:
            await self._connect(sid, environ, auth if isinstance(auth, dict) else {})
        except Refused as refused:
            raise socketio.exceptions.ConnectionRefusedError(refused.key, refused.as_error()) from None

    async def _connect(self, sid: str, environ: dict[str, Any], auth: dict[str, Any]) -> None:
        code, token, nonce = _told(auth)
        if await self.lobby.was_deleted(token, code):
            raise Refused("session.deleted")
        runner = await self.lobby.find(code, address=address_of(environ))
        actor, token, by = self.lobby.actor(runner, token, nonce, address_of(environ))
        self._admit(runner, actor, address_of(environ))
        fanout = self.fanout(runner)
        if actor.role == "participant":
            await fanout.expect(actor)
            if self.fanouts.get(runner.session) is not fanout:
                raise Refused("session.busy", retry=1.0)  # it was deleted meanwhile
        connection_id = self.server.manager.eio_sid_from_sid(sid, self.namespace)
        socket = self.server.eio.sockets.get(connection_id)
        if socket is None:
            raise Refused("session.busy", retry=1.0)
        person = fanout.person(actor) if actor.role == "participant" else None
        audience = fanout.audience_of(actor, AUDIENCE[actor.role])
        if person is not None:
            if audience != "outside":
                runner.presence.came(actor.id, self.lobby.clock.now(), party_of(actor))
            person.connections += 1
        self.load.connections += 1
        belongs = partial(self._belongs, runner, actor)
        connection = Connection(sid, socket, audience, actor, person, partial(self._taken, sid), by, belongs)
        self.at[sid] = (runner, fanout, connection)
        self._bound_lines(runner, connection)
        you = {"id": actor.id, "role": actor.role, **({"token": token} if token else {})}
        # The welcome must follow the CONNECT packet, which goes out when this handler has returned.
        since = auth.get("since")
        asyncio.get_running_loop().call_soon(self._later, self._welcome(connection_id, sid, since, you))

    def _belongs(self, runner: Runner, actor: Actor) -> bool:
        """Whether this is none of those who only know the code: a desk, who has joined, a screen that was here."""
        if actor.role == "screen":
            return actor.id.startswith(LINKED) or actor.id in self.screens.get(runner.session, ())
        return actor.is_staff or is_joined(runner.state, actor.id)

    def _admit(self, runner: Runner, actor: Actor, address: str) -> None:
        """Who belongs is charged alone, strangers together, and never before it is known who is which.

        Refused: `session.busy` and `rate.slow-down`, with `retry`; `session.full` for who finds no place any more.
        """
        if self._belongs(runner, actor):
            wait = took(self.buckets, f"comes/{runner.session}/{actor.role}/{actor.id}", self.rates.coming)
        else:
            self.lobby.limits.visit(address, runner.session)
            wait = 0 if is_own(address) else self.newcomers.take(address, now())
            wait = wait or took(self.doors, runner.session, self.rates.connections)
            if not wait and actor.role == "participant" and runner.state.session.state != "ended":
                check_room(runner.state)
        if wait:
            raise Refused("session.busy", retry=round(1 + wait, 1))

    def _bound_lines(self, runner: Runner, connection: Connection) -> None:
        """No line is refused for there being too many: the oldest of one's own end, or of those who never joined."""
        actor = connection.actor
        if actor.is_staff:
            return
        guest = runner.session, actor.role, actor.id
        own = self.lines.setdefault(guest, {})
        own[connection.sid] = None
        if len(own) > TABS:
            self._let_go(own, next(iter(own)))
        if not self._belongs(runner, actor):
            self.silent.setdefault(runner.session, {})[guest] = None
            self._bound_silent(runner)
        screens = self.screens.setdefault(runner.session, set())
        if actor.role == "screen" and len(screens) < SCREENS:
            screens.add(actor.id)

    def _bound_silent(self, runner: Runner) -> None:
        silent, most = self.silent[runner.session], max(SILENT, 2 * runner.state.session.capacity)
        if len(silent) <= most:
            return
        still = [guest for guest in silent if not self._belongs(runner, self._actor_of(guest))]
        gone = still[: max(1, most // 10)] if len(still) > most else []  # many, so that this is seldom done
        self.silent[runner.session] = dict.fromkeys(still[len(gone) :])
        for guest in gone:
            for sid in list(self.lines[guest]):
                self._let_go(self.lines[guest], sid)

    def _actor_of(self, guest: Guest) -> Actor:
        return self.at[next(iter(self.lines[guest]))][2].actor

    def _let_go(self, own: dict[str, None], sid: str) -> None:
        own.pop(sid, None)
        self.end(sid)

    def expect(self, connection_id: str) -> None:
        """A line that belongs to no session in a while, be it new, refused or one that has left, is ended."""
        asyncio.get_running_loop().call_later(HELLO, self._look, connection_id)

    def _look(self, connection_id: str) -> None:
        socket = self.server.eio.sockets.get(connection_id)
        if socket is not None and self.server.manager.sid_from_eio_sid(connection_id, self.namespace) not in self.at:
            direct.drop(socket)
            self._later(self.server.eio.disconnect(connection_id))

    def _later(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _welcome(self, connection_id: str, sid: str, since: Any, you: dict[str, Any]) -> None:
        found = self.at.get(sid)
        if found is None:
            return
        _, fanout, connection = found
        await fanout.prepare(connection)
        if sid not in self.at:
            return  # gone again
        direct.attach(connection)
        await self.server.eio.send(connection_id, fanout.welcome(connection, since, you))

    def fanout(self, runner: Runner) -> Fanout:
        found = self.fanouts.get(runner.session)
        if found is None or found.runner is not runner:
            found = self.fanouts[runner.session] = Fanout(runner, self.server.eio, self.load)
            found.turned = self.end
        return found

    # --- asking

    async def on_do(self, sid: str, raw: Any = None, *more: Any) -> dict[str, Any]:
        try:
            return {"ok": True, "seq": await self._enqueued(sid, raw)}
        except Refused as refused:
            return {"ok": False, "error": refused.as_error()}
        except Exception:
            logger.exception("a command failed")
            return {"ok": False, "error": {"key": "command.failed", "values": {}}}

    def _taken(self, sid: str, line: direct.Wire, text: bytes) -> bool:
        """A command by the short way. False: it is none, or this browser lets its answers lie: then never again."""
        if line.transport.get_write_buffer_size() > LARGEST:
            line.takes = None  # not this one alone: the next would overtake it
            return False
        asked = wire.asked(text)
        if asked is None:
            return False
        number, raw = asked
        try:
            answer = self._enqueued(sid, raw)
        except Refused as refused:
            line.give(wire.answer(number, {"ok": False, "error": refused.as_error()}))
        except Exception:
            logger.exception("a command failed")
            line.give(wire.answer(number, {"ok": False, "error": {"key": "command.failed", "values": {}}}))
        else:
            answer.add_done_callback(partial(_answered, line, number))
        return True

    def _enqueued(self, sid: str, raw: Any) -> "asyncio.Future[int]":
        """Takes its place in the queue before anything is awaited: one phone's commands keep their order."""
        found = self.at.get(sid)
        if found is None:
            raise Refused("token.invalid")
        runner, _, connection = found
        self._take(connection, runner.session)
        if _size(raw) > LARGEST:
            raise Refused("command.large")
        return runner.enqueue(commands.read(raw), connection.actor)

    def _take(self, connection: Connection, session: str) -> None:
        """One person's share first, so that whoever says too much takes nothing from the others; then the session's.

        The desk has its own share alone: no crowd keeps it from acting. Its link is asked for with every act.
        """
        if not self.lobby.stands(connection.by):
            raise Refused("token.revoked")
        role = connection.actor.role
        is_staff = connection.actor.is_staff
        key = f"{role}/{connection.actor.id}"
        if wait := took(self.buckets, key, getattr(self.rates, "facilitator" if is_staff else role)):
            raise Refused("rate.slow-down", retry=round(wait + 0.05, 2), s=int(wait) + 1)
        if not is_staff and (wait := took(self.crowds, session, self.rates.session)):
            raise Refused("rate.slow-down", retry=round(wait + CROWDED, 2), s=int(wait + CROWDED) + 1)

    async def on_ask(self, sid: str, raw: Any = None, *more: Any) -> dict[str, Any]:
        """A question of a desk: nothing follows from it by itself, so it is no command."""
        try:
            if hints.is_asked(raw):
                return {"ok": True, "flagged": await self._flagged(sid, raw)}
            return {"ok": True, "groups": await self._suggested(sid, raw)}
        except Refused as refused:
            return {"ok": False, "error": refused.as_error()}
        except Exception:
            logger.exception("a question could not be answered")
            return {"ok": False, "error": {"key": "suggestion.failed", "values": {}}}

    async def _suggested(self, sid: str, raw: Any) -> list[dict[str, Any]]:
        runner, actor = self._asking(sid)
        if not roles.may(actor.role, "FormClusters"):
            raise Refused("role.refused")
        self._bound(f"asks/{actor.id}", self.rates.questions, raw)
        return await self.suggestions.suggest(runner.session, runner.state, suggestions.read(raw))

    async def _flagged(self, sid: str, raw: Any) -> list[int]:
        runner, actor = self._asking(sid)
        if not actor.is_staff:
            raise Refused("role.refused")
        self._bound(f"hints/{sid}", self.rates.hints, raw)
        return await hints.flagged(hints.read(raw), runner.state.session.languages)

    def _asking(self, sid: str) -> tuple[Runner, Actor]:
        found = self.at.get(sid)
        if found is None:
            raise Refused("token.invalid")
        runner, _, connection = found
        self._take(connection, runner.session)
        return runner, connection.actor

    def _bound(self, key: str, rate: Rate, raw: Any) -> None:
        if wait := took(self.buckets, key, rate):
            raise Refused("rate.slow-down", retry=round(wait + 0.05, 2), s=int(wait) + 1)
        if _size(raw) > LARGEST:
            raise Refused("command.large")

    async def on_resume(self, sid: str, raw: Any = None, *more: Any) -> None:
        found = self.at.get(sid)
        if found is None:
            return
        runner, fanout, connection = found
        try:
            self._take(connection, runner.session)
        except Refused:
            return  # a browser that still has a gap asks again
        await fanout.prepare(connection)
        if sid not in self.at:
            return
        frame = fanout.resume(connection, raw.get("since") if isinstance(raw, dict) else None)
        if frame is not None:
            await self.server.eio.send(connection.socket.sid, frame)

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """Only what this gateway knows; anything else is answered, not run."""
        if event not in ("connect", "disconnect", "do", "ask", "resume"):
            return {"ok": False, "error": {"key": "command.unknown", "values": {}}}
        return await super().trigger_event(event, *args)

    # --- going

    def dismiss(self, session: str) -> None:
        """A session was deleted: its connections end; who comes back is told that nothing is there any more."""
        for kept in (self.doors, self.crowds, self.silent, self.screens):
            kept.pop(session, None)
        self.suggestions.forget(session)
        fanout = self.fanouts.pop(session, None)
        for sid in list(fanout.connections) if fanout else ():
            self.end(sid)

    def look_again(self) -> None:
        """A link was withdrawn or a browser signed out: what it had opened ends; who comes back is told so."""
        for sid, (_, _, connection) in self.at.items():
            if not self.lobby.stands(connection.by):
                self.end(sid)

    def opened_by(self, session: str, id_: str) -> int:
        """How many desks a link holds open."""
        return sum(
            runner.session == session and connection.actor.id == id_ and connection.actor.is_staff
            for runner, _, connection in self.at.values()
        )

    def end(self, sid: str) -> None:
        """The browser comes back by itself, and is asked again who it is."""
        self._later(self.server.disconnect(sid, namespace=self.namespace))

    async def on_disconnect(self, sid: str, reason: Any = None) -> None:
        found = self.at.pop(sid, None)
        if found is None:
            return
        runner, fanout, connection = found
        self.load.connections -= 1
        fanout.leave(connection)
        if connection.actor.role == "participant" and connection.audience != "outside":
            known = is_joined(runner.state, connection.actor.id)
            runner.presence.went(connection.actor.id, self.lobby.clock.now(), known=known)
        self._forget_line(runner.session, connection)
        if not connection.socket.closed:
            self.expect(connection.socket.sid)
        if len(self.buckets) > 4 * max(1000, self.load.connections):
            self.buckets.clear()
        direct.end(connection)

    def _forget_line(self, session: str, connection: Connection) -> None:
        guest = session, connection.actor.role, connection.actor.id
        own = self.lines.get(guest, {})
        own.pop(connection.sid, None)
        if not own:
            self.lines.pop(guest, None)
            self.silent.get(session, {}).pop(guest, None)


def _told(auth: dict[str, Any]) -> tuple[str, str | None, str | None]:
    """Code, token and nonce. Only what is not there is None: a token that is none must not make somebody else.

    Refused: `session.unknown`, `token.invalid`, `command.malformed`.
    """
    code, token, nonce = auth.get("code"), auth.get("token"), auth.get("join")
    if not isinstance(code, str):
        raise Refused("session.unknown")
    if token is not None and not (isinstance(token, str) and len(token) < LONGEST_TOKEN and token.isascii()):
        raise Refused("token.invalid")
    if nonce is not None and not (isinstance(nonce, str) and 8 <= len(nonce) <= 100 and nonce.isascii()):
        raise Refused("command.malformed")
    return code, token, nonce


def _answered(line: direct.Wire, number: bytes, answer: "asyncio.Future[int]") -> None:
    error = answer.exception()
    if error is None:
        line.give(wire.answer(number, {"ok": True, "seq": answer.result()}))
    else:
        refused = error if isinstance(error, Refused) else Refused("command.failed")
        line.give(wire.answer(number, {"ok": False, "error": refused.as_error()}))


def took(buckets: dict[str, Bucket], key: str, rate: Rate) -> float:
    """0 if this bucket had one, else the seconds to wait."""
    bucket = buckets.get(key)
    if bucket is None:
        bucket = buckets[key] = Bucket(rate.a_second, rate.at_once)
    return bucket.take(now())


def now() -> int:
    """Milliseconds of real time, also where tests move the clock."""
    return time.monotonic_ns() // 1_000_000


def address_of(environ: dict[str, Any]) -> str:
    """The peer's address as the server sees it (behind a proxy: as uvicorn was told to trust it)."""
    client = environ.get("asgi.scope", {}).get("client")
    return str(client[0]) if client else ""


def _size(raw: Any, depth: int = 0) -> int:
    """Roughly the characters of decoded JSON, never more work than its length."""
    if isinstance(raw, str):
        return len(raw)
    if depth > 8:
        return LARGEST + 1
    if isinstance(raw, dict):
        return sum(len(str(key)) + _size(value, depth + 1) for key, value in raw.items())
    if isinstance(raw, list):
        return sum(1 + _size(value, depth + 1) for value in raw)
    return 8


def origins(lobby: Lobby) -> Callable[[str | None, dict[str, Any]], bool]:
    """Whether a page of this origin may connect: the same and the public address, never others."""

    def is_allowed(origin: str | None, environ: dict[str, Any]) -> bool:
        if origin is None:
            return False  # asked for the answer's headers only: a client without an origin needs none
        host = environ.get("HTTP_X_FORWARDED_HOST") or environ.get("HTTP_HOST", "")
        return (bool(host) and place_of(origin) == host) or origin.rstrip("/") == lobby.public_url

    return is_allowed


def serve(lobby: Lobby, rates: Rates | None = None) -> tuple[socketio.AsyncServer, Gateway]:
    """Our own Socket.IO server, beside NiceGUI's."""
    server = nonsense.Server(
        async_mode="asgi",
        serializer=wire.Packet,
        cors_allowed_origins=origins(lobby),
        max_http_buffer_size=PACKET,
        logger=False,
        engineio_logger=nonsense.log(),
    )
    server.eio._async = dict(server.eio._async, websocket=direct.WebSocket)
    gateway = Gateway(lobby, rates or Rates())
    server.register_namespace(gateway)
    server.opened = gateway.expect
    return server, gateway
