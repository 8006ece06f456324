"""What is half written stays: whatever happens meanwhile, it is in its field, or below it with a way back."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.room import Room, post, until, violations
from tests.browser.steering import Steering, steering

FULL = """const real = Storage.prototype.setItem;
Storage.prototype.setItem = function (key, value) {
  if (this === window.localStorage && window.full) throw new DOMException("full", "QuotaExceededError");
  return real.call(this, key, value);
};"""


@pytest.fixture
def room(opened: Callable[..., Room]) -> Room:
    return opened(format="pin-board")


def begin(wire: Steering, activity: str, prompt: str, **settings: Any) -> str:
    """A phase of this kind, inserted and started; its id."""
    board = {} if activity in ("check_in", "reflect", "pause") else {"board": "ideas"}
    wire.do("InsertPhase", activity=activity, title={"en": activity}, prompt={"en": prompt}, settings=settings, **board)
    phase = next(it["id"] for it in wire.all("phase") if it["prompt"].get("en") == prompt)
    wire.do("StartPhase", phase=phase)
    return str(phase)


def at(phone: Page, prompt: str) -> None:
    expect(phone.get_by_role("heading", level=1)).to_contain_text(prompt)
    phone.wait_for_timeout(450)  # for 400 ms after a change phones take no tap


def unsent(phone: Page, text: str) -> Locator:
    """The line below the field that shows a text which no field shows."""
    return phone.locator("section.unsent li").filter(has_text=text)


def tab(phone: Page, room: Room) -> Page:
    page = phone.context.new_page()
    page.goto(f"{room.server.public}/j/{room.code}")
    expect(page.locator("#idea")).to_be_visible()
    return page


def ideas(wire: Steering) -> list[str]:
    return [idea["text"] for idea in sorted(wire.all("idea"), key=lambda idea: idea["number"])]


def has(wire: Steering, text: str) -> bool:
    return text in ideas(wire)


def number_of(wire: Steering, text: str) -> str:
    return str(next(idea["id"] for idea in wire.all("idea") if idea["text"] == text))


# --- on phones: tabs


def test_of_two_tabs_that_are_closed_both_drafts_are_found_again(room: Room, wire: Steering) -> None:
    """One is in the field, the other below it; they change places as often as one likes, and each is sent once."""
    begin(wire, "brainstorm", "What do you think?")
    one = room.phone("anna")
    at(one, "What do you think?")
    one.locator("#idea").fill("A draft of the first")
    two = tab(one, room)
    expect(two.locator("#idea")).to_have_value("A draft of the first")
    two.locator("#idea").fill("A draft of the second")
    line = unsent(two, "A draft of the first")
    expect(line).to_be_visible()
    third = one.context.new_page()  # so that the context lives on
    one.close()
    two.close()
    third.goto(f"{room.server.public}/j/{room.code}")
    room.pages["anna"] = third
    field = third.locator("#idea")
    expect(field).to_have_value(re.compile("A draft of the (first|second)"))
    begun = field.input_value()
    other = "A draft of the second" if begun.endswith("first") else "A draft of the first"
    expect(unsent(third, other)).to_be_visible()
    expect(third.locator("section.unsent li")).to_have_count(1)
    assert violations([("anna", third)]) == []
    unsent(third, other).get_by_role("button", name="Back into the field").click()
    expect(field).to_have_value(other)
    third.reload()
    expect(field).to_have_value(other)
    unsent(third, begun).get_by_role("button", name="Back into the field").click()
    expect(field).to_have_value(begun)
    third.locator("form.write button.main").click()
    until(third, lambda: ideas(wire) == [begun])
    expect(field).to_have_value("")
    unsent(third, other).get_by_role("button", name="Back into the field").click()
    expect(field).to_have_value(other)
    third.locator("form.write button.main").click()
    until(third, lambda: ideas(wire) == [begun, other])
    expect(third.locator("section.unsent")).to_have_count(0)
    third.reload()
    expect(third.get_by_text("Yours (2)")).to_be_visible()
    expect(field).to_have_value("")
    expect(third.locator("section.unsent")).to_have_count(0)


def test_a_draft_that_goes_on_in_another_tab_is_not_offered_a_second_time(room: Room, wire: Steering) -> None:
    begin(wire, "brainstorm", "What do you think?")
    one = room.phone("anna")
    at(one, "What do you think?")
    one.locator("#idea").fill("Begun here")
    two = tab(one, room)
    room.pages["anna"] = two
    expect(two.locator("#idea")).to_have_value("Begun here")
    one.close()
    two.locator("#idea").fill("Begun here, and finished there")
    expect(two.locator("section.unsent")).to_have_count(0)
    two.locator("form.write button.main").click()
    until(two, lambda: ideas(wire) == ["Begun here, and finished there"])
    two.reload()
    expect(two.get_by_text("Yours (1)")).to_be_visible()
    expect(two.locator("#idea")).to_have_value("")
    expect(two.locator("section.unsent")).to_have_count(0)


# --- on phones: what the facilitator does meanwhile


def test_whoever_went_along_finds_the_unfinished_text_and_finishes_it(room: Room, wire: Steering) -> None:
    """It is there in the next step, also after a reload; one goes back to it, and along again."""
    begin(wire, "brainstorm", "What do you think?")
    phone = room.phone("anna")
    at(phone, "What do you think?")
    phone.locator("#idea").fill("Not yet finish")
    begin(wire, "reflect", "What do you take home?")
    phone.get_by_role("button", name="Go along").click()
    at(phone, "What do you take home?")
    phone.reload()
    at(phone, "What do you take home?")
    expect(unsent(phone, "Not yet finish")).to_be_visible()
    phone.get_by_label("Your answer").fill("Half an answer")
    unsent(phone, "Not yet finish").get_by_role("button", name="Finish writing").click()
    at(phone, "What do you think?")
    expect(phone.locator("#idea")).to_have_value("Not yet finish")
    expect(unsent(phone, "Half an answer")).to_be_visible()
    phone.locator("#idea").fill("Now it is finished")
    phone.locator("form.write button.main").click()
    until(phone, lambda: "Now it is finished" in ideas(wire))
    # Nothing more is unfinished here: there is still a way to where the others are.
    expect(phone.get_by_role("button", name="Finish writing", exact=True)).to_have_count(0)
    phone.get_by_role("button", name="Go along").click()
    at(phone, "What do you take home?")
    expect(phone.get_by_label("Your answer")).to_have_value("Half an answer")
    expect(phone.locator("section.unsent")).to_have_count(0)


def half_commented(room: Room, wire: Steering, text: str) -> Page:
    """A phone with a card of its own, and a comment on somebody else's that is not sent yet."""
    begin(wire, "brainstorm", "What do you think?", comments=True)
    anna, bert = room.phone("anna"), room.phone("bert")
    at(anna, "What do you think?")
    post(anna, "A card of hers")
    post(bert, "A card of his")
    until(anna, lambda: len(ideas(wire)) == 2)
    anna.get_by_role("button", name=re.compile("All ideas")).click()
    anna.get_by_role("button", name=re.compile("0 comments on card")).last.click()
    anna.get_by_label(re.compile("Comment on card")).fill(text)
    return anna


