"""The short way between a browser and the live floor: over the same WebSocket, past Engine.IO's queues and tasks.

Out: a frame that was made once for all goes as finished bytes into the transport of each, if nothing stands in its way
(`is_free`). In: a command is taken off before the server packs it up, and its answer goes back by the same way.
Whatever else comes or goes, and all of a polling connection, takes the stock way.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from engineio.async_drivers import asgi
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from facilitate.live import lines, nonsense

UPGRADE = 5.0  # seconds in which a polling browser must carry through its change to a WebSocket
PAUSE = 0.1  # seconds between two looks at whether one who read nothing reads again


class WebSocket(asgi.WebSocket):  # type: ignore[misc]
    """Tells its Engine.IO socket where it is, and counts stock sends in flight: a direct frame must not overtake."""

    def __init__(self, handler: Any, server: Any) -> None:
        super().__init__(handler, server)
        self.in_flight = 0
        self.socket = handler.__self__
        self.socket.direct = self

    async def __call__(self, environ: dict[str, Any]) -> Any:
        try:
            return await super().__call__(environ)
        finally:
            # The library leaves it set where the line broke in the midst of it: all polls would stay empty for ever.
            self.socket.upgrading = False

    async def wait(self) -> str | bytes:
        """The next packet. Raises OSError, by which the library ends a connection, where something else comes."""
        while nonsense.is_unread(self.socket):  # noqa: ASYNC110 - rare, and the queue has no event for it
            await asyncio.sleep(PAUSE)
        async with asyncio.timeout(UPGRADE if self.socket.upgrading else None):
            received: str | bytes = await super().wait()
        if not nonsense.is_packet(received):
            raise OSError("no packet")
        return received

    async def send(self, message: Any) -> None:
        self.in_flight += 1
        try:
            await super().send(message)
        finally:
            self.in_flight -= 1


class Wire(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, which offers each text first to `takes`; what that does not want goes on as ever."""

    takes: Callable[[bytes], bool] | None = None
    belongs: Callable[[], bool] | None = None  # whether it is one of those for whom there is always room

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.since = self.loop.time()
        self.reading = lines.Deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        self.reading.off()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.reading.set(self.transport, lines.UNREAD_TIME)

    def resume_writing(self) -> None:
        self.reading.off()
        super().resume_writing()

    def send_receive_event_to_app(self) -> None:
        if self.takes is not None and self.curr_msg_data_type == "text" and not self.close_sent:
            text = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
            if self.takes(text):
                self.frames = []
                return
        super().send_receive_event_to_app()

    def give(self, raw: bytes) -> None:
        """Write a finished frame, unless the connection is ending."""
        if not (self.disconnected or self.close_sent or self.transport.is_closing()):
            self.transport.write(raw)


class Reached(Protocol):
    """What is known of a connection: its Engine.IO socket, what takes its commands, its wire once that is open."""

    socket: Any
    takes: Callable[[Wire, bytes], bool]
    belongs: Callable[[], bool]
    wire: Wire | None


def attach(connection: Reached) -> Wire | None:
    """The connection's wire, once its WebSocket is open and is uvicorn's; from then on it takes its commands."""
    if connection.wire is None and connection.socket.upgraded:  # till then it may fail, and the polls go on
        found = wire_of(connection.socket)
        if found is not None:
            takes = connection.takes
            found.takes = lambda text: takes(found, text)
            found.belongs = connection.belongs
            connection.wire = found
    return connection.wire


def wire_of(socket: Any) -> Wire | None:
    """The WebSocket of an Engine.IO socket, if it has one and that is uvicorn's."""
    direct = getattr(socket, "direct", None)
    found = getattr(getattr(direct, "asgi_send", None), "__self__", None)
    return found if isinstance(found, Wire) else None


def is_free(connection: Reached) -> bool:
    """Whether nothing can be overtaken and nothing stands in the way: a direct frame would be written at once."""
    socket = connection.socket
    direct = getattr(socket, "direct", None)
    if direct is None or socket.upgrading or direct.in_flight or not socket.queue.empty():
        return False
    wire = connection.wire or attach(connection)
    if wire is None:
        return True  # another server's WebSocket: one frame into its empty queue
    transport = wire.transport
    return not (
        transport.get_write_buffer_size()
        or transport.is_closing()
        or wire.disconnected
        or wire.close_sent
        or not wire.handshake_complete
    )


def end(connection: Reached) -> None:
    """Drop the line: a socket that never reads would keep its descriptor."""
    attach(connection)
    drop(connection.socket)


def drop(socket: Any) -> None:
    """The same for an Engine.IO socket that never became a connection."""
    wire = wire_of(socket)
    if wire is not None and wire.transport is not None:
        wire.takes = None
        asyncio.get_running_loop().call_later(1, wire.transport.abort)
