"""The book of rules: which commands and facts there are, who may give them, and what they do.

Each module of the core writes its own pages with the decorators below; an activity brings further pages as an
argument. Commands are imperatives, facts (the payloads of events) are past participles; both are msgspec structs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Protocol

from msgspec import Struct

from facilitate.core.actors import Actor, Role
from facilitate.core.state import State
from facilitate.core.tables import Phase, Session, Slice


class Command(Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True):
    """A wish. `id` is chosen by the sender and names the thing it makes, if it makes one."""

    id: str


class Fact(Struct, frozen=True, kw_only=True):
    """What happened: the `data` of an event."""


class Method(Protocol):
    """A file in `votes/`."""

    DEFAULTS: dict[str, Any]

    @staticmethod
    def check(ballot: Mapping[str, int], settings: Mapping[str, Any]) -> None: ...
    @staticmethod
    def tally(ballots: Sequence[Mapping[str, int]], settings: Mapping[str, Any]) -> list[tuple[str, int]]: ...


class Activity(Protocol):
    """A file in `activities/`. Only the first four are required; the others have the defaults of `ask`."""

    DEFAULTS: dict[str, Any]
    NEEDS_BOARD: bool

    @staticmethod
    def check(settings: Mapping[str, Any], methods: Mapping[str, Any]) -> None: ...
    @staticmethod
    def allows(kind: str, settings: Mapping[str, Any]) -> bool: ...


@dataclass(frozen=True)
class Rules:
    """The plug-ins that a session is played by, and the house's time zone."""

    activities: Mapping[str, ModuleType]
    methods: Mapping[str, ModuleType]
    timezone: str = "UTC"

    def timezone_of(self, session: Session) -> str:
        """Whose clock all pages and papers of a session go by, wherever they are read."""
        return session.timezone or self.timezone

    def ask(self, phase: Phase, name: str, default: Any = None) -> Any:
        """An activity's own function or setting, or the default where it brings none."""
        return getattr(self.activities.get(phase.activity), name, default)

    def allows(self, phase: Phase, kind: str) -> bool:
        activity = self.activities.get(phase.activity)
        return activity is not None and activity.allows(kind, phase.settings)


@dataclass(frozen=True, slots=True)
class Case:
    """All that a rule may look at."""

    state: State
    actor: Actor
    at: int
    rules: Rules
    command: str


@dataclass(frozen=True, slots=True)
class Row:
    """A name or attributes, kept beside the log so that they can be deleted for good. `value` None deletes."""

    participant: str
    value: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Decision:
    facts: list[Fact]
    rows: list[Row] = field(default_factory=list)
    undoes: str | None = None
    erases: tuple[str, ...] = ()  # ids whose free text the store blanks


Rule = Callable[[Any, Case], Decision | list[Fact]]
Effect = Callable[[State, Any], None]

COMMANDS: dict[str, type[Command]] = {}
ROLES: dict[str, frozenset[Role]] = {}
RULES: dict[str, Rule] = {}
FACTS: dict[str, type[Fact]] = {}
VERSIONS: dict[str, int] = {}
EFFECTS: dict[type[Fact], Effect] = {}
UPCASTERS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}


def decides(command: type[Command], *roles: Role) -> Callable[[Rule], Rule]:
    """The decorated function decides `command`, for these roles."""

    def write(rule: Rule) -> Rule:
        COMMANDS[command.__name__] = command
        ROLES[command.__name__] = frozenset(roles)
        RULES[command.__name__] = rule
        return rule

    return write


def evolves(fact: type[Fact], v: int = 1) -> Callable[[Effect], Effect]:
    """The decorated function carries `fact` into the state; `v` is the version that is written today."""

    def write(effect: Effect) -> Effect:
        FACTS[fact.__name__] = fact
        VERSIONS[fact.__name__] = v
        EFFECTS[fact] = effect
        return effect

    return write


def set_slice(state: State, phase: str, value: Any) -> None:
    if phase in state.tables["slice"]:
        state.set("slice", phase, value=value)
    else:
        state.put("slice", Slice(phase, None))
        state.set("slice", phase, value=value)
    state.touch("phase", phase)
