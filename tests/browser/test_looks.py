"""What is on the pages stays on them: with compounds, many cards, small phones, large text, and the keyboard alone."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.room import Room, until
from tests.browser.steering import Steering, steering
from tests.server import Server

COMPOUND = "Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung"
ACTIVITIES = {"collect": "Ideensammlung", "sort": "Ordnen", "weigh": "Abstimmung", "talk": "Gespräch"}
TEXTS = [COMPOUND, "نبدأ بالجيران ثم نذهب إلى البلدية", "Kurze Wege", f"{COMPOUND} und Straßenbeleuchtungserneuerung"]
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What is cut without a sign of it: clamped texts end in dots, all else must fit into its box.
CUT = """where => [...document.querySelectorAll(where)]
  .filter(it => it.scrollWidth > it.clientWidth + 1).map(it => it.textContent.slice(0, 40))"""
# Where the focus is, and whether it is seen: "" while it is fine.
LOST = """() => {
  const it = document.activeElement;
  if (it === document.body) return "the focus is nowhere";
  const box = it.getBoundingClientRect();
  const ring = getComputedStyle(it);
  if (ring.outlineStyle === "none") return `no ring: ${it.outerHTML.slice(0, 120)}`;
  return box.width && box.bottom > 0 && box.top < innerHeight ? "" : `out of sight: ${it.outerHTML.slice(0, 120)}`;
}"""


@pytest.fixture
def rooms(browser: Browser, server: Server) -> Iterator[Any]:
    opened: list[Room] = []
    with ExitStack() as desks:

        def make(format: str, **wish: Any) -> tuple[Room, Steering]:
            room = Room(browser, server, format=format, **wish)
            opened.append(room)
            return room, desks.enter_context(steering(server, room.code, room.created["tokens"]["facilitator"]))

        yield make
    for room in opened:
        room.close()
        assert room.problems == []


def test_nothing_is_wider_than_a_phone(rooms: Any) -> None:
    """Every phase of the pin board at 320 px, also with text of twice the size."""
    room, desk = rooms("pin-board")
    phone = room.phone("phone", 320, 640, locale="de-DE")
    desk.do("StartPhase", phase="collect")
    ideas = [desk.do("PostIdea", phase="collect", text=text, lang="de") for text in TEXTS * 3]
    for phase in ("collect", "sort", "weigh", "talk"):
        desk.do("StartPhase", phase=phase)
        if phase == "sort":
            desk.do("FormCluster", title=COMPOUND, ideas=ideas[:5])
        if phase == "talk":
            desk.do("discuss.Turn", phase="talk", item=desk.records["phase", "talk"]["doing"]["items"][0])
        expect(phone).to_have_title(re.compile(ACTIVITIES[phase]))
        for size in ("100%", "200%"):
            phone.evaluate("size => (document.documentElement.style.fontSize = size)", size)
            phone.wait_for_timeout(100)
            assert phone.evaluate(WIDER) <= 0, (phase, size)
        phone.evaluate("document.documentElement.style.fontSize = ''")


def test_the_menu_stands_beside_where_we_are(rooms: Any) -> None:
    """At 320 px with a stage, a step and a clock."""
    room, desk = rooms("co-learning-sharing-creation")
    desk.do("StartPhase", phase="paths")
    phone = room.phone("phone", 320, 640)
    where, menu = phone.locator(".where"), phone.get_by_role("button", name="Menu")
    expect(phone.locator(".clock")).to_be_visible()
    left, right = where.bounding_box(), menu.bounding_box()
    assert left
    assert right
    assert left["y"] < right["y"] + right["height"] / 2 < left["y"] + left["height"]
    assert right["height"] >= 47


def test_compounds_stay_in_their_cards(rooms: Any) -> None:
    """On the screen, and on the desk's wall and list; a card of very long words is written a step smaller."""
    room, desk = rooms("pin-board")
    desk.do("StartPhase", phase="collect")
    for text in [*TEXTS, "Donaudampfschifffahrtskapitän", "Orte"] * 2:
        desk.do("PostIdea", phase="collect", text=text, lang="de")
    screen = room.screen()
    expect(screen.locator(".card")).to_have_count(6)
    size = "it => parseFloat(getComputedStyle(it).fontSize)"
    assert screen.locator(".card .text").nth(4).evaluate(size) < screen.locator(".card .text").nth(5).evaluate(size)
    assert screen.evaluate(CUT, ".card .text") == []
    page = room.desk()
    expect(page.locator("[data-card]").first).to_contain_text(COMPOUND)
    assert page.evaluate(CUT, ".card-text") == []
    page.get_by_role("button", name="List", exact=True).click()
    expect(page.locator(".list tbody tr")).to_have_count(12)
    assert page.evaluate(CUT, ".list") == []


