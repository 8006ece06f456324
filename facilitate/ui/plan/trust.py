"""What is promised to participants: names, deletion, who is responsible, and the sentence that they will read."""

from collections.abc import Callable, Sized
from typing import Any, cast

from nicegui import ui

from facilitate.core import text as limits
from facilitate.core.formats import LONGEST_STORAGE, Format
from facilitate.ui.frame import tag
from facilitate.ui.plan.fields import Fields

DAY = 86_400_000  # ms
PROMISES = {"none": "privacy.none", "optional": "privacy.optional", "shown": "privacy.named"}
LINKS = ("imprint", "privacy")


class Trust:
    def __init__(self, fields: Fields, format_: Format, asked: Callable[[], Sized]) -> None:
        self.fields = fields
        self.format = format_
        self.asked = asked  # when people join
        self.promise: ui.element
        self.clock: ui.element
        self.timezone = ""  # of the planner's browser, once it has said so

    def draw(self) -> None:
        fields, say = self.fields, self.fields.say
        hints = {name: f"{say(f'plan.names-{name}')}. {say(f'plan.names-{name}-hint')}" for name in PROMISES}
        with ui.element("section").classes("sheet"):
            fields.choice("names", "plan.names", hints, self.format.names)
            tag("p", say("plan.names-hint")).classes("muted below")
            fields.number("delete_after", "plan.delete", self.format.delete_after)
            fields.tick("filmed", "plan.filmed", False)
            fields.line("operator", "plan.operator", limits.TITLE, hint="plan.operator-hint")
            for name in LINKS:
                fields.line(name, f"plan.{name}", limits.IDEA)
            with ui.element("div").classes("promise"):
                tag("h3", say("plan.promise"))
                self.promise = tag("p")
                self.clock = tag("p").classes("muted")

    def refresh(self) -> None:
        fields, frame = self.fields, self.fields.frame
        days = fields.value("delete_after") or self.format.delete_after
        last = frame.lobby.clock.now() + min(float(days), LONGEST_STORAGE) * DAY
        zone = self.timezone or frame.lobby.rules.timezone
        date = frame.words.date(last, zone)
        names = fields.value("names")
        lines = [frame.say(PROMISES[names], date=date)]
        if names != "none":  # that sentence holds the date
            lines.append(frame.say("plan.delete-on", date=date))
        if self.asked():
            lines.append(frame.say("privacy.attributes-named" if names == "shown" else "privacy.attributes-totals"))
        if fields.value("filmed"):
            lines.append(frame.say("privacy.filmed"))
        cast(Any, self.promise).text = " ".join(lines)
        cast(Any, self.clock).text = frame.say("plan.timezone", zone=zone)

    def check(self) -> None:
        days = self.fields.value("delete_after")
        if not isinstance(days, int) or not 1 <= days <= LONGEST_STORAGE:
            self.fields.wrong("delete_after", self.fields.say("plan.mistake-days"))
        for name in LINKS:
            if self.fields.text(name) and not limits.is_link(self.fields.text(name)):
                self.fields.wrong(name, self.fields.say("plan.mistake-link"))
