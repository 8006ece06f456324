"""What all staff pages share: their language, their head, and a heading with where to go from there."""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import nicegui
from fastapi import Request
from nicegui import Client, ui
from nicegui.elements.mixins.text_element import TextElement

from facilitate.core.tables import Session
from facilitate.languages import Catalogue, available, catalogue, pick
from facilitate.live.lobby import Lobby
from facilitate.ui.access import accesses_of, is_house, ring_of
from facilitate.ui.acts import Permit, give
from facilitate.ui.assets import Assets
from facilitate.ui.problems import language_of
from facilitate.ui.visits import forget

STYLES = ("base.css", "staff.css")
_QUASAR = Path(nicegui.__file__).parent / "static" / "lang"


@dataclass(frozen=True, slots=True)
class Frame:
    """One request to a staff page, dressed in the reader's language."""

    request: Request
    lobby: Lobby
    assets: Assets
    words: Catalogue
    owner: bool

    def say(self, key: str, /, **values: Any) -> str:
        return self.words.say(key, **values)

    def text(self, texts: dict[str, str]) -> str:
        return pick(texts, self.words.code)[1]

    def last_day(self, session: Session) -> str:
        """When everything of it is deleted, by its own clock, as are all its times."""
        return self.words.date(session.delete_at, self.lobby.rules.timezone_of(session))


def framed(
    request: Request, client: Client, lobby: Lobby, assets: Assets, permit: Permit, styles: tuple[str, ...] = ()
) -> Frame:
    """Dress the page that is being built; call it first. Without the permit nothing can be done on it."""
    owner = is_house(accesses_of(ring_of(request), lobby))
    frame = Frame(request, lobby, assets, catalogue(language_of(request)), owner)
    page = copy.copy(client.page)  # it is shared by all who open this address
    page.language = cast(Any, spoken(frame.words))
    client.page = page
    links = "".join(f'<link rel="stylesheet" href="{assets.url(name)}">' for name in (*STYLES, *styles))
    ui.add_head_html(f'{links}<script type="module" src="{assets.url("signin.js")}"></script>')
    ui.colors(primary="#17509a", secondary="#744a00", accent="#125c42", negative="#971f27", positive="#125c42")
    client.content.classes("staff")
    place = ui.element("div").classes("staff-closed").props('role="alert"')

    def tell() -> None:
        """Nothing was done: once is enough, and it stays."""
        if not list(place):
            with place:
                tag("p", frame.say("access.closed"))
                link(frame.say("access.closed-do"), "").classes("button small")

    give(client, permit, tell)
    client.on_delete(forget)
    return frame


def spoken(words: Catalogue) -> str:
    """The language for the page and for Quasar's own words: `en-GB`, else `en`, else American English."""
    locale = words.texts["language.locale"]
    known = (code for code in (locale, locale.split("-")[0]) if (_QUASAR / f"{code}.umd.prod.js").exists())
    return next(known, "en-US")


def heading(frame: Frame, title: str, *, note: str = "", here: str = "") -> None:
    """The page's h1, the way home for the owner, languages, and the way out."""
    ui.page_title(title)
    with ui.element("header").classes("staff-head"):
        with ui.element("div").classes("staff-title"):
            if frame.owner and here != "home":
                link(frame.say("home.title"), "/home").classes("staff-home")
            tag("h1", title)
            if note:
                tag("p", note).classes("staff-code").props('translate="no"')
        with ui.element("nav").classes("staff-nav").props(f'aria-label="{frame.say("phone.language")}"'):
            for code in available():
                name = catalogue(code).say("language.name")
                it = link(name, f"?lang={code}").classes("button small quiet").props(f'lang="{code}"')
                if code == frame.words.code:
                    it.props('aria-current="true"')
        out = tag("button", frame.say("home.sign-out-do")).classes("button small quiet").props('type="button"')
        out.on("click", js_handler="() => fetch('/auth/out', {method: 'POST'}).then(() => location.replace('/home'))")


class Worded(TextElement):
    """An element that holds a text and nothing else.

    The text is the element's own: NiceGUI would make it a child, which a browser that translates takes away, so that
    nobody would see what it becomes later.
    """

    def _text_to_model_text(self, text: str) -> None:
        self._props["textContent"] = text


def tag(name: str, text: str = "", *, lang: str = "") -> TextElement:
    """An element with a text, and with the language that the text is in."""
    it = Worded(tag=name, text=text)
    if lang:
        it.props(f'lang="{lang}" dir="auto"')
    return it


def link(text: str, url: str, *, new: bool = False) -> TextElement:
    it = tag("a", text)
    it._props["href"] = url
    if new:
        it.props('target="_blank" rel="noopener"')
    return it
