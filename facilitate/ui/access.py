"""Who may open staff pages, and who gives links to others: a token becomes a cookie that no script can read.

One cookie holds the newest few tokens (an owner's, and facilitators' of several sessions), parted by dots, and a name
that this browser alone has: so signing out ends what is open in its other tabs, and nothing of anybody else's.
"""

import re
import secrets
from collections.abc import Iterable
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from msgspec import Struct
from starlette.requests import HTTPConnection

from facilitate.core.refused import Refused
from facilitate.languages import catalogue
from facilitate.live.addresses import place_of
from facilitate.live.lobby import Lobby
from facilitate.live.runner import Runner
from facilitate.live.tokens import Access, LinkRole
from facilitate.ui import qr
from facilitate.ui.problems import Give, about_session, answered, body_of, json_of, language_of

COOKIE = "facilitate_staff"
TOKENS = 10  # kept in the cookie, newest last
LARGEST = 4096  # bytes of a posted token

# Whose links a role may make, and whose it may take back: nobody locks out those who are above them, or beside them.
MAKES: dict[LinkRole, tuple[LinkRole, ...]] = {
    "owner": ("facilitator", "theme", "moderator", "owner"),
    "facilitator": ("facilitator", "theme", "moderator"),
}
WITHDRAWS: dict[LinkRole, tuple[LinkRole, ...]] = {
    "owner": ("owner", "facilitator", "theme", "moderator"),
    "facilitator": ("theme", "moderator"),
}
RANKS: tuple[LinkRole, ...] = ("facilitator", "owner", "moderator", "theme")

NAMED = "facilitate.browser"  # in a request's scope: the name that its answer gives to the browser

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,200}", re.ASCII)
_NAME = re.compile(r"~[A-Za-z0-9_-]{16}", re.ASCII)
_YEAR = 365 * 86_400  # seconds


def add(app: FastAPI, lobby: Lobby) -> None:
    """The doors: `POST /auth`, those of live pages (`live/CODE`, `screen/CODE`, `deleted`), of links, and `/out`."""
    doors = APIRouter(prefix="/auth", include_in_schema=False)

    @doors.post("")
    async def enter(request: Request) -> Response:
        """`{token}` for the cookie; the answer says only which role it opens."""
        return await guarded(request, lobby, lambda: _enter(request, lobby))

    @doors.post("/live/{code}")
    async def live(request: Request, code: str) -> Response:
        """A short-lived token with which a desk connects. `{token}` is the one it had, where it had one."""

        async def give() -> Response:
            await _posted_before(request, lobby, code)
            runner, access = await staff_of(request, lobby, code)
            return JSONResponse({"token": lobby.live_token(access, runner.session, ring_of(request).browser)})

        return await guarded(request, lobby, give)

    @doors.post("/screen/{code}")
    async def screen(request: Request, code: str) -> Response:
        """A screen sees no more than participants do, so the code is enough, unless people must ask to come in.

        `{token}` is the one it had, where it had one: what is projected goes on when the door closes.
        """

        async def give() -> Response:
            kept = await _posted_before(request, lobby, code)
            runner = await found(request, lobby, code)
            accesses = accesses_of(ring_of(request), lobby)
            lobby.check_screen(runner, kept, accesses)
            by_link = any(access.opens(runner.session) for access in accesses)
            if not by_link and not (kept and lobby.tokens.screen_of(kept, runner.session)):
                lobby.limits.visit(address_of(request), runner.session)
            return JSONResponse({"token": lobby.screen_token(runner.session, kept, by_link=by_link)})

        return await guarded(request, lobby, give)

    @doors.post("/deleted")
    async def deleted(request: Request) -> Response:
        """`{token}`, of a phone, screen or desk. `{deleted}`: whether its session was; then the device forgets it."""

        async def give() -> Response:
            return JSONResponse({"deleted": await lobby.was_deleted((await _posted(request)).get("token"))})

        return await guarded(request, lobby, give)

    @doors.post("/out")
    async def leave(request: Request) -> Response:
        """In all tabs of this browser."""

        async def give() -> Response:
            ring = ring_of(request)
            if ring.browser and accesses_of(ring, lobby):
                lobby.sign_out(ring.browser)
            response = JSONResponse({})
            response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
            return response

        return await guarded(request, lobby, give)

    _add_links(doors, lobby)
    app.include_router(doors)


