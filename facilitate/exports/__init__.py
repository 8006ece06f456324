"""Export formats: one file writes a report as bytes. The folder is the registry, a file's name is the kind."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from facilitate.core.report import Report


class Export(Protocol):
    """A file in this folder. The same report gives the same bytes."""

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