def test_a_text_for_a_card_that_goes_away_stays_in_sight(room: Room, wire: Steering) -> None:
    """A comment on a card that is taken down, and a change of one's own card that is erased: said, and kept."""
    anna = half_commented(room, wire, "A long comment, half")
    wire.do("HideIdea", idea=number_of(wire, "A card of his"))
    expect(unsent(anna, "A long comment, half")).to_be_visible()
    expect(unsent(anna, "A long comment, half")).to_contain_text("card is no longer there")
    anna.get_by_role("button", name="Change: A card of hers").click()
    anna.get_by_label("Change your idea").fill("Her card in other words")
    wire.do("EraseIdea", idea=number_of(wire, "A card of hers"))
    expect(unsent(anna, "Her card in other words")).to_be_visible()
    assert violations([("anna", anna)]) == []
    anna.reload()
    expect(unsent(anna, "Her card in other words")).to_be_visible()
    expect(unsent(anna, "A long comment, half")).to_be_visible()
    for text in ("Her card in other words", "A long comment, half"):
        unsent(anna, text).get_by_role("button", name="Discard the text").click()
    expect(anna.locator("section.unsent")).to_have_count(0)
    wire.do("RestoreIdea", idea=next(it["id"] for it in wire.all("idea") if it["text"] == "A card of his"))
    expect(anna.get_by_role("button", name=re.compile("All ideas"))).to_be_visible()


def test_a_half_typed_comment_and_change_survive_a_reload_in_which_the_room_moves_on(
    room: Room, wire: Steering
) -> None:
    """The page is held where the text is, with its field open; sent too late it is shown with the reason."""
    anna = half_commented(room, wire, "A comment, half")
    anna.get_by_role("button", name="Change: A card of hers").click()
    anna.get_by_label("Change your idea").fill("In other wor")
    anna.goto("about:blank")
    begin(wire, "reflect", "What do you take home?")
    anna.goto(f"{room.server.public}/j/{room.code}")
    at(anna, "What do you think?")
    expect(anna.get_by_role("button", name="Go along")).to_be_visible()
    expect(anna.get_by_label("Change your idea")).to_have_value("In other wor")
    expect(anna.get_by_label(re.compile("Comment on card"))).to_have_value("A comment, half")
    anna.get_by_role("button", name="Post comment").click()
    expect(anna.locator("ul.comments").get_by_text("A comment, half")).to_be_visible()
    anna.get_by_role("button", name="Go along").click()
    at(anna, "What do you take home?")
    expect(unsent(anna, "In other wor")).to_be_visible()


