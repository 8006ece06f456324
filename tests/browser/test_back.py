"""The browser's "Back" and Escape close what covers the page; only then does "Back" leave."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.room import Room
from tests.browser.steering import Steering


@pytest.fixture
def room(opened: Callable[..., Room]) -> Room:
    return opened(format="pin-board")


def length(page: Page) -> int:
    """Entries of the tab's history."""
    return int(page.evaluate("history.length"))


def gone_back(page: Page) -> None:
    page.evaluate("history.back()")


def test_back_closes_what_covers_a_phone_and_then_leaves(room: Room, wire: Steering) -> None:
    """Each of the menu's pages, closed by Back, by Escape and by its own button: no entry of the history is left."""
    wire.do("StartPhase", phase="collect")
    phone = room.phone("anna")
    phone.goto("about:blank")
    phone.goto(f"{room.server.public}/j/{room.code}")
    field = phone.locator("#idea")
    field.fill("Half a sen")
    before = length(phone)
    phone.get_by_role("button", name="Menu").click()
    items = phone.locator("nav.menu button:not([aria-pressed])").all_inner_texts()
    phone.keyboard.press("Escape")
    expect(phone.locator("nav.menu")).to_have_count(0)
    pages = [it for it in items if "time" not in it.lower() and "clock" not in it.lower()]
    assert len(pages) >= 4
    for item in pages:
        for close in (gone_back, lambda page: page.keyboard.press("Escape"), None):
            phone.get_by_role("button", name="Menu").click()
            phone.locator("nav.menu").get_by_role("button", name=item).click()
            expect(field).to_have_count(0)
            if close:
                close(phone)
            else:
                phone.locator("main button.wide, main button").last.click()
            expect(field).to_have_value("Half a sen")
            phone.wait_for_function("!history.state?.cover")
            assert length(phone) <= before + 1, item  # the entry ahead, which the next page takes
    phone.get_by_role("button", name="Menu").click()
    phone.locator("nav.menu").get_by_role("button", name=pages[0]).click()
    expect(field).to_have_count(0)
    phone.reload()
    expect(field).to_have_value("Half a sen")
    phone.wait_for_function("!history.state?.cover")
    phone.evaluate("history.forward()")
    phone.wait_for_timeout(300)
    expect(field).to_be_visible()
    phone.go_back()
    assert phone.url == "about:blank"


def test_a_step_of_the_room_leaves_no_entry_behind(room: Room, wire: Steering) -> None:
    """Whoever is called back from a sub-view leaves the page with the next Back."""
    wire.do("StartPhase", phase="collect")
    phone = room.phone("anna")
    phone.goto("about:blank")
    phone.goto(f"{room.server.public}/j/{room.code}")
    phone.get_by_role("button", name="Menu").click()
    phone.get_by_role("button", name="Show the results").click()
    phone.wait_for_function("history.state?.cover")
    wire.do("StartPhase", phase="sort")
    expect(phone.get_by_text("2 of 4")).to_be_visible()
    phone.wait_for_function("!history.state?.cover")
    phone.go_back()
    assert phone.url == "about:blank"


def test_back_closes_a_dialog_of_the_desk(room: Room, wire: Steering) -> None:
    """By key after key it opens and closes, quicker than a browser goes back; then Back leaves the desk."""
    wire.do("StartPhase", phase="collect")
    ideas = [wire.do("PostIdea", phase="collect", text=f"Idea {number}") for number in range(4)]
    wire.do("StartPhase", phase="sort")
    wire.do("FormCluster", board="ideas", title="Bikes", ideas=[ideas[0]])
    desk = room.desk()
    dialog = desk.get_by_role("dialog")
    desk.get_by_role("button", name="Keyboard").first.click()
    expect(dialog).to_be_visible()
    gone_back(desk)
    expect(dialog).to_have_count(0)
    expect(desk.locator("#desk-next")).to_be_visible()
    desk.locator(f'[data-card="{ideas[1]}"]').focus()
    for _ in range(2):
        desk.keyboard.press("m")
        expect(dialog).to_be_visible()
        desk.keyboard.press("a")
        desk.wait_for_function("document.activeElement.dataset.card")
    desk.keyboard.press("m")
    desk.wait_for_timeout(500)
    expect(dialog).to_be_visible()
    desk.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    desk.wait_for_function("!history.state?.cover")
    desk.go_back()
    assert desk.url == "about:blank"
