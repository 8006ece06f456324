"""A workshop for tests: sessions played through the rules, command by command, on a clock that the test moves."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from facilitate import activities, votes
from facilitate.core import events
from facilitate.core.actors import Actor
from facilitate.core.book import VERSIONS, Command, Rules
from facilitate.core.clusters import FormCluster
from facilitate.core.decide import decide, enveloped, evolve, rules_of
from facilitate.core.events import Event
from facilitate.core.formats import BoardPlan, ColumnPlan, PhasePlan
from facilitate.core.ideas import PostIdea
from facilitate.core.phases import StartPhase
from facilitate.core.report import Report, report
from facilitate.core.rounds import CastBallot, ShowResults, last_round
from facilitate.core.sessions import SessionCreated
from facilitate.core.state import State
from facilitate.languages import catalogue

START = 1_772_636_700_000  # 2026-03-04 15:05 UTC
MINUTE = 60_000
FACILITATOR = Actor("facilitator", "lead", b"f" * 32)
RULES = rules_of(activities.modules(), votes.modules())

COLUMNS = (
    ColumnPlan("works", {"en": "What works", "de": "Was gelingt"}),
    ColumnPlan("hard", {"en": "Challenge", "de": "Herausforderung"}),
)
PHASES: tuple[dict[str, Any], ...] = (
    {"id": "welcome", "activity": "welcome", "board": None, "prompt": {}},
    {"id": "collect", "activity": "brainstorm", "stage": "co-learning", "minutes": 8.0},
    {"id": "sort", "activity": "cluster", "stage": "co-sharing", "minutes": 10.0},
    {"id": "weigh", "activity": "vote", "stage": "co-creation", "minutes": 4.0},
    {"id": "talk", "activity": "discuss", "minutes": 15.0},
)
TITLES = {
    "welcome": {"en": "Welcome", "de": "Ankommen"},
    "collect": {"en": "Collecting", "de": "Sammeln"},
    "sort": {"en": "Sorting", "de": "Ordnen"},
    "weigh": {"en": "Weighing", "de": "Gewichten"},
    "talk": {"en": "Talking", "de": "Sprechen"},
}
PROMPT = {"en": "What makes local partnerships work?", "de": "Was lässt Partnerschaften vor Ort gelingen?"}


class Workshop:
    """`do` plays a command and gives its id; everything that happened is in `log`, what it led to in `state`."""

    def __init__(
        self,
        phases: Sequence[Mapping[str, Any]] = PHASES,
        columns: tuple[ColumnPlan, ...] = (),
        names: Any = "none",
        languages: tuple[str, ...] = ("en", "de"),
        title: dict[str, str] | None = None,
        rules: Rules = RULES,
    ) -> None:
        self.at = START
        self.rules = rules
        self.state = State()
        self.log: list[Event] = []
        self.names: dict[str, dict[str, Any]] = {}
        self.number = 0
        created = SessionCreated(
            session="session-of-the-test",
            code="K7MPQ2",
            at=self.at,
            format="pin-board",
            title=title or {"en": "Partnerships", "de": "Partnerschaften"},
            languages=languages,
            names=names,
            delete_after=90,
            operator="City of Examples",
            boards=(BoardPlan("wall", {"en": "Wall", "de": "Wand"}, columns),),
            phases=tuple(self._planned(phase) for phase in phases),
        )
        kind, v, data = events.write(created)
        first = Event(
            session=created.session,
            seq=1,
            at=self.at,
            by="clock",
            command=self.id(),
            check="",
            kind=kind,
            v=v,
            data=data,
        )
        assert v == VERSIONS[kind]
        evolve(self.state, first)
        self.log.append(first)

    def _planned(self, phase: Mapping[str, Any]) -> PhasePlan:
        activity = self.rules.activities[phase["activity"]]
        fields = {"board": "wall", "title": TITLES.get(phase["id"], {"en": phase["id"]}), "prompt": PROMPT, **phase}
        settings = {**deepcopy(activity.DEFAULTS), **phase.get("settings", {})}
        return PhasePlan(**{**fields, "settings": settings, "guide": {}})

    def id(self) -> str:
        self.number += 1
        return f"command-{self.number:08}"

    def person(self, number: int) -> Actor:
        return Actor(
            "participant", f"person-{number}", bytes([number % 250 + 1]) * 32, self.state.session.names != "none"
        )

    def do(self, kind: type[Command], actor: Actor = FACILITATOR, **fields: Any) -> str:
        command = kind(id=self.id(), **fields)
        decision = decide(self.state, command, actor, self.at, self.rules)
        for event in enveloped(self.state, decision, command, actor, self.at):
            evolve(self.state, event)
            self.log.append(event)
        for row in decision.rows:
            self.names[row.participant] = row.value or {}
            self.state.name(row.participant, row.value or {})
        if decision.erases:
            erased = frozenset(decision.erases)
            self.log = [events.blanked(event, erased) for event in self.log]
        return command.id

    def wait(self, minutes: float = 1) -> None:
        self.at += round(minutes * MINUTE)

    def start(self, phase: str) -> None:
        self.do(StartPhase, phase=phase)

    def post(self, text: str, person: int = 1, phase: str = "collect", **fields: Any) -> str:
        return self.do(PostIdea, self.person(person), phase=phase, text=text, **fields)

    def cluster(self, title: str, *ideas: str) -> str:
        return self.do(FormCluster, title=title, ideas=ideas, board="wall")

    def vote(self, phase: str, *ballots: Mapping[str, int], shown: bool = True) -> str:
        """One ballot a person in the phase's last round, which is then shown."""
        round_ = last_round(self.state, phase)
        assert round_
        for person, choices in enumerate(ballots, 1):
            self.do(CastBallot, self.person(person), round=round_.id, rev=1, choices=dict(choices))
        if shown:
            self.do(ShowResults, round=round_.id)
        return round_.id

    def report(self, language: str = "en", *, log: bool = True) -> Report:
        say = catalogue(language).say
        return report(
            self.state,
            self.rules,
            self.names,
            language,
            say,
            self.at,
            self.log if log else (),
            timezone="Europe/Berlin",
        )
