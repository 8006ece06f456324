"""What is to be deleted on a day: closed from that moment, deleted soon after, and never by a clock's mistake."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import socketio
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from fastapi.routing import APIRoute
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect
from starlette.routing import Mount
from typer.testing import CliRunner

from facilitate.cli import command
from facilitate.core.refused import Refused
from facilitate.languages import catalogue
from facilitate.live.almanac import DAY, HOUR, USUAL, Almanac
from facilitate.live.clock import ManualClock
from facilitate.live.folders import assets_folder
from facilitate.live.limits import Limits
from facilitate.live.lobby import NewSession
from facilitate.live.opening import lobby_of
from facilitate.live.tokens import LIVE, Tokens
from facilitate.store.folder import Folder
from facilitate.store.memory import MemoryStore
from facilitate.ui import access, api, light, sheet
from facilitate.ui.access import COOKIE
from facilitate.ui.assets import Assets
from facilitate.ui.gate import Gate
from tests.hall import OWNER, Client, Hall, hall, lobby_on
from tests.server import serving
from tests.test_staff import aside

SAY = catalogue("en").say
NOW = 1_800_000_000_000


def clock_of(room: Hall) -> ManualClock:
    assert isinstance(room.lobby.clock, ManualClock)
    return room.lobby.clock


async def seconds_pass(n: float = 2.5) -> None:
    await asyncio.sleep(n)


def is_there(room: Hall, code: str) -> bool:
    """Whether it has not been deleted, be it open or not."""
    return code in {entry.code for entry in room.lobby.writer._store.sessions()}  # type: ignore[union-attr]


async def is_open(room: Hall, code: str) -> bool:
    try:
        await room.lobby.find(code)
    except Refused as refused:
        return refused.key not in ("session.over", "session.unknown")
    return True


# --- the day itself


async def test_deleted_soon_after_the_start() -> None:
    """However short the machine has been up: a session whose day came while it was off."""
    store = MemoryStore()
    async with hall(lambda: store, ManualClock(NOW)) as room:
        code = await room.session(delete_after=1)
        other = await room.session(delete_after=2)
    async with hall(lambda: store, ManualClock(NOW + DAY)) as room:
        assert not await is_open(room, code)
        await seconds_pass()
        assert not is_there(room, code)
        assert await is_open(room, other)


async def test_deleted_soon_after_the_day_came() -> None:
    """While it runs, and everybody who is connected is let go."""
    async with hall() as room:
        code = await room.session(delete_after=1)
        phone = await Client(room.url, code).open()
        clock_of(room).advance(86_400 - 1)
        await seconds_pass(1.5)
        assert phone.sio.connected
        clock_of(room).advance(1)
        await asyncio.wait_for(phone.sio.wait(), 3)
        await seconds_pass()
        assert not is_there(room, code)


async def test_what_cannot_be_deleted_now_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a minute, and it stays closed, also where the clock goes back."""
    monkeypatch.setattr("facilitate.live.lobby.AGAIN", 1.0)
    store = MemoryStore()
    async with hall(lambda: store) as room:
        code = await room.session(delete_after=1)
        whole = store.delete

        def fails(*_: Any) -> None:
            raise OSError("no room")

        monkeypatch.setattr(store, "delete", fails)
        clock_of(room).advance(86_400)
        await seconds_pass(1.5)
        clock_of(room).advance(-3600)
        assert is_there(room, code)
        assert not await is_open(room, code)
        monkeypatch.setattr(store, "delete", whole)
        await seconds_pass()
        assert not is_there(room, code)


