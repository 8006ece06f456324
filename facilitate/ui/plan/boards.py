"""What each board is called, and its columns; folded away."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from facilitate.core import text as limits
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
        fields = self.fields
        for board in self.boards:
            with ui.element("details").classes("sheet"):
                tag("summary", fields.say("plan.board-of", title=fields.frame.text(board.title)))
                fields.texts(title_of(board), board.title, "plan.board-title-in", limits.TITLE)
                with ui.element("fieldset").classes("choice"):
                    tag("legend", fields.say("plan.columns"))
                    tag("p", fields.say("plan.columns-hint")).classes("muted")
                    titles = [column.title for column in board.columns]
                    most = max(COLUMNS, len(titles))
                    self.columns[board.id] = Rows(fields, f"board.{board.id}", titles, most, WORDS)

    def restore(self, values: Mapping[str, Any]) -> None:
        for rows in self.columns.values():
            rows.restore(values)

    def check(self) -> None:
        for board in self.boards:
            self.fields.check_texts(title_of(board), "plan.mistake-title")
            self.columns[board.id].check()

    def wishes(self) -> dict[str, BoardWish]:
        """Boards of which something differs from the format's."""
        return {board.id: wish for board in self.boards if (wish := self.wish(board)) != BoardWish()}

    def wish(self, board: BoardPlan) -> BoardWish:
        texts = self.columns[board.id].texts()
        ids = [column.id for column in board.columns]
        ids += [f"column-{number + 1}" for number in range(len(ids), len(texts))]
        columns = tuple(ColumnPlan(id_, title) for id_, title in zip(ids, texts, strict=True) if title)
        planned = [self.fields.chosen(column.title) for column in board.columns]
        title = self.fields.texts_of(title_of(board))
        return BoardWish(
            columns=columns if [column.title for column in columns] != planned else None,
            title=title if title != self.fields.chosen(board.title) else None,
        )


def title_of(board: BoardPlan) -> str:
    return f"board-title.{board.id}"