def test_what_is_refused_after_the_room_has_moved_on_is_shown_where_one_is(room: Room, wire: Steering) -> None:
    """A comment sent without network, for a card that was taken down meanwhile: its text, and why, in the next step."""
    begin(wire, "brainstorm", "What do you think?", comments=True)
    anna, bert = room.phone("anna"), room.phone("bert")
    at(anna, "What do you think?")
    post(bert, "A card of his")
    anna.get_by_role("button", name=re.compile("All ideas")).click()
    anna.get_by_role("button", name=re.compile("0 comments on card")).click()
    anna.get_by_label(re.compile("Comment on card")).fill("Sent without network")
    anna.context.set_offline(True)
    anna.get_by_role("button", name="Post comment").click()
    expect(anna.locator("ul.comments").get_by_text("Sent without network")).to_be_visible()
    wire.do("HideIdea", idea=number_of(wire, "A card of his"))
    begin(wire, "reflect", "What do you take home?")
    anna.context.set_offline(False)
    at(anna, "What do you take home?")
    line = unsent(anna, "Sent without network")
    expect(line).to_be_visible()
    expect(line).to_contain_text("Not sent")
    anna.reload()
    expect(line).to_be_visible()
    line.get_by_role("button", name="Discard the text").click()
    expect(anna.locator("section.unsent")).to_have_count(0)
    anna.reload()
    at(anna, "What do you take home?")
    expect(anna.locator("section.unsent")).to_have_count(0)


def test_a_lock_a_removal_and_the_end_take_no_text(room: Room, wire: Steering) -> None:
    """Typed meanwhile, sent and refused: the text is on the page each time, and goes out when it may."""
    phase = begin(wire, "brainstorm", "What do you think?")
    phone = room.phone("anna")
    at(phone, "What do you think?")
    post(phone, "First")
    until(phone, lambda: ideas(wire) == ["First"])
    phone.locator("#idea").fill("Typed before the lock")
    wire.do("LockBoard", board="ideas", locked=True)
    expect(phone.locator("form.write .alert")).to_contain_text("Writing is paused.")
    phone.locator("form.write button.main").click()
    card = phone.locator("section.own .card").filter(has_text="Typed before the lock")
    expect(card).to_contain_text("Your text stays here")
    phone.locator("#idea").fill("Typed before the removal")
    wire.do("LockBoard", board="ideas", locked=False)
    card.get_by_role("button", name="Send again").click()
    until(phone, lambda: "Typed before the lock" in ideas(wire))
    muted = wire.do("RemoveAuthor", idea=number_of(wire, "First"))
    expect(phone.get_by_role("heading", level=1)).to_contain_text("What was written is kept")
    wire.do("Undo", command=muted)
    at(phone, "What do you think?")
    expect(phone.locator("#idea")).to_have_value("Typed before the removal")
    wire.do("EndSession")
    expect(phone.get_by_role("button", name="Go along")).to_be_visible()
    expect(phone.locator("#idea")).to_have_value("Typed before the removal")
    phone.get_by_role("button", name="Go along").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Done. Thank you")
    expect(unsent(phone, "Typed before the removal")).to_be_visible()
    phone.reload()
    expect(unsent(phone, "Typed before the removal")).to_be_visible()
    assert phase


# --- on phones: fields


def test_a_change_that_is_too_long_is_shortened_and_not_lost(room: Room, wire: Steering) -> None:
    """Whoever empties the field writes anew there; what is too long is said before it is sent; half a word stays."""
    begin(wire, "brainstorm", "What do you think?", max_length=40)
    phone = room.phone("anna")
    at(phone, "What do you think?")
    post(phone, "First words")
    until(phone, lambda: ideas(wire) == ["First words"])
    phone.get_by_role("button", name="Change: First words").click()
    field = phone.get_by_label("Change your idea")
    field.fill("")
    phone.wait_for_timeout(300)
    expect(field).to_have_value("")
    long = "Twelve chars" * 4
    field.fill(long)
    phone.get_by_role("button", name="Save").click()
    expect(phone.locator("section.own form .alert")).to_have_text(
        "8 characters too many. Please shorten it; nothing is lost."
    )
    expect(field).to_have_value(long)
    phone.reload()
    expect(field).to_have_value(long)
    field.fill("Other words")
    phone.get_by_role("button", name="Save").click()
    until(phone, lambda: ideas(wire) == ["Other words"])
    expect(phone.locator("section.own .card p.text")).to_have_text("Other words")


def test_a_change_that_was_refused_can_be_changed_again(room: Room, wire: Steering) -> None:
    begin(wire, "brainstorm", "What do you think?")
    phone = room.phone("anna")
    at(phone, "What do you think?")
    post(phone, "First words")
    until(phone, lambda: ideas(wire) == ["First words"])
    phone.get_by_role("button", name="Change: First words").click()
    phone.get_by_label("Change your idea").fill("Better words")
    wire.do("LockBoard", board="ideas", locked=True)
    phone.get_by_role("button", name="Save").click()
    card = phone.locator("section.own .card")
    expect(card).to_contain_text("Not sent")
    card.get_by_role("button", name="Change: Better words").click()
    expect(phone.get_by_label("Change your idea")).to_have_value("Better words")
    phone.get_by_label("Change your idea").fill("The best of words")
    wire.do("LockBoard", board="ideas", locked=False)
    phone.get_by_role("button", name="Save").click()
    until(phone, lambda: ideas(wire) == ["The best of words"])
    expect(card).to_have_count(1)
    expect(card.get_by_text("On the board")).to_be_visible()


