"""How many people an ordinary NiceGUI board holds at a p95 of 250 ms, and how many ours does at the same rate.

The board's pages are loaded over HTTP and driven over NiceGUI's own protocol, as its browser script does it: the text
of the field is one event, the return key another. In its favour: nothing is compressed, and nobody types.
"""

import ast
import asyncio
import json
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from html import unescape
from typing import Any

import aiohttp

from tests.bench import crowd
from tests.bench.driver import Meeting, cost, play, settled, until
from tests.bench.phones import Phone
from tests.bench.posts import TEXT
from tests.bench.scenarios import Scenario, Size
from tests.bench.servers import Server, ours, plain_board
from tests.bench.table import Row, spread

RATE = 20  # posts a second
SECONDS = 6
LIMIT = 250.0  # ms
PLAIN = (10, 20, 40, 60, 80, 120, 160, 240, 320)
OURS = (500, 1000, 1500, 2000, 2500, 3000, 4000, 6000)
PATIENCE = 10.0  # seconds
ACK = 3.0  # seconds between two acknowledgements, as NiceGUI's script sends them

ELEMENTS = re.compile(r"parseElements\(String\.raw`(.*?)`\)", re.DOTALL)
QUERY = re.compile(r"query: (\{.*?\}),\s+extraHeaders", re.DOTALL)
IDEA = re.compile(rb"sent at (\d+)")
NUMBER = re.compile(rb'"_id":(\d+)')


class Page(Phone):
    """One browser with the board open. `seen` are the seconds from each post to its coming here."""

    def __init__(self, query: dict[str, Any], elements: dict[str, Any]) -> None:
        super().__init__({}, full=False)
        self.client = query["client_id"]
        given = {**query, "document_id": self.client, "tab_id": self.client, "old_tab_id": "null"}
        words = "&".join(f"{name}={json.dumps(value) if value is True else value}" for name, value in given.items())
        self.path = f"/_nicegui_ws/socket.io/?EIO=4&transport=websocket&{words}"
        self.next = query["next_message_id"]
        self.seen: list[float] = []
        self.field, events = next(
            (id_, element["events"]) for id_, element in elements.items() if "input" in element.get("tag", "")
        )
        self.listeners = {event["type"]: event["listener_id"] for event in events}

    def opened(self) -> None:
        self.send("40")

    def hear(self, message: bytes) -> None:
        now = time.perf_counter()
        if message == b"2":
            self.send("3")
        elif message.startswith(b"40") and not self.welcomed.done():
            self.welcomed.set_result(now)
        elif message.startswith(b"44") and not self.welcomed.done():
            self.welcomed.set_exception(ConnectionRefusedError(message.decode()))
        elif message.startswith(b"42"):
            self.seen += [now - int(sent) / 1e6 for sent in IDEA.findall(message)]
            for number in NUMBER.findall(message)[-1:]:
                self.next = int(number) + 1

    def ack(self) -> None:
        self.send("42" + json.dumps(["ack", {"client_id": self.client, "next_message_id": self.next}]))

    def post(self) -> None:
        text = f"{TEXT}, sent at {time.perf_counter() * 1e6:.0f}"
        self._event("update:value", [json.dumps(text)])
        self._event("keydown", [])

    def _event(self, type_: str, args: list[str]) -> None:
        listener = next(id_ for of, id_ in self.listeners.items() if of.startswith(type_))
        event = {"id": int(self.field), "client_id": self.client, "listener_id": listener, "args": args}
        self.send("42" + json.dumps(["event", event]))


Serve = Callable[[], AbstractContextManager[Server]]


@dataclass(frozen=True)
class Board:
    server: Server
    people: int
    rate: float
    seconds: float
    quiet: float


