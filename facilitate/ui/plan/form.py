"""The form of one plan: its parts, the copy in the browser that a reload cannot lose, and the session made of it."""

import json
from typing import cast

from nicegui import ui

from facilitate.core import text as limits
from facilitate.core.formats import Format, FormatMistake, Names
from facilitate.core.refused import Refused
from facilitate.languages import timezones
from facilitate.live.lobby import NewSession
from facilitate.ui.frame import Frame, link, tag
from facilitate.ui.plan.agenda import Agenda
from facilitate.ui.plan.boards import Boards
from facilitate.ui.plan.fields import Fields, language_name
from facilitate.ui.plan.joining import Joining
from facilitate.ui.plan.trust import Trust

PATIENCE = 10.0  # seconds in which a browser on a slow line says what it kept
SAVE = 0.5  # seconds after the last change until the browser keeps a copy

# The field at which a mistake in a setting is said that has several.
FIELD_OF = {"settings.carry": "carry.from", "settings.groups": "groups.way"}
# Opens what a mistake is folded into, and goes to the list of them.
SHOW_MISTAKES = """
for (const it of document.querySelectorAll('.plan .q-field--error, .plan [aria-invalid="true"]'))
  for (let fold = it.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true;
const list = document.querySelector('.mistakes'); list.scrollIntoView(); list.focus();
"""
# What is kept in the browser, and its time zone.
TOLD = """
let kept = null;
try { kept = localStorage.getItem(PLACE) } catch { }
return [kept, Intl.DateTimeFormat().resolvedOptions().timeZone ?? ""];
"""


