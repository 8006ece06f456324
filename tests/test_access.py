"""Who may come in: links become cookies, every door asks for its role, and wrong tokens are counted."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import msgspec
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from facilitate.core.actors import Actor
from facilitate.core.door import SetDoor
from facilitate.languages import catalogue
from facilitate.live.lobby import Created, Lobby, NewSession
from facilitate.live.tokens import Pass, hashed
from facilitate.store.memory import MemoryStore
from facilitate.ui import access
from facilitate.ui.access import COOKIE, TOKENS
from facilitate.ui.assets import Assets
from facilitate.ui.gate import Gate
from tests.hall import OWNER, lobby_on

pytestmark = pytest.mark.usefixtures("at_once")

ASSETS = Assets()
PAGES = ("/home", "/plan", "/desk/{code}", "/harvest/{code}")
DOORS = (
    "/auth", "/auth/live/{code}", "/auth/screen/{code}", "/auth/link/{code}", "/auth/links/{code}", "/auth/out",
)  # fmt: skip
STUB = "<html><head><script>one()</script></head><body><script type=module>two()</script></body></html>"


@dataclass
class House:
    lobby: Lobby
    client: httpx.AsyncClient
    ours: Created
    other: Created

    async def enter(self, token: str, **headers: str) -> httpx.Response:
        return await self.client.post("/auth", json={"token": token}, headers=headers)

    def path(self, path: str, made: Created | None = None) -> str:
        return path.format(code=(made or self.ours).code)

    @property
    def facilitator(self) -> str:
        return self.ours.tokens["facilitator"]


@asynccontextmanager
async def house(base: str = "http://hall.test") -> AsyncIterator[House]:
    """The doors and the gate, with pages behind it that only say that one is in."""
    lobby = lobby_on(MemoryStore)
    await lobby.start()
    app = FastAPI()
    access.add(app, lobby)
    app.add_middleware(Gate, lobby=lobby, assets=ASSETS)

    async def page(request: Request) -> Response:
        assert "accept-encoding" not in request.headers
        return HTMLResponse(STUB)

    for path in PAGES:
        app.add_api_route(path, page)
    made = [await lobby.create(NewSession(format="pin-board")) for _ in range(2)]
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=base) as client:
            yield House(lobby, client, *made)
    finally:
        await lobby.stop()


def key_of(response: httpx.Response) -> str:
    assert response.headers["content-type"] == "application/problem+json"
    found: str = response.json()["key"]
    return found


def flags(response: httpx.Response) -> set[str]:
    return {part.strip().lower().partition("=")[0] for part in response.headers["set-cookie"].split(";")[1:]}


# --- from a link to a cookie


async def test_a_link_becomes_a_cookie_that_no_script_can_read() -> None:
    """HttpOnly, SameSite=Strict, for the whole site; Secure wherever the page came by https."""
    async with house() as it:
        response = await it.enter(it.facilitator)
        assert response.json() == {"role": "facilitator"}
        assert {"httponly", "path", "samesite"} <= flags(response)
        assert "secure" not in flags(response)
        assert "samesite=strict" in response.headers["set-cookie"].lower()
        assert response.headers["cache-control"] == "no-store"
        assert it.facilitator not in response.text
    async with house("https://hall.test") as it:
        assert "secure" in flags(await it.enter(OWNER))


async def test_behind_a_proxy_that_speaks_https_the_cookie_is_secure() -> None:
    """We hear http, but the public address is https."""
    async with house() as it:
        it.lobby.public_url = "https://hall.test"
        assert "secure" in flags(await it.enter(OWNER))


async def test_one_cookie_holds_the_newest_tokens() -> None:
    """An owner who also opens many sessions' links keeps the newest ten, each once, dead ones not at all."""
    async with house() as it:
        tokens = [await it.lobby.issue(it.ours.id, "facilitator") for _ in range(TOKENS + 3)]
        it.client.cookies.set(COOKIE, "dead-token-of-long-ago")
        for token in [OWNER, *tokens, tokens[-1]]:
            it.client.cookies = httpx.Cookies((await it.enter(token)).cookies)
        *kept, name = it.client.cookies[COOKIE].split(".")
        assert kept == tokens[-TOKENS:]
        assert name.startswith("~")


