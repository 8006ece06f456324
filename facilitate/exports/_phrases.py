"""What minutes say, whatever they are written in: facts, times and counts in the reader's language."""

from collections.abc import Iterator
from typing import Any

from babel.localtime import LOCALTZ

from facilitate.core.report import Group, Heading, Ideas, Option, Report, Result, Step
from facilitate.languages import catalogue, negotiate

HERE = str(getattr(LOCALTZ, "key", "UTC"))
BETWEEN = " · "
TO = "\u2013"  # an en dash


class Phrases:
    """Plain text, not yet escaped for any format."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.zone = report.timezone or HERE
        self.catalogue = catalogue(negotiate(report.language))
        self.cards = report.visible()
        self.clusters = {cluster.id: cluster for cluster in report.clusters}
        self.steps = {step.id: step for step in report.steps}

    def say(self, key: str, /, **values: Any) -> str:
        return self.catalogue.say(key, **values)

    @property
    def title(self) -> str:
        return self.say("report.title", title=self.report.title.text)

    def facts(self) -> Iterator[tuple[str, str]]:
        """(label, value) of what stands at the top of minutes."""
        it = self.report
        if it.started is not None:
            day = self.catalogue.date(it.started, self.zone)
            yield self.say("report.date"), f"{day}, {self.span(it.started, it.ended)}"
        yield self.say("report.people"), str(it.people)
        if it.operator:
            yield self.say("report.operator"), it.operator
        yield self.say("report.languages"), ", ".join(map(self.language, it.languages))
        yield self.say("report.format"), it.format
        yield self.say("report.code"), it.code

    def language(self, code: str) -> str:
        return self.catalogue.locale.languages.get(code.split("-")[0]) or code

    def span(self, started: int, ended: int | None) -> str:
        """From when to when, with what a reader needs who might take it for another time or day."""
        zone = self.zone
        suffix = " UTC" if zone in ("UTC", "Etc/UTC") else ""
        begin = self.catalogue.time(started, zone)
        if ended is None:
            return f"{begin}{suffix}, {self.say('report.ongoing')}"
        end = self.catalogue.time(ended, zone)
        if (day := self.catalogue.date(ended, zone)) != self.catalogue.date(started, zone):
            return f"{begin} {TO} {day}, {end}{suffix}"
        return f"{begin}{TO}{end}{suffix}"

    def when(self, step: Step) -> str:
        if step.started is not None:
            return self.span(step.started, step.ended)
        return self.say("report.not-held") if self.report.state == "ended" else TO

    def circumstances(self, step: Step) -> Iterator[str]:
        """What is said below the heading of a step, but for its stage."""
        if step.activity[1] != step.title.text:
            yield step.activity[1]
        if step.started is not None:
            yield self.span(step.started, step.ended)
        if step.minutes:
            yield self.say("report.planned", n=step.minutes)

    def held(self) -> list[Step]:
        """The steps that minutes tell of. What was written counts even where its step was taken back."""
        return [step for step in self.report.steps if (step.held and step.prompt.text) or self.blocks(step)]

    def blocks(self, step: Step) -> list[Any]:
        """The blocks for readers: without what was counted but never shown."""
        return [block for block in step.blocks if not isinstance(block, Result) or block.state == "shown"]

    def counted(self, block: Ideas) -> Iterator[str]:
        """Sentences on the ideas of a block, above their list."""
        if block.written:
            yield self.say("report.ideas-count", n=block.written) + "."
        elif not block.face_down and not block.groups:
            yield self.say("report.no-ideas")
        if block.face_down:
            yield self.say("report.face-down", n=block.face_down)

    def pointer(self, block: Ideas) -> str:
        step = self.steps[str(block.at)]
        return self.say("report.elsewhere", i=step.number, title=step.title.text)

    def size(self, group: Group) -> str:
        return self.say("report.ideas-count", n=len(group.cards))

    def cluster(self, heading: Heading) -> str:
        return f"{heading.letter}: {heading.title.text}" if heading.titled else heading.title.text

    def rest(self, block: Ideas) -> str:
        return self.say("report.unplaced" if block.by == "cluster" else "report.no-column")

    def result(self, step: Step, block: Result) -> str:
        several = sum(isinstance(other, Result) for other in self.blocks(step)) > 1
        return self.say("report.result") + (f": {self.say('report.round', n=block.number)}" if several else "")

    def voting(self, block: Result) -> Iterator[str]:
        """Sentences on how a round was voted."""
        yield f"{self.say('report.method')}: {self._known(f'method.{block.method}', block.method)}."
        if not block.voters:
            yield self.say("report.no-votes")
            return
        yield self.say("report.voters", n=block.voters) + "."
        yield self.say("report.named" if block.named else "report.secret")

    def unit(self, block: Result) -> str:
        """What was given: dots, or votes in general."""
        return self.say("report.dots" if block.method == "dots" else "report.votes")

    def option(self, option: Option) -> str:
        return f"{option.mark}: {option.title.text}" if option.titled else option.title.text

    def endings(self) -> Iterator[str]:
        """Sentences at the foot."""
        if self.report.names == "none":
            yield self.say("report.privacy")
        date = self.catalogue.date(self.report.written, self.zone)
        yield self.say("report.generated", date=date) + "."

    def _known(self, key: str, name: str) -> str:
        try:
            return self.say(key)
        except KeyError:
            return name
