"""The report of a session: what remains of it, in a neutral form, before an export writes it to a file.

All that facilitators can read at their desk is in it, and nothing that is covered for them too; `Card.state` and
`Result.state` say what a reader may see. An export for readers writes what is "open" and "shown"; the JSON export
writes it all, and the log, so that nothing is lost.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from facilitate.core.actors import is_facilitators
from facilitate.core.book import Rules
from facilitate.core.events import Event, blanked
from facilitate.core.formats import Texts
from facilitate.core.groups import table_of, title_of
from facilitate.core.people import breakdown, people_in
from facilitate.core.rounds import hands_of, tally_of
from facilitate.core.state import State
from facilitate.core.tables import Board, Cluster, Idea, Origin, Phase, Round
from facilitate.core.view import is_covered


class Words(Protocol):
    """A catalogue's `say`: KeyError for a key that no language has."""

    def __call__(self, key: str, /, **values: Any) -> str: ...


class Line(Struct, frozen=True):
    """A text and the language it is in; `Line("", "")` of nothing."""

    text: str
    lang: str


class Twin(Struct, frozen=True):
    """A duplicate that lies on another idea's card: what it says, and who wrote it where names are shown."""

    number: int
    text: str
    lang: str
    author: str | None = None


class Card(Struct, frozen=True):
    """An idea. `text` is None where facilitators do not read it: taken back, erased, or face down and not peeked at.

    `time` (ms) is the start of its phase, never its own.
    """

    id: str
    number: int
    text: str | None
    lang: str
    board: str
    column: Line | None
    cluster: str | None
    votes: int | None  # in the last round shown that it, or the cluster it lies in, stood in
    phase: str
    time: int | None
    state: str  # open, or why it is not seen: face-down, late, hidden, withdrawn, erased
    source: str
    author: str | None = None  # only where the session shows names
    origin: Origin | None = None  # of a carried card
    also: tuple[Twin, ...] = ()  # its duplicates that readers may see
    comments: tuple[Line, ...] = ()  # those that readers may see, the oldest first
    agree: int = 0
    hands: int = 0  # how many of the votes were hands counted in the room
    chosen: bool = False  # by its group, to bring along

    @property
    def is_visible(self) -> bool:
        return self.state == "open"


class Heading(Struct, frozen=True):
    """A cluster with its title, or with words that say that it has none."""

    id: str
    board: str
    letter: str
    title: Line
    titled: bool


class Option(Struct, frozen=True):
    """What was voted on or talked about: `mark` is a card's number or a cluster's letter."""

    id: str
    mark: str
    title: Line
    visible: bool
    titled: bool = True


class Rank(Struct, frozen=True):
    """A line of a result. Equal numbers share a rank; an option that nobody may see has none."""

    option: Option
    rank: int | None
    number: int  # with the hands
    hands: int = 0  # how many of them were hands counted in the room


class Group(Struct, frozen=True):
    """Cards under one heading: a cluster, a column, or (both None) what has neither."""

    cards: tuple[str, ...]  # ids of visible ones, by number
    cluster: str | None = None
    column: Line | None = None
    aside: bool = False  # the parking lot
    prompt: Line | None = None  # a question of its own


OMITTED = ("hidden", "rejected", "returned", "waiting", "late")


class Omitted(Struct, frozen=True):
    """Cards that readers do not find (`state` as in `Card`). What was said about them concerns their authors alone."""

    state: str
    number: int


class Ideas(Struct, frozen=True, tag="ideas"):
    """Cards in full, each in one place of a report: by cluster, or by column at the phase that wrote them.

    `written` counts what this phase wrote, `carried` what came to it from other boards, `face_down` what nobody has
    turned over, `omitted` what else is missing. Where its cards stand under the clusters of another phase, that phase
    is `at`, and `groups` is empty.
    """

    board: str
    by: str  # "cluster" or "column"
    groups: tuple[Group, ...]
    written: int
    face_down: int
    at: str | None = None
    carried: int = 0
    omitted: tuple[Omitted, ...] = ()


class Result(Struct, frozen=True, tag="result"):
    """A round that is closed; only one that is `shown` is for readers."""

    round: str
    number: int  # of the phase's rounds
    method: str
    of: str
    state: str
    named: bool
    voters: int  # phones
    ranks: tuple[Rank, ...]
    opened: int = 0  # its place among all rounds of the session


class Remark(Struct, frozen=True):
    """A note; `option` None: on the phase as a whole. The text may have several lines."""

    option: Option | None
    text: str


class Notes(Struct, frozen=True, tag="notes"):
    remarks: tuple[Remark, ...]