def test_results_turn_only_as_far_as_votes_go(rooms: Any) -> None:
    """Forty options, two with votes: one page, and how many have none."""
    room, desk = rooms("co-learning-sharing-creation")
    desk.do("StartPhase", phase="insights")
    ideas = [desk.do("PostIdea", phase="insights", text=f"Insight {n}") for n in range(40)]
    desk.do("StartPhase", phase="weighing")
    (round_,) = desk.all("round")
    with steering(room.server, room.code) as anna:
        anna.do("CastBallot", round=round_["id"], rev=1, choices={ideas[3]: 2, ideas[30]: 1})
    desk.do("ShowResults", round=round_["id"])
    screen = room.screen(1280, 720)
    expect(screen.locator(".bars li").first).to_contain_text("Insight 3")
    expect(screen.locator(".bars li")).to_have_count(7)
    expect(screen.get_by_text("33 more without a vote")).to_be_visible()
    expect(screen.locator(".pages")).to_have_count(0)


def test_a_session_runs_by_keyboard_and_never_loses_the_focus(rooms: Any) -> None:
    """Next, reveal, results and the talk: the focused button may go, the place stays."""
    room, desk = rooms("co-learning-sharing-creation")
    page = room.desk()

    def press(name: str) -> None:
        button = page.get_by_role("button", name=name).first
        button.focus()
        page.keyboard.press("Enter")
        if name.startswith(("Start: ", "Next: ")):
            expect(page.locator("#desk-next")).not_to_contain_text(name.partition(": ")[2])
        page.wait_for_timeout(600)
        assert page.evaluate(LOST) == "", name

    def after_three_seconds(name: str) -> None:
        press(name)
        expect(page.locator(".countdown")).to_have_count(0, timeout=6000)
        page.wait_for_timeout(600)
        assert page.evaluate(LOST) == "", name

    press("Start: Welcome")
    press("Next: Practice")
    with steering(room.server, room.code) as anna:
        anna.do("PostIdea", phase="practice", text="Trust first", column="works")
        expect(page.get_by_role("button", name="Reveal").first).to_be_visible()
        after_three_seconds("Reveal")
        for name in ("Next: Sorting", "Next: Sharing"):
            press(name)
        insights = [anna.do("PostIdea", phase="insights", text=text) for text in ("One", "Two")]
        press("Next: Weighing")
        until(page, lambda: len(desk.all("round")) == 1)
        (round_,) = desk.all("round")
        anna.do("CastBallot", round=round_["id"], rev=1, choices={insights[0]: 1})
        after_three_seconds("Show the result")
        desk.do("StartPhase", phase="solutions")
        for text in ("One", "Two"):
            anna.do("PostIdea", phase="solutions", text=text)
        desk.do("StartPhase", phase="choice")
        page.wait_for_timeout(600)  # a click right after a change of phase would be the second of a double click
    press("Next: First steps")
    for _ in range(3):
        press("Next item")
    expect(page.get_by_role("button", name="Next item")).to_be_disabled()
    current = page.locator(".desk-side [aria-current=step]").bounding_box()
    assert current
    assert current["y"] + current["height"] < 800


