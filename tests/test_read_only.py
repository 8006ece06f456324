"""A session of which something cannot be read or shown opens read-only: its harvest is whole, and nothing is lost."""

from typing import Any

import msgspec
import pytest

from facilitate import exports
from facilitate.core import book, view
from facilitate.core.book import Rules
from facilitate.core.events import Event
from facilitate.core.ideas import IdeaHidden
from facilitate.core.state import State
from facilitate.live.clock import ManualClock
from facilitate.live.reports import drawn_up
from facilitate.store import Append
from facilitate.store.memory import MemoryStore
from tests.hall import Client, Hall, hall

pytestmark = pytest.mark.server

TEXTS = ("More benches", "Stumbling stone", "A market")


async def desk_in(room: Hall, code: str) -> Client:
    runner = await room.lobby.find(code)
    return await Client(room.url, code, token=await room.lobby.issue(runner.session, "facilitator")).open()


async def held(store: MemoryStore) -> str:
    """A session with three ideas, of which the second was hidden; the server is stopped."""
    async with hall(lambda: store) as room:
        code = await room.session()
        desk = await desk_in(room, code)
        assert (await desk.do("StartPhase", phase="collect"))["ok"]
        ids = [(await desk.insist("PostIdea", phase="collect", text=text))["id"] for text in TEXTS]
        assert (await desk.do("HideIdea", idea=ids[1]))["ok"]
        await desk.close()
    return code


def texts(client: Client) -> set[str]:
    return {idea["text"] for idea in client.all("idea")}


async def is_read_only(room: Hall, code: str) -> None:
    desk = await desk_in(room, code)
    answer = await desk.do("PostIdea", phase="collect", text="One more")
    assert answer["error"]["key"] == "session.read-only"
    await desk.close()


def stumbles(state: State, audience: str, id_: str, rules: Rules) -> Any:
    if state.ideas[id_].hidden:
        raise KeyError("a view that nobody thought of")
    return view.idea(state, audience, id_, rules)


async def test_what_cannot_be_shown_is_left_out_and_all_else_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody sees the other records, nobody an older form of this one; each file holds it as ever."""
    store = MemoryStore()
    code = await held(store)
    log = [event for entry in store.sessions() for event in store.read(entry.id)]
    monkeypatch.setitem(view.RECORDS, "idea", stumbles)
    async with hall(lambda: store) as room:
        await is_read_only(room, code)
        desk, phone = await desk_in(room, code), await Client(room.url, code).open()
        await desk.until(lambda: texts(desk) == {"More benches", "A market"})
        await phone.until(lambda: texts(phone) == {"More benches", "A market"})
        report = await drawn_up(await room.lobby.find(code), room.lobby, "en")
        assert {card.text for card in report.cards} >= set(TEXTS)
        for kind, export in exports.kinds().items():
            assert export.write(report), kind
        assert b"Stumbling stone" in exports.kinds()["json"].write(report)
        for client in (desk, phone):
            await client.close()
    assert [event for entry in store.sessions() for event in store.read(entry.id)] == log
    monkeypatch.undo()
    async with hall(lambda: store) as room:
        desk = await desk_in(room, code)
        await desk.until(lambda: texts(desk) == set(TEXTS))
        assert (await desk.do("PostIdea", phase="collect", text="One more"))["ok"], "mended, it goes on"
        await desk.close()


async def test_what_only_a_part_of_a_command_makes_need_not_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two facts of one command there may be what nobody ever saw: that keeps nothing from opening."""
    store = MemoryStore()
    code = await held(store)

    def between(state: State, audience: str, id_: str, rules: Rules) -> Any:
        if state.phases[id_].state == "waiting":
            raise KeyError("shown, and its clock has not begun")
        return view.phase(state, audience, id_, rules)

    monkeypatch.setitem(view.RECORDS, "phase", between)
    async with hall(lambda: store) as room:
        desk = await desk_in(room, code)
        assert desk.records["phase", "collect"]["state"] == "open"
        assert (await desk.do("PostIdea", phase="collect", text="One more"))["ok"]
        await desk.close()


@pytest.mark.parametrize("how", ["breaks", "newer"])
async def test_what_cannot_be_read_ends_what_is_shown(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event of a newer program, or one that this one stumbles over half-way: all before it is shown as it was."""
    store = MemoryStore()
    code = await held(store)
    (entry,) = store.sessions()
    last = list(store.read(entry.id))[-1]
    if how == "newer":
        event: Event = msgspec.structs.replace(last, seq=last.seq + 1, kind="IdeaFramed")
        assert store.append([Append(session=entry.id, expected=last.seq, events=(event,))]) == [None]
    else:

        def breaks(state: State, fact: IdeaHidden) -> None:
            state.set("idea", fact.idea, withdrawn=True)
            raise KeyError("an effect that nobody thought of")

        effects: dict[Any, Any] = book.EFFECTS
        monkeypatch.setitem(effects, IdeaHidden, breaks)
    async with hall(lambda: store) as room:
        await is_read_only(room, code)
        desk = await desk_in(room, code)
        await desk.until(lambda: texts(desk) == set(TEXTS))
        states = {idea["text"]: idea["state"] for idea in desk.all("idea")}
        assert states["Stumbling stone"] == ("hidden" if how == "newer" else "open")
        report = await drawn_up(await room.lobby.find(code), room.lobby, "en")
        assert report.log[-1].kind == ("IdeaFramed" if how == "newer" else "IdeaHidden")
        await desk.close()


@pytest.mark.parametrize("place", [0, 3, -2])
async def test_what_cannot_be_read_is_deleted_on_the_day_that_was_promised(place: int) -> None:
    """Be it the very first event; and the day is that of the session's end, also where its end cannot be read."""
    store = MemoryStore()
    code = await held(store)
    async with hall(lambda: store) as room:
        clock = room.lobby.clock
        assert isinstance(clock, ManualClock)
        clock.advance(60 * 86_400)
        desk = await desk_in(room, code)
        assert (await desk.do("EndSession"))["ok"]
        await desk.close()
        now = clock.now()
    (entry,) = store.sessions()
    log = store._logs[entry.id]
    log[place] = msgspec.structs.replace(log[place], kind="ProgramFramed")
    async with hall(lambda: store, clock=ManualClock(now)) as room:
        clock = room.lobby.clock
        assert isinstance(clock, ManualClock)
        if place:
            await is_read_only(room, code)
        clock.advance(80 * 86_400)
        await room.lobby.delete_due()
        assert room.lobby.entries() == [entry]
        clock.advance(11 * 86_400)
        await room.lobby.delete_due()
        assert room.lobby.entries() == store.sessions() == []
        assert not any(text in repr(list(store.read(entry.id))) for text in TEXTS)
