"""The columns of each board, folded away."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from facilitate.core.formats import BoardPlan, ColumnPlan
from facilitate.live.lobby import BoardWish
from facilitate.ui.frame import tag
from facilitate.ui.plan.fields import Fields
from facilitate.ui.plan.rows import Rows, RowWords

COLUMNS = 6  # that a board can have here
WORDS = RowWords("plan.column-in", "plan.column-add-do", "plan.column-remove-do", "plan.mistake-column")


class Boards:
    def __init__(self, fields: Fields, boards: tuple[BoardPlan, ...]) -> None:
        self.fields = fields
        self.boards = boards
        self.columns: dict[str, Rows] = {}

    def draw(self) -> None:
        for board in self.boards:
            with ui.element("details").classes("sheet"):
                tag("summary", self.fields.say("plan.columns-of", title=self.fields.frame.text(board.title)))
                tag("p", self.fields.say("plan.columns-hint")).classes("muted")
                titles = [column.title for column in board.columns]
                most = max(COLUMNS, len(titles))
                self.columns[board.id] = Rows(self.fields, f"board.{board.id}", titles, most, WORDS)

    def restore(self, values: Mapping[str, Any]) -> None:
        for rows in self.columns.values():
            rows.restore(values)

    def check(self) -> None:
        for rows in self.columns.values():
            rows.check()

    def wishes(self) -> dict[str, BoardWish]:
        """Boards whose columns differ from the format's."""
        wishes = {}
        for board in self.boards:
            texts = self.columns[board.id].texts()
            ids = [column.id for column in board.columns]
            ids += [f"column-{number + 1}" for number in range(len(ids), len(texts))]
            columns = tuple(ColumnPlan(id_, title) for id_, title in zip(ids, texts, strict=True) if title)
            planned = [{code: column.title[code] for code in self.fields.languages()} for column in board.columns]
            if [column.title for column in columns] != planned:
                wishes[board.id] = BoardWish(columns=columns)
        return wishes
