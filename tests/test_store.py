"""Every file in `facilitate/store/` keeps the contract; SQLite's file survives what files and machines go through."""

import hashlib
import inspect
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlite_utils
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facilitate import activities, store, votes
from facilitate.core import clusters, events, ideas, notes, people, phases, registry, rounds, undo
from facilitate.core.actors import Actor, secret_of
from facilitate.core.book import Command, Decision, Row, Rules
from facilitate.core.copies import KEYS, Copy, all_copies, copies
from facilitate.core.decide import decide, enveloped, evolve, replay, rules_of
from facilitate.core.events import Event
from facilitate.core.formats import BoardPlan, ColumnPlan, PhasePlan
from facilitate.core.refused import Refused
from facilitate.core.sessions import SessionCreated, SessionDeleted
from facilitate.core.state import State
from facilitate.core.tables import TABLES
from facilitate.store import Append, Conflict, Damaged, Store, Token
from facilitate.store.folder import Folder, Occupied, Unusable, default_folder
from facilitate.store.memory import MemoryStore
from facilitate.store.sqlite import VERSION, SqliteStore
from tests.hall import hall

ROOT = Path(__file__).parent.parent


STORES: dict[str, Any] = {
    name: cls
    for name, module in registry.modules(store.__name__).items()
    for cls in vars(module).values()
    if inspect.isclass(cls) and cls.__module__ == module.__name__ and cls.__name__.endswith("Store")
}
RULES: Rules = rules_of(activities.modules(), votes.modules())
DESK = Actor("facilitator", "desk", b"desk")
PEOPLE = [Actor("participant", f"person-{n}", secret_of(b"key", str(n))) for n in range(4)]


@pytest.fixture(params=STORES)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Return an empty store, one of each kind."""
    cls = STORES[request.param]
    opened = cls(tmp_path / "store") if "path" in inspect.signature(cls).parameters else cls()
    yield opened
    opened.close()


# --- what is stored


class Workshop:
    """A session that is played by the real rules; `appends` is what a runner would give to the store."""

    def __init__(self, id_: str = "session-1", names: str = "none") -> None:
        self.state = State()
        self.appends: list[Append] = []
        self.said: list[str] = []
        self._commands = 0
        self._add(self._created(id_, names), Decision([]))

    def _created(self, id_: str, names: str) -> list[Event]:
        def phase(activity: str, board: str | None = "wall", **changed: Any) -> PhasePlan:
            plan = {**RULES.activities[activity].DEFAULTS, **changed}
            return PhasePlan(activity, activity, {"en": activity.title()}, {"en": "Why?"}, {}, plan, board=board)

        plan = SessionCreated(
            session=id_,
            code=f"CODE-{id_}",
            at=1_000 + len(id_),
            format="pin-board",
            title={"de": "Nachbarschaft", "en": "Neighbourhood"},
            languages=("de", "en"),
            names=names,  # type: ignore[arg-type]
            delete_after=90,
            boards=(BoardPlan("wall", {}, ()), BoardPlan("table", {}, (ColumnPlan("left", {"en": "Left"}),))),
            phases=(
                phase("brainstorm", private=True),
                phase("cluster", who="everyone"),
                phase("vote", method="approval", takes_ideas=True),
                phase("discuss"),
            ),
        )
        kind, v, data = events.write(plan)
        return [
            Event(session=id_, seq=1, at=plan.at, by="clock", command="c" * 16, check="", kind=kind, v=v, data=data)
        ]

    def _add(self, log: list[Event], decision: Decision) -> None:
        state, keys = self.state.fork(), set()
        for event in log:
            keys |= evolve(state, event)
        for row in decision.rows:
            assert row.value is not None
            state.name(row.participant, row.value)
        self.appends.append(
            Append(
                session=state.session.id,
                expected=self.state.seq,
                events=tuple(log),
                rows=tuple(decision.rows),
                copies=tuple(copies(state, keys, RULES)),
                erases=decision.erases,
            )
        )
        self.state = state

    def id(self) -> str:
        self._commands += 1
        return f"{self.state.session.id}-command-{self._commands:06}"

    def do(self, command: Command, actor: Actor = DESK) -> str | None:
        """The command's id; None if it was refused."""
        at = 10_000 + self._commands * 1_000
        try:
            decision = decide(self.state, command, actor, at, RULES)
        except Refused:
            return None
        self._add(enveloped(self.state, decision, command, actor, at), decision)
        return command.id

    def post(self, text: str, actor: Actor = PEOPLE[0]) -> str:
        done = self.do(ideas.PostIdea(id=self.id(), phase=str(self.state.session.phase), text=text), actor)
        assert done
        self.said.append(text)
        return done

    def start(self, phase: str) -> None:
        assert self.do(phases.StartPhase(id=self.id(), phase=phase))

    def fresh(self) -> dict[str, list[dict[str, Any]]]:
        """The readable copy as it must be, computed from nothing but the state."""
        keys = [(table, id_) for table in TABLES for id_ in self.state.tables[table]]
        keys += [("tally", round_) for round_ in self.state.tables["round"]]
        tables: dict[str, list[dict[str, Any]]] = {table: [] for table in KEYS}
        for table, row in copies(self.state, keys, RULES):
            if row.keys() >= set(KEYS[table]):
                tables[table].append(row)
        return {
            table: sorted(rows, key=lambda row: [row[key] for key in KEYS[table]]) for table, rows in tables.items()
        }


def keep(into: Store, *workshops: Workshop) -> None:
    """Store all that these did, in one batch; none of it may fail."""
    batch = [append for workshop in workshops for append in workshop.appends]
    assert into.append(batch) == [None] * len(batch)
    for workshop in workshops:
        workshop.appends = []


def brainstorm(*texts: str, id_: str = "session-1") -> tuple[Workshop, list[str]]:
    workshop = Workshop(id_)
    workshop.start("brainstorm")
    return workshop, [workshop.post(text) for text in texts]


