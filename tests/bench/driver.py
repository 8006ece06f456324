"""The load: people by the thousand in a few processes, and what they saw, put together.

Each process joins its share of the people and waits for the start; then each posts or votes its share. A phone saw an
idea with the first frame whose number is at least the idea's.
"""

import asyncio
import multiprocessing
import os
import random
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Literal

from facilitate.live import descriptors
from tests.bench.phones import FULL, Phone, connect, join

TEXT = "an idea of the usual length, as people write them on cards"


@dataclass(frozen=True)
class Load:
    """`rate` posts a second for `seconds`; or everybody casts one ballot within `seconds`."""

    port: int
    codes: Sequence[str]
    people: int
    rate: float = 0.0
    seconds: float = 6.0
    act: Literal["post", "vote", "watch"] = "post"
    round: str = ""
    choices: dict[str, int] = field(default_factory=dict)


@dataclass
class Seen:
    """What one process saw. `posts` are (session, number, sent, answered), `frames` of each phone (session, frames)."""

    posts: list[tuple[int, int, float, float]] = field(default_factory=list)
    frames: list[tuple[int, list[tuple[int, float]]]] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    joined: list[float] = field(default_factory=list)
    gaps: int = 0
    lost: int = 0
    doubled: int = 0
    bytes: int = 0
    cpu: float = 0.0


def process(load: Load, share: range, core: int | None, pipe: Connection) -> None:
    if core is not None:
        os.sched_setaffinity(0, {core})
    descriptors.allowed(65_536)
    asyncio.run(_run(load, share, pipe))


