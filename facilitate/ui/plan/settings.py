"""The settings of a step's activity, as far as the catalogue has words for them; others stay as the format has them."""

from typing import Any

from nicegui import ui

from facilitate.core import text as limits
from facilitate.core.formats import COMMON, PhasePlan
from facilitate.ui.plan.fields import Fields

CHOICES = {
    "who": ("facilitators", "everyone", "own"),
    "of": ("clusters", "ideas"),
    "kind": ("scale", "words"),
    "results": ("live", "reveal"),
    "to": ("facilitator", "all"),
    "cluster": ("facilitators", "own"),
}
# What matters only while another setting has a value, where the activity has that other one.
WITH: dict[str, dict[str, Any]] = {
    "strict": {"private": True},
    "ready_shown": {"ready": True},
    "steps": {"kind": "scale"},
    "low": {"kind": "scale"},
    "high": {"kind": "scale"},
    "dots": {"method": "dots"},
    "stack": {"method": "dots"},
    "max_length": {"kind": "words", "takes_ideas": True},
    "max_ideas": {"takes_ideas": True},
}
PARTS = ("groups", "carry")  # have a file each


class Settings:
    def __init__(self, fields: Fields, name: str, phase: PhasePlan) -> None:
        self.fields = fields
        self.name = f"{name}.settings"
        self.before = phase.settings
        self.drawn: list[str] = []
        for key in sorted(self.before, key=self.rank):
            if key not in PARTS and label(key) in fields.frame.words.texts:
                self.drawn.append(key)
                other = next((other for other in WITH.get(key, {}) if other in self.drawn), None)
                if other is None:
                    self.draw(key, self.before[key])
                else:
                    with fields.only_with(f"{self.name}.{other}", [WITH[key][other]]):
                        self.draw(key, self.before[key])

    def rank(self, key: str) -> tuple[bool, int]:
        """The activity's own come first, and like goes with like: choices and texts, ticks, numbers."""
        value = self.before[key]
        kind = 1 if isinstance(value, bool) else 0 if isinstance(value, str | dict) else 2
        return key in COMMON, kind

    def draw(self, key: str, value: Any) -> None:
        fields, name = self.fields, f"{self.name}.{key}"
        if isinstance(value, dict):
            fields.texts(name, value, label(key), limits.IDEA)
        elif isinstance(value, bool):
            fields.tick(name, label(key), value)
        elif key == "method":
            options = {method: fields.say(f"method.{method}") for method in self.methods()}
            fields.choice(name, label(key), options, value)
        elif key in CHOICES:
            options = {choice: fields.say(f"{label(key)}-{choice}") for choice in CHOICES[key]}
            fields.choice(name, label(key), options, value)
        elif isinstance(value, str) or key == "until":
            fields.keep(name, ui.input(fields.say(label(key)), value=value or "")).classes("minutes")
        else:
            fields.number(name, label(key), value)

    def methods(self) -> list[str]:
        frame = self.fields.frame
        return [method for method in frame.lobby.rules.methods if f"method.{method}" in frame.words.texts]

    def check(self) -> None:
        for key in self.drawn:
            if isinstance(self.before[key], dict):
                self.fields.check_texts(f"{self.name}.{key}", "plan.mistake-text", needed=False)

    def wishes(self) -> dict[str, Any]:
        """Those that differ from the format; an emptied number means none."""
        wishes: dict[str, Any] = {}
        for key in self.drawn:
            before, name = self.before[key], f"{self.name}.{key}"
            if isinstance(before, dict):
                value: Any = self.fields.texts_of(name)
            else:
                value = self.fields.value(name)
            if value == "" and before is None:
                value = None
            if value != before:
                wishes[key] = value
        return wishes


def label(key: str) -> str:
    return f"plan.setting-{key.replace('_one', '-one')}"  # `_one` would be a plural form
