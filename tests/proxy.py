"""A bad network for browser tests: a TCP proxy before the server that cuts, swallows, refuses or answers for it."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Literal

# open: all passes. cut: connections are refused, those there are end. swallow: they are taken, and nothing passes.
# portal: a page of the Wi-Fi's operator for whatever is asked. 502: a reverse proxy whose server is away.
Mode = Literal["open", "cut", "swallow", "portal", "502"]
# What becomes of a WebSocket's upgrade while the network is open. hang: it is never answered.
Upgrade = Literal["open", "refuse", "hang"]

PORTAL = b"<!doctype html><title>Welcome to our Wi-Fi</title><p>Please accept the terms."
BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head></html>"


class Proxy:
    """Listens on `port`. What is set on it holds from then on, for connections there are and for new ones."""

    def __init__(self, to: int) -> None:
        self.to = to
        self.port = 0
        self.mode: Mode = "open"
        self.upgrade: Upgrade = "open"
        self.upgrades = 0  # how often one was asked for
        self.requests = 0  # how often anything was asked for, on a connection of its own
        self._ends: set[asyncio.StreamWriter] = set()
        self._dead: set[asyncio.StreamWriter] = set()
        self._works: set[asyncio.Task[Any]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> "Proxy":
        self._thread.start()
        self._wait(self._open())
        return self

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def _now(self, act: Callable[[], None]) -> None:
        async def acting() -> None:
            act()

        self._wait(acting())

    # --- what a test does

    def turn(self, mode: Mode) -> None:
        """All connections end; but where the network swallows they stay, and carry nothing ever after."""

        def change() -> None:
            self.mode = mode
            if mode == "swallow":
                self._dead |= self._ends
            else:
                self._end(self._ends - self._dead)

        self._now(change)

    def forget(self) -> None:
        """The connections there are carry nothing more and do not end, as after a sleep; new ones are open."""
        self._now(lambda: self._dead.update(self._ends))

    def close(self) -> None:
        def end() -> None:
            self._server.close()
            self._end(self._ends)
            for work in self._works:
                work.cancel()

        works = list(self._works)
        self._now(end)
        self._wait(asyncio.wait_for(_all(works), 5))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    # --- one connection

    @staticmethod
    def _end(ends: set[asyncio.StreamWriter]) -> None:
        for writer in list(ends):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        work = asyncio.current_task()
        assert work is not None
        self._works.add(work)
        self._ends.add(writer)
        try:
            with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
                await self._pass(reader, writer)
        finally:
            self._works.discard(work)
            self._ends.discard(writer)
            self._dead.discard(writer)
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode == "cut":
            return
        head = await reader.readuntil(b"\r\n\r\n")
        self.requests += 1
        wants_socket = b"upgrade: websocket" in head.lower()
        self.upgrades += wants_socket
        if self.mode == "swallow" or (wants_socket and self.upgrade == "hang"):
            self._dead.add(writer)
            await reader.read()  # until the browser gives up
        elif self.mode in ("portal", "502") or (wants_socket and self.upgrade == "refuse"):
            await self._answer(writer, wants_socket)
        else:
            await self._connect(head, reader, writer)

    async def _answer(self, writer: asyncio.StreamWriter, wants_socket: bool) -> None:
        status, body = ("200 OK", PORTAL) if self.mode == "portal" else ("502 Bad Gateway", BAD_GATEWAY)
        if self.mode == "open" and wants_socket:
            status, body = "403 Forbidden", b"no sockets here"
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await writer.drain()
        writer.write_eof()
        await asyncio.sleep(0.2)  # an abort at once could take the answer back

    async def _connect(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A browser keeps its connections: a later upgrade, or a request after the mode has changed, is a new one.
        there, back = await asyncio.open_connection("127.0.0.1", self.to)
        self._ends.add(back)
        back.write(head)
        ways = [asyncio.create_task(self._pump(*way)) for way in ((reader, back, writer), (there, writer, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._ends.discard(back)
            self._dead.discard(back)
            back.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, end: asyncio.StreamWriter
    ) -> None:
        while piece := await reader.read(65536):
            if end in self._dead:
                continue  # swallowed
            writer.write(piece)
            await writer.drain()
        if end in self._dead:
            await asyncio.sleep(3600)  # the other side does not learn that this one has gone


async def _all(works: list["asyncio.Task[Any]"]) -> None:
    await asyncio.gather(*works, return_exceptions=True)


@contextmanager
def between(port: int) -> Iterator[Proxy]:
    """A proxy before a port of this machine, for the length of a block."""
    proxy = Proxy(port).start()
    try:
        yield proxy
    finally:
        proxy.close()
