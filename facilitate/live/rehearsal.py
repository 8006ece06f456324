"""A rehearsal: simulated participants go through all phases of a session over the real wire, and nothing may be lost.

Every figure is measured by one process with one clock, from the sending of an idea to the fold of a phone that holds
it. So it holds the work of that process too: a thousand phones on one core are slower than a thousand in a hall.
"""

import asyncio
import socket
import sys
import time
from array import array
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import aiohttp
from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from facilitate.live.addresses import addresses
from facilitate.live.chatter import NOTES, TITLES, Chatter
from facilitate.live.phones import Phone, Record, Silent, Turned, Watch

SHARES = {"brainstorm": 4.0, "vote": 3.0, "cluster": 2.0, "discuss": 2.0}  # of the time; any other activity: 1
IDEAS = 3  # that one person writes in a phase, where there is time
RATE = 50.0  # ideas a second of all together, beyond the first of each
AT_ONCE = 25  # phones that connect at the same time
SETTLES = 30.0  # seconds in which all phones must hold what was said last
DESCRIPTORS = 200  # open files besides the phones


class Hindered(Exception):  # noqa: N818
    """A rehearsal that cannot be held. `str()` says why, and what to do."""


class Target(NamedTuple):
    code: str
    url: str
    token: str | None = None  # a facilitator's, where the link carries one


class Spread(Struct, frozen=True):
    """Milliseconds; all 0 where nothing was measured."""

    p50: float
    p95: float
    p99: float
    max: float


class Findings(Struct, frozen=True):
    """`posted` and `ballots` count what was acknowledged. `seen`: from sending an idea to each phone that shows it;
    `revealed`: from turning a board over to each card on each phone; `acked`: from sending to the answer."""

    people: int
    seconds: float
    connected: int
    phases: list[str]
    posted: int
    edited: int
    withdrawn: int
    ballots: int
    seen: Spread
    revealed: Spread
    acked: Spread
    refusals: dict[str, int]
    reconnects: int
    gaps: int
    lost: int  # acknowledged ideas that a phone lacks that should hold them, and ballots
    doubled: int  # ideas and ballots that are there more often than they were sent
    differing: int  # phones whose records are not those of a fresh connection

    @property
    def is_whole(self) -> bool:
        return not (self.lost or self.doubled or self.differing)


def target(where: str, announced: str | None) -> Target:
    """What a code, a join link or a facilitator's link means. Raises `Hindered`."""
    if "/" in where:
        parts = urlsplit(where)
        *_, code = ["", *(part for part in parts.path.split("/") if part)]
        if parts.scheme not in ("http", "https") or not parts.netloc or not code:
            raise Hindered(f"{where} is not a link to a session: give its join link, or its code alone.")
        return Target(unquote(code), f"{parts.scheme}://{parts.netloc}", unquote(parts.fragment) or None)
    if announced is None:
        raise Hindered("No server has run on this data folder: start one with facilitate serve, or give the join link.")
    return Target(where, _near(announced))


def _near(url: str) -> str:
    """The same server by the shortest way, where it is this machine's own."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in ("localhost", "127.0.0.1", *addresses()):
        return url
    near = f"127.0.0.1:{parts.port or 80}"
    with suppress(OSError), socket.create_connection(("127.0.0.1", parts.port or 80), 1):
        return f"http://{near}"
    return url  # it listens on that address alone, or not at all


async def rehearse(
    url: str, code: str, owner_token: str, *, people: int, seconds: float, quiet: bool, seed: int = 1
) -> Findings:
    """Play all phases within about `seconds`; connecting and comparing come on top. Raises `Hindered`."""
    _allow_files(people)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        play = Play(url, code, owner_token, http, Random(seed))
        try:
            await play.enter(people)
            with _told_on_the_way(play, seconds, quiet) as step:
                await play.run(seconds, step)
            return await play.findings()
        except Silent:
            raise Hindered(f"The server at {url} does not answer: see that it runs, and try again.") from None
        finally:
            await play.leave()


def _allow_files(people: int) -> None:
    """Every phone is an open file, twice as many while they are compared with fresh ones."""
    try:
        import resource
    except ImportError:
        return
    needed = people + AT_ONCE + DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        most = hard - AT_ONCE - DESCRIPTORS
        raise Hindered(f"This system allows {hard} open files: take at most --people {most}, or raise ulimit -n.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
