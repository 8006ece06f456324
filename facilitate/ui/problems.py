"""Refusals over HTTP: `application/problem+json` (RFC 9457) with the key that every language has a sentence for."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from fastapi import Request, Response
from fastapi.responses import JSONResponse

from facilitate.core.refused import Refused
from facilitate.languages import available, catalogue, negotiate, of_papers

LANGUAGE_COOKIE = "facilitate_language"

Give = Callable[[], Awaitable[Response]]

STATUS = {
    "token.invalid": 401,
    "token.revoked": 401,
    "door.closed": 403,
    "role.refused": 403,
    "origin.refused": 403,
    "session.unknown": 404,
    "session.deleted": 410,
    "session.over": 410,
    "export.unknown": 404,
    "page.unknown": 404,
    "page.method": 405,
    "page.broken": 500,
    "command.large": 413,
    "rate.slow-down": 429,
    "session.busy": 503,
    "session.unreadable": 503,
    "store.failing": 503,
    "format.unknown": 422,
    "format.mistake": 422,
    "text.long": 422,
    "title.long": 422,
    "note.long": 422,
    "text.empty": 422,
    "command.malformed": 422,
}


async def answered(request: Request, give: Give) -> Response:
    """What `give` answers, or its refusal as a problem; neither is cached, sniffed or named to another site."""
    try:
        response = await give()
    except Refused as refused:
        response = problem(request, refused)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def problem(request: Request, refused: Refused) -> Response:
    """A refusal as `application/problem+json` (RFC 9457), with our `key`."""
    words = catalogue(language_of(request))
    status = STATUS.get(refused.key, 409)
    sentence = f"error.{refused.key}"
    known = any(key in words.texts for key in (sentence, f"{sentence}_other"))
    content = {
        "type": "about:blank",
        "title": words.say(sentence if known else "error.other", **refused.values),
        "status": status,
        **refused.as_error(),
    }
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if refused.retry is not None:
        headers["Retry-After"] = str(max(1, round(refused.retry)))
    return JSONResponse(content, status, headers, "application/problem+json")


async def body_of(request: Request, most: int) -> bytes:
    """The body, at most `most` bytes. Refused: `command.large`."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise Refused("command.large")
    return body


def json_of(body: bytes) -> Any:
    """Any JSON value. ValueError if it is none, also where it is nested beyond reason."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ValueError("not JSON") from error


def about_session(request: Request, languages: Sequence[str]) -> None:
    """The request is about a session that is held in these languages."""
    request.state.languages = tuple(languages)


def spoken_in(request: Request) -> Sequence[str]:
    """The languages of the session that the request is about; none where it is about none."""
    found: Sequence[str] = getattr(request.state, "languages", ())
    return found


def language_of(request: Request) -> str:
    """The language that was chosen on a staff page, else the browser's, else the session's first."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    wishes = request.headers.get("accept-language", "")
    return chosen if chosen in available() else negotiate(wishes, otherwise=spoken_in(request))


def paper_of(request: Request) -> str:
    """The language of what is written down: what `?language` asks for, else one of the session's own."""
    asked = request.query_params.get("language", "")
    wishes = f"{request.cookies.get(LANGUAGE_COOKIE, '')},{request.headers.get('accept-language', '')}"
    return asked if asked in available() else of_papers(wishes, spoken_in(request))
