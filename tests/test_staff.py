"""The staff pages in a real browser: sign in, plan, run a workshop at the desk, take the results home."""

import asyncio
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, expect

from facilitate.languages import catalogue
from tests.hall import Client

T = TypeVar("T")

LAPTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
SAY = catalogue("en").say
# The gate's answers are no mistakes of a page.
EXPECTED = re.compile(r"status of 40[134]")


@dataclass
class Server:
    """A server of our own on a plain http address, as in a hall."""

    port: int
    data: Path
    owner: str

    @property
    def url(self) -> str:
        return f"http://hall.test:{self.port}"

    @property
    def local(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def make(self, **wish: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.owner}"}
        answer = httpx.post(f"{self.local}/api/sessions", json={"format": "pin-board", **wish}, headers=headers)
        made: dict[str, Any] = answer.raise_for_status().json()
        return made

    def play(self, made: dict[str, Any], *commands: dict[str, Any]) -> None:
        """Commands of the facilitator, over the wire."""

        async def run() -> None:
            client = await Client(self.local, made["code"], token=made["tokens"]["facilitator"]).open()
            for command in commands:
                answer = await client.do(**command)
                assert answer["ok"], (command, answer)
            await client.close()

        aside(run())

    def write(self, made: dict[str, Any], phase: str, texts: list[str], **more: Any) -> None:
        """One phone writes these."""

        async def run() -> None:
            phone = await Client(self.local, made["code"], join="nonce-of-a-phone").open()
            for text in texts:
                answer = await phone.insist("PostIdea", phase=phase, text=text, **more)
                assert answer["ok"], answer
            await phone.close()

        aside(run())


def aside(work: Coroutine[Any, Any, T]) -> T:
    """Playwright's loop runs in this thread already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("data")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "facilitate",
        "serve",
        "--data",
        str(data),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    command += ["--public-url", f"http://hall.test:{port}"]
    with (data / "log").open("wb") as log:
        running = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(120):
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz").raise_for_status()
                break
            except httpx.HTTPError:
                assert running.poll() is None, (data / "log").read_text()
                time.sleep(0.25)
        yield Server(port, data, (data / "owner-token").read_text().strip())
    finally:
        running.terminate()
        running.wait(20)


Sight = Callable[..., Page]


@pytest.fixture
def look(server: Server, new_context: Any) -> Iterator[Sight]:
    """A page of a signed-in browser; whatever it complains of, or asks of another host, fails the test."""
    complaints: list[str] = []

    def opened(path: str, token: str | None = None, size: dict[str, int] = LAPTOP, **options: Any) -> Page:
        context: BrowserContext = new_context(viewport=size, locale="en-GB", **options)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("request", lambda asked: complaints.append(asked.url) if is_foreign(asked.url, server.url) else None)
        page.goto(server.url + path + (f"#{token}" if token else ""))
        return page

    yield opened
    assert [complaint for complaint in complaints if not EXPECTED.search(complaint)] == []


def is_foreign(url: str, home: str) -> bool:
    return not url.startswith((home, home.replace("http", "ws"), "data:", "blob:"))


def cards(page: Page, where: str = ".board") -> Any:
    return page.locator(f"{where} [data-card]")


def at_desk(server: Server, look: Sight, made: dict[str, Any], **options: Any) -> Page:
    page = look(f"/desk/{made['code']}", made["tokens"]["facilitator"], **options)
    page.wait_for_selector("#desk-next")
    if not options:
        page.get_by_role("button", name=SAY("desk.mirror-no-do")).click()
    return page


def sorted_board(server: Server, ideas: int = 6) -> dict[str, Any]:
    """A workshop where cards are being sorted."""
    made = server.make()
    server.play(made, {"kind": "StartPhase", "phase": "collect"})
    server.write(made, "collect", [f"Idea number {n}" for n in range(1, ideas + 1)])
    server.play(made, {"kind": "StartPhase", "phase": "sort"})
    return made


# --- the door


def test_a_link_signs_in_and_leaves_no_trace_in_the_address(server: Server, look: Sight) -> None:
    """The token is exchanged, wiped, in no request's address, and the cookie is out of reach of scripts."""
    page = look("/home", server.owner)
    page.wait_for_selector(".home")
    assert page.url == f"{server.url}/home"
    assert page.evaluate("history.length") <= 3
    assert server.owner not in page.evaluate("document.cookie")
    (cookie,) = page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert server.owner not in page.content()


def test_a_link_over_an_open_page_is_wiped_too(server: Server, look: Sight) -> None:
    """On the sign-in page it opens; on a page that is open already it adds to the cookie."""
    made = server.make()
    page = look("/home")
    expect(page.locator("h1")).to_have_text(SAY("home.sign-in-title"))
    page.goto(f"{server.url}/home#{server.owner}")
    page.wait_for_selector(".home")
    page.goto(f"{server.url}/home#{made['tokens']['facilitator']}")
    page.wait_for_function("location.hash === ''")
    page.wait_for_timeout(300)
    (cookie,) = page.context.cookies()
    assert cookie["value"].split(".")[:2] == [server.owner, made["tokens"]["facilitator"]]


def test_a_wrong_link_says_so(server: Server, look: Sight) -> None:
    """In words, with the token gone from the address."""
    page = look("/home", "wrong-token-wrong-token")
    expect(page.locator("#door-says")).to_have_text(SAY("access.unknown"))
    assert page.url == f"{server.url}/home"


def test_no_token_is_in_any_page(server: Server) -> None:
    """What a browser gets as HTML holds no secret; its language is the reader's; its scripts carry the nonce."""
    made = server.make()
    with httpx.Client(base_url=server.local, headers={"Accept-Language": "de"}) as browser:
        assert browser.post("/auth", json={"token": server.owner}).status_code == 200
        for path in ("/home", "/plan", "/plan?format=pin-board", f"/desk/{made['code']}", f"/harvest/{made['code']}"):
            page = browser.get(path)
            assert page.status_code == 200
            assert re.search(r'<html lang="de', page.text)
            for secret in (server.owner, *made["tokens"].values()):
                assert secret not in page.text
            assert page.text.count("<script") == page.text.count("<script nonce=")
            assert page.headers["content-encoding"] == "gzip"
            assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.text)


