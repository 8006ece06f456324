"""What people write, on its way to the board: read first by two desks, sent back, muted, commented on; and answers."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.room import Room, post, seldom, until, violations
from tests.browser.steering import Steering


@pytest.fixture
def room(opened: Callable[..., Room]) -> Room:
    return opened(format="pin-board")


def begin(wire: Steering, activity: str, prompt: str, **settings: Any) -> str:
    """A phase of this kind, inserted and started; its id."""
    board = {} if activity in ("check_in", "reflect") else {"board": "ideas"}
    command = wire.do(
        "InsertPhase", activity=activity, title={"en": activity}, prompt={"en": prompt}, settings=settings, **board
    )
    phase = next(it["id"] for it in wire.all("phase") if command in it["id"] or it["prompt"].get("en") == prompt)
    wire.do("StartPhase", phase=phase)
    return str(phase)


def waiting(desk: Page, text: str) -> Any:
    return desk.locator("[data-waiting]").filter(has_text=text)


def test_two_desks_work_at_one_queue(room: Room, wire: Steering) -> None:
    """Accepted, sent back with a reason, changed, sent again, not taken; the slower desk is told; undo at a click."""
    begin(wire, "brainstorm", "What do you think?", approval=True)
    desk, other, anna, bert = room.desk(), room.desk(name="other"), room.phone("anna"), room.phone("bert")
    expect(anna.get_by_text("The facilitator reads each card before everybody sees it.")).to_be_visible()
    post(anna, "Early trust")
    post(anna, "Ask Mrs Miller")
    post(anna, "Nonsense")
    mine = anna.locator("section.own li.card")
    expect(mine.filter(has_text="Early trust").get_by_text("With the facilitator")).to_be_visible()
    expect(desk.get_by_text("3 cards wait to be read")).to_be_visible()
    expect(other.get_by_text("3 cards wait to be read")).to_be_visible()
    expect(bert.get_by_role("button", name="All ideas (0)")).to_be_visible()
    assert violations([("desk", desk), ("anna", anna)]) == []

    waiting(desk, "Early trust").get_by_role("button", name=re.compile("Accept")).click()
    expect(desk.locator(".toast").get_by_text(re.compile(r"Card \d+ is on the board\."))).to_be_visible()
    expect(desk.locator("[data-waiting] button:focus")).to_have_count(1)  # ready for the next decision
    expect(bert.get_by_role("button", name="All ideas (1)")).to_be_visible()
    expect(waiting(other, "Early trust")).to_have_count(0)

    # Both look at the same card; the first decides, the second is told.
    waiting(other, "Ask Mrs Miller").get_by_role("button", name=re.compile("Send back card")).click()
    dialog = other.get_by_role("dialog")
    dialog.get_by_role("button", name="Send back").click()
    expect(dialog.get_by_text("The reason is still missing.")).to_be_visible()
    dialog.get_by_role("button", name="Please without names of people").click()
    waiting(desk, "Ask Mrs Miller").get_by_role("button", name=re.compile("Don't take card")).click()
    desk.get_by_role("dialog").get_by_label("Reason for the author").fill("Twice")
    dialog.get_by_role("button", name="Send back").click()
    expect(waiting(desk, "Ask Mrs Miller")).to_have_count(0)
    desk.get_by_role("dialog").get_by_role("button", name="Don't take").click()
    expect(desk.locator(".toast").get_by_text("Somebody else has decided")).to_be_visible()

    # Its author reads why, changes it, and sends it again.
    returned = mine.filter(has_text="Sent back")
    expect(returned.get_by_text("Please without names of people")).to_be_visible()
    assert violations([("anna", anna)]) == []
    returned.get_by_role("button", name=re.compile("^Change")).click()
    anna.get_by_label("Change your idea").or_(anna.locator("#change")).first.fill("Ask the neighbours")
    anna.get_by_role("button", name="Save").click()
    expect(mine.filter(has_text="Ask the neighbours").get_by_text("With the facilitator")).to_be_visible()
    waiting(other, "Ask the neighbours").get_by_role("button", name=re.compile("Accept")).click()
    expect(bert.get_by_role("button", name="All ideas (2)")).to_be_visible()

    waiting(desk, "Nonsense").get_by_role("button", name=re.compile("Don't take card")).click()
    desk.get_by_role("dialog").get_by_label("Reason for the author").fill("It may hurt")
    desk.get_by_role("dialog").get_by_role("button", name="Don't take").click()
    expect(mine.filter(has_text="Not taken").get_by_text("It may hurt")).to_be_visible()
    desk.get_by_role("button", name=re.compile("Undo")).first.click()
    expect(waiting(desk, "Nonsense")).to_have_count(1)
    expect(mine.filter(has_text="Nonsense").get_by_text("With the facilitator")).to_be_visible()


def test_taken_back_and_taken_back_again(room: Room, wire: Steering) -> None:
    """For ten seconds a card that was withdrawn comes back as it was, and an edit is undone; also without network."""
    begin(wire, "brainstorm", "What do you think?")
    anna = room.phone("anna")
    post(anna, "Early trust")
    until(anna, lambda: bool(wire.all("idea")))
    number = wire.all("idea")[0]["number"]
    anna.get_by_role("button", name="Take back: Early trust").click()
    expect(anna.locator("section.own li.card")).to_have_count(0)
    anna.get_by_role("button", name="Undo").click()
    expect(anna.locator("section.own li.card").get_by_text("Early trust")).to_be_visible()
    until(anna, lambda: [it["number"] for it in wire.all("idea")] == [number])  # the same card, not a new one

    anna.get_by_role("button", name="Change: Early trust").click()
    anna.locator("#change").fill("Late trust")
    anna.get_by_role("button", name="Save").click()
    expect(anna.get_by_text("Late trust")).to_be_visible()
    anna.get_by_role("button", name="Undo").click()
    expect(anna.locator("section.own li.card").get_by_text("Early trust")).to_be_visible()

    anna.context.set_offline(True)
    anna.get_by_role("button", name="Take back: Early trust").click()
    anna.get_by_role("button", name="Undo").click()
    expect(anna.locator("section.own li.card").get_by_text("Early trust")).to_be_visible()
    anna.context.set_offline(False)
    expect(anna.locator("section.own li.card").get_by_text("On the board")).to_be_visible()


def test_a_muted_and_a_removed_person(room: Room, wire: Steering) -> None:
    """The phone says what it is, what is safe, what to do; others go on; undone at the desk; the removed see none."""
    begin(wire, "brainstorm", "What do you think?")
    desk, troll, bert = room.desk(), room.phone("troll"), room.phone("bert")
    post(troll, "Rude")
    post(bert, "Fine")
    desk.locator("[data-card]").filter(has_text="Rude").locator("[data-menu]").click()
    desk.get_by_role("menuitem", name="Pause the author").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label(re.compile("Reason")).fill("Insults")
    assert violations([("desk", desk)]) == []
    dialog.get_by_role("button", name="Pause writing").click()
    expect(troll.get_by_text("Writing is paused on this device.").first).to_be_visible()
    assert violations([("troll", troll)]) == []
    troll.get_by_label("Write one idea").fill("More of it")
    troll.locator("form.write button.main").click()
    expect(troll.get_by_label("Write one idea")).to_have_value("More of it")  # nothing is lost
    post(bert, "Goes on")
    desk.get_by_text("Paused or removed (1)").click()
    expect(desk.get_by_text("Insults")).to_be_visible()
    desk.get_by_role("button", name="Let them write again").click()
    expect(troll.locator("main").get_by_text("Writing is paused")).to_have_count(0)
    troll.locator("form.write button.main").click()
    expect(troll.get_by_text("More of it").first).to_be_visible()

    desk.locator("[data-card]").filter(has_text="Rude").locator("[data-menu]").click()
    desk.get_by_role("menuitem", name="Remove the author").click()
    desk.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(troll.get_by_role("heading", level=1)).to_contain_text("This device is no longer taking part.")
    post(bert, "Secret of the others")
    troll.reload()
    expect(troll.get_by_role("heading", level=1)).to_contain_text("This device is no longer taking part.")
    assert "Secret of the others" not in troll.content()
    assert violations([("troll", troll)]) == []
    desk.get_by_role("button", name=re.compile("Undo")).first.click()
    expect(troll.get_by_role("heading", level=1)).to_contain_text("What do you think?")


def test_a_frozen_board(room: Room, wire: Steering) -> None:
    """Cards can't be changed on phones until the desk lets go."""
    begin(wire, "brainstorm", "What do you think?")
    desk, anna = room.desk(), room.phone("anna")
    post(anna, "Early trust")
    seldom(desk, "Freeze the board")
    desk.get_by_role("dialog").get_by_role("button", name="Freeze").click()
    expect(anna.get_by_text("The board is frozen.")).to_be_visible()
    expect(anna.get_by_role("button", name="Change: Early trust")).to_have_count(0)
    expect(desk.locator(".tools-more").get_by_role("button", name="Let the board go again")).to_be_focused()
    desk.locator(".now").get_by_role("button", name="Let the board go again").click()
    expect(anna.get_by_role("button", name="Change: Early trust")).to_be_visible()


