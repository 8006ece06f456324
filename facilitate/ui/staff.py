"""The staff pages in NiceGUI: home, plan, desk and harvest, behind the gate."""

from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from nicegui import Client, ui

from facilitate.core.refused import Refused
from facilitate.live.lobby import Lobby
from facilitate.live.runner import Runner
from facilitate.ui import acts, desk, harvest, home, plan, visits
from facilitate.ui.access import staff_of
from facilitate.ui.acts import permitted
from facilitate.ui.api import written
from facilitate.ui.assets import Assets
from facilitate.ui.frame import Frame, framed
from facilitate.ui.gate import Gate, opened
from facilitate.ui.problems import about_session, answered, paper_of

OPENING = 60.0  # seconds that a page may take: to open a session with a long log, or all of them
LAPTOP_SLEEPS = 3600  # seconds for which a page that lost its connection is kept as it is


def add(app: FastAPI, lobby: Lobby, assets: Assets) -> None:
    """`/home`, `/plan`, `/desk/CODE`, `/harvest/CODE` and the files of a harvest."""
    app.add_middleware(Gate, lobby=lobby, assets=assets)
    acts.guard()
    visits.add(app, lobby)
    gated: Any = {
        "reconnect_timeout": LAPTOP_SLEEPS,
        "response_timeout": OPENING,
        "dependencies": [Depends(opened)],
    }

    @app.get("/harvest/{code}/export/{kind}", include_in_schema=False)
    async def export(request: Request, code: str, kind: str) -> Response:
        """A file of the results, for whoever may open the page that links to it."""

        async def give() -> Response:
            runner, access = await staff_of(request, lobby, code)
            if not access.leads:
                raise Refused("role.refused")
            return await written(runner, lobby, kind, paper_of(request))

        return await answered(request, give)

    def frame(request: Request, client: Client, page: str, runner: Runner | None = None, *styles: str) -> Frame:
        if runner:
            about_session(request, runner.state.session.languages)
        permit = permitted(request, lobby, page, runner.session if runner else None)
        return framed(request, client, lobby, assets, permit, styles)

    @ui.page("/home", **gated)
    async def home_page(request: Request, client: Client) -> None:
        home.build(frame(request, client, "home"))

    @ui.page("/plan", **gated)
    async def plan_page(request: Request, client: Client, format: str = "") -> None:
        await plan.build(frame(request, client, "plan"), client, format)

    @ui.page("/desk/{code}", **gated)
    async def desk_page(request: Request, client: Client, code: str) -> None:
        runner = await lobby.find(code)
        desk.build(frame(request, client, "desk", runner, "desk.css"), runner)

    @ui.page("/harvest/{code}", **gated)
    async def harvest_page(request: Request, client: Client, code: str) -> None:
        runner = await lobby.find(code)
        await harvest.build(frame(request, client, "harvest", runner, "minutes.css"), runner)
