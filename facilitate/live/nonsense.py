"""What only harms: nonsense in the place of packets, and questions of one who never reads an answer.

It ends its own connection at most; neither the memory nor the log is filled with it.
"""

import gzip
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import engineio
import socketio
from engineio.packet import Packet

from facilitate.live import wire

LOG = "facilitate.engine"  # of both Engine.IO servers
UNREAD = 1000  # packets that wait for one who does not read; then nothing more of theirs is taken

# What Engine.IO logs, with a traceback, where it could not read or carry out what came.
READING = {"message async handler error", "post request handler error", "Unknown receive error"}


class Engine(engineio.AsyncServer):  # type: ignore[misc]
    async def handle_request(self, scope: Any, receive: Any, send: Any) -> Any:
        """A poller that posts on and on and fetches nothing is turned out; a WebSocket is not read on (`direct.py`)."""
        if scope["type"] == "http" and scope["method"] == "POST":
            (sid,) = parse_qs(scope["query_string"].decode("ascii", "replace")).get("sid", [""])[-1:]
            socket = self.sockets.get(sid)
            if socket is not None and is_unread(socket):
                await self.disconnect(sid)
        return await super().handle_request(scope, receive, send)

    def _gzip(self, response: bytes) -> bytes:
        """Quick rather than small: a poller's welcome may be megabytes, and the event loop waits for it."""
        return gzip.compress(response, 1)

    async def disconnect(self, sid: str) -> None:
        """Unlike the library's, it does not wait until all was read: a poller that is turned out reads no more."""
        socket = self.sockets.pop(sid, None)
        if socket is not None:
            await socket.close(wait=False, reason=self.reason.SERVER_DISCONNECT)


class Server(socketio.AsyncServer):  # type: ignore[misc]
    opened: Callable[[str], None] = staticmethod(lambda connection_id: None)  # an Engine.IO socket is there

    def _engineio_server_class(self) -> Any:
        return Engine

    async def _handle_eio_connect(self, eio_sid: str, environ: Any) -> Any:
        self.opened(eio_sid)
        return await super()._handle_eio_connect(eio_sid, environ)


def is_unread(socket: Any) -> bool:
    """Whether this browser lets lie what is there for it."""
    return bool(socket.queue.qsize() >= UNREAD)


def is_packet(received: str | bytes) -> bool:
    """Whether Engine.IO can read it: over a WebSocket it would let the error through, and leave the socket behind."""
    try:
        Packet(encoded_packet=received)
    except (ValueError, RecursionError):
        return False
    return True


def is_ours(record: logging.LogRecord) -> bool:
    """A filter of the log: False for an error on the way of a packet that no code of ours had a hand in."""
    if record.msg not in READING or record.exc_info is None:
        return True
    trace = record.exc_info[2]
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if module.startswith("facilitate.") and module != wire.__name__:
            return True
        trace = trace.tb_next
    return False


def log() -> logging.Logger:
    """The log for Engine.IO: errors alone, and those that are ours."""
    found = logging.getLogger(LOG)
    found.setLevel(logging.ERROR)
    found.addFilter(is_ours)
    return found
