"""Word hints for the desk: words that may hurt, from a maintained library's lists in the session's languages.

They flag, and nothing else: no phone is told, nothing is held back. Without the extra `facilitate[hints]` nothing is
flagged. Whole words only: "assessment" is none.
"""

from functools import cache, lru_cache
from importlib import import_module
from typing import Any

# The library's names of the languages that it has lists for.
NAMES = {
    "ar": "arabic", "cs": "czech", "da": "danish", "de": "german", "en": "english", "eo": "esperanto", "es": "spanish",
    "fa": "persian", "fi": "finnish", "fr": "french", "hi": "hindi", "hu": "hungarian", "it": "italian",
    "ja": "japanese", "ko": "korean", "nl": "dutch", "no": "norwegian", "nb": "norwegian", "pl": "polish",
    "pt": "portuguese", "ru": "russian", "sv": "swedish", "th": "thai", "tr": "turkish", "zh": "chinese",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def flags(text: str, languages: tuple[str, ...]) -> bool:
    """Whether the text holds a word of these languages' lists. About 0.1 ms the first time, then known."""
    lists = tuple(sorted({NAMES[code] for language in languages if (code := language.split("-")[0]) in NAMES}))
    found = _filter(lists) if lists else None
    return found is not None and bool(found.is_profane(text))


@cache
def _filter(lists: tuple[str, ...]) -> Any:
    """None where the extra is not installed."""
    try:
        library = import_module("glin_profanity")
    except ImportError:
        return None
    return library.Filter({"languages": list(lists), "word_boundaries": True, "allow_obfuscated_match": False})
