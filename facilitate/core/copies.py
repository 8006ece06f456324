"""The readable copy beside the log: rows for tables that any SQLite tool can open. Nothing is rebuilt from it."""

from collections.abc import Iterable, Iterator
from typing import Any

from facilitate.core.book import Rules
from facilitate.core.formats import Texts
from facilitate.core.rounds import hands_of, tally_of
from facilitate.core.state import State
from facilitate.core.tables import Key

# (table, row); the primary keys are in KEYS. A row with only a part of its key takes away all rows that share it.
Copy = tuple[str, dict[str, Any]]

KEYS: dict[str, tuple[str, ...]] = {
    "sessions": ("id",),
    "phases": ("session", "id"),
    "ideas": ("session", "id"),
    "clusters": ("session", "id"),
    "tallies": ("session", "round", "option"),
}
COLUMNS: dict[str, dict[str, type]] = {
    "sessions": {
        "id": str, "code": str, "title": str, "format": str, "state": str, "created": int, "ended": int,
        "delete_at": int, "timezone": str,
    },
    "phases": {
        "session": str, "id": str, "number": int, "stage": str, "activity": str, "title": str, "prompt": str,
        "state": str, "minutes": float, "started": int,
    },
    "ideas": {
        "session": str, "id": str, "number": int, "phase": str, "board": str, "column": str, "cluster": str,
        "text": str, "lang": str, "source": str, "state": str,
    },
    "clusters": {"session": str, "id": str, "board": str, "letter": str, "title": str, "state": str},
    "tallies": {"session": str, "round": str, "option": str, "phase": str, "number": int, "hands": int, "state": str},
}  # fmt: skip


def copies(state: State, keys: Iterable[Key], rules: Rules) -> list[Copy]:
    """The rows of all touched records, whole; in the order in which they are to be written."""
    if not state.tables["session"]:
        return []
    return [row for type_, id_ in keys if type_ in ROWS for row in ROWS[type_](state, id_, rules)]


def all_copies(state: State, rules: Rules) -> list[Copy]:
    """The rows of the whole session."""
    keys = [(type_, id_) for type_ in ROWS for id_ in state.tables["round" if type_ == "tally" else type_]]
    return copies(state, keys, rules)


def _session(state: State, id_: str, rules: Rules) -> Iterator[Copy]:
    it = state.session
    title = _text(it.title, it.languages)
    yield "sessions", {**_of(it, "sessions"), "title": title, "delete_at": it.delete_at}


def _phase(state: State, id_: str, rules: Rules) -> Iterator[Copy]:
    if (it := state.phases.get(id_)) is not None:
        languages = state.session.languages
        texts = {"title": _text(it.title, languages), "prompt": _text(it.prompt, languages)}
        if it.removed or it.skipped:
            texts["state"] = "removed" if it.removed else "skipped"
        yield "phases", {**_of(it, "phases"), "session": state.session.id, "number": it.order, **texts}


def _idea(state: State, id_: str, rules: Rules) -> Iterator[Copy]:
    if (it := state.ideas.get(id_)) is not None:
        yield "ideas", {**_of(it, "ideas"), "session": state.session.id}


def _cluster(state: State, id_: str, rules: Rules) -> Iterator[Copy]:
    if (it := state.clusters.get(id_)) is not None:
        kept = "dissolved" if it.dissolved else "there"
        yield "clusters", {**_of(it, "clusters"), "session": state.session.id, "state": kept}


def _tally(state: State, id_: str, rules: Rules) -> Iterator[Copy]:
    """First away with what was there: a round may have been undone, or closed anew with other options than before."""
    if id_ not in state.tables["round"]:
        return
    place = {"session": state.session.id, "round": id_}
    yield "tallies", place
    it = state.rounds.get(id_)
    if it is None or it.state == "open" or it.method not in rules.methods:
        return
    hands = hands_of(state, it)
    for option, number in tally_of(state, it, rules.methods):
        counted = {"number": number, "hands": hands.get(option, 0)}
        yield "tallies", {**place, "option": option, "phase": it.phase, **counted, "state": it.state}


ROWS = {"session": _session, "phase": _phase, "idea": _idea, "cluster": _cluster, "tally": _tally}


def _of(record: Any, table: str) -> dict[str, Any]:
    """The columns of a table that the record has under the same name."""
    return {column: getattr(record, column) for column in COLUMNS[table] if hasattr(record, column)}


def _text(texts: Texts, languages: tuple[str, ...]) -> str:
    for language in languages:
        if language in texts:
            return texts[language]
    return next(iter(texts.values()), "")
