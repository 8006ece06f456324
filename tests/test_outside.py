"""Who waits at the door gets which workshop it is and what is asked at the door, and not one byte of what is inside."""

import json
import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from facilitate.core import book, roles
from facilitate.core.formats import AttributePlan
from facilitate.live.lobby import PhaseWish
from facilitate.ui import light
from facilitate.ui.assets import Assets
from tests.hall import Client, Hall, hall
from tests.test_contract import QUICK
from tests.test_doors_live import desk_of, until
from tests.test_roles import fields, workshop

# What may stand in the record of the session, and beside it what is the same whatever happens inside.
DOOR = {
    "type", "id", "code", "title", "languages", "names", "delete_at", "timezone", "operator", "imprint", "privacy",
    "filmed", "attributes", "door",
}  # fmt: skip
NOTHING = {
    "state": "planned", "phase": None, "phases": 0, "called": 0, "sound": False, "grouping": None, "hands": False,
}  # fmt: skip
FRAMES = {
    "welcome": {"you", "now", "log", "from", "seq", "put", "drop"},
    "change": {"from", "seq", "put", "drop"},
}
RECORDS = {"place": {"type", "id", "state", "people"}, "muted": {"type", "id", "level"}}


def assert_outside(record: dict[str, Any]) -> None:
    if record["type"] == "session":
        assert set(record) <= DOOR | set(NOTHING)
        assert {name: record[name] for name in NOTHING} == NOTHING
    else:
        assert set(record) == RECORDS[record["type"]]


ABOUT = {"format": "pin-board", "languages": ("en",), "operator": "Town of Examples"}
ASKED = (AttributePlan(id="sector", title={"en": "Your sector?"}),)


async def busy(room: Hall) -> tuple[str, Client, Client]:
    """A session in which as much as possible is going on: groups, cards, calls, sound, hands; its desk; somebody in."""
    groups = {"by": "random", "size": 2, "choose": 1}
    code = await room.session(**ABOUT, attributes=ASKED, phases={"collect": PhaseWish(settings={"groups": groups})})
    desk, _ = await desk_of(room, code)
    phone = await Client(room.url, code).open()
    assert (await phone.do("Join"))["ok"]
    assert (await desk.do("StartPhase", phase="collect"))["ok"]
    await until(lambda: ("seat", "seat") in phone.records)
    answer = await phone.do("PostIdea", phase="collect", text="Zebra crossing")
    assert answer["ok"], answer
    assert (await desk.do("FormCluster", board=desk.all("board")[0]["id"], title="Gathered"))["ok"]
    assert (await desk.do("BringEverybody"))["ok"]
    assert (await desk.do("SetSound", on=True))["ok"]
    assert (await desk.do("AllowHands", allowed=True))["ok"]
    return code, desk, phone


async def everything(client: Client) -> None:
    """All that a phone can say, to be refused."""
    play, _ = workshop()
    for kind in roles.kinds_of("participant"):
        if kind != "Join":
            answer = await client.do(kind, **fields(play, kind))
            assert answer["error"]["key"] in ("door.waiting", "door.closed", "door.turned-away", "person.removed"), kind
            assert answer["error"]["values"] == {}
    for kind in sorted(set(book.COMMANDS) - set(roles.kinds_of("participant"))):
        answer = await client.do(kind, **fields(play, kind))
        assert answer["error"] == {"key": "role.refused", "values": {}}
    await client.sio.emit("resume", {"since": {"log": client.log, "seq": 1}}, namespace="/live")


@pytest.mark.parametrize("who", ["knocking", "turned away", "stranger", "removed"])
async def test_every_byte_that_is_sent_outside(who: str) -> None:
    """Whoever it is that waits there; while inside all goes on, and after coming back."""
    async with hall(rates=QUICK) as room:
        code, desk, inside = await busy(room)
        client = await Client(room.url, code).open() if who == "removed" else Client(room.url, code)
        if who == "removed":
            assert (await client.do("Join"))["ok"]
            await until(lambda: ("seat", "seat") in client.records)
            card = await client.do("PostIdea", phase="collect", text="Written and removed")
            assert card["ok"]
            await desk.do("RemoveAuthor", idea=card["id"])
            await client.close()
        await desk.do("SetDoor", door="closed" if who == "stranger" else "approval")
        before = len(client.frames)
        await client.open(fresh=True)
        if who in ("knocking", "turned away"):
            assert (await client.do("Join"))["ok"]
            await until(lambda: any(type_ == "knock" for type_, _ in desk.records))
        if who == "turned away":
            await desk.do("TurnAway", participant=next(id_ for type_, id_ in desk.records if type_ == "knock"))
            await until(lambda: client.records["place", "place"]["state"] == "away")
        await everything(client)
        for kind, more in ((("BringEverybody", {}), ("SetSound", {"on": False}), ("EndPhase", {"phase": "collect"}))):
            assert (await desk.do(kind, **more))["ok"]
        await inside.until(lambda: inside.records["phase", "collect"]["state"] == "ended")
        await client.close()
        await client.open()
        await client.close()
        frames = client.frames[before:]
        assert frames
        for kind, frame in frames:
            assert set(frame) <= FRAMES[kind]
            assert set(frame.get("you", {})) <= {"id", "role", "token"}
            for record in frame["put"]:
                assert_outside(record)
            assert {type_ for type_, _ in frame["drop"]} <= {"session", *RECORDS}
        said = json.dumps(frames)
        for secret in ("Zebra", "Gathered", "Written and removed", "collect", inside.records["seat", "seat"]["group"]):
            assert secret not in said
        for client in (desk, inside):
            await client.close()


@pytest.mark.parametrize("door", ["approval", "closed"])
async def test_the_page_at_a_door(door: str) -> None:
    """The records within the page, too; and nothing else in it differs from that of a session in which nothing is."""
    async with hall(rates=QUICK) as room:
        code, desk, inside = await busy(room)
        quiet = await room.session(**ABOUT, attributes=ASKED)
        other, _ = await desk_of(room, quiet)
        app = FastAPI()
        light.add(app, room.lobby, Assets())
        pages = []
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://hall.test") as browser:
            for where, steering in ((code, desk), (quiet, other)):
                assert (await steering.do("SetDoor", door=door))["ok"]
                page = (await browser.get(f"/j/{where}")).text
                found = re.search(r'<script type="application/json" id="about">(.*?)</script>', page, re.DOTALL)
                assert found
                for record in json.loads(found[1])["records"]:
                    assert_outside(record)
                pages.append(re.sub(r'nonce="[^"]*"', "", page.replace(where, "CODE")))
        assert pages[0] == pages[1]
        for client in (desk, inside, other):
            await client.close()
