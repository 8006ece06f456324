"""What goes over the wire: frames put together from records that are already encoded, and our Socket.IO packet."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import orjson
import socketio.packet
from websockets import frames

from facilitate.core.projection import Entry

NAMESPACE = "/live"
DO = b"42/live,"  # an event from a browser, followed by the number that its answer bears
EVENT = "2/live,"  # a Socket.IO event in our namespace; Engine.IO puts a 4 before it
HALF = re.compile(r"\\u[dD][89a-fA-F]")  # a surrogate in JSON's spelling


class Packet(socketio.packet.Packet):  # type: ignore[misc]
    """Own encoder by subclass: `AsyncServer(json=...)` would replace NiceGUI's too, it is a class attribute."""

    class json:  # noqa: N801 - the name that the base class looks up
        @staticmethod
        def dumps(value: Any, **_: Any) -> str:
            return orjson.dumps(value, default=msgspec.to_builtins).decode()

        @staticmethod
        def loads(text: str | bytes, **_: Any) -> Any:
            try:
                return orjson.loads(text)
            except ValueError:
                return loosely(text)


def loosely(text: str | bytes) -> Any:
    """JSON with half an emoji in it, as a browser may cut a text: it is cleaned away later (`core/text.py`), and
    nobody's words wait for ever. ValueError where something else cannot be read."""
    text = text if isinstance(text, str) else text.decode()
    if not HALF.search(text):
        raise ValueError("not JSON")
    try:
        return json.loads(text, parse_constant=_none)
    except RecursionError as error:
        raise ValueError("nested beyond reason") from error


def _none(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def body(entries: Iterable[Entry]) -> str:
    """`"put":[...],"drop":[...]`. Records are JSON already; nothing is encoded twice."""
    put: list[bytes] = []
    drop: list[list[str]] = []
    for key, _, data in entries:
        if data is None:
            drop.append(list(key))
        else:
            put.append(data)
    return (b'"put":[' + b",".join(put) + b'],"drop":' + orjson.dumps(drop)).decode()


def joined(first: str, second: str) -> str:
    """Two bodies as one: the second's records come after the first's."""
    put_1, drop_1 = _parts(first)
    put_2, drop_2 = _parts(second)
    put = ",".join(part for part in (put_1, put_2) if part)
    drop = ",".join(part for part in (drop_1, drop_2) if part)
    return f'"put":[{put}],"drop":[{drop}]'


def _parts(text: str) -> tuple[str, str]:
    # `"drop"` comes last and holds ids alone, so the last `],"drop":[` is the border whatever people wrote.
    border = text.rindex('],"drop":[')
    return text[len('"put":[') : border], text[border + len('],"drop":[') : -1]


class Frame:
    """One event on its way to many: `text` for the stock path, `raw` as an open WebSocket writes it, made once."""

    __slots__ = ("_raw", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._raw: bytes | None = None

    @property
    def raw(self) -> bytes:
        if self._raw is None:
            self._raw = frames.Frame(frames.Opcode.TEXT, b"4" + self.text.encode()).serialize(mask=False)
        return self._raw


def answer(to: bytes, what: dict[str, Any]) -> bytes:
    """The finished frame that answers the command with this Socket.IO number."""
    text = b"43/live," + to + b"[" + orjson.dumps(what, default=msgspec.to_builtins) + b"]"
    return frames.Frame(frames.Opcode.TEXT, text).serialize(mask=False)


def asked(text: bytes) -> tuple[bytes, Any] | None:
    """(number to answer to, command) of a `do` in our namespace that wants an answer; None if it is anything else."""
    if not text.startswith(DO):
        return None
    border = text.find(b"[", len(DO), len(DO) + 12)
    number = text[len(DO) : border]
    if border < 0 or not number.isdigit():
        return None
    try:
        event, *rest = Packet.json.loads(text[border:])
    except ValueError:
        return None
    return (number, rest[0] if rest else None) if event == "do" else None


def change(start: int, seq: int, content: str) -> Frame:
    return Frame(f'{EVENT}["change",{{"from":{start},"seq":{seq},{content}}}]')


def welcome(you: dict[str, Any], now: int, log: str, start: int, seq: int, content: str) -> str:
    head = orjson.dumps({"you": you, "now": now, "log": log, "from": start, "seq": seq}).decode()
    return f'{EVENT}["welcome",{head[:-1]},{content}}}]'


def now(time: int, records: Sequence[dict[str, Any]]) -> Frame:
    return Frame(EVENT + orjson.dumps(["now", {"now": time, "put": records}]).decode())
