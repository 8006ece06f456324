"""One file is one store. All keep this contract, and one contract suite runs over every file here.

A store belongs to one thread: the writer's. An append is conditional on the expected number and all or nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol

from msgspec import Struct

from facilitate.core.book import Row
from facilitate.core.copies import Copy
from facilitate.core.events import Event


class Append(Struct, frozen=True, kw_only=True):
    """What one session adds in one batch."""

    session: str
    expected: int  # the seq of the last event in the store; 0 for a new session
    events: tuple[Event, ...]
    rows: tuple[Row, ...] = ()
    copies: tuple[Copy, ...] = ()
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


class Token(Struct, frozen=True, kw_only=True):
    """A privileged link: the hash of its secret, never the secret. `session` None: the owner's."""

    hash: str
    id: str
    role: Literal["owner", "facilitator", "screen"]
    session: str | None
    created: int
    revoked: int | None = None


class Conflict(Exception):  # noqa: N818
    """Somebody else appended first: read the newer events and decide again."""


class Damaged(Exception):  # noqa: N818
    """The file is not what it should be, or of a newer version. It is left untouched. `str()` says what to do."""


class Store(Protocol):
    def append(self, batch: Sequence[Append]) -> list[Exception | None]:
        """All in one transaction, a savepoint each: one session's conflict leaves the others in. The answer has one
        place for each: None, or why it failed (`Conflict`, or the store's own error: then nothing of it is stored).
        Raises (the disk is full, say) only if nothing at all was stored."""
        ...

    def sessions(self) -> list[Entry]: ...

    def read(self, session: str, after: int = 0) -> Iterator[Event]: ...

    def names(self, session: str) -> Mapping[str, dict[str, Any]]: ...

    def search(self, words: str, session: str | None = None, limit: int = 50) -> list[tuple[str, str]]:
        """(session, idea) of the ideas in which all words occur, best first. Any text may be asked for."""
        ...

    def delete(self, session: str, last: Event) -> None:
        """Everything of the session goes; of its log only `last` (a SessionDeleted) remains. Its code is free again."""
        ...

    def tokens(self) -> list[Token]: ...

    def put_token(self, token: Token) -> None:
        """New, or in the place of the one with the same hash."""
        ...

    def check(self) -> None:
        """Raises if the store does not answer."""
        ...

    def close(self) -> None: ...
