"""A phone on bad networks: what was typed is never lost, what was sent arrives once, and no page is ever reloaded."""

import time
from collections.abc import Callable, Iterator
from copy import copy
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.browser.room import Room, post, until
from tests.browser.steering import Steering, steering
from tests.proxy import Proxy, between
from tests.server import Server

MINUTE = 60_000
DAY = 24 * 60 * MINUTE
NO_STORAGE = """for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { get() { throw new Error("refused"); } });"""
NO_SOCKETS = "window.WebSocket = class { constructor() { throw new Error('blocked'); } };"
# A clock that a test can move while all else goes on as it is.
CLOCK = """const real = Date.now;
window.ahead = AHEAD;
Date.now = () => real() + window.ahead;"""

Hall = Callable[..., tuple[Room, Steering, Proxy]]


@pytest.fixture
def halls(browser: Any, server: Server) -> Iterator[Hall]:
    """`halls(...)` makes a session behind a network of its own: the room, who steers it past the proxy, the proxy."""
    made: list[tuple[Room, Any, Any]] = []

    def make(**wish: Any) -> tuple[Room, Steering, Proxy]:
        network = between(server.port)
        proxy = network.__enter__()
        behind = copy(server)
        behind.public = f"http://hall.test:{proxy.port}"
        room = Room(browser, behind, **{"format": "pin-board", **wish})
        hands = steering(server, room.code, room.created["tokens"]["facilitator"])
        made.append((room, hands, network))
        return room, hands.__enter__(), proxy

    yield make
    for room, hands, network in made:
        stayed = {name: page.evaluate("window.samePage") for name, page in room.pages.items() if not page.is_closed()}
        room.close()
        hands.__exit__(None, None, None)
        network.__exit__(None, None, None)
        assert room.problems == []
        assert stayed == dict.fromkeys(stayed, True)


def phone_of(room: Room, script: str = "", *, clock: bool = False) -> Page:
    """A phone that notices if its page is ever loaded anew. `script` runs first; its `clock` can be moved."""
    context = room.browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    context.set_default_timeout(20_000)
    if script:
        context.add_init_script(script)
    page = context.new_page()
    name = f"phone {len(room.pages)}"
    page.on("pageerror", lambda error: room.problems.append(f"{name}: {error}"))
    page.on("console", lambda message: hear(room, name, message))
    room.pages[name] = page
    if clock:
        page.clock.install()
    page.goto(f"{room.server.public}/j/{room.code}")
    stamp(page)
    return page


def hear(room: Room, name: str, message: ConsoleMessage) -> None:
    if "Failed to load module script" not in message.text:  # the Wi-Fi's own page in its place
        room._hear(name, message)


def stamp(page: Page) -> None:
    page.evaluate("window.samePage = true")


def write(phone: Page, text: str) -> None:
    """Type and send, without waiting for what becomes of it."""
    phone.locator("#idea").fill(text)
    phone.locator("form.write button.main").click()


def texts(desk: Steering) -> list[str]:
    """What has arrived, in its order."""
    return [idea["text"] for idea in sorted(desk.all("idea"), key=lambda idea: idea["number"])]


def arrived(phone: Page, desk: Steering, expected: list[str], seconds: float = 15) -> None:
    """Exactly these, in this order, and none comes twice afterwards."""
    until(phone, lambda: len(texts(desk)) >= len(expected), seconds)
    phone.wait_for_timeout(500)
    assert texts(desk) == expected


def online(phone: Page) -> None:
    expect(phone.get_by_text("On the board").first).to_be_visible()


FIVE = [f"Idea {number} of five" for number in range(1, 6)]
WEIGH = {"weigh": {"settings": {"method": "approval", "of": "ideas", "takes_ideas": True}}}


