"""What a session is after its events so far: tables of frozen records, changed only by `evolve`.

Every change of a field is noted with the command that made it, so that `Undo` can take it back, and with the
sequence number, so that a browser can ask for what is newer.
"""

from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct, structs

from facilitate.core.formats import ColumnPlan, Names, Texts

Key = tuple[str, str]  # (type of record, id)


class Session(Struct, frozen=True):
    id: str
    code: str
    title: Texts
    languages: tuple[str, ...]
    format: str
    names: Names
    created: int
    delete_after: int  # days
    operator: str = ""
    imprint: str = ""
    privacy: str = ""
    filmed: bool = False
    capacity: int = 1000
    state: Literal["planned", "running", "ended"] = "planned"
    phase: str | None = None
    ended: int | None = None

    @property
    def delete_at(self) -> int:
        return (self.ended or self.created) + self.delete_after * 86_400_000


class Phase(Struct, frozen=True):
    id: str
    order: int
    activity: str
    title: Texts
    prompt: Texts
    guide: Texts
    settings: dict[str, Any]
    stage: str | None = None
    board: str | None = None
    minutes: float | None = None
    begin: Literal["at-once", "on-go"] = "at-once"
    # waiting: shown, input open, clock not begun; closed: shown, time ran out and input with it
    state: Literal["planned", "waiting", "open", "closed", "ended"] = "planned"
    started: int | None = None
    ends: int | None = None
    left: int | None = None  # ms, while the clock is stopped
    closed: int | None = None  # when input ended

    @property
    def is_current(self) -> bool:
        return self.state in ("waiting", "open", "closed")

    @property
    def is_open(self) -> bool:
        return self.state in ("waiting", "open")

    @property
    def was_started(self) -> bool:
        return self.state != "planned"


class Board(Struct, frozen=True):
    id: str
    title: Texts
    columns: tuple[ColumnPlan, ...] = ()
    locked: bool = False
    revealed: bool = True
    revealed_columns: tuple[str, ...] = ()
    peeked: bool = False
    clusters_shown: bool = False


class Idea(Struct, frozen=True):
    id: str
    number: int
    board: str
    phase: str
    author: str
    text: str | None  # None after it was blanked
    lang: str = ""
    column: str | None = None
    cluster: str | None = None
    source: Literal["phone", "desk", "carried"] = "phone"
    late: bool = False
    hidden: bool = False
    withdrawn: bool = False
    erased: bool = False
    face_down: bool = False
    reason: str | None = None
    slot: str | None = None

    @property
    def stands(self) -> bool:
        """On the board, face up or down: neither late, hidden, withdrawn nor erased."""
        return not (self.late or self.hidden or self.withdrawn or self.erased)

    @property
    def is_visible(self) -> bool:
        return self.stands and not self.face_down

    @property
    def state(self) -> str:
        for word in ("erased", "withdrawn", "hidden", "late"):
            if getattr(self, word):
                return word
        return "face-down" if self.face_down else "open"


class Cluster(Struct, frozen=True):
    id: str
    board: str
    letter: str
    title: str | None
    dissolved: bool = False


class Round(Struct, frozen=True):
    id: str
    phase: str
    method: str
    settings: dict[str, Any]
    of: Literal["ideas", "clusters"]
    number: int
    board: str | None = None
    named: bool = False
    state: Literal["open", "closed", "shown"] = "open"
    closed: int | None = None
    options: tuple[str, ...] | None = None  # fixed when it closes; while open they are what stands on the board
    undone: bool = False


class Ballot(Struct, frozen=True):
    id: str  # round + "/" + voter
    round: str
    voter: str
    choices: dict[str, int]
    rev: int


class Note(Struct, frozen=True):
    id: str  # phase + "/" + item
    phase: str
    item: str
    text: str | None


class Participant(Struct, frozen=True):
    id: str
    people: int = 1


class Screen(Struct, frozen=True):
    id: str
    shows: dict[str, Any]


class Slice(Struct, frozen=True):
    """What an activity keeps for itself in one phase."""

    id: str  # the phase
    value: Any


class Receipt(Struct, frozen=True):
    """An accepted command: who, what (fingerprint), and the answer."""

    by: str
    check: str
    seq: int


TABLES = (
    "session", "phase", "board", "idea", "cluster", "round", "ballot", "note", "participant", "screen", "slice",
)  # fmt: skip


