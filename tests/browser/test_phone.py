"""A participant's page in a real browser, on a plain http:// address that is no secure context."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.room import Room, post, tap, until, violations
from tests.browser.steering import Steering, steering
from tests.server import Server

NO_SOCKETS = "window.WebSocket = class { constructor() { throw new Error('blocked'); } };"
NO_STORAGE = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused'); } });"


@pytest.fixture
def rooms(browser: Browser, server: Server) -> Iterator[Any]:
    """`rooms(format=..., ...)` makes a session: the room, and somebody who steers it."""
    made: list[tuple[Room, Any, Steering]] = []

    def make(**wish: Any) -> tuple[Room, Steering]:
        room = Room(browser, server, **{"format": "pin-board", **wish})
        hands = steering(server, room.code, room.created["tokens"]["facilitator"])
        made.append((room, hands, hands.__enter__()))
        return room, made[-1][2]

    yield make
    for room, hands, _ in made:
        room.close()
        hands.__exit__(None, None, None)
        assert room.problems == []


def test_without_websockets_and_without_storage_everything_still_works(rooms: Any) -> None:
    """Polling instead of sockets, memory instead of storage: a card arrives, and the next question is seen."""
    room, desk = rooms()
    desk.do("StartPhase", phase="collect")
    context = room.browser.new_context(base_url=room.server.public, locale="en-GB")
    context.add_init_script(NO_SOCKETS + NO_STORAGE)
    phone = context.new_page()
    room.pages["phone"] = phone
    phone.on("pageerror", lambda error: room.problems.append(str(error)))
    phone.goto(f"/j/{room.code.lower()}")
    assert phone.evaluate("window.isSecureContext") is False
    post(phone, "Sent by polling")
    expect(phone.get_by_text("On the board")).to_be_visible()
    until(phone, lambda: [idea["text"] for idea in desk.all("idea")] == ["Sent by polling"])
    desk.do("StartPhase", phase="sort")
    expect(phone.get_by_text("2 of 4")).to_be_visible()
    assert context.cookies() == []


def test_a_phone_that_slept_shows_the_current_question_within_a_second(rooms: Any) -> None:
    """Frozen while the room moved on, then woken."""
    room, desk = rooms()
    desk.do("StartPhase", phase="collect")
    phone = room.phone("phone")
    expect(phone.get_by_text("1 of 4")).to_be_visible()
    sleep = phone.context.new_cdp_session(phone)
    sleep.send("Page.setWebLifecycleState", {"state": "frozen"})
    phone.context.set_offline(True)
    desk.do("StartPhase", phase="weigh")
    phone.wait_for_timeout(4000)
    phone.context.set_offline(False)
    sleep.send("Page.setWebLifecycleState", {"state": "active"})
    expect(phone.get_by_text("3 of 4")).to_be_visible(timeout=1000)


def test_one_can_change_take_back_and_put_back_a_card(rooms: Any) -> None:
    """Each says what became of it; a card that was taken down says why."""
    room, desk = rooms()
    desk.do("StartPhase", phase="collect")
    phone = room.phone("phone")
    post(phone, "First words")
    phone.get_by_role("button", name="Change: First words").click()
    phone.get_by_label("Change your idea").fill("Better words")
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_role("status")).to_have_text("Changed and saved.")
    until(phone, lambda: [idea["text"] for idea in desk.all("idea")] == ["Better words"])
    phone.get_by_role("button", name="Take back: Better words").click()
    expect(phone.get_by_text("Yours (0)")).to_be_visible()
    phone.get_by_role("button", name="Undo").click()
    expect(phone.get_by_text("Yours (1)")).to_be_visible()
    expect(phone.get_by_text("On the board · Card 1")).to_be_visible()
    (idea,) = desk.all("idea")
    desk.do("HideIdea", idea=idea["id"], reason="Please leave out the name")
    expect(phone.get_by_text("Taken down")).to_be_visible()
    expect(phone.locator(".own").get_by_text("Please leave out the name")).to_be_visible()


def test_a_refused_card_keeps_its_text_and_can_be_sent_again(rooms: Any) -> None:
    """While writing is paused nothing is lost; afterwards the same card goes with one tap."""
    room, desk = rooms()
    desk.do("StartPhase", phase="collect")
    phone = room.phone("phone")
    expect(phone.get_by_label("Write one idea")).to_be_visible()
    (board,) = desk.all("board")
    desk.do("LockBoard", board=board["id"], locked=True)
    expect(phone.get_by_text("Writing is paused. Your text stays here.").first).to_be_visible()
    phone.get_by_label("Write one idea").fill("Too early")
    phone.locator("form.write button.main").click()
    expect(phone.locator(".own").get_by_text("Not sent. Your text is still here.")).to_be_visible()
    assert violations([("refused", phone)]) == []
    phone.reload()
    expect(phone.locator(".own").get_by_text("Too early")).to_be_visible()
    desk.do("LockBoard", board=board["id"], locked=False)
    phone.get_by_role("button", name="Send again").click()
    expect(phone.get_by_text("On the board")).to_be_visible()
    until(phone, lambda: [idea["text"] for idea in desk.all("idea")] == ["Too early"])


def test_empty_and_too_long_are_said_and_nothing_is_cut(rooms: Any) -> None:
    """The counter speaks for the last twenty characters only."""
    room, desk = rooms(phases={"collect": {"settings": {"max_length": 40}}})
    desk.do("StartPhase", phase="collect")
    phone = room.phone("phone", 320, 640)
    field = phone.get_by_label("Write one idea")
    phone.wait_for_timeout(500)
    phone.locator("form.write button.main").click()
    expect(phone.get_by_text("Still empty. One word will do.").first).to_be_visible()
    expect(field).to_be_focused()
    field.fill("x" * 19)
    expect(phone.locator("#idea-rest")).to_have_text("")
    field.fill("x" * 31)
    expect(phone.get_by_text("9 characters left")).to_be_visible()
    field.fill("x" * 43)
    expect(phone.get_by_text("3 characters too many.")).to_be_visible()
    phone.locator("form.write button.main").click()
    expect(field).to_have_value("x" * 43)
    assert desk.all("idea") == []


def test_a_vote_by_approval_takes_ideas_meanwhile(rooms: Any) -> None:
    """Each tap is saved at once; a missing option can be added; what was chosen stays to be read."""
    settings = {"method": "approval", "of": "ideas", "takes_ideas": True}
    room, desk = rooms(phases={"weigh": {"settings": settings}})
    desk.do("StartPhase", phase="collect")
    for text in ("Benches", "Trees"):
        desk.do("PostIdea", phase="collect", text=text)
    desk.do("StartPhase", phase="weigh")
    phone = room.phone("phone")
    expect(phone.locator("p.done")).to_have_text("Welcome! We are at step 3 of 4: Vote.")
    phone.wait_for_timeout(500)
    phone.get_by_role("checkbox", name=re.compile("Trees")).check()
    expect(phone.get_by_text("1 chosen")).to_be_visible()
    expect(phone.get_by_text("Saved. You can change it until voting closes.")).to_be_visible()
    phone.get_by_label("Something missing? Add an idea.").fill("A drinking fountain")
    phone.locator("form.write button.main").click()
    phone.get_by_role("checkbox", name=re.compile("fountain")).check()
    expect(phone.get_by_text("2 chosen")).to_be_visible()
    expect(phone.get_by_text("Saved. You can change it until voting closes.")).to_be_visible()
    assert violations([("approval", phone)]) == []
    phone.reload()
    expect(phone.get_by_role("checkbox", name=re.compile("Trees"))).to_be_checked()
    (round_,) = desk.all("round")
    desk.do("ShowResults", round=round_["id"])
    expect(phone.locator(".results li").filter(has_text="Trees")).to_contain_text("1 vote")
    expect(phone.locator(".results li").filter(has_text="Benches")).to_contain_text("0 votes")


def test_dots_run_out_politely(rooms: Any) -> None:
    """Plus stays in reach when no dot is left, and says so; the order is one's own and stays."""
    room, desk = rooms()
    desk.do("StartPhase", phase="collect")
    for number in range(9):
        desk.do("PostIdea", phase="collect", text=f"Option {number}")
    desk.do("StartPhase", phase="weigh")
    one, two = room.phone("one"), room.phone("two")
    expect(one.locator(".options > li")).to_have_count(9)
    expect(two.locator(".options > li")).to_have_count(9)
    order = one.locator(".options > li .text").all_inner_texts()
    assert order != two.locator(".options > li .text").all_inner_texts()
    one.wait_for_timeout(500)
    (round_,) = desk.all("round")
    dots = round_["settings"]["dots"]
    for _ in range(dots):
        one.locator("button.round", has_text="+").first.click()
    expect(one.get_by_text(f"0 of {dots} dots left").first).to_be_visible()
    plus = one.locator("button.round", has_text="+").nth(1)
    expect(plus).to_have_attribute("aria-disabled", "true")
    plus.focus()
    one.keyboard.press("Enter")
    expect(one.get_by_role("status")).to_have_text("All dots are placed. Take one back first.")
    one.reload()
    expect(one.locator(".foot").get_by_text(f"0 of {dots} dots left")).to_be_visible()
    assert one.locator(".options > li .text").all_inner_texts() == order


