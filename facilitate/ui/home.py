"""Home: the sessions of this server, and the way to a new one."""

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from facilitate.core.refused import Refused
from facilitate.live.runner import Runner
from facilitate.store import Entry
from facilitate.ui.desk import spaced
from facilitate.ui.frame import Frame, heading, link, tag

STATES = {"planned": "home.state-new", "running": "home.state-running", "ended": "home.state-ended"}
COLUMNS = ("title", "code", "state", "people")


async def build(frame: Frame) -> None:
    heading(frame, frame.say("home.title"), here="home")
    rows = ui.element("div").classes("home")
    await show(frame, rows)


async def show(frame: Frame, place: ui.element) -> None:
    """The list, or a friendly word where there is none yet."""
    entries = frame.lobby.entries()
    runners = {entry.id: await frame.lobby.find(entry.code) for entry in entries}
    place.clear()
    with place:
        link(frame.say("plan.title"), "/plan").classes("button strong big")
        if not entries:
            tag("p", frame.say("home.none")).classes("empty")
            return
        with ui.element("table").classes("sessions"):
            tag("caption", frame.say("home.list")).classes("sr")
            with ui.element("thead"), ui.element("tr"):
                for column in COLUMNS:
                    tag("th", frame.say(f"home.column-{column}")).props("scope=col")
                tag("th", frame.say("desk.more-do")).props("scope=col").classes("sr-cell")
            with ui.element("tbody"):
                for entry in entries:
                    row(frame, entry, runners[entry.id], place)


def row(frame: Frame, entry: Entry, runner: Runner, place: ui.element) -> None:
    session = runner.state.session
    title = frame.text(session.title) or entry.title

    def cell(column: str, text: str) -> TextElement:
        it = tag("td", text)
        it._props["data-label"] = frame.say(f"home.column-{column}")
        return it

    with ui.element("tr"):
        with ui.element("th").props("scope=row"):
            link(title, f"/desk/{entry.code}")
            created = frame.words.date(session.created, frame.lobby.rules.timezone_of(session))
            days = {"created": created, "deleted": frame.last_day(session)}
            tag("p", frame.say("home.days", **days)).classes("muted")
        cell("code", spaced(entry.code)).props('translate="no"')
        with ui.element("td") as state:
            state._props["data-label"] = frame.say("home.column-state")
            tag("span", frame.say(STATES[session.state])).classes(f"state {session.state}")
        cell("people", str(max(len(runner.state.participants), runner.presence.reached)))
        with ui.element("td").classes("actions"):
            for key, url, new in (
                ("home.desk", f"/desk/{entry.code}", False),
                ("home.screen", f"/s/{entry.code}", True),
                ("home.results", f"/harvest/{entry.code}", False),
            ):
                it = link(frame.say(key), url, new=new).classes("button small")
                it._props["aria-label"] = f"{frame.say(key)}: {title}"
            delete = tag("button", frame.say("home.delete")).classes("button small quiet").props('type="button"')
            delete._props["aria-label"] = f"{frame.say('home.delete')}: {title}"
            delete.on("click", lambda: ask(frame, entry, title, place))


def ask(frame: Frame, entry: Entry, title: str, place: ui.element) -> None:
    """Deleting can't be undone, so it is the one thing here that is asked about."""

    async def delete() -> None:
        dialog.close()
        try:
            await frame.lobby.delete(entry.id)
        except Refused as refused:
            ui.notify(frame.say(f"error.{refused.key}", **refused.values), type="warning")
            return
        ui.notify(frame.say("home.deleted"))
        await show(frame, place)

    with ui.dialog() as dialog, ui.element("div").classes("dialog"):
        dialog.props(f'aria-label="{frame.say("home.delete-do")}"')
        tag("h2", frame.say("home.delete-do"))
        tag("p", frame.say("home.delete-ask", title=title))
        with ui.element("div").classes("buttons"):
            cancel = tag("button", frame.say("plan.cancel-do")).classes("button").props('type="button" autofocus')
            cancel.on("click", dialog.close)
            really = tag("button", frame.say("home.delete-do")).classes("button danger").props('type="button"')
            really.on("click", delete)
    dialog.on("hide", dialog.delete)
    dialog.open()
