"""Whoever speaks to a page presses what they read: a control's name for machines holds the words that it shows."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from facilitate.languages import catalogue
from tests.browser.room import Room, post
from tests.browser.steering import Steering, steering
from tests.server import Server

# Controls whose name lacks words that are seen on them. Letters and digits count, signs and case do not.
UNNAMED = r"""() => {
  const plain = text => (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) || []).join(" ");
  function read(it, silent) {
    if (it.nodeType === Node.TEXT_NODE) return it.data;
    if (it.nodeType !== Node.ELEMENT_NODE || it.matches(silent)) return "";
    const style = getComputedStyle(it);
    if (style.display === "none" || style.visibility === "hidden") return "";
    const inside = [...it.childNodes].map(child => read(child, silent)).join("");
    return style.display.startsWith("inline") ? inside : ` ${inside} `;
  }
  const unseen = "svg, .sr, .material-icons, .q-icon, select";
  const unsaid = "svg, [aria-hidden=true], .material-icons, .q-icon, select";
  function nameOf(it) {
    const ids = (it.getAttribute("aria-labelledby") || "").split(" ");
    const by = ids.map(id => document.getElementById(id)).filter(Boolean);
    if (by.length) return by.map(other => read(other, unsaid)).join(" ");
    if (it.hasAttribute("aria-label")) return it.getAttribute("aria-label");
    return labelled(it, unsaid);
  }
  function labelled(it, silent) {
    return (it.labels && it.labels.length ? [...it.labels] : [it]).map(one => read(one, silent)).join(" ");
  }
  const controls = "button, a[href], summary, select, input, textarea, [role=button], [role=menuitem], [role=tab]";
  const found = [...document.querySelectorAll(controls)].filter(it => it.getClientRects().length);
  const lacking = found
    .map(it => [plain(nameOf(it)), plain(labelled(it, unseen))])
    .filter(([name, seen]) => seen && ` ${name} `.indexOf(` ${seen} `) < 0)
    .map(([name, seen]) => `shows "${seen}", is called "${name}"`);
  return [found.length, [...new Set(lacking)]];
}"""


def named(page: Page, least: int) -> None:
    """Every control on this page, of which there are so many at least, can be called by what it shows."""
    n, lacking = page.evaluate(UNNAMED)
    assert not lacking, "\n".join(lacking)
    assert n >= least


@pytest.fixture(params=["en", "de"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def room(opened: Callable[..., Room], language: str) -> Room:
    return opened(format="pin-board", language=language)


def insert(wire: Steering, language: str, activity: str, **fields: Any) -> None:
    """A phase of this kind, inserted and started."""
    texts = {"title": {language: activity}, "prompt": {language: "What?"}}
    command = wire.do("InsertPhase", activity=activity, **texts, **fields)
    (phase,) = (str(it["id"]) for it in wire.all("phase") if command in it["id"])
    wire.do("StartPhase", phase=phase)


def test_a_name_that_lacks_what_is_shown_is_found(room: Room, language: str) -> None:
    """The test itself can fail."""
    phone = room.phone("anna", locale=language)
    expect(phone.locator("header button")).to_be_visible()
    phone.evaluate("document.querySelector('header button').setAttribute('aria-label', 'Something else')")
    _, lacking = phone.evaluate(UNNAMED)
    assert [it.partition("called")[2] for it in lacking] == [' "something else"']


def test_on_phones(room: Room, wire: Steering, language: str) -> None:
    """While one writes, comments and agrees; with the menu open; in both kinds of answers; while one votes."""
    say = catalogue(language).say
    anna, bert = (room.phone(name, locale=language) for name in ("anna", "bert"))
    expect(anna.get_by_role("heading", level=1)).to_be_visible()
    settings = {"comments": True, "plus_one": True, "hands": True, "ready": True}
    insert(wire, language, "brainstorm", board="ideas", settings=settings)
    post(anna, "Early trust")
    post(bert, "A shared office")
    anna.locator("button.fold").click()
    comments = anna.get_by_role("button", name=say("comment.count", n=0))
    expect(comments).to_have_count(2)
    named(anna, 9)
    comments.first.click()
    anna.locator(".talk textarea").fill("Yes")
    anna.locator(".talk form button").click()
    expect(anna.locator("ul.comments li")).to_have_count(1)
    anna.locator("section.own").get_by_role("button", name=say("phone.withdraw-do")).click()
    expect(anna.locator("#undo")).to_be_visible()
    anna.get_by_role("button", name=say("phone.menu")).click()
    named(anna, 14)
    insert(wire, language, "check_in", settings={"steps": 5})
    expect(anna.locator("fieldset.scale")).to_be_visible()
    named(anna, 8)
    insert(wire, language, "check_in", settings={"kind": "words"})
    expect(anna.locator("#answer")).to_be_visible()
    named(anna, 4)
    wire.do("StartPhase", phase="weigh")
    expect(anna.locator("button.round").first).to_be_visible()
    named(anna, 4)


def test_on_the_desk(room: Room, wire: Steering, language: str) -> None:
    """The queue, hands, the wall with clusters, a card's menu, the list, and the dialogs of links and of the door."""
    say = catalogue(language).say
    desk, anna = room.desk(locale=language), room.phone("anna", locale=language)
    if (mirror := desk.locator(".mirror button").last).is_visible():
        mirror.click()
    wire.do("StartPhase", phase="collect")
    ideas = [wire.do("PostIdea", phase="collect", text=text) for text in ("One", "Two", "Three")]
    insert(wire, language, "brainstorm", board="ideas", settings={"approval": True, "hands": True})
    post(anna, "Not read yet")
    anna.get_by_role("button", name=say("phone.menu")).click()
    anna.get_by_role("button", name=say("hands.title")).click()
    anna.get_by_role("button", name=say("hands.help-do")).click()
    expect(desk.locator("[data-waiting]")).to_have_count(1)
    expect(desk.get_by_role("button", name=re.compile(f"^{say('hands.done-do')}"))).to_be_visible()
    named(desk, 30)
    wire.do("StartPhase", phase="sort")
    wire.do("FormCluster", title="Near", ideas=ideas[:1])
    wire.do("FormCluster", title="Far", ideas=ideas[1:2])
    expect(desk.locator("section.cluster[data-cluster]")).to_have_count(2)
    named(desk, 30)
    desk.locator("[data-menu]").first.click()
    expect(desk.get_by_role("menu")).to_be_visible()
    named(desk, 34)
    desk.keyboard.press("Escape")
    desk.get_by_role("button", name=say("board.list"), exact=True).click()
    expect(desk.locator("[data-row]")).to_have_count(3)
    named(desk, 34)
    desk.locator("[data-move]").first.click()
    expect(desk.get_by_role("dialog")).to_be_visible()
    named(desk, 34)
    desk.keyboard.press("Escape")
    desk.locator(".desk-tools > button").first.click()
    expect(desk.get_by_role("dialog").get_by_role("button").first).to_be_visible()
    named(desk, 34)
    desk.keyboard.press("Escape")
    wire.do("StartPhase", phase="weigh")
    expect(desk.get_by_role("progressbar").first).to_be_visible()
    named(desk, 25)