def event(seq: int, session: str = "plain", data: bytes = b'{"text":"so"}') -> Event:
    return Event(session=session, seq=seq, at=seq, by="tag", command=f"c{seq}", check="", kind="Said", v=1, data=data)


def append(first: int, last: int, session: str = "plain", **more: Any) -> Append:
    log = tuple(event(seq, session) for seq in range(first, last + 1))
    return Append(session=session, expected=first - 1, **{"events": log, **more})


def idea(id_: str, text: str | None, session: str = "plain") -> Copy:
    return "ideas", {"session": session, "id": id_, "number": 1, "text": text, "state": "open"}


def everything(of: Store, sessions: list[str]) -> dict[str, Any]:
    """All that a store can be asked."""
    return {
        "sessions": of.sessions(),
        "logs": {session: list(of.read(session)) for session in sessions},
        "names": {session: dict(of.names(session)) for session in sessions},
        "tokens": of.tokens(),
        **{table: of.rows(table) for table in KEYS},
    }


# --- the contract


def test_registry() -> None:
    """The suite runs over every store that ships."""
    assert {"memory", "sqlite"} <= set(STORES)


def test_round_trip(empty: Store) -> None:
    """What was appended is read as it was, in order, whole or from a number on."""
    special = msgspec.structs.replace(event(2), data='{"text":"Grüße, سلام, 🚲, \\u0000"}'.encode(), undoes="c1")
    assert empty.append([append(1, 1), append(2, 2, events=(special,)), append(3, 3)]) == [None] * 3
    assert list(empty.read("plain")) == [event(1), special, event(3)]
    assert list(empty.read("plain", after=1)) == [special, event(3)]
    assert list(empty.read("plain", after=3)) == list(empty.read("nobody")) == []


def test_read_stands(empty: Store) -> None:
    """A log that is being read is the one of the call, whatever is written meanwhile."""
    empty.append([append(1, 3)])
    log = empty.read("plain")
    assert next(log) == event(1)
    empty.append([append(4, 4)])
    assert [found.seq for found in log] == [2, 3]


@pytest.mark.parametrize("expected", [0, 1, 3])
def test_conflict(empty: Store, expected: int) -> None:
    """Whoever expects another number is told so, and leaves nothing; the others of the batch are in."""
    empty.append([append(1, 2)])
    late = append(expected + 1, expected + 1, rows=(Row("person", {"name": "A"}),), copies=(idea("late", "late"),))
    first, second, third = empty.append([append(1, 1, "before"), late, append(1, 1, "behind")])
    assert (first, third) == (None, None)
    assert isinstance(second, Conflict)
    assert [len(list(empty.read(session))) for session in ("plain", "before", "behind")] == [2, 1, 1]
    assert empty.names("plain") == {}
    assert empty.rows("ideas") == []


@pytest.mark.parametrize(
    "broken",
    [
        append(3, 5, events=(event(3), event(3), event(5))),
        append(3, 5, events=(event(3), event(5))),
        append(3, 5, events=(event(3), event(4, "another"), event(5))),
        append(3, 5, events=(event(3), event(4, data=b"\xff"), event(5))),
        append(3, 5, rows=(Row("b", {"name": "B"}), Row("c", {"name": object()}))),
        append(3, 5, copies=(idea("i", "two"), ("ideas", {"session": "plain", "id": "i", "colour": "red"}))),
        append(3, 5, copies=(idea("i", "two"), ("drawings", {"session": "plain", "id": "i"}))),
        append(3, 5, copies=(idea("i", "two"), ("ideas", {"session": "plain", "text": "two"}))),
        append(3, 5, copies=(idea("i", "two"), ("ideas", {}))),
    ],
    ids=["twice", "gap", "another's", "no-text", "row", "column", "table", "half-a-key", "no-key"],
)
def test_all_or_nothing(empty: Store, broken: Append) -> None:
    """An append that fails in its middle leaves nothing, and the store works on."""
    empty.append([append(1, 2, rows=(Row("a", {"name": "A"}),), copies=(idea("i", "one"),))])
    before = everything(empty, ["plain"])
    answers = empty.append([append(1, 1, "other"), broken, append(3, 3)])
    assert [type(answer) for answer in (answers[0], answers[2])] == [type(None)] * 2
    assert isinstance(answers[1], Exception)
    assert not isinstance(answers[1], Conflict)
    assert list(empty.read("plain")) == [event(1), event(2), event(3)]
    after = everything(empty, ["plain"])
    assert {**after, "logs": 0} == {**before, "logs": 0}
    assert (empty.search("one"), empty.search("two")) == ([("plain", "i")], [])


def test_chain(empty: Store) -> None:
    """Appends of one session may follow one another in a batch; behind one that failed the next conflict."""
    assert empty.append([append(1, 2), append(3, 3), append(4, 4)]) == [None] * 3
    failed, next_ = empty.append([append(5, 6, events=(event(6),)), append(7, 7)])
    assert isinstance(failed, ValueError)
    assert isinstance(next_, Conflict)
    assert [found.seq for found in empty.read("plain")] == [1, 2, 3, 4]


def test_names(empty: Store) -> None:
    """Names lie beside the log, each session's own; they change without an event and can be deleted."""
    empty.append([append(1, 1, rows=(Row("a", {"name": "Ä"}), Row("b", {"attributes": {"sector": "city"}})))])
    empty.append([append(1, 1, "other", rows=(Row("a", {"name": "Z"}),))])
    assert empty.names("plain") == {"a": {"name": "Ä"}, "b": {"attributes": {"sector": "city"}}}
    change = Append(session="plain", expected=1, events=(), rows=(Row("a", {"name": "B"}), Row("b", None)))
    assert empty.append([change]) == [None]
    assert empty.names("plain") == {"a": {"name": "B"}}
    assert empty.names("other") == {"a": {"name": "Z"}}
    assert empty.names("nobody") == {}


