"""People and doors in a real browser: links by role, the door, hands, tables, hands counted, the sheet, the remote."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.room import Room, go_on, post, seldom, until, violations
from tests.browser.steering import steering
from tests.server import Server

SECTOR = {
    "id": "sector",
    "title": {"en": "Which sector fits best?", "de": "Welcher Bereich passt am besten?"},
    "options": [
        {"id": "administration", "title": {"en": "Administration", "de": "Verwaltung"}},
        {"id": "business", "title": {"en": "Business", "de": "Wirtschaft"}},
        {"id": "society", "title": {"en": "Civil society", "de": "Zivilgesellschaft"}},
        {"id": "citizens", "title": {"en": "Citizens", "de": "Bürgerschaft"}},
    ],
}


@pytest.fixture
def room(opened: Callable[..., Room]) -> Room:
    return opened(format="pin-board")


def phases(room: Room, desk: Page) -> list[str]:
    return desk.locator(".agenda-title > span:first-child").all_inner_texts()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def door(desk: Page, to: str) -> None:
    seldom(desk, "Door and people")
    desk.get_by_role("radio", name=to).check()
    desk.get_by_role("dialog").get_by_role("button", name="Close").click()


def menu(phone: Page, item: str) -> None:
    phone.get_by_role("button", name="Menu").click()
    phone.get_by_role("navigation").get_by_role("button", name=item).click()


# --- the door


def test_knocking_and_being_let_in(room: Room, tmp_path: Path) -> None:
    """Who comes new waits and is told so; the desk lets one in and not the other; a closed door says it is closed."""
    desk = room.desk()
    inside = room.phone("inside")
    expect(inside.get_by_role("heading", level=1)).to_contain_text("You're in")
    door(desk, "With approval")
    first, second = room.phone("first"), room.phone("second", 320, 640, locale="de-DE")
    expect(first.get_by_text("You've knocked. The facilitator will let you in.")).to_be_visible()
    expect(second.get_by_text("Angeklopft. Die Moderation öffnet gleich.")).to_be_visible()
    go_on(desk, phases(room, desk)[0])
    expect(inside.get_by_text("1 of")).to_be_visible()
    expect(first.get_by_text("1 of")).to_have_count(0)
    expect(desk.get_by_role("heading", name="At the door (2)")).to_be_visible()
    assert violations([("desk", desk), ("first", first)]) == []
    desk.get_by_role("button", name="Let in: Device 1").click()
    expect(first.get_by_text("1 of")).to_be_visible()
    desk.get_by_role("button", name="Not in: Device 1").click()
    expect(second.get_by_text("Die Moderation hat dieses Gerät nicht eingelassen.")).to_be_visible()
    second.reload()
    expect(second.get_by_text("Die Moderation hat dieses Gerät nicht eingelassen.")).to_be_visible()
    door(desk, "Closed")
    late = room.phone("late")
    expect(late.get_by_text("Nobody else can join just now. Please ask the facilitator.")).to_be_visible()
    assert violations([("late", late), ("second", second)]) == []
    assert fits(second)
    door(desk, "Open")
    expect(late.get_by_text("1 of")).to_be_visible()
    expect(second.get_by_text("1 von")).to_have_count(0)


def test_the_page_of_a_closed_door_holds_nothing(room: Room) -> None:
    """Not in its HTML either: the question is asked inside."""
    desk = room.desk()
    title = phases(room, desk)[0]
    go_on(desk, title)
    door(desk, "Closed")
    phone = room.phone("outside")
    expect(phone.get_by_text("Nobody else can join just now.")).to_be_visible()
    html = phone.evaluate("fetch(location.href).then(answer => answer.text())")
    assert '"type": "phase"' not in html
    assert '"type":"phase"' not in html
    assert '"type":"board"' not in html
    assert "Nobody else" not in html or title not in html
    screen = room.screen()
    expect(screen.get_by_text("The door is closed just now.")).to_be_visible()


# --- hands


def test_a_hand_and_a_call_for_help(room: Room) -> None:
    """Off at first; allowed from the desk; behind the phone's menu; a queue that is worked off; Undo brings it back."""
    desk, phone = room.desk(), room.phone("anna")
    go_on(desk, phases(room, desk)[0])
    phone.get_by_role("button", name="Menu").click()
    expect(phone.get_by_role("button", name="Raise a hand")).to_have_count(0)
    phone.get_by_role("button", name="Menu").click()
    seldom(desk, "Door and people")
    desk.get_by_role("checkbox", name=re.compile("^Hands")).check()
    desk.get_by_role("dialog").get_by_role("button", name="Close").click()
    menu(phone, "Raise a hand")
    phone.get_by_label("Which table? (optional)").fill("4")
    assert violations([("hands", phone)]) == []
    phone.get_by_role("button", name="Call for help").click()
    expect(phone.locator(".done").get_by_text("Help is called. The facilitator sees it.")).to_be_visible()
    expect(desk.get_by_role("heading", name="Hands (1)")).to_be_visible()
    expect(desk.get_by_text("A call for help · table 4")).to_be_visible()
    assert violations([("desk", desk), ("phone", phone)]) == []
    desk.get_by_role("button", name="Done: A call for help · table 4").click()
    expect(desk.get_by_role("heading", name="Hands (1)")).to_have_count(0)
    expect(phone.locator(".done")).to_have_count(0)
    expect(phone.locator("#said")).to_have_text("The facilitator has seen to it.")
    desk.get_by_role("button", name=re.compile("^Undo: Done")).click()
    expect(desk.get_by_role("heading", name="Hands (1)")).to_be_visible()
    phone.get_by_role("button", name="Take it back").click()
    expect(desk.get_by_role("heading", name="Hands (1)")).to_have_count(0)


