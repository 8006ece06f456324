"""What was erased, replaced or deleted is in no byte of any file soon after, and the room goes on storing meanwhile."""

import asyncio
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facilitate.core.book import Row
from facilitate.store import Append
from facilitate.store.pages import Pages, unused
from facilitate.store.sqlite import SqliteStore
from facilitate.store.traces import SLICE
from tests.hall import hall
from tests.test_store import event, idea

ROOT = Path(__file__).parent.parent
MB = 1_000_000
LETTERS = bytes.maketrans(b"0123456789abcdef", b"ghijklmnorstuvwx")  # what is no part of a mark


def mark(n: int) -> str:
    return f"zq{random.Random(n).randbytes(8).hex()}qz"


# One of each kind of thing whose words can be erased: what an event of it says, and by which id it is erased.
KINDS: dict[str, Callable[[str, str], tuple[dict[str, Any], str]]] = {
    "idea": lambda id_, text: ({"idea": id_, "text": text}, id_),
    "reason": lambda id_, text: ({"idea": id_, "reason": text}, id_),
    "comment": lambda id_, text: ({"comment": id_, "text": text}, id_),
    "answer": lambda id_, text: ({"answer": id_, "text": text}, id_),
    "cluster": lambda id_, text: ({"cluster": id_, "title": text}, id_),
    "note": lambda id_, text: ({"phase": "talk", "item": id_, "text": text}, f"talk/{id_}"),
    "message": lambda id_, text: ({"screen": "foyer", "shows": {"text": text}}, f"c-{id_}/foyer"),
    "record": lambda id_, text: ({"record": id_, "fields": {"text": text}}, id_),
}


class Worn:
    """A file in which rows have grown and moved from page to page, and in which each mark was said once."""

    def __init__(self, path: Path, size: int = 0) -> None:
        self.store = SqliteStore(path)
        self.path = path
        self.seq = 0
        self.filled = 0  # of another session
        self.ids: dict[str, str] = {}  # by mark, by what it is erased
        chance = random.Random(4)
        batch = 0
        while batch < 40 or sum(found.stat().st_size for found in path.parent.iterdir()) < size:
            self.say([(chance.choice(list(KINDS)), batch * 10 + n, chance.choice((0, 9, 300))) for n in range(10)])
            if size:
                self.fill(chance)
            grown = chance.sample(range(batch * 10 + 10), 10)
            for n in grown:
                row = self.row(n, "y" * chance.choice((40, 400)))
                assert self.store.append([Append(session="plain", expected=self.seq, events=(), copies=(row,))]) == [
                    None
                ]
            batch += 1
        self.marks = list(self.ids)

    def say(self, things: list[tuple[str, int, int]]) -> None:
        log, rows, names = [], [], []
        for kind, n, more in things:
            data, id_ = KINDS[kind](f"i{n:04}", f"{mark(n)} {'x' * more}")
            self.seq += 1
            said = event(self.seq, data=msgspec.json.encode(data))
            log.append(msgspec.structs.replace(said, command=f"c-i{n:04}"))
            rows.append(self.row(n, "x" * more))
            names.append(Row(f"person-{n}", {"name": f"name{mark(n)}"}))
            self.ids[mark(n)] = id_
        one = Append(
            session="plain",
            expected=self.seq - len(log),
            events=tuple(log),
            copies=tuple(rows),
            rows=tuple(names),
        )
        assert self.store.append([one]) == [None]

    def row(self, n: int, more: str) -> Any:
        return idea(f"i{n:04}", f"{mark(n)} {more}")

    def fill(self, chance: random.Random) -> None:
        said = [chance.randbytes(chance.choice((500, 3_000, 9_000))).hex().encode() for _ in range(60)]
        texts = [text.translate(LETTERS).decode() for text in said]
        log = [event(n, "other", msgspec.json.encode({"text": text})) for n, text in enumerate(texts, self.filled + 1)]
        assert self.store.append([Append(session="other", expected=self.filled, events=tuple(log))]) == [None]
        self.filled += len(log)

    def erase(self, marks: list[str]) -> None:
        """The words of these, and the names; an idea's row goes by the idea's own id."""
        numbers = [self.marks.index(found) for found in marks]
        one = Append(
            session="plain",
            expected=self.seq,
            events=(),
            erases=tuple(dict.fromkeys([*(self.ids[found] for found in marks), *(f"i{n:04}" for n in numbers)])),
            rows=tuple(Row(f"person-{n}", {"name": "Another"} if n % 2 else None) for n in numbers),
        )
        assert self.store.append([one]) == [None]

    def go_on(self) -> None:
        """The room stores a card."""
        self.seq += 1
        one = Append(session="plain", expected=self.seq - 1, events=(event(self.seq),))
        assert self.store.append([one]) == [None]

    def left(self, marks: list[str]) -> list[str]:
        return left(self.path.parent, marks)


