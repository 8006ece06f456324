"""A hall for tests of the live floor: a server without NiceGUI on a free port, and clients over the real wire."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import socketio
import uvicorn

from facilitate import activities, votes
from facilitate.core.decide import rules_of
from facilitate.live import formats, gateway
from facilitate.live.clock import Clock, ManualClock
from facilitate.live.direct import Wire
from facilitate.live.folders import sessions_folder
from facilitate.live.limits import Rates
from facilitate.live.lines import Line
from facilitate.live.lobby import Lobby
from facilitate.live.writer import Writer
from facilitate.store import Store
from facilitate.store.memory import MemoryStore

OWNER = "owner-token-of-the-test"
KEY = b"k" * 32


def lobby_on(open_store: Callable[[], Store], clock: Clock | None = None) -> Lobby:
    rules = rules_of(activities.modules(), votes.modules())
    return Lobby(
        writer=Writer(open_store),
        clock=clock or ManualClock(),
        rules=rules,
        formats=formats.load(sessions_folder(), rules.activities, rules.methods),
        key=KEY,
        owner_token=lambda: OWNER,
        public_url="http://hall.test",
    )


class Hall:
    def __init__(self, lobby: Lobby, live: gateway.Gateway, url: str, connections: set[Any]) -> None:
        self.lobby, self.live, self.url, self.connections = lobby, live, url, connections

    async def session(self, **wish: Any) -> str:
        from facilitate.live.lobby import NewSession

        return (await self.lobby.create(NewSession(**{"format": "quick-vote", **wish}))).code


@asynccontextmanager
async def hall(
    open_store: Callable[[], Store] = MemoryStore,
    clock: Clock | None = None,
    rates: Rates | None = None,
    app: Any = None,
) -> AsyncIterator[Hall]:
    lobby = lobby_on(open_store, clock)
    await lobby.start()
    server, live = gateway.serve(lobby, rates)
    sock = socket.socket(proto=socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)  # as the real server does
    sock.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        socketio.ASGIApp(server, other_asgi_app=app),
        http=Line,
        ws=Wire,
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        log_level="error",
        lifespan="off",
    )
    config.load()
    web = uvicorn.Server(config)
    web.lifespan = config.lifespan_class(config)
    await web.startup(sockets=[sock])  # and not `serve`, which takes 0.2 s to end
    await web.on_tick(0)
    try:
        yield Hall(lobby, live, f"http://127.0.0.1:{sock.getsockname()[1]}", web.server_state.connections)
    finally:
        await server.shutdown()
        await _end(web)
        await lobby.stop()


async def _end(web: uvicorn.Server) -> None:
    for listening in web.servers:
        listening.close()
    state = web.server_state
    for connection in list(state.connections):
        connection.shutdown()
    deadline = asyncio.get_running_loop().time() + 1
    while (state.connections or state.tasks) and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    for task in state.tasks:
        task.cancel()
    await asyncio.gather(*state.tasks, return_exceptions=True)


class Client:
    """A browser in fifteen lines: it holds records, applies what fits, and asks again where it does not."""

    def __init__(self, url: str, code: str, *, token: str | None = None, join: str | None = None) -> None:
        self.url, self.code, self.token, self.join = url, code, token, join
        self.address = ""  # as a proxy tells it
        self.records: dict[tuple[str, str], dict[str, Any]] = {}
        self.log: str | None = None
        self.seq = 0
        self.you: dict[str, Any] = {}
        self.frames: list[tuple[str, Any]] = []
        self.gaps = 0
        self.counts: dict[str, Any] = {}
        self.welcomed = asyncio.Event()
        self.moved = asyncio.Event()
        # Like a browser, it takes a message of any length.
        self.sio = socketio.AsyncClient(reconnection=False, websocket_extra_options={"max_msg_size": 0})
        self.sio.on("welcome", self._welcome, namespace="/live")
        self.sio.on("change", self._change, namespace="/live")
        self.sio.on("now", self._now, namespace="/live")

    async def open(self, transports: list[str] | None = None, *, fresh: bool = False) -> "Client":
        self.welcomed.clear()
        auth: dict[str, Any] = {"code": self.code}
        if self.token:
            auth["token"] = self.token
        if self.join:
            auth["join"] = self.join
        if self.log and not fresh:
            auth["since"] = {"log": self.log, "seq": self.seq}
        headers = {"X-Forwarded-For": self.address} if self.address else {}
        await self.sio.connect(
            self.url, headers, auth=auth, namespaces=["/live"], transports=transports or ["websocket"], wait_timeout=10
        )
        await asyncio.wait_for(self.welcomed.wait(), 10)
        return self

    async def close(self) -> None:
        await self.sio.disconnect()

    async def put_out(self) -> None:
        """Wait until the server has ended the connection, and the client knows it as far down as it goes."""
        deadline = asyncio.get_running_loop().time() + 20
        while self.sio.connected or self.sio.eio.state != "disconnected":
            assert asyncio.get_running_loop().time() < deadline, "still connected"
            await asyncio.sleep(0.02)

    def _apply(self, frame: dict[str, Any]) -> None:
        for type_, id_ in frame["drop"]:
            self.records.pop((type_, id_), None)
        for record in frame["put"]:
            self.records[record["type"], record["id"]] = record
        self.seq = frame["seq"]
        self.moved.set()

    async def _welcome(self, frame: dict[str, Any]) -> None:
        self.frames.append(("welcome", frame))
        if frame["from"] == 0:
            self.records.clear()
        self.log = frame["log"]
        self.you = frame["you"]
        self.token = frame["you"].get("token", self.token)
        self._apply(frame)
        self.welcomed.set()

    async def _change(self, frame: dict[str, Any]) -> None:
        self.frames.append(("change", frame))
        if frame["from"] != self.seq:
            self.gaps += 1
            await self.sio.emit("resume", {"since": {"log": self.log, "seq": self.seq}}, namespace="/live")
            return
        self._apply(frame)

    async def _now(self, frame: dict[str, Any]) -> None:
        self.frames.append(("now", frame))
        self.counts = frame["put"][0]
        self.moved.set()

    async def do(self, kind: str, id: str | None = None, **fields: Any) -> dict[str, Any]:
        command = {"kind": kind, "id": id or secrets.token_urlsafe(15), **fields}
        answer: dict[str, Any] = await self.sio.call("do", command, namespace="/live", timeout=15)
        return {**answer, "id": command["id"]}

    async def insist(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Do it, and again after the time that a refusal names, as a phone does."""
        id_ = secrets.token_urlsafe(15)
        while not (answer := await self.do(kind, id=id_, **fields))["ok"]:  # noqa: ASYNC110
            await asyncio.sleep(answer["error"]["retry"])
        return answer

    def all(self, type_: str) -> list[dict[str, Any]]:
        return [record for (type_of, _), record in self.records.items() if type_of == type_]

    async def texts(self, number: int) -> None:
        """Wait until this many ideas can be read."""
        await self.until(lambda: sum(idea["text"] is not None for idea in self.all("idea")) == number)

    async def until(self, condition: Callable[[], Any], seconds: float = 10) -> Any:
        """Wait for a condition on what this client holds."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not (found := condition()):
            self.moved.clear()
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                raise AssertionError(f"did not come: {len(self.records)} records at {self.seq}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.moved.wait(), min(left, 0.5))
        return found
