"""The desk as one works at it: what stands where, groups, reasons, roles, dialogs, and all of it by keyboard."""

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from facilitate import activities, votes
from facilitate.core import book
from facilitate.core.decide import rules_of
from facilitate.core.roles import may
from facilitate.live.folders import assets_folder
from tests.browser.room import Room, go_on, post, seed, until, violations
from tests.browser.steering import Steering, steering
from tests.browser.test_contributions import begin
from tests.server import Server

FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
SELDOM = ("Bring everybody here", "Door and people", "Carry cards forward", "Freeze the board …")


@pytest.fixture
def room(browser: Browser, server: Server) -> Iterator[Room]:
    it = Room(browser, server, format="pin-board")
    yield it
    it.close()
    assert it.problems == []


@pytest.fixture
def cafe(browser: Browser, server: Server) -> Iterator[Room]:
    it = Room(browser, server, format="world-cafe")
    yield it
    it.close()
    assert it.problems == []


@pytest.fixture
def wire(room: Room, server: Server) -> Iterator[Steering]:
    """A second desk, over the wire."""
    with steering(server, room.code, room.created["tokens"]["facilitator"]) as it:
        yield it


@pytest.fixture
def tables(cafe: Room, server: Server) -> Iterator[tuple[Steering, list[Steering]]]:
    """A second desk, and three people at three tables."""
    with (
        steering(server, cafe.code, cafe.created["tokens"]["facilitator"]) as desk,
        steering(server, cafe.code) as one,
        steering(server, cafe.code) as two,
        steering(server, cafe.code) as three,
    ):
        desk.do("StartPhase", phase="first")
        for person in (one, two, three):
            person.do("JoinGroup", phase="first")
        yield desk, [one, two, three]


def reasons(server: Server, kind: str) -> list[Any]:
    """What the log says why, in all facts of this kind."""
    log = sqlite3.connect(f"file:{server.data / 'facilitate.sqlite'}?mode=ro", uri=True)
    try:
        rows = log.execute("SELECT json_extract(data, '$.reason') FROM log WHERE kind = ? ORDER BY at", [kind])
        return [reason for (reason,) in rows]
    finally:
        log.close()


# --- what stands where


def test_what_is_seldom_needed_is_behind_more(room: Room, wire: Steering) -> None:
    """Four tools in sight; the others unfold by key, give the focus back, and stay unfolded while the page lives."""
    desk = room.desk()
    wire.do("StartPhase", phase="collect")
    tools = desk.get_by_role("group", name="Workshop", exact=True)
    for name in ("Links", "Fold private parts away", "End the workshop"):
        expect(tools.get_by_role("button", name=name)).to_be_visible()
    expect(tools.get_by_role("link", name="To the results")).to_be_visible()
    for name in SELDOM:
        expect(desk.get_by_role("button", name=name)).to_have_count(0)
    more = tools.locator("summary")
    more.focus()
    desk.keyboard.press("Enter")
    for name in SELDOM:
        expect(tools.get_by_role("button", name=name)).to_be_visible()
    expect(more).to_be_focused()
    for _ in range(2):
        desk.keyboard.press("Tab")
    door = tools.get_by_role("button", name="Door and people")
    expect(door).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("dialog", name="Door and people")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("dialog")).to_have_count(0)
    expect(door).to_be_focused()
    assert violations([("desk", desk)]) == []
    go_on(desk, "Sorting")
    expect(door).to_be_visible()
    desk.set_viewport_size({"width": 390, "height": 844})
    expect(desk.locator(".desk.remote")).to_be_visible()
    expect(tools.get_by_role("button", name="Door and people")).to_be_visible()
    assert desk.evaluate(FITS)
    tools.locator("summary").click()
    expect(tools.get_by_role("button", name="Door and people")).to_have_count(0)
    desk.set_viewport_size({"width": 1280, "height": 800})
    expect(desk.locator(".desk.remote")).to_have_count(0)
    expect(tools.get_by_role("button", name="Door and people")).to_have_count(0)


