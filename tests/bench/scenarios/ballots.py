"""Everybody casts a ballot at almost the same time."""

from collections.abc import Iterator

from tests.bench.crowd import Load, measure
from tests.bench.scenarios import Scenario, Size
from tests.bench.servers import ours
from tests.bench.table import Row


def ballots(name: str, goal: str, people: int, seconds: float) -> Scenario:
    def rows(size: Size) -> Iterator[Row]:
        with ours() as server:
            server.seed(20)
            records = server.start("choose")
            choices = {records["idea"][0]["id"]: 1}
            round_ = records["round"][0]["id"]
            yield measure(name, Load(server, size(people, 60), 0, seconds, "vote", round_, choices, size.quiet))

    return Scenario(name, goal, rows)


SCENARIOS = [
    ballots("500 ballots within a second", "none refused, p95 to the answer below 500 ms", 500, 1),
    ballots("1,000 ballots within a second", "none refused, p95 to the answer below 1 s", 1000, 1),
    ballots("1,000 ballots within ten seconds", "none refused, p95 to the answer below 50 ms", 1000, 10),
]
