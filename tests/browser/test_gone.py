"""A session is deleted on its day: then nothing of it stays on the devices that were there, and no page shows it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from facilitate.languages import catalogue
from tests.browser.room import Room, post, until, violations
from tests.browser.steering import Steering
from tests.server import Server

SAY = catalogue("en").say
KEPT = """code => [localStorage, sessionStorage].flatMap(it => Object.keys(it)).filter(key => key.includes(code))"""


@pytest.fixture
def room(opened: Callable[..., Room]) -> Room:
    return opened(format="pin-board", title="Our street")


def delete(room: Room) -> None:
    """As the house does it by hand; the clock does the same."""
    page = room.open("home", f"/home#{room.server.owner}", 1280, 800)
    row = page.locator("tr", has=page.locator(f'a[href="/desk/{room.code}"]'))
    row.get_by_role("button", name=SAY("home.delete")).click()
    page.get_by_role("dialog").get_by_role("button", name=SAY("home.delete-do"), exact=True).click()
    expect(row).to_have_count(0)


def gone(page: Page, room: Room) -> None:
    """The page says so, shows nothing of it, and nothing is left on the device."""
    expect(page.locator("#gone h2")).to_have_text(SAY("gone.title"))
    expect(page.locator("#code:not([aria-invalid])")).to_have_value("")
    assert "On the board" not in page.content()
    assert "Our street" not in page.content()
    assert page.evaluate(KEPT, room.code) == []


def on_the_board(room: Room, wire: Steering, phone: Page) -> None:
    wire.do("StartPhase", phase="collect")
    post(phone, "On the board")
    until(phone, lambda: not any(".out." in key for key in phone.evaluate(KEPT, room.code)))


def test_pages_that_are_open_forget_it(room: Room, wire: Steering) -> None:
    phone, screen, desk = room.phone("anna"), room.screen(), room.desk()
    on_the_board(room, wire, phone)
    for page in (screen, desk):
        expect(page.get_by_text("On the board").first).to_be_visible()
    assert phone.evaluate(KEPT, room.code)
    delete(room)
    for page in (phone, screen, desk):
        gone(page, room)
    assert not phone.locator("#left").is_visible(), "all was sent"
    assert violations([("gone", phone)]) == []


def test_what_was_not_sent_can_be_copied_once(room: Room, wire: Steering) -> None:
    """A phone without network has cards waiting and one half written; it comes back after the deletion."""
    phone = room.phone("anna")
    on_the_board(room, wire, phone)
    phone.context.set_offline(True)
    phone.locator("form.write textarea").fill("Written without network")
    phone.locator("form.write button.main").click()
    phone.locator("form.write textarea").fill("Also written without")
    phone.locator("form.write button.main").click()
    phone.locator("form.write textarea").fill("Half written")
    delete(room)
    assert phone.evaluate(KEPT, room.code)
    phone.context.set_offline(False)
    gone(phone, room)
    expect(phone.locator("#gone li")).to_have_text(["Written without network", "Also written without", "Half written"])
    assert violations([("gone", phone)]) == []
    phone.reload()
    expect(phone.locator("#wrong")).to_have_text(SAY("end.unknown"))
    assert "Half written" not in phone.content()


def test_a_page_that_was_closed_forgets_it_when_it_is_opened(room: Room, wire: Steering) -> None:
    phone = room.phone("anna")
    on_the_board(room, wire, phone)
    phone.locator("form.write textarea").fill("Half written")
    phone.goto("about:blank")
    delete(room)
    phone.goto(f"/j/{room.code}")
    gone(phone, room)
    expect(phone.locator("#gone li")).to_have_text(["Half written"])


def test_a_server_that_knows_nothing_of_it_takes_nothing_away(room: Room, wire: Steering, server: Server) -> None:
    """Its pages say that the code is unknown; what is on the device stays for the right one."""
    phone = room.phone("anna")
    on_the_board(room, wire, phone)
    phone.locator("form.write textarea").fill("Half written")
    before = sorted(phone.evaluate(KEPT, room.code))
    phone.route("**/auth/deleted", lambda route: route.fulfill(json={"deleted": False}))
    with phone.expect_response("**/auth/deleted"):
        phone.goto(f"/gone/{room.code}")
    expect(phone.locator("#wrong")).to_be_visible()
    assert sorted(phone.evaluate(KEPT, room.code)) == before
    phone.goto(f"/j/{room.code}")
    expect(phone.locator("form.write textarea")).to_have_value("Half written")