def test_an_answer_that_is_being_changed_is_not_overwritten_by_the_old_one(room: Room, wire: Steering) -> None:
    begin(wire, "reflect", "What do you take home?")
    phone = room.phone("anna")
    at(phone, "What do you take home?")
    phone.get_by_label("Your answer").fill("Much")
    phone.get_by_role("button", name="Send answer").click()
    phone.get_by_role("button", name="Change answer").click()
    phone.get_by_label("Your answer").fill("Much, and one more thing that took a while to")
    phone.reload()
    expect(phone.get_by_label("Your answer")).to_have_value("Much, and one more thing that took a while to")
    expect(phone.locator("#app").get_by_text("Much", exact=True)).to_be_visible()
    for button in phone.locator("section.own").get_by_role("button", name="Change answer").all():
        button.click()
    expect(phone.get_by_label("Your answer")).to_have_value("Much, and one more thing that took a while to")


def test_a_heading_typed_on_a_phone_outlives_a_reload_and_a_refusal(room: Room, wire: Steering) -> None:
    begin(wire, "brainstorm", "What do you think?")
    phone = room.phone("anna")
    at(phone, "What do you think?")
    post(phone, "A card")
    until(phone, lambda: ideas(wire) == ["A card"])
    begin(wire, "cluster", "What belongs together?", who="everyone")
    at(phone, "What belongs together?")
    phone.get_by_label(re.compile("A card")).select_option(label="New cluster")
    title = phone.locator("[id^=cluster-title]")
    title.fill("Neighbours and")
    phone.reload()
    expect(title).to_have_value("Neighbours and")
    wire.do("LockBoard", board="ideas", locked=True)
    expect(unsent(phone, "Neighbours and")).to_be_visible()
    wire.do("LockBoard", board="ideas", locked=False)
    expect(title).to_have_value("Neighbours and")
    title.fill("x" * 150)
    phone.get_by_role("button", name="Create").click()
    expect(phone.locator("main .alert")).to_contain_text("30 characters too many")
    expect(title).to_have_value("x" * 150)
    title.fill("Neighbours and friends")
    phone.get_by_role("button", name="Create").click()
    until(phone, lambda: [it["title"] for it in wire.all("cluster")] == ["Neighbours and friends"])
    expect(title).to_have_count(0)


def test_a_device_is_not_handed_on_with_a_card_that_waits_unless_one_says_so(room: Room, wire: Steering) -> None:
    begin(wire, "brainstorm", "What do you think?")
    phone = room.phone("anna")
    at(phone, "What do you think?")
    post(phone, "Arrived")
    until(phone, lambda: ideas(wire) == ["Arrived"])
    menu = phone.get_by_role("button", name="Menu")
    menu.click()
    phone.get_by_role("button", name="Hand this device on").click()
    expect(phone.get_by_text("has not been sent")).to_have_count(0)
    phone.get_by_role("button", name="Back").click()
    phone.context.set_offline(True)
    post(phone, "Waits")
    phone.locator("#idea").fill("Half a sen")
    menu.click()
    phone.get_by_role("button", name="Hand this device on").click()
    expect(phone.locator("main .alert")).to_contain_text("2 texts have not been sent")
    phone.get_by_role("button", name="Back").click()
    expect(phone.locator("#idea")).to_have_value("Half a sen")
    phone.context.set_offline(False)
    until(phone, lambda: ideas(wire) == ["Arrived", "Waits"])


def test_a_storage_that_is_full_takes_nothing_from_the_page(room: Room, wire: Steering) -> None:
    begin(wire, "brainstorm", "What do you think?")
    phone = room.phone("anna")
    phone.context.add_init_script(FULL)
    phone.reload()
    at(phone, "What do you think?")
    phone.locator("#idea").fill("Kept")
    phone.evaluate("window.full = true")
    phone.locator("#idea").fill("Kept, and more that no longer fits")
    phone.context.set_offline(True)
    phone.locator("form.write button.main").click()
    phone.locator("#idea").fill("The next one")
    begin(wire, "reflect", "What do you take home?")
    phone.context.set_offline(False)
    until(phone, lambda: ideas(wire) == ["Kept, and more that no longer fits"])
    expect(phone.locator("#idea")).to_have_value("The next one")
    phone.reload()  # the tab keeps it
    expect(phone.locator("#idea")).to_have_value("The next one")


