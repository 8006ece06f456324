"""Groups that write, choose and come back; screens with content of their own; and all of it as text on a phone."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.room import Room, go_on, post, tap, until, violations
from tests.browser.steering import Steering, steering
from tests.server import Server

SHOTS = os.environ.get("FACILITATE_PICTURES")


def shot(page: Page, name: str) -> None:
    """A picture to look at, where somebody wants one."""
    if SHOTS:
        page.wait_for_timeout(700)
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


@pytest.fixture
def room(opened: Callable[..., Room]) -> Room:
    return opened(format="one-two-four-all")


@pytest.fixture
def cafe(opened: Callable[..., Room]) -> Room:
    return opened(format="world-cafe")


@pytest.fixture
def board(opened: Callable[..., Room]) -> Room:
    return opened(format="pin-board")


def wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def choose(phone: Page, text: str) -> None:
    tap(
        phone.get_by_role("button", name=re.compile(f"^Choose: {text}")),
        phone.get_by_role("button", name=re.compile(f"^Chosen: {text}")),
    )


def test_groups_of_one_two_and_four_come_back_with_what_they_chose(room: Room) -> None:
    desk = room.desk()
    phones = {name: room.phone(name) for name in ("anna", "bert", "cora", "dora")}
    anna, bert, cora, dora = phones.values()
    expect(desk.get_by_text("4 here")).to_be_visible()
    go_on(desk, "Welcome")
    go_on(desk, "Alone")
    for name, phone in phones.items():
        expect(phone.locator(".group strong")).to_have_text("On your own for now")
        expect(phone.get_by_text("Then 2 people come together.")).to_be_visible()
        post(phone, f"idea of {name}")
        assert not any(f"idea of {other}" in phone.content() for other in phones if other != name)
    go_on(desk, "In pairs")
    pairs: dict[str, list[str]] = {}
    for name, phone in phones.items():
        expect(phone.get_by_text("2 people.")).to_be_visible()
        expect(phone.get_by_text("Then 2 groups become one.")).to_be_visible()
        pairs.setdefault(phone.locator(".group strong").inner_text(), []).append(name)
    assert sorted(map(len, pairs.values())) == [2, 2]
    for names in pairs.values():
        for name in names:
            for other in phones:
                seen = phones[name].get_by_text(f"idea of {other}")
                expect(seen.first).to_be_visible() if other in names else expect(seen).to_have_count(0)
        choose(phones[names[0]], f"idea of {names[1]}")
        expect(phones[names[1]].get_by_role("button", name=f"Chosen: idea of {names[1]}")).to_be_visible()
    shot(anna, "phone-pair")
    assert not wide(anna)
    assert violations([("anna", anna)]) == []
    go_on(desk, "In fours")
    for phone in phones.values():
        expect(phone.get_by_text("4 people.")).to_be_visible()
        expect(phone.get_by_text("Then the cards come before everybody.")).to_be_visible()
        expect(phone.get_by_role("button", name=re.compile("^Choose: idea of"))).to_have_count(2)
    shot(desk, "desk-fours")
    chosen = pairs[next(iter(pairs))][1]
    choose(dora, f"idea of {chosen}")
    go_on(desk, "All together")
    for phone in (anna, bert, cora):
        expect(phone.get_by_role("listitem").filter(has_text=f"idea of {chosen}").first).to_be_visible()
    expect(
        desk.locator(".desk-middle .card, .desk-middle li").filter(has_text=f"idea of {chosen}").first
    ).to_be_visible()


def test_the_desk_looks_into_every_group_moves_people_and_merges_groups(cafe: Room) -> None:
    desk = cafe.desk()
    anna, bert, cora = (cafe.phone(name) for name in ("anna", "bert", "cora"))
    expect(desk.get_by_text("3 here")).to_be_visible()
    go_on(desk, "Welcome")
    go_on(desk, "First round")
    groups = {}
    for name, phone in (("anna", anna), ("bert", bert), ("cora", cora)):
        expect(phone.locator(".group strong")).to_be_visible()
        groups[name] = phone.locator(".group strong").inner_text()
        post(phone, f"card of {name}")
    assert len(set(groups.values())) == 3
    headings = {phone.get_by_role("heading", level=1).inner_text() for phone in (anna, bert, cora)}
    assert len(headings) == 3  # each table has its own question
    row = desk.get_by_role("toolbar", name="Groups")
    row.get_by_role("button", name=re.compile(f"^{groups['anna']} ")).click()
    expect(desk.locator(".desk-middle").get_by_text("card of anna")).to_be_visible()
    expect(desk.get_by_text("card of bert")).to_have_count(0)
    desk.get_by_text(f"People and question: {groups['anna']}").click()
    shot(desk, "desk-groups")
    assert violations([("desk", desk)]) == []
    seat = anna.get_by_text(re.compile("This place: ")).inner_text().rpartition(" ")[2]
    desk.get_by_label(f"Place {seat} to").select_option(label=groups["bert"])
    expect(anna.locator(".group strong")).to_have_text(groups["bert"])
    expect(anna.get_by_text("2 people.")).to_be_visible()
    expect(anna.get_by_text("card of bert").first).to_be_visible()
    desk.get_by_role("button", name="Undo", exact=False).first.click()
    expect(anna.locator(".group strong")).to_have_text(groups["anna"])
    expect(anna.get_by_text("card of bert")).to_have_count(0)
    desk.get_by_label(f"{groups['anna']}, people and cards, to").select_option(label=groups["cora"])
    expect(anna.locator(".group strong")).to_have_text(groups["cora"])
    until(desk, lambda: "card of anna" in cora.content())


def test_the_groups_of_a_cafe_move_on_and_find_what_was_left(cafe: Room) -> None:
    desk = cafe.desk()
    phones = [cafe.phone(name) for name in ("anna", "bert", "cora")]
    expect(desk.get_by_text("3 here")).to_be_visible()
    go_on(desk, "Welcome")
    go_on(desk, "First round")
    for number, phone in enumerate(phones):
        expect(phone.locator(".group strong")).to_be_visible()
        post(phone, f"left by {number}")
    go_on(desk, "Second round")
    seen = []
    for number, phone in enumerate(phones):
        expect(phone.get_by_text(re.compile(r"at table \d"))).to_be_visible()
        found = phone.locator(".all").get_by_text(re.compile(r"left by \d")).first
        expect(found).to_be_visible()
        seen.append(found.inner_text())
        assert seen[-1] != f"left by {number}"
    assert len(set(seen)) == 3
    shot(phones[0], "phone-cafe")


def test_two_screens_show_different_things_and_phones_read_both(board: Room) -> None:
    desk, anna = board.desk(), board.phone("anna")
    expect(desk.get_by_text("1 here")).to_be_visible()
    go_on(desk, "Collecting ideas")
    post(anna, "A bench in the shade")
    post(anna, "A tap for water")
    screen = board.screen()
    expect(screen.get_by_text("A bench in the shade")).to_be_visible()
    panel = desk.locator("section.screen")
    panel.get_by_text("More screens").click()
    panel.get_by_label("Where it stands").fill("Foyer")
    panel.get_by_role("button", name="Add a screen").click()
    expect(panel.get_by_role("button", name="Foyer")).to_have_attribute("aria-pressed", "true")
    link = panel.get_by_role("link", name="Open the screen")
    foyer = board.open("foyer", str(link.get_attribute("href")), 1280, 720)
    expect(foyer.get_by_text("A tap for water")).to_be_visible()

    panel.get_by_role("button", name="Message", exact=True).click()
    panel.get_by_label("Message for everybody").fill("Coffee is ready")
    panel.get_by_role("button", name="Show the message").click()
    expect(foyer.get_by_text("Coffee is ready")).to_be_visible()
    expect(screen.get_by_text("Coffee is ready")).to_have_count(0)

    panel.get_by_role("button", name="Main screen").click()
    card = desk.locator(".desk-middle .card").filter(has_text="A bench in the shade")
    card.locator("[data-menu], .card-menu").first.click()
    desk.get_by_role("menuitem", name="Show on the screen").click()
    expect(screen.locator(".one-card")).to_have_text("A bench in the shade")
    expect(screen.get_by_text("A tap for water")).to_have_count(0)
    shot(screen, "screen-card")
    expect(foyer.get_by_text("Coffee is ready")).to_be_visible()

    anna.get_by_role("button", name="Menu").click()
    anna.get_by_role("button", name="On the screen now").click()
    expect(anna.get_by_role("heading", level=1)).to_have_text("On the screen now")
    expect(anna.get_by_role("heading", level=2)).to_have_text(["Main screen", "Foyer"])
    expect(anna.get_by_text("Coffee is ready")).to_be_visible()
    expect(anna.get_by_role("listitem").filter(has_text="A bench in the shade")).to_be_visible()
    shot(anna, "phone-shown")
    assert violations([("anna", anna), ("screen", screen), ("desk", desk)]) == []

    panel.get_by_role("button", name="Countdown").click()
    panel.get_by_label("Minutes").fill("3")
    panel.get_by_role("button", name="Start the countdown").click()
    expect(screen.locator(".counted")).to_have_text(re.compile(r"^[23]:\d\d$"))
    shot(screen, "screen-countdown")
    expect(anna.get_by_text(re.compile("A countdown until"))).to_be_visible()
    expect(anna.locator("#said")).to_have_text(re.compile("The screen shows something else now"))
    panel.get_by_role("button", name="Black screen").or_(
        panel.get_by_role("button", name="Black", exact=True)
    ).first.click()
    expect(anna.get_by_text("The screen is black just now.")).to_be_visible()

    panel.get_by_role("button", name="Foyer").click()
    panel.get_by_role("button", name="Close this screen").click()
    expect(foyer.get_by_text("This screen was closed at the desk.")).to_be_visible()
    expect(anna.get_by_text("Coffee is ready")).to_have_count(0)
    anna.get_by_role("button", name="Back").click()
    expect(anna.get_by_label("Write one idea")).to_be_visible()


def test_zoom_pages_and_the_clicker(board: Room, server: Server) -> None:
    token = str(board.created["tokens"]["facilitator"])
    with steering(server, board.code, token) as it:
        it.do("StartPhase", phase="collect")
        for number in range(30):
            it.do("PostIdea", phase="collect", text=f"card {number:02}")
        screen = board.screen()
        expect(screen.locator(".wall li")).to_have_count(15)
        it.do("Show", what="phase", zoom=3)
        expect(screen.locator(".wall li")).to_have_count(6)
        expect(screen.get_by_text("Page 1 of 5")).to_be_visible()
        screen.keyboard.press("PageDown")
        expect(screen.get_by_text("Page 2 of 5")).to_be_visible()
        screen.keyboard.press("PageUp")
        expect(screen.get_by_text("Page 1 of 5")).to_be_visible()
        screen.keyboard.press("b")
        expect(screen.locator("main.black")).to_be_visible()
        screen.keyboard.press("b")
        cluster(it, 20)
        expect(screen.locator(".one-cluster")).to_have_text("Together")
        expect(screen.locator(".wall li")).to_have_count(15)
        shot(screen, "screen-cluster")


def cluster(it: Steering, n: int) -> None:
    ideas = [idea["id"] for idea in it.all("idea")][:n]
    made = it.do("FormCluster", ideas=ideas, title="Together")
    it.do("StartPhase", phase="sort")  # from then on all see the clusters
    it.do("Show", what="cluster", cluster=made)


def test_the_overview_of_the_groups_on_the_screen(cafe: Room) -> None:
    desk, screen = cafe.desk(), cafe.screen()
    anna, bert = cafe.phone("anna"), cafe.phone("bert", locale="de-DE")
    expect(desk.get_by_text("2 here")).to_be_visible()
    go_on(desk, "Welcome")
    go_on(desk, "First round")
    post(anna, "only for our table")
    desk.get_by_role("button", name="Groups on the screen").click()
    expect(screen.locator(".group-list li")).to_have_count(3)
    expect(screen.locator(".group-list").get_by_text("1 card")).to_be_visible()
    assert "only for our table" not in screen.content()
    shot(screen, "screen-groups")
    shot(bert, "phone-german")
    bert.get_by_role("button", name="Menü").click()
    bert.get_by_role("button", name="Jetzt auf der Leinwand").click()
    expect(bert.get_by_role("listitem").filter(has_text="Gruppe 1")).to_be_visible()
    assert violations([("screen", screen), ("bert", bert)]) == []


def test_a_table_is_told_by_its_code_and_can_be_changed(opened: Callable[..., Room]) -> None:
    groups = {"groups": {"by": "table", "choose": 2}}
    room = opened(format="pin-board", phases={"collect": {"settings": groups}})
    desk, anna, bert = room.desk(), room.phone("anna"), room.phone("bert")
    expect(desk.get_by_text("2 here")).to_be_visible()
    go_on(desk, "Collecting ideas")
    anna.get_by_role("button", name="Sit down here").click()
    expect(anna.locator("#app p.alert")).to_contain_text("Your table is still missing.")
    for phone, code in ((anna, "7"), (bert, "8")):
        phone.get_by_label("Code on the table").fill(code)
        phone.get_by_role("button", name="Sit down here").click()
        expect(phone.locator(".group strong")).to_have_text(f"Table {code}")
    post(anna, "from table seven")
    expect(anna.get_by_role("button", name="Choose: from table seven")).to_be_visible()
    expect(bert.get_by_text("from table seven")).to_have_count(0)
    bert.get_by_role("button", name="Another table").click()
    bert.get_by_label("Code on the table").fill("7")
    bert.get_by_role("button", name="Sit down here").click()
    expect(bert.get_by_role("button", name="Choose: from table seven")).to_be_visible()
    shot(bert, "phone-table")
    assert violations([("bert", bert)]) == []


def test_what_was_carried_to_groups_is_there_for_every_one_of_them(opened: Callable[..., Room], server: Server) -> None:
    room = opened(format="pin-board")
    with steering(server, room.code, room.created["tokens"]["facilitator"]) as wire:
        wire.do("StartPhase", phase="collect")
        for text in ("A bench in the shade", "A tap for water"):
            wire.do("PostIdea", phase="collect", text=text)
        groups = {"groups": {"by": "random", "size": 1, "choose": 1}}
        title = {"en": "Next steps", "de": "Nächste Schritte"}
        made = wire.do("InsertPhase", activity="brainstorm", title=title, new_board=title, settings=groups)
        phase = next(it["id"] for it in wire.all("phase") if made in it["id"])
        anna, bert = room.phone("anna"), room.phone("bert", 320, 640, locale="de-DE")
        wire.do("StartPhase", phase=phase)
        wire.do("CarryForward", board="ideas", phase=phase)
        expect(anna.get_by_text("2 cards for every group")).to_be_visible()
        expect(bert.get_by_text("2 Karten für alle Gruppen")).to_be_visible()
        for phone in (anna, bert):
            expect(phone.locator(".given").get_by_text("A bench in the shade")).to_be_visible()
        shot(bert, "phone-given")
        anna.wait_for_timeout(600)  # phones take no tap for 400 ms after a change
        anna.get_by_text("2 cards for every group").click()
        post(anna, "ours alone")
        expect(anna.locator(".given").get_by_text("A tap for water")).to_be_hidden()  # folded, and it stays so
        assert "ours alone" not in bert.content()
        assert violations([("anna", anna), ("bert", bert)]) == []
        assert not wide(bert)
