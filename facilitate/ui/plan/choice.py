"""A browser's own list of choices: as every reader of screens knows it, and short on a phone."""

from collections.abc import Mapping

from nicegui import events
from nicegui.elements.mixins.value_element import ValueElement

from facilitate.ui.frame import tag


class Choice(ValueElement[str]):
    """`options` are words by value."""

    VALUE_PROP = "value"

    def __init__(self, options: Mapping[str, str], value: str) -> None:
        super().__init__(tag="select", value=value, on_value_change=None)
        self.options = options
        self.classes("field")
        with self:
            for key, words in options.items():
                option = tag("option", words)
                option.props["value"] = key
        self.on("change", self.chosen, js_handler="event => emit(event.target.value)")

    def chosen(self, event: events.GenericEventArguments) -> None:
        self.set_value(event.args)