def test_the_last_seconds_are_said_to_whoever_is_writing(rooms: Any) -> None:
    """A phase that closes by itself: once, with the seconds; nobody else is bothered, and what is sent still counts."""
    room, desk = rooms("pin-board", phases={"collect": {"minutes": 0.1, "settings": {"closes": True}}})
    writer, reader = room.phone("writer"), room.phone("reader")
    desk.do("StartPhase", phase="collect")
    writer.get_by_label("Write one idea").fill("In the last moment")
    alert = writer.get_by_role("alert")
    expect(alert).to_have_text("Closing soon (20 s left). Please send now.", timeout=15_000)
    expect(reader.get_by_text("Writing is done. 0 cards of yours are in.").first).to_be_visible()
    expect(reader.get_by_role("alert")).to_have_count(0)
    expect(writer.locator(".bar")).to_contain_text("18 s left")
    expect(alert).to_have_text("Closing soon (20 s left). Please send now.")
    writer.locator("form.write button.main").click()
    expect(writer.get_by_text("On the board")).to_be_visible()
    expect(alert).to_have_count(0)


def test_the_results_fit_a_phone_of_the_town_hall(rooms: Any) -> None:
    """Home, plan and results at 390 px."""
    room, desk = rooms("pin-board")
    desk.do("StartPhase", phase="collect")
    for text in TEXTS:
        desk.do("PostIdea", phase="collect", text=text, lang="de")
    desk.do("StartPhase", phase="weigh")
    desk.do("ShowResults", round=desk.all("round")[0]["id"])
    for name in ("home", "plan"):
        page = room.open(name, f"/{name}#{room.server.owner}", 390, 844)
        expect(page.locator(".staff-head h1")).to_be_visible()
        assert page.evaluate(WIDER) <= 0, name
    page = room.open("harvest", f"/harvest/{room.code}#{room.created['tokens']['facilitator']}", 390, 844)
    expect(page.locator(".ranks tbody tr")).to_have_count(4)
    assert page.evaluate(WIDER) <= 0


# What a finger must hit: 44 px each way, whatever it is; a choice counts with its label.
TARGETS = """() => [...document.querySelectorAll(
    "button, a[href], select, textarea, summary, label.pill, .approval label, input:not([type]), input[type=number]")]
  .map(it => [it, it.getBoundingClientRect()]).filter(([, box]) => box.width && (box.height < 44 || box.width < 44))
  .map(([it, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${it.outerHTML.slice(0, 80)}`)"""


def holds(phone: Page, where: str) -> None:
    """Nothing is wider than a small phone, also with letters of twice the size and in a high contrast theme."""
    for size, colours in (("100%", "none"), ("200%", "none"), ("100%", "active")):
        phone.evaluate("size => (document.documentElement.style.fontSize = size)", size)
        phone.emulate_media(forced_colors="active" if colours == "active" else "none")
        phone.wait_for_timeout(50)
        assert phone.evaluate(WIDER) <= 0, (where, size, colours)
        assert phone.evaluate(TARGETS) == [], (where, size, colours)
    phone.evaluate("document.documentElement.style.fontSize = ''")
    phone.emulate_media(forced_colors="none")


