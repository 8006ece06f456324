"""Undo: compensating facts for all that one facilitator's command changed, unless later changes stand on it."""

from collections import Counter
from collections.abc import Iterator, Set
from typing import Any

import msgspec

from facilitate.core.actors import is_facilitators
from facilitate.core.answers import touch_answers
from facilitate.core.book import Case, Command, Decision, Fact, decides, evolves
from facilitate.core.refused import Refused
from facilitate.core.rounds import hands_of
from facilitate.core.seats import most_hosts
from facilitate.core.state import Change, State
from facilitate.core.tables import Key

# How a record that cannot cease to be is taken back: the field that says so.
GONE: dict[str, dict[str, Any]] = {
    "idea": {"withdrawn": True},
    "cluster": {"dissolved": True},
    "round": {"undone": True},
    "phase": {"removed": True},
    "board": {"removed": True},
    "screen": {"closed": True},
}


class Undo(Command, frozen=True):
    command: str


class FieldsRestored(Fact, frozen=True):
    """The fields of one record are what they were before the command that is undone."""

    table: str
    record: str
    fields: dict[str, Any]


@decides(Undo, "facilitator")
def _undo(command: Undo, case: Case) -> Decision:
    state = case.state
    receipt = state.commands.get(command.command)
    changes = state.history.get(command.command, ())
    if receipt is None or not is_facilitators(receipt.by) or not changes:
        raise Refused("undo.nothing")
    if case.actor.role != "facilitator" and receipt.by != case.actor.signs(command.command):
        raise Refused("role.refused")  # a helper takes back only what was their own
    facts: list[FieldsRestored] = []
    of: dict[Key, list[Change]] = {key: [] for key in ((one.table, one.id) for one in reversed(changes))}
    for change in changes:
        of[change.table, change.id].append(change)
    later = {(t, r) for (t, r, _), writer in state.writers.items() if writer != command.command}
    for (table, record), those in of.items():
        fields = _before(state, command.command, those, later)
        if fields:
            facts.append(FieldsRestored(table=table, record=record, fields=fields))
    if not facts:
        raise Refused("undo.nothing")
    _check_clusters(state, facts)
    _check_groups(state, facts)
    _check_cards(state, facts)
    return Decision([*facts, *_homes(state, facts)], undoes=command.command)


def _before(state: State, command: str, changes: list[Change], later: Set[Key]) -> dict[str, Any]:
    """The fields as they were before the command; refused where a later command wrote one of them. `later`: the records
    on which other commands wrote."""
    table, record = changes[0].table, changes[0].id
    made = any(change.field is None for change in changes)
    if made and table in GONE:
        _check_unused(state, command, table, record, later)
        return GONE[table]
    fields: dict[str, Any] = {}
    changes = [change for change in changes if change.field is not None]
    last = {change.field: change for change in changes}
    for change in last.values():
        assert change.field is not None
        if state.writers.get((table, record, change.field)) != change.after:
            raise Refused("undo.overtaken")
    for change in changes:
        fields.setdefault(str(change.field), change.old)
    if "erased" in fields:
        raise Refused("undo.nothing")  # what was blanked is gone
    return fields


def _check_unused(state: State, command: str, table: str, record: str, later: Set[Key]) -> None:
    """What a command made may be taken back only while nothing of others stands on it."""
    if (table, record) in later:
        raise Refused("undo.overtaken")
    if table == "round" and (state.ballots_in(record) or hands_of(state, state.rounds[record])):
        raise Refused("undo.overtaken")
    if table == "phase" and is_used(state, record):
        raise Refused("undo.overtaken")
    if table == "board" and _is_in_use(state, record, command):
        raise Refused("undo.overtaken")


def is_used(state: State, phase: str) -> bool:
    """Whether anything came of a phase, even if its start was undone."""
    return any(one.phase == phase for table in ("idea", "round", "note") for one in state.tables[table].values())


def _is_in_use(state: State, board: str, command: str) -> bool:
    """Whether anything lies on a board, or another phase than the one that the same command made works on it."""
    made = {change.id for change in state.history.get(command, ()) if change.table == "phase" and change.field is None}
    works = any(p.board == board and not p.removed and p.id not in made for p in state.phases.values())
    return works or any(one.board == board for table in ("idea", "cluster") for one in state.tables[table].values())


