"""What people type, brought into one form: NFC, no control characters, trimmed, bounded.

Cards, comments, notes, messages, questions and long answers keep the lines that they were typed in, empty ones
excepted. Titles, names, one's word at a check-in, and reasons, which stand within a sentence, are one line.
"""

import re
import unicodedata
from urllib.parse import urlsplit

from facilitate.core.refused import Refused

IDEA = 500  # characters, whatever a format says
TITLE = 120
NOTE = 2000
NAME = 80
REASON = 200

_MOST = 100_000  # characters that are looked at; a text that is longer is refused as it came

# Zero-width joiner and non-joiner carry meaning in Persian, Indic scripts and emoji; bidi *overrides* do not.
# Surrogates and the two non-characters cannot be written to a file at all.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
# What no address has: it is written with % there, or a browser reads it as something else.
_NO_ADDRESS = re.compile(r"[\s\x00-\x20\x7f\\\"<>^`{|}]")
_SPACES = re.compile(r"[ \t\u00a0]+")
# Letters and symbols by their category that are drawn as nothing: Hangul's fillers, blanks of Braille, of hieroglyphs
# and of notes, and the place of an object that a text cannot hold.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\ufffc\U00013441\U00013442\U0001d159")
_LINES = re.compile(r" ?\n\s*")


def clean(text: str, limit: int, *, lines: bool = False, what: str = "text") -> str:
    """`text` in one form; refused as `text.long` over `limit` characters (code points after NFC). Empty where it holds
    nothing that can be seen.

    `what` says what it is: then the key is `title.long`, `note.long` ...
    """
    if len(text) > _MOST:
        raise Refused(f"{what}.long", n=len(text) - limit, limit=limit)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = unicodedata.normalize("NFC", _CONTROL.sub("", text))
    text = text if lines else text.replace("\n", " ")
    text = _LINES.sub("\n", _SPACES.sub(" ", text)).strip()
    if len(text) > limit:
        raise Refused(f"{what}.long", n=len(text) - limit, limit=limit)
    return text if shows(text) else ""


def shows(text: str) -> bool:
    """Whether there is anything to see in it."""
    return any(sign not in _BLANK and unicodedata.category(sign)[0] in "LNPS" for sign in text)


def required(text: str, limit: int, *, lines: bool = False) -> str:
    """Like `clean`, but refused as `text.empty` where nothing that can be seen remains."""
    text = clean(text, limit, lines=lines)
    if not text:
        raise Refused("text.empty")
    return text


def is_link(url: str) -> bool:
    """Whether a browser takes this for what it looks like: a whole address, a place on this server, or an e-mail."""
    if _is_odd(url):
        return False
    scheme, colon, rest = url.partition(":")
    if colon and scheme.lower() == "mailto":
        return "@" in rest
    return is_web(url) or (url.startswith("/") and not url.startswith("//"))


def is_web(url: str) -> bool:
    """Whether this is a whole address of the web, that names its host and nobody before it."""
    try:
        parts = urlsplit(url)
        at = f"{parts.scheme}://"
        whole = parts.scheme in ("https", "http") and url.lower().startswith(at) and bool(parts.hostname)
        return whole and "@" not in parts.netloc and parts.port != 0 and not _is_odd(url)
    except ValueError:  # a port or a host that is none
        return False


def _is_odd(url: str) -> bool:
    return bool(_CONTROL.search(url) or _NO_ADDRESS.search(url))