def test_minutes_without_network_cost_nothing(halls: Hall) -> None:
    """Five ideas, a vote and half a sentence; each arrives once, in order, and what is said meanwhile is true."""
    room, desk, _ = halls(phases=WEIGH)
    desk.do("StartPhase", phase="collect")
    bench = desk.do("PostIdea", phase="collect", text="Benches")
    desk.do("StartPhase", phase="weigh")
    phone = phone_of(room, clock=True)
    box = phone.get_by_role("checkbox", name="Benches")
    expect(box).to_be_enabled()
    phone.wait_for_timeout(600)
    phone.context.set_offline(True)
    for text in FIVE:
        write(phone, text)
        expect(phone.locator("section.own .card").filter(has_text=text)).to_contain_text("Waiting for network")
        phone.clock.fast_forward(MINUTE)
    expect(phone.locator("p.bar")).to_have_text("No network. Keep writing; it will be sent later.")
    box.check()
    expect(phone.get_by_text("Waiting for network. The choice will send itself.")).to_be_visible()
    phone.locator("#idea").fill("Half a sent")
    phone.clock.fast_forward(5 * MINUTE)
    assert texts(desk) == ["Benches"]
    phone.context.set_offline(False)
    arrived(phone, desk, ["Benches", *FIVE])
    expect(phone.locator("section.own .card")).to_have_count(5)
    expect(phone.get_by_text("Saved. You can change it until voting closes.")).to_be_visible()
    expect(phone.locator("p.bar")).to_have_text("Back online. Everything has arrived.")
    expect(phone.locator("#idea")).to_have_value("Half a sent")
    [round_] = desk.all("round")
    desk.do("ShowResults", round=round_["id"])
    until(phone, lambda: bool(desk.all("tally")))
    assert desk.records["tally", round_["id"]]["results"][bench] == 1


def test_a_network_that_comes_and_goes_every_two_seconds_doubles_nothing(halls: Hall) -> None:
    room, desk, proxy = halls()
    desk.do("StartPhase", phase="collect")
    phone = phone_of(room)
    expect(phone.locator("#idea")).to_be_visible()
    written = []
    for turn in range(6):
        for half in ("first", "second"):
            proxy.turn("open" if turn % 2 else "cut") if half == "first" else None
            written.append(f"The {half} of turn {turn}")
            write(phone, written[-1])
            phone.wait_for_timeout(1000)
    proxy.turn("open")
    arrived(phone, desk, written)
    expect(phone.locator("section.own .card")).to_have_count(12)
    expect(phone.get_by_text("Waiting for network")).to_have_count(0)


@pytest.mark.parametrize("how", ["refuse", "hang"])
def test_a_proxy_that_lets_no_websocket_through_is_gone_round(halls: Hall, how: Any) -> None:
    """Refused or never answered: the phone polls, sends and gets changes; after a cut it does not start over."""
    room, desk, proxy = halls()
    desk.do("StartPhase", phase="collect")
    proxy.upgrade = how
    phone = phone_of(room, clock=True)
    begun = time.monotonic()
    post(phone, "By polling")
    online(phone)
    print(f"\nupgrade {how}: saved {time.monotonic() - begun:.1f} s after the page came")
    desk.do("PostIdea", phase="collect", text="From somebody else")
    expect(phone.get_by_role("button", name="All ideas (2)")).to_be_visible()
    phone.clock.fast_forward(20_000)  # it looks once more whether it must
    until(phone, lambda: proxy.upgrades == 2)
    phone.wait_for_timeout(200)
    phone.clock.fast_forward(5000)
    phone.wait_for_timeout(200)
    proxy.turn("cut")
    write(phone, "Without anything")
    phone.wait_for_timeout(500)
    proxy.turn("open")
    begun = time.monotonic()
    arrived(phone, desk, ["By polling", "From somebody else", "Without anything"])
    print(f"upgrade {how}: back {time.monotonic() - begun:.1f} s after the network")
    assert proxy.upgrades == 2
    desk.do("StartPhase", phase="sort")
    expect(phone.get_by_text("2 of 4")).to_be_visible()


