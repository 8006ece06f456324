"""How soon a wall is sorted at people's pace: `python -m tests.bench.sorting --data FOLDER`.

80 phones write 250 cards while one facilitator sorts them at a real desk by keyboard, and most people place their own
cards. `--alone` is the same without the phones' help, `--drag` by mouse. The cards are titles that people gave their
contributions to a quarter's traffic, with the topics that others gave them (FOLDER as for `tests.quality`).

People are simulated. How long an act takes is from the literature: reading 238 words a minute (Brysbaert 2019), a
decision 1.35 s, pointing 1.1 s, a key 0.28 s, a button 0.1 s (Card, Moran and Newell 1983), typing 52 words a minute
at a desk (Dhakal et al. 2018) and 36 on a phone (Palin et al. 2019). Ours are the guesses how long one thinks about a
card (half a minute, log-normal), that three of four place their own cards, and that one in ten differs from the
published topic. `--pace 10` has people live ten times as fast: the program is then ten times as slow for them.
"""

import argparse
import os
import random
import statistics
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright

from tests import chromium
from tests.browser.room import Room
from tests.browser.steering import Steering, steering
from tests.conftest import CHROMIUM
from tests.quality import OTTENSEN, WIDE, rows
from tests.server import Server, serving, variables

CARDS, PEOPLE, SEED = 250, 80, 7
PHASE, BOARD = "solutions", "solutions"
DECIDE, POINT, KEY, PRESS = 1.35, 1.1, 0.28, 0.1
READ, TYPE, THUMB = 60 / 238, 60 / 52, 60 / 36  # seconds a word
THINK = 30.0
PLACES, DIFFERS = 0.75, 0.1
FIRST = 20  # cards on the wall when the facilitator begins to sort
LOOSE = "document.querySelectorAll('.pane.loose [data-card]').length"
FOCUS = "document.activeElement.closest('.pane.loose') && document.activeElement.dataset.card"


@dataclass
class Tale:
    """A text, and the topics that people gave it: a card is well placed under any of them."""

    text: str
    topics: set[str]


def tales(folder: Path, number: int, chance: random.Random) -> list[Tale]:
    """Titles of one or two narrow topics that several share."""
    there = rows(folder / OTTENSEN)
    narrow = [key for key in list(there[0])[4:] if key not in WIDE]
    found = [Tale(" ".join(row["title"].split()), {key for key in narrow if row[key] == "1"}) for row in there]
    often = Counter(topic for tale in found for topic in tale.topics)
    kept = [tale for tale in found if 1 <= len(tale.topics) <= 2 and all(often[topic] > 5 for topic in tale.topics)]
    return chance.sample(kept, number)


class People:
    """Everybody in the hall but the facilitator."""

    def __init__(self, server: Server, room: Room, told: list[Tale], pace: float, *, places: float) -> None:
        self.server, self.room, self.pace, self.places = server, room, pace, places
        self.by_text = {tale.text: tale for tale in told}
        self.posted: list[float] = []
        self.placed = 0
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.threads = [
            threading.Thread(target=self.person, args=(number, told[number::PEOPLE]), daemon=True)
            for number in range(PEOPLE)
        ]

    def wait(self, seconds: float) -> None:
        self.over.wait(seconds / self.pace)

    def person(self, number: int, mine: list[Tale]) -> None:
        chance = random.Random(SEED * 1000 + number)
        with steering(self.server, self.room.code) as it:
            written = []
            for tale in mine:
                self.wait(chance.lognormvariate(0, 0.6) * THINK + len(tale.text.split()) * THUMB + DECIDE + POINT)
                written.append((it.do("PostIdea", phase=PHASE, text=tale.text, lang="de"), tale))
                with self.lock:
                    self.posted.append(time.monotonic())
            if chance.random() < self.places:
                self.place(it, written, chance)
            self.over.wait()

    def place(self, it: Steering, written: list[tuple[str, Tale]], chance: random.Random) -> None:
        """Each card of one's own under the heading that fits, as soon as there is one."""
        while written and not self.over.is_set():
            titles = {record["title"]: record["id"] for record in it.all("cluster") if record["title"]}
            idea, tale = written.pop(0)
            self.wait((len(tale.text.split()) + 2 * len(titles)) * READ + DECIDE + 2 * POINT)
            fits = sorted(tale.topics & set(titles))
            if not fits or it.records["idea", idea].get("cluster"):
                if not fits:
                    written.append((idea, tale))
                    self.wait(10)
                continue
            heading = chance.choice(sorted(titles)) if chance.random() < DIFFERS else fits[0]
            it.do("MoveIdea", idea=idea, cluster=titles[heading])
            with self.lock:
                self.placed += 1


