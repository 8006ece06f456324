"""What strangers, and broken browsers of staff, could write into the log of a real server: one short counted line."""

import asyncio
import base64
import logging
import re
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from starlette.requests import ClientDisconnect

from facilitate.live import noise
from tests.hall import Client
from tests.server import Server, serving

LOG = 300  # bytes that all of it together may write
ROUNDS = 3
OURS, NICEGUIS = "/socket.io/", "/_nicegui_ws/socket.io/"
KEY = base64.b64encode(b"k" * 16).decode()
PACKETS = (
    b"nonsense", b"4x", b"4" * 50, b"40{bad", b"42[1,2]", b"42[]", b"42{}", b"43[]", b'42["event",{}]',
    b"42" + b"[" * 50_000, b'4599999-["do"]', b'40/live,{"code":7}', b"40/live,[1]", b"44/live,{}", b"4" * 400_000,
    b"b!!!", b"\xff\xfe\xff", b"\x1e".join([b"4x"] * 2000),
)  # fmt: skip

Throw = Callable[[int], object]


def request(line: bytes, *headers: bytes, body: bytes = b"", cookie: bytes = b"") -> bytes:
    more = [*headers, *([b"Cookie: " + cookie, b"Origin: http://h"] if cookie else [])]
    return b"".join([line, b" HTTP/1.1\r\nHost: h\r\n", *(one + b"\r\n" for one in more), b"\r\n", body])


def sent(port: int, content: bytes, *, waits: bool = True) -> bytes:
    """What comes back at once; without `waits` the line is cut in the midst of it."""
    with socket.create_connection(("127.0.0.1", port), 10) as line, suppress(OSError):
        line.sendall(content)
        if not waits:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return b""
        line.settimeout(2)
        return line.recv(2000)
    return b""


def upgrade(path: str, cookie: bytes, key: str = KEY, version: int = 13) -> bytes:
    asks: tuple[str, ...] = ("Upgrade: websocket", "Connection: Upgrade")
    asks += (f"Sec-WebSocket-Key: {key}", f"Sec-WebSocket-Version: {version}")
    return request(f"GET {path}".encode(), *(ask.encode() for ask in asks), cookie=cookie)


def frame(code: int, payload: bytes, *, bits: int = 0x80, masked: int = 0x80) -> bytes:
    size = len(payload)
    length = bytes([masked | size]) if size < 126 else bytes([masked | 127]) + struct.pack(">Q", size)
    return bytes([bits | code]) + length + (b"\0\0\0\0" if masked else b"") + payload


def talked(port: int, where: str, cookie: bytes, frames: list[bytes]) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as line, suppress(OSError):
        line.settimeout(0.3)
        line.sendall(upgrade(f"{where}?EIO=4&transport=websocket", cookie))
        line.recv(2000)
        for one in frames:
            line.sendall(one)
        line.recv(2000)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def polled(port: int, where: str, cookie: bytes, body: bytes, *, size: int = 0) -> None:
    """A poller posts it; with a greater `size` it goes before all is there."""
    welcome = sent(port, request(f"GET {where}?EIO=4&transport=polling".encode(), cookie=cookie))
    found = re.search(rb'"sid":"([^"]+)"', welcome)
    sid = found[1] if found else b"unknown"
    ask = f"POST {where}?EIO=4&transport=polling&sid=".encode() + sid
    length = f"Content-Length: {size or len(body)}".encode()
    sent(port, request(ask, length, body=body, cookie=cookie), waits=not size)


def aborted(cookie: bytes) -> Iterator[bytes]:
    kinds = (b"Content-Type: application/json", b"Content-Type: multipart/form-data; boundary=x")
    for path in (b"/auth", b"/auth/out", b"/auth/screen/ABCDEF", b"/api/sessions", b"/home", b"/socket.io/?EIO=4"):
        for more in kinds:
            yield request(b"POST " + path, more, b"Content-Length: 500", body=b"--x{", cookie=cookie)
            yield request(b"POST " + path, more, b"Transfer-Encoding: chunked", body=b"zz\r\n", cookie=cookie)


def whole(cookie: bytes) -> Iterator[bytes]:
    """Requests that are none, or that nobody should send."""
    yield b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
    yield b"GET / HTTP/9.9\r\n\r\n"
    yield b"CONNECT x:1 HTTP/1.1\r\nHost: h\r\n\r\n"
    yield b"GET http://x:zz/ HTTP/1.1\r\nHost: [::1:abc\r\n\r\n"
    for length in (b"nonsense", b"-1", b"1\r\nContent-Length: 2"):
        yield request(b"POST /auth", b"Content-Length: " + length, body=b"xx", cookie=cookie)
        yield request(b"POST /socket.io/?EIO=4", b"Content-Length: " + length, body=b"xx", cookie=cookie)
    for line in (b"GET /home?lang=\xff", b"GET /home?lang=%ff", b"GET /j/%ff%fe", b"GET /%00", b"GET /desk/\xff"):
        yield request(line, cookie=cookie)
    for header in (
        b"Cookie: facilitate_staff=\xff\xfe.\xf0", b"Origin: http://[x", b"X-Forwarded-Prefix: \xff", b"Upgrade: h2c",
        b"Accept-Language: \xff;q=zz,,;q=9e999", b"X-Forwarded-For: \xff, [::", b"Authorization: Bearer \xff",
        b"X: " + b"a" * 200_000,
    ):  # fmt: skip
        yield request(b"POST /auth/out", header, b"Content-Length: 0", cookie=cookie)
        for path in ("/", "/home", "/api/formats", f"{OURS}?EIO=4&transport=polling", f"{NICEGUIS}?EIO=4"):
            yield request(f"GET {path}".encode(), header, b"Connection: Upgrade", cookie=cookie)
    yield request(b"GET /" + b"a" * 200_000)
    for where in (OURS, NICEGUIS):
        poll = b"EIO=4&transport=polling"
        for query in (b"EIO=9&transport=z", poll + b"&sid=%ff", poll + b"&j=x", b"sid=\xff"):
            for method in (b"GET ", b"POST ", b"PUT "):
                yield request(method + where.encode() + b"?" + query, b"Content-Length: 0", cookie=cookie)
    for path in ("/home", "/auth", "/nope", "/api/sessions", f"{OURS}?transport=websocket"):
        yield upgrade(path, cookie)
        yield upgrade(path, cookie, key="x", version=99)


