"""The agenda steered live: phases added, skipped, repeated and moved by keyboard; cards that go on; calls, time."""

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.room import Room, go_on, post, seed, seldom, until, violations
from tests.browser.steering import steering
from tests.server import Server, serving

# Where pictures go, to be looked at; none without it.
PICTURES = os.environ.get("FACILITATE_PICTURES", "")


@pytest.fixture
def room(opened: Callable[..., Room]) -> Room:
    return opened(format="quick-vote")


# Like a browser that nobody has touched yet: this one, without a head, would let any page sound.
SILENT = """() => {
  const Real = AudioContext;
  let touched = false;
  addEventListener("pointerdown", () => (touched = true), true);
  window.AudioContext = class extends Real {
    get state() { return touched ? super.state : "suspended"; }
    resume() { return touched ? super.resume() : Promise.resolve(); }
  };
}"""


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.wait_for_timeout(400)
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def agenda(desk: Page, *titles: str) -> None:
    """What the agenda column shows, from above; it is drawn after what is said of a change."""
    expect(desk.locator(".agenda-title > span:first-child")).to_have_text(titles)


def open_step(desk: Page, title: str) -> None:
    """Unfold a step and what can be done with it."""
    row = desk.locator(".agenda-row").filter(has_text=title).first
    if row.get_attribute("aria-expanded") == "false":
        row.click()
    tools = desk.locator(".agenda-tools")
    if tools.get_attribute("open") is None:
        tools.locator("summary").click()


def said(desk: Page, sentence: str) -> None:
    expect(desk.locator(".spoken")).to_contain_text(sentence)


def test_a_step_is_added_skipped_repeated_and_moved(
    browser: Browser, environment: dict[str, str], tmp_path: Path
) -> None:
    """With the keyboard alone; phones go along; after a kill of the server everything stands where it stood."""
    with serving(tmp_path / "folder", environment) as server:
        room = Room(browser, server, format="quick-vote")
        desk, phone = room.desk(), room.phone("phone")
        go_on(desk, "Collecting options")
        post(phone, "A bench in the sun")
        agenda(desk, "Collecting options", "Approving", "Looking at the result")

        desk.locator(".agenda-row").first.focus()
        desk.keyboard.press("Enter")
        desk.keyboard.press("Tab")
        expect(desk.locator(".agenda-tools summary")).to_be_focused()
        desk.keyboard.press("Enter")
        picture(desk, "desk-step")
        desk.get_by_role("button", name="Add a step below").focus()
        desk.keyboard.press("Enter")
        dialog = desk.get_by_role("dialog")
        expect(dialog).to_have_attribute("aria-label", "Add a step after: Collecting options")
        dialog.get_by_label("Name in the agenda").fill("More options")
        dialog.get_by_label("Question", exact=True).fill("What did we forget?")
        dialog.get_by_label("Minutes").fill("2")
        picture(desk, "desk-insert")
        found = violations([("insert", desk)])
        dialog.get_by_role("button", name="Add the step").focus()
        desk.keyboard.press("Enter")
        said(desk, "More options is step 2 now.")
        agenda(desk, "Collecting options", "More options", "Approving", "Looking at the result")
        go_on(desk, "More options, 2 min")
        expect(phone.get_by_role("heading", level=1)).to_have_text("What did we forget?")
        post(phone, "A tap for water")

        open_step(desk, "Approving")
        desk.get_by_role("button", name="Skip this step").click()
        said(desk, "Approving will be skipped.")
        expect(desk.locator("#desk-next")).to_contain_text("Looking at the result")
        picture(desk, "desk-skipped")
        desk.get_by_role("button", name="Don't skip it").click()
        expect(desk.locator("#desk-next")).to_contain_text("Approving")
        desk.get_by_role("button", name="Skip this step").click()
        found += violations([("step", desk)])

        row = desk.locator(".agenda-row").filter(has_text="Looking at the result")
        row.focus()
        row.press("Alt+ArrowUp")
        said(desk, "Looking at the result is step 3 now.")
        expect(row).to_be_focused()
        agenda(desk, "Collecting options", "More options", "Looking at the result", "Approving")
        row.press("Alt+ArrowDown")
        said(desk, "Looking at the result is step 4 now.")
        expect(row).to_be_focused()

        open_step(desk, "Collecting options")
        desk.get_by_role("button", name="Repeat this step").click()
        desk.get_by_role("dialog").get_by_label("A new board").check()
        desk.get_by_role("dialog").get_by_role("button", name="Repeat this step").click()
        said(desk, "Collecting options is step 3 now.")
        order = ["Collecting options", "More options", "Collecting options (2)", "Approving", "Looking at the result"]
        agenda(desk, *order)

        server.stop(signal.SIGKILL)
        server.start()
        expect(phone.get_by_text("A tap for water").first).to_be_visible(timeout=20_000)
        desk.wait_for_timeout(3000)  # the page of the desk may load itself anew after a restart
        expect(desk.locator(".agenda-row")).to_have_count(5)
        agenda(desk, *order)
        go_on(desk, "Collecting options (2)")
        expect(phone.get_by_role("heading", level=1)).to_have_text("What could we do?")
        expect(phone.get_by_text("A bench in the sun")).to_have_count(0)
        post(phone, "Once more from the start")
        go_on(desk, "Looking at the result")  # the skipped step stays skipped
        with steering(server, room.code, room.created["tokens"]["facilitator"]) as helper:
            assert len(helper.all("idea")) == 3
        assert found == []
        room.close()
        assert room.problems == []


