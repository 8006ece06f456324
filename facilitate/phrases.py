"""What minutes say, whatever they are written in: facts, times and counts in the reader's language."""

from collections.abc import Iterator
from typing import Any

from facilitate.core.report import Answers, Card, Group, Heading, Ideas, Option, Report, Result, Step
from facilitate.languages import catalogue, negotiate, usable

BETWEEN = " · "
SHORT = 9  # cards of a group that a print keeps on one page
TO = "\u2013"  # an en dash


class Phrases:
    """Plain text, not yet escaped for any format."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.zone = usable(report.timezone)
        self.catalogue = catalogue(negotiate(report.language))
        self.cards = report.visible()
        self.clusters = {cluster.id: cluster for cluster in report.clusters}
        self.steps = {step.id: step for step in report.steps}
        self.votes = {option: given for option, given in dict(self._votes()).items() if given}

    def _votes(self) -> Iterator[tuple[str, str]]:
        """(option, what it was given; "" for nothing), the newest round last: that one counts, whatever it gave."""
        results = [block for step in self.report.steps for block in self.blocks(step) if isinstance(block, Result)]
        for block in sorted(results, key=lambda block: block.opened):
            for rank in block.ranks:
                yield rank.option.id, self.given(block, rank.number) if rank.number else ""

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
        yield self.say("report.timezone"), self.zone
        yield self.say("report.people"), str(it.people)
        for part in it.breakdowns:
            told = [f"{answer.text} {number}" for answer, number in part.told]
            rest = [self.say("report.others", n=part.rest)] if part.rest else []
            yield part.title.text.rstrip("?:"), ", ".join(told + rest)
        if it.operator:
            yield self.say("report.operator"), it.operator
        yield self.say("report.languages"), ", ".join(map(self.language, it.languages))

    def language(self, code: str) -> str:
        return self.catalogue.locale.languages.get(code.split("-")[0]) or code

    def span(self, started: int, ended: int | None) -> str:
        """From when to when, with what a reader needs who might take it for another time or day."""
        zone = self.zone
        begin = self.catalogue.time(started, zone)
        if ended is None:
            return f"{begin}, {self.say('report.ongoing')}"
        end = self.catalogue.time(ended, zone)
        before, after = self.catalogue.offset(started, zone), self.catalogue.offset(ended, zone)
        if before != after:  # the clocks were changed between, and an hour of that night is there twice, or not at all
            begin, end = f"{begin} ({before})", f"{end} ({after})"
        if (day := self.catalogue.date(ended, zone)) != self.catalogue.date(started, zone):
            return f"{begin} {TO} {day}, {end}"
        return f"{begin}{TO}{end}"

    def when(self, step: Step) -> str:
        if step.started is not None:
            return self.span(step.started, step.ended)
        if step.skipped:
            return self.say("report.skipped")
        return self.say("report.not-held") if self.report.state == "ended" else TO

    def circumstances(self, step: Step) -> Iterator[str]:
        """What is said below the heading of a step, but for its stage."""
        if step.activity[1] != step.title.text:
            yield step.activity[1]
        if step.started is not None:
            yield self.span(step.started, step.ended)
        if step.minutes:
            yield self.say("report.planned", n=step.minutes)
        if step.repeats in self.steps:
            yield self.say("report.repeats", i=self.steps[step.repeats].number)
        elif step.added:
            yield self.say("report.added")

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
        elif not (block.face_down or block.groups or block.carried or block.omitted):
            yield self.say("report.no-ideas")
        if block.carried:
            yield self.say("report.carried", n=block.carried)
        if block.face_down:
            yield self.say("report.face-down", n=block.face_down)
        for missing in block.omitted:
            yield self.say(f"report.omitted-{missing.state}", n=missing.number)

    def pointer(self, block: Ideas) -> str:
        step = self.steps[str(block.at)]
        return self.say("report.elsewhere", i=step.number, title=step.title.text)

    def size(self, group: Group) -> str:
        """How many ideas a group has, and what it was given if it was voted on."""
        parts = (self.say("report.ideas-count", n=len(group.cards)), self.votes.get(group.cluster or "", ""))
        return BETWEEN.join(part for part in parts if part)

    def cluster(self, heading: Heading) -> str:
        return f"{heading.letter}: {heading.title.text}" if heading.titled else heading.title.text

    def rest(self, block: Ideas) -> str:
        return self.say("report.unplaced" if block.by == "cluster" else "report.no-column")

    def origin(self, card: Card) -> str:
        """Where a carried card came from; "" of any other."""
        if card.origin is None or card.origin.board not in self.report.boards:
            return ""
        key = "report.from" if card.origin.votes is None else "report.from-votes"
        board = self.report.boards[card.origin.board].text
        return self.say(key, board=board, mark=card.origin.mark, n=card.origin.votes)

    def beside(self, card: Card) -> list[str]:
        """What is said of a card besides its text: what it was given, where it came from, what others made of it."""
        return [
            *([self.votes[card.id]] if card.id in self.votes else []),
            *([origin] if (origin := self.origin(card)) else []),
            *([self.say("report.plus", n=card.agree)] if card.agree else []),
            *([self.say("report.brought")] if card.chosen else []),
        ]

    def result(self, step: Step, block: Result) -> str:
        several = sum(isinstance(other, Result) for other in self.blocks(step)) > 1
        return self.say("report.result") + (f": {self.say('report.round', n=block.number)}" if several else "")

    def answers(self, block: Answers) -> str:
        """How many answers there are, and why the reader finds no more than that."""
        if block.shared:
            return self.say("report.answers", n=block.given) + "."
        return self.say("report.answers-kept" if block.kept else "report.answers-unshown", n=block.given)

    def step(self, block: Answers, number: int) -> str:
        """A step of a scale, with what its ends mean."""
        low, high = (self.pick(texts) for texts in (block.low, block.high))
        meaning = low if number == 1 else high if number == len(block.numbers) else ""
        return f"{number} ({meaning})" if meaning else str(number)

    def pick(self, texts: dict[str, str]) -> str:
        for code in (self.report.language, self.report.language.split("-")[0], *self.report.languages, *texts):
            if texts.get(code):
                return texts[code]
        return ""

    def voting(self, block: Result) -> Iterator[str]:
        """Sentences on how a round was voted."""
        yield f"{self.say('report.method')}: {self._known(f'method.{block.method}', block.method)}."
        if hands := sum(rank.hands for rank in block.ranks if rank.rank):
            yield self.say("report.hands", n=hands)
        if not block.voters:
            if not hands:
                yield self.say("report.no-votes")
            return
        yield self.say("report.voters", n=block.voters) + "."
        yield self.say("report.named" if block.named else "report.secret")

    def unit(self, block: Result) -> str:
        """What was given: dots, or votes in general."""
        return self.say("report.dots" if block.method == "dots" else "report.votes")

    def given(self, block: Result, n: int) -> str:
        return self.say("vote.dots-on" if block.method == "dots" else "vote.votes-on", n=n)

    def columns(self, block: Result) -> list[str]:
        """The head of a result's table; with a column for hands where some were counted."""
        hands = [self.say("report.hands-of")] if any(rank.hands for rank in block.ranks if rank.rank) else []
        return [self.say("report.rank"), self.say("report.option"), self.unit(block), *hands]

    def option(self, option: Option) -> str:
        return f"{option.mark}: {option.title.text}" if option.titled else option.title.text

    def endings(self) -> Iterator[str]:
        """Sentences at the foot."""
        if self.report.names == "none":
            yield self.say("report.privacy")
        date = self.catalogue.date(self.report.written, self.zone)
        it = self.report
        yield self.say("report.generated", date=date, format=it.format, code=it.code)

    def _known(self, key: str, name: str) -> str:
        try:
            return self.say(key)
        except KeyError:
            return name
