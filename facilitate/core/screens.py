"""Screens: as many as wanted, each with content of its own; a screen follows the phase unless the desk chooses."""

from typing import Any

from facilitate.core import text as words
from facilitate.core.book import Case, Command, Fact, decides, evolves
from facilitate.core.phases import MAIN
from facilitate.core.refused import Refused
from facilitate.core.state import State
from facilitate.core.tables import Screen

# What can be shown, and which field says which one; "phase" follows the session.
SHOWABLE: dict[str, str | None] = {
    "phase": None,
    "board": "board",
    "cluster": "cluster",
    "card": "idea",
    "code": None,
    "results": "round",
    "groups": None,
    "countdown": None,
    "message": None,
    "black": None,
}
NEEDED = ("cluster", "card")  # those that say nothing without their field
MOST = 20  # screens
ZOOMS = (1, 2, 3)  # steps: as many cards as fit, fewer, few


class OpenScreen(Command, frozen=True):
    """One more screen, or another title for one that is there, or a closed one again."""

    screen: str
    title: str = ""


class CloseScreen(Command, frozen=True):
    screen: str


class Show(Command, frozen=True):
    screen: str = MAIN
    what: str = "phase"
    board: str | None = None
    cluster: str | None = None
    idea: str | None = None
    round: str | None = None
    text: str | None = None
    page: int | None = None  # None: the pages turn by themselves
    zoom: int | None = None
    seconds: int | None = None  # of a countdown; None: that of the phase


class ScreenOpened(Fact, frozen=True):
    screen: str
    title: str


class ScreenClosed(Fact, frozen=True):
    screen: str


class ScreenShows(Fact, frozen=True):
    screen: str
    shows: dict[str, Any]


def screen_of(case: Case, screen: str) -> Screen:
    found = case.state.screens.get(screen)
    if found is None or found.closed:
        raise Refused("screen.unknown")
    return found


@decides(OpenScreen, "facilitator")
def _open(command: OpenScreen, case: Case) -> list[Fact]:
    title = words.clean(command.title, words.NAME, what="title")
    found = case.state.screens.get(command.screen)
    if not (0 < len(command.screen) <= 40 and command.screen.replace("-", "").isalnum() and command.screen.isascii()):
        raise Refused("command.malformed")
    if found is not None and not found.closed and found.title == title:
        return []
    if found is None and sum(not screen.closed for screen in case.state.screens.values()) >= MOST:
        raise Refused("screen.many", n=MOST)
    return [ScreenOpened(screen=command.screen, title=title)]


@decides(CloseScreen, "facilitator")
def _close(command: CloseScreen, case: Case) -> list[Fact]:
    screen = screen_of(case, command.screen)
    if screen.id == MAIN:
        raise Refused("screen.main")
    return [ScreenClosed(screen=screen.id)]


@decides(Show, "facilitator")
def _show(command: Show, case: Case) -> list[Fact]:
    screen = screen_of(case, command.screen)
    if command.what not in SHOWABLE:
        raise Refused("command.malformed")
    shows: dict[str, Any] = {"what": command.what, **_chosen(command, case)}
    if command.text is not None:
        shows["text"] = words.clean(command.text, words.IDEA, lines=True)
    if command.page is not None:
        if not 0 <= command.page < 10_000:
            raise Refused("command.malformed")
        shows["page"] = command.page
    if command.zoom is not None:
        if command.zoom not in ZOOMS:
            raise Refused("command.malformed")
        shows["zoom"] = command.zoom
    if command.what == "countdown" and command.seconds is not None:
        if not 0 < command.seconds <= 86_400:
            raise Refused("command.malformed")
        shows["until"] = case.at + 1000 * command.seconds
    return [] if screen.shows == shows else [ScreenShows(screen=screen.id, shows=shows)]


def _chosen(command: Show, case: Case) -> dict[str, str]:
    """The field that says which board, cluster, idea or round; refused where there is none such to be seen."""
    state = case.state
    if command.board is not None and (command.board not in state.boards or state.boards[command.board].removed):
        raise Refused("board.unknown")
    if command.cluster is not None and (
        command.cluster not in state.clusters or state.clusters[command.cluster].dissolved
    ):
        raise Refused("cluster.unknown")
    if command.idea is not None and command.idea not in state.ideas:
        raise Refused("idea.unknown")
    if command.round is not None and command.round not in state.rounds:
        raise Refused("round.unknown")
    field = SHOWABLE[command.what]
    if command.what in NEEDED and getattr(command, str(field)) is None:
        raise Refused("command.malformed")
    if command.what == "card" and not state.ideas[str(command.idea)].is_visible:
        raise Refused("idea.gone")
    value = getattr(command, field) if field else None
    return {str(field): value} if value is not None else {}


@evolves(ScreenOpened)
def _opened(state: State, fact: ScreenOpened) -> None:
    if fact.screen not in state.screens:
        state.put("screen", Screen(fact.screen, {"what": "phase"}, fact.title))
    else:
        state.set("screen", fact.screen, title=fact.title, closed=False)


@evolves(ScreenClosed)
def _closed(state: State, fact: ScreenClosed) -> None:
    state.set("screen", fact.screen, closed=True)


@evolves(ScreenShows)
def _shows(state: State, fact: ScreenShows) -> None:
    state.set("screen", fact.screen, shows=fact.shows)
