"""What stands at an address where nothing is, and where something broke: a sentence, and the way to the lobby."""

import nicegui
from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from starlette.exceptions import HTTPException
from starlette.routing import Match

from facilitate.core.refused import Refused
from facilitate.languages import catalogue
from facilitate.ui.assets import Assets
from facilitate.ui.document import Page, escape, respond
from facilitate.ui.problems import language_of, problem

KEYS = {404: "page.unknown", 405: "page.method", 500: "page.broken"}


def add(app: FastAPI, assets: Assets) -> None:
    """In the place of NiceGUI's own pages for this, which weigh more and know no policy. Call it when all pages of
    `app` are there."""
    house = nicegui.core.app

    async def missing(request: Request, error: Exception) -> Response:
        if is_of_nicegui(request) and isinstance(error, HTTPException):
            return await http_exception_handler(request, error)
        allowed = methods(app, request)
        return answer(request, 405 if allowed else 404, assets, {"Allow": ", ".join(allowed)} if allowed else {})

    async def unfit(request: Request, error: Exception) -> Response:
        return answer(request, 405, assets, getattr(error, "headers", None) or {})

    async def broken(request: Request, error: Exception) -> Response:
        """The error goes on to the log of the server."""
        return answer(request, 500, assets, {})

    for it in (app, house):
        it.add_exception_handler(404, missing)
        it.add_exception_handler(405, unfit)
        it.add_exception_handler(Exception, broken)


def is_of_nicegui(request: Request) -> bool:
    """A file of NiceGUI's that is not there: its own scripts ask for those, nobody reads the answer."""
    return request.url.path.startswith("/_nicegui")


def methods(app: FastAPI, request: Request) -> list[str]:
    """What may be done at this address, where the page is there and only the method is not one of its."""
    found = {
        method
        for route in app.routes
        if route.matches(request.scope)[0] is Match.PARTIAL
        for method in getattr(route, "methods", None) or ()
    }
    return sorted(found)


def answer(request: Request, status: int, assets: Assets, headers: dict[str, str]) -> Response:
    """A page for readers; a problem for programs, and for our own scripts under `/auth`."""
    key = KEYS[status]
    accepts = request.headers.get("accept", "")
    if request.scope["path"].startswith("/auth") or ("json" in accepts and "html" not in accepts):
        response = problem(request, Refused(key))
        response.headers.update(headers)
        return response
    words = catalogue(language_of(request))
    title = words.say(f"lost.{status}")
    body = (
        f'<main class="entrance"><h1>{escape(title)}</h1><p>{escape(words.say(f"lost.{status}-more"))}</p>'
        f'<p class="end"><a href="/">{escape(words.say("access.lobby-do"))}</a></p></main>'
    )
    page = Page("lost", words, title, body, status=status, kind="phone")
    return respond(request, page, assets, {**headers, "Cache-Control": "no-store"})