def test_everybody_sorts_with_menus_alone(rooms: Any) -> None:
    """A card goes into a new cluster and out of it again without any dragging."""
    room, desk = rooms(phases={"sort": {"settings": {"who": "everyone"}}})
    desk.do("StartPhase", phase="collect")
    idea = desk.do("PostIdea", phase="collect", text="Benches")
    desk.do("StartPhase", phase="sort")
    phone = room.phone("phone")
    chooser = phone.get_by_label("Where does it belong: Benches")
    expect(chooser).to_be_visible()
    phone.wait_for_timeout(500)
    chooser.select_option(label="New cluster")
    title = phone.get_by_label("Title of the new cluster")
    expect(title).to_be_focused()
    title.fill("Places to sit")
    phone.get_by_role("button", name="Create the cluster").click()
    expect(phone.get_by_role("heading", name=re.compile("Places to sit"))).to_be_visible()
    assert violations([("everyone", phone)]) == []
    until(phone, lambda: [it["id"] for it in desk.all("cluster")] == [desk.records["idea", idea].get("cluster")])
    chooser.select_option(label="Take out of cluster")
    expect(phone.get_by_role("heading", name="Not placed")).to_be_visible()


def test_names_are_asked_for_only_where_they_are_kept(rooms: Any) -> None:
    """Optional: with or without; a name stands beside the card, as the promise said."""
    room, desk = rooms(names="optional")
    desk.do("StartPhase", phase="collect")
    anna, bert = room.phone("anna"), room.phone("bert")
    expect(anna.get_by_text("A name is optional. If you give one, everybody can see it.")).to_be_visible()
    assert violations([("name", anna)]) == []
    anna.get_by_label("Your name (optional)").fill("Anna from the library")
    anna.get_by_role("button", name="Join with this name").click()
    bert.get_by_role("button", name="Join without a name").click()
    expect(bert.get_by_label("Write one idea")).to_be_visible()
    post(anna, "Longer opening hours")
    bert.get_by_role("button", name="All ideas (1)").click()
    expect(bert.get_by_text("by Anna from the library")).to_be_visible()
    anna.reload()
    expect(anna.get_by_label("Write one idea")).to_be_visible()


