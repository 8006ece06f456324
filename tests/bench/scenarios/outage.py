"""The hall's network is gone for a while and comes back: how long until every phone holds everything again?

Nothing tells the server: the phones just no longer read. Meanwhile a few on another network go on posting. Each phone
tries again as `assets/wire.js` does it, so that they come back spread over its longest pause.
"""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from tests.bench.driver import PROCESSES, Meeting, cost, play, settled, until
from tests.bench.phones import Phone, come_back, join
from tests.bench.posts import Post, reached, written, wrong
from tests.bench.scenarios import Scenario, Size
from tests.bench.servers import Server, ours
from tests.bench.table import Row

RATE = 10.0  # posts a second
POSTERS = 5  # in each process, on another network
AFTER = 5.0  # seconds of posts while the phones come back
FIRST, LONGEST = 0.3, 3.0  # seconds: reconnectionDelay and reconnectionDelayMax of live.js
AT_ONCE = 100


@dataclass(frozen=True)
class Outage:
    server: Server
    seconds: float
    quiet: float


@dataclass
class Seen:
    """`whole`: seconds from the return of the network until a phone held all that was there by then."""

    whole: list[float] = field(default_factory=list)
    lost: int = 0
    doubled: int = 0
    posts: int = 0
    gaps: int = 0
    bytes: int = 0


def lost_network(size: Size) -> Iterator[Row]:
    people, seconds = size(1000, 40), size(30, 2)
    with ours() as server:
        results, marks = play(part, Outage(server, seconds, size.quiet), people, server.process)
    whole = sorted(value for result in results for value in result.whole)
    yield Row(
        what=f"{people:,} phones, no network for {seconds} s, {RATE:.0f} posts/s",
        people=people,
        lost=sum(result.lost for result in results),
        doubled=sum(result.doubled for result in results),
        gaps=sum(result.gaps for result in results),
        bytes_per_phone=sum(result.bytes for result in results) // people,
        besides={
            "posts": sum(result.posts for result in results),
            "half whole after s": round(whole[len(whole) // 2], 2),
            "last whole after s": round(whole[-1], 2),
        },
        **cost(marks, "back", "seen"),
    )


async def part(outage: Outage, share: range, meet: Meeting) -> Seen:
    port, code = outage.server.port, outage.server.codes[0]
    phones: list[Phone] = []
    for first in range(0, len(share), AT_ONCE):
        phones += await asyncio.gather(*(join(port, {"code": code}, full=True) for _ in share[first : first + AT_ONCE]))
    posters = [await join(port, {"code": code}, full=False) for _ in range(POSTERS)]
    start = await settled(meet, outage.quiet)
    chance = random.Random(share.start)
    lasts = outage.seconds + min(AFTER, outage.seconds)
    posting = asyncio.create_task(written(posters, chance, round(RATE * lasts / PROCESSES), start, lasts))
    await until(start)
    for phone in phones:
        phone.stall()
    await until(start + outage.seconds)
    there = max(await meet("back", max(poster.seq for poster in posters)))
    back = start + outage.seconds
    phones = await asyncio.gather(*(returned(port, phone, back, outage.seconds) for phone in phones))
    posted = await posting
    posts: list[Post] = list(chain(*await meet("answered", posted)))
    last = max(post.number for post in posts)
    await asyncio.gather(*(reached(phone, last) for phone in phones))
    await meet("seen")
    seen = Seen()
    for phone in phones:
        lost, doubled = wrong(phone, posts)
        seen.lost += lost
        seen.doubled += doubled
        seen.gaps += phone.gaps
        seen.bytes += phone.bytes
        seen.whole.append(await reached(phone, there) - back)
        phone.close()
    seen.posts = len(posted)
    return seen


async def returned(port: int, phone: Phone, back: float, lasted: float) -> Phone:
    """Tries from the loss on, each time after the pause of `retry` in wire.js; the first try after `back` succeeds."""
    at, attempts = back - lasted, 0
    while at < back:
        at += min(LONGEST, FIRST * 2**attempts) * (0.5 + random.random())
        attempts += 1
    await until(at)
    return await come_back(port, phone)


SCENARIOS = [Scenario("all lose the network for 30 s", "all whole within 10 s, none lost or doubled", lost_network)]
