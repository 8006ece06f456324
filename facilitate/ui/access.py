"""Who may open staff pages: a link's token is exchanged by POST for a cookie that no script can read.

One cookie holds the newest few tokens (an owner's, and facilitators' of several sessions), parted by dots.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse

from facilitate.core.refused import Refused
from facilitate.languages import catalogue
from facilitate.live.lobby import Lobby
from facilitate.live.runner import Runner
from facilitate.live.tokens import Access
from facilitate.ui import qr
from facilitate.ui.problems import Give, answered, body_of, json_of, language_of

COOKIE = "facilitate_staff"
TOKENS = 10  # kept in the cookie, newest last
LARGEST = 4096  # bytes of a posted token

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,200}", re.ASCII)
_YEAR = 365 * 86_400  # seconds


def add(app: FastAPI, lobby: Lobby) -> None:
    """The doors: `POST /auth`, `/auth/live/CODE`, `/auth/screen/CODE`, `/auth/link/CODE` and `/auth/out`."""
    doors = APIRouter(prefix="/auth", include_in_schema=False)

    @doors.post("")
    async def enter(request: Request) -> Response:
        """`{token}` for the cookie; the answer says only which role it opens."""
        return await guarded(request, lobby, lambda: _enter(request, lobby))

    @doors.post("/live/{code}")
    async def live(request: Request, code: str) -> Response:
        """A short-lived token with which a desk connects."""

        async def give() -> Response:
            runner, access = await staff_of(request, lobby, code)
            return JSONResponse({"token": lobby.live_token(access, runner.session)})

        return await guarded(request, lobby, give)

    @doors.post("/screen/{code}")
    async def screen(request: Request, code: str) -> Response:
        """A screen sees no more than participants do, so the code is enough."""

        async def give() -> Response:
            runner = await found(request, lobby, code)
            return JSONResponse({"token": lobby.screen_token(runner.session)})

        return await guarded(request, lobby, give)

    @doors.post("/link/{code}")
    async def link(request: Request, code: str) -> Response:
        """A new link to the desk for a co-facilitator, or for one's own phone, with its QR code."""

        async def give() -> Response:
            runner, _ = await staff_of(request, lobby, code)
            words = catalogue(language_of(request))
            token = await lobby.issue(runner.session, "facilitator")
            url = f"{lobby.public_url}/desk/{runner.state.session.code}#{token}"
            return JSONResponse({"url": url, "qr": qr.svg(url, words.say("link.desk"))})

        return await guarded(request, lobby, give)

    @doors.post("/out")
    async def leave(request: Request) -> Response:
        async def give() -> Response:
            response = JSONResponse({})
            response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
            return response

        return await guarded(request, lobby, give)

    app.include_router(doors)


async def _enter(request: Request, lobby: Lobby) -> Response:
    token = await _posted_token(request)
    access = await lobby.look_up(token) if _TOKEN.fullmatch(token) else None
    if access is None or access.role == "screen":
        lobby.limits.wrong(address_of(request))
        raise Refused("token.invalid")
    kept = [known for known in tokens_of(request) if known != token and lobby.access(known)]
    response = JSONResponse({"role": access.role})
    response.set_cookie(
        COOKIE,
        ".".join([*kept, token][-TOKENS:]),
        max_age=_YEAR,
        path="/",
        httponly=True,
        samesite="strict",
        secure=is_secure(request, lobby),
    )
    return response


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


def tokens_of(request: Request) -> list[str]:
    """The tokens in the cookie, newest last; whatever is not one is passed over."""
    kept = request.cookies.get(COOKIE, "").split(".")
    return [token for token in kept if _TOKEN.fullmatch(token)][-TOKENS:]


def is_owner(request: Request, lobby: Lobby) -> bool:
    return any(access.role == "owner" for access in accesses_of(tokens_of(request), lobby))


def accesses_of(tokens: Iterable[str], lobby: Lobby) -> list[Access]:
    return [access for token in tokens if (access := lobby.access(token)) is not None]


def opening(accesses: Iterable[Access], session: str) -> Access | None:
    """The access that opens the desk of a session: its facilitator's before the owner's, so that names stay apart."""
    able = [access for access in accesses if access.role != "screen" and access.opens(session)]
    return min(able, key=lambda access: access.role == "owner", default=None)


async def staff_of(request: Request, lobby: Lobby, code: str) -> tuple[Runner, Access]:
    """The session and what opens it. Refused: `token.invalid` without a cookie, whether there is such a code or not."""
    accesses = accesses_of(tokens_of(request), lobby)
    if not accesses:
        if tokens_of(request):
            lobby.limits.wrong(address_of(request))
        raise Refused("token.invalid")
    runner = await found(request, lobby, code)
    access = opening(accesses, runner.session)
    if access is None:
        raise Refused("role.refused")
    return runner, access


async def found(request: Request, lobby: Lobby, code: str) -> Runner:
    """The session of a code; an unknown one is counted against the address."""
    return await lobby.find(code, address_of(request))


def is_same_origin(request: Request, lobby: Lobby) -> bool:
    """Whether a browser says that one of our own pages asks; what is no browser says nothing and has no cookie."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc in (request.headers.get("host"), urlsplit(lobby.public_url).netloc)


def is_secure(request: Request, lobby: Lobby) -> bool:
    """Whether the browser came by https, also where a proxy in front of us speaks it."""
    public = urlsplit(lobby.public_url)
    return request.url.scheme == "https" or (public.scheme == "https" and public.netloc == request.headers.get("host"))


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""