def test_copies(empty: Store) -> None:
    """The readable copy is what a fresh computation gives, also after a vote was undone and closed anew."""
    workshop, (first, second) = brainstorm("Sitzbänke", "Ein Laden für alle")
    workshop.do(ideas.RevealIdeas(id=workshop.id(), board="wall"))
    workshop.start("cluster")
    workshop.do(clusters.FormCluster(id=workshop.id(), title="Draußen", ideas=(first,)), PEOPLE[1])
    workshop.start("vote")
    (round_,) = workshop.state.rounds.values()
    workshop.do(rounds.CastBallot(id=workshop.id(), round=round_.id, rev=1, choices={second: 1}), PEOPLE[2])
    shown = workshop.do(rounds.ShowResults(id=workshop.id(), round=round_.id))
    keep(empty, workshop)
    assert {table: empty.rows(table) for table in KEYS} == workshop.fresh()
    assert len(empty.rows("tallies")) == 2

    assert workshop.do(undo.Undo(id=workshop.id(), command=str(shown)))
    keep(empty, workshop)
    assert empty.rows("tallies") == workshop.fresh()["tallies"] == []

    assert workshop.do(ideas.HideIdea(id=workshop.id(), idea=second))
    assert workshop.do(rounds.ShowResults(id=workshop.id(), round=round_.id))
    keep(empty, workshop)
    assert {table: empty.rows(table) for table in KEYS} == workshop.fresh()
    assert len(empty.rows("tallies")) == 1


def test_sessions(empty: Store) -> None:
    """Sessions are listed newest first, with what the list shows."""
    keep(empty, Workshop("s-old"), Workshop("s-much-newer"))
    newer, older = empty.sessions()
    assert (newer.id, older.id) == ("s-much-newer", "s-old")
    assert (newer.code, newer.title, newer.state, newer.ended) == (
        "CODE-s-much-newer",
        "Nachbarschaft",
        "planned",
        None,
    )
    assert newer.delete_at == newer.created + 90 * 86_400_000


SEARCHED = {
    "bench": "More benches along the Straße",
    "shop": "Ein Fahrradstellplatz vor dem Laden, und Bäume",
    "plus": "C++ AND (24/7) NEAR the 100 % \"quoted\" ideas_fts * table; it's 5 o'clock",
    "arabic": "المدرسة الجديدة قرب الحديقة",
    "emoji": "Mehr 🚲 und ❤️ für Кафе",
    "greek": "ΟΔΟΣ και πλατεία",
    "thai": "สวนสาธารณะใกล้บ้าน",
}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("bench", {"bench"}),
        ("BENCHES more", {"bench"}),
        ("bench bäume", set()),
        ("strasse", {"bench"}),
        ("baume", {"shop"}),
        ("bäume laden", {"shop"}),
        ("stellplatz", {"shop"}),
        ("rad platz", {"shop"}),
        ("c++", {"plus"}),
        ('"quoted"', {"plus"}),
        ("„quoted“", {"plus"}),
        ('quoted"', {"plus"}),
        ('a"b', set()),
        ("it's", {"plus"}),
        ("24/7", {"plus"}),
        ("AND", {"plus"}),
        ("benches OR laden", set()),
        ("NOT laden", set()),
        ("NEAR(benches, 5)", set()),
        ("text:benches", set()),
        ("bench*", {"bench"}),
        ("*", set()),
        ('"', set()),
        ('""', set()),
        ("'; DROP TABLE ideas; --", set()),
        ("( laden )", {"shop"}),
        ("laden -benches", set()),
        ("^laden", set()),
        ("100 %", {"plus"}),
        ("مدرسة", {"arabic"}),
        ("المدرسة الحديقة", {"arabic"}),
        ("مدرسةٌ", {"arabic"}),
        ("🚲", {"emoji"}),
        ("❤", {"emoji"}),
        ("кафе 🚲", {"emoji"}),
        ("οδος ΠΛΑΤΕΙΑ", {"greek"}),
        ("สาธารณะ", {"thai"}),
        ("", set()),
        (" \n\t ", set()),
        ("\x00", set()),
        ("laden\x00", {"shop"}),
        ("\ud800 laden", {"shop"}),
        ("laden " * 5_000, {"shop"}),
        (" ".join(f"w{n}" for n in range(5_000)), set()),
        ("x" * 100_000, set()),
    ],
)
def test_search(empty: Store, words: str, found: set[str]) -> None:
    """An idea is found if each word occurs in it, also inside of words; no text is too strange to ask for."""
    empty.append([append(1, 1, copies=tuple(idea(id_, text) for id_, text in SEARCHED.items()))])
    assert {id_ for _, id_ in empty.search(words)} == found


def test_search_order(empty: Store) -> None:
    """The beginnings of words come first; a session's own can be asked for, and no more than wanted."""
    texts = {"inside": "Fahrrad", "begins": "Radweg", "whole": "Rad", "hidden": "kein Rad"}
    rows = [idea(id_, text) for id_, text in texts.items()]
    rows[3][1]["state"] = "hidden"
    empty.append([append(1, 1, copies=tuple(rows)), append(1, 1, "other", copies=(idea("whole", "Rad", "other"),))])
    everywhere = empty.search("rad")
    assert set(everywhere) == {*(("plain", id_) for id_ in texts), ("other", "whole")}
    assert everywhere[-1] == ("plain", "inside")
    assert empty.search("rad", session="other") == [("other", "whole")]
    assert empty.search("rad", session="nobody") == []
    assert empty.search("rad", limit=2) == everywhere[:2]