# --- home and plan


def test_planning_loses_nothing_and_ends_at_the_desk(server: Server, look: Sight) -> None:
    """A mistake is said at its field; a reload keeps what was typed; the session is what was typed."""
    page = look("/plan", server.owner)
    page.get_by_role("link", name=f"{SAY('home.new-do')}: Pin board").click()
    title = page.get_by_label(SAY("plan.name-in", language="English"))
    german = page.get_by_label(SAY("plan.name-in", language="German"))
    expect(title).to_have_value("Pin board")
    title.fill("An evening for our street")
    german.fill("")
    page.locator(".step").first.get_by_label(SAY("plan.minutes")).fill("7")
    page.get_by_label(SAY("plan.imprint")).fill("example.org")
    page.get_by_role("button", name=SAY("plan.create-do")).click()
    expect(page.locator(".mistakes p")).to_have_text(SAY("plan.mistakes", n=2))
    fields = page.locator(".q-field")
    expect(fields.get_by_text(SAY("plan.mistake-link"))).to_be_visible()
    expect(fields.get_by_text(SAY("plan.mistake-title", language="German"))).to_be_visible()
    page.wait_for_timeout(1000)
    page.reload()
    expect(title).to_have_value("An evening for our street")
    expect(page.get_by_label(SAY("plan.imprint"))).to_have_value("example.org")
    page.get_by_label(SAY("plan.imprint")).fill("https://example.org/imprint")
    page.get_by_role("checkbox", name="Deutsch").click()
    page.get_by_role("button", name=SAY("plan.create-do")).click()
    page.wait_for_url("**/desk/*")
    expect(page.locator("h1")).to_have_text("An evening for our street")
    code = page.url.rsplit("/", 1)[1]
    headers = {"Authorization": f"Bearer {server.owner}"}
    session = httpx.get(f"{server.local}/api/sessions/{code}", headers=headers).json()
    assert session["title"] == {"en": "An evening for our street"}
    assert session["languages"] == ["en"]
    assert session["phases"][0]["minutes"] == 7
    page.goto(f"{server.url}/plan?format=pin-board")
    expect(title).to_have_value("Pin board")


