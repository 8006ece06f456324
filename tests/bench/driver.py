"""The driver: a part that is played in a few processes at once, and what it cost the server and the driver itself.

A part is `async (task, share, meet) -> what it saw`: `share` are the numbers of the people that this process plays,
`await meet(name, said)` waits until all processes are there and returns what each of them said. The server's figures
are taken at every meeting.
"""

import asyncio
import multiprocessing
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from facilitate.live import descriptors
from tests.bench import servers

PROCESSES = 2
CORE = 1
DONE = "done"


@dataclass(frozen=True)
class Mark:
    """Seconds, CPU seconds of the server, the driver and all that ran on their two cores; the server's megabytes
    resident and open sockets."""

    at: float
    cpu: float
    driver: float
    all: float
    mb: float
    sockets: int


class Meeting:
    """Where the processes wait for one another."""

    def __init__(self, pipe: Connection) -> None:
        self.pipe = pipe

    async def __call__(self, name: str, said: Any = None) -> list[Any]:
        self.pipe.send((name, said))
        heard: list[Any] = await asyncio.get_running_loop().run_in_executor(None, self.pipe.recv)
        return heard


Part = Callable[[Any, range, Meeting], Awaitable[Any]]


def play(part: Part, task: Any, people: int, server: int) -> tuple[list[Any], dict[str, Mark]]:
    """(what each process saw, the marks of every meeting and of the end). `server` is its process id."""
    context = multiprocessing.get_context("spawn")
    pipes: list[Connection] = []
    workers = []
    for number in range(PROCESSES):
        share = range(number * people // PROCESSES, (number + 1) * people // PROCESSES)
        ours, theirs = context.Pipe()
        worker = context.Process(target=_process, args=(part, task, share, theirs), daemon=True)
        worker.start()
        theirs.close()  # so that the end of a process is the end of its pipe
        pipes.append(ours)
        workers.append(worker)
    marks: dict[str, Mark] = {}
    while True:
        messages = [pipe.recv() for pipe in pipes]
        (name,) = {name for name, _ in messages}
        marks[name] = Mark(
            time.perf_counter(),
            cpu_of(server),
            sum(cpu_of(worker.pid or 0) for worker in workers),
            busy(),
            memory_of(server),
            sockets_of(server),
        )
        said = [what for _, what in messages]
        for pipe in pipes:
            pipe.send(said if name != DONE else None)
        if name == DONE:
            for worker in workers:
                worker.join(10)
            return said, marks


def _process(part: Part, task: Any, share: range, pipe: Connection) -> None:
    os.sched_setaffinity(0, {CORE} & os.sched_getaffinity(0) or os.sched_getaffinity(0))
    descriptors.allowed(65_536)
    asyncio.run(_play(part, task, share, Meeting(pipe)))


async def _play(part: Part, task: Any, share: range, meet: Meeting) -> None:
    await meet(DONE, await part(task, share, meet))


async def settled(meet: Meeting, quiet: float) -> float:
    """After a pause (seconds), so that the server is done with the joining: the time at which all begin."""
    await meet("joined")
    await asyncio.sleep(quiet)
    return float(max(await meet("began", time.perf_counter()))) + 0.2


async def until(at: float) -> None:
    await asyncio.sleep(max(0.0, at - time.perf_counter()))


def cost(marks: Mapping[str, Mark], start: str = "began", end: str = DONE) -> dict[str, Any]:
    """The fields of a row that tell of the server, the driver and whatever else ran, between two meetings."""
    first, last = marks[start], marks[end]
    took = max(0.001, last.at - first.at)
    server, driver = last.cpu - first.cpu, last.driver - first.driver
    return {
        "server_cpu": server,
        "server_mb": last.mb,
        "driver_share": driver / took,
        "others_share": max(0.0, last.all - first.all - server - driver) / took,
    }


def cpu_of(process: int) -> float:
    """CPU seconds of a process so far, its threads included."""
    with open(f"/proc/{process}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def busy() -> float:
    """CPU seconds so far of the cores of the server and the driver, whoever used them."""
    cores = (f"cpu{servers.CORE} ", f"cpu{CORE} ")
    with open("/proc/stat", encoding="ascii") as stat:
        times = [[int(field) for field in line.split()[1:9]] for line in stat if line.startswith(cores)]
    idle = 3, 4  # idle, and waiting for the disk
    return sum(sum(of) - sum(of[at] for at in idle) for of in times) / os.sysconf("SC_CLK_TCK")


def memory_of(process: int) -> float:
    """Megabytes resident."""
    with open(f"/proc/{process}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) / 1000 for line in status if line.startswith("VmRSS"))


def sockets_of(process: int) -> int:
    """How many sockets a process has open."""
    folder = f"/proc/{process}/fd"
    found = 0
    for name in os.listdir(folder):
        try:
            found += os.readlink(f"{folder}/{name}").startswith("socket:")
        except FileNotFoundError:
            continue  # closed while we looked
    return found
