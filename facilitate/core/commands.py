"""Commands as they come from outside: unknown kinds and malformed fields are refused with a key."""

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from facilitate.core import book
from facilitate.core.book import Command
from facilitate.core.refused import Refused

ID = re.compile(r"[A-Za-z0-9_-]{16,40}")


def program_id(name: str, seq: int) -> str:
    """The id of what the program itself says after event `seq`: one that `read` takes from nobody."""
    return f"{name}/{seq:016d}"


def kind_of(command: Command | type[Command]) -> str:
    cls = command if isinstance(command, type) else type(command)
    return str(cls.__struct_config__.tag)


def read(raw: Any) -> Command:
    """A command from decoded JSON. Refused: `command.malformed`, `command.unknown`."""
    if not isinstance(raw, Mapping):
        raise Refused("command.malformed")
    kind, id_ = raw.get("kind"), raw.get("id")
    if not isinstance(kind, str) or not isinstance(id_, str) or not ID.fullmatch(id_):
        raise Refused("command.malformed")
    cls = book.COMMANDS.get(kind)
    if cls is None:
        raise Refused("command.unknown", kind=kind[:40].encode("ascii", "replace").decode())
    try:
        return msgspec.convert(raw, cls, strict=True)
    except (msgspec.ValidationError, UnicodeError, RecursionError) as error:
        raise Refused("command.malformed") from error


def content(command: Command) -> bytes:
    """Its bytes in one form, for the fingerprint that tells a repeat from another use of the id."""
    # Not msgspec's encoder: half an emoji, as a browser may cut it, is no UTF-8, and is cleaned away later.
    return json.dumps(msgspec.to_builtins(command), sort_keys=True).encode()
