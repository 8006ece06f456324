"""To print and to lay out, in two languages, in black and white: the join sheet, and a card for each table."""

import asyncio

from fastapi import FastAPI, Request, Response

from facilitate.core.refused import Refused
from facilitate.core.tables import Session
from facilitate.languages import Catalogue, available, catalogue, ours, pick
from facilitate.live.lobby import Lobby
from facilitate.live.runner import Runner
from facilitate.ui import qr
from facilitate.ui.assets import Assets
from facilitate.ui.desk import spaced
from facilitate.ui.document import Page, escape, respond
from facilitate.ui.light import language_of, refusal, visited
from facilitate.ui.problems import about_session

STEPS = ("sheet.step-scan", "sheet.step-join", "sheet.step-write")
TABLES = 100  # at most
USUAL = 8


def add(app: FastAPI, lobby: Lobby, assets: Assets) -> None:
    """`/sheet/CODE`, and `?tables=8` for cards. They say what the screen says before a workshop, and need no link."""

    async def sheet(request: Request, code: str) -> Response:
        try:
            runner = await visited(request, code, lobby)
            if not runner.state.phases:  # deleted
                raise Refused("session.unknown")
        except Refused as refused:
            return refusal(request, catalogue(language_of(request)), code, refused, assets)
        about_session(request, runner.state.session.languages)
        words = catalogue(language_of(request))
        tables = number(request.query_params.get("tables", ""))
        if tables:
            return respond(request, await asyncio.to_thread(cards, tables, runner, lobby, words, assets), assets)
        return respond(request, page(runner, lobby, words, assets), assets)

    app.add_api_route("/sheet/{code}", sheet, methods=["GET", "HEAD"], include_in_schema=False)


def number(wished: str) -> int:
    """How many tables; 0 where that is no number."""
    return min(int(wished), TABLES) if wished.isascii() and wished.isdigit() and len(wished) < 10 else 0


def page(runner: Runner, lobby: Lobby, words: Catalogue, assets: Assets) -> Page:
    session = runner.state.session
    address = lobby.public_url.partition("://")[2]
    first, *others = (catalogue(code) for code in languages(session.languages, words))
    language, title = pick(session.title, first.code)
    steps = "".join(column(it, main=it is first) for it in (first, *others))
    square = qr.svg(lobby.join_url(session.code), words.say("screen.qr", address=address))
    body = (
        f'<header class="screen-only">{printing(words, "sheet.print-do")}{asking(words, USUAL)}</header>'
        f'<main class="a4"><h1 lang="{escape(language)}" dir="auto">{escape(title)}</h1>'
        f'<div class="way"><div class="qr">{square}</div>'
        f'<div><p class="address" translate="no">{escape(address)}</p>{code(session, first)}</div></div>'
        f'<div class="steps">{steps}</div></main>{script(assets)}'
    )
    return Page("sheet", words, words.say("sheet.title", title=title), body, style="sheet.css", kind="sheet")


def printing(words: Catalogue, key: str) -> str:
    return f'<button type="button" class="button" id="print">{escape(words.say(key))}</button>'


def asking(words: Catalogue, tables: int) -> str:
    """A field and a button that work without any script."""
    return (
        f'<form class="tables" method="get"><label for="tables">{escape(words.say("sheet.tables-label"))}</label>'
        f'<input id="tables" name="tables" type="number" min="1" max="{TABLES}" value="{tables}" required>'
        f'<button class="button">{escape(words.say("sheet.tables-do"))}</button></form>'
    )


def code(session: Session, words: Catalogue) -> str:
    said = f'<span lang="{escape(words.code)}">{escape(words.say("sheet.code"))}</span>'
    return f'<p class="code">{said} <strong translate="no">{spaced(session.code)}</strong></p>'


def script(assets: Assets) -> str:
    return f'<script type="module" src="{assets.url("sheet.js")}"></script>'


def languages(of_session: tuple[str, ...], words: Catalogue) -> list[str]:
    """Two languages that there are words for: the session's own, then the reader's, then whatever there is."""
    return list(dict.fromkeys((*ours(of_session), words.code, "en", *available())))[:2]


def column(words: Catalogue, *, main: bool) -> str:
    """Three steps, and what to do without a phone."""
    items = "".join(f"<li>{escape(words.say(key))}</li>" for key in STEPS)
    return (
        f'<section lang="{escape(words.code)}"{" class=main" if main else ""}><h2>{escape(words.say("sheet.how"))}</h2>'
        f"<ol>{items}</ol><p>{escape(words.say('screen.no-app'))}</p></section>"
    )


# --- cards for tables


def cards(tables: int, runner: Runner, lobby: Lobby, words: Catalogue, assets: Assets) -> Page:
    session = runner.state.session
    address = lobby.public_url.partition("://")[2]
    ours = [catalogue(code) for code in languages(session.languages, words)]
    language, title = pick(session.title, ours[0].code)
    heading = f'<p class="title" lang="{escape(language)}" dir="auto">{escape(title)}</p>'
    called = " · ".join(dict.fromkeys(escape(it.say("sheet.table")) for it in ours))
    how = "".join(f'<p lang="{escape(it.code)}">{escape(it.say("sheet.table-scan"))}</p>' for it in ours)
    made = []
    for n in range(1, tables + 1):
        # Capitals and digits alone, as in the code itself: so the square stays small.
        square = qr.svg(f"{lobby.join_url(session.code)}/{n}", words.say("sheet.table-qr", n=n))
        made.append(
            f'<section class="card{" long" if n > 99 else ""}">{heading}<div class="sides">'
            f"<div><h2>{called} <strong>{n}</strong></h2>{how}</div>"
            f'<div class="qr">{square}<p class="address" translate="no">{escape(address)}</p>'
            f"{code(session, ours[0])}</div></div>"
            f"</section>"
        )
    body = (
        f'<header class="screen-only"><h1>{escape(words.say("sheet.tables-title", title=title))}</h1>'
        f"<p>{escape(words.say('sheet.tables-how'))}</p>"
        f"{printing(words, 'sheet.tables-print-do')}{asking(words, tables)}"
        f'<p><a href="/sheet/{session.code}">{escape(words.say("sheet.back-do"))}</a></p></header>'
        f'<main class="cards">{"".join(made)}</main>{script(assets)}'
    )
    return Page("sheet", words, words.say("sheet.tables-title", title=title), body, style="sheet.css", kind="sheet")
