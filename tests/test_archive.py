"""What earlier versions wrote opens in this one: it replays, looks the same to everybody, is exported, and goes on."""

import time
from collections.abc import Iterator

import pytest

from facilitate.core import book
from facilitate.core.decide import replay
from facilitate.core.events import KINDS
from facilitate.live.clock import ManualClock
from facilitate.live.lobby import Lobby
from facilitate.live.runner import Runner
from facilitate.store.memory import MemoryStore
from tests.archive import shelf
from tests.archive.evening import Evening, everything
from tests.hall import lobby_on

VERSIONS = shelf.versions()


@pytest.fixture(autouse=True)
def _one_time_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Exports of then stand in the machine's own time."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


async def runners(lobby: Lobby) -> list[Runner]:
    return [await lobby.find(entry.code) for entry in lobby.entries()]


def test_there_is_something_to_open() -> None:
    assert VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
async def test_everybody_sees_what_they_saw(version: str) -> None:
    """Every record of every audience and person, and every export, is what is kept beside the folder.

    Where something is meant to look different, `python -m tests.archive record VERSION` writes it anew, and the commit
    shows what.
    """
    kept = {path.name: path.read_bytes() for path in shelf.seen_in(version).iterdir() if path.name != "kinds.txt"}
    async with shelf.opened(version) as lobby:
        seen = {name: content async for name, content in shelf.everything_seen(lobby)}
    assert sorted(seen) == sorted(kept)
    for name, content in seen.items():
        assert content.decode() == kept[name].decode(), name


@pytest.mark.parametrize("version", VERSIONS)
async def test_nothing_is_read_only(version: str) -> None:
    """Each session opens whole, and its log alone gives the same state."""
    async with shelf.opened(version) as lobby:
        for runner in await runners(lobby):
            assert runner.read_only is None
            assert replay(await runner.log(), runner.state.names) == runner.state


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_kind_of_that_version_is_there(version: str) -> None:
    """Nobody has put a poorer folder in its place."""
    kept = (shelf.seen_in(version) / "kinds.txt").read_text().split()
    async with shelf.opened(version) as lobby:
        assert await shelf.kinds(lobby) == set(kept)
    assert len(kept) >= 76


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_ran_goes_on(version: str) -> None:
    """A session of then is steered on, and is afterwards what its log says."""
    async with shelf.opened(version) as lobby:
        for runner in await runners(lobby):
            it = Evening(lobby, ManualClock(shelf.LOOKED), runner)
            it.given = runner.state.seq  # their own commands come first
            for phase in it.state.agenda():
                await it.steer("StartPhase", phase=phase.id)
            await it.steer("EndSession")
            assert replay(await runner.log(), runner.state.names) == runner.state


async def test_every_kind_of_event_has_its_scene() -> None:
    """So that the next folder of the archive holds every kind too: a new one is put into `archive/evening.py`."""
    clock = ManualClock()
    lobby = lobby_on(MemoryStore, clock)
    await lobby.start()
    await everything(lobby, clock)
    happened = await shelf.kinds(lobby)
    await lobby.stop()
    assert set(book.FACTS) | set(KINDS.values()) == happened
