"""The door and the links over real sockets: who is let in, who is put out, and what each of them is sent."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
import socketio

from tests.hall import OWNER, Client, Hall, hall


async def until(condition: Callable[[], Any], seconds: float = 10) -> None:
    for _ in range(int(seconds * 50)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("did not come")


async def desk_of(it: Hall, code: str, role: str = "facilitator") -> tuple[Client, str]:
    """A desk and the token of its link."""
    runner = await it.lobby.find(code)
    token = await it.lobby.issue(runner.session, role)  # type: ignore[arg-type]
    return await Client(it.url, code, token=token).open(), token


async def test_from_knocking_to_the_board() -> None:
    """Outside not a byte of what is inside; let in, the phone comes back by itself and gets everything anew."""
    async with hall() as it:
        code = await it.session(format="pin-board")
        desk, _ = await desk_of(it, code)
        await desk.do("SetDoor", door="approval")
        phase = next(phase["id"] for phase in desk.all("phase") if phase["activity"] == "brainstorm")
        await desk.do("StartPhase", phase=phase)
        columns = desk.records["board", desk.records["phase", phase]["board"]]["columns"]
        column = {"column": columns[0]["id"]} if columns else {}
        await desk.do("PostIdea", phase=phase, text="Zebra crossing", **column)
        phone = await Client(it.url, code).open()
        assert (await phone.do("Join"))["ok"]
        await until(lambda: ("place", "place") in phone.records)
        assert phone.records["place", "place"]["state"] == "knocking"
        refused = await phone.do("PostIdea", phase=phase, text="me too", **column)
        assert refused["error"]["key"] == "door.waiting"
        await asyncio.sleep(1.5)  # the counts come by then, where they come
        assert {type_ for type_, _ in phone.records} == {"session", "place"}
        seen = json.dumps(phone.frames)
        for secret in ("Zebra", phase, desk.records["phase", phase]["board"]):
            assert secret not in seen
        assert not [frame for frame in phone.frames if frame[0] == "now"]
        assert phone.counts == {}
        await until(lambda: any(type_ == "knock" for type_, _ in desk.records))
        knock = next(id_ for type_, id_ in desk.records if type_ == "knock")
        gone = asyncio.Event()
        phone.sio.on("disconnect", lambda *_: gone.set(), namespace="/live")
        assert (await desk.do("LetIn", participant=knock))["ok"]
        await asyncio.wait_for(gone.wait(), 10)
        await phone.close()
        await phone.open()  # it remembers where it was: that is of the outside, and does not count
        assert any(record.get("text") == "Zebra crossing" for record in phone.records.values())
        answer = await phone.do("PostIdea", phase=phase, text="me too", **column)
        assert answer["ok"], answer
        await phone.close()
        await desk.close()


async def test_who_is_inside_stays_inside() -> None:
    """A closed door ends no connection of those who have joined; whoever never did sees the door."""
    async with hall() as it:
        code = await it.session(format="pin-board")
        desk, _ = await desk_of(it, code)
        inside = await Client(it.url, code).open()
        await inside.do("Join")
        looker = await Client(it.url, code).open()
        gone = asyncio.Event()
        looker.sio.on("disconnect", lambda *_: gone.set(), namespace="/live")
        await desk.do("SetDoor", door="closed")
        await asyncio.wait_for(gone.wait(), 10)
        await until(lambda: inside.records["session", code]["door"] == "closed")
        assert inside.sio.connected
        again = await Client(it.url, code, token=inside.token).open()
        assert any(type_ == "phase" for type_, _ in again.records)
        stranger = await Client(it.url, code).open()
        assert {type_ for type_, _ in stranger.records} == {"session"}
        assert (await stranger.do("Join"))["error"]["key"] == "door.closed"
        runner = await it.lobby.find(code)
        assert runner.presence.connected == 1, "who waits outside is not here"
        for client in (again, stranger, inside, looker, desk):
            await client.close()


@pytest.mark.parametrize("role", ["facilitator", "theme", "moderator", "owner"])
async def test_a_withdrawn_link_ends_its_open_desk(role: str) -> None:
    """At once, by the link and by the short-lived token that was made of it; the other desks go on."""
    async with hall() as it:
        code = await it.session(format="pin-board")
        runner = await it.lobby.find(code)
        desk, token = await desk_of(it, code, role)
        other, _ = await desk_of(it, code)
        access = it.lobby.access(token)
        assert access is not None
        assert desk.you["role"] == ("facilitator" if role == "owner" else role)
        live = it.lobby.live_token(access, runner.session)
        second = await Client(it.url, code, token=live).open()
        assert it.lobby.opened(runner.session, access.id) == 2
        gone = [asyncio.Event(), asyncio.Event()]
        for client, event in zip((desk, second), gone, strict=True):
            client.sio.on("disconnect", lambda *_, event=event: event.set(), namespace="/live")
        await it.lobby.withdraw(runner.session, access.id)
        await asyncio.wait_for(asyncio.gather(*(event.wait() for event in gone)), 10)
        for kept in (token, live):
            client, errors = Client(it.url, code, token=kept), list[Any]()
            client.sio.on("connect_error", errors.append, namespace="/live")
            with pytest.raises(socketio.exceptions.ConnectionError):
                await client.open()
            assert errors[0]["message"] == "token.revoked"
            await client.close()
        assert (await other.do("StartPhase", phase=next(id_ for t, id_ in other.records if t == "phase")))["ok"]
        await other.close()


async def refusal(client: Client) -> str:
    """The key with which the server refuses it."""
    errors: list[Any] = []
    client.sio.on("connect_error", errors.append, namespace="/live")
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.open()
    await client.close()
    return str(errors[0]["message"])


def going(client: Client) -> asyncio.Event:
    gone = asyncio.Event()
    client.sio.on("disconnect", lambda *_: gone.set(), namespace="/live")
    return gone


async def test_a_renewed_owner_link_ends_what_the_old_one_holds_open() -> None:
    """Another process writes it. Within two seconds, with nobody asking; and no live token of it connects any more."""
    async with hall() as it:
        code = await it.session()
        runner = await it.lobby.find(code)
        access = it.lobby.access(OWNER)
        assert access is not None
        live = it.lobby.live_token(access, runner.session, "~browser")
        desks = [await Client(it.url, code, token=token).open() for token in (OWNER, live)]
        other, _ = await desk_of(it, code)
        phone = await Client(it.url, code).open()
        gone = [going(client) for client in desks]
        it.lobby.owner_token = lambda: "a-token-that-another-process-wrote"
        await asyncio.wait_for(asyncio.gather(*(event.wait() for event in gone)), 2.5)
        assert await refusal(Client(it.url, code, token=live)) == "token.revoked"
        assert await refusal(Client(it.url, code, token=OWNER)) == "token.invalid"
        again = await Client(it.url, code, token="a-token-that-another-process-wrote").open()
        assert all(client.sio.connected for client in (other, phone))
        for client in (other, phone, again, *desks):
            await client.close()


async def test_a_live_token_of_the_old_owner_link_opens_nothing_at_once() -> None:
    """Also before anybody has noticed that there is a new one."""
    async with hall() as it:
        code = await it.session()
        runner = await it.lobby.find(code)
        access = it.lobby.access(OWNER)
        assert access is not None
        live = it.lobby.live_token(access, runner.session)
        it.lobby.owner_token = lambda: "a-token-that-another-process-wrote"
        assert await refusal(Client(it.url, code, token=live)) == "token.revoked"


async def test_a_browser_that_signs_out_leaves_no_desk_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of its other tabs end; the same link in another browser goes on."""
    async with hall() as it:
        code = await it.session()
        runner = await it.lobby.find(code)
        _, token = await desk_of(it, code)
        access = it.lobby.access(token)
        assert access is not None
        lives = [it.lobby.live_token(access, runner.session, name) for name in ("~ours", "~ours", "~theirs")]
        *ours, theirs = [await Client(it.url, code, token=live).open() for live in lives]
        gone = [going(client) for client in ours]
        with monkeypatch.context() as late:
            late.setattr(it.lobby, "withdrawn", lambda: None)
            it.lobby.sign_out("~ours")
            assert (await ours[0].do("SetSound", on=True))["error"]["key"] == "token.revoked", "before the line is cut"
        it.lobby.withdrawn()
        await asyncio.wait_for(asyncio.gather(*(event.wait() for event in gone)), 10)
        assert await refusal(Client(it.url, code, token=lives[0])) == "token.revoked"
        assert (await theirs.do("SetSound", on=True))["ok"]
        for client in (theirs, *ours):
            await client.close()