def test_home_lists_opens_and_deletes(server: Server, look: Sight) -> None:
    """Deleting asks first, and Cancel keeps everything."""
    made = server.make(title="To be deleted")
    page = look("/home", server.owner)
    row = page.locator("tr", has_text="To be deleted")
    expect(row).to_contain_text(SAY("home.state-new"))
    assert row.get_by_role("link", name=SAY("home.screen")).get_attribute("href") == f"/s/{made['code']}"
    for answer, left in ((SAY("plan.cancel-do"), 1), (SAY("home.delete-do"), 0)):
        row.get_by_role("button", name=SAY("home.delete")).click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("To be deleted")
        dialog.get_by_role("button", name=answer, exact=True).click()
        expect(dialog).to_be_hidden()
        expect(row).to_have_count(left)
    assert httpx.get(f"{server.local}/j/{made['code']}").status_code == 404


def test_the_language_can_be_switched(server: Server, look: Sight) -> None:
    """And stays so on the next page."""
    page = look("/home", server.owner)
    page.get_by_role("link", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^de"))
    expect(page.get_by_role("link", name=catalogue("de").say("plan.title"))).to_be_visible()
    page.goto(f"{server.url}/plan")
    expect(page.locator("h1")).to_have_text(catalogue("de").say("plan.title"))


# --- the desk


def press(button: Locator) -> None:
    """As a hand does: not within 400 ms after a change, which would be the second of a double click."""
    button.page.wait_for_timeout(500)
    button.click()


def test_next_says_what_comes_and_what_is_open_and_undo_takes_it_back(server: Server, look: Sight) -> None:
    """One button through the whole agenda, and back."""
    made = server.make()
    page = at_desk(server, look, made)
    button = page.locator("#desk-next")
    expect(button).to_have_text(SAY("desk.start", activity="Collecting ideas", n=10))
    press(button)
    expect(button).to_have_text(SAY("desk.next", activity="Sorting the ideas", n=10))
    server.write(made, "collect", ["One", "Two"])
    press(button)
    expect(page.locator(".foot-open")).to_have_text(SAY("desk.next-open", n=2))
    expect(page.locator(".clock-time")).to_have_text(re.compile(r"^(10:00|9:5\d)$"))
    page.get_by_role("button", name=SAY("desk.plus-named", n=5)).click()
    expect(page.locator(".clock-time")).to_have_text(re.compile(r"^14:5\d$"))
    page.get_by_role("button", name=SAY("desk.undo-named", what=SAY("did.extend"))).click()
    expect(page.locator(".clock-time")).to_have_text(re.compile(r"^9:5\d$"))
    page.get_by_role("button", name=re.compile("^Undo: started")).click()
    expect(button).to_have_text(SAY("desk.next", activity="Sorting the ideas", n=10))
    page.get_by_role("button", name=re.compile("Talking about the top five")).click()
    page.get_by_role("button", name=SAY("desk.jump-do")).click()
    expect(button).to_have_text(SAY("desk.end-do"))
    press(button)
    expect(page.locator(".foot-open")).to_contain_text(SAY("desk.ended"))
    press(button)
    expect(button).to_have_text(SAY("desk.end-do"))


def test_sorting_by_keyboard(server: Server, look: Sight) -> None:
    """Select, make a cluster, name it, move by letter, undo; the focus goes on to the next card."""
    page = at_desk(server, look, sorted_board(server))
    cards(page).nth(0).focus()
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator(".chosen-count")).to_contain_text(SAY("board.selected", n=2))
    page.keyboard.press("c")
    title = page.locator(".cluster-head textarea")
    expect(title).to_be_focused()
    page.keyboard.type("Trust and c, m, u")
    page.keyboard.press("Enter")
    expect(cards(page, ".cluster")).to_have_count(2)
    cards(page, ".loose").nth(0).focus()
    page.keyboard.press("m")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(cards(page, ".cluster")).to_have_count(3)
    expect(page.locator(".spoken [role=status]")).to_have_text(SAY("said.moved", number=3, cluster="Trust and c, m, u"))
    expect(cards(page, ".loose").nth(0)).to_be_focused()
    page.keyboard.press("u")
    expect(cards(page, ".cluster")).to_have_count(2)
    expect(cards(page, ".loose")).to_have_count(4)
    expect(title).to_have_value("Trust and c, m, u")


