"""Addresses where nothing is: a light page with a sentence and a way on, the right status, and our own policy."""

import httpx
import pytest
from fastapi import FastAPI

from facilitate.languages import catalogue
from facilitate.ui import lost
from facilitate.ui.assets import Assets
from tests.server import Server

LIGHT = 3000  # bytes; NiceGUI's own page has 11 kB and loads half a megabyte


def is_our_page(answer: httpx.Response, status: int, language: str = "en") -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert catalogue(language).say(f"lost.{status}-more") in answer.text
    assert 'href="/"' in answer.text
    assert "nicegui" not in answer.text.lower()
    assert len(answer.text) < LIGHT


@pytest.mark.parametrize("path", ["/nope", "/nope/deeper%0A", "/desk/", "/harvest", "/j", "/a/nope.js"])
def test_an_unknown_address(server: Server, path: str) -> None:
    """In the reader's language."""
    is_our_page(httpx.get(server.url + path), 404)
    is_our_page(httpx.get(server.url + path, headers={"Accept-Language": "de-AT"}), 404, "de")


@pytest.mark.parametrize(("method", "path"), [("POST", "/"), ("DELETE", "/j/ABCDEF"), ("POST", "/home")])
def test_what_cannot_be_done_with_a_page(server: Server, method: str, path: str) -> None:
    """405 with what can be done, also where NiceGUI would say that there is no such page."""
    answer = httpx.request(method, server.url + path)
    is_our_page(answer, 405)
    assert "GET" in answer.headers["allow"]


def test_programs_get_a_problem(server: Server) -> None:
    """The API as before; elsewhere whoever asks for JSON; our own scripts under `/auth`."""
    for path, headers in (
        ("/api/nope", {}),
        ("/auth/nope", {}),
        ("/nope", {"Accept": "application/json"}),
    ):
        answer = httpx.get(server.url + path, headers=headers)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["key"] == "page.unknown"
    wrong = httpx.put(f"{server.url}/api/formats")
    assert (wrong.status_code, wrong.json()["key"]) == (405, "page.method")


def test_what_is_there_stays(server: Server) -> None:
    """A code that is not there has its own page, with the code field; NiceGUI's own files come as ever."""
    unknown = httpx.get(f"{server.url}/j/ABCDEF")
    assert catalogue("en").say("end.unknown") in unknown.text
    with httpx.Client(base_url=server.url) as browser:
        browser.post("/auth", json={"token": server.owner})
        home = browser.get("/home").text
        (script,) = {part.split('"')[0] for part in home.split('"') if part.endswith("/nicegui.js")}
        assert browser.get(script).status_code == 200
        assert browser.get(script.replace("nicegui.js", "nope.js")).status_code == 404
    assert "Not Found" in httpx.get(f"{server.url}/_nicegui/nope").text


async def test_something_broke() -> None:
    """A sentence and no word of what it was; the error itself goes on to the log."""
    app = FastAPI()

    @app.get("/broken")
    async def broken() -> None:
        raise ValueError("secret inner thing")

    lost.add(app, Assets())
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hall.test") as client:
        answer = await client.get("/broken")
        is_our_page(answer, 500)
        assert "secret" not in answer.text
    with pytest.raises(ValueError, match="secret"):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://hall.test") as client:
            await client.get("/broken")
