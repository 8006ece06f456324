"""The addresses of a session's pages, and how a new session is told to whoever asked for it."""

from collections.abc import Mapping
from typing import Any

from facilitate.live.lobby import Created, Lobby


def described(created: Created, lobby: Lobby) -> dict[str, Any]:
    """A new session as the API answers it, and as `new --json` prints it."""
    return {
        "code": created.code,
        "title": created.title,
        "links": links(created.code, lobby, created.tokens),
        "tokens": created.tokens,
    }


def links(code: str, lobby: Lobby, tokens: Mapping[str, str] | None = None) -> dict[str, str]:
    """Whole addresses; with the tokens behind `#` where they are known."""
    known = tokens or {}

    def link(page: str, role: str) -> str:
        return f"{lobby.public_url}/{page}/{code}" + (f"#{known[role]}" if role in known else "")

    return {
        "join": lobby.join_url(code),
        "screen": link("s", "screen"),
        "desk": link("desk", "facilitator"),
        "harvest": link("harvest", "facilitator"),
    }