@pytest.mark.parametrize("token", ["", "x", "a" * 32, "a" * 201, "ä" * 20, "; Path=/x", "a.b" * 8])
async def test_a_wrong_token_opens_nothing(token: str) -> None:
    """And sets no cookie."""
    async with house() as it:
        response = await it.enter(token)
        assert response.status_code == 401
        assert key_of(response) == "token.invalid"
        assert "set-cookie" not in response.headers


async def test_a_screens_token_and_a_desks_live_token_open_no_page() -> None:
    """Each is for its own purpose."""
    async with house() as it:
        granted = it.lobby.access(it.facilitator)
        assert granted
        for token in (it.ours.tokens["screen"], it.lobby.live_token(granted, it.ours.id)):
            assert (await it.enter(token)).status_code == 401


async def test_wrong_tokens_are_counted_and_right_ones_never_slowed() -> None:
    """Twenty a minute and address; whoever has a link comes in all the same."""
    async with house() as it:
        answers = [(await it.enter(f"wrong-token-number-{n:04}")).status_code for n in range(25)]
        assert answers[:20] == [401] * 20
        assert set(answers[20:]) == {429}
        refused = await it.enter("wrong-token-number-9999")
        assert key_of(refused) == "rate.slow-down"
        assert int(refused.headers["retry-after"]) >= 1
        assert (await it.enter(it.facilitator)).status_code == 200


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 422),
        (b"[]", "application/json", 422),
        (b"[" * 100_000, "application/json", 413),
        (b"[" * 3000, "application/json", 422),
        (b'{"token": 7}', "application/json", 422),
        (b"\xff\xfe", "application/json", 422),
        (b'{"token": "owner-token-of-the-test"}', "text/plain", 422),
        (b'{"token": "' + b"a" * 5000 + b'"}', "application/json", 413),
    ],
)
async def test_bad_bodies_are_refused_with_a_key(body: bytes, kind: str, status: int) -> None:
    """A form of another site can send text/plain without asking; that counts for nothing."""
    async with house() as it:
        response = await it.client.post("/auth", content=body, headers={"Content-Type": kind})
        assert response.status_code == status
        assert key_of(response) == ("command.large" if status == 413 else "command.malformed")


async def test_signing_out_takes_the_cookie_back() -> None:
    """Then the desk is closed again."""
    async with house() as it:
        await it.enter(it.facilitator)
        assert (await it.client.get(it.path("/desk/{code}"))).status_code == 200
        await it.client.post("/auth/out")
        assert COOKIE not in it.client.cookies
        assert (await it.client.get(it.path("/desk/{code}"))).status_code == 401


def holds(it: House, cookie: str) -> None:
    """The browser has this cookie and no other."""
    it.client.cookies.clear()
    it.client.cookies.set(COOKIE, cookie, domain="hall.test", path="/")


async def test_signing_out_ends_all_tabs_of_this_browser_and_of_no_other() -> None:
    """Two browsers with the same link: what the one holds open ends, the other goes on; a new link is a new start."""
    async with house() as it:
        path = it.path("/auth/live/{code}")

        async def signed_in() -> tuple[str, Pass]:
            it.client.cookies.clear()
            await it.enter(it.facilitator)
            await it.enter(OWNER)
            token = (await it.client.post(path)).json()["token"]
            return it.client.cookies[COOKIE], it.lobby.tokens.passed(token)

        ours, held = await signed_in()
        _, others = await signed_in()
        assert held.browser != others.browser
        holds(it, ours)
        await it.client.post("/auth/out")
        assert (it.lobby.stands(held), it.lobby.stands(others)) == (False, True)
        holds(it, ours)  # as a request that was on its way
        assert (await it.client.get("/home")).status_code == 401
        holds(it, ours)
        await it.enter(it.facilitator)
        assert it.client.cookies[COOKIE] != ours
        assert OWNER not in it.client.cookies[COOKIE], "what was signed out of is not taken up again"
        assert (await it.client.post(path)).status_code == 200


