"""The same board as one would write it with NiceGUI: a card element per idea and client. `... plain_board PORT`."""

import sys

from nicegui import Event, ui

ideas: list[str] = []
posted = Event[str]()


@ui.page("/")
def board() -> None:
    def post() -> None:
        ideas.append(field.value)
        posted.emit(field.value)
        field.value = ""

    def show(idea: str) -> None:
        with cards, ui.card():
            ui.label(idea)

    field = ui.input("Your idea").on("keydown.enter", post)
    cards = ui.column()
    for idea in ideas:
        show(idea)
    posted.subscribe(show)


if __name__ == "__main__":
    ui.run(host="127.0.0.1", port=int(sys.argv[1]), reload=False, show=False, show_welcome_message=False)
