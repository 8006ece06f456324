"""Time comes from a clock that tests can move."""

import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> int:
        """Milliseconds since 1970."""
        ...


class SystemClock:
    def now(self) -> int:
        return time.time_ns() // 1_000_000


class ManualClock:
    """Stands still until it is moved: a 90-minute workshop runs in a second."""

    def __init__(self, start: int = 1_700_000_000_000) -> None:
        self.time = start

    def now(self) -> int:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += round(seconds * 1000)
