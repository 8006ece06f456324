"""What people type comes into one form, whatever their keyboard, or is refused with a key."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitate.core.refused import Refused
from facilitate.core.text import IDEA, clean, required


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  two   words\t", "two words"),
        ("one\nline", "one line"),
        ("one\r\nline", "one line"),
        ("nul\x00 bell\x07 escape\x1b[31m next\x85", "nul bell escape[31m next"),
        ("Ko\u0308ln", "Köln"),
        ("o\u200b\u0308", "ö"),  # composed only after the zero width space has gone
        ("\ufeffmark", "mark"),
        ("left\u202eright\u202c", "leftright"),
        ("isolate\u2066d\u2069", "isolated"),
        ("no\u00a0break", "no break"),
        ("line\u2028and paragraph\u2029", "line and paragraph"),
        ("half an emoji \ud83d", "half an emoji"),
        ("not a sign \ufffe\uffff", "not a sign"),
        ("👩\u200d👩\u200d👧 and 🏳️\u200d🌈", "👩\u200d👩\u200d👧 and 🏳️\u200d🌈"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # noqa: RUF001
        ("שלום \u200fעולם", "שלום \u200fעולם"),  # noqa: RUF001
        ("日本語\u3000テスト", "日本語\u3000テスト"),
    ],
)
def test_one_form(typed: str, kept: str) -> None:
    """Signs that show nothing or turn others around go; signs that carry meaning stay."""
    assert clean(typed, IDEA) == kept


def test_lines() -> None:
    """Notes keep their lines, but no heaps of empty ones."""
    assert clean("one\r\n\r\n \n two\rthree\n", IDEA, lines=True) == "one\n two\nthree"


@pytest.mark.parametrize("empty", ["", "   ", "\n\t", "\u200b\u2060", "\u200d", "\u3000", "\u0301", "\ufe0f", "\x00"])
def test_nothing_to_see_is_empty(empty: str) -> None:
    """Only spaces, only control characters, only joiners."""
    with pytest.raises(Refused, match=r"text\.empty"):
        required(empty, IDEA)


@pytest.mark.parametrize("least", ["1", "?", "👍", "ß", "。"])
def test_one_sign_will_do(least: str) -> None:
    """A number, a question mark, an emoji."""
    assert required(least, IDEA) == least


def test_limit() -> None:
    """Exactly the limit fits; one more is refused and says by how much; what is cut off anyway does not count."""
    assert len(clean("x" * 500, IDEA)) == 500
    assert len(clean("  " + "x" * 500 + "\u200b\n", IDEA)) == 500
    assert len(clean("o\u0308" * 500, IDEA)) == 500
    with pytest.raises(Refused) as refused:
        clean("x" * 501, IDEA)
    assert (refused.value.key, refused.value.values) == ("text.long", {"n": 1, "limit": 500})


@pytest.mark.parametrize("sign", ["x", "\u200b", "\n ", "\u0344\u0301", "\u00a0"])
def test_ten_megabytes(sign: str) -> None:
    """Refused at once, without looking at each sign."""
    typed = sign * (10_000_000 // len(sign))
    began = time.process_time()
    with pytest.raises(Refused, match=r"text\.long"):
        clean(typed, IDEA, lines=True)
    assert time.process_time() - began < 0.02


@given(st.text(), st.booleans())
def test_any_text(typed: str, lines: bool) -> None:
    """Once cleaned it stays as it is, can be written to any file, and holds no control character."""
    try:
        kept = clean(typed, IDEA, lines=lines)
    except Refused:
        return
    assert clean(kept, IDEA, lines=lines) == kept
    assert unicodedata.is_normalized("NFC", kept)
    assert kept.encode() is not None
    assert not {unicodedata.category(sign) for sign in kept.replace("\n", "")} & {"Cc", "Cs", "Zl", "Zp"}
    assert kept == kept.strip()
