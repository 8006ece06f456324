"""One step of the agenda: its question and its minutes; all else is folded away."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

from nicegui import ui

from facilitate.core import text as limits
from facilitate.core.formats import BEGINS, LONGEST_PHASE, Begin, Format, PhasePlan
from facilitate.live.lobby import PhaseWish
from facilitate.ui.frame import tag
from facilitate.ui.plan.carry import Carry
from facilitate.ui.plan.fields import Fields
from facilitate.ui.plan.groups import Asked, Groups
from facilitate.ui.plan.settings import Settings

MOVES = {"up": -1, "down": 1}


class Step:
    """`added`: the format does not have it. `out`: it is left out, and keeps what was typed."""

    def __init__(self, fields: Fields, phase: PhasePlan, format_: Format, asked: Asked, *, added: bool = False) -> None:
        self.fields = fields
        self.asked = asked
        self.phase = phase
        self.format = format_
        self.added = added
        self.out = False
        self.shown: tuple[object, ...] = ()
        self.name = f"phase.{phase.id}"

    def draw(self, move: Callable[["Step", int], None], drop: Callable[["Step"], None]) -> None:
        fields, phase, say = self.fields, self.phase, self.fields.say
        with ui.element("fieldset").classes("sheet step") as self.sheet:
            with ui.element("legend"):
                if phase.stage:
                    mark(phase, self.format)
                self.heading = tag("span")
            stage = [say(f"stage.{phase.stage}")] if phase.stage else []
            does = activity(fields, phase.activity)
            told = [*stage, *([does] if does != fields.frame.text(phase.title) else [])]
            self.about = tag("p", " · ".join(told)).classes("muted")
            with ui.element("div") as self.body:
                self.main()
                self.front = ui.element("div").classes("front")
                with ui.element("details"):
                    tag("summary", say("plan.more"))
                    self.more()
            with ui.element("div").classes("step-moves"):
                self.buttons = {
                    way: self.button(f"plan.{way}-do", partial(move, self, by)) for way, by in MOVES.items()
                }
                self.leave = self.button("plan.leave-out-do", lambda: drop(self))

    def button(self, key: str, does: Callable[[], None]) -> Any:
        it = tag("button", self.fields.say(key)).classes("button small quiet").props('type="button"')
        it.on("click", does)
        return it

    def main(self) -> None:
        with ui.element("div").classes("step-main"):
            with ui.element("div"):
                if self.added:
                    self.fields.texts(f"{self.name}.title", self.phase.title, "plan.phase-title-in", limits.TITLE)
                self.fields.texts(f"{self.name}.prompt", self.phase.prompt, "plan.prompt-in", limits.IDEA, lines=True)
            self.fields.number(f"{self.name}.minutes", "plan.minutes", self.phase.minutes, hint="plan.minutes-none")

    def more(self) -> None:
        fields, phase = self.fields, self.phase
        if not self.added:
            fields.texts(f"{self.name}.title", phase.title, "plan.phase-title-in", limits.TITLE)
        fields.texts(f"{self.name}.guide", phase.guide, "plan.guide-in", limits.NOTE, lines=True)
        if self.added and phase.board:
            boards = {board.id: fields.frame.text(board.title) for board in self.format.boards}
            fields.select(f"{self.name}.board", "plan.board", boards, phase.board)
        self.settings = Settings(fields, self.name, phase)
        begins = {begin: fields.say(f"plan.begin-{begin}") for begin in BEGINS}
        fields.choice(f"{self.name}.begin", "plan.begin", begins, phase.begin)
        others = any(board.id != phase.board for board in self.format.boards)
        self.carry = Carry(fields, self.name, phase, self.format.boards) if phase.board and others else None
        formed = phase.board or phase.settings["groups"]
        self.groups = Groups(fields, self.name, phase, self.asked, self.front) if formed else None

    # --- where it stands

    def refresh(self, number: int, first: bool, last: bool) -> None:
        """`number` counts the steps that are held, from 1."""
        if self.groups:
            self.groups.refresh()
        now = (number, first, last, self.out, title := self.title)
        if now == self.shown:  # most of what is typed changes nothing here
            return
        self.shown = now
        say = self.fields.say
        self.heading.text = say("plan.left-out", title=title) if self.out else say("plan.phase", i=number, title=title)
        self.sheet.classes(add="out" if self.out else "", remove="" if self.out else "out")
        for place in (self.about, self.body):
            place.set_visibility(not self.out)
        for way, end in (("up", first), ("down", last)):
            self.buttons[way].set_visibility(not self.out and not end)
        self.leave.text = say("plan.take-in-do" if self.out else "plan.leave-out-do")
        for button in (*self.buttons.values(), self.leave):
            button.props["aria-label"] = f"{button.text}: {title}"

    @property
    def title(self) -> str:
        texts = self.fields.texts_of(f"{self.name}.title")
        return self.fields.frame.text(texts or self.phase.title)

    def restore(self, values: Mapping[str, Any]) -> None:
        if self.groups:
            self.groups.restore(values)

    @property
    def minutes(self) -> float:
        return float(self.fields.value(f"{self.name}.minutes") or 0)

    # --- what is wished

    def check(self) -> None:
        fields = self.fields
        fields.check_texts(f"{self.name}.prompt", "plan.mistake-prompt", needed=bool(self.phase.prompt))
        fields.check_texts(f"{self.name}.title", "plan.mistake-title")
        fields.check_texts(f"{self.name}.guide", "plan.mistake-text", needed=False)
        minutes = fields.value(f"{self.name}.minutes")
        if minutes is not None and not 0 < minutes <= LONGEST_PHASE:
            fields.wrong(f"{self.name}.minutes", fields.say("plan.mistake-minutes"))
        self.settings.check()
        if self.carry:
            self.carry.check()
        if self.groups:
            self.groups.check()

    def wish(self) -> PhaseWish:
        fields, phase = self.fields, self.phase
        settings = self.settings.wishes()
        for key, part in (("carry", self.carry), ("groups", self.groups)):
            if part and (value := part.wish()) != phase.settings[key]:
                settings[key] = value
        begin = cast(Begin, fields.value(f"{self.name}.begin"))
        board = f"{self.name}.board"
        return PhaseWish(
            title=fields.texts_of(f"{self.name}.title") or None,
            prompt=fields.texts_of(f"{self.name}.prompt") or None,
            guide=fields.texts_of(f"{self.name}.guide") or None,
            minutes=fields.value(f"{self.name}.minutes") or 0,  # emptied: no time limit
            settings=settings,
            begin=begin if begin != phase.begin else None,
            activity=phase.activity if self.added else None,
            board=fields.value(board) if board in fields.all else None,
        )


def mark(phase: PhasePlan, format_: Format) -> None:
    """The stage's shape, where a format has stages."""
    if any(other.stage for other in format_.phases):
        tag("span").classes(f"mark {phase.stage or 'none'}").props('aria-hidden="true"')


def activity(fields: Fields, name: str) -> str:
    key = f"activity.{name}"
    return fields.say(key) if key in fields.frame.words.texts else name
