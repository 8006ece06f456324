"""While a very large session is opened, steered and taken home, the event loop has its turn again and again.

What counts is how long the loop's own thread computes without a break, in seconds of the processor: so other programs
make no difference. `test_pauses.py` measures what a phone in another session feels of it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from facilitate import exports
from facilitate.core import commands
from facilitate.core.actors import Actor
from facilitate.core.copies import all_copies
from facilitate.core.decide import replay
from facilitate.live import fanout, runner
from facilitate.live import writer as aside_writer
from facilitate.live.fanout import Fanout
from facilitate.live.lobby import Lobby, PhaseWish
from facilitate.live.reports import drawn_up
from facilitate.live.runner import Runner
from facilitate.live.writer import Writer
from facilitate.store import Append
from facilitate.store.memory import MemoryStore
from facilitate.store.sqlite import SqliteStore
from facilitate.ui.api import written
from tests.hall import Client, hall
from tests.masses import DESK, RULES, Mass

CARDS = 20_000
MOST = 0.04  # seconds of the processor; without going aside it is a quarter of a second and more
CODE = "MASSAA"


class Heart:
    """Beats as often as the loop lets it; `longest` is the longest that the loop computed between two beats."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.task = asyncio.create_task(self.beat())

    async def beat(self) -> None:
        before = time.thread_time()
        while True:
            await asyncio.sleep(0.001)
            now = time.thread_time()
            self.longest, before = max(self.longest, now - before), now


@pytest.fixture(scope="module")
def mass() -> Mass:
    return Mass(CARDS)


