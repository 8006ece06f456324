"""What is taken away leaves traces in a file: in the search index, between rows, in the write-ahead log. Here they go,
in slices between which others write, and nothing lies outside the file's own folder meanwhile.

Each erasure is noted in the file itself, in its own transaction, so that neither a crash nor a full disk lets it be
forgotten. A round settles what was noted when it began; what comes meanwhile has the next one.
"""

import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from facilitate.store.pages import Pages

PATIENCE = 5000  # ms to wait for another process that writes
SLICE = 1000  # pages looked at between two batches, some 10 ms
STEP = 500  # pages looked at while nobody can write
MERGED = 8  # pages of the search index that are written at once
MERGE_COST = 10  # as many pages can be looked at while one row of the index is written
WAITS = -1
SETTLED = "DELETE FROM due WHERE work IN (SELECT value FROM json_each(?))"
MERGE = "merge"  # noted for words, which are in the search index as well
PACK = "pack"


class Traces:
    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        """`connection` is the one that writes; it is closed before this is."""
        self._connection = connection
        # A second one holds all writers off. What it commits lets them forget the pages that they hold in memory.
        self._guard = sqlite3.connect(path, timeout=0, isolation_level=None)
        self._pages = Pages(path)
        self._due = bool(self._noted())
        self._round = self._rounds()
        self.waits = False  # for a reader

    def note(self, *, words: bool) -> None:
        """In the transaction that takes something away; `words`: from the search index too."""
        work = f"{MERGE if words else PACK} {secrets.token_hex(4)}"
        self._connection.execute("INSERT INTO due VALUES (?)", [work])
        self._due = True

    def tidy(self) -> bool:
        """A slice of what is due. Whether there is more that can be done at once: it may also wait for a reader.

        What fails is tried again with the next slice, from the beginning of its round.
        """
        if not self._due or self._connection.in_transaction:
            return False
        looked = 0
        try:
            self._connection.execute("PRAGMA busy_timeout = 0")  # a reader beside must not hold up the hall
            while looked < SLICE:
                cost = next(self._round, None)
                self.waits = cost == WAITS
                if cost is None:
                    self._due = bool(self._noted())
                    self._round = self._rounds()
                if self.waits or not self._due:
                    return False
                looked += cost or 0
        except (sqlite3.Error, OSError):
            self._round = self._rounds()
            return False
        finally:
            self._connection.execute(f"PRAGMA busy_timeout = {PATIENCE}")
        return True

    def close(self) -> None:
        self._guard.close()
        self._pages.close()

    def _noted(self) -> list[str]:
        return [work for (work,) in self._connection.execute("SELECT work FROM due WHERE work NOT LIKE 'copies%'")]

    def _rounds(self) -> Iterator[int]:
        """One round; after each step how many pages it was worth, or that it waits."""
        works = self._noted()
        if any(work.startswith(MERGE) for work in works):
            yield from self._merge()
        yield from self._overwrite()
        while not self._empty_wal():
            yield WAITS
        with transaction(self._connection):
            self._connection.execute(SETTLED, [json.dumps(works)])

    def _merge(self) -> Iterator[int]:
        """All of the search index becomes one piece, in which what was deleted is no longer marked but missing.

        SQLite 3.42 could delete it at once; 3.40, which is still about, cannot.
        """
        asked, changes = -MERGED, MERGED  # below zero: begin a piece of all that is there
        while changes > 1:
            before = self._connection.total_changes
            with transaction(self._connection):
                self._connection.execute("INSERT INTO ideas_fts (ideas_fts, rank) VALUES ('merge', ?)", [asked])
            asked, changes = MERGED, self._connection.total_changes - before
            yield changes * MERGE_COST

    def _overwrite(self) -> Iterator[int]:
        """Slice by slice of the file as it is now; pages that come later hold nothing older."""
        for first in range(1, self._pages.count() + 1, STEP):
            while not self._overwritten(first):
                yield WAITS
            yield STEP
        self._pages.sync()

    def _overwritten(self, first: int) -> bool:
        """False: somebody reads what is older, so that not all that was written is in the file."""
        self._guard.execute("BEGIN IMMEDIATE")
        try:
            busy, written, moved = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if busy or written != moved:
                return False
            if self._pages.overwrite(first, STEP):
                version = self._guard.execute("PRAGMA user_version").fetchone()[0]
                self._guard.execute(f"PRAGMA user_version = {version}")
            self._guard.execute("COMMIT")
            return True
        finally:
            if self._guard.in_transaction:
                self._guard.execute("ROLLBACK")

    def _empty_wal(self) -> bool:
        busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write-locked from its first statement, so that what is read in it still holds when it writes."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
