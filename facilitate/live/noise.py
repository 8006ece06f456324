"""What strangers could write into the log: counted, and told in one short line a minute.

Clients that go in the midst of what they send, what is no HTTP, no UTF-8, no packet: it is no news, and libraries say
it at length. A mistake of our own is told in full, the same one once a minute.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from typing import Any

from facilitate.live import lines, nonsense

MINUTE = 60.0  # seconds
LOGS = (
    "uvicorn.error", lines.logger.name, "asyncio", "nicegui", "engineio.server", "socketio.server", "facilitate",
    nonsense.LOG,
)  # fmt: skip
# What uvicorn and asyncio say of such clients, with a traceback or without.
LINES = {
    "Invalid HTTP request received.",
    "Unsupported upgrade request.",
    "Invalid UTF-8 sequence received from client.",
    "socket.send() raised exception.",
}
ONCE = "(further occurrences of this error will be logged with level INFO)"  # as Engine.IO says of what it refuses

logger = logging.getLogger("facilitate")

Messages = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Messages]]
Send = Callable[[Messages], Awaitable[None]]


class Noise(logging.Filter):
    """Of the log of a server that runs. `count` takes what has been said nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.counted = 0
        self._timer: asyncio.TimerHandle | None = None
        self._told: dict[tuple[str, int], float] = {}  # by place, when its mistake was told in full

    def filter(self, record: logging.LogRecord) -> bool:
        if is_noise(record) or self._is_again(record):
            self.count()
            return False
        return True

    def _is_again(self, record: logging.LogRecord) -> bool:
        """Whether a mistake in the same place was told within the last minute."""
        place = place_of(record)
        if place is None:
            return False
        before, now = self._told.get(place), time.monotonic()
        if before is not None and now - before < MINUTE:
            return True
        self._told[place] = now
        return False

    def count(self) -> None:
        self.counted += 1
        if self._timer is None:
            with suppress(RuntimeError):  # no loop runs here: told at the end
                self._timer = asyncio.get_running_loop().call_later(MINUTE, self.tell)

    def tell(self) -> None:
        """One line, if there is anything to be told."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        counted, self.counted = self.counted, 0
        if counted:
            logger.warning("%s requests or packets made no sense, or came from clients that had gone", counted)


def is_noise(record: logging.LogRecord) -> bool:
    """Whether it tells of what a client sent, and not of a mistake of ours."""
    if record.msg in LINES or str(record.msg).endswith(ONCE) or not nonsense.is_ours(record):
        return True
    return bool(record.exc_info and type(record.exc_info[1]).__name__ == "ClientDisconnect")


def place_of(record: logging.LogRecord) -> tuple[str, int] | None:
    """Where the error of a record was raised: file and line."""
    trace = record.exc_info[2] if record.exc_info else None
    if trace is None:
        return None
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename, trace.tb_lineno


@contextmanager
def hushed() -> Iterator[Noise]:
    """For a server's whole life."""
    noise = Noise()
    for name in LOGS:
        logging.getLogger(name).addFilter(noise)
    try:
        yield noise
    finally:
        noise.tell()
        for name in LOGS:
            logging.getLogger(name).removeFilter(noise)


class Gone:
    """Around an application: whatever it raises after its client had gone is no mistake. It wraps no sends: the short
    way finds its socket by them."""

    def __init__(self, app: Any, noise: Noise) -> None:
        self.app = app
        self.noise = noise

    async def __call__(self, scope: Messages, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        gone = False

        async def watched() -> Messages:
            nonlocal gone
            message = await receive()
            gone = gone or message["type"] == "http.disconnect"
            return message

        try:
            await self.app(scope, watched, send)
        except Exception:
            if not gone:
                raise
            self.noise.count()
