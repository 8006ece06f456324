"""Every export keeps the contract, and what people wrote stays text in each of them."""

import csv as spreadsheet
import io
import json as plain_json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from playwright.sync_api import Page

from facilitate.core import text as words
from facilitate.core.decide import replay
from facilitate.core.refused import Refused
from facilitate.core.report import Line, Report, Twin
from facilitate.exports import csv, html, json, kinds, markdown
from facilitate.languages import catalogue
from facilitate.phrases import Phrases
from facilitate.ui.harvest import called
from tests.workshop import COLUMNS, PHASES, Workshop

HUMAN = ("csv", "html", "markdown")
LANGUAGES = ("en", "de")

HOSTILE = [
    "<script>alert(1)</script>",
    "</style></title><img src=x onerror=alert(1)>",
    "# heading",
    "#hash and # more #",
    "- item",
    "+ item",
    "1. item",
    "2) item",
    "> quote",
    "| a | b |",
    "---",
    "===",
    "```code```",
    "~~~",
    "[link](https://example.org)",
    "![image](https://example.org/x.png)",
    "<https://example.org>",
    "https://example.org and www.example.org and a@example.org",
    "[ref]: https://example.org",
    "*stars* _lines_ **bold** ~~struck~~ `tick`",
    "&lt;b&gt; &amp; &#65;",
    "back\\slash \\* at the end\\",
    "$x^2$ {.class} :::",
    "*",
    "_",
    "'=1+1",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\uff1d1+1",
    '"quoted", and; commas',
    '=HYPERLINK("https://example.org")',
    "{n} {title} %s {{ x }}",
    "مكتب مشترك ليوم واحد",
    "Freiwilligenmanagementkoordinationsstelle",
]


def played(texts: list[str], names: str = "none") -> Workshop:
    """A whole session: ideas in two columns, a cluster, a vote shown, notes."""
    workshop = Workshop(columns=COLUMNS, names=names)
    for number in range(1, 4):
        workshop.do(workshop.guest(number), "Join", name=f"Birch {number}" if names != "none" else None)
    workshop.wait(1 * 60)
    workshop.start("collect")
    ideas = []
    for number, text in enumerate(texts):
        ideas.append(
            workshop.write(text, number % 3 + 1, column=COLUMNS[number % 2].id, lang=("en", "de", "ar")[number % 3])
        )
        workshop.wait(6 * 60)
    workshop.start("sort")
    clusters = [workshop.cluster(f"Cluster of {texts[0][:20]}", *ideas[::2])] if ideas else []
    workshop.start("weigh")
    workshop.weigh("weigh", *[{option: 1} for option in [*clusters, *ideas[1::2]]][:3])
    workshop.start("talk")
    workshop.do(workshop.facilitator, "TakeNote", phase="talk", item="talk", text="First line of the note\nSecond line")
    if clusters:
        workshop.do(workshop.facilitator, "TakeNote", phase="talk", item=clusters[0], text="Begin in May")
    workshop.do(workshop.facilitator, "EndSession")
    return workshop


def cells(file: bytes) -> list[list[str]]:
    """What a spreadsheet shows."""
    return list(spreadsheet.reader(io.StringIO(file.decode("utf-8-sig"), newline=""), strict=True))


