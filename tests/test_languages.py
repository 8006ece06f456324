"""Every language keeps the contract of words, and browser and server say the same."""

import json
import random
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from babel import Locale

from facilitate import languages
from facilitate.languages import Catalogue, available, catalogue, negotiate, pick

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "facilitate" / "languages"
FULL = [code for code in available() if "-" not in code]
VARIANTS = [code for code in available() if "-" in code]
PLURAL = re.compile(r"_(zero|one|two|few|many|other)$")

# Keys of buttons end in `-do`; these are the ones with names of their own.
BUTTONS = {
    "join.button", "privacy.handover", "idea.post", "idea.again", "undo", "phase.finish", "phase.follow",
    "timer.hide", "desk.stop", "desk.print",
}  # fmt: skip

# Sentences of these may be longer than twelve words.
LONG = {"privacy.none-more", "private.note"}


@cache
def file(code: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((FOLDER / f"{code}.json").read_text("utf-8"))
    return texts


def stems(texts: dict[str, str]) -> set[str]:
    return {PLURAL.sub("", key) for key in texts}


def places(texts: dict[str, str]) -> dict[str, set[str]]:
    """The names of the values in a text's forms, by its stem."""
    found: dict[str, set[str]] = {}
    for key, text in texts.items():
        found.setdefault(PLURAL.sub("", key), set()).update(re.findall(r"\{(\w+)\}", text))
    return found


def test_the_folder_is_the_registry() -> None:
    """A language is there because its file is there."""
    assert {"de", "en"} <= set(available())
    assert list(available()) == sorted(path.stem for path in FOLDER.glob("*.json"))


@pytest.mark.parametrize("code", FULL)
def test_a_full_language_has_every_key(code: str) -> None:
    """No key of English is missing, and none is there that English lacks."""
    assert stems(file(code)) == stems(file("en"))


@pytest.mark.parametrize("code", VARIANTS or [pytest.param("", marks=pytest.mark.skip("there is no variant"))])
def test_a_variant_holds_only_what_differs(code: str) -> None:
    """What a variant repeats from its parent would grow stale there."""
    parent = catalogue(code.split("-")[0]).entries()
    for key, text in file(code).items():
        assert key in parent
        assert text != parent[key], key


@pytest.mark.parametrize("code", FULL)
def test_no_key_stands_twice(code: str) -> None:
    """JSON would silently keep the last one."""
    pairs: list[tuple[str, str]] = json.loads((FOLDER / f"{code}.json").read_text("utf-8"), object_pairs_hook=list)
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("code", FULL)
def test_texts_are_there_and_trimmed(code: str) -> None:
    """No text is empty, padded or in a decomposed form."""
    for key, text in file(code).items():
        assert text, key
        assert text == text.strip(), key
        assert text.isprintable(), key


@pytest.mark.parametrize("code", FULL)
def test_places_are_those_of_english(code: str) -> None:
    """A value that one language shows, all show."""
    theirs = places(file(code))
    for stem, shown in places(file("en")).items():
        assert theirs.get(stem, set()) == shown, stem


@pytest.mark.parametrize("code", FULL)
def test_plural_forms_are_complete(code: str) -> None:
    """Whatever has one plural form has all that CLDR knows for the language, and no plain text beside them."""
    texts = file(code)
    needed = {*Locale.parse(texts["language.locale"], sep="-").plural_form.tags, "other"}
    for key in texts:
        if not (suffix := PLURAL.search(key)):
            continue
        stem = PLURAL.sub("", key)
        assert suffix[1] in needed, key
        assert stem not in texts
        assert all(f"{stem}_{form}" in texts for form in needed), stem


@pytest.mark.parametrize("code", available())
def test_bad_news_blames_nobody(code: str) -> None:
    """No text says error, invalid, Fehler or ungültig, and no refusal shouts."""
    for key, text in file(code).items():
        assert not re.search(r"error|invalid|fehler|ungültig", text, re.IGNORECASE), key
        if key.startswith("error."):
            assert "!" not in text, key


@pytest.mark.parametrize("code", available())
def test_sentences_are_short(code: str) -> None:
    """At most twelve words each."""
    for key, text in file(code).items():
        for sentence in re.split(r"(?<=[.?!:;])\s+", text):
            assert len(sentence.split()) <= 12 or key in LONG, (key, sentence)


def test_german_addresses_nobody() -> None:
    """Neither Sie nor du, so that a council and a school can read the same words."""
    address = re.compile(r"\b(Sie|Ihr\w*|Ihnen|[Dd]u|[Dd]ich|[Dd]ir|[Dd]eine?\w*|[Ee]uch|[Ee]ure?\w*)\b")
    for key, text in file("de").items():
        assert not address.search(text), (key, text)


def test_german_buttons_fit() -> None:
    """At most 22 characters: a phone of 320 px at twice the text size."""
    texts = file("de")
    assert texts.keys() >= BUTTONS
    for key, text in texts.items():
        if key.endswith("-do") or key in BUTTONS:
            assert len(re.sub(r"\{\w+\}", "Word", text)) <= 22, (key, text)


def test_refusals_use_the_words_of_the_phone() -> None:
    """The same fact has the same sentence, whoever noticed it first."""
    for code in FULL:
        texts = file(code)
        for refusal, row in {
            "error.session.unknown": "join.wrong-code",
            "error.store.failing": "net.disk",
            "error.rate.slow-down": "slow-down",
            "error.not-now": "not-now",
            "error.text.empty": "idea.empty",
            "error.text.long_other": "idea.too-long_other",
            "error.idea.gone": "gone",
            "error.board.locked": "board.locked",
            "error.column.missing": "idea.choose-column",
            "error.limit.reached_other": "limit.reached_other",
            "error.vote.late": "vote.late",
            "error.vote.late-change": "vote.late-change",
        }.items():
            assert texts[refusal] == texts[row]


def test_every_key_in_the_code_is_known() -> None:
    """Nobody reads a key instead of a sentence."""
    known = stems(file("en"))
    spoken = re.compile(r"""\bsay\(\s*["']([a-z0-9._-]+)["']\s*[,)]""", re.IGNORECASE)
    package, assets = ROOT / "facilitate", ROOT / "assets"
    sources = [*package.rglob("*.py"), *package.rglob("*.js"), *assets.rglob("*.js")]
    unknown = {
        f"{source.relative_to(ROOT)}: {key}"
        for source in sources
        for key in spoken.findall(source.read_text("utf-8"))
        if key not in known
    }
    assert not unknown


def test_every_refusal_in_the_code_has_a_sentence() -> None:
    """A key that a rule refuses with is a key of the catalogue."""
    known = stems(file("en"))
    refused = re.compile(r"""\bRefused\(\s*"([a-z.-]+)"(?: if [^"]+ else "([a-z.-]+)")?""")
    unknown = {
        f"{source.relative_to(ROOT)}: {key}"
        for source in (ROOT / "facilitate").rglob("*.py")
        for pair in refused.findall(source.read_text("utf-8"))
        for key in pair
        if key and f"error.{key}" not in known
    }
    assert not unknown


def test_plurals_follow_n() -> None:
    """Also where the text shows another value."""
    german = catalogue("de")
    assert german.say("idea.chars", n=1) == "noch 1 Zeichen"
    assert german.say("idea.chars", n=0) == "noch 0 Zeichen"
    assert german.say("vote.left", n=3, left=1) == "Noch 1 von 3 Punkten"
    assert german.say("vote.result-row", n=1, k=1, rank=2, title="Bus") == "Platz 2: Bus, 1 Punkt"
    assert german.say("vote.result-row", n=7, k=7, rank=1, title="Bus") == "Platz 1: Bus, 7 Punkte"


def test_a_plural_without_n_is_the_general_one() -> None:
    """A missing value shows its place and does not fail in front of a hall."""
    assert catalogue("en").say("idea.chars") == "{n} characters left"


def test_braces_in_an_idea_are_harmless() -> None:
    """What people write is put in as it is, and nothing in it is filled in."""
    said = catalogue("en").say("phone.change-named", text="{n} {text} {0.__class__} }{", n=3)
    assert said == "Change: {n} {text} {0.__class__} }{"


def test_numbers_read_as_the_language_writes_them() -> None:
    """Half minutes have a comma in German; whole ones have no fraction."""
    assert catalogue("de").say("timer.short", n=2.5) == "2,5 Min."
    assert catalogue("en").say("timer.short", n=2.5) == "2.5 min"
    assert catalogue("de").say("timer.short", n=8.0) == "8 Min."
    assert catalogue("de").say("timer.short", n=12000) == "12000 Min."


def test_an_unknown_key_is_a_mistake() -> None:
    """In Python it fails, so that a test finds it."""
    with pytest.raises(KeyError):
        catalogue("en").say("no.such-key")


def test_an_unknown_language_is_a_mistake() -> None:
    """Pages negotiate first; nobody asks for a language that is not there, or for a path."""
    for code in ("xx", "", "../de", "de-AT"):
        with pytest.raises(KeyError):
            catalogue(code)


def test_a_variant_falls_back_key_by_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`de-leicht` holds what differs; the rest is German, and what German lacks is English."""
    (tmp_path / "en.json").write_text('{"language.locale": "en-GB", "a": "one", "b": "two", "c": "three"}')
    (tmp_path / "de.json").write_text('{"language.locale": "de-DE", "a": "eins", "b": "zwei"}')
    (tmp_path / "de-leicht.json").write_text('{"a": "1"}')
    monkeypatch.setattr(languages, "_FOLDER", tmp_path)
    languages._read.cache_clear()
    catalogue.cache_clear()
    try:
        simple = catalogue("de-leicht")
        assert [simple.say(key) for key in "abc"] == ["1", "zwei", "three"]
        assert simple.locale == Locale("de", "DE")
        assert simple.entries() == {"language.locale": "de-DE", "a": "1", "b": "zwei", "c": "three"}
        assert available() == ("de", "de-leicht", "en")
    finally:
        languages._read.cache_clear()
        catalogue.cache_clear()


def test_entries_belong_to_the_caller() -> None:
    """Changing them changes no catalogue."""
    entries = catalogue("en").entries()
    entries["undo"] = "?"
    assert catalogue("en").say("undo") == "Undo"


def test_keys_by_prefix() -> None:
    """A page can ask for what belongs together."""
    assert catalogue("de").keys("stage.") == ("stage.co-creation", "stage.co-learning", "stage.co-sharing")
    assert set(catalogue("de").keys()) == set(catalogue("de").entries())


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de", "de"),
        ("de-AT,en;q=0.5", "de"),
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "en"),
        ("en;q=0.3, de;q=0.8", "de"),
        ("DE-de", "de"),
        ("de;q=0, en", "en"),
        ("zh-Hant-TW", "en"),
        ("de-x-private", "de"),
        ("", "en"),
        ("*", "en"),
        (";;;q=,,;q=x,de;q=0.2", "de"),
        ("de;q=abc", "en"),
        ("de;q=7", "en"),
        ("\x00\xff, de ; q = 0.4", "de"),
        ("a" * 100_000 + ",de", "en"),
    ],
)
def test_negotiation(header: str, language: str) -> None:
    """The best of what is there; a malformed header costs nothing but its wish."""
    assert negotiate(header, ["en", "de"]) == language


def test_negotiation_within_an_offer() -> None:
    """A session without English answers in its first language, in its own spelling."""
    assert negotiate("fr", ["de", "tr"]) == "de"
    assert negotiate("tr-TR", ["de", "tr"]) == "tr"
    assert negotiate("pt-br", ["pt-BR", "pt"]) == "pt-BR"
    assert negotiate("pt-PT", ["pt-BR", "pt"]) == "pt"
    assert negotiate("fr", []) == "en"
    assert negotiate("de") == "de"


def test_picking_a_text() -> None:
    """The wanted language, its parent, English, the first, nothing; empty texts do not count."""
    texts = {"fi": "moi", "de": "hallo", "en": "hello"}
    assert pick(texts, "de") == ("de", "hallo")
    assert pick(texts, "de-leicht") == ("de", "hallo")
    assert pick(texts, "fr") == ("en", "hello")
    assert pick({"fi": "moi"}, "fr") == ("fi", "moi")
    assert pick({"de": "", "fi": "moi"}, "de") == ("fi", "moi")
    assert pick({}, "de") == ("", "")
    assert pick({"de": ""}, "de") == ("", "")


def test_dates_and_times() -> None:
    """A moment reads as the language says it, in the workshop's time zone; hours count to 24."""
    moment = 1_772_636_700_000  # 2026-03-04 15:05 UTC
    assert catalogue("de").date(moment, "Europe/Berlin") == "4. März 2026"
    assert catalogue("en").date(moment, "Europe/Berlin") == "4 March 2026"
    assert catalogue("de").time(moment, "Europe/Berlin") == "16:05"
    assert catalogue("en").time(moment, "Europe/Helsinki") == "17:05"


@pytest.mark.parametrize("code", available())
def test_the_browser_says_the_same(code: str, tmp_path: Path) -> None:
    """`assets/say.js` and `Catalogue.say` agree on every key, over some hundred numbers."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    server = catalogue(code)
    asked = list(_questions(server))
    (tmp_path / "asked.json").write_text(json.dumps({"code": code, "entries": server.entries(), "asked": asked}))
    (tmp_path / "say.mjs").write_text((ROOT / "assets" / "say.js").read_text("utf-8"))
    (tmp_path / "run.mjs").write_text(
        'import { readFileSync } from "node:fs";\n'
        'import { sayer } from "./say.mjs";\n'
        'const { code, entries, asked } = JSON.parse(readFileSync("asked.json", "utf-8"));\n'
        "const say = sayer(code, entries);\n"
        "console.log(JSON.stringify(asked.map(([key, values]) => say(key, values))));\n"
        'console.error(say("no.such-key", {}));\n'
    )
    ran = subprocess.run([node, "run.mjs"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(ran.stdout) == [server.say(key, **values) for key, values in asked]
    assert ran.stderr.strip() == "no.such-key"


def _questions(server: Catalogue) -> list[tuple[str, dict[str, object]]]:
    chance = random.Random(7)
    numbers: list[float] = [*range(300), 1000, 1_000_000, 0.5, 1.0, 1.5, 2.25, 12.125, -1]
    texts = ["Bus & Bahn", "{n}", "$& $1 {text}", "", None, "ä\u200d", "100 %"]
    keys = sorted({PLURAL.sub("", key) for key in server.entries()})
    every = [(key, _values(chance.choice(numbers), chance.choice(texts))) for key in keys]
    counted = [("idea.chars", _values(n, None)) for n in numbers]
    return [*every, *counted, *((key, {}) for key in keys)]


def _values(n: float, text: str | None) -> dict[str, object]:
    return {"n": n, "k": n, "left": n, "title": text, "text": text, "cluster": text, "reason": text}