def left(folder: Path, marks: list[str]) -> list[str]:
    """Those of which at least the middle is in some file, in the order of `marks`."""
    content = b"\n".join(found.read_bytes() for found in folder.iterdir())
    runs = re.findall(rb"[0-9a-f]{14,}", content)
    parts = {run[start : start + 14] for run in runs for start in range(len(run) - 13)}
    return [found for found in marks if found[3:17].encode() in parts]


def tidied(store: SqliteStore) -> int:
    """How many slices it took, as far as it could be done now."""
    slices = 1
    while store.tidy():
        slices += 1
    return slices


@pytest.fixture
def worn(tmp_path: Path) -> Iterator[Worn]:
    (tmp_path / "folder").mkdir()
    it = Worn(tmp_path / "folder" / "file")
    yield it
    it.store.close()


# --- the bytes


def test_deleting_alone_leaves_traces(worn: Worn, monkeypatch: pytest.MonkeyPatch) -> None:
    """This is why there is more to do: in the search index, between rows of split pages, in the write-ahead log."""
    monkeypatch.setattr(worn.store, "tidy", lambda: False)
    gone = worn.marks[::2]
    worn.erase(gone)
    assert set(worn.left(gone)) == set(gone)
    worn.store.db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert worn.left(gone)
    monkeypatch.undo()
    tidied(worn.store)
    assert worn.left(gone) == []
    assert worn.left(worn.marks[1::2]) == worn.marks[1::2]


def test_gone_from_a_large_file_while_the_room_goes_on(tmp_path: Path) -> None:
    """In many short slices, after each of which a card is stored; all else stays as it was."""
    folder = tmp_path / "folder"
    folder.mkdir()
    worn = Worn(folder / "file", 30 * MB)
    assert worn.path.stat().st_size > 24 * MB
    gone, stays = worn.marks[::5], [found for n, found in enumerate(worn.marks) if n % 5]
    before = [said.seq for said in worn.store.read("plain")]
    for few in (gone[:20], gone[20:40], gone[40:]):
        worn.erase(few)
        slices, longest = 0, 0.0
        while True:
            began = time.thread_time()
            more = worn.store.tidy()
            longest = max(longest, time.thread_time() - began)
            slices += 1
            if not more:
                break
            worn.go_on()
        assert slices > worn.path.stat().st_size / 4096 / SLICE / 2
        assert longest < 0.1
        assert worn.left(few) == []
    assert worn.left(stays) == stays
    assert [said.seq for said in worn.store.read("plain")][: len(before)] == before
    assert worn.store.db.conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    worn.store.db.conn.execute("INSERT INTO ideas_fts (ideas_fts) VALUES ('integrity-check')")
    worn.store.close()
    assert worn.left(gone) == []


@pytest.mark.parametrize("later", [False, True], ids=["reads-what-is-older", "reads-what-is-newest"])
def test_gone_as_soon_as_nobody_reads(worn: Worn, monkeypatch: pytest.MonkeyPatch, *, later: bool) -> None:
    """However long somebody reads, and whether or not anything else is stored: the next look finishes it."""
    reader = sqlite3.connect(worn.path, isolation_level=None)
    gone = worn.marks[:100]
    monkeypatch.setattr(worn.store, "tidy", lambda: False)
    if later:
        worn.erase(gone)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM log").fetchone()[0] == worn.seq
    if not later:
        worn.erase(gone)
    monkeypatch.undo()
    for _ in range(3):
        worn.go_on()
        tidied(worn.store)
    assert worn.left(gone)
    assert worn.store.db.table("due").count
    reader.execute("ROLLBACK")
    tidied(worn.store)
    assert worn.left(gone) == []
    assert worn.store.db.table("due").count == 0
    reader.close()


