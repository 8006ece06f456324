"""The steps of a plan in their order: moved, left out, taken in again, added."""

from collections.abc import Iterator, Mapping
from typing import Any

from nicegui import ui

from facilitate.core.formats import COMMON, Format, PhasePlan
from facilitate.languages import available, catalogue
from facilitate.live.lobby import PhaseWish
from facilitate.ui.frame import tag
from facilitate.ui.plan.fields import Fields
from facilitate.ui.plan.groups import Asked
from facilitate.ui.plan.step import Step, activity

MOST = 40  # steps
FIRST = "label:not(.hidden) input"
MINUTES = 5.0  # of a step that is added


class Agenda:
    def __init__(self, fields: Fields, format_: Format, asked: Asked) -> None:
        self.fields = fields
        self.format = format_
        self.asked = asked
        self.steps: list[Step] = []

    def draw(self) -> None:
        say = self.fields.say
        tag("h2", say("plan.phases"))
        self.total = tag("p").classes("muted")
        self.said = tag("p").classes("sr").props('role="status"')
        with ui.element("div") as self.place:
            for phase in self.format.phases:
                self.put(Step(self.fields, phase, self.format, self.asked))
        with ui.element("details").classes("sheet") as self.adding:
            tag("summary", say("agenda.insert-save-do"))
            tag("p", say("plan.add-hint")).classes("muted")
            with ui.element("div").classes("buttons"):
                for name in self.activities():
                    it = tag("button", activity(self.fields, name)).classes("button").props('type="button"')
                    it.on("click", lambda name=name: self.add(name))

    def put(self, step: Step) -> None:
        self.steps.append(step)
        step.draw(self.move, self.leave)

    def activities(self) -> Iterator[str]:
        for name, module in self.fields.frame.lobby.rules.activities.items():
            if self.format.boards or not module.NEEDS_BOARD:
                yield name

    # --- what is done to them

    def add(self, name: str) -> None:
        with self.place:
            self.put(Step(self.fields, self.fresh(self.free_id(), name), self.format, self.asked, added=True))
        self.fields.hear()
        self.tell(self.steps[-1])
        ui.run_javascript(f"getHtmlElement({self.steps[-1].sheet.id}).querySelector({FIRST!r})?.focus()")

    def free_id(self) -> str:
        taken = {step.phase.id for step in self.steps}
        return next(name for number in range(1, 1000) if (name := f"step-{number}") not in taken)

    def fresh(self, id_: str, name: str) -> PhasePlan:
        """A step that the format does not have, with the activity's own settings and name."""
        module = self.fields.frame.lobby.rules.activities[name]
        key = f"activity.{name}"
        titles = {code: catalogue(code).say(key) for code in self.format.languages if code in available()}
        return PhasePlan(
            id=id_,
            activity=name,
            title=titles,
            prompt={},
            guide={},
            settings={**COMMON, **module.DEFAULTS},
            board=self.format.boards[0].id if module.NEEDS_BOARD else None,
            minutes=MINUTES,
        )

    def move(self, step: Step, by: int) -> None:
        """Past the next one that is held; the focus stays on the button."""
        place = self.steps.index(step)
        held = range(place + by, len(self.steps) if by > 0 else -1, by)
        target = next((at for at in held if not self.steps[at].out), None)
        if target is None:
            return
        self.steps.insert(target, self.steps.pop(place))
        step.sheet.move(self.place, target)
        self.fields.hear()
        self.tell(step)
        button = step.buttons["up" if by < 0 else "down"]
        if not button.visible:
            button = step.buttons["down" if by < 0 else "up"]
        ui.run_javascript(f"requestAnimationFrame(() => getHtmlElement({button.id})?.focus())")

    def leave(self, step: Step) -> None:
        """Left out, and back again: what was typed stays."""
        step.out = not step.out
        self.fields.hear()
        self.tell(step)

    def tell(self, step: Step) -> None:
        held = self.held()
        key = "agenda.moved" if step in held else "agenda.skipped"
        place = held.index(step) + 1 if step in held else 0
        self.said.text = self.fields.say(key, title=step.title, i=place)

    def held(self) -> list[Step]:
        return [step for step in self.steps if not step.out]

    def refresh(self) -> None:
        held = self.held()
        for step in self.steps:
            number = held.index(step) + 1 if step in held else 0
            step.refresh(number, number == 1, number == len(held))
        self.total.text = self.fields.say("plan.total", n=sum(step.minutes for step in held))
        self.adding.set_visibility(len(held) < MOST)

    # --- kept in the browser

    def kept(self) -> list[dict[str, Any]]:
        return [
            {"id": step.phase.id, "out": step.out, "activity": step.phase.activity if step.added else None}
            for step in self.steps
        ]

    def restore(self, values: Mapping[str, Any]) -> None:
        """The order as it was; steps that the copy does not know come last."""
        order: list[Step] = []
        by_id = {step.phase.id: step for step in self.steps}
        kept = values.get("agenda")
        for one in kept if isinstance(kept, list) else []:
            step = by_id.pop(one["id"], None) or self.restored(one["id"], one.get("activity"), by_id)
            if step is not None and step not in order:
                step.out = bool(one.get("out"))
                order.append(step)
        self.steps = [*order, *(step for step in self.steps if step not in order)]
        for place, step in enumerate(self.steps):
            step.sheet.move(self.place, place)
            step.restore(values)

    def restored(self, id_: str, name: str | None, known: dict[str, Step]) -> Step | None:
        if name not in set(self.activities()) or id_ in known:
            return None
        with self.place:
            self.put(Step(self.fields, self.fresh(id_, name), self.format, self.asked, added=True))
        return self.steps[-1]

    # --- what is wished

    def check(self) -> None:
        for step in self.held():
            step.check()

    def wishes(self) -> dict[str, PhaseWish]:
        return {step.phase.id: step.wish() for step in self.held()}

    def order(self) -> tuple[str, ...] | None:
        """None: as in the format."""
        order = tuple(step.phase.id for step in self.held())
        return None if order == tuple(phase.id for phase in self.format.phases) else order