def test_comments_and_agreeing(room: Room, wire: Steering) -> None:
    """On open cards; counted for all; taken down at the desk, with the author told."""
    begin(wire, "brainstorm", "What do you think?", comments=True, plus_one=True)
    desk, anna, bert = room.desk(), room.phone("anna"), room.phone("bert", 320, 640)
    post(anna, "Early trust")
    bert.get_by_role("button", name="All ideas (1)").click()
    agree = bert.get_by_role("button", name=re.compile(r"I agree: card"))
    agree.click()
    expect(agree).to_have_attribute("aria-pressed", "true")
    expect(bert.get_by_text("1 agrees")).to_be_visible()
    expect(desk.locator("[data-card]").get_by_text("1 agrees")).to_be_visible()
    bert.get_by_role("button", name=re.compile("0 comments on card")).click()
    bert.get_by_label(re.compile("Comment on card")).fill("Yes, but how?")
    bert.get_by_role("button", name="Post comment").click()
    expect(bert.locator("ul.comments").get_by_text("Yes, but how?")).to_be_visible()
    assert violations([("bert", bert)]) == []
    assert not bert.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    anna.get_by_role("button", name="All ideas (1)").click()
    expect(anna.get_by_role("button", name=re.compile("I agree: card"))).to_have_count(0)  # it is her own
    anna.get_by_role("button", name=re.compile("1 comment on card")).click()
    expect(anna.locator("ul.comments").get_by_text("Yes, but how?")).to_be_visible()

    desk.locator("[data-card]").filter(has_text="Early trust").locator("[data-menu]").click()
    desk.get_by_role("menuitem", name="Comments (1)").click()
    assert violations([("desk", desk)]) == []
    desk.get_by_role("dialog").get_by_role("button", name="Take down").click()
    desk.get_by_label("Reason for the author (optional)").fill("Please stay friendly")
    desk.get_by_role("dialog").get_by_role("button", name="Take down").click()
    expect(desk.get_by_role("dialog", name="Comments on card")).to_be_visible()  # back where it was read
    expect(desk.get_by_role("dialog").get_by_text("Please stay friendly")).to_be_visible()
    expect(anna.locator("ul.comments").get_by_text("Yes, but how?")).to_have_count(0)
    told = "The facilitator has taken this comment down. Please stay friendly"
    expect(bert.locator("#app").get_by_text(told)).to_be_visible()
    expect(bert.locator("ul.comments").get_by_text("Yes, but how?")).to_be_visible()  # nothing is lost
    bert.reload()
    bert.get_by_role("button", name="All ideas (1)").click()
    expect(bert.get_by_role("button", name=re.compile(r"I agree: card"))).to_have_attribute("aria-pressed", "true")


