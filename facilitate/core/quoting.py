"""Where a text stands a second time, word for word: in titles, notes and messages on a screen."""

import re
from collections.abc import Iterable

from facilitate.core.state import State
from facilitate.core.tables import Key


def quoting(state: State, ideas: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """(clusters, notes, messages) that quote any text, today's or an earlier one, that one of these ideas had.

    Of clusters and notes any text may do so, also an earlier one; each message is one by itself.
    """
    texts = {text for idea in ideas for text in _said(state, ("idea", idea), state.ideas[idea].text)}
    if not texts:
        return (), (), ()
    found = re.compile("|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in sorted(texts)), re.IGNORECASE)
    clusters = (it.id for it in state.clusters.values() if _holds(state, found, ("cluster", it.id), it.title))
    notes = (it.id for it in state.notes.values() if _holds(state, found, ("note", it.id), it.text))
    messages = (id_ for type_, id_ in state.earlier if type_ == "message" and _holds(state, found, (type_, id_), None))
    return tuple(clusters), tuple(notes), tuple(messages)


def _holds(state: State, found: re.Pattern[str], key: Key, now: str | None) -> bool:
    return any(found.search(" ".join(text.split())) for text in _said(state, key, now))


def _said(state: State, key: Key, now: str | None) -> list[str]:
    """All that ever stood there."""
    return [text for text in (now, *state.earlier.get(key, ())) if text]
