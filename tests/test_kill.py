"""A server that is killed in the middle of everything: what was acknowledged is there, once, and all go on."""

import asyncio
import json
import secrets
import signal
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import pytest

from facilitate.live.phones import Phone, Watch
from facilitate.store.sqlite import SqliteStore
from tests.server import Server, serving

PHONES = 20
PAUSE = (0.05, 0.35)  # seconds between two commands of a phone
LIFE = (0.3, 1.5)  # seconds that a server lives under load


class Writer:
    """Somebody who writes on and on. `said` is every command that was acknowledged: its id and kind."""

    def __init__(self, phone: Phone, number: int) -> None:
        self.phone = phone
        self.number = number
        self.random = Random(number)
        self.said: dict[str, str] = {}
        self.texts: dict[str, str | None] = {}

    async def write(self, enough: asyncio.Event) -> None:
        while not enough.is_set():
            await asyncio.sleep(self.random.uniform(*PAUSE))
            standing = [idea for idea, text in self.texts.items() if text]
            turn = self.random.random()
            text = f"{self.number}.{len(self.said)}"
            if not standing or turn < 0.7:
                answer = await self._say("PostIdea", phase="collect", text=text)
                self.texts[answer["id"]] = text
            elif turn < 0.9:
                await self._say("EditIdea", idea=(idea := self.random.choice(standing)), text=text)
                self.texts[idea] = text
            else:
                await self._say("WithdrawIdea", idea=(idea := standing[0]))
                self.texts[idea] = None

    async def _say(self, kind: str, **fields: Any) -> dict[str, Any]:
        answer = await self.phone.do(kind, id=secrets.token_urlsafe(15), **fields)
        assert answer["ok"], answer
        self.said[answer["id"]] = kind
        return answer


@pytest.mark.parametrize("times", [3, pytest.param(20, marks=pytest.mark.slow)])
async def test_nothing_acknowledged_is_lost_or_doubled_when_the_server_is_killed(
    times: int, environment: dict[str, str], tmp_path: Path
) -> None:
    random = Random(times)
    with serving(tmp_path, environment) as server:
        code = server.new("quick-vote")["code"]
        async with aiohttp.ClientSession() as http:
            watch = Watch()
            desk = await Phone(server.url, code, http, watch, server.owner).open()
            phones = [await Phone(server.url, code, http, watch).open() for _ in range(PHONES)]
            assert (await desk.do("StartPhase", phase="collect"))["ok"]
            writers = [Writer(phone, number) for number, phone in enumerate(phones)]
            enough = asyncio.Event()
            writing = [asyncio.create_task(writer.write(enough)) for writer in writers]
            for _ in range(times):
                await asyncio.sleep(random.uniform(*LIFE))
                await asyncio.to_thread(kill_and_start, server)
                await all_are_back([desk, *phones])
            await asyncio.sleep(random.uniform(*LIFE))
            enough.set()
            await asyncio.gather(*writing)
            assert watch.reconnects >= times * (PHONES + 1), "every kill was felt by all"
            await all_are_whole([desk, *phones], writers, http)
            for phone in (desk, *phones):
                await phone.close()
        server.stop()
        the_log_holds_each_command_once(tmp_path / "facilitate.sqlite", writers)
        said = sum(len(writer.said) for writer in writers)
        print(f"\n{times} kills: {said} commands acknowledged, all there once; {watch.reconnects} lines broken")


def kill_and_start(server: Server) -> None:
    code, _, _ = server.stop(signal.SIGKILL)
    assert code == -signal.SIGKILL
    server.start()


async def all_are_back(phones: list[Phone]) -> None:
    for phone in phones:
        assert await phone.until(lambda phone=phone: phone.is_online, 30)  # type: ignore[misc]


async def all_are_whole(phones: list[Phone], writers: list[Writer], http: aiohttp.ClientSession) -> None:
    """Every phone holds what stands, with its last text, and nothing else that a fresh one of the same person lacks."""
    standing = {idea: text for writer in writers for idea, text in writer.texts.items() if text}
    assert len(standing) > PHONES

    def texts(phone: Phone) -> dict[str, str]:
        return {idea["id"]: idea["text"] for idea in phone.all("idea")}

    for phone in phones:
        await phone.until(lambda phone=phone: texts(phone) == standing, 20)  # type: ignore[misc]
        assert texts(phone) == standing
        fresh = await Phone(phone.url, phone.code, http, Watch(), phone.token).open()
        assert fresh.you["id"] == phone.you["id"]
        assert fresh.records.held == phone.records.held
        await fresh.close()


def the_log_holds_each_command_once(file: Path, writers: list[Writer]) -> None:
    store = SqliteStore(file)
    (entry,) = store.sessions()
    events = list(store.read(entry.id))
    store.close()
    said = {id_: kind for writer in writers for id_, kind in writer.said.items()}
    facts = {"PostIdea": "IdeaPosted", "EditIdea": "IdeaEdited", "WithdrawIdea": "IdeaWithdrawn"}
    logged = Counter((event.command, event.kind) for event in events if event.kind in facts.values())
    assert logged == Counter((id_, facts[kind]) for id_, kind in said.items())
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    numbers = [json.loads(event.data)["number"] for event in events if event.kind == "IdeaPosted"]
    assert numbers == list(range(1, len(numbers) + 1)), "no number is given twice or left out"
