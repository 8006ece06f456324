"""Ours and a bare Node relay of the same tick, which stores and checks nothing, in turn."""

from collections.abc import Iterator
from functools import partial
from statistics import median

from tests.bench import servers
from tests.bench.crowd import Load, measure
from tests.bench.scenarios import Scenario, Size
from tests.bench.table import Row


def compared(rate: float, size: Size) -> Iterator[Row]:
    name = f"1,000 phones, {rate:.0f} posts/s"
    people, seconds = size(1000, 60), size(6, 1)
    missing = servers.node_is_missing(install=not size.short)
    slower: list[float] = []
    costlier: list[float] = []
    for _ in size.pairs:
        with servers.ours() as server:
            mine = measure(name, Load(server, people, rate, seconds, quiet=size.quiet))
        yield mine
        if missing:
            continue
        with servers.relay() as server:
            theirs = measure(f"{name}, Node relay", Load(server, people, rate, seconds, quiet=size.quiet))
        yield theirs
        if mine.seen and theirs.seen and mine.server_cpu and theirs.server_cpu:
            slower.append(mine.seen[1] / theirs.seen[1])
            costlier.append(mine.server_cpu / theirs.server_cpu)
    if slower:
        ratios = {"p95": round(median(slower), 2), "CPU": round(median(costlier), 2), "pairs": len(slower)}
        yield Row(what=f"{name}, x the Node relay's", besides=ratios)
    else:
        yield Row(what=missing or f"{name}: nothing to compare")


SCENARIOS = [
    Scenario(
        f"1,000 phones, {rate} posts/s, beside the Node relay",
        "p95 at most 1.0 x, CPU at most 1.2 x the relay's",
        partial(compared, float(rate)),
    )
    for rate in (50, 200)
]
