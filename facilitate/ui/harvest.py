"""The harvest: results by phase on one page that prints well, and every file to take home."""

from collections.abc import Iterator

from nicegui import ui

from facilitate import exports
from facilitate.core.report import Answers, Card, Group, Ideas, Line, Notes, Option, Remark, Report, Result, Step
from facilitate.exports._phrases import Phrases
from facilitate.live.runner import Runner
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
                for kind in exports.kinds():
                    link(frame.say(f"kind.{kind}"), f"/harvest/{code}/export/{kind}").classes("button").props(
                        "download"
                    )
                print_ = tag("button", frame.say("desk.print")).classes("button strong").props('type="button"')
                print_.on("click", js_handler="() => window.print()")
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
        stage = f'<p class="stage {step.stage[0]}">{escape(step.stage[1])}</p>' if step.stage else ""
        prompt = f'<p class="prompt">{self.line(step.prompt)}</p>' if step.prompt.text else ""
        blocks = "".join(self.block(block) for block in step.blocks)
        return f"<section>{stage}<h2>{step.number}. {self.line(step.title)}</h2>{prompt}{blocks}</section>"

    def block(self, block: object) -> str:
        if isinstance(block, Ideas):
            return self.ideas(block)
        if isinstance(block, Result):
            return self.result(block) if block.state == "shown" else ""
        if isinstance(block, Answers):
            return self.answers(block)
        return self.notes(block) if isinstance(block, Notes) else ""

    def ideas(self, block: Ideas) -> str:
        parts = [self.group(group) for group in block.groups]
        if block.at:
            step = next((step for step in self.report.steps if step.id == block.at), None)
            parts.append(f"<p>{escape(self.say('harvest.at', title=step.title.text if step else ''))}</p>")
        if block.face_down:
            parts.append(f"<p>{escape(self.say('screen.private', n=block.face_down))}</p>")
        return "".join(parts) or f"<p>{escape(self.say('report.no-ideas'))}</p>"

    def group(self, group: Group) -> str:
        cards = [self.cards[card] for card in group.cards if card in self.cards]
        return f'<div class="group">{self.group_heading(group)}<ul>{"".join(map(self.card, cards))}</ul></div>'

    def group_heading(self, group: Group) -> str:
        if group.cluster and (cluster := self.clusters.get(group.cluster)):
            votes = f' <span class="muted">{escape(self.votes[cluster.id])}</span>' if cluster.id in self.votes else ""
            return f'<h3><span class="letter">{escape(cluster.letter)}</span> {self.line(cluster.title)}{votes}</h3>'
        if group.column:
            return f"<h3>{self.line(group.column)}</h3>"
        if group.aside:
            return f"<h3>{escape(self.say('report.aside'))}</h3>"
        return f"<h3>{escape(self.say('harvest.unplaced'))}</h3>" if self.clusters else ""

    def card(self, card: Card) -> str:
        agree = self.say("report.plus", n=card.agree) if card.agree else ""
        parts = (card.author or "", self.votes.get(card.id, ""), self.phrases.origin(card), agree)
        note = " · ".join(part for part in parts if part)
        aside = f' <span class="muted">{escape(note)}</span>' if note else ""
        text = self.line(Line(card.text or self.say("report.erased"), card.lang))
        twins = "".join(
            f'<p><span class="number">{twin.number}</span> {self.line(Line(twin.text, twin.lang))}</p>'
            for twin in card.also
        )
        comments = "".join(f'<p class="muted">{self.line(comment)}</p>' for comment in card.comments)
        return f'<li><span class="number">{card.number}</span> {text}{aside}{twins}{comments}</li>'

    def result(self, result: Result) -> str:
        most = max((rank.number for rank in result.ranks), default=0) or 1
        rows = "".join(
            f'<tr><th scope="row">{rank.rank}</th><td>{self.option(rank.option)}</td>'
            f'<td class="bar-cell"><svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
            f'<path d="M0 0h{100 * rank.number / most:.1f}v1H0z"/></svg></td>'
            f"<td>{escape(self.counted(result, rank.number, rank.hands))}</td></tr>"
            for rank in result.ranks
            if rank.option.visible
        )
        head = (
            "".join(f'<th scope="col">{escape(self.say(key))}</th>' for key in ("report.rank", "report.option"))
            + f'<th scope="col" colspan="2">{escape(self.say("report.result"))}</th>'
        )
        voters = escape(self.say("report.voters", n=result.voters))
        return (
            f"<h3>{escape(self.say('harvest.votes'))}</h3><p>{voters}</p>"
            f'<table class="ranks"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        )

    def unit(self, result: Result, n: int) -> str:
        return self.say("vote.dots-on" if result.method == "dots" else "vote.votes-on", n=n)

    def counted(self, result: Result, n: int, hands: int) -> str:
        told = self.unit(result, n)
        return f"{told} ({self.say('vote.hands', k=hands)})" if hands else told

    def answers(self, block: Answers) -> str:
        about = f"<p>{escape(self.phrases.answers(block))}</p>"
        if not block.shared:
            return about
        most = max(block.numbers, default=0) or 1
        rows = "".join(
            f'<tr><th scope="row">{escape(self.phrases.step(block, step))}</th>'
            f'<td class="bar-cell"><svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
            f'<path d="M0 0h{100 * n / most:.1f}v1H0z"/></svg></td><td>{n}</td></tr>'
            for step, n in enumerate(block.numbers, 1)
        )
        head = (
            f'<th scope="col">{escape(self.say("report.step"))}</th>'
            f'<th scope="col" colspan="2">{escape(self.say("report.chosen"))}</th>'
        )
        table = f'<table class="ranks"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>' if rows else ""
        lines = "".join(f"<li>{self.line(line)}</li>" for line in block.lines)
        return about + table + (f'<div class="group"><ul>{lines}</ul></div>' if lines else "")

    def notes(self, notes: Notes) -> str:
        rows = (
            f"<dt>{self.option(remark.option) if remark.option else ''}</dt><dd>{escape(remark.text)}</dd>"
            for remark in self.seen(notes)
        )
        return f"<h3>{escape(self.say('harvest.notes'))}</h3><dl>{''.join(rows)}</dl>"

    def seen(self, notes: Notes) -> Iterator[Remark]:
        return (remark for remark in notes.remarks if remark.option is None or remark.option.visible)

    def option(self, option: Option) -> str:
        return f'<span class="number">{escape(option.mark)}</span> {self.line(option.title)}'

    def line(self, line: Line) -> str:
        lang = f' lang="{escape(line.lang)}"' if line.lang else ""
        return f'<span{lang} dir="auto">{escape(line.text)}</span>'
