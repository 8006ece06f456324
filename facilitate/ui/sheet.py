"""The join sheet: one A4 page to print and to lay on the tables, in two languages, in black and white."""

from fastapi import FastAPI, Request, Response

from facilitate.core.refused import Refused
from facilitate.languages import Catalogue, available, catalogue, pick
from facilitate.live.lobby import Lobby
from facilitate.live.runner import Runner
from facilitate.ui import qr
from facilitate.ui.assets import Assets
from facilitate.ui.desk import spaced
from facilitate.ui.document import Page, escape, respond
from facilitate.ui.light import address_of, language_of, refusal

STEPS = ("sheet.step-scan", "sheet.step-join", "sheet.step-write")


def add(app: FastAPI, lobby: Lobby, assets: Assets) -> None:
    """`/sheet/CODE`. It says what the screen says before a workshop begins, and so needs no link."""

    async def sheet(request: Request, code: str) -> Response:
        words = catalogue(language_of(request))
        try:
            runner = await lobby.find(code, address=address_of(request))
        except Refused as refused:
            return refusal(request, words, code, refused, assets)
        if not runner.state.phases:  # deleted
            return refusal(request, words, code, Refused("session.unknown"), assets)
        return respond(request, page(runner, lobby, words, assets), assets)

    app.add_api_route("/sheet/{code}", sheet, methods=["GET", "HEAD"], include_in_schema=False)


def page(runner: Runner, lobby: Lobby, words: Catalogue, assets: Assets) -> Page:
    session = runner.state.session
    url = lobby.join_url(session.code)
    address = lobby.public_url.partition("://")[2]
    first, *others = (catalogue(code) for code in languages(session.languages, words))
    language, title = pick(session.title, first.code)
    steps = "".join(column(it, main=it is first) for it in (first, *others))
    code = f'<p class="code"><span>{escape(first.say("sheet.code"))}</span> <strong>{spaced(session.code)}</strong></p>'
    body = (
        f'<p class="screen-only"><button type="button" class="button" id="print">{escape(words.say("sheet.print-do"))}'
        f'</button></p><main class="a4"><h1 lang="{escape(language)}" dir="auto">{escape(title)}</h1>'
        f'<div class="way"><div class="qr">{qr.svg(url, words.say("screen.qr", address=address))}</div>'
        f'<div><p class="address">{escape(address)}</p>{code}</div></div><div class="steps">{steps}</div></main>'
        f'<script type="module" src="{assets.url("sheet.js")}"></script>'
    )
    return Page("sheet", words, words.say("sheet.title", title=title), body, style="sheet.css", kind="sheet")


def languages(of_session: tuple[str, ...], words: Catalogue) -> list[str]:
    """Two languages that there are words for: the session's own, then the reader's, then whatever there is."""
    wanted = [*of_session, *(code.split("-")[0] for code in of_session), words.code, "en", *available()]
    return list(dict.fromkeys(code for code in wanted if code in available()))[:2]


def column(words: Catalogue, *, main: bool) -> str:
    """Three steps, and what to do without a phone."""
    items = "".join(f"<li>{escape(words.say(key))}</li>" for key in STEPS)
    return (
        f'<section lang="{escape(words.code)}"{" class=main" if main else ""}><h2>{escape(words.say("sheet.how"))}</h2>'
        f"<ol>{items}</ol><p>{escape(words.say('screen.no-app'))}</p></section>"
    )
