"""A phone or desk of the live wire, in Python: it holds records as a browser does, and sends each command once."""

import asyncio
import secrets
import time
from array import array
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any

import aiohttp
import socketio

from facilitate.live import wire

PATIENCE = 60.0  # seconds without an answer after which a command is given up
ANSWER = 15.0  # seconds in which a command must be acknowledged before it is sent again
WELCOME = 30.0  # seconds in which a connection must stand
PAUSES = (0.5, 1.0, 2.0, 5.0)  # seconds between attempts to connect again

Key = tuple[str, str]  # (type of record, id)
Record = dict[str, Any]
Answer = dict[str, Any]


class Silent(Exception):  # noqa: N818
    """The server does not answer (any more)."""


class Turned(Exception):  # noqa: N818
    """The server refuses the connection; `str()` is the key."""


class Records:
    """The fold of frames, as every browser does it. `take` says whether a frame fitted."""

    def __init__(self) -> None:
        self.held: dict[Key, Record] = {}
        self.log: str | None = None
        self.seq = 0

    def welcome(self, frame: Record) -> None:
        if frame["from"] == 0:
            self.held.clear()
        self.log = frame["log"]
        self._apply(frame)

    def take(self, frame: Record) -> bool:
        """False: something is missing before it, and nothing has changed."""
        if frame["from"] != self.seq:
            return False
        self._apply(frame)
        return True

    def _apply(self, frame: Record) -> None:
        for type_, id_ in frame["drop"]:
            self.held.pop((type_, id_), None)
        for record in frame["put"]:
            self.held[record["type"], record["id"]] = record
        self.seq = frame["seq"]

    def since(self) -> dict[str, Any]:
        return {"log": self.log, "seq": self.seq}


class Watch:
    """What all phones of one process saw, by one clock (ms): ideas when they were sent or turned over, and seen."""

    def __init__(self) -> None:
        self.posted: dict[str, float] = {}
        self.revealed: dict[str, float] = {}
        self.seen = array("d")
        self.turned = array("d")
        self.acks = array("d")
        self.refusals: Counter[str] = Counter()
        self.reconnects = 0
        self.gaps = 0

    @staticmethod
    def now() -> float:
        return time.perf_counter() * 1000

    def look(self, records: Records, frame: Record) -> None:
        """Called before the frame is folded: which of its ideas are new to this phone."""
        now = 0.0
        for record in frame["put"]:
            if record["type"] != "idea" or record["state"] != "open" or ("idea", record["id"]) in records.held:
                continue
            now = now or self.now()
            if (sent := self.revealed.get(record["id"])) is not None:
                self.turned.append(now - sent)
            elif (sent := self.posted.get(record["id"])) is not None:
                self.seen.append(now - sent)


class Packet(wire.Packet):
    """The same frame goes to a thousand phones: it is decoded once. Nobody may change what comes out."""

    class json(wire.Packet.json):  # noqa: N801 - the name that the base class looks up
        @staticmethod
        @lru_cache(256)
        def loads(text: str | bytes, **_: Any) -> Any:
            return wire.Packet.json.loads(text)


