"""The report of a session as it stands now, and its files."""

from facilitate import exports
from facilitate.core.events import Event
from facilitate.core.refused import Refused
from facilitate.core.report import Report, report
from facilitate.core.state import State
from facilitate.languages import catalogue
from facilitate.live.aside import aside
from facilitate.live.lobby import Lobby
from facilitate.live.runner import Runner


async def drawn_up(runner: Runner, lobby: Lobby, language: str) -> Report:
    """`language` is that of headings; what people wrote stays in theirs."""
    return await _drawn_up(runner.state, await runner.log(), runner, lobby, language)


async def written(runner: Runner, lobby: Lobby, kind: str, language: str) -> bytes:
    """A file of the results. Refused: `export.unknown`, `export.covered`."""
    export = exports.kinds().get(kind)
    if export is None:
        raise Refused("export.unknown")
    state, log = runner.state, await runner.log()
    if not runner.read_only:  # what came meanwhile may be covered, and is not in this state
        log = [event for event in log if event.seq <= state.seq]
    drawn = await _drawn_up(state, log, runner, lobby, language)
    return await aside("drawing", exports.file, export, drawn, state)


async def _drawn_up(state: State, log: list[Event], runner: Runner, lobby: Lobby, language: str) -> Report:
    say, now = catalogue(language).say, lobby.clock.now()
    return await aside("drawing", report, state, runner.rules, state.names, language, say, now, log)
