"""Word hints as a desk shows them: within a second, on the wall and in the queue, each text asked about once."""

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from tests.browser.room import Room, until
from tests.browser.steering import Steering, steering
from tests.server import Server

FLAG = "Contains a word that may hurt"


@pytest.fixture
def told(browser: Browser, server: Server) -> Iterator[tuple[Room, Steering]]:
    room = Room(browser, server, format="pin-board", languages=["en"])
    with steering(server, room.code, room.created["tokens"]["facilitator"]) as steer:
        steer.do("StartPhase", phase="collect")
        yield room, steer
    room.close()
    assert room.problems == []


class Asked:
    """How many texts each question of a page held, from its next loading on."""

    def __init__(self, page: Page) -> None:
        self.texts: list[int] = []
        page.on("websocket", lambda socket: self.listen(socket))

    def listen(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: self.hear(frame))

    def hear(self, frame: str | bytes) -> None:
        found = re.match(r'42/live,\d+(\["ask".*)', frame if isinstance(frame, str) else frame.decode())
        if found:
            asked: dict[str, Any] = json.loads(found[1])[1]
            self.texts.append(len(asked["texts"]))

    def sum_to(self, number: int) -> bool:
        return sum(self.texts) == number


def test_a_flag_comes_and_goes_with_the_words(told: tuple[Room, Steering]) -> None:
    """On a card, among what was taken down, and not after the words were changed."""
    room, steer = told
    desk = room.desk()
    idea = steer.do("PostIdea", phase="collect", text="what an asshole")
    steer.do("PostIdea", phase="collect", text="a fair assessment")
    card = desk.locator(f'[data-card="{idea}"]')
    expect(card.get_by_text(FLAG)).to_be_visible()
    expect(desk.get_by_text(FLAG)).to_have_count(1)
    steer.do("HideIdea", idea=idea)
    desk.get_by_text("Taken down (1)").click()
    expect(desk.locator(".queue").get_by_text(FLAG)).to_be_visible()
    steer.do("RestoreIdea", idea=idea)
    steer.do("EditIdea", idea=idea, text="what a neighbour")
    expect(card.get_by_text("what a neighbour")).to_be_visible()
    expect(desk.get_by_text(FLAG)).to_have_count(0)


def test_500_cards_cost_a_few_questions(told: tuple[Room, Steering]) -> None:
    """A hundred texts each; none is asked about twice, whatever happens to its card; a second desk asks for itself."""
    room, steer = told
    ideas = [steer.do("PostIdea", phase="collect", text=f"a card about benches, {n}") for n in range(500)]
    rude = steer.do("PostIdea", phase="collect", text="what an asshole")
    desks = [room.desk(), room.desk(name="second desk")]
    asked = [Asked(desk) for desk in desks]
    for desk in desks:
        desk.reload()
    for desk, questions in zip(desks, asked, strict=True):
        expect(desk.locator(f'[data-card="{rude}"]').get_by_text(FLAG)).to_be_visible(timeout=20_000)
        until(desk, partial(questions.sum_to, 501))
        assert len(questions.texts) <= 7
    steer.do("FormCluster", board="ideas", title="Benches", ideas=ideas[:20])
    steer.do("MoveIdeas", ideas=[rude], cluster=None)
    steer.do("PostIdea", phase="collect", text="a card about benches, 1")
    steer.do("PostIdea", phase="collect", text="something else")
    for desk, questions in zip(desks, asked, strict=True):
        until(desk, partial(questions.sum_to, 502))
        desk.wait_for_timeout(1000)
        assert sum(questions.texts) == 502
        expect(desk.locator(f'[data-card="{rude}"]').get_by_text(FLAG)).to_be_visible()
