"""JSON without loss: the report, the names and the whole log. `read` gives what replays to an equal session."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from facilitate.core.events import Event
from facilitate.core.report import Report

KIND = "json"
MEDIA_TYPE = "application/json"
EXTENSION = "json"
WHOLE = True

VERSION = 1
DEEP = 3  # the report's lists stand in the second row


class Row(Struct, frozen=True, omit_defaults=True):
    """An event with its data as JSON within JSON."""

    session: str
    seq: int
    at: int
    by: str
    command: str
    check: str
    kind: str
    v: int
    data: msgspec.Raw
    undoes: str | None = None


class File(Struct, frozen=True):
    """What `read` needs of a file."""

    version: int
    names: dict[str, dict[str, Any]]
    log: list[Row]


def write(report: Report) -> bytes:
    """`{version, report, names, log}`; ideas of every state in `report.cards`, with the words that
    facilitators read; all others stand in the log alone."""
    contents: dict[str, Any] = {field: getattr(report, field) for field in report.__struct_fields__}
    names, log = contents.pop("rows"), contents.pop("log")
    rows = [Row(**{**_fields(event), "data": msgspec.Raw(event.data)}) for event in log]
    whole = {"version": VERSION, "report": contents, "names": names, "log": rows}
    return b"".join(_formatted(whole)) + b"\n"


def _formatted(value: Any, depth: int = 0) -> Iterator[bytes]:
    """As the encoder would in one go, but by parts: it lets nobody else have their turn while it works."""
    if depth < DEEP and value and isinstance(value, dict | list | tuple):
        named = isinstance(value, dict)
        items = list(value.items()) if isinstance(value, dict) else [(None, item) for item in value]
        indent = b"\n" + b" " * (depth + 1)
        yield b"{" if named else b"["
        for place, (name, item) in enumerate(items):
            yield (b"," if place else b"") + indent
            if named:
                yield msgspec.json.encode(name) + b": "
            yield from _formatted(item, depth + 1)
        yield b"\n" + b" " * depth + (b"}" if named else b"]")
        return
    yield msgspec.json.format(msgspec.json.encode(value), indent=1).replace(b"\n", b"\n" + b" " * depth)


def read(file: bytes) -> tuple[list[Event], dict[str, dict[str, Any]]]:
    """(log, names) of a written file; ValueError with a sentence if it is none or of another version."""
    try:
        found = msgspec.json.decode(file, type=File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"This is not a session that was exported as JSON: {error}") from error
    if found.version != VERSION:
        raise ValueError(f"This file has version {found.version}; this version of the program reads {VERSION}.")
    return [Event(**{**_fields(row), "data": _compact(row.data)}) for row in found.log], found.names


def _compact(data: msgspec.Raw) -> bytes:
    return msgspec.json.format(bytes(data), indent=-1)


def _fields(row: Event | Row) -> dict[str, Any]:
    return {field: getattr(row, field) for field in row.__struct_fields__}
