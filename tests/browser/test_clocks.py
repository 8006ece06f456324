"""A device's clock is set back in mid-session: what waits for a moment waits for a moment, not for an hour."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.room import Room, go_on, post, until
from tests.browser.sorting import Sorting, card
from tests.browser.steering import Steering

# Set back between two steps, as by a time server; `performance` and timers go on.
SET_BACK = """() => {
  const real = Date.now;
  Date.now = () => real() - 3_600_000;
}"""


@pytest.fixture
def room(opened: Callable[..., Room]) -> Room:
    return opened(format="pin-board", phases={"collect": {"minutes": 20}})


def moment(page: Page) -> None:
    """What is dead for 400 ms is alive again."""
    page.wait_for_timeout(450)


def test_next_can_be_pressed_again(room: Room, wire: Steering) -> None:
    """Its dead moment after a change of phase, measured by the time of day, would last an hour."""
    wire.do("StartPhase", phase="collect")
    desk = room.desk()
    go_on(desk, "Sorting")
    desk.evaluate(SET_BACK)
    go_on(desk, "Weighing")
    assert wire.all("session")[0]["phase"] == "weigh"


def test_a_phone_takes_taps_and_sends(room: Room, wire: Steering) -> None:
    """And its clock shows what it showed: nobody has added an hour."""
    wire.do("StartPhase", phase="collect")
    phone = room.phone("anna")
    expect(phone.locator("#idea")).to_be_visible()
    post(phone, "Before")
    wire.do("StartPhase", phase="sort")
    expect(phone.get_by_text("2 of 4")).to_be_visible()
    wire.do("StartPhase", phase="collect")
    expect(phone.locator("#idea")).to_be_visible()
    heard = """() => {
      window.said = [];
      new MutationObserver(() => window.said.push(document.getElementById("said").textContent))
        .observe(document.getElementById("said"), { childList: true });
    }"""
    phone.evaluate(heard)
    phone.evaluate(SET_BACK)
    moment(phone)
    post(phone, "After")
    phone.wait_for_timeout(2500)  # the jump has been noticed, and the server asked
    expect(phone.get_by_role("timer")).to_have_text("20 min")
    until(phone, lambda: {it["text"] for it in wire.all("idea")} == {"Before", "After"})
    assert not [it for it in phone.evaluate("window.said") if "minute" in it]


def test_the_screen_turns_its_pages(room: Room, wire: Steering) -> None:
    wire.do("StartPhase", phase="collect")
    for number in range(20):
        wire.do("PostIdea", phase="collect", text=f"Idea {number}")
    screen = room.screen()
    expect(screen.get_by_text("Page 1 of 2")).to_be_visible()
    screen.evaluate(SET_BACK)
    expect(screen.get_by_text("Page 2 of 2")).to_be_visible(timeout=14_000)


def test_letters_are_taken_once_a_card_has_been_placed_by_somebody_else(sorting: Sorting) -> None:
    one, two = sorting.write("First", "Second")
    bikes = sorting.cluster("Bikes")
    desk = sorting.room.desk()
    card(desk, one).focus()
    sorting.steer.do("MoveIdea", idea=one, cluster=bikes)
    desk.wait_for_function("id => document.activeElement.dataset.card === id", arg=two)
    desk.evaluate(SET_BACK)
    moment(desk)
    desk.keyboard.press("m")
    expect(desk.locator(".move-list")).to_be_visible()
