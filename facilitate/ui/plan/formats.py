"""The formats to choose from: to plan with, or to start at once."""

from nicegui import ui

from facilitate.core.formats import Format, FormatMistake
from facilitate.core.refused import Refused
from facilitate.live.lobby import NewSession
from facilitate.ui.frame import Frame, link, tag
from facilitate.ui.plan.fields import language_name
from facilitate.ui.plan.step import mark


def draw(frame: Frame) -> None:
    with ui.element("ul").classes("formats"):
        for format_ in frame.lobby.formats.values():
            card(frame, format_)


def card(frame: Frame, format_: Format) -> None:
    async def start() -> None:
        try:
            created = await frame.lobby.create(NewSession(format=format_.id))
        except Refused as refused:
            ui.notify(frame.say(f"error.{refused.key}", **refused.values), type="warning")
        except FormatMistake as mistake:
            ui.notify(frame.say("plan.mistake-format", why=str(mistake)), type="warning")
        else:
            ui.navigate.to(f"/desk/{created.code}")

    with ui.element("li").classes("format"):
        tag("h2", frame.text(format_.title))
        tag("p", frame.text(format_.summary))
        counts = (frame.say("home.steps", n=len(format_.phases)), frame.say("home.minutes", n=format_.minutes))
        tag("p", " · ".join(counts)).classes("muted")
        with ui.element("ol").classes("format-phases"):
            for phase in format_.phases:
                with ui.element("li"):
                    mark(phase, format_)
                    tag("span", frame.text(phase.title))
                    if phase.minutes:
                        tag("span", frame.say("timer.short", n=phase.minutes)).classes("muted")
        names = ", ".join(language_name(code) for code in format_.languages)
        tag("p", frame.say("home.languages", languages=names)).classes("muted")
        with ui.element("div").classes("buttons"):
            plan = link(frame.say("home.new-do"), f"/plan?format={format_.id}").classes("button strong")
            plan._props["aria-label"] = f"{frame.say('home.new-do')}: {frame.text(format_.title)}"
            quick = tag("button", frame.say("home.quick-do")).classes("button").props('type="button"')
            quick._props["aria-label"] = f"{frame.say('home.quick-do')}: {frame.text(format_.title)}"
            quick.on("click", start)