# --- what people say of themselves


def test_one_tap_at_the_door(browser: Browser, server: Server) -> None:
    """Optional, one tap, nothing on the desk of fewer than five; the promise is on the page before it is asked."""
    room = Room(browser, server, format="pin-board", attributes=[SECTOR])
    try:
        desk, phone = room.desk(), room.phone("anna", locale="de-DE")
        promise = "Angaben sind freiwillig. Gezeigt werden nur Summen ab fünf Personen."
        expect(phone.get_by_text(promise)).to_be_visible()
        expect(phone.get_by_role("heading", level=1)).to_be_visible()  # what is asked is loaded after the page
        assert violations([("about", phone)]) == []
        phone.get_by_role("button", name="Wirtschaft").click()
        expect(phone.get_by_role("heading", level=1)).to_contain_text("Dabei!")
        phone.reload()
        expect(phone.get_by_role("heading", level=1)).to_contain_text("Dabei!")
        other = room.phone("bert")
        other.get_by_role("button", name="Without an answer").click()
        expect(other.get_by_role("heading", level=1)).to_contain_text("You're in")
        seldom(desk, "Door and people")
        expect(desk.get_by_role("heading", name="Which sector fits best?")).to_be_visible()
        expect(desk.get_by_text("Answers of fewer than five people are not told.")).to_be_visible()
        expect(desk.get_by_role("dialog").get_by_text("Business")).to_have_count(0)
        assert violations([("dialog", desk)]) == []
        assert room.problems == []
    finally:
        room.close()


def test_a_device_for_a_table(room: Room) -> None:
    """Six people at one device are six here."""
    desk, phone = room.desk(), room.phone("table")
    expect(desk.get_by_text("1 here")).to_be_visible(timeout=15_000)
    menu(phone, "One device for several people")
    phone.get_by_label("People at this device").fill("6")
    assert violations([("table", phone)]) == []
    phone.get_by_role("button", name="Save").click()
    expect(desk.get_by_text("6 here")).to_be_visible(timeout=15_000)


# --- hands counted


def test_fourteen_hands_for_b(room: Room, tmp_path: Path) -> None:
    """Entered at the desk while phones vote; apart on desk, screen, phone; one undo."""
    desk, screen, phone = room.desk(), room.screen(), room.phone("anna")
    titles = phases(room, desk)
    for number in range(len(titles)):
        go_on(desk, titles[number])
        if phone.locator("form.write").count() and not phone.get_by_text("A helpline").count():
            columns = phone.get_by_role("radio")
            column = columns.first.evaluate("it => it.closest('label').innerText.trim()") if columns.count() else None
            post(phone, "A helpline", column)
            post(phone, "A shared form", column)
        if desk.get_by_text("Count hands in the room").count():
            break
    desk.get_by_text("Count hands in the room").first.click()
    field = desk.get_by_label("A shared form")
    field.fill("14")
    field.press("Enter")
    expect(desk.get_by_text("14 hands for: A shared form").first).to_be_visible()
    assert violations([("desk", desk)]) == []
    desk.get_by_role("button", name=re.compile("Show the results")).first.click()
    for page in (screen, phone, desk):
        expect(page.get_by_text("14 of them by show of hands").first).to_be_visible(timeout=10_000)
    assert violations([("phone", phone), ("screen", screen)]) == []