class Phone:
    """One connection, and one again when it breaks. With `token` it may be a desk's."""

    def __init__(
        self, url: str, code: str, http: aiohttp.ClientSession, watch: Watch, token: str | None = None
    ) -> None:
        self.url, self.code, self.token, self.watch = url, code, token, watch
        self.nonce = secrets.token_urlsafe(16)
        self.records = Records()
        self.you: dict[str, Any] = {}
        self.counts: Record = {}
        self._refused: dict[str, Any] = {}
        self._online = asyncio.Event()
        self._moved = asyncio.Event()
        self._unanswered: set[asyncio.Future[Answer]] = set()
        self._closing = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._socket = socketio.AsyncClient(
            reconnection=False,
            handle_sigint=False,
            serializer=Packet,
            http_session=http,
            websocket_extra_options={"max_msg_size": 0},  # a whole hall's board comes in one welcome
        )
        for event, handler in {
            "connect_error": self._on_refused,
            "disconnect": self._on_disconnect,
            "welcome": self._on_welcome,
            "change": self._on_change,
            "now": self._on_now,
        }.items():
            self._socket.on(event, handler, namespace=wire.NAMESPACE)

    # --- coming and going

    async def open(self, attempts: int = 5) -> "Phone":
        """Raises `Silent` where nothing answers, `Turned` where the server refuses for good."""
        for attempt in range(attempts):
            if attempt:
                await asyncio.sleep(self._refused.get("retry") or PAUSES[min(attempt, len(PAUSES)) - 1])
            self._refused = {}
            with suppress(socketio.exceptions.SocketIOError, TimeoutError, aiohttp.ClientError):
                await self._connect()
                return self
            if self._refused and "retry" not in self._refused:
                raise Turned(self._refused["key"])
        raise Silent(self.url)

    async def _connect(self) -> None:
        async with asyncio.timeout(WELCOME):
            await self._socket.connect(
                self.url,
                auth=self._auth,
                namespaces=[wire.NAMESPACE],
                transports=["websocket"],
                wait_timeout=WELCOME,
            )
            await self._online.wait()

    def _auth(self) -> dict[str, Any]:
        auth: dict[str, Any] = {"code": self.code}
        if self.token:
            auth["token"] = self.token
        else:
            auth["join"] = self.nonce
        if self.records.log:
            auth["since"] = self.records.since()
        return auth

    @property
    def is_online(self) -> bool:
        return self._online.is_set()

    async def close(self) -> None:
        self._closing = True
        for task in self._tasks:
            task.cancel()
        with suppress(socketio.exceptions.SocketIOError, aiohttp.ClientError, TimeoutError):
            async with asyncio.timeout(10):
                await self._socket.disconnect()

    def _on_refused(self, data: Any = None) -> None:
        if isinstance(data, dict) and isinstance(data.get("message"), str):
            more = data.get("data") if isinstance(data.get("data"), dict) else {}
            self._refused = {**(more or {}), "key": data["message"]}
            self.watch.refusals[data["message"]] += 1

    def _on_disconnect(self, reason: Any = None) -> None:
        self._online.clear()
        for answer in self._unanswered:
            if not answer.done():
                answer.set_exception(ConnectionResetError())
        if not self._closing:
            self._start(self._return())

    async def _return(self) -> None:
        self.watch.reconnects += 1
        with suppress(Silent, Turned):
            await asyncio.sleep(PAUSES[0])
            await self.open(attempts=20)

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- what comes

    def _on_welcome(self, frame: Record) -> None:
        self.watch.look(self.records, frame)
        self.records.welcome(frame)
        self.you = frame["you"]
        self.token = frame["you"].get("token", self.token)
        self._online.set()
        self._moved.set()

    def _on_change(self, frame: Record) -> None:
        if frame["from"] == self.records.seq:
            self.watch.look(self.records, frame)
        if self.records.take(frame):
            self._moved.set()
            return
        self.watch.gaps += 1
        self._start(self._socket.emit("resume", {"since": self.records.since()}, namespace=wire.NAMESPACE))

    def _on_now(self, frame: Record) -> None:
        self.counts = next(iter(frame["put"]), self.counts)
        self._moved.set()

    def get(self, type_: str, id_: str) -> Record | None:
        return self.records.held.get((type_, id_))

    def all(self, type_: str) -> list[Record]:
        return [record for (type_of, _), record in self.records.held.items() if type_of == type_]

    async def until(self, condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """Wait for a condition on what this phone holds; its last value, false if the time ran out."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not (found := condition()):
                    self._moved.clear()
                    await self._moved.wait()
                return found
        return condition()

    # --- what goes

    async def do(self, kind: str, id: str | None = None, **fields: Any) -> Answer:
        """The server's last word on this command, with its `id`: sent again, under the same id, until there is one.

        Raises `Silent`.
        """
        command = {"kind": kind, "id": id or secrets.token_urlsafe(15), **fields}
        began = self.watch.now()
        if kind == "PostIdea":
            self.watch.posted[command["id"]] = began
        while self.watch.now() - began < PATIENCE * 1000:
            answer = await self._asked(command)
            if answer is None:
                continue
            if answer["ok"]:
                self.watch.acks.append(self.watch.now() - began)
                return {**answer, "id": command["id"]}
            self.watch.refusals[answer["error"]["key"]] += 1
            if "retry" not in answer["error"]:
                return {**answer, "id": command["id"]}
            await asyncio.sleep(answer["error"]["retry"])
        raise Silent(self.url)

    async def _asked(self, command: dict[str, Any]) -> Answer | None:
        """One sending; None if the connection broke or nothing came back."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._unanswered.add(answer)

        def said(it: Answer) -> None:
            if not answer.done():
                answer.set_result(it)

        try:
            async with asyncio.timeout(ANSWER):
                await self._online.wait()
                await self._socket.emit("do", command, namespace=wire.NAMESPACE, callback=said)
                return await answer
        except (ConnectionError, TimeoutError, socketio.exceptions.SocketIOError):
            return None
        finally:
            self._unanswered.discard(answer)
            if answer.done() and not answer.cancelled():
                answer.exception()  # looked at, so that nobody complains about it later
