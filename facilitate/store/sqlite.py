"""One SQLite file: the log, what lies beside it, and a copy that any SQLite tool can read and search.

Opening looks first and changes nothing: what is damaged, somebody else's or newer raises `Damaged`. What is deleted
leaves the file's bytes too, in slices between which others write: the search index is merged, unused bytes of pages
are overwritten, and the write-ahead log is emptied as soon as nobody reads in it. No file lies elsewhere meanwhile.
"""

import json
import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
from sqlite_utils import Database

from facilitate.core.book import Row
from facilitate.core.copies import COLUMNS, KEYS, Copy
from facilitate.core.events import Event, blanked
from facilitate.store import Append, Damaged, Entry, Token, buried, check_numbers, clears, folded, words_of
from facilitate.store.folder import place_once
from facilitate.store.traces import PATIENCE, Traces, transaction

VERSION = 3  # PRAGMA user_version; 1 had no `hands` in `tallies`, 2 no `timezone` in `sessions`
APPLICATION = 0x66616369  # PRAGMA application_id: "faci"
MAGIC = b"SQLite format 3\0"

LOG = {
    "session": str, "seq": int, "at": int, "by": str, "command": str, "check": str, "kind": str, "v": int,
    "data": str, "undoes": str,
}  # fmt: skip
NAMES = {"session": str, "participant": str, "value": str}
DUE = {"work": str}
COPIES = "work = 'copies' OR work LIKE 'copies/%'"  # due: of all sessions, or of one
COLUMN_TYPES = {str: "TEXT", int: "INTEGER", float: "REAL"}
TOKENS = {"hash": str, "id": str, "role": str, "session": str, "created": int, "revoked": int}

logger = logging.getLogger("facilitate")


