"""After the end: whoever was there keeps what they had; a device that comes newly learns that it is over, no more."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from facilitate.core.actors import Actor
from facilitate.core.commands import read
from facilitate.live.lobby import NewSession, PhaseWish
from facilitate.live.runner import Runner
from facilitate.ui import sheet
from tests.hall import Client, Hall, hall
from tests.play import Play, phase, refusal
from tests.test_access import house, key_of
from tests.test_light import ASSETS, served, start

SECRET = "Zebra crossing"


async def desk_of(room: Hall, code: str) -> Client:
    runner = await room.lobby.find(code)
    return await Client(room.url, code, token=await room.lobby.issue(runner.session, "facilitator")).open()


async def collecting(room: Hall, **wish: Any) -> tuple[str, Client]:
    """A session in the midst of which a card lies on the board, and its desk."""
    code = await room.session(title={"en": "Our street"}, **wish)
    desk = await desk_of(room, code)
    assert (await desk.do("StartPhase", phase="collect"))["ok"]
    assert (await desk.do("PostIdea", phase="collect", text=SECRET))["ok"]
    return code, desk


def held(client: Client) -> str:
    return json.dumps([frame for _, frame in client.frames])


async def end(runner: Runner) -> None:
    await runner.do(read({"kind": "EndSession", "id": "end-000000000000000"}), Actor("facilitator", "f"))


async def nothing(phone: Client) -> None:
    pass


async def joins(phone: Client) -> None:
    assert (await phone.do("Join", name="A"))["ok"]


async def writes(phone: Client) -> None:
    assert (await phone.do("PostIdea", phase="collect", text="Mine"))["ok"]


@pytest.mark.server
@pytest.mark.parametrize("again", ["stays", "comes back", "comes after a restart"])
@pytest.mark.parametrize("names", ["none", "optional"])
@pytest.mark.parametrize(("deed", "stays"), [(nothing, False), (joins, True), (writes, True)])
async def test_who_took_part_goes_on_seeing_it(
    deed: Callable[[Client], Awaitable[None]], stays: bool, names: str, again: str
) -> None:
    """To have opened the page is not to have taken part."""
    async with hall() as room:
        code, desk = await collecting(room, names=names)
        phone = await Client(room.url, code).open()
        await deed(phone)
        if again != "stays":
            await phone.close()
        assert (await desk.do("EndSession"))["ok"]
        if again == "comes after a restart":
            room.lobby._runners.clear()
        phone.frames.clear()
        await asyncio.sleep(0.3)
        if again != "stays" or not stays:
            await phone.close()
            await phone.open(fresh=True)
            assert (SECRET in held(phone)) is stays
        else:
            assert phone.sio.connected
        if not stays:
            assert {type_ for type_, _ in phone.records} == {"session"}
            assert phone.records["session", code]["state"] == "ended"
        for client in (phone, desk):
            await client.close()


@pytest.mark.server
async def test_a_new_device_learns_that_it_is_over_and_no_more() -> None:
    async with hall() as room:
        code, desk = await collecting(room)
        silent = await Client(room.url, code).open()
        assert SECRET in held(silent)
        over = await desk.do("EndSession")
        await asyncio.wait_for(silent.sio.wait(), 10)  # it is asked again who it is
        new = await Client(room.url, code).open()
        await asyncio.sleep(1.5)  # the counts come by then, where they come
        assert {type_ for type_, _ in new.records} == {"session"}
        assert new.records["session", code]["title"]["en"] == "Our street"
        assert new.counts == {}
        assert list(room.live.fanouts[(await room.lobby.find(code)).session].people) == [new.you["id"]]
        posted = {"phase": "collect", "text": "x"}
        for kind, fields in (("Join", {}), ("PostIdea", posted), ("SetPeople", {"people": 2})):
            assert (await new.do(kind, **fields))["error"]["key"] == "session.ended"
        assert (await desk.do("Undo", command=over["id"]))["ok"]
        await asyncio.wait_for(new.sio.wait(), 10)
        await new.open(fresh=True)
        assert SECRET in held(new), "it goes on after all, and so the door is open"
        for client in (desk, new):
            await client.close()


async def test_no_page_tells_what_was_written_or_asked() -> None:
    """Whatever can be had by the code alone: there is nothing in it but the title."""
    async with served() as (lobby, client):
        sheet.add(client._transport.app, lobby, ASSETS)  # type: ignore[attr-defined]
        made = await lobby.create(
            NewSession(format="pin-board", phases={"collect": PhaseWish(prompt={"en": SECRET, "de": SECRET})})
        )
        await start(lobby, made.code, "collect")
        assert SECRET in (await client.get(f"/j/{made.code}")).text
        runner = await lobby.find(made.code)
        await end(runner)
        for path in ("/j/{}", "/J/{}", "/j/{}/4", "/s/{}", "/sheet/{}", "/sheet/{}?tables=2"):
            page = await client.get(path.format(made.code))
            assert page.status_code == 200
            assert SECRET not in page.text
            assert '"phase":"' not in page.text


async def test_a_screen_is_not_opened_by_the_code_alone() -> None:
    """What is projected goes on; a link opens one also then."""
    async with house() as it:
        ours = it.ours
        before = (await it.client.post(f"/auth/screen/{ours.code}")).json()["token"]
        runner = await it.lobby.find(ours.code)
        await end(runner)
        assert key_of(await it.client.post(f"/auth/screen/{ours.code}")) == "session.ended"
        kept = await it.client.post(f"/auth/screen/{ours.code}", json={"token": before})
        assert kept.status_code == 200
        await it.enter(it.facilitator)
        assert (await it.client.post(f"/auth/screen/{ours.code}")).status_code == 200


def test_nobody_acts_after_the_end_who_had_no_place() -> None:
    play = Play(phase("brainstorm"))
    play.start("brainstorm")
    person, writer = play.join(), play.person()
    play.post(writer, "Written without having joined")
    play.do(play.facilitator, "EndSession")
    for kind, fields in (("PostIdea", {"phase": "brainstorm", "text": "x"}), ("RaiseHand", {})):
        assert refusal(play, play.person(), kind, **fields) == "session.ended"
    assert refusal(play, person, "Join") == "session.ended"
