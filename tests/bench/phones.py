"""Phones by the thousand in one process: bare WebSockets that keep the numbers and the time of every frame.

One in `FULL` keeps each frame whole and is asked in the end for the ids of all ideas, so that a lost or doubled one is
found; of the rest the head of a frame alone is read, so that the driver is not what is measured.
"""

import asyncio
import base64
import json
import os
import random
import re
import socket
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
AGAIN = 2.0  # seconds between two wishes to resume, as in live.js


class Phone(asyncio.Protocol):
    """`frames` are (number, seconds) of each change; the clock is the system's monotonic one, shared by processes."""

    path = "/socket.io/?EIO=4&transport=websocket"

    def __init__(self, auth: dict[str, Any], *, full: bool, before: "Phone | None" = None) -> None:
        self.auth = auth
        self.full = full
        self.transport: asyncio.Transport | None = None
        self.you: dict[str, Any] = {}
        self.log = ""
        self.seq = 0
        self.gaps = 0
        self.bytes = 0
        self.frames: list[tuple[int, float]] = []
        self.ids: Counter[str] = Counter()
        self.records: dict[tuple[str, str], Any] = {}
        self.welcomed: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.acks: dict[int, asyncio.Future[tuple[float, dict[str, Any]]]] = {}
        self._kept: list[bytes] = []
        self.is_gone = False
        self._asked = 0.0
        self._next = 0
        self._rest = b""
        self._open = False
        if before is not None:
            self.log, self.seq, self.gaps = before.log, before.seq, before.gaps
            self.frames, self._kept = before.frames, before._kept

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        key = base64.b64encode(os.urandom(16))
        transport.write(
            f"GET {self.path} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\n".encode()
            + b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n"
        )  # fmt: skip

    def connection_lost(self, error: Exception | None) -> None:
        self.is_gone = True
        gone = ConnectionResetError("the server closed the connection")
        everything: list[asyncio.Future[Any]] = [self.welcomed, *self.acks.values()]
        for waiting in everything:
            if not waiting.done():
                waiting.set_exception(gone)
                waiting.exception()  # whoever waits hears of it; nobody need
        self.transport = None

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)
        rest = self._rest + data if self._rest else data
        if not self._open:
            head, border, rest = rest.partition(b"\r\n\r\n")
            if not border:
                self._rest = head
                return
            self._open = True
            self.opened()
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

    def opened(self) -> None:
        """The WebSocket stands: say who we are."""
        self.send("40/live," + json.dumps(self.auth))

    def send(self, text: str) -> None:
        data = text.encode()
        size = bytes([0x80 | len(data)]) if len(data) < 126 else bytes([0x80 | 126]) + struct.pack("!H", len(data))
        if self.transport is not None:
            self.transport.write(b"\x81" + size + NOTHING + data)

    def hear(self, message: bytes) -> None:
        now = time.perf_counter()
        if message.startswith(CHANGE):
            start = int(message[len(CHANGE) : message.index(b",", len(CHANGE))])
            if start != self.seq:
                return self.resume(now)
            at = message.index(b'"seq":') + 6
            self.take(int(message[at : message.index(b",", at)]), now, message)
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
            head = json.loads(message[len(WELCOME) : message.index(b',"put":')] + b"}")
            self.you, self.log = head["you"], head.get("log", "")
            if not head["from"]:
                self._kept.clear()
            elif head["from"] != self.seq:
                self.gaps += 1
            self.take(head["seq"], now, message)
            if not self.welcomed.done():
                self.welcomed.set_result(now)

    def take(self, seq: int, now: float, message: bytes) -> None:
        self.seq = seq
        self.frames.append((seq, now))
        if self.full:
            self._kept.append(message)

    def resume(self, now: float) -> None:
        self.gaps += 1
        if now - self._asked > AGAIN:
            self._asked = now
            self.send("42/live," + json.dumps(["resume", {"since": self.since()}]))

    def since(self) -> dict[str, Any]:
        return {"log": self.log, "seq": self.seq}

    def read(self) -> None:
        """Everything that was kept becomes `records` and `ids`: how often each idea came."""
        for message in self._kept:
            for record in json.loads(message[8:])[1]["put"]:
                self.records[record["type"], record["id"]] = record
                if record["type"] == "idea":
                    self.ids[record["id"]] += 1
        self._kept.clear()

    def do(self, kind: str, **fields: Any) -> "asyncio.Future[tuple[float, dict[str, Any]]]":
        """(when it was answered, the answer)."""
        self._next += 1
        command = {"id": os.urandom(12).hex(), **fields, "kind": kind}
        self.acks[self._next] = asyncio.get_running_loop().create_future()
        self.send(f"42/live,{self._next}" + json.dumps(["do", command]))
        return self.acks[self._next]

    def stall(self) -> None:
        """Stop reading; nothing tells the server."""
        if self.transport is not None:
            self.transport.pause_reading()

    def read_on(self) -> None:
        if self.transport is not None:
            self.transport.resume_reading()

    def close(self) -> None:
        if self.transport is not None:
            self.transport.abort()


async def join(port: int, auth: dict[str, Any], *, full: bool, buffer: int = 0, before: Phone | None = None) -> Phone:
    """A phone that has been welcomed; one that is told that the door is crowded comes again, as real ones do."""
    while True:
        phone = await connect(port, auth, full=full, buffer=buffer, before=before)
        try:
            await phone.welcomed
        except ConnectionRefusedError as refused:
            phone.close()
            if "session.busy" not in str(refused):
                raise
            found = re.search(r'"retry": ?([\d.]+)', str(refused))
            await asyncio.sleep(float(found[1] if found else 1) * (1 + random.random() / 2))
        else:
            return phone


async def connect(
    port: int, auth: dict[str, Any], *, full: bool, buffer: int = 0, before: Phone | None = None
) -> Phone:
    """`buffer`: bytes that the kernel keeps of what was not read; 0: as many as it likes."""
    sock = socket.socket()
    sock.setblocking(False)
    if buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(sock, ("127.0.0.1", port))
    _, phone = await loop.create_connection(lambda: Phone(auth, full=full, before=before), sock=sock)
    return phone


async def come_back(port: int, phone: Phone) -> Phone:
    """The same phone on a new connection, welcome again: it goes on from its number."""
    phone.close()
    auth = {**phone.auth, "token": phone.you["token"], "since": phone.since()}
    return await join(port, auth, full=phone.full, before=phone)


async def desk(port: int, code: str, token: str) -> Phone:
    """A facilitator's connection."""
    return await join(port, {"code": code, "token": token}, full=True)
