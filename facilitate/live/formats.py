"""Formats from a folder: one TOML file is one format, and its name is the format's id."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facilitate.core.formats import Format, FormatMistake, read
from facilitate.live.folders import sessions_folder as folder

__all__ = ["folder", "load"]


def load(directory: Path, activities: Mapping[str, Any], methods: Mapping[str, Any]) -> dict[str, Format]:
    """All formats of a folder by id, in alphabetical order; FormatMistake if one of them cannot be used."""
    paths = sorted(directory.glob("*.toml"))
    return {path.stem: read(path.stem, _parsed(path), activities, methods) for path in paths}


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as mistake:
        raise FormatMistake(path.name, "", "", f"is not TOML: {mistake}") from mistake