def test_a_step_is_added_before_the_first(room: Room, wire: Steering) -> None:
    """From the first step, while it is planned; once it was held nothing is offered that Next would never reach."""
    desk = room.desk()
    first = desk.locator(".agenda-row").first
    first.click()
    desk.locator(".agenda-tools summary").click()
    desk.get_by_role("button", name="Add a step above").click()
    dialog = desk.get_by_role("dialog", name="Add a step before: Collecting ideas")
    dialog.get_by_label("What do people do?").select_option("welcome")
    dialog.get_by_label("Name in the agenda").fill("Arriving")
    dialog.get_by_role("button", name="Add the step").click()
    expect(first).to_contain_text("Arriving")
    expect(desk.locator(".spoken")).to_contain_text("Arriving is step 1 now.")
    expect(desk.locator("#desk-next")).to_contain_text("Start: Arriving")
    go_on(desk, "Arriving")
    go_on(desk, "Collecting ideas")
    assert next(it["title"]["en"] for it in wire.all("phase") if it["order"] == 1) == "Arriving"
    first.click()
    desk.locator(".agenda-tools summary").first.click()
    expect(desk.get_by_role("button", name="Add a step below").first).to_be_visible()
    expect(desk.get_by_role("button", name="Add a step above")).to_have_count(0)


# --- groups


def test_in_groups_the_desk_opens_on_what_they_do(cafe: Room, tables: tuple[Steering, list[Steering]]) -> None:
    """An overview, and the first board that has a card, by its name; it stays while others write; plenary on wish."""
    steer, (one, two, three) = tables
    desk = cafe.desk()
    expect(desk.get_by_role("heading", name="Groups (3)")).to_be_visible()
    expect(desk.get_by_text(re.compile("^No group has written a card yet"))).to_be_visible()
    expect(desk.locator(".wall")).to_have_count(0)
    tile = desk.get_by_role("toolbar", name="Groups").get_by_role("button")
    expect(tile).to_have_count(4)
    two.do("PostIdea", phase="first", text="A bench in the shade")
    until(desk, lambda: len(steer.all("idea")) == 1)
    (board,) = {idea["board"] for idea in steer.all("idea")}
    group = next(it for it in steer.all("group") if it["board"] == board)
    title = desk.get_by_role("heading", name=f"Board: Group {group['number']}", exact=True)
    expect(title).to_be_visible()
    expect(desk.locator(".wall").get_by_text("A bench in the shade")).to_be_visible()
    expect(tile.filter(has_text=f"Group {group['number']}")).to_have_attribute("aria-pressed", "true")
    expect(tile.filter(has_text=f"Group {group['number']}")).to_contain_text("1 person · 1 card")
    for person in (one, three):
        person.do("PostIdea", phase="first", text="Somebody else's")
    expect(tile.filter(has_text="1 card")).to_have_count(3)
    expect(title).to_be_visible()
    expect(desk.locator(".wall").get_by_text("Somebody else's")).to_have_count(0)
    steer.do("ChooseIdea", idea=next(idea["id"] for idea in steer.all("idea") if idea["board"] == board))
    expect(tile.filter(has_text=f"Group {group['number']}")).to_contain_text("1 of 3 chosen")
    expect(desk.get_by_text("1 of 3 groups have chosen")).to_be_visible()
    expect(desk.get_by_text(f"The card goes to: Group {group['number']}")).to_be_visible()
    assert violations([("desk", desk)]) == []
    tile.filter(has_text="Plenary").click()
    expect(desk.get_by_role("heading", name="Board: Tables")).to_be_visible()
    expect(desk.get_by_text("The card goes to: Plenary")).to_be_visible()
    go_on(desk, "Second round")
    expect(desk.get_by_role("heading", name=re.compile(r"^Board: Group \d at table \d$"))).to_be_visible()