def test_every_part_of_the_phone_fits_a_small_one(rooms: Any) -> None:
    """An evening with everything, at 320 px: the door, the menu's pages, each activity, and what became of a card."""
    room, desk = rooms("citizens-forum", languages=["de"], imprint="https://town.test/i", privacy="https://town.test/p")
    phone = room.phone("phone", 320, 568, locale="de-DE")

    def start(phase: str) -> None:
        desk.do("StartPhase", phase=phase)
        expect(phone.locator(".where")).to_contain_text(f"{desk.records['phase', phase]['order']} von")
        phone.wait_for_timeout(600)  # the parts that come later; and no tap counts for 400 ms

    def write(*texts: str, column: str = "") -> None:
        for text in texts:
            if column:
                phone.get_by_role("radio", name=column).check(force=True)
            phone.get_by_label("Eine Idee schreiben").fill(text)
            phone.locator("form.write button.main").click()
            expect(phone.locator("section.own").get_by_text(text)).to_be_visible()

    expect(phone.get_by_role("button", name="Ohne Angabe")).to_be_visible()
    holds(phone, "attributes")
    phone.get_by_role("button", name="Ohne Angabe").click()
    start("welcome")
    phone.get_by_role("button", name="Mehr dazu").click()
    holds(phone, "welcome")
    menu = phone.get_by_role("button", name="Menü")
    menu.click()
    holds(phone, "menu")
    for item in ("Ergebnisse zeigen", "Jetzt auf der Leinwand", "Melden", "Ein Gerät für mehrere", "Kurz zur Person"):
        phone.get_by_role("button", name=item, exact=True).click()
        expect(phone.get_by_role("heading", level=1)).not_to_contain_text("Leben")
        phone.wait_for_timeout(300)
        holds(phone, item)
        menu.click()
    menu.click()
    start("check-in")
    phone.get_by_role("radio").nth(3).check(force=True)
    holds(phone, "check-in")
    start("collect")
    write(COMPOUND, column="Fehlt")
    write(TEXTS[1], column="Ist gut")
    holds(phone, "collect")
    phone.locator("section.own").get_by_role("button", name="Ändern").first.click()
    holds(phone, "change")
    phone.get_by_role("button", name="Abbrechen").click()
    phone.locator("section.own").get_by_role("button", name="Zurücknehmen").last.click()
    holds(phone, "undo")
    desk.do("RevealIdeas", board="life")
    phone.locator("button.fold").click()
    holds(phone, "all")
    ideas = [desk.do("PostIdea", phase="collect", text=text, lang="de", column="good") for text in TEXTS * 2]
    start("themes")
    cluster = desk.do("FormCluster", title=COMPOUND, ideas=ideas[:4])
    desk.do("MergeIdeas", keep=ideas[0], ideas=ideas[4:5])
    expect(phone.locator("summary")).to_be_visible()
    holds(phone, "themes")
    start("weigh")
    holds(phone, "weigh")
    (round_,) = desk.all("round")
    desk.do("CountHands", round=round_["id"], option=cluster, n=14)
    desk.do("ShowResults", round=round_["id"])
    expect(phone.locator(".results li").first).to_be_visible()
    holds(phone, "results")
    start("tables")
    write(COMPOUND)
    phone.locator(".talk button[aria-expanded]").first.click()
    holds(phone, "comments")
    start("plenary")
    holds(phone, "plenary")
    start("choose")
    holds(phone, "approval")
    start("proposals")
    desk.do("Begin", phase="proposals")
    write(COMPOUND, "Zwei")
    until(phone, lambda: len([idea for idea in desk.all("idea") if idea["state"] == "waiting"]) == 2)
    one, two = (idea["id"] for idea in desk.all("idea") if idea["state"] == "waiting")
    desk.do("ReturnIdea", idea=one, reason=f"Was ist {COMPOUND}?")
    desk.do("AcceptIdea", idea=two)
    desk.do("FormCluster", title=COMPOUND, ideas=[two])
    expect(phone.locator("section.own select")).to_be_visible()
    holds(phone, "returned")
    desk.do("MuteAuthor", idea=two)
    expect(phone.get_by_text("Schreiben ist an diesem Gerät angehalten").first).to_be_visible()
    holds(phone, "muted")
    desk.do("UnmuteAuthor", idea=two)
    start("order")
    holds(phone, "order")
    start("steps")
    desk.do("discuss.Turn", phase="steps", item=desk.records["phase", "steps"]["doing"]["items"][0])
    holds(phone, "steps")
    start("check-out")
    phone.locator("#answer").fill(COMPOUND)
    holds(phone, "check-out")
    desk.do("EndSession")
    phone.wait_for_timeout(500)
    holds(phone, "held by a half-written answer")
    phone.get_by_role("button", name="Mitgehen").click()
    expect(phone.get_by_role("heading", name="Geschafft")).to_be_visible()
    holds(phone, "end")


def test_whoever_may_not_write_reads_so_in_every_phase(rooms: Any) -> None:
    """Also where the limit is reached and there is no field that could say it."""
    room, desk = rooms("pin-board", phases={"collect": {"settings": {"max_ideas": 1}}})
    desk.do("StartPhase", phase="collect")
    phone = room.phone("phone")
    phone.get_by_label("Write one idea").fill("Only one")
    phone.locator("form.write button.main").click()
    expect(phone.get_by_text("Your card is written")).to_be_visible()
    expect(phone.get_by_text("On the board")).to_be_visible()
    desk.do("MuteAuthor", idea=desk.all("idea")[0]["id"])
    expect(phone.locator("main").get_by_text("Writing is paused on this device.")).to_be_visible()
    desk.do("StartPhase", phase="weigh")
    expect(phone.locator("main").get_by_text("Writing is paused on this device.")).to_be_visible()


