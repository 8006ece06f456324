"""The usual load: a crowd that posts at a rate, or casts one ballot each. What they saw, put together.

A phone saw an idea with the first frame whose number is at least the idea's.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.bench.driver import Meeting, cost, play, settled, until
from tests.bench.phones import FULL, Phone, join
from tests.bench.posts import TEXT, seen_after
from tests.bench.servers import Server
from tests.bench.table import Row, spread

AT_ONCE = 100  # phones that a process lets in at the same time
PATIENCE = 30.0  # seconds for what is still to come after the last post


@dataclass(frozen=True)
class Load:
    """`rate` posts a second for `seconds`; or everybody casts one ballot within `seconds`. `quiet` seconds before."""

    server: Server
    people: int
    rate: float = 0.0
    seconds: float = 6.0
    act: Literal["post", "vote"] = "post"
    round: str = ""
    choices: Mapping[str, int] = field(default_factory=dict)
    quiet: float = 1.5


@dataclass
class Seen:
    """What one process saw. `posts` are (session, number, sent, answered), `frames` of each phone (session, frames)."""

    posts: list[tuple[int, int, float, float]] = field(default_factory=list)
    frames: list[tuple[int, list[tuple[int, float]]]] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    gaps: int = 0
    lost: int = 0
    doubled: int = 0
    bytes: int = 0


def measure(what: str, load: Load) -> Row:
    """Put the load on; the row of what came of it."""
    results, marks = play(part, load, load.people, load.server.process)
    posts = [post for result in results for post in result.posts]
    refused: Counter[str] = sum((result.refused for result in results), Counter())
    return Row(
        what=what,
        people=load.people,
        seen=spread(_latencies(results, posts)) if load.act == "post" else None,
        acked=spread([at - sent for _, _, sent, at in posts]),
        lost=sum(result.lost for result in results),
        doubled=sum(result.doubled for result in results),
        gaps=sum(result.gaps for result in results),
        refused=dict(refused),
        bytes_per_phone=sum(result.bytes for result in results) // load.people,
        besides={"kB of memory a phone": round(1000 * (marks["seen"].mb - marks["alone"].mb) / load.people)},
        **cost(marks, end="seen"),
    )


async def part(load: Load, share: range, meet: Meeting) -> Seen:
    seen = Seen()
    await meet("alone")
    codes = load.server.codes
    phones: list[tuple[int, Phone]] = []
    for first in range(0, len(share), AT_ONCE):
        batch = [(number % len(codes), number % FULL == 0) for number in share[first : first + AT_ONCE]]
        made = [join(load.server.port, {"code": codes[session]}, full=full) for session, full in batch]
        phones += [(session, phone) for (session, _), phone in zip(batch, await asyncio.gather(*made), strict=True)]
    start = await settled(meet, load.quiet)
    for _, phone in phones:
        phone.frames.clear()
        phone.bytes = 0
    await _act(load, share, phones, start, seen)
    mine = [max((seq for of, seq, *_ in seen.posts if of == session), default=0) for session in range(len(codes))]
    last = [max(numbers) for numbers in zip(*await meet("answered", mine), strict=True)]
    patience = time.perf_counter() + PATIENCE
    while load.act == "post" and time.perf_counter() < patience:
        if all(phone.seq >= last[session] for session, phone in phones):
            break
        await asyncio.sleep(0.1)
    await meet("seen")
    for session, phone in phones:
        phone.read()
        seen.frames.append((session, phone.frames))
        seen.gaps += phone.gaps
        seen.bytes += phone.bytes
        seen.doubled += sum(number - 1 for number in phone.ids.values())
        seen.lost += phone.seq < last[session] if load.act == "post" else 0
        phone.close()
    return seen


async def _act(load: Load, share: range, phones: Sequence[tuple[int, Phone]], start: float, seen: Seen) -> None:
    """Everything is sent at its time, whatever has been answered by then."""
    voting = load.act == "vote"
    count = len(phones) if voting else round(load.rate * load.seconds * len(share) / load.people)
    chance = random.Random(share.start)
    waiting: list[tuple[int, float, Any]] = []
    for turn in range(count):
        await until(start + (turn + chance.random()) * load.seconds / count)
        session, phone = phones[turn] if voting else chance.choice(phones)
        sent = time.perf_counter()
        if voting:
            answer = phone.do("CastBallot", round=load.round, rev=1, choices=load.choices)
        else:
            answer = phone.do("PostIdea", phase="collect", text=f"{TEXT} {turn}")
        waiting.append((session, sent, answer))
    for session, sent, answer in waiting:
        at, what = await asyncio.wait_for(answer, 60)
        if what["ok"]:
            seen.posts.append((session, what["seq"], sent, at))
        else:
            seen.refused[what["error"]["key"]] += 1


def _latencies(results: Sequence[Seen], posts: Sequence[tuple[int, int, float, float]]) -> list[float]:
    """Seconds from each post to each phone that saw it."""
    of: dict[int, list[tuple[int, float]]] = {}
    for session, number, sent, _ in posts:
        of.setdefault(session, []).append((number, sent))
    phones = (phone for result in results for phone in result.frames)
    return [value for session, frames in phones for value in seen_after(frames, of.get(session, ()))]