def test_two_tabs_that_vote_at_once_keep_the_last_choice(room: Room, wire: Steering) -> None:
    """And a ballot that comes when the round is closed does not count, is said so, and the one before stands."""
    begin(wire, "brainstorm", "What do you think?")
    one = room.phone("anna")
    at(one, "What do you think?")
    post(one, "A card")
    until(one, lambda: ideas(wire) == ["A card"])
    two = tab(one, room)
    begin(wire, "vote", "Which one?", method="dots", dots=3)
    for page in (one, two):
        at(page, "Which one?")
        expect(page.locator(".foot").get_by_text("3 of 3 dots left")).to_be_visible()
    one.context.set_offline(True)
    plus = [page.get_by_role("button", name=re.compile("Add a dot: A card")) for page in (one, two)]
    plus[0].click()
    expect(one.locator(".foot").get_by_text("2 of 3 dots left")).to_be_visible()
    plus[1].click()
    plus[1].click()
    one.context.set_offline(False)
    for page in (one, two):
        expect(page.locator(".foot").get_by_text("Saved.")).to_be_visible(timeout=15_000)
        expect(page.locator(".foot").get_by_text("1 of 3 dots left")).to_be_visible()
    one.context.set_offline(True)
    plus[0].click()
    expect(one.locator(".foot").get_by_text("0 of 3 dots left")).to_be_visible()
    wire.do("ShowResults", round=wire.all("round")[0]["id"])
    one.context.set_offline(False)
    expect(one.locator("main .alert")).to_contain_text("Your earlier vote counts.", timeout=15_000)
    expect(one.locator("main ul.cards").get_by_text("2 dots")).to_be_visible()
    two.close()


# --- at the desk


def test_a_paste_that_is_too_long_is_not_cut_at_the_desk(room: Room, wire: Steering) -> None:
    """Said below the field and by the server; an emoji at the limit stays whole."""
    begin(wire, "brainstorm", "What do you think?")
    desk = room.desk()
    field = desk.get_by_label("Write for the room")
    text = "a" * 499 + "👩‍👩‍👧" + "b" * 4498
    field.fill("")
    field.focus()
    desk.evaluate("text => document.execCommand('insertText', false, text)", text)
    expect(field).to_have_value(text)
    expect(desk.locator(".scribe")).to_contain_text("4502 characters too many. Please shorten it; nothing is lost.")
    desk.locator(".scribe").get_by_role("button", name=re.compile("Write|Post")).first.click()
    expect(desk.locator(".scribe li.alert, .scribe textarea").first).to_be_visible()
    desk.reload()
    expect(desk.locator(".scribe")).to_contain_text("b" * 4498)
    assert ideas(wire) == []


def test_another_desks_new_name_is_not_turned_back_by_whoever_only_looked(room: Room, wire: Steering) -> None:
    begin(wire, "brainstorm", "What do you think?")
    one = wire.do("PostIdea", phase=wire.all("session")[0]["phase"], text="A card")
    cluster = wire.do("FormCluster", title="Old name", ideas=[one], board="ideas")
    desk = room.desk()
    title = desk.locator(".cluster-head textarea")
    title.focus()
    wire.do("RenameCluster", cluster=cluster, title="New name")
    expect(title).to_have_value("New name")
    title.blur()
    desk.wait_for_timeout(500)
    assert [it["title"] for it in wire.all("cluster")] == ["New name"]
    title.fill("My own na")
    wire.do("RenameCluster", cluster=cluster, title="Newer name")
    desk.wait_for_timeout(300)
    expect(title).to_have_value("My own na")


def test_enter_that_ends_a_composition_sends_nothing(room: Room, wire: Steering) -> None:
    """Japanese, Chinese and Korean are written with Enter: neither phone nor desk takes it for "send"."""
    begin(wire, "brainstorm", "What do you think?")
    one = wire.do("PostIdea", phase=wire.all("session")[0]["phase"], text="A card")
    wire.do("FormCluster", title="Old", ideas=[one], board="ideas")
    desk = room.desk()
    desk.get_by_label("Write for the room").focus()
    compose(desk, "にほん")
    expect(desk.get_by_label("Write for the room")).to_have_value("にほん")
    card = desk.locator("[data-card]").first
    card.focus()
    desk.keyboard.press("m")
    box = desk.get_by_role("dialog").locator("input").first
    expect(desk.get_by_role("dialog")).to_be_visible()
    box.focus()
    compose(desk, "ほん")
    expect(desk.get_by_role("dialog")).to_be_visible()
    assert [it["title"] for it in wire.all("cluster")] == ["Old"]
    assert ideas(wire) == ["A card"]


def compose(page: Page, text: str) -> None:
    """Text in composition, and the Enter that a browser reports for its end (229 where it no longer says composing)."""
    keys = page.context.new_cdp_session(page)
    keys.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
    for more in ({"isComposing": True, "keyCode": 229}, {"keyCode": 229}):
        page.evaluate(
            """more => document.activeElement.dispatchEvent(
              new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...more }))""",
            more,
        )
    keys.send("Input.insertText", {"text": text})
    keys.detach()