def test_tiles_are_one_stop_and_a_step_begins_at_its_own_board(
    cafe: Room, tables: tuple[Steering, list[Steering]]
) -> None:
    """Arrows lead from tile to tile. Whoever pressed Next, this desk comes along; groups that are back are folded."""
    steer, (one, *_) = tables
    one.do("PostIdea", phase="first", text="A bench in the shade")
    desk = cafe.desk()
    tile = desk.get_by_role("toolbar", name="Groups").get_by_role("button")
    expect(tile).to_have_count(4)
    expect(desk.locator(".group-tile[tabindex='0']")).to_have_count(1)
    tile.first.focus()
    desk.keyboard.press("ArrowRight")
    expect(tile.nth(1)).to_be_focused()
    desk.keyboard.press("End")
    expect(tile.last).to_be_focused()
    desk.keyboard.press("Tab")
    assert not desk.evaluate("document.activeElement.matches('.group-tile')")
    tile.nth(2).click()
    expect(desk.get_by_role("heading", name="Board: Group 3", exact=True)).to_be_visible()
    steer.do("StartPhase", phase="harvest")
    expect(desk.locator("#desk-next")).to_contain_text("What we take along")
    expect(desk.get_by_role("heading", name=re.compile("^Board: "))).to_have_count(0)
    expect(tile.first).to_be_hidden()
    desk.locator("summary").filter(has_text="Groups (3)").click()
    expect(tile.first).to_be_visible()


def test_what_one_person_writes_alone_is_not_opened_by_itself(browser: Browser, server: Server) -> None:
    """In groups of one the desk says so, and opens a board when somebody wants it."""
    room = Room(browser, server, format="one-two-four-all")
    token = room.created["tokens"]["facilitator"]
    with steering(server, room.code, token) as steer, steering(server, room.code) as anna:
        desk = room.desk()
        steer.do("StartPhase", phase="one")
        anna.do("JoinGroup", phase="one")
        anna.do("PostIdea", phase="one", text="Only mine")
        expect(desk.locator(".group-tile").first).to_contain_text("1 card")
        expect(desk.get_by_text(re.compile("^Everybody writes alone here"))).to_be_visible()
        expect(desk.get_by_text("Only mine")).to_have_count(0)
        desk.locator(".group-tile").first.click()
        expect(desk.get_by_role("heading", name="Board: Group 1")).to_be_visible()
        expect(desk.get_by_text("Only mine")).to_be_visible()
    room.close()
    assert room.problems == []


def test_the_remote_sees_helps_and_moves_groups(cafe: Room, tables: tuple[Steering, list[Steering]]) -> None:
    """Folded behind one line that says who asks for help; a group's board below; somebody moved with a finger."""
    steer, (one, *others) = tables
    remote = cafe.desk(390, 844, name="remote")
    for person in (one, *others):
        person.do("PostIdea", phase="first", text="A bench in the shade")
    steer.do("AllowHands", allowed=True)
    line = remote.locator(".groups > summary")
    expect(line).to_have_text("Groups (3)")
    one.do("CallHelp", table="2")
    expect(line).to_have_text("Groups (3)1 asks for help")
    expect(remote.locator(".group-tile").first).to_be_hidden()
    line.click()
    expect(remote.locator(".group-tile").filter(has_text="asks for help")).to_have_count(1)
    expect(remote.locator(".group-tile").filter(has_text="asks for help")).to_contain_text("Group 2")
    remote.locator(".group-tile").filter(has_text="Group 2").click()
    expect(remote.locator("#desk-list > summary")).to_have_text("Board: Group 2")
    expect(remote.locator("#desk-list tbody tr")).to_have_count(1)
    remote.get_by_text("People and question: Group 2").click()
    assert remote.evaluate(FITS)
    assert violations([("remote", remote)]) == []
    remote.get_by_label("Place 2-1 to").select_option(label="Group 3")
    until(remote, lambda: {it["number"]: it["people"] for it in steer.all("group")} == {1: 1, 2: 0, 3: 2})
    expect(remote.locator(".group-tile").filter(has_text="Group 3")).to_contain_text("2 people")
    remote.get_by_role("button", name=re.compile("^Done: A call for help")).click()
    expect(line).to_have_text("Groups (3)")
    remote.set_viewport_size({"width": 320, "height": 640})
    assert remote.evaluate(FITS)