def test_single_letters_do_nothing_outside_the_board(server: Server, look: Sight) -> None:
    """Dictating "c" into a field, or with the focus on a button, forms no cluster."""
    page = at_desk(server, look, sorted_board(server))
    cards(page).nth(0).click()
    for place in ("#desk-next", "#field-scribe"):
        page.locator(place).focus()
        page.keyboard.type("cmu")
    page.wait_for_timeout(400)
    expect(page.locator("[data-cluster]")).to_have_count(0)
    expect(page.locator("#field-scribe")).to_have_value("cmu")


def test_sorting_by_drag(server: Server, look: Sight) -> None:
    """A card onto a card makes a cluster, onto a cluster joins it; Escape leaves it where it was."""
    page = at_desk(server, look, sorted_board(server))
    drag(page, cards(page, ".loose").nth(0), cards(page, ".loose").nth(2))
    expect(cards(page, ".cluster")).to_have_count(2)
    drag(page, cards(page, ".loose").nth(0), page.locator("[data-cluster]"))
    expect(cards(page, ".cluster")).to_have_count(3)
    drag(page, cards(page, ".loose").nth(0), page.locator("[data-cluster]"), "Escape")
    page.wait_for_timeout(300)
    expect(cards(page, ".cluster")).to_have_count(3)
    drag(page, cards(page, ".cluster").nth(0), page.locator(".loose h3"))
    expect(cards(page, ".cluster")).to_have_count(2)


def drag(page: Page, card: Any, target: Any, key: str = "") -> None:
    start, end = card.bounding_box(), target.bounding_box()
    page.mouse.move(start["x"] + 60, start["y"] + 12)
    page.mouse.down()
    page.mouse.move(start["x"] + 80, start["y"] + 30, steps=4)
    page.mouse.move(end["x"] + 60, end["y"] + end["height"] / 2, steps=8)
    if key:
        page.keyboard.press(key)
    page.mouse.up()


def test_sorting_by_menu_and_list(server: Server, look: Sight) -> None:
    """Every move is a menu, too: in the wall and in the table."""
    page = at_desk(server, look, sorted_board(server))
    page.get_by_role("button", name=SAY("board.card-menu", number=1)).click()
    page.get_by_role("menuitem", name=SAY("board.move-do")).click()
    page.get_by_label(SAY("place.choose")).fill("Rooms")
    page.keyboard.press("Enter")
    expect(page.locator(".cluster-head textarea")).to_have_value("Rooms")
    page.get_by_role("button", name=SAY("board.list"), exact=True).click()
    page.get_by_role("checkbox", name=SAY("board.select-named", number=2)).check()
    page.get_by_role("button", name=SAY("board.move-named", number=2)).click()
    page.get_by_label(SAY("place.choose")).fill("roo")
    page.keyboard.press("Enter")
    expect(page.locator("td", has_text="Rooms")).to_have_count(2)


