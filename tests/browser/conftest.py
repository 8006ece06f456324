"""What browser tests share: rooms that are closed at the end, without a complaint of any of their pages."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.room import Room
from tests.browser.sorting import Sorting, sorting_on
from tests.browser.steering import Steering, steering
from tests.server import Server

# Other tests run beside this one, and the machine may be slow: what does come late comes.
expect.set_options(timeout=15_000)


@pytest.fixture
def opened(browser: Browser, server: Server) -> Iterator[Callable[..., Room]]:
    """Open a room of a new session; what is asked for goes to the session."""
    rooms: list[Room] = []

    def room(**wish: object) -> Room:
        rooms.append(Room(browser, server, **wish))
        return rooms[-1]

    yield room
    for it in rooms:
        it.close()
    assert [problem for it in rooms for problem in it.problems] == []


@pytest.fixture
def wire(room: Room, server: Server) -> Iterator[Steering]:
    """Somebody at a second desk of the test's room, over the wire."""
    with steering(server, room.code, room.created["tokens"]["facilitator"]) as it:
        yield it


@pytest.fixture
def sorting(browser: Browser, server: Server) -> Iterator[Sorting]:
    """A board on which people place their own cards."""
    yield from sorting_on(browser, server)
