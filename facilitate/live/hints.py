"""Word hints for the desk: words that may hurt, from a maintained library's lists in the session's languages.

They flag, and nothing else: no phone is told, nothing is held back. A desk asks about the texts that it shows, each
once, and a thread answers; the path of an idea knows nothing of it. Without the extra `facilitate[hints]` nothing is
flagged. Whole words only: "assessment" is none.
"""

import asyncio
import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from facilitate.core.refused import Refused

MOST = 100  # texts of one question
LONGEST = 20_000  # characters of one question
KEPT = 20_000  # answers
BREATH = 0.0005  # seconds that the thread leaves to the others after each text that is new to it

# The library's names of the languages that it has lists for.
NAMES = {
    "ar": "arabic", "cs": "czech", "da": "danish", "de": "german", "en": "english", "eo": "esperanto", "es": "spanish",
    "fa": "persian", "fi": "finnish", "fr": "french", "hi": "hindi", "hu": "hungarian", "it": "italian",
    "ja": "japanese", "ko": "korean", "nl": "dutch", "no": "norwegian", "nb": "norwegian", "pl": "polish",
    "pt": "portuguese", "ru": "russian", "sv": "swedish", "th": "thai", "tr": "turkish", "zh": "chinese",
}  # fmt: skip

_answers: dict[bytes, bool] = {}  # the oldest first
_thread = ThreadPoolExecutor(1, "hints")  # one, however many desks ask


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """What a desk asks."""

    kind: Literal["hints"]
    texts: Annotated[list[str], Meta(max_length=MOST)]


def is_asked(raw: Any) -> bool:
    return isinstance(raw, dict) and raw.get("kind") == "hints"


def read(raw: Any) -> Wish:
    """Refused: `command.malformed`, `command.large`."""
    try:
        wish = msgspec.convert(raw, Wish, strict=True)
    except (msgspec.ValidationError, UnicodeError, RecursionError) as error:
        raise Refused("command.malformed") from error
    if sum(map(len, wish.texts)) > LONGEST:
        raise Refused("command.large")
    return wish


def are_there(languages: tuple[str, ...]) -> bool:
    """Whether the extra is installed, with a list for one of these languages."""
    return bool(_lists(languages)) and find_spec("glin_profanity") is not None


async def flagged(wish: Wish, languages: tuple[str, ...]) -> list[int]:
    """The places of the texts that hold a word of these languages' lists."""
    return await asyncio.get_running_loop().run_in_executor(_thread, _places, wish.texts, languages)


def _places(texts: list[str], languages: tuple[str, ...]) -> list[int]:
    return [place for place, text in enumerate(texts) if _known(text, languages)]


def _known(text: str, languages: tuple[str, ...]) -> bool:
    """Kept by a digest: what is erased must not live on here."""
    key = hashlib.blake2b("\x00".join((*languages, text)).encode(errors="surrogatepass"), digest_size=16).digest()
    if key not in _answers:
        if len(_answers) >= KEPT:
            del _answers[next(iter(_answers))]
        _answers[key] = flags(text, languages)
        time.sleep(BREATH)
    return _answers[key]


def flags(text: str, languages: tuple[str, ...]) -> bool:
    """Whether the text holds a word of these languages' lists. About 0.1 ms."""
    found = _filter(lists) if (lists := _lists(languages)) else None
    return found is not None and bool(found.is_profane(text))


def _lists(languages: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({NAMES[code] for language in languages if (code := language.split("-")[0]) in NAMES}))


@cache
def _filter(lists: tuple[str, ...]) -> Any:
    """None where the extra is not installed."""
    try:
        library = import_module("glin_profanity")
    except ImportError:
        return None
    return library.Filter({"languages": list(lists), "word_boundaries": True, "allow_obfuscated_match": False})
