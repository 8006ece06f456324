"""Export formats: one file writes a report as bytes. The folder is the registry, a file's name is the kind."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from msgspec.structs import replace

from facilitate.core.refused import Refused
from facilitate.core.report import Report
from facilitate.core.state import State
from facilitate.core.view import holds_covered


class Export(Protocol):
    """A file in this folder. The same report gives the same bytes.

    One that says `WHOLE = True` is given the log and the names too: it is a backup, and waits (see `waits`).
    """

    KIND: str
    MEDIA_TYPE: str
    EXTENSION: str  # without a dot

    @staticmethod
    def write(report: Report) -> bytes: ...


@cache
def kinds() -> Mapping[str, Export]:
    """All export formats by kind, in alphabetical order."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
    return {name: cast(Export, import_module(f"{__name__}.{name}")) for name in names}


def waits(export: Export, state: State) -> bool:
    """Whether this file cannot be had yet.

    A report holds what facilitators can read at their desk, so it can be taken at any time. The log holds more: cards
    that lie face down for the desk too, and ballots of a round that is open. A backup with holes would be none, and one
    with all of it would be a peek of which nobody hears; so it waits until the cards are turned over (or peeked at,
    which the log tells) and the round is closed. That holds for the command line too: whoever runs the server has the
    database itself, and copies that.
    """
    return is_whole(export) and holds_covered(state)


def is_whole(export: Export) -> bool:
    return bool(getattr(export, "WHOLE", False))


def file(export: Export, report: Report, state: State) -> bytes:
    """What may leave the server. Refused: `export.covered`."""
    if waits(export, state):
        raise Refused("export.covered")
    return export.write(report if is_whole(export) else replace(report, log=(), rows={}))
