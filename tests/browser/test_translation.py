"""A whole evening on pages that the browser translates, each beside one that it leaves alone: they say the same."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from facilitate.languages import catalogue
from tests.browser.room import Room, tap, until
from tests.browser.steering import Steering, steering
from tests.browser.translator import DOT, Twins, foreign, lost, plain
from tests.server import Server

SAY = catalogue("en").say
# Not what was done from this desk alone: its undo, and what it was told.
DESK = ".desk-bar, .desk-side, .desk-middle, aside.desk-now, #desk-next, .foot-open"
KEPT = ".letter, .code, .address, .join-code, .join-address, .staff-code, code"  # what is no language
SHOWN: dict[str, dict[str, Any]] = {
    "code": {}, "groups": {}, "countdown": {"seconds": 90}, "message": {"text": "Back at nine"},
    "board": {"board": "life"}, "black": {}, "phase": {},
}  # fmt: skip


@pytest.fixture
def room(opened: Callable[..., Room]) -> Room:
    """The minutes are such that phones show seconds while cards are collected."""
    return opened(format="citizens-forum", phases={"collect": {"minutes": 1.9}})


@pytest.fixture
def others(room: Room, server: Server) -> Iterator[list[Steering]]:
    with steering(server, room.code) as one, steering(server, room.code) as two:
        yield [one, two]


class Evening:
    """A phone, a desk and a screen that are translated, each with its twin."""

    def __init__(self, room: Room, steer: Steering) -> None:
        self.room, self.steer = room, steer
        self.phone = room.phone("phone", translated=True)
        self.twin = self.second_device()
        self.desk = room.desk(1400, 900, translated=True)
        self.twins = [
            Twins("phone", self.twin, self.phone),
            Twins("desk", room.desk(1400, 900, name="desk's twin"), self.desk, DESK),
            Twins("screen", room.screen(name="screen's twin"), room.screen(translated=True)),
        ]

    def second_device(self) -> Page:
        """The same person, whose other device nobody translates."""
        expect(self.phone.get_by_role("heading", level=1)).to_contain_text(DOT)
        until(self.phone, lambda: bool(self.kept("token")))
        twin = self.room.open("phone's twin", "/", 390, 844)
        for name in ("token", "join"):
            twin.evaluate("([name, value]) => localStorage.setItem(name, value)", [self.key(name), self.kept(name)])
        twin.goto(f"/j/{self.room.code}")
        return twin

    def key(self, name: str) -> str:
        return f"facilitate.{self.room.code}.{name}"

    def kept(self, name: str) -> Any:
        return self.phone.evaluate("name => localStorage.getItem(name)", self.key(name))

    def phones(self, act: Callable[[Page, Callable[[str], str]], None]) -> None:
        """On both devices of this person, each in its language."""
        act(self.phone, foreign)
        act(self.twin, plain)

    def write(self, text: str, column: int | None = None) -> None:
        """What is chosen on one device is on that one alone; what is posted, on both."""
        if column is not None:
            self.phones(lambda page, _: page.get_by_role("radio").nth(column).check(force=True))
        self.phone.locator("#idea").fill(text)
        tap(self.phone.locator("form.write button.main"), self.phone.get_by_text(foreign(text)).first)

    def alike(self, step: str) -> None:
        """Once all has come: each pair says the same, and each page what it means to say."""
        patience = time.monotonic() + 25
        while found := self.strange():
            assert time.monotonic() < patience, f"{step}: {found}"
            self.phone.wait_for_timeout(100)

    def strange(self) -> list[str]:
        found = [it.differ() for it in self.twins]
        pages = [(it.name, page) for it in self.twins for page in (it.own, it.other)]
        for it in self.twins:
            kept = it.other.locator(KEPT).all_inner_texts()
            found += [f"{it.name} translates {text}" for text in kept if DOT in text]
        return [it for it in found if it] + [f"{name} {it}" for name, page in pages for it in lost(page)]

    def begins(self, phase: str) -> None:
        self.steer.do("StartPhase", phase=phase)
        until(self.phone, lambda: phase in (it["phase"] for it in self.steer.all("session")))
        self.phone.wait_for_timeout(450)  # phones take no tap so soon
        self.alike(phase)

    def idea(self, text: str) -> str:
        found = next(it for it in self.steer.all("idea") if it.get("text") == text)
        return str(found["id"])

    def round(self, phase: str) -> str:
        rounds = [it for it in self.steer.all("round") if it["phase"] == phase]
        return str(max(rounds, key=lambda it: int(it["number"]))["id"])


@pytest.fixture
def evening(room: Room, wire: Steering, others: list[Steering]) -> Evening:
    return Evening(room, wire)


def clock(page: Page) -> str:
    return plain(page.get_by_role("timer").first.inner_text())


def button(page: Page, key: str, **values: Any) -> Locator:
    """Of a page that is translated."""
    return page.get_by_role("button", name=foreign(SAY(key, **values)), exact=True)


def test_translated_pages_say_the_same_all_evening(evening: Evening, others: list[Steering]) -> None:
    steer, phone, desk = evening.steer, evening.phone, evening.desk
    one, two = others
    evening.phones(lambda page, words: page.get_by_role("button", name=words(SAY("people.skip-do"))).click())
    evening.alike("before it begins")

    evening.begins("welcome")
    evening.phones(lambda page, words: page.get_by_role("button", name=words(SAY("phone.menu"))).click())
    evening.alike("the menu")
    evening.phones(lambda page, words: page.get_by_role("button", name=words("Deutsch")).click())
    expect(phone.get_by_role("heading", level=1)).to_contain_text(foreign("Wie soll das Leben"))
    evening.alike("another language")
    evening.phones(lambda page, words: page.get_by_role("button", name=words("English")).click())
    evening.phones(lambda page, words: page.get_by_role("button", name=words(SAY("phone.menu"))).click())

    evening.begins("check-in")
    tap(phone.locator(".steps .pill").nth(2), phone.locator(".own .card"))
    one.do("GiveAnswer", phase="check-in", value=5)
    evening.alike("an answer")
    two.do("GiveAnswer", phase="check-in", value=5)
    evening.alike("another answer")

    evening.begins("collect")
    evening.write("The new bus line", 0)
    evening.write("A place to sit in the shade", 1)
    one.do("PostIdea", phase="collect", text="The library", column="good")
    evening.alike("cards are saved")
    phone.locator(".own .card").nth(1).get_by_role("button").last.click()
    evening.alike("a card was withdrawn")
    tap(button(phone, "ready.do"), phone.locator(".ready [aria-pressed=true]"))
    one.do("MarkReady", phase="collect", ready=True)
    evening.alike("ready")
    before = [clock(page) for page in (phone, desk)]
    phone.wait_for_timeout(2100)
    assert all(clock(page) != was for page, was in zip((phone, desk), before, strict=True)), before
    evening.alike("two seconds later")
    steer.do("PausePhase", phase="collect")
    evening.alike("the clock stands still")
    steer.do("ResumePhase", phase="collect")
    steer.do("ExtendPhase", phase="collect", seconds=300)
    evening.alike("more time")
    steer.do("RevealIdeas", board="life")
    evening.alike("revealed")
    steer.do("LockBoard", board="life", locked=True)
    evening.alike("writing is paused")
    steer.do("LockBoard", board="life", locked=False)
    evening.alike("writing goes on")

    evening.begins("themes")
    for title, text in (("Getting around", "The new bus line"), ("Meeting", "The library")):
        steer.do("FormCluster", board="life", title=title, ideas=[evening.idea(text)])
    evening.alike("clusters")
    cluster = next(it["id"] for it in steer.all("cluster") if it["title"] == "Meeting")
    steer.do("RenameCluster", cluster=cluster, title="Where we meet")
    evening.alike("another title")

    evening.begins("weigh")
    for place in (0, 0, 1):
        phone.locator(".options .round:last-child").nth(place).click()
    evening.alike("dots")
    one.do("CastBallot", round=evening.round("weigh"), rev=1, choices={cluster: 2})
    evening.alike("somebody else has voted")
    button(desk, "desk.vote-close-do").click()
    expect(button(desk, "desk.vote-reopen-do")).to_be_visible()
    expect(button(desk, "desk.vote-close-do")).to_have_count(0)
    evening.alike("the vote is closed")
    button(desk, "desk.vote-reopen-do").click()
    expect(button(desk, "desk.vote-close-do")).to_be_visible()
    evening.alike("once more")
    phone.locator(".options .round:last-child").first.click()
    steer.do("CloseRound", round=evening.round("weigh"))
    steer.do("ShowResults", round=evening.round("weigh"))
    evening.alike("results")

    evening.begins("tables")
    evening.write("Benches along the river")
    two.do("PostIdea", phase="tables", text="A festival of all streets")
    evening.alike("at the table")
    evening.phones(lambda page, _: page.locator(".talk button[aria-expanded]").first.click())
    idea = evening.idea("Benches along the river")
    one.do("PlusOne", phase="tables", idea=idea)
    comment = one.do("PostComment", phase="tables", idea=idea, text="With lights")
    one.do("PostComment", phase="tables", idea=idea, text="And bins")
    evening.alike("comments")
    one.do("WithdrawComment", comment=comment)
    evening.alike("one comment less")
    one.do("ChooseIdea", idea=idea, chosen=True)
    evening.alike("chosen")
    one.do("CallHelp", table="1")
    evening.alike("a call for help")

    evening.begins("plenary")
    brought = [it["id"] for it in steer.all("idea") if it["board"] == "plenary"]
    steer.do("FormCluster", board="plenary", title="Along the river", ideas=brought)
    evening.alike("sorted by all")

    evening.begins("choose")
    phone.locator(".approval label").first.click()
    evening.alike("approved")
    steer.do("CloseRound", round=evening.round("choose"))
    evening.alike("approval is over")

    evening.begins("proposals")
    steer.do("Begin", phase="proposals")
    evening.alike("it has begun")
    evening.write("Ten benches by spring")
    evening.alike("waits to be read")
    steer.do("ReturnIdea", idea=evening.idea("Ten benches by spring"), reason="Where exactly?")
    evening.alike("came back")
    again = phone.locator(".own .card .quiet").filter(has_text=foreign(SAY("idea.again")))
    tap(again, phone.locator(".own .card.moderation"))
    evening.alike("once more to be read")
    steer.do("AcceptIdea", idea=evening.idea("Ten benches by spring"))
    evening.alike("on the board")
    late = one.do("PostIdea", phase="proposals", text="A second bridge")
    steer.do("AcceptIdea", idea=late)
    steer.do("HideIdea", idea=late, reason="Not for this evening")
    evening.alike("hidden")

    evening.begins("order")
    evening.begins("steps")
    items = next(it["doing"]["items"] for it in steer.all("phase") if it["id"] == "steps")
    for item in (*items[:2], items[0]):
        steer.do("discuss.Turn", phase="steps", item=item)
        evening.alike("an item")
    steer.do("TakeNote", phase="steps", item=items[0], text="The town asks for offers")
    evening.alike("a note")
    one.do("RaiseHand")
    evening.alike("a hand")

    for what, more in SHOWN.items():
        steer.do("Show", what=what, **more)
        evening.alike(f"the screen shows {what}")

    evening.begins("check-out")
    phone.locator("#answer").fill("It was short")
    tap(phone.locator("form.write button.main"), phone.locator(".own .card"))
    evening.alike("looking back")
    steer.do("EndSession")
    evening.alike("the end")
    assert all(DOT in it.inner_text() for it in (phone.locator("h1"), desk.locator("#desk-next")))


@pytest.mark.parametrize("path", ["/s/{}", "/sheet/{}", "/sheet/{}?tables=2", "/desk/{}", "/harvest/{}", "/home"])
def test_nobody_translates_the_code_that_lets_people_in(room: Room, path: str) -> None:
    page = room.open("page", f"{path.format(room.code)}#{room.server.owner}", 1280, 800, translated=True)
    expect(page.get_by_text(f"{room.code[:3]} {room.code[3:]}").first).to_be_visible()
    assert DOT in page.inner_text("body")


def test_a_plan_says_what_it_has_become(room: Room) -> None:
    """The sum of minutes, the headings of steps, the promise, what is missing, and buttons that take back."""
    path = f"/plan?format=pin-board#{room.server.owner}"
    own, other = (room.open(name, path, 1280, 800, translated=name == "other") for name in ("own", "other"))
    pages = Twins("plan", own, other, ".plan")

    def both(act: Callable[[Page, Callable[[str], str]], None]) -> None:
        act(own, plain)
        act(other, foreign)
        patience = time.monotonic() + 15
        while found := pages.differ():
            assert time.monotonic() < patience, found
            own.wait_for_timeout(100)

    for page in (own, other):
        page.wait_for_selector(".step")
        page.wait_for_timeout(500)  # until the copy of an earlier plan has been looked for
    both(lambda page, _: None)
    out, back = SAY("plan.leave-out-do"), SAY("plan.take-in-do")
    both(lambda page, words: page.get_by_text(words(out), exact=True).nth(1).click())
    expect(other.get_by_text(foreign(back), exact=True)).to_have_count(1)
    both(lambda page, words: page.get_by_text(words(back), exact=True).click())
    expect(other.get_by_text(foreign(back), exact=True)).to_have_count(0)
    both(lambda page, words: page.get_by_text(words(SAY("plan.down-do")), exact=True).first.click())
    both(lambda page, _: page.locator(".step input[type=number]").first.fill("41"))
    both(lambda page, _: page.locator(".step textarea").first.fill(""))
    both(lambda page, words: page.get_by_text(words(SAY("plan.create-do")), exact=True).click())
    expect(other.locator(".mistakes")).to_be_visible()
    both(lambda page, _: page.locator(".mistakes .way").first.click())
