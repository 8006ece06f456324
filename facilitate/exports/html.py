"""Minutes as one HTML page that needs nothing else: to read on a screen, light or dark, and to print on A4."""

import re
from collections.abc import Iterable, Iterator
from html import escape
from itertools import count
from pathlib import Path

from facilitate.core.report import Answers, Card, Group, Ideas, Line, Notes, Option, Remark, Report, Result, Step, Twin
from facilitate.phrases import BETWEEN, SHORT, Phrases

KIND = "html"
MEDIA_TYPE = "text/html; charset=utf-8"
EXTENSION = "html"

STYLE = Path(__file__).with_name("minutes.css")  # of the minutes, on whatever page they stand
_PAGE = Path(__file__).with_name("page.css")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

# A stage has a colour, a shape and a word; on a black-and-white print the shape remains.
_SHAPES = {
    "co-learning": '<circle cx="8" cy="8" r="7"/>',
    "co-sharing": '<rect x="1.5" y="1.5" width="13" height="13"/>',
    "co-creation": '<path d="M8 1 15.5 14.5H.5z"/>',
}
_TINTS = 6  # of clusters, over and over


def write(report: Report) -> bytes:
    return ("\n".join(_page(Phrases(report))) + "\n").encode()


def _page(say: Phrases) -> Iterator[str]:
    yield f"""<!DOCTYPE html>
<html lang="{escape(say.catalogue.code)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>{escape(say.title)}</title>
<style>
{_PAGE.read_text("utf-8")}
{STYLE.read_text("utf-8")}
{_paging(say)}
</style>
</head>
<body>
<main class="minutes">"""
    yield from minutes(say)
    yield "</main>\n</body>\n</html>"


def _paging(say: Phrases) -> str:
    """The number at the foot of a printed page, as CSS."""
    counters = {"{i}": " counter(page) ", "{n}": " counter(pages) "}
    parts = re.split(r"(\{[in]\})", say.say("report.page"))
    content = "".join(counters.get(part) or _quoted(part) for part in parts if part)
    return f"@page {{ @bottom-right {{ font: 9pt sans-serif; content: {content}; }} }}"


def _quoted(text: str) -> str:
    return '"' + "".join(sign if sign.isalnum() or sign == " " else f"\\{ord(sign):x} " for sign in text) + '"'


def minutes(say: Phrases, title: str = "h1", more: Iterable[str] = ()) -> Iterator[str]:
    """The minutes as HTML within an element of the class `minutes`. `title`: the element of their heading; `more`:
    sentences of the page that they stand on, below the facts."""
    yield f'<header>\n<p class="kind">{escape(say.say("report.heading"))}</p>'
    yield _element(title, say.report.title, "title")
    yield "<dl>"
    for label, value in say.facts():
        yield f'<div><dt>{escape(label)}</dt><dd dir="auto">{escape(value)}</dd></div>'
    yield "</dl>"
    yield from (f'<p class="about">{escape(sentence)}</p>' for sentence in more)
    yield "</header>"
    yield from _agenda(say)
    for step in say.held():
        yield from _step(say, step)
    yield "<footer>"
    yield from (f"<p>{escape(sentence)}</p>" for sentence in say.endings())
    yield "</footer>"


def _agenda(say: Phrases) -> Iterator[str]:
    yield f'<section class="agenda">\n<h2>{escape(say.say("report.agenda"))}</h2>'
    head = [say.say(f"report.{name}") for name in ("phase", "stage", "activity", "planned-minutes", "time")]
    numbers = (3,)
    yield f'<table>\n<caption class="unseen">{escape(say.say("report.agenda"))}</caption>'
    yield _head(head, numbers)
    held = {step.id for step in say.held()}
    for step in say.report.steps:
        title = f"{step.number}. {_span(step.title)}"
        cells = [
            _stage(step),
            escape(step.activity[1]),
            "" if step.minutes is None else f"{step.minutes:g}",
            escape(say.when(step)),
        ]
        name = f'<a href="#step-{step.number}">{title}</a>' if step.id in held else title
        yield f'<tr><th scope="row">{name}</th>{_cells(cells, numbers, after=1)}</tr>'
    yield "</tbody>\n</table>\n</section>"


