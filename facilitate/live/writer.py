"""The one writer: what all sessions have waiting goes to the store in one transaction, in a thread of its own."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from msgspec.structs import replace

from facilitate.store import Append, Store

T = TypeVar("T")

LOT = 200  # rows of the readable copy that are written in one go

logger = logging.getLogger("facilitate")
REST = 0.02  # seconds between two slices of tidying, for those who read what the writer's thread gives back


class Writer:
    """`open_store` is called in the writer's thread, because a database connection belongs to its thread."""

    def __init__(self, open_store: Callable[[], Store]) -> None:
        self._open = open_store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._store: Store | None = None
        self._waiting: list[tuple[Append, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._tidying: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Opens the store; raises what it raises (`Damaged`)."""

        def open_() -> None:
            self._store = self._open()

        await asyncio.get_running_loop().run_in_executor(self._thread, open_)

    async def call(self, ask: Callable[[Store], T]) -> T:
        """Run `ask` with the store, in its thread, between two batches."""

        def run() -> T:
            assert self._store is not None, "the writer was not started"
            return ask(self._store)

        return await asyncio.get_running_loop().run_in_executor(self._thread, run)

    async def append(self, append: Append) -> None:
        """Returns once it is on disk. Raises `Conflict` or the store's own error; then nothing of it is stored.

        Where a command touched thousands of cards, their rows in the readable copy follow by lots, so that others are
        written between; if one of them fails, what happened is stored all the same.
        """
        first, *others = _lots(append)
        await self._enqueue(first)
        try:
            for lot in others:
                await self._enqueue(lot)
        except Exception:
            logger.exception("session %s: its readable copy lags behind until the next start", append.session)

    async def _enqueue(self, append: Append) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((append, future))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await future

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            appends = [append for append, _ in batch]

            def write(store: Store, appends: list[Append] = appends) -> list[Exception | None]:
                return store.append(appends)

            try:
                outcomes = await self.call(write)
            except Exception as error:
                outcomes = [error] * len(batch)
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                if future.done():
                    continue
                if outcome is None:
                    future.set_result(None)
                else:
                    future.set_exception(outcome)

    def tidy(self) -> None:
        """To be called now and then: what the store has still to do is done between batches, in slices."""
        if self._tidying is None or self._tidying.done():
            self._tidying = asyncio.create_task(self._tidy())

    async def _tidy(self) -> None:
        more = True
        while more:
            more = await self.call(lambda store: store.tidy())
            await asyncio.sleep(REST)

    async def close(self) -> None:
        if self._tidying is not None:
            self._tidying.cancel()
            await asyncio.gather(self._tidying, return_exceptions=True)
        if self._writing is not None:
            await asyncio.gather(self._writing, return_exceptions=True)
        if self._store is not None:
            await self.call(lambda store: store.close())
        self._thread.shutdown()


def _lots(append: Append) -> list[Append]:
    if len(append.copies) <= LOT:
        return [append]
    lots = [append.copies[at : at + LOT] for at in range(0, len(append.copies), LOT)]
    rest = Append(session=append.session, expected=append.expected + len(append.events), events=())
    return [
        replace(rest if number else append, copies=lot, more=lot is not lots[-1]) for number, lot in enumerate(lots)
    ]
