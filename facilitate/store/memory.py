"""Everything in memory: for tests and for trying things out. It is gone with the process."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from facilitate.core.book import Row
from facilitate.core.copies import COLUMNS, KEYS, Copy
from facilitate.core.events import Event, blanked
from facilitate.store import Append, Entry, Token, buried, check_numbers, clears, folded, words_of

Key = tuple[Any, ...]


class MemoryStore:
    def __init__(self) -> None:
        self._logs: dict[str, list[Event]] = {}
        self._names: dict[str, dict[str, bytes]] = {}
        self._tables: dict[str, dict[Key, dict[str, Any]]] = {table: {} for table in KEYS}
        self._tokens: dict[str, Token] = {}

    def append(self, batch: Sequence[Append]) -> list[Exception | None]:
        return [self._attempt(one) for one in batch]

    def _attempt(self, one: Append) -> Exception | None:
        try:
            check_numbers(one, self._last(one.session))
            names = [(row.participant, _written(row)) for row in one.rows]
            cleared = [clears(copy) for copy in one.copies]
            log = self._log_with(one)
        except Exception as error:
            return error
        # From here on nothing fails.
        self._logs[one.session] = log
        for participant, value in names:
            self._name(one.session, participant, value)
        for (table, row), whole in zip(one.copies, cleared, strict=True):
            self._clear(table, row) if whole else self._put(table, row)
        for idea in one.erases:
            if (one.session, idea) in self._tables["ideas"]:
                self._tables["ideas"][one.session, idea]["text"] = None
        return None

    def _last(self, session: str) -> int:
        log = self._logs.get(session)
        return log[-1].seq if log else 0

    def _log_with(self, one: Append) -> list[Event]:
        log = self._logs.get(one.session, [])
        for event in one.events:
            event.data.decode()
        if one.erases:
            ideas = frozenset(one.erases)
            return [blanked(event, ideas) for event in (*log, *one.events)]
        log += one.events
        return log

    def _name(self, session: str, participant: str, value: bytes | None) -> None:
        names = self._names.setdefault(session, {})
        if value is None:
            names.pop(participant, None)
        else:
            names[participant] = value

    def _put(self, table: str, row: Mapping[str, Any]) -> None:
        key = tuple(row[name] for name in KEYS[table])
        self._tables[table][key] = {name: row.get(name) for name in COLUMNS[table]}

    def _clear(self, table: str, part: Mapping[str, Any]) -> None:
        rows = self._tables[table]
        self._tables[table] = {key: row for key, row in rows.items() if not part.items() <= row.items()}

    def sessions(self) -> list[Entry]:
        rows = [row for row in self._tables["sessions"].values() if row["state"] != "deleted"]
        rows.sort(key=lambda row: (-row["created"], row["id"]))
        return [Entry(**{name: row[name] for name in Entry.__struct_fields__}) for row in rows]

    def read(self, session: str, after: int = 0, most: int | None = None) -> Iterator[Event]:
        log = self._logs.get(session, [])
        first = bisect_right(log, after, key=lambda event: event.seq)
        return iter(log[first : None if most is None else first + most])

    def latest(self) -> int | None:
        return max((event.at for log in self._logs.values() for event in log), default=None)

    def names(self, session: str) -> Mapping[str, dict[str, Any]]:
        return {participant: msgspec.json.decode(value) for participant, value in self._names.get(session, {}).items()}

    def rows(self, table: str) -> list[dict[str, Any]]:
        rows = self._tables[table]
        return [dict(rows[key]) for key in sorted(rows)]

    def search(self, words: str, session: str | None = None, limit: int = 50) -> list[tuple[str, str]]:
        wanted = words_of(words)
        if not wanted:
            return []
        found: list[tuple[bool, tuple[str, str]]] = []
        for row in self._tables["ideas"].values():
            text = " " + folded(row["text"] or "")
            if session in (None, row["session"]) and all(word in text for word in wanted):
                inside = not all(f" {word}" in text for word in wanted)
                found.append((inside, (row["session"], row["id"])))
        found.sort(key=lambda pair: pair[0])
        return [idea for _, idea in found[:limit]]

    def delete(self, session: str, last: Event) -> None:
        self._logs[session] = [last]
        self._names.pop(session, None)
        self._tokens = {hash_: token for hash_, token in self._tokens.items() if token.session != session}
        for table in KEYS:
            self._clear(table, {KEYS[table][0]: session})
        self._put("sessions", buried(session))

    def tokens(self) -> list[Token]:
        return sorted(self._tokens.values(), key=lambda token: (token.created, token.hash))

    def put_token(self, token: Token) -> None:
        self._tokens[token.hash] = token

    def renew(self, copied: Callable[[Iterator[Event]], Sequence[Copy]]) -> None:
        pass  # nothing in memory is older than the program

    def tidy(self) -> bool:
        return False

    def check(self) -> None:
        pass

    def probe(self) -> None:
        pass

    def close(self) -> None:
        pass


def _written(row: Row) -> bytes | None:
    return None if row.value is None else msgspec.json.encode(row.value)
