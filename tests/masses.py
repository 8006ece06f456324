"""Sessions that have grown very large, written as a log: what people would need days for takes a second here."""

import time
from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from facilitate import activities, votes
from facilitate.core import clusters, comments, ideas, people, phases, rounds
from facilitate.core.actors import Actor
from facilitate.core.book import Decision, Fact
from facilitate.core.copies import all_copies
from facilitate.core.decide import evolve, numbered, rules_of
from facilitate.core.events import Event
from facilitate.core.formats import read
from facilitate.core.sessions import EndSession, SessionCreated
from facilitate.core.state import State
from facilitate.store import Append, Store
from tests.play import phase

START = int(time.time() * 1000) - 3_600_000  # an hour ago: what comes to an earlier phase now is late
RULES = rules_of(activities.modules(), votes.modules())
DESK = Actor("facilitator", "f1", b"the desk's secret")
CLUSTERS = 60
PEOPLE = 1000
LOT = 250  # cards that are moved at once

PHASES = (
    phase("brainstorm", "open", comments=True, plus_one=True),
    phase("vote", "first", method="dots", of="ideas"),
    phase("brainstorm", "short", minutes=0.02, closes=True),
    phase("brainstorm", "private", private=True, comments=True, plus_one=True, ready=True),
    phase("cluster", "sort", who="everyone"),
    phase("vote", "second", method="approval", of="clusters", takes_ideas=True),
    phase("vote", "third", method="dots", of="ideas"),
    phase("discuss", "talk", begin="on-go"),
    phase("reflect", "reflect"),
    phase("check_in", "check-in", kind="words", results="reveal"),
    phase("brainstorm", "approve", board="side", approval=True),
    phase("brainstorm", "groups", board="plenary", groups={"by": "random", "size": 4, "choose": 1}),
    phase("brainstorm", "further", board="plenary", groups={"rotate": True, "hosts": 1}),
)


