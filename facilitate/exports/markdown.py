"""Minutes in Markdown (CommonMark with tables), to edit and to file. What people wrote stays plain text in it."""

import re
from collections.abc import Iterator

from facilitate.core.report import Answers, Card, Group, Ideas, Notes, Remark, Report, Result, Step
from facilitate.phrases import BETWEEN, Phrases

KIND = "markdown"
MEDIA_TYPE = "text/markdown; charset=utf-8"
EXTENSION = "md"

_BREAKS = re.compile(r"[\t-\r\x1c-\x1f\x85\u2028\u2029]+")
# Besides CommonMark's own: what common readers make of ~ $ ^ { } and of bare addresses.
_SIGNS = re.compile(r"[\\`*_\[\]<>|~&#$^{}@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_OPENING = re.compile(r"^(\d*)([.)]|(?<!\d)[-+=:])")


def write(report: Report) -> bytes:
    return ("\n\n".join(_minutes(Phrases(report))) + "\n").encode()


def plain(text: str) -> str:
    """`text` as Markdown that shows it as it is, on one line, within a line."""
    return _SIGNS.sub(r"\\\g<0>", _BREAKS.sub(" ", text).strip())


def opening(text: str) -> str:
    """The same at the beginning of a line, where a sign may also make a list or a heading."""
    return _OPENING.sub(r"\1\\\2", plain(text))


def lines_of(text: str, indent: str) -> str:
    """`text` with the lines that it was typed in, beginning within a line; the others begin with `indent`."""
    first, *others = [line for line in text.splitlines() if line.strip()] or [""]
    return f"\\\n{indent}".join([plain(first), *map(opening, others)])


def _minutes(say: Phrases) -> Iterator[str]:
    yield f"# {plain(say.title)}"
    yield "\n".join(f"- **{plain(label)}:** {plain(value)}" for label, value in say.facts())
    yield f"## {plain(say.say('report.agenda'))}"
    yield _agenda(say)
    for step in say.held():
        yield from _step(say, step)
    yield "---"
    yield " ".join(map(opening, say.endings()))


def _agenda(say: Phrases) -> str:
    head = [
        say.say("report.number"),
        say.say("report.phase"),
        say.say("report.stage"),
        say.say("report.activity"),
        say.say("report.planned-minutes"),
        say.say("report.time"),
    ]
    rows = [
        [
            str(step.number),
            step.title.text,
            step.stage[1] if step.stage else "",
            step.activity[1],
            "" if step.minutes is None else f"{step.minutes:g}",
            say.when(step),
        ]
        for step in say.report.steps
    ]
    return _table(head, rows, numbers=(0, 4))


def _step(say: Phrases, step: Step) -> Iterator[str]:
    yield f"## {step.number}. {plain(step.title.text)}"
    stage = [step.stage[1]] if step.stage else []
    yield opening(BETWEEN.join([*stage, *say.circumstances(step)]))
    if step.prompt.text:
        yield _quoted(step.prompt.text)
    for block in say.blocks(step):
        if isinstance(block, Ideas):
            yield from _ideas(say, block)
        elif isinstance(block, Result):
            yield from _result(say, step, block)
        elif isinstance(block, Notes):
            yield f"### {plain(say.say('report.notes'))}"
            yield "\n".join(_remark(say, remark) for remark in block.remarks)
        elif isinstance(block, Answers):
            yield from _answers(say, block)


def _ideas(say: Phrases, block: Ideas) -> Iterator[str]:
    sentences = [*say.counted(block), *([say.pointer(block)] if block.at else [])]
    if sentences:
        yield " ".join(map(opening, sentences))
    for group in block.groups:
        if heading := _heading(say, block, group):
            yield f"### {plain(f'{heading} ({say.size(group)})')}"
        if group.prompt:
            yield _quoted(group.prompt.text)
        if group.cards:
            yield "\n".join(_card(say, say.cards[card], column=block.by == "cluster") for card in group.cards)


def _quoted(text: str) -> str:
    return f"> {opened(text, '> ')}"


def opened(text: str, indent: str) -> str:
    """The same, where the first line too is the beginning of one."""
    return _OPENING.sub(r"\1\\\2", lines_of(text, indent))


def _heading(say: Phrases, block: Ideas, group: Group) -> str:
    if group.cluster:
        return say.cluster(say.clusters[group.cluster])
    if group.column:
        return group.column.text
    if group.aside:
        return say.say("report.aside")
    return say.rest(block) if len(block.groups) > 1 else ""


def _card(say: Phrases, card: Card, *, column: bool) -> str:
    aside = [card.column.text] if column and card.column else []
    aside += [card.author] if card.author else []
    aside += say.beside(card)
    more = f" ({plain(BETWEEN.join(aside))})" if aside else ""
    likewise, spoken = plain(say.say("report.likewise")), plain(say.say("report.comment"))
    twins = [
        f"\n  - {likewise} **{twin.number}** {lines_of(twin.text, '    ')}"
        f"{f' ({plain(twin.author)})' if twin.author else ''}"
        for twin in card.also
    ]
    comments = [f"\n  - {spoken} {lines_of(comment.text, '    ')}" for comment in card.comments]
    return f"- **{card.number}** {lines_of(card.text or '', '  ')}{more}{''.join(twins)}{''.join(comments)}"


def _result(say: Phrases, step: Step, block: Result) -> Iterator[str]:
    yield f"### {plain(say.result(step, block))}"
    yield " ".join(map(opening, say.voting(block)))
    columns = say.columns(block)
    rows = [
        [str(rank.rank), say.option(rank.option), str(rank.number), str(rank.hands)][: len(columns)]
        for rank in block.ranks
        if rank.rank
    ]
    if rows:
        yield _table(columns, rows, numbers=(0, *range(2, len(columns))))


def _answers(say: Phrases, block: Answers) -> Iterator[str]:
    yield opening(say.answers(block))
    if not block.shared:
        return
    if block.numbers:
        rows = [[say.step(block, number), str(n)] for number, n in enumerate(block.numbers, 1)]
        yield _table([say.say("report.step"), say.say("report.chosen")], rows, numbers=(1,))
    if block.lines:
        yield "\n".join(f"- {opened(line.text, '  ')}" for line in block.lines)


def _remark(say: Phrases, remark: Remark) -> str:
    option = remark.option
    of = say.say("report.whole") if option is None else say.option(option) if option.visible else option.mark
    return f"- **{plain(of)}**\\\n  {opened(remark.text, '  ')}"


def _table(head: list[str], rows: list[list[str]], numbers: tuple[int, ...]) -> str:
    rule = ["---:" if place in numbers else "---" for place in range(len(head))]
    lines = [[plain(cell) for cell in head], rule, *([plain(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