class Answers(Struct, frozen=True, tag="answers"):
    """What all were asked: how many chose each step from 1 on, or what they said, by their words.

    `shared`: for readers too; otherwise only how many there are is.
    """

    phase: str
    given: int
    numbers: tuple[int, ...]
    lines: tuple[Line, ...]
    shared: bool
    kept: bool = False  # for the facilitators alone from the start
    low: Texts = {}  # what the ends of the scale mean
    high: Texts = {}


Block = Ideas | Result | Notes | Answers


class Step(Struct, frozen=True):
    """A phase. `stage` and `activity` are (id, word); times are ms, `minutes` is what was planned."""

    id: str
    number: int
    stage: tuple[str, str] | None
    activity: tuple[str, str]
    title: Line
    prompt: Line
    minutes: float | None
    held: bool
    started: int | None
    ended: int | None
    blocks: tuple[Block, ...] = ()
    skipped: bool = False
    added: bool = False  # while the session ran
    repeats: str | None = None  # the step that it is a fresh run of


class Breakdown(Struct, frozen=True):
    """How those who were there answered a question at the door: answers of a handful at least, all others together."""

    title: Line
    told: tuple[tuple[Line, int], ...]
    rest: int


class Report(Struct, frozen=True):
    """Times are milliseconds since 1970; `timezone` is that of the clock which shows them to readers."""

    title: Line
    code: str
    format: str
    language: str
    languages: tuple[str, ...]
    timezone: str
    operator: str
    names: str  # the session's setting
    people: int
    state: str
    created: int
    started: int | None
    ended: int | None
    written: int
    steps: tuple[Step, ...]
    boards: dict[str, Line]
    cards: tuple[Card, ...]  # all, by number
    clusters: tuple[Heading, ...]
    rows: dict[str, dict[str, Any]]  # participant -> name, and attributes where names are shown
    log: tuple[Event, ...] = ()
    breakdowns: tuple[Breakdown, ...] = ()

    def visible(self) -> dict[str, Card]:
        """The cards that readers may see, by id, in the order of their numbers."""
        return {card.id: card for card in self.cards if card.is_visible}

    def face_down(self) -> int:
        """How many cards nobody has turned over."""
        return sum(card.state == "face-down" for card in self.cards)


def report(
    state: State,
    rules: Rules,
    names: Mapping[str, dict[str, Any]],
    language: str,
    words: Words,
    at: int,
    log: Iterable[Event] = (),
    timezone: str = "",
) -> Report:
    """What remains of the session, for a reader of `language`, as of `at` (ms).

    `names` are the rows beside the log. With the log, phases tell when they began for the first time; without it,
    when they last did. Times are by the session's own clock unless `timezone` names another. An activity adds to its
    phase by `report(state, phase, rules) -> list[Block]`.
    """
    tables = ("idea", "comment", "answer")
    erased = frozenset(thing.id for table in tables for thing in state.tables[table].values() if thing.erased)
    kept = tuple(blanked(event, erased) for event in log) if erased else tuple(log)
    return _Clerk(state, rules, names, language, words, kept).report(at, timezone)