def _stage(step: Step) -> str:
    if step.stage is None:
        return ""
    shape = _SHAPES.get(step.stage[0], "")
    icon = f'<svg viewBox="0 0 16 16" aria-hidden="true">{shape}</svg>' if shape else ""
    return f'<span class="stage {escape(step.stage[0])}">{icon}{escape(step.stage[1])}</span>'


def _step(say: Phrases, step: Step) -> Iterator[str]:
    stage = escape(step.stage[0]) if step.stage else "plain"
    yield f'<section class="step {stage}" id="step-{step.number}">'
    yield f'<div class="opening">\n<h2><span class="number">{step.number}</span> {_span(step.title)}</h2>'
    yield f'<p class="about">{_stage(step)}<span>{escape(BETWEEN.join(say.circumstances(step)))}</span></p>'
    if step.prompt.text:
        yield _element("p", step.prompt, "prompt")
    yield "</div>"
    tints = count()
    for block in say.blocks(step):
        if isinstance(block, Ideas):
            yield from _ideas(say, block, tints)
        elif isinstance(block, Result):
            yield from _result(say, step, block)
        elif isinstance(block, Notes):
            yield f'<h3>{escape(say.say("report.notes"))}</h3>\n<dl class="notes">'
            yield from (_remark(say, remark) for remark in block.remarks)
            yield "</dl>"
        elif isinstance(block, Answers):
            yield from _answers(say, block)
    yield "</section>"


def _ideas(say: Phrases, block: Ideas, tints: Iterator[int]) -> Iterator[str]:
    sentences = [escape(sentence) for sentence in say.counted(block)]
    if block.at:
        step = say.steps[block.at]
        sentences.append(f'<a href="#step-{step.number}">{escape(say.pointer(block))}</a>')
    if sentences:
        yield f'<p class="count">{" ".join(sentences)}</p>'
    for group in block.groups:
        tint = f" tint-{next(tints) % _TINTS + 1}" if group.cluster else ""
        short = " short" if len(group.cards) <= SHORT else ""
        yield f'<section class="group{tint}{short}">'
        if heading := _heading(say, block, group):
            yield f'<h3>{heading} <span class="size">{escape(say.size(group))}</span></h3>'
        if group.prompt:
            yield _element("p", group.prompt, "question")
        if group.cards:
            yield '<ol class="cards">'
            yield from (_card(say, say.cards[card], column=block.by == "cluster") for card in group.cards)
            yield "</ol>"
        yield "</section>"


def _heading(say: Phrases, block: Ideas, group: Group) -> str:
    if group.cluster:
        cluster = say.clusters[group.cluster]
        letter = f'<span class="letter">{escape(cluster.letter)}</span> '
        return letter + _span(cluster.title)
    if group.column:
        return _span(group.column)
    if group.aside:
        return escape(say.say("report.aside"))
    return escape(say.rest(block)) if len(block.groups) > 1 else ""


def _card(say: Phrases, card: Card, *, column: bool) -> str:
    aside = [_span(card.column)] if column and card.column else []
    aside += [f'<span dir="auto">{escape(card.author)}</span>'] if card.author else []
    aside += [f'<span dir="auto">{escape(part)}</span>' for part in say.beside(card)]
    more = f'<p class="aside">{BETWEEN.join(aside)}</p>' if aside else ""
    spoken = f'<span class="said">{escape(say.say("report.comment"))}</span> '
    more += "".join(f'<p class="comment">{spoken}{_span(comment)}</p>' for comment in card.comments)
    text = _element("p", Line(card.text or "", card.lang)) + "".join(_twin(say, twin) for twin in card.also)
    return f'<li><span class="number">{card.number}</span><div>{text}{more}</div></li>'


