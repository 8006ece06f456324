"""After a session was deleted: who shows that they took part in it is told so, and nobody else learns anything.

A refusal makes a device forget, so it must be true: only this very server, that still knows that this very session was
deleted, gives it. A code that is unknown, be it on a wrong server, is no such sign.
"""

from pathlib import Path
from typing import Any

import pytest
import socketio

from facilitate.live.lobby import Lobby
from facilitate.live.tokens import Tokens
from facilitate.store import Store
from facilitate.store.memory import MemoryStore
from facilitate.store.sqlite import SqliteStore
from tests.hall import Client, Hall, hall
from tests.test_access import house, key_of

pytestmark = pytest.mark.usefixtures("at_once")


async def refused(room: Hall, code: str, token: str | None, **more: Any) -> str:
    """The key with which a connection is refused."""
    sio, errors = socketio.AsyncClient(reconnection=False), list[Any]()
    sio.on("connect_error", lambda data: errors.append(data), namespace="/live")
    auth = {"code": code, **({"token": token} if token else {}), **more}
    with pytest.raises(socketio.exceptions.ConnectionError):
        await sio.connect(room.url, auth=auth, namespaces=["/live"], transports=["websocket"])
    await sio.disconnect()
    return str(errors[0]["message"])


async def held(room: Hall, code: str) -> dict[str, str]:
    """What a phone, a screen and a desk show when they come again."""
    session = (await room.lobby.find(code)).session
    phone = await Client(room.url, code).open()
    await phone.close()
    link = room.lobby.access(await room.lobby.issue(session, "facilitator"))
    assert link is not None
    assert phone.token is not None
    return {
        "phone": phone.token,
        "screen": room.lobby.screen_token(session),
        "desk": room.lobby.live_token(link, session),
    }


@pytest.mark.server
@pytest.mark.parametrize("store", [MemoryStore, SqliteStore])
async def test_whoever_shows_a_token_of_it_is_told_that_it_was_deleted(store: type[Store], tmp_path: Path) -> None:
    def opened() -> Store:
        return MemoryStore() if store is MemoryStore else SqliteStore(tmp_path / "facilitate.sqlite")

    async with hall(opened) as room:
        code = await room.session()
        tokens = await held(room, code)
        await room.lobby.delete((await room.lobby.find(code)).session)
        for who, token in tokens.items():
            assert await refused(room, code, token) == "session.deleted", who
        assert await refused(room, code, None) == "session.unknown"
        assert await refused(room, code, tokens["phone"][:-2]) == "session.unknown"


@pytest.mark.server
async def test_also_where_another_session_has_its_code_by_now() -> None:
    """What is kept for the old one must not be sent to the new one."""
    async with hall() as room:
        old, new = await room.session(), await room.session()
        tokens = await held(room, old)
        other = await held(room, new)
        await room.lobby.delete((await room.lobby.find(old)).session)
        assert await refused(room, new, tokens["phone"]) == "session.deleted"
        again = await Client(room.url, new, token=other["phone"]).open()
        await again.close()


@pytest.mark.server
@pytest.mark.parametrize("why", ["another key", "another folder", "still there"])
async def test_no_mistake_of_a_server_is_taken_for_a_deletion(why: str) -> None:
    async with hall() as elsewhere, hall() as room:
        code = await room.session()
        token = (await held(room, code))["phone"]
        if why == "another key":
            room.lobby.tokens = Tokens(b"x" * 32)
            await room.lobby.delete((await room.lobby.find(code)).session)
            assert await refused(room, code, token) == "session.unknown"
        elif why == "another folder":
            assert await refused(elsewhere, code, token) == "session.unknown"
        else:
            assert await refused(room, await room.session(), token) == "token.invalid"


@pytest.mark.server
async def test_a_hall_that_comes_back_after_the_deletion_tries_no_codes() -> None:
    """All behind one address: whoever mistypes another code there is told so, and not to wait."""
    async with hall() as room:
        code = await room.session()
        token = (await held(room, code))["phone"]
        await room.lobby.delete((await room.lobby.find(code)).session)
        for _ in range(40):
            assert await refused(room, code, token) == "session.deleted"
        assert await refused(room, "AAAAAA", None) == "session.unknown"


async def test_our_own_pages_ask_and_are_told() -> None:
    async with house() as it:
        lobby: Lobby = it.lobby
        ours, other = it.ours, it.other
        screen, staying = lobby.screen_token(ours.id), lobby.screen_token(other.id)
        link = await lobby.look_up(it.facilitator)
        assert link is not None
        desk = lobby.live_token(link, ours.id)
        phone, _ = lobby.tokens.new_participant(ours.id, None)
        await it.enter(it.facilitator)

        async def deleted(token: object) -> bool:
            answer = await it.client.post("/auth/deleted", json={"token": token})
            assert answer.status_code == 200
            return bool(answer.json()["deleted"])

        assert not await deleted(phone)
        await lobby.delete(ours.id)
        for token in (phone, screen, desk):
            assert await deleted(token)
        for nothing in (staying, "x", "", None, 7, phone[:-1], "x" * 3000):
            assert not await deleted(nothing)
        for path, token in (("/auth/screen/{code}", screen), ("/auth/live/{code}", desk)):
            answer = await it.client.post(it.path(path), json={"token": token})
            assert (answer.status_code, key_of(answer)) == (410, "session.deleted")
        again = await it.client.post(it.path("/auth/screen/{code}", other), json={"token": staying})
        assert again.status_code == 200
