"""A disk that takes nothing more, as people see it: desk and phone say so, no word is lost, all goes on by itself."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.room import Room, until, violations
from tests.browser.steering import steering
from tests.server import Server
from tests.test_disk import Limit, resource

pytestmark = pytest.mark.skipif(
    not hasattr(resource, "prlimit"), reason="limits of another process cannot be set on this system"
)


@pytest.fixture
def disk(server: Server) -> Iterator[Limit]:
    it = Limit(server)
    yield it
    it.free()


def test_desk_and_phone_say_it_and_go_on(browser: Browser, server: Server, disk: Limit) -> None:
    """Nobody is told "saved"; with room again the same card arrives once, without a tap."""
    room = Room(browser, server, format="pin-board")
    with steering(server, room.code, room.created["tokens"]["facilitator"]) as steer:
        steer.do("StartPhase", phase="collect")
        desk, phone = room.desk(), room.phone("phone")
        disk.fill()
        phone.get_by_label("Write one idea").fill("Written on a full disk")
        phone.locator("form.write button.main").click()
        own = phone.locator("section.own .card")
        expect(own).to_contain_text("Nothing can be saved right now. Your text stays on this device.")
        expect(own).to_contain_text("Written on a full disk")
        expect(phone.get_by_text("On the board")).to_have_count(0)
        expect(desk.get_by_text("Nothing can be saved right now.").first).to_be_visible()
        assert steer.all("idea") == []
        assert violations([("desk", desk), ("phone", phone)], ("light",)) == []
        disk.free()
        expect(phone.get_by_text("On the board")).to_be_visible(timeout=15_000)
        expect(desk.get_by_text("Nothing can be saved right now.")).to_have_count(0, timeout=10_000)
        until(phone, lambda: [idea["text"] for idea in steer.all("idea")] == ["Written on a full disk"])
    room.close()
    assert room.problems == []
