"""The door to the staff pages: who may come in, what a browser may do there, and a small page for everybody else."""

import gzip
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from nicegui import json
from nicegui.client import HTML_ESCAPE_TABLE
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from facilitate.core.refused import Refused
from facilitate.languages import Catalogue, available, catalogue
from facilitate.live.aside import aside
from facilitate.live.lobby import Lobby
from facilitate.ui import document
from facilitate.ui.access import (
    COOKIE,
    NAMED,
    Ring,
    accesses_of,
    address_of,
    found,
    is_open,
    is_secure,
    keep,
    new_name,
    ring_of,
)
from facilitate.ui.assets import Assets
from facilitate.ui.document import escape
from facilitate.ui.problems import LANGUAGE_COOKIE, STATUS, language_of

# As wide as the router's own patterns: those take a line break at the end, and a code of any length.
_PAGE = re.compile(r"/(?:(home|plan)|(desk|harvest)/([^/]+))/?\n?")
_WIRE = "/_nicegui_ws"
_OPENED = "facilitate.opened"
_LATER = "facilitate.later"
_HOST = re.compile(r"[A-Za-z0-9.\[\]:_-]{1,255}", re.ASCII)
_YEAR = 365 * 86_400  # seconds
OWNERS = ("access.home", "access.plan")  # what is said where only the owner's link opens a page
_LARGE = 256 * 1024  # bytes that take longer to be zipped than others should wait

COMMON = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Gate:
    """Around the whole app: looks at staff pages and their wire alone, and lets everything else pass as it is."""

    def __init__(self, app: ASGIApp, lobby: Lobby, assets: Assets) -> None:
        self.app = app
        self.lobby = lobby
        self.assets = assets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and scope["path"].startswith(_WIRE) and not self.is_staff(scope):
            await turned_away(scope, receive, send)
            return
        page = _PAGE.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if page is None or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        answer = in_language(request, self.lobby) or await self.refusal(request, page[1] or page[2], page[3])
        if answer is not None:
            await answer(scope, receive, send)
            return
        ring = ring_of(request)
        named = Response()
        if not ring.browser:  # the cookie of an older version
            scope = {**scope, NAMED: new_name()}
            keep(named, Ring(scope[NAMED], ring.tokens), is_secure(request, self.lobby))
        cookies = [pair for pair in named.raw_headers if pair[0] == b"set-cookie"]
        inner = plain(scope)
        await self.app(inner, receive, Guarded(request, send, inner[_LATER], cookies).send)

    def is_staff(self, scope: Scope) -> bool:
        """Whether this browser may open any staff page: the others have nothing to say to NiceGUI."""
        return bool(accesses_of(ring_of(HTTPConnection(scope)), self.lobby))

    async def refusal(self, request: Request, page: str, code: str | None) -> Response | None:
        """None for those who may come in. Without a cookie nobody learns whether there is such a code."""
        ring = ring_of(request)
        accesses = accesses_of(ring, self.lobby)
        try:
            if not accesses:
                if ring.tokens:
                    self.lobby.limits.wrong(address_of(request))
                return self.closed(request, f"access.{page}", 401)
            session = None if code is None else (await found(request, self.lobby, code)).session
            key = "access.home" if code is None else f"access.{page}"
            return None if is_open(page, session, accesses) else self.closed(request, key, 403)
        except Refused as refused:
            status = STATUS.get(refused.key, 429 if refused.retry else 503)
            return self.closed(request, f"error.{refused.key}", status, refused.values)

    def closed(self, request: Request, key: str, status: int, values: Mapping[str, Any] | None = None) -> Response:
        html = sign_in(catalogue(language_of(request)), key, values or {}, self.assets)
        headers = {**COMMON, "Content-Security-Policy": document.policy(request.headers.get("host", ""))}
        response = HTMLResponse(html, status, {**headers, "Cache-Control": "no-store"})
        if status == 401 and ring_of(request).tokens:
            response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return response


