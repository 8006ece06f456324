"""The readable copy beside the log: rows for tables that any SQLite tool can open. Nothing is rebuilt from it."""

from collections.abc import Iterable
from typing import Any

from facilitate.core.book import Rules
from facilitate.core.rounds import tally_of
from facilitate.core.state import Key, State, Texts

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
        "delete_at": int,
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
    "tallies": {"session": str, "round": str, "option": str, "phase": str, "number": int, "state": str},
}  # fmt: skip


def copies(state: State, keys: Iterable[Key], rules: Rules) -> list[Copy]:
    """The rows of all touched records, whole; in the order in which they are to be written."""
    if not state.tables["session"]:
        return []
    session = state.session
    languages = session.languages
    rows: list[Copy] = []
    for type_, id_ in keys:
        if type_ == "session":
            rows.append(
                (
                    "sessions",
                    {
                        "id": session.id,
                        "code": session.code,
                        "title": _text(session.title, languages),
                        "format": session.format,
                        "state": session.state,
                        "created": session.created,
                        "ended": session.ended,
                        "delete_at": session.delete_at,
                    },
                )
            )
        elif type_ == "phase" and id_ in state.phases:
            phase = state.phases[id_]
            rows.append(
                (
                    "phases",
                    {
                        "session": session.id,
                        "id": id_,
                        "number": phase.order,
                        "stage": phase.stage,
                        "activity": phase.activity,
                        "title": _text(phase.title, languages),
                        "prompt": _text(phase.prompt, languages),
                        "state": phase.state,
                        "minutes": phase.minutes,
                        "started": phase.started,
                    },
                )
            )
        elif type_ == "idea" and id_ in state.ideas:
            idea = state.ideas[id_]
            rows.append(
                (
                    "ideas",
                    {
                        "session": session.id,
                        "id": id_,
                        "number": idea.number,
                        "phase": idea.phase,
                        "board": idea.board,
                        "column": idea.column,
                        "cluster": idea.cluster,
                        "text": idea.text,
                        "lang": idea.lang,
                        "source": idea.source,
                        "state": idea.state,
                    },
                )
            )
        elif type_ == "cluster" and id_ in state.clusters:
            cluster = state.clusters[id_]
            rows.append(
                (
                    "clusters",
                    {
                        "session": session.id,
                        "id": id_,
                        "board": cluster.board,
                        "letter": cluster.letter,
                        "title": cluster.title,
                        "state": "dissolved" if cluster.dissolved else "there",
                    },
                )
            )
        elif type_ == "tally" and id_ in state.tables["round"]:
            # A round may have been undone, or closed anew with other options than before.
            rows.append(("tallies", {"session": session.id, "round": id_}))
            round_ = state.rounds.get(id_)
            if round_ and round_.state != "open" and round_.method in rules.methods:
                rows += [
                    (
                        "tallies",
                        {
                            "session": session.id,
                            "round": id_,
                            "option": option,
                            "phase": round_.phase,
                            "number": number,
                            "state": round_.state,
                        },
                    )
                    for option, number in tally_of(state, round_, rules.methods)
                ]
    return rows


def _text(texts: Texts, languages: tuple[str, ...]) -> str:
    for language in languages:
        if language in texts:
            return texts[language]
    return next(iter(texts.values()), "")
