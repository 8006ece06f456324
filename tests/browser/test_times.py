"""Browsers all over the world show a workshop's days and hours by the workshop's clock, in whatever language."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.room import Room
from tests.browser.steering import Steering
from tests.server import Server
from tests.test_times import day

HERE = "Pacific/Kiritimati"  # UTC+14
THERE = "Pacific/Pago_Pago"  # UTC-11: always another day
HALF = "Asia/Kolkata"  # UTC+5:30: always another hour


@pytest.fixture
def room(opened: Callable[..., Room]) -> Room:
    return opened(format="quick-vote", timezone=HERE)


@pytest.fixture
def afar(browser: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """A browser on the other side of the date line."""
    contexts = []

    def open_(path: str, locale: str = "en-GB", zone: str = THERE) -> Page:
        context = browser.new_context(timezone_id=zone, locale=locale, base_url=server.public)
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()


def clock(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, ZoneInfo(HERE)).strftime("%H:%M")


@pytest.mark.parametrize(("locale", "language"), [("de-DE", "de"), ("en-GB", "en")])
def test_phones_name_one_day(
    room: Room, wire: Steering, server: Server, afar: Callable[..., Page], locale: str, language: str
) -> None:
    """As the server has written it, and at the end, when the browser itself reckons it."""
    phone = afar(f"/j/{room.code}", locale)
    last = session(server, room)["delete_at"]
    expect(phone.locator("body")).to_contain_text(day(last, HERE, language))
    wire.do("EndSession")
    last = session(server, room)["delete_at"]
    expect(phone.locator("main")).to_contain_text(day(last, HERE, language))


def test_screen_and_desk_name_one_hour(room: Room, wire: Steering, server: Server, afar: Callable[..., Page]) -> None:
    """Until when a pause is, on the screen, and when all will be over, at the desk."""
    wire.do("InsertPhase", activity="pause", title={"en": "Pause"}, minutes=10)
    pause = next(it["id"] for it in session(server, room)["phases"] if it["activity"] == "pause")
    wire.do("StartPhase", phase=pause)
    pages = {
        "body": afar(f"/s/{room.code}", zone=HALF),
        ".plan-clock summary": afar(f"/desk/{room.code}#{room.created['tokens']['facilitator']}", zone=HALF),
    }
    for part, page in pages.items():
        expect(page.locator(part)).to_contain_text(re.compile(r"\d\d:\d\d"))
        shown = re.findall(r"\b(\d\d):\d\d", page.locator(part).inner_text())
        now = round(time.time() * 1000)
        assert set(shown) & {clock(now + later * 60_000)[:2] for later in range(0, 60, 10)}, (part, shown)


def session(server: Server, room: Room) -> Any:
    return server.ask(f"/api/sessions/{room.code}", room.created["tokens"]["facilitator"])[1]


def test_a_plan_goes_by_the_planners_clock(server: Server, afar: Callable[..., Page]) -> None:
    """The browser says its zone; the page names it, and the workshop has it."""
    page = afar(f"/plan?format=quick-vote#{server.owner}")
    expect(page.locator(".promise")).to_contain_text(THERE)
    page.get_by_role("button", name="Create the workshop").click()
    page.wait_for_url("**/desk/*")
    code = page.url.rpartition("/")[2].partition("#")[0]
    answer = server.ask(f"/api/sessions/{code}", server.owner)[1]
    assert answer["timezone"] == THERE
