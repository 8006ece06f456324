"""Where a text stands a second time, word for word: on cards that bear it, in titles, notes, questions, reasons, and
in messages on a screen."""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from facilitate.core.spoken import SPOKEN, texts_in
from facilitate.core.state import State
from facilitate.core.tables import Key

# Of which none says anything by itself: alone on a card it is not quoted wherever it stands in a sentence.
LITTLE = frozenset(
    re.findall(
        r"\w+",
        """
        a an and are but can for how i in is it no not of ok on or so the this that to us we what when where who why
        with yes you
        aber als auch auf bei da das den der die doch du ein eine er es für hier ich ihr ist ja kein man mehr mit nein
        nicht noch nun nur oder sehr sie sind um und uns von wann warum was wer wie wir wo zu
        """,
    )
)
QUOTES = "\"'\u2018\u2019\u201a\u201c\u201d\u201e\u2039\u203a\xab\xbb"
MARKS = f" .,;:!?\u2026()[]{QUOTES}"  # what may stand around words without being of them


class Quoted(Struct, frozen=True):
    """What quotes any text, today's or an earlier one, that one of these ideas had.

    Of clusters and notes any text may do so, also an earlier one; the others are each one text by itself.
    """

    ideas: tuple[str, ...]  # the one that was asked for, and the cards that bear its words
    clusters: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    screens: tuple[str, ...] = ()  # that show one of the messages now
    spoken: tuple[str, ...] = ()
    silent: tuple[tuple[str, str, str], ...] = ()  # (table, record, field) that hold one of these now


def quoting(state: State, idea: str) -> Quoted:
    ideas = _copies(state, [idea])
    while True:
        texts = {text for one in ideas for text in _said(state, ("idea", one), state.ideas[one].text)}
        if not texts:
            return Quoted(tuple(ideas))
        found = re.compile("|".join(map(_quotation, sorted(texts))), re.IGNORECASE)
        clusters = [it.id for it in state.clusters.values() if _holds(state, found, ("cluster", it.id), it.title)]
        titled = [
            it.id
            for it in state.ideas.values()
            if it.id not in ideas and it.origin and it.origin.cluster in clusters and not it.origin.idea
            if _holds(state, found, ("idea", it.id), it.text)
        ]
        if not titled:
            return _rest(state, found, tuple(ideas), tuple(clusters))
        ideas += _copies(state, titled)


def _quotation(text: str) -> str:
    """The pattern of a text where it is quoted: within a sentence, or, where it says too little for that, as a whole
    or between quotation marks."""
    plain = " ".join(text.split())
    found = re.escape(plain.strip(MARKS) or plain)
    words = re.findall(r"\w+", plain.casefold())
    if len(words) > 1 or any(not word.isdigit() and word not in LITTLE for word in words):
        return rf"(?<!\w){found}(?!\w)"
    around = f"[{re.escape(MARKS)}]*"
    return rf"^{around}{found}{around}$|[{QUOTES}]{found}[.,!?]*[{QUOTES}]"


def _copies(state: State, ideas: Iterable[str]) -> list[str]:
    """These, and the cards of later boards that bear their texts, and those that were carried on from them."""
    found = list(ideas)
    for one in found:
        found += [other.id for other in state.ideas.values() if other.origin and other.origin.idea == one]
    return found


def _rest(state: State, found: re.Pattern[str], ideas: tuple[str, ...], clusters: tuple[str, ...]) -> Quoted:
    notes = (it.id for it in state.notes.values() if _holds(state, found, ("note", it.id), it.text))
    messages = [id_ for type_, id_ in state.earlier if type_ == "message" and _holds(state, found, (type_, id_), None)]
    shown = {text for message in messages for text in state.earlier["message", message]}
    planned = set(_planned(state))
    spoken = [
        id_
        for type_, id_ in state.earlier
        if type_ == "spoken" and _holds(state, found, (type_, id_), None)
        if not {_unnumbered(text) for text in state.earlier[type_, id_]} <= planned
    ]
    return Quoted(
        ideas,
        clusters,
        tuple(notes),
        tuple(messages),
        tuple(screen.id for screen in state.screens.values() if screen.shows.get("text") in shown),
        tuple(spoken),
        tuple(_silent(state, spoken)),
    )


def _planned(state: State) -> Iterator[str]:
    """What has stood there since before the first idea: a step that is repeated says it again, and quotes nobody."""
    later = {said.partition("/")[2] for type_, said in state.earlier if type_ == "spoken"}
    for table in ("phase", "board"):
        for record in state.tables[table].values():
            for field in SPOKEN[table]:
                if f"{record.id}/{field}" not in later:
                    yield from texts_in(field, getattr(record, field))


def _unnumbered(title: str) -> str:
    """Without the number that tells a repeated step from the first."""
    return re.sub(r" \(\d+\)$", "", title)


def _silent(state: State, spoken: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    for said in spoken:
        _, record, field = said.split("/")
        texts = set(state.earlier["spoken", said])
        for table, fields in SPOKEN.items():
            now = state.tables[table].get(record) if field in fields else None
            if now is not None and not texts.isdisjoint(texts_in(field, getattr(now, field))):
                yield table, record, field


def _holds(state: State, found: re.Pattern[str], key: Key, now: str | None) -> bool:
    return any(found.search(" ".join(text.split())) for text in _said(state, key, now))


def _said(state: State, key: Key, now: str | None) -> list[str]:
    """All that ever stood there."""
    return [text for text in (now, *state.earlier.get(key, ())) if text]