async def test_a_cookie_of_an_older_version_works_and_gets_a_name() -> None:
    """With the first page; what was opened with it meanwhile is known by that name."""
    async with house() as it:
        holds(it, f"{it.facilitator}.{OWNER}")
        assert (await it.client.post(it.path("/auth/live/{code}"))).status_code == 200
        page = await it.client.get("/home")
        assert page.status_code == 200
        *tokens, name = it.client.cookies[COOKIE].split(".")
        assert tokens == [it.facilitator, OWNER]
        assert {"httponly", "path", "samesite", "max-age"} <= flags(page)
        again = await it.client.get("/home")
        assert "set-cookie" not in again.headers
        await it.enter(OWNER)
        assert it.client.cookies[COOKIE].endswith(name)


async def test_signing_out_with_a_cookie_of_no_worth_is_not_kept() -> None:
    """A stranger fills no memory."""
    async with house() as it:
        for number in range(20):
            holds(it, f"{'x' * 20}.~{number:016}")
            assert (await it.client.post("/auth/out")).status_code == 200
        assert it.lobby._out == set()


# --- tokens for the live connection


async def test_a_desks_live_token_is_for_whoever_may_open_the_desk() -> None:
    """Nobody without a cookie, not another session's facilitator; the owner and its own ones."""
    async with house() as it:
        path = it.path("/auth/live/{code}")
        assert key_of(await it.client.post(path)) == "token.invalid"
        await it.enter(it.other.tokens["facilitator"])
        assert key_of(await it.client.post(path)) == "role.refused"
        await it.enter(it.facilitator)
        own = (await it.client.post(path)).json()["token"]
        actor = it.lobby.tokens.privileged(own, it.ours.id)
        assert actor
        assert actor.role == "facilitator"
        granted = it.lobby.access(it.facilitator)
        assert granted
        assert actor.id == granted.id
        assert it.lobby.tokens.privileged(own, it.other.id) is None
        it.client.cookies.clear()
        await it.enter(OWNER)
        assert (await it.client.post(path)).status_code == 200


async def test_with_both_links_a_facilitator_acts_under_their_own() -> None:
    """Two people who both also hold the owner's link are still told apart in the log."""
    async with house() as it:
        await it.enter(OWNER)
        await it.enter(it.facilitator)
        token = (await it.client.post(it.path("/auth/live/{code}"))).json()["token"]
        actor = it.lobby.tokens.privileged(token, it.ours.id)
        assert actor
        assert actor.id != "owner"


async def test_a_screen_needs_nothing_but_the_code() -> None:
    """And gets a token that is a screen's and nothing more."""
    async with house() as it:
        token = (await it.client.post(it.path("/auth/screen/{code}"))).json()["token"]
        actor = it.lobby.tokens.privileged(token, it.ours.id)
        assert actor
        assert actor.role == "screen"
        assert key_of(await it.client.post("/auth/screen/ZZZZZZ")) == "session.unknown"


