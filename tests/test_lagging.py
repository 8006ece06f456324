"""Phones that stop reading, that poll, that change their way half through: whole in the end, and nobody waits for them.

The long forms (`-m slow -s`) print figures; no bound here is near them.
"""

import asyncio
import time
from bisect import bisect_left
from collections.abc import Sequence

import aiohttp
import pytest

from facilitate.live import descriptors, direct
from facilitate.live.fanout import PIECE, Connection
from facilitate.live.lobby import PhaseWish
from tests.bench import servers
from tests.bench.driver import cpu_of, memory_of, sockets_of
from tests.bench.phones import Phone, come_back, join
from tests.hall import Client, Hall, hall

LONG = 400  # characters of an idea
WISH = {"collect": PhaseWish(settings={"max_length": LONG})}
BUFFER = 4096  # bytes that the kernel of a lagging phone keeps
PATIENCE = 20.0  # seconds

pytestmark = pytest.mark.server


async def started(room: Hall) -> tuple[str, Client]:
    """The code of a session whose first phase has begun, and its desk."""
    code = await room.session(phases=WISH)
    runner = await room.lobby.find(code)
    desk = await Client(room.url, code, token=await room.lobby.issue(runner.session, "facilitator")).open()
    assert (await desk.do("StartPhase", phase="collect"))["ok"]
    return code, desk


def port_of(room: Hall) -> int:
    return int(room.url.rpartition(":")[2])


async def posted(phones: list[Phone], rate: float, seconds: float) -> list[tuple[int, float]]:
    """Long ideas from these in turn, all accepted: (number, when it was sent)."""
    began = time.perf_counter()
    waiting = []
    for turn in range(round(rate * seconds)):
        await asyncio.sleep(max(0.0, began + turn / rate - time.perf_counter()))
        text = f"{turn} ".ljust(LONG, "x")
        waiting.append((time.perf_counter(), phones[turn % len(phones)].do("PostIdea", phase="collect", text=text)))
    numbers = []
    for sent, answer in waiting:
        _, what = await asyncio.wait_for(answer, PATIENCE)
        assert what["ok"], what
        numbers.append((what["seq"], sent))
    return numbers


async def whole(phones: list[Phone], number: int, seconds: float = PATIENCE) -> float:
    """The seconds until all of these stand at the number."""
    began = time.perf_counter()
    while any(phone.seq < number for phone in phones):
        assert time.perf_counter() - began < seconds, [phone.seq for phone in phones if phone.seq < number]
        await asyncio.sleep(0.01)
    return time.perf_counter() - began


def none_lost_or_doubled(phones: list[Phone], ideas: int) -> None:
    for phone in phones:
        phone.read()
        assert len(phone.ids) == ideas
        assert set(phone.ids.values()) == {1}
        assert not phone.gaps


def connection_of(room: Hall, phone: Phone) -> Connection:
    return next(c for _, _, c in room.live.at.values() if c.actor.id == phone.you["id"])


async def test_phones_that_stop_reading_hold_nobody_up_and_are_whole_when_they_read_on() -> None:
    """5 of 60 stop reading while long ideas come: frames are skipped for them, nothing piles up, none comes twice."""
    async with hall() as room:
        code, desk = await started(room)
        port = port_of(room)
        well = [await join(port, {"code": code}, full=True) for _ in range(55)]
        lagging = [await join(port, {"code": code}, full=True, buffer=BUFFER) for _ in range(5)]
        connections = [connection_of(room, phone) for phone in lagging]
        for phone in lagging:
            phone.stall()
        numbers = await posted(well, 150, 3)
        last = max(number for number, _ in numbers)
        await whole(well, last)
        none_lost_or_doubled(well, len(numbers))
        for connection in connections:
            assert connection.sent < last, "it is behind"
            assert connection.wire is not None
            assert 0 < connection.wire.transport.get_write_buffer_size() <= 2 * PIECE
            assert connection.socket.queue.qsize() <= 2
        for phone in lagging:
            phone.read_on()
        await whole(lagging, last)
        none_lost_or_doubled(lagging, len(numbers))
        # How many frames the others get follows from how busy this machine is; the laggards skip most of those.
        assert max(len(phone.frames) for phone in lagging) < min(len(phone.frames) for phone in well), "skipped"
        for phone in (*well, *lagging):
            phone.close()
        await desk.close()