def test_the_menu_keeps_the_language_and_hands_the_device_on(rooms: Any) -> None:
    """A switch lasts over a reload; handing on takes one's cards from the device and leaves them on the board."""
    room, desk = rooms()
    desk.do("StartPhase", phase="collect")
    phone = room.phone("phone", 320, 640)
    post(phone, "Mine")
    phone.get_by_role("button", name="Menu").click()
    assert violations([("menu", phone)]) == []
    phone.get_by_role("button", name="Deutsch").click()
    expect(phone.get_by_label("Eine Idee schreiben")).to_be_visible()
    assert phone.evaluate("document.documentElement.lang") == "de"
    phone.reload()
    expect(phone.get_by_text("Eigene (1)")).to_be_visible()
    phone.get_by_role("button", name="Menü").click()
    phone.get_by_role("button", name="Gerät weitergeben").click()
    phone.get_by_role("button", name="Gerät frei machen").click()
    expect(phone.get_by_text("Eigene (0)")).to_be_visible()
    expect(phone.get_by_role("button", name="Alle Ideen (1)")).to_be_visible()
    post(phone, "Von der nächsten Person")
    expect(phone.get_by_text("Eigene (1)")).to_be_visible()


def test_new_cards_wait_while_one_reads(rooms: Any) -> None:
    """Nothing jumps: what comes later stands behind a button."""
    room, desk = rooms()
    desk.do("StartPhase", phase="collect")
    desk.do("PostIdea", phase="collect", text="Already there")
    phone = room.phone("phone")
    phone.wait_for_timeout(500)
    phone.get_by_role("button", name="All ideas (1)").click()
    expect(phone.get_by_text("Already there")).to_be_visible()
    desk.do("PostIdea", phase="collect", text="Just came")
    button = phone.get_by_role("button", name="Show 1 new card")
    expect(button).to_be_visible()
    expect(phone.get_by_text("Just came")).to_have_count(0)
    button.click()
    expect(phone.get_by_text("Just came")).to_be_visible()


