"""The desk's page: NiceGUI's frame around one component of ours, which talks to the live server by itself."""

from typing import Any

from nicegui import ui

from facilitate.core.refused import Refused
from facilitate.core.roles import kinds_of
from facilitate.languages import Catalogue
from facilitate.live import hints, themes
from facilitate.live.runner import Runner
from facilitate.ui import qr
from facilitate.ui.access import accesses_of, opening, ring_of
from facilitate.ui.assets import Assets
from facilitate.ui.bundle import modules
from facilitate.ui.frame import Frame, heading, link
from facilitate.ui.words import named

ENTRY = "desk.js"


class Desk(ui.element, component="desk.js"):
    def __init__(self, about: dict[str, Any]) -> None:
        super().__init__()
        self._props["about"] = about


def build(frame: Frame, runner: Runner) -> None:
    """Raises `Refused` where the browser has no link of this session: the gate has looked before."""
    session = runner.state.session
    ui.context.client.content.classes("desk-page")
    link(frame.say("desk.skip-do"), "#desk-next").classes("skip")
    heading(frame, frame.text(session.title), note=spaced(session.code))
    Desk(told(frame, runner))


def told(frame: Frame, runner: Runner) -> dict[str, Any]:
    """What the component is told. No token is in it."""
    code = runner.state.session.code
    join = frame.lobby.join_url(code)
    names = frame.words.locale.languages
    access = opening(accesses_of(ring_of(frame.request), frame.lobby), runner.session)
    if access is None:
        raise Refused("role.refused")
    role = frame.lobby.tokens.actor(access.role, access.id).role
    return {
        "code": code,
        "spaced": spaced(code),
        "language": frame.words.code,
        "words": words(frame.assets, frame.words),
        "join": join,
        "qr": qr.svg(join, frame.say("screen.qr", address=join)),
        "screen": f"/s/{code}",
        "harvest": f"/harvest/{code}",
        "module": frame.assets.url(ENTRY),
        "connecting": frame.say("desk.connecting"),
        "readOnly": bool(runner.read_only),
        "languages": {code: names.get(code.split("-")[0], code) for code in runner.state.session.languages},
        "role": role,
        "may": kinds_of(role),
        "keeps": access.leads,
        "themes": themes.is_there(),
        "hints": hints.are_there(runner.state.session.languages),
        "sheet": f"/sheet/{code}",
        "activities": {name: {"board": it.NEEDS_BOARD} for name, it in frame.lobby.rules.activities.items()},
    }


def words(assets: Assets, catalogue: Catalogue) -> dict[str, str]:
    """The texts that the desk's modules name, and every refusal."""
    entries = catalogue.entries()
    sources = [assets.source(name) or "" for name in modules(ENTRY, assets.source)]
    return named(sources, entries) | {key: text for key, text in entries.items() if key.startswith("error.")}


def spaced(code: str) -> str:
    """As it is read aloud: `K7M PQ2`."""
    return f"{code[:3]} {code[3:]}"
