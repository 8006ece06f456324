"""After the end: phones and screens of those who were there, and devices that come with the code alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from facilitate.languages import catalogue
from tests.browser.room import Room, post, until, violations
from tests.browser.steering import Steering

SAY = catalogue("en").say


@pytest.fixture
def room(opened: Callable[..., Room]) -> Room:
    return opened(format="quick-vote", title="Our street")


def test_who_was_there_keeps_it_and_who_comes_learns_that_it_is_over(room: Room, wire: Steering) -> None:
    wire.do("StartPhase", phase="collect")
    anna, screen = room.phone("anna"), room.screen()
    post(anna, "A bench at the bus stop")
    until(anna, lambda: len(wire.all("idea")) == 1)
    expect(screen.get_by_text("A bench at the bus stop")).to_be_visible()
    wire.do("EndSession")
    for _ in range(2):
        expect(anna.get_by_role("heading", level=1)).to_have_text(SAY("end.thanks"))
        expect(anna.get_by_text("A bench at the bus stop")).to_be_visible()
        anna.reload()
    expect(screen.get_by_role("heading", name=SAY("screen.end"))).to_be_visible()
    bert, other = room.phone("bert"), room.open("other", f"/s/{room.code}", 1280, 720)
    expect(bert.get_by_role("heading", level=1)).to_have_text(SAY("phone.ended"))
    expect(other.get_by_text(SAY("screen.over"))).to_be_visible()
    for page in (bert, other):
        page.wait_for_timeout(1000)
        assert "bench" not in page.content()
    assert violations([("bert", bert), ("other", other)]) == []