def test_a_phone_that_polls_by_bad_luck_goes_back_to_a_websocket(halls: Hall) -> None:
    room, desk, proxy = halls()
    desk.do("StartPhase", phase="collect")
    proxy.upgrade = "refuse"
    phone = phone_of(room, clock=True)
    post(phone, "By polling")
    online(phone)
    proxy.upgrade = "open"
    phone.clock.fast_forward(20_000)
    until(phone, lambda: proxy.upgrades >= 3)  # refused, looked, gone over
    post(phone, "By WebSocket")
    arrived(phone, desk, ["By polling", "By WebSocket"])
    asked = proxy.requests
    phone.clock.fast_forward(20_000)
    phone.wait_for_timeout(300)
    assert proxy.requests == asked


def test_two_tabs_of_one_phone_send_what_waits_once_and_keep_both_drafts(halls: Hall) -> None:
    """What one tab wrote and then changed or took back, the other does not send as it was before."""
    room, desk, proxy = halls()
    desk.do("StartPhase", phase="collect")
    one = phone_of(room)
    post(one, "Before")
    online(one)
    two = one.context.new_page()
    two.goto(f"{room.server.public}/j/{room.code}")
    stamp(two)
    room.pages["second tab"] = two
    expect(two.get_by_text("Yours (1)")).to_be_visible()
    proxy.turn("cut")
    for tab, text in ((one, "Written in the first"), (two, "Written in the second"), (one, "Taken back")):
        write(tab, text)
        expect(tab.locator("section.own .card").filter(has_text=text)).to_contain_text("Waiting for network")
    one.locator("#idea").fill("A draft of the first")
    two.locator("#idea").fill("A draft of the second")
    for _ in range(2):  # each tab comes back and sees what the other has kept
        proxy.turn("open")
        two.wait_for_timeout(100)
        proxy.turn("cut")
    one.get_by_role("button", name="Take back: Taken back").click()
    proxy.turn("open")
    expect(one.get_by_text("Yours (3)")).to_be_visible()
    expect(two.get_by_text("Yours (3)")).to_be_visible()
    until(one, lambda: len(texts(desk)) >= 3)
    one.wait_for_timeout(2500)  # as long as a tab leaves to the other what that one kept, and longer
    assert sorted(texts(desk)) == ["Before", "Written in the first", "Written in the second"]
    for tab, text in ((one, "A draft of the first"), (two, "A draft of the second")):
        expect(tab.locator("section.own .card")).to_have_count(3)
        expect(tab.get_by_text("Not sent")).to_have_count(0)
        tab.reload()
        expect(tab.locator("#idea")).to_have_value(text)
        stamp(tab)
    write(two, "A draft of the second")
    expect(one.get_by_text("Yours (4)")).to_be_visible()
    one.reload()
    stamp(one)
    expect(one.locator("#idea")).to_have_value("A draft of the first")


def test_a_phone_handed_on_in_one_tab_is_handed_on_in_the_other(halls: Hall) -> None:
    """The next person finds neither cards nor a draft there, also after a reload; both tabs are the same new person."""
    room, desk, _ = halls()
    desk.do("StartPhase", phase="collect")
    one = phone_of(room)
    post(one, "Of the first person")
    online(one)
    two = one.context.new_page()
    two.goto(f"{room.server.public}/j/{room.code}")
    stamp(two)
    room.pages["second tab"] = two
    two.locator("#idea").fill("A draft of the first person")
    one.get_by_role("button", name="Menu").click()
    one.get_by_role("button", name="Hand this device on").click()
    one.get_by_role("button", name="Clear this device").click()
    for tab in (one, two):
        expect(tab.get_by_text("Yours (0)")).to_be_visible()
        expect(tab.locator("#idea")).to_have_value("")
    two.reload()
    stamp(two)
    expect(two.locator("#idea")).to_have_value("")
    post(two, "Of the next person")
    expect(two.get_by_text("Yours (1)")).to_be_visible()
    expect(one.get_by_text("Yours (1)")).to_be_visible()


