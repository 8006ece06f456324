"""What browsers do to NiceGUI's pages: every act comes in here, and is asked for its permission when it comes.

A page is let in by the gate once, and then stays open for hours; a link may be withdrawn meanwhile, or a browser sign
out. So no handler of a page asks by itself, and none can forget to: nothing of NiceGUI's wire reaches a page past this.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import nicegui
from fastapi import Request
from nicegui import Client
from socketio.exceptions import ConnectionRefusedError

from facilitate.live.lobby import Lobby
from facilitate.ui.access import Ring, accesses_of, is_open, ring_of

ACTS = ("event", "javascript_response")  # what carries something into a page
UNHEARD = ("log",)  # a browser writes nothing into the log of the server
HARMLESS = ("ack", "disconnect")  # tell what a browser has got, and that it went
NONSENSE = (AttributeError, KeyError, TypeError, ValueError)  # NiceGUI reads what comes as if it were its own
_PERMIT = "permit"
_AGAIN = "Implicit handshake failed"  # NiceGUI's browser then asks for the page anew

# As NiceGUI made them, however often an application is put together.
_CARRY: dict[str, Callable[..., Any]] = dict(nicegui.core.sio.handlers["/"])


@dataclass(frozen=True, slots=True)
class Permit:
    """What a page was opened with, and what for; `session` None: for the house. `tell` says that it is not open (any
    more)."""

    lobby: Lobby
    ring: Ring
    page: str
    session: str | None

    def holds(self) -> bool:
        """Whether it would be opened now."""
        return is_open(self.page, self.session, accesses_of(self.ring, self.lobby))


def permitted(request: Request, lobby: Lobby, page: str, session: str | None = None) -> Permit:
    return Permit(lobby, ring_of(request), page, session)


def give(client: Client, permit: Permit, tell: Callable[[], None]) -> None:
    """To the page that is being built. `tell` says on it that it is not open any more."""
    client.storage[_PERMIT] = (permit, tell)


def guard() -> None:
    """Put the question before each act, and before a browser that comes (back) to a page."""
    for name in ACTS:
        nicegui.core.sio.on(name, _asked(_CARRY[name]))
    for name in UNHEARD:
        nicegui.core.sio.on(name, _unheard)
    nicegui.core.sio.on("connect", _connect)
    nicegui.core.sio.on("handshake", _handshake)


def _given(message: Any) -> tuple[Permit, Callable[[], None]] | None:
    """The permit of the page that a message names, and how it is told that it has none any more."""
    client = Client.instances.get(str(message.get("client_id"))) if isinstance(message, dict) else None
    found: tuple[Permit, Callable[[], None]] | None = client.storage.get(_PERMIT) if client else None
    return found


def _asked(carry: Callable[..., Any]) -> Callable[..., None]:
    def act(sid: str, message: Any = None, *more: Any) -> None:
        given = _given(message)
        if given is None:
            return
        permit, tell = given
        if permit.holds():
            with suppress(*NONSENSE):
                carry(sid, message)
        else:
            tell()

    return act


def _is_gone(message: Any) -> bool:
    """Whether it names a page that would not be opened now. NiceGUI's own pages of errors have no permit."""
    given = _given(message)
    return given is not None and not given[0].holds()


async def _connect(sid: str, environ: dict[str, Any], auth: Any = None) -> None:
    query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
    if _is_gone(query):
        raise ConnectionRefusedError(_AGAIN)
    try:
        await _CARRY["connect"](sid, environ, auth)
    except NONSENSE as error:
        raise ConnectionRefusedError(_AGAIN) from error


async def _handshake(sid: str, message: Any = None, *more: Any) -> bool:
    with suppress(*NONSENSE):
        return bool(not _is_gone(message) and await _CARRY["handshake"](sid, message))
    return False


def _unheard(sid: str, *said: Any) -> None:
    pass