async def test_a_phone_that_stops_for_too_long_is_let_go_and_comes_back_whole() -> None:
    """Past the time for a ping's answer its line ends, descriptor and all; with its number it gets what it missed."""
    async with hall() as room:
        room.live.server.eio.ping_interval, room.live.server.eio.ping_timeout = 0.5, 1.0
        code, desk = await started(room)
        port = port_of(room)
        well = [await join(port, {"code": code}, full=True) for _ in range(5)]
        phone = await join(port, {"code": code}, full=True, buffer=BUFFER)
        await posted(well, 50, 0.2)
        await whole([phone], well[0].seq)
        connection = connection_of(room, phone)
        assert connection.wire is not None
        line = connection.wire.transport.get_extra_info("socket")
        assert line.fileno() > 0
        phone.stall()
        numbers = await posted(well, 100, 3)
        for _ in range(round(PATIENCE / 0.05)):
            if line.fileno() < 0:
                break
            await asyncio.sleep(0.05)
        assert line.fileno() == -1, "the descriptor is closed"
        assert connection.sid not in room.live.at
        assert len(room.live.at) == 1 + len(well), "the others' lines stand"
        before = phone.seq
        phone = await come_back(port, phone)
        assert before > 0
        await whole([phone, *well], max(number for number, _ in numbers))
        none_lost_or_doubled([phone, *well], len(numbers) + 10)
        for one in (phone, *well):
            one.close()
        await desk.close()


@pytest.mark.parametrize("people", [15, pytest.param(60, marks=pytest.mark.slow)])
@pytest.mark.parametrize("ways", [["polling"], ["polling", "websocket"]], ids=["polling", "upgraded"])
async def test_every_way_of_connecting_loses_nothing_under_load(people: int, ways: list[str]) -> None:
    """Polling, or changing to a WebSocket while frames are on their way: all hold every idea, their own among them."""
    async with hall() as room:
        code, desk = await started(room)
        writers = [await join(port_of(room), {"code": code}, full=False) for _ in range(10)]
        writing = asyncio.create_task(posted(writers, 40, 2 + people / 15))
        phones = [Client(room.url, code) for _ in range(people)]
        await asyncio.gather(*(phone.open(ways) for phone in phones))
        assert {phone.sio.transport() for phone in phones} == {ways[-1]}
        answers = await asyncio.gather(
            *(phone.do("PostIdea", phase="collect", text=f"{number}") for number, phone in enumerate(phones))
        )
        ideas = {answer["id"] for answer in answers if answer["ok"]}
        assert len(ideas) == people
        numbers = await writing
        for phone, answer in zip(phones, answers, strict=True):
            await phone.until(lambda phone=phone: len(phone.all("idea")) == people + len(numbers), 30)  # type: ignore[misc]
            await phone.until(lambda phone=phone, id_=answer["id"]: ("own", id_) in phone.records)  # type: ignore[misc]
            assert ideas <= {idea["id"] for idea in phone.all("idea")}
        assert sum(phone.gaps for phone in phones) == 0
        for writer in writers:
            writer.close()
        await desk.close()
    await asyncio.gather(*(asyncio.wait_for(phone.sio.wait(), 20) for phone in phones))