def _add_links(doors: APIRouter, lobby: Lobby) -> None:
    """`POST /auth/links/CODE`, `/auth/link/CODE`, and `/auth/link/CODE/ID/withdraw` or `/renew`."""

    @doors.post("/links/{code}")
    async def links(request: Request, code: str) -> Response:
        """`{links: [{id, role, created, open, own, withdraws}], makes}`: what this desk may know and do of links."""

        async def give() -> Response:
            runner, keeper = await keeper_of(request, lobby, code)
            mine = [one.id for one in accesses_of(ring_of(request), lobby)]
            return JSONResponse(
                {
                    "makes": MAKES[keeper],
                    "links": [
                        {
                            "id": token.id,
                            "role": token.role,
                            "created": token.created,
                            "open": lobby.opened(runner.session, token.id),
                            "own": token.id in mine,
                            "withdraws": token.role in WITHDRAWS[keeper],
                        }
                        for token in lobby.links(runner.session)
                    ],
                }
            )

        return await guarded(request, lobby, give)

    @doors.post("/link/{code}")
    async def link(request: Request, code: str) -> Response:
        """`{role?}`: a new link to the desk, for somebody else or for one's own phone, with its QR code."""

        async def give() -> Response:
            runner, keeper = await keeper_of(request, lobby, code)
            role = (await _posted(request)).get("role", "facilitator")
            if role not in MAKES[keeper]:
                raise Refused("role.refused")
            return await _issued(request, lobby, runner, role)

        return await guarded(request, lobby, give)

    @doors.post("/link/{code}/{id_}/{deed}")
    async def change(request: Request, code: str, id_: str, deed: str) -> Response:
        """`withdraw`: the link opens nothing any more. `renew`: and a new one of its role takes its place."""

        async def give() -> Response:
            runner, keeper = await keeper_of(request, lobby, code)
            old = next((token for token in lobby.links(runner.session) if token.id == id_), None)
            if deed not in ("withdraw", "renew") or old is None:
                raise Refused("page.unknown")
            if old.role not in WITHDRAWS[keeper]:
                raise Refused("role.refused")
            answer = await _issued(request, lobby, runner, old.role) if deed == "renew" else JSONResponse({})
            await lobby.withdraw(runner.session, id_)
            return answer

        return await guarded(request, lobby, give)


async def _issued(request: Request, lobby: Lobby, runner: Runner, role: LinkRole) -> Response:
    """`{url, qr, role}` of a new link."""
    words = catalogue(language_of(request))
    token = await lobby.issue(runner.session, role)
    url = f"{lobby.public_url}/desk/{runner.state.session.code}#{token}"
    return JSONResponse({"url": url, "qr": qr.svg(url, words.say(f"link.{role}")), "role": role})


async def _posted(request: Request) -> dict[str, object]:
    """The posted object; an empty one where nothing was posted. Refused: `command.malformed`."""
    body = await body_of(request, LARGEST)
    try:
        posted = json_of(body) if body else {}
    except ValueError as error:
        raise Refused("command.malformed") from error
    if not isinstance(posted, dict):
        raise Refused("command.malformed")
    return posted


async def _posted_before(request: Request, lobby: Lobby, code: str) -> str | None:
    """The token that a desk or screen had before. Refused: `session.deleted` where that was of one that is no more."""
    kept = (await _posted(request)).get("token")
    if await lobby.was_deleted(kept, code):
        raise Refused("session.deleted")
    return kept if isinstance(kept, str) else None


async def _enter(request: Request, lobby: Lobby) -> Response:
    token = await _posted_token(request)
    access = await lobby.look_up(token) if _TOKEN.fullmatch(token) else None
    if access is None and lobby.is_withdrawn(token):
        raise Refused("token.revoked")
    if access is None or access.role == "screen":
        lobby.limits.wrong(address_of(request))
        raise Refused("token.invalid")
    ring = ring_of(request)
    if lobby.is_out(ring.browser):
        ring = Ring("", ())
    kept = [known for known in ring.tokens if known != token and lobby.access(known)]
    response = JSONResponse({"role": access.role})
    keep(response, Ring(ring.browser or new_name(), (*kept, token)[-TOKENS:]), is_secure(request, lobby))
    return response


def keep(response: Response, ring: "Ring", secure: bool) -> None:
    """Let the browser keep this."""
    held = ".".join([*ring.tokens, ring.browser])
    response.set_cookie(COOKIE, held, _YEAR, path="/", httponly=True, samesite="strict", secure=secure)


