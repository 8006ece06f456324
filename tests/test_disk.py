"""A disk that is full, or whose fsync fails: nobody is told "saved" who is not, and all goes on once there is room."""

import asyncio
import errno
import platform
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from facilitate.store.folder import Folder
from facilitate.store.sqlite import SqliteStore
from tests.hall import Client, Hall, hall
from tests.server import PROGRAM, Server, free_port, serving

resource = pytest.importorskip("resource")

ROOT = Path(__file__).parent.parent
PHONES = 6
PRIVATE = ("unshare", "--user", "--map-root-user", "--mount")


def has_private_mounts() -> bool:
    """Whether this system lets anybody mount what they alone see."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*PRIVATE, "true"], capture_output=True, check=False).returncode == 0


mounts = pytest.mark.skipif(not has_private_mounts(), reason="mounts of one's own are not allowed on this system")


def on_a_disk(at: Path, size: str, more: str, command: Sequence[str]) -> list[str]:
    """A command with a disk of its own, of that size, at a place that others see as it was."""
    script = f'mount -t tmpfs -o size={size},mode=700 none "$0" && {more} exec "$@"'
    return [*PRIVATE, "sh", "-c", script, str(at), *command]


def said(command: Sequence[str], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        env=dict(environment),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# --- at the start

OPEN = "import sys; from facilitate.store.sqlite import SqliteStore; SqliteStore(sys.argv[1])"


@pytest.mark.server
@pytest.mark.parametrize("blocks", [0, 1, 16, 64])
def test_a_file_that_could_not_be_made_leaves_nothing_behind(
    blocks: int, environment: dict[str, str], tmp_path: Path
) -> None:
    """However far it came: neither a half database nor its neighbours; with room again it is made."""
    path = tmp_path / "facilitate.sqlite"
    done = said(
        ["sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", sys.executable, "-c", OPEN, str(path)], environment
    )
    assert done.returncode == 1, done
    assert "Error" in done.stderr
    assert list(tmp_path.iterdir()) == []
    SqliteStore(path).close()
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


WRITE = "import sys; from facilitate.store.folder import Folder; Folder(sys.argv[1]).signing_key()"


@pytest.mark.server
def test_a_secret_that_could_not_be_written_leaves_nothing_behind(environment: dict[str, str], tmp_path: Path) -> None:
    done = said(["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", sys.executable, "-c", WRITE, str(tmp_path)], environment)
    assert "File too large" in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert len(Folder(tmp_path).signing_key()) == 32


FILL = 'dd if=/dev/zero of="$0/filler" bs=1k 2>/dev/null;'


@mounts
@pytest.mark.server
@pytest.mark.parametrize(
    ("more", "sentence"),
    [(FILL, "Make room on the disk"), ('mount -o remount,ro "$0" &&', "cannot be written to (Read-only file system)")],
    ids=["full", "read-only"],
)
@pytest.mark.parametrize("used", [False, True], ids=["new", "used"])
def test_a_server_on_a_disk_that_takes_nothing_says_so_and_ends(
    used: bool, more: str, sentence: str, environment: dict[str, str], tmp_path: Path
) -> None:
    """In one sentence that says what to do, whether the folder is new or holds sessions."""
    at, before = tmp_path / "disk", tmp_path / "before"
    at.mkdir()
    before.mkdir()
    if used:
        folder = Folder(before)
        folder.signing_key()
        folder.owner_token()
        SqliteStore(folder.database()).close()
    serve = (*PROGRAM, "serve", "--data", str(at), "--port", str(free_port()), "--no-open")
    done = said(on_a_disk(at, "1m", f'cp -p "{before}"/* "$0"/ 2>/dev/null; {more}', serve), environment)
    assert done.returncode == 1, done
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


# --- in the middle of a workshop


class Disk:
    """Where a server's data lies: `fill` leaves no room, `free` gives it back."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def fill(self) -> None: ...

    def free(self) -> None: ...


class Limit(Disk):
    """The process may not write behind the first bytes of any file: what the system answers is an error of the disk."""

    def fill(self) -> None:
        assert self.server.process is not None
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))

    def free(self) -> None:
        assert self.server.process is not None
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, unlimited)


class Small(Disk):
    """A disk of a few megabytes with a file on it that takes up all the room that is left."""

    @property
    def filler(self) -> Path:
        return self.server.data / "filler"

    def fill(self) -> None:
        with self.filler.open("wb", buffering=0) as file:
            for size in (1 << 16, 1 << 12, 1):
                try:
                    while file.write(bytes(size)) == size:
                        pass
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def free(self) -> None:
        self.filler.unlink()