class SqliteStore:
    def __init__(self, path: Path | str, *, read_only: bool = False) -> None:
        """Opens the file, or makes a new one; an older one gets what it lacks. `read_only` is for reading beside a
        running server.

        Raises `Damaged`, and FileNotFoundError where there is nothing to read.
        """
        self.path = Path(path)
        if not read_only and not self.path.exists():
            _make(self.path)
        version = _look(self.path)
        if read_only and version < VERSION:
            raise Damaged(_sentence(self.path, f"was written by an older version (file version {version})", START))
        self.db = Database(sqlite3.connect(self.path, timeout=PATIENCE / 1000), execute_plugins=False)
        self.db.conn.create_function("holds", 2, _holds, deterministic=True)
        for pragma in ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON", "temp_store = MEMORY"):
            self.db.conn.execute(f"PRAGMA {pragma}")
        if read_only:
            self.db.conn.execute("PRAGMA query_only = ON")
        self._place = self._place_on_disk()
        self._renamed = False  # whether this transaction has replaced or removed what lay beside the log
        if version < VERSION:
            self._upgrade()
        self._traces = None if read_only else Traces(self.path, self.db.conn)
        self._tidy_all()

    def _is_due(self, work: str) -> bool:
        return bool(self.db.table("due").count_where("work = ?", [work]))

    def _upgrade(self) -> None:
        """In one transaction: the columns that there were not, and a note that they are to be filled."""
        with transaction(self.db.conn):
            for table, columns in COLUMNS.items():
                there = self.db.table(table).columns_dict
                for column in columns.keys() - there.keys():
                    self.db.conn.execute(f'ALTER TABLE "{table}" ADD COLUMN "{column}" {COLUMN_TYPES[columns[column]]}')
            self.db.conn.execute("INSERT OR IGNORE INTO due VALUES ('copies')")
            self.db.conn.execute(f"PRAGMA user_version = {VERSION}")

    # --- writing

    def append(self, batch: Sequence[Append]) -> list[Exception | None]:
        with transaction(self.db.conn):
            self._renamed = False
            touched = [idea for one in batch for idea in self._ideas(one)]
            before = self._texts(touched)
            answers = [self._attempt(one) for one in batch]
            self._index(before, self._texts(touched))
            if (words := any(_takes_words(one) for one in batch)) or self._renamed:
                self._leave_nothing(words=words)
        if words or self._renamed or (self._traces is not None and self._traces.waits):
            self.tidy()
        return answers

    def _ideas(self, one: Append) -> Iterator[tuple[str, str]]:
        """(session, idea) of those whose text may become another."""
        for table, row in one.copies:
            if table == "ideas" and "session" in row:
                yield from [(row["session"], row["id"])] if "id" in row else self._ideas_of(row["session"])
        yield from ((one.session, idea) for idea in one.erases)

    def _ideas_of(self, session: str) -> list[tuple[str, str]]:
        return self._pairs("SELECT session, id FROM ideas WHERE session = :session", {"session": session})

    def _texts(self, ideas: list[tuple[str, str]]) -> dict[int, str | None]:
        return dict(self.db.conn.execute(TEXTS, [json.dumps(ideas)]).fetchall()) if ideas else {}

    def _index(self, before: dict[int, str | None], after: dict[int, str | None]) -> None:
        """Not by triggers: FTS5 flushes at every savepoint, and a trigger's are as many as its rows."""
        changed = [row for row in {**before, **after} if after.get(row) != before.get(row)]
        old = [(row, before[row]) for row in changed if before.get(row) is not None]
        new = [(row, after[row]) for row in changed if after.get(row) is not None]
        self.db.conn.executemany("INSERT INTO ideas_fts (ideas_fts, rowid, text) VALUES ('delete', ?, ?)", old)
        self.db.conn.executemany("INSERT INTO ideas_fts (rowid, text) VALUES (?, ?)", new)

    def _attempt(self, one: Append) -> Exception | None:
        # One name for all, unlike `atomic()`: so the statements are prepared once.
        self.db.conn.execute("SAVEPOINT one")
        try:
            self._add(one)
        except Exception as error:
            if _concerns_all(error) or not self.db.conn.in_transaction:
                raise
            self.db.conn.execute("ROLLBACK TO one")
            self.db.conn.execute("RELEASE one")
            return error
        self.db.conn.execute("RELEASE one")
        return None

    def _add(self, one: Append) -> None:
        check_numbers(one, self._last(one.session))
        self.db.conn.executemany(_insert("log", LOG), [_line(event) for event in one.events])
        for row in one.rows:
            self._name(one.session, row)
        self._copy(one.copies)
        self._owe(one)
        for idea in one.erases:
            self._erase(one.session, idea)

    def _owe(self, one: Append) -> None:
        """Noted in the file itself until the copy is whole: whatever happens meanwhile, the next start makes it so."""
        owed = [f"copies/{one.session}"]
        if one.more:
            self.db.conn.execute("INSERT OR IGNORE INTO due VALUES (?)", owed)
        elif one.copies and not one.events:
            self.db.conn.execute("DELETE FROM due WHERE work = ?", owed)

    def _copy(self, copies: Sequence[Copy]) -> None:
        for (table, part), those in groupby(copies, lambda copy: (copy[0], clears(copy))):
            if part:
                for _, cleared in those:
                    self._clear(table, cleared)
            else:
                lines = [tuple(line.get(column) for column in COLUMNS[table]) for _, line in those]
                self.db.conn.executemany(UPSERT[table], lines)

    def _last(self, session: str) -> int:
        (last,) = self.db.conn.execute('SELECT max(seq) FROM "log" WHERE session = ?', [session]).fetchone()
        return last or 0

    def _name(self, session: str, row: Row) -> None:
        value = None if row.value is None else msgspec.json.encode(row.value).decode()
        place = {"session": session, "participant": row.participant}
        known = self.db.conn.execute(KNOWN, place).fetchone()
        if known == (value,):
            return
        if known is not None:
            self._renamed = True
            self._clear("names", place)
        if value is not None:
            self.db.conn.execute(_insert("names", NAMES), [session, row.participant, value])

    def _clear(self, table: str, part: Mapping[str, Any]) -> None:
        where = " AND ".join(f'"{column}" = ?' for column in part)
        self.db.conn.execute(f'DELETE FROM "{table}" WHERE {where}', list(part.values()))

    def _erase(self, session: str, idea: str) -> None:
        named = [*idea.split("/"), idea][1]  # a note by its item, what was said by the record that it is about
        mentions = self._events("session = ? AND instr(data, ?)", [session, named])
        for event in mentions:
            blank = blanked(event, frozenset([idea]))
            if blank is not event:
                change = [blank.data.decode(), session, event.seq]
                self.db.conn.execute('UPDATE "log" SET data = ? WHERE session = ? AND seq = ?', change)
        self.db.conn.execute("UPDATE ideas SET text = NULL WHERE session = ? AND id = ?", [session, idea])

    def delete(self, session: str, last: Event) -> None:
        with transaction(self.db.conn):
            before = self._texts(self._ideas_of(session))
            for table in ("log", "names", "tokens", *KEYS):
                self._clear(table, {"id" if table == "sessions" else "session": session})
            self.db.conn.execute(_insert("log", LOG), _line(last))
            row = buried(session)
            self.db.conn.execute(UPSERT["sessions"], [row.get(column) for column in COLUMNS["sessions"]])
            self._index(before, {})
            self._leave_nothing(words=True)
        self.tidy()

    def put_token(self, token: Token) -> None:
        with transaction(self.db.conn):
            row = [getattr(token, column) for column in TOKENS]
            self.db.conn.execute(_insert("tokens", TOKENS, "OR REPLACE"), row)

    def renew(self, copied: Callable[[Iterator[Event]], Sequence[Copy]]) -> None:
        if not self.db.table("due").count_where(COPIES):
            return
        with transaction(self.db.conn):
            for entry in self.sessions():
                try:
                    rows = copied(self.read(entry.id))
                except Exception:
                    logger.exception("session %s: its readable copy stays as it was; its log is untouched", entry.id)
                else:
                    self._copy(rows)
            self.db.table("ideas").rebuild_fts()
            self.db.conn.execute(f"DELETE FROM due WHERE {COPIES}")

    # --- leaving nothing behind

    def _leave_nothing(self, *, words: bool) -> None:
        if self._traces is not None:
            self._traces.note(words=words)

    def tidy(self) -> bool:
        return self._traces is not None and self._traces.tidy()

    def _tidy_all(self) -> None:
        while self.tidy():
            pass

    # --- reading

    def sessions(self) -> list[Entry]:
        columns = ", ".join(f'"{column}"' for column in Entry.__struct_fields__)
        rows = self.db.query(f"SELECT {columns} FROM sessions WHERE state != 'deleted' ORDER BY created DESC, id")
        return [Entry(**row) for row in rows]

    def read(self, session: str, after: int = 0, most: int | None = None) -> Iterator[Event]:
        return iter(self._events("session = ? AND seq > ?", [session, after], most))

    def _events(self, where: str, values: list[Any], most: int | None = None) -> list[Event]:
        limit = -1 if most is None else most
        rows = self.db.query(f'SELECT {_names(LOG)} FROM "log" WHERE {where} ORDER BY seq LIMIT ?', [*values, limit])
        return [Event(**{**row, "data": row["data"].encode()}) for row in rows]

    def latest(self) -> int | None:
        (at,) = self.db.conn.execute('SELECT max(at) FROM "log"').fetchone()
        return None if at is None else int(at)

    def names(self, session: str) -> Mapping[str, dict[str, Any]]:
        rows = self.db.query("SELECT participant, value FROM names WHERE session = ?", [session])
        return {row["participant"]: json.loads(row["value"]) for row in rows}

    def rows(self, table: str) -> list[dict[str, Any]]:
        return list(self.db.query(f'SELECT {_names(COLUMNS[table])} FROM "{table}" ORDER BY {_names(KEYS[table])}'))

    def search(self, words: str, session: str | None = None, limit: int = 50) -> list[tuple[str, str]]:
        wanted = words_of(words)
        if not wanted:
            return []
        values = {
            "query": " ".join(f'"{word.replace(chr(34), chr(34) * 2)}"*' for word in wanted),
            "words": "\n".join(wanted),
            "session": session,
            "limit": limit,
        }
        found = dict.fromkeys(self._pairs(RANKED, values))
        if len(found) < limit:
            found |= dict.fromkeys(self._pairs(INSIDE, values))
        return list(found)[:limit]

    def _pairs(self, sql: str, values: dict[str, Any]) -> list[tuple[str, str]]:
        return [(session, idea) for session, idea in self.db.conn.execute(sql, values)]

    def tokens(self) -> list[Token]:
        return [Token(**row) for row in self.db.query("SELECT * FROM tokens ORDER BY created, hash")]

    def check(self) -> None:
        if self._place_on_disk() != self._place:
            raise OSError(f"{self.path} is no longer the file that was opened")
        self.db.conn.execute('SELECT 1 FROM "log" LIMIT 1').fetchone()

    def probe(self) -> None:
        with transaction(self.db.conn):  # it writes a page and waits for the disk, though nothing changes
            self.db.conn.execute(f"PRAGMA user_version = {VERSION}")

    def _place_on_disk(self) -> tuple[int, int]:
        status = self.path.stat()
        return status.st_dev, status.st_ino

    def close(self) -> None:
        self._tidy_all()
        self.db.close()
        if self._traces is not None:
            self._traces.close()


