"""Writes a folder of the archive anew, or what everybody sees of it: `python -m tests.archive make|record VERSION`.

`make` is done once, by the version that it is named after, and the result is never written again. `record` writes what
today's program shows of it; whoever runs it says in the commit why something looks different now.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from facilitate.core import book
from facilitate.live.clock import ManualClock
from facilitate.live.opening import lobby_of
from facilitate.store.folder import Folder
from tests.archive import shelf
from tests.archive.evening import everything

BEGUN = 1_790_000_000_000  # 2026-09-21 14:13 UTC


async def make(version: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder, clock = Folder(Path(place) / "data"), ManualClock(BEGUN)
        lobby = lobby_of(folder, "http://hall.test", clock)
        folder.owner_token()
        await lobby.start()
        await everything(lobby, clock)
        missing = set(book.FACTS) - await shelf.kinds(lobby)
        await lobby.stop()
        if missing:
            raise SystemExit(f"No event of these kinds happens: {', '.join(sorted(missing))}")
        shelf.pack(folder, version)


def main(deed: str, version: str) -> None:
    if deed == "make":
        if shelf.packed(version).exists():
            raise SystemExit(f"{shelf.packed(version)} is there; what an earlier version wrote is not written again.")
        asyncio.run(make(version))
    asyncio.run(shelf.record(version))


if __name__ == "__main__":
    main(*sys.argv[1:])