async def _run(load: Load, share: range, pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    seen = Seen()
    phones: list[tuple[int, Phone]] = []
    for start in range(0, len(share), 100):
        batch = [(number % len(load.codes), number % FULL == 0) for number in share[start : start + 100]]
        began = time.perf_counter()
        made = await asyncio.gather(
            *(join(load.port, {"code": load.codes[session]}, full=full) for session, full in batch)
        )
        seen.joined += [await phone.welcomed - began for phone in made]
        phones += [(session, phone) for (session, _), phone in zip(batch, made, strict=True)]
    pipe.send("joined")
    start_at: float = await loop.run_in_executor(None, pipe.recv)
    for _, phone in phones:
        phone.frames.clear()
        phone.bytes = 0
    cpu = time.process_time()
    waiting: list[tuple[int, float, Any]] = []
    count = len(phones) if load.act == "vote" else round(load.rate * load.seconds * len(share) / load.people)
    if load.act == "watch":
        count = 0
    chance = random.Random(share.start)
    for turn in range(count):
        due = start_at + (turn + chance.random()) * load.seconds / count
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        session, phone = phones[turn] if load.act == "vote" else chance.choice(phones)
        sent = time.perf_counter()
        if load.act == "vote":
            answer = phone.do("CastBallot", round=load.round, rev=1, choices=load.choices)
        else:
            answer = phone.do("PostIdea", phase="collect", text=f"{TEXT} {turn}")
        waiting.append((session, sent, answer))
    for session, sent, answer in waiting:
        at, what = await asyncio.wait_for(answer, 60)
        if what["ok"]:
            seen.posts.append((session, what["seq"], sent, at))
        else:
            key = what["error"]["key"]
            seen.refused[key] = seen.refused.get(key, 0) + 1
    pipe.send(
        [max((seq for s, seq, *_ in seen.posts if s == session), default=0) for session in range(len(load.codes))]
    )
    last: list[int] = await loop.run_in_executor(None, pipe.recv)
    patience = time.perf_counter() + 30
    while time.perf_counter() < patience and load.act == "post":
        if all(phone.seq >= last[session] for session, phone in phones):
            break
        await asyncio.sleep(0.1)
    seen.cpu = time.process_time() - cpu
    for session, phone in phones:
        seen.frames.append((session, phone.frames))
        seen.gaps += phone.gaps
        seen.bytes += phone.bytes
        seen.doubled += sum(number - 1 for number in phone.ids.values())
        seen.lost += phone.seq < last[session] if load.act == "post" else 0
        phone.close()
    pipe.send(seen)


@dataclass(frozen=True)
class Figures:
    """Milliseconds from post to seen and from post to answered; the driver's own share of its cores."""

    people: int
    seen: tuple[float, float, float]
    acked: tuple[float, float, float]
    joined: float
    lost: int
    doubled: int
    gaps: int
    refused: dict[str, int]
    bytes_per_phone: int
    server_cpu: float
    server_mb: float
    driver_share: float


def run(load: Load, server: int, *, processes: int = 2, core: int | None = 1) -> Figures:
    """Put the load on the server with this process id; every process of the driver on `core`, if one is given."""
    context = multiprocessing.get_context("spawn")
    shares = [range(n * load.people // processes, (n + 1) * load.people // processes) for n in range(processes)]
    pipes, workers = [], []
    for share in shares:
        ours, theirs = context.Pipe()
        worker = context.Process(target=process, args=(load, share, core, theirs), daemon=True)
        worker.start()
        pipes.append(ours)
        workers.append(worker)
    for pipe in pipes:
        assert pipe.recv() == "joined"
    time.sleep(1.5)
    cpu = cpu_of(server)
    began = time.perf_counter() + 0.5
    for pipe in pipes:
        pipe.send(began)
    lasts = [pipe.recv() for pipe in pipes]
    last = [max(numbers) for numbers in zip(*lasts, strict=True)]
    for pipe in pipes:
        pipe.send(last)
    results: list[Seen] = [pipe.recv() for pipe in pipes]
    took = time.perf_counter() - began
    spent = cpu_of(server) - cpu
    memory = memory_of(server)
    for worker in workers:
        worker.join(10)
    return together(load, results, spent, memory, sum(result.cpu for result in results) / took)


def together(load: Load, results: list[Seen], cpu: float, memory: float, share: float) -> Figures:
    posts = [post for result in results for post in result.posts]
    latencies: list[float] = []
    for result in results:
        for session, frames in result.frames:
            numbers = [number for number, _ in frames]
            for of, number, sent, _ in posts:
                if of != session or load.act != "post":
                    continue
                at = bisect_left(numbers, number)
                if at < len(frames):
                    latencies.append(frames[at][1] - sent)
    refused: dict[str, int] = {}
    for result in results:
        for key, number in result.refused.items():
            refused[key] = refused.get(key, 0) + number
    return Figures(
        people=load.people,
        seen=spread(latencies),
        acked=spread([at - sent for _, _, sent, at in posts]),
        joined=spread([value for result in results for value in result.joined])[1],
        lost=sum(result.lost for result in results),
        doubled=sum(result.doubled for result in results),
        gaps=sum(result.gaps for result in results),
        refused=refused,
        bytes_per_phone=sum(result.bytes for result in results) // load.people,
        server_cpu=cpu,
        server_mb=memory,
        driver_share=share,
    )


def spread(values: list[float]) -> tuple[float, float, float]:
    """p50, p95, p99 in milliseconds; -1 where there is nothing."""
    if not values:
        return -1.0, -1.0, -1.0
    ordered = sorted(values)
    p50, p95, p99 = (1000 * ordered[min(len(ordered) - 1, int(len(ordered) * part))] for part in (0.5, 0.95, 0.99))
    return p50, p95, p99


def cpu_of(process: int) -> float:
    """CPU seconds of a process so far, its threads included."""
    with open(f"/proc/{process}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(process: int) -> float:
    """Megabytes resident."""
    with open(f"/proc/{process}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) / 1000 for line in status if line.startswith("VmRSS"))


async def desk(port: int, code: str, token: str) -> Phone:
    """A facilitator's connection."""
    phone = await connect(port, {"code": code, "token": token}, full=True)
    await phone.welcomed
    return phone
