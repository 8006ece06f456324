"""What strangers can do to those who belong: take their places, their turn at the door, or all lines. Nothing of it.

Every test attacks a real server of this process first, and then asks whether those who belong still get in.
"""

import asyncio
import contextlib
import resource
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
import socketio
from fastapi import FastAPI

from facilitate.core.refused import Refused
from facilitate.live import descriptors, gateway, lines
from facilitate.live.clock import ManualClock
from facilitate.live.limits import Limits, Rate, Rates, Shares, network
from facilitate.live.presence import PASSING, Presence
from facilitate.ui import access, light, sheet
from facilitate.ui.assets import Assets
from tests.bench.phones import Phone, connect
from tests.hall import Client, Hall, hall

pytestmark = pytest.mark.server


def port_of(room: Hall) -> int:
    return int(room.url.rpartition(":")[2])


async def until(condition: Callable[[], Any], seconds: float = 10) -> None:
    for _ in range(int(seconds * 50)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("did not come")


async def silent(room: Hall, code: str, number: int, **auth: Any) -> list[Phone]:
    """Sockets that connect and then say nothing."""
    phones = [await connect(port_of(room), {"code": code, **auth}, full=True) for _ in range(number)]
    await asyncio.gather(*(phone.welcomed for phone in phones), return_exceptions=True)
    return phones


async def refused(client: Client) -> str:
    """The key with which a connection is refused."""
    errors: list[Any] = []
    client.sio.on("connect_error", lambda data: errors.append(data), namespace="/live")
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.sio.connect(
            client.url,
            auth={"code": client.code, **({"token": client.token} if client.token else {})},
            namespaces=["/live"],
            transports=["websocket"],
        )
    await client.close()
    return str(errors[0]["message"])


async def joined(room: Hall, code: str) -> Client:
    phone = await Client(room.url, code).open()
    assert (await phone.do("Join"))["ok"]
    return phone


async def desk_of(room: Hall, code: str) -> Client:
    runner = await room.lobby.find(code)
    return await Client(room.url, code, token=await room.lobby.issue(runner.session, "facilitator")).open()


# --- places


async def test_only_people_who_have_joined_take_a_place() -> None:
    async with hall() as room:
        code = await room.session(capacity=5)
        crowd = await silent(room, code, 50)
        people = [await joined(room, code) for _ in range(5)]
        assert await refused(Client(room.url, code)) == "session.full", "all places are taken, by people"
        again = await Client(room.url, code, token=people[0].token).open()
        desk = await desk_of(room, code)
        for client in (*people, again, desk):
            await client.close()
        for phone in crowd:
            phone.close()


async def test_a_full_session_takes_nothing_from_who_has_not_joined() -> None:
    """Also not from a socket that came while there was room: without `Join` it would take part and count nowhere."""
    async with hall() as room:
        code = await room.session(capacity=2)
        desk, late = await desk_of(room, code), await Client(room.url, code).open()
        assert (await desk.do("StartPhase", phase="collect"))["ok"]
        people = [await joined(room, code) for _ in range(2)]
        assert (await late.do("PostIdea", phase="collect", text="x"))["error"]["key"] == "session.full"
        assert (await people[0].do("PostIdea", phase="collect", text="x"))["ok"]
        for client in (desk, late, *people):
            await client.close()


async def test_silent_sockets_are_bounded_and_those_who_belong_are_not_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest of the silent ones make room; who comes newly always gets in."""
    monkeypatch.setattr(gateway, "SILENT", 20)
    async with hall() as room:
        code = await room.session(capacity=5)
        desk, anna = await desk_of(room, code), await joined(room, code)
        session = (await room.lobby.find(code)).session
        screen = await Client(room.url, code, token=room.lobby.screen_token(session)).open()
        crowd = await silent(room, code, 100)
        assert all(phone.welcomed.exception() is None for phone in crowd)
        bert = await joined(room, code)
        await until(lambda: len(room.live.at) <= 20 + 4)
        assert not crowd[-1].is_gone
        for client in (desk, anna, bert, screen):
            assert client.sio.connected
            await client.close()
        for phone in crowd:
            phone.close()


async def test_one_person_opens_a_bounded_number_of_lines() -> None:
    """The oldest ends: after a bad network it is the dead one."""
    async with hall() as room:
        code = await room.session()
        anna = await joined(room, code)
        many = await silent(room, code, gateway.TABS + 10, token=anna.token)
        await until(lambda: len(room.live.at) <= gateway.TABS)
        assert not many[-1].is_gone
        for phone in many:
            phone.close()
        await anna.close()


# --- turns at the door


FEW = Rates(connections=Rate(0.01, 10))


@pytest.mark.parametrize("attack", ["wrong tokens", "newcomers", "screens"])
async def test_those_who_belong_get_in_whatever_strangers_do(attack: str) -> None:
    async with hall(rates=FEW) as room:
        code = await room.session()
        session = (await room.lobby.find(code)).session
        anna, desk = await joined(room, code), await desk_of(room, code)
        screen = await Client(room.url, code, token=room.lobby.screen_token(session)).open()
        link = await room.lobby.issue(session, "screen")
        for client in (anna, desk, screen):
            await client.close()
        crowd = []
        for turn in range(40):
            token = {
                "wrong tokens": {"token": f"wrong-{turn}"},
                "newcomers": {},
                "screens": {"token": room.lobby.screen_token(session)},
            }[attack]
            crowd += await silent(room, code, 1, **token)
        assert any(phone.welcomed.exception() for phone in crowd), "they were refused"
        if attack == "wrong tokens":
            newcomer = await Client(room.url, code).open()
            await newcomer.close()
        for client in (anna, desk, screen, Client(room.url, code, token=link)):
            await client.open()
            await client.close()
        for phone in crowd:
            phone.close()


async def test_who_comes_again_and_again_is_charged_for_oneself_alone() -> None:
    async with hall(rates=Rates(coming=Rate(0.01, 5))) as room:
        code = await room.session()
        anna, bert = await joined(room, code), await joined(room, code)
        troll = await joined(room, code)
        crowd = await silent(room, code, 10, token=troll.token)
        refusals = [phone for phone in crowd if phone.welcomed.exception()]
        assert len(refusals) == 5
        assert all("session.busy" in str(phone.welcomed.exception()) for phone in refusals)
        await bert.close()
        await bert.open()
        for client in (anna, bert, troll):
            await client.close()
        for phone in crowd:
            phone.close()


# --- lines


class Line:
    """A bare connection, to send what no browser sends."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, room: Hall) -> "Line":
        return cls(*await asyncio.open_connection("127.0.0.1", port_of(room)))

    async def send(self, data: bytes) -> None:
        with contextlib.suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()

    async def rest(self, seconds: float = 5) -> bytes:
        """What comes until the other side ends the line; raises TimeoutError where it does not."""
        got = b""
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(seconds):
                while part := await self.reader.read(65536):
                    got += part
        return got

    def close(self) -> None:
        self.writer.transport.abort()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a server waits ten seconds and more for, in a fifth of a second."""
    for name in ("HEAD_TIME", "BODY_TIME", "UNREAD_TIME"):
        monkeypatch.setattr(lines, name, 0.2)
    monkeypatch.setattr(gateway, "HELLO", 0.2)


GET = b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: hall.test\r\n"
UPGRADE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: hall.test\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)
POST = b"POST /socket.io/?EIO=4&transport=polling&sid=x HTTP/1.1\r\nHost: hall.test\r\nContent-Length: 100000\r\n\r\n"


async def nothing(line: Line) -> None:
    pass


async def half_a_head(line: Line) -> None:
    await line.send(GET)


async def half_a_handshake(line: Line) -> None:
    await line.send(UPGRADE)


async def half_a_body(line: Line) -> None:
    await line.send(POST + b"x")


async def drops(line: Line) -> None:
    await line.send(GET)
    for _ in range(100):
        await line.send(b"X-More: 1\r\n")
        await asyncio.sleep(0.02)
    assert line.writer.transport.is_closing(), "also while something comes"


async def line_breaks(line: Line) -> None:
    """After an answer: a line break is no request, and the library waits for what follows it for ever."""
    await line.send(b"GET /nowhere HTTP/1.1\r\nHost: hall.test\r\n\r\n")
    await line.reader.read(100)
    for _ in range(100):
        await line.send(b"\r\n")
        await asyncio.sleep(0.02)
    assert line.writer.transport.is_closing(), "also while something comes"


async def no_hello(line: Line) -> None:
    """A whole WebSocket that never says to which session it wants."""
    await line.send(UPGRADE + b"\r\n")


async def good_bye(line: Line) -> None:
    """One that was refused, and stays."""
    await line.send(UPGRADE + b"\r\n")
    await line.reader.read(100)
    text = b'40/live,{"code":"NOSUCH"}'
    await line.send(bytes([0x81, 0x80 | len(text)]) + bytes(4) + text)


@pytest.mark.usefixtures("hasty", "at_once")
@pytest.mark.parametrize(
    "attack",
    [nothing, half_a_head, half_a_handshake, half_a_body, drops, line_breaks, no_hello, good_bye],
    ids=lambda attack: attack.__name__,
)
async def test_a_line_that_never_says_what_it_wants_is_ended(attack: Callable[[Line], Awaitable[None]]) -> None:
    async with hall() as room:
        line = await Line.to(room)
        await attack(line)
        await line.rest()
        line.close()


@pytest.mark.usefixtures("hasty")
async def test_who_was_in_and_said_good_bye_keeps_no_line() -> None:
    async with hall() as room:
        code = await room.session()
        (phone,) = await silent(room, code, 1)
        phone.send("41/live,")
        await until(lambda: phone.is_gone)
        assert not room.live.server.eio.sockets


@pytest.mark.usefixtures("hasty")
async def test_who_takes_no_answer_keeps_no_line(tmp_path: Any) -> None:
    """Neither while it is being sent, nor once it lies in the buffers and the server would end the line by itself."""
    page = b"x" * 8_000_000

    async def large(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"8000000")]})
        await send({"type": "http.response.body", "body": page})

    async with hall(app=large) as room:
        line = await Line.to(room)
        line.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await line.send(b"GET / HTTP/1.1\r\nHost: hall.test\r\n\r\n")
        await until(lambda: room.connections)
        await until(lambda: not room.connections)
        line.close()


@pytest.mark.usefixtures("hasty")
async def test_those_who_are_in_are_not_hurried() -> None:
    """Longer than all of these times, by WebSocket and by polling: nobody is ended."""
    async with hall() as room:
        code = await room.session()
        clients = [await Client(room.url, code).open([way]) for way in ("websocket", "polling")]
        await asyncio.sleep(1)
        for client in clients:
            assert client.sio.connected
            assert (await client.do("Join"))["ok"]
        await clients[0].close()
    await asyncio.wait_for(clients[1].sio.wait(), 10)  # its open poll ends with the server


@pytest.mark.parametrize(
    "head",
    [
        GET + b"X-Large: " + b"x" * 100_000 + b"\r\n\r\n",
        GET + b"X-Many: 1\r\n" * 10_000 + b"\r\n",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: hall.test\r\n\r\n",
        UPGRADE + b"X-Large: " + b"x" * 100_000 + b"\r\n\r\n",
        GET + b"X-Endless: " + b"x" * 400_000,
    ],
    ids=["one", "many", "address", "handshake", "endless"],
)
async def test_the_head_of_a_request_has_a_size(head: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async with hall() as room:
        line = await Line.to(room)
        await line.send(head)
        answer = await line.rest()
        assert answer.startswith(b"HTTP/1.1 431 ") or not answer, "it was ended before it had sent all"
        assert not caplog.records, "no stranger fills the log"
        line.close()


async def test_what_browsers_send_is_no_large_head() -> None:
    """Ten cookies of four kilobytes would not fit anywhere; a staff cookie full of links, and an address, do."""
    async with hall() as room:
        line = await Line.to(room)
        await line.send(GET + b"Cookie: " + b"x" * 16_000 + b"\r\n\r\n")
        assert b"200 OK" in await line.reader.read(100)
        line.close()


@pytest.fixture
def few_lines(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(descriptors, "lines", lambda: 40)
    return 40


async def test_idle_lines_never_take_all_that_the_system_gives(few_lines: int) -> None:
    """Whoever has most of them loses the oldest; who is in, and who comes, has one."""
    async with hall() as room:
        code = await room.session()
        desk, anna = await desk_of(room, code), await joined(room, code)
        crowd = []
        for turn in range(3 * few_lines):
            line = await Line.to(room)
            crowd.append(line)
            await line.send(UPGRADE + b"\r\n" if turn % 2 else GET)
        await asyncio.sleep(0.2)
        assert len(room.connections) <= few_lines
        bert = await joined(room, code)
        for client in (desk, anna, bert):
            assert client.sio.connected
            await client.close()
        for line in crowd:
            line.close()


def test_some_descriptors_are_left_for_everything_else() -> None:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert 0 < descriptors.lines() < soft


def test_whoever_comes_and_goes_under_ever_new_names_fills_no_memory() -> None:
    here = Presence()
    here.came("anna", 0, "party")
    here.went("anna", 1, known=True)
    for turn in range(10_000):
        here.came(f"stranger-{turn}", turn, "party")
        here.went(f"stranger-{turn}", turn, known=False)
    assert len(here.seen) == len(here.parties) == PASSING + 1
    assert "anna" in here.seen
    assert here.reached >= PASSING


# --- codes that are tried


PAGES = ("/j/{}", "/s/{}", "/sheet/{}", "/?code={}", "POST /auth/screen/{}", "socket")


async def came(room: Hall, http: aiohttp.ClientSession, way: str, code: str, address: str) -> bool:
    """Whether somebody at this address learns by this way that there is such a session."""
    headers = {"X-Forwarded-For": address}
    if way == "socket":
        sio = socketio.AsyncClient(reconnection=False)
        try:
            await sio.connect(room.url, headers, {"code": code}, ["websocket"], namespaces=["/live"])
        except socketio.exceptions.ConnectionError:
            return False
        await sio.disconnect()
        return True
    method, _, path = way.rpartition(" ")
    ask = http.request(method or "GET", room.url + path.format(code), headers=headers, allow_redirects=False)
    async with ask as answer:
        assert answer.status in (200, 303, 429), await answer.text()
        return answer.status != 429


@pytest.mark.parametrize("way", PAGES)
async def test_right_codes_are_not_tried_by_the_hundred(way: str) -> None:
    """Thirty different ones a minute, by whatever way. Other addresses, and those who belong, are not slowed."""
    pages = FastAPI()
    async with hall(app=pages) as room, aiohttp.ClientSession() as http:
        assets = Assets()
        light.add(pages, room.lobby, assets)
        sheet.add(pages, room.lobby, assets)
        access.add(pages, room.lobby)
        codes = [await room.session() for _ in range(40)]
        tried = [await came(room, http, way, code, "203.0.113.9") for code in codes]
        assert tried == [True] * 30 + [False] * 10
        assert await came(room, http, way, codes[0], "203.0.113.9")
        assert await came(room, http, way, codes[-1], "203.0.113.10")
        for other in PAGES:
            assert not await came(room, http, other, codes[-1], "203.0.113.9"), "by no other way either"
        anna = await joined(room, codes[-1])
        await anna.close()
        anna.address = "203.0.113.9"
        await anna.open()
        await anna.close()


async def test_a_hall_of_thousands_behind_one_address_is_never_slowed() -> None:
    """And beyond that it is asked to come a little later."""
    clock = ManualClock()
    limits = Limits(clock)
    for _ in range(5000):
        limits.visit("203.0.113.9", "one session")
    newcomers = Shares(Rates().newcomers)
    assert not any(newcomers.take("203.0.113.9", 1) for _ in range(3000))
    assert 0 < newcomers.take("203.0.113.9", 1) < 1
    assert newcomers.take("203.0.113.10", 1) == 0


def test_whoever_has_a_network_of_addresses_is_one() -> None:
    assert network("2001:db8:1:2::1") == network("2001:db8:1:2:ffff::9") != network("2001:db8:1:3::1")
    assert network("203.0.113.9") != network("203.0.113.10")
    assert network("::ffff:203.0.113.9") == network("203.0.113.9")
    assert network("no address") == "no address"
    limits = Limits(ManualClock())
    for turn in range(20):
        limits.wrong(f"2001:db8::{turn:x}")
    with pytest.raises(Refused):
        limits.wrong("2001:db8::ffff")
