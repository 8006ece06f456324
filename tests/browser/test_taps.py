"""Whoever taps twice does a thing once, and is told of no mistake that they did not make."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.room import Room, until
from tests.browser.steering import Steering
from tests.browser.test_drafts import at, begin

RED = "main .alert:visible, main [aria-invalid]"


@pytest.fixture
def room(opened: Callable[..., Room]) -> Room:
    return opened(format="pin-board")


def twice(button: Locator) -> None:
    """As quick as fingers are: the page has been drawn anew in between."""
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box
    mouse, place = button.page.mouse, (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    mouse.click(*place)
    button.page.wait_for_timeout(120)
    mouse.click(*place, click_count=2)


def calm(page: Page) -> None:
    """Nothing is red, also a moment later."""
    page.wait_for_timeout(600)
    assert page.locator(RED).all_inner_texts() == []


def texts(wire: Steering, kind: str, field: str = "text") -> list[str]:
    return [str(it[field]) for it in wire.all(kind) if it.get("state", "open") == "open"]


def test_a_card(room: Room, wire: Steering) -> None:
    """And by the keyboard; an empty field of somebody who has not written anything is still answered."""
    begin(wire, "brainstorm", "What do you think?")
    phone = room.phone("anna")
    at(phone, "What do you think?")
    phone.locator("form.write button.main").click()
    expect(phone.locator("#idea-rest")).to_have_text("Still empty. One word will do.")
    phone.locator("#idea").fill("Once")
    twice(phone.locator("form.write button.main"))
    calm(phone)
    phone.locator("#idea").fill("By keyboard")
    phone.keyboard.press("Control+Enter")
    phone.keyboard.press("Control+Enter")
    calm(phone)
    phone.locator("#idea").fill("x")
    phone.locator("#idea").fill(" ")
    phone.locator("form.write button.main").click()
    expect(phone.locator("#idea-rest.alert")).to_be_visible()
    assert texts(wire, "idea") == ["Once", "By keyboard"]


def test_a_comment(room: Room, wire: Steering) -> None:
    begin(wire, "brainstorm", "What do you think?", comments=True)
    idea = wire.do("PostIdea", phase=wire.all("session")[0]["phase"], text="A card of the desk's")
    phone = room.phone("anna")
    at(phone, "What do you think?")
    phone.get_by_role("button", name="All ideas").click()
    phone.locator(".talk button").first.click()
    phone.locator(f"#comment-{idea}").fill("Yes, but how?")
    twice(phone.get_by_role("button", name="Post comment"))
    calm(phone)
    assert texts(wire, "comment") == ["Yes, but how?"]


@pytest.mark.parametrize("activity", ["reflect", "check_in"])
def test_an_answer(room: Room, wire: Steering, activity: str) -> None:
    """What lies under the finger by then takes nothing back and opens nothing."""
    settings = {"to": "all"} if activity == "reflect" else {"kind": "words"}
    begin(wire, activity, "What do you take along?", **settings)
    phone = room.phone("anna")
    at(phone, "What do you take along?")
    phone.locator("#answer").fill("Courage")
    twice(phone.locator("form.write button.main"))
    calm(phone)
    until(phone, lambda: texts(wire, "answer") == ["Courage"])
    expect(phone.locator("#answer")).to_have_count(0)


def test_a_change_of_a_card_and_a_new_cluster(room: Room, wire: Steering) -> None:
    begin(wire, "brainstorm", "What do you think?")
    phone = room.phone("anna")
    at(phone, "What do you think?")
    phone.locator("#idea").fill("Begun")
    phone.locator("form.write button.main").click()
    phone.get_by_role("button", name="Change").click()
    phone.locator("#change").fill("Done")
    twice(phone.get_by_role("button", name="Save"))
    calm(phone)
    until(phone, lambda: texts(wire, "idea") == ["Done"])
    begin(wire, "cluster", "What belongs together?", who="everyone")
    at(phone, "What belongs together?")
    phone.locator("select").first.select_option("+")
    phone.locator("[id^=cluster-title]").fill("One cluster")
    twice(phone.get_by_role("button", name="Create the cluster"))
    calm(phone)
    until(phone, lambda: texts(wire, "cluster", "title") == ["One cluster"])


def test_a_name(opened: Callable[..., Room]) -> None:
    room = opened(format="pin-board", names="shown")
    phone = room.phone("anna")
    phone.locator("#name").fill("Birch")
    twice(phone.locator("form button.main"))
    calm(phone)
    expect(phone.get_by_role("heading", level=1)).to_have_text("You're in! We'll start soon.")


def test_deeds_of_the_desk(room: Room, wire: Steering) -> None:
    """One card, one screen, one step; by mouse and by Enter."""
    begin(wire, "brainstorm", "What do you think?")
    desk = room.desk()
    field = desk.locator("textarea[id^=field-scribe]")
    field.fill("Dictated")
    twice(desk.get_by_role("button", name="Post the card"))
    desk.wait_for_timeout(450)
    field.fill("Typed")
    field.press("Enter")
    field.press("Enter")
    expect(desk.locator(".toast").get_by_text("Still empty. One word will do.")).to_have_count(0)
    until(desk, lambda: texts(wire, "idea") == ["Dictated", "Typed"])
    desk.locator(".more-screens summary").click()
    desk.locator("[id^=field-screen-title]").fill("Corridor")
    twice(desk.get_by_role("button", name="Add a screen"))
    desk.wait_for_timeout(600)
    assert [it["title"] for it in wire.all("screen") if it["id"] != "main"] == ["Corridor"]
    steps = len(wire.all("phase"))
    desk.locator(".agenda-row").last.click()
    desk.locator(".agenda-tools summary").last.click()
    desk.get_by_role("button", name="Add a step below").last.click()
    twice(desk.get_by_role("button", name="Add the step"))
    desk.wait_for_timeout(600)
    assert len(wire.all("phase")) == steps + 1
