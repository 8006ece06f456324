"""What is on the pages stays on them: with compounds, many cards, small phones, large text, and the keyboard alone."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.room import Room
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
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate(WIDER) <= 0, name
    page = room.open("harvest", f"/harvest/{room.code}#{room.created['tokens']['facilitator']}", 390, 844)
    expect(page.locator(".ranks tbody tr")).to_have_count(4)
    assert page.evaluate(WIDER) <= 0