@asynccontextmanager
async def house() -> AsyncIterator[tuple[Hall, httpx.AsyncClient, FastAPI]]:
    """All doors of a server, without NiceGUI's own pages, which stand behind the gate."""
    lobby = lobby_on(MemoryStore)
    await lobby.start()
    app, assets = FastAPI(), Assets(assets_folder())
    light.add(app, lobby, assets)
    sheet.add(app, lobby, assets)
    access.add(app, lobby)
    api.add(app, lobby)
    app.add_middleware(Gate, lobby=lobby, assets=assets)
    transport = httpx.ASGITransport(app=app)
    cookies = {COOKIE: OWNER}
    headers = {"Authorization": f"Bearer {OWNER}", "Origin": "http://hall.test"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://hall.test", cookies=cookies, headers=headers
    ) as client:
        yield Hall(lobby, None, "", set()), client, app  # type: ignore[arg-type]
    await lobby.stop()


@pytest.mark.usefixtures("at_once")
async def test_closed_at_every_door_from_that_millisecond() -> None:
    """Every address that has a code in it, for the owner too; it is listed nowhere."""
    async with house() as (room, client, app):
        code = await room.session(delete_after=1)
        assert (await client.post(f"/auth/links/{code}")).status_code == 200
        doors = [door for door in sorted(addresses(app.routes)) if "{code" in door[1]]
        doors += [("GET", "/desk/{code}"), ("GET", "/harvest/{code}")]
        assert len(doors) >= 15
        clock_of(room).advance(86_400 - 0.001)
        assert await is_open(room, code)
        clock_of(room).advance(0.001)
        answers = {}
        for method, path in doors:
            where = path.replace("{code}", code).replace("{kind}", "json")
            answer = await client.request(method, re.sub(r"\{\w+(:\w+)?\}", "1", where), follow_redirects=True)
            answers[method, path] = answer.status_code
        # For devices that were in a session that is no more; it looks nothing up.
        assert answers.pop(("GET", "/gone/{code}")) == 404
        assert set(answers.values()) == {410}, answers
        assert room.lobby.entries() == []


def addresses(routes: Iterable[Any], before: str = "") -> Iterator[tuple[str, str]]:
    """(method, path) of all that is there, also below what was mounted or included."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield from ((method, before + route.path) for method in (route.methods or set()) - {"HEAD"})
        elif isinstance(route, Mount):
            yield from addresses(route.routes, before + route.path)
        elif (router := getattr(route, "original_router", None)) is not None:
            yield from addresses(router.routes, before)


async def test_a_command_that_comes_after_that_millisecond_is_refused() -> None:
    """On a connection that has not been cut yet."""
    async with hall() as room:
        code = await room.session(delete_after=1)
        desk = await Client(room.url, code, token=OWNER).open()
        clock_of(room).advance(86_400)
        answer = await desk.do("StartPhase", phase="collect")
        assert answer["error"]["key"] == "session.over"
        with pytest.raises(socketio.exceptions.ConnectionError):
            await Client(room.url, code, token=OWNER).open()
        with suppress(Exception):
            await desk.close()


def test_the_command_line_exports_nothing_of_it(tmp_path: Path) -> None:
    """It says why, and deletes nothing itself: that is the server's."""
    code = asyncio.run(made_in(tmp_path, ManualClock(NOW - 1000 * DAY)))
    done = CliRunner().invoke(command, ["export", code, "--to", "json", "--data", str(tmp_path)])
    assert done.exit_code == 1
    assert SAY("error.session.over") in done.output
    assert not (tmp_path / "clock").exists() or Almanac(tmp_path / "clock").known == NOW - 1000 * DAY


async def made_in(data: Path, clock: ManualClock, **wish: Any) -> str:
    """A data folder as it was left by a server that ran then."""
    lobby = lobby_of(Folder(data), "http://hall.test", clock)
    await lobby.start()
    made = await lobby.create(NewSession(format="quick-vote", **wish))
    await asyncio.sleep(1.2)
    await lobby.stop()
    return made.code


# --- clocks that are wrong, or right after a long time


