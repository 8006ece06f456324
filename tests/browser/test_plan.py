"""The plan in a real browser: every step can be changed, moved, left out and added, and nothing typed is lost."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from facilitate.languages import catalogue
from tests.browser.room import Room, violations
from tests.browser.steering import steering
from tests.server import Server

SAY = catalogue("en").say
SAVED = 1000  # ms after which what was typed lies in the browser


@pytest.fixture
def room(browser: Browser, server: Server) -> Iterator[Room]:
    room = Room(browser, server)
    yield room
    room.close()
    assert room.problems == []


def planned(room: Room, format_: str) -> Page:
    page = room.open("plan", f"/plan?format={format_}#{room.server.owner}", 1280, 800)
    page.wait_for_selector(".step")
    page.wait_for_timeout(500)  # until the copy of an earlier plan has been looked for
    return page


def step(page: Page, title: str) -> Locator:
    return page.locator(".step").filter(has=page.locator("legend", has_text=title))


def more(step: Locator) -> Locator:
    """Unfolds what nine sessions in ten do not need."""
    if step.locator("details").get_attribute("open") is None:
        step.locator("summary").click()
    return step


def choose(step: Locator, label: str, option: str) -> None:
    step.get_by_role("combobox", name=label, exact=True).select_option(label=option)


def made(page: Page, server: Server) -> list[dict[str, Any]]:
    """The phases of the session that this plan becomes."""
    page.get_by_role("button", name=SAY("plan.create-do")).click()
    page.wait_for_url("**/desk/*")
    with steering(server, page.url.rsplit("/", 1)[1], server.owner) as desk:
        return sorted(desk.all("phase"), key=lambda phase: phase["order"])


def test_what_a_step_carries_how_it_groups_and_what_its_scale_means(room: Room) -> None:
    """All of it is said in words, outlives a reload, and is what the session does."""
    page = planned(room, "citizens-forum")
    scale = more(step(page, "Check-in"))
    scale.get_by_label(f"{SAY('plan.setting-low')} (English)").fill("never")
    scale.get_by_label(f"{SAY('plan.setting-high')} (English)").fill("always")
    tables = more(step(page, "At the tables"))
    tables.get_by_role("radio", name=SAY("plan.groups-count")).click()
    tables.get_by_label(SAY("plan.groups-number"), exact=True).fill("4")
    tables.get_by_label(SAY("plan.groups-choose"), exact=True).fill("2")
    tables.get_by_role("button", name=SAY("plan.group-prompt-add-do")).click()
    tables.get_by_label(SAY("plan.group-prompt-in", language="English")).fill("And the young?")
    tables.get_by_label(SAY("plan.group-prompt-in", language="German")).fill("Und die Jungen?")
    proposals = more(step(page, "Proposals"))
    choose(proposals, SAY("carry.what"), SAY("carry.ideas"))
    proposals.get_by_label(SAY("carry.top"), exact=True).fill("3")
    choose(more(step(page, "From all tables")), SAY("plan.groups"), SAY("plan.groups-none"))
    page.wait_for_timeout(SAVED)
    page.reload()
    page.wait_for_selector(".step")
    expect(page.get_by_label(SAY("plan.group-prompt-in", language="German"))).to_have_value("Und die Jungen?")
    phases = {phase["id"]: phase["settings"] for phase in made(page, room.server)}
    assert phases["check-in"]["low"] == {"en": "never", "de": "noch fremd"}
    assert phases["check-in"]["high"] == {"en": "always", "de": "ganz zu Hause"}
    prompts = [{"en": "And the young?", "de": "Und die Jungen?"}]
    assert phases["tables"]["groups"] == {"by": "random", "count": 4, "choose": 2, "prompts": prompts}
    assert phases["proposals"]["carry"] == {"from": "plenary", "top": 3, "of": "ideas"}
    assert phases["plenary"]["groups"] is None
    assert phases["collect"]["max_ideas"] == 4


def test_hosts_are_kept_and_changed_where_groups_move_on(room: Room) -> None:
    page = planned(room, "world-cafe")
    hosts = SAY("plan.groups-hosts")
    second = more(step(page, "Second round"))
    expect(second.get_by_label(hosts, exact=True)).to_have_value("1")
    third = more(step(page, "Third round"))
    third.get_by_label(hosts, exact=True).fill("2")
    first = more(step(page, "First round"))
    expect(first.get_by_label(hosts, exact=True)).to_be_hidden()
    phases = {phase["id"]: phase["settings"] for phase in made(page, room.server)}
    assert phases["second"]["groups"] == {"rotate": True, "hosts": 1, "choose": 3}
    assert phases["third"]["groups"] == {"rotate": True, "hosts": 2, "choose": 3}


def test_steps_are_left_out_moved_and_added(room: Room) -> None:
    """Numbers and the sum follow, the focus stays, what was left out keeps its words, a reload changes nothing."""
    page = planned(room, "pin-board")
    legends = page.locator(".step > legend")
    titles = [text.partition(": ")[2] for text in legends.all_inner_texts()]
    expect(page.get_by_text(SAY("plan.total", n=50))).to_be_visible()
    sorting, talk = step(page, titles[1]), step(page, titles[3])
    sorting.get_by_label(SAY("plan.prompt-in", language="English")).fill("Kept while it is out")
    sorting.get_by_role("button", name=SAY("plan.leave-out-do")).click()
    expect(legends.nth(1)).to_have_text(SAY("plan.left-out", title=titles[1]))
    expect(legends.nth(2)).to_have_text(SAY("plan.phase", i=2, title=titles[2]))
    expect(page.get_by_text(SAY("plan.total", n=40))).to_be_visible()
    up = talk.get_by_role("button", name=SAY("plan.up-do"))
    up.press("Enter")
    expect(legends.nth(2)).to_have_text(SAY("plan.phase", i=2, title=titles[3]))
    expect(up).to_be_focused()
    page.locator("summary", has_text=SAY("agenda.insert-save-do")).click()
    page.get_by_role("button", name=SAY("activity.pause"), exact=True).click()
    name = page.locator(".step").last.get_by_label(SAY("plan.phase-title-in", language="English"))
    expect(name).to_be_focused()
    name.fill("Coffee")
    for _ in range(3):
        step(page, "Coffee").get_by_role("button", name=SAY("plan.up-do")).click()
    page.wait_for_timeout(SAVED)
    page.reload()
    page.wait_for_selector(".step.out")
    expected = ["Step 1: Coffee", f"Step 2: {titles[0]}", SAY("plan.left-out", title=titles[1])]
    expect(legends).to_have_text([*expected, f"Step 3: {titles[3]}", f"Step 4: {titles[2]}"])
    step(page, titles[1]).get_by_role("button", name=SAY("plan.take-in-do")).click()
    field = step(page, titles[1]).get_by_label(SAY("plan.prompt-in", language="English"))
    expect(field).to_have_value("Kept while it is out")
    step(page, titles[1]).get_by_role("button", name=SAY("plan.leave-out-do")).click()
    phases = made(page, room.server)
    assert [phase["title"]["en"] for phase in phases] == ["Coffee", titles[0], titles[3], titles[2]]
    assert [phase["activity"] for phase in phases] == ["pause", "brainstorm", "discuss", "vote"]


def test_a_mistake_in_a_fold_is_listed_and_found(room: Room) -> None:
    """The list at the top names the step and leads to the field; the fold is open; a plan without steps is none."""
    page = planned(room, "world-cafe")
    rounds = more(step(page, "First round"))
    rounds.get_by_label(SAY("plan.groups-number"), exact=True).fill("999")
    rounds.get_by_label(SAY("plan.group-prompt-in", language="German")).first.fill("")
    rounds.locator("summary").click()
    page.get_by_role("button", name=SAY("plan.create-do")).click()
    expect(page.locator(".mistakes")).to_contain_text(SAY("plan.mistakes", n=2))
    page.get_by_role("button", name=f"First round: {SAY('plan.mistake-number', least=1, most=200)}").click()
    expect(rounds.get_by_label(SAY("plan.groups-number"), exact=True)).to_be_focused()
    expect(rounds.get_by_text(SAY("plan.mistake-prompt", language="German"))).to_be_visible()
    for button in page.get_by_role("button", name=SAY("plan.leave-out-do")).all()[::-1]:
        button.click()
    page.get_by_role("button", name=SAY("plan.create-do")).click()
    expect(page.locator(".mistakes")).to_contain_text(SAY("plan.mistake-phases"))


def test_nothing_typed_is_made_to_fit(room: Room) -> None:
    """Zero minutes are asked about, not turned into one."""
    page = planned(room, "pin-board")
    minutes = page.get_by_label(SAY("plan.minutes"), exact=True).first
    minutes.fill("0")
    page.get_by_role("button", name=SAY("plan.create-do")).click()
    expect(page.locator(".step").first.get_by_text(SAY("plan.mistake-minutes"))).to_be_visible()
    expect(minutes).to_have_value("0")


def test_what_the_rules_refuse_is_said_at_its_field(room: Room) -> None:
    """A number that only the activity itself knows to be too large."""
    page = planned(room, "pin-board")
    collect = more(page.locator(".step").first)
    collect.get_by_label(SAY("plan.setting-max_length"), exact=True).fill("9000")
    page.get_by_role("button", name=SAY("plan.create-do")).click()
    expect(collect.get_by_text(SAY("plan.mistake-setting"))).to_be_visible()


def test_the_plan_has_no_barriers(room: Room) -> None:
    """All folds open, a step left out, mistakes said, light and dark."""
    page = planned(room, "world-cafe")
    page.evaluate("document.querySelectorAll('details').forEach(it => { it.open = true })")
    page.locator(".step").nth(2).get_by_role("button", name=SAY("plan.leave-out-do")).click()
    page.get_by_label(SAY("plan.minutes"), exact=True).first.fill("0")
    page.get_by_role("button", name=SAY("plan.create-do")).click()
    expect(page.locator(".mistakes")).to_be_visible()
    page.wait_for_timeout(500)
    assert violations([("plan", page)]) == []


def test_the_questions_of_the_tables_stand_where_one_looks_first(room: Room) -> None:
    """Beside the step's own question wherever groups are formed; folded away for groups of before."""
    page = planned(room, "world-cafe")
    question = SAY("plan.group-prompt-in", language="English")
    first = step(page, "First round")
    expect(first.get_by_label(question)).to_have_count(3)
    expect(first.get_by_label(question).first).to_be_visible()
    second = step(page, "Second round")
    expect(second.get_by_text(SAY("plan.group-prompts"))).to_be_hidden()
    first.get_by_role("button", name=SAY("plan.group-prompt-add-do")).click()
    expect(first.get_by_label(question).nth(3)).to_be_focused()
    first.get_by_label(question).nth(3).fill("And who pays?")
    first.get_by_label(SAY("plan.group-prompt-in", language="German")).nth(3).fill("Und wer zahlt?")
    harvest = more(step(page, "Harvest"))
    choose(harvest, SAY("plan.groups"), SAY("plan.groups-table"))
    expect(harvest.locator(".front").get_by_text(SAY("plan.group-prompts"))).to_be_visible()
    choose(harvest, SAY("plan.groups"), SAY("plan.groups-keep"))
    expect(harvest.locator("details").get_by_text(SAY("plan.group-prompts"))).to_be_visible()
    choose(harvest, SAY("plan.groups"), SAY("plan.groups-back"))
    expect(harvest.get_by_text(SAY("plan.group-prompts"))).to_be_hidden()
    more(step(page, "First round"))
    assert violations([("plan", page)]) == []
    phases = {phase["id"]: phase for phase in made(page, room.server)}
    assert phases["first"]["state"] == "planned"
    phone = room.open("phone", page.url.replace("/desk/", "/j/"), 390, 844)
    expect(phone.get_by_role("heading", level=1)).to_be_visible()


