"""The light pages: lobby, phone and screen. Their first words are in the HTML; what follows is in `assets/`."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from facilitate.core.door import is_open
from facilitate.core.formats import Texts
from facilitate.core.refused import Refused
from facilitate.core.state import State
from facilitate.core.tables import Phase, Session
from facilitate.core.view import Record, view
from facilitate.languages import Catalogue, available, catalogue, negotiate, ours, pick
from facilitate.live.lobby import CODE, Lobby, spelled
from facilitate.live.runner import Runner
from facilitate.ui import qr
from facilitate.ui.assets import Assets
from facilitate.ui.document import Page, escape, respond
from facilitate.ui.problems import about_session, spoken_in

ATTRIBUTES = ("privacy.attributes-totals", "privacy.attributes-named")
TABLE = re.compile(r"[0-9A-Za-z-]{1,12}", re.ASCII)  # a table's code in an address: core/groups.py takes no longer one
PRIVACY = {"none": "privacy.none", "optional": "privacy.optional", "shown": "privacy.named"}


def add(app: FastAPI, lobby: Lobby, assets: Assets) -> None:
    """`/`, `/j/CODE` (and `/J/CODE`, as the QR has it), `/j/CODE/TABLE`, `/s/CODE`, `/gone/CODE`, and the files."""

    async def entrance(request: Request) -> Response:
        return await lobby_page(request, lobby, assets)

    async def phone(request: Request, code: str) -> Response:
        return await session_page(request, code, lobby, assets, phone_page)

    async def table(request: Request, code: str, table: str) -> Response:
        if not TABLE.fullmatch(table):
            return plain(request, code)
        return await session_page(request, code, lobby, assets, phone_page)

    async def screen(request: Request, code: str) -> Response:
        return await session_page(request, code, lobby, assets, screen_page)

    assets.add(app)
    async def gone(request: Request, code: str) -> Response:
        """Where a phone, screen or desk goes when it was told that its session was deleted; others learn nothing."""
        return refusal(request, catalogue(language_of(request)), code, Refused("session.unknown"), assets)

    pages: dict[str, Callable[..., Any]] = {"/": entrance, "/s/{code}": screen, "/gone/{code}": gone}
    for j in "jJ":
        pages |= {f"/{j}/{{code}}": phone, f"/{j}/{{code}}/{{table:path}}": table}
    for path, page in pages.items():
        app.add_api_route(path, page, methods=["GET", "HEAD"], include_in_schema=False)


def language_of(request: Request, default: str = "") -> str:
    """What the address asks for, else the page's own choice, else the browser's, else the session's first."""
    asked = request.query_params.get("lang", "")
    wishes = request.headers.get("accept-language", "")
    return asked if asked in available() else default or negotiate(wishes, otherwise=spoken_in(request))


# --- the lobby


async def lobby_page(request: Request, lobby: Lobby, assets: Assets) -> Response:
    words = catalogue(language_of(request))
    typed = request.query_params.get("code")
    if typed is None:
        return respond(request, entrance_page(words), assets)
    code = spelled(typed)
    if len(code) != CODE:
        return respond(request, entrance_page(words, typed, "lobby.short" if code else "lobby.empty", 422), assets)
    try:
        await visited(request, code, lobby)
    except Refused as refused:
        return refusal(request, words, typed, refused, assets, "join.wrong-code")
    return plain(request, code)


def plain(request: Request, code: str) -> Response:
    """To the phone's page without anything beside it, in the language that was asked for."""
    lang = request.query_params.get("lang")
    where = f"/j/{quote(code, safe='')}" + (f"?lang={quote(lang)}" if lang else "")
    return RedirectResponse(where, 303, {"Cache-Control": "no-store"})


def entrance_page(
    words: Catalogue, typed: str = "", mistake: str = "", status: int = 200, more: str = "", **values: Any
) -> Page:
    """One field and one button: they work without any script."""
    say = words.say
    wrong = f'<p id="wrong" class="alert" role="alert">{escape(say(mistake, **values))}</p>' if mistake else ""
    described = "wrong hint" if mistake else "hint"
    body = (
        f'<main class="entrance"><h1>{escape(say("lobby.title"))}</h1>{more}<form action="/" method="get">'
        f'<label for="code" class="label">{escape(say("join.label"))}</label>'
        f'<input id="code" name="code" value="{escape(typed[:40])}" autocomplete="off" autocapitalize="characters" '
        f'spellcheck="false" maxlength="20" aria-describedby="{described}"'
        f"{' aria-invalid=true autofocus' if mistake else ''}>"
        f'<p id="hint" class="hint">{escape(say("lobby.hint"))}</p>{wrong}'
        f'<button class="main">{escape(say("join.button"))}</button></form>'
        f'<p class="end"><a href="/home">{escape(say("lobby.staff"))}</a></p></main>'
    )
    title = say("lobby.title")
    return Page("lobby", words, title, body, status=status, kind="phone")


def refusal(
    request: Request, words: Catalogue, code: str, refused: Refused, assets: Assets, unknown: str = "end.unknown"
) -> Response:
    """A friendly page with a field for another code."""
    if refused.key == "session.unknown":
        page = entrance_page(words, spelled(code), unknown, 404, more=deleted(words, spelled(code), assets))
        return respond(request, page, assets)
    headers = {"Retry-After": str(round(refused.retry))} if refused.retry else {}
    told = {"rate.slow-down": ("error.address.slow-down", 429), "session.over": ("error.session.over", 410)}
    key, status = told.get(refused.key, ("error.other", 503))
    return respond(request, entrance_page(words, spelled(code), key, status), assets, headers)