@pytest.mark.parametrize("breaks", [True, False], ids=["broken", "mute"])
async def test_a_change_to_a_websocket_that_fails_leaves_the_polls_as_they_were(
    breaks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind a proxy that lets the handshake pass, and then breaks the line or nothing through."""
    monkeypatch.setattr(direct, "UPGRADE", 0.5)
    async with hall() as room, aiohttp.ClientSession() as http:
        code, desk = await started(room)
        at = f"{room.url}/socket.io/?EIO=4&transport="
        async with http.get(f"{at}polling") as answer:
            sid = "&sid=" + (await answer.text()).split('"')[3]
        async with http.post(f"{at}polling{sid}", data=f'40/live,{{"code":"{code}"}}') as answer:
            assert answer.status == 200
        socket = await http.ws_connect(f"{at}websocket{sid}")
        if breaks:
            await socket.close()
        heard: list[str] = []
        assert (await desk.do("PostIdea", phase="collect", text="Through the polls"))["ok"]
        async with asyncio.timeout(PATIENCE):
            while "Through the polls" not in "".join(heard):
                async with http.get(f"{at}polling{sid}") as answer:
                    heard.append(await answer.text())
                await asyncio.sleep(0.05)
        async with http.post(f"{at}polling{sid}", data="1") as answer:
            await answer.read()
        await socket.close()
        await desk.close()


def waits(phones: Sequence[Phone], numbers: list[tuple[int, float]]) -> list[float]:
    """Milliseconds from post to seen, of each idea on each of these phones."""
    times = []
    for phone in phones:
        seen = [number for number, _ in phone.frames]
        times += [1000 * (phone.frames[bisect_left(seen, number)][1] - sent) for number, sent in numbers]
    return times


def p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * len(times))]


@pytest.mark.slow
def test_fifty_of_a_thousand_stop_reading_for_half_a_minute() -> None:
    """The server is a process of its own: the others as fast as before, its memory bounded, the fifty whole at once.

    Some of them stop long enough to be let go, and come back. Then five stop for longer than any ping waits.
    """
    descriptors.allowed(10_000)
    with servers.ours(longest=LONG) as server:
        asyncio.run(stopping(server, 950, 50, 20.0, 30.0))


async def stopping(server: servers.Server, many: int, few: int, rate: float, seconds: float) -> None:
    auth = {"code": server.codes[0]}
    well = [await join(server.port, auth, full=number % 50 == 0) for number in range(many)]
    lagging = [await join(server.port, auth, full=True, buffer=BUFFER) for _ in range(few)]
    read = [phone for phone in well if phone.full]
    await asyncio.sleep(2)
    everybody = [*well, *lagging]

    async def calm() -> tuple[list[tuple[int, float]], list[float]]:
        numbers = await posted(well, rate, seconds / 2)
        await whole(everybody, numbers[-1][0])
        return numbers, waits(well, numbers)

    before, calmly = await calm()
    memory, cpu = memory_of(server.process), cpu_of(server.process)
    for phone in everybody:
        phone.frames.clear()
    for phone in lagging:
        phone.stall()
    numbers = await posted(well, rate, seconds)
    last = numbers[-1][0]
    await whole(well, last)
    behind = waits(well, numbers)
    grown, spent = memory_of(server.process) - memory, cpu_of(server.process) - cpu
    for phone in lagging:
        phone.read_on()
    began = time.perf_counter()
    lagging, returned = await back(server.port, lagging, last)
    took = time.perf_counter() - began
    frames = max(len(phone.frames) for phone in lagging)
    everybody, cpu = [*well, *lagging], cpu_of(server.process)
    after, again = await calm()  # on both sides, for a machine that others use too
    usual = 2 * (cpu_of(server.process) - cpu)
    none_lost_or_doubled([*read, *lagging], len(before) + len(numbers) + len(after))

    sockets = sockets_of(server.process)
    for phone in lagging[:5]:
        phone.stall()
    later = await posted(well, rate / 4, 60)
    left = sockets_of(server.process)
    for phone in lagging[:5]:
        phone.read_on()
    began = time.perf_counter()
    lagging, gone = await back(server.port, lagging, later[-1][0])
    late = time.perf_counter() - began
    await whole(well, later[-1][0])
    none_lost_or_doubled([*read, *lagging], len(before) + len(numbers) + len(after) + len(later))
    ratio = p95(behind) / p95(calmly + again)
    print(
        f"\nthe {many}: p95 {p95(calmly):.0f} and {p95(again):.0f} ms before and after, {p95(behind):.0f} ms while "
        f"{few} lag ({ratio:.2f} x), server CPU {spent:.1f} s (else {usual:.1f} s), "
        f"memory {memory:.0f} {grown:+.1f} MB; the {few} whole {took:.1f} s after reading on, "
        f"{returned} of them by coming back, at most {frames} frames for {len(numbers)} ideas; "
        f"5 that lag for a minute: {sockets - left} descriptors closed, {gone} came back, whole after {late:.1f} s"
    )
    assert frames < len(numbers), "frames were skipped"
    assert ratio < 5
    assert grown < few
    assert sockets - left == gone == 5
    for phone in (*well, *lagging):
        phone.close()


async def back(port: int, phones: list[Phone], last: int) -> tuple[list[Phone], int]:
    """All of them at the number, on new connections where the old one has ended; how many those were."""
    deadline = time.perf_counter() + PATIENCE
    phones, returned = list(phones), 0
    while any(phone.seq < last for phone in phones):
        assert time.perf_counter() < deadline, [phone.seq for phone in phones]
        for number, phone in enumerate(phones):
            if phone.transport is None:
                phones[number], returned = await come_back(port, phone), returned + 1
                phones[number].ids.update(phone.ids)
        await asyncio.sleep(0.01)
    return phones, returned
