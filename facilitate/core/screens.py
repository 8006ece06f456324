"""What a screen shows: the current phase unless the desk chooses something else."""

from typing import Any

from facilitate.core import text as words
from facilitate.core.book import Case, Command, Fact, decides, evolves
from facilitate.core.refused import Refused
from facilitate.core.state import State

SHOWABLE = ("phase", "board", "code", "results", "message", "black")


class Show(Command, frozen=True):
    screen: str = "main"
    what: str = "phase"
    board: str | None = None
    round: str | None = None
    text: str | None = None
    page: int | None = None  # None: the pages turn by themselves


class ScreenShows(Fact, frozen=True):
    screen: str
    shows: dict[str, Any]


@decides(Show, "facilitator")
def _show(command: Show, case: Case) -> list[Fact]:
    if command.screen not in case.state.screens:
        raise Refused("screen.unknown")
    if command.what not in SHOWABLE:
        raise Refused("command.malformed")
    if command.board is not None and command.board not in case.state.boards:
        raise Refused("board.unknown")
    if command.round is not None and command.round not in case.state.rounds:
        raise Refused("round.unknown")
    if command.page is not None and not 0 <= command.page < 10_000:
        raise Refused("command.malformed")
    shows: dict[str, Any] = {"what": command.what}
    if command.text is not None:
        shows["text"] = words.clean(command.text, words.IDEA, lines=True)
    for field in ("board", "round", "page"):
        value = getattr(command, field)
        if value is not None:
            shows[field] = value
    if case.state.screens[command.screen].shows == shows:
        return []
    return [ScreenShows(screen=command.screen, shows=shows)]


@evolves(ScreenShows)
def _shows(state: State, fact: ScreenShows) -> None:
    state.set("screen", fact.screen, shows=fact.shows)