def test_search_follows(empty: Store) -> None:
    """An idea is found by what it says now."""
    workshop, (first,) = brainstorm("Sitzbänke")
    keep(empty, workshop)
    workshop.do(ideas.EditIdea(id=workshop.id(), idea=first, text="Lastenräder"), PEOPLE[0])
    keep(empty, workshop)
    assert empty.search("Sitzbänke") == []
    assert empty.search("lastenräder") == [("session-1", first)]


def test_erase(empty: Store) -> None:
    """The words of an erased idea are gone from log, copy and search, all its versions; nothing else changes."""
    workshop, (first, second) = brainstorm("Kassandra ruft", "Kassandra schweigt")
    workshop.do(ideas.EditIdea(id=workshop.id(), idea=first, text="Kassandra flüstert"), PEOPLE[0])
    workshop.do(ideas.HideIdea(id=workshop.id(), idea=first, reason="Kassandra wird genannt"))
    keep(empty, workshop)
    assert len(empty.search("Kassandra")) == 2
    before = list(empty.read("session-1"))

    workshop.do(ideas.EraseIdea(id=workshop.id(), idea=first))
    keep(empty, workshop)
    *log, last = empty.read("session-1")
    assert last.kind == "Blanked"
    assert [msgspec.structs.replace(event, data=b"") for event in log] == [
        msgspec.structs.replace(event, data=b"") for event in before
    ]
    assert b"".join(event.data for event in log).count(b"Kassandra") == 1
    assert empty.search("Kassandra") == [("session-1", second)]
    assert empty.rows("ideas") == workshop.fresh()["ideas"]
    assert {row["id"]: row["text"] for row in empty.rows("ideas")} == {first: None, second: "Kassandra schweigt"}
    assert replay(empty.read("session-1")).ideas == workshop.state.ideas


def test_delete(empty: Store) -> None:
    """Of a deleted session only its last event remains; the others keep everything, and its code is free."""
    gone, _ = brainstorm("Kassandra ruft")
    stays, _ = brainstorm("Kassandra bleibt", id_="session-2")
    keep(empty, gone, stays)
    for session in ("session-1", "session-2"):
        last = gone.state.seq if session == "session-1" else stays.state.seq
        row = Row("person", {"name": "A"})
        assert empty.append([Append(session=session, expected=last, events=(), rows=(row,))]) == [None]
        empty.put_token(Token(hash=f"h-{session}", id="t", role="facilitator", session=session, created=5))
    empty.put_token(Token(hash="h-owner", id="t", role="owner", session=None, created=4))
    before = everything(empty, ["session-2"])

    kind, v, data = events.write(SessionDeleted())
    seq = gone.state.seq + 1
    last_event = msgspec.structs.replace(event(seq, "session-1", data), kind=kind, v=v)
    empty.delete("session-1", last_event)
    assert list(empty.read("session-1")) == [last_event]
    assert [entry.id for entry in empty.sessions()] == ["session-2"]
    assert empty.names("session-1") == {}
    assert [token.hash for token in empty.tokens()] == ["h-owner", "h-session-2"]
    assert empty.search("Kassandra", session="session-1") == []
    assert [
        row for table in KEYS if table != "sessions" for row in empty.rows(table) if row["session"] == "session-1"
    ] == []
    (tomb,) = [row for row in empty.rows("sessions") if row["id"] == "session-1"]
    assert {name: value for name, value in tomb.items() if value} == {"id": "session-1", "state": "deleted"}
    after = everything(empty, ["session-2"])
    assert {name: after[name] for name in ("logs", "names")} == {name: before[name] for name in ("logs", "names")}
    (late,) = empty.append([append(seq, seq, "session-1")])
    assert isinstance(late, Conflict)


def test_tokens(empty: Store) -> None:
    """A token is known by its hash; put again it replaces, which is how it is revoked."""
    first = Token(hash="h2", id="a", role="facilitator", session="plain", created=1)
    second = Token(hash="h1", id="a", role="screen", session=None, created=2)
    empty.put_token(second)
    empty.put_token(first)
    assert empty.tokens() == [first, second]
    revoked = msgspec.structs.replace(first, revoked=7)
    empty.put_token(revoked)
    assert empty.tokens() == [revoked, second]


def test_many(empty: Store) -> None:
    """Two thousand events, in batches of fifty: all there, in order, and checked to be answering."""
    for first in range(1, 2_001, 50):
        batch = [append(seq, seq, copies=(idea(f"i{seq}", f"Idee {seq}"),)) for seq in range(first, first + 50)]
        assert empty.append(batch) == [None] * 50
    assert [found.seq for found in empty.read("plain")] == list(range(1, 2_001))
    assert len(empty.rows("ideas")) == 2_000
    assert empty.search("1999") == [("plain", "i1999")]
    empty.check()


# --- any history

TEXTS = st.text(st.sampled_from("aäßRd 🚲\"*'سل%_\\\n"), min_size=1, max_size=12)
STEP = st.tuples(st.integers(0, 15), st.integers(0, 5), st.integers(0, 3), TEXTS)