# --- reasons


def test_writing_is_paused_at_once_or_with_a_reason(room: Room, wire: Steering, server: Server) -> None:
    """One click as ever; the reason, for whoever wants to give one, stands in the log."""
    desk = room.desk()
    wire.do("StartPhase", phase="collect")
    desk.get_by_role("button", name="Pause writing", exact=True).click()
    expect(desk.get_by_text("Writing is paused for everybody.").first).to_be_visible()
    desk.get_by_role("button", name="Let them write again").click()
    desk.get_by_role("button", name="Pause writing: With a reason").click()
    dialog = desk.get_by_role("dialog", name="Pause writing")
    expect(dialog.get_by_label(re.compile("^Reason, kept"))).to_be_focused()
    desk.keyboard.type("A word from the mayor first")
    assert violations([("lock", desk)]) == []
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("button", name="Let them write again")).to_be_visible()
    until(desk, lambda: wire.records["board", "ideas"]["locked"])
    assert reasons(server, "BoardLocked")[-3:] == [None, None, "A word from the mayor first"]


def test_every_answer_in_words_has_the_same_menu_and_of_a_scale_only_totals_are_said(
    room: Room, wire: Steering, server: Server
) -> None:
    """Taken down, muted and removed like a comment; what was chosen on a scale nobody sees, and that is said."""
    desk = room.desk()
    begin(wire, "check_in", "How are you?", steps=5)
    with steering(server, room.code) as anna, steering(server, room.code) as bert:
        anna.do("GiveAnswer", phase=wire.all("session")[0]["phase"], value=2)
        expect(desk.locator(".bars-list .figure")).to_have_text(["0", "1", "0", "0", "0"])
        expect(desk.get_by_text("Only totals are shown. Nobody sees a single answer, not even here.")).to_be_visible()
        expect(desk.locator(".answer-list")).to_have_count(0)
        begin(wire, "reflect", "What do you take home?")
        bert.do("GiveAnswer", phase=wire.all("session")[0]["phase"], text="Nothing good")
        row = desk.locator(".answer-list li").filter(has_text="Nothing good")
        row.get_by_text("More").click()
        buttons = ["Take down", "Pause the author …", "Remove the author …"]
        expect(row.get_by_role("button")).to_have_text(buttons)
        row.get_by_role("button", name="Pause the author").click()
        desk.get_by_role("dialog").get_by_role("button", name="Pause writing").click()
        expect(desk.locator(".spoken")).to_contain_text("Writing is paused for the author.")
        row.get_by_role("button", name="Remove the author").click()
        desk.get_by_role("dialog").get_by_role("button", name="Remove").click()
        expect(desk.locator(".spoken")).to_contain_text("The author no longer takes part.")
        row.get_by_role("button", name="Take down").click()
        desk.get_by_label("Reason for the author (optional)").fill("Please say why")
        desk.get_by_role("dialog").get_by_role("button", name="Take down").click()
        desk.get_by_text("1 answer taken down").click()
        expect(desk.locator(".private-list").filter(has_text="Please say why").first).to_be_visible()
        assert violations([("desk", desk)]) == []


# --- roles


def test_a_facilitator_may_whatever_a_desk_asks_for() -> None:
    """Every command that the desk's modules name; helpers' desks ask `may` first, and are gone over below."""
    rules_of(activities.modules(), votes.modules())
    named: set[str] = set()
    for file in assets_folder().glob("desk*.js"):
        named |= set(re.findall(r'"((?:discuss\.)?[A-Z][A-Za-z]+)"', file.read_text("utf-8"))) & set(book.COMMANDS)
    assert len(named) > 50, named
    assert {kind for kind in named if not may("facilitator", kind)} == set()


