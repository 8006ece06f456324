"""One file is one store. All keep this contract, and one contract suite runs over every file here.

A store belongs to one thread: the writer's. An append is conditional on the expected number and all or nothing.
A store is a class whose name ends in `Store`, built as `XStore()` or `XStore(path)`.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol

from msgspec import Struct

from facilitate.core.book import Row
from facilitate.core.copies import COLUMNS, KEYS, Copy
from facilitate.core.events import Event


class Append(Struct, frozen=True, kw_only=True):
    """What one session adds in one batch."""

    session: str
    expected: int  # the seq of the last event in the store; 0 for a new session
    events: tuple[Event, ...]
    rows: tuple[Row, ...] = ()
    copies: tuple[Copy, ...] = ()
    more: bool = False  # further rows of the copy follow, in appends without events; till then the copy is not whole
    erases: tuple[str, ...] = ()  # ids of ideas whose free text becomes NULL in log, copy and search index


class Entry(Struct, frozen=True, kw_only=True):
    """A session as the store lists it."""

    id: str
    code: str
    title: str
    state: str
    created: int
    ended: int | None = None
    delete_at: int | None = None
    timezone: str | None = None  # None, and "": the house's


class Token(Struct, frozen=True, kw_only=True):
    """A privileged link: the hash of its secret, never the secret. `session` None: of all sessions."""

    hash: str
    id: str
    role: Literal["owner", "facilitator", "theme", "moderator", "screen"]
    session: str | None
    created: int
    revoked: int | None = None


class Conflict(Exception):  # noqa: N818
    """Somebody else appended first: read the newer events and decide again."""


class Damaged(Exception):  # noqa: N818
    """The file is not what it should be, or of a newer version. It is left untouched. `str()` says what to do."""


def check_numbers(append: Append, last: int) -> None:
    """Raises `Conflict` if the store's last seq is not the expected one, ValueError if the events leave a gap."""
    if append.expected != last:
        raise Conflict(f"{append.session}: expected {append.expected}, found {last}")
    for seq, event in enumerate(append.events, last + 1):
        if (event.session, event.seq) != (append.session, seq):
            raise ValueError(f"{append.session}: event {event.seq} of {event.session} in the place of {seq}")


def clears(copy: Copy) -> bool:
    """Whether it is a part of a key, which takes all rows away that share it, or a whole row.

    Raises ValueError for what is neither.
    """
    table, row = copy
    keys = KEYS.get(table)
    if keys is None or not row.keys() <= COLUMNS[table].keys() or row.get(keys[0]) is None:
        raise ValueError(f"no row of the copy: {table} {sorted(row)}")
    if row.keys() >= set(keys):
        return False
    if not row.keys() <= set(keys):
        raise ValueError(f"neither a row nor a part of its key: {table} {sorted(row)}")
    return True


def buried(session: str) -> dict[str, Any]:
    """The row that remains of a deleted session; `sessions()` leaves it out."""
    return {"id": session, "title": "", "state": "deleted"}


def words_of(query: str) -> tuple[str, ...]:
    """What a search looks for: its words in one form, without the punctuation around them; 32 at most."""
    words = (_inner(word) for word in folded(query.encode("utf-8", "ignore").decode()).split())
    return tuple(dict.fromkeys(word for word in words if word))[:32]


def _inner(word: str) -> str:
    seen = [place for place, sign in enumerate(word) if unicodedata.category(sign)[0] not in "PC"]
    return "".join(sign for sign in word[seen[0] : seen[-1] + 1] if sign != "\0") if seen else ""


def folded(text: str) -> str:
    """The form in which texts are compared: neither capitals nor accents count, and `ß` is `ss`."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKD", text).casefold().translate(_BARE)


class _Bare(dict[int, int | None]):
    """Accents go, all else stays; looked up once for each sign."""

    def __missing__(self, sign: int) -> int | None:
        self[sign] = None if unicodedata.category(chr(sign)) == "Mn" else sign
        return self[sign]


_BARE = _Bare()


class Store(Protocol):
    def append(self, batch: Sequence[Append]) -> list[Exception | None]:
        """All in one transaction, a savepoint each: one session's conflict leaves the others in. The answer has one
        place for each: None, or why it failed (`Conflict`, or the store's own error: then nothing of it is stored).
        Raises (the disk is full, say) only if nothing at all was stored."""
        ...

    def sessions(self) -> list[Entry]:
        """Newest first, without those that were deleted."""
        ...

    def read(self, session: str, after: int = 0, most: int | None = None) -> Iterator[Event]:
        """The log behind seq `after`, in order, as it stands at the call; empty for an unknown session. `most`: that
        many events at most."""
        ...

    def latest(self) -> int | None:
        """When something was last stored, of whichever session; None where nothing ever was."""
        ...

    def names(self, session: str) -> Mapping[str, dict[str, Any]]:
        """The rows beside the log by participant."""
        ...

    def rows(self, table: str) -> list[dict[str, Any]]:
        """A table of the readable copy, by its keys. For people and tests; nothing is ever built on it."""
        ...

    def search(self, words: str, session: str | None = None, limit: int = 50) -> list[tuple[str, str]]:
        """(session, idea) of the ideas in which all words occur, best first: at the beginning of words before inside
        of words. In all states. Any text may be asked for; `words_of` says what it means."""
        ...

    def delete(self, session: str, last: Event) -> None:
        """Everything of the session goes; of its log only `last` (a SessionDeleted) remains. Its code is free again."""
        ...

    def tokens(self) -> list[Token]:
        """All that were issued, revoked ones too, oldest first."""
        ...

    def put_token(self, token: Token) -> None:
        """New, or in the place of the one with the same hash."""
        ...

    def renew(self, copied: Callable[[Iterator[Event]], Sequence[Copy]]) -> None:
        """Write the readable copy anew where an older version of the program made it; `copied` gives a session's rows
        out of its log. Where it raises, that session's copy stays as it is."""
        ...

    def tidy(self) -> bool:
        """A slice of what is still to be done, so that nothing of what was erased, replaced or deleted is left in any
        file: some 10 ms. Whether there is more to be done at once; what waits for a reader is to be tried again."""
        ...

    def check(self) -> None:
        """Raises if the store does not answer."""
        ...

    def probe(self) -> None:
        """Stores nothing, as far as the disk. Raises if nothing could be stored now."""
        ...

    def close(self) -> None: ...