async def _posted_token(request: Request) -> str:
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Refused("command.malformed")
    body = await body_of(request, LARGEST)
    try:
        posted = json_of(body)
    except ValueError as error:
        raise Refused("command.malformed") from error
    token = posted.get("token") if isinstance(posted, dict) else None
    if not isinstance(token, str):
        raise Refused("command.malformed")
    return token


async def guarded(request: Request, lobby: Lobby, give: Give) -> Response:
    """The answer to one of our own pages; a POST that another site's page sends is refused before anything is done."""

    async def checked() -> Response:
        if not is_same_origin(request, lobby):
            raise Refused("origin.refused")
        return await give()

    return await answered(request, checked)


# --- what other pages ask


class Ring(Struct, frozen=True):
    """What a browser's cookie holds: its name (cookies of older versions have none), and its tokens, newest last."""

    browser: str
    tokens: tuple[str, ...]


def ring_of(request: HTTPConnection) -> Ring:
    """Whatever is neither a name nor a token is passed over."""
    kept = request.cookies.get(COOKIE, "").split(".")
    name = next((part for part in kept if _NAME.fullmatch(part)), request.scope.get(NAMED, ""))
    return Ring(name, tuple(token for token in kept if _TOKEN.fullmatch(token))[-TOKENS:])


def new_name() -> str:
    return f"~{secrets.token_urlsafe(12)}"


def accesses_of(ring: Ring, lobby: Lobby) -> list[Access]:
    """What a browser may open now; nothing (more) once it signed out."""
    if lobby.is_out(ring.browser):
        return []
    return [access for token in ring.tokens if (access := lobby.access(token)) is not None]


def is_house(accesses: Iterable[Access]) -> bool:
    """The owner of the house: who makes sessions and sees all of them."""
    return any(access.is_house for access in accesses)


def is_open(page: str, session: str | None, accesses: Iterable[Access]) -> bool:
    """Whether these open a staff page: home and plan are the house's, a harvest is for those who lead."""
    if session is None:
        return is_house(accesses)
    access = opening(accesses, session)
    return access is not None and (access.leads or page == "desk")


def opening(accesses: Iterable[Access], session: str) -> Access | None:
    """The access that opens the desk of a session: its facilitator's before the owner's, so that names stay apart,
    and before a helper's."""
    able = [access for access in accesses if access.is_staff and access.opens(session)]
    return min(able, key=lambda access: (RANKS.index(access.role), access.is_house), default=None)


async def keeper_of(request: Request, lobby: Lobby, code: str) -> tuple[Runner, LinkRole]:
    """The session, and as what this browser has its links in hand. Refused: `role.refused` for the desks of helpers."""
    runner, access = await staff_of(request, lobby, code)
    if not access.leads:
        raise Refused("role.refused")
    accesses = accesses_of(ring_of(request), lobby)
    owns = any(access.role == "owner" and access.opens(runner.session) for access in accesses)
    return runner, "owner" if owns else "facilitator"


async def staff_of(request: Request, lobby: Lobby, code: str) -> tuple[Runner, Access]:
    """The session and what opens it. Refused: `token.invalid` without a cookie, whether there is such a code or not."""
    ring = ring_of(request)
    accesses = accesses_of(ring, lobby)
    if not accesses:
        if any(lobby.is_withdrawn(token) for token in ring.tokens):
            raise Refused("token.revoked")
        if ring.tokens:
            lobby.limits.wrong(address_of(request))
        raise Refused("token.invalid")
    runner = await found(request, lobby, code)
    access = opening(accesses, runner.session)
    if access is None and any(lobby.is_withdrawn(token) for token in ring.tokens):
        raise Refused("token.revoked")
    if access is None:
        raise Refused("role.refused")
    return runner, access


async def found(request: Request, lobby: Lobby, code: str) -> Runner:
    """The session of a code; an unknown one is counted against the address."""
    runner = await lobby.find(code, address_of(request))
    about_session(request, runner.state.session.languages)
    return runner


def is_same_origin(request: Request, lobby: Lobby) -> bool:
    """Whether a browser says that one of our own pages asks; what is no browser says nothing and has no cookie."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return True
    place = place_of(origin)
    return bool(place) and place in (request.headers.get("host"), place_of(lobby.public_url))


def is_secure(request: Request, lobby: Lobby) -> bool:
    """Whether the browser came by https, also where a proxy in front of us speaks it."""
    public = urlsplit(lobby.public_url)
    return request.scope["scheme"] == "https" or (
        public.scheme == "https" and public.netloc == request.headers.get("host")
    )


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""