# Presses whatever can be pressed: buttons, rows of menus, dialogs, fields, choices, and the keys of agenda and board.
CRAWL = """async () => {
  const pause = ms => new Promise(resolve => setTimeout(resolve, ms));
  const seen = it => it.isConnected && it.getClientRects().length > 0;
  const called = it => it.getAttribute("aria-label") || it.textContent.trim();
  const unfold = () => document.querySelectorAll("details:not([open])").forEach(it => (it.open = true));
  const can = (where, done) => [...document.querySelectorAll(where)].find(it => seen(it) && !done.has(called(it)));
  const key = (it, more) => it.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, ...more }));
  const TEXT = "textarea, input:not([type=checkbox]):not([type=radio]):not([readonly])";
  const pressed = [];

  async function dialog() {
    const done = new Set();
    for (let i = 0; i < 12 && document.querySelector(".dialog"); i++) {
      unfold();
      document.querySelector(".dialog").querySelectorAll(TEXT).forEach(fill);
      const it = can(".dialog .strong, .dialog .danger, .dialog .move-row, .dialog button:not(.quiet)", done);
      if (!it) break;
      done.add(called(it));
      pressed.push(`dialog: ${called(it)}`);
      it.click();
      await pause(35);
    }
    const open = document.querySelector(".dialog");
    if (open) key(open.querySelector("button, input, textarea"), { key: "Escape" });
    await pause(15);
  }

  function fill(it) {
    it.value = "Tried " + pressed.length;
    it.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async function menu(opener) {
    const done = new Set();
    for (let i = 0; i < 20; i++) {
      if (!document.querySelector(".menu")) opener.isConnected && opener.click();
      await pause(15);
      const it = can(".menu button", done);
      if (!it) break;
      done.add(called(it));
      pressed.push(`menu: ${called(it)}`);
      it.click();
      await pause(25);
      await dialog();
    }
    document.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
    await pause(15);
  }

  const done = new Set(["Log out", "List"]);
  for (let i = 0; i < 120; i++) {
    unfold();
    await pause(5);
    const it = can(".desk button:not([aria-disabled=true])", done);
    if (!it) break;
    done.add(called(it));
    pressed.push(called(it));
    it.click();
    await pause(25);
    if (document.querySelector(".menu")) await menu(it);
    if (document.querySelector(".dialog")) await dialog();
  }
  unfold();
  for (const it of document.querySelector(".desk").querySelectorAll(TEXT)) {
    if (!seen(it) || it.id === "field-search") continue; // what would hide the cards
    it.focus();
    fill(it);
    key(it, { key: "Enter" });
    it.dispatchEvent(new Event("change", { bubbles: true }));
    it.blur();
    pressed.push(`field: ${it.id}`);
    await pause(25);
  }
  for (const it of document.querySelectorAll(".desk select:not(.board-choice)")) {
    it.selectedIndex = it.options.length - 1;
    it.dispatchEvent(new Event("change", { bubbles: true }));
    await pause(20);
  }
  for (const it of document.querySelectorAll(".agenda-row")) {
    for (const name of ["ArrowUp", "ArrowDown"]) key(it, { key: name, altKey: true });
    await pause(20);
  }
  const card = document.querySelector(".wall [data-card]");
  for (const name of ["m", "c", "p", "d", "r", "Enter"]) {
    if (!card || !card.isConnected) break;
    card.focus();
    key(card, { key: name });
    await pause(25);
    await dialog();
  }
  await pause(200);
  return pressed;
}"""