# --- links by role


def made(desk: Page, role: str) -> str:
    """The address of a new link, made on the desk."""
    desk.get_by_role("button", name="Links", exact=True).click()
    desk.get_by_label("What for?").select_option(label=role)
    desk.get_by_role("button", name="Make a new link").click()
    address: str = desk.locator("#link-desk").input_value()
    desk.get_by_role("dialog").get_by_role("button", name="Close").click()
    return address.partition("hall.test")[2].partition("/")[2]


def test_a_helper_sees_their_part_and_ends_with_their_link(room: Room) -> None:
    """The theme desk has the board and no "Next"; withdrawn it says so at once, and nothing works any more."""
    desk = room.desk()
    go_on(desk, phases(room, desk)[0])
    path = made(desk, "Theme desk")
    theme = room.open("theme", f"/{path}", 1280, 800)
    expect(theme.get_by_text("Sorts the cards into clusters. Nothing else.")).to_be_visible()
    for absent in (re.compile("^Next"), "Door and people", "Links", "End the workshop", "Black"):
        expect(theme.get_by_role("button", name=absent)).to_have_count(0)
    moderator = room.open("moderator", f"/{made(desk, 'Queue moderator')}", 390, 844)
    expect(moderator.get_by_text("Looks after late cards, hands and the door.")).to_be_visible()
    expect(moderator.get_by_label(re.compile("Write for the room"))).to_be_visible()
    expect(moderator.get_by_role("button", name=re.compile("^Next"))).to_have_count(0)
    for page in (theme, moderator):
        later = page.get_by_role("button", name="No, only I see this")
        if later.is_visible():
            later.click()
    assert violations([("theme", theme), ("moderator", moderator)]) == []
    assert fits(moderator)
    desk.get_by_role("button", name="Links", exact=True).click()
    expect(desk.get_by_role("dialog").get_by_text("1 desk open").first).to_be_visible()
    assert violations([("links", desk)]) == []
    desk.get_by_role("button", name=re.compile("^Withdraw: Theme desk")).click()
    expect(theme.get_by_text("This link was withdrawn.")).to_be_visible()
    desk.get_by_role("button", name=re.compile("^Renew: Queue moderator")).click()
    expect(moderator.get_by_text("This link was withdrawn.")).to_be_visible()
    expect(desk.locator("#link-desk")).to_be_focused()


def test_the_theme_desk_sorts_and_the_moderator_does_not(room: Room) -> None:
    """By key and by drag at the one; at the other keys and drags do nothing, and no button offers it."""
    desk = room.desk()
    with steering(room.server, room.code, room.created["tokens"]["facilitator"]) as steer:
        steer.do("StartPhase", phase="collect")
        ideas = [steer.do("PostIdea", phase="collect", text=text) for text in ("A tree", "A bench", "A bus")]
        theme = room.open("theme", f"/{made(desk, 'Theme desk')}", 1280, 800)
        moderator = room.open("moderator", f"/{made(desk, 'Queue moderator')}", 1280, 800)
        for page in (theme, moderator):
            expect(page.locator(f'[data-card="{ideas[0]}"]')).to_be_visible()
        theme.locator(f'[data-card="{ideas[0]}"]').focus()
        theme.keyboard.press("c")
        until(theme, lambda: len(steer.all("cluster")) == 1)
        theme.keyboard.press("Escape")
        (cluster,) = steer.all("cluster")
        expect(moderator.get_by_role("button", name="New cluster")).to_have_count(0)
        card = moderator.locator(f'[data-card="{ideas[1]}"]')
        card.focus()
        for key in "mcp":
            moderator.keyboard.press(key)
        drag(moderator, card, moderator.locator(f'[data-drop="cluster:{cluster["id"]}"]'))
        moderator.wait_for_timeout(500)
        expect(moderator.get_by_role("dialog")).to_have_count(0)
        assert len(steer.all("cluster")) == 1
        assert "cluster" not in steer.records["idea", ideas[1]]
        drag(theme, theme.locator(f'[data-card="{ideas[1]}"]'), theme.locator(f'[data-drop="cluster:{cluster["id"]}"]'))
        until(theme, lambda: steer.records["idea", ideas[1]].get("cluster") == cluster["id"])