def test_what_a_step_says_and_lasts_is_changed_while_it_runs(room: Room) -> None:
    """The new question is on all pages at once, the guide on the desk alone; the clock goes by the new minutes."""
    desk, phone, screen = room.desk(), room.phone("phone"), room.screen()
    go_on(desk, "Collecting options")
    open_step(desk, "Collecting options")
    desk.get_by_role("button", name="Change this step").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("Question (English)").fill("What could we do before winter?")
    dialog.get_by_label("Guide, for the desk only (English)").fill("Wait for the back rows")
    dialog.get_by_label("Minutes").fill("9")
    picture(desk, "desk-change")
    found = violations([("change", desk)])
    dialog.get_by_role("button", name="Save").click()
    for page in (phone, screen):
        expect(page.get_by_role("heading", level=1)).to_have_text("What could we do before winter?")
        assert "back rows" not in page.content()
    expect(desk.locator(".clock-time")).to_have_text(re.compile(r"^(8:..|9:00)"))
    desk.get_by_role("button", name="Undo: changed").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("What could we do?")
    assert found == []


def test_cards_go_on_over_three_stages(browser: Browser, server: Server) -> None:
    """From practice to insights to solutions: what was best is there, and where it came from; undone by one click."""
    room = Room(browser, server, format="co-learning-sharing-creation")
    desk, phone = room.desk(), room.phone("phone")
    with steering(server, room.code, room.created["tokens"]["facilitator"]) as helper:
        helper.do("StartPhase", phase="practice")
        ideas = seed(desk, room.code, "practice", ["One contact person", "A shared office", "Childcare"], "works")
        helper.do("RevealIdeas", board="practice")
        helper.do("StartPhase", phase="themes")
        helper.do("FormCluster", title="One door", ideas=ideas[:2])
        seldom(desk, "Carry cards forward")
        dialog = desk.get_by_role("dialog")
        dialog.get_by_label("How many?").fill("1")
        picture(desk, "desk-carry")
        found = violations([("carry", desk)])
        dialog.get_by_role("button", name="Carry them over").click()
        said(desk, "1 card is on the board of")
        desk.get_by_role("button", name="Undo: carried").click()
        said(desk, "Undone: carried")
        until(desk, lambda: not any(idea["source"] == "carried" for idea in helper.all("idea")))

        agenda_ = sorted(helper.all("phase"), key=lambda phase: int(phase["order"]))
        step = next(phase for phase in agenda_ if phase.get("board") == "insights")
        open_step(desk, step["title"]["en"])
        desk.get_by_role("button", name="Carry the top 5 here").click()
        said(desk, "2 cards are on the board of")
        desk.get_by_role("button", name="Carry the top 5 here").click()
        said(desk, "All of them are there already.")
        helper.do("StartPhase", phase=step["id"])
        carried = [idea for idea in helper.all("idea") if idea["board"] == "insights"]
        carried.sort(key=lambda idea: int(idea["number"]))
        assert [(idea["text"], idea["origin"]["mark"]) for idea in carried] == [("One door", "A"), ("Childcare", "3")]
        expect(desk.get_by_text("from “Practice and challenges”, A")).to_be_visible()
        helper.do("RevealIdeas", board="insights")
        phone.wait_for_timeout(600)
        phone.get_by_role("button", name="All ideas").click()
        expect(phone.get_by_text("from “Practice and challenges”, A")).to_be_visible()
        picture(phone, "phone-carried")
        picture(desk, "desk-carried")

        last = next(phase for phase in agenda_ if phase.get("board") == "solutions")
        helper.do("CarryForward", board="insights", phase=last["id"], top=1)
        status, file = server.ask(f"/api/sessions/{room.code}/export/json", room.created["tokens"]["facilitator"])
        assert status == 200
        origins = [it["origin"]["board"] for it in file["report"]["cards"] if it["origin"] and it["state"] == "open"]
        assert origins == ["practice", "practice", "insights"]
    assert found == []
    room.close()
    assert room.problems == []


