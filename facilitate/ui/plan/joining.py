"""What people are asked when they join, and how many of them there is room for; folded away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from facilitate.core import text as limits
from facilitate.core.formats import MOST_ATTRIBUTES, AttributePlan, ColumnPlan, Format
from facilitate.live.lobby import MOST, NewSession
from facilitate.ui.frame import tag
from facilitate.ui.plan.fields import Fields
from facilitate.ui.plan.rows import Rows, RowWords

OPTIONS = 12  # of a question
ROOM = NewSession(format="").capacity
WORDS = RowWords("plan.option-in", "plan.option-add-do", "plan.option-remove-do", "plan.mistake-option")


@dataclass(frozen=True, slots=True)
class Question:
    """`name` is that of its fields; `before` what the format has, without words for one that is added."""

    name: str
    before: AttributePlan
    options: Rows


class Joining:
    """A question that is not asked any more keeps what was typed."""

    def __init__(self, fields: Fields, format_: Format) -> None:
        self.fields = fields
        self.planned = format_.attributes
        self.questions: list[Question] = []
        self.place: ui.element
        self.add_button: ui.element

    def draw(self) -> None:
        fields, say = self.fields, self.fields.say
        with ui.element("details").classes("sheet"):
            tag("summary", say("plan.joining"))
            tag("p", say("plan.asked-hint")).classes("muted")
            self.place = ui.element("div")
            for plan in self.planned:
                self.put(plan)
            self.add_button = tag("button", say("plan.asked-add-do")).classes("button asked-add").props('type="button"')
            self.add_button.on("click", self.add)
            fields.number("capacity", "plan.capacity", ROOM)

    def put(self, plan: AttributePlan) -> None:
        fields, name = self.fields, f"asked.{len(self.questions)}"
        with self.place, ui.element("fieldset").classes("choice asked"):
            tag("legend", fields.say("plan.asked", i=len(self.questions) + 1))
            fields.tick(f"{name}.on", "plan.asked-on", True)
            with fields.only_with(f"{name}.on", [True]):
                fields.texts(f"{name}.title", plan.title, "plan.asked-in", limits.TITLE)
                titles = [option.title for option in plan.options]
                options = Rows(fields, f"{name}.options", titles, max(OPTIONS, len(titles)), WORDS)
        self.questions.append(Question(name, plan, options))

    def add(self) -> None:
        """One more, and the focus in it."""
        taken = {question.before.id for question in self.questions}
        free = next(id_ for number in range(1, 100) if (id_ := f"question-{number}") not in taken)
        self.put(AttributePlan(free, {}))
        self.fields.hear()
        first = f"getHtmlElement({self.place.id}).querySelector('.asked:last-child label:not(.hidden) input')"
        ui.run_javascript(f"{first}?.focus()")

    def refresh(self) -> None:
        self.add_button.set_visibility(len(self.questions) < MOST_ATTRIBUTES)

    def asked(self) -> list[Question]:
        return [question for question in self.questions if self.fields.value(f"{question.name}.on")]

    def titles(self) -> dict[str, str]:
        """What is asked, by id."""
        found = {}
        for number, question in enumerate(self.questions, 1):
            if question in self.asked():
                title = self.fields.frame.text(self.fields.texts_of(f"{question.name}.title"))
                found[question.before.id] = title or self.fields.say("plan.asked", i=number)
        return found

    def restore(self, values: Mapping[str, Any]) -> None:
        while f"asked.{len(self.questions)}.on" in values and len(self.questions) < MOST_ATTRIBUTES:
            self.put(AttributePlan(f"question-{len(self.questions) + 1}", {}))
        for question in self.questions:
            question.options.restore(values)

    def check(self) -> None:
        fields = self.fields
        for question in self.asked():
            fields.check_texts(f"{question.name}.title", "plan.mistake-asked")
            question.options.check()
            filled = [number for number, texts in enumerate(question.options.texts()) if texts]
            if len(filled) == 1:
                code = fields.languages()[0]
                fields.wrong(f"{question.name}.options.{filled[0]}.{code}", fields.say("plan.mistake-options"))
        fields.check_number("capacity", 1, MOST)

    def capacity(self) -> int:
        return int(self.fields.value("capacity"))

    def attributes(self) -> tuple[AttributePlan, ...] | None:
        """None: as in the format."""
        wished = tuple(self.wish(question) for question in self.asked())
        chosen = self.fields.chosen
        planned = tuple(
            AttributePlan(
                plan.id,
                chosen(plan.title),
                tuple(ColumnPlan(option.id, chosen(option.title)) for option in plan.options),
            )
            for plan in self.planned
        )
        return None if wished == planned else wished

    def wish(self, question: Question) -> AttributePlan:
        texts = question.options.texts()
        ids = [option.id for option in question.before.options]
        ids += [f"option-{number + 1}" for number in range(len(ids), len(texts))]
        options = tuple(ColumnPlan(id_, title) for id_, title in zip(ids, texts, strict=True) if title)
        return AttributePlan(question.before.id, self.fields.texts_of(f"{question.name}.title"), options)