async def test_a_live_token_without_a_link_opens_no_desk() -> None:
    """As older versions gave them: nothing could take it back. Those of screens have none, now as before."""
    async with hall() as it:
        code = await it.session()
        runner = await it.lobby.find(code)
        old = it.lobby.tokens.live(runner.session, "facilitator", "owner")
        assert await refusal(Client(it.url, code, token=old)) == "token.revoked"
        screen = await Client(it.url, code, token=it.lobby.tokens.live(runner.session, "screen", "s1")).open()
        await screen.close()


async def test_a_helper_may_do_their_part_over_the_wire() -> None:
    """They see what facilitators see, and are refused what is not theirs."""
    async with hall() as it:
        code = await it.session(format="pin-board")
        theme, _ = await desk_of(it, code, "theme")
        phase = next(id_ for type_, id_ in theme.records if type_ == "phase")
        assert "guide" in theme.records["phase", phase]
        assert (await theme.do("StartPhase", phase=phase))["error"]["key"] == "role.refused"
        board = next(id_ for type_, id_ in theme.records if type_ == "board")
        assert (await theme.do("FormCluster", board=board, title="Ours"))["ok"]
        await theme.close()


async def test_two_desks_and_one_dies() -> None:
    """The other has everything, and steers on; what the first one did can be taken back there."""
    async with hall() as it:
        code = await it.session(format="pin-board")
        one, _ = await desk_of(it, code)
        two, _ = await desk_of(it, code)
        phases = sorted((r["order"], i) for (t, i), r in one.records.items() if t == "phase")
        started = await one.do("StartPhase", phase=phases[0][1])
        assert started["ok"]
        await one.sio.eio.ws.close()  # no good-bye
        await until(lambda: two.records["session", code]["phase"] == phases[0][1])
        assert (await two.do("StartPhase", phase=phases[1][1]))["ok"]
        await until(lambda: two.records["session", code]["phase"] == phases[1][1])
        await two.close()


async def test_people_of_a_table_count_as_here() -> None:
    """The counts say people and phones."""
    async with hall() as it:
        code = await it.session(format="pin-board")
        desk, _ = await desk_of(it, code)
        phones = [await Client(it.url, code).open() for _ in range(2)]
        for phone in phones:
            await phone.do("Join")
        await phones[0].do("SetPeople", people=6)
        await until(lambda: desk.counts.get("people") == 7)
        assert desk.counts["joined"] == 2
        await phones[0].close()
        for client in (phones[1], desk):
            await client.close()