def step(workshop: Workshop, kind: int, n: int, who: int, text: str) -> None:
    """Try one command; what the rules refuse changes nothing."""
    state, actor = workshop.state, PEOPLE[who] if who else DESK
    own = list(state.ideas)[n::6]
    idea = own[-1] if own else "none"
    cluster = list(state.clusters)[-1] if state.clusters else None
    round_ = list(state.rounds)[-1] if state.rounds else "none"
    id_ = workshop.id()
    history = list(state.history)
    commands: list[Callable[[], Command]] = [
        lambda: ideas.PostIdea(id=id_, phase=str(state.session.phase), text=text),
        lambda: ideas.PostIdea(id=id_, phase=str(state.session.phase), text=text),
        lambda: ideas.EditIdea(id=id_, idea=idea, text=text),
        lambda: ideas.WithdrawIdea(id=id_, idea=idea),
        lambda: ideas.HideIdea(id=id_, idea=idea, reason=text),
        lambda: ideas.RestoreIdea(id=id_, idea=idea),
        lambda: ideas.EraseIdea(id=id_, idea=idea),
        lambda: ideas.RevealIdeas(id=id_, board="wall"),
        lambda: clusters.FormCluster(id=id_, title=text, ideas=(idea,)),
        lambda: clusters.MoveIdea(id=id_, idea=idea, cluster=cluster),
        lambda: phases.StartPhase(id=id_, phase=("brainstorm", "cluster", "vote", "discuss")[n % 4]),
        lambda: rounds.CastBallot(id=id_, round=round_, rev=1 + n, choices={idea: 1}),
        lambda: rounds.ShowResults(id=id_, round=round_),
        lambda: undo.Undo(id=id_, command=history[-1 - n % len(history)] if history else "none"),
        lambda: notes.TakeNote(id=id_, phase="discuss", item=idea, text=text),
        lambda: people.Join(id=id_, name=text, attributes={"sector": text}),
    ]
    workshop.do(commands[kind](), actor)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(STEP, min_size=5, max_size=60), st.integers(1, 20), TEXTS)
def test_any_history(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int, int, str]], size: int, words: str
) -> None:
    """After any history all stores answer alike, as the copy computed afresh; the log gives back the state."""
    folder = tmp_path_factory.mktemp("history")
    memory, sqlite = MemoryStore(), SqliteStore(folder / "file")
    workshops = [Workshop("session-1", "optional"), Workshop("session-2")]
    for workshop in workshops:
        workshop.start("brainstorm")
    for place, (kind, n, who, text) in enumerate(steps):
        step(workshops[place % 3 % 2], kind, n, who, text)
    batch = [append for workshop in workshops for append in workshop.appends]
    for first in range(0, len(batch), size):
        assert memory.append(batch[first : first + size]) == sqlite.append(batch[first : first + size])
    sqlite.close()

    sqlite = SqliteStore(folder / "file")
    ids = [workshop.state.session.id for workshop in workshops]
    assert everything(memory, ids) == everything(sqlite, ids)
    assert sorted(memory.search(words)) == sorted(sqlite.search(words))
    for workshop in workshops:
        session = workshop.state.session.id
        again = replay(sqlite.read(session), sqlite.names(session))
        assert again == workshop.state
        for table, rows in workshop.fresh().items():
            key = "id" if table == "sessions" else "session"
            assert [row for row in sqlite.rows(table) if row[key] == session] == rows
    sqlite.close()


# --- the file


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def assert_refused(path: Path, *words: str) -> None:
    """Opening says why not, in words, and changes no byte of any file."""
    before = hashes(path.parent)
    with pytest.raises(Damaged) as refusal:
        SqliteStore(path)
    assert hashes(path.parent) == before
    for word in (str(path), "untouched", *words):
        assert word in str(refusal.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the path of a file with 300 ideas in it, closed."""
    path = tmp_path / "folder" / "facilitate.sqlite"
    path.parent.mkdir()
    opened = SqliteStore(path)
    opened.append([append(seq, seq, copies=(idea(f"i{seq}", f"Idee Nummer {seq} " * 9),)) for seq in range(1, 301)])
    opened.close()
    assert [found.name for found in path.parent.iterdir()] == [path.name]
    return path


def test_reopened(file: Path) -> None:
    """What was stored is there after a restart, and numbers go on where they were."""
    opened = SqliteStore(file)
    assert [found.seq for found in opened.read("plain")] == list(range(1, 301))
    (conflict, stored) = opened.append([append(1, 1), append(301, 301)])
    assert isinstance(conflict, Conflict)
    assert stored is None
    opened.close()


def test_file_is_private(file: Path) -> None:
    """Only the server's user can read the file."""
    assert file.stat().st_mode & 0o777 == 0o600


def test_not_a_database(file: Path) -> None:
    """Another kind of file is refused, and an empty one, which ours never is."""
    file.write_bytes(b"Dear diary, " * 1_000)
    assert_refused(file, "damaged", "no database", "backup")
    file.write_bytes(b"")
    assert_refused(file, "damaged", "empty")


@pytest.mark.parametrize("part", [0.0001, 0.001, 0.05, 0.5, 0.9, 0.99999])
def test_truncated(file: Path, part: float) -> None:
    """A file whose end is missing is refused, however little is missing."""
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * part)])
    assert_refused(file, "damaged", "backup")


def test_damaged(file: Path) -> None:
    """Noise in the middle of the file is noticed at the start, not in the middle of a workshop."""
    content = bytearray(file.read_bytes())
    for place in range(4096 * 10, 4096 * 14):
        content[place] = (place * 7919) % 251
    file.write_bytes(content)
    assert_refused(file, "damaged", "backup")


def test_damaged_tables(file: Path) -> None:
    """So is noise in the list of tables, which SQLite itself cannot put into words."""
    content = file.read_bytes()
    assert b"CREATE TABLE" in content[:4096]
    file.write_bytes(content[:4096].replace(b"CREATE TABLE", b"CR\xff\xfe\xfd TABLE") + content[4096:])
    assert_refused(file, "damaged", "backup")


def test_newer_version(file: Path) -> None:
    """A file of a newer version is left to that version."""
    with sqlite3.connect(file) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    assert_refused(file, "newer version", str(VERSION + 1), "--data")


def counted(path: Path) -> Workshop:
    """A closed file with one session, in which hands were counted and one idea was erased."""
    workshop, (first, second, third) = brainstorm("Sitzbänke", "Ein Laden für alle", "Verraten")
    workshop.do(ideas.RevealIdeas(id=workshop.id(), board="wall"))
    workshop.do(ideas.EraseIdea(id=workshop.id(), idea=third))
    workshop.start("vote")
    (round_,) = workshop.state.rounds.values()
    workshop.do(rounds.CastBallot(id=workshop.id(), round=round_.id, rev=1, choices={second: 1}), PEOPLE[2])
    assert workshop.do(rounds.CountHands(id=workshop.id(), round=round_.id, option=first, n=14))
    assert workshop.do(rounds.ShowResults(id=workshop.id(), round=round_.id))
    opened = SqliteStore(path)
    keep(opened, workshop)
    opened.close()
    return workshop


