"""What a session is after its events so far: tables of frozen records, changed only by `evolve`.

Every change of a field is noted with the command that made it, so that `Undo` can take it back, and with the
sequence number, so that a browser can ask for what is newer.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, structs

from facilitate.core.formats import AttributePlan
from facilitate.core.spoken import SPOKEN, texts_in
from facilitate.core.tables import (
    OFF_BOARDS,
    QUOTABLE,
    TABLES,
    Answer,
    Ballot,
    Board,
    Cluster,
    Comment,
    Count,
    Group,
    Grouping,
    Hand,
    Idea,
    Key,
    Mark,
    Member,
    Mute,
    Note,
    Participant,
    Party,
    Phase,
    Plus,
    Receipt,
    Round,
    Screen,
    Session,
)


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
        self._history: dict[str, tuple[Change, ...]] = {}
        self.slots: dict[str, str] = {}  # tag of a person's k-th card in a phase -> idea
        self.posters: dict[str, int] = {}  # phase -> people who wrote in it
        self.shared: dict[str, tuple[str, ...]] = {}  # idea -> the duplicates that its card shows too
        self.said_on: dict[str, tuple[str, ...]] = {}  # idea -> its comments, the oldest first
        self.agreed: dict[str, int] = {}  # idea -> how many agree
        self.lying: dict[tuple[str, bool], int] = {}  # (board, face down) -> how many ideas stand there so
        self.earlier: dict[Key, tuple[str, ...]] = {}  # what stood there before: an erased text may be quoted in it
        # option -> ballots that had it once. Candidates share it: what one that was thrown away noted is passed over.
        self._choosers: dict[str, set[str]] = {}
        self.next_number = 1
        self.blanked = 0  # the number of the last event that took texts out of earlier ones
        self._own: set[str] = set(TABLES) | {"names", "commands", "touched", "writers", "_history", "slots", "posters"}
        self._own |= {"said_on", "agreed", "earlier", "shared", "lying"}
        self._command = ""
        self._keeps = False
        self._changes: list[Change] = []  # of the command that is carried out; not in its history yet
        self._undone: tuple[Change, ...] = ()  # what it takes back, and which writers it brings back
        self._back: dict[tuple[str, str, str | None], str | None] = {}
        self._now: set[Key] = set()
        self._moved: set[str] = set()  # ideas and clusters that may be another option now, or none
        self._closed: dict[str, frozenset[str]] = {}  # closed round -> its options, until the next event

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
    def parties(self) -> dict[str, Party]:
        return self.tables["party"]

    @property
    def screens(self) -> dict[str, Screen]:
        return self.tables["screen"]

    @property
    def hands(self) -> dict[str, Hand]:
        return self.tables["hand"]

    @property
    def hands_counted(self) -> dict[str, Count]:
        return self.tables["count"]

    @property
    def marks(self) -> dict[str, Mark]:
        return self.tables["mark"]

    @property
    def comments(self) -> dict[str, Comment]:
        return self.tables["comment"]

    @property
    def pluses(self) -> dict[str, Plus]:
        return self.tables["plus"]

    @property
    def answers(self) -> dict[str, Answer]:
        return self.tables["answer"]

    @property
    def mutes(self) -> dict[str, Mute]:
        return self.tables["mute"]

    @property
    def groupings(self) -> dict[str, Grouping]:
        return self.tables["grouping"]

    @property
    def groups(self) -> dict[str, Group]:
        return self.tables["group"]

    @property
    def members(self) -> dict[str, Member]:
        return self.tables["member"]

    @property
    def history(self) -> dict[str, tuple[Change, ...]]:
        """A facilitator's command -> what it changed."""
        if self._changes:
            history = self._thaw("_history")
            history[self._command] = (*history.get(self._command, ()), *self._changes)
            self._changes = []
        return self._history

    @property
    def current(self) -> Phase | None:
        phase = self.session.phase
        return self.phases.get(phase) if phase else None

    def agenda(self) -> list[Phase]:
        there = (phase for phase in self.phases.values() if not phase.removed)
        return sorted(there, key=lambda phase: phase.order)

    def on_board(self, board: str) -> Iterator[Idea]:
        """The ideas that stand on a board, face up or down, in the order of their numbers."""
        return (idea for idea in self.ideas.values() if idea.board == board and idea.stands)

    def in_cluster(self, cluster: str) -> Iterator[Idea]:
        return (idea for idea in self.ideas.values() if idea.cluster == cluster and idea.stands)

    def clusters_of(self, board: str) -> list[Cluster]:
        return [cluster for cluster in self.clusters.values() if cluster.board == board and not cluster.dissolved]

    def groups_of(self, grouping: str) -> list[Group]:
        return [group for group in self.groups.values() if group.grouping == grouping and not group.gone]

    def members_of(self, group: str) -> list[Member]:
        return [member for member in self.members.values() if member.group == group]

    def boards_of(self, board: str) -> list[Board]:
        """The groups' own boards that stand for a board of the plan."""
        return [one for one in self.boards.values() if one.of == board]

    def is_locked(self, board: str) -> bool:
        """Whether writing is paused on a board, or on the one that it stands for."""
        it = self.boards[board]
        return it.locked or (it.of is not None and self.boards[it.of].locked)

    def place_of(self, key: Key) -> Board | None:
        """The group's own board that a record lies on; None of what is in plenary, or on no board."""
        type_, id_ = key
        if type_ in OFF_BOARDS:
            return None
        record = self.tables.get("round" if type_ == "tally" else type_, {}).get(id_)
        if type_ == "board":
            return record if record is not None and record.of is not None else None
        on = getattr(record or self.ideas.get(id_), "board", None)
        if on is None:
            about = getattr(record, "idea", None) or getattr(record, "item", None) or ""
            thing = self.ideas.get(about) or self.clusters.get(about)
            on = thing.board if thing else None
        board = self.boards.get(on) if on else None
        return board if board is not None and board.of is not None else None

    def is_shown(self, key: Key) -> bool:
        """Whether a screen shows this record of a group's own board, so that all may see it."""
        return any(self._shows(screen.shows, key) for screen in self.screens.values() if not screen.closed)

    def _shows(self, shows: dict[str, Any], key: Key) -> bool:
        type_, id_ = key
        if board := shows.get("board"):
            place = self.place_of(key)
            return place is not None and place.id == board
        chosen = self.clusters.get(shows.get("cluster") or "") or self.ideas.get(shows.get("idea") or "")
        if chosen is None:
            return False
        if type_ == "board":
            return chosen.board == id_
        return id_ == chosen.id or (type_ == "idea" and self.ideas[id_].cluster == chosen.id)

    def ballots_in(self, round_: str) -> list[Ballot]:
        return [ballot for ballot in self.ballots.values() if ballot.round == round_]

    def voters_in(self, round_: str) -> int:
        """How many have voted: whoever has taken everything back has not."""
        return sum(ballot.round == round_ and bool(ballot.choices) for ballot in self.ballots.values())

    def attributes_asked(self) -> tuple[AttributePlan, ...]:
        return self.session.attributes if self.tables["session"] else ()

    def is_option(self, round_: Round, option: str) -> bool:
        """Whether it is among the round's `options_of`, without a look at all the others."""
        if round_.options is not None or round_.board is None:
            if round_.id not in self._closed:
                self._closed[round_.id] = frozenset(self.options_of(round_))
            return option in self._closed[round_.id]
        idea, cluster = self.ideas.get(option), self.clusters.get(option)
        if idea is not None and idea.board == round_.board and idea.is_visible:
            return round_.of == "ideas" or not (idea.aside or idea.cluster)
        if cluster is None or round_.of == "ideas" or cluster.board != round_.board or cluster.dissolved:
            return False
        return any(one.is_visible and not one.aside and one.board == cluster.board for one in self.in_cluster(option))

    def options_of(self, round_: Round) -> list[str]:
        """What can be chosen: of clusters, also each idea that stands alone, so that none is lost from the vote."""
        if round_.options is not None:
            return list(dict.fromkeys(self.stand_in(option) for option in round_.options))
        if round_.board is None:
            return []
        ideas = [idea for idea in self.on_board(round_.board) if idea.is_visible]
        if round_.of == "ideas":
            return [idea.id for idea in ideas]
        ideas = [idea for idea in ideas if not idea.aside]
        filled = {idea.cluster for idea in ideas}
        clusters = [cluster.id for cluster in self.clusters_of(round_.board) if cluster.id in filled]
        return clusters + [idea.id for idea in ideas if idea.cluster is None]

    def stand_in(self, option: str) -> str:
        """What is chosen with this option now: a duplicate's card, the cluster that another one went into."""
        idea, cluster = self.ideas.get(option), self.clusters.get(option)
        if idea is not None:
            return idea.same_as or option
        while cluster is not None and cluster.into is not None:
            option, cluster = cluster.into, self.clusters.get(cluster.into)
        return option

    def shown_on(self, idea: str) -> list[Idea]:
        """The duplicates that an idea's card shows too, face up or down, by number."""
        found = (self.ideas[other] for other in self.shared.get(idea, ()))
        return sorted((other for other in found if other.is_kept), key=lambda other: other.number)

    def unplaced(self, board: str) -> list[Idea]:
        """What stands on a board and lies neither in a cluster nor aside."""
        return [idea for idea in self.on_board(board) if idea.cluster is None and not idea.aside]

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
        other.__dict__.update(self.__dict__, _history=self.history)
        other.tables = dict(self.tables)
        other._own = set()
        other._now, other._moved, other._closed = set(), set(), {}
        other._changes = []
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
        history = self.history if command != self._command else self._history
        self._command, self._keeps = command, keeps
        self._now, self._moved, self._closed = set(), set(), {}
        undone = history.get(undoes, ()) if undoes else ()
        if undone is not self._undone:  # an event for each record: what is taken back is looked through once
            self._undone = undone
            self._back = {(one.table, one.id, one.field): one.writer for one in reversed(undone)}

    def end(self) -> set[Key]:
        """The keys touched since `begin`."""
        if self._moved:
            self._touch_voters()
        touched = self._thaw("touched")
        for key in self._now:
            touched[key] = self.seq
        return self._now

    def touch(self, type_: str, id_: str) -> None:
        self._now.add((type_, id_))
        if type_ != "idea":
            return
        # A card and what lies on it are seen together.
        self._now.update((type_, other) for other in self.shared.get(id_, ()))
        if (idea := self.tables["idea"].get(id_)) and idea.same_as:
            self._now.add((type_, idea.same_as))
        if type_ == "idea" and id_ in self.said_on:  # whoever sees an idea sees what is said on it
            self._now.update(("comment", comment) for comment in self.said_on[id_])
        if type_ == "idea" and id_ in self.agreed:
            self._now.add(("pluses", id_))

    def _touch_voters(self) -> None:
        """Whoever chose what has moved may have choices free again, or have them on another card."""
        for option in self._moved:
            for chosen in self._standing_in_for(option):
                for ballot in self._choosers.get(chosen, ()):
                    if ballot in self.ballots:
                        self.touch("ballot", ballot)

    def _standing_in_for(self, option: str) -> Iterator[str]:
        """What is chosen with this option now: itself, duplicates on its card, clusters that went into it."""
        yield option
        yield from self.shared.get(option, ())
        if option in self.clusters:
            yield from (id_ for id_, one in self.clusters.items() if one.into and self.stand_in(id_) == option)

    def note_choices(self, ballot: Ballot) -> None:
        for option in ballot.choices:
            self._choosers.setdefault(option, set()).add(ballot.id)

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
        self._now = {(type_, participant) for type_ in ("participant", "knock") for participant in self.participants}
        named = [idea for idea in self.ideas.values() if idea.author in self.participants]
        self._now |= {("idea", id_) for idea in named for id_ in (idea.id, idea.same_as) if id_}
        self._now |= {("member", seat) for seat in self.members if seat.partition("/")[2] in self.participants}
        self._now |= {("hand", hand.id) for hand in self.hands.values() if hand.by in self.participants}
        self._now |= {("breakdown", attribute.id) for attribute in self.attributes_asked()}
        return self.end()

    def _keep(self, change: Change) -> None:
        if self._keeps:
            self._changes.append(change)

    def put(self, table: str, record: Any) -> None:
        """A new record (or a whole replacement, which can't be undone)."""
        if table == "idea":
            self._lay(self.ideas.get(record.id), record)
        self._thaw(table)[record.id] = record
        self._note_spoken(table, record)
        self._keep(Change(table, record.id, None, None))
        self.touch(table, record.id)

    def lay(self, table: str, record: Any) -> None:
        """A new record that no `Undo` takes away."""
        self._thaw(table)[record.id] = record
        self._note_spoken(table, record)
        self.touch(table, record.id)

    def _lay(self, before: Idea | None, idea: Idea) -> None:
        lying = self._thaw("lying")
        if before is not None and before.stands:
            lying[before.board, before.face_down] -= 1
        if idea.stands:
            place = idea.board, idea.face_down
            lying[place] = lying.get(place, 0) + 1

    def touch_board(self, board: str) -> None:
        """A board and all that lies on it: who may see it has changed."""
        self.touch("board", board)
        there = {id_ for id_, idea in self.ideas.items() if idea.board == board}
        for idea in there:
            self.touch("idea", idea)
            self.touch("pluses", idea)
            for comment in self.said_on.get(idea, ()):
                self.touch("comment", comment)
        clusters = {id_ for id_, cluster in self.clusters.items() if cluster.board == board}
        for cluster in clusters:
            self.touch("cluster", cluster)
        for note in self.notes.values():
            if note.item in there or note.item in clusters:
                self.touch("note", note.id)

    def _touch_shown(self, *screens: Screen) -> None:
        """What a screen shows of a group's own board may be seen by all, for as long as it shows it."""
        for screen in screens:
            for type_ in ("board", "cluster", "idea"):
                place = self.place_of((type_, str(screen.shows.get(type_))))
                if place is not None:
                    self.touch_board(place.id)
            cluster = str(screen.shows.get("cluster"))
            if cluster in self.clusters:
                self.touch("cluster", cluster)
                for idea in self.in_cluster(cluster):
                    self.touch("idea", idea.id)

    def set(self, table: str, id_: str, **fields: Any) -> None:
        record = self.tables[table][id_]
        for field in SPOKEN.get(table, ()):
            if fields.get(field):  # also where it stands there already: the fact says it again
                self.note_spoken(id_, field, fields[field])
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
        for field in QUOTABLE.get(table, set()) & fields.keys():
            self.note_earlier(table, id_, getattr(record, field))
        after_all = self._thaw(table)[id_] = structs.replace(record, **fields)
        self.touch(table, id_)
        if table == "idea":
            self._moved.update(one for one in (id_, record.cluster, after_all.cluster) if one)
            self._lay(record, after_all)
            self._share(record, after_all)
        if table == "cluster":
            self._moved.add(id_)
        if table == "round":  # what is free again can be used only while it is open
            for ballot in self.ballots_in(id_):
                self.touch("ballot", ballot.id)
        if table == "board" and "group" in fields:
            self.touch_board(id_)
        if table == "session" and "grouping" in fields:
            for grouping in self.groupings:
                self.touch("grouping", grouping)
        if table == "screen":
            self.note_earlier("message", f"{self._command}/{id_}", self.screens[id_].shows.get("text"))
            self._touch_shown(record, self.screens[id_])

    def _share(self, before: Idea, idea: Idea) -> None:
        """Whose card shows whom. A card that no longer stands gives back the duplicates that it showed."""
        if before.same_as != idea.same_as:
            shared = self._thaw("shared")
            if before.same_as:
                shared[before.same_as] = tuple(one for one in shared[before.same_as] if one != idea.id)
                self.touch("idea", before.same_as)
            if idea.same_as:
                shared[idea.same_as] = (*shared.get(idea.same_as, ()), idea.id)
        if before.stands and not idea.stands:
            for other in self.shared.get(idea.id, ()):
                self.set("idea", other, same_as=None, cluster=idea.cluster, aside=idea.aside)

    def _writer(self, table: str, id_: str, field: str) -> str | None:
        """Who counts as the writer of a field now: after an undo, whoever wrote it before what is undone."""
        return self._back.get((table, id_, field), self._command)

    def forget(self, table: str, id_: str, *fields: str) -> None:
        """No trace of these fields' values remains here, as if they had always been what they are now."""
        history = {}
        for command, changes in self.history.items():
            kept = tuple(one for one in changes if (one.table, one.id) != (table, id_) or one.field not in fields)
            if kept:
                history[command] = kept
        self._history = history
        self._own.add("_history")
        for field in fields:
            self._thaw("writers").pop((table, id_, field), None)

    def renumber(self) -> None:
        """`order` follows from the places: it is nobody's change, and nothing to undo."""
        there = sorted((phase for phase in self.phases.values() if not phase.removed), key=lambda phase: phase.place)
        for order, phase in enumerate(there, 1):
            if phase.order != order:
                self._thaw("phase")[phase.id] = structs.replace(phase, order=order)
                self.touch("phase", phase.id)
        self.touch("session", self.session.id)

    def note_comment(self, idea: str, comment: str) -> None:
        """It is looked at whenever its idea is."""
        said_on = self._thaw("said_on")
        said_on[idea] = (*said_on.get(idea, ()), comment)

    def count_plus(self, idea: str, by: int) -> None:
        agreed = self._thaw("agreed")
        agreed[idea] = agreed.get(idea, 0) + by
        self.touch("pluses", idea)

    def _note_spoken(self, table: str, record: Any) -> None:
        for field in SPOKEN.get(table, ()):
            if value := getattr(record, field):
                self.note_spoken(record.id, field, value)

    def note_spoken(self, id_: str, field: str, value: Any) -> None:
        """What the desk says of a record, for as long as it may quote what has to be erased. Before the first idea
        nothing is quoted."""
        if self.ideas:
            for text in texts_in(field, value):
                self.note_earlier("spoken", f"{self._command}/{id_}/{field}", text)

    def note_earlier(self, table: str, id_: str, text: str | None) -> None:
        """What is written over, for as long as it may have to be erased elsewhere."""
        if text and text not in self.earlier.get((table, id_), ()):
            earlier = self._thaw("earlier")
            earlier[table, id_] = (*earlier.get((table, id_), ()), text)

    def forget_earlier(self, table: str, id_: str) -> None:
        if (table, id_) in self.earlier:
            del self._thaw("earlier")[table, id_]

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
        """What carries somebody's name or counts their attributes: the person, ideas, hands, seats, the totals."""
        self.touch("participant", participant)
        self.touch("knock", participant)
        for attribute in self.session.attributes:
            self.touch("breakdown", attribute.id)
        for hand in self.hands.values():
            if hand.by == participant:
                self.touch("hand", hand.id)
        for seat in self.members:
            if seat.partition("/")[2] == participant:
                self.touch("member", seat)
        for idea in self.ideas.values():
            if idea.author == participant:
                self.touch("idea", idea.id)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, State):
            return NotImplemented
        names = ("seq", "tables", "names", "commands", "slots", "posters", "history", "writers", "next_number")
        return all(getattr(self, name) == getattr(other, name) for name in names)

    __hash__ = None  # type: ignore[assignment]