def test_a_check_in_on_a_scale(room: Room, wire: Steering) -> None:
    """One tap; bars on phone, screen and desk as the answers come."""
    ends = {"low": {"en": "tired"}, "high": {"en": "wide awake"}}
    begin(wire, "check_in", "How are you?", steps=5, **ends)
    desk, screen, anna, bert = room.desk(), room.screen(), room.phone("anna"), room.phone("bert", 320, 640)
    expect(screen.get_by_text("0 answers")).to_be_visible()
    anna.get_by_role("radio", name="4 of 5").check(force=True)
    bert.get_by_role("radio", name="2 of 5").check(force=True)
    bert.get_by_role("radio", name="5 of 5").check(force=True)
    expect(anna.locator("#app").get_by_text("Your answer is there.")).to_be_visible()
    for page in (desk, screen, anna):
        expect(page.locator(".bars-list .figure")).to_have_text(["0", "0", "0", "1", "1"])
    expect(screen.get_by_text("2 answers")).to_be_visible()
    assert violations([("desk", desk), ("screen", screen), ("anna", anna), ("bert", bert)]) == []
    anna.reload()
    expect(anna.get_by_role("radio", name="4 of 5")).to_be_checked()
    anna.get_by_role("button", name="Take back").click()
    expect(screen.get_by_text("1 answer")).to_be_visible()


