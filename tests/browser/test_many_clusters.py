"""Many clusters and many cards: every heading in sight, to read and to drop on; the rest is folded away."""

import re

from playwright.sync_api import expect

from tests.browser.room import until, violations
from tests.browser.sorting import Sorting, card, inside, pick_up

TITLES = (
    "Traffic and mobility", "Neighbours", "Public space", "Young people take part", "Barriers", "Benches and gardens",
    "Heat and heavy rain", "Culture", "Civic engagement", "Offices go digital", "Housing", "Safe ways",
)  # fmt: skip


def test_twelve_clusters_are_in_sight_and_take_cards(sorting: Sorting) -> None:
    """On a laptop, with 90 cards in them: nothing is scrolled to read a heading or to drop on it."""
    cards = sorting.write(*(f"A card with some words about it, number {number}" for number in range(110)))
    clusters = [sorting.cluster(title, *cards[place:90:12]) for place, title in enumerate(TITLES)]
    desk = sorting.room.desk(1280, 800)
    pane = desk.locator(".pane.clusters")
    for cluster in clusters:
        expect(pane.locator(f'[data-cluster="{cluster}"] .cluster-head')).to_be_in_viewport(ratio=0.9)
    pick_up(desk, cards[100], pane.locator(f'[data-cluster="{clusters[-1]}"]'))
    desk.mouse.up()
    until(desk, lambda: sorting.place(cards[100]) == clusters[-1])
    assert pane.evaluate("it => it.scrollTop") == 0
    first = pane.locator(f'[data-cluster="{clusters[0]}"]')
    expect(first.locator("[data-card]")).to_have_count(0)
    desk.wait_for_timeout(100)  # sooner after a drag a click is taken for its end
    first.get_by_role("button", name="Show 8 cards").click()
    expect(inside(desk, clusters[0], cards[0])).to_be_visible()
    pane.get_by_role("button", name="Unfold all").click()
    expect(pane.locator("[data-card]")).to_have_count(91)
    assert violations([("desk", desk)]) == []
    pane.get_by_role("button", name="Fold all").click()
    expect(pane.locator("[data-card]")).to_have_count(0)
    desk.get_by_label("Search cards").fill("number 24")
    expect(card(desk, cards[24])).to_be_visible()


def test_a_heading_stays_in_sight_while_its_cards_scroll(sorting: Sorting) -> None:
    cards = sorting.write(*(f"card {number} of a long cluster" for number in range(40)))
    long, _ = sorting.cluster("Long", *cards), sorting.cluster("Short")
    desk = sorting.room.desk(1280, 800)
    pane = desk.locator(".pane.clusters")
    expect(inside(desk, long, cards[39])).to_be_attached()
    pane.evaluate("it => { it.scrollTop = 600; }")
    expect(pane.locator(f'[data-cluster="{long}"] .cluster-head')).to_be_in_viewport(ratio=0.9)
    card(desk, cards[20]).focus()
    box, head = card(desk, cards[20]).bounding_box(), pane.locator(".cluster-head").first.bounding_box()
    assert box
    assert head
    assert box["y"] >= head["y"] + head["height"] - 1, "not below its heading"
    expect(desk.get_by_role("region", name=re.compile("Long")).first).to_be_visible()


def test_tab_comes_to_a_card_that_is_drawn(sorting: Sorting) -> None:
    """Also where all are placed and the first ones lie folded away."""
    cards = sorting.write(*(f"card {number}" for number in range(16)))
    clusters = [sorting.cluster(f"Theme {number}", *cards[number::8]) for number in range(8)]
    desk = sorting.room.desk(1280, 800)
    stops = desk.locator('[data-card][tabindex="0"]')
    expect(desk.get_by_text("All cards are placed.")).to_be_visible()
    expect(desk.locator("[data-card]")).to_have_count(0)
    fold = desk.locator(f'[data-cluster="{clusters[3]}"]').get_by_role("button", name="Show 2 cards")
    fold.click()
    expect(stops).to_have_count(1)
    expect(stops).to_have_attribute("data-card", cards[3])
    card(desk, cards[11]).click()
    expect(stops).to_have_attribute("data-card", cards[11])
    fold.click()
    desk.locator(f'[data-cluster="{clusters[5]}"]').get_by_role("button", name="Show 2 cards").click()
    expect(stops).to_have_attribute("data-card", cards[5])
