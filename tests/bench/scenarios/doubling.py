"""The same ideas for twice the people: what does it cost?"""

from collections.abc import Iterator
from statistics import median

from tests.bench.crowd import Load, measure
from tests.bench.scenarios import Scenario, Size
from tests.bench.servers import ours
from tests.bench.table import Row

RATE = 50


def doubling(size: Size) -> Iterator[Row]:
    crowds = (20, 40) if size.short else (500, 1000, 2000)
    ratios: dict[str, list[float]] = {}
    for _ in size.pairs:
        half = 0.0
        for people in crowds:
            with ours() as server:
                load = Load(server, people, size(RATE, 20), size(6, 1), quiet=size.quiet)
                row = measure(f"{people:,} phones, {load.rate:.0f} posts/s (doubling)", load)
            yield row
            if half and row.server_cpu:
                ratios.setdefault(f"CPU of {people:,} x the half's", []).append(row.server_cpu / half)
            half = row.server_cpu or 0.0
    yield Row(what="doubling the people", besides={name: round(median(of), 2) for name, of in ratios.items()})


SCENARIOS = [Scenario("doubling the people", "at most 2.1 x the CPU", doubling)]
