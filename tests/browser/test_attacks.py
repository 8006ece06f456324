"""A phone that loses its network, its page and its time in the worst order: what it says must be true."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.room import Room, post, until
from tests.browser.steering import Steering, steering
from tests.server import Server


@pytest.fixture
def rooms(browser: Browser, server: Server) -> Iterator[Any]:
    """`rooms(format=..., ...)` makes a session: the room, and somebody who steers it."""
    made: list[tuple[Room, Any, Steering]] = []

    def make(**wish: Any) -> tuple[Room, Steering]:
        room = Room(browser, server, **{"format": "quick-vote", **wish})
        hands = steering(server, room.code, room.created["tokens"]["facilitator"])
        made.append((room, hands, hands.__enter__()))
        return room, made[-1][2]

    yield make
    for room, hands, _ in made:
        room.close()
        hands.__exit__(None, None, None)
        assert room.problems == []


def test_a_vote_that_came_too_late_after_a_reload_is_not_shown_as_ones_choice(rooms: Any) -> None:
    """Cast without a network, the page gone, voting closed: its author is told, and sees no choice."""
    room, desk = rooms()
    desk.do("StartPhase", phase="collect")
    idea = desk.do("PostIdea", phase="collect", text="A bench by the river")
    desk.do("StartPhase", phase="choose")
    phone = room.phone("phone")
    box = phone.get_by_role("checkbox", name="A bench by the river")
    expect(box).to_be_visible()
    phone.wait_for_timeout(600)
    phone.context.set_offline(True)
    box.check()
    context = phone.context
    phone.close()
    [round_] = desk.all("round")
    desk.do("ShowResults", round=round_["id"])
    context.set_offline(False)
    again = context.new_page()
    again.goto(f"/j/{room.code}")
    expect(again.get_by_text("This vote does not count.")).to_be_visible()
    expect(again.get_by_text("Your choice")).to_be_visible()
    expect(again.locator("ul.cards .card")).to_have_count(0)
    assert desk.records["tally", round_["id"]]["results"] == {idea: 0}


def test_a_card_that_could_not_be_taken_back_is_still_among_ones_own(rooms: Any) -> None:
    """Refused after the step was over: it stands on the board, and the phone says so."""
    room, desk = rooms()
    desk.do("StartPhase", phase="collect")
    phone = room.phone("phone")
    post(phone, "Said too early")
    expect(phone.get_by_text("On the board")).to_be_visible()
    until(phone, lambda: bool(desk.all("idea")))
    [idea] = desk.all("idea")
    refused = {
        "id": "withdraw-0123456789abcdef",
        "fields": {"kind": "WithdrawIdea", "idea": idea["id"]},
        "lane": None,
        "at": 1,
        "status": "failed",
        "tried": False,
        "error": {"key": "phase.over", "values": {}},
    }
    keep = "([key, item]) => localStorage.setItem(key, item)"
    phone.evaluate(keep, [f"facilitate.{room.code}.out.{refused['id']}", json.dumps(refused)])
    phone.reload()
    own = phone.locator("section.own .card")
    expect(own).to_have_count(1)
    expect(own).to_contain_text("Said too early")
    expect(own).to_contain_text("This step is over.")


def test_a_double_click_on_next_skips_no_phase(rooms: Any) -> None:
    """The second click of a hasty hand comes when the button already names the phase after."""
    room, steer = rooms()
    desk = room.desk()
    box = desk.locator("#desk-next").bounding_box()
    assert box is not None
    desk.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for _ in range(2):
        desk.mouse.down()
        desk.mouse.up()
        desk.wait_for_timeout(250)
    desk.wait_for_timeout(500)
    assert [phase["id"] for phase in steer.all("phase") if phase["state"] != "planned"] == ["collect"]
    desk.locator("#desk-next").click()
    expect(desk.locator("#desk-next")).to_contain_text("Looking at the result")