class Mass:
    """A log, and the state that it leads to."""

    def __init__(self, cards: int, events: int = 0) -> None:
        """`cards` in a session of a thousand people, two thirds of them face up and voted on, most of them placed;
        the others lie face down. What is missing to so many `events` are edits."""
        self.state = State()
        self.log: list[Event] = []
        self.commands = 0
        self.opened()
        self.posts(cards)
        self.edits(events - len(self.log))

    def give(self, *facts: Fact, by: str = "") -> None:
        """One command that led to these facts: of the desk, or of whom the tag `by` stands for."""
        self.commands += 1
        command = EndSession(id=f"command-{self.commands:08d}")
        for event in numbered("mass", self.state.seq, Decision(list(facts)), command, DESK, START):
            event = replace(event, by=by) if by else event
            evolve(self.state, event)
            self.log.append(event)

    def opened(self) -> None:
        plan = read(
            "play",
            {
                "title": {"en": "A whole town"},
                "summary": {"en": "A session of the tests"},
                "languages": ["en"],
                "boards": [{"id": id_, "title": {"en": id_}} for id_ in ("wall", "side", "plenary")],
                "phases": list(PHASES),
            },
            RULES.activities,
            RULES.methods,
        )
        self.give(
            SessionCreated(
                session="mass",
                code="MASSES",
                at=START,
                format=plan.id,
                title=plan.title,
                languages=plan.languages,
                names="none",
                delete_after=90,
                boards=plan.boards,
                phases=plan.phases,
                capacity=20_000,
            ),
            by="clock",
        )
        for number in range(PEOPLE):
            self.give(people.ParticipantJoined(participant=f"person-{number:04d}"), by=f"person-{number:04d}")

    def posts(self, cards: int) -> None:
        down = cards // 3
        self.start("open")
        self.post("open", range(1, cards - down + 1))
        for number in range(CLUSTERS):
            letter = clusters.letter_after(one.letter for one in self.state.clusters.values())
            id_, title = f"cluster-{number:02d}", f"On {number}"
            self.give(clusters.ClusterFormed(cluster=id_, board="wall", letter=letter, title=title))
        placed = [f"card-{number:06d}" for number in range(1, cards - down + 1) if number % 4]
        for number, at in enumerate(range(0, len(placed), LOT)):
            lot = tuple(placed[at : at + LOT])
            self.give(clusters.IdeasMoved(ideas=lot, cluster=f"cluster-{number % CLUSTERS:02d}"))
        self.vote(cards - down)
        for number in range(1, cards - down, 20):
            idea, id_ = f"card-{number:06d}", f"comment-{number:06d}"
            said = comments.CommentPosted(comment=id_, phase="open", idea=idea, author=f"c{number:021d}", text="Yes")
            self.give(said, by=f"c{number:021d}")
            self.give(comments.PlusGiven(idea=idea, by=f"p{number:021d}", on=True), by=f"p{number:021d}")
        self.start("private", ideas_private=True)
        self.post("private", range(cards - down + 1, cards + 1), face_down=True)

    def start(self, id_: str, *, ideas_private: bool = False) -> None:
        board = self.state.phases[id_].board
        over = [phases.PhaseEnded(phase=self.state.current.id, at=START)] if self.state.current else []
        opened = phases.InputOpened(phase=id_, board=board, private=ideas_private)
        began = phases.ClockStarted(phase=id_, at=START, ends=None)
        self.give(*over, phases.PhaseShown(phase=id_, at=START), opened, began)

    def post(self, phase: str, numbers: Iterable[int], **fields: Any) -> None:
        for number in numbers:
            tag = f"a{number:021d}"
            text = f"Card {number} says that street {number * 7919 % 5003} needs {number % 89} more trees and benches"
            posted = ideas.IdeaPosted(
                idea=f"card-{number:06d}", number=number, board="wall", phase=phase, author=tag, text=text, lang="en",
                first=number % 20 == 0, **fields,
            )  # fmt: skip
            self.give(posted, by=tag)

    def vote(self, cards: int) -> None:
        """A thousand people with three dots each."""
        self.start("first")
        settings = {"dots": 3, "stack": True}
        self.give(
            rounds.RoundOpened(
                round="round-1", phase="first", board="wall", method="dots", settings=settings, of="ideas", number=1
            )
        )
        for number in range(PEOPLE):
            chosen = {f"card-{1 + (number * step) ** 2 % cards:06d}": 1 for step in (1, 2, 3)}
            voter = f"v{number:021d}"
            self.give(rounds.BallotCast(round="round-1", voter=voter, choices=chosen, rev=1), by=voter)
        options = tuple(self.state.options_of(self.state.rounds["round-1"]))
        self.give(rounds.RoundClosed(round="round-1", at=START, options=options))
        self.give(rounds.ResultsShown(round="round-1"))

    def edits(self, more: int) -> None:
        cards = list(self.state.ideas)
        for number in range(max(0, more)):
            idea = cards[number % len(cards)]
            edited = ideas.IdeaEdited(idea=idea, text=f"Card {idea} was looked at again, {number} times in all")
            self.give(edited, by=f"e{number:021d}")

    def whole(self, session: str, code: str) -> Append:
        """All of it as another session with a code of its own."""
        named = self.log[0].data.replace(b'"mass"', f'"{session}"'.encode()).replace(b"MASSES", code.encode())
        log = (replace(self.log[0], data=named), *self.log[1:])
        rows = [
            (table, {**row, **({"id": session, "code": code} if table == "sessions" else {"session": session})})
            for table, row in all_copies(self.state, RULES)
        ]
        events = tuple(replace(event, session=session) for event in log)
        return Append(session=session, expected=0, events=events, copies=tuple(rows))

    def store(self, store: Store, session: str, code: str) -> None:
        (answer,) = store.append([self.whole(session, code)])
        if answer is not None:
            raise answer
