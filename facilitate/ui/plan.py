"""Plan: choose a format, write its questions in one's own words, make the session. Nothing typed is lost."""

import json
from typing import Any, cast

from nicegui import Client, ui
from nicegui.elements.mixins.value_element import ValueElement

from facilitate.core import text as limits
from facilitate.core.formats import (
    LONGEST_PHASE,
    LONGEST_STORAGE,
    BoardPlan,
    ColumnPlan,
    Format,
    FormatMistake,
    Names,
    PhasePlan,
)
from facilitate.core.refused import Refused
from facilitate.languages import available, catalogue
from facilitate.live.lobby import BoardWish, NewSession, PhaseWish
from facilitate.ui.frame import Frame, heading, link, tag

DAY = 86_400_000  # ms
SAVE = 0.5  # seconds after the last change until the browser keeps a copy
COLUMNS = 6  # that a board can have here
CHOICES = {
    "who": ("facilitators", "everyone", "own"),
    "of": ("clusters", "ideas"),
    "kind": ("scale", "words"),
    "results": ("live", "reveal"),
    "to": ("facilitator", "all"),
}
PROMISES = {"none": "privacy.none", "optional": "privacy.optional", "shown": "privacy.named"}


async def build(frame: Frame, client: Client, chosen: str) -> None:
    heading(frame, frame.say("plan.title"))
    format_ = frame.lobby.formats.get(chosen)
    if format_ is None:
        choose(frame)
        return
    form = Form(frame, format_)
    form.draw()
    await client.connected()
    await form.restore()


# --- the formats


def choose(frame: Frame) -> None:
    with ui.element("ul").classes("formats"):
        for format_ in frame.lobby.formats.values():
            card(frame, format_)


def card(frame: Frame, format_: Format) -> None:
    async def start() -> None:
        await make(frame, NewSession(format=format_.id))

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


def mark(phase: PhasePlan, format_: Format) -> None:
    """The stage's shape, where a format has stages."""
    if any(other.stage for other in format_.phases):
        tag("span").classes(f"mark {phase.stage or 'none'}").props('aria-hidden="true"')


def language_name(code: str) -> str:
    return catalogue(code).say("language.name") if code in available() else code


async def make(frame: Frame, wish: NewSession) -> str:
    """Makes the session and goes to its desk; else the sentence that says why not."""
    try:
        created = await frame.lobby.create(wish)
    except FormatMistake as mistake:
        return frame.say("plan.mistake-format", why=f"{mistake.phase} {mistake.key}: {mistake.why}".strip())
    except Refused as refused:
        return frame.say(f"error.{refused.key}", **refused.values)
    ui.navigate.to(f"/desk/{created.code}")
    return ""


# --- one format's form