def test_the_end_is_a_page_that_stays(rooms: Any) -> None:
    """Own cards and shown results, until when; and it goes on if the end is undone."""
    room, desk = rooms()
    desk.do("StartPhase", phase="collect")
    phone = room.phone("phone")
    post(phone, "Kept to the end")
    ended = desk.do("EndSession")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Done. Thank you for thinking along!")
    expect(phone.get_by_text("Kept to the end")).to_be_visible()
    expect(phone.get_by_text("Your cards and the results shown stay here until")).to_be_visible()
    desk.do("Undo", command=ended)
    expect(phone.get_by_label("Write one idea")).to_be_visible()


def test_dots_on_a_card_that_the_desk_takes_away_are_free_again(rooms: Any) -> None:
    """The phone says so, and they can be placed; a duplicate's dots lie on the card that it went to."""
    room, desk = rooms()
    desk.do("StartPhase", phase="collect")
    cards = [desk.do("PostIdea", phase="collect", text=f"Card {number}") for number in range(3)]
    desk.do("StartPhase", phase="weigh")
    phone = room.phone("phone")
    for number in (0, 1):
        plus = phone.get_by_role("button", name=f"Add a dot: Card {number}, now 0")
        tap(plus, phone.get_by_role("button", name=f"Add a dot: Card {number}, now 1"))
    expect(phone.get_by_text("Saved. You can change it until voting closes.")).to_be_visible()
    desk.do("HideIdea", idea=cards[0])
    told = phone.get_by_text("1 choice is free again: a card that you chose can no longer be chosen.")
    expect(told.first).to_be_visible()
    expect(phone.locator(".foot strong")).to_have_text("4 of 5 dots left")
    desk.do("MergeIdeas", keep=cards[2], ideas=[cards[1]])
    moved = phone.get_by_role("button", name="Add a dot: Card 2, now 1")
    expect(moved).to_be_visible()
    assert violations([("freed", phone)]) == []
    tap(moved, phone.get_by_role("button", name="Add a dot: Card 2, now 2"))
    expect(told.first).to_be_hidden()
    expect(phone.locator(".foot strong")).to_have_text("3 of 5 dots left")


def test_options_without_a_vote_are_folded_away(rooms: Any) -> None:
    """As on the screen: the first seven, or as many as have votes; the others open on the same page."""
    room, desk = rooms()
    desk.do("StartPhase", phase="collect")
    for n in range(12):
        desk.do("PostIdea", phase="collect", text=f"Idea number {n}")
    desk.do("StartPhase", phase="weigh")
    phone = room.phone("phone")
    plus = phone.get_by_role("button", name="Add a dot: Idea number 7, now 0")
    tap(plus, phone.get_by_role("button", name="Add a dot: Idea number 7, now 1"))
    until(phone, lambda: bool((desk.records.get(("counts", "counts")) or {}).get("voted")))
    desk.do("ShowResults", round=desk.all("round")[0]["id"])
    rest = phone.get_by_text("5 more without a vote")
    expect(rest).to_be_visible()
    rows = phone.locator(".results li")
    expect(rows).to_have_count(12)
    assert sum(row.is_visible() for row in rows.all()) == 7
    expect(rows.first).to_contain_text("Idea number 7")
    rest.click()
    expect(rows.last).to_be_visible()
    assert violations([("phone", phone)]) == []
    phone.get_by_role("button", name="Menu").click()
    phone.get_by_role("button", name="On the screen now").click()
    expect(phone.get_by_text("5 more without a vote")).to_be_visible()
    expect(phone.locator(".shown li")).to_have_count(7)