def test_a_phone_that_slept_for_an_hour_shows_the_current_question(halls: Hall) -> None:
    """Its connection looks open and is dead. The time is printed; a room would wait five seconds, no longer."""
    room, desk, proxy = halls()
    desk.do("StartPhase", phase="collect")
    phone = phone_of(room, clock=True)
    phone.locator("#idea").fill("Typed before the nap")
    expect(phone.get_by_text("1 of 4")).to_be_visible()
    phone.wait_for_timeout(1500)
    for event, number, phase in (("pageshow", 2, "sort"), ("online", 3, "weigh"), ("visibilitychange", 1, "collect")):
        proxy.forget()
        phone.clock.pause_at(phone.evaluate("Date.now()") / 1000 + 1)
        desk.do("StartPhase", phase=phase)
        phone.clock.fast_forward(60 * MINUTE)
        phone.clock.resume()
        begun = time.monotonic()
        target = "document" if event == "visibilitychange" else "window"
        phone.evaluate(f"{target}.dispatchEvent(new Event('{event}'))")
        if number == 2:
            expect(phone.get_by_role("button", name="Finish writing")).to_be_visible(timeout=5000)
            assert phone.locator("#idea").input_value() == "Typed before the nap"
            print(f"\nawake by {event}: told of the current question after {time.monotonic() - begun:.2f} s")
            phone.get_by_role("button", name="Go along").click()
        expect(phone.get_by_text(f"{number} of 4")).to_be_visible(timeout=5000)
        print(f"\nawake by {event}: the current question after {time.monotonic() - begun:.2f} s")
        phone.wait_for_timeout(1200)


@pytest.mark.parametrize("ahead", [DAY, -DAY], ids=["a day ahead", "a day behind"])
def test_a_clock_that_is_wrong_by_a_day_changes_nothing(halls: Hall, ahead: int) -> None:
    """From the start or of a sudden: what the clock shows is the server's time, and all is sent and caught up with."""
    room, desk, proxy = halls(phases={"collect": {"minutes": 20}})
    desk.do("StartPhase", phase="collect")
    said = """window.said = [];
      (function seen() {
        const it = document.querySelector("[role=timer]");
        if (it) window.said.push(it.textContent);
        requestAnimationFrame(seen);
      })();"""
    phone = phone_of(room, CLOCK.replace("AHEAD", str(ahead)) + said)
    timer = phone.get_by_role("timer")
    expect(timer).to_have_text("20 min")
    assert set(phone.evaluate("window.said")) == {"20 min"}
    post(phone, "With a wrong clock")
    online(phone)
    phone.evaluate(f"window.ahead = {-ahead}")
    expect(timer).to_have_text("20 min")
    proxy.turn("cut")
    for text in ("Before the clock is set", "After the clock is set", "Last"):
        write(phone, text)
        phone.evaluate(f"window.ahead -= {ahead // 2}")
    proxy.turn("open")
    arrived(phone, desk, ["With a wrong clock", "Before the clock is set", "After the clock is set", "Last"])
    expect(timer).to_have_text("20 min")
    desk.do("StartPhase", phase="sort")
    expect(phone.get_by_text("2 of 4")).to_be_visible()


def test_a_phone_that_may_keep_nothing_says_so_and_works(halls: Hall) -> None:
    """What waits there waits in the page alone, and that is what it says. It has no WebSockets either."""
    room, desk, proxy = halls()
    desk.do("StartPhase", phase="collect")
    phone = phone_of(room, NO_STORAGE + NO_SOCKETS, clock=True)
    post(phone, "Without storage")
    online(phone)
    phone.clock.fast_forward(20_000)
    proxy.turn("cut")
    write(phone, "Kept in the page")
    phone.wait_for_timeout(500)
    phone.clock.fast_forward(3000)
    expect(phone.locator("p.bar")).to_contain_text("Please keep this page open")
    proxy.turn("open")
    arrived(phone, desk, ["Without storage", "Kept in the page"])
    expect(phone.locator("section.own .card")).to_have_count(2)


