"""Home: the sessions of this server, and the way to a new one. No session is loaded for it."""

from collections.abc import Iterator
from html import escape

from nicegui import events, ui

from facilitate.core.refused import Refused
from facilitate.store import Entry
from facilitate.ui import doubts
from facilitate.ui.desk import spaced
from facilitate.ui.frame import Frame, heading, link, tag

STATES = {"planned": "home.state-new", "running": "home.state-running", "ended": "home.state-ended"}
COLUMNS = ("title", "code", "state", "people")
LINKS = (("desk", "desk", ""), ("screen", "s", ' target="_blank" rel="noopener"'), ("results", "harvest", ""))
UNKNOWN = "–"  # noqa: RUF001 - until the session is opened
DELETE = "event => { const it = event.target.closest('[data-delete]'); if (it) emit(it.dataset.delete); }"


def build(frame: Frame) -> None:
    heading(frame, frame.say("home.title"), here="home")
    show(frame, ui.element("div").classes("home"))


def show(frame: Frame, place: ui.element) -> None:
    """The list, or a friendly word where there is none yet."""
    entries = frame.lobby.entries()
    place.clear()
    with place:
        doubts.tell(frame, lambda: show(frame, place))
        link(frame.say("plan.title"), "/plan").classes("button strong big")
        if not entries:
            tag("p", frame.say("home.none")).classes("empty")
            return
        # One piece of text, and not twenty elements for each of a thousand sessions.
        html = ui.html("".join(table(frame, entries)), sanitize=False, tag="div")
        html.on("click", lambda event: chosen(frame, event, place), js_handler=DELETE)


def table(frame: Frame, entries: list[Entry]) -> Iterator[str]:
    say = frame.say
    yield f'<table class="sessions"><caption class="sr">{escape(say("home.list"))}</caption><thead><tr>'
    for column in COLUMNS:
        yield f'<th scope="col">{escape(say(f"home.column-{column}"))}</th>'
    yield f'<th scope="col" class="sr-cell">{escape(say("desk.more-do"))}</th></tr></thead><tbody>'
    for entry in entries:
        yield "".join(row(frame, entry))
    yield "</tbody></table>"


def row(frame: Frame, entry: Entry) -> Iterator[str]:
    say = frame.say
    title = title_of(frame, entry)
    about = escape(title)
    yield f'<tr><th scope="row"><a href="/desk/{escape(entry.code)}">{about}</a>'
    yield f'<p class="muted">{escape(days(frame, entry))}</p></th>'
    state, words = state_of(frame, entry)
    cells = {
        "code": f'<span translate="no">{escape(spaced(entry.code))}</span>',
        "state": f'<span class="state {state}">{escape(words)}</span>',
        "people": people(frame, entry),
    }
    for column, text in cells.items():
        yield f'<td data-label="{escape(say(f"home.column-{column}"))}">{text}</td>'
    yield '<td class="actions">'
    for key, page, more in LINKS:
        name = escape(say(f"home.{key}"))
        yield f'<a class="button small" href="/{page}/{escape(entry.code)}"{more} '
        yield f'aria-label="{name}: {about}">{name}</a>'
    name = escape(say("home.delete"))
    yield f'<button type="button" class="button small quiet" data-delete="{escape(entry.id)}" '
    yield f'aria-label="{name}: {about}">{name}</button></td></tr>'


def title_of(frame: Frame, entry: Entry) -> str:
    """In the reader's language where it runs, else as the store's list has it."""
    runner = frame.lobby.running(entry.id)
    known = frame.text(runner.state.session.title) if runner is not None else ""
    return known or str(entry.title or "") or spaced(entry.code)


def days(frame: Frame, entry: Entry) -> str:
    """When it was made and when it will be deleted; nothing where the list does not know."""
    if not (isinstance(entry.created, int) and isinstance(entry.delete_at, int)):
        return ""
    zone = entry.timezone or frame.lobby.rules.timezone
    created, deleted = (frame.words.date(at, zone) for at in (entry.created, entry.delete_at))
    return frame.say("home.days", created=created, deleted=deleted)


def state_of(frame: Frame, entry: Entry) -> tuple[str, str]:
    """As a class, and in words."""
    if frame.lobby.is_unreadable(entry.id) or entry.state not in STATES:
        return "unreadable", frame.say("home.state-unreadable")
    return entry.state, frame.say(STATES[entry.state])


def people(frame: Frame, entry: Entry) -> str:
    runner = frame.lobby.running(entry.id)
    return UNKNOWN if runner is None else str(max(len(runner.state.participants), runner.presence.reached))


def chosen(frame: Frame, event: events.GenericEventArguments, place: ui.element) -> None:
    entry = next((entry for entry in frame.lobby.entries() if entry.id == event.args), None)
    if entry is not None:
        ask(frame, entry, title_of(frame, entry), place)


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
        show(frame, place)

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
