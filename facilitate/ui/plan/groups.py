"""How the people of a step come into groups, and what each group does."""

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from facilitate.core.formats import GROUP_KEYS, PLENARY, PhasePlan
from facilitate.ui.frame import tag
from facilitate.ui.plan.fields import Fields
from facilitate.ui.plan.rows import Rows, RowWords

Asked = Callable[[], Mapping[str, str]]  # what people are asked when they join: titles by id

FORMED = ("random", "attribute", "table")
LATER = ("keep", "merge", "rotate")  # groups of an earlier step
SIZE = 6  # people in a group, as long as nobody says more or less
QUESTIONS = 8  # one for each group, over and over
WORDS = RowWords(
    "plan.group-prompt-in", "plan.group-prompt-add-do", "plan.group-prompt-remove-do", "plan.mistake-prompt"
)


class Groups:
    """`wish` is the setting `groups`, or None. Their questions stand at the `front` of the step."""

    def __init__(self, fields: Fields, name: str, phase: PhasePlan, asked: Asked, front: ui.element) -> None:
        self.fields = fields
        self.name = f"{name}.groups"
        self.before: dict[str, Any] = phase.settings["groups"] or {}
        self.asked = asked
        self.front = front
        self.sized: ui.element | None = None
        self.which: ui.element | None = None
        self.titles: Mapping[str, str] | None = None  # what can be chosen there
        self.wanted: str = self.before.get("attribute", "")
        self.asking: ui.element | None = None
        self.fold: ui.element | None = None
        self.questions: Rows | None = None
        ways = ["", *self.ways(phase)]
        options = {way: fields.say(f"plan.groups-{way or 'none'}") for way in ways}
        fields.select(f"{self.name}.way", "plan.groups", options, way_of(self.before))
        self.members(ways)
        self.cards(ways)

    def ways(self, phase: PhasePlan) -> list[str]:
        ways = [] if phase.activity in PLENARY else [*FORMED, *LATER]
        return [*ways, "back"] if phase.board else ways

    def members(self, ways: list[str]) -> None:
        fields = self.fields
        if "attribute" in ways:
            with fields.only_with(f"{self.name}.way", ["attribute"]):
                self.which = ui.element("div")
                fields.tick(f"{self.name}.mix", "plan.groups-mix", bool(self.before.get("mix")))
        if "random" in ways:
            with ui.element("div") as self.sized:
                sized = {kind: fields.say(f"plan.groups-{kind}") for kind in ("size", "count")}
                kind = "count" if "count" in self.before else "size"
                fields.choice(f"{self.name}.sized", "plan.groups-sized", sized, kind)
                fields.number(f"{self.name}.number", "plan.groups-number", self.before.get(kind, SIZE))
        if "merge" in ways:
            with fields.only_with(f"{self.name}.way", ["merge"]):
                fields.number(f"{self.name}.merge", "plan.groups-merged", self.before.get("merge", 2))
        if "rotate" in ways:
            with fields.only_with(f"{self.name}.way", ["rotate"]):
                hint = "plan.groups-hosts-hint"
                fields.number(f"{self.name}.hosts", "plan.groups-hosts", self.before.get("hosts"), hint=hint)

    def cards(self, ways: list[str]) -> None:
        fields = self.fields
        if "random" in ways:
            with fields.only_with(f"{self.name}.way", [*FORMED, *LATER]):
                hint = "plan.groups-choose-hint"
                fields.number(f"{self.name}.choose", "plan.groups-choose", self.before.get("choose"), hint=hint)
                self.fold = ui.element("div")
            with self.fold, ui.element("fieldset").classes("choice") as self.asking:
                tag("legend", fields.say("plan.group-prompts"))
                tag("p", fields.say("plan.group-prompts-hint")).classes("muted")
                prompts = self.before.get("prompts", [])
                most = max(QUESTIONS, len(prompts))
                self.questions = Rows(fields, f"{self.name}.prompts", prompts, most, WORDS, long=True)
        if "back" in ways:
            with fields.only_with(f"{self.name}.way", ["back"]):
                fields.number(f"{self.name}.top", "plan.groups-top", self.before.get("top"))

    def refresh(self) -> None:
        if self.sized:
            self.sized.set_visibility(self.is_sized)
        if self.which and self.value("way") == "attribute" and self.titles != (titles := dict(self.asked())):
            self.offer(self.which, titles)
        if self.asking and self.fold:
            self.asking.set_visibility(self.value("way") in (*FORMED, *LATER))
            place = self.front if self.is_asked_first else self.fold
            if self.asking.parent_slot and self.asking.parent_slot.parent is not place:
                self.asking.move(place)

    def offer(self, place: ui.element, titles: Mapping[str, str]) -> None:
        """What people may be grouped by now; what was chosen stays chosen, or is asked for again."""
        name = f"{self.name}.attribute"
        self.wanted = self.value("attribute") or self.wanted or next(iter(titles), "")
        self.titles = titles
        self.fields.drop(place, name)
        with place:
            if not titles:
                tag("p", self.fields.say("plan.groups-by-none")).classes("muted")
                return
            none = {} if self.wanted in titles else {"": self.fields.say("desk.group-choose")}
            self.fields.select(name, "plan.groups-by", {**none, **titles}, "" if none else self.wanted)

    @property
    def is_asked_first(self) -> bool:
        """Where groups are formed their questions are what matters, unless everybody works alone."""
        if self.before.get("prompts"):
            return True
        return self.value("way") in FORMED and not (self.is_sized and self.before.get("size") == 1)

    def restore(self, values: Mapping[str, Any]) -> None:
        self.wanted = values.get(f"{self.name}.attribute") or self.wanted
        if self.questions:
            self.questions.restore(values)

    def value(self, part: str) -> Any:
        name = f"{self.name}.{part}"
        return self.fields.value(name) if name in self.fields.all else None

    @property
    def is_sized(self) -> bool:
        return self.value("way") == "random" or (self.value("way") == "attribute" and bool(self.value("mix")))

    def check(self) -> None:
        way = self.value("way")
        if way == "attribute" and not self.value("attribute"):
            field = "attribute" if self.titles else "way"
            self.fields.wrong(f"{self.name}.{field}", self.fields.say("plan.groups-by-none"))
        asked = ["merge"] if way == "merge" else []
        asked += [part for part in ("choose",) if way in (*FORMED, *LATER) and self.value(part) is not None]
        asked += ["hosts"] if way == "rotate" and self.value("hosts") is not None else []
        asked += ["top"] if way == "back" and self.value("top") is not None else []
        for part in asked:
            _, least, most = GROUP_KEYS[part]
            self.fields.check_number(f"{self.name}.{part}", least, most)
        if self.is_sized:
            _, least, most = GROUP_KEYS[self.value("sized")]
            self.fields.check_number(f"{self.name}.number", least, most)
        if self.questions and way in (*FORMED, *LATER):
            self.questions.check()

    def wish(self) -> dict[str, Any] | None:
        way = self.value("way")
        if not way:
            return None
        wish: dict[str, Any] = {"by": way} if way in FORMED else {way: True}
        if way == "merge":
            wish = {"merge": self.value("merge")}
        if way == "rotate" and self.value("hosts") is not None:
            wish["hosts"] = self.value("hosts")
        if way == "attribute":
            wish["attribute"] = self.value("attribute")
            if self.value("mix"):
                wish["mix"] = True
        if self.is_sized:
            wish[self.value("sized")] = self.value("number")
        part = "top" if way == "back" else "choose"
        if self.value(part) is not None:
            wish[part] = self.value(part)
        if way == way_of(self.before) and way != "back" and "top" in self.before:
            wish["top"] = self.before["top"]
        if self.questions and way != "back" and (prompts := [texts for texts in self.questions.texts() if texts]):
            wish["prompts"] = prompts
        return wish


def way_of(groups: dict[str, Any]) -> str:
    return groups.get("by") or next((way for way in (*LATER, "back") if groups.get(way)), "")
