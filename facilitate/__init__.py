"""Phased co-learning, co-sharing and co-creation sessions for a room of two hundred people."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("facilitate")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0.0.0"