class Walk:
    def __init__(self, lobby: Lobby) -> None:
        self.lobby = lobby
        self.found: dict[str, float] = {}
        self.given = 0

    async def step(self, name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        heart = Heart()
        await asyncio.sleep(0.01)
        heart.longest = 0.0
        try:
            return await work()
        finally:
            await asyncio.sleep(0.05)  # what follows from it
            heart.task.cancel()
            self.found[name] = heart.longest

    async def do(self, kind: str, **fields: Any) -> str:
        self.given += 1
        command = commands.read({"kind": kind, "id": f"{kind}-{self.given:016d}", **fields})
        await self.step(f"{self.given} {kind}", lambda: self.runner.do(command, DESK))
        return command.id

    async def go(self) -> None:
        self.runner: Runner = await self.step("open", lambda: self.lobby.find(CODE))
        there = Fanout(self.runner, None, None)  # type: ignore[arg-type]
        await self.step("a phone comes", lambda: there.expect(Actor("participant", "somebody", b"secret")))
        await self.step("counts", self.counted)
        await self.step("draw", lambda: drawn_up(self.runner, self.lobby, "en"))
        revealed = await self.do("RevealIdeas", board="wall")
        await self.do("Undo", command=revealed)
        await self.do("RevealIdeas", board="wall")
        for kind in exports.kinds():
            await self.step(kind, partial(written, self.runner, self.lobby, kind, "en"))
        await self.do("MergeClusters", into="cluster-00", clusters=[f"cluster-{n:02d}" for n in range(1, 60)])
        await self.do("CarryForward", board="wall", phase="approve", top=50)
        await self.do("HideIdea", idea="card-000041")
        await self.do("StartPhase", phase="third")
        await self.do("ShowResults", round=next(reversed(self.runner.state.rounds)))
        await self.do("EraseIdea", idea="card-000045")

    async def counted(self) -> None:
        self.runner.counts()


async def test_the_loop_has_its_turn(mass: Mass) -> None:
    async with hall() as room:
        await room.lobby.writer.call(lambda store: mass.store(store, "session-of-many", CODE))
        await asyncio.sleep(0.2)  # the list of sessions is read at most every tenth of a second
        walk = Walk(room.lobby)
        await walk.go()
    print({step: round(1000 * longest) for step, longest in walk.found.items()})
    assert {step: round(1000 * longest) for step, longest in walk.found.items() if longest > MOST} == {}


@pytest.fixture
def all_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a session of thousands of cards, with a few."""
    for module in (runner, fanout):
        monkeypatch.setattr(module, "MANY", 1)
    monkeypatch.setattr(fanout, "SLICE", 1)
    monkeypatch.setattr(runner, "PAGE", 2)


class Slow(MemoryStore):
    """Notes down in which order rows of the copy came."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[str] = []

    def append(self, batch: Sequence[Append]) -> list[Exception | None]:
        self.order += [one.session for one in batch]
        return super().append(batch)


async def test_others_are_stored_between_the_rows_of_thousands_of_cards(mass: Mass) -> None:
    """A command that touches all cards of a session is stored at once, and its readable copy by lots."""
    store = Slow()
    writer = Writer(lambda: store)
    await writer.start()
    large = asyncio.create_task(writer.append(mass.whole("large", "LARGE2")))
    await asyncio.sleep(0)
    await writer.append(Append(session="small", expected=0, events=()))
    await large
    await writer.close()
    assert len(store.order) - 1 - store.order.index("small") > 1
    assert len(store.rows("ideas")) == CARDS


@pytest.mark.parametrize("crash", [False, True])
async def test_a_copy_that_is_not_whole_is_made_whole_at_the_next_start(
    mass: Mass, tmp_path: Path, crash: bool
) -> None:
    large = mass.whole("large", "LARGE2")
    writer = Writer(lambda: SqliteStore(tmp_path / "facilitate.sqlite"))
    await writer.start()
    if crash:
        lots = aside_writer._lots(large)
        await writer._enqueue(lots[0])
    else:
        await writer.append(large)
    await writer.close()
    with closing(SqliteStore(tmp_path / "facilitate.sqlite")) as opened:
        assert opened.db.table("due").count == crash
        opened.renew(lambda log: all_copies(replay(log), RULES))
        assert opened.db.table("due").count == 0
        assert len(opened.rows("ideas")) == CARDS


def alike(one: Client, other: Client) -> bool:
    return one.records == other.records


@pytest.mark.server
async def test_what_is_done_aside_comes_to_all(all_aside: None) -> None:
    """A reveal touches what many wrote; who comes or writes meanwhile, and who was there, hold the same at the end."""
    async with hall() as room:
        code = await room.session(phases={"collect": PhaseWish(settings={"private": True})})
        session = await room.lobby.find(code)
        desk = await Client(room.url, code, token=await room.lobby.issue(session.session, "facilitator")).open()
        await desk.do("StartPhase", phase="collect")
        phones = [await Client(room.url, code).open() for _ in range(6)]
        for number in range(5):
            await asyncio.gather(*(phone.insist("PostIdea", phase="collect", text=f"{number}") for phone in phones))
        revealing = asyncio.create_task(desk.do("RevealIdeas", board="options"))
        coming = [asyncio.create_task(Client(room.url, code, token=phone.token).open()) for phone in phones]
        await asyncio.gather(*(phone.insist("PostIdea", phase="collect", text="late") for phone in phones))
        assert (await revealing)["ok"]
        phones += await asyncio.gather(*coming)
        fresh = [await Client(room.url, code, token=phone.token).open() for phone in phones]
        for phone, other in zip(phones, fresh, strict=True):
            await phone.until(partial(alike, phone, other))
            assert len(phone.all("own")) == 6
            assert len(phone.all("idea")) == 36
        for client in (desk, *phones, *fresh):
            await client.close()


@pytest.mark.server
async def test_who_comes_is_not_told_what_was_taken_away(all_aside: None) -> None:
    """All that there is may have been put together a little earlier, for others who came."""
    async with hall() as room:
        code = await room.session()
        session = await room.lobby.find(code)
        desk = await Client(room.url, code, token=await room.lobby.issue(session.session, "facilitator")).open()
        await desk.do("StartPhase", phase="collect")
        cards = [(await desk.do("PostIdea", phase="collect", text=f"card {number}"))["id"] for number in range(3)]
        clients = [desk, await Client(room.url, code).open()]
        for kind, card in zip(("HideIdea", "EraseIdea", "WithdrawIdea"), cards, strict=True):
            assert (await desk.do(kind, idea=card))["ok"]
            await desk.do("PostIdea", phase="collect", text=f"after {kind}")
            for _ in range(2):
                clients.append(await Client(room.url, code).open())
                _, welcome = clients[-1].frames[0]
                assert card not in {record["id"] for record in welcome["put"]}
        for client in clients:
            await client.close()
