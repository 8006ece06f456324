"""Pages of visitors who have gone leave nothing behind, though the collector never comes."""

import asyncio
import gc
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
import socketio
from nicegui import Client
from nicegui.element import Element
from nicegui.props import Props
from playwright.sync_api import Browser, expect

from facilitate import app
from facilitate.live.lobby import NewSession
from facilitate.store.folder import Folder
from facilitate.ui import visits
from facilitate.ui.frame import Frame
from facilitate.ui.plan.form import Form
from tests.server import Server, free_port

VISITS = 10
KINDS = (Client, Element, Props, Frame, Form)
PAGES = ("/home", "/plan", "/plan?format=citizens-forum", "/desk/{code}", "/harvest/{code}")


def living() -> dict[str, int]:
    """Objects of a page that are there, by kind."""
    found = Counter(kind.__name__ for it in gc.get_objects() for kind in KINDS if isinstance(it, kind))
    return {kind.__name__: found[kind.__name__] for kind in KINDS}


async def looked(page: str, data: Path) -> dict[str, Any]:
    """In a process of its own, without a collector: what is there of a page after one visit, and after many more.

    Every other visitor is a program that never opens the socket; the others close the tab.
    """
    settings = app.Settings(data=data, host="127.0.0.1", port=free_port())
    Folder(data).owner_token()  # a lobby makes none
    sock = app.listening(settings)
    async with app.running(settings) as (server, lobby):
        task = asyncio.create_task(server.serve(sockets=[sock]))
        made = await lobby.create(NewSession(format="quick-vote"))
        url = f"http://127.0.0.1:{settings.port}"
        async with httpx.AsyncClient(base_url=url, timeout=30) as browser:
            await browser.post("/auth", json={"token": lobby.owner_token()})
            counts = []
            for number in range(VISITS + 2):
                answer = await browser.get(page.format(code=made.code))
                assert answer.status_code == 200, answer
                if number % 2:
                    await visited(browser, answer.text, restores="format" in page)
                else:
                    Client.prune_instances(client_age_threshold=-1)
                if number in (1, VISITS + 1):
                    await asyncio.sleep(0.3)
                    counts.append(living())
        server.should_exit = True
        await task
    return {"few": counts[0], "many": counts[1]}


async def visited(browser: httpx.AsyncClient, html: str, *, restores: bool) -> None:
    """The socket opens as NiceGUI's browser opens it, and the tab is closed."""
    match = re.search(r"['\"]client_id['\"]: ['\"]([0-9a-f-]{36})", html)
    assert match, html[-3000:]
    query = f"client_id={match[1]}&next_message_id=0&implicit_handshake=true&tab_id={match[1]}&document_id=d"
    headers = {"Cookie": f"facilitate_staff={browser.cookies['facilitate_staff']}", "Origin": str(browser.base_url)}
    wire = socketio.AsyncClient(reconnection=False)
    asked = asyncio.Event()

    async def answer(message: dict[str, Any]) -> None:
        await wire.emit("javascript_response", {**message, "client_id": match[1], "result": None})
        asked.set()

    wire.on("run_javascript", answer)
    await wire.connect(f"{browser.base_url}?{query}", headers, ["websocket"], socketio_path="/_nicegui_ws/socket.io")
    assert Client.instances[match[1]].has_socket_connection
    if restores:
        await asyncio.wait_for(asked.wait(), 20)
        await asyncio.sleep(0.1)
    await wire.disconnect()
    assert (await browser.post(f"/auth/closed/{match[1]}")).status_code == 204
    for _ in range(100):
        if match[1] not in Client.instances:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the page is still kept")


@pytest.mark.parametrize("address", PAGES)
def test_a_page_that_was_left_leaves_nothing(address: str, environment: dict[str, str], tmp_path: Path) -> None:
    """Not one object more after many visits than after few."""
    command = [sys.executable, "-m", "tests.test_visits", address, str(tmp_path / "folder")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["many"] == found["few"]
    assert found["many"]["Client"] == 0


def test_a_tab_that_is_closed_says_so(browser: Browser, server: Server) -> None:
    """Also one that goes on to another page; one that is looked at stays."""
    context = browser.new_context(base_url=server.public)
    page = context.new_page()
    page.add_init_script("navigator.sendBeacon = address => localStorage.setItem('said', address)")
    page.goto(f"/home#{server.owner}")
    expect(page.locator(".home")).to_be_visible()
    page.wait_for_function("window.did_handshake")
    before = page.evaluate("window.clientId")
    page.goto("/plan")
    assert page.evaluate("localStorage.getItem('said')") == f"/auth/closed/{before}"
    context.close()


if __name__ == "__main__":
    gc.disable()
    visits.SOON = 0.1
    print(json.dumps(asyncio.run(looked(sys.argv[1], Path(sys.argv[2])))))