def drag(page: Page, what: Locator, where: Locator) -> None:
    """With the mouse, in steps, as a hand does."""
    start, end = what.bounding_box(), where.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 30, start["y"] + 12)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + 40, steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 20, steps=8)
    page.mouse.up()


# --- the remote


def test_taking_over_from_a_dead_laptop(room: Room) -> None:
    """One link and five seconds: the phone stands where the laptop stood, and steers on."""
    desk = room.desk()
    titles = phases(room, desk)
    go_on(desk, titles[0])
    go_on(desk, titles[1])
    link = made(desk, "Facilitator")
    desk.context.close()
    del room.pages["desk"]
    began = time.monotonic()
    remote = room.open("remote", f"/{link}", 390, 844)
    expect(remote.locator("#desk-next")).to_contain_text(titles[2], timeout=5000)
    print(f"the remote stood after {time.monotonic() - began:.1f} s")
    remote.locator("#desk-next").click()
    expect(remote.locator("[aria-current=step]")).to_contain_text(titles[2])
    assert fits(remote)


def test_the_whole_session_from_a_phone(room: Room) -> None:
    """Next, back, clock, reveal, results, queue, hands, black, writing for the room: all at 390 pixels."""
    remote, phone, screen = room.desk(390, 844, name="remote"), room.phone("anna"), room.screen()
    seen = set()
    titles = phases(room, remote)
    for number, title in enumerate(titles):
        go_on(remote, title)
        expect(remote.locator("[aria-current=step]")).to_contain_text(title)
        if remote.get_by_label(re.compile("Write for the room")).count():
            remote.get_by_label(re.compile("Write for the room")).fill(f"From the room {number}")
            remote.get_by_label(re.compile("Write for the room")).press("Enter")
            seen.add("room")
        for name in ("Stop the clock", "Reveal the cards", "Show the results"):
            if remote.get_by_role("button", name=re.compile(name)).count():
                seen.add(name)
        if remote.get_by_role("button", name=re.compile("Show the results")).count():
            remote.get_by_role("button", name=re.compile("Show the results")).first.click()
            expect(remote.get_by_role("button", name=re.compile("Show the results"))).to_have_count(0, timeout=8000)
        assert fits(remote), title
    assert {"room", "Show the results"} <= seen, seen
    remote.get_by_role("button", name=re.compile("^Back to")).click()
    expect(remote.locator("[aria-current=step]")).to_contain_text(titles[-2])
    remote.get_by_role("button", name="Black screen").click()
    expect(screen.get_by_role("heading")).to_have_count(0)
    remote.get_by_role("button", name="Show it again").click()
    expect(screen.get_by_role("heading").first).to_be_visible()
    assert violations([("remote", remote)]) == []
    assert phone.url


# --- the sheet


def test_the_sheet_is_one_page_of_a4(room: Room, tmp_path: Path) -> None:
    """Two languages, three steps each, the code as text; black on white; a page, not two."""
    sheet = room.open("sheet", f"/sheet/{room.code}", 900, 1200)
    expect(sheet.locator(".steps section")).to_have_count(2)
    expect(sheet.locator(".steps li")).to_have_count(6)
    expect(sheet.locator(".code")).to_contain_text(f"{room.code[:3]} {room.code[3:]}")
    expect(sheet.get_by_text("hall.test").first).to_be_visible()
    assert violations([("sheet", sheet)], ("light",)) == []
    file = tmp_path / "sheet.pdf"
    sheet.pdf(path=file, format="A4", prefer_css_page_size=True)
    pdf = file.read_bytes()
    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 1
    narrow = room.open("narrow", f"/sheet/{room.code}", 390, 844)
    assert fits(narrow)