def test_reveal_counts_down_and_can_be_stopped(server: Server, look: Sight) -> None:
    """What cannot be unseen waits three seconds, with the focus on Stop; peeking shows the texts here alone."""
    made = server.make(format="co-learning-sharing-creation")
    server.play(made, {"kind": "StartPhase", "phase": "practice"})
    server.write(made, "practice", ["A secret until then"], column="works")
    page = at_desk(server, look, made)
    expect(cards(page)).to_have_count(1)
    assert "A secret until then" not in page.content()
    reveal = page.get_by_role("button", name=SAY("desk.reveal-do"))
    reveal.click()
    stop = page.get_by_role("button", name=SAY("desk.stop"), exact=True)
    expect(stop).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_timeout(3500)
    assert "A secret until then" not in page.content()
    page.get_by_role("button", name=SAY("desk.peek-do"), exact=True).click()
    page.get_by_role("button", name=SAY("desk.peek-confirm-do")).click()
    expect(cards(page)).to_contain_text("A secret until then")
    expect(page.locator(".card.down")).to_have_count(1)
    reveal.click()
    expect(stop).to_be_focused()
    expect(page.locator(".card.down")).to_have_count(0, timeout=6000)


def test_taking_down_putting_up_and_erasing(server: Server, look: Sight) -> None:
    """With a reason for its author; erasing asks, and cannot be undone."""
    page = at_desk(server, look, sorted_board(server, 2))
    page.get_by_role("button", name=SAY("board.card-menu", number=1)).click()
    page.get_by_role("menuitem", name=SAY("desk.hide-do")).click()
    page.get_by_label(SAY("desk.hide-reason")).fill("It names a person")
    page.get_by_role("dialog").get_by_role("button", name=SAY("desk.hide-do")).click()
    expect(cards(page)).to_have_count(1)
    page.get_by_text(SAY("desk.hidden-title")).click()
    expect(page.locator(".queue")).to_contain_text("It names a person")
    page.get_by_role("button", name=SAY("desk.unhide-do")).click()
    expect(cards(page)).to_have_count(2)
    page.get_by_role("button", name=SAY("board.card-menu", number=1)).click()
    page.get_by_role("menuitem", name=SAY("desk.erase-do")).click()
    expect(page.get_by_role("dialog").get_by_role("button", name=SAY("phone.cancel-do"))).to_be_focused()
    page.get_by_role("dialog").get_by_role("button", name=SAY("desk.erase-do")).click()
    expect(cards(page)).to_have_count(1)


def test_writing_for_the_room_survives_a_lost_network(server: Server, look: Sight) -> None:
    """Enter posts; without a network the card waits and goes out once; a half-written one survives a reload."""
    made = server.make()
    server.play(made, {"kind": "StartPhase", "phase": "collect"})
    page = at_desk(server, look, made)
    field = page.locator("#field-scribe")
    field.fill("From the back row")
    field.press("Enter")
    expect(cards(page)).to_have_count(1)
    expect(field).to_have_value("")
    page.context.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    field.fill("Written in a tunnel")
    field.press("Enter")
    field.fill("Half a thou")
    expect(page.locator(".waiting")).to_contain_text("Written in a tunnel")
    page.context.set_offline(False)
    page.reload()
    expect(cards(page)).to_have_count(2)
    expect(field).to_have_value("Half a thou")
    page.wait_for_timeout(1500)
    expect(cards(page)).to_have_count(2)