def test_ready_and_looking_back_and_being_called(room: Room) -> None:
    """Counted without names; earlier boards can be read meanwhile; the desk calls everybody to the current step."""
    desk, phone, other, screen = room.desk(), room.phone("phone", 320, 640), room.phone("other"), room.screen()
    with steering(room.server, room.code, room.created["tokens"]["facilitator"]) as helper:
        helper.do("StartPhase", phase="collect")
        phone.wait_for_timeout(600)  # phones take no tap for 400 ms after a change
        post(phone, "A bench in the sun")
        more = helper.do(
            "InsertPhase", activity="brainstorm", title={"en": "Think"}, prompt={"en": "And then?"}, after="collect",
            new_board={"en": "Next"}, settings={"ready": True, "ready_shown": True, "look_back": True},
        )  # fmt: skip
        helper.do("StartPhase", phase=more)
        phone.wait_for_timeout(600)
        ready = phone.get_by_role("button", name="I am ready")
        ready.click()
        expect(ready).to_have_attribute("aria-pressed", "true")
        other.get_by_role("button", name="I am ready").click()
        expect(desk.get_by_text("2 are ready")).to_be_visible()
        expect(screen.get_by_text("2 of 2 are ready")).to_be_visible()
        picture(screen, "screen-ready")
        phone.reload()
        expect(ready).to_have_attribute("aria-pressed", "true")
        ready.click()
        expect(ready).to_have_attribute("aria-pressed", "false")
        expect(desk.get_by_text("1 is ready")).to_be_visible()
        picture(phone, "phone-ready")
        found = violations([("ready", phone)])

        phone.get_by_role("button", name="Menu").click()
        phone.get_by_role("button", name="Look back").click()
        expect(phone.get_by_role("heading", level=1)).to_have_text("Earlier boards and results")
        phone.get_by_role("button", name="All ideas").click()
        expect(phone.get_by_text("A bench in the sun").first).to_be_visible()
        picture(phone, "phone-look-back")
        found += violations([("look back", phone)])
        seldom(desk, "Bring everybody here")
        expect(phone.get_by_role("heading", level=1)).to_have_text("And then?")
        expect(phone.locator("#said")).to_have_text("The facilitator calls everybody here.")
        phone.get_by_role("button", name="Menu").click()
        phone.get_by_role("button", name="Look back").click()
        phone.get_by_role("button", name="Back to now").click()
        expect(phone.get_by_role("heading", level=1)).to_have_text("And then?")

        helper.do("ChangePhase", phase=more, settings={"look_back": False})
        phone.get_by_role("button", name="Menu").click()
        expect(phone.get_by_role("button", name="Show the results")).to_be_visible()
        expect(phone.get_by_role("button", name="Look back")).to_have_count(0)
    assert found == []


def test_who_is_writing_is_called_without_losing_a_word(room: Room) -> None:
    """A half-written card stays in sight."""
    desk, phone = room.desk(), room.phone("phone")
    go_on(desk, "Collecting options")
    phone.get_by_label("Write one idea").fill("Half a sen")
    seldom(desk, "Bring everybody here")
    expect(phone.locator("#said")).to_have_text("The facilitator calls everybody here.")
    expect(phone.get_by_label("Write one idea")).to_have_value("Half a sen")


def test_the_screen_rings_softly_if_the_desk_wants_it(room: Room) -> None:
    """It says that browsers want a click first; then it rings at the end of a step's time."""
    desk, screen = room.desk(), room.screen()
    with steering(room.server, room.code, room.created["tokens"]["facilitator"]) as helper:
        helper.do("StartPhase", phase="collect")
        screen.evaluate(SILENT)
        hint = screen.get_by_text("Click here once for the sound")
        expect(hint).to_have_count(0)
        desk.get_by_text("Sound on the screen").click()
        desk.get_by_role("checkbox", name="A soft sound at one minute").check()
        expect(hint).to_be_visible()
        picture(screen, "screen-sound")
        picture(desk, "desk-sound")
        hint.click()
        expect(hint).to_have_count(0)
        helper.do("ChangePhase", phase="collect", minutes=0.2)
        expect(screen.locator("html")).to_have_attribute("data-rang", "end", timeout=20_000)
        desk.get_by_role("checkbox", name="A soft sound at one minute").uncheck()
        expect(hint).to_have_count(0)


