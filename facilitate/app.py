"""Puts everything together: the only file that knows all floors."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
import nicegui
import socketio
import uvicorn
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from nicegui import ui

from facilitate.live import descriptors, direct, gateway, noise, nonsense
from facilitate.live.addresses import addresses, public_url
from facilitate.live.clock import Clock
from facilitate.live.direct import Wire
from facilitate.live.folders import assets_folder
from facilitate.live.limits import Rates
from facilitate.live.lines import Line
from facilitate.live.lobby import Lobby
from facilitate.live.opening import lobby_of
from facilitate.store.folder import Folder
from facilitate.ui import access, api, light, lost, sheet, staff
from facilitate.ui.assets import Assets

SEND_BUFFER = 64 * 1024  # bytes the kernel takes for a phone that does not read; more would only hide that it lags
OPEN_FILES = 65_536  # every phone is one; a shell often allows no more than 1024


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a server is started. `public` is its address as phones see it; by default one of this machine's."""

    data: Path
    host: str = "0.0.0.0"
    port: int = 8080
    public: str = ""
    rates: Rates = Rates()
    timezone: str = ""  # the house's; "": this machine's

    @property
    def url(self) -> str:
        return self.public.rstrip("/") or public_url(self.host, self.port)


def application(lobby: Lobby, rates: Rates | None = None) -> Any:
    """The ASGI application: the live server outermost, so that nothing wraps its sends; then all pages."""
    app = FastAPI(title="facilitate", docs_url=None, redoc_url=None, openapi_url=None)
    assets = Assets(assets_folder())
    light.add(app, lobby, assets)
    sheet.add(app, lobby, assets)
    access.add(app, lobby)
    api.add(app, lobby)
    staff.add(app, lobby, assets)

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> PlainTextResponse:
        """200 when the store answers."""
        try:
            await lobby.ready()
        except Exception:
            return PlainTextResponse("the store does not answer", 503)
        return PlainTextResponse("ok")

    lost.add(app, assets)
    server, live = gateway.serve(lobby, rates)
    app.state.gateway = live
    _guard_nicegui(lobby)
    ui.run_with(app, title="facilitate", dark=None, tailwind=False, show_welcome_message=False)
    return socketio.ASGIApp(server, other_asgi_app=app)


def _guard_nicegui(lobby: Lobby) -> None:
    """NiceGUI's own Socket.IO server takes any origin by default; here: the same and the public one. And what is no
    packet ends its connection there too, without a word in the log."""
    server = nicegui.core.sio.eio
    server.cors_allowed_origins = gateway.origins(lobby)
    server.logger = nonsense.log()
    server._async = dict(server._async, websocket=direct.WebSocket)


@asynccontextmanager
async def running(settings: Settings, clock: Clock | None = None) -> AsyncIterator[tuple[uvicorn.Server, Lobby]]:
    """A server that is ready to serve: folder locked, store open. Raises `Damaged` and the folder's refusals."""
    folder = Folder(settings.data)
    with folder.locked(), noise.hushed() as hush:
        lobby = lobby_of(folder, settings.url, clock, settings.timezone)
        await lobby.start()
        try:
            folder.announce(settings.url)
            asgi = noise.Gone(application(lobby, settings.rates), hush)
            yield Server(configured(asgi, settings)), lobby
        finally:
            await lobby.stop()


def configured(asgi: Any, settings: Settings) -> uvicorn.Config:
    """How uvicorn serves: Engine.IO pings, so its own keepalive is off, and nothing is compressed per message."""
    return uvicorn.Config(
        asgi,
        host=settings.host,
        port=settings.port,
        http=Line,
        ws=Wire,
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        ws_max_size=gateway.PACKET,
        log_level="warning",
        access_log=False,  # who asked for what is nobody's business
        server_header=False,
        timeout_graceful_shutdown=3,
    )


class Server(uvicorn.Server):
    """Ends when it is told to. uvicorn would then send itself the signal again, before the store is closed."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._captured_signals.clear()


def listening(settings: Settings) -> socket.socket:
    """The bound socket. Raises OSError where the port is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Without the protocol's name asyncio's own loop leaves Nagle's algorithm on: a change then waits behind an answer.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)  # accepted sockets inherit it
    sock.bind((settings.host, settings.port))
    sock.listen(2048)
    return sock


async def serve(settings: Settings, ready: Callable[[Lobby], Any]) -> None:
    """Serve until the process is told to end. `ready` (may be a coroutine function) runs when the store is open."""
    sock = listening(settings)
    async with running(settings) as (server, lobby):
        answer = ready(lobby)
        if asyncio.iscoroutine(answer):
            await answer
        await attend(server, sock)


async def attend(server: uvicorn.Server, sock: socket.socket) -> None:
    """Serve on a bound socket: many files open, and what is there now never looked at by the collector again."""
    descriptors.allowed(OPEN_FILES)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    await server.serve(sockets=[sock])


__all__ = ["Settings", "addresses", "application", "running", "serve"]
