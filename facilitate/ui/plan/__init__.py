"""Plan: choose a format, write its questions in one's own words, make the session. Nothing typed is lost."""

from nicegui import Client

from facilitate.ui.frame import Frame, heading
from facilitate.ui.plan import formats
from facilitate.ui.plan.form import Form


async def build(frame: Frame, client: Client, chosen: str) -> None:
    heading(frame, frame.say("plan.title"))
    format_ = frame.lobby.formats.get(chosen)
    if format_ is None:
        formats.draw(frame)
        return
    form = Form(frame, format_)
    form.draw()
    client.on_delete(form.end)
    await client.connected()
    await form.restore()
