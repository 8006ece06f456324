"""Phones by the thousand in one process: bare WebSockets that keep the numbers and the time of every frame.

One in `FULL` reads each frame in full and keeps the ids of all ideas, so that a lost or doubled one is found; the rest
look at the head of a frame alone, so that the driver is not what is measured.
"""

import asyncio
import base64
import json
import os
import struct
import time
from collections import Counter
from typing import Any

FULL = 50
CHANGE = b'42/live,["change",{"from":'
WELCOME = b'42/live,["welcome",'
ACK = b"43/live,"
REFUSED = b"44/live,"
NOTHING = bytes(4)  # a mask that changes nothing: what is sent need not be masked byte by byte


class Phone(asyncio.Protocol):
    """`frames` are (number, seconds) of each change; the clock is the system's monotonic one, shared by processes."""

    def __init__(self, auth: dict[str, Any], *, full: bool) -> None:
        self.auth = auth
        self.full = full
        self.transport: asyncio.Transport | None = None
        self.seq = 0
        self.gaps = 0
        self.bytes = 0
        self.frames: list[tuple[int, float]] = []
        self.ids: Counter[str] = Counter()
        self.records: dict[tuple[str, str], Any] = {}
        self.welcomed: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.acks: dict[int, asyncio.Future[tuple[float, dict[str, Any]]]] = {}
        self._next = 0
        self._rest = b""
        self._open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        key = base64.b64encode(os.urandom(16))
        transport.write(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n"
        )

    def connection_lost(self, error: Exception | None) -> None:
        gone = ConnectionResetError("the server closed the connection")
        everything: list[asyncio.Future[Any]] = [self.welcomed, *self.acks.values()]
        for waiting in everything:
            if not waiting.done():
                waiting.set_exception(gone)
                waiting.exception()  # whoever waits hears of it; nobody need

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)
        rest = self._rest + data if self._rest else data
        if not self._open:
            head, border, rest = rest.partition(b"\r\n\r\n")
            if not border:
                self._rest = head
                return
            self._open = True
            self.send("40/live," + json.dumps(self.auth))
        at = 0
        while len(rest) - at >= 2:
            size, start = rest[at + 1] & 127, at + 2
            if size == 126:
                size, start = int.from_bytes(rest[at + 2 : at + 4]), at + 4
            elif size == 127:
                size, start = int.from_bytes(rest[at + 2 : at + 10]), at + 10
            if len(rest) < start + size:
                break
            self.hear(rest[start : start + size])
            at = start + size
        self._rest = rest[at:]

    def send(self, text: str) -> None:
        data = text.encode()
        size = bytes([0x80 | len(data)]) if len(data) < 126 else bytes([0x80 | 126]) + struct.pack("!H", len(data))
        if self.transport is not None:
            self.transport.write(b"\x81" + size + NOTHING + data)

    def hear(self, message: bytes) -> None:
        now = time.perf_counter()
        if message.startswith(CHANGE):
            start = int(message[len(CHANGE) : message.index(b",", len(CHANGE))])
            at = message.index(b'"seq":') + 6
            seq = int(message[at : message.index(b",", at)])
            self.gaps += start != self.seq
            self.seq = seq
            self.frames.append((seq, now))
            if self.full:
                self.read(json.loads(message[8:])[1])
        elif message == b"2":
            self.send("3")
        elif message.startswith(ACK):
            border = message.index(b"[")
            waiting = self.acks.pop(int(message[len(ACK) : border]), None)
            if waiting is not None and not waiting.done():
                waiting.set_result((now, json.loads(message[border:])[0]))
        elif message.startswith(REFUSED) and not self.welcomed.done():
            self.welcomed.set_exception(ConnectionRefusedError(message.decode()))
        elif message.startswith(WELCOME):
            frame = json.loads(message[8:])[1]
            self.seq = frame["seq"]
            self.read(frame)
            if not self.welcomed.done():
                self.welcomed.set_result(now)

    def read(self, frame: dict[str, Any]) -> None:
        for record in frame["put"]:
            self.records[record["type"], record["id"]] = record
            if record["type"] == "idea":
                self.ids[record["id"]] += 1

    def do(self, kind: str, **fields: Any) -> "asyncio.Future[tuple[float, dict[str, Any]]]":
        """(when it was answered, the answer)."""
        self._next += 1
        command = {"kind": kind, "id": os.urandom(12).hex(), **fields}
        self.acks[self._next] = asyncio.get_running_loop().create_future()
        self.send(f"42/live,{self._next}" + json.dumps(["do", command]))
        return self.acks[self._next]

    def close(self) -> None:
        if self.transport is not None:
            self.transport.abort()


async def join(port: int, auth: dict[str, Any], *, full: bool) -> Phone:
    """A phone that has been welcomed; one that is told that the door is crowded comes again, as real ones do."""
    while True:
        phone = await connect(port, auth, full=full)
        try:
            await phone.welcomed
        except ConnectionRefusedError as refused:
            phone.close()
            if "session.busy" not in str(refused):
                raise
            await asyncio.sleep(1)
        else:
            return phone


async def connect(port: int, auth: dict[str, Any], *, full: bool) -> Phone:
    _, phone = await asyncio.get_running_loop().create_connection(lambda: Phone(auth, full=full), "127.0.0.1", port)
    return phone
