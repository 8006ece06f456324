"""Where the files lie that are not code: inside an installed package, or beside the package in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent


def sessions_folder() -> Path:
    """The folder of the formats that come with the program."""
    return _shipped("sessions")


def assets_folder() -> Path:
    """The folder of what browsers load."""
    return _shipped("assets")


def _shipped(name: str) -> Path:
    installed = _PACKAGE / f"_{name}"
    return installed if installed.is_dir() else _PACKAGE.parent / name
