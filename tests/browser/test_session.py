"""The main job in a real browser: a desk, a screen and phones through a whole format."""

import json
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.room import Room, go_on, post, seed, violations
from tests.server import Server, serving


@pytest.fixture
def room(opened: Callable[..., Room]) -> Room:
    return opened(format="co-learning-sharing-creation")


def wide(page: Page) -> bool:
    """Whether anything sticks out sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def test_the_three_stage_format_from_the_code_to_the_minutes(room: Room) -> None:
    """Every phase is seen on all pages, fits on a narrow phone, and is clean for axe in light and dark."""
    desk, screen = room.desk(), room.screen()
    anna, bert = room.phone("anna"), room.phone("bert", 320, 640, locale="de-DE")
    pages = [("desk", desk), ("screen", screen), ("anna", anna), ("bert", bert)]
    found: list[str] = []

    def check(phase: str) -> None:
        for name, page in pages:
            assert not wide(page), f"{name} is too wide in {phase}"
        found.extend(f"{phase}: {violation}" for violation in violations(pages))

    expect(anna.get_by_role("heading", level=1)).to_contain_text("You're in!")
    expect(screen.locator("svg").first).to_be_visible()
    expect(desk.get_by_text("2 here")).to_be_visible()
    check("lobby")

    go_on(desk, "Welcome")
    expect(anna.get_by_text("1 of 10")).to_be_visible()
    check("welcome")

    go_on(desk, "Practice and challenges")
    expect(anna.get_by_role("heading", level=1)).to_contain_text("What works in our practice")
    expect(bert.get_by_role("heading", level=1)).to_contain_text("Was gelingt in unserer Praxis")
    post(anna, "A shared office once a week", "What works")
    post(anna, "Nobody knows who decides", "Challenge")
    post(bert, "Zuständigkeitswirrwarr im Arbeitsvermittlungszentrum", "Herausforderung")
    expect(anna.get_by_text("face down").first).to_be_visible()
    expect(desk.get_by_text("3 cards are still face down.")).to_be_visible()
    expect(desk.get_by_text("A shared office")).to_have_count(0)
    expect(bert.get_by_text("A shared office")).to_have_count(0)
    expect(screen.get_by_text("3 cards, still face down")).to_be_visible()
    check("private brainstorm")

    desk.get_by_role("button", name="Reveal the cards (3)").click()
    stop = desk.get_by_role("button", name="Stop", exact=True)
    expect(stop).to_be_focused()
    stop.click()
    expect(desk.get_by_text("3 cards are still face down.")).to_be_visible()
    desk.get_by_role("button", name="Reveal the cards (3)").click()
    expect(screen.get_by_text("A shared office once a week")).to_be_visible(timeout=8000)
    expect(anna.get_by_text("On the board").first).to_be_visible()
    check("revealed")

    go_on(desk, "Sorting into themes")
    expect(desk.get_by_text("3 cards are not placed yet.")).to_be_visible()
    desk.get_by_role("button", name="New cluster").first.click()
    name = desk.get_by_role("dialog").get_by_role("textbox")
    if name.count():
        name.first.fill("Deciding")
        desk.get_by_role("dialog").get_by_role("button", name=re.compile("New cluster|Make|Save|Create")).last.click()
    check("cluster")

    go_on(desk, "Sharing insights")
    post(anna, "Meet on neutral ground")
    post(bert, "Früh Vertrauen schaffen")
    expect(screen.get_by_text("Meet on neutral ground")).to_be_visible()
    check("open brainstorm")

    go_on(desk, "Weighing the insights")
    anna.get_by_role("button", name="Add a dot: Meet on neutral ground, now 0").click()
    anna.get_by_role("button", name="Add a dot: Meet on neutral ground, now 1").click()
    bert.get_by_role("button", name="Punkt dazu: Meet on neutral ground, jetzt 0").click()
    expect(anna.locator(".foot").get_by_text("1 of 3 dots left")).to_be_visible()
    expect(anna.get_by_text("Saved. You can change it until voting closes.")).to_be_visible()
    expect(screen.get_by_text("2 of 2 have voted")).to_be_visible()
    expect(screen.get_by_text("3 dots")).to_have_count(0)
    check("vote")

    desk.get_by_role("button", name=re.compile("Show the results")).first.click()
    expect(screen.get_by_text("3 dots")).to_be_visible(timeout=8000)
    expect(anna.get_by_text("3 dots").first).to_be_visible()
    check("results")

    go_on(desk, "Break")
    check("break")

    go_on(desk, "Ideas for a real challenge")
    desk.get_by_role("button", name="Start the clock").click()
    post(anna, "A helpline run by both offices")
    post(bert, "Ein gemeinsames Formular")
    desk.get_by_label(re.compile("Write for the room")).fill("From somebody without a phone")
    desk.get_by_label(re.compile("Write for the room")).press("Enter")
    expect(anna.get_by_text("All ideas (3)")).to_be_visible()
    check("solutions")

    go_on(desk, "Bundling the solutions")
    expect(bert.get_by_role("heading", level=1)).to_be_visible()
    check("own cards")

    go_on(desk, "Choosing what to try")
    anna.get_by_role("button", name="Add a dot: A helpline run by both offices, now 0").click()
    expect(anna.get_by_text("Saved. You can change it until voting closes.")).to_be_visible()
    go_on(desk, "First steps")
    expect(screen.get_by_text("A helpline run by both offices").first).to_be_visible()
    check("discuss")

    go_on(desk, "End the workshop")
    expect(anna.get_by_role("heading", level=1)).to_contain_text("Done. Thank you")
    expect(bert.get_by_role("heading", level=1)).to_contain_text("Geschafft.")
    check("end")

    desk.goto(f"/harvest/{room.code}")
    expect(desk.get_by_text("Meet on neutral ground").first).to_be_visible()
    with desk.expect_download() as download:
        desk.get_by_role("link", name="Everything for other programs (json)").click()
    everything = json.loads(Path(download.value.path()).read_text("utf-8"))
    text = json.dumps(everything, ensure_ascii=False)
    for idea in ("A shared office once a week", "Früh Vertrauen schaffen", "From somebody without a phone"):
        assert idea in text
    found.extend(violations([("harvest", desk)]))
    for path, heading in (("/home", "Workshops"), ("/plan", "")):
        desk.goto(f"{path}#{room.server.owner}")
        expect(desk.get_by_role("heading", level=1)).to_contain_text(heading)
        found.extend(violations([(path, desk)]))
    desk.goto("/")
    found.extend(violations([("lobby", desk)]))
    assert found == []


def test_what_is_typed_outlives_a_lost_network_and_a_server_that_is_killed(
    browser: Browser, environment: dict[str, str], tmp_path: Path
) -> None:
    """Typing goes on without network and over a restart; each card arrives once; the page is never reloaded."""
    with serving(tmp_path / "folder", environment) as server:
        room = Room(browser, server, format="quick-vote")
        desk, anna, bert = room.desk(), room.phone("anna"), room.phone("bert")
        go_on(desk, "Collecting options")
        expect(anna.get_by_label("Write one idea")).to_be_visible()
        anna.evaluate("window.samePage = true")
        post(anna, "Before")

        anna.context.set_offline(True)
        anna.get_by_label("Write one idea").fill("Written without network")
        anna.locator("form.write button.main").click()
        expect(anna.get_by_text("Waiting for network").first).to_be_visible()
        anna.get_by_label("Write one idea").fill("Half a sen")
        anna.wait_for_timeout(3500)
        expect(anna.locator("p.bar")).to_have_text("No network. Keep writing; it will be sent later.")
        expect(anna.locator("#said")).to_have_text("No network. Keep writing; it will be sent later.")
        anna.context.set_offline(False)
        expect(bert.get_by_text("All ideas (2)")).to_be_visible(timeout=10_000)
        expect(anna.get_by_label("Write one idea")).to_have_value("Half a sen")

        server.stop(signal.SIGKILL)
        anna.get_by_label("Write one idea").fill("Half a sentence, and")
        anna.wait_for_timeout(1500)
        anna.get_by_label("Write one idea").fill("Half a sentence, and the rest")
        anna.locator("form.write button.main").click()
        server.start()
        expect(bert.get_by_text("All ideas (3)")).to_be_visible(timeout=20_000)
        assert anna.evaluate("window.samePage") is True
        status, session = server.ask(f"/api/sessions/{room.code}/export/json", room.created["tokens"]["facilitator"])
        assert status == 200
        texts = [idea["text"] for idea in session["report"]["cards"]]
        assert sorted(texts) == ["Before", "Half a sentence, and the rest", "Written without network"]
        room.close()


def test_a_reload_keeps_the_draft_and_the_outbox(room: Room) -> None:
    desk, anna = room.desk(), room.phone("anna")
    go_on(desk, "Welcome")
    go_on(desk, "Practice and challenges")
    anna.get_by_role("radio", name="Challenge").check(force=True)
    anna.get_by_label("Write one idea").fill("A draft that is not lost")
    anna.wait_for_timeout(700)
    anna.reload()
    expect(anna.get_by_label("Write one idea")).to_have_value("A draft that is not lost")
    expect(anna.get_by_role("radio", name="Challenge")).to_be_checked()


def test_a_half_written_card_holds_the_page_when_the_room_moves_on(room: Room) -> None:
    desk, anna = room.desk(), room.phone("anna")
    go_on(desk, "Welcome")
    go_on(desk, "Practice and challenges")
    anna.get_by_label("Write one idea").fill("Not yet finish")
    go_on(desk, "Sorting into themes")
    expect(anna.get_by_role("button", name="Finish writing")).to_be_visible()
    expect(anna.get_by_label("Write one idea")).to_have_value("Not yet finish")
    anna.get_by_role("button", name="Go along").click()
    expect(anna.get_by_role("heading", level=1)).to_contain_text("Which cards tell of the same thing?")


def test_one_phone_in_two_tabs_is_one_person(room: Room) -> None:
    desk, anna = room.desk(), room.phone("anna")
    go_on(desk, "Welcome")
    go_on(desk, "Practice and challenges")
    post(anna, "From the first tab", "Challenge")
    second = anna.context.new_page()
    second.goto(f"/j/{room.code}")
    expect(second.get_by_text("From the first tab")).to_be_visible()
    expect(desk.get_by_text("1 here")).to_be_visible()
    post(second, "From the second tab", "Challenge")
    expect(anna.get_by_text("From the second tab")).to_be_visible()
    expect(anna.get_by_text("Yours (2)")).to_be_visible()


def test_forty_cards_are_clustered_by_keyboard_alone(browser: Browser, server: Server) -> None:
    """C makes a cluster and asks for its title; M and a letter moves; the focus goes on; U takes the last one back."""
    room = Room(browser, server, format="quick-vote")
    desk, anna = room.desk(), room.phone("anna")
    go_on(desk, "Collecting options")
    expect(anna.get_by_label("Write one idea")).to_be_visible()
    seed(desk, room.code, "collect", [f"Idea {number} of forty" for number in range(1, 41)])
    cards = desk.locator("[data-card]")
    expect(cards).to_have_count(40)
    press = desk.keyboard.press
    said = desk.locator("p[role=status]")

    cards.first.focus()
    for letter, title in (("A", "Streets"), ("B", "Houses"), ("C", "Parks")):
        press("c")
        expect(desk.locator(".cluster-head textarea:focus")).to_have_accessible_name(f"Name of the cluster {letter}")
        desk.keyboard.type(title)
        press("Enter")
        desk.wait_for_timeout(300)
        loose = desk.locator(".loose [data-card]")
        loose.first.focus()
    expect(desk.locator(".loose [data-card]")).to_have_count(37)
    for number in range(37):
        before = 37 - number
        press("m")
        press("abc"[number % 3])
        expect(desk.locator(".loose [data-card]")).to_have_count(before - 1)
        if before > 1:
            expect(desk.locator(".loose [data-card]:focus")).to_have_count(1)
    expect(said).to_contain_text("Moved card")
    desk.locator("[data-card]").first.focus()
    press("u")
    expect(desk.locator(".loose [data-card]")).to_have_count(1)
    status, session = server.ask(f"/api/sessions/{room.code}/export/json", room.created["tokens"]["facilitator"])
    assert status == 200
    assert sorted(cluster["title"]["text"] for cluster in session["report"]["clusters"]) == [
        "Houses",
        "Parks",
        "Streets",
    ]
    room.close()
    assert room.problems == []


def test_what_comes_late_waits_on_the_desk_until_it_is_admitted(browser: Browser, server: Server) -> None:
    """After the grace time a card is kept, invisible, on its own phase's board; the desk puts it up with one click."""
    room = Room(browser, server, format="quick-vote")
    desk, anna = room.desk(), room.phone("anna")
    go_on(desk, "Collecting options")
    post(anna, "In time")
    go_on(desk, "Approving")
    desk.wait_for_timeout(21_000)
    seed(desk, room.code, "collect", ["A little late"])
    expect(desk.get_by_text("1 card came late").first).to_be_visible()
    expect(anna.get_by_text("A little late")).to_have_count(0)
    desk.get_by_role("button", name="Put on the board").first.click()
    expect(anna.get_by_text("A little late").first).to_be_attached()
    expect(desk.get_by_text("1 card came late")).to_have_count(0)
    room.close()
    assert room.problems == []
