"""Pages of visitors who have gone: they leave nothing behind, and nobody has to look for it.

The collector is tuned for phones and never looks at what is old. So a page that is deleted lets go of everything by
itself: its elements hold the handlers, those the objects of the page, and these the elements again.
"""

import asyncio
from typing import Any

import nicegui
from fastapi import APIRouter, FastAPI, Request, Response
from nicegui import Client, background_tasks

from facilitate.live.lobby import Lobby
from facilitate.ui.access import guarded

SOON = 10.0  # seconds: a tab that was closed may be opened again, or its last packets come late


def forget(client: Client) -> None:
    """Cut the circles of a page that is being deleted; its elements are taken away by NiceGUI itself."""
    for element in client.elements.values():
        held: Any = element
        held._event_listeners.clear()
        # What NiceGUI observes tells itself.
        for observed in (held, held._props, held._classes, held._style):
            if hasattr(observed, "_change_handlers"):
                observed._change_handlers.clear()


def add(app: FastAPI, lobby: Lobby) -> None:
    """`POST /auth/closed/PAGE`: a browser closed this page for good, or went on to another."""
    doors = APIRouter(prefix="/auth", include_in_schema=False)

    @doors.post("/closed/{page}")
    async def closed(request: Request, page: str) -> Response:
        async def give() -> Response:
            if (client := Client.instances.get(page)) is not None:
                background_tasks.create(leave(client), name=f"leave {client.page.path}")
            return Response(status_code=204)

        return await guarded(request, lobby, give)

    app.include_router(doors)


async def leave(client: Client) -> None:
    """Delete a page that nobody looks at any more; without a word it is kept as long as a laptop may sleep."""
    await asyncio.sleep(SOON)
    if client.is_deleted or client.has_socket_connection:
        return
    for document in list(client._delete_tasks):
        client._cancel_delete_task(document)
    client.delete()
    tab = client._pinned_tab_id
    if tab and all(other._pinned_tab_id != tab for other in Client.instances.values()):
        await nicegui.core.app.storage.close_tab(tab)
