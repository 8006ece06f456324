"""The short way: commands that pass Engine.IO by are answered like the others, and nonsense harms nobody."""

import asyncio
import json
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from facilitate.app import Settings, listening
from facilitate.live import wire
from tests.hall import Client, Hall, hall


@asynccontextmanager
async def line(it: Hall, code: str) -> AsyncIterator[ClientConnection]:
    """A WebSocket of ours that has been welcomed."""
    address = it.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    async with connect(address, compression=None, max_size=None) as socket:
        await socket.recv()
        await socket.send("40/live," + json.dumps({"code": code}))
        while not str(await socket.recv()).startswith('42/live,["welcome"'):
            pass
        yield socket


async def answer_to(socket: ClientConnection, number: int) -> Any:
    head = f"43/live,{number}["
    while True:
        text = str(await socket.recv())
        if text.startswith(head):
            return json.loads(text[len(head) - 1 :])[0]


def post(number: int, text: str = "An idea", **more: Any) -> str:
    command = {"kind": "PostIdea", "id": f"command-{number:09d}", "phase": "collect", "text": text, **more}
    return f"42/live,{number}" + json.dumps(["do", command], ensure_ascii=False)


async def opened(it: Hall) -> tuple[str, Client]:
    code = await it.session()
    desk = await Client(it.url, code, token=it.lobby.owner_token()).open()
    assert (await desk.do("StartPhase", phase="collect"))["ok"]
    return code, desk


async def test_a_command_takes_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    async with hall() as it:
        code, desk = await opened(it)

        async def refuse(*_: Any) -> None:
            raise AssertionError("the long way")

        monkeypatch.setattr(it.live, "on_do", refuse)
        async with line(it, code) as socket:
            await socket.send(post(1, "Grüße, 你好, <script>"))
            answer = await answer_to(socket, 1)
            assert answer["ok"]
            await socket.send(post(1, "Grüße, 你好, <script>"))
            assert await answer_to(socket, 1) == answer
            await desk.texts(1)
            assert desk.all("idea")[0]["text"] == "Grüße, 你好, <script>"
        await desk.close()


async def test_a_command_in_fragments_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async with hall() as it:
        code, desk = await opened(it)
        async with line(it, code) as socket:
            text = post(7, "In three parts")
            await socket.send([text[:5], text[5:40], text[40:]])
            assert (await answer_to(socket, 7))["ok"]
        await desk.close()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('42/live,3["do"]', "command.malformed"),
        ('42/live,3["do",[]]', "command.malformed"),
        ('42/live,3["do",{"kind":"Nothing","id":"0123456789abcdef"}]', "command.unknown"),
        ('42/live,3["do",' + "[" * 200 + "]" * 200 + "]", "command.large"),
        ('42/live,3["do",{"kind":"' + "x" * 70_000 + '"}]', "command.large"),
        ('42/live,3["dance",1]', "command.unknown"),
    ],
)
async def test_nonsense_is_answered_with_a_refusal(text: str, key: str) -> None:
    async with hall() as it:
        code, desk = await opened(it)
        async with line(it, code) as socket:
            await socket.send(text)
            assert (await answer_to(socket, 3))["error"]["key"] == key
            await socket.send(post(4))
            assert (await answer_to(socket, 4))["ok"]
        await desk.close()


@pytest.mark.parametrize("text", ["42/live,", "42/live,1", "42/live,1[", '42/live,["do",{}]', "42/live,x[]", "2", "x"])
async def test_nonsense_without_an_answer_harms_nobody_else(text: str) -> None:
    async with hall() as it:
        code, desk = await opened(it)
        async with line(it, code) as socket, line(it, code) as other:
            await socket.send(text)
            await other.send(post(5))
            assert (await answer_to(other, 5))["ok"]
        await desk.close()


async def test_a_mistake_of_ours_is_answered_and_the_line_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    async with hall() as it:
        code, desk = await opened(it)
        async with line(it, code) as socket:
            with monkeypatch.context() as broken:
                broken.setattr(it.live, "_enqueued", lambda sid, raw: 1 / 0)
                await socket.send(post(8))
                assert (await answer_to(socket, 8))["error"]["key"] == "command.failed"
            await socket.send(post(9))
            assert (await answer_to(socket, 9))["ok"]
        await desk.close()


def test_only_our_own_commands_are_taken() -> None:
    assert wire.asked(b'42/live,12["do",{"a":1}]') == (b"12", {"a": 1})
    assert wire.asked(b'42/live,12["do"]') == (b"12", None)
    others = (b"3", b'42["do",{}]', b'42/live,["do",{}]', b'42/live,1["resume",{}]', b'42/live,1["do",{]', b"42/live,")
    for text in others:
        assert wire.asked(text) is None


async def test_small_frames_do_not_wait_for_one_another() -> None:
    """On any event loop: what is sent behind an answer goes at once, and not when the phone has confirmed that one."""
    accepted: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    bound = listening(Settings(data=Path(), host="127.0.0.1", port=0))
    server = await asyncio.start_server(lambda _, line: accepted.set_result(line), sock=bound)
    _, phone = await asyncio.open_connection(*bound.getsockname())
    line = await asyncio.wait_for(accepted, 10)
    assert line.get_extra_info("socket").getsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY)
    for end in (phone, line, server):
        end.close()
        await end.wait_closed()
