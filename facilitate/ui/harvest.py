"""The harvest: results by phase on one page that prints well, and every file to take home."""

from collections.abc import Iterator

from nicegui import ui

from facilitate import exports
from facilitate.core.tables import Session
from facilitate.exports import html
from facilitate.languages import Catalogue
from facilitate.live.aside import aside
from facilitate.live.reports import drawn_up
from facilitate.live.runner import Runner
from facilitate.phrases import Phrases
from facilitate.ui.desk import spaced
from facilitate.ui.frame import Frame, heading, link, tag
from facilitate.ui.gate import put_later
from facilitate.ui.problems import paper_of


async def build(frame: Frame, runner: Runner) -> None:
    report = await drawn_up(runner, frame.lobby, paper_of(frame.request))
    session = runner.state.session
    code = session.code
    waiting = {kind for kind, export in exports.kinds().items() if exports.waits(export, runner.state)}
    heading(frame, frame.say("harvest.title", title=frame.text(session.title)), note=spaced(code))
    with ui.element("div").classes("harvest"):
        with ui.element("section").classes("downloads").props(f'aria-label="{frame.say("harvest.downloads")}"'):
            tag("h2", frame.say("harvest.downloads"))
            with ui.element("div").classes("buttons"):
                print_ = tag("button", frame.say("desk.print")).classes("button strong").props('type="button"')
                print_.on("click", js_handler="() => window.print()")
                for kind in sorted(exports.kinds().keys() - waiting):
                    link(called(frame.words, kind), f"/harvest/{code}/export/{kind}").classes("button").props(
                        "download"
                    )
                link(frame.say("harvest.back-do"), f"/desk/{code}").classes("button quiet")
            for kind in sorted(waiting):
                tag("p", frame.say("harvest.waits", file=called(frame.words, kind)))
        phrases = await aside("drawing", Phrases, report)
        lines = html.minutes(phrases, "h2", sentences(frame, phrases, session))
        article = ui.html(await put_later(frame.request, lines), sanitize=False, tag="article")
        article.classes("minutes paper").props(f'lang="{phrases.catalogue.texts["language.locale"]}"')


def called(words: Catalogue, kind: str) -> str:
    """What a file to take home is called. A new export has no words of its own yet, and goes by its name."""
    return words.say(key) if (key := f"kind.{kind}") in words.texts else kind


def sentences(frame: Frame, phrases: Phrases, session: Session) -> Iterator[str]:
    """What the page says and a file does not: that it may still change, and how long it is there."""
    words = phrases.catalogue
    if not phrases.held():
        yield words.say("harvest.empty")
    yield words.say("harvest.preview", time=words.time(phrases.report.written, phrases.zone))
    yield words.say("harvest.deleted-on", date=words.date(session.delete_at, frame.lobby.rules.timezone_of(session)))
