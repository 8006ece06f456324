"""The report of a session as it stands now."""

from facilitate.core.report import Report, report
from facilitate.languages import catalogue
from facilitate.live.lobby import Lobby
from facilitate.live.runner import Runner


async def drawn_up(runner: Runner, lobby: Lobby, language: str) -> Report:
    """`language` is that of headings; what people wrote stays in theirs."""
    return report(
        runner.state,
        runner.rules,
        runner.state.names,
        language,
        catalogue(language).say,
        lobby.clock.now(),
        await runner.log(),
    )
