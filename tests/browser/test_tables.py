"""Tables: the card that stands on one seats whoever scans it; and the host who stays when the groups move on."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.room import Room, go_on, post, until, violations
from tests.browser.steering import Steering, steering
from tests.browser.test_groups import shot, wide
from tests.server import Server

BY_TABLE = {"collect": {"settings": {"groups": {"by": "table", "choose": 2}, "hands": True}}}
NO_STORAGE = "for (const name of ['localStorage', 'sessionStorage']) delete window[name], \
Object.defineProperty(window, name, { get() { throw new Error('refused'); } });"


@pytest.fixture
def room(opened: Callable[..., Room]) -> Room:
    return opened(format="pin-board", phases=BY_TABLE)


def scan(room: Room, name: str, table: str, **more: Any) -> Page:
    return room.open(name, f"/J/{room.code}/{table}", 390, 844, **more)


def sits_at(phone: Page, table: str) -> None:
    expect(phone.locator(".group strong")).to_have_text(re.compile(f"^(Table|Tisch) {table}$"))


def test_whoever_scans_a_tables_card_sits_there(room: Room, wire: Steering) -> None:
    """Before or after the phase begins, two phones of one table; help calls know it; another table can be said."""
    early = scan(room, "early", "3")
    expect(early.get_by_role("heading", level=1)).to_be_visible()
    wire.do("StartPhase", phase="collect")
    late = scan(room, "late", "3")
    for phone in (early, late):
        sits_at(phone, "3")
        expect(phone.get_by_text("2 people.")).to_be_visible()
        expect(phone.get_by_label("Code on the table")).to_have_count(0)
    shot(early, "table-scanned")
    assert violations([("early", early)]) == []
    post(early, "from table three")
    expect(late.locator(".all").get_by_text("from table three").first).to_be_visible()

    early.get_by_role("button", name="Menu").click()
    early.get_by_role("button", name="Raise a hand").click()
    expect(early.get_by_label("Which table? (optional)")).to_have_value("3")
    early.get_by_role("button", name="Call for help").click()
    expect(early.get_by_text("Help is called.").first).to_be_visible()
    until(early, lambda: [hand["table"] for hand in wire.all("hand")] == ["3"])

    late.get_by_role("button", name="Another table").click()
    late.get_by_label("Code on the table").fill("8")
    late.get_by_role("button", name="Sit down here").click()
    sits_at(late, "8")
    late.reload()
    sits_at(late, "8")


def test_another_tables_card_is_scanned_later(room: Room, wire: Steering) -> None:
    """The same person moves: nobody is there twice. And whom the desk has moved a reload does not move back."""
    wire.do("StartPhase", phase="collect")
    phone = room.phone("anna")
    phone.get_by_label("Code on the table").fill("5")
    phone.get_by_role("button", name="Sit down here").click()
    sits_at(phone, "5")
    post(phone, "mine")
    phone.goto(f"/J/{room.code}/3")
    sits_at(phone, "3")
    expect(phone.locator("section.own").get_by_text("mine")).to_be_visible()
    other = phone.context.new_page()
    other.goto(f"/J/{room.code}/7")
    sits_at(other, "7")
    sits_at_once = phone.locator(".group strong")
    expect(sits_at_once).to_have_text("Table 7")  # the tab from before is the same person's
    assert len(wire.all("member")) == 1

    scan(room, "bert", "3")
    group = next(it["id"] for it in wire.all("group") if it["name"] == "3")
    (member,) = [it["id"] for it in wire.all("member") if it["group"] != group]
    wire.do("MoveMember", member=member, group=group)
    sits_at(other, "3")
    other.reload()
    sits_at(other, "3")


def test_a_browser_that_keeps_nothing_has_the_table_in_its_address(room: Room, wire: Steering) -> None:
    """After a reload it is somebody new, at the same table; also where another one was said meanwhile."""
    wire.do("StartPhase", phase="collect")
    phone = scan(room, "before", "1")
    phone.context.add_init_script(NO_STORAGE)
    phone.goto(f"/J/{room.code}/3")
    sits_at(phone, "3")
    phone.reload()
    sits_at(phone, "3")
    phone.get_by_role("button", name="Another table").click()
    phone.get_by_label("Code on the table").fill("4")
    phone.get_by_role("button", name="Sit down here").click()
    sits_at(phone, "4")
    phone.reload()
    sits_at(phone, "4")


def test_a_table_that_keeps_its_people_takes_in_who_comes_late(opened: Callable[..., Room], server: Server) -> None:
    groups = {"collect": {"settings": {"groups": {"by": "table"}}}, "sort": {"settings": {"groups": {"keep": True}}}}
    room = opened(format="pin-board", phases=groups)
    with steering(server, room.code, room.created["tokens"]["facilitator"]) as wire:
        wire.do("StartPhase", phase="collect")
        for name, table in (("anna", "1"), ("bert", "2"), ("cora", "2")):
            sits_at(scan(room, name, table), table)
        wire.do("StartPhase", phase="sort")
        late = scan(room, "late", "2", locale="de-DE")
        expect(late.locator(".group strong")).to_have_text("Gruppe 2")
        expect(late.get_by_text("3 Personen.")).to_be_visible()
        sizes = {it["name"]: it["people"] for it in wire.all("group") if it["phase"] == "sort"}
        assert sizes == {"1": 1, "2": 3}


def test_cards_for_tables_are_printed_two_to_a_page(room: Room) -> None:
    """From the join sheet, with a number; each card whole, none across two pages."""
    page = room.open("sheet", f"/sheet/{room.code}", 1280, 900)
    page.get_by_label("How many tables?").fill("5")
    page.get_by_role("button", name="Cards for tables").click()
    expect(page.locator(".card")).to_have_count(5)
    assert violations([("sheet", page)], schemes=("light",)) == []
    shot(page, "sheet-tables")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 1030})  # what A4 leaves within its margins, at 96 to the inch
    for card in page.locator(".card").all():
        box, inside = card.bounding_box(), card.evaluate("it => it.scrollHeight - it.clientHeight")
        assert box is not None
        assert 2 * box["height"] <= 1030
        assert inside <= 1
    assert not wide(page)
    assert page.pdf(format="A4", prefer_css_page_size=True).count(b"/Type /Page\n") == 3
    page.goto(f"/sheet/{room.code}?tables=100")
    number, half = page.locator(".card h2 strong").last, page.locator(".sides > *").last
    assert number.evaluate("it => it.scrollWidth <= it.clientWidth + 1")
    assert half.evaluate("it => it.scrollWidth <= it.clientWidth + 1")
    shot(page, "sheet-print")
    page.emulate_media(media="screen")
    page.get_by_role("link", name="To the join sheet").click()
    expect(page.locator(".a4")).to_be_visible()
    assert violations([("sheet", page)], schemes=("light",)) == []


def test_hosts_stay_at_their_tables_when_the_groups_move_on(opened: Callable[..., Room]) -> None:
    """A quiet button; one of each table; the desk sees where somebody is missing, and may say it for them."""
    room = opened(format="world-cafe")
    desk = room.desk()
    phones = {name: room.phone(name) for name in ("anna", "bert", "cora", "dora")}
    expect(desk.get_by_text("4 here")).to_be_visible()
    go_on(desk, "Welcome")
    go_on(desk, "First round")
    tables: dict[str, list[str]] = {}
    for name, phone in phones.items():
        expect(phone.get_by_text("Then the group moves on to the next table.")).to_be_visible()
        tables.setdefault(phone.locator(".group .lead").inner_text(), []).append(name)
    assert len(tables) == 3
    (host, mate) = next(names for names in tables.values() if len(names) == 2)
    other = next(names[0] for names in tables.values() if len(names) == 1)
    home, elsewhere = (next(table for table, names in tables.items() if name in names) for name in (host, other))
    expect(desk.get_by_text("3 tables have no host yet.")).to_be_visible()
    phones[host].get_by_role("button", name="Stay at this table").click()
    expect(phones[host].get_by_text("You stay here as host and welcome the next group.").first).to_be_visible()
    expect(phones[mate].get_by_text("Somebody stays here and welcomes the next group.")).to_be_visible()
    expect(phones[mate].get_by_role("button", name="Stay at this table")).to_have_count(0)
    expect(desk.get_by_text("1 host stays")).to_be_visible()
    shot(phones[host], "host-phone")
    assert violations([("host", phones[host]), ("mate", phones[mate])]) == []

    tile = desk.get_by_role("button", name=re.compile(f"^{elsewhere.partition(' ·')[0]} "))
    tile.click()
    desk.get_by_text(re.compile("^People and question: ")).click()
    desk.get_by_role("button", name=re.compile("^Stays as host: ")).click()
    expect(phones[other].get_by_text("You stay here as host and welcome the next group.").first).to_be_visible()
    shot(desk, "host-desk")
    assert violations([("desk", desk)]) == []
    phones[other].get_by_role("button", name="Move on after all").click()
    expect(phones[other].get_by_role("button", name="Stay at this table")).to_be_visible()

    post(phones[host], "what was said at our table")
    go_on(desk, "Second round")
    expect(phones[host].locator(".group .lead")).to_contain_text(home.partition("· ")[2])
    expect(phones[host].get_by_text("You are the host: tell the others what was said here.")).to_be_visible()
    expect(phones[mate].locator(".group .lead")).not_to_contain_text(home.partition("· ")[2])
    guest = next(
        phone
        for name, phone in phones.items()
        if name != host and home.partition("· ")[2] in phone.locator(".group .lead").inner_text()
    )
    expect(guest.get_by_text("The host at this table tells what was said.")).to_be_visible()
    expect(guest.locator(".all").get_by_text("what was said at our table")).to_be_visible()


def test_a_step_frames_what_is_asked_at_the_table(opened: Callable[..., Room]) -> None:
    """The table's question is the heading; the step's own stands below it, and is read out with it."""
    room = opened(format="world-cafe")
    desk = room.desk()
    anna, bert = room.phone("anna"), room.phone("bert", 320, 640, locale="de-DE")
    expect(desk.get_by_text("2 here")).to_be_visible()
    go_on(desk, "Welcome")
    go_on(desk, "First round")
    for phone in (anna, bert):
        expect(phone.locator(".group strong")).to_be_visible()
    asked = anna.get_by_role("heading", level=1).inner_text()
    assert asked != "What do we know about this?"
    go_on(desk, "Second round")
    expect(anna.get_by_role("heading", level=1)).not_to_have_text(asked)
    for phone, frame in ((anna, "What would we add?"), (bert, "Was würden wir ergänzen?")):
        heading = phone.get_by_role("heading", level=1)
        expect(heading).not_to_have_text(frame)
        expect(heading).to_have_accessible_description(frame)
        expect(heading).to_be_focused()
        expect(phone.locator("h1 + p.lead")).to_have_text(frame)
        assert not wide(phone)
    shot(anna, "frame-phone")
    shot(bert, "frame-small")
    assert violations([("anna", anna), ("bert", bert)]) == []


def test_the_screen_says_which_table_it_shows_and_what_was_asked_there(
    opened: Callable[..., Room], server: Server
) -> None:
    """And a phone reads the same of it; headings go down one by one."""
    room = opened(format="world-cafe")
    with steering(server, room.code, room.created["tokens"]["facilitator"]) as wire:
        wire.do("StartPhase", phase="welcome")
        screen, anna = room.screen(), room.phone("anna")
        wire.do("StartPhase", phase="first")
        expect(anna.locator(".group strong")).to_be_visible()
        post(anna, "A bench")
        expect(screen.get_by_role("heading", level=1)).to_have_text("What do we know about this?")
        anna.get_by_role("button", name="Menu").click()
        anna.get_by_role("button", name="On the screen now").click()
        expect(anna.get_by_role("heading", level=3)).to_have_text("What do we know about this?")
        expect(anna.get_by_text("The groups are at work. Each device says its group. 1 card so far.")).to_be_visible()
        board = next(it for it in wire.all("board") if it.get("table") == 2)
        wire.do("Show", screen="main", what="board", board=board["id"])
        expect(screen.get_by_role("heading", level=1)).to_have_text(
            re.compile("^Tables\\s2: What stands in the way\\?$")
        )
        expect(anna.get_by_role("heading", level=3)).to_have_text(re.compile("^Tables\\s2$"))
        expect(anna.get_by_text("What stands in the way?")).to_be_visible()
        levels = anna.locator("h1, h2, h3").evaluate_all("all => all.map(it => it.tagName)")
        assert levels == ["H1", "H2", "H3"]
        shot(screen, "frame-screen")
        shot(anna, "frame-shown")
        assert violations([("anna", anna), ("screen", screen)]) == []


def test_the_desk_says_beside_next_who_is_missing_where(opened: Callable[..., Room], server: Server) -> None:
    """A host at a table before the change, anybody in a group, somebody to talk to; gone with the reason for it."""
    room = opened(format="world-cafe")
    desk = room.desk()
    phones = [room.phone(name) for name in ("anna", "bert")]
    expect(desk.get_by_text("2 here")).to_be_visible()
    foot = desk.locator(".foot-open")
    go_on(desk, "Welcome")
    expect(foot).not_to_contain_text("host")
    go_on(desk, "First round")
    expect(foot.get_by_text("2 tables have no host yet.")).to_be_visible()
    expect(foot.get_by_text("1 group has nobody in it.")).to_be_visible()
    phones[0].get_by_role("button", name="Stay at this table").click()
    expect(foot.get_by_text("1 table has no host yet.")).to_be_visible()
    shot(desk, "foot-desk")
    assert violations([("desk", desk)]) == []
    with steering(server, room.code, room.created["tokens"]["facilitator"]) as wire:
        others = [steering(server, room.code) for _ in range(4)]
        guests = [it.__enter__() for it in others]
        for guest in guests:
            guest.do("JoinGroup", phase="first")
        expect(foot.get_by_text("1 group has nobody in it.")).to_have_count(0)
        small, *rest = sorted(it["id"] for it in wire.all("group"))
        members = sorted((it for it in wire.all("member") if it["group"] == small), key=lambda it: it["seat"])
        wire.do("MoveMember", member=members[0]["id"], group=rest[0])
        expect(foot.get_by_text("1 group has one person only.")).to_be_visible()
        for it in others:
            it.__exit__(None, None, None)
    go_on(desk, "Second round")
    go_on(desk, "Third round")
    expect(foot).not_to_contain_text("host")  # nobody moves on from here
