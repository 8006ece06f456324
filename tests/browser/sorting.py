"""A session at its last board, to sort cards in: over the wire, and with the hands of a page."""

from collections.abc import Iterator

from playwright.sync_api import Browser, Locator, Page

from tests.browser.room import Room
from tests.browser.steering import Steering, steering
from tests.server import Server


class Sorting:
    """A session at its last board, steered over the wire; `cards` are the ids of what the desk wrote."""

    def __init__(self, browser: Browser, server: Server, **settings: object) -> None:
        self.room = Room(
            browser, server, format="co-learning-sharing-creation", phases={"solutions": {"settings": settings}}
        )
        self.token = self.room.created["tokens"]["facilitator"]
        self.steer: Steering
        self.cards: list[str] = []

    def write(self, *texts: str) -> list[str]:
        written = [self.steer.do("PostIdea", phase="solutions", text=text) for text in texts]
        self.cards += written
        return written

    def cluster(self, title: str, *ideas: str) -> str:
        return self.steer.do("FormCluster", board="solutions", title=title, ideas=ideas)

    def place(self, idea: str) -> str | None:
        """As the steering client has heard it: later than the desk that was answered, by a frame."""
        found: str | None = self.steer.records["idea", idea].get("cluster")
        return found

    def states(self, *ideas: str) -> list[str]:
        return [self.steer.records["idea", idea]["state"] for idea in ideas]


def sorting_on(browser: Browser, server: Server) -> Iterator[Sorting]:
    """People place their own cards; no page complained in the end."""
    it = Sorting(browser, server, cluster="own")
    with steering(server, it.room.code, it.token) as it.steer:
        it.steer.do("StartPhase", phase="solutions")
        it.steer.do("Begin", phase="solutions")
        yield it
    it.room.close()
    assert it.room.problems == []


def card(desk: Page, idea: str) -> Locator:
    return desk.locator(f'[data-card="{idea}"]')


def inside(desk: Page, cluster: str, idea: str) -> Locator:
    return desk.locator(f'[data-cluster="{cluster}"] [data-card="{idea}"]')


def middle(it: Locator) -> tuple[float, float]:
    it.scroll_into_view_if_needed()
    box = it.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def pick_up(desk: Page, idea: str, target: Locator) -> None:
    """Press on a card and carry it over something, without letting go."""
    to = middle(target)
    at = middle(card(desk, idea))
    desk.mouse.move(*at)
    desk.mouse.down()
    desk.mouse.move(at[0] + 20, at[1] + 20, steps=3)
    desk.mouse.move(*to, steps=6)
