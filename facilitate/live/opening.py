"""The rules with all that is there, and the lobby over a data folder: what the server and every other command begin
with. It starts without NiceGUI, which takes half a second."""

from facilitate import activities, votes
from facilitate.core.book import Rules
from facilitate.core.decide import rules_of
from facilitate.live import formats
from facilitate.live.almanac import Almanac
from facilitate.live.clock import Clock, SystemClock, timezone_here
from facilitate.live.folders import sessions_folder
from facilitate.live.lobby import Lobby
from facilitate.live.writer import Writer
from facilitate.store.folder import Folder, Unusable
from facilitate.store.sqlite import SqliteStore


def rules(timezone: str = "") -> Rules:
    """The rules with every activity and vote method that is there. `timezone` is the house's; "": this machine's."""
    return rules_of(activities.modules(), votes.modules(), timezone or timezone_here())


def lobby_of(
    folder: Folder, url: str, clock: Clock | None = None, timezone: str = "", *, key: bytes | None = None
) -> Lobby:
    """The lobby over a data folder; not started yet. Raises `FormatMistake`, `Unusable`.

    `key` is for what signs nothing that anybody keeps; else it is the folder's.
    """
    book = rules(timezone)
    path = folder.database()
    return Lobby(
        writer=Writer(lambda: SqliteStore(path)),
        clock=clock or SystemClock(),
        rules=book,
        formats=formats.load(sessions_folder(), book.activities, book.methods),
        key=key or folder.signing_key(),
        owner_token=lambda: _owner_token(folder),
        public_url=url,
        almanac=Almanac(folder.clock()),
    )


def _owner_token(folder: Folder) -> str:
    """Read each time: a renewed one holds at once. None is made, and where the file is damaged meanwhile there is
    none: all others go on."""
    try:
        return folder.owner_token() if folder.has_owner() else ""
    except (Unusable, OSError):
        return ""
