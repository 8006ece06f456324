"""Notes on what is discussed, taken by the facilitators: part of the minutes."""

from facilitate.core import text as words
from facilitate.core.book import Case, Command, Fact, decides, evolves
from facilitate.core.phases import known
from facilitate.core.refused import Refused
from facilitate.core.state import State
from facilitate.core.tables import Note


class TakeNote(Command, frozen=True):
    """`base`: the text that this one was written on; refused as `note.overtaken` where another stands there by now."""

    phase: str
    item: str
    text: str
    base: str | None = None


class NoteTaken(Fact, frozen=True):
    phase: str
    item: str
    text: str | None


@decides(TakeNote, "facilitator")
def _take(command: TakeNote, case: Case) -> list[Fact]:
    phase = known(case, command.phase)
    if command.item not in case.state.ideas and command.item not in case.state.clusters and command.item != phase.id:
        raise Refused("idea.unknown")
    text = words.clean(command.text, words.NOTE, lines=True, what="note")
    note = case.state.notes.get(f"{phase.id}/{command.item}")
    before = (note.text if note else "") or ""
    if text == before:
        return []
    if command.base is not None and command.base != before:
        raise Refused("note.overtaken")
    return [NoteTaken(phase=phase.id, item=command.item, text=text)]


@evolves(NoteTaken)
def _taken(state: State, fact: NoteTaken) -> None:
    id_ = f"{fact.phase}/{fact.item}"
    if id_ not in state.notes:
        state.put("note", Note(id_, fact.phase, fact.item, ""))
    state.set("note", id_, text=fact.text)