def joining(page: Page) -> Locator:
    part = page.locator("details.sheet").filter(has=page.locator("summary", has_text=SAY("plan.joining")))
    if part.get_attribute("open") is None:
        part.locator("summary").click()
    return part


def test_what_people_are_asked_when_they_join_and_how_many_there_is_room_for(room: Room) -> None:
    """Said in the promise, outlives a reload, groups can be formed by it; a single choice is asked about."""
    page = planned(room, "pin-board")
    promise = page.locator(".promise")
    expect(promise).not_to_contain_text(SAY("privacy.attributes-totals"))
    part = joining(page)
    part.get_by_role("button", name=SAY("plan.asked-add-do")).click()
    expect(promise).to_contain_text(SAY("privacy.attributes-totals"))
    for language, title in (("English", "Part of town"), ("German", "Stadtteil")):
        part.get_by_label(SAY("plan.asked-in", language=language)).fill(title)
    option = part.get_by_role("button", name=SAY("plan.option-add-do"))
    option.click()
    for language, title in (("English", "North"), ("German", "Norden")):
        part.get_by_label(SAY("plan.option-in", language=language)).fill(title)
    part.get_by_label(SAY("plan.capacity"), exact=True).fill("0")
    page.get_by_role("button", name=SAY("plan.create-do")).click()
    expect(page.locator(".mistakes")).to_contain_text(SAY("plan.mistake-options"))
    expect(page.locator(".mistakes")).to_contain_text(SAY("plan.mistake-number", least=1, most=20_000))
    expect(part.get_by_label(SAY("plan.capacity"), exact=True)).to_have_value("0")
    part.get_by_label(SAY("plan.capacity"), exact=True).fill("40")
    option.click()
    for language, title in (("English", "South"), ("German", "Süden")):
        part.get_by_label(SAY("plan.option-in", language=language)).nth(1).fill(title)
    collect = more(page.locator(".step").first)
    choose(collect, SAY("plan.groups"), SAY("plan.groups-attribute"))
    choose(collect, SAY("plan.groups-by"), "Part of town")
    page.wait_for_timeout(SAVED)
    page.reload()
    page.wait_for_selector(".step")
    part = joining(page)
    expect(part.get_by_label(SAY("plan.option-in", language="German")).nth(1)).to_have_value("Süden")
    more(page.locator(".step").first)
    expect(page.get_by_role("combobox", name=SAY("plan.groups-by"), exact=True)).to_have_value("question-1")
    assert violations([("plan", page)]) == []
    (collect_, *_) = made(page, room.server)
    assert collect_["groups"] == {"by": "attribute"}
    with steering(room.server, page.url.rsplit("/", 1)[1], room.server.owner) as desk:
        (session,) = desk.all("session")
    options = [
        {"id": "option-1", "title": {"en": "North", "de": "Norden"}},
        {"id": "option-2", "title": {"en": "South", "de": "Süden"}},
    ]
    asked = {"en": "Part of town", "de": "Stadtteil"}
    assert session["attributes"] == [{"id": "question-1", "title": asked, "options": options}]
    assert session["capacity"] == 40