def test_in_groups(opened: Callable[..., Room], server: Server, language: str) -> None:
    """Phones that choose, and the remote control, where each place can be moved and stays or goes."""
    say = catalogue(language).say
    cafe = opened(format="world-cafe", language=language)
    with steering(server, cafe.code, cafe.created["tokens"]["facilitator"]) as wire:
        desk, anna = cafe.desk(390, 844, locale=language), cafe.phone("anna", locale=language)
        expect(anna.get_by_role("heading", level=1)).to_be_visible()
        plan = sorted(wire.all("phase"), key=lambda it: int(it["order"]))
        rounds = [str(it["id"]) for it in plan if it["settings"].get("groups")]
        wire.do("StartPhase", phase=rounds[0])
        expect(anna.locator(".group button")).to_be_visible()
        post(anna, "Of our table")
        named(anna, 5)
        wire.do("StartPhase", phase=rounds[1])
        expect(anna.get_by_text("Of our table")).to_have_count(0)
        post(anna, "Of the next table")
        expect(anna.get_by_role("button", name=re.compile(f"^{say('group.choose-do')}"))).not_to_have_count(0)
        named(anna, 5)
        desk.locator("details.groups > summary").click()
        desk.locator(".group-tile").first.click()
        desk.locator("details.group-inside > summary").click()
        named(desk, 20)