def aged(path: Path) -> None:
    """As version 1 of the file had it."""
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE tallies DROP COLUMN hands")
        connection.execute("PRAGMA user_version = 1")
    connection.close()


def copied(log: Iterator[Event]) -> list[Copy]:
    return all_copies(replay(log), RULES)


def test_older_version(tmp_path: Path) -> None:
    """An older file keeps everything, gets the column it lacks, and has it filled out of its log, once."""
    path = tmp_path / "facilitate.sqlite"
    workshop = counted(path)
    opened = SqliteStore(path)
    log, rows = list(opened.read("session-1")), {table: opened.rows(table) for table in KEYS}
    opened.close()
    assert rows == workshop.fresh()
    assert sorted(row["hands"] for row in rows["tallies"]) == [0, 14]
    aged(path)
    with pytest.raises(Damaged, match="older version"):
        SqliteStore(path, read_only=True)
    for _ in range(2):  # a server that was stopped before the copy was written begins again
        opened = SqliteStore(path)
        assert list(opened.read("session-1")) == log
        assert [row["hands"] for row in opened.rows("tallies")] == [None, None]
        opened.close()
    opened = SqliteStore(path)
    opened.renew(copied)
    assert {table: opened.rows(table) for table in KEYS} == rows
    assert len(opened.search("Laden")) == 1
    assert opened.search("Verraten") == []
    assert list(opened.read("session-1")) == log
    opened.close()
    opened = SqliteStore(path)
    opened.renew(lambda log: pytest.fail("the copy is up to date"))
    opened.close()
    SqliteStore(path, read_only=True).close()


def test_older_version_that_cannot_be_replayed(tmp_path: Path) -> None:
    """A session whose log this version cannot play keeps its copy, and the others get theirs."""
    path = tmp_path / "facilitate.sqlite"
    counted(path)
    aged(path)

    def fails(log: Iterator[Event]) -> list[Copy]:
        raise ValueError("an activity that is not there")

    opened = SqliteStore(path)
    before = opened.rows("tallies")
    opened.renew(fails)
    assert opened.rows("tallies") == before
    opened.close()


async def test_older_version_at_the_door(tmp_path: Path) -> None:
    """Starting the server is all that it takes."""
    path = tmp_path / "facilitate.sqlite"
    counted(path)
    aged(path)
    async with hall(lambda: SqliteStore(path)) as room:
        rows = await room.lobby.writer.call(lambda store: store.rows("tallies"))
        assert sorted(row["hands"] for row in rows) == [0, 14]


def test_foreign(tmp_path: Path) -> None:
    """Another program's database is left to that program."""
    path = tmp_path / "facilitate.sqlite"
    db = sqlite_utils.Database(path)
    db.table("log").insert({"session": "x", "seq": 1})
    db.close()
    assert_refused(path, "another program", "--data")


def test_lost_file(file: Path) -> None:
    """A store whose file was taken away does not say that it answers."""
    opened = SqliteStore(file)
    opened.check()
    file.rename(file.with_name("moved"))
    with pytest.raises(OSError, match="No such file"):
        opened.check()
    file.write_bytes(b"another")
    with pytest.raises(OSError, match="no longer"):
        opened.check()
    opened.close()


def test_disk_full(file: Path) -> None:
    """With no room left nothing of the batch is stored and it says so; with room again it works on."""
    opened = SqliteStore(file)
    before = everything(opened, ["plain", "other"])
    (pages,) = opened.db.execute("PRAGMA page_count").fetchone()
    opened.db.execute(f"PRAGMA max_page_count = {pages + 2}")
    big = [append(1, 1, "other"), append(301, 301, copies=(idea("big", "Platz " * 20_000),))]
    with pytest.raises(sqlite3.OperationalError, match="full"):
        opened.append(big)
    assert everything(opened, ["plain", "other"]) == before
    opened.db.execute("PRAGMA max_page_count = 100000")
    assert opened.append(big) == [None, None]
    assert opened.search("Platz") == [("plain", "big")]
    opened.close()


def bytes_of(path: Path) -> bytes:
    return b"".join(found.read_bytes() for found in path.parent.iterdir())


def test_settings(file: Path) -> None:
    """What no test can bring about, a power cut, is met by waiting for the disk at every commit."""
    opened = SqliteStore(file)
    found = {name: opened.db.execute(f"PRAGMA {name}").fetchone()[0] for name in SETTINGS}
    assert found == SETTINGS
    opened.close()


SETTINGS = {
    "journal_mode": "wal",
    "synchronous": 2,
    "secure_delete": 1,
    "foreign_keys": 1,
    "busy_timeout": 5000,
    "temp_store": 2,  # in memory: nothing of it lies in a folder of others
}