@pytest.mark.parametrize("role", ["theme", "moderator"])
def test_no_button_of_a_helpers_desk_is_refused(browser: Browser, server: Server, role: str) -> None:
    """Everything that can be pressed at a helper's desk, in every activity: nothing is refused for the role's sake."""
    room = Room(browser, server, format="world-cafe")
    desk = room.desk()
    link = desk.evaluate(
        """([code, role]) => fetch(`/auth/link/${code}`, {
          method: "POST", body: JSON.stringify({ role }), headers: { "Content-Type": "application/json" },
        }).then(answer => answer.json())""",
        [room.code, role],
    )
    path = link["url"].partition("hall.test")[2].partition("/")[2]
    helper = room.open(role, f"/{path}", 1280, 800)
    heard: list[str] = []
    helper.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(str(frame))))
    expect(helper.locator(".agenda-row").first).to_be_visible()
    helper.reload()
    expect(helper.locator(".agenda-row").first).to_be_visible()
    helper.get_by_role("button", name="No, only I see this").click()
    pressed: dict[str, list[str]] = {}
    with (
        steering(server, room.code, room.created["tokens"]["facilitator"]) as steer,
        steering(server, room.code) as anna,
    ):
        steer.do("AllowHands", allowed=True)

        def held(activity: str, title: str, **settings: Any) -> str:
            board = {} if activity in ("check_in", "reflect") else {"board": "harvest"}
            made = {"title": {"en": title}, "prompt": {"en": title}, "settings": settings, **board}
            phase = steer.do("InsertPhase", activity=activity, **made)
            steer.do("StartPhase", phase=phase)
            return phase

        def crawl(name: str) -> None:
            pressed[name] = helper.evaluate(CRAWL)
            steer.do("AllowHands", allowed=True)  # all that was pressed has come by then
            for muted in steer.all("mute"):
                steer.do("UnmuteAuthor", idea=muted["id"])

        def standing() -> list[str]:
            return [idea["id"] for idea in steer.all("idea") if idea["state"] == "open"]

        phase = held("brainstorm", "Reading first", approval=True)
        ideas = [anna.do("PostIdea", phase=phase, text=f"Idea {n}") for n in range(8)]
        for idea in ideas[:6]:
            steer.do("AcceptIdea", idea=idea)
        steer.do("PostIdea", phase=phase, text="From the room")
        anna.do("CallHelp", table="2")
        steer.do("HideIdea", idea=ideas[5])
        crawl("approval")
        phase = held("brainstorm", "Agreeing", comments=True, plus_one=True)
        for n in range(4):
            anna.do("PostIdea", phase=phase, text=f"Another idea {n}")
        steer.do("AllowHands", allowed=True)
        anna.do("PostComment", phase=phase, idea=standing()[0], text="Yes, but how?")
        crawl("comments")
        held("cluster", "Sorting")
        one, two, three, four, *_ = standing()
        steer.do("FormCluster", title="Together", ideas=[one, two], board="harvest")
        steer.do("MergeIdeas", keep=three, ideas=[four])
        crawl("cluster")
        held("vote", "Weighing", of="ideas", method="dots")
        crawl("vote")
        phase = held("discuss", "Talking")
        steer.do("discuss.Turn", phase=phase, item=steer.records["phase", phase]["doing"]["items"][0])
        crawl("discuss")
        phase = held("check_in", "One word", kind="words", results="reveal")
        anna.do("GiveAnswer", phase=phase, text="Curious")
        crawl("check-in")
        steer.do("StartPhase", phase="first")
        anna.do("JoinGroup", phase="first")
        anna.do("PostIdea", phase="first", text="At our table")
        expect(helper.get_by_role("heading", name="Groups (3)")).to_be_visible()
        crawl("groups")
    refused = [frame for frame in heard if "role.refused" in frame]
    assert refused == [], (refused, pressed)
    # It did press something, and what is its own was done.
    assert sum('"ok":true' in frame for frame in heard) >= 3, (pressed, heard[-20:])
    everything = {name for names in pressed.values() for name in names}
    wanted = "menu: Move to …" if role == "theme" else "menu: Take down"
    assert wanted in everything, pressed
    assert all(len(names) > 3 for names in pressed.values()), pressed
    room.close()
    assert room.problems == []


# --- dialogs


