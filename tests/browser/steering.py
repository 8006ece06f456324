"""Somebody who steers a session over the wire, beside the pages of a browser test: quick, and without a page."""

import asyncio
import secrets
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import socketio

from tests.server import Server


class Steering:
    """A client in a thread of its own. `role` is that of the token; without one it is a participant."""

    def __init__(self, url: str, code: str, token: str | None = None) -> None:
        self.url, self.code, self.token = url, code, token
        self.records: dict[tuple[str, str], dict[str, Any]] = {}
        self.seq = 0
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self._wait(self._open())

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    async def _open(self) -> None:
        self.welcomed = asyncio.Event()
        self.client = socketio.AsyncClient()
        for event in ("welcome", "change", "now"):
            self.client.on(event, self._apply, namespace="/live")
        auth = {"code": self.code, **({"token": self.token} if self.token else {})}
        await self.client.connect(self.url, namespaces=["/live"], auth=auth, transports=["websocket"])
        await asyncio.wait_for(self.welcomed.wait(), 10)

    def _apply(self, frame: dict[str, Any]) -> None:
        for type_, id_ in frame.get("drop", ()):
            self.records.pop((type_, id_), None)
        for record in frame.get("put", ()):
            self.records[record["type"], record["id"]] = record
        self.seq = frame.get("seq", self.seq)
        self.welcomed.set()

    def do(self, kind: str, **fields: Any) -> str:
        """The command's id, once it is accepted and what it changed has come. Waits where it is told to."""
        command = {"id": secrets.token_urlsafe(18), "kind": kind, **fields}
        answer = self._wait(self.client.call("do", command, namespace="/live", timeout=10))
        while not answer["ok"] and "retry" in answer["error"]:
            time.sleep(answer["error"]["retry"])
            answer = self._wait(self.client.call("do", command, namespace="/live", timeout=10))
        assert answer["ok"], answer
        # Nothing that a participant sees changes by a name that is not given.
        patience = time.monotonic() + (0 if kind == "Join" else 5)
        while self.seq < answer["seq"] and time.monotonic() < patience:
            time.sleep(0.005)
        return str(command["id"])

    def all(self, type_: str) -> list[dict[str, Any]]:
        return [record for (kind, _), record in self.records.items() if kind == type_]

    def close(self) -> None:
        self._wait(self.client.disconnect())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


@contextmanager
def steering(server: Server, code: str, token: str | None = None) -> Iterator[Steering]:
    it = Steering(server.url, code, token)
    try:
        yield it
    finally:
        it.close()