async def turned_away(scope: Scope, receive: Receive, send: Send) -> None:
    """Before anything of what was sent is read."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await Response(status_code=401, headers=COMMON)(scope, receive, send)


def in_language(request: Request, lobby: Lobby) -> Response | None:
    """`?lang=de` is kept in a cookie, and leaves the address."""
    lang = request.query_params.get("lang")
    if lang is None:
        return None
    rest = urlencode([(key, value) for key, value in parse_qsl(request.url.query) if key != "lang"])
    response = RedirectResponse(request.url.path + (f"?{rest}" if rest else ""), 303, COMMON)
    if lang in available():
        secure = is_secure(request, lobby)
        response.set_cookie(LANGUAGE_COOKIE, lang, _YEAR, path="/", httponly=True, samesite="strict", secure=secure)
    return response


def sign_in(words: Catalogue, key: str, values: Mapping[str, Any], assets: Assets) -> str:
    """The page that exchanges the token of a link, or says which link opens what was asked for."""
    title = escape(words.say("home.sign-in-title"))
    how = words.say("home.sign-in-how", command="facilitate owner-link") if key in OWNERS else ""
    about = document.safe({name: words.say(f"access.{name}") for name in ("opening", "unknown", "offline")})
    styles = "".join(f'<link rel="stylesheet" href="{assets.url(name)}">' for name in ("base.css", "staff.css"))
    return (
        f'<!doctype html><html lang="{escape(words.texts["language.locale"])}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{title}</title>'
        f'<link rel="icon" href="{assets.url("icon.svg")}">{styles}</head>'
        f'<body class="door"><main class="staff"><h1>{title}</h1>'
        f'<p id="door-says" role="status">{escape(words.say(key, **values))}</p><p>{escape(how)}</p>'
        f'<p class="buttons"><button type="button" class="button" id="door-again" hidden>'
        f"{escape(words.say('phone.retry-do'))}</button> "
        f'<a class="button" href="/">{escape(words.say("access.lobby-do"))}</a></p></main>'
        f'<script type="application/json" id="about">{about}</script>'
        f'<script type="module" src="{assets.url("signin.js")}"></script></body></html>'
    )


# --- pages of NiceGUI


def plain(scope: Scope) -> Scope:
    """The request, let in; without `Accept-Encoding`, so that the page comes whole and its scripts get the nonce."""
    headers = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
    return {**scope, _OPENED: True, _LATER: {}, "headers": headers}


async def put_later(request: Request, parts: Iterable[str]) -> str:
    """A mark in whose place these parts will stand on the page. Escaped as the frame would, but aside and one after
    another: it would hold up everybody with the cards of a large session."""
    mark = f"later-{secrets.token_hex(16)}"
    request.scope[_LATER][mark] = await aside("drawing", _escaped, parts)
    return mark


def _escaped(parts: Iterable[str]) -> bytes:
    lines = (f"{part}\n" for part in parts)
    return b"".join(json.dumps(line)[1:-1].translate(HTML_ESCAPE_TABLE).encode() for line in lines)


def opened(request: Request) -> None:
    """Depended on by every staff page: whoever came around the gate finds nothing."""
    if not request.scope.get(_OPENED):
        raise HTTPException(404)


class Guarded:
    """Gives a page its headers, and its scripts the nonce without which they would not run."""

    def __init__(
        self, request: Request, send: Send, later: Mapping[str, bytes], more: Iterable[tuple[bytes, bytes]] = ()
    ) -> None:
        self.later = later
        self.zips = "gzip" in request.headers.get("accept-encoding", "")
        self.nonce = secrets.token_urlsafe(16)
        self.policy = policy(self.nonce, request.headers.get("host", ""))
        self.passed = send
        self.more = tuple(more)
        self.start: Message = {}
        self.body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            return
        self.body += message.get("body", b"")
        if not message.get("more_body"):
            await self.finish()

    async def finish(self) -> None:
        replaced = {name.lower().encode() for name in (*COMMON, "content-security-policy", "content-length")}
        headers = [pair for pair in self.start["headers"] if pair[0].lower() not in replaced]
        headers += [(name.lower().encode(), value.encode()) for name, value in COMMON.items()]
        headers += [(b"content-security-policy", self.policy.encode()), *self.more]
        # What people wrote comes escaped: only the template's own tags look like this.
        body = self.body.replace(b"<script", f'<script nonce="{self.nonce}"'.encode())
        for mark, content in self.later.items():
            body = body.replace(mark.encode(), content)
        if self.zips and len(body) > 500:
            body = await aside("drawing", gzip.compress, body, 5) if len(body) > _LARGE else gzip.compress(body, 5)
            headers += [(b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]
        headers.append((b"content-length", str(len(body)).encode()))
        await self.passed({**self.start, "headers": headers})
        await self.passed({"type": "http.response.body", "body": body})


def policy(nonce: str, host: str) -> str:
    """NiceGUI compiles templates in the browser and sets styles inline; nothing comes from another host.

    Older Safaris do not count a WebSocket to the page's own host as 'self'.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return (
        f"default-src 'self'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data:; font-src 'self' data:; connect-src 'self'{sockets}; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
