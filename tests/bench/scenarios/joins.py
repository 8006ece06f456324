"""A hall comes in from one address: the page with all that it needs, the socket, and a welcome with 300 ideas.

Every phone comes for the first time: it asks for the HTML and for each file that the HTML names, over as many
connections as a browser opens, and connects when it has them.
"""

import asyncio
import gzip
import random
import re
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import aiohttp

from tests.bench.driver import Meeting, cost, play, settled, until
from tests.bench.phones import FULL, Phone, connect
from tests.bench.scenarios import Scenario, Size
from tests.bench.servers import Server, ours
from tests.bench.table import Row, spread

IDEAS = 300
FILES = re.compile(r'(?:src|href)="(/a/[^"]+)"')
CONNECTIONS = 6  # that a browser opens to one host
PATIENCE = 60.0  # seconds


@dataclass(frozen=True)
class Door:
    server: Server
    seconds: float
    ideas: int
    quiet: float


@dataclass
class Come:
    """Seconds from asking for the page to its coming, and to the welcome; who was refused; bytes of all."""

    pages: list[float] = field(default_factory=list)
    welcomes: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    lost: int = 0
    doubled: int = 0


def entering(name: str, people: int, seconds: int) -> Scenario:
    def rows(size: Size) -> Iterator[Row]:
        with ours(pages=True) as server:
            ideas, crowd = size(IDEAS, 30), size(people, 20)
            server.seed(ideas)
            results, marks = play(part, Door(server, size(seconds, 1), ideas, size.quiet), crowd, server.process)
        welcomes = spread([value for result in results for value in result.welcomes])
        pages = spread([value for result in results for value in result.pages])
        yield Row(
            what=name,
            people=crowd,
            lost=sum(result.lost for result in results),
            doubled=sum(result.doubled for result in results),
            refused=dict(sum((result.refused for result in results), Counter[str]())),
            bytes_per_phone=sum(result.bytes for result in results) // crowd,
            besides={
                f"{what} p{part} ms": round(value)
                for what, values in (("page", pages), ("welcome", welcomes))
                for part, value in zip((50, 95, 99), values or (), strict=False)
            },
            **cost(marks),
        )

    return Scenario(name, "none refused, p95 from asking for the page to the welcome below 1 s", rows)


async def part(door: Door, share: range, meet: Meeting) -> Come:
    start = await settled(meet, door.quiet)
    chance = random.Random(share.start)
    come = Come()
    visits = [visit(door, start + chance.random() * door.seconds, number, come) for number in share]
    phones = [phone for phone in await asyncio.gather(*visits) if phone is not None]
    for phone in phones:
        come.bytes += phone.bytes
        if phone.full:
            phone.read()
            come.lost += max(0, door.ideas - len(phone.ids))
            come.doubled += sum(number - 1 for number in phone.ids.values())
        phone.close()
    return come


async def visit(door: Door, at: float, number: int, come: Come) -> Phone | None:
    """One phone, from the scan of the code to its welcome; None if it was turned away."""
    url, code = f"http://127.0.0.1:{door.server.port}", door.server.codes[0]
    await until(at)
    began = time.perf_counter()
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    try:
        async with aiohttp.ClientSession(url, connector=connector, auto_decompress=False) as http:
            page = await load(http, f"/j/{code}", come)
            come.pages.append(time.perf_counter() - began)
            files = sorted(set(FILES.findall(gzip.decompress(page).decode())))
            await asyncio.gather(*(load(http, path, come) for path in files))
        auth = {"code": code, "join": secrets.token_urlsafe(16)}
        phone = await connect(door.server.port, auth, full=number % FULL == 0)
        come.welcomes.append(await asyncio.wait_for(phone.welcomed, PATIENCE) - began)
    except (OSError, aiohttp.ClientError, TimeoutError) as error:
        come.refused[f"{type(error).__name__}: {error}"[:100]] += 1
        return None
    return phone


async def load(http: aiohttp.ClientSession, path: str, come: Come) -> bytes:
    """A file as it came over the wire; raises where it did not."""
    async with http.get(path, headers={"Accept-Encoding": "gzip"}) as answer:
        answer.raise_for_status()
        body = await answer.read()
    come.bytes += len(body)
    return body


SCENARIOS = [
    entering("300 phones come in 30 s", 300, 30),
    entering("1,000 phones come in 60 s", 1000, 60),
]
