"""What comes from a browser and is no packet: it ends its own connection, and the log is not filled with it."""

import logging
from typing import Any

import engineio
import socketio
from engineio.packet import Packet

from facilitate.live import wire

# What Engine.IO logs, with a traceback, where it could not read or carry out what came.
READING = {"message async handler error", "post request handler error", "Unknown receive error"}


class Engine(engineio.AsyncServer):  # type: ignore[misc]
    async def disconnect(self, sid: str) -> None:
        """Unlike the library's, it does not wait until all was read: a poller that is turned out reads no more."""
        socket = self.sockets.pop(sid, None)
        if socket is not None:
            await socket.close(wait=False, reason=self.reason.SERVER_DISCONNECT)


class Server(socketio.AsyncServer):  # type: ignore[misc]
    def _engineio_server_class(self) -> Any:
        return Engine


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
    found = logging.getLogger("facilitate.engine")
    found.setLevel(logging.ERROR)
    found.addFilter(is_ours)
    return found