def _twin(say: Phrases, twin: Twin) -> str:
    likewise = f'<span class="said">{escape(say.say("report.likewise"))}</span>'
    author = f' <span class="aside" dir="auto">{escape(twin.author)}</span>' if twin.author else ""
    return f'<p>{likewise} <span class="number">{twin.number}</span> {_span(Line(twin.text, twin.lang))}{author}</p>'


def _result(say: Phrases, step: Step, block: Result) -> Iterator[str]:
    yield f"<h3>{escape(say.result(step, block))}</h3>"
    about = escape(" ".join(say.voting(block)))
    ranks = [rank for rank in block.ranks if rank.rank is not None]
    if not ranks:
        yield f'<p class="count">{about}</p>'
        return
    yield f'<table class="ranks">\n<caption>{about}</caption>'
    columns = say.columns(block)
    yield _head(columns, numbers=(0, *range(2, len(columns))))
    most = max(rank.number for rank in ranks) or 1
    for rank in ranks:
        bar = _bar(rank.number / most)
        yield (
            f'<tr><td class="figure">{rank.rank}</td><th scope="row">{_option(rank.option)}{bar}</th>'
            + "".join(f'<td class="figure">{number}</td>' for number in (rank.number, rank.hands)[: len(columns) - 2])
            + "</tr>"
        )
    yield "</tbody>\n</table>"


def _answers(say: Phrases, block: Answers) -> Iterator[str]:
    about = escape(say.answers(block))
    if not block.shared or not block.numbers:
        yield f'<p class="count">{about}</p>'
    if block.shared and block.numbers:
        yield f'<table class="ranks">\n<caption>{about}</caption>'
        yield _head([say.say("report.step"), say.say("report.chosen")], numbers=(1,))
        most = max(block.numbers) or 1
        for number, n in enumerate(block.numbers, 1):
            name = f'<th scope="row"><span dir="auto">{escape(say.step(block, number))}</span>{_bar(n / most)}</th>'
            yield f'<tr>{name}<td class="figure">{n}</td></tr>'
        yield "</tbody>\n</table>"
    if block.shared and block.lines:
        yield '<ul class="answers">'
        yield from (_element("li", line) for line in block.lines)
        yield "</ul>"


def _bar(share: float) -> str:
    """A drawing, because browsers leave backgrounds out of prints."""
    rect = f'<rect width="{share:.2%}" height="100%"/>'
    return f'<svg class="bar" aria-hidden="true">{rect}</svg>' if share > 0 else ""


def _option(option: Option) -> str:
    mark = "letter" if not option.mark.isdigit() else "number"
    return f'<span class="option"><span class="{mark}">{escape(option.mark)}</span> {_span(option.title)}</span>'


def _remark(say: Phrases, remark: Remark) -> str:
    option = remark.option
    if option is None:
        of = escape(say.say("report.whole"))
    else:
        of = _option(option) if option.visible else escape(option.mark)
    lines = "".join(f'<p dir="auto">{escape(line)}</p>' for line in remark.text.splitlines() if line.strip())
    return f"<div><dt>{of}</dt><dd>{lines}</dd></div>"


def _head(names: list[str], numbers: tuple[int, ...]) -> str:
    cells = (f'<th scope="col"{_figure(place in numbers)}>{escape(name)}</th>' for place, name in enumerate(names))
    return f"<thead><tr>{''.join(cells)}</tr></thead>\n<tbody>"


def _cells(cells: Iterable[str], numbers: tuple[int, ...], after: int) -> str:
    return "".join(f"<td{_figure(place in numbers)}>{cell}</td>" for place, cell in enumerate(cells, after))


def _figure(number: bool) -> str:
    return ' class="figure"' if number else ""


def _element(name: str, line: Line, style: str = "") -> str:
    """Text that people wrote, in its own language and direction."""
    lang = f' lang="{escape(line.lang)}"' if line.lang else ""
    kind = f' class="{style}"' if style else ""
    text = "<br>".join(escape(part) for part in line.text.splitlines())
    return f'<{name}{kind}{lang} dir="auto">{text}</{name}>'


def _span(line: Line) -> str:
    return _element("span", line)
