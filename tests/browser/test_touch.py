"""A finger on the desk: it drags by the grip and scrolls everywhere else. With touches as Chromium gets them."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.room import until
from tests.browser.sorting import Sorting, card, inside, middle

TABLET: dict[str, Any] = {"width": 1024, "height": 768, "touch": True}


class Finger:
    """One finger on a page. Moves as a hand does: in steps, with time between them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.devtools = page.context.new_cdp_session(page)
        self.x = self.y = 0.0

    def _touch(self, kind: str, *points: dict[str, float]) -> None:
        self.devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    def down(self, x: float, y: float) -> None:
        self.x, self.y = x, y
        self._touch("touchStart", {"x": x, "y": y})

    def move(self, x: float, y: float, steps: int = 8) -> None:
        fromx, fromy = self.x, self.y
        for step in range(1, steps + 1):
            self.x, self.y = fromx + (x - fromx) * step / steps, fromy + (y - fromy) * step / steps
            self._touch("touchMove", {"x": self.x, "y": self.y})
            self.page.wait_for_timeout(16)

    def up(self) -> None:
        self._touch("touchEnd")

    def cancel(self) -> None:
        self._touch("touchCancel")


def grip(desk: Page, idea: str) -> Locator:
    return card(desk, idea).locator("[data-grip]")


def scrolled(desk: Page, pane: str) -> float:
    return float(desk.locator(pane).evaluate("it => it.scrollTop"))


def test_a_finger_drags_a_card_into_a_cluster(sorting: Sorting) -> None:
    (one,) = sorting.write("A card for a finger")
    bikes = sorting.cluster("Bikes")
    desk = sorting.room.desk(**TABLET)
    finger = Finger(desk)
    finger.down(*middle(grip(desk, one)))
    finger.move(*middle(desk.locator(f'[data-cluster="{bikes}"]')))
    expect(desk.locator(".ghost")).to_be_visible()
    expect(desk.locator(f'[data-cluster="{bikes}"].aimed')).to_be_visible()
    finger.up()
    expect(inside(desk, bikes, one)).to_be_visible()
    until(desk, lambda: sorting.place(one) == bikes)
    expect(desk.locator(".ghost")).to_have_count(0)


@pytest.mark.parametrize("start", ["card", "background"])
def test_a_finger_scrolls_wherever_there_is_no_grip(sorting: Sorting, start: str) -> None:
    """On a card's words as beside the cards: the pane moves, and no card."""
    cards = sorting.write(*(f"card {number} with some words on it" for number in range(40)))
    sorting.cluster("Bikes")
    desk = sorting.room.desk(**TABLET)
    expect(card(desk, cards[3])).to_be_visible()
    x, y = middle(card(desk, cards[3]).locator(".card-text"))
    if start == "background":
        box = desk.locator(".pane.loose").bounding_box()
        assert box
        x = box["x"] + 3
    finger = Finger(desk)
    finger.down(x, y)
    finger.move(x, y - 150)
    expect(desk.locator(".ghost, .lasso")).to_have_count(0)
    finger.up()
    until(desk, lambda: scrolled(desk, ".pane.loose") > 80)
    expect(desk.get_by_role("group", name="selected")).to_have_count(0)
    assert not any(sorting.place(idea) for idea in cards)


def test_a_pane_scrolls_while_a_card_is_held_at_its_edge(sorting: Sorting) -> None:
    """Down to a cluster that was out of sight, and the card is dropped there."""
    (one,) = sorting.write("A card for the last cluster")
    clusters = [sorting.cluster(f"Theme {number}") for number in range(24)]
    desk = sorting.room.desk(**TABLET)
    last = desk.locator(f'[data-cluster="{clusters[-1]}"]')
    pane = desk.locator(".pane.clusters")
    box = pane.bounding_box()
    assert box
    finger = Finger(desk)
    finger.down(*middle(grip(desk, one)))
    bottom = min(box["y"] + box["height"], 768) - 20
    finger.move(box["x"] + box["width"] / 2, bottom)
    until(desk, lambda: scrolled(desk, ".pane.clusters") > 100)
    until(desk, lambda: bool(pane.evaluate("it => it.scrollTop + it.clientHeight >= it.scrollHeight - 2")))
    there = last.bounding_box()
    assert there
    finger.move(there["x"] + there["width"] / 2, there["y"] + there["height"] / 2)
    finger.up()
    until(desk, lambda: sorting.place(one) == clusters[-1])


