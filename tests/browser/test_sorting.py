"""Three desks sort the same cards at once, each as it likes, and the server is killed among it: all end up the same."""

import random
import signal
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.room import until
from tests.browser.sorting import Sorting, card
from tests.browser.steering import steering
from tests.browser.test_people import made
from tests.server import serving

MOVES = 8  # of each desk, before the server is killed and after
KEYS = ("ma", "mb", "mc", "c", "p", "u", "u", "Sd", "Smb", "Sp")  # S selects the card beside it as well
HERE = "() => [...document.querySelectorAll('.board [data-card]')].map(it => it.dataset.card)"
# Where each card lies on this page, read from its list.
LIES = """() => Object.fromEntries([...document.querySelectorAll('[data-row]')].map(row =>
  [row.dataset.row, (row.querySelector('.letter') ?? row.querySelector('.list-place')).textContent]))"""


def move(page: Page, chance: random.Random) -> None:
    """Something that keys can do, with a card that this page shows."""
    expect(page.locator(".board [data-card]").first).to_be_attached()
    here = page.evaluate(HERE)
    idea, keys = chance.choice(here), chance.choice(KEYS)
    page.evaluate("id => document.querySelector(`[data-card='${id}']`)?.focus()", idea)
    for key in keys:
        page.keyboard.press("Shift+ArrowDown" if key == "S" else key)
    page.wait_for_timeout(chance.randrange(120))
    for _ in range(2):
        page.keyboard.press("Escape")


@pytest.mark.parametrize("seed", [1])
def test_desks_that_sort_at_random_agree_in_the_end(
    browser: Browser, environment: dict[str, str], tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    with serving(tmp_path / "folder", environment) as server:
        sorting = Sorting(browser, server, cluster="own")
        room = sorting.room
        with steering(server, room.code, sorting.token) as steer:
            sorting.steer = steer
            steer.do("StartPhase", phase="solutions")
            steer.do("Begin", phase="solutions")
            cards = sorting.write(*(f"card {number}" for number in range(12)))
            for title in ("Bikes", "Music", "Energy"):
                sorting.cluster(title)
        desks = [room.desk(1600, 1000), room.desk(1600, 1000, name="second desk")]
        desks.append(room.open("theme desk", f"/{made(desks[0], 'Theme desk')}", 1600, 1000))
        for desk in desks:
            expect(card(desk, cards[-1])).to_be_visible()
        for killed in (False, True):
            if killed:
                server.stop(signal.SIGKILL)
                for desk in desks:
                    desk.evaluate("window.before = true")
                    move(desk, chance)
                server.start()
                for desk in desks:
                    desk.wait_for_function("!window.before", timeout=60_000)  # the frame around the desk loads anew
                    expect(desk.get_by_role("region", name="Not placed").first).to_be_visible()
            for _ in range(MOVES):
                for desk in desks:
                    move(desk, chance)
        with steering(server, room.code, sorting.token) as steer:
            ideas = {idea["id"]: idea for idea in steer.all("idea")}
            letters = {cluster["id"]: cluster["letter"] for cluster in steer.all("cluster")}
            standing = {id_: idea for id_, idea in ideas.items() if idea["state"] == "open"}
            loose = sum(not idea.get("cluster") and not idea.get("aside") for idea in standing.values())
            lies = {
                id_: letters[idea["cluster"]]
                if idea.get("cluster")
                else "Set aside"
                if idea.get("aside")
                else "Move to"
                for id_, idea in standing.items()
            }
        assert set(ideas) == set(cards), "no card is lost"
        for desk in desks:
            expect(desk.get_by_role("region", name=f"Not placed ({loose})", exact=True)).to_be_visible()
            desk.get_by_role("button", name="List", exact=True).click()
            until(desk, partial(shows, desk, lies))
        room.close()
        assert room.problems == []


def shows(desk: Page, lies: dict[str, str]) -> bool:
    """Whether its list says so, without the dots after a word that opens a dialog."""
    found: dict[str, str] = desk.evaluate(LIES)
    return {id_: place.rstrip(" .…") for id_, place in found.items()} == lies
