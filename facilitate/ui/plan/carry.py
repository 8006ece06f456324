"""What a step brings along from another board."""

from typing import Any

from facilitate.core.formats import CARRIED, MOST_CARRIED, BoardPlan, PhasePlan
from facilitate.ui.frame import tag
from facilitate.ui.plan.fields import Fields

TOP = 5  # as long as nobody says more or less


class Carry:
    def __init__(self, fields: Fields, name: str, phase: PhasePlan, boards: tuple[BoardPlan, ...]) -> None:
        self.fields = fields
        self.name = f"{name}.carry"
        before: dict[str, Any] = phase.settings["carry"] or {}
        titles = {board.id: fields.frame.text(board.title) for board in boards if board.id != phase.board}
        options = {"": fields.say("plan.carry-none"), **titles}
        fields.select(f"{self.name}.from", "plan.carry", options, before.get("from", ""))
        with fields.only_with(f"{self.name}.from", titles):
            kinds = {"": fields.say("carry.best"), **{kind: fields.say(f"carry.{kind}") for kind in CARRIED}}
            fields.select(f"{self.name}.of", "carry.what", kinds, before.get("of", ""))
            fields.number(f"{self.name}.top", "carry.top", before.get("top", TOP))
            tag("p", fields.say("carry.equals")).classes("muted")

    def check(self) -> None:
        if self.fields.value(f"{self.name}.from"):
            self.fields.check_number(f"{self.name}.top", 1, MOST_CARRIED)

    def wish(self) -> dict[str, Any] | None:
        board, of, top = (self.fields.value(f"{self.name}.{part}") for part in ("from", "of", "top"))
        if not board:
            return None
        return {"from": board, "top": top, **({"of": of} if of else {})}