@pytest.mark.parametrize("days", [4, 91, 400])
async def test_a_clock_that_is_ahead_for_a_moment_deletes_nothing(days: int) -> None:
    """Nobody comes in by that date; when the clock is right again, all is as it was."""
    async with hall() as room:
        code = await room.session(delete_after=3)
        await seconds_pass(1.2)
        clock_of(room).advance(days * 86_400)
        assert not await is_open(room, code)
        await seconds_pass(3)
        assert is_there(room, code)
        waiting = room.lobby.doubt()
        assert waiting is not None
        assert (waiting[0].now, waiting[1]) == (clock_of(room).now(), 1)
        clock_of(room).advance(-days * 86_400)
        assert await is_open(room, code)
        await seconds_pass(1.5)
        assert room.lobby.doubt() is None
        phone = await Client(room.url, code).open()
        await phone.close()
        clock_of(room).advance(days * 86_400)
        await seconds_pass(1.5)
        assert is_there(room, code), "what was seen before does not make a second day"


async def test_the_second_day_of_a_date_is_believed(tmp_path: Path) -> None:
    """After a summer, over restarts; not a minute earlier."""
    code = await made_in(tmp_path, ManualClock(NOW))
    for later, there in ((0, True), (23 * HOUR, True), (24 * HOUR, False)):
        lobby = lobby_of(Folder(tmp_path), "http://hall.test", ManualClock(NOW + 100 * DAY + later))
        await lobby.start()
        assert lobby.entries() == []
        await asyncio.sleep(2.2)
        left = await lobby.writer.call(lambda store: [entry.code for entry in store.sessions()])
        assert left == ([code] if there else [])
        await lobby.stop()


async def test_a_person_says_that_the_date_is_right() -> None:
    """Of that date, and of no other that the clock may show by then."""
    async with hall() as room:
        code = await room.session()
        await seconds_pass(1.2)
        clock_of(room).advance(91 * 86_400)
        await seconds_pass(1.2)
        waiting = room.lobby.doubt()
        assert waiting is not None
        clock_of(room).advance(400 * 86_400)
        with pytest.raises(Refused, match=r"clock\.moved"):
            await room.lobby.confirm_date(waiting[0].now)
        assert is_there(room, code)
        clock_of(room).advance(-400 * 86_400)
        await room.lobby.confirm_date(waiting[0].now)
        assert not is_there(room, code)
        assert room.lobby.doubt() is None


async def test_what_was_said_while_the_clock_was_ahead_proves_nothing(tmp_path: Path) -> None:
    """An event of next year in a log does not make next year believed, as long as it is known where the clock stood."""
    code = await made_in(tmp_path, ManualClock(NOW))
    ahead = await made_in(tmp_path, ManualClock(NOW + 100 * DAY))
    again = await made_in(tmp_path, ManualClock(NOW + 100 * DAY + HOUR))
    lobby = lobby_of(Folder(tmp_path), "http://hall.test", ManualClock(NOW + HOUR))
    await lobby.start()
    assert {entry.code for entry in lobby.entries()} == {code, ahead, again}
    await lobby.stop()


async def test_a_folder_that_never_knew_the_date_looks_into_its_logs(tmp_path: Path) -> None:
    """As one that an older version left, or a backup that was put back."""
    await made_in(tmp_path, ManualClock(NOW))
    (tmp_path / "clock").unlink()
    lobby = lobby_of(Folder(tmp_path), "http://hall.test", ManualClock(NOW + 91 * DAY))
    await lobby.start()
    await asyncio.sleep(1.2)
    assert lobby.doubt() is not None
    await lobby.stop()


async def test_a_clock_that_is_behind_harms_nothing(tmp_path: Path) -> None:
    """Years, as after an empty battery: it is all there, and the next right date is no leap."""
    code = await made_in(tmp_path, ManualClock(NOW))
    for at in (NOW - 9000 * DAY, NOW + HOUR):
        lobby = lobby_of(Folder(tmp_path), "http://hall.test", ManualClock(at))
        await lobby.start()
        await asyncio.sleep(1.2)
        assert [entry.code for entry in lobby.entries()] == [code]
        assert lobby.doubt() is None
        await lobby.stop()


