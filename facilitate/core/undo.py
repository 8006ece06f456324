"""Undo: compensating facts for all that one facilitator's command changed, unless later changes stand on it."""

from typing import Any

import msgspec

from facilitate.core.actors import is_facilitators
from facilitate.core.book import Case, Command, Decision, Fact, decides, evolves
from facilitate.core.refused import Refused
from facilitate.core.state import Change, State

# How a record that cannot cease to be is taken back: the field that says so.
GONE: dict[str, dict[str, Any]] = {
    "idea": {"withdrawn": True},
    "cluster": {"dissolved": True},
    "round": {"undone": True},
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
    facts: list[FieldsRestored] = []
    for table, record in dict.fromkeys((change.table, change.id) for change in reversed(changes)):
        fields = _before(state, command.command, [c for c in changes if (c.table, c.id) == (table, record)])
        if fields:
            facts.append(FieldsRestored(table=table, record=record, fields=fields))
    if not facts:
        raise Refused("undo.nothing")
    _check_clusters(state, facts)
    return Decision([*facts], undoes=command.command)


def _before(state: State, command: str, changes: list[Change]) -> dict[str, Any]:
    """The fields as they were before the command; refused where a later command wrote one of them."""
    table, record = changes[0].table, changes[0].id
    made = any(change.field is None for change in changes)
    if made and table in GONE:
        _check_unused(state, command, table, record)
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


def _check_unused(state: State, command: str, table: str, record: str) -> None:
    """What a command made may be taken back only while nothing of others stands on it."""
    later = any(writer != command for (t, r, _), writer in state.writers.items() if (t, r) == (table, record))
    if later or (table == "round" and state.ballots_in(record)):
        raise Refused("undo.overtaken")


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


@evolves(FieldsRestored)
def _restored(state: State, fact: FieldsRestored) -> None:
    record = state.tables[fact.table][fact.record]
    types = {field.name: field.type for field in msgspec.structs.fields(record)}
    fields = {name: msgspec.convert(value, types[name]) for name, value in fact.fields.items()}
    state.set(fact.table, fact.record, **fields)
    if fact.table in ("idea", "cluster"):
        state.touch_results(record.board)
    if fact.table == "board":
        _touch_board(state, fact.record)
    if fact.table == "round":
        state.touch("tally", fact.record)
    if fact.table == "slice":
        state.touch("phase", fact.record)


def _touch_board(state: State, board: str) -> None:
    for idea in state.ideas.values():
        if idea.board == board:
            state.touch("idea", idea.id)
    for cluster in state.clusters_of(board):
        state.touch("cluster", cluster.id)