def sockets(cookie: bytes) -> Iterator[Throw]:
    broken = (frame(1, b"x", masked=0), frame(1, b"x", bits=0xF0), frame(2, b"\0\xff"), frame(8, b"\0"), b"")
    connected = [frame(1, b"40"), frame(1, b"40/live,"), *(frame(1, packet) for packet in PACKETS[4:9])]
    for where in (OURS, NICEGUIS):
        for one in (*broken, *(frame(1, packet) for packet in PACKETS)):
            yield partial(talked, where=where, cookie=cookie, frames=[one])
        yield partial(talked, where=where, cookie=cookie, frames=connected)
        for packet in PACKETS:
            yield partial(polled, where=where, cookie=cookie, body=packet)
        yield partial(polled, where=where, cookie=cookie, body=b"4", size=500)


def everything(cookie: bytes) -> Iterator[Throw]:
    for content in aborted(cookie):
        yield partial(sent, content=content, waits=False)
    for content in whole(cookie):
        yield partial(sent, content=content)
    for page in (b"/", b"/home", b"/plan?format=quick-vote"):
        yield partial(sent, content=request(b"GET " + page, cookie=cookie), waits=False)
    yield from sockets(cookie)


async def welcomed(url: str, code: str) -> None:
    phone = await Client(url, code).open()
    await phone.close()


def test_nonsense_costs_one_short_line(environment: dict[str, str], tmp_path: Path) -> None:
    """All of it, of strangers and with a cookie of staff, a few times: the log stays short, and the server serves."""
    with serving(tmp_path / "folder", environment) as server:
        made = server.new()
        thrown = 0
        for cookie in (b"", f"facilitate_staff={server.owner}".encode()):
            for throw in everything(cookie):
                for _ in range(ROUNDS if not cookie else 1):
                    throw(server.port)
                    thrown += 1
        assert thrown > 500
        asyncio.run(welcomed(server.url, made["code"]))
        code, _, err = server.stop()
    assert code == 0
    assert len(err) < LOG, err[:3000]
    (line,) = err.splitlines()
    assert "made no sense" in line


@pytest.mark.parametrize("transport", ["polling", "websocket"])
def test_who_is_not_of_the_staff_has_nothing_to_say_to_nicegui(server: Server, transport: str) -> None:
    """Before a word of it is read; with a cookie that opens a desk the endpoint answers."""
    made = server.new()
    path = f"{NICEGUIS}?EIO=4&transport={transport}"
    link = made["tokens"]["facilitator"].encode()
    for cookie, let_in in ((b"", False), (b"x" * 32, False), (link, True)):
        held = b"facilitate_staff=" + cookie
        ask = upgrade(path, held) if transport == "websocket" else request(f"GET {path}".encode(), cookie=held)
        answer = sent(server.port, ask)
        status = answer.split(b" ", 2)[1]
        assert (status in (b"200", b"101")) is let_in, answer
        assert let_in or status in (b"401", b"403")


def recorded(error: Exception | None = None, msg: str = "a command failed") -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("facilitate", logging.ERROR, __file__, 1, msg, (), info)


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def test_a_mistake_of_ours_is_told_in_full_once_a_minute(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The same place, however often; another place as ever. What was left out is counted, and told."""
    it = noise.Noise()
    now = [1000.0]
    monkeypatch.setattr("facilitate.live.noise.time.monotonic", lambda: now[0])
    assert it.filter(recorded(raised(KeyError("one"))))
    assert not it.filter(recorded(raised(KeyError("two")))), "raised in the same line"
    with pytest.raises(KeyError) as elsewhere:
        raise KeyError
    assert it.filter(recorded(elsewhere.value))
    assert it.filter(recorded(msg="session x is read-only")), "what is no traceback is not held back"
    now[0] += noise.MINUTE
    assert it.filter(recorded(raised(KeyError("three"))))
    assert it.counted == 1
    it.tell()
    it.tell()
    assert [record.getMessage()[:2] for record in caplog.records] == ["1 "]


@pytest.mark.parametrize("msg", ["Exception in ASGI application\n", "anything"])
def test_a_client_that_has_gone_is_counted(msg: str) -> None:
    """Whoever tells of it."""
    it = noise.Noise()
    assert not it.filter(recorded(raised(ClientDisconnect()), msg))
    assert it.counted == 1


async def test_the_line_comes_after_a_minute(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """And begins anew."""
    monkeypatch.setattr(noise, "MINUTE", 0.05)
    with noise.hushed() as it:
        for _ in range(17):
            logging.getLogger("uvicorn.error").error("Invalid HTTP request received.")
        await asyncio.sleep(0.2)
        assert it.counted == 0
    assert [record.getMessage().split()[0] for record in caplog.records] == ["17"]
