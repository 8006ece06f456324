"""A list of texts in a plan that can grow and shrink: the columns of a board, the questions of groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from facilitate.core import text as limits
from facilitate.core.formats import Texts
from facilitate.ui.frame import tag
from facilitate.ui.plan.fields import Fields

FIRST = "label:not(.hidden) input, label:not(.hidden) textarea"


@dataclass(frozen=True, slots=True)
class RowWords:
    """Keys of the catalogue."""

    text: str
    add: str
    remove: str
    missing: str


class Rows:
    """At most `most` of them, numbered from 0; one without a text is none. `long`: whole sentences."""

    def __init__(
        self, fields: Fields, name: str, texts: Sequence[Texts], most: int, words: RowWords, *, long: bool = False
    ) -> None:
        self.fields = fields
        self.long = long
        self.name = name
        self.most = most
        self.words = words
        self.rows: list[ui.element] = []
        self.place = ui.element("div")
        for text in texts:
            self.draw(text)
        self.add_button = tag("button", fields.say(words.add)).classes("button").props('type="button"')
        self.add_button.on("click", self.add)
        self.refresh()

    def draw(self, texts: Texts) -> None:
        number = len(self.rows)
        with self.place, ui.element("div").classes("row-of-texts") as row:
            with ui.element("div"):
                most = limits.IDEA if self.long else limits.TITLE
                self.fields.texts(f"{self.name}.{number}", texts, self.words.text, most, lines=self.long)
            gone = tag("button", self.fields.say(self.words.remove)).classes("button quiet").props('type="button"')
            gone.props["aria-label"] = f"{gone.text} {number + 1}"
            gone.on("click", lambda: self.remove(number))
        self.rows.append(row)

    def add(self) -> None:
        """Space for one more, and the focus in it."""
        free = next((row for row in self.rows if not row.visible), None)
        if free is None:
            self.draw({})
            free = self.rows[-1]
        free.set_visibility(True)
        self.refresh()
        ui.run_javascript(f"getHtmlElement({free.id}).querySelector({FIRST!r})?.focus()")

    def remove(self, number: int) -> None:
        for code in self.fields.codes:
            self.fields.all[f"{self.name}.{number}.{code}"].set_value("")
        self.rows[number].set_visibility(False)
        self.refresh()

    def refresh(self) -> None:
        self.add_button.set_visibility(sum(row.visible for row in self.rows) < self.most)

    def restore(self, values: Mapping[str, Any]) -> None:
        """As many as there were, before the fields get what was typed in them."""
        for number in range(self.most):
            filled = any(values.get(f"{self.name}.{number}.{code}") for code in self.fields.codes)
            while filled and len(self.rows) <= number:
                self.draw({})
            if number < len(self.rows):
                self.rows[number].set_visibility(filled)
        self.refresh()

    def texts(self) -> list[Texts]:
        """One for each row, also for those that are empty."""
        return [self.fields.texts_of(f"{self.name}.{number}") for number in range(len(self.rows))]

    def check(self) -> None:
        for number in range(len(self.rows)):
            self.fields.check_texts(f"{self.name}.{number}", self.words.missing, needed=False)
