"""Whether the machine's date can be believed, before anything is deleted because of it.

A clock that stands days away from where it last stood may be wrong, or the machine was off for a holiday. Nobody can
tell from the clock alone: so what would be deleted for good waits, until a person says that the date is right, or the
clock has kept it for a second day.
"""

import logging
import os
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

HOUR = 3_600_000  # ms
DAY = 24 * HOUR
USUAL = 3 * DAY  # a clock that has moved no further since it was last believed: a weekend
LATER = 30 * DAY  # a date that is doubted is kept where the next one that is seen is no further away

logger = logging.getLogger("facilitate")


class Kept(Struct, frozen=True):
    """What is written down; ms since 1970. `since` and `last`: when a date that is doubted was first and last seen."""

    known: int
    since: int | None = None
    last: int | None = None


class Doubt(Struct, frozen=True):
    """The clock says `now`, and stood at `known` when it was last believed."""

    now: int
    known: int


class Almanac:
    """`path` is where it is kept over restarts; without one it is kept in memory alone."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.known: int | None = None
        self._since: int | None = None
        self._last = 0
        self._written: Kept | None = None
        with suppress(OSError, msgspec.DecodeError):
            if path is not None:
                self._written = kept = msgspec.json.decode(path.read_bytes(), type=Kept)
                self.known, self._since, self._last = kept.known, kept.since, kept.last or 0

    def begin(self, known: int) -> None:
        """Where nothing is written down: when something was last stored, say."""
        self.known = known

    def look(self, now: int) -> bool:
        """To be called again and again; whether what is over by this date may be deleted."""
        if self.known is None or abs(now - self.known) <= USUAL:
            self.known = max(now, self.known or 0)
            self._since = None
        elif self._since is None or not -HOUR <= now - self._last <= LATER:
            self._since = self._last = now
            logger.warning("the clock has moved by %.1f days: nothing is deleted by it yet", (now - self.known) / DAY)
        else:
            self._last = now
            if now - self._since >= DAY:
                self.confirm(now)
        self._write()
        return self.doubt(now) is None

    def confirm(self, now: int) -> None:
        """The date is right."""
        self.known, self._since = now, None
        self._write()

    def doubt(self, now: int) -> Doubt | None:
        """A clock that is behind deletes nothing that would not be over anyway."""
        if self.known is None or self._since is None or now <= self.known:
            return None
        return Doubt(now, self.known)

    def _write(self) -> None:
        """At most once an hour, but for what begins or ends. On a full disk it is only remembered."""
        kept = Kept(self.known or 0, self._since, self._last if self._since is not None else None)
        was = self._written
        if self.path is None or (was is not None and _nearly(was, kept)):
            return
        self._written = kept
        new = self.path.with_name(f".{self.path.name}-{os.getpid()}")
        try:
            new.write_bytes(msgspec.json.encode(kept))
            new.replace(self.path)
        except OSError as error:
            logger.info("the date could not be written down: %s", error)
            with suppress(OSError):
                new.unlink(missing_ok=True)


def _nearly(was: Kept, now: Kept) -> bool:
    return was.since == now.since and all(
        abs((before or 0) - (after or 0)) < HOUR for before, after in ((was.known, now.known), (was.last, now.last))
    )
