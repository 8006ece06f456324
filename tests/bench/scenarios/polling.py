"""Phones behind a proxy that blocks WebSockets, and others that begin with polling and upgrade while ideas come."""

import asyncio
import json
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import aiohttp

from tests.bench.driver import PROCESSES, Meeting, cost, play, settled
from tests.bench.phones import Phone, join
from tests.bench.posts import Post, reached, seen_after, written, wrong
from tests.bench.scenarios import Scenario, Size
from tests.bench.servers import Server, ours
from tests.bench.table import Row, spread

SEPARATOR = b"\x1e"
TEXT = {"Content-Type": "text/plain;charset=UTF-8"}
RATE = 20  # posts a second
PATIENCE = 30.0  # seconds


class Polling(Phone):
    """A phone that asks again and again over HTTP, until it `upgrade`s."""

    def __init__(self, http: aiohttp.ClientSession, port: int, auth: dict[str, Any]) -> None:
        super().__init__(auth, full=True)
        self.http, self.port = http, port
        self.url = f"http://127.0.0.1:{port}/socket.io/?EIO=4&transport=polling"
        self.is_upgraded = False
        self.waiting: deque[str] = deque()
        self.asking: set[asyncio.Task[None]] = set()
        self.probed = asyncio.Event()

    async def enter(self) -> None:
        """Returns when it is welcome."""
        async with self.http.get(self.url) as answer:
            sid = json.loads((await answer.read())[1:])["sid"]
        self.url += f"&sid={sid}"
        self.path += f"&sid={sid}"
        self._later(self._poll())
        Phone.opened(self)
        await asyncio.wait_for(self.welcomed, PATIENCE)

    def _later(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.asking.add(task)
        task.add_done_callback(self.asking.discard)

    async def _poll(self) -> None:
        while not self.is_upgraded:
            async with self.http.get(self.url) as answer:
                answer.raise_for_status()
                body = await answer.read()
            self.bytes += len(body)
            for packet in body.split(SEPARATOR):
                self.hear(packet)

    def send(self, text: str) -> None:
        if self.is_upgraded:
            return super().send(text)
        self.waiting.append(text)
        if len(self.waiting) == 1:
            self._later(self._post())

    async def _post(self) -> None:
        while self.waiting:
            async with self.http.post(self.url, data=self.waiting[0].encode(), headers=TEXT) as answer:
                answer.raise_for_status()
            self.waiting.popleft()

    async def upgrade(self) -> None:
        """As a browser does it: probe the WebSocket, wait for the poll on its way, then leave polling for good."""
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self.port)
        await asyncio.wait_for(self.probed.wait(), PATIENCE)
        self.is_upgraded = True
        while self.asking:
            await asyncio.wait_for(asyncio.wait(set(self.asking)), PATIENCE)
        super().send("5")

    def opened(self) -> None:
        super().send("2probe")

    def hear(self, message: bytes) -> None:
        if message == b"3probe":
            self.probed.set()
        else:
            super().hear(message)

    def close(self) -> None:
        for task in self.asking:
            task.cancel()
        super().close()


@dataclass(frozen=True)
class Halls:
    """How many poll and how many upgrade; whoever comes after them has a WebSocket from the start."""

    server: Server
    polling: int
    upgrading: int
    seconds: float
    quiet: float


@dataclass
class Seen:
    """`kinds`: of which kind each phone is; frames, whether it holds all, and what it lacks or has twice."""

    posts: list[tuple[int, float]]
    phones: list[tuple[str, list[tuple[int, float]], bool, int, int, int]]


def mixed(size: Size) -> Iterator[Row]:
    polling, upgrading, others = size(60, 4), size(60, 4), size(200, 12)
    with ours() as server:
        halls = Halls(server, polling, upgrading, size(20, 2), size.quiet)
        results, marks = play(part, halls, polling + upgrading + others, server.process)
    posts = [post for result in results for post in result.posts]
    for kind in ("long-polling", "upgraded on the way", "WebSocket"):
        mine = [phone for result in results for phone in result.phones if phone[0] == kind]
        yield Row(
            what=f"{len(mine)} phones, {kind}, {RATE} posts/s",
            people=len(mine),
            seen=spread([value for _, frames, *_ in mine for value in seen_after(frames, posts)]),
            lost=sum(phone[3] for phone in mine),
            doubled=sum(phone[4] for phone in mine),
            gaps=sum(phone[5] for phone in mine),
            besides={"whole": sum(phone[2] for phone in mine), "of": len(mine)},
            **cost(marks, end="seen"),
        )


async def part(halls: Halls, share: range, meet: Meeting) -> Seen:
    port, auth = halls.server.port, {"code": halls.server.codes[0]}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        # Every process takes its part of each kind.
        polling, upgrading = (
            [Polling(http, port, auth) for _ in range(number // PROCESSES)]
            for number in (halls.polling, halls.upgrading)
        )
        rest = len(share) - len(polling) - len(upgrading)
        await asyncio.gather(*(phone.enter() for phone in [*polling, *upgrading]))
        others = [await join(port, auth, full=True) for _ in range(rest)]
        start = await settled(meet, halls.quiet)
        count = round(RATE * halls.seconds / PROCESSES)
        writing = asyncio.create_task(written(others, random.Random(share.start), count, start, halls.seconds))
        for one in upgrading:
            await asyncio.sleep(halls.seconds / 2 / len(upgrading))
            await one.upgrade()
        posted = await writing
        posts: list[Post] = list(chain(*await meet("posted", posted)))
        last = max(post.number for post in posts)
        everybody: list[tuple[str, Phone]] = [
            *(("long-polling", phone) for phone in polling),
            *(("upgraded on the way", phone) for phone in upgrading),
            *(("WebSocket", phone) for phone in others),
        ]
        await asyncio.gather(*(reached(phone, last) for _, phone in everybody))
        await meet("seen")
        seen = Seen([(post.number, post.sent) for post in posted], [])
        for kind, phone in everybody:
            lost, doubled = wrong(phone, posts)
            seen.phones.append((kind, phone.frames, not lost and phone.seq >= last, lost, doubled, phone.gaps))
            phone.close()
    return seen


SCENARIOS = [Scenario("60 phones poll, 60 upgrade under load", "60 of 60 and 60 of 60, none lost or doubled", mixed)]
