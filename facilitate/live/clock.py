"""Time comes from a clock that tests can move; the house's time zone is that of the machine unless it is named."""

import os
import time
from typing import Protocol

from babel.localtime import get_localzone

from facilitate.languages import timezones

ZONES = "/zoneinfo/"  # where a path to a zone's file becomes the zone's name


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


def timezone_here() -> str:
    """The IANA name of this machine's time zone; `UTC` where it has none that others know (`TZ=CET-1CEST`)."""
    named = os.environ.get("TZ", "").removeprefix(":").rpartition(ZONES)[2]
    try:
        found = named or getattr(get_localzone(), "key", "")
    except (LookupError, OSError):
        found = ""
    return found if found in timezones() else "UTC"
