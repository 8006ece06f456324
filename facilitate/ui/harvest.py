"""The harvest: results by phase on one page that prints well, and every file to take home."""

from collections.abc import Iterable, Iterator

from nicegui import ui

from facilitate import exports
from facilitate.core.report import Answers, Card, Group, Ideas, Line, Notes, Option, Remark, Report, Result, Step
from facilitate.live.runner import Runner
from facilitate.phrases import BETWEEN, SHORT, Phrases
from facilitate.ui.api import drawn_up
from facilitate.ui.desk import spaced
from facilitate.ui.document import escape
from facilitate.ui.frame import Frame, heading, link, tag


async def build(frame: Frame, runner: Runner) -> None:
    report = await drawn_up(runner, frame.lobby, frame.words.code)
    code = runner.state.session.code
    heading(frame, frame.say("harvest.title", title=report.title.text), note=spaced(code))
    with ui.element("div").classes("harvest"):
        with ui.element("section").classes("downloads").props(f'aria-label="{frame.say("harvest.downloads")}"'):
            tag("h2", frame.say("harvest.downloads"))
            with ui.element("div").classes("buttons"):
                print_ = tag("button", frame.say("desk.print")).classes("button strong").props('type="button"')
                print_.on("click", js_handler="() => window.print()")
                for kind in exports.kinds():
                    link(frame.say(f"kind.{kind}"), f"/harvest/{code}/export/{kind}").classes("button").props(
                        "download"
                    )
                link(frame.say("harvest.back-do"), f"/desk/{code}").classes("button quiet")
        ui.html(Paper(frame, report).html(runner.state.session.delete_at), sanitize=False, tag="article").classes(
            "paper"
        )