# --- SQL


def _names(columns: Mapping[str, type] | Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _insert(table: str, columns: Mapping[str, type], how: str = "") -> str:
    return f'INSERT {how} INTO "{table}" ({_names(columns)}) VALUES ({", ".join("?" * len(columns))})'


def _upsert(table: str) -> str:
    others = [column for column in COLUMNS[table] if column not in KEYS[table]]
    changes = ", ".join(f'"{column}" = excluded."{column}"' for column in others)
    return f"{_insert(table, COLUMNS[table])} ON CONFLICT ({_names(KEYS[table])}) DO UPDATE SET {changes}"


UPSERT = {table: _upsert(table) for table in KEYS}

KNOWN = "SELECT value FROM names WHERE session = :session AND participant = :participant"
# By a list of (session, id).
TEXTS = """
SELECT ideas.row, ideas.text FROM json_each(?) AS one
JOIN ideas ON ideas.session = json_extract(one.value, '$[0]') AND ideas.id = json_extract(one.value, '$[1]')
"""
# Words as they begin, by rank; the index knows them.
RANKED = """
SELECT ideas.session, ideas.id FROM ideas_fts JOIN ideas ON ideas.row = ideas_fts.rowid
WHERE ideas_fts MATCH :query AND (:session IS NULL OR ideas.session = :session) AND holds(ideas.text, :words)
ORDER BY ideas_fts.rank, ideas.row LIMIT :limit
"""
# Anywhere, as in the compounds of German, behind an Arabic article, or without spaces: a look at every idea.
INSIDE = """
SELECT session, id FROM ideas
WHERE text IS NOT NULL AND (:session IS NULL OR session = :session) AND holds(text, :words) ORDER BY row
"""


def _holds(text: str, words: str) -> bool:
    text = folded(text)
    return all(word in text for word in words.split("\n"))


def _line(event: Event) -> tuple[Any, ...]:
    fields = {**msgspec.structs.asdict(event), "data": event.data.decode()}
    return tuple(fields[column] for column in LOG)


def _takes_words(one: Append) -> bool:
    """Whether something was there on purpose that may leave no trace now."""
    return bool(one.erases) or any(table == "ideas" and "id" not in row for table, row in one.copies)


def _concerns_all(error: Exception) -> bool:
    """A full disk, a lock, damage: what one append meets, all of the batch would meet."""
    return isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError


# --- the file


def _make(path: Path) -> None:
    """A new file, complete before it has its name: an empty or half-made one is never ours, and none is left behind."""
    new = _beside(path, ".new")
    _clear_away(new)
    try:
        new.touch(mode=0o600)
        _fill(new)
        place_once(new, path)
    except BaseException:
        _clear_away(new)
        raise


def _clear_away(new: Path) -> None:
    for leftover in (new, _beside(new, "-wal"), _beside(new, "-shm"), _beside(new, "-journal")):
        leftover.unlink(missing_ok=True)


def _fill(new: Path) -> None:
    db = Database(sqlite3.connect(new), execute_plugins=False)
    with closing(db):
        db.table("log").create(LOG, pk=("session", "seq"), not_null=set(LOG) - {"undoes"})
        db.table("names").create(NAMES, pk=("session", "participant"), not_null={"value"})
        db.table("tokens").create(TOKENS, pk="hash")
        db.table("due").create(DUE, pk="work")
        for table, columns in COLUMNS.items():
            if table != "ideas":
                db.table(table).create(columns, pk=KEYS[table])
        # The index holds row numbers, and VACUUM keeps only those that have a column.
        db.table("ideas").create({"row": int, **COLUMNS["ideas"]}, pk="row")
        db.table("ideas").create_index(KEYS["ideas"], unique=True)
        db.table("ideas").enable_fts(["text"])
        db.conn.execute(f"PRAGMA application_id = {APPLICATION}")
        db.conn.execute(f"PRAGMA user_version = {VERSION}")
        db.enable_wal()


def _look(path: Path) -> int:
    """The file's version. Raises `Damaged` if it cannot be used; then every byte of it, and what lies beside it, is
    as it was."""
    index = _beside(path, "-shm")
    indexed = index.exists()
    try:
        return _examine(path)
    except Damaged:
        if not indexed:
            index.unlink(missing_ok=True)
        raise


def _examine(path: Path) -> int:
    with path.open("rb") as file:
        start = file.read(len(MAGIC))
    if start != MAGIC:
        raise Damaged(_sentence(path, f"is damaged: it is {'no database' if start else 'empty'}", RESTORE))
    # Where there is no write-ahead log SQLite would make one to look into; `immutable` keeps it from that.
    mode = "mode=ro" if _beside(path, "-wal").exists() else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True)) as connection:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            (size,) = connection.execute("PRAGMA page_size").fetchone()
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        raise Damaged(_sentence(path, f"is damaged: {error}", RESTORE)) from error
    except UnicodeDecodeError as error:  # SQLite quotes in its message what it could not read
        raise Damaged(_sentence(path, "is damaged: the list of its tables cannot be read", RESTORE)) from error
    if application != APPLICATION:
        raise Damaged(_sentence(path, "belongs to another program", "name another folder with --data"))
    if version > VERSION:
        raise Damaged(_sentence(path, f"was written by a newer version (file version {version})", UPDATE))
    if found == "ok" and "immutable" in mode and path.stat().st_size < pages * size:
        found = "its end is missing"
    if found != "ok":
        raise Damaged(_sentence(path, f"is damaged: {' '.join(found.split())}", RESTORE))
    return int(version)


RESTORE = "move it away, then put your last backup in its place, or start without one"
START = "start the server once, which brings it up to date"
UPDATE = "install the newer version again, or name another folder with --data"


def _sentence(path: Path, what: str, way_out: str) -> str:
    return f"The data file {path} {what}. It was left untouched. What to do: {way_out}."


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