def test_every_dialog_keeps_the_focus_and_gives_it_back(room: Room, wire: Steering) -> None:
    """On a laptop and on a phone, in German: it fits, Tab goes round, Escape closes, the focus is where it was."""
    wire.do("StartPhase", phase="collect")
    token = room.created["tokens"]["facilitator"]
    desk = room.open("desk", f"/desk/{room.code}?lang=de#{token}", 1280, 800, locale="de-DE")
    expect(desk.locator("#desk-next")).to_be_visible()
    desk.get_by_role("button", name="Nein, nur ich").click()
    seed(desk, room.code, "collect", ["Bänke im Schatten", "Ein Reparaturtreff", "Trinkwasser am Markt"])
    own = wire.do("PostIdea", phase="collect", text="Aus dem Saal")
    cluster = wire.do("FormCluster", title="Draußen", ideas=[own], board="ideas")
    wire.do("FormCluster", title="Drinnen", ideas=[], board="ideas")
    wire.do("StartPhase", phase="sort")
    for pause in (False, True):
        wire.do("LockBoard", board="ideas", locked=pause)
    wire.do("LockBoard", board="ideas", locked=False)
    found: list[str] = []

    def check(page: Page, name: str, opener: Any) -> None:
        opener.focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        page.wait_for_timeout(100)
        inside = "document.querySelector('.dialog').contains(document.activeElement)"
        assert page.evaluate(inside), name
        assert page.evaluate(FITS), name
        box = dialog.bounding_box()
        assert box
        assert box["y"] >= 0, name
        assert box["y"] + box["height"] <= page.viewport_size["height"], name  # type: ignore[index]
        for step in ("Tab", "Shift+Tab"):
            for _ in range(9):
                page.keyboard.press(step)
                assert page.evaluate(inside), (name, step)
        found.extend(f"{name}: {one}" for one in violations([(name, page)]))
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(opener).to_be_focused()

    def menu(page: Page, opener: Any, item: str) -> None:
        opener.focus()
        page.keyboard.press("Enter")
        page.get_by_role("menuitem", name=item, exact=True).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.wait_for_timeout(100)
        found.extend(f"{item}: {one}" for one in violations([(item, page)]))
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(opener).to_be_focused()

    for width, height in ((1280, 800), (390, 844)):
        desk.set_viewport_size({"width": width, "height": height})
        expect(desk.locator(".desk.remote")).to_have_count(1 if width < 900 else 0)
        tools = desk.locator(".desk-tools")
        if desk.locator(".tools-more").get_attribute("open") is None:
            tools.locator("summary").click()
        check(desk, f"links {width}", tools.get_by_role("button", name="Links"))
        check(desk, f"door {width}", tools.get_by_role("button", name="Tür und Leute"))
        check(desk, f"carry {width}", tools.get_by_role("button", name="Karten mitnehmen"))
        check(desk, f"freeze {width}", tools.get_by_role("button", name="Pinnwand einfrieren"))
        row = desk.locator("#agenda-row-weigh")
        if row.get_attribute("aria-expanded") == "false":
            row.click()
            desk.locator(".agenda-tools summary").click()
        for name in ("Schritt ändern", "Darunter einfügen", "Schritt wiederholen"):
            check(desk, f"{name} {width}", desk.get_by_role("button", name=name))
        if width > 900:
            check(desk, "keys", desk.get_by_role("button", name="Tastatur"))
            card = desk.locator(f'[data-card="{own}"]')
            for item in ("Verschieben …", "Text ändern", "Abnehmen", "Endgültig löschen"):
                menu(desk, card.locator("[data-menu]"), item)
            menu(desk, desk.locator(f'[data-cluster="{cluster}"] .cluster-head .card-menu'), "In anderen legen …")
        else:
            desk.locator("#desk-list > summary").click()
            check(desk, "move", desk.locator("[data-move]").first)
    assert found == []


# --- the keyboard


