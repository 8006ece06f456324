"""The HTTP API under `/api`: make a session, look at it, take its results. Only the Authorization header counts."""

from collections.abc import Mapping
from html import escape
from typing import Any, Literal

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException

import facilitate
from facilitate import exports
from facilitate.core.formats import Format, FormatMistake
from facilitate.core.refused import Refused
from facilitate.live import reports
from facilitate.live.links import described, links
from facilitate.live.lobby import MOST, Lobby, NewSession
from facilitate.live.runner import Runner
from facilitate.live.tokens import Access
from facilitate.ui.access import address_of, found
from facilitate.ui.problems import answered, body_of, json_of, paper_of, problem

LARGEST = 64 * 1024  # bytes of a request

Texts = dict[str, str]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Phase(_Strict):
    """What differs from the format in one phase; texts by language. A phase that is added says its activity."""

    title: Texts | None = None
    prompt: Texts | None = None
    guide: Texts | None = None
    minutes: float | None = Field(None, ge=0, description="0: no time limit")
    settings: dict[str, Any] | None = None
    activity: str | None = None
    board: str | None = None
    stage: str | None = None
    begin: Literal["at-once", "on-go"] | None = None


class Choice(_Strict):
    id: str
    title: Texts


class Attribute(Choice):
    """Without options people answer in their own words."""

    options: list[Choice] = []


class Board(_Strict):
    """What is instead of the format's."""

    title: Texts | None = None
    columns: list[Choice] | None = Field(None, max_length=12)


class Session(_Strict):
    """A session to be made from a format. `title` is one text for all languages, or texts by language."""

    format: str
    title: str | Texts | None = None
    language: str | None = Field(None, description="the only language; `languages` for several")
    languages: list[str] | None = Field(None, min_length=1)
    names: Literal["none", "optional", "shown"] | None = None
    delete_after: int | None = Field(None, ge=1, le=3650, description="days")
    operator: str = ""
    imprint: str = ""
    privacy: str = ""
    filmed: bool = False
    capacity: int | None = Field(None, ge=1, le=MOST, description="people that there is room for")
    attributes: list[Attribute] | None = Field(None, max_length=4, description="what people are asked when they join")
    boards: dict[str, Board] = {}
    phases: dict[str, Phase] = {}
    agenda: list[str] | None = Field(
        None, min_length=1, max_length=100, description="ids of all phases that there shall be, in order"
    )
    timezone: str | None = Field(None, max_length=100, description="such as Europe/Berlin; else the house's")


class Problem(BaseModel):
    """RFC 9457, with the key that every language has a sentence for, and the values in it."""

    type: str
    title: str
    status: int
    key: str
    values: dict[str, Any]
    retry: float | None = None


def add(app: FastAPI, lobby: Lobby) -> None:
    app.mount("/api", api(lobby))


def api(lobby: Lobby) -> FastAPI:
    it = FastAPI(title="facilitate", version=facilitate.__version__, openapi_url=None, docs_url=None, redoc_url=None)
    problems: dict[int | str, dict[str, Any]] = {
        status: {"model": Problem, "description": why, "content": {"application/problem+json": {}}}
        for status, why in ((401, "unknown token"), (403, "another role's"), (404, "not there"), (429, "too often"))
    }
    asked = {"required": True, "content": {"application/json": {"schema": Session.model_json_schema()}}}

    @it.post(
        "/sessions", status_code=201, summary="Make a session from a format (owner's token)",
        responses={key: problems[key] for key in (401, 403, 429)}, openapi_extra={"requestBody": asked},
    )  # fmt: skip
    async def make(request: Request) -> Response:
        async def give() -> Response:
            if not (await bearer(request, lobby)).is_house:
                raise Refused("role.refused")
            try:
                created = await lobby.create(wish(await posted(request), lobby.formats))
            except FormatMistake as mistake:
                raise Refused("format.mistake", phase=mistake.phase, place=mistake.key, why=mistake.why) from mistake
            return JSONResponse(described(created, lobby), 201)

        return await answered(request, give)

    @it.get("/formats", summary="The formats that sessions can be made from")
    async def list_formats(request: Request) -> Response:
        async def give() -> Response:
            return JSONResponse([outlined(format_) for format_ in lobby.formats.values()])

        return await answered(request, give)

    @it.get("/sessions/{code}", summary="One session (its facilitator's token)", responses=problems)
    async def show(request: Request, code: str) -> Response:
        async def give() -> Response:
            return JSONResponse(summary(await opened(request, lobby, code), lobby))

        return await answered(request, give)

    @it.get(
        "/sessions/{code}/export/{kind}", summary="Its results as a file (its facilitator's token)",
        responses=problems | {409: {**problems[404], "description": "holds what is still covered"}},
    )  # fmt: skip
    async def export(request: Request, code: str, kind: str) -> Response:
        """`?language=de` chooses the language of headings; else it is that of the session's that the request likes
        best, or its first."""

        async def give() -> Response:
            runner = await opened(request, lobby, code)
            return await written(runner, lobby, kind, paper_of(request))

        return await answered(request, give)

    @it.get("/openapi.json", include_in_schema=False)
    async def schema() -> Response:
        return JSONResponse(described_api(it))

    @it.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return HTMLResponse(docs_page(described_api(it)), headers=DOCS)

    async def refuse(request: Request, error: Exception) -> Response:
        status = getattr(error, "status_code", 404)
        return problem(request, Refused({404: "page.unknown", 405: "page.method"}.get(status, "command.malformed")))

    it.add_exception_handler(HTTPException, refuse)
    return it


# --- who asks for what


