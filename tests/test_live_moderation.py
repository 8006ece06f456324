"""Muted and removed over the real wire: the one phone is told, and who was removed is sent nothing of the others."""

import json

import pytest

from tests.hall import Client, hall
from tests.test_live import staff

pytestmark = pytest.mark.server


async def test_a_removed_phone_is_put_out_and_not_let_in_again() -> None:
    """Its connection ends; with the same token it hears no more than that it was removed; it acts on nothing."""
    async with hall() as room:
        code = await room.session()
        desk, troll, other = await staff(room, code), Client(room.url, code), Client(room.url, code)
        await troll.open()
        await other.open()
        await desk.do("StartPhase", phase="collect")
        rude = await troll.do("PostIdea", phase="collect", text="Rude")
        await other.do("PostIdea", phase="collect", text="Fine")
        await troll.texts(2)
        assert (await desk.do("RemoveAuthor", idea=rude["id"], reason="Insults"))["ok"]
        await desk.until(lambda: desk.records.get(("mute", rude["id"])))
        await troll.put_out()
        before = len(troll.frames)
        await other.do("PostIdea", phase="collect", text="Secret of the others")
        await troll.open()
        await troll.until(lambda: troll.records.get(("muted", rude["id"])))
        assert troll.records["muted", rude["id"]]["level"] == "removed"
        assert troll.all("idea") == troll.all("phase") == troll.all("board") == []
        assert "Secret of the others" not in json.dumps(troll.frames[before:])
        refused = await troll.do("PostIdea", phase="collect", text="More")
        assert refused["error"]["key"] == "person.removed"

        assert (await desk.do("UnmuteAuthor", idea=rude["id"]))["ok"]
        await troll.put_out()
        await troll.open()
        await troll.texts(3)
        for client in (desk, troll, other):
            await client.close()


async def test_a_muted_phone_is_told_at_once_and_the_others_are_not() -> None:
    """It keeps its connection, reads on, and may write again as soon as the desk says so."""
    async with hall() as room:
        code = await room.session()
        desk, troll, other = await staff(room, code), Client(room.url, code), Client(room.url, code)
        await troll.open()
        await other.open()
        await desk.do("StartPhase", phase="collect")
        rude = await troll.do("PostIdea", phase="collect", text="Rude")
        muted = await desk.do("MuteAuthor", idea=rude["id"])
        await troll.until(lambda: troll.records.get(("muted", rude["id"])))
        refused = await troll.do("PostIdea", phase="collect", text="More")
        assert refused["error"]["key"] == "person.muted"
        await other.do("PostIdea", phase="collect", text="Fine")
        await troll.texts(2)
        assert "muted" not in json.dumps(other.frames)
        assert (await desk.do("Undo", command=muted["id"]))["ok"]
        await troll.until(lambda: ("muted", rude["id"]) not in troll.records)
        assert (await troll.do("PostIdea", phase="collect", text="Better"))["ok"]
        for client in (desk, troll, other):
            await client.close()
