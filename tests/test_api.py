"""The HTTP API keeps its contract, and says every refusal as a problem with a key."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from facilitate import exports
from facilitate.core.actors import Actor
from facilitate.core.commands import read
from facilitate.live.lobby import Lobby
from facilitate.store.memory import MemoryStore
from facilitate.ui import access, api
from facilitate.ui.access import COOKIE
from tests.hall import OWNER, lobby_on

pytestmark = pytest.mark.usefixtures("at_once")


@dataclass
class Desk:
    lobby: Lobby
    client: httpx.AsyncClient

    async def make(self, token: str = OWNER, **wish: Any) -> httpx.Response:
        return await self.client.post("/api/sessions", json={"format": "pin-board", **wish}, headers=bearer(token))

    async def get(self, path: str, token: str | None = None) -> httpx.Response:
        return await self.client.get(path, headers=bearer(token) if token else {})


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    lobby = lobby_on(MemoryStore)
    await lobby.start()
    app = FastAPI()
    access.add(app, lobby)
    api.add(app, lobby)
    try:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://hall.test") as client:
            yield Desk(lobby, client)
    finally:
        await lobby.stop()


def problem(response: httpx.Response, status: int, key: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["key"] == key
    assert body["status"] == status
    assert {"type", "title", "values"} <= body.keys()
    assert body["title"] != f"error.{key}"
    return body


async def test_a_new_session_has_code_links_and_tokens() -> None:
    """Everything that a calendar or an intranet needs, and the links open what they say."""
    async with desk() as it:
        response = await it.make(title="Neighbourhood forum")
        made = response.json()
        assert response.status_code == 201
        assert made.keys() == {"code", "title", "links", "tokens"}
        assert made["title"] == {"en": "Neighbourhood forum", "de": "Neighbourhood forum"}
        assert made["links"].keys() == {"join", "screen", "desk", "harvest"}
        assert made["tokens"].keys() == {"facilitator", "screen"}
        assert made["links"]["join"] == f"http://hall.test/J/{made['code']}"
        for page in ("desk", "harvest"):
            assert made["links"][page] == f"http://hall.test/{page}/{made['code']}#{made['tokens']['facilitator']}"
        opened = it.lobby.access(made["tokens"]["facilitator"])
        assert opened
        assert opened.role == "facilitator"
        assert (await it.lobby.find(made["code"])).state.session.title["en"] == "Neighbourhood forum"


async def test_wishes_reach_the_session() -> None:
    """What is asked for is what people meet."""
    async with desk() as it:
        made = (
            await it.make(
                title={"de": "Forum"}, language="de", names="optional", delete_after=7, operator="Town of X",
                phases={"collect": {"prompt": {"de": "Was fehlt?"}, "minutes": 3, "settings": {"max_ideas": 2}}},
            )
        ).json()  # fmt: skip
        state = (await it.lobby.find(made["code"])).state
        assert state.session.languages == ("de",)
        assert (state.session.names, state.session.delete_after) == ("optional", 7)
        assert state.session.operator == "Town of X"
        phase = state.phases["collect"]
        assert (phase.prompt, phase.minutes) == ({"de": "Was fehlt?"}, 3)
        assert phase.settings["max_ideas"] == 2
        assert state.phases["sort"].minutes == 10
        untimed = (await it.make(phases={"collect": {"minutes": 0}})).json()
        assert (await it.lobby.find(untimed["code"])).state.phases["collect"].minutes is None


async def test_steps_are_left_out_put_in_order_and_added() -> None:
    """`agenda` names all that there shall be; what the format does not have says its activity."""
    async with desk() as it:
        words = {"en": "Coffee", "de": "Kaffee"}
        coffee = {"activity": "pause", "title": words, "minutes": 15, "begin": "on-go", "settings": {"sentence": words}}
        wish: dict[str, Any] = {"phases": {"coffee": coffee}, "agenda": ["weigh", "coffee", "collect"]}
        state = (await it.lobby.find((await it.make(**wish)).json()["code"])).state
        agenda = [(phase.id, phase.activity, phase.minutes) for phase in state.agenda()]
        assert agenda == [("weigh", "vote", 5), ("coffee", "pause", 15), ("collect", "brainstorm", 10)]
        assert (state.phases["coffee"].settings["sentence"], state.phases["coffee"].begin) == (words, "on-go")


@pytest.mark.parametrize(
    ("wish", "key"),
    [
        ({"format": "no-such-format"}, "format.unknown"),
        ({"format": 7}, "command.malformed"),
        ({"surprise": 1}, "command.malformed"),
        ({"names": "all"}, "command.malformed"),
        ({"delete_after": 0}, "command.malformed"),
        ({"delete_after": "7"}, "command.malformed"),
        ({"language": "de", "languages": ["en"]}, "command.malformed"),
        ({"languages": []}, "command.malformed"),
        ({"languages": ["fi"]}, "format.mistake"),
        ({"title": "x" * 121}, "title.long"),
        ({"title": {"en": ["x"]}}, "command.malformed"),
        ({"phases": {"collect": {"minutes": -1}}}, "command.malformed"),
        ({"phases": {"collect": {"minutes": 1e9}}}, "format.mistake"),
        ({"phases": {"collect": {"settings": {"no-such": 1}}}}, "format.mistake"),
        ({"phases": {"collect": {"settings": {"max_length": 9000}}}}, "format.mistake"),
        ({"imprint": "javascript:alert(1)"}, "command.malformed"),
        ({"attributes": [{"id": f"a{n}", "title": {"de": "?", "en": "?"}} for n in range(11)]}, "command.malformed"),
        ({"agenda": []}, "command.malformed"),
        ({"agenda": ["collect", "collect"]}, "format.mistake"),
        ({"agenda": ["collect", "no-such-step"]}, "format.mistake"),
        ({"phases": {"new": {"activity": "pause"}}, "agenda": ["new"]}, "format.mistake"),
        ({"phases": {"new": {"activity": "no-such"}}, "agenda": ["new"]}, "format.mistake"),
    ],
)
async def test_a_bad_wish_is_refused_and_nothing_is_made(wish: dict[str, Any], key: str) -> None:
    """With a key, and no session half made."""
    async with desk() as it:
        problem(await it.make(**wish), 422, key)
        assert it.lobby.entries() == []


@pytest.mark.parametrize(
    ("body", "status", "key"),
    [
        (b"", 422, "command.malformed"),
        (b"not json", 422, "command.malformed"),
        (b"[1]", 422, "command.malformed"),
        (b"\xff", 422, "command.malformed"),
        (b"[" * 50_000, 422, "command.malformed"),
        (b'{"format": "' + b"x" * 70_000 + b'"}', 413, "command.large"),
    ],
)
async def test_bad_bodies(body: bytes, status: int, key: str) -> None:
    """Malformed or oversized: a problem, never a stack trace."""
    async with desk() as it:
        problem(await it.client.post("/api/sessions", content=body, headers=bearer(OWNER)), status, key)


async def test_who_may_ask_for_what() -> None:
    """The owner makes; facilitators look at their own; a screen's token does neither; the cookie counts for nothing."""
    async with desk() as it:
        ours, other = [(await it.make()).json() for _ in range(2)]
        own, foreign, screen = ours["tokens"]["facilitator"], other["tokens"]["facilitator"], ours["tokens"]["screen"]
        problem(await it.client.post("/api/sessions", json={"format": "pin-board"}), 401, "token.invalid")
        problem(await it.make(token=own), 403, "role.refused")
        for path in (f"/api/sessions/{ours['code']}", f"/api/sessions/{ours['code']}/export/json"):
            problem(await it.get(path), 401, "token.invalid")
            problem(await it.get(path, "wrong-token"), 401, "token.invalid")
            problem(await it.get(path, foreign), 403, "role.refused")
            problem(await it.get(path, screen), 403, "role.refused")
            assert (await it.get(path, own)).status_code == 200
            assert (await it.get(path, OWNER)).status_code == 200
            it.client.cookies.set(COOKIE, OWNER)
            problem(await it.get(path), 401, "token.invalid")
            it.client.cookies.clear()