def test_a_field_is_as_high_as_what_is_written(rooms: Any) -> None:
    """Also after the phone was turned, and where one looks back: no line is hidden."""
    room, desk = rooms("citizens-forum")
    desk.do("StartPhase", phase="check-out")
    phone = room.phone("phone")
    phone.get_by_role("button", name="Without an answer").click()
    field = phone.locator("#answer")
    field.fill("A sentence that says a little more than a few words. " * 8)
    hidden = "it => it.scrollHeight - it.clientHeight"
    assert field.evaluate(hidden) <= 0
    phone.set_viewport_size({"width": 320, "height": 568})
    phone.wait_for_timeout(100)
    assert field.evaluate(hidden) <= 0


TABBABLE = "button, a[href], select, textarea, summary, input"
# All that can be reached by keyboard, in the order of the page; of a group of radio buttons one.
REACHABLE = """where => {
  const seen = new Set();
  return [...document.querySelectorAll(where)].filter(it => {
    if (!it.getClientRects().length || it.disabled || it.tabIndex < 0) return false;
    if (it.type !== "radio") return true;
    const chosen = document.querySelector(`input[name="${it.name}"]:checked`);
    return chosen ? chosen === it : !seen.has(it.name) && seen.add(it.name);
  }).map(it => it.outerHTML);
}"""
# What has the focus, and "" while nothing lies on it.
FOCUSED = """() => {
  const it = document.activeElement;
  const box = it.getBoundingClientRect();
  const top = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
  return [it.outerHTML, it.contains(top) || top?.closest("label")?.contains(it) ? "" : "covered"];
}"""


def walk(phone: Page, where: str) -> None:
    """By Tab from the top to the end of the page: all is reached in its order, seen, and covered by nothing."""
    phone.evaluate("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')")
    expected = phone.evaluate(REACHABLE, TABBABLE)
    for wanted in expected:
        phone.keyboard.press("Tab")
        assert phone.evaluate(LOST) == "", (where, wanted[:120])
        assert phone.evaluate(FOCUSED) == [wanted, ""], where


def test_a_phone_page_is_used_by_keyboard_alone(rooms: Any) -> None:
    """Those who sit at a laptop: everything is reached, in order and in sight; writing and voting work."""
    room, desk = rooms("citizens-forum")
    phone = room.phone("laptop", 1024, 600)
    keyboard = phone.keyboard

    def start(phase: str) -> None:
        desk.do("StartPhase", phase=phase)
        expect(phone.locator(".where")).to_contain_text(f"{desk.records['phase', phase]['order']} of")
        phone.wait_for_timeout(700)

    expect(phone.get_by_role("button", name="Without an answer")).to_be_visible()
    walk(phone, "attributes")
    phone.get_by_role("button", name="Without an answer").press("Enter")
    start("check-in")
    walk(phone, "check-in")
    phone.get_by_role("radio").first.focus()
    keyboard.press("Space")
    keyboard.press("ArrowRight")
    expect(phone.get_by_role("radio").nth(1)).to_be_checked()
    start("collect")
    phone.get_by_role("radio").first.focus()
    for key in ("Space", "Tab"):
        keyboard.press(key)
    keyboard.type("By keyboard")
    for key in ("Tab", "Enter"):
        keyboard.press(key)
    expect(phone.locator("section.own").get_by_text("By keyboard")).to_be_visible()
    phone.get_by_role("button", name="Menu").press("Enter")
    walk(phone, "collect, with the menu open")
    phone.get_by_role("button", name="Menu").press("Enter")
    ideas = [desk.do("PostIdea", phase="collect", text=text, lang="de", column="good") for text in TEXTS * 3]
    start("themes")
    desk.do("MergeIdeas", keep=ideas[0], ideas=ideas[1:2])
    expect(phone.locator("summary")).to_be_visible()
    walk(phone, "themes")
    start("weigh")
    walk(phone, "weigh")
    plus = phone.get_by_role("button", name=re.compile("^Add a dot")).last
    plus.focus()
    for _ in range(3):
        keyboard.press("Enter")
    expect(phone.get_by_text("1 of 4 dots left").first).to_be_visible()
    assert phone.evaluate(LOST) == ""
    assert phone.evaluate(FOCUSED)[1] == ""
    start("tables")
    phone.get_by_label("Write one idea").fill("At our table")
    phone.locator("form.write button.main").press("Enter")
    phone.locator(".talk button[aria-expanded]").first.press("Enter")
    walk(phone, "tables, with comments")
    start("choose")
    walk(phone, "choose")