def test_a_vote_and_the_talk_about_it(server: Server, look: Sight) -> None:
    """Progress, closing, the result with a countdown; then the items, each with a note that saves itself."""
    made = sorted_board(server, 3)
    server.play(made, {"kind": "StartPhase", "phase": "weigh"})
    vote(server, made)
    page = at_desk(server, look, made)
    expect(page.locator(".part.vote")).to_contain_text(SAY("screen.voted", k=1, n=1))
    expect(page.locator(".tally")).to_have_count(0)
    page.get_by_role("button", name=SAY("desk.vote-close-do")).click()
    expect(page.locator(".results")).to_contain_text(SAY("desk.results-private"))
    expect(page.locator(".tally li").first).to_contain_text("3 dots")
    page.get_by_role("button", name=SAY("desk.results-do")).click()
    expect(page.locator(".results")).not_to_contain_text(SAY("desk.results-private"), timeout=6000)
    page.locator("#desk-next").click()
    page.get_by_role("button", name=SAY("desk.item-next-do")).click()
    expect(page.locator(".talk-now h3")).to_have_text("Idea number 1")
    note = page.get_by_label(SAY("desk.note-label", title="Idea number 1"))
    note.fill("The library asks on Friday.")
    expect(page.get_by_text(SAY("desk.note-saved"))).to_be_visible()
    page.reload()
    expect(note).to_have_value("The library asks on Friday.")
    page.goto(f"{server.url}/harvest/{made['code']}")
    expect(page.locator(".paper")).to_contain_text("The library asks on Friday.")
    expect(page.locator(".paper")).to_contain_text("3 dots")


def vote(server: Server, made: dict[str, Any]) -> None:
    async def run() -> None:
        phone = await Client(server.local, made["code"], join="nonce-of-a-phone").open()
        (round_,) = phone.all("round")
        first = next(idea["id"] for idea in phone.all("idea") if idea["number"] == 1)
        answer = await phone.do("CastBallot", round=round_["id"], rev=1, choices={first: 3})
        assert answer["ok"], answer
        await phone.close()

    aside(run())


