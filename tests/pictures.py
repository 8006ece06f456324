"""Makes the pictures of the README from a session in a real browser: `python -m tests.pictures` writes to `assets/`."""

import os
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests import chromium
from tests.browser.room import Room, go_on, post, seed
from tests.conftest import CHROMIUM
from tests.server import serving

ASSETS = Path(__file__).parent.parent / "assets"

PRACTICE = [
    "One contact person for every employer",
    "A shared office of both agencies, once a week",
    "Job fair in the public library",
    "Mentors from the neighbourhood",
    "Language course and work on the same day",
    "A small budget without an application",
]
CHALLENGES = [
    "Nobody knows who decides",
    "Projects end when they begin to work",
    "Data may not be shared between offices",
    "Young people do not come to us",
    "Two forms for the same thing",
    "Childcare ends before the shift does",
]
INSIGHTS = [
    "Start with the people who say no",
    "Meet on neutral ground before money is on the table",
    "Agree on one number that all look at",
    "Write down who to call",
    "Celebrate the small things together",
]


def picture(page: Page, name: str) -> None:
    page.wait_for_timeout(900)
    page.screenshot(path=ASSETS / f"picture-{name}.png")
    print(f"assets/picture-{name}.png")


def cluster(desk: Page, title: str, numbers: list[int]) -> None:
    for place, number in enumerate(numbers):
        card = desk.locator("[data-card]").filter(has=desk.get_by_text(str(number), exact=True)).first
        card.evaluate("it => it.scrollIntoView({ block: 'center' })")  # not below what is chosen
        card.click(modifiers=["Control"] if place else [])
    desk.locator("[data-card]:focus").press("c")
    expect(desk.locator(".cluster-head textarea:focus")).to_be_visible()
    desk.keyboard.type(title)
    desk.keyboard.press("Enter")
    desk.wait_for_timeout(400)


def main() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NICEGUI_")}
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "data", environment, "--public-url", "http://workshop.example.org") as server,
        sync_playwright() as play,
    ):
        server.public = server.url
        browser = play.chromium.launch(executable_path=chromium.ensure(), args=CHROMIUM)
        room = Room(browser, server, format="co-learning-sharing-creation", title="Local partnerships for work")
        desk, screen = room.desk(), room.screen(1600, 900)
        phone = room.phone("phone")
        picture(screen, "lobby")
        go_on(desk, "Welcome")
        go_on(desk, "Practice and challenges")
        seed(desk, room.code, "practice", PRACTICE, "works")
        seed(desk, room.code, "practice", CHALLENGES, "challenge")
        post(phone, "A walk through the quarter with the employers", "What works")
        phone.get_by_label("Write one idea").fill("An evening class for")
        picture(phone, "phone")
        phone.get_by_label("Write one idea").fill("")  # else the half-written card would hold the page
        desk.get_by_role("button", name="Reveal the cards (13)").click()
        expect(screen.get_by_text(PRACTICE[0])).to_be_visible(timeout=8000)
        picture(screen, "screen")
        go_on(desk, "Sorting into themes")
        cluster(desk, "People who connect", [1, 4, 13])
        cluster(desk, "Who decides", [7, 9, 11])
        cluster(desk, "Places to meet", [2, 3])
        expect(desk.locator(".toast")).to_have_count(0, timeout=15_000)
        picture(desk, "desk")
        go_on(desk, "Sharing insights")
        seed(desk, room.code, "insights", INSIGHTS)
        go_on(desk, "Weighing the insights")
        for _ in range(2):
            phone.get_by_role("button", name=f"Add a dot: {INSIGHTS[1]}").click()
        phone.get_by_role("button", name=f"Add a dot: {INSIGHTS[3]}").click()
        desk.get_by_role("button", name="Show the results").first.click()
        expect(screen.get_by_text("2 dots")).to_be_visible(timeout=8000)
        desk.goto(f"/harvest/{room.code}")
        desk.get_by_role("heading", name="Sorting into themes").scroll_into_view_if_needed()
        desk.mouse.wheel(0, 480)
        picture(desk, "harvest")
        room.close()
        browser.close()
        assert room.problems == [], room.problems


if __name__ == "__main__":
    main()
