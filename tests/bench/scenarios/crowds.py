"""Crowds that post: from a quiet session to ten thousand phones, and a hundred sessions at once."""

from collections.abc import Iterator

from tests.bench.crowd import Load, measure
from tests.bench.scenarios import Scenario, Size
from tests.bench.servers import ours
from tests.bench.table import Row


def crowd(name: str, goal: str, people: int, rate: int, seconds: int = 6, sessions: int = 1) -> Scenario:
    def rows(size: Size) -> Iterator[Row]:
        with ours(sessions) as server:
            load = Load(server, size(people, 60), size(rate, 20), size(seconds, 1), quiet=size.quiet)
            yield measure(name, load)

    return Scenario(name, goal, rows)


SCENARIOS = [
    crowd("300 phones, 20 posts/s (quiet)", "p95 below 40 ms", 300, 20),
    crowd("2,000 phones, 200 posts/s", "p95 below 300 ms", 2000, 200),
    crowd("100 sessions of 20 people, 50 posts/s", "p95 below 100 ms", 2000, 50, sessions=100),
    crowd("5,000 phones, 50 posts/s", "p95 below 1 s, nothing lost, below 60 kB a phone", 5000, 50),
    crowd("10,000 phones, 10 posts/s", "p95 below 2 s, nothing lost, below 60 kB a phone", 10_000, 10, 10),
]
