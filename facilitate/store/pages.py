"""The unused bytes of a database file's pages: overwritten in place, where VACUUM would write the whole file anew.

`secure_delete` overwrites what is deleted, but a page that was split or merged keeps in its unused middle what moved
away from it, and whoever deletes that later does not find it there. Nothing that SQLite reads is ever touched.
The layout is https://www.sqlite.org/fileformat2.html, which is the same for all versions of SQLite 3.
"""

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from struct import Struct

READ = 64  # pages at once
ZEROS = bytes(65_536)  # as long as the longest page
# By a page's first byte: how long its header is. Pages of other kinds begin with a page's number, and its first byte
# is less than these in any file of fewer than MOST pages, which are 137 GB.
HEADERS = {2: 12, 5: 12, 10: 8, 13: 8}
MOST = 2 << 24
_header = Struct(">BHHHB").unpack_from  # kind, first free block, cells, where their content begins, fragments
_pair = Struct(">HH").unpack_from
_number = Struct(">I").unpack_from

Span = tuple[int, int]  # from, to


class Pages:
    """Of one file, to be closed after SQLite has closed it: a process that closes a file loses all its locks on it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("r+b", buffering=0)

    def close(self) -> None:
        self._file.close()

    def overwrite(self, first: int, count: int) -> int:
        """What is unused on `count` pages becomes zeros; on how many there was something.

        Only while nobody writes, and all that was written is in the file. The first page holds no rows of people's.
        """
        size, usable, maps = self._form()
        if self.count() >= MOST:
            raise OSError("the file is too large for its pages to be told apart")
        found = 0
        for start in range(first, first + count, READ):
            self._file.seek((start - 1) * size)
            content = self._file.read(min(READ, first + count - start) * size)
            for place in range(0, len(content) // size * size, size):
                number = start + place // size
                if number == 1 or (maps and (number - 2) % maps == 0):
                    continue
                dirty = [span for span in unused(content, place, usable) if any_left(content, span)]
                found += bool(dirty)
                for begin, end in dirty:
                    self._file.seek((start - 1) * size + begin)
                    self._file.write(ZEROS[: end - begin])
        return found

    def count(self) -> int:
        return os.fstat(self._file.fileno()).st_size // self._form()[0]

    def sync(self) -> None:
        os.fsync(self._file.fileno())

    def _form(self) -> tuple[int, int, int]:
        """A page's size, how much of it SQLite uses, and every how many pages one is a map of others (0: none is)."""
        self._file.seek(0)
        start = self._file.read(100)
        (size,) = Struct(">H").unpack_from(start, 16)
        size = 65_536 if size == 1 else size
        usable = size - start[20]
        (root,) = _number(start, 52)
        return size, usable, usable // 5 + 1 if root else 0


def any_left(content: bytes, span: Span) -> bool:
    begin, end = span
    return content[begin:end] != ZEROS[: end - begin]


def unused(content: bytes, place: int, usable: int) -> list[Span]:
    """Where nothing lies on the page at `place`; of what is no page of rows or keys, or not a sound one, nothing."""
    kind, block, cells, top, _ = _header(content, place)
    if kind not in HEADERS:
        return []
    low, high = HEADERS[kind] + 2 * cells, top or 65_536
    if not low <= high <= usable:
        return []
    spans = [(low, high), *_blocks(content, place, block)]
    if any(end > later for (_, end), (later, _) in pairwise(spans)) or spans[-1][1] > usable:
        return []
    return [(place + begin, place + end) for begin, end in spans]


def _blocks(content: bytes, place: int, block: int) -> Iterator[Span]:
    """Freed between others; each block begins with where the next one is, and its own length."""
    before = 0
    while block > before and place + block + 4 <= len(content):
        before = block
        block, length = _pair(content, place + before)
        yield before + 4, before + length