class _Clerk:
    """Writes one report; holds what all its parts look up."""

    def __init__(
        self,
        state: State,
        rules: Rules,
        names: Mapping[str, dict[str, Any]],
        language: str,
        words: Words,
        log: tuple[Event, ...],
    ) -> None:
        self.state, self.rules, self.names, self.language, self.words = state, rules, names, language, words
        self.log = log
        self.spans = _spans(state, log)
        self.ideas = sorted(state.ideas.values(), key=lambda idea: idea.number)
        self.seen = [idea for idea in self.ideas if idea.is_visible]
        self.tallies = [
            _given(state, round_, rules)
            for round_ in reversed(state.rounds.values())
            if round_.state == "shown" and round_.method in rules.methods
        ]
        self.missing = Counter((idea.phase, idea.state) for idea in self.ideas)
        self.homes = {board: home for board in state.boards if (home := self._home(board))}
        self.sat = {(group.grouping, group.board): group for group in state.groups.values()}

    def report(self, at: int, timezone: str) -> Report:
        session = self.state.session
        starts = [started for started, _ in self.spans.values() if started is not None]
        return Report(
            title=self.line(session.title),
            code=session.code,
            format=session.format,
            language=self.language,
            languages=session.languages,
            timezone=timezone or self.rules.timezone_of(session),
            operator=session.operator,
            names=session.names,
            people=people_in(self.state),
            state=session.state,
            created=session.created,
            started=min(starts, default=None),
            ended=session.ended,
            written=at,
            steps=tuple(self.step(phase) for phase in self.state.agenda()),
            boards={board.id: self.place(board) for board in self.state.boards.values() if not board.removed},
            cards=tuple(self.card(idea) for idea in self.ideas),
            clusters=tuple(
                self.heading(cluster) for board in self.state.boards for cluster in self.state.clusters_of(board)
            ),
            rows=self.rows(),
            breakdowns=tuple(self.breakdowns()),
            log=self.log if session.names != "none" else tuple(_rounded(self.log)),
        )

    def rows(self) -> dict[str, dict[str, Any]]:
        """What may leave the server of the rows beside the log."""
        kept = {"none": (), "optional": ("name",), "shown": ("name", "attributes")}[self.state.session.names]
        rows = {person: {key: row[key] for key in kept if row.get(key)} for person, row in self.names.items()}
        return {person: row for person, row in rows.items() if row}

    def breakdowns(self) -> Iterator[Breakdown]:
        for plan in self.state.session.attributes:
            told, rest = breakdown(self.state, plan)
            titles = {option.id: self.line(option.title) for option in plan.options}
            answers = tuple((titles.get(answer, Line(answer, "")), number) for answer, number in told.items())
            if answers or rest:
                yield Breakdown(self.line(plan.title), answers, rest)

    # --- phases

    def step(self, phase: Phase) -> Step:
        started, ended = self.spans[phase.id]
        return Step(
            id=phase.id,
            number=phase.order,
            stage=(phase.stage, self.word("stage", phase.stage)) if phase.stage else None,
            activity=(phase.activity, self.word("activity", phase.activity)),
            title=self.line(phase.title),
            prompt=self.line(phase.prompt),
            minutes=phase.minutes,
            held=phase.was_started,
            started=started,
            ended=ended,
            blocks=tuple(self.blocks(phase)),
            skipped=phase.skipped,
            added=phase.inserted,
            repeats=phase.repeats,
        )

    def blocks(self, phase: Phase) -> Iterator[Block]:
        yield from self.written(phase)
        for round_ in self.state.rounds.values():
            if round_.phase == phase.id and round_.state != "open" and round_.method in self.rules.methods:
                yield self.result(round_)
        remarks = tuple(
            Remark(self.option(note.item), note.text)
            for note in self.state.notes.values()
            if note.phase == phase.id and note.text
        )
        if remarks:
            yield Notes(remarks)
        yield from self.rules.ask(phase, "report", lambda state, phase, rules: [])(self.state, phase, self.rules)

    # --- ideas

    def written(self, phase: Phase) -> Iterator[Ideas]:
        mine = [idea for idea in self.seen if idea.phase == phase.id]
        down = sum(idea.face_down for idea in self.ideas if idea.phase == phase.id and idea.stands)
        gone = tuple(self.omitted(phase))
        carried = sum(idea.source == "carried" for idea in mine)
        counts = (len(mine) - carried, down)
        asked = phase.was_started and phase.board is not None and self.rules.allows(phase, "PostIdea")
        home = self.homes.get(phase.board or "")
        here = self.here(phase, home, mine)
        if home is phase:
            groups = tuple(self.by_cluster(phase))
            yield Ideas(str(phase.board), "cluster", groups, *counts, carried=carried, omitted=gone)
        elif home is not None and mine and not here:
            yield Ideas(str(phase.board), "cluster", (), *counts, at=home.id, carried=carried, omitted=gone)
        elif mine or down or gone or asked:
            groups = tuple(self.by_column(here))
            at = home.id if home and len(here) < len(mine) else None
            yield Ideas(str(phase.board), "column", groups, *counts, at=at, carried=carried, omitted=gone)

    def omitted(self, phase: Phase) -> Iterator[Omitted]:
        """What its author took back, or what was erased, is not even counted."""
        for state in OMITTED:
            if number := self.missing[phase.id, state]:
                yield Omitted(state, number)

    def _home(self, board: str) -> Phase | None:
        """Where a board's cards stand by cluster: at its last cluster phase, or else at the last that wrote on it."""
        if not any(idea.cluster for idea in self.seen if idea.board == board):
            return None
        held = [phase for phase in self.state.agenda() if phase.board == board and phase.was_started]
        sorted_ = [phase for phase in held if phase.activity == "cluster"]
        wrote = {idea.phase for idea in self.seen if idea.board == board}
        return (sorted_ or [phase for phase in self.state.agenda() if phase.id in wrote])[-1]

    def here(self, phase: Phase, home: Phase | None, mine: list[Idea]) -> list[Idea]:
        """What a phase itself lists: all that it wrote, but for what stands at the clusters' phase."""
        if home is None:
            return mine
        return [idea for idea in mine if idea.cluster is None and phase.order > home.order]

    def by_cluster(self, home: Phase) -> Iterator[Group]:
        board = str(home.board)
        mine = [idea for idea in self.seen if idea.board == board]
        placed: dict[str | None, list[str]] = {}
        for idea in mine:
            placed.setdefault(idea.cluster, []).append(idea.id)
        for cluster in self.state.clusters_of(board):
            cards = tuple(placed.get(cluster.id, ()))
            if cards or cluster.title:
                yield Group(cards, cluster=cluster.id)
        before = {phase.id for phase in self.state.phases.values() if phase.order <= home.order}
        rest = [idea for idea in mine if idea.cluster is None and idea.phase in before]
        for aside in (False, True):
            if cards := tuple(idea.id for idea in rest if idea.aside == aside):
                yield Group(cards, aside=aside)

    def by_column(self, ideas: Sequence[Idea]) -> Iterator[Group]:
        apart = [idea for idea in ideas if self.state.boards[idea.board].of]
        yield from self.by_group(apart)
        ideas = [idea for idea in ideas if not self.state.boards[idea.board].of]
        boards = dict.fromkeys(idea.board for idea in ideas)
        columns = [column for board in boards for column in self.state.boards[board].columns]
        for column in columns:
            cards = tuple(idea.id for idea in ideas if idea.column == column.id)
            if cards:
                yield Group(cards, column=self.line(column.title))
        known = {column.id for column in columns}
        rest = tuple(idea.id for idea in ideas if idea.column not in known)
        if rest:
            yield Group(rest)

    def by_group(self, ideas: Sequence[Idea]) -> Iterator[Group]:
        """What groups wrote on boards of their own, under the group's name and what they sorted it by."""
        heaps: dict[tuple[int, str, str], list[Idea]] = {}
        for idea in ideas:
            board, cluster = self.state.boards[idea.board], self.state.clusters.get(idea.cluster or "")
            column = next((self.line(one.title).text for one in board.columns if one.id == idea.column), "")
            about = self.title_of(cluster).text if cluster and not cluster.dissolved else column
            heaps.setdefault((board.table, self.group_name(board, idea), about), []).append(idea)
        asked = set()
        for (table, name, about), cards in sorted(heaps.items()):
            heading = Line(f"{name}: {about}" if about else name, self.language)
            prompt = self.line(self.asked(cards[0]))
            first = bool(prompt.text) and (table, name) not in asked
            asked.add((table, name))
            yield Group(tuple(card.id for card in cards), column=heading, prompt=prompt if first else None)

    def asked(self, idea: Idea) -> Texts:
        """The question of the board in the round of this idea: a later one may have asked anew."""
        group, board = self.sat.get((idea.phase, idea.board)), self.state.boards[idea.board]
        return board.prompt if group is None or group.prompt is None else group.prompt

    def group_name(self, board: Board, idea: Idea) -> str:
        """Of those who wrote it; groups that move on are told apart by the table at which they write."""
        table = table_of(self.state, board.id)
        if table or (self.state.phases[idea.phase].settings.get("groups") or {}).get("rotate"):
            return self.words("group.table", table=table or board.table)
        group = self.sat.get((idea.phase, board.id)) or self.state.groups.get(board.group or "")
        if group and group.name:
            title = title_of(self.state, group)
            return self.words("group.named", name=self.line(title).text if title else group.name)
        return self.words("group.number", n=board.table)

    def card(self, idea: Idea) -> Card:
        board = self.state.boards[idea.board]
        cluster = self.state.clusters.get(idea.cluster or "")
        return Card(
            id=idea.id,
            number=idea.number,
            text=self.text(idea),
            lang=idea.lang,
            board=idea.board,
            column=next((self.line(column.title) for column in board.columns if column.id == idea.column), None),
            cluster=cluster.id if cluster and not cluster.dissolved else None,
            votes=self.votes(idea),
            hands=self.votes(idea, of=1) or 0,
            phase=idea.phase,
            time=self.spans[idea.phase][0],
            state=idea.state,
            source=idea.source,
            author=self.author(idea),
            origin=idea.origin,
            also=tuple(
                Twin(other.number, other.text or "", other.lang, self.author(other))
                for other in self.state.shown_on(idea.id)
                if not other.face_down
            ),
            comments=tuple(self.comments(idea)),
            agree=self.state.agreed.get(idea.id, 0),
            chosen=idea.chosen,
        )

    def text(self, idea: Idea) -> str | None:
        return None if idea.withdrawn or is_covered(self.state, idea) else idea.text

    def comments(self, idea: Idea) -> Iterator[Line]:
        for id_ in self.state.said_on.get(idea.id, ()):
            comment = self.state.comments[id_]
            if comment.state == "open" and comment.text:
                yield Line(comment.text, comment.lang)

    def author(self, idea: Idea) -> str | None:
        if self.state.session.names == "none" or idea.erased:
            return None
        return self.names.get(idea.author, {}).get("name") or None

    def heading(self, cluster: Cluster) -> Heading:
        title = self.title_of(cluster)
        return Heading(cluster.id, cluster.board, cluster.letter, title, titled=bool(cluster.title))

    def title_of(self, cluster: Cluster) -> Line:
        if cluster.title:
            return Line(cluster.title, "")
        return Line(self.words("report.untitled", letter=cluster.letter), self.language)

    # --- votes

    def result(self, round_: Round) -> Result:
        tally = [(self.option(option), number) for option, number in tally_of(self.state, round_, self.rules.methods)]
        ranks: dict[int, int] = {}  # number -> rank
        for place, number in enumerate((number for option, number in tally if option and option.visible), 1):
            ranks.setdefault(number, place)
        hands = hands_of(self.state, round_)
        return Result(
            round=round_.id,
            number=round_.number,
            method=round_.method,
            of=round_.of,
            state=round_.state,
            named=round_.named,
            voters=self.state.voters_in(round_.id),
            ranks=tuple(
                Rank(
                    option,
                    ranks[number] if option.visible else None,
                    number,
                    hands.get(option.id, 0),
                )
                for option, number in tally
                if option
            ),
            opened=1 + list(self.state.rounds).index(round_.id),
        )

    def votes(self, idea: Idea, of: int = 0) -> int | None:
        """What it got in all (`of` 0), or of that as hands (1)."""
        for tally in self.tallies:
            for option in (idea.id, idea.cluster):
                if option in tally:
                    return tally[option][of]
        return None

    def option(self, id_: str) -> Option | None:
        """An idea or a cluster as it is referred to; None if it is neither (a phase)."""
        if idea := self.state.ideas.get(id_):
            return Option(id_, str(idea.number), Line(self.text(idea) or "", idea.lang), idea.is_visible)
        if cluster := self.state.clusters.get(id_):
            return Option(id_, cluster.letter, self.title_of(cluster), visible=True, titled=bool(cluster.title))
        return None

    # --- words

    def place(self, board: Board) -> Line:
        """A board's title; that of a group's own board with its table."""
        title = self.line(board.title)
        if not board.of:
            return title
        return Line(f"{title.text}\u00a0{table_of(self.state, board.id) or board.table}", title.lang)

    def line(self, texts: Texts) -> Line:
        """The reader's language, else the first of the session's that has it, else any."""
        for code in (self.language, self.language.split("-")[0], *self.state.session.languages, *texts):
            if texts.get(code):
                return Line(texts[code], code)
        return Line("", "")

    def word(self, area: str, name: str) -> str:
        """The word for a stage or an activity; a plug-in that no catalogue knows goes by its own name."""
        try:
            return self.words(f"{area}.{name}")
        except KeyError:
            return name


def _given(state: State, round_: Round, rules: Rules) -> dict[str, tuple[int, int]]:
    """Option -> (what it got in a round, how much of it as hands)."""
    hands = hands_of(state, round_)
    return {option: (number, hands.get(option, 0)) for option, number in tally_of(state, round_, rules.methods)}


def _spans(state: State, log: Iterable[Event]) -> dict[str, tuple[int | None, int | None]]:
    """Phase -> (began, ended) in ms. Who went back to a phase began it the first time."""
    began: dict[str, int] = {}
    for event in log:
        if event.kind == "PhaseShown":
            began.setdefault(msgspec.json.decode(event.data)["phase"], event.at)
    return {
        phase.id: (began.get(phase.id, phase.started), phase.closed) if phase.was_started else (None, None)
        for phase in state.phases.values()
    }


def _rounded(log: Iterable[Event]) -> Iterator[Event]:
    """The log as it may leave the server where nobody has a name: what participants did bears its phase's time."""
    start = 0
    for event in log:
        if event.kind in ("SessionCreated", "PhaseShown"):
            start = event.at
        named = event.by == "clock" or is_facilitators(event.by)
        yield event if named else msgspec.structs.replace(event, at=start)
