"""Home lists what the store's list knows: a thousand sessions at once, and none of them spoils it for the others."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from facilitate.languages import catalogue
from facilitate.live.clock import ManualClock
from facilitate.live.lobby import NewSession
from facilitate.live.opening import lobby_of
from facilitate.live.runner import Runner
from facilitate.store.folder import Folder
from facilitate.store.memory import MemoryStore
from tests.hall import lobby_on
from tests.server import Server, serving

MANY = 1000
WORK = 1.0  # seconds of the processor for a page of them all
SAY = catalogue("en").say


def filled(data: Path, number: int) -> list[str]:
    """A data folder with this many sessions; their codes, oldest first."""

    async def fill() -> list[str]:
        lobby = lobby_of(Folder(data), "http://hall.test")
        await lobby.start()
        one = await lobby.create(NewSession(format="quick-vote"))
        await lobby.stop()
        return [one.code]

    codes = asyncio.run(fill())
    with sqlite3.connect(data / "facilitate.sqlite") as file:
        for table, key in (("log", "session"), ("sessions", "id")):
            columns = [row[1] for row in file.execute(f'PRAGMA table_info("{table}")')]
            (row,) = file.execute(f'SELECT * FROM "{table}"').fetchall()
            whole = dict(zip(columns, row, strict=True))
            for n in range(number - 1):
                code = f"{n:06}"
                copy = {**whole, key: f"session-{n:04}"}
                if table == "sessions":
                    copy |= {"code": code, "title": f"<b>Evening</b> {n}", "created": whole["created"] + n}
                    codes.append(code)
                else:
                    copy["data"] = whole["data"].replace(whole["session"], copy[key]).replace(codes[0], code)
                file.execute(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(columns))})', list(copy.values()))
    file.close()
    return codes


@contextmanager
def signed_in(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=30, headers={"Accept-Language": "en"}) as browser:
        assert browser.post("/auth", json={"token": server.owner}).status_code == 200
        yield browser


def worked(server: Server) -> float:
    """Seconds that the server's process has had of the processor."""
    assert server.process is not None
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_thousand_sessions_open_at_once(environment: dict[str, str], tmp_path: Path) -> None:
    """Well within the time that a page has, and without one of them being loaded; what people wrote stays text."""
    codes = filled(tmp_path / "folder", MANY)
    with serving(tmp_path / "folder", environment) as server, signed_in(server) as browser:
        assert browser.get("/plan").status_code == 200
        before = worked(server)
        page = browser.get("/home")
        assert page.status_code == 200
        work = worked(server) - before
        assert work < WORK
        print(f"{MANY} sessions: {work:.2f} s of the processor, {len(page.text) / 1e6:.2f} MB")
        assert page.text.count("data-delete=") == MANY
        assert all(f"/desk/{code}" in page.text for code in codes)
        assert "<b>Evening" not in page.text
        assert browser.get(f"/desk/{codes[-1]}").status_code == 200
        began = time.monotonic()
        assert browser.get("/home").status_code == 200
        assert time.monotonic() - began < 3 or os.getloadavg()[0] > 4


BROKEN = {
    "a fact that is no text": ("UPDATE log SET data = x'ff' WHERE session = ?", 503),
    "a fact that is no JSON": ("UPDATE log SET data = '{' WHERE session = ?", 404),
    "a first fact of a newer program": ("UPDATE log SET kind = 'ProgramFramed' WHERE session = ?", 404),
    "no facts at all": ("DELETE FROM log WHERE session = ?", 404),
    "an unknown state": ("UPDATE sessions SET state = 'floating' WHERE id = ?", 200),
    "no dates": ("UPDATE sessions SET created = 'long ago', delete_at = 'soon' WHERE id = ?", 200),
    "no title": ("UPDATE sessions SET title = '' WHERE id = ?", 200),
}


def test_no_session_breaks_the_list(environment: dict[str, str], tmp_path: Path) -> None:
    """Whatever is wrong with one, it is listed with all the others; it is marked once somebody wanted to open it."""
    codes = filled(tmp_path / "folder", len(BROKEN) + 1)
    broken = dict(zip(codes[1:], BROKEN.values(), strict=True))
    with sqlite3.connect(tmp_path / "folder" / "facilitate.sqlite") as file:
        for number, (statement, _) in enumerate(broken.values()):
            file.execute(statement, [f"session-{number:04}"])
    file.close()
    with serving(tmp_path / "folder", environment) as server, signed_in(server) as browser:
        for again in (False, True):
            page = browser.get("/home")
            assert page.status_code == 200
            for code in codes:
                assert f"/desk/{code}" in page.text, (code, again)
            if not again:
                assert browser.get(f"/desk/{codes[0]}").status_code == 200
                found = {code: browser.get(f"/desk/{code}").status_code for code in broken}
                assert found == {code: status for code, (_, status) in broken.items()}
                closed = browser.get(f"/desk/{codes[1]}").text
                assert SAY("error.session.unreadable") in closed
            marks = page.text.count(SAY("home.state-unreadable"))
            assert marks == (sum(status != 200 for _, status in broken.values()) if again else 1)
        assert server.process is not None
        assert server.process.poll() is None
        _, _, err = server.stop()
    assert err.count("Traceback") <= 4


@pytest.mark.parametrize("when", ["before it was opened", "after it was tried"])
async def test_what_cannot_be_read_can_be_deleted(when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is left, and its code is free."""
    lobby = lobby_on(MemoryStore)
    await lobby.start()
    made = await lobby.create(NewSession(format="quick-vote"))

    async def breaks(self: Runner) -> None:
        raise AttributeError("a fact without its content")

    monkeypatch.setattr(Runner, "load", breaks)
    if when.startswith("after"):
        with pytest.raises(Exception, match="unreadable"):
            await lobby.find(made.code)
        assert lobby.is_unreadable(made.id)
    await lobby.delete(made.id)
    assert lobby.entries() == []
    assert not lobby.is_unreadable(made.id)
    await lobby.stop()


async def test_nobody_loads_all_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the start, nor the list, nor the deletion of those whose time is over."""
    store = MemoryStore()
    first = lobby_on(lambda: store)
    await first.start()
    made = [await first.create(NewSession(format="quick-vote", delete_after=days)) for days in (1, 5, 500)]
    await first.stop()

    async def loads(self: Runner) -> None:
        raise AssertionError("was loaded")

    monkeypatch.setattr(Runner, "load", loads)
    clock = ManualClock(first.clock.now())
    again = lobby_on(lambda: store, clock)
    await again.start()
    assert {entry.code for entry in again.entries()} == {one.code for one in made}
    clock.advance(10 * 86_400)
    await again.delete_due()
    assert [entry.code for entry in again.entries()] == [made[2].code]
    assert again.runners() == []
    await again.stop()


async def test_one_nonsense_date_keeps_no_other_from_being_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    """And time goes on."""
    store = MemoryStore()
    clock = ManualClock()
    lobby = lobby_on(lambda: store, clock)
    await lobby.start()
    made = [await lobby.create(NewSession(format="quick-vote", delete_after=1)) for _ in range(3)]
    odd: Any = msgspec.structs.replace(lobby._entries[made[2].code], delete_at="soon")
    lobby._entries = {made[2].code: odd, **lobby._entries, made[2].code: odd}
    clock.advance(3 * 86_400)
    await lobby.delete_due()
    assert [entry.code for entry in lobby.entries()] == [made[2].code]
    await lobby.stop()