class Paper:
    """The results as HTML. What people wrote is escaped, and says which language it is in."""

    def __init__(self, frame: Frame, report: Report) -> None:
        self.frame = frame
        self.say = frame.say
        self.report = report
        self.phrases = Phrases(report)
        self.cards = report.visible()
        self.clusters = {cluster.id: cluster for cluster in report.clusters}
        self.votes = {
            rank.option.id: self.unit(block, rank.number)
            for step in report.steps
            for block in step.blocks
            if isinstance(block, Result) and block.state == "shown"
            for rank in block.ranks
            if rank.number
        }

    def html(self, delete_at: int) -> str:
        steps = [self.step(step) for step in self.report.steps if step.held]
        when = self.frame.date(self.report.started or self.report.created)
        lines = [
            self.say("harvest.when", n=self.report.people, date=when) if self.report.people else when,
            self.say("report.operator") + ": " + self.report.operator if self.report.operator else "",
            self.say("harvest.preview", time=self.frame.time(self.report.written)),
            self.say("harvest.deleted-on", date=self.frame.date(delete_at)),
        ]
        head = f"<h2>{self.line(self.report.title)}</h2>" + "".join(f"<p>{escape(line)}</p>" for line in lines if line)
        return f"<header>{head}</header>" + ("".join(steps) or f"<p>{escape(self.say('harvest.empty'))}</p>")

    def step(self, step: Step) -> str:
        stage = f'<span class="stage {step.stage[0]}">{escape(step.stage[1])}</span>' if step.stage else ""
        about = escape(BETWEEN.join(self.phrases.circumstances(step)))
        prompt = f'<p class="prompt">{self.line(step.prompt)}</p>' if step.prompt.text else ""
        blocks = "".join(self.block(step, block) for block in self.phrases.blocks(step))
        return (
            f'<section><div class="opening"><h2>{step.number}. {self.line(step.title)}</h2>'
            f'<p class="about">{stage}{about}</p>{prompt}</div>{blocks}</section>'
        )

    def block(self, step: Step, block: object) -> str:
        if isinstance(block, Ideas):
            return self.ideas(block)
        if isinstance(block, Result):
            return self.result(step, block)
        if isinstance(block, Answers):
            return self.answers(block)
        return self.notes(block) if isinstance(block, Notes) else ""

    def ideas(self, block: Ideas) -> str:
        sentences = [*self.phrases.counted(block), *([self.phrases.pointer(block)] if block.at else [])]
        about = f'<p class="count">{escape(" ".join(sentences))}</p>' if sentences else ""
        return about + "".join(self.group(block, group) for group in block.groups)

    def group(self, block: Ideas, group: Group) -> str:
        cards = "".join(self.card(self.cards[card]) for card in group.cards if card in self.cards)
        question = f'<p class="question">{self.line(group.prompt)}</p>' if group.prompt else ""
        kind = "group short" if len(group.cards) <= SHORT else "group"
        return f'<div class="{kind}">{self.group_heading(block, group)}{question}<ul>{cards}</ul></div>'

    def group_heading(self, block: Ideas, group: Group) -> str:
        if group.cluster and (cluster := self.clusters.get(group.cluster)):
            votes = f' <span class="muted">{escape(self.votes[cluster.id])}</span>' if cluster.id in self.votes else ""
            return f'<h3><span class="letter">{escape(cluster.letter)}</span> {self.line(cluster.title)}{votes}</h3>'
        if group.column:
            return f"<h3>{self.line(group.column)}</h3>"
        if group.aside:
            return f"<h3>{escape(self.say('report.aside'))}</h3>"
        return f"<h3>{escape(self.phrases.rest(block))}</h3>" if len(block.groups) > 1 else ""

    def card(self, card: Card) -> str:
        parts = (card.author or "", self.votes.get(card.id, ""), *self.phrases.beside(card))
        note = BETWEEN.join(part for part in parts if part)
        aside = f' <span class="muted">{escape(note)}</span>' if note else ""
        text = self.line(Line(card.text or self.say("report.erased"), card.lang))
        twins = "".join(
            f'<p>{self.word("report.likewise")} <span class="number">{twin.number}</span> '
            f"{self.line(Line(twin.text, twin.lang))}</p>"
            for twin in card.also
        )
        comments = "".join(f"<p>{self.word('report.comment')} {self.line(comment)}</p>" for comment in card.comments)
        return f'<li><span class="number">{card.number}</span> {text}{aside}{twins}{comments}</li>'

    def word(self, key: str) -> str:
        return f'<span class="muted">{escape(self.say(key))}</span>'

    def result(self, step: Step, result: Result) -> str:
        about = escape(" ".join(self.phrases.voting(result)))
        ranks = [rank for rank in result.ranks if rank.rank is not None]
        most = max((rank.number for rank in ranks), default=0) or 1
        columns = self.phrases.columns(result)
        rows = (
            f'<tr>{figure(str(rank.rank))}<th scope="row">{self.option(rank.option)}{bar(rank.number / most)}</th>'
            + "".join(figure(str(n)) for n in (rank.number, rank.hands)[: len(columns) - 2])
            + "</tr>"
            for rank in ranks
        )
        title = escape(self.phrases.result(step, result))
        return f'<h3>{title}</h3><p class="count">{about}</p>' + table(columns, rows, wide=1)

    def unit(self, result: Result, n: int) -> str:
        return self.say("vote.dots-on" if result.method == "dots" else "vote.votes-on", n=n)

    def answers(self, block: Answers) -> str:
        about = f'<p class="count">{escape(self.phrases.answers(block))}</p>'
        if not block.shared:
            return about
        most = max(block.numbers, default=0) or 1
        rows = [
            f'<tr><th scope="row">{escape(self.phrases.step(block, step))}{bar(n / most)}</th>{figure(str(n))}</tr>'
            for step, n in enumerate(block.numbers, 1)
        ]
        lines = "".join(f"<li>{self.line(line)}</li>" for line in block.lines)
        return (
            about
            + (table([self.say("report.step"), self.say("report.chosen")], rows, wide=0) if rows else "")
            + (f'<div class="group"><ul>{lines}</ul></div>' if lines else "")
        )

    def notes(self, notes: Notes) -> str:
        rows = (
            f"<div><dt>{self.option(remark.option) if remark.option else ''}</dt><dd>{escape(remark.text)}</dd></div>"
            for remark in self.seen(notes)
        )
        return f"<h3>{escape(self.say('report.notes'))}</h3><dl>{''.join(rows)}</dl>"

    def seen(self, notes: Notes) -> Iterator[Remark]:
        return (remark for remark in notes.remarks if remark.option is None or remark.option.visible)

    def option(self, option: Option) -> str:
        return f'<span class="number">{escape(option.mark)}</span> {self.line(option.title)}'

    def line(self, line: Line) -> str:
        lang = f' lang="{escape(line.lang)}"' if line.lang else ""
        return f'<span{lang} dir="auto">{escape(line.text)}</span>'


def table(columns: list[str], rows: Iterable[str], wide: int) -> str:
    """The column at `wide` takes the room that the numbers leave."""
    kinds = ("" if place == wide else ' class="figure"' for place in range(len(columns)))
    head = "".join(f'<th scope="col"{kind}>{escape(name)}</th>' for name, kind in zip(columns, kinds, strict=True))
    return f'<table class="ranks"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def figure(text: str) -> str:
    return f'<td class="figure">{text}</td>'


def bar(share: float) -> str:
    """A drawing, because browsers leave backgrounds out of prints."""
    rect = f'<rect width="{share:.2%}" height="100%"/>'
    return f'<svg class="bar" aria-hidden="true">{rect}</svg>' if share > 0 else ""
