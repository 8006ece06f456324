"""Word hints: asked for by desks about what they show, answered beside the path of an idea, never told to a phone."""

import asyncio
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import pytest

from facilitate.live import hints
from facilitate.live.limits import Rate, Rates
from tests.hall import Client, Hall, hall

Opens = Literal["facilitator", "theme", "moderator", "screen"]
RUDE, FINE = "what an asshole", "A fair assessment"


async def opened(room: Hall, code: str, role: Opens | Literal["participant"]) -> Client:
    """A connection with a link of this role, or without one."""
    if role == "participant":
        return await Client(room.url, code).open()
    session = (await room.lobby.find(code)).session
    return await Client(room.url, code, token=await room.lobby.issue(session, role)).open()


def reads(client: Client, text: str) -> bool:
    return any(idea["text"] == text for idea in client.all("idea"))


async def ask(client: Client, **fields: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await client.sio.call("ask", {"kind": "hints", **fields}, namespace="/live", timeout=10)
    return answer


@pytest.mark.parametrize(
    ("languages", "text", "flagged"),
    [
        (("de",), "So ein Arschloch!", True),
        (("de", "en"), "what an asshole", True),
        (("de",), "what an asshole", False),
        (("de-leicht",), "So ein Arschloch!", True),
        (("de", "en"), "Behinderte Menschen, Schwule und Lesben einbeziehen", False),
        (("de", "en"), "Analyse der Klassenzimmer in Scunthorpe", False),
        (("xx",), "asshole", False),
        ((), "asshole", False),
    ],
)
def test_whole_words_in_the_sessions_languages(languages: tuple[str, ...], text: str, flagged: bool) -> None:
    """Who is spoken of is no insult, and a part of a word is none."""
    assert hints.flags(text, languages) is flagged


def test_without_the_extra_nothing_is_flagged(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing breaks."""
    hints._filter.cache_clear()
    monkeypatch.setitem(sys.modules, "glin_profanity", None)
    assert not hints.flags("asshole", ("en",))
    hints._filter.cache_clear()


def test_a_desk_asks_only_where_something_can_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the extra, and a list for one of the session's languages."""
    assert hints.are_there(("xx", "de-leicht"))
    assert not hints.are_there(("xx",))
    monkeypatch.setattr(hints, "find_spec", lambda name: None)
    assert not hints.are_there(("de",))


@pytest.mark.parametrize(
    ("role", "answered"),
    [("facilitator", True), ("theme", True), ("moderator", True), ("participant", False), ("screen", False)],
)
async def test_desks_alone_are_answered(role: Opens | Literal["participant"], answered: bool) -> None:
    async with hall() as room:
        client = await opened(room, await room.session(languages=["en"]), role)
        answer = await ask(client, texts=[FINE, RUDE, ""])
        assert answer == {"ok": True, "flagged": [1]} if answered else answer["error"]["key"] == "role.refused"
        await client.close()


async def test_no_record_and_no_post_knows_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """An idea goes its way without a look at any list, also past an open desk, and nobody is sent a word of it."""
    looked: list[str] = []
    monkeypatch.setattr(hints, "flags", lambda text, languages: looked.append(text))
    async with hall() as room:
        code = await room.session(languages=["en"])
        desk, screen, phone = [
            await opened(room, code, "facilitator"), await opened(room, code, "screen"),
            await opened(room, code, "participant"),
        ]  # fmt: skip
        await phone.do("Join")
        await desk.do("StartPhase", phase="collect")
        idea = (await phone.do("PostIdea", phase="collect", text=RUDE))["id"]
        await phone.do("EditIdea", idea=idea, text=f"{RUDE}!")
        for client in (desk, screen, phone):
            await client.until(partial(reads, client, f"{RUDE}!"))
            assert "flagged" not in repr(client.frames)
        later = await opened(room, code, "facilitator")
        for client in (desk, screen, phone, later):
            await client.close()
    assert looked == []


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"texts": ["word"] * (hints.MOST + 1)}, "command.malformed"),
        ({"texts": ["x" * 4001] * 5}, "command.large"),
        ({"texts": ["x" * 1_000] * 70}, "command.large"),
        ({"texts": "word"}, "command.malformed"),
        ({"texts": [1]}, "command.malformed"),
        ({"texts": [], "more": 1}, "command.malformed"),
        ({}, "command.malformed"),
    ],
)
async def test_a_question_has_bounds(fields: dict[str, Any], key: str) -> None:
    async with hall() as room:
        desk = await opened(room, await room.session(), "facilitator")
        assert (await ask(desk, **fields))["error"]["key"] == key
        await desk.close()


async def test_questions_have_a_rate_of_their_own() -> None:
    """Whoever asks too often is told when to come again; suggestions and commands are not held up by it."""
    async with hall(rates=Rates(hints=Rate(1, 2))) as room:
        code = await room.session()
        desk, other = [await opened(room, code, "facilitator") for _ in range(2)]
        answers = [await ask(desk, texts=[FINE]) for _ in range(3)]
        assert [answer["ok"] for answer in answers] == [True, True, False]
        assert answers[-1]["error"]["key"] == "rate.slow-down"
        assert answers[-1]["error"]["retry"] > 0
        assert (await ask(other, texts=[FINE]))["ok"], "each desk has its own"
        asked = {"kind": "duplicates", "board": "options"}
        assert (await desk.sio.call("ask", asked, namespace="/live", timeout=30))["ok"]
        assert (await desk.do("StartPhase", phase="collect"))["ok"]
        for client in (desk, other):
            await client.close()


async def test_an_answer_is_kept_and_its_text_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is erased does not live on in memory. Other languages are another question, and old answers make room."""
    monkeypatch.setattr(hints, "_answers", {})
    monkeypatch.setattr(hints, "KEPT", 2)
    looked: list[str] = []

    def looks(text: str, languages: tuple[str, ...]) -> bool:
        looked.append(text)
        return True

    monkeypatch.setattr(hints, "flags", looks)
    for languages in (("en",), ("en",), ("de",)):
        assert await hints.flagged(hints.Wish("hints", [RUDE]), languages) == [0]
    assert looked == [RUDE, RUDE]
    assert RUDE not in repr(hints._answers)
    assert len(hints._answers) == 2
    await hints.flagged(hints.Wish("hints", [FINE]), ("en",))
    assert len(hints._answers) == 2


async def test_nobody_waits_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a list is looked through, ideas are stored and answered as ever."""
    real: Callable[..., bool] = hints.flags

    def slow(text: str, languages: tuple[str, ...]) -> bool:
        time.sleep(0.05)
        return real(text, languages)

    monkeypatch.setattr(hints, "flags", slow)
    async with hall() as room:
        code = await room.session(languages=["en"])
        desk, phone = await opened(room, code, "facilitator"), await opened(room, code, "participant")
        await phone.do("Join")
        await desk.do("StartPhase", phase="collect")
        question = asyncio.create_task(ask(desk, texts=[f"{RUDE} {n}" for n in range(60)]))
        for number in range(20):
            assert (await phone.do("PostIdea", phase="collect", text=f"card {number}"))["ok"]
            assert not question.done()
        assert len((await question)["flagged"]) == 60
        await desk.close()
        await phone.close()