def test_a_name_that_was_replaced_or_removed(worn: Worn) -> None:
    """Old names are no less gone than erased words, also where only a part of a row is another."""
    row = Row("person-1", {"name": "Another", "attributes": {"sector": f"b{mark(1)}"}})

    def known() -> list[int]:
        tidied(worn.store)
        content = b"".join(found.read_bytes() for found in worn.path.parent.iterdir())
        return [n for n in (1, 2, 3) if f"name{mark(n)}".encode() in content]

    assert known() == [1, 2, 3]
    assert worn.store.append([Append(session="plain", expected=worn.seq, events=(), rows=(row,))]) == [None]
    assert known() == [2, 3]
    worn.store.append([Append(session="plain", expected=worn.seq, events=(), rows=(Row("person-2", None),))])
    assert known() == [3]
    assert worn.store.names("plain")["person-1"] == row.value
    worn.store.append([Append(session="plain", expected=worn.seq, events=(), rows=(row,))])
    assert worn.store.db.table("due").count == 0, "said again it is no change"


def in_gaps(worn: Worn) -> list[str]:
    """The marks that rows which moved away have left on the pages of the file."""
    worn.store.db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = worn.path.read_bytes()
    spans = [span for place in range(4096, len(content), 4096) for span in unused(content, place, 4096)]
    return [found for found in worn.marks if any(found.encode() in content[begin:end] for begin, end in spans)]


@pytest.mark.parametrize("own", [True, False], ids=["own", "another's"])
def test_a_connection_that_held_the_pages_does_not_bring_it_back(worn: Worn, *, own: bool) -> None:
    """Whoever read them before they were overwritten, and writes on them afterwards."""
    beside = worn.store if own else SqliteStore(worn.path)
    gone = in_gaps(worn)
    assert gone
    beside.db.conn.execute("PRAGMA cache_size = -64000")
    assert len(beside.rows("ideas")) == len(worn.marks)
    worn.erase(gone)
    tidied(worn.store)
    assert worn.left(gone) == []
    texts = {row["id"]: row["text"] for row in beside.rows("ideas")}
    rows = tuple(("ideas", {**idea(id_, text)[1], "state": "shut"}) for id_, text in texts.items())
    assert beside.append([Append(session="plain", expected=worn.seq, events=(), copies=rows)]) == [None]
    assert worn.left(gone) == []
    if beside is not worn.store:
        beside.close()


def test_what_comes_meanwhile_has_its_own_round(tmp_path: Path) -> None:
    """Whoever erases again and again does not put off what was erased first, nor is the last forgotten."""
    worn = Worn(tmp_path / "file", 8 * MB)
    some = worn.marks[::4]
    worn.erase(some[:1])
    for n in range(1, 40):
        worn.erase(some[n : n + 1])
        worn.store.tidy()
    assert len(worn.left(some[:40])) < 20
    tidied(worn.store)
    assert worn.left(some[:40]) == []
    assert worn.store.db.table("due").count == 0
    worn.store.close()


