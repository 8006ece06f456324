"""What people type comes into one form, whatever their keyboard, or is refused with a key."""

import ast
import re
import time
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import facilitate
from facilitate.core.refused import Refused
from facilitate.core.text import IDEA, clean, required
from tests.play import Play, phase, refusal


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
    """What is kept in lines keeps them, but no heaps of empty ones, and no spaces at their ends."""
    assert clean("one \r\n\r\n \n two\rthree\u2028four\n", IDEA, lines=True) == "one\ntwo\nthree\nfour"
    assert clean("1\n" * 250, 499, lines=True) == "\n".join("1" * 250)  # each break counts as one sign
    with pytest.raises(Refused):
        clean("1\n" * 250, 498, lines=True)


# What stays on one line: by its limit, or where it is cleaned.
ONE_LINE = {"TITLE", "NAME", "REASON", "CODE", "TABLE"}
ADDRESSES = {("live/lobby.py", "url")}


def test_every_kind_of_text_says_whether_it_keeps_its_lines() -> None:
    """A text whose line breaks go without a word is a card that runs together."""
    root = Path(facilitate.__path__[0])
    asked = 0
    for path in sorted(root.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or ast.unparse(call.func) not in ("words.clean", "words.required"):
                continue
            asked += 1
            text, limit = (ast.unparse(part) for part in call.args)
            where = path.relative_to(root).as_posix()
            says = any(keyword.arg == "lines" for keyword in call.keywords)
            assert says or limit.removeprefix("words.") in ONE_LINE or (where, text) in ADDRESSES, (where, call.lineno)
    assert asked > 20


@pytest.mark.parametrize("empty", ["", "   ", "\n\t", "\u200b\u2060", "\u200d", "\u3000", "\u0301", "\ufe0f", "\x00"])
def test_nothing_to_see_is_empty(empty: str) -> None:
    """Only spaces, only control characters, only joiners."""
    with pytest.raises(Refused, match=r"text\.empty"):
        required(empty, IDEA)


# Unicode 17.0, DerivedCoreProperties.txt: Default_Ignorable_Code_Point, as far as it is of letters, numbers, signs.
IGNORED = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
# What is drawn as nothing besides, by its name in UnicodeData.txt.
EMPTY = re.compile(r"\bBLANK$|NULL NOTEHEAD|OBJECT REPLACEMENT")


def is_seen(sign: str) -> bool:
    """Whether the Unicode tables say that a sign shows something by itself."""
    ignored = any(first <= ord(sign) <= last for first, last in IGNORED)
    return unicodedata.category(sign)[0] in "LNPS" and not ignored and not EMPTY.search(unicodedata.name(sign, ""))


def test_every_sign_of_unicode() -> None:
    """Alone, doubled and among spaces: a text, a name or a title is what shows something, by the tables."""
    for number in range(0x110000):
        sign = chr(number)
        if 0xD800 <= number <= 0xDFFF or unicodedata.category(sign) == "Cn":
            continue
        kept = clean(f" {sign}{sign} ", IDEA)
        assert bool(kept) == is_seen(sign), f"U+{number:04X} {unicodedata.name(sign, '')}"


@pytest.mark.parametrize("sign", ["\u3164", "\u2800", "\ufffc", "\uffa0\u034f"])
@pytest.mark.parametrize(
    ("kind", "fields"),
    [("Join", {"name": 0}), ("PostIdea", {"phase": "brainstorm", "text": 0}), ("EditIdea", {"idea": "", "text": 0})],
)
def test_what_shows_nothing_is_no_text_and_no_name(sign: str, kind: str, fields: dict[str, Any]) -> None:
    play = Play(phase("brainstorm"), names="shown")
    person = play.person()
    if kind != "Join":
        play.do(person, "Join", name="Somebody")
    play.start("brainstorm")
    written = {"idea": play.post(person, "seen")} if kind == "EditIdea" else {}
    given = {field: sign * 3 if value == 0 else value for field, value in fields.items()} | written
    assert refusal(play, person, kind, **given) == "text.empty"


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