class Facilitator:
    """Sorts at a desk: reads a card, decides, and puts it somewhere."""

    def __init__(self, page: Page, people: People, *, drag: bool) -> None:
        self.page, self.people, self.drag = page, people, drag
        self.topics: list[str] = []
        self.placed = 0
        self.lost = 0  # times that the keyboard had no card although there were some
        self.answers: list[float] = []

    def wait(self, seconds: float) -> None:
        self.page.wait_for_timeout(1000 * seconds / self.people.pace)

    def sort(self, number: int) -> None:
        while len(self.people.posted) < min(FIRST, number):
            self.wait(1)
        while len(self.people.posted) < number or self.page.evaluate(LOOSE):
            if self.page.evaluate(LOOSE):
                self.one()
            else:
                self.wait(1)

    def one(self) -> None:
        page = self.page
        card = page.evaluate(FOCUS)
        if self.drag or not card:
            first = page.locator(".pane.loose [data-card]").first
            card = first.get_attribute("data-card", timeout=2000)
            if not self.drag:
                self.wait(POINT + PRESS)
                page.evaluate("document.querySelector('.pane.loose [data-card]')?.focus()")
        here = page.locator(f'.pane.loose [data-card="{card}"]')
        if not here.count():
            return
        text = here.locator(".card-text").inner_text()
        tale = self.people.by_text[text]
        self.wait(len(text.split()) * READ + DECIDE)
        if not here.count():
            return  # its author was quicker
        began = time.monotonic()
        topic = next((topic for topic in self.topics if topic in tale.topics), None)
        if topic is None:
            began = self.name(here, sorted(tale.topics)[0])
        elif self.drag:
            began = self.carry(here, topic)
        else:
            page.keyboard.press("m")
            self.wait(KEY + DECIDE)  # finds the letter
            began = time.monotonic()
            page.keyboard.press("ABCDEFGHIJKLMNOP"[self.topics.index(topic)])
        here.wait_for(state="detached", timeout=5000)
        self.answers.append(time.monotonic() - began)
        self.placed += 1
        page.wait_for_timeout(150)
        self.lost += bool(page.evaluate(LOOSE)) and not page.evaluate(FOCUS)

    def name(self, here: Locator, topic: str) -> float:
        """A new cluster of this card."""
        here.focus()
        self.wait(KEY)
        self.page.keyboard.press("c")
        self.page.locator(".cluster-head textarea:focus").wait_for()
        self.wait(DECIDE + len(topic.split()) * TYPE)
        self.page.keyboard.type(topic)
        self.page.keyboard.press("Enter")
        self.topics.append(topic)
        return time.monotonic()

    def carry(self, here: Locator, topic: str) -> float:
        page = self.page
        heap = page.locator("[data-cluster]").nth(self.topics.index(topic))
        heap.scroll_into_view_if_needed()
        here.scroll_into_view_if_needed()
        self.wait(POINT)
        box = here.bounding_box()
        assert box
        page.mouse.move(box["x"] + 20, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + 40, box["y"] + box["height"] / 2 + 20, steps=3)
        self.wait(PRESS + POINT)
        to = heap.bounding_box()
        assert to
        page.mouse.move(to["x"] + to["width"] / 2, to["y"] + 20, steps=4)
        self.wait(PRESS)
        page.mouse.up()
        return time.monotonic()


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tests.bench.sorting", description=__doc__)
    options.add_argument("--data", type=Path, default=os.environ.get("FACILITATE_REAL_DATA"))
    options.add_argument("--cards", type=int, default=CARDS)
    options.add_argument("--pace", type=float, default=1)
    options.add_argument("--alone", action="store_true", help="nobody places their own cards")
    options.add_argument("--drag", action="store_true", help="the facilitator drags by mouse")
    wish = options.parse_args()
    if wish.data is None:
        options.error("name the folder of the data: --data FOLDER, or FACILITATE_REAL_DATA")
    told = tales(wish.data, wish.cards, random.Random(SEED))
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "folder", variables()) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium.ensure(), args=CHROMIUM)
        room = Room(
            browser, server, format="co-learning-sharing-creation", phases={PHASE: {"settings": {"cluster": "own"}}}
        )
        with steering(server, room.code, room.created["tokens"]["facilitator"]) as steer:
            steer.do("StartPhase", phase=PHASE)
            steer.do("Begin", phase=PHASE)
            page = room.desk(1600, 1000)
            people = People(server, room, told, wish.pace, places=0 if wish.alone else PLACES)
            facilitator = Facilitator(page, people, drag=wish.drag)
            began = time.monotonic()
            for thread in people.threads:
                thread.start()
            facilitator.sort(len(told))
            end = time.monotonic()
            people.over.set()
            for thread in people.threads:
                thread.join(20)
            report(steer, people, facilitator, wish.pace * (end - began), wish.pace * (end - max(people.posted)))
        room.close()
        browser.close()


def report(steer: Steering, people: People, facilitator: Facilitator, seconds: float, after: float) -> None:
    titles = {record["id"]: record["title"] for record in steer.all("cluster")}
    ideas = [idea for idea in steer.all("idea") if idea["board"] == BOARD]
    well = sum(titles.get(idea.get("cluster")) in people.by_text[idea["text"]].topics for idea in ideas)
    loose = sum(idea.get("cluster") is None for idea in ideas)
    print(f"{len(ideas)} cards, {PEOPLE} phones, {len(titles)} clusters: {loose} not placed")
    print(f"sorted after {seconds / 60:.1f} minutes, {after:.0f} s after the last card")
    print(f"placed by the facilitator {facilitator.placed}, by their authors {people.placed}; well placed: {well}")
    answers = sorted(facilitator.answers)
    print(
        f"a move is seen after {1000 * statistics.median(answers):.0f} ms (p95"
        f" {1000 * answers[int(len(answers) * 0.95)]:.0f}); the keyboard lost its place {facilitator.lost} times"
    )


if __name__ == "__main__":
    main()