STEPS = st.lists(st.integers(-500 * DAY, 500 * DAY) | st.integers(0, HOUR), min_size=1, max_size=30)


@given(STEPS)
def test_no_leap_is_believed_at_once(steps: list[int]) -> None:
    """Whatever a clock does: what is believed has come by usual steps, or stood there for a day."""
    almanac, now = Almanac(), NOW
    almanac.begin(NOW)
    seen = [NOW]
    for step in steps:
        now += step
        before = almanac.known
        assert before is not None
        believed = almanac.look(now)
        if believed and now > before:
            assert now - before <= USUAL or any(now - earlier >= DAY for earlier in seen[1:])
        if now - before > USUAL and now not in seen and step > 30 * DAY:
            assert not believed
        seen.append(now)


def test_it_is_written_once_an_hour(tmp_path: Path) -> None:
    """Not every second; a folder that takes nothing, or nonsense that stands there, stops nobody."""
    file = tmp_path / "clock"
    almanac = Almanac(file)
    almanac.begin(NOW)
    written = set()
    for second in range(0, 7_200, 10):
        almanac.look(NOW + second * 1000)
        written.add(file.read_bytes())
    assert len(written) <= 3
    known = Almanac(file).known
    assert known is not None
    assert NOW + HOUR <= known <= NOW + 2 * HOUR
    for nonsense in (b"", b"{", b'{"known": "x"}', b"\xff" * 99):
        file.write_bytes(nonsense)
        assert Almanac(file).known is None
    nowhere = Almanac(tmp_path / "no" / "clock")
    nowhere.begin(NOW)
    assert nowhere.look(NOW + HOUR)


# --- what else goes by a clock


@pytest.mark.parametrize(
    ("moved", "opens"), [(0, True), (-2, True), (-LIVE + 2, True), (LIVE - 2, True), (LIVE + 2, False), (-9e6, False)]
)
def test_a_clock_that_was_set_keeps_no_desk_out(monkeypatch: pytest.MonkeyPatch, moved: float, opens: bool) -> None:
    """A token for connecting is as good a moment before it was made as after it, and no longer than it should be."""
    tokens = Tokens(b"k" * 32)
    token = tokens.live("session", "facilitator", "desk")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + moved)
    assert (tokens.privileged(token, "session") is not None) == opens


def test_a_clock_that_was_set_slows_nobody_for_long() -> None:
    """Wrong codes are counted on from the new time."""
    clock = ManualClock(NOW)
    limits = Limits(clock, per_address=1, in_all=600)
    limits.wrong("a")
    for leap in (-500 * DAY, 400 * DAY, -1):
        clock.time += leap
        with suppress(Refused):
            limits.wrong("a")
        clock.advance(61)
        limits.wrong("a")


# --- Home


def test_home_says_so_and_asks(tmp_path: Path, environment: dict[str, str], new_context: Any) -> None:
    """In plain words; deleting asks once more, and Cancel keeps everything."""
    aside(made_in(tmp_path, ManualClock(NOW - 1000 * DAY), delete_after=7))
    with serving(tmp_path, environment) as server:
        page = new_context(viewport={"width": 390, "height": 844}, locale="en-GB").new_page()
        page.wait_for_timeout(1500)
        page.goto(f"{server.url}/home#{server.owner}")
        doubt = page.locator(".doubt")
        expect(doubt).to_contain_text(SAY("home.clock-hint"))
        expect(doubt).to_contain_text(catalogue("en").date(NOW - 1000 * DAY, "Europe/Berlin").split()[-1])
        assert Axe().run(page).response["violations"] == []
        for answer, left in ((SAY("plan.cancel-do"), 1), (SAY("home.clock-delete-do"), 0)):
            doubt.get_by_role("button", name=SAY("home.clock-do")).click()
            dialog = page.get_by_role("dialog")
            expect(dialog).to_contain_text("1 workshop")
            dialog.get_by_role("button", name=answer, exact=True).click()
            expect(dialog).to_be_hidden()
            expect(doubt).to_have_count(left)