def test_voting_again_keeps_the_first_round(room: Room) -> None:
    """A button beside the result; phones get a new ballot."""
    desk, phone = room.desk(), room.phone("phone")
    with steering(room.server, room.code, room.created["tokens"]["facilitator"]) as helper:
        helper.do("StartPhase", phase="collect")
        phone.wait_for_timeout(600)  # phones take no tap for 400 ms after a change
        post(phone, "A bench in the sun")
        helper.do("StartPhase", phase="choose")
        phone.wait_for_timeout(600)
        helper.do("ShowResults", round=helper.all("round")[0]["id"])
        desk.get_by_role("button", name="Vote again").click()
        said(desk, "New round. The earlier one is kept.")
        until(desk, lambda: len(helper.all("round")) == 2)
        rounds = sorted(helper.all("round"), key=lambda it: int(it["number"]))
        assert [it["state"] for it in rounds] == ["shown", "open"]
        assert helper.all("tally")[0]["round"] == rounds[0]["id"]


def test_the_plan_against_the_clock_is_folded_away(room: Room) -> None:
    """One sentence with the end that follows; the steps one by one behind it."""
    desk = room.desk()
    expect(desk.locator(".plan-clock")).to_have_count(0)
    go_on(desk, "Collecting options")
    plan = desk.locator(".plan-clock")
    expect(plan.locator("summary")).to_contain_text("On time. Ending at about")
    expect(plan.get_by_role("table")).to_be_hidden()
    for _ in range(3):
        desk.get_by_role("button", name="5 minutes more").click()
    expect(plan.locator("summary")).to_contain_text("15 min behind. Ending at about")
    plan.locator("summary").click()
    expect(plan.get_by_role("table")).to_contain_text("+15")
    picture(desk, "desk-plan")
    assert violations([("plan", desk)]) == []


def test_the_remote_steers_the_agenda_too(room: Room) -> None:
    """On a phone, in German: every dialog fits and is clean for axe."""
    token = room.created["tokens"]["facilitator"]
    remote = room.open("remote", f"/desk/{room.code}?lang=de#{token}", 390, 844, locale="de-DE")
    expect(remote.locator("#desk-next")).to_be_visible()
    go_on(remote, "Vorschläge sammeln")
    found = []
    for number, (button, dialog) in enumerate(
        [("Schritt ändern", "Ändern: Vorschläge sammeln"), ("Darunter einfügen", "Schritt einfügen nach"),
         ("Schritt wiederholen", "Wiederholen: Vorschläge sammeln")]
    ):  # fmt: skip
        open_step(remote, "Vorschläge sammeln")
        if not number:
            picture(remote, "remote-step")
        remote.get_by_role("button", name=button).click()
        expect(remote.get_by_role("dialog", name=dialog)).to_be_visible()
        picture(remote, f"remote-{number}")
        found += violations([(dialog, remote)])
        assert remote.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        remote.keyboard.press("Escape")
        expect(remote.get_by_role("dialog")).to_have_count(0)
    open_step(remote, "Ergebnis ansehen")
    remote.get_by_role("button", name="Nach oben").click()
    expect(remote.locator(".spoken")).to_contain_text("Ergebnis ansehen ist jetzt Schritt 2.")
    expect(remote.get_by_role("button", name="Nach oben")).to_be_focused()
    remote.get_by_role("button", name="Schritt auslassen").click()
    expect(remote.locator(".spoken")).to_contain_text("Ergebnis ansehen entfällt.")
    picture(remote, "remote-skipped")
    assert found == []


def test_columns_of_a_board_are_planned(browser: Browser, server: Server) -> None:
    """One is renamed, one taken away, one added; a name that is missing in a language is asked for."""
    room = Room(browser, server, format="quick-vote")
    plan = room.open("plan", f"/plan?format=co-learning-sharing-creation#{server.owner}", 1280, 800)
    board = plan.locator("details.sheet").filter(has_text="Board: Practice and challenges")
    board.locator("summary").click()
    names = board.get_by_label("Column in English")
    expect(names.locator("visible=true")).to_have_count(2)
    names.first.fill("What went well")
    board.get_by_role("button", name="Remove the column").locator("visible=true").nth(1).click()
    expect(names.locator("visible=true")).to_have_count(1)
    board.get_by_role("button", name="Add a column").click()
    names.locator("visible=true").nth(1).fill("A question")
    picture(plan, "plan-columns")
    found = violations([("plan", plan)])
    plan.get_by_role("button", name="Create the workshop").click()
    for place in (board, plan.locator(".mistakes")):  # at the field, and in the list of all mistakes
        expect(place.get_by_text("The column needs a name in German.")).to_be_visible()
    board.get_by_label("Column in German").locator("visible=true").nth(1).fill("Eine Frage")
    plan.get_by_role("button", name="Create the workshop").click()
    plan.wait_for_url("**/desk/*")
    code = plan.url.split("/desk/")[1][:6]
    with steering(server, code) as phone:
        columns = phone.records["board", "practice"]["columns"]
    assert [column["title"]["en"] for column in columns] == ["What went well", "A question"]
    assert [column["title"]["de"] for column in columns] == ["Was gelingt", "Eine Frage"]
    assert found == []
    room.close()
    assert room.problems == []
