"""Texts without a place to break, as long as they may be, on every page, paper and shape of display."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.room import Room
from tests.browser.steering import Steering, steering
from tests.server import Server

COMPOUND = "Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung"
# (word, letters of a text at most): the longest that may be written, and what ends on a card's last line.
TEXTS = {"W": ("W", 2000), "compound": (COMPOUND, 2000), "118": ("M", 118)}
DISPLAYS = [(1920, 1080), (1024, 768), (1080, 1920), (800, 600)]
PHONES = [(320, 640), (390, 844)]
DESKS = [(1280, 800)]
PICTURES = os.environ.get("PICTURES", "")  # a folder in which to leave what was seen

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TALLER = "document.documentElement.scrollHeight - innerHeight"
# Boxes of which a part is seen and a part is not: they end at the picture's edge or at that of a box which hides
# what is too much. Half a line is allowed for the feet of letters.
HALVES = """where => [...document.querySelectorAll(where)].filter(it => {
  const box = it.getBoundingClientRect();
  const edges = [{ left: 0, top: 0, right: innerWidth, bottom: innerHeight }];
  for (let up = it.parentElement; up; up = up.parentElement)
    if (getComputedStyle(up).overflow !== "visible") edges.push(up.getBoundingClientRect());
  const slack = 2;
  const isSeen = e => box.left < e.right && box.right > e.left && box.top < e.bottom && box.bottom > e.top;
  const isOver = e => box.left < e.left - slack || box.right > e.right + slack
    || box.top < e.top - slack || box.bottom > e.bottom + slack;
  return box.width && box.height && edges.every(isSeen) && edges.some(isOver);
}).map(it => `${it.tagName}.${it.className}: ${it.textContent.slice(0, 20)}`)"""
# Boxes in which text is cut off, and no dots say so: what is clamped ends in them.
UNSAID = """() => [...document.querySelectorAll("main *, header *, footer *")].filter(it => {
  const style = getComputedStyle(it);
  const clamped = style.webkitLineClamp !== "none" || style.textOverflow === "ellipsis";
  const own = [...it.childNodes].some(one => one.nodeType === 3 && one.data.trim());
  const isOver = it.scrollHeight > it.clientHeight + 4 || it.scrollWidth > it.clientWidth + 4;
  return own && !clamped && it.clientWidth > 1 && style.overflow !== "visible" && isOver;
}).map(it => `${it.tagName}.${it.className}: ${it.textContent.slice(0, 20)}`)"""
# Texts without a place to break that have fewer than this many letters on a line.
NARROW = """least => {
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.data.trim();
    const of = walk.currentNode.parentElement;
    if (!/\\S{40}/.test(text) || of.closest(".sr, script, style, noscript, .unseen") || !of.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(walk.currentNode);
    const lines = new Set([...range.getClientRects()].filter(it => it.width > 1).map(it => Math.round(it.top)));
    if (lines.size > 1 && text.length / lines.size < least)
      found.push(`${of.tagName}.${of.className}: ${text.slice(0, 20)} on ${lines.size} lines`);
  }
  return found;
}"""
WHOLE = (
    ".card, .cluster, .cluster li, .item, .item li, .bars li, .agenda li, .texts li, .words-list li, .group-list li, "
    ".note, .qr, h1, h2, .code"
)


def look(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), animations="disabled")


def long(text: tuple[str, int], limit: int) -> str:
    """The longest that may be written there, of one word without an end."""
    word, most = text
    return (word * limit)[: min(limit, most)]


def both(text: tuple[str, int], limit: int) -> dict[str, str]:
    return dict.fromkeys(("de", "en"), long(text, limit))


class Full:
    """A session of every kind of step, with every text as long as it may be."""

    def __init__(self, server: Server, room: Room, desk: Steering, text: tuple[str, int]) -> None:
        self.server, self.room, self.desk, self.text = server, room, desk, text
        self.least = 8 if text[0] == COMPOUND else 6  # letters on a line; no letters are wider than W and M
        self.title, self.prompt = both(text, 120), both(text, 500)
        self.ideas: list[str] = []
        self.clusters: list[str] = []

    def step(self, activity: str, **settings: Any) -> str:
        after = next(reversed([p["id"] for p in sorted(self.desk.all("phase"), key=lambda p: p["order"])]), None)
        board = {"board": "ideas"} if activity in ("brainstorm", "cluster", "vote", "discuss") else {}
        return self.desk.do(
            "InsertPhase", activity=activity, title=self.title, prompt=self.prompt, after=after, minutes=5,
            stage="co-learning", settings=settings, **board,
        )  # fmt: skip

    def start(self, phase: str) -> None:
        self.desk.do("StartPhase", phase=phase)

    def pictures(self) -> Iterator[str]:
        """Goes through everything that a screen can show; each name is that of what it shows by now."""
        desk, word = self.desk, self.text
        desk.do("Show", what="code")
        yield "code"
        desk.do("Show", what="phase")
        self.start(self.step("welcome", text=self.prompt))
        yield "welcome"
        self.start(self.step("pause", sentence=self.prompt))
        yield "pause"
        words = self.step("check_in", kind="words", max_length=60)
        self.start(words)
        with ExitStack() as people:
            guests = [people.enter_context(steering(self.server, self.room.code)) for _ in range(8)]
            for n, guest in enumerate(guests):
                guest.do("Join", name=long(word, 79) + str(n))
                guest.do("GiveAnswer", phase=words, text=long(word, 59) + str(n))
            yield "words"
            scale = self.step("check_in", kind="scale", steps=5, low=self.prompt, high=self.prompt)
            self.start(scale)
            guests[0].do("GiveAnswer", phase=scale, value=2)
            yield "scale"
            back = self.step("reflect", to="all", max_length=500)
            self.start(back)
            for n, guest in enumerate(guests[:5]):
                guest.do("GiveAnswer", phase=back, text=long(word, 499) + str(n))
            desk.do("ShowAnswers", phase=back)
            yield "texts"
            private = self.step("brainstorm", private=True)
            self.start(private)
            yield "private"
            write = self.step("brainstorm", max_length=500)
            self.start(write)
            for n in range(18):
                self.ideas.append(desk.do("PostIdea", phase=write, text=long(word, (500, 118)[n % 2]), lang="de"))
                if n in (0, 7):
                    yield f"board of {n + 1}"
            yield "board of 18"
            desk.do("Show", what="phase", zoom=3)
            yield "zoomed board"
            desk.do("Show", what="card", idea=self.ideas[0])
            yield "card"
            desk.do("Show", what="message", text=long(word, 500))
            yield "message"
            desk.do("Show", what="phase")
            self.start(self.step("cluster"))
            for n in range(4):
                self.clusters.append(
                    desk.do("FormCluster", board="ideas", title=long(word, 120), ideas=self.ideas[n * 4 : n * 4 + 4])
                )
                if n in (0, 3):
                    yield f"{n + 1} clusters"
            desk.do("Show", what="cluster", cluster=self.clusters[0])
            yield "cluster"
            desk.do("Show", what="phase")
            vote = self.step("vote", of="clusters", method="dots")
            self.start(vote)
            yield "vote"
            (round_,) = [it["id"] for it in desk.all("round")]
            for guest in guests[:2]:
                guest.do("CastBallot", round=round_, rev=1, choices={self.clusters[0]: 2, self.clusters[1]: 1})
            desk.do("CountHands", round=round_, option=self.clusters[2], n=3)
            desk.do("ShowResults", round=round_)
            yield "results"
            talk = self.step("discuss")
            self.start(talk)
            yield "agenda"
            desk.do("discuss.Turn", phase=talk, item=self.clusters[0])
            yield "item"
            desk.do("TakeNote", phase=talk, item=self.clusters[0], text=long(word, 2000))
            yield "item with note"
            desk.do("Show", what="board", board="ideas")
            yield "another board"
            desk.do("Show", what="countdown", seconds=600)
            yield "countdown"
            desk.do("Show", what="phase")
            desk.do("EndSession")
            yield "end"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as it:
        yield it


@pytest.fixture(params=TEXTS)
def full(request: pytest.FixtureRequest, browser: Browser, server: Server, stack: ExitStack) -> Full:
    text = TEXTS[request.param]
    room = Room(
        browser, server, format="pin-board", title=both(text, 120), operator=long(text, 120), names="shown",
        filmed=True, boards={"ideas": {"title": both(text, 120)}},
        attributes=[{"id": "from", "title": both(text, 100), "options": [
            {"id": "here", "title": both(text, 100)}, {"id": "there", "title": both(text, 100)}
        ]}],
    )  # fmt: skip
    stack.callback(room.close)
    desk = stack.enter_context(steering(server, room.code, room.created["tokens"]["facilitator"]))
    return Full(server, room, desk, text)


def found(page: Page, least: float, *, tall: bool = False) -> list[str]:
    """What is wrong with a page as it is."""
    wrong = [f"{page.evaluate(WIDER)} px too wide"] if page.evaluate(WIDER) > 0 else []
    if tall:
        wrong += [f"{page.evaluate(TALLER)} px too tall"] if page.evaluate(TALLER) > 0 else []
        wrong += [f"cut in the middle: {it}" for it in page.evaluate(HALVES, WHOLE)]
        wrong += [f"cut without a word: {it}" for it in page.evaluate(UNSAID)]
    return wrong + [f"too narrow: {it}" for it in page.evaluate(NARROW, least)]


def test_every_picture_on_every_display(full: Full) -> None:
    """Nothing sticks out, no card is cut in the middle, no text without a sign, and lines hold words."""
    screen = full.room.screen()
    wrong = []
    for picture in full.pictures():
        screen.wait_for_timeout(300)
        for width, height in DISPLAYS:
            screen.set_viewport_size({"width": width, "height": height})
            screen.wait_for_timeout(80)
            look(screen, f"screen {picture} {width}x{height} {full.text[0][:1]}")
            wrong += [f"{picture} at {width} x {height}: {it}" for it in found(screen, full.least, tall=True)]
    assert not wrong, "\n".join(wrong)


def test_phones_and_desk_in_every_step(full: Full) -> None:
    """Nothing is wider than the page, whatever is asked, written, sorted, weighed and talked about."""
    phone, desk = full.room.phone("phone"), full.room.desk()
    wrong = [f"name: {it}" for it in found(phone, full.least)]
    phone.get_by_role("textbox").first.fill(long(full.text, 80))
    phone.keyboard.press("Enter")
    answer = phone.locator("button.wide").first
    expect(answer).to_contain_text(long(full.text, 80))
    wrong += [f"about: {it}" for it in found(phone, full.least)]
    answer.click()
    for step in full.pictures():
        phone.wait_for_timeout(300)
        for page, sizes, name in ((phone, PHONES, "phone"), (desk, DESKS, "desk")):
            for width, height in sizes:
                page.set_viewport_size({"width": width, "height": height})
                page.wait_for_timeout(60)
                look(page, f"{name} {step} {width} {full.text[0][:1]}")
                wrong += [f"{name}, {step} at {width} px: {it}" for it in found(page, full.least)]
    assert not wrong, "\n".join(wrong)


# Millimetres that are printed on: A4 without the margins that our papers have, in pixels of CSS.
PAPER = round((210 - 32) / 25.4 * 96)


def test_papers_and_lists(full: Full, server: Server, tmp_path: Path) -> None:
    """Results on the page and printed, the file alone and printed, the sheet and cards for tables, home, and a plan."""
    for _ in full.pictures():
        pass
    room, wrong = full.room, []

    file = server.run("export", room.code, "--to", "html", "--out", str(tmp_path / "minutes.html"))
    assert file.returncode == 0, file.stderr
    staff = room.open("staff", f"/home#{server.owner}", 1280, 800)
    expect(staff.locator(".sessions")).to_be_visible()
    paths = {
        "home": "/home", "results": f"/harvest/{room.code}", "sheet": f"/sheet/{room.code}",
        "tables": f"/sheet/{room.code}?tables=3", "plan": "/plan?format=pin-board",
    }  # fmt: skip

    for name, path in paths.items():
        staff.goto(path)
        staff.wait_for_timeout(800)
        for width in (1280, 390, 320):
            staff.set_viewport_size({"width": width, "height": 800})
            staff.wait_for_timeout(100)
            look(staff, f"{name} {width} {full.text[0][:1]}")
            wrong += [f"{name} at {width} px: {it}" for it in found(staff, full.least)]
        if name not in ("home", "plan"):
            wrong += printed(staff, name, full)
    paper = room.browser.new_page()
    paper.set_content((tmp_path / "minutes.html").read_text("utf-8"))
    for width in (1280, 390, 320):
        paper.set_viewport_size({"width": width, "height": 800})
        look(paper, f"file {width} {full.text[0][:1]}")
        wrong += [f"file at {width} px: {it}" for it in found(paper, full.least)]
    wrong += printed(paper, "file", full)
    paper.close()
    assert not wrong, "\n".join(wrong)


def printed(page: Page, name: str, full: Full) -> list[str]:
    """What is wrong with it on paper: a text that is wider shrinks the whole document."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER, "height": 900})
    page.wait_for_timeout(100)
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name} printed {full.text[0][:1]}.png"), full_page=True)
    wrong = [f"{name} printed: {it}" for it in found(page, full.least)]
    page.emulate_media(media="screen")
    return wrong