class Form:
    def __init__(self, frame: Frame, format_: Format) -> None:
        self.frame = frame
        self.say = frame.say
        self.format = format_
        self.fields = Fields(frame, format_.languages, self.heard)
        self.joining = Joining(self.fields, format_)
        self.agenda = Agenda(self.fields, format_, self.joining.titles)
        self.boards = Boards(self.fields, format_.boards)
        self.trust = Trust(self.fields, format_, self.joining.asked)
        self.saving = False
        self.creating = False
        self.made = False  # nothing is kept of it any more

    def draw(self) -> None:
        with ui.element("div").classes("plan"):
            tag("p", self.say("plan.from", title=self.frame.text(self.format.title))).classes("muted")
            self.mistakes = ui.element("div").classes("mistakes").props('role="alert" tabindex="-1"')
            self.mistakes.set_visibility(False)
            self.about()
            self.agenda.draw()
            self.boards.draw()
            tag("h2", self.say("plan.trust"))
            self.trust.draw()
            self.joining.draw()
            with ui.element("div").classes("buttons end"):
                create = tag("button", self.say("plan.create-do")).classes("button strong big").props('type="button"')
                create.on("click", self.create)
                link(self.say("plan.cancel-do"), "/plan").classes("button quiet")
        self.refresh()

    def about(self) -> None:
        with ui.element("section").classes("sheet"):
            with ui.element("fieldset").classes("languages"):
                tag("legend", self.say("plan.languages"))
                for code in self.format.languages:
                    self.fields.keep(f"language.{code}", ui.checkbox(language_name(code), value=True))
                tag("p", self.say("plan.languages-hint")).classes("muted")
            self.fields.texts("title", self.format.title, "plan.name-in", limits.TITLE)

    def end(self) -> None:
        """The page is gone: its fields are not heard any more."""
        self.fields.hear = lambda: None

    # --- what is typed

    def heard(self) -> None:
        self.refresh()
        if not self.saving:
            self.saving = True
            ui.timer(SAVE, self.save, once=True)

    def refresh(self) -> None:
        self.agenda.refresh()
        self.trust.refresh()
        self.joining.refresh()

    @property
    def place(self) -> str:
        return json.dumps(f"facilitate.plan.{self.format.id}")

    def save(self) -> None:
        self.saving = False
        if self.made:
            return
        values = json.dumps({**self.fields.values(), "agenda": self.agenda.kept()})
        ui.run_javascript(f"try {{ localStorage.setItem({self.place}, {json.dumps(values)}) }} catch {{ }}")

    async def restore(self) -> None:
        """What was typed here before a reload, and the time zone of whoever plans here."""
        try:
            kept, zone = await ui.run_javascript(TOLD.replace("PLACE", self.place), timeout=PATIENCE)
            values = json.loads(kept) if kept else {}
        except (TimeoutError, TypeError, ValueError):  # the browser went, or something else stands there
            return
        self.trust.timezone = zone if zone in timezones() else ""
        self.trust.refresh()
        if not isinstance(values, dict) or not values:
            return
        self.agenda.restore(values)
        self.boards.restore(values)
        self.joining.restore(values)
        self.fields.restore(values)
        self.refresh()

    # --- making it

    async def create(self) -> None:
        if self.creating or self.made:
            return
        self.check()
        sentence = ""
        if not self.fields.mistakes:
            self.creating = True
            try:
                sentence = await self.make()
            finally:
                self.creating = False
        if not self.made:
            self.tell(sentence)

    def check(self) -> None:
        """What needs a look, each said at its field."""
        self.fields.forgive()
        self.fields.check_texts("title", "plan.mistake-title")
        if not self.fields.languages():
            self.fields.wrong("languages", self.say("plan.mistake-languages"))
        if not self.agenda.held():
            self.fields.wrong("agenda", self.say("plan.mistake-phases"))
        self.agenda.check()
        self.boards.check()
        self.trust.check()
        self.joining.check()

    async def make(self) -> str:
        """Makes the session and goes to its desk; else says why not, at the field where it can."""
        try:
            created = await self.frame.lobby.create(self.wish())
        except FormatMistake as mistake:
            key = FIELD_OF.get(mistake.key, mistake.key)
            name = f"phase.{mistake.phase}.{key}"
            if name in self.fields.all:
                self.fields.wrong(name, self.say("plan.mistake-setting"))
                return ""
            return self.say("plan.mistake-format", why=f"{mistake.phase} {mistake.key}: {mistake.why}".strip())
        except Refused as refused:
            return self.say(f"error.{refused.key}", **refused.values)
        self.made = True
        ui.run_javascript(f"try {{ localStorage.removeItem({self.place}) }} catch {{ }}")
        ui.navigate.to(f"/desk/{created.code}")
        return ""

    def tell(self, sentence: str) -> None:
        """The sentence, or all mistakes: each leads to its field."""
        found = self.fields.mistakes
        self.mistakes.clear()
        self.mistakes.set_visibility(True)
        with self.mistakes:
            tag("p", sentence or self.say("plan.mistakes", n=len(found)))
            if found:
                with ui.element("ul"):
                    for name, mistake in found.items():
                        self.way_to(name, mistake)
        ui.run_javascript(SHOW_MISTAKES)

    def way_to(self, name: str, mistake: str) -> None:
        with ui.element("li"):
            if name not in self.fields.all:
                tag("span", mistake)
                return
            step = next((step for step in self.agenda.steps if name.startswith(f"{step.name}.")), None)
            words = f"{step.title}: {mistake}" if step else mistake
            field = self.fields.all[name].id
            go = tag("button", words).classes("way").props('type="button"')
            go.on("click", js_handler=f"() => getElement({field})?.focus?.()")

    def wish(self) -> NewSession:
        fields = self.fields
        return NewSession(
            format=self.format.id,
            title=fields.texts_of("title"),
            languages=tuple(fields.languages()),
            names=cast(Names, fields.value("names")),
            delete_after=fields.value("delete_after"),
            operator=fields.text("operator"),
            imprint=fields.text("imprint"),
            privacy=fields.text("privacy"),
            filmed=bool(fields.value("filmed")),
            capacity=self.joining.capacity(),
            attributes=self.joining.attributes(),
            boards=self.boards.wishes(),
            phases=self.agenda.wishes(),
            agenda=self.agenda.order(),
            timezone=self.trust.timezone,
        )
