"""Four times the cards make four times the work, never sixteen times.

Work is counted in lines of ours that run, so that what else the machine does makes no difference.
"""

import sys
from collections.abc import Callable
from functools import cache
from types import FrameType
from typing import Any

import pytest

from facilitate import exports
from facilitate.core import commands
from facilitate.core.book import Command
from facilitate.core.copies import copies
from facilitate.core.decide import decide, enveloped, evolve, replay
from facilitate.core.projection import audiences
from facilitate.core.report import report
from facilitate.core.tables import Key
from facilitate.languages import catalogue
from tests.masses import DESK, RULES, Mass

FEW, MANY = 1000, 4000
MOST = 5.5  # times the work: four where it grows with the cards, sixteen where it grows by the square
LEAST = 20_000  # lines: what is less need not be looked at


@cache
def mass(cards: int) -> Mass:
    return Mass(cards)


class Desk:
    """Gives commands on a fork, and says how much work each is, with all that follows from it but for storing."""

    def __init__(self, cards: int) -> None:
        self.state = mass(cards).state.fork()
        self.given = 0

    def do(self, kind: str, **fields: Any) -> tuple[str, int]:
        self.given += 1
        id_ = f"{kind.partition('.')[2] or kind}-{self.given:016d}"[:40]
        command = commands.read({"kind": kind, "id": id_, **fields})
        return id_, lines(lambda: self.give(command))

    def give(self, command: Command) -> None:
        at = self.state.session.created
        decision = decide(self.state, command, DESK, at, RULES)
        keys: set[Key] = set()
        for event in enveloped(self.state, decision, command, DESK, at):
            keys |= evolve(self.state, event)
        audiences(RULES).looked(self.state, keys)
        copies(self.state, keys, RULES)


def drawn(cards: int) -> Any:
    it = mass(cards)
    return report(it.state, RULES, {}, "en", catalogue("en").say, it.state.session.created, it.log)


def steps(cards: int) -> dict[str, int]:
    """Step of a facilitator's work -> lines, for all that touch or look at a whole board."""
    desk, work = Desk(cards), dict[str, int]()

    def do(kind: str, **fields: Any) -> str:
        id_, work[f"{len(work)} {kind}"] = desk.do(kind, **fields)
        return id_

    def undo(command: str) -> None:
        do("Undo", command=command)

    undo(do("RevealIdeas", board="wall"))
    do("RevealIdeas", board="wall")
    undo(do("CarryForward", board="wall", phase="approve", top=20))
    moved = [f"card-{number:06d}" for number in range(4, cards * 2 // 3, 4)]
    undo(do("MoveIdeas", ideas=moved, cluster="cluster-01"))
    undo(do("SetAside", ideas=moved))
    undo(do("MergeIdeas", keep=moved[0], ideas=moved[1:]))
    others = [f"cluster-{number:02d}" for number in range(1, 60)]
    undo(do("MergeClusters", into="cluster-00", clusters=others))
    undo(do("FormClusters", board="wall", drafts=[{"ideas": moved[n::50], "title": f"Draft {n}"} for n in range(50)]))
    do("HideIdea", idea="card-000041")
    do("StartPhase", phase="third")
    do("ShowResults", round=next(reversed(desk.state.rounds)))
    do("StartPhase", phase="talk")
    do("EraseIdea", idea="card-000045")
    undo(do("DissolveCluster", cluster="cluster-00"))
    return work


def lines(work: Callable[[], Any]) -> int:
    """How many lines of ours run."""
    count = 0

    def line(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        count += event == "line"
        return line

    before = sys.gettrace()
    sys.settrace(lambda frame, event, _: line if "facilitate" in frame.f_code.co_filename else None)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def grows(measured: Callable[[int], dict[str, int]]) -> dict[str, float]:
    """What grew by more than the cards did, and how many times the work it was."""
    few, many = measured(FEW), measured(MANY)
    return {step: many[step] / few[step] for step in few if many[step] > max(LEAST, MOST * few[step])}


def test_what_is_done_at_a_desk() -> None:
    assert grows(steps) == {}


@pytest.mark.parametrize("kind", exports.kinds())
def test_reports(kind: str) -> None:
    """Drawn up and written; where its cards were voted on, they are ranked."""
    assert grows(lambda cards: {kind: lines(lambda: exports.kinds()[kind].write(drawn(cards)))}) == {}


def test_coming_back_from_the_log() -> None:
    assert grows(lambda cards: {"replay": lines(lambda: replay(mass(cards).log))}) == {}