async def test_a_link_for_a_co_facilitator_opens_this_session_alone() -> None:
    """It is new, it works, and whoever may not open the desk gets none."""
    async with house() as it:
        path = it.path("/auth/link/{code}")
        assert key_of(await it.client.post(path)) == "token.invalid"
        await it.enter(it.other.tokens["facilitator"])
        assert key_of(await it.client.post(path)) == "role.refused"
        await it.enter(it.facilitator)
        answer = (await it.client.post(path)).json()
        url, _, token = answer["url"].partition("#")
        assert url == f"http://hall.test/desk/{it.ours.code}"
        assert token != it.facilitator
        assert answer["qr"].startswith("<svg")
        it.client.cookies.clear()
        await it.enter(token)
        assert (await it.client.get(it.path("/desk/{code}"))).status_code == 200
        assert (await it.client.get(it.path("/desk/{code}", it.other))).status_code == 403


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({}, True),
        ({"Origin": "http://hall.test"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://hall.test"}, True),
        ({"Origin": "http://evil.test"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://hall.test.evil.test"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.test"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
    ],
)
async def test_other_sites_pages_cannot_push_the_doors(door: str, headers: dict[str, str], passes: bool) -> None:
    """Whatever cookie the browser would send along."""
    async with house() as it:
        await it.enter(it.facilitator)
        response = await it.client.post(it.path(door), json={"token": it.facilitator}, headers=headers)
        assert (response.status_code == 200) is passes
        if not passes:
            assert key_of(response) == "origin.refused"
            assert "set-cookie" not in response.headers


# --- the gate


@pytest.mark.parametrize("page", PAGES)
async def test_who_opens_which_page(page: str) -> None:
    """Home and plan are the owner's; a desk and a harvest are their facilitators' too."""
    async with house() as it:
        own = page.startswith(("/desk", "/harvest"))

        async def status(*tokens: str) -> int:
            it.client.cookies.clear()
            for token in tokens:
                await it.enter(token)
            return (await it.client.get(it.path(page))).status_code

        assert await status() == 401
        assert await status(it.other.tokens["facilitator"]) == 403
        assert await status(it.facilitator) == (200 if own else 403)
        assert await status(OWNER) == 200
        assert await status(it.other.tokens["facilitator"], it.facilitator) == (200 if own else 403)


@pytest.mark.parametrize("page", PAGES)
async def test_the_sign_in_page_is_strict_and_tells_nothing(page: str) -> None:
    """No inline script, no token, no word on whether there is such a code; in the visitor's language."""
    async with house() as it:
        closed = await it.client.get(it.path(page), headers={"Accept-Language": "de"})
        nowhere = await it.client.get(page.format(code="ZZZZZZ"), headers={"Accept-Language": "de"})
        assert (closed.status_code, closed.text) == (nowhere.status_code, nowhere.text)
        policy = closed.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert closed.headers["referrer-policy"] == "no-referrer"
        assert closed.headers["x-content-type-options"] == "nosniff"
        assert closed.headers["cache-control"] == "no-store"
        for tag in re.findall(r"<script[^>]*>", closed.text):
            assert "src=" in tag or 'type="application/json"' in tag
        assert catalogue("de").say(f"access.{page.split('/')[1]}") in closed.text
        for secret in (OWNER, it.facilitator, it.ours.code):
            assert secret not in closed.text


async def test_a_staff_page_runs_its_own_scripts_alone() -> None:
    """Each script has the nonce of this very answer, no two answers the same, and no other host is allowed."""
    async with house() as it:
        await it.enter(OWNER)
        nonces = set()
        for _ in range(3):
            page = await it.client.get("/home")
            policy = page.headers["content-security-policy"]
            found = re.findall(r'<script nonce="([^"]+)"', page.text)
            assert len(found) == page.text.count("<script") == 2
            assert len(set(found)) == 1
            script_src = re.search(r"script-src ([^;]*)", policy)
            assert script_src
            assert f"'nonce-{found[0]}'" in script_src[1]
            assert "unsafe-inline" not in script_src[1]
            assert set(re.findall(r"\b(?:ws|wss|http|https)://\S+", policy)) == {"ws://hall.test", "wss://hall.test;"}
            assert page.headers["content-length"] == str(len(page.content)) or "content-encoding" in page.headers
            assert page.headers["referrer-policy"] == "no-referrer"
            nonces.add(found[0])
        assert len(nonces) == 3


async def test_a_host_header_cannot_write_into_the_policy() -> None:
    """It is named there only where it looks like a host."""
    async with house() as it:
        await it.enter(OWNER)
        page = await it.client.get("/home", headers={"Host": "x; script-src *"})
        assert "*" not in page.headers["content-security-policy"]


async def test_an_unknown_code_is_a_friendly_page_for_staff_and_counted() -> None:
    """Guessing codes with a cookie is slowed like without one."""
    async with house() as it:
        await it.enter(OWNER)
        page = await it.client.get("/desk/ZZZZZZ")
        assert page.status_code == 404
        assert catalogue("en").say("error.session.unknown") in page.text
        statuses = [(await it.client.get(f"/desk/ZZZZ{n:02}")).status_code for n in range(30)]
        assert 429 in statuses
        assert (await it.client.get(it.path("/desk/{code}"))).status_code == 200


async def test_a_code_counts_in_any_spelling() -> None:
    """Case and spaces do not matter."""
    async with house() as it:
        await it.enter(it.facilitator)
        code = it.ours.code.lower()
        assert (await it.client.get(f"/desk/{code[:3]} {code[3:]}")).status_code == 200


async def test_a_revoked_link_is_closed_at_once() -> None:
    """And its cookie goes."""
    async with house() as it:
        await it.enter(it.facilitator)
        token = it.lobby._tokens[hashed(it.facilitator)]
        it.lobby._tokens[hashed(it.facilitator)] = msgspec.structs.replace(token, revoked=1)
        page = await it.client.get(it.path("/desk/{code}"))
        assert page.status_code == 401
        assert COOKIE not in it.client.cookies
        assert (await it.client.post(it.path("/auth/live/{code}"))).status_code == 401


async def test_the_language_switch_keeps_the_rest_of_the_address() -> None:
    """`?lang=de` becomes a cookie and leaves the address; an unknown language changes nothing."""
    async with house() as it:
        response = await it.client.get("/plan?format=pin-board&lang=de")
        assert response.status_code == 303
        assert response.headers["location"] == "/plan?format=pin-board"
        german = await it.client.get("/plan", headers={"Accept-Language": "en"})
        assert catalogue("de").say("access.plan") in german.text
        await it.client.get("/plan?lang=../../xx")
        assert catalogue("de").say("access.plan") in (await it.client.get("/plan")).text


async def test_everything_else_passes_by() -> None:
    """The gate looks at staff pages alone, and at no other method."""
    async with house() as it:
        assert (await it.client.get("/homes")).status_code == 404
        assert (await it.client.post("/home")).status_code == 405


# --- links by role


async def link(it: House, role: str) -> str:
    """The token of a new link, made by whoever the cookie says."""
    response = await it.client.post(it.path("/auth/link/{code}"), json={"role": role})
    assert response.status_code == 200, response.text
    return str(response.json()["url"].partition("#")[2])


async def given(it: House) -> list[dict[str, object]]:
    response = await it.client.post(it.path("/auth/links/{code}"))
    found: list[dict[str, object]] = response.json()["links"]
    return found


async def as_(it: House, *tokens: str) -> None:
    it.client.cookies.clear()
    for token in tokens:
        await it.enter(token)


async def test_links_are_made_by_role() -> None:
    """The owner makes them all; a facilitator none of an owner's; the desks of helpers none at all."""
    async with house() as it:
        await as_(it, OWNER)
        tokens = {role: await link(it, role) for role in ("owner", "facilitator", "theme", "moderator")}
        may = {
            "owner": {"owner", "facilitator", "theme", "moderator"},
            "facilitator": {"facilitator", "theme", "moderator"},
            "theme": set[str](),
            "moderator": set[str](),
        }
        for holder, makes in may.items():
            await as_(it, tokens[holder])
            made = set()
            for role in ("owner", "facilitator", "theme", "moderator", "screen", "clock"):
                response = await it.client.post(it.path("/auth/link/{code}"), json={"role": role})
                if response.status_code == 200:
                    made.add(role)
                else:
                    assert key_of(response) == "role.refused"
            assert made == makes, holder
            response = await it.client.post(it.path("/auth/links/{code}"))
            assert (response.status_code == 200) is bool(makes)


async def test_who_takes_which_link_back() -> None:
    """Nobody those above them, nor beside them, but an owner every one; and what was taken back opens nothing."""
    async with house() as it:
        await as_(it, OWNER)
        tokens = {role: await link(it, role) for role in ("owner", "facilitator", "theme", "moderator")}
        ids = {str(one["role"]): str(one["id"]) for one in await given(it)}
        await as_(it, tokens["facilitator"])
        for role, passes in (("owner", False), ("facilitator", False), ("theme", True), ("moderator", True)):
            path = it.path("/auth/link/{code}") + f"/{ids[role]}/withdraw"
            response = await it.client.post(path)
            assert (response.status_code == 200) is passes, role
            if passes:
                assert key_of(await it.client.post(path)) == "page.unknown", "it is gone already"
        await as_(it, tokens["theme"])
        assert COOKIE not in it.client.cookies
        assert key_of(await it.enter(tokens["theme"])) == "token.revoked"
        await as_(it, tokens["owner"])
        answer = await it.client.post(it.path("/auth/link/{code}") + f"/{ids['facilitator']}/withdraw")
        assert answer.status_code == 200
        assert tokens["facilitator"] not in str(await given(it))
        assert {one["role"] for one in await given(it)} == {"owner", "facilitator"}, "the first one, of the session"


async def test_a_renewed_link_takes_the_place_of_the_old_one() -> None:
    """The same role, another secret; the old one says what happened to it, also with its cookie."""
    async with house() as it:
        await as_(it, OWNER)
        old = await link(it, "moderator")
        await as_(it, old)
        kept = dict(it.client.cookies)
        await as_(it, OWNER)
        id_ = next(one["id"] for one in await given(it) if one["role"] == "moderator")
        answer = (await it.client.post(it.path("/auth/link/{code}") + f"/{id_}/renew")).json()
        new = answer["url"].partition("#")[2]
        assert (answer["role"], new != old) == ("moderator", True)
        assert [one["role"] for one in await given(it)].count("moderator") == 1
        it.client.cookies.clear()
        it.client.cookies.update(kept)
        assert key_of(await it.client.post(it.path("/auth/live/{code}"))) == "token.revoked"
        await as_(it, new)
        assert (await it.client.post(it.path("/auth/live/{code}"))).status_code == 200


async def test_links_of_another_session_are_not_touched() -> None:
    """Nor told."""
    async with house() as it:
        await as_(it, OWNER)
        other = it.lobby.links(it.other.id)[0].id
        assert other not in str(await given(it))
        for deed in ("withdraw", "renew"):
            assert key_of(await it.client.post(it.path("/auth/link/{code}") + f"/{other}/{deed}")) == "page.unknown"
        own = (await given(it))[0]["id"]
        assert key_of(await it.client.post(it.path("/auth/link/{code}") + f"/{own}/eat")) == "page.unknown"


@pytest.mark.parametrize("role", ["theme", "moderator"])
async def test_a_helper_opens_the_desk_and_nothing_else(role: str) -> None:
    """Neither the results nor the house."""
    async with house() as it:
        await as_(it, OWNER)
        token = await link(it, role)
        await as_(it, token)
        assert [(await it.client.get(it.path(page))).status_code for page in PAGES] == [403, 403, 200, 403]


async def test_an_owner_of_one_session_does_not_own_the_house() -> None:
    """All of this session, nothing of the others, no new ones."""
    async with house() as it:
        await as_(it, OWNER)
        await as_(it, await link(it, "owner"))
        assert [(await it.client.get(it.path(page))).status_code for page in PAGES] == [403, 403, 200, 200]
        assert (await it.client.get(it.path("/desk/{code}", it.other))).status_code == 403


async def test_a_screen_and_the_door() -> None:
    """By its code alone it opens while the door is open; then by a link, or if it was open before."""
    async with house() as it:
        path = it.path("/auth/screen/{code}")
        before = (await it.client.post(path)).json()["token"]
        runner = await it.lobby.find(it.ours.code)
        await runner.do(SetDoor(id="the-door-is-closed", door="closed"), Actor("facilitator", "f", b"x"))
        assert key_of(await it.client.post(path)) == "door.closed"
        assert key_of(await it.client.post(path, json={"token": "forged"})) == "door.closed"
        assert (await it.client.post(path, json={"token": before})).status_code == 200
        other = (await it.client.post(it.path("/auth/screen/{code}", it.other))).json()["token"]
        assert key_of(await it.client.post(path, json={"token": other})) == "door.closed"
        await as_(it, it.facilitator)
        assert (await it.client.post(path)).status_code == 200
