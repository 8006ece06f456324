"""The folders of the archive: packed, opened again, and looked at with everybody's eyes."""

import json
import shutil
import tarfile
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from facilitate import exports
from facilitate.core.projection import Projection, audiences, personal_from
from facilitate.core.tables import Key
from facilitate.core.view import counts
from facilitate.live.clock import ManualClock
from facilitate.live.lobby import Lobby
from facilitate.live.opening import lobby_of
from facilitate.live.reports import drawn_up
from facilitate.live.runner import Runner
from facilitate.store import Entry, Store
from facilitate.store.folder import Folder
from tests.archive.evening import PEOPLE, person_of

PLACE = Path(__file__).parent
KEPT = ("facilitate.sqlite", "signing-key", "owner-token")
LOOKED = 1_790_100_000_000  # the day after, when every later version opens it
LANGUAGE = "de"


def versions() -> list[str]:
    return sorted(path.name.removesuffix(".tar.xz") for path in PLACE.glob("*.tar.xz"))


def packed(version: str) -> Path:
    return PLACE / f"{version}.tar.xz"


def seen_in(version: str) -> Path:
    """The folder with what everybody sees."""
    return PLACE / version


def pack(folder: Folder, version: str) -> None:
    with tarfile.open(packed(version), "w:xz") as tar:
        for name in KEPT:
            tar.add(folder.path / name, name)


@asynccontextmanager
async def opened(version: str) -> AsyncIterator[Lobby]:
    """The lobby over a copy of the folder."""
    with tempfile.TemporaryDirectory() as place:
        with tarfile.open(packed(version)) as tar:
            tar.extractall(place, filter="data")
        lobby = lobby_of(Folder(place), "http://hall.test", ManualClock(LOOKED))
        await lobby.start()
        try:
            yield lobby
        finally:
            await lobby.stop()


async def kinds(lobby: Lobby) -> set[str]:
    """The kinds of events that happened in any session, deleted ones too."""

    def read(store: Store) -> set[str]:
        return {event.kind for row in store.rows("sessions") for event in store.read(row["id"])}

    return await lobby.writer.call(read)


async def record(version: str) -> None:
    """Write what everybody sees of the folder beside it."""
    place = seen_in(version)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    async with opened(version) as lobby:
        (place / "kinds.txt").write_text("".join(f"{kind}\n" for kind in sorted(await kinds(lobby))))
        async for name, content in everything_seen(lobby):
            (place / name).write_bytes(content)


async def everything_seen(lobby: Lobby) -> AsyncIterator[tuple[str, bytes]]:
    """(file, content) of all records of all audiences and persons, and of every export, session by session."""
    for entry in sorted(lobby.entries(), key=lambda entry: entry.code):
        runner = await lobby.find(entry.code)
        assert runner.read_only is None, entry.title
        yield f"{name_of(entry)}.records.txt", records(lobby, runner)
        for export in exports.kinds().values():
            content = export.write(await drawn_up(runner, lobby, LANGUAGE))
            if b"\0" not in content:  # what is packed bears the time of its packing
                yield f"{name_of(entry)}.{export.EXTENSION.lstrip('.')}", content


def name_of(entry: Entry) -> str:
    return f"{entry.code}-{entry.state}"


def records(lobby: Lobby, runner: Runner) -> bytes:
    """A line a record, under the name of who sees it."""
    return "".join(_lines(lobby, runner)).encode()


def _lines(lobby: Lobby, runner: Runner) -> Iterator[str]:
    state = runner.state
    projections = audiences(runner.rules)
    projections.take(state, list(state.touched), state.seq)
    yield f"# counts\n{json.dumps(counts(state), ensure_ascii=False, sort_keys=True)}\n"
    for audience in ("outside", "participants", "facilitators", *sorted(projections.groups)):
        yield f"# {audience}\n"
        yield from _sorted(projections.groups.get(audience) or projections[audience])
    for number in range(PEOPLE):
        yield f"# guest {number}\n"
        yield from _sorted(personal_from(state, person_of(lobby, runner, number)))


def _sorted(projection: Projection) -> Iterator[str]:
    entries: list[tuple[Key, bytes]] = [(key, data) for key, _, data in projection.all() if data is not None]
    for key, data in sorted(entries):
        yield f"{key[0]} {json.dumps(msgspec.json.decode(data), ensure_ascii=False, sort_keys=True)}\n"
