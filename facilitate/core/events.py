"""Events: facts in their envelope, written as JSON with a version and read back through the upcasters."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from facilitate.core import book
from facilitate.core.book import Fact
from facilitate.core.spoken import places, silenced


class Event(Struct, frozen=True, kw_only=True):
    """A row of the log. `at` is server time in ms; `by` a tag, a participant's id, `facilitator:ID` or `clock`."""

    session: str
    seq: int
    at: int
    by: str
    command: str
    check: str  # keyed fingerprint of the command, for repeats
    kind: str
    v: int
    data: bytes  # JSON
    undoes: str | None = None


class Unreadable(Exception):  # noqa: N818
    """An event that this version does not know: the session opens read-only, or not at all."""

    def __init__(self, kind: str, v: int) -> None:
        super().__init__(f"event {kind} version {v} is not known to this version of the program")
        self.kind = kind
        self.v = v


def kind_of(fact: Fact | type[Fact]) -> str:
    cls = fact if isinstance(fact, type) else type(fact)
    return KINDS.get(cls) or cls.__name__


KINDS: dict[type[Fact], str] = {}
_decoders: dict[type[Fact], msgspec.json.Decoder[Any]] = {}


def write(fact: Fact) -> tuple[str, int, bytes]:
    """(kind, version, JSON)."""
    kind = kind_of(fact)
    return kind, book.VERSIONS[kind], msgspec.json.encode(fact)


def read(kind: str, v: int, data: bytes) -> Fact:
    """The fact, brought up to today's version. Raises `Unreadable`."""
    cls = book.FACTS.get(kind)
    if cls is None or v > book.VERSIONS[kind]:
        raise Unreadable(kind, v)
    try:
        if v < book.VERSIONS[kind]:
            fields: dict[str, Any] = msgspec.json.decode(data)
            for version in range(v, book.VERSIONS[kind]):
                fields = book.UPCASTERS[kind, version](fields)
            return msgspec.convert(fields, cls)
        decoder = _decoders.get(cls)
        if decoder is None:
            decoder = _decoders[cls] = msgspec.json.Decoder(cls)
        return decoder.decode(data)  # type: ignore[no-any-return]
    except (msgspec.MsgspecError, KeyError) as error:
        raise Unreadable(kind, v) from error


FREE = ("text", "reason", "title")  # the fields that hold what people typed about one thing


def blanked(event: Event, things: frozenset[str]) -> Event:
    """The same event without the free text of these ideas, comments, clusters ...; itself where it holds none.

    A note goes by its phase and its item, with a slash between, as its record does; a message on a screen by the
    command that showed it and the screen; what else the desk said by the command, the record and the field.
    """
    data: Mapping[str, Any] = msgspec.json.decode(event.data)
    note = f"{data.get('phase')}/{data.get('item')}"
    named = {data.get(field) for field in ("idea", "comment", "answer", "cluster") if isinstance(data.get(field), str)}
    if not (named | {note}).isdisjoint(things) and any(field in data for field in FREE):
        data = {**data, **{field: None for field in FREE if field in data}}
    elif data.get("record") in things and "fields" in data:
        fields = {name: None if name in FREE else value for name, value in data["fields"].items()}
        data = {**data, "fields": fields}
    elif f"{event.command}/{data.get('screen')}" in things and "shows" in data:
        data = {**data, "shows": _silent(data["shows"])}
    elif f"{event.command}/{data.get('record')}" in things and "shows" in data.get("fields", ()):
        data = {**data, "fields": {**data["fields"], "shows": _silent(data["fields"]["shows"])}}
    else:
        quiet = {**data, **_quieted(event.command, data, things)}
        if quiet == data:
            return event
        data = quiet
    return msgspec.structs.replace(event, data=msgspec.json.encode(data))


def _silent(shows: Mapping[str, Any]) -> dict[str, Any]:
    return {name: None if name in FREE else value for name, value in shows.items()}


def _quieted(command: str, data: Mapping[str, Any], things: frozenset[str]) -> dict[str, Any]:
    """The parts of a fact in which something is to be blanked, without it."""
    parts: dict[str, Any] = {}
    for record, part in places(data):
        fields = data[part] if part else data
        quiet = {name: silenced(name, fields[name]) for name in fields if f"{command}/{record}/{name}" in things}
        if quiet:
            parts |= {part: {**fields, **quiet}} if part else quiet
    return parts