def _check_clusters(state: State, facts: list[FieldsRestored]) -> None:
    """No idea is left in a cluster that is not there: it would be missing wherever clusters are listed."""
    gone = {cluster.id: cluster.dissolved for cluster in state.clusters.values()}
    lies = {idea.id: idea.cluster for idea in state.ideas.values()}
    for fact in facts:
        if fact.table == "cluster":
            gone[fact.record] = fact.fields.get("dissolved", gone[fact.record])
        elif fact.table == "idea":
            lies[fact.record] = fact.fields.get("cluster", lies[fact.record])
    if any(cluster and gone[cluster] for cluster in lies.values()):
        raise Refused("undo.overtaken")


def _check_cards(state: State, facts: list[FieldsRestored]) -> None:
    """No duplicate is left on a card that does not stand, and no idea both in a cluster and aside."""
    ideas = dict(state.ideas)
    for fact in facts:
        if fact.table == "idea":
            ideas[fact.record] = _with(ideas[fact.record], fact.fields)
    for idea in ideas.values():
        if (idea.same_as and not ideas[idea.same_as].stands) or (idea.aside and idea.cluster):
            raise Refused("undo.overtaken")


def _with(record: Any, fields: dict[str, Any]) -> Any:
    types = {field.name: field.type for field in msgspec.structs.fields(record)}
    return msgspec.structs.replace(record, **{key: msgspec.convert(fields[key], types[key]) for key in fields})


def _check_groups(state: State, facts: list[FieldsRestored]) -> None:
    """Nobody is left in a group that is not there, nor at a table at which somebody else has become its host."""
    gone = {group.id: group.gone for group in state.groups.values()}
    members = dict(state.members)
    for fact in facts:
        if fact.table == "group":
            gone[fact.record] = fact.fields.get("gone", gone[fact.record])
        elif fact.table == "member":
            members[fact.record] = _with(members[fact.record], fact.fields)
    if any(gone[member.group] for member in members.values()):
        raise Refused("undo.overtaken")
    before = Counter(member.group for member in state.members.values() if member.stays)
    for group, hosts in Counter(member.group for member in members.values() if member.stays).items():
        most = most_hosts(state, state.phases[state.groups[group].grouping])
        if hosts > before[group] and most is not None and hosts > most:
            raise Refused("undo.overtaken")


def _homes(state: State, facts: list[FieldsRestored]) -> Iterator[FieldsRestored]:
    """The boards of groups that sit again, and at whose tables others have sat meanwhile."""

    back = {(fact.table, fact.record): fact.fields for fact in facts}  # one fact a record

    def restored(table: str, record: Any) -> Any:
        fields = back.get((table, record.id))
        return _with(record, fields) if fields else record

    if any(fact.table in ("session", "group") for fact in facts):
        sitting = restored("session", state.session).grouping
        for group in (restored("group", group) for group in state.groups.values() if group.grouping == sitting):
            if group.board and not group.gone and restored("board", state.boards[group.board]).group != group.id:
                prompt = {} if group.prompt is None else {"prompt": group.prompt}
                yield FieldsRestored(table="board", record=group.board, fields={"group": group.id, **prompt})


@evolves(FieldsRestored)
def _restored(state: State, fact: FieldsRestored) -> None:
    record = state.tables[fact.table][fact.record]
    types = {field.name: field.type for field in msgspec.structs.fields(record)}
    fields = {name: msgspec.convert(value, types[name]) for name, value in fact.fields.items()}
    state.set(fact.table, fact.record, **fields)
    if fact.table in ("idea", "cluster"):
        state.touch_results(record.board)
    if fact.table == "phase":
        state.renumber()
    if fact.table == "board":
        _touch_board(state, fact.record)
        for one in state.boards_of(fact.record):
            state.touch("board", one.id)
    if fact.table == "round":
        state.touch("tally", fact.record)
    if fact.table == "participant":
        state.touch_named(fact.record)
    if fact.table == "count":
        state.touch("round", record.round)
        state.touch("tally", record.round)
    if fact.table == "slice":
        state.touch("phase", fact.record)
        touch_answers(state, fact.record)
    if fact.table == "member":
        for group in (record.group, state.members[fact.record].group):
            state.touch("group", group)
    if fact.table == "answer":
        state.touch("answers", record.phase)


def _touch_board(state: State, board: str) -> None:
    for idea in state.ideas.values():
        if idea.board == board:
            state.touch("idea", idea.id)
    for cluster in state.clusters_of(board):
        state.touch("cluster", cluster.id)