@contextmanager
def on_limit(at: Path, environment: Mapping[str, str]) -> Iterator[Disk]:
    with serving(at, environment) as server:
        yield Limit(server)


@contextmanager
def on_small(at: Path, environment: Mapping[str, str]) -> Iterator[Disk]:
    class Apart(Server):
        program = tuple(on_a_disk(at, "8m", "", PROGRAM))

    at.mkdir()
    server = Apart(at, environment).start()
    assert server.process is not None
    try:
        server.data = Path(f"/proc/{server.process.pid}/root{at}")
        yield Small(server)
    finally:
        if server.process.poll() is None:
            server.stop()


@pytest.mark.server
@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits of another process cannot be set on this system")
@pytest.mark.parametrize("disk", [on_limit, pytest.param(on_small, marks=mounts)], ids=["limit", "small"])
async def test_a_full_disk_costs_nobody_a_word(disk: Any, environment: dict[str, str], tmp_path: Path) -> None:
    """Refused with a time to come again, said on every page; with room again all goes on, each word there once."""
    with disk(tmp_path / "folder", environment) as it:
        server: Server = it.server
        code = server.new("quick-vote")["code"]
        desk = await Client(server.url, code, token=server.owner).open()
        phones = [await Client(server.url, code).open() for _ in range(PHONES)]
        assert (await desk.do("StartPhase", phase="collect"))["ok"]
        saved = {(await phone.do("PostIdea", phase="collect", text="Before"))["id"] for phone in phones}
        assert len(saved) == PHONES
        await settled(desk, *phones)
        it.fill()
        refused = await until_refused(phones, saved)
        for client in (desk, *phones):
            await client.until(lambda client=client: client.counts.get("failing") is True)  # type: ignore[misc]
            assert not {idea["id"] for idea in client.all("idea")} & {id_ for _, id_, _ in refused}
        assert server.is_healthy()
        still = await phones[0].do("PostIdea", phase="collect", text="Still")
        assert still["error"]["key"] == "store.failing"
        it.free()
        answers = await asyncio.gather(
            *(phone.do("PostIdea", id=id_, phase="collect", text=text) for phone, id_, text in refused)
        )
        assert all(answer["ok"] for answer in answers), "the same commands, the same server, nothing started again"
        saved |= {answer["id"] for answer in answers}
        for client in (desk, *phones):
            await client.until(lambda client=client: {idea["id"] for idea in client.all("idea")} == saved)  # type: ignore[misc]
            await client.until(lambda client=client: client.counts.get("failing") is False)  # type: ignore[misc]
            fresh = await Client(server.url, code, token=client.token).open()
            assert fresh.records == client.records
            await fresh.close()
        shutil.copytree(server.data, tmp_path / "copy", ignore=shutil.ignore_patterns("*-shm"))
        the_file_is_whole(tmp_path / "copy" / "facilitate.sqlite", saved)
        held = dict(phones[0].records)
        for client in (desk, *phones):
            await client.close()
        if isinstance(it, Limit):
            assert server.stop()[0] == 0
            server.start()
            again = await Client(server.url, code, token=phones[0].token).open()
            assert again.records == held, "the log, replayed, is what was live"
            await again.close()


async def settled(*clients: Client) -> None:
    """Nothing is about to be told: what comes later comes because of what happens later."""
    told = -1
    while told != (told := sum(len(client.frames) for client in clients)):  # noqa: ASYNC110 - silence is no event
        await asyncio.sleep(1.5)


async def until_refused(phones: list[Client], saved: set[str]) -> list[tuple[Client, str, str]]:
    """Write until everybody was refused: what still had room joins `saved`; (phone, id, text) of the rest."""
    refused: list[tuple[Client, str, str]] = []
    for turn in range(30):
        waiting = [phone for phone in phones if phone not in [who for who, _, _ in refused]]
        text = f"{turn} " + "x" * 250
        answers = await asyncio.gather(*(phone.do("PostIdea", phase="collect", text=text) for phone in waiting))
        for phone, answer in zip(waiting, answers, strict=True):
            if answer["ok"]:
                saved.add(answer["id"])
            else:
                assert answer["error"]["key"] == "store.failing"
                assert answer["error"]["retry"] > 0
                refused.append((phone, answer["id"], text))
    assert len(refused) == len(phones)
    return refused


def the_file_is_whole(path: Path, saved: set[str]) -> None:
    store = SqliteStore(path)
    assert store.db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    (entry,) = store.sessions()
    events = list(store.read(entry.id))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    posted = Counter(event.command for event in events if event.kind == "IdeaPosted")
    assert posted == Counter(saved), "each acknowledged one there once, and no other"
    assert {row["id"] for row in store.rows("ideas")} == saved
    store.close()


