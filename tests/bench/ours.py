"""Our server as it is served, on one core, with sessions to load. Prints one line of JSON when it is ready.

`python -m tests.bench.ours PORT FOLDER SESSIONS`: SQLite in FOLDER with `synchronous=FULL`; the live floor alone.
"""

import json
import os
import sys
from pathlib import Path

import socketio

from facilitate import app
from facilitate.live import gateway, loop
from facilitate.live.lobby import MOST, NewSession
from facilitate.store.folder import Folder

CORE = 0


async def main(port: int, folder: Path, sessions: int) -> None:
    settings = app.Settings(data=folder, host="127.0.0.1", port=port)
    lobby = app.lobby_of(Folder(folder), settings.url)
    await lobby.start()
    server, _ = gateway.serve(lobby)
    codes = [(await lobby.create(NewSession(format="quick-vote", capacity=MOST))).code for _ in range(sessions)]
    sock = app.listening(settings)
    print(json.dumps({"codes": codes, "token": lobby.owner_token()}), flush=True)
    try:
        await app.attend(app.Server(app.configured(socketio.ASGIApp(server), settings)), sock)
    finally:
        await lobby.stop()


if __name__ == "__main__":
    os.sched_setaffinity(0, {CORE})
    loop.run(main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