def opened(server: Server, people: int, size: Size) -> Row:
    board = Board(server, people, size(RATE, 5), size(SECONDS, 1), size.quiet)
    results, marks = play(part, board, people, server.process)
    posts, seen = sum(posts for posts, _, _ in results), [value for _, seen, _ in results for value in seen]
    return Row(
        what=f"ordinary NiceGUI board, {board.rate:.0f} posts/s",
        people=people,
        seen=spread(seen),
        lost=max(0, posts * people - len(seen)),
        doubled=max(0, len(seen) - posts * people),
        bytes_per_phone=sum(bytes_ for _, _, bytes_ in results) // people,
        **cost(marks, end="seen"),
    )


async def part(board: Board, share: range, meet: Meeting) -> tuple[int, list[float], int]:
    """(posts of this process, seconds to each sight of any post, bytes)."""
    async with aiohttp.ClientSession() as http:
        pages = [await browse(http, board.server.port) for _ in share]
    start = await settled(meet, board.quiet)
    for page in pages:
        page.bytes = 0
    acking = asyncio.create_task(acknowledge(pages))
    posts = round(board.rate * board.seconds * len(share) / board.people)
    chance = random.Random(share.start)
    for turn in range(posts):
        await until(start + (turn + chance.random()) * board.seconds / posts)
        chance.choice(pages).post()
    everything = sum(await meet("posted", posts))
    patience = time.perf_counter() + PATIENCE
    while time.perf_counter() < patience and any(len(page.seen) < everything for page in pages):  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    await meet("seen")
    acking.cancel()
    for page in pages:
        page.close()
    return posts, [value for page in pages for value in page.seen], sum(page.bytes for page in pages)


async def browse(http: aiohttp.ClientSession, port: int) -> Page:
    async with http.get(f"http://127.0.0.1:{port}/") as answer:
        html = await answer.text()
    query, elements = QUERY.search(html), ELEMENTS.search(html)
    assert query is not None
    assert elements is not None
    given = ast.literal_eval(query[1]), json.loads(unescape(elements[1]))
    _, page = await asyncio.get_running_loop().create_connection(lambda: Page(*given), "127.0.0.1", port)
    await page.welcomed
    return page


async def acknowledge(pages: list[Page]) -> None:
    while True:
        await asyncio.sleep(ACK)
        for page in pages:
            page.ack()


def steps(sizes: Sequence[int], serve: Serve, load: Callable[[Server, int], Row]) -> Iterator[Row]:
    """More and more people, up to the first number that is too many twice: the machine may have had other work."""
    for people in sizes:
        for _ in range(2):
            with serve() as server:
                row = load(server, people)
            yield row
            if holds(row):
                break
        else:
            return


def holds(row: Row) -> bool:
    return row.seen is not None and row.seen[1] < LIMIT and not row.lost


def compared(size: Size) -> Iterator[Row]:
    def plain(server: Server, people: int) -> Row:
        return opened(server, people, size)

    def usual(server: Server, people: int) -> Row:
        load = crowd.Load(server, people, size(RATE, 5), size(SECONDS, 1), quiet=size.quiet)
        return crowd.measure(f"ours, {load.rate:.0f} posts/s (beside NiceGUI's)", load)

    most: list[int] = []
    tries: list[tuple[Sequence[int], Serve, Callable[[Server, int], Row]]] = [
        ((5,) if size.short else PLAIN, plain_board, plain),
        ((100,) if size.short else OURS, ours, usual),
    ]
    for sizes, serve, load in tries:
        rows = []
        for row in steps(sizes, serve, load):
            yield row
            rows.append(row)
        most.append(max((row.people for row in rows if holds(row)), default=0))
    theirs, mine = most
    besides = {"ordinary": theirs, "ours": mine, "times": round(mine / max(1, theirs), 1)}
    yield Row(what=f"people at a p95 of {LIMIT:.0f} ms, {RATE} posts/s", besides=besides)


SCENARIOS = [Scenario("as many people as an ordinary NiceGUI board holds", "at least 20 x at p95 250 ms", compared)]