async def bearer(request: Request, lobby: Lobby) -> Access:
    """What the Authorization header opens. Refused: `token.invalid`, counted."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    access = await lobby.look_up(token.strip()) if scheme.lower() == "bearer" and len(token) < 500 else None
    if access is None:
        if token:
            lobby.limits.wrong(address_of(request))
        raise Refused("token.invalid")
    return access


async def opened(request: Request, lobby: Lobby, code: str) -> Runner:
    """The session, for its facilitators and the owner."""
    access = await bearer(request, lobby)
    if not access.leads:
        raise Refused("role.refused")
    runner = await found(request, lobby, code)
    if not access.opens(runner.session):
        raise Refused("role.refused")
    return runner


async def posted(request: Request) -> Session:
    """Refused: `command.malformed`, with `why`, or `command.large`."""
    try:
        return Session.model_validate(json_of(await body_of(request, LARGEST)))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Refused("command.malformed", why=f"{place}: {first['msg']}"[:300]) from error
    except ValueError as error:
        raise Refused("command.malformed", why=str(error)) from error


def wish(session: Session, formats: Mapping[str, Format]) -> NewSession:
    """What is asked for in the lobby's own words. Refused: `format.unknown`, `command.malformed`."""
    format_ = formats.get(session.format)
    if format_ is None:
        raise Refused("format.unknown")
    given = session.model_dump(exclude_none=True, exclude={"language"})
    if session.language is not None:
        if session.languages is not None:
            raise Refused("command.malformed", why="language: goes without languages")
        given["languages"] = [session.language]
    if isinstance(session.title, str):
        given["title"] = dict.fromkeys(given.get("languages", format_.languages), session.title)
    try:
        return msgspec.convert(given, NewSession)
    except msgspec.ValidationError as error:
        raise Refused("command.malformed", why=str(error)) from error


# --- answers


def outlined(format_: Format) -> dict[str, Any]:
    return {
        "id": format_.id,
        "title": format_.title,
        "summary": format_.summary,
        "languages": list(format_.languages),
        "names": format_.names,
        "delete_after": format_.delete_after,
        "minutes": format_.minutes,
        "phases": [
            {"id": phase.id, "stage": phase.stage, "activity": phase.activity, "title": phase.title,
             "prompt": phase.prompt, "minutes": phase.minutes}
            for phase in format_.phases
        ],
    }  # fmt: skip


def summary(runner: Runner, lobby: Lobby) -> dict[str, Any]:
    state = runner.state
    session = state.session
    return {
        "code": session.code,
        "title": session.title,
        "state": session.state,
        "phase": session.phase,
        "languages": list(session.languages),
        "names": session.names,
        "format": session.format,
        "created": session.created,
        "delete_at": session.delete_at,
        "timezone": lobby.rules.timezone_of(session),
        "phases": [
            {"id": phase.id, "order": phase.order, "stage": phase.stage, "activity": phase.activity,
             "title": phase.title, "state": phase.state, "minutes": phase.minutes}
            for phase in state.agenda()
        ],
        "people": len(state.participants),
        "ideas": sum(idea.stands for idea in state.ideas.values()),
        "exports": sorted(exports.kinds()),
        "links": links(session.code, lobby),
    }  # fmt: skip


DOCS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
SANDBOX = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


async def written(runner: Runner, lobby: Lobby, kind: str, language: str) -> Response:
    """The results as a file to be saved, never as a page of this site. Refused: `export.unknown`, `export.covered`."""
    content, export = await reports.written(runner, lobby, kind, language), exports.kinds()[kind]
    name = f"{runner.state.session.code}.{export.EXTENSION.lstrip('.')}"
    headers = {**SANDBOX, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=export.MEDIA_TYPE, headers=headers)


# --- what it says of itself


def described_api(it: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1."""
    schema = get_openapi(title=it.title, version=it.version, routes=it.routes, description=__doc__)
    schema["servers"] = [{"url": "/api"}]
    schema.setdefault("components", {})["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            operation["security"] = [] if path == "/formats" else [{"token": []}]
    return schema


def docs_page(schema: Mapping[str, Any]) -> str:
    """The operations as one plain page: no script, nothing from another host."""
    rows = [
        f"<section><h2><code>{escape(method.upper())} /api{escape(path)}</code></h2><p>{escape(operation['summary'])}."
        f"</p>{_bodies(operation)}<ul>{_answers(operation)}</ul></section>"
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>facilitate: HTTP API</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        "<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}"
        "h2{font-size:1.1rem;margin-top:2rem}td,th{text-align:left;padding:.2rem 1rem .2rem 0;vertical-align:top}"
        "</style></head><body><main><h1>facilitate: HTTP API</h1>"
        "<p>Send a token in the header <code>Authorization: Bearer TOKEN</code>. A refusal is "
        "<code>application/problem+json</code> with a <code>key</code>. The whole description for programs: "
        '<a href="/api/openapi.json">openapi.json</a>.</p>' + "".join(rows) + "</main></body></html>"
    )


def _bodies(operation: Mapping[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    needed = schema.get("required", ())
    rows = [
        f"<tr><th scope=row><code>{escape(name)}</code></th><td>{'needed' if name in needed else ''}</td>"
        f"<td>{escape(_kind(field))}</td><td>{escape(field.get('description', ''))}</td></tr>"
        for name, field in schema.get("properties", {}).items()
    ]
    return f"<table>{''.join(rows)}</table>" if rows else ""


def _kind(field: Mapping[str, Any]) -> str:
    parts = field.get("anyOf", [field])
    kinds = (" | ".join(map(str, part["enum"])) if "enum" in part else part.get("type", "object") for part in parts)
    return " | ".join(kind for kind in kinds if kind != "null")


def _answers(operation: Mapping[str, Any]) -> str:
    return "".join(
        f"<li><code>{escape(status)}</code> {escape(answer.get('description', ''))}</li>"
        for status, answer in operation["responses"].items()
        if status != "422"
    )