def test_a_check_in_in_words_and_a_look_back(room: Room, wire: Steering) -> None:
    """Words wait for the desk to show them; what is for the facilitators alone never leaves the desk."""
    begin(wire, "check_in", "One word?", kind="words", results="reveal")
    desk, screen, anna, bert = room.desk(), room.screen(), room.phone("anna"), room.phone("bert")
    for phone, word in ((anna, "Curious"), (bert, "curious")):
        phone.get_by_label("Your answer, in a few words").fill(word)
        phone.get_by_role("button", name="Send answer").click()
        expect(phone.locator("#app").get_by_text("Your answer is there.")).to_be_visible()
    expect(desk.locator(".answer-list li")).to_have_count(2)
    expect(screen.get_by_text("Curious")).to_have_count(0)
    desk.get_by_role("button", name="Show the answers").click()
    expect(screen.locator(".words-list li")).to_have_count(1)
    expect(screen.locator(".words-list .letter")).to_have_text("2")
    expect(bert.locator("section.all").get_by_text("Curious", exact=True)).to_be_visible()
    assert violations([("desk", desk), ("screen", screen), ("anna", anna)]) == []
    desk.locator(".answer-list li").first.get_by_role("button", name="Take down").click()
    desk.get_by_role("dialog").get_by_role("button", name="Take down").click()
    expect(anna.locator("#app").get_by_text("The facilitator has taken this answer down.")).to_be_visible()

    begin(wire, "reflect", "What do you take home?")
    expect(anna.get_by_text("Only the facilitator reads this.")).to_be_visible()
    anna.wait_for_timeout(600)  # phones take no tap for 400 ms after a change
    anna.get_by_label("Your answer").fill("Much, and one worry")
    anna.get_by_role("button", name="Send answer").click()
    expect(desk.locator(".answer-list").get_by_text("Much, and one worry")).to_be_visible()
    expect(screen.get_by_text("1 answer")).to_be_visible()
    assert "one worry" not in screen.content() + bert.content()
    anna.get_by_role("button", name="Change answer").click()
    expect(anna.get_by_label("Your answer")).to_have_value("Much, and one worry")
    anna.get_by_label("Your answer").fill("Much")
    anna.get_by_role("button", name="Change answer").click()
    expect(desk.locator(".answer-list").get_by_text("Much", exact=True)).to_be_visible()