def test_two_desks_that_write_one_note_at_once_both_keep_their_words(room: Room, wire: Steering) -> None:
    begin(wire, "brainstorm", "What do you think?")
    wire.do("PostIdea", phase=wire.all("session")[0]["phase"], text="A card")
    phase = begin(wire, "discuss", "What follows?")
    desk = room.desk()
    item = next(it for it in wire.all("phase") if it["id"] == phase)["doing"]["items"][0]
    wire.do("discuss.Turn", phase=phase, item=item)
    note = desk.get_by_label(re.compile("Note"))
    note.fill("We meet")
    until(desk, lambda: [it["text"] for it in wire.all("note")] == ["We meet"])
    note.fill("We meet in May")  # at once: half a second later it would be saved
    wire.do("TakeNote", phase=phase, item=item, text="We meet. The school brings chairs.")
    until(desk, lambda: "in May" in wire.all("note")[0]["text"])
    text = wire.all("note")[0]["text"]
    assert "The school brings chairs." in text
    expect(note).to_have_value(re.compile("chairs"))
    desk.get_by_text("Saved", exact=False).first.wait_for()
    wire.do("TakeNote", phase=phase, item=item, text="Settled by the other desk")
    expect(note).to_have_value("Settled by the other desk")
    note.focus()
    note.blur()  # whoever only looked turns nothing back
    desk.wait_for_timeout(1000)
    assert [it["text"] for it in wire.all("note")] == ["Settled by the other desk"]
    note.fill("Mine again, quickly typed")
    desk.wait_for_timeout(700)
    note.press_sequentially(" and on and on", delay=60)
    until(desk, lambda: [it["text"] for it in wire.all("note")] == ["Mine again, quickly typed and on and on"])


def test_what_is_typed_in_a_dialog_outlives_escape_a_click_beside_it_and_a_reload(room: Room, wire: Steering) -> None:
    begin(wire, "brainstorm", "What do you think?")
    wire.do("PostIdea", phase=wire.all("session")[0]["phase"], text="A card")
    desk = room.desk()

    def reason() -> Locator:
        desk.locator("[data-card] [data-menu]").click()
        desk.get_by_role("menuitem", name=re.compile("Take down")).click()
        return desk.get_by_role("dialog").get_by_role("textbox")

    reason().fill("Half a rea")
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("dialog")).to_have_count(0)
    expect(reason()).to_have_value("Half a rea")
    desk.locator(".veil").click(position={"x": 5, "y": 5})
    expect(desk.get_by_role("dialog")).to_have_count(0)
    desk.reload()
    expect(reason()).to_have_value("Half a rea")
    desk.keyboard.press("Escape")


def test_a_cluster_that_is_dissolved_while_its_name_is_typed_comes_back_with_it(room: Room, wire: Steering) -> None:
    begin(wire, "brainstorm", "What do you think?")
    one = wire.do("PostIdea", phase=wire.all("session")[0]["phase"], text="A card")
    cluster = wire.do("FormCluster", title="Old name", ideas=[one], board="ideas")
    desk = room.desk()
    title = desk.locator(".cluster-head textarea")
    title.fill("My own na")
    dissolved = wire.do("DissolveCluster", cluster=cluster)
    expect(title).to_have_count(0)
    wire.do("Undo", command=dissolved)
    expect(title).to_have_value("My own na")


def test_a_phone_whose_link_is_worth_nothing_any_more_comes_back_by_the_code_with_its_text(
    room: Room, wire: Steering
) -> None:
    """It is told so, and to scan the code again; then that works."""
    begin(wire, "brainstorm", "What do you think?")
    phone = room.phone("anna")
    at(phone, "What do you think?")
    post(phone, "Arrived")
    until(phone, lambda: ideas(wire) == ["Arrived"])
    phone.locator("#idea").fill("Half a sen")
    phone.evaluate("code => localStorage.setItem(`facilitate.${code}.token`, 'of-another-time')", room.code)
    phone.reload()
    expect(phone.locator("p.bar")).to_contain_text("Please scan the code again.")
    expect(phone.locator("#idea")).to_have_value("Half a sen")
    phone.goto(f"{room.server.public}/J/{room.code}")
    expect(phone.locator("#idea")).to_have_value("Half a sen")
    phone.wait_for_timeout(450)  # right after the page has come it takes no tap
    phone.locator("form.write button.main").click()
    until(phone, lambda: ideas(wire) == ["Arrived", "Half a sen"])