KILLED = """
import os, signal, sys
from pathlib import Path
from facilitate.core.book import Row
from facilitate.store import Append
from facilitate.store.sqlite import SqliteStore
opened = SqliteStore(sys.argv[1])
slices, erases = int(sys.argv[2]), tuple(sys.argv[3].split(","))
seq = max(event.seq for event in opened.read("plain"))
tidy, opened.tidy = opened.tidy, lambda: False
rows = tuple(Row(person, None) for person in sys.argv[4].split(","))
opened.append([Append(session="plain", expected=seq, events=(), erases=erases, rows=rows)])
for _ in range(slices):
    tidy()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.server
def test_killed_in_the_midst(tmp_path: Path, environment: Mapping[str, str]) -> None:
    """Wherever a crash comes: with the next start what was left is gone."""
    folder = tmp_path / "folder"
    folder.mkdir()
    worn = Worn(folder / "file", 30 * MB)
    worn.store.close()
    some = worn.marks[:100]
    found = []
    for n, slices in enumerate((0, 1, 2, 3, 5, 8)):
        few = some[n * 10 : n * 10 + 10]
        ids = [id_ for said in few for id_ in (worn.ids[said], f"i{worn.marks.index(said):04}")]
        people = ",".join(f"person-{worn.marks.index(said)}" for said in few)
        command = [sys.executable, "-c", KILLED, str(worn.path), str(slices), ",".join(ids), people]
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
        assert done.returncode == -signal.SIGKILL
        found.append(len(left(folder, few)))
        opened = SqliteStore(worn.path)
        assert opened.db.table("due").count == 0
        assert opened.db.conn.execute("PRAGMA quick_check").fetchone() == ("ok",)
        assert left(folder, few) == []
        opened.close()
    assert found[0] == 10


# --- in a hall


async def test_a_hall_in_which_nothing_more_is_said(tmp_path: Path) -> None:
    """The last words go though nobody writes any more, as soon as a reader has finished."""
    path = tmp_path / "file"
    async with hall(lambda: SqliteStore(path)) as room:
        one = Append(session="x", expected=0, events=(), rows=(Row("a", {"name": mark(1)}),))
        await room.lobby.writer.append(one)
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM log").fetchone()
        await room.lobby.writer.append(msgspec.structs.replace(one, rows=(Row("a", {"name": "Another"}),)))
        await asyncio.sleep(1.5)
        assert left(tmp_path, [mark(1)])
        reader.close()
        for _ in range(50):
            await asyncio.sleep(0.1)
            if not left(tmp_path, [mark(1)]):
                break
        assert left(tmp_path, [mark(1)]) == []


# --- the pages


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    size=st.sampled_from([512, 1024, 4096, 65_536]),
    vacuum=st.sampled_from(["NONE", "FULL", "INCREMENTAL"]),
    seed=st.integers(0, 10_000),
)
def test_only_what_is_unused(tmp_path_factory: pytest.TempPathFactory, size: int, vacuum: str, seed: int) -> None:
    """Pages of any size and kind: all that SQLite reads stays as it was, and a second time there is nothing to do."""
    path = tmp_path_factory.mktemp("pages") / "file"
    chance = random.Random(seed)
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in (f"page_size = {size}", f"auto_vacuum = {vacuum}", "secure_delete = OFF", "synchronous = OFF"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE a (id INTEGER PRIMARY KEY, text)")
    connection.execute("CREATE INDEX b ON a (text)")
    connection.execute("CREATE TABLE c (text PRIMARY KEY, other) WITHOUT ROWID")
    connection.execute("CREATE VIRTUAL TABLE d USING fts5(text)")
    connection.execute("BEGIN")
    for _ in range(600):
        text = chance.randbytes(chance.choice((2, 20, 90, 700))).hex()
        n = chance.randrange(300)
        connection.execute("INSERT OR REPLACE INTO a VALUES (?, ?)", [n, text])
        connection.execute("INSERT OR REPLACE INTO c VALUES (?, ?)", [text, n])
        connection.execute("INSERT INTO d VALUES (?)", [text])
        connection.execute("DELETE FROM c WHERE other = ?", [chance.randrange(300)])
        connection.execute("UPDATE a SET text = ? WHERE id = ?", [text[:20], chance.randrange(300)])
    connection.execute("COMMIT")
    before = "\n".join(connection.iterdump())
    connection.close()

    content = path.read_bytes()
    pages = Pages(path)
    assert pages.count() * size == len(content)
    assert pages.overwrite(1, pages.count()) > 0
    assert pages.overwrite(1, pages.count()) == 0
    pages.close()
    changed = [now for was, now in zip(content, path.read_bytes(), strict=True) if was != now]
    assert changed
    assert not any(changed)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert "\n".join(connection.iterdump()) == before
    connection.close()


def test_of_what_is_no_page_nothing_is_touched(tmp_path: Path) -> None:
    """Noise looks like anything; what does not fit together is left alone."""
    chance = random.Random(2)
    path = tmp_path / "file"
    header = bytearray(4096)
    header[16:18] = (4096).to_bytes(2)
    noise = [bytes([kind]) + chance.randbytes(4095) for kind in (0, 1, 2, 5, 10, 13, 255) for _ in range(30)]
    sound = [page for page in noise if page[0] in (2, 5, 10, 13) and 12 + 2 * int.from_bytes(page[3:5]) <= 4096]
    path.write_bytes(bytes(header) + b"".join(page for page in noise if page not in sound))
    before = path.read_bytes()
    pages = Pages(path)
    assert pages.overwrite(1, pages.count()) == 0
    pages.close()
    assert path.read_bytes() == before
