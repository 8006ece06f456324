"""The lines by which browsers come: what a request may take in bytes and in time, and how many there are.

The parser of uvicorn waits for ever for the rest of a request, of any size; and a line that nobody uses costs whoever
opened it nothing, but us a descriptor.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from facilitate.live import descriptors

HEAD = 32 * 1024  # bytes of a request's address and headers
HEAD_TIME = 10.0  # seconds in which they are all there
BODY_TIME = 30.0  # ... and in which the rest is: what phones send is small
UNREAD_TIME = 60.0  # seconds in which something is read of what waits to be read
SHARE = 100  # of all lines, that make room at once: to look for them takes longer than to end them
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"

# A name of its own: uvicorn warns here of each request that it can't read, and `noise.py` counts these.
logger = logging.getLogger("uvicorn.error.lines")


class Deadline:
    """Ends a line, also one that reads nothing any more, unless it is called off in time."""

    def __init__(self) -> None:
        self._due: asyncio.TimerHandle | None = None

    @property
    def is_set(self) -> bool:
        return self._due is not None

    def set(self, transport: asyncio.Transport, seconds: float) -> None:
        self.off()
        self._due = asyncio.get_running_loop().call_later(seconds, transport.abort)

    def off(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None


class Line(HttpToolsProtocol):
    """uvicorn's HTTP with an end to all that it waits for. What becomes a WebSocket goes on as a `direct.Wire`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = logger
        self.since = 0.0
        self.asking = Deadline()
        self.reading = Deadline()
        self._is_in_head = True
        self._head = 0  # bytes of what was understood
        self._fed = 0  # ... and of what came

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.since = self.loop.time()
        self.asking.set(transport, HEAD_TIME)
        make_room(self.connections)

    def connection_lost(self, exc: Exception | None) -> None:
        self.asking.off()
        self.reading.off()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self.asking.is_set and (self.cycle is None or self.cycle.response_complete):
            self.asking.set(self.transport, HEAD_TIME)  # line breaks alone begin no request
        self._fed += len(data)
        super().data_received(data)
        if self._is_in_head and self._fed > HEAD and not self.transport.is_closing():
            self._head = self._fed
            self.send_400_response("")

    def send_400_response(self, msg: str) -> None:
        if self._head <= HEAD:
            super().send_400_response(msg)
        else:
            self.transport.write(TOO_LARGE)
            self.transport.close()
        self.asking.set(self.transport, HEAD_TIME)

    # --- what the parser found

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_in_head, self._head, self._fed = True, 0, 0
        self.asking.set(self.transport, HEAD_TIME)

    def on_url(self, url: bytes) -> None:
        self._take(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._take(len(name) + len(value) + len(": \r\n"))
        super().on_header(name, value)

    def _take(self, size: int) -> None:
        self._head += size
        if self._head > HEAD:
            raise ValueError("too large a head")  # by which the parser ends, and `send_400_response` is asked

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self.asking.set(self.transport, BODY_TIME)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self.asking.off()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self.asking.off()
        self.reading.off()
        super().handle_websocket_upgrade()

    # --- answering

    def pause_writing(self) -> None:
        super().pause_writing()
        self.reading.set(self.transport, UNREAD_TIME)

    def resume_writing(self) -> None:
        self.reading.off()
        super().resume_writing()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self.reading.set(self.transport, UNREAD_TIME)

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self.reading.set(self.transport, UNREAD_TIME)  # it ends by itself when all was read


def make_room(connections: Iterable[Any]) -> None:
    """Where too many lines are open: those that are longest of all from where most of them come are ended.

    None of those who belong here (`Wire.belongs`), and so it is seldom one of those who are about to come in.
    """
    most = descriptors.lines()
    if len(connections) <= most:  # type: ignore[arg-type]
        return
    idle = [line for line in connections if not belongs(line)]
    if not idle:
        return
    ((crowded, _),) = Counter(address_of(line) for line in idle).most_common(1)
    theirs = sorted((line for line in idle if address_of(line) == crowded), key=lambda line: line.since)
    for line in theirs[: max(1, most // SHARE)]:
        line.transport.abort()


def belongs(line: Any) -> bool:
    found = getattr(line, "belongs", None)
    return found is not None and bool(found())


def address_of(line: Any) -> str:
    return str(line.client[0]) if line.client else ""
