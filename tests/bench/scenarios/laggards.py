"""Some phones stop reading while long ideas come: what do the others notice, and when are those few whole again?

Their kernels keep 4 kB, so the server soon meets a full buffer. Each gets fewer frames then, and larger ones. One of
them stalls for so long that the server gives it up: it has to come again.
"""

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from statistics import median

from tests.bench.driver import PROCESSES, Meeting, cost, play, settled, until
from tests.bench.phones import FULL, Phone, come_back, join
from tests.bench.posts import Post, reached, seen_after, written, wrong
from tests.bench.scenarios import Scenario, Size
from tests.bench.servers import Server, ours
from tests.bench.table import Row, spread

BUFFER = 4096  # bytes
TEXT = "An idea as long as people hardly ever write one on a card, and still somewhat longer than that. " * 4
AT_ONCE = 100
PING = (25.0, 20.0)  # seconds between two pings, and for the answer: Engine.IO's own


@dataclass(frozen=True)
class Stall:
    """Of every `one_in` phones one stalls for `seconds`; 0: none. The very first is given up after `given_up`."""

    server: Server
    one_in: int
    text: str
    rate: float
    seconds: float
    given_up: float
    quiet: float


@dataclass
class Seen:
    """`posts` are (number, sent), `frames` those of the phones that read all the time.

    `of_laggards`: how many frames each of them got; `whole`: seconds from its reading on until it held everything;
    `again`: of the one that was given up, from its coming again.
    """

    posts: list[tuple[int, float]] = field(default_factory=list)
    frames: list[list[tuple[int, float]]] = field(default_factory=list)
    of_laggards: list[int] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    again: float = 0.0
    lost: int = 0
    doubled: int = 0
    gaps: int = 0


def lagging(size: Size) -> Iterator[Row]:
    people, one_in, seconds = size(1000, 40), size(20, 4), size(30, 1)
    ping = (1.5, 1.5) if size.short else PING
    # Short: fewer bytes would never fill the buffers.
    text, rate = (TEXT, 50) if not size.short else ("\N{ELECTRIC LIGHT BULB}" * 480, 100)
    slower: list[float] = []
    for _ in range((size.runs + 1) // 2 if not size.short else 1):
        rows: list[Row] = []
        for some in (one_in,) if size.short else (0, one_in):
            with ours(longest=500, ping=ping) as server:
                rows.append(stalled(people, Stall(server, some, text, rate, seconds, 2 * sum(ping), size.quiet)))
            yield rows[-1]
        usual, late = rows[0].seen, rows[-1].seen
        if usual and late:
            slower.append(late[1] / usual[1])
    if not size.short:
        besides = {"p95": round(median(slower), 2), "pairs": len(slower)}
        yield Row(what="p95 of the others beside laggards, x without", besides=besides)


def stalled(people: int, stall: Stall) -> Row:
    results, marks = play(part, stall, people, stall.server.process)
    posts = [post for result in results for post in result.posts]
    frames = [frames for result in results for frames in result.frames]
    besides: dict[str, float] = {"MB before": round(marks["began"].mb), "MB after": round(marks["posted"].mb)}
    if stall.one_in:
        few = [number for result in results for number in result.of_laggards]
        whole = [value for result in results for value in result.whole]
        assert median(few) < median(len(some) for some in frames), "the laggards missed nothing: they did not lag"
        besides |= {
            "frames of a laggard": median(few),
            "of another": median(len(some) for some in frames),
            "laggards": len(few),
            "last of them whole after s": round(max(whole), 2),
            "given up, whole after s": round(max(result.again for result in results), 2),
            "sockets left of it": marks["gone"].sockets - marks["began"].sockets + 1,
        }
    stalls = f"1 in {stall.one_in} stalls" if stall.one_in else "none stalls"
    latencies = [value for phone in frames for value in seen_after(phone, posts)]
    return Row(
        what=f"{people:,} phones, {stall.rate:.0f} long posts/s, {stalls}",
        people=people,
        seen=spread(latencies),
        lost=sum(result.lost for result in results),
        doubled=sum(result.doubled for result in results),
        gaps=sum(result.gaps for result in results),
        besides=besides,
        **cost(marks, end="posted"),
    )


async def part(stall: Stall, share: range, meet: Meeting) -> Seen:
    port, code = stall.server.port, stall.server.codes[0]
    others: list[Phone] = []
    laggards: list[Phone] = []
    for first in range(0, len(share), AT_ONCE):
        some = share[first : first + AT_ONCE]
        lags = [bool(stall.one_in) and number % stall.one_in == 0 for number in some]
        made = await asyncio.gather(
            *(
                join(port, {"code": code}, full=late or number % FULL == 1, buffer=BUFFER if late else 0)
                for number, late in zip(some, lags, strict=True)
            )
        )
        for phone, late in zip(made, lags, strict=True):
            (laggards if late else others).append(phone)
    lost = laggards.pop(0) if laggards and share.start == 0 else None
    start = await settled(meet, stall.quiet)
    for phone in [*others, *laggards]:
        phone.frames.clear()
    for phone in [*laggards, *([lost] if lost else [])]:
        phone.stall()
    count = round(stall.rate * stall.seconds / PROCESSES)
    posted = await written(others, random.Random(share.start), count, start, stall.seconds, stall.text)
    posts: list[Post] = list(chain(*await meet("posted", posted)))
    last = max(post.number for post in posts)
    seen = Seen([(post.number, post.sent) for post in posted])
    returned = await asyncio.gather(*(whole_after(port, phone, last) for phone in laggards))
    laggards, seen.whole = [phone for phone, _ in returned], [seconds for _, seconds in returned]
    seen.of_laggards = [len(phone.frames) for phone in laggards]
    await asyncio.gather(*(reached(phone, last) for phone in others))
    if stall.one_in:
        await until(start + stall.given_up)
        await meet("gone")
    if lost is not None:
        began = time.perf_counter()
        lost = await come_back(port, lost)
        seen.again = await reached(lost, last) - began
        laggards.append(lost)
    for phone in [*others, *laggards]:
        missing, doubled = wrong(phone, posts) if phone.full else (int(phone.seq < last), 0)
        seen.lost += missing
        seen.doubled += doubled
        seen.gaps += phone.gaps
        phone.close()
    seen.frames = [phone.frames for phone in others]
    return seen


async def whole_after(port: int, phone: Phone, last: int) -> tuple[Phone, float]:
    """Reads on, or comes again if it was given up; (the phone, seconds until it was whole)."""
    began = time.perf_counter()
    phone.read_on()
    while phone.seq < last and not phone.is_gone:  # noqa: ASYNC110 - a phone has no event for it
        await asyncio.sleep(0.01)
    if phone.is_gone:
        phone = await come_back(port, phone)
    return phone, await reached(phone, last) - began


SCENARIOS = [
    Scenario(
        "50 of 1,000 phones stop reading for 30 s",
        "p95 of the others at most 1.2 x; memory bounded; whole within 2 s of reading on, one given up within 5 s; "
        "none doubled, its socket gone",
        lagging,
    )
]