class Reader(HTMLParser):
    """What a browser shows, and the tags that it sees."""

    def __init__(self, file: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.broken = False  # whether the line before goes on
        self.feed(file.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.broken = tag == "br"

    def handle_data(self, data: str) -> None:
        if self.broken:
            self.texts[-1] += f"\n{data}"
        else:
            self.texts.append(data)
        self.broken = False


def tokens(file: bytes) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(file.decode())


def shown(file: bytes) -> Iterator[str]:
    """The text of every block of a Markdown file, as a reader sees it."""
    for token in tokens(file):
        if token.type == "inline":
            yield "".join("\n" if child.type == "hardbreak" else child.content for child in token.children or ())


def has(kind: str, file: bytes, text: str) -> bool:
    """Whether a reader of the file sees this text as it is."""
    seen = seen_in(kind, file)
    return any(text in block for block in seen) if kind == "markdown" else text in seen


@lru_cache(4)
def seen_in(kind: str, file: bytes) -> list[str]:
    """The texts of a file; reading a large one takes a while."""
    if kind == "csv":
        return [cell for row in csv.read(file) for cell in row]
    if kind == "html":
        return list(Reader(file).texts)
    if kind == "markdown":
        return list(shown(file))
    return [card["text"] for card in plain_json.loads(file)["report"]["cards"]]


@pytest.fixture(scope="module")
def hostile() -> Report:
    return played(HOSTILE).report("de")


def test_kinds() -> None:
    """Markdown, HTML, CSV and JSON are there; what begins with an underscore is no kind."""
    assert {"csv", "html", "json", "markdown"} <= set(kinds())
    assert not any(kind.startswith("_") for kind in kinds())


@pytest.mark.parametrize("kind", kinds())
def test_names(kind: str) -> None:
    """A file in the folder says what it writes."""
    export = kinds()[kind]
    assert kind == export.KIND
    assert re.fullmatch(r"[a-z]+/[a-z.+-]+(; charset=utf-8)?", export.MEDIA_TYPE)
    assert re.fullmatch(r"[a-z0-9]+", export.EXTENSION)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", kinds())
def test_every_idea_is_in_it(kind: str, language: str) -> None:
    """Whatever people wrote can be read in the file as they wrote it."""
    file = kinds()[kind].write(played(HOSTILE).report(language))
    assert [text for text in HOSTILE if not has(kind, file, text)] == []


@pytest.mark.parametrize("kind", kinds())
def test_three_hundred_ideas(kind: str) -> None:
    """None is cut off, in a session as large as they come."""
    texts = [f"Idea number {number}, of a certain length so that it fills a card" for number in range(300)]
    file = kinds()[kind].write(played(texts).report())
    assert [text for text in texts if not has(kind, file, text)] == []


@pytest.mark.parametrize("kind", kinds())
def test_the_same_bytes(kind: str, hostile: Report) -> None:
    """Writing twice gives the same file, so that two copies can be compared."""
    assert kinds()[kind].write(hostile) == kinds()[kind].write(played(HOSTILE).report("de"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "make",
    [
        Workshop,
        lambda: Workshop(phases=[]),
        lambda: Workshop(title={}),
        lambda: played([]),
        lambda: played(["Only one"]),
    ],
)
@pytest.mark.parametrize("kind", kinds())
def test_little_happened(kind: str, make: Callable[[], Workshop], language: str) -> None:
    """A session that never began, without phases, title or ideas still has a file."""
    workshop = make()
    file = kinds()[kind].write(workshop.report(language))
    assert workshop.state.session.code.encode() in file or kind == "csv"
    file.decode("utf-8")


@pytest.mark.parametrize("kind", kinds())
def test_what_is_not_on_the_board(kind: str) -> None:
    """Hidden, late and withdrawn ideas are in JSON alone; an erased text is nowhere; face-down ones are counted."""
    private = {"id": "private", "activity": "brainstorm", "settings": {"private": True}}
    workshop = Workshop(phases=[PHASES[1], private])
    workshop.start("collect")
    workshop.write("Text on the board")
    workshop.do(workshop.facilitator, "HideIdea", idea=workshop.write("Text taken down"), reason="Words about a person")
    workshop.do(workshop.guest(1), "WithdrawIdea", idea=workshop.write("Text taken back"))
    workshop.do(workshop.facilitator, "EraseIdea", idea=workshop.write("Text erased"))
    workshop.start("private")
    workshop.write("Text face down", phase="private")
    workshop.wait(5 * 60)
    late, admitted = workshop.write("Text too late"), workshop.write("Text let in")
    workshop.do(workshop.facilitator, "AdmitLate", idea=admitted)
    file = kinds()[kind].write(workshop.report())
    text = file.decode()
    assert "Text on the board" in text
    assert "Text let in" in text
    assert "Text erased" not in text
    for away in ("taken down", "taken back", "too late", "face down", "about a person"):
        assert (f"Text {away}" in text or "Words about a person" in text) == (kind == "json"), away
    if kind in ("html", "markdown"):
        assert "1 card is still face down and not listed here." in text
        assert "1 card was hidden and is not listed." in text
        assert "1 card came late and is not listed." in text
    if kind == "json":
        cards = {card["id"]: card for card in plain_json.loads(file)["report"]["cards"]}
        assert cards[late]["state"] == "late"
        assert {card["state"] for card in cards.values()} == {
            "open", "hidden", "withdrawn", "erased", "face-down", "late",
        }  # fmt: skip


@pytest.mark.parametrize("kind", HUMAN)
def test_counted_but_not_shown(kind: str) -> None:
    """A result that the room has not seen is not in the minutes either."""
    workshop = Workshop(phases=[PHASES[1], PHASES[3]])
    workshop.start("collect")
    idea = workshop.write("Trust")
    workshop.start("weigh")
    round_ = workshop.weigh("weigh", {idea: 3}, shown=False)
    workshop.do(workshop.facilitator, "CloseRound", round=round_)
    file = kinds()[kind].write(workshop.report()).decode()
    assert "Result" not in re.sub("<p class=.kind.>Results</p>", "", file)
    assert "person voted" not in file


@pytest.mark.parametrize("kind", ["html", "markdown"])
@pytest.mark.parametrize(
    ("language", "phrases"),
    [
        ("en", ["Minutes of Partnerships", "Agenda", "Rank", "3 people voted.", "Notes", "Without names"]),
        (
            "de",
            ["Protokoll: Partnerschaften", "Ablauf", "Platz", "3 Personen haben abgestimmt.", "Notizen", "Ohne Namen"],
        ),
    ],
)
def test_minutes(kind: str, language: str, phrases: list[str]) -> None:
    """Facts, agenda, questions, results and notes, in the reader's language and the hall's time."""
    file = kinds()[kind].write(played(["Trust", "Time", "Keys", "Tea"]).report(language))
    text = "\n".join(Reader(file).texts if kind == "html" else shown(file))
    for phrase in [
        *phrases,
        "City of Examples",
        "16:06\u2013",
        "First line of the note",
        "Second line",
        "Begin in May",
    ]:
        assert phrase in text, phrase


@pytest.mark.parametrize("kind", HUMAN)
def test_authors(kind: str) -> None:
    """Names are in the files of a session that shows names, and in no other."""
    assert b"Birch 2" in kinds()[kind].write(played(["Trust", "Time"], names="shown").report())
    assert b"Birch" not in kinds()[kind].write(played(["Trust", "Time"]).report())


# --- Markdown


def test_markdown_structure(hostile: Report) -> None:
    """Headings, lists, tables and quotes are those of the minutes alone; there are no links, images, code or HTML."""
    kinds_of = {token.type for token in tokens(markdown.write(hostile))}
    kinds_of |= {child.type for token in tokens(markdown.write(hostile)) for child in token.children or ()}
    assert not kinds_of & {
        "link_open", "image", "html_inline", "html_block", "code_inline", "code_block", "fence", "em_open", "s_open",
        "ordered_list_open",
    }  # fmt: skip
    harmless = played([f"Idea {number}" for number in range(len(HOSTILE))]).report("de")

    def skeleton(report: Report) -> list[str]:
        return [f"{token.type} {token.tag}" for token in tokens(markdown.write(report))]

    assert skeleton(hostile) == skeleton(harmless)


@given(st.text(min_size=1, max_size=60))
@example("1) a")
@example("\\")
@example("a  b\u3000")
@example("#")
def test_markdown_keeps_any_text(text: str) -> None:
    """Within a line and at its beginning, what goes in is what is shown."""
    try:
        text = words.required(text, 500)
    except Refused:
        return
    for escaped, prefix in (
        (markdown.plain(text), "- **1** "),
        (markdown.opening(text), ""),
        (markdown.opening(text), "> "),
    ):
        (block,) = shown(f"{prefix}{escaped}\n".encode())
        assert block == f"{'1 ' if prefix.startswith('-') else ''}{text}"


@given(st.lists(st.sampled_from([*HOSTILE, "one", "2. two", "- three"]), min_size=1, max_size=4).map("\n".join))
def test_markdown_keeps_the_lines_of_a_text(text: str) -> None:
    """And none of them begins anything."""
    for prefix, indent, lines in (
        ("- **1** ", "  ", markdown.lines_of),
        ("- *a*\n  - b ", "    ", markdown.lines_of),
        ("> ", "> ", markdown.opened),
        ("- ", "  ", markdown.opened),
    ):
        *_, block = shown(f"{prefix}{lines(text, indent)}\n".encode())
        assert block.removeprefix("1 ").removeprefix("b ") == text, prefix


def test_lines_are_kept_wherever_a_card_is_read() -> None:
    """Cards, what lies on them, comments and answers; each format shows the lines and nothing else of them."""
    back = {"id": "back", "activity": "reflect", "board": None, "settings": {"to": "all"}}
    workshop = Workshop(phases=[{**PHASES[1], "settings": {"comments": True}}, back])
    workshop.start("collect")
    text = "First: - a\n- b\n1. c\n> d"
    one, other = workshop.write(text), workshop.write("# Another\n=1+1", 2)
    workshop.do(workshop.guest(3), "PostComment", phase="collect", idea=one, text="Said\n+ in two")
    workshop.do(workshop.facilitator, "MergeIdeas", keep=one, ideas=[other])
    workshop.start("back")
    workshop.do(workshop.guest(1), "GiveAnswer", phase="back", text="* What\n--- I take along")
    report = workshop.report()
    for kind in ("html", "markdown"):
        file = {"html": html, "markdown": markdown}[kind].write(report)
        for said in (text, "# Another\n=1+1", "Said\n+ in two", "* What\n--- I take along"):
            assert has(kind, file, said), (kind, said)
    row = csv.read(csv.write(report))[1]
    assert {text, "Said\n+ in two"} <= set(row)


def test_markdown_addresses_stay_text() -> None:
    """Not even readers that make links of bare addresses find one."""
    escaped = markdown.plain("https://example.org www.example.org WWW.example.org a@example.org")
    assert escaped == r"https\://example.org www\.example.org WWW\.example.org a\@example.org"


# --- HTML


def test_html_is_alone(hostile: Report) -> None:
    """It asks nobody for anything, runs nothing, and says so to the browser."""
    reader = Reader(html.write(hostile))
    assert {tag for tag, _ in reader.tags} & {"script", "img", "link", "iframe", "form", "object", "embed"} == set()
    assert reader.tags.count(("title", {})) == 1
    for tag, attributes in reader.tags:
        assert not any(name.startswith("on") or name in ("src", "style") for name in attributes), tag
        assert (attributes.get("href") or "#").startswith("#")
    policy = next(attributes["content"] for _, attributes in reader.tags if "http-equiv" in attributes)
    assert str(policy).startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert not re.search(rb"url\(|@import|//(?!\s)", html.write(played(["Trust"]).report()))


def test_html_languages(hostile: Report) -> None:
    """The page is in the reader's language; each text in its own, if that is known, in its own direction."""
    reader = Reader(html.write(hostile))
    assert ("html", {"lang": "de"}) in reader.tags
    paragraphs = [attributes for tag, attributes in reader.tags if tag == "p"]
    assert {attributes["lang"] for attributes in paragraphs if "lang" in attributes} == {"en", "de"}
    assert {"dir": "auto"} in paragraphs  # in Arabic letters
    assert all(attributes["dir"] == "auto" for _, attributes in reader.tags if "lang" in attributes and _ != "html")


def test_html_headings(hostile: Report) -> None:
    """One h1, and no level is left out."""
    levels = [int(tag[1]) for tag, _ in Reader(html.write(hostile)).tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_html_tables(hostile: Report) -> None:
    """Each has a caption, and each heading says what it heads."""
    tags = Reader(html.write(hostile)).tags
    assert sum(tag == "table" for tag, _ in tags) == sum(tag == "caption" for tag, _ in tags) == 2
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in tags if tag == "th")


def test_html_page_numbers() -> None:
    """They are made by the browser that prints, in the reader's words."""
    assert '"Seite " counter(page) " von " counter(pages) ' in html.write(played([]).report("de")).decode()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_html_in_a_browser(page: Page, hostile: Report, scheme: str, width: int) -> None:
    """Nothing is wider than the page, nothing is asked for or complained about, and axe finds nothing."""
    from axe_playwright_python.sync_playwright import Axe

    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("request", lambda request: heard.append(request.url))
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    page.set_content(html.write(hostile).decode())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert heard == []
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_html_on_paper(page: Page) -> None:
    """Thirty cards a page and more, black on white, and no card lies across two pages."""
    page.set_content(
        html.write(played([f"A card of some length, number {number}" for number in range(300)]).report()).decode()
    )
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('.cards li')).breakInside") == "avoid"
    assert page.evaluate("getComputedStyle(document.querySelector('h3')).breakAfter") == "avoid"
    paper = page.pdf(prefer_css_page_size=True)
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 300 / 15


# --- CSV


def test_csv_columns() -> None:
    """One row an idea: number, text, column, cluster, votes, phase, time, in the reader's language."""
    rows = cells(csv.write(played(["Trust", "Time", "Keys"]).report("de")))
    assert rows == [
        ["Nummer", "Text", "Spalte", "Cluster", "Stimmen", "Schritt", "Zeit"],
        ["1", "Trust", "Was gelingt", "A: Cluster of Trust", "1", "Sammeln", "2026-03-04 16:06"],
        ["2", "Time", "Herausforderung", "", "1", "Sammeln", "2026-03-04 16:06"],
        ["3", "Keys", "Was gelingt", "A: Cluster of Trust", "1", "Sammeln", "2026-03-04 16:06"],
    ]


def test_csv_is_what_spreadsheets_expect(hostile: Report) -> None:
    """UTF-8 with a mark, lines ended by CR LF, every row as long as the header."""
    file = csv.write(hostile)
    assert file.startswith(b"\xef\xbb\xbf")
    assert file.endswith(b"\r\n")
    assert b"\n" not in file.replace(b"\r\n", b"")
    assert {len(row) for row in cells(file)} == {7}


SIGNS = tuple("=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b")
PIECES = (*(f"{sign}1" for sign in SIGNS), "=1", "=1", ";", ",", "\t", "|", "\n", "\r\n", " ", "\u00a0", '"', "'", "a")
NASTY = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join)


def as_split(file: bytes) -> Iterator[str]:
    """Every cell that a spreadsheet can make of a file: whatever it splits at, whether it knows quotes, blanks that
    follow a separator, and line breaks within quotes, or does not."""
    text = file.decode("utf-8-sig")
    for delimiter in (",", ";", "\t", "|"):
        for line in (text.splitlines(), re.split("[\r\n]+", text)):
            yield from (cell for one in line for cell in one.split(delimiter))
        for blanks in (False, True):
            dialect: dict[str, Any] = {"delimiter": delimiter, "skipinitialspace": blanks}
            wholes = spreadsheet.reader(io.StringIO(text, newline=""), **dialect)
            parts = (row for line in text.splitlines() for row in spreadsheet.reader([line], **dialect))
            yield from (cell for rows in (wholes, parts) for row in rows for cell in row)


def formulas(file: bytes) -> list[str]:
    """The cells that a spreadsheet could calculate, once it takes off blanks, line breaks and quotes."""
    bare = re.compile(r'[\s"]*')
    begun = [cell for cell in as_split(file) if cell.startswith(SIGNS, bare.match(cell).end())]  # type: ignore[union-attr]
    return begun + [cell for row in cells(file) for cell in row if cell.startswith(("\t", "\r"))]


def test_csv_runs_no_formula(hostile: Report) -> None:
    """No cell begins with what LibreOffice or Excel would calculate."""
    assert formulas(csv.write(hostile)) == []


def test_csv_quotes_every_cell(hostile: Report) -> None:
    """So that a comma in a text parts nothing, and numbers stay what they are."""
    for line in csv.write(hostile).decode("utf-8-sig").split("\r\n")[:-1]:
        assert re.fullmatch(r'"(?:[^"]|"")*"(?:,"(?:[^"]|"")*")*', line), line


@given(st.lists(NASTY, min_size=5, max_size=5))
@example(["Stalls; =1+1", 'a;"=1', "a\n=1", "a|@SUM(A1)", "a\t-1"])
def test_csv_runs_no_formula_wherever_it_is_split(texts: list[str]) -> None:
    """Cards, names, columns, clusters, steps, comments and the head: split at semicolons, tabs or lines as well as at
    commas, with or without a sense for quotes, nothing begins with the sign of a formula; and it reads back whole."""
    text, name, title, step, comment = texts
    report = played(["Trust"], "shown").report("de")
    card = msgspec.structs.replace(
        report.cards[0],
        text=text,
        author=name,
        column=Line(title, "en"),
        comments=(Line(comment, "en"), Line(text, "en")),
        also=(Twin(report.cards[0].number, text, "en", title),),
    )
    report = msgspec.structs.replace(
        report,
        cards=(card,),
        clusters=tuple(msgspec.structs.replace(one, title=Line(title, "en")) for one in report.clusters),
        steps=tuple(msgspec.structs.replace(one, title=Line(step, "en")) for one in report.steps),
    )
    file = csv.write(report)
    assert formulas(file) == []
    assert {text, name, title, step, f"{comment}\n{text}"} <= {cell for row in csv.read(file) for cell in row}


def test_csv_head_runs_no_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a language calls its columns."""
    say = Phrases.say
    monkeypatch.setattr(Phrases, "say", lambda self, key, **values: f"=1;{say(self, key, **values)}; -1")
    file = csv.write(played(["Trust"]).report())
    assert formulas(file) == []


def test_csv_keeps_lines() -> None:
    """A card of several lines is one cell, with its lines; the file's own lines end by CR LF."""
    report = played(["Trust", "Time"]).report()
    card = msgspec.structs.replace(report.cards[0], text="Trust\n- in each other\n- in time")
    file = csv.write(msgspec.structs.replace(report, cards=(card, report.cards[1])))
    assert [row[1] for row in csv.read(file)] == ["Text", card.text, "Time"]
    assert cells(file)[1][1] == "Trust\n'- in each other\n'- in time"


# --- any text at all

TEXTS = st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=8)


