"""The fields of a plan by name: their words, what is typed in them, and what is wrong with it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from nicegui import ui
from nicegui.elements.mixins.value_element import ValueElement

from facilitate.core.formats import Texts
from facilitate.languages import available, catalogue
from facilitate.ui.frame import Frame, tag
from facilitate.ui.plan.choice import Choice


class Fields:
    """`hear` is called after every change. A field with a text has one element for each language of the format."""

    def __init__(self, frame: Frame, codes: tuple[str, ...], hear: Callable[[], None]) -> None:
        self.frame = frame
        self.say = frame.say
        self.codes = codes
        self.hear = hear
        self.all: dict[str, ValueElement[Any]] = {}
        self.mistakes: dict[str, str] = {}  # the sentences by field

    # --- to draw them

    def keep(self, name: str, field: Any) -> Any:
        self.all[name] = field
        if isinstance(field, ui.input | ui.textarea | ui.number):
            field.props("outlined")
        field.on_value_change(lambda: self.touched(name))
        return field

    def texts(self, name: str, texts: Texts, label: str, most: int, *, lines: bool = False) -> None:
        """One field for each language, shown while the language is chosen."""
        for code in self.codes:
            words = self.say(label, language=self.called(code))
            if len(self.codes) > 1 and "{language}" not in self.frame.words.texts[label]:
                words = f"{words} ({self.called(code)})"
            text = texts.get(code, "")
            field = ui.textarea(words, value=text) if lines else ui.input(words, value=text)
            field.props(f'maxlength={most} lang="{code}" dir="auto"' + (" autogrow" if lines else "")).classes("wide")
            field.bind_visibility_from(self.all[f"language.{code}"], "value")
            self.keep(f"{name}.{code}", field)

    def line(self, name: str, label: str, most: int, value: str = "", hint: str = "") -> None:
        field = ui.input(self.say(label), value=value).props(f"maxlength={most}").classes("wide")
        if hint:
            field.props["hint"] = self.say(hint)
        self.keep(name, field)

    def number(self, name: str, label: str, value: float | None, hint: str = "") -> None:
        """Without bounds: what is out of them is said, not silently made to fit."""
        field = ui.number(self.say(label), value=value).classes("minutes")
        if hint:
            field.props["hint"] = self.say(hint)
        self.keep(name, field)

    def tick(self, name: str, label: str, value: bool) -> None:
        self.keep(name, ui.checkbox(self.say(label), value=value))

    def choice(self, name: str, label: str, options: Mapping[str, str], value: str) -> None:
        with ui.element("fieldset").classes("choice"):
            tag("legend", self.say(label))
            self.keep(name, ui.radio(dict(options), value=value))

    def select(self, name: str, label: str, options: Mapping[str, str], value: str) -> None:
        """For more choices than one wants to see at once."""
        with ui.element("div").classes("selection"):
            words = tag("label", self.say(label)).classes("label")
            words.props["for"] = self.keep(name, Choice(options, value)).html_id

    def drop(self, place: ui.element, name: str) -> None:
        """The place is empty, and there is no such field in it any more."""
        place.clear()
        self.all.pop(name, None)
        self.mistakes.pop(name, None)

    def only_with(self, name: str, wanted: Iterable[Any]) -> ui.element:
        """A place for fields that matter only while another one has one of these values."""
        values = tuple(wanted)
        place = ui.element("div")
        place.bind_visibility_from(self.all[name], "value", lambda value: value in values)
        return place

    def called(self, code: str) -> str:
        """A language's name in the reader's own."""
        return str(self.frame.words.locale.languages.get(code) or language_name(code))

    # --- what is typed

    def touched(self, name: str) -> None:
        if self.mistakes.pop(name, None) and name in self.all:
            self.mark(name, None)
        self.hear()

    def value(self, name: str) -> Any:
        """A whole number is an int, whatever the browser says."""
        value = self.all[name].value
        return int(value) if isinstance(value, float) and value.is_integer() else value

    def text(self, name: str) -> str:
        return str(self.all[name].value or "").strip()

    def languages(self) -> list[str]:
        return [code for code in self.codes if self.all[f"language.{code}"].value]

    def texts_of(self, name: str) -> Texts:
        """In the chosen languages; without those that are empty."""
        found = {code: self.text(f"{name}.{code}") for code in self.languages()}
        return {code: text for code, text in found.items() if text}

    def chosen(self, texts: Texts) -> Texts:
        """Of these texts those in the chosen languages."""
        return {code: texts[code] for code in self.languages() if code in texts}

    def values(self) -> dict[str, Any]:
        return {name: field.value for name, field in self.all.items()}

    def restore(self, values: Mapping[str, Any]) -> None:
        """What was typed before; a choice that is no longer there stays as it is."""
        for name, field in list(self.all.items()):
            if name not in values:
                continue
            if isinstance(field, ui.radio | Choice) and values[name] not in field.options:
                continue
            field.set_value(values[name])

    # --- what is wrong

    def wrong(self, name: str, sentence: str) -> None:
        self.mistakes[name] = sentence
        if name in self.all:
            self.mark(name, sentence)

    def forgive(self) -> None:
        for name in list(self.mistakes):
            del self.mistakes[name]
            if name in self.all:
                self.mark(name, None)

    def mark(self, name: str, sentence: str | None) -> None:
        field = self.all[name]
        if hasattr(field, "error"):
            cast(Any, field).error = sentence
        elif isinstance(field, Choice):
            field.props["aria-invalid"] = "true" if sentence else "false"

    def check_texts(self, name: str, mistake: str, *, needed: bool = True) -> None:
        """In each chosen language, if it is needed or there in any of them."""
        if needed or self.texts_of(name):
            for code in self.languages():
                if not self.text(f"{name}.{code}"):
                    self.wrong(f"{name}.{code}", self.say(mistake, language=self.called(code)))

    def check_number(self, name: str, least: int, most: int) -> None:
        value = self.value(name)
        if not isinstance(value, int) or not least <= value <= most:
            self.wrong(name, self.say("plan.mistake-number", least=least, most=most))


def language_name(code: str) -> str:
    return catalogue(code).say("language.name") if code in available() else code
