"""Home says so where the machine's clock shows a date that is doubted: what would be deleted by it waits."""

from collections.abc import Callable

from nicegui import ui

from facilitate.core.refused import Refused
from facilitate.live.almanac import Doubt
from facilitate.ui.frame import Frame, tag


def tell(frame: Frame, again: Callable[[], None]) -> None:
    """Where there is such a date; `again` shows the page anew."""
    waiting = frame.lobby.doubt()
    if waiting is None:
        return
    doubt, n = waiting
    with ui.element("section").classes("doubt").props('aria-labelledby="doubt"'):
        tag("h2", frame.say("home.clock", now=_day(frame, doubt.now))).props('id="doubt"')
        tag("p", frame.say("home.clock-waits", n=n, known=_day(frame, doubt.known)))
        tag("p", frame.say("home.clock-hint"))
        confirm = tag("button", frame.say("home.clock-do")).classes("button").props('type="button"')
        confirm.on("click", lambda: ask(frame, doubt, n, again))


def _day(frame: Frame, at: int) -> str:
    """By the house's time: it is this machine's date."""
    return frame.words.date(at, frame.lobby.rules.timezone)


def ask(frame: Frame, doubt: Doubt, n: int, again: Callable[[], None]) -> None:
    """Deleting can't be undone."""

    async def delete() -> None:
        dialog.close()
        try:
            await frame.lobby.confirm_date(doubt.now)
        except Refused as refused:
            ui.notify(frame.say(f"error.{refused.key}", **refused.values), type="warning")
        again()

    with ui.dialog() as dialog, ui.element("div").classes("dialog"):
        dialog.props(f'aria-label="{frame.say("home.clock-do")}"')
        tag("h2", frame.say("home.clock-do"))
        tag("p", frame.say("home.clock-ask", n=n, now=_day(frame, doubt.now)))
        with ui.element("div").classes("buttons"):
            cancel = tag("button", frame.say("plan.cancel-do")).classes("button").props('type="button" autofocus')
            cancel.on("click", dialog.close)
            really = tag("button", frame.say("home.clock-delete-do")).classes("button danger").props('type="button"')
            really.on("click", delete)
    dialog.on("hide", dialog.delete)
    dialog.open()
