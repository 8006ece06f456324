"""Ideas that are posted at a rate, when each phone saw them, and whether it holds each exactly once."""

import asyncio
import os
import random
import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from tests.bench.driver import until
from tests.bench.phones import Phone

TEXT = "an idea of the usual length, as people write them on cards"
PATIENCE = 60.0  # seconds for an answer, or for what is still to come

Frames = Sequence[tuple[int, float]]  # (number, seconds)


class Post(NamedTuple):
    """What was stored: its number, its id, and when it was sent and answered (seconds)."""

    number: int
    id: str
    sent: float
    answered: float


async def written(
    phones: Sequence[Phone], chance: random.Random, count: int, start: float, seconds: float, text: str = TEXT
) -> list[Post]:
    """Post `count` ideas from any of the phones, each at its time, whatever has been answered by then."""
    waiting: list[tuple[str, float, Any]] = []
    for turn in range(count):
        await until(start + (turn + chance.random()) * seconds / count)
        id_, sent = os.urandom(12).hex(), time.perf_counter()
        answer = chance.choice(phones).do("PostIdea", id=id_, phase="collect", text=f"{text} {turn}")
        waiting.append((id_, sent, answer))
    posts = []
    for id_, sent, coming in waiting:
        answered, answer = await asyncio.wait_for(coming, PATIENCE)
        assert answer["ok"], answer
        posts.append(Post(answer["seq"], id_, sent, answered))
    return posts


def seen_after(frames: Frames, posts: Iterable[tuple[int, float]]) -> list[float]:
    """Seconds from the sending of each (number, sent) to the first frame of at least that number."""
    numbers = [number for number, _ in frames]
    found = ((bisect_left(numbers, number), sent) for number, sent in posts)
    return [frames[at][1] - sent for at, sent in found if at < len(frames)]


async def reached(phone: Phone, number: int) -> float:
    """When the phone was at this number; infinite if it never was."""
    patience = time.perf_counter() + PATIENCE
    while phone.seq < number and time.perf_counter() < patience:  # noqa: ASYNC110 - a phone has no event for it
        await asyncio.sleep(0.02)
    return next((at for so_far, at in phone.frames if so_far >= number), float("inf"))


def wrong(phone: Phone, posts: Iterable[Post]) -> tuple[int, int]:
    """(ideas that a phone which keeps everything lacks, ideas that it got twice)."""
    phone.read()
    lost = sum(post.id not in phone.ids for post in posts)
    return lost, sum(number - 1 for number in phone.ids.values())