def test_whoever_is_moved_to_another_group_keeps_the_text(opened: Callable[..., Room], server: Any) -> None:
    """And what was sent without network meanwhile arrives once, where the person is now."""
    room = opened(format="one-two-four-all")
    with steering(server, room.code, room.created["tokens"]["facilitator"]) as wire:
        phones = [room.phone(name) for name in ("anna", "bert", "cora", "dora")]
        for phone in phones:
            expect(phone.get_by_text("You're in!")).to_be_visible()
        until(phones[0], lambda: wire.all("counts")[0]["joined"] == 4)
        wire.do("StartPhase", phase="one")
        wire.do("StartPhase", phase="two")
        anna = phones[0]
        expect(anna.get_by_text("2 people.")).to_be_visible()
        anna.wait_for_timeout(450)  # for 400 ms after a change phones take no tap
        anna.locator("#idea").fill("Typed in the first group")
        name = anna.locator(".group strong").inner_text()
        groups = [it for it in wire.all("group") if it["phase"] == "two"]
        own = next(it["id"] for it in groups if str(it["number"]) in name)
        other = next(it["id"] for it in groups if it["id"] != own)
        members = [it for it in wire.all("member") if it["group"] == own]
        anna.context.set_offline(True)
        for member in members:
            wire.do("MoveMember", member=member["id"], group=other)
        anna.locator("form.write button.main").click()
        expect(anna.locator("#idea")).to_have_value("")
        anna.locator("#idea").fill("The next one")
        anna.context.set_offline(False)
        expect(anna.locator(".group strong")).not_to_have_text(name)
        expect(anna.locator("#idea")).to_have_value("The next one")
        until(anna, lambda: ideas(wire) == ["Typed in the first group"])
        expect(anna.locator("section.own .card").filter(has_text="Typed in the first group")).to_be_visible()


def test_two_desks_that_write_one_note_for_a_while_lose_no_word_and_double_none(room: Room, wire: Steering) -> None:
    """Both pause at the same moments, so that both save at once."""
    begin(wire, "brainstorm", "What do you think?")
    wire.do("PostIdea", phase=wire.all("session")[0]["phase"], text="A card")
    phase = begin(wire, "discuss", "What follows?")
    item = next(it for it in wire.all("phase") if it["id"] == phase)["doing"]["items"][0]
    wire.do("discuss.Turn", phase=phase, item=item)
    desks = [room.desk(), room.desk(name="other")]
    notes = [desk.get_by_label(re.compile("Note")) for desk in desks]
    written: list[str] = []
    for turn in range(12):
        for n, note in enumerate(notes):
            word = f"{'north' if n else 'south'}{turn}"
            note.press("Control+End")
            note.press_sequentially(f" {word}", delay=5)
            written.append(word)
        desks[0].wait_for_timeout((120, 700, 40, 1500)[turn % 4])
    until(desks[0], lambda: {note.input_value().strip() for note in notes} == {wire.all("note")[0]["text"]})
    desks[0].wait_for_timeout(3000)
    text = wire.all("note")[0]["text"]
    assert sorted(re.findall(r"\w+", text)) == sorted(written), text
    assert [note.input_value().strip() for note in notes] == [text, text]


def test_a_tab_that_slept_while_the_device_was_handed_on_shows_nobody_elses_words(room: Room, wire: Steering) -> None:
    """Its own storage comes back with it: what it kept belongs to whoever was there before."""
    begin(wire, "brainstorm", "What do you think?")
    anna = room.phone("anna")
    at(anna, "What do you think?")
    asleep = tab(anna, room)
    asleep.locator("#idea").fill("For nobody else")
    asleep.goto("about:blank")
    anna.reload()
    anna.get_by_role("button", name="Menu").click()
    anna.get_by_role("button", name="Hand this device on").click()
    anna.locator("button.main").click()
    at(anna, "What do you think?")
    asleep.goto(f"{room.server.public}/j/{room.code}")
    at(asleep, "What do you think?")
    expect(asleep.locator("#idea")).to_have_value("")
    expect(asleep.locator("section.unsent")).to_have_count(0)
    assert "For nobody else" not in asleep.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])")


def test_two_changes_that_were_begun_are_finished_one_after_the_other(room: Room, wire: Steering) -> None:
    begin(wire, "brainstorm", "What do you think?")
    anna = room.phone("anna")
    at(anna, "What do you think?")
    for text in ("One", "Two"):
        post(anna, text)
        until(anna, partial(has, wire, text))
        anna.get_by_role("button", name=f"Change: {text}").click()
        anna.get_by_label("Change your idea").fill(f"{text} and more")
    anna.reload()
    field = anna.get_by_label("Change your idea")
    for text in ("One", "Two"):
        expect(field).to_have_count(1)
        expect(field).to_have_value(f"{text} and more")
        anna.get_by_role("button", name="Save").click()
        until(anna, partial(has, wire, f"{text} and more"))
    expect(field).to_have_count(0)