def test_a_whole_session_by_keyboard_alone(browser: Browser, server: Server) -> None:
    """Next, reveal with its stop, more time, pause, clusters, a vote, its result, the end, and all of it taken back."""
    room = Room(browser, server, format="pin-board")
    desk, phone, screen = room.desk(), room.phone("anna"), room.screen()
    keys = desk.keyboard

    def to(name: str | re.Pattern[str], role: Any = "button", tries: int = 90) -> None:
        """Tab until what is wanted has the focus: nothing is reached otherwise."""
        wanted = desk.get_by_role(role, name=name).first
        expect(wanted).to_be_visible()
        for _ in range(tries):
            if wanted.evaluate("it => it === document.activeElement"):
                assert wanted.evaluate("it => getComputedStyle(it).outlineStyle !== 'none'"), name
                return
            keys.press("Tab")
        raise AssertionError(f"Tab never came to {name}")

    def press(name: str | re.Pattern[str], key: str = "Enter") -> None:
        to(name)
        keys.press(key)

    def go(title: str) -> None:
        press(re.compile(f"(Next|Start).*{title}"))
        expect(desk.locator("[aria-current=step]")).to_contain_text(title)
        desk.wait_for_timeout(600)  # a second key right after a change of phase is taken for a slip

    token = room.created["tokens"]["facilitator"]
    with steering(server, room.code, token) as steer, steering(server, room.code) as bert:
        steer.do("ChangePhase", phase="collect", settings={"ready": True})
        private = steer.do(
            "InsertPhase", activity="brainstorm", title={"en": "Quietly"}, prompt={"en": "First alone"}, minutes=5,
            board="ideas", settings={"private": True},
        )  # fmt: skip
        go("Quietly")
        bert.do("PostIdea", phase=private, text="A quiet thought")
        press(re.compile("^Reveal the cards"))
        expect(desk.get_by_role("button", name="Stop", exact=True)).to_be_focused()
        keys.press("Enter")
        expect(desk.locator(".spoken")).to_contain_text("Stopped")
        assert steer.all("idea")[0]["state"] == "face-down"
        press(re.compile("^Reveal the cards"))
        expect(screen.get_by_text("A quiet thought")).to_be_visible(timeout=10_000)
        before = desk.locator(".clock-time").inner_text()
        press("2 minutes more")
        expect(desk.locator(".clock-time")).to_have_text(re.compile("^6:"))
        assert before.startswith("4:")
        press("Stop the clock")
        expect(phone.get_by_text("The clock is stopped.").first).to_be_attached()
        press("Restart the clock")
        go("Collecting ideas")
        post(phone, "A bench in the shade")
        press("Pause writing")
        until(desk, lambda: bool(steer.records["board", "ideas"]["locked"]))
        press("Let them write again")
        until(desk, lambda: not steer.records["board", "ideas"]["locked"])
        to(re.compile("Write for the room"), "textbox")
        keys.type("From somebody without a phone")
        keys.press("Enter")
        expect(screen.get_by_text("From somebody without a phone")).to_be_visible()
        go("Sorting the ideas")
        for _ in range(120):
            if desk.evaluate("Boolean(document.activeElement.dataset.card)"):
                break
            keys.press("Tab")
        keys.press(" ")
        keys.press("ArrowDown")
        keys.press("c")
        until(desk, lambda: len(steer.all("cluster")) == 1)
        expect(desk.locator(".cluster-head textarea")).to_be_focused()
        keys.type("Outside")
        keys.press("Enter")
        until(desk, lambda: steer.all("cluster")[0]["title"] == "Outside")
        go("Weighing")
        until(desk, lambda: len(steer.all("round")) == 1)
        (round_,) = steer.all("round")
        bert.do("CastBallot", round=round_["id"], rev=1, choices={steer.all("cluster")[0]["id"]: 2})
        press(re.compile("^Show the result"))
        expect(screen.get_by_text("2 dots").first).to_be_visible(timeout=10_000)
        go("Talking")
        press("Next item")
        to(re.compile("^Note on"), "textbox")
        keys.type("Two will begin in spring")
        until(desk, lambda: len(steer.all("note")) == 1)
        press(re.compile("End the workshop"))
        expect(phone.get_by_role("heading", level=1)).to_contain_text("Done. Thank you")
        press(re.compile("^Undo: "))
        until(desk, lambda: steer.all("session")[0]["state"] == "running")
        expect(phone.get_by_role("heading", level=1)).not_to_contain_text("Done. Thank you")
    room.close()
    assert room.problems == []
