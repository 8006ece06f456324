"""The facilitator goes on: how soon is the next phase on every phone?"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.bench.driver import Meeting, cost, play, settled, until
from tests.bench.phones import Phone, desk, join
from tests.bench.posts import reached, seen_after
from tests.bench.scenarios import Scenario, Size
from tests.bench.servers import Server, ours
from tests.bench.table import Row, spread

PHASES = ("choose", "collect")
PAUSE = 1.0  # seconds between two changes
AT_ONCE = 100


@dataclass(frozen=True)
class Change:
    server: Server
    changes: int
    quiet: float


@dataclass
class Seen:
    """`changes` are (number, sent, answered), of the process with the desk; `frames` those of each phone."""

    changes: list[tuple[int, float, float]] = field(default_factory=list)
    frames: list[list[tuple[int, float]]] = field(default_factory=list)
    gaps: int = 0


def changing(size: Size) -> Iterator[Row]:
    people = size(1000, 40)
    with ours() as server:
        server.seed(size(20, 5))
        results, marks = play(part, Change(server, size(10, 2), size.quiet), people, server.process)
    changes = [change for result in results for change in result.changes]
    phones = [frames for result in results for frames in result.frames]
    latencies = [value for frames in phones for value in seen_after(frames, [change[:2] for change in changes])]
    yield Row(
        what=f"{people:,} phones, a phase begins ({len(changes)} times)",
        people=people,
        seen=spread(latencies),
        acked=spread([answered - sent for _, sent, answered in changes]),
        lost=people * len(changes) - len(latencies),
        gaps=sum(result.gaps for result in results),
        **cost(marks),
    )


async def part(change: Change, share: range, meet: Meeting) -> Seen:
    server = change.server
    phones: list[Phone] = []
    for first in range(0, len(share), AT_ONCE):
        some = share[first : first + AT_ONCE]
        phones += await asyncio.gather(*(join(server.port, {"code": server.codes[0]}, full=False) for _ in some))
    leads = await desk(server.port, server.codes[0], server.token) if share.start == 0 else None
    start = await settled(meet, change.quiet)
    seen = Seen()
    for turn in range(change.changes):
        await until(start + turn * PAUSE)
        if leads is not None:
            sent = time.perf_counter()
            at, answer = await asyncio.wait_for(leads.do("StartPhase", phase=PHASES[turn % len(PHASES)]), 30)
            assert answer["ok"], answer
            seen.changes.append((answer["seq"], sent, at))
    last = max(await meet("answered", max((number for number, *_ in seen.changes), default=0)))
    await asyncio.gather(*(reached(phone, last) for phone in phones))
    for phone in phones:
        seen.frames.append(phone.frames)
        seen.gaps += phone.gaps
        phone.close()
    return seen


SCENARIOS = [Scenario("a phase change, seen on 1,000 phones", "p95 below 300 ms", changing)]
