"""What people read, in their language. One file is one language: `de.json` maps keys to German texts.

A *variant* (`de-leicht.json`) holds only the texts that differ; what a file lacks comes from its parent, then from
English, key by key. A text may have plural forms, with the suffixes of CLDR (`idea.chars_one`, `idea.chars_other`).
The form is always chosen by the value `n`, also where the text shows another one (`{k} dots`): whoever counts `k`
passes it as `n` too. `language.locale` in a file says whose plurals, dates and decimal marks it uses.

`assets/say.js` does the same in a browser, with the merged texts that `Catalogue.entries` gives.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_gmt
from babel.numbers import format_decimal

LAST_RESORT = "en"

_FOLDER = Path(__file__).parent
_PLACE = re.compile(r"\{(\w+)\}", re.ASCII)
_RANGE = re.compile(r"\s*(\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?", re.IGNORECASE)
_LONGEST_HEADER = 1000  # characters; what follows is not read


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All texts of one language, the gaps filled from its parents."""

    code: str
    texts: Mapping[str, str]
    locale: Locale

    def say(self, key: str, /, **values: Any) -> str:
        """The text of `key` with `values` in the places of `{name}`; KeyError if no language has it.

        A place without a value stays as it is, and what is put in is never searched for places again.
        """
        text = self.texts[self._form(key, values.get("n"))]
        return _PLACE.sub(lambda place: self._shown(values[place[1]]) if place[1] in values else place[0], text)

    def keys(self, prefix: str = "") -> tuple[str, ...]:
        """The keys that begin with `prefix`, plural forms one by one, in the order of the file."""
        return tuple(key for key in self.texts if key.startswith(prefix))

    def entries(self) -> dict[str, str]:
        """Every key with its text, for a browser."""
        return dict(self.texts)

    def date(self, ms: float, timezone: str) -> str:
        """The day of a moment (milliseconds since 1970) as one says it: `4. März 2026`."""
        return format_date(_moment(ms, timezone), "long", locale=self.locale)

    def time(self, ms: float, timezone: str) -> str:
        """The time of day of a moment (milliseconds since 1970): `15:05`."""
        return format_time(_moment(ms, timezone), "short", locale=self.locale)

    def offset(self, ms: float, timezone: str) -> str:
        """How far the clock stood from Greenwich's at a moment: `GMT+01:00`."""
        return get_timezone_gmt(_moment(ms, timezone), "long", locale=self.locale)

    def _form(self, key: str, n: Any) -> str:
        if isinstance(n, int | float):
            form = f"{key}_{self.locale.plural_form(n)}"
            if form in self.texts:
                return form
        return key if key in self.texts or f"{key}_other" not in self.texts else f"{key}_other"

    def _shown(self, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, float):
            whole = value.is_integer()
            return str(int(value)) if whole else format_decimal(value, locale=self.locale, group_separator=False)
        return str(value)


def available() -> tuple[str, ...]:
    """The codes of all languages and variants, in alphabetical order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


@cache
def timezones() -> frozenset[str]:
    """The IANA names of the time zones that this machine knows; without those that say nothing elsewhere."""
    return frozenset(available_timezones() - {"localtime", "Factory"})


@cache
def usable(timezone: str) -> str:
    """The time zone, or `UTC` where this machine does not know it: a log may come from a newer one."""
    try:
        return ZoneInfo(timezone).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"


@cache
def catalogue(code: str) -> Catalogue:
    """The catalogue of an available language; KeyError for any other."""
    if code not in available():
        raise KeyError(code)
    texts: dict[str, str] = {}
    for ancestor in reversed([*_lineage(code), LAST_RESORT]):
        texts |= _read(ancestor)
    return Catalogue(code, texts, Locale.parse(texts["language.locale"], sep="-"))


def negotiate(accept_language: str, offered: Sequence[str] | None = None, otherwise: Sequence[str] = ()) -> str:
    """The offered language that an Accept-Language header likes best (RFC 4647, section 3.4: lookup).

    Parts that are not well formed are passed over. Where nothing fits: the first of `otherwise` that is offered, as it
    is or in general (`de` for `de-AT`); else English if offered, else the first.
    """
    codes = available() if offered is None else tuple(offered)
    spelled = {code.lower(): code for code in codes}
    for wish in (*_wishes(accept_language), *(code.lower() for code in otherwise)):
        for code in _lineage(wish):
            if code in spelled:
                return spelled[code]
    return LAST_RESORT if LAST_RESORT in codes or not codes else codes[0]


def ours(languages: Sequence[str]) -> tuple[str, ...]:
    """Those that there are texts in, of a session's languages, in its order."""
    there = available()
    found = (next((code for code in _lineage(language) if code in there), None) for language in languages)
    return tuple(dict.fromkeys(code for code in found if code))


def of_papers(accept_language: str, languages: Sequence[str]) -> str:
    """The language of what is written down of a session: of its own the one that a reader likes best, else its first.

    Where there are no texts in any of them it is the reader's.
    """
    spoken = ours(languages)
    return negotiate(accept_language, spoken or None, spoken)


def pick(texts: Mapping[str, str], wanted: str) -> tuple[str, str]:
    """(language, text) out of a map: the wanted language, its parent, English, or the first; `("", "")` of nothing."""
    for code in (*_lineage(wanted), LAST_RESORT, *texts):
        if texts.get(code):
            return code, texts[code]
    return "", ""


@cache
def _read(code: str) -> dict[str, str]:
    path = _FOLDER / f"{code}.json"
    found: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


def _lineage(code: str) -> Iterator[str]:
    """`zh-hant-tw`, `zh-hant`, `zh`; a single sign before a cut (`de-x-short`) goes with what follows it."""
    parts = code.split("-")
    while parts:
        yield "-".join(parts)
        parts.pop()
        if parts and len(parts[-1]) == 1:
            parts.pop()


def _wishes(header: str) -> list[str]:
    weighed: list[tuple[float, str]] = []
    for part in header[:_LONGEST_HEADER].split(","):
        found = _RANGE.fullmatch(part)
        if found and found[1] != "*" and (weight := float(found[2] or 1)) > 0:
            weighed.append((weight, found[1].lower()))
    return [code for _, code in sorted(weighed, key=lambda pair: -pair[0])]


def stamp(ms: float, timezone: str) -> str:
    """A moment (milliseconds since 1970) as spreadsheets of every language read it: `2026-03-04 15:05`."""
    return _moment(ms, timezone).strftime("%Y-%m-%d %H:%M")


def _moment(ms: float, timezone: str) -> datetime:
    return datetime.fromtimestamp(ms / 1000, ZoneInfo(usable(timezone)))
