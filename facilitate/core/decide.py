"""`decide(state, command, actor) -> decision` and `evolve(state, event)`: the two functions that all else serves."""

from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

# Each of these modules writes its own pages into the book.
from facilitate.core import (
    agenda,
    answers,
    approval,
    book,
    carrying,
    clusters,
    commands,
    comments,
    door,
    duplicates,
    events,
    groups,
    hands,
    hosts,
    ideas,
    moderation,
    notes,
    people,
    phases,
    ready,
    roles,
    rounds,
    screens,
    sessions,
    undo,
)
from facilitate.core.actors import Actor, is_facilitators
from facilitate.core.book import Case, Command, Decision, Rules
from facilitate.core.events import Event
from facilitate.core.refused import Refused
from facilitate.core.state import State
from facilitate.core.tables import Key, Receipt

SECRET = {"CastBallot", "PlusOne"}

PAGES = (
    sessions,
    phases,
    ideas,
    clusters,
    duplicates,
    rounds,
    door,
    people,
    hands,
    notes,
    screens,
    undo,
    agenda,
    carrying,
    ready,
    approval,
    moderation,
    comments,
    answers,
    groups,
    hosts,
)


def rules_of(activities: Mapping[str, ModuleType], methods: Mapping[str, ModuleType], timezone: str = "UTC") -> Rules:
    """The rules with these plug-ins; an activity's own commands, facts and upcasters enter the book."""
    for name, activity in activities.items():
        for command in getattr(activity, "COMMANDS", ()):
            book.COMMANDS[commands.kind_of(command)] = command
            book.ROLES[commands.kind_of(command)] = frozenset(activity.ROLES[command])
            book.RULES[commands.kind_of(command)] = activity.decide
        for fact, version in getattr(activity, "FACTS", {}).items():
            kind = f"{name}.{fact.__name__}"
            book.FACTS[kind], book.VERSIONS[kind], events.KINDS[fact] = fact, version, kind
            book.EFFECTS[fact] = activity.evolve
        for (kind, version), upcaster in getattr(activity, "UPCASTERS", {}).items():
            book.UPCASTERS[f"{name}.{kind}", version] = upcaster
    return Rules(dict(activities), dict(methods), timezone)


def decide(state: State, command: Command, actor: Actor, at: int, rules: Rules) -> Decision:
    """What follows from the command, or `Refused`. Changes nothing."""
    kind = commands.kind_of(command)
    if not roles.may(actor.role, kind):
        raise Refused("role.refused")
    if state.session.state == "ended" and not state.phases:
        raise Refused("session.unknown")
    case = Case(state, actor, at, rules, command.id)
    if not isinstance(command, people.Join):
        people.check_joined(case)
    moderation.check(command, kind, case)
    outcome = book.RULES[kind](command, case)
    return outcome if isinstance(outcome, Decision) else Decision(outcome)


def repeated(state: State, command: Command, actor: Actor) -> int | None:
    """The number of the earlier answer if this very command was accepted before; `id.taken` if another was."""
    receipt = state.commands.get(command.id)
    if receipt is None:
        return None
    by = (signed(command, actor), actor.signs(command.id))  # logs of older versions have the second
    if receipt.by not in by or receipt.check != actor.print_of(commands.content(command)):
        raise Refused("id.taken")
    return receipt.seq


def signed(command: Command, actor: Actor) -> str:
    """What stands as `by` in the log; of what somebody chose a tag, also where names are shown."""
    secret = actor.role == "participant" and commands.kind_of(command) in SECRET
    return actor.tag(command.id) if secret else actor.signs(command.id)


def enveloped(state: State, decision: Decision, command: Command, actor: Actor, at: int) -> list[Event]:
    """The decision's facts as numbered events, following on the state."""
    return numbered(state.session.id, state.seq, decision, command, actor, at)


def numbered(session: str, after: int, decision: Decision, command: Command, actor: Actor, at: int) -> list[Event]:
    """The decision's facts as events of `session`, following on number `after`."""
    by, check = signed(command, actor), actor.print_of(commands.content(command))
    rows = []
    for seq, fact in enumerate(decision.facts, after + 1):
        kind, v, data = events.write(fact)
        rows.append(
            Event(
                session=session,
                seq=seq,
                at=at,
                by=by,
                command=command.id,
                check=check,
                kind=kind,
                v=v,
                data=data,
                undoes=decision.undoes,
            )
        )
    return rows


def evolve(state: State, event: Event, fact: book.Fact | None = None) -> set[Key]:
    """Carry one event into `state` (in place) and say which records it touched. NULL text is accepted."""
    fact = fact if fact is not None else events.read(event.kind, event.v, event.data)
    state.begin(event.command, keeps=is_facilitators(event.by), undoes=event.undoes)
    state.seq = event.seq
    book.EFFECTS[type(fact)](state, fact)
    state.receive(event.command, Receipt(event.by, event.check, event.seq))
    return state.end()


def replay(log: Iterable[Event], names: Mapping[str, dict[str, Any]] | None = None) -> State:
    """The state after a whole log."""
    state = State()
    for event in log:
        evolve(state, event)
    state.take_names(dict(names or {}))
    return state
