"""What comes from browsers to NiceGUI's pages: all of it is known, and asks for its permission when it comes."""

import ast
import inspect
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import nicegui
import pytest
import socketio
from nicegui import Client

import facilitate.ui
from facilitate.live.lobby import Created, Lobby, NewSession
from facilitate.store.memory import MemoryStore
from facilitate.ui import acts
from facilitate.ui.access import Ring
from tests.hall import OWNER, lobby_on

PAGES = ("home", "plan", "desk", "harvest")
CALLS: dict[str, dict[str, Any]] = {  # a message that would do something, for each name on the wire
    "event": {"id": 1, "listener_id": "x", "args": []},
    "javascript_response": {"request_id": "x", "result": 1},
    "handshake": {"tab_id": "t", "document_id": "d"},
    "connect": {},
}


@pytest.fixture
async def lobby() -> AsyncIterator[Lobby]:
    it = lobby_on(MemoryStore)
    await it.start()
    yield it
    await it.stop()


class Wire:
    """NiceGUI's own handlers, replaced by what notes that they were reached."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached: list[str] = []
        self.told = 0
        for name in CALLS:
            monkeypatch.setitem(acts._CARRY, name, self.carry(name))
        before = dict(nicegui.core.sio.handlers["/"])
        monkeypatch.setitem(nicegui.core.sio.handlers, "/", before)
        acts.guard()

    def carry(self, name: str) -> Any:
        def reach(*args: Any) -> bool:
            self.reached.append(name)
            return True

        async def reach_later(*args: Any) -> bool:
            return reach()

        return reach_later if inspect.iscoroutinefunction(acts._CARRY[name]) else reach

    def tell(self) -> None:
        self.told += 1

    async def send(self, name: str, client: Client) -> None:
        handler = nicegui.core.sio.handlers["/"][name]
        message = {**CALLS[name], "client_id": client.id}
        with suppress(socketio.exceptions.ConnectionRefusedError):
            answer = handler("sid", {"QUERY_STRING": f"client_id={client.id}"} if name == "connect" else message)
            if inspect.isawaitable(answer):
                await answer


@pytest.fixture
def client() -> Any:
    """A page as NiceGUI makes it; that it has elements does not matter here."""
    it = Client.__new__(Client)
    it.id = "client-of-the-test"
    it.storage = nicegui.observables.ObservableDict()
    Client.instances[it.id] = it
    yield it
    del Client.instances[it.id]


async def opened(lobby: Lobby, made: Created, page: str) -> dict[str, Ring]:
    """What opens this page, by whom."""
    rings = {"owner": Ring("~owner", (OWNER,))}
    if page in ("desk", "harvest"):
        rings["facilitator"] = Ring("~facilitator", (await lobby.issue(made.id, "facilitator"),))
    if page == "desk":
        rings["helper"] = Ring("~helper", (await lobby.issue(made.id, "moderator"),))
    return rings


def test_every_word_of_nicegui_is_known() -> None:
    """A version that says more is looked at before it is let in."""
    assert set(acts._CARRY) == set(CALLS) | set(acts.UNHEARD) | set(acts.HARMLESS)
    assert set(acts.ACTS) <= set(CALLS)


@pytest.mark.parametrize("name", list(CALLS))
@pytest.mark.parametrize("page", PAGES)
async def test_each_act_asks_again(
    page: str, name: str, lobby: Lobby, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On every page: carried on while its link stands; told, and not carried on, once it was withdrawn or renewed, its
    browser signed out, or it opens less than before."""
    wire = Wire(monkeypatch)
    made = await lobby.create(NewSession(format="quick-vote"))
    for who, ring in (await opened(lobby, made, page)).items():
        permit = acts.Permit(lobby, ring, page, made.id if page in ("desk", "harvest") else None)
        acts.give(client, permit, wire.tell)
        for goes in ("renewed", "signed out"):
            wire.reached.clear()
            wire.told = 0
            await wire.send(name, client)
            assert (wire.reached, wire.told) == ([name], 0), (who, goes)
            with monkeypatch.context() as away:
                if goes == "signed out":
                    lobby.sign_out(ring.browser)
                elif who == "owner":
                    away.setattr(lobby, "owner_token", lambda: "another-owner-token")
                else:
                    access = lobby.access(ring.tokens[0])
                    assert access is not None
                    await lobby.withdraw(made.id, access.id)
                await wire.send(name, client)
            assert wire.reached == [name], (who, goes, "was carried on")
            assert wire.told == (name in acts.ACTS)
            if goes == "renewed" and who != "owner":
                ring = (await opened(lobby, made, page))[who]
                acts.give(client, acts.Permit(lobby, ring, page, made.id), wire.tell)


async def test_a_helper_who_led_before_takes_no_results_home(lobby: Lobby) -> None:
    """What is left of their links opens the desk, and the harvest no more."""
    made = await lobby.create(NewSession(format="quick-vote"))
    leads, helps = await lobby.issue(made.id, "facilitator"), await lobby.issue(made.id, "moderator")
    ring = Ring("~both", (leads, helps))
    access = lobby.access(leads)
    assert access is not None
    await lobby.withdraw(made.id, access.id)
    holds = {page: acts.Permit(lobby, ring, page, made.id).holds() for page in ("desk", "harvest")}
    assert holds == {"desk": True, "harvest": False}


@pytest.mark.parametrize("name", list(CALLS))
async def test_a_page_that_forgot_its_permit_can_do_nothing(
    name: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NiceGUI's own pages of errors have none: they come, and that is all."""
    wire = Wire(monkeypatch)
    await wire.send(name, client)
    assert wire.reached == ([] if name in acts.ACTS else [name])


def test_nothing_of_a_page_is_bound_past_the_wire() -> None:
    """No other listener on NiceGUI's socket than those of `acts`, and no page elsewhere than where all get a permit."""
    homes = {"nicegui.core.sio": "acts.py", "ui.page": "staff.py"}
    for path in sorted(Path(facilitate.ui.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            of = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            assert homes.get(of, path.name) == path.name, (of, path.name)


@pytest.mark.parametrize("message", [None, [], "x", 7, {}, {"client_id": []}, {"client_id": None}, {"client_id": "x"}])
@pytest.mark.parametrize("name", ["event", "javascript_response", "handshake", "log"])
async def test_nonsense_is_passed_over(name: str, message: Any) -> None:
    """It says nothing, and it does nothing."""
    acts.guard()
    answer = nicegui.core.sio.handlers["/"][name]("sid", message)
    if inspect.isawaitable(answer):
        assert await answer is False