def cleaned(texts: list[str]) -> list[str]:
    """Those that a person could have posted, as they are stored."""
    kept = []
    for text in texts:
        try:
            kept.append(words.required(text, 140, lines=True))
        except Refused:
            continue
    return kept


@given(TEXTS)
@example(["=1", "'=1", "''=1", "'a", '"', ",", "\t=1"])
def test_csv_keeps_any_text(texts: list[str]) -> None:
    """Read back, each idea is the text that was posted, and none is a formula."""
    texts = cleaned(texts)
    file = csv.write(posted(texts).report())
    assert [row[1] for row in csv.read(file)[1:]] == texts
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in cells(file) for cell in row)


@given(TEXTS)
def test_json_keeps_any_text(texts: list[str]) -> None:
    """Read back and replayed, the session is what it was."""
    texts = cleaned(texts)
    workshop = posted(texts)
    log, names = json.read(json.write(workshop.report()))
    state = replay(log, names)
    assert state == workshop.state
    assert [idea.text for idea in state.ideas.values()] == texts


@given(TEXTS)
def test_html_keeps_any_text(texts: list[str]) -> None:
    """A browser shows each idea as it was posted."""
    texts = cleaned(texts)
    read = Reader(html.write(posted(texts).report())).texts
    assert [text for text in texts if text not in read] == []