def test_what_the_screen_shows(server: Server, look: Sight) -> None:
    """Black and back, the code, a message."""
    made = sorted_board(server, 2)
    page = at_desk(server, look, made)
    screen = page.locator(".part.screen")
    for name, what in ((SAY("desk.screen-black"), "black"), (SAY("desk.screen-join"), "code")):
        button = screen.get_by_role("button", name=name, exact=True)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        assert shown(server, made) == {"what": what}
    screen.get_by_role("button", name=SAY("desk.screen-message"), exact=True).click()
    screen.get_by_label(SAY("desk.screen-message-label")).fill("Soup is ready")
    screen.get_by_role("button", name=SAY("desk.screen-message-do")).click()
    expect(screen.get_by_role("button", name=SAY("desk.screen-message"), exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    assert shown(server, made) == {"what": "message", "text": "Soup is ready"}


def shown(server: Server, made: dict[str, Any]) -> dict[str, Any]:
    async def run() -> dict[str, Any]:
        client = await Client(server.local, made["code"], token=made["tokens"]["facilitator"]).open()
        await client.close()
        (screen,) = client.all("screen")
        found: dict[str, Any] = screen["shows"]
        return found

    return aside(run())


def test_a_co_facilitator_gets_a_link_of_their_own(server: Server, look: Sight) -> None:
    """Made at the desk, and it opens the same desk."""
    made = sorted_board(server, 2)
    page = at_desk(server, look, made)
    page.get_by_role("button", name=SAY("link.title")).click()
    page.get_by_role("button", name=SAY("link.new-do")).click()
    url = page.locator("#link-desk").input_value()
    assert url.startswith(f"{server.url}/desk/{made['code']}#")
    other = look(url.removeprefix(server.url))
    other.wait_for_selector("#desk-next")
    assert other.url == f"{server.url}/desk/{made['code']}"


def test_mirrored_laptops_fold_what_is_private_away(server: Server, look: Sight) -> None:
    """Asked once; the guide is gone until it is asked for, also after a reload."""
    made = sorted_board(server, 2)
    page = look(f"/desk/{made['code']}", made["tokens"]["facilitator"])
    expect(page.locator(".question .private")).to_have_count(1)
    page.get_by_role("button", name=SAY("desk.mirror-yes-do")).click()
    expect(page.locator(".question .private")).to_have_count(0)
    page.reload()
    page.wait_for_selector("#desk-next")
    expect(page.locator(".mirror")).to_have_count(0)
    expect(page.locator(".question .private")).to_have_count(0)
    page.get_by_role("button", name=SAY("desk.show-private-do")).click()
    expect(page.locator(".question .private")).to_have_count(1)


def test_on_a_phone_the_desk_is_a_remote_control(server: Server, look: Sight) -> None:
    """Question, Next, clock and black within one column, with targets big enough for a thumb."""
    made = sorted_board(server, 2)
    page = at_desk(server, look, made, size=PHONE, has_touch=True, is_mobile=True)
    expect(page.locator(".remote h2").first).to_have_text("Which ideas belong together?")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert min(box["height"] for box in boxes(page, ".remote .button:visible")) >= 40
    page.locator("#desk-next").tap()
    expect(page.locator("#desk-next")).to_contain_text("Talking about the top five")
    page.get_by_role("button", name=SAY("desk.screen-black-do")).tap()
    expect(page.get_by_role("button", name=SAY("desk.screen-light-do"))).to_be_visible()


def boxes(page: Page, selector: str) -> list[Any]:
    return [box for it in page.locator(selector).all() if (box := it.bounding_box())]


# --- the harvest


def test_every_file_of_the_harvest_can_be_taken_home(server: Server, look: Sight) -> None:
    """Each a download; on paper nothing but the results."""
    made = sorted_board(server, 3)
    page = look(f"/harvest/{made['code']}", made["tokens"]["facilitator"])
    expect(page.locator(".paper")).to_contain_text("Idea number 3")
    links = page.locator(".downloads a[download]")
    assert links.count() >= 4
    for link in links.all():
        with page.expect_download() as download:
            link.click()
        assert "Idea number 3" in Path(download.value.path()).read_text("utf-8")
    page.emulate_media(media="print")
    expect(page.locator(".downloads")).to_be_hidden()
    expect(page.locator(".staff-head")).to_be_hidden()
    expect(page.locator(".paper")).to_be_visible()


# --- everybody can use it


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_barriers(server: Server, look: Sight, scheme: str) -> None:
    """axe finds nothing on any staff page, dialog or menu."""
    made = sorted_board(server, 4)
    server.play(made, {"kind": "FormCluster", "board": "ideas", "title": "Rooms"})
    page = look("/home", color_scheme=scheme)
    page.wait_for_selector("h1")
    clean(page, "door")
    page.goto(f"{server.url}/home#{server.owner}")
    page.wait_for_selector(".home table")
    clean(page, "home")
    for path, ready in (("/plan", ".format"), ("/plan?format=co-learning-sharing-creation", ".step")):
        page.goto(server.url + path)
        page.wait_for_selector(ready)
        page.evaluate("document.querySelectorAll('details').forEach(it => { it.open = true })")
        page.wait_for_timeout(500)
        clean(page, path)
    page.goto(f"{server.url}/desk/{made['code']}")
    page.wait_for_selector(".card")
    clean(page, "desk")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), "its panes scroll, the page does not"
    page.get_by_role("button", name=SAY("board.card-menu", number=1)).click()
    clean(page, "menu")
    page.keyboard.press("Escape")
    cards(page).nth(0).press("m")
    clean(page, "move")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=SAY("board.list"), exact=True).click()
    clean(page, "list")
    page.goto(f"{server.url}/harvest/{made['code']}")
    page.wait_for_selector(".paper")
    clean(page, "harvest")
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    page.goto(f"{server.url}/desk/{made['code']}")
    page.wait_for_selector(".remote")
    clean(page, "remote")


def clean(page: Page, name: str) -> None:
    found = Axe().run(page).response["violations"]
    assert not found, f"{name}: " + json.dumps([(it["id"], [node["html"] for node in it["nodes"]]) for it in found])