@pytest.mark.parametrize("mode", ["portal", "502"])
def test_answers_of_somebody_else_are_not_taken_for_ours(halls: Hall, mode: Any) -> None:
    """The Wi-Fi's own page, or a reverse proxy whose server is away: the phone waits, asks in measure, and goes on."""
    room, desk, proxy = halls()
    desk.do("StartPhase", phase="collect")
    phone = phone_of(room)
    post(phone, "Before")
    online(phone)
    proxy.turn(mode)
    before = proxy.requests
    write(phone, "Meanwhile")
    phone.locator("#idea").fill("Half a sent")
    phone.wait_for_timeout(3300)
    assert proxy.requests - before < 30
    said = {"portal": "Another page answers instead", "502": "The server is restarting. Nothing is lost"}[mode]
    expect(phone.locator("p.bar")).to_contain_text(said)
    proxy.turn("open")
    arrived(phone, desk, ["Before", "Meanwhile"])
    expect(phone.locator("#idea")).to_have_value("Half a sent")


def test_a_polling_phone_does_not_take_a_portals_answer_for_a_receipt(halls: Hall) -> None:
    """What was posted into the Wi-Fi's own page is sent again as soon as the network is the right one."""
    room, desk, proxy = halls()
    desk.do("StartPhase", phase="collect")
    proxy.upgrade = "refuse"
    phone = phone_of(room)
    post(phone, "Before")
    online(phone)
    phone.route("**/socket.io/**", lambda route: route.fulfill(status=200, content_type="text/html", body="<p>Welcome"))
    write(phone, "Into the portal")
    phone.wait_for_timeout(1500)
    phone.unroute("**/socket.io/**")
    arrived(phone, desk, ["Before", "Into the portal"], 8)


def test_a_page_whose_script_did_not_come_gets_it_later_by_itself(halls: Hall) -> None:
    """Cut in the middle of the first visit: the first words stay, and the field comes once the network is back."""
    room, desk, _ = halls()
    desk.do("StartPhase", phase="collect")
    context = room.browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    phone = context.new_page()
    room.pages["phone"] = phone
    for file in ("vue.js", "phone.js"):
        phone.route(f"**/{file}*", lambda route: route.abort())
        phone.goto(f"{room.server.public}/j/{room.code}")
        expect(phone.get_by_role("heading", level=1)).to_be_visible()
        phone.wait_for_timeout(1500)
        expect(phone.locator("#idea")).to_have_count(0)
        expect(phone.locator("#old")).to_be_hidden()
        phone.unroute(f"**/{file}*")
        expect(phone.locator("#idea")).to_be_visible()
    post(phone, "In the end")
    stamp(phone)


def test_a_part_of_the_page_that_did_not_come_is_asked_for_again(halls: Hall) -> None:
    """What is needed for voting alone, refused until after the vote has begun."""
    room, desk, _ = halls(phases=WEIGH)
    desk.do("StartPhase", phase="collect")
    context = room.browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    phone = context.new_page()
    room.pages["phone"] = phone
    phone.route("**/phone.vote.js*", lambda route: route.abort())
    phone.goto(f"{room.server.public}/j/{room.code}")
    stamp(phone)
    post(phone, "Benches")
    desk.do("StartPhase", phase="weigh")
    expect(phone.get_by_text("3 of 4")).to_be_visible()
    phone.locator("h1").wait_for()
    phone.wait_for_timeout(600)
    phone.unroute("**/phone.vote.js*")
    phone.get_by_role("checkbox", name="Benches").check()
    expect(phone.get_by_text("Saved. You can change it until voting closes.")).to_be_visible()


def test_a_network_that_swallows_everything_is_noticed(halls: Hall) -> None:
    """No end, no answer: what was sent into it is sent again, and arrives once."""
    room, desk, proxy = halls()
    desk.do("StartPhase", phase="collect")
    phone = phone_of(room, clock=True)
    post(phone, "Before")
    online(phone)
    proxy.turn("swallow")
    write(phone, "Into the void")
    phone.wait_for_timeout(500)
    proxy.turn("open")
    phone.wait_for_timeout(500)
    assert texts(desk) == ["Before"]
    phone.clock.fast_forward(10_000)
    arrived(phone, desk, ["Before", "Into the void"])