def test_erased_bytes(tmp_path: Path) -> None:
    """Erased words are in no byte of any file, although rows grew, moved from page to page and were indexed."""
    path = tmp_path / "file"
    opened = SqliteStore(path)
    chance = random.Random(1)
    marks = [f"zq{chance.randbytes(8).hex()}qz" for _ in range(1_000)]
    seq = 0
    for known in range(10, 1_001, 10):
        chosen = [*range(known - 10, known), *chance.sample(range(known), min(known, 25))]
        texts = {n: f"{marks[n]} {'x' * chance.choice((0, 3, 50, 400))}" for n in chosen}
        log = tuple(
            event(seq + place, data=msgspec.json.encode({"idea": f"i{n:03}", "text": text}))
            for place, (n, text) in enumerate(texts.items(), 1)
        )
        rows = tuple(idea(f"i{n:03}", text) for n, text in texts.items())
        assert opened.append([Append(session="plain", expected=seq, events=log, copies=rows)]) == [None]
        seq += len(log)
    content = bytes_of(path)
    assert [mark for mark in marks if mark.encode() not in content] == []

    gone = {n: marks[n] for n in range(0, 1_000, 2)}
    erases = tuple(f"i{n:03}" for n in gone)
    assert opened.append([Append(session="plain", expected=seq, events=(), erases=erases)]) == [None]
    content = bytes_of(path)
    assert [mark for mark in gone.values() if mark.encode() in content or mark[3:17].encode() in content] == []
    assert [mark for mark in marks[1::2] if mark.encode() not in content] == []
    opened.db.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, ideas_fts, row)")
    indexed = {term for (term,) in opened.db.execute("SELECT term FROM temp.vocabulary")}
    assert indexed.isdisjoint(gone.values())
    assert indexed.issuperset(marks[1::2])
    assert [found.seq for found in opened.read("plain")] == list(range(1, seq + 1))
    opened.close()


def test_deleted_bytes(tmp_path: Path) -> None:
    """Neither a deleted session's words nor a deleted name is in any byte of any file."""
    path = tmp_path / "file"
    opened = SqliteStore(path)
    workshop, _ = brainstorm("Kassandra ruft", "Kassandra schweigt")
    keep(opened, workshop)
    rows = (Row("one", {"name": "Pythia"}), Row("two", {"name": "Sibylle"}))
    opened.append([append(1, 1, "other", rows=rows)])
    assert {word in bytes_of(path) for word in (b"Kassandra", b"Pythia", b"Sibylle")} == {True}
    opened.append([Append(session="other", expected=1, events=(), rows=(Row("one", None),))])
    assert [word in bytes_of(path) for word in (b"Kassandra", b"Pythia", b"Sibylle")] == [True, False, True]
    opened.delete("session-1", event(workshop.state.seq + 1, "session-1"))
    assert [word in bytes_of(path) for word in (b"assandra", b"CODE-session-1", b"Sibylle")] == [False, False, True]
    opened.close()


def test_erased_beside_a_reader(file: Path) -> None:
    """Somebody who is reading does not hold up an erasure; the last traces go as soon as they have finished."""
    opened = SqliteStore(file)
    mark = b"Idee Nummer 299 "
    reader = sqlite3.connect(file, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM log").fetchone()
    blank = Append(session="plain", expected=300, events=(), copies=(idea("i299", None),), erases=("i299",))
    began = time.monotonic()
    assert opened.append([blank]) == [None]
    assert time.monotonic() - began < 4  # it does not wait for the reader, as other writes wait for a writer
    assert opened.search("299") == []
    assert mark in bytes_of(file)
    reader.close()
    opened.append([append(301, 301)])
    assert mark not in bytes_of(file)
    opened.close()


def test_readers(file: Path) -> None:
    """Any SQLite tool can read and search the tables while the server runs; packed by one, search still works."""
    opened = SqliteStore(file)
    db = sqlite_utils.Database(file)
    assert db.table("ideas").count == 300
    assert next(db["ideas"].rows)["text"].startswith("Idee Nummer 1 ")
    assert [row["id"] for row in db.table("ideas").search("Nummer 217", quote=True)] == ["i217"]
    opened.append([append(301, 301, copies=(idea("i217", "Lastenräder"), idea("i218", "Nummer 217")))])
    assert [row["id"] for row in db.table("ideas").search("Nummer 217", quote=True)] == ["i218"]
    assert {"sessions", "phases", "ideas", "clusters", "tallies", "log", "names", "tokens"} <= set(db.table_names())
    opened.db.execute("DELETE FROM ideas WHERE number = 1 AND id < 'i2'")  # VACUUM closes the gaps
    db.execute("VACUUM")
    db.close()
    assert opened.search("Nummer 217") == [("plain", "i218")]
    opened.close()


def test_read_only(file: Path) -> None:
    """A second process can read beside the server, cannot write, and leaves the server's files alone."""
    opened = SqliteStore(file)
    opened.append([append(301, 301)])
    beside = SqliteStore(file, read_only=True)
    assert len(list(beside.read("plain"))) == 301
    with pytest.raises(sqlite3.OperationalError):
        beside.append([append(302, 302)])
    beside.close()
    assert opened.append([append(302, 302)]) == [None]
    opened.close()
    with pytest.raises(FileNotFoundError):
        SqliteStore(file.with_name("nothing"), read_only=True)
    assert [found.name for found in file.parent.iterdir()] == [file.name]


WRITER = """
import sys
from tests.test_store import append, idea
from facilitate.store.sqlite import SqliteStore
opened = SqliteStore(sys.argv[1])
seq = max((event.seq for event in opened.read("plain")), default=0)
while True:
    batch = [append(seq + 1, seq + 3, copies=(idea(f"i{seq}", "Wort " * 200),)), append(seq + 4, seq + 4)]
    assert opened.append(batch) == [None, None]
    seq += 4
    print(seq, flush=True)
"""


@pytest.mark.server
def test_killed(tmp_path: Path, environment: Mapping[str, str]) -> None:
    """Killed in the middle of its work, the store has everything it acknowledged, and no half batch."""
    path = tmp_path / "file"
    acknowledged = 0
    for after in (1, 40, 7, 90):
        command = [sys.executable, "-c", WRITER, str(path)]
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            for _ in range(after):
                acknowledged = int(process.stdout.readline())
            process.send_signal(signal.SIGKILL)
            acknowledged = max([acknowledged, *(int(line) for line in process.stdout if line.endswith("\n"))])
        assert process.returncode == -signal.SIGKILL
        opened = SqliteStore(path)
        log = [found.seq for found in opened.read("plain")]
        assert log == list(range(1, len(log) + 1))
        assert len(log) >= acknowledged
        assert len(log) % 4 == 0
        assert len(opened.rows("ideas")) == len(log) / 4
        assert len(opened.search("Wort", limit=10_000)) == len(log) / 4
        opened.close()
        assert [found.name for found in tmp_path.iterdir()] == ["file"]


CRASH = """
import os, sqlite3, sys
from tests.test_store import append
from facilitate.store.sqlite import SqliteStore
opened = SqliteStore(sys.argv[1])
opened.append([append(301, 301)])
opened.db.conn.execute(sys.argv[2])
os._exit(1)
"""


@pytest.mark.server
def test_crashed(file: Path, environment: Mapping[str, str]) -> None:
    """What a crash left in the write-ahead log is looked at too, and left there if the file cannot be used."""
    command = [sys.executable, "-c", CRASH, str(file)]
    subprocess.run([*command, f"PRAGMA user_version = {VERSION}"], cwd=ROOT, env=environment, check=False)
    assert file.with_name(f"{file.name}-wal").stat().st_size > 0
    opened = SqliteStore(file)
    assert len(list(opened.read("plain"))) == 301
    opened.append([Append(session="plain", expected=301, events=())])
    opened.close()

    subprocess.run([*command, f"PRAGMA user_version = {VERSION + 1}"], cwd=ROOT, env=environment, check=False)
    file.with_name(f"{file.name}-shm").unlink()
    assert_refused(file, "newer version")
    assert sorted(found.name for found in file.parent.iterdir()) == [file.name, f"{file.name}-wal"]


FORGETFUL = """
import os, sys
from facilitate.store import Append
from facilitate.store.sqlite import SqliteStore
opened = SqliteStore(sys.argv[1])
opened.tidy = lambda: os._exit(1)
opened.append([Append(session="plain", expected=300, events=(), erases=("i299",))])
"""


@pytest.mark.server
def test_crashed_while_erasing(file: Path, environment: Mapping[str, str]) -> None:
    """Erased words whose last traces a crash left in the file are gone after the next start."""
    command = [sys.executable, "-c", FORGETFUL, str(file)]
    assert subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 1
    assert b"Idee Nummer 299 " in bytes_of(file)
    opened = SqliteStore(file)
    assert b"Idee Nummer 299 " not in bytes_of(file)
    assert opened.db.table("due").count == 0
    opened.close()


# --- the folder


def test_folder(tmp_path: Path) -> None:
    """The folder and its secrets are for one pair of eyes; what was made once stays the same."""
    folder = Folder(tmp_path / "new" / "folder")
    key, token = folder.signing_key(), folder.owner_token()
    assert (len(key), len(token) >= 40) == (32, True)
    again = Folder(folder.path)
    assert (again.signing_key(), again.owner_token()) == (key, token)
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.path.iterdir()} == {
        "signing-key": 0o600,
        "owner-token": 0o600,
    }
    assert Folder(tmp_path / "other").signing_key() != key


