"""Who says "I am ready": one person, one mark in a run of a phase. Only how many there are is ever told."""

from facilitate.core.book import Case, Command, Fact, decides, evolves
from facilitate.core.phases import current
from facilitate.core.refused import Refused
from facilitate.core.state import State
from facilitate.core.tables import Mark, Phase


class MarkReady(Command, frozen=True):
    phase: str
    ready: bool = True


class ReadyMarked(Fact, frozen=True):
    mark: str
    phase: str
    run: int
    ready: bool


@decides(MarkReady, "participant")
def _mark(command: MarkReady, case: Case) -> list[Fact]:
    phase = current(case, command.phase)
    if not phase.settings.get("ready"):
        raise Refused("not-now", activity=phase.activity)
    mark = case.actor.tag(f"ready/{place_of(phase)}")
    before = case.state.marks.get(mark)
    if command.ready == (before is not None and before.there):
        return []
    return [ReadyMarked(mark=mark, phase=phase.id, run=phase.runs, ready=command.ready)]


def place_of(phase: Phase) -> str:
    """Who goes back to a phase begins to count anew."""
    return f"{phase.id}/{phase.runs}"


def how_many(state: State, phase: Phase) -> int:
    """People who are ready in the phase's present run."""
    return sum(mark.there and (mark.phase, mark.run) == (phase.id, phase.runs) for mark in state.marks.values())


@evolves(ReadyMarked)
def _marked(state: State, fact: ReadyMarked) -> None:
    state.put("mark", Mark(id=fact.mark, phase=fact.phase, run=fact.run, there=fact.ready))
    state.touch("ready", f"{fact.phase}/{fact.run}")