def test_groups_by_what_nobody_is_asked_are_refused_and_kept(room: Room) -> None:
    """The mistake leads to the choice; whoever asks it again has all that was there before."""
    page = planned(room, "pin-board")
    collect = more(page.locator(".step").first)
    choose(collect, SAY("plan.groups"), SAY("plan.groups-attribute"))
    expect(collect.locator("p", has_text=SAY("plan.groups-by-none"))).to_be_visible()
    page.get_by_role("button", name=SAY("plan.create-do")).click()
    page.get_by_role("button", name=SAY("plan.groups-by-none")).click()
    expect(collect.get_by_role("combobox", name=SAY("plan.groups"), exact=True)).to_be_focused()
    part = joining(page)
    part.get_by_role("button", name=SAY("plan.asked-add-do")).click()
    for language in ("English", "German"):
        part.get_by_label(SAY("plan.asked-in", language=language)).fill(f"Town ({language})")
    by = collect.get_by_role("combobox", name=SAY("plan.groups-by"), exact=True)
    expect(by).to_have_value("question-1")
    asked = part.get_by_role("checkbox", name=SAY("plan.asked-on"))
    asked.click()
    expect(by).to_have_count(0)
    page.get_by_role("button", name=SAY("plan.create-do")).click()
    expect(page.locator(".mistakes")).to_contain_text(SAY("plan.groups-by-none"))
    asked.click()
    expect(part.get_by_label(SAY("plan.asked-in", language="German"))).to_have_value("Town (German)")
    expect(by).to_have_value("question-1")
    (first, *_) = made(page, room.server)
    assert first["groups"] == {"by": "attribute"}


def test_a_board_is_named_anew(room: Room) -> None:
    """And keeps its columns; a name that is missing in one language is asked for, and what was typed stays."""
    page = planned(room, "citizens-forum")
    board = page.locator("details.sheet", has=page.locator("summary", has_text=SAY("plan.board-of", title="Life here")))
    board.locator("summary").click()
    name = {code: board.get_by_label(SAY("plan.board-title-in", language=code)) for code in ("English", "German")}
    name["English"].fill("Our streets")
    name["German"].fill("")
    page.get_by_role("button", name=SAY("plan.create-do")).click()
    expect(page.locator(".mistakes")).to_contain_text(SAY("plan.mistake-title", language="German"))
    expect(name["English"]).to_have_value("Our streets")
    name["German"].fill("Unsere Straßen")
    made(page, room.server)
    with steering(room.server, page.url.rsplit("/", 1)[1], room.server.owner) as desk:
        (life,) = [it for it in desk.all("board") if it["id"] == "life"]
    assert life["title"] == {"en": "Our streets", "de": "Unsere Straßen"}
    assert len(life["columns"]) > 1