class Form:
    """`fields` are all inputs by name; a copy of what they hold lies in the browser until the session is made."""

    def __init__(self, frame: Frame, format_: Format) -> None:
        self.frame = frame
        self.say = frame.say
        self.format = format_
        self.fields: dict[str, ValueElement[Any]] = {}
        self.told: dict[str, ui.element] = {}
        self.columns: dict[str, list[ui.element]] = {}  # board -> the rows of its columns
        self.saving = False
        self.creating = False

    def draw(self) -> None:
        with ui.element("div").classes("plan"):
            tag("p", self.say("plan.from", title=self.frame.text(self.format.title))).classes("muted")
            self.told["mistakes"] = tag("p").classes("mistakes").props('role="alert" tabindex="-1"')
            self.about()
            tag("h2", self.say("plan.phases"))
            self.told["total"] = tag("p").classes("muted")
            for number, phase in enumerate(self.format.phases, 1):
                self.phase(number, phase)
            self.boards()
            self.trust()
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
                    self.keep(f"language.{code}", ui.checkbox(language_name(code), value=True))
                tag("p", self.say("plan.languages-hint")).classes("muted")
            self.texts("title", self.format.title, "plan.name-in", limits.TITLE)

    def phase(self, number: int, phase: PhasePlan) -> None:
        name = f"phase.{phase.id}"
        title = self.frame.text(phase.title)
        with ui.element("fieldset").classes("sheet step"):
            with tag("legend"):
                if phase.stage:
                    mark(phase, self.format)
                tag("span", self.say("plan.phase", i=number, title=title))
            stage = f"{self.say(f'stage.{phase.stage}')} · " if phase.stage else ""
            tag("p", stage + self.activity(phase)).classes("muted")
            with ui.element("div").classes("step-main"):
                with ui.element("div"):
                    self.texts(f"{name}.prompt", phase.prompt, "plan.prompt-in", limits.IDEA, lines=True)
                minutes = ui.number(self.say("plan.minutes"), value=phase.minutes, min=0, max=LONGEST_PHASE)
                self.keep(f"{name}.minutes", minutes).classes("minutes").props(
                    f'hint="{self.say("plan.minutes-none")}"'
                )
            with ui.element("details"):
                tag("summary", self.say("plan.more"))
                self.texts(f"{name}.title", phase.title, "plan.phase-title-in", limits.TITLE)
                self.texts(f"{name}.guide", phase.guide, "plan.guide-in", limits.NOTE, lines=True)
                self.settings(name, phase)

    def activity(self, phase: PhasePlan) -> str:
        key = f"activity.{phase.activity}"
        return self.say(key) if key in self.frame.words.texts else phase.activity

    def settings(self, name: str, phase: PhasePlan) -> None:
        """Those that the catalogue has words for; all others stay as the format has them."""
        for key, value in phase.settings.items():
            label = f"plan.setting-{key.replace('_one', '-one')}"  # `_one` would be a plural form
            if label not in self.frame.words.texts or isinstance(value, dict):
                continue
            field: ValueElement[Any]
            if isinstance(value, bool):
                field = ui.checkbox(self.say(label), value=value)
            elif key == "method":
                field = self.choice(label, {method: self.say(f"method.{method}") for method in self.methods()}, value)
            elif key in CHOICES:
                options = {choice: self.say(f"plan.setting-{key}-{choice}") for choice in CHOICES[key]}
                field = self.choice(label, options, value)
            elif isinstance(value, str) or key == "until":
                field = ui.input(self.say(label), value=value or "")
            else:
                field = ui.number(self.say(label), value=value, min=1).classes("minutes")
            self.keep(f"{name}.settings.{key}", field)

    def methods(self) -> list[str]:
        known = self.frame.words.texts
        return [method for method in self.frame.lobby.rules.methods if f"method.{method}" in known]

    def choice(self, label: str, options: dict[str, str], value: str) -> ValueElement[Any]:
        with ui.element("fieldset").classes("choice"):
            tag("legend", self.say(label))
            return ui.radio(options, value=value)

    def boards(self) -> None:
        """The columns of each board, folded away."""
        for board in self.format.boards:
            with ui.element("details").classes("sheet"):
                tag("summary", self.say("plan.columns-of", title=self.frame.text(board.title)))
                rows = [self.column(board, number) for number in range(max(COLUMNS, len(board.columns)))]
                self.columns[board.id] = rows
                add = tag("button", self.say("plan.column-add-do")).classes("button").props('type="button"')
                add.on("click", lambda board=board: self.add_column(board))
                self.told[f"add.{board.id}"] = add

    def column(self, board: BoardPlan, number: int) -> ui.element:
        """One of a board's columns; a column without a name is none."""
        before = board.columns[number].title if number < len(board.columns) else {}
        with ui.element("fieldset").classes("choice") as row:
            self.texts(f"board.{board.id}.{number}", before, "plan.column-in", limits.TITLE)
            gone = tag("button", self.say("plan.column-remove-do")).classes("button quiet").props('type="button"')
            gone.on("click", lambda: self.remove_column(board, number))
        row.set_visibility(bool(before))
        return row

    def add_column(self, board: BoardPlan) -> None:
        row = next((row for row in self.columns[board.id] if not row.visible), None)
        if row is not None:
            row.set_visibility(True)
        self.refresh()

    def remove_column(self, board: BoardPlan, number: int) -> None:
        for code in self.format.languages:
            self.fields[f"board.{board.id}.{number}.{code}"].set_value("")
        self.columns[board.id][number].set_visibility(False)
        self.refresh()

    def column_texts(self, board: BoardPlan, number: int) -> dict[str, str]:
        found = {code: self.value(f"board.{board.id}.{number}.{code}") for code in self.languages()}
        return {code: text for code, text in found.items() if text}

    def board_wishes(self) -> dict[str, BoardWish]:
        """Boards whose columns differ from the format's."""
        wishes = {}
        for board in self.format.boards:
            ids = [column.id for column in board.columns]
            ids += [f"column-{number + 1}" for number in range(len(ids), len(self.columns[board.id]))]
            texts = [self.column_texts(board, number) for number in range(len(ids))]
            columns = tuple(ColumnPlan(id_, title) for id_, title in zip(ids, texts, strict=True) if title)
            planned = [{code: column.title[code] for code in self.languages()} for column in board.columns]
            if [column.title for column in columns] != planned:
                wishes[board.id] = BoardWish(columns=columns)
        return wishes

    def trust(self) -> None:
        hints = {name: f"{self.say(f'plan.names-{name}')}. {self.say(f'plan.names-{name}-hint')}" for name in PROMISES}
        with ui.element("section").classes("sheet"):
            with ui.element("fieldset").classes("choice"):
                tag("legend", self.say("plan.names"))
                self.keep("names", ui.radio(hints, value=self.format.names))
                tag("p", self.say("plan.names-hint")).classes("muted")
            days = ui.number(self.say("plan.delete"), value=self.format.delete_after, min=1, max=LONGEST_STORAGE)
            self.keep("delete_after", days).classes("minutes")
            self.keep("filmed", ui.checkbox(self.say("plan.filmed")))
            operator = ui.input(self.say("plan.operator")).props(f"maxlength={limits.TITLE}")
            self.keep("operator", operator).props(f'hint="{self.say("plan.operator-hint")}"').classes("wide")
            self.keep("imprint", ui.input(self.say("plan.imprint"))).classes("wide")
            self.keep("privacy", ui.input(self.say("plan.privacy"))).classes("wide")
            with ui.element("div").classes("promise"):
                tag("h3", self.say("plan.promise"))
                self.told["promise"] = tag("p")

    def texts(self, name: str, texts: dict[str, str], label: str, most: int, *, lines: bool = False) -> None:
        """One field for each language, shown while the language is chosen."""
        for code in self.format.languages:
            words = self.say(label, language=self.called(code))
            field = (
                ui.textarea(words, value=texts.get(code, "")) if lines else ui.input(words, value=texts.get(code, ""))
            )
            field.props(f'maxlength={most} lang="{code}" dir="auto"' + (" autogrow" if lines else "")).classes("wide")
            field.bind_visibility_from(self.fields[f"language.{code}"], "value")
            self.keep(f"{name}.{code}", field)

    def keep(self, name: str, field: Any) -> Any:
        self.fields[name] = field
        if isinstance(field, ui.input | ui.textarea | ui.number):
            field.props("outlined")
        field.on_value_change(lambda: self.touched(name))
        return field

    def called(self, code: str) -> str:
        """A language's name in the reader's own."""
        return str(self.frame.words.locale.languages.get(code) or language_name(code))

    # --- what is typed

    def touched(self, name: str) -> None:
        field = self.fields[name]
        if getattr(field, "error", None):
            cast(Any, field).error = None
        self.refresh()
        if not self.saving:
            self.saving = True
            ui.timer(SAVE, self.save, once=True)

    def refresh(self) -> None:
        minutes = [self.fields[f"phase.{phase.id}.minutes"].value or 0 for phase in self.format.phases]
        cast(Any, self.told["total"]).text = self.say("plan.total", n=float(sum(minutes)))
        days = self.fields["delete_after"].value or self.format.delete_after
        date = self.frame.date(self.frame.lobby.clock.now() + min(float(days), LONGEST_STORAGE) * DAY)
        lines = [self.say(PROMISES[self.fields["names"].value], date=date)]
        if self.fields["names"].value != "none":  # that sentence holds the date
            lines.append(self.say("plan.delete-on", date=date))
        if self.fields["filmed"].value:
            lines.append(self.say("privacy.filmed"))
        cast(Any, self.told["promise"]).text = " ".join(lines)
        for board, rows in self.columns.items():
            self.told[f"add.{board}"].set_visibility(not all(row.visible for row in rows))

    @property
    def place(self) -> str:
        return json.dumps(f"facilitate.plan.{self.format.id}")

    def save(self) -> None:
        self.saving = False
        values = json.dumps({name: field.value for name, field in self.fields.items()})
        ui.run_javascript(f"try {{ localStorage.setItem({self.place}, {json.dumps(values)}) }} catch {{ }}")

    async def restore(self) -> None:
        """What was typed here before a reload."""
        kept = await ui.run_javascript(f"try {{ return localStorage.getItem({self.place}) }} catch {{ return null }}")
        try:
            values = json.loads(kept) if kept else {}
        except ValueError:
            return
        for name, field in self.fields.items():
            if isinstance(values, dict) and name in values:
                field.set_value(values[name])
        for board in self.format.boards:
            for number, row in enumerate(self.columns[board.id]):
                names = (self.value(f"board.{board.id}.{number}.{code}") for code in self.format.languages)
                row.set_visibility(any(names))
        self.refresh()

    def value(self, name: str) -> str:
        return str(self.fields[name].value or "").strip()

    def languages(self) -> list[str]:
        return [code for code in self.format.languages if self.fields[f"language.{code}"].value]

    # --- making it

    async def create(self) -> None:
        if self.creating:
            return
        mistakes = self.mistakes()
        if not mistakes:
            self.creating = True
            try:
                sentence = await make(self.frame, self.wish())
            finally:
                self.creating = False
            if not sentence:
                ui.run_javascript(f"try {{ localStorage.removeItem({self.place}) }} catch {{ }}")
                return
            mistakes = [sentence]
            cast(Any, self.told["mistakes"]).text = sentence
        else:
            cast(Any, self.told["mistakes"]).text = self.say("plan.mistakes", n=len(mistakes))
        ui.run_javascript("const it = document.querySelector('.mistakes'); it.scrollIntoView(); it.focus()")

    def mistakes(self) -> list[str]:
        """What needs a look, each said at its field."""
        found: list[str] = []

        def wrong(name: str, sentence: str) -> None:
            found.append(sentence)
            field = self.fields[name]
            if hasattr(field, "error"):
                cast(Any, field).error = sentence

        for code in self.languages():
            if not self.value(f"title.{code}"):
                wrong(f"title.{code}", self.say("plan.mistake-title", language=self.called(code)))
            for phase in self.format.phases:
                if phase.prompt and not self.value(f"phase.{phase.id}.prompt.{code}"):
                    sentence = self.say("plan.mistake-prompt", language=self.called(code))
                    wrong(f"phase.{phase.id}.prompt.{code}", sentence)
                if not self.value(f"phase.{phase.id}.title.{code}"):
                    sentence = self.say("plan.mistake-title", language=self.called(code))
                    wrong(f"phase.{phase.id}.title.{code}", sentence)
            for board in self.format.boards:
                for number in range(len(self.columns[board.id])):
                    if self.column_texts(board, number) and not self.value(f"board.{board.id}.{number}.{code}"):
                        sentence = self.say("plan.mistake-column", language=self.called(code))
                        wrong(f"board.{board.id}.{number}.{code}", sentence)
        if not self.languages():
            found.append(self.say("plan.mistake-languages"))
        for phase in self.format.phases:
            minutes = self.fields[f"phase.{phase.id}.minutes"].value
            if minutes is not None and not 0 < minutes <= LONGEST_PHASE:
                wrong(f"phase.{phase.id}.minutes", self.say("plan.mistake-minutes"))
        days = self.fields["delete_after"].value
        if days is None or days != int(days) or not 1 <= days <= LONGEST_STORAGE:
            wrong("delete_after", self.say("plan.mistake-days"))
        for name in ("imprint", "privacy"):
            if self.value(name) and not self.value(name).startswith(("https://", "http://")):
                wrong(name, self.say("plan.mistake-link"))
        return found

    def wish(self) -> NewSession:
        return NewSession(
            format=self.format.id,
            title={code: self.value(f"title.{code}") for code in self.languages()},
            languages=tuple(self.languages()),
            names=cast(Names, self.fields["names"].value),
            delete_after=int(self.fields["delete_after"].value),
            operator=self.value("operator"),
            imprint=self.value("imprint"),
            privacy=self.value("privacy"),
            filmed=bool(self.fields["filmed"].value),
            boards=self.board_wishes(),
            phases={phase.id: self.phase_wish(phase) for phase in self.format.phases},
        )

    def phase_wish(self, phase: PhasePlan) -> PhaseWish:
        name = f"phase.{phase.id}"

        def texts(part: str) -> dict[str, str] | None:
            found = {code: self.value(f"{name}.{part}.{code}") for code in self.languages()}
            return {code: text for code, text in found.items() if text} or None

        return PhaseWish(
            title=texts("title"),
            prompt=texts("prompt"),
            guide=texts("guide"),
            minutes=self.fields[f"{name}.minutes"].value or 0,  # emptied: no time limit
            settings=self.setting_wishes(name, phase),
        )

    def setting_wishes(self, name: str, phase: PhasePlan) -> dict[str, Any]:
        """Those that differ from the format; an emptied number means none."""
        wishes: dict[str, Any] = {}
        for key, before in phase.settings.items():
            field = self.fields.get(f"{name}.settings.{key}")
            if field is None:
                continue
            value = field.value
            if isinstance(value, float) and value.is_integer():
                value = int(value)
            if value == "" and before is None:
                value = None
            if value != before:
                wishes[key] = value
        return wishes
