"""A workshop of collecting, sorting, weighing and talking, in two languages: what reports and exports are tested on."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from facilitate.core.actors import Actor
from facilitate.core.book import Rules
from facilitate.core.formats import BoardPlan, ColumnPlan, PhasePlan
from facilitate.core.rounds import last_round
from facilitate.core.sessions import SessionCreated
from tests.play import RULES, Play

START = 1_772_636_700_000  # 2026-03-04 15:05 UTC
MINUTE = 60_000

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


class Workshop(Play):
    """A play in the same three stages every time, with what they all do in words of one line."""

    def __init__(
        self,
        phases: Sequence[Mapping[str, Any]] = PHASES,
        columns: tuple[ColumnPlan, ...] = (),
        names: Any = "none",
        languages: tuple[str, ...] = ("en", "de"),
        title: dict[str, str] | None = None,
        rules: Rules = RULES,
    ) -> None:
        created = SessionCreated(
            session="session-of-the-test",
            code="K7MPQ2",
            at=START,
            format="pin-board",
            title=title or {"en": "Partnerships", "de": "Partnerschaften"},
            languages=languages,
            names=names,
            delete_after=90,
            operator="City of Examples",
            boards=(BoardPlan("wall", {"en": "Wall", "de": "Wand"}, columns),),
            phases=tuple(planned(phase, rules) for phase in phases),
        )
        self.begin(created, rules)

    def guest(self, number: int) -> Actor:
        """The same person for the same number."""
        id_ = f"person-{number}"
        return self.people[id_][0] if id_ in self.people else self.person(id_)

    def write(self, text: str, person: int = 1, phase: str = "collect", **fields: Any) -> str:
        return self.post(self.guest(person), text, phase, **fields)

    def cluster(self, title: str, *ideas: str) -> str:
        return self.do(self.facilitator, "FormCluster", title=title, ideas=ideas, board="wall")

    def weigh(self, phase: str, *ballots: Mapping[str, int], shown: bool = True) -> str:
        """One ballot a person in the phase's last round, which is then shown."""
        round_ = last_round(self.state, phase)
        assert round_
        for person, choices in enumerate(ballots, 1):
            self.do(self.guest(person), "CastBallot", round=round_.id, rev=1, choices=dict(choices))
        if shown:
            self.do(self.facilitator, "ShowResults", round=round_.id)
        return round_.id


def planned(phase: Mapping[str, Any], rules: Rules) -> PhasePlan:
    fields = {"board": "wall", "title": TITLES.get(phase["id"], {"en": phase["id"]}), "prompt": PROMPT, **phase}
    settings = {**deepcopy(rules.activities[phase["activity"]].DEFAULTS), **phase.get("settings", {})}
    return PhasePlan(**{**fields, "settings": settings, "guide": {}})
