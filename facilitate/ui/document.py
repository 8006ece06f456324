"""The frame of a light page: an HTML document under a strict policy, with no request to anybody else and no cookie."""

import gzip
import html
import json
import re
from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response
from msgspec import Struct

from facilitate.languages import Catalogue
from facilitate.ui.assets import Assets

_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?")

escape = html.escape


class Page(Struct, frozen=True):
    """`body` is HTML, all else text. `about`: what the page's script is told; None: it has none."""

    name: str
    words: Catalogue
    title: str
    body: str
    about: Mapping[str, Any] | None = None
    style: str = "phone.css"
    status: int = 200
    kind: str = ""  # the class of the document's body


def respond(request: Request, page: Page, assets: Assets, headers: Mapping[str, str] | None = None) -> Response:
    """The page as a response, compressed where the browser takes it."""
    body = render(page, assets).encode()
    sent = {
        "Content-Security-Policy": policy(request.headers.get("host", "")),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-cache",
        "Content-Language": page.words.code,
        "Vary": "Accept-Language, Accept-Encoding",
        **(headers or {}),
    }
    if "gzip" in request.headers.get("accept-encoding", ""):
        body, sent["Content-Encoding"] = gzip.compress(body, 9, mtime=0), "gzip"
    return Response(body, page.status, sent, "text/html; charset=utf-8")


def policy(host: str) -> str:
    """Older Safaris don't count a WebSocket as `'self'`, so it is named by the host that was asked for."""
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'{sockets}; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )


def render(page: Page, assets: Assets) -> str:
    needs = [f"{page.name}.js", "vue.js"] if page.about is not None else []
    preloads = "".join(f'<link rel="modulepreload" href="{assets.url(name)}">' for name in needs)
    start = f'<script type="module" src="{assets.url(needs[0])}"></script>' if needs else ""
    about = f'<script type="application/json" id="about">{safe(page.about)}</script>' if page.about is not None else ""
    needs_script = "" if page.about is None else f"<noscript><p>{escape(page.words.say('join.no-js'))}</p></noscript>"
    return (
        f'<!doctype html><html lang="{escape(page.words.code)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(page.title)}</title>'
        f'<link rel="icon" href="{assets.url("icon.svg")}"><link rel="stylesheet" href="{assets.url(page.style)}">'
        f'<script defer src="{assets.url("old.js")}"></script>{preloads}</head>'
        f'<body class="{page.kind or page.name}"><div id="said" class="sr" role="status"></div>'
        f'<p id="old" class="alert" hidden>{escape(page.words.say("join.old-browser"))}</p>{needs_script}'
        f'<div id="app">{page.body}</div>{about}{start}</body></html>'
    )


def safe(value: Any) -> str:
    """JSON that can't end the element it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