def test_a_comment_begun_in_a_tab_that_is_gone_opens_where_it_is_taken_up(room: Room, wire: Steering) -> None:
    begin(wire, "brainstorm", "What do you think?", comments=True)
    anna = room.phone("anna")
    at(anna, "What do you think?")
    wire.do("PostIdea", phase=wire.all("session")[0]["phase"], text="A card")
    other = tab(anna, room)
    other.get_by_role("button", name="All ideas (1)").click()
    other.get_by_role("button", name=re.compile("0 comments on card")).click()
    other.get_by_label(re.compile("Comment on card")).fill("Begun elsewhere")
    other.close()
    anna.reload()
    unsent(anna, "Begun elsewhere").get_by_role("button", name=re.compile("^Back into the field")).click()
    field = anna.get_by_label(re.compile("Comment on card"))
    expect(field).to_have_value("Begun elsewhere")
    expect(field).to_be_focused()


def test_a_late_answer_takes_the_focus_from_nobody_who_writes(room: Room, wire: Steering) -> None:
    """A hand raised without network; back at the question meanwhile, a thought is begun."""
    begin(wire, "brainstorm", "What do you think?", hands=True)
    anna = room.phone("anna")
    at(anna, "What do you think?")
    anna.get_by_role("button", name="Menu").click()
    anna.get_by_role("button", name="Raise a hand").click()
    expect(anna.get_by_label("Which table? (optional)")).to_be_visible()
    anna.context.set_offline(True)
    anna.get_by_role("button", name="Raise a hand").click()
    anna.get_by_role("button", name="Back").click()
    anna.locator("#idea").press_sequentially("Half a tho")
    anna.context.set_offline(False)
    until(anna, lambda: len(wire.all("hand")) == 1)
    expect(anna.get_by_role("button", name="Take it back")).to_be_visible()
    anna.wait_for_timeout(300)
    expect(anna.locator("#idea")).to_be_focused()


# --- on phones: a tab that is duplicated takes along what its page has kept for itself

COPY = "() => JSON.stringify(Object.entries(sessionStorage))"


def duplicate(page: Page, room: Room) -> Page:
    """As browsers do: a second tab whose session storage begins as a copy of the first one's."""
    entries = page.evaluate(COPY)
    other = page.context.new_page()
    other.add_init_script(
        f"""if (!sessionStorage.copied) {{
          for (const [key, value] of {entries}) sessionStorage[key] = value;
          sessionStorage.copied = "1";
        }}"""
    )
    other.goto(f"{room.server.public}/j/{room.code}")
    expect(other.locator("#idea")).to_be_visible()
    return other


def test_of_a_duplicated_tab_and_its_first_neither_draft_is_lost(room: Room, wire: Steering) -> None:
    """Each keeps what was typed in it over a reload; of what is closed a line stays below the other's field."""
    begin(wire, "brainstorm", "What do you think?")
    one = room.phone("anna")
    at(one, "What do you think?")
    one.locator("#idea").fill("Begun")
    two = duplicate(one, room)
    expect(two.locator("#idea")).to_have_value("Begun")
    two.locator("#idea").fill("Begun, and finished in the copy")
    one.locator("#idea").fill("Begun, and finished in the first")
    for page, text in ((one, "first"), (two, "copy"), (one, "first")):
        page.reload()
        expect(page.locator("#idea")).to_have_value(f"Begun, and finished in the {text}")
    expect(unsent(one, "Begun, and finished in the copy")).to_be_visible()
    third = duplicate(two, room)
    expect(third.locator("#idea")).to_have_value("Begun, and finished in the copy")
    third.locator("#idea").fill("")
    expect(two.locator("#idea")).to_have_value("Begun, and finished in the copy")
    third.close()
    two.close()
    expect(unsent(one, "Begun, and finished in the copy")).to_be_visible()
    one.locator("form.write button.main").click()
    until(one, lambda: ideas(wire) == ["Begun, and finished in the first"])
    unsent(one, "Begun, and finished in the copy").get_by_role("button", name="Back into the field").click()
    one.locator("form.write button.main").click()
    until(one, lambda: ideas(wire) == ["Begun, and finished in the first", "Begun, and finished in the copy"])
    one.reload()
    expect(one.locator("section.unsent")).to_have_count(0)


def test_what_a_duplicated_tab_sends_goes_once(room: Room, wire: Steering) -> None:
    """And a tab that comes back from the browser's memory of pages is still the one that it was."""
    begin(wire, "brainstorm", "What do you think?")
    one = room.phone("anna")
    at(one, "What do you think?")
    name = "() => sessionStorage['facilitate.tab'] ?? null"
    assert one.evaluate(name) is None
    one.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    left = one.evaluate(name)
    assert left
    one.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert one.evaluate(name) is None
    one.locator("#idea").fill("Both have this")
    two = duplicate(one, room)
    two.locator("form.write button.main").click()
    until(two, lambda: ideas(wire) == ["Both have this"])
    expect(one.locator("#idea")).to_have_value("Both have this")
    expect(two.locator("#idea")).to_have_value("")
    one.locator("#idea").fill("Something else")
    one.locator("form.write button.main").click()
    until(one, lambda: ideas(wire) == ["Both have this", "Something else"])
    one.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    assert one.evaluate(name) == left
