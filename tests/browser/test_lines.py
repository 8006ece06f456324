"""What is typed in lines is read in lines: on phones, on the screen, at the desk and on paper."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.room import Room, until
from tests.browser.steering import Steering
from tests.browser.test_screen import fits

TYPED = ("Bring a chair", "- a lamp", "- and time")
READ = "\n".join(TYPED)


@pytest.fixture
def room(opened: Callable[..., Room]) -> Room:
    return opened(format="pin-board", phases={"collect": {"settings": {"comments": True}}})


def type_lines(page: Page, field: str, key: str) -> None:
    page.locator(field).click()
    for number, line in enumerate(TYPED):
        if number:
            page.keyboard.press(key)
        page.keyboard.type(line)


def reads(page: Page, where: str) -> None:
    """As it is drawn: what a reader would copy."""
    text = page.locator(where).filter(has_text=TYPED[2]).last
    expect(text).to_be_visible()
    assert READ in text.inner_text(), where


def test_lines_stand_on_the_card_wherever_it_is_read(room: Room, wire: Steering) -> None:
    """Typed on a phone and at the desk, and once more in a comment and after a change."""
    wire.do("StartPhase", phase="collect")
    phone, other, screen, desk = room.phone("anna"), room.phone("ben"), room.screen(), room.desk()
    type_lines(phone, "#idea", "Enter")
    phone.locator("form.write button.main").click()
    reads(phone, ".own .text")
    until(phone, lambda: [it["text"] for it in wire.all("idea")] == [READ])
    reads(screen, ".card .text")
    reads(desk, ".card-text")
    other.get_by_role("button", name="All ideas").click()
    reads(other, ".all .text")
    other.locator(".talk button").first.click()
    (idea,) = (it["id"] for it in wire.all("idea"))
    type_lines(other, f"#comment-{idea}", "Enter")
    other.locator(".talk form button.main, .talk form button").first.click()
    reads(other, ".comments li")
    phone.get_by_role("button", name="Change").click()
    expect(phone.locator("#change")).to_have_value(READ)
    desk.locator("textarea[id^=field-scribe]").scroll_into_view_if_needed()
    type_lines(desk, "textarea[id^=field-scribe]", "Shift+Enter")
    desk.keyboard.press("Enter")
    until(desk, lambda: [it["text"] for it in wire.all("idea")] == [READ, READ])
    desk.get_by_label("Search cards").fill("chair - a lamp")
    expect(desk.locator(".card-text")).to_have_count(2)
    wire.do("Show", what="card", idea=idea)
    reads(screen, ".one-card")
    paper = room.desk(name="paper")
    paper.goto(f"{room.server.public}/harvest/{room.code}")
    reads(paper, ".minutes .cards p")


def test_a_card_of_many_lines_leaves_the_wall_as_it_is(room: Room, wire: Steering) -> None:
    """On the screen it takes the room of a card, and pages hold fewer where all have lines; so at the desk."""
    wire.do("StartPhase", phase="collect")
    wire.do("PostIdea", phase="collect", text="1\n" * 70)
    for number in range(15):
        wire.do("PostIdea", phase="collect", text=f"Plain {number}")
    screen, desk = room.screen(), room.desk()
    expect(screen.locator(".pages")).to_contain_text("of 2")
    wire.do("Show", what="board", page=0)
    expect(screen.locator(".card")).to_have_count(15)
    fits(screen)
    heights = screen.locator(".card").evaluate_all("all => all.map(it => it.getBoundingClientRect().height)")
    assert max(heights) - min(heights) <= 1
    tall = desk.locator(".card-text").first.bounding_box()
    assert tall
    assert 100 < tall["height"] < 600
    for number in range(8):
        wire.do("PostIdea", phase="collect", text="\n".join(f"line {line} of {number}" for line in range(6)))
    expect(screen.locator(".card")).to_have_count(6)
    fits(screen)
    wire.do("Show", what="board", page=3)
    expect(screen.locator(".card .text").last).to_contain_text("line 5 of 7")
    cut = "all => all.filter(it => it.scrollHeight > it.clientHeight + 4).length"
    assert screen.locator(".card .text").evaluate_all(cut) == 0