def deleted(words: Catalogue, code: str, assets: Assets) -> str:
    """What is shown, by `gone.js`, to whoever was in the session that was deleted."""
    title, told, left, how = (escape(words.say(f"gone.{it}")) for it in ("title", "told", "left", "left-how"))
    return (
        f'<section id="gone" data-code="{escape(code)}" hidden><h2 tabindex="-1">{title}</h2><p>{told}</p>'
        f'<div id="left" hidden><h3>{left}</h3><p>{how}</p><ul class="cards"></ul></div></section>'
        f'<script type="module" src="{assets.url("gone.js")}"></script>'
    )


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


# --- phone and screen


async def session_page(request: Request, code: str, lobby: Lobby, assets: Assets, page: Any) -> Response:
    try:
        runner = await visited(request, code, lobby)
    except Refused as refused:
        return refusal(request, catalogue(language_of(request)), code, refused, assets)
    if not runner.state.phases:  # deleted
        unknown = Refused("session.unknown")
        return refusal(request, catalogue(language_of(request)), code, unknown, assets)
    about_session(request, runner.state.session.languages)
    return respond(request, page(request, runner, lobby, assets), assets)


async def visited(request: Request, code: str, lobby: Lobby) -> Runner:
    """The session of a code that somebody has, or tries. Refused: `session.unknown`, `rate.slow-down`."""
    runner = await lobby.find(code, address=address_of(request))
    lobby.limits.visit(address_of(request), runner.session)
    return runner


def phone_page(request: Request, runner: Runner, lobby: Lobby, assets: Assets) -> Page:
    words = catalogue(language_of(request))
    state = runner.state
    about = {
        "code": state.session.code,
        "lang": words.code,
        "words": assets.words["phone", words.code],
        "languages": {code: catalogue(code).say("language.name") for code in available()},
        "files": {code: assets.url(f"phone.{code}.json") for code in available()},
        "records": first_records(state, lobby),
        "date": {"at": state.session.delete_at, "text": last_day(words, state.session, lobby)},
    }
    if table := request.path_params.get("table"):
        about["table"] = table.upper()
    return Page(
        "phone",
        words,
        title_of(words, state),
        first_words(words, state, lobby),
        about,
    )


def first_records(state: State, lobby: Lobby) -> list[Record]:
    """The question and its board as every participant sees them: one can write before the live connection stands.

    Where people must ask to come in, or it is over, nobody is told before it is known who asks.
    """
    phase = state.current
    keys = [("session", state.session.id)]
    if phase is not None and is_open(state):
        keys += [("phase", phase.id), ("board", phase.board or "")]
    records = (view(state, "participants" if is_open(state) else "outside", key, lobby.rules) for key in keys)
    return [record for record in records if record is not None]


def screen_page(request: Request, runner: Runner, lobby: Lobby, assets: Assets) -> Page:
    """In the language of the workshop, not of the laptop at the projector."""
    state = runner.state
    words = catalogue(language_of(request, next(iter(ours(state.session.languages)), "")))
    url = lobby.join_url(state.session.code)
    address = lobby.public_url.partition("://")[2]
    about = {
        "code": state.session.code,
        "lang": words.code,
        "words": assets.words["screen", words.code],
        "address": address,
        "qr": qr.svg(url, words.say("screen.qr", address=address)),
    }
    body = f"<main><h1>{text(state.session.title, words)}</h1><p>{escape(words.say('screen.connecting'))}</p></main>"
    _, title = pick(state.session.title, words.code)
    return Page("screen", words, words.say("screen.title", title=title), body, about, style="screen.css")


def title_of(words: Catalogue, state: State) -> str:
    _, title = pick(state.session.title, words.code)
    if state.current is None or state.session.state != "running" or not is_open(state):
        return title
    return words.say("phone.title", activity=activity(words, state.current), title=title)


def activity(words: Catalogue, phase: Phase) -> str:
    key = f"activity.{phase.activity}"
    return words.say(key) if key in words.texts else pick(phase.title, words.code)[1]


def first_words(words: Catalogue, state: State, lobby: Lobby) -> str:
    """What can be read before any script has come: where we are, the question, and what becomes of one's words."""
    session, phase = state.session, state.current if is_open(state) else None
    if session.state == "ended":
        heading, top = escape(words.say("end.thanks")), ""
    elif phase is None:
        heading, top = text(session.title, words), ""
    else:
        heading = text(phase.prompt or phase.title, words)
        stage = f"<span>{escape(words.say(f'stage.{phase.stage}'))}</span>" if phase.stage else ""
        top = f"{stage}<span>{escape(words.say('phone.step', i=phase.order, n=len(state.agenda())))}</span>"
    return (
        f'<header class="top"><div class="where">{top}</div></header><main><h1 id="now">{heading}</h1>'
        f'<p class="privacy">{escape(privacy(words, session, lobby))}</p></main>'
    )


def last_day(words: Catalogue, session: Session, lobby: Lobby) -> str:
    """The day on which everything is deleted."""
    return words.date(session.delete_at, lobby.rules.timezone_of(session))


def privacy(words: Catalogue, session: Session, lobby: Lobby) -> str:
    """The promise, from the settings it depends on."""
    date = last_day(words, session, lobby)
    sentences = [words.say(PRIVACY[session.names], date=date)]
    if session.names != "none":
        sentences.append(words.say("harvest.deleted-on", date=date))
    if session.attributes:
        sentences.append(words.say(ATTRIBUTES[session.names == "shown"]))
    if session.filmed:
        sentences.append(words.say("privacy.filmed"))
    return " ".join(sentences)


def text(texts: Texts, words: Catalogue) -> str:
    """A text of the workshop, escaped, with its own language and direction."""
    language, found = pick(texts, words.code)
    own = f' lang="{escape(language)}"' if language and language != words.code else ""
    return f'<span dir="auto"{own}>{escape(found)}</span>'
