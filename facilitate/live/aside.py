"""What takes long is done aside, in threads, and the event loop goes on meanwhile: nobody waits for another session.

A thread that computes lets the others have their turn every few milliseconds (`TURN`). One thread a kind of work: so
that no crowd of one kind takes the turns of all, and a desk's command waits for no report.
"""

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Literal, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

Kind = Literal["opening", "deciding", "coming", "putting", "drawing"]
MANY = 1000  # ideas of a session, from which on it pays to go aside: less takes no longer than a change of threads
TURN = 0.001  # seconds


async def aside(kind: Kind, work: Callable[P, T], *args: P.args, **fields: P.kwargs) -> T:
    """`work` must touch nothing that the event loop changes: states that are stored never change any more."""
    return await asyncio.get_running_loop().run_in_executor(_thread(kind), lambda: work(*args, **fields))


@cache
def _thread(kind: Kind) -> ThreadPoolExecutor:
    sys.setswitchinterval(TURN)
    return ThreadPoolExecutor(1, thread_name_prefix=kind)