def test_each_thing_is_said_once(rooms: Any) -> None:
    """One region, in the page from the start: the fate of one's own card, dots left, a reveal; nothing of others."""
    room, desk = rooms("citizens-forum")
    desk.do("StartPhase", phase="collect")
    phone = room.phone("phone")
    phone.get_by_role("button", name="Without an answer").click()
    phone.wait_for_timeout(700)
    phone.evaluate("""() => {
      window.heard = [];
      new MutationObserver(() => heard.push(said.textContent.trim())).observe(said, { childList: true });
    }""")
    phone.get_by_role("radio", name="Is good").check(force=True)
    phone.get_by_label("Write one idea").fill("Mine")
    phone.locator("form.write button.main").click()
    expect(phone.locator("section.own").get_by_text("Saved, face down")).to_be_visible()
    for text in TEXTS:
        desk.do("PostIdea", phase="collect", text=text, lang="de", column="good")
    desk.do("RevealIdeas", board="life")
    expect(phone.locator("section.own").get_by_text("On the board")).to_be_visible()
    desk.do("StartPhase", phase="weigh")
    phone.wait_for_timeout(700)
    for _ in range(2):
        phone.get_by_role("button", name=re.compile("^Add a dot")).first.click()
    phone.wait_for_timeout(1500)
    print(phone.evaluate("heard"))
    assert phone.evaluate("heard") == [
        "Saved, still face down.",
        "The cards are face up now.",
        "2 of 4 dots left",
    ]


def test_a_name_that_was_missing_is_asked_for_once(rooms: Any) -> None:
    """It is said aloud, the field has the focus; and who then gives one never reads of it again."""
    room, desk = rooms("pin-board", names="shown")
    desk.do("StartPhase", phase="collect")
    phone = room.phone("phone")
    phone.locator("main button.main").click()
    expect(phone.locator("#said")).to_contain_text("The name is still missing")
    expect(phone.get_by_label("Name")).to_be_focused()
    phone.get_by_label("Name").fill("Kim")
    phone.locator("main button.main").click()
    expect(phone.get_by_label("Write one idea")).to_be_visible()
    expect(phone.locator("main .alert")).to_have_count(0)


def test_a_long_title_makes_no_page_wider(rooms: Any) -> None:
    """The list of workshops on a phone, the remote control, and the desk's head, which leaves room for the board."""
    room, _ = rooms("pin-board", title={"en": f"Forum: {COMPOUND}"})
    home = room.open("home", f"/home#{room.server.owner}", 390, 844)
    expect(home.get_by_role("link", name=COMPOUND).first).to_be_visible()
    remote, desk = room.desk(390, 844, "remote"), room.desk()
    for page in (home, remote, desk):
        assert page.evaluate(WIDER) <= 0, page.url
    box = desk.locator(".staff-head").bounding_box()
    assert box
    assert box["height"] < 110


def test_raised_hands_leave_the_clock_in_sight(rooms: Any) -> None:
    """Nine people raise their hands: on the laptop and on the remote control the clock stays where one sees it."""
    room, desk = rooms("pin-board")
    desk.do("AllowHands", allowed=True)
    desk.do("StartPhase", phase="collect")
    with ExitStack() as people:
        for _ in range(9):
            people.enter_context(steering(room.server, room.code)).do("RaiseHand")
        pages = room.desk(), room.desk(390, 844, "remote")
        for page in pages:
            expect(page.get_by_text("Hands (9)")).to_be_visible()
            clock = page.locator(".clock-face").bounding_box()
            assert clock
            assert clock["y"] + clock["height"] < (800 if page is pages[0] else 844)