class Unsynced:
    """A connection whose commits fail when they wait for the disk, with all their statements carried out."""

    failing = False

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql == "COMMIT" and Unsynced.failing:
            raise sqlite3.OperationalError("disk I/O error")
        return self.connection.execute(sql, *values)


async def test_a_commit_that_does_not_reach_the_disk_is_no_commit(tmp_path: Path) -> None:
    """All was written but the last word: nobody is told "saved", nobody is shown it, and it can be sent again."""
    path = tmp_path / "facilitate.sqlite"
    Unsynced.failing = False

    def opened() -> SqliteStore:
        store = SqliteStore(path)
        store.db.conn = Unsynced(store.db.conn)  # type: ignore[assignment]
        return store

    async with hall(opened) as room:
        codes = [await room.session(), await room.session()]
        desks = [await staff(room, code) for code in codes]
        phones = [await Client(room.url, code).open() for code in codes for _ in range(3)]
        for desk in desks:
            assert (await desk.do("StartPhase", phase="collect"))["ok"]
        runners = [await room.lobby.find(code) for code in codes]
        before = [runner.state.seq for runner in runners]
        await settled(*desks, *phones)
        Unsynced.failing = True
        answers = await asyncio.gather(*(phone.do("PostIdea", phase="collect", text="Word") for phone in phones))
        assert {answer["error"]["key"] for answer in answers} == {"store.failing"}
        assert [runner.state.seq for runner in runners] == before
        assert [runner.counts()["failing"] for runner in runners] == [True, True]
        for desk in desks:
            await desk.until(lambda desk=desk: desk.counts.get("failing"))  # type: ignore[misc]
            assert not desk.all("idea")
        Unsynced.failing = False
        for desk in desks:  # also before anybody sends anything again
            await desk.until(lambda desk=desk: not desk.counts.get("failing"))  # type: ignore[misc]
        for phone, answer in zip(phones, answers, strict=True):
            again = await phone.do("PostIdea", id=answer["id"], phase="collect", text="Word")
            assert again["ok"]
            assert (await phone.do("PostIdea", id=answer["id"], phase="collect", text="Word")) == again
        for desk in desks:
            await desk.texts(3)
        held = [desk.records for desk in desks]
        for client in (*desks, *phones):
            await client.close()
    async with hall(lambda: SqliteStore(path)) as room:
        for desk, records in zip(desks, held, strict=True):
            fresh = await Client(room.url, desk.code, token=desk.token).open()
            assert fresh.records == records
            await fresh.close()


async def staff(room: Hall, code: str) -> Client:
    runner = await room.lobby.find(code)
    return await Client(room.url, code, token=await room.lobby.issue(runner.session, "facilitator")).open()


# fsync and fdatasync by their numbers: a process may forbid them to itself, and the system then answers EIO.
CALLS = {"x86_64": (74, 75), "aarch64": (82, 83)}.get(platform.machine(), ())

FORBID = """
import ctypes, struct, sys
from tests.test_store import append, everything
from facilitate.store.sqlite import SqliteStore

def forbid(calls):
    line = struct.Struct("HBBI").pack
    lines = [line(0x20, 0, 0, 0)]
    for number in calls:
        lines += [line(0x15, 0, 1, number), line(0x06, 0, 0, 0x00050005)]
    code = b"".join([*lines, line(0x06, 0, 0, 0x7FFF0000)])
    held = ctypes.create_string_buffer(code)
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(held)))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program, 0, 0) == 0, ctypes.get_errno()

opened = SqliteStore(sys.argv[1])
before = everything(opened, ["plain"])
forbid([int(number) for number in sys.argv[2:]])
try:
    opened.append([append(2, 2)])
except Exception as error:
    print(type(error).__name__, error)
assert everything(opened, ["plain"]) == before, "what was refused is not there"
"""


@pytest.mark.server
@pytest.mark.skipif(sys.platform != "linux" or not CALLS, reason="no numbers of system calls are known for this system")
def test_a_store_notices_that_the_disk_did_not_take_it(environment: dict[str, str], tmp_path: Path) -> None:
    """With a really failing fsync the append fails and shows nothing; the next process finds a whole file."""
    from tests.test_store import append

    path = tmp_path / "facilitate.sqlite"
    opened = SqliteStore(path)
    assert opened.append([append(1, 1)]) == [None]
    opened.close()
    done = said([sys.executable, "-c", FORBID, str(path), *map(str, CALLS)], environment)
    assert done.returncode == 0, done.stderr
    assert "OperationalError disk I/O error" in done.stdout
    opened = SqliteStore(path)
    last = len(list(opened.read("plain")))
    assert opened.append([append(last + 1, last + 1)]) == [None]
    assert opened.db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    opened.close()
