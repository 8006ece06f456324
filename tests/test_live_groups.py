"""Groups over the real wire: places by themselves, boards that nobody else is sent, moves, and coming back."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from facilitate.core.formats import read
from facilitate.store.memory import MemoryStore
from tests.hall import Client, Hall, hall
from tests.test_live import staff

pytestmark = pytest.mark.server


def in_groups(*wishes: dict[str, Any] | None, **settings: Any) -> dict[str, Any]:
    """A format: one phase for each wish, on one board."""
    phases = [
        {
            "id": f"phase-{number}", "activity": "brainstorm", "board": "wall", "title": {"en": f"Phase {number}"},
            "prompt": {"en": "What?"}, "guide": {"en": "Wait."},
            "settings": {**settings, **({"groups": wish} if wish else {})},
        }
        for number, wish in enumerate(wishes, 1)
    ]  # fmt: skip
    boards = [{"id": "wall", "title": {"en": "Wall"}}, {"id": "plenary", "title": {"en": "Plenary"}}]
    if wishes[-1] and wishes[-1].get("back"):
        phases[-1]["board"] = "plenary"
    texts = {"title": {"en": "Groups"}, "summary": {"en": "Groups"}, "languages": ["en"]}
    return {**texts, "boards": boards, "phases": phases}


@asynccontextmanager
async def workshop(plan: dict[str, Any], people: int, **more: Any) -> AsyncIterator[tuple[Hall, Client, list[Client]]]:
    """A desk and so many phones, in the first phase; each has its place."""
    async with hall(**more) as room:
        room.lobby.formats["groups"] = read("groups", plan, room.lobby.rules.activities, room.lobby.rules.methods)
        code = await room.session(format="groups")
        desk = await staff(room, code)
        phones = [Client(room.url, code) for _ in range(people)]
        await asyncio.gather(*(phone.open() for phone in phones))
        await asyncio.gather(*(phone.do("Join") for phone in phones))
        assert (await desk.do("StartPhase", phase="phase-1"))["ok"]
        try:
            yield room, desk, phones
        finally:
            for client in (desk, *phones):
                await client.close()


def seat(client: Client) -> dict[str, Any] | None:
    return client.records.get(("seat", "seat"))


async def seated(phones: list[Client], phase: str = "phase-1") -> dict[str, list[Client]]:
    groups: dict[str, list[Client]] = {}
    for phone in phones:
        groups.setdefault(await group_of(phone, phase), []).append(phone)
    return groups


async def group_of(phone: Client, phase: str) -> str:
    """Once this phone has its place in the phase, and knows its group."""
    found = await phone.until(lambda: (it := seat(phone)) and it["phase"] == phase and it)
    await phone.until(lambda: phone.records.get(("group", found["group"])))
    return str(found["group"])


def bytes_of(client: Client) -> str:
    return json.dumps([client.frames, list(client.records.values())])


def texts(client: Client) -> set[str]:
    return {idea["text"] for idea in client.all("idea")}


async def reads(client: Client, *expected: str) -> None:
    """Wait until exactly these cards can be read."""
    await client.until(lambda: texts(client) == set(expected))


async def carried_to(client: Client) -> list[dict[str, Any]]:
    """The carried cards, once there are some."""
    await client.until(lambda: any(idea["source"] == "carried" for idea in client.all("idea")))
    return [idea for idea in client.all("idea") if idea["source"] == "carried"]


async def on_board(client: Client, board: str, number: int) -> None:
    await client.until(lambda: sum(idea["board"] == board for idea in client.all("idea")) == number)


def boards(client: Client) -> list[str]:
    return [board["id"] for board in client.all("board") if "of" in board]


async def test_everybody_has_a_place_and_sees_the_own_groups_board_alone() -> None:
    async with workshop(in_groups({"by": "random", "size": 4}), 12) as (_, desk, phones):
        groups = await seated(phones)
        assert sorted(map(len, groups.values())) == [4, 4, 4]
        for group, members in groups.items():
            assert (await members[0].do("PostIdea", phase="phase-1", text=f"secret of {group}"))["ok"]
        for group, members in groups.items():
            for member in members:
                await reads(member, f"secret of {group}")
                assert len(boards(member)) == 1
                assert member.gaps == 0
                others = [other for other in groups if other != group]
                assert not any(f"secret of {other}" in bytes_of(member) for other in others)
        await desk.until(lambda: texts(desk) == {f"secret of {group}" for group in groups})
        assert sum(group["people"] for group in desk.all("group")) == 12


async def test_tables_with_one_phone_each_are_groups_and_are_told_with_all_their_people() -> None:
    """Whole tables are not put together, single phones are; who speaks for more later is counted with them."""
    plan = in_groups(None, {"by": "random", "size": 5})
    async with workshop(plan, 6) as (_, desk, phones):
        for phone in phones[-2:]:
            assert (await phone.do("SetPeople", people=6))["ok"]
        assert (await desk.do("StartPhase", phase="phase-2"))["ok"]
        groups = await seated(phones, "phase-2")
        assert sorted(map(len, groups.values())) == [1, 1, 4]

        def told() -> list[int]:
            return sorted(group["people"] for group in desk.all("group"))

        await desk.until(lambda: told() == [4, 6, 6])
        assert (await phones[0].do("SetPeople", people=3))["ok"]
        await desk.until(lambda: told() == [6, 6, 6])
        await desk.until(lambda: desk.counts.get("people") == 18)
        own = await group_of(phones[0], "phase-2")
        await phones[1].until(lambda: phones[1].records["group", own]["people"] == 6)


async def test_who_comes_later_finds_a_place_by_themselves() -> None:
    async with workshop(in_groups({"by": "random", "size": 2}), 4) as (room, desk, phones):
        await seated(phones)
        late = await Client(room.url, desk.code).open()
        assert await late.until(lambda: seat(late))
        assert (await late.insist("PostIdea", phase="phase-1", text="late"))["ok"]
        await late.close()


async def test_who_is_moved_holds_what_the_new_group_holds_and_nothing_of_the_old_one() -> None:
    async with workshop(in_groups({"by": "random", "count": 2}), 4) as (_, desk, phones):
        (one, here), (two, there) = (await seated(phones)).items()
        for group, members in ((one, here), (two, there)):
            for number, member in enumerate(members):
                await member.do("PostIdea", phase="phase-1", text=f"{group} {number}")
        mover, stays = here[1], here[0]
        await mover.until(lambda: len(texts(mover)) == 2)
        member = next(
            m["id"] for m in desk.all("member") if m["group"] == one and m["seat"] == (seat(mover) or {})["seat"]
        )
        assert (await desk.do("MoveMember", member=member, group=two))["ok"]
        await mover.until(lambda: texts(mover) == {f"{one} 1", f"{two} 0", f"{two} 1"})  # the own card remains
        assert boards(mover) == [next(b["id"] for b in desk.all("board") if b.get("group") == two)]
        await stays.do("PostIdea", phase="phase-1", text="after the move")
        await there[0].do("PostIdea", phase="phase-1", text="for the newcomer")
        await mover.until(lambda: "for the newcomer" in texts(mover))
        assert "after the move" not in bytes_of(mover)
        assert mover.gaps == 0
        fresh = await Client(mover.url, mover.code, token=mover.token).open()
        assert fresh.records == mover.records
        await fresh.close()


async def test_who_was_away_while_they_were_moved_forgets_the_old_group() -> None:
    async with workshop(in_groups({"by": "random", "count": 2}), 4) as (_, desk, phones):
        (one, here), (two, there) = (await seated(phones)).items()
        mover, stays = here
        await stays.do("PostIdea", phase="phase-1", text="of the old group")
        await mover.until(lambda: texts(mover) == {"of the old group"})
        number = (seat(mover) or {})["seat"]
        await mover.close()
        member = next(m["id"] for m in desk.all("member") if m["group"] == one and m["seat"] == number)
        await desk.do("MoveMember", member=member, group=two)
        await there[0].do("PostIdea", phase="phase-1", text="of the new group")
        back = Client(mover.url, mover.code, token=mover.token)
        back.log, back.seq, back.records = mover.log, mover.seq, dict(mover.records)
        await back.open()
        assert back.frames[0][1]["from"] == 0
        assert texts(back) == {"of the new group"}
        again = Client(mover.url, mover.code, token=mover.token)
        again.log, again.seq, again.records = back.log, back.seq, dict(back.records)
        number = back.seq
        await there[0].do("PostIdea", phase="phase-1", text="one more")
        await again.open()
        assert again.frames[0][1]["from"] == number  # since the move nothing has to be forgotten
        await again.until(lambda: texts(again) == {"of the new group", "one more"})
        for client in (back, again):
            await client.close()


async def test_whoever_waits_at_the_door_does_not_count_when_groups_are_formed() -> None:
    async with workshop(in_groups(None, {"by": "random", "size": 2}), 4) as (room, desk, phones):
        await desk.do("SetDoor", door="approval")
        knocking = [Client(room.url, next(iter(desk.all("session")))["code"]) for _ in range(6)]
        await asyncio.gather(*(one.open() for one in knocking))
        await desk.do("StartPhase", phase="phase-2")
        assert sorted(len(group) for group in (await seated(phones, "phase-2")).values()) == [2, 2]
        assert len(desk.all("group")) == 2
        for one in knocking:
            await one.close()


async def test_groups_merge_move_on_and_come_back_with_what_they_chose() -> None:
    plan = in_groups(
        {"by": "random", "size": 1}, {"merge": 2, "choose": 1}, {"keep": True, "choose": 1}, {"back": True}
    )
    async with workshop(plan, 4) as (_, desk, phones):
        alone = await seated(phones)
        assert len(alone) == 4
        for number, phone in enumerate(phones):
            await phone.insist("PostIdea", phase="phase-1", text=f"idea {number}")
        await desk.do("StartPhase", phase="phase-2")
        pairs = await seated(phones, "phase-2")
        assert sorted(map(len, pairs.values())) == [2, 2]
        for members in pairs.values():
            carried = [await carried_to(member) for member in members]
            assert len({card["id"] for cards in carried for card in cards}) == 2
            assert (await members[0].do("ChooseIdea", idea=carried[0][0]["id"]))["ok"]
        await desk.do("StartPhase", phase="phase-4")
        for phone in phones:
            await on_board(phone, "plenary", 2)
            assert phone.gaps == 0


async def test_a_restart_finds_everybody_in_their_group() -> None:
    store = MemoryStore()
    plan = in_groups({"by": "random", "count": 2})
    async with workshop(plan, 4, open_store=lambda: store) as (_, _, phones):
        groups = await seated(phones)
        for group, members in groups.items():
            await members[0].do("PostIdea", phase="phase-1", text=group)
        for group, members in groups.items():
            for member in members:
                await reads(member, group)
        code, held = phones[0].code, {phone.token: phone.records for phone in phones}
    async with hall(lambda: store) as room:
        for token, records in held.items():
            phone = await Client(room.url, code, token=token).open()
            assert {key: value for key, value in phone.records.items() if key[0] != "counts"} == records
            await phone.close()


async def test_tables_are_asked_for() -> None:
    async with workshop(in_groups({"by": "table"}), 3) as (_, _, phones):
        anna, bert, cora = phones
        refused = await anna.do("PostIdea", phase="phase-1", text="no table yet")
        assert refused["error"]["key"] == "group.first"
        assert "retry" not in refused["error"]
        for phone, table in ((anna, "3"), (bert, " 3 "), (cora, "4")):
            assert (await phone.do("JoinGroup", phase="phase-1", group=table))["ok"]
        await anna.do("PostIdea", phase="phase-1", text="at table three")
        await bert.until(lambda: texts(bert) == {"at table three"})
        await cora.do("PostIdea", phase="phase-1", text="at table four")
        await cora.until(lambda: texts(cora) == {"at table four"})
        assert "at table three" not in bytes_of(cora)


async def test_what_a_screen_shows_of_a_group_is_for_all_until_it_shows_something_else() -> None:
    async with workshop(in_groups({"by": "random", "count": 2}), 4) as (_, desk, phones):
        (_, here), (_, there) = (await seated(phones)).items()
        await here[0].do("PostIdea", phase="phase-1", text="ours")
        await desk.until(lambda: texts(desk))
        board = desk.all("idea")[0]["board"]
        await desk.do("Show", what="board", board=board)
        for phone in (*here, *there):
            await reads(phone, "ours")
        await desk.do("Show", what="phase")
        await there[0].until(lambda: not texts(there[0]))
        assert texts(here[0]) == texts(here[1]) == {"ours"}


async def test_120_phones_in_pairs_all_write_and_see_their_pair_alone() -> None:
    async with workshop(in_groups({"by": "random", "size": 2}), 120) as (_, desk, phones):
        groups = await seated(phones)
        assert sorted(map(len, groups.values())) == [2] * 60
        await asyncio.gather(
            *(phone.insist("PostIdea", phase="phase-1", text=f"{number:03}") for number, phone in enumerate(phones))
        )
        for members in groups.values():
            expected = {f"{phones.index(member):03}" for member in members}
            for member in members:
                await reads(member, *expected)
                assert member.gaps == 0
        await desk.until(lambda: len(texts(desk)) == 120)
