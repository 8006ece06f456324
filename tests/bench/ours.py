"""Our server as it is served, with sessions to load. Prints one line of JSON when it is ready.

`python -m tests.bench.ours PORT FOLDER WISH`: SQLite in FOLDER with `synchronous=FULL`; the live floor alone, or with
`pages` the whole application. WISH is JSON, see `Wish`.
"""

import json
import sys
from pathlib import Path

import msgspec
import socketio

from facilitate import app
from facilitate.live import gateway, loop
from facilitate.live.lobby import MOST, NewSession, PhaseWish
from facilitate.live.opening import lobby_of
from facilitate.store.folder import Folder

sys.modules["glin_profanity"] = None  # type: ignore[assignment]  # as most install it: without extras


class Wish(msgspec.Struct, frozen=True):
    """`ping`: seconds between two pings and for the answer, where not as usual; `longest`: characters of an idea."""

    sessions: int = 1
    pages: bool = False
    ping: tuple[float, float] | None = None
    longest: int = 280


async def main(port: int, folder: Path, wish: Wish) -> None:
    settings = app.Settings(data=folder, host="127.0.0.1", port=port)
    data = Folder(folder)
    data.owner_token()
    lobby = lobby_of(data, settings.url)
    await lobby.start()
    if wish.pages:
        asgi = app.application(lobby)
    else:
        server, _ = gateway.serve(lobby)
        asgi = socketio.ASGIApp(server)
        if wish.ping is not None:
            server.eio.ping_interval, server.eio.ping_timeout = wish.ping
    phases = {"collect": PhaseWish(settings={"max_length": wish.longest})}
    new = NewSession(format="quick-vote", capacity=MOST, phases=phases)
    codes = [(await lobby.create(new)).code for _ in range(wish.sessions)]
    sock = app.listening(settings)
    print(json.dumps({"codes": codes, "token": lobby.owner_token()}), flush=True)
    try:
        await app.attend(app.Server(app.configured(asgi, settings)), sock)
    finally:
        await lobby.stop()


if __name__ == "__main__":
    loop.run(main(int(sys.argv[1]), Path(sys.argv[2]), msgspec.json.decode(sys.argv[3], type=Wish)))
