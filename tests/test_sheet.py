"""The join sheet and the pages of a closed door: what stands in their HTML, and what does not."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from facilitate.core.actors import Actor
from facilitate.core.door import SetDoor
from facilitate.core.formats import AttributePlan
from facilitate.core.phases import StartPhase
from facilitate.languages import catalogue
from facilitate.live.lobby import Lobby, NewSession
from facilitate.store.memory import MemoryStore
from facilitate.ui import light, qr, sheet
from facilitate.ui.assets import Assets
from tests.hall import lobby_on

ASSETS = Assets()
DESK = Actor("facilitator", "f", b"secret")
NASTY = '<img src=x onerror="1">'


@asynccontextmanager
async def served() -> AsyncIterator[tuple[Lobby, httpx.AsyncClient]]:
    lobby = lobby_on(MemoryStore)
    await lobby.start()
    app = FastAPI()
    light.add(app, lobby, ASSETS)
    sheet.add(app, lobby, ASSETS)
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://hall.test") as client:
            yield lobby, client
    finally:
        await lobby.stop()


@pytest.mark.parametrize("languages", [("de", "en"), ("en",)])
async def test_two_languages_and_three_steps(languages: tuple[str, ...]) -> None:
    """The session's own first; where there are no words for one, another takes its place."""
    async with served() as (lobby, client):
        title = dict.fromkeys(languages, f"{NASTY} Pacts")
        code = (await lobby.create(NewSession(format="pin-board", title=title, languages=languages))).code
        page = await client.get(f"/sheet/{code}")
        assert page.status_code == 200
        found = re.findall(r'<section lang="(\w+)"', page.text)
        assert len(set(found)) == 2
        assert found[0] == languages[0]
        assert page.text.count("<li>") == 6
        assert f"{code[:3]} {code[3:]}" in page.text
        assert "<svg" in page.text
        assert NASTY not in page.text
        assert "unsafe" not in page.headers["content-security-policy"]
        assert "style=" not in page.text


def test_languages_that_there_are_no_words_for() -> None:
    """The reader's own, and English, take their place; a variant stands for its parent."""
    assert sheet.languages(("fr",), catalogue("de")) == ["de", "en"]
    assert sheet.languages(("fr", "en"), catalogue("de")) == ["en", "de"]
    assert sheet.languages(("de-AT",), catalogue("en")) == ["de", "en"]


async def test_a_sheet_of_nothing() -> None:
    """An unknown code is the friendly page with a field."""
    async with served() as (_, client):
        page = await client.get("/sheet/ZZZZZZ")
        assert page.status_code == 404
        assert 'name="code"' in page.text


@pytest.mark.parametrize("door", ["open", "approval", "closed"])
async def test_what_a_page_holds_before_it_is_known_who_asks(door: str) -> None:
    """The question only while nobody has to ask to come in."""
    async with served() as (lobby, client):
        code = (await lobby.create(NewSession(format="pin-board"))).code
        runner = await lobby.find(code)
        phase = runner.state.agenda()[0]
        await runner.do(StartPhase(id="start-it-0000000000", phase=phase.id), DESK)
        await runner.do(SetDoor(id="the-door-0000000000", door=door), DESK)  # type: ignore[arg-type]
        page = (await client.get(f"/j/{code}", headers={"Accept-Language": "en"})).text
        asked = phase.prompt["en"]
        assert (asked in page) is (door == "open")
        assert ('"type":"phase"' in page) is (door == "open")
        assert runner.state.session.title["en"] in page


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize(("names", "key"), [("none", "totals"), ("optional", "totals"), ("shown", "named")])
async def test_the_promise_on_what_is_asked(lang: str, names: str, key: str) -> None:
    """It follows from the settings, is said before any script runs, and is not said where nothing is asked."""
    words = catalogue(lang)
    sector = AttributePlan("sector", {"de": "Bereich?", "en": "Sector?"})
    async with served() as (lobby, client):
        asks = await lobby.create(NewSession(format="pin-board", names=names, attributes=(sector,)))  # type: ignore[arg-type]
        plain = await lobby.create(NewSession(format="pin-board", names=names))  # type: ignore[arg-type]
        asking = (await client.get(f"/j/{asks.code}?lang={lang}")).text.partition('<script type="application/json"')[0]
        silent = (await client.get(f"/j/{plain.code}?lang={lang}")).text.partition('<script type="application/json"')[0]
        for one in ("totals", "named"):
            assert (words.say(f"privacy.attributes-{one}") in asking) is (one == key)
            assert words.say(f"privacy.attributes-{one}") not in silent


# --- cards for tables


@pytest.mark.parametrize(
    ("asked", "cards"), [("8", 8), ("1", 1), ("100", 100), ("5000", 100), ("0", 0), ("-3", 0), ("x", 0), ("٣", 0)]
)
async def test_a_card_for_each_table(asked: str, cards: int) -> None:
    """A number, its own square, and the way in as text; two to a page. What is no number is the join sheet."""
    async with served() as (lobby, client):
        title = {"en": f"{NASTY} Pacts", "de": "Pakte"}
        code = (await lobby.create(NewSession(format="pin-board", title=title))).code
        page = await client.get(f"/sheet/{code}", params={"tables": asked}, headers={"Accept-Language": "en"})
        assert page.status_code == 200
        assert NASTY not in page.text
        assert "style=" not in page.text
        numbers = [int(number) for number in re.findall(r"<h2>[^<]*<strong>(\d+)</strong>", page.text)]
        assert numbers == list(range(1, cards + 1))
        squares = re.findall(r"<svg.*?</svg>", page.text)
        assert len(set(squares)) == len(squares) == (cards or 1)
        assert page.text.count(f"{code[:3]} {code[3:]}") == (cards or 1)
        assert 'name="tables"' in page.text


async def test_the_square_of_a_table_is_the_address_that_seats_a_phone() -> None:
    """In capitals and digits, so that it is as small as such a square can be; and that address is a phone's page."""
    async with served() as (lobby, client):
        code = (await lobby.create(NewSession(format="pin-board"))).code
        page = await client.get(f"/sheet/{code}?tables=3")
        address = f"HTTP://HALL.TEST/J/{code}/3"
        assert re.fullmatch(r"[0-9A-Z $%*+./:-]+", address)
        path = re.search(r'fill="#000" d="([^"]+)"', qr.svg(address))
        assert path is not None
        assert path[1] in page.text
        assert (await client.get(f"/J/{code}/3")).status_code == 200


async def test_a_sheet_of_tables_for_a_code_that_is_not_there() -> None:
    async with served() as (_, client):
        assert (await client.get("/sheet/ZZZZZZ?tables=8")).status_code == 404