async def test_wrong_tokens_and_codes_are_counted_and_right_ones_never_slowed() -> None:
    """Twenty a minute and address."""
    async with desk() as it:
        ours = (await it.make()).json()
        statuses = [(await it.get("/api/sessions/ZZZZZZ", f"wrong-{n}")).status_code for n in range(22)]
        assert statuses == [401] * 20 + [429] * 2
        refused = await it.get("/api/sessions/ZZZZZZ", OWNER)
        assert problem(refused, 429, "rate.slow-down")["retry"] > 0
        assert int(refused.headers["retry-after"]) >= 1
        assert (await it.get(f"/api/sessions/{ours['code']}", OWNER)).status_code == 200


async def test_a_board_has_another_name_or_other_columns_or_both() -> None:
    """What is not wished for stays as the format has it; no columns at all is a wish too."""
    columns = [{"id": "a", "title": {"en": "A", "de": "A"}}]
    async with desk() as it:
        for wish, title, titles in (
            ({"title": {"en": "Streets"}}, "Streets", ["Is good", "Is missing"]),
            ({"columns": columns}, "Life here", ["A"]),
            ({"title": {"en": "Streets"}, "columns": []}, "Streets", []),
        ):
            answer = await it.make(format="citizens-forum", boards={"life": wish})
            assert answer.status_code == 201, answer.text
            made = answer.json()
            board = (await it.lobby.find(made["code"])).state.boards["life"]
            assert board.title["en"] == title
            assert board.title["de"] == "Leben vor Ort"
            assert [column.title["en"] for column in board.columns] == titles
        problem(await it.make(boards={"ideas": {"title": {"en": 1}}}), 422, "command.malformed")


