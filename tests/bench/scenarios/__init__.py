"""One file is one kind of load, with the goals that it is held against in `SCENARIOS`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from facilitate.core import registry
from tests.bench.table import Row


@dataclass(frozen=True)
class Size:
    """How much of it: in full, or `short`, which only shows that it works. `runs`: pairs behind a ratio."""

    short: bool = False
    runs: int = 5

    def __call__(self, full: int, short: int) -> int:
        return short if self.short else full

    @property
    def quiet(self) -> float:
        """Seconds between the last joining and the first post."""
        return 0.2 if self.short else 1.5

    @property
    def pairs(self) -> range:
        return range(1 if self.short else self.runs)


@dataclass(frozen=True)
class Scenario:
    """`measure` yields its rows as they come."""

    name: str
    goal: str
    measure: Callable[[Size], Iterator[Row]]


def files() -> dict[str, Sequence[Scenario]]:
    """The scenarios by the names of their files. The first of a file stands for all of it in the short form."""
    return {name: module.SCENARIOS for name, module in registry.modules(__name__).items()}