def test_renewed_token(tmp_path: Path) -> None:
    """A renewed owner's token takes the place of the old one."""
    folder = Folder(tmp_path)
    old = folder.owner_token()
    new = folder.renew_owner_token()
    assert new != old
    assert Folder(tmp_path).owner_token() == new
    assert [path.name for path in tmp_path.iterdir()] == ["owner-token"]


def test_announced(tmp_path: Path) -> None:
    """Commands beside a server learn from the folder where it is reached."""
    folder = Folder(tmp_path)
    assert folder.announced() is None
    folder.announce("http://192.0.2.5:8080")
    folder.announce("https://workshop.example")
    assert Folder(tmp_path).announced() == "https://workshop.example"


def test_damaged_key(tmp_path: Path) -> None:
    """A damaged key is never replaced silently: all devices would be strangers."""
    (tmp_path / "signing-key").write_bytes(b"half")
    with pytest.raises(Unusable, match=r"signing-key.*untouched.*backup"):
        Folder(tmp_path).signing_key()
    assert (tmp_path / "signing-key").read_bytes() == b"half"


def test_no_folder(tmp_path: Path) -> None:
    """Where no folder can be, a sentence says so and what to do."""
    (tmp_path / "file").write_text("here")
    with pytest.raises(Unusable, match=r"file.*--data"):
        Folder(tmp_path / "file")
    with pytest.raises(Unusable, match=r"file.*--data"):
        Folder(tmp_path / "file" / "below")


def test_default_folder() -> None:
    """The folder is the named one, else the system's place for a user's data; never relative to where one stands."""
    assert default_folder({"FACILITATE_DATA": "/srv/f", "XDG_DATA_HOME": "/x"}) == Path("/srv/f")
    assert default_folder({"XDG_DATA_HOME": "/x"}) == Path("/x/facilitate")
    home = Path.home() / ".local" / "share" / "facilitate"
    assert default_folder({"XDG_DATA_HOME": "relative"}) == default_folder({}) == home


SERVER = """
import sys
from facilitate.store.folder import Folder
folder = Folder(sys.argv[1])
folder.lock()
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.mark.server
def test_second_server(tmp_path: Path, environment: Mapping[str, str]) -> None:
    """A second server on a folder is refused with a sentence, until the first has ended, however it ended."""
    command = [sys.executable, "-c", SERVER, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=environment, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.readline() == b"locked\n"
        folder = Folder(tmp_path)
        with pytest.raises(Occupied) as refusal:
            folder.lock()
        for word in (str(tmp_path), str(process.pid), "--data"):
            assert word in str(refusal.value)
        assert folder.signing_key()
        process.kill()
    with folder.locked():
        assert (tmp_path / "lock").read_text().strip() == str(os.getpid())
        with pytest.raises(Occupied):
            Folder(tmp_path).lock()
    with Folder(tmp_path).locked():
        pass
