"""The screen in a real browser: everything always fits, and nobody has to touch it."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.room import Room, violations
from tests.browser.steering import Steering, steering
from tests.server import Server, serving

SIZES = [(1920, 1080), (1280, 720), (1024, 768)]
TEXTS = [
    "Trust first, contracts later",
    "Donaudampfschifffahrtsgesellschaftskapitänsversammlungsprotokoll",
    "نبدأ بالجيران ثم نذهب إلى البلدية",
    "One phone number for all concerns of the neighbourhood, in the evening too",
    "Short ways",
    "Whoever asks gets an answer within three days, from a person with a name and a telephone, in summer as well",
]
# Boxes that stick out of the picture, or texts that are cut without a sign of it.
CUT = """() => [...document.querySelectorAll('h1, .card, .cluster, .bars li, .pages, .qr, .code, .steps li, .big')]
  .filter(it => {
    const box = it.getBoundingClientRect();
    return box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1 || box.top < -1;
  }).map(it => it.className || it.tagName)"""
SCROLLS = "document.documentElement.scrollHeight > innerHeight || document.documentElement.scrollWidth > innerWidth"


@pytest.fixture
def stage(browser: Browser, server: Server) -> Iterator[tuple[Room, Steering]]:
    room = Room(browser, server, format="pin-board")
    with steering(server, room.code, room.created["tokens"]["facilitator"]) as desk:
        yield room, desk
    room.close()
    assert room.problems == []


def fits(screen: Page) -> None:
    for width, height in SIZES:
        screen.set_viewport_size({"width": width, "height": height})
        screen.wait_for_timeout(100)
        assert screen.evaluate(CUT) == [], (width, height)
        assert not screen.evaluate(SCROLLS), (width, height)
    screen.set_viewport_size({"width": 1920, "height": 1080})


def test_the_way_in_is_large(stage: tuple[Room, Steering]) -> None:
    """QR over half the height, the code, the address and three steps; dark on white also in the dark theme."""
    room, _ = stage
    screen = room.screen()
    drawing = screen.locator(".qr svg")
    expect(drawing).to_be_visible()
    for width, height in SIZES:
        screen.set_viewport_size({"width": width, "height": height})
        box = drawing.bounding_box()
        assert box
        assert box["height"] > (0.5 if width / height > 1.5 else 0.45) * height
    fits(screen)
    expect(screen.locator(".door .code")).to_have_text(f"{room.code[:3]} {room.code[3:]}")
    expect(screen.locator(".steps li")).to_have_count(3)
    screen.emulate_media(color_scheme="dark")
    assert drawing.locator("path").first.get_attribute("fill") == "#fff"
    assert violations([("lobby", screen)]) == []


def test_300_ideas_turn_in_pages_that_fit(stage: tuple[Room, Steering]) -> None:
    """By themselves, by a clicker, or held by the desk; B is black."""
    room, desk = stage
    desk.do("StartPhase", phase="collect")
    screen = room.screen()
    expect(screen.get_by_text("No ideas yet.")).to_be_visible()
    fits(screen)
    for number in range(300):
        desk.do("PostIdea", phase="collect", text=TEXTS[number % len(TEXTS)] + f" {number + 1}")
    expect(screen.locator(".pages")).to_have_text(re.compile(r"of 20$"))  # it turns by itself
    expect(screen.locator(".card")).to_have_count(15)
    fits(screen)
    size = float(screen.locator(".card .text").first.evaluate("it => parseFloat(getComputedStyle(it).fontSize)"))
    assert size >= 37.7  # 3.5 % of the height, as browsers round it
    assert violations([("wall", screen)]) == []
    here = int(screen.locator(".pages").inner_text().split()[1])  # looking at it took some time
    screen.keyboard.press("PageDown")
    expect(screen.get_by_text(f"Page {here % 20 + 1} of 20")).to_be_visible()
    for _ in range(here + 1):
        screen.keyboard.press("PageUp")
    expect(screen.get_by_text("Page 20 of 20")).to_be_visible()
    screen.keyboard.press("b")
    expect(screen.locator("main.black")).to_be_visible()
    expect(screen.locator(".card")).to_have_count(0)
    screen.keyboard.press("b")
    expect(screen.locator(".card").first).to_be_visible()
    desk.do("Show", what="board", page=4)
    expect(screen.get_by_text("Page 5 of 20")).to_be_visible()
    screen.keyboard.press("PageDown")
    screen.wait_for_timeout(300)
    expect(screen.get_by_text("Page 5 of 20")).to_be_visible()


def test_pages_turn_by_themselves(stage: tuple[Room, Steering]) -> None:
    """Nobody touches the projector for three hours."""
    room, desk = stage
    desk.do("StartPhase", phase="collect")
    for number in range(20):
        desk.do("PostIdea", phase="collect", text=f"Idea {number}")
    screen = room.screen()
    expect(screen.get_by_text("Page 1 of 2")).to_be_visible()
    expect(screen.get_by_text("Page 2 of 2")).to_be_visible(timeout=14_000)


def test_every_picture_fits(stage: tuple[Room, Steering]) -> None:
    """Clusters with counts, the vote, its result, the talk with a note, a message, the end."""
    room, desk = stage
    desk.do("StartPhase", phase="collect")
    ideas = [desk.do("PostIdea", phase="collect", text=text) for text in TEXTS * 3]
    (board,) = desk.all("board")
    desk.do("StartPhase", phase="sort")
    titles = ["Who decides, and how it is told to everybody else in time", "Places", "Grundstücksverkehrsgenehmigung"]
    for number, title in enumerate(titles):
        desk.do("FormCluster", title=title, ideas=ideas[number : number + 12 : 3])
    screen = room.screen()
    expect(screen.locator(".cluster")).to_have_count(3)
    expect(screen.locator(".cluster .count").first).to_have_text("4")
    fits(screen)
    desk.do("StartPhase", phase="weigh")
    (round_,) = desk.all("round")
    with steering(room.server, room.code) as anna:
        cluster = anna.all("cluster")[0]["id"]
        anna.do("CastBallot", round=round_["id"], rev=1, choices={cluster: 2})
        expect(screen.get_by_text("1 of 1 have voted")).to_be_visible()
        expect(screen.get_by_text("2 dots")).to_have_count(0)
        fits(screen)
    desk.do("ShowResults", round=round_["id"])
    expect(screen.locator(".bars li").first).to_contain_text("2 dots")
    fits(screen)
    assert violations([("results", screen)]) == []
    desk.do("StartPhase", phase="talk")
    item = desk.records["phase", "talk"]["doing"]["items"][0]
    expect(screen.locator(".agenda li").first).to_be_visible()
    fits(screen)
    desk.do("discuss.Turn", phase="talk", item=item)
    desk.do("TakeNote", phase="talk", item=item, text="Anna asks.\nFirst step by Friday.")
    expect(screen.get_by_text("First step by Friday.")).to_be_visible()
    fits(screen)
    assert violations([("talk", screen)]) == []
    desk.do("Show", what="message", text="Please bring the glasses back")
    expect(screen.get_by_text("Please bring the glasses back")).to_be_visible()
    desk.do("Show", what="board", board=board["id"])
    expect(screen.locator(".cluster").first).to_be_visible()
    desk.do("Show", what="code")
    expect(screen.locator(".door .qr")).to_be_visible()
    fits(screen)
    desk.do("Show", what="black")
    expect(screen.locator("main.black")).to_be_visible()
    desk.do("Show", what="phase")
    desk.do("EndSession")
    expect(screen.get_by_role("heading", level=1)).to_have_text("Thank you for thinking along")
    fits(screen)


def test_a_lost_connection_is_said_with_its_time(browser: Browser, environment: dict[str, str], tmp_path: Any) -> None:
    """What was there stays to be read, and it comes back by itself."""
    with serving(tmp_path / "folder", environment) as server:
        room = Room(browser, server, format="pin-board")
        with steering(server, room.code, room.created["tokens"]["facilitator"]) as desk:
            desk.do("StartPhase", phase="collect")
            desk.do("PostIdea", phase="collect", text="Stays to be read")
        screen = room.screen()
        expect(screen.get_by_text("Stays to be read")).to_be_visible()
        server.stop()
        expect(screen.get_by_text("Connection lost. As of")).to_be_visible(timeout=8000)
        expect(screen.get_by_text("Stays to be read")).to_be_visible()
        server.start()
        expect(screen.get_by_text("Connection lost. As of")).to_have_count(0, timeout=15_000)
        room.close()


SENTENCE = "Wir brauchen einen Ort, der auch abends offen ist, mit einer Küche für alle und Schlüsselverantwortlichen. "
LONGEST = (SENTENCE * 3)[:280]
# Texts of which a line is cut off; half a line's height is no line.
UNREAD = """() => [...document.querySelectorAll('.one-card, .big, .card .text')]
  .filter(it => it.scrollHeight > it.clientHeight + parseFloat(getComputedStyle(it).fontSize) / 2)
  .map(it => it.className)"""


def test_the_longest_message_and_card_are_read_whole(browser: Browser, server: Server) -> None:
    """280 letters, on every kind of picture; and zooming in leaves two cards, each whole."""
    room = Room(browser, server, format="pin-board", phases={"collect": {"settings": {"max_length": 280}}})
    with steering(server, room.code, room.created["tokens"]["facilitator"]) as desk:
        desk.do("StartPhase", phase="collect")
        card, *_ = [desk.do("PostIdea", phase="collect", text=LONGEST, lang="de") for _ in range(3)]
        screen = room.screen()
        for picture, wanted in (
            ({"what": "message", "text": LONGEST}, ".is-message .big"),
            ({"what": "card", "idea": card}, ".one-card"),
            ({"what": "phase", "zoom": 2}, ".wall.g2 .card"),
        ):
            desk.do("Show", **picture)
            expect(screen.locator(wanted).first).to_be_visible()
            fits(screen)
            for width, height in SIZES:
                screen.set_viewport_size({"width": width, "height": height})
                screen.wait_for_timeout(100)
                assert screen.evaluate(UNREAD) == [], (picture["what"], width, height)
        expect(screen.locator(".wall .card")).to_have_count(2)
    room.close()
    assert room.problems == []


def test_few_results_fill_the_picture(stage: tuple[Room, Steering]) -> None:
    """Up to four are written larger than a list of seven."""
    room, desk = stage
    desk.do("StartPhase", phase="collect")
    for text in TEXTS[:4]:
        desk.do("PostIdea", phase="collect", text=text, lang="de")
    desk.do("StartPhase", phase="weigh")
    (round_,) = desk.all("round")
    desk.do("CountHands", round=round_["id"], option=desk.all("idea")[0]["id"], n=3)
    desk.do("ShowResults", round=round_["id"])
    screen = room.screen()
    last = screen.locator(".bars li").nth(3)
    expect(last).to_be_visible()
    box = last.bounding_box()
    assert box
    assert box["y"] + box["height"] > 0.8 * 1080
    fits(screen)


def test_many_groups_turn_in_pages(browser: Browser, server: Server) -> None:
    """Fifteen on a page, so that each can be read from the last row."""
    room = Room(browser, server, format="one-two-four-all")
    with ExitStack() as people:
        desk = people.enter_context(steering(server, room.code, room.created["tokens"]["facilitator"]))
        for _ in range(16):
            people.enter_context(steering(server, room.code)).do("Join")
        desk.do("StartPhase", phase="one")
        desk.do("Show", what="groups")
        screen = room.screen()
        expect(screen.get_by_text("Page 1 of 2")).to_be_visible()
        expect(screen.locator(".group-list li")).to_have_count(15)
        for width, height in SIZES:
            screen.set_viewport_size({"width": width, "height": height})
            screen.wait_for_timeout(100)
            box = screen.locator(".group-list").bounding_box()
            pages = screen.locator(".pages").bounding_box()
            assert box
            assert pages
            assert box["y"] + box["height"] <= pages["y"], (width, height)
            size = screen.locator(".group-list li").first.evaluate("it => parseFloat(getComputedStyle(it).fontSize)")
            assert size >= 0.034 * height
        screen.keyboard.press("PageDown")
        expect(screen.locator(".group-list li")).to_have_count(1)
    room.close()
    assert room.problems == []


# The counts come a second after the page: here they wait until `told` is set.
UNTOLD = """Object.defineProperty(WebSocket.prototype, "onmessage", {
  set(hear) {
    this.addEventListener("message", event => {
      if (window.told || typeof event.data !== "string" || !event.data.includes('["now"')) hear.call(this, event);
    });
  },
});"""


def test_no_number_is_shown_before_it_is_known(stage: tuple[Room, Steering]) -> None:
    """On the screen and at the desk: who is here, what lies face down, who has voted."""
    room, wire = stage
    wire.do("StartPhase", phase="collect")
    wire.do("PostIdea", phase="collect", text="Early trust")
    wire.do("StartPhase", phase="weigh")
    screen, desk = room.screen(), room.desk()
    for page in (screen, desk):
        page.add_init_script(UNTOLD)
        page.reload()
    expect(screen.locator(".progress")).to_be_visible()
    expect(desk.locator("progress")).to_be_visible()
    screen.wait_for_timeout(1500)
    for page in (screen, desk):
        expect(page.locator(".unknown").first).to_be_attached()
        for known in page.locator(".unknown").all():
            expect(known).to_be_hidden()
        for text in ("0 people here", "0 here", "have voted"):
            for found in page.get_by_text(text).all():
                expect(found).to_be_hidden()
        page.evaluate("window.told = true")
    with steering(room.server, room.code) as guest:
        guest.do("Join")
        for page in (screen, desk):
            expect(page.locator(".unknown")).to_have_count(0)
            expect(page.get_by_text("voted").first).to_be_visible()