def posted(texts: list[str]) -> Workshop:
    workshop = Workshop(phases=[PHASES[1]])
    workshop.start("collect")
    for text in texts:
        workshop.write(text)
    return workshop


# --- JSON


@pytest.mark.parametrize("names", ["none", "optional", "shown"])
def test_json_is_the_whole_session(names: str) -> None:
    """Log and names read back replay to an equal session, with hidden, withdrawn and erased ideas."""
    workshop = played(HOSTILE, names)
    again = Workshop(columns=COLUMNS, names=names)
    again.do(again.guest(1), "Join", name="Oak" if names != "none" else None)
    again.start("collect")
    again.do(again.facilitator, "HideIdea", idea=again.write("Hidden", column="works"), reason="Off the question")
    again.do(again.guest(1), "WithdrawIdea", idea=again.write("Withdrawn", column="works"))
    again.do(again.facilitator, "EraseIdea", idea=again.write("Erased", column="works"))
    for session in (workshop, again):
        log, rows = json.read(json.write(session.report()))
        assert replay(log, rows) == session.state
        assert rows == session.rows


def test_json_of_a_json() -> None:
    """What was read can be written again, and is the same file."""
    workshop = played(HOSTILE)
    file = json.write(workshop.report())
    workshop.log, workshop.rows = json.read(file)
    assert json.write(workshop.report()) == file


@pytest.mark.parametrize("file", [b"", b"{}", b"[]", b"\xff", b'{"version": 1, "names": {}, "log": [{}]}'])
def test_json_that_is_none(file: bytes) -> None:
    """A file of another kind is refused in a sentence."""
    with pytest.raises(ValueError, match="not a session that was exported as JSON"):
        json.read(file)


def test_json_of_another_version() -> None:
    """A newer file is not half read."""
    with pytest.raises(ValueError, match="has version 2"):
        json.read(b'{"version": 2, "names": {}, "log": []}')


def test_an_export_without_words_of_its_own_goes_by_its_name() -> None:
    """A new export is one file, and the page of results offers it at once."""
    assert called(catalogue("de"), "csv") == "Tabelle aller Ideen (csv)"
    assert called(catalogue("de"), "brand-new") == "brand-new"