def test_a_finger_drags_a_row_of_the_remote_into_a_cluster(sorting: Sorting) -> None:
    """There is no wall on a phone: places come up from below while a row is held. Beside its grip, a finger scrolls."""
    cards = sorting.write(*(f"card {number}" for number in range(30)))
    clusters = [sorting.cluster(f"Theme {number}") for number in range(20)]
    desk = sorting.room.desk(390, 844, touch=True)
    desk.get_by_text("Board", exact=True).click()
    row = desk.locator(f'[data-row="{cards[2]}"]')
    finger = Finger(desk)

    x, y = middle(row.locator("[data-text]"))
    before = desk.evaluate("scrollY")
    finger.down(x, y)
    finger.move(x, y - 200)
    finger.up()
    until(desk, lambda: desk.evaluate("scrollY") != before)
    expect(desk.locator(".ghost, .places")).to_have_count(0)

    places = desk.locator(".places")
    finger.down(*middle(row.locator("[data-grip]")))
    finger.move(finger.x + 30, finger.y + 10)
    expect(places).to_be_visible()
    expect(desk.locator(".ghost")).to_have_text("card 2")
    finger.move(*middle(places.get_by_text("Theme 3")))
    expect(places.locator(".aimed")).to_have_text(re.compile("Theme 3"))
    finger.up()
    until(desk, lambda: sorting.place(cards[2]) == clusters[3])
    expect(row.get_by_role("button", name="Card 3: move to")).to_have_text(re.compile("Theme 3"))
    expect(places).to_have_count(0)

    last = places.get_by_text("Theme 19")
    finger.down(*middle(row.locator("[data-grip]")))
    finger.move(finger.x + 30, 834)
    until(desk, lambda: bool(places.evaluate("it => it.scrollTop + it.clientHeight >= it.scrollHeight - 2")))
    box = last.bounding_box()
    assert box
    finger.move(box["x"] + 10, box["y"] + 10)
    finger.up()
    until(desk, lambda: sorting.place(cards[2]) == clusters[19])


def test_a_cancelled_touch_puts_the_card_back(sorting: Sorting) -> None:
    """A call comes in, a second finger zooms: nothing is dropped, and the next drag works."""
    (one,) = sorting.write("A card that stays")
    bikes = sorting.cluster("Bikes")
    desk = sorting.room.desk(**TABLET)
    finger = Finger(desk)
    for end in (finger.cancel, finger.up):
        finger.down(*middle(grip(desk, one)))
        finger.move(*middle(desk.locator(f'[data-cluster="{bikes}"]')))
        expect(desk.locator(".ghost")).to_be_visible()
        end()
        expect(desk.locator(".ghost, .aimed, .card.dragged")).to_have_count(0)
        if end == finger.cancel:
            desk.wait_for_timeout(300)
            assert sorting.place(one) is None
            expect(card(desk, one)).to_be_visible()
    expect(inside(desk, bikes, one)).to_be_visible()


def test_a_drag_by_finger_survives_what_others_do(sorting: Sorting) -> None:
    """Cards come, and somebody places the card in the hand: it is drawn elsewhere, and stays in the hand."""
    (one,) = sorting.write("A card in the hand")
    bikes, music = sorting.cluster("Bikes"), sorting.cluster("Music")
    desk = sorting.room.desk(**TABLET)
    finger = Finger(desk)
    finger.down(*middle(grip(desk, one)))
    finger.move(*middle(desk.locator(f'[data-cluster="{bikes}"]')))
    (new,) = sorting.write("A card that comes meanwhile")
    sorting.steer.do("MoveIdeas", ideas=[one], cluster=music)
    expect(card(desk, new)).to_be_visible()
    expect(inside(desk, music, one)).to_be_visible()
    expect(desk.locator(".ghost")).to_be_visible()
    x, y = middle(desk.locator(f'[data-cluster="{bikes}"] .cluster-head'))
    finger.move(x, y)
    expect(desk.locator(f'[data-cluster="{bikes}"].aimed')).to_be_visible()
    finger.up()
    expect(inside(desk, bikes, one)).to_be_visible()
    until(desk, lambda: sorting.place(one) == bikes)