async def test_how_many_there_is_room_for() -> None:
    async with desk() as it:
        made = (await it.make(capacity=2)).json()
        assert (await it.lobby.find(made["code"])).state.session.capacity == 2
        for wrong in (0, 20_001, "2"):
            problem(await it.make(capacity=wrong), 422, "command.malformed")


async def test_a_session_in_short() -> None:
    """Its state and agenda, and no secret."""
    async with desk() as it:
        made = (await it.make()).json()
        it_is = (await it.get(f"/api/sessions/{made['code'].lower()}", made["tokens"]["facilitator"])).json()
        assert it_is["code"] == made["code"]
        assert it_is["state"] == "planned"
        assert [phase["id"] for phase in it_is["phases"]] == ["collect", "sort", "weigh", "talk"]
        assert it_is["exports"] == sorted(exports.kinds())
        assert it_is["links"]["desk"] == f"http://hall.test/desk/{made['code']}"
        assert not [token for token in made["tokens"].values() if token in json.dumps(it_is)]
        problem(await it.get("/api/sessions/ZZZZZZ", OWNER), 404, "session.unknown")


async def test_formats_are_for_everybody() -> None:
    """What can be chosen is no secret."""
    async with desk() as it:
        listed = (await it.get("/api/formats")).json()
        assert [entry["id"] for entry in listed] == list(it.lobby.formats)
        for entry in listed:
            format_ = it.lobby.formats[entry["id"]]
            assert entry["title"] == format_.title
            assert entry["minutes"] == sum(phase.minutes or 0 for phase in format_.phases)
            assert [phase["id"] for phase in entry["phases"]] == [phase.id for phase in format_.phases]


@pytest.mark.parametrize("kind", sorted(exports.kinds()))
async def test_an_export_is_a_file_and_never_a_page_of_ours(kind: str) -> None:
    """An attachment, not sniffed, in a sandbox; and what people wrote is in it."""
    async with desk() as it:
        made = (await it.make()).json()
        runner = await it.lobby.find(made["code"])
        actor = Actor("facilitator", "f", b"secret")
        for command in (
            {"kind": "StartPhase", "id": "start-0123456789", "phase": "collect"},
            {"kind": "PostIdea", "id": "post-0123456789a", "phase": "collect", "text": "A bench in the shade"},
        ):
            await runner.do(read(command), actor)
        response = await it.get(f"/api/sessions/{made['code']}/export/{kind}", made["tokens"]["facilitator"])
        export = exports.kinds()[kind]
        assert response.status_code == 200
        assert response.headers["content-type"].split(";")[0] == export.MEDIA_TYPE.split(";")[0]
        assert response.headers["content-disposition"].startswith("attachment; filename=")
        assert response.headers["content-disposition"].endswith(f'.{export.EXTENSION}"')
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in response.headers["content-security-policy"]
        assert b"A bench in the shade" in response.content


async def test_an_export_in_another_language() -> None:
    """By the address, else by the request's own language; an unknown kind is a problem."""
    async with desk() as it:
        made = (await it.make()).json()
        path = f"/api/sessions/{made['code']}/export"
        chosen = await it.get(f"{path}/markdown?language=de", OWNER)
        asked = await it.client.get(f"{path}/markdown", headers={**bearer(OWNER), "Accept-Language": "de"})
        english = await it.get(f"{path}/markdown?language=en", OWNER)
        assert chosen.text == asked.text != english.text
        problem(await it.get(f"{path}/exe", OWNER), 404, "export.unknown")


async def test_refusals_speak_the_readers_language() -> None:
    """The key stays the same."""
    async with desk() as it:
        english = problem(await it.get("/api/sessions/ZZZZZZ", OWNER), 404, "session.unknown")
        response = await it.client.get("/api/sessions/ZZZZZZ", headers={**bearer(OWNER), "Accept-Language": "de"})
        assert problem(response, 404, "session.unknown")["title"] != english["title"]


async def test_other_paths_and_methods_are_problems_too() -> None:
    """Nothing under /api answers in another form."""
    async with desk() as it:
        problem(await it.get("/api/nowhere"), 404, "page.unknown")
        assert (await it.client.delete("/api/formats")).status_code == 405


class Addresses(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.found += [value or "" for name, value in attrs if name in ("src", "href")]


async def test_the_api_describes_itself_without_asking_anybody() -> None:
    """OpenAPI names every operation; the page of it loads nothing and runs nothing."""
    async with desk() as it:
        schema = (await it.get("/api/openapi.json")).json()
        assert schema["openapi"].startswith("3.")
        assert set(schema["paths"]) == {
            "/sessions", "/formats", "/sessions/{code}", "/sessions/{code}/export/{kind}",
        }  # fmt: skip
        wish = schema["paths"]["/sessions"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert wish["required"] == ["format"]
        page = await it.get("/api/docs")
        parsed = Addresses(page.text)
        assert parsed.found == ["/api/openapi.json"]
        assert "script" not in parsed.tags
        assert "default-src 'none'" in page.headers["content-security-policy"]
        for path in schema["paths"]:
            assert f"/api{path}" in page.text