class Change(Struct, frozen=True):
    """One field of one record before a facilitator's command changed it; `field` None: the record was not there."""

    table: str
    id: str
    field: str | None
    old: Any
    writer: str | None = None  # the command that had written the field before
    after: str | None = None  # the command that counts as its writer afterwards


class State:
    """The tables. `fork()` gives a candidate that shares what it does not change."""

    def __init__(self) -> None:
        self.seq = 0
        self.tables: dict[str, dict[str, Any]] = {table: {} for table in TABLES}
        self.names: dict[str, dict[str, Any]] = {}  # rows beside the log: participant -> {name?, attributes?}
        self.commands: dict[str, Receipt] = {}
        self.touched: dict[Key, int] = {}  # last change of a record, visible or not
        self.writers: dict[tuple[str, str, str], str] = {}  # (table, id, field) -> the command that last wrote it
        self.history: dict[str, tuple[Change, ...]] = {}  # a facilitator's command -> what it changed
        self.slots: dict[str, str] = {}  # tag of a person's k-th card in a phase -> idea
        self.posters: dict[str, int] = {}  # phase -> people who wrote in it
        self.next_number = 1
        self._own: set[str] = set(TABLES) | {"names", "commands", "touched", "writers", "history", "slots", "posters"}
        self._command = ""
        self._keeps = False
        self._undoes: str | None = None
        self._now: set[Key] = set()

    # --- reading

    @property
    def session(self) -> Session:
        return next(iter(self.tables["session"].values()))  # type: ignore[no-any-return]

    @property
    def phases(self) -> dict[str, Phase]:
        return self.tables["phase"]

    @property
    def boards(self) -> dict[str, Board]:
        return self.tables["board"]

    @property
    def ideas(self) -> dict[str, Idea]:
        return self.tables["idea"]

    @property
    def clusters(self) -> dict[str, Cluster]:
        return self.tables["cluster"]

    @property
    def rounds(self) -> dict[str, Round]:
        """In the order of their opening, but for those whose opening was undone."""
        return {id_: round_ for id_, round_ in self.tables["round"].items() if not round_.undone}

    @property
    def ballots(self) -> dict[str, Ballot]:
        return self.tables["ballot"]

    @property
    def notes(self) -> dict[str, Note]:
        return self.tables["note"]

    @property
    def participants(self) -> dict[str, Participant]:
        return self.tables["participant"]

    @property
    def screens(self) -> dict[str, Screen]:
        return self.tables["screen"]

    @property
    def current(self) -> Phase | None:
        phase = self.session.phase
        return self.phases.get(phase) if phase else None

    def agenda(self) -> list[Phase]:
        return sorted(self.phases.values(), key=lambda phase: phase.order)

    def on_board(self, board: str) -> Iterator[Idea]:
        """The ideas that stand on a board, face up or down, in the order of their numbers."""
        return (idea for idea in self.ideas.values() if idea.board == board and idea.stands)

    def in_cluster(self, cluster: str) -> Iterator[Idea]:
        return (idea for idea in self.ideas.values() if idea.cluster == cluster and idea.stands)

    def clusters_of(self, board: str) -> list[Cluster]:
        return [cluster for cluster in self.clusters.values() if cluster.board == board and not cluster.dissolved]

    def ballots_in(self, round_: str) -> list[Ballot]:
        return [ballot for ballot in self.ballots.values() if ballot.round == round_]

    def options_of(self, round_: Round) -> list[str]:
        """What can be chosen: of clusters, also each idea that stands alone, so that none is lost from the vote."""
        if round_.options is not None:
            return list(round_.options)
        if round_.board is None:
            return []
        ideas = [idea for idea in self.on_board(round_.board) if idea.is_visible]
        if round_.of == "ideas":
            return [idea.id for idea in ideas]
        filled = {idea.cluster for idea in ideas}
        clusters = [cluster.id for cluster in self.clusters_of(round_.board) if cluster.id in filled]
        return clusters + [idea.id for idea in ideas if idea.cluster is None]

    def shows(self, option: str) -> bool:
        """Whether participants can see what is chosen or talked about: an idea face up, or a cluster that is there."""
        idea, cluster = self.ideas.get(option), self.clusters.get(option)
        return idea.is_visible if idea else cluster is not None and not cluster.dissolved

    def slice_of(self, phase: str, default: Any = None) -> Any:
        found = self.tables["slice"].get(phase)
        return found.value if found else default

    # --- changing, by `evolve` alone

    def fork(self) -> "State":
        """A candidate. Tables are shared until either writes; so the original must not be changed meanwhile."""
        other = State.__new__(State)
        other.__dict__.update(self.__dict__)
        other.tables = dict(self.tables)
        other._own = set()
        other._now = set()
        return other

    def _thaw(self, name: str) -> Any:
        if name in self.tables:
            if name not in self._own:
                self.tables[name] = dict(self.tables[name])
                self._own.add(name)
            return self.tables[name]
        if name not in self._own:
            setattr(self, name, dict(getattr(self, name)))
            self._own.add(name)
        return getattr(self, name)

    def begin(self, command: str, *, keeps: bool, undoes: str | None = None) -> None:
        self._command, self._keeps, self._undoes, self._now = command, keeps, undoes, set()

    def end(self) -> set[Key]:
        """The keys touched since `begin`."""
        touched = self._thaw("touched")
        for key in self._now:
            touched[key] = self.seq
        return self._now

    def touch(self, type_: str, id_: str) -> None:
        self._now.add((type_, id_))

    def touch_results(self, board: str) -> None:
        """What lists ideas or clusters of a board: rounds that are closed, their tallies, what activities keep."""
        for round_ in self.rounds.values():
            if round_.board == board and round_.state != "open":
                self.touch("round", round_.id)
                self.touch("tally", round_.id)
        for phase in self.tables["slice"]:
            self.touch("phase", phase)

    def take_names(self, names: dict[str, dict[str, Any]]) -> set[Key]:
        """The rows beside a log that was replayed. The log does not say which they were at what time: so whatever
        may carry a name counts as changed now."""
        self.names = dict(names)
        self._own.add("names")
        self._now = {("participant", participant) for participant in self.participants}
        self._now |= {("idea", idea.id) for idea in self.ideas.values() if idea.author in self.participants}
        return self.end()

    def _keep(self, change: Change) -> None:
        if self._keeps:
            history = self._thaw("history")
            history[self._command] = (*history.get(self._command, ()), change)

    def put(self, table: str, record: Any) -> None:
        """A new record (or a whole replacement, which can't be undone)."""
        self._thaw(table)[record.id] = record
        self._keep(Change(table, record.id, None, None))
        self.touch(table, record.id)

    def set(self, table: str, id_: str, **fields: Any) -> None:
        record = self.tables[table][id_]
        fields = {field: value for field, value in fields.items() if getattr(record, field) != value}
        if not fields:
            return
        writers = self._thaw("writers")
        for field in fields:
            before, after = writers.get((table, id_, field)), self._writer(table, id_, field)
            self._keep(Change(table, id_, field, getattr(record, field), before, after))
            if after is None:
                del writers[table, id_, field]
            else:
                writers[table, id_, field] = after
        self._thaw(table)[id_] = structs.replace(record, **fields)
        self.touch(table, id_)

    def _writer(self, table: str, id_: str, field: str) -> str | None:
        """Who counts as the writer of a field now: after an undo, whoever wrote it before what is undone."""
        for change in self.history.get(self._undoes, ()) if self._undoes else ():
            if (change.table, change.id, change.field) == (table, id_, field):
                return change.writer
        return self._command

    def forget(self, table: str, id_: str, *fields: str) -> None:
        """No trace of these fields' values remains here, as if they had always been what they are now."""
        history = {}
        for command, changes in self.history.items():
            kept = tuple(one for one in changes if (one.table, one.id) != (table, id_) or one.field not in fields)
            if kept:
                history[command] = kept
        self.history = history
        self._own.add("history")
        for field in fields:
            self._thaw("writers").pop((table, id_, field), None)

    def note_slot(self, slot: str, idea: str) -> None:
        self._thaw("slots")[slot] = idea

    def count_poster(self, phase: str) -> None:
        posters = self._thaw("posters")
        posters[phase] = posters.get(phase, 0) + 1

    def receive(self, command: str, receipt: Receipt) -> None:
        self._thaw("commands")[command] = receipt

    def name(self, participant: str, row: dict[str, Any]) -> None:
        self._thaw("names")[participant] = row

    def touch_named(self, participant: str) -> None:
        """What carries somebody's name: the person, and the ideas."""
        self.touch("participant", participant)
        for idea in self.ideas.values():
            if idea.author == participant:
                self.touch("idea", idea.id)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, State):
            return NotImplemented
        names = ("seq", "tables", "names", "commands", "slots", "posters", "history", "writers", "next_number")
        return all(getattr(self, name) == getattr(other, name) for name in names)

    __hash__ = None  # type: ignore[assignment]
