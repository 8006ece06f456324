"""Hosts of a world café: who stays at a table when the groups move on, and tells the next ones what was said.

One of each table stays and the others travel; a host goes on until they say otherwise, and may change between rounds
(J. Brown, D. Isaacs: The World Café, 2005).
"""

from collections import Counter
from collections.abc import Iterator

from facilitate.core.book import Case, Command, Fact, decides, evolves
from facilitate.core.groups import MemberMoved
from facilitate.core.phases import BRINGS, GRACE, afterwards, known
from facilitate.core.refused import Refused
from facilitate.core.seats import hosts_of, is_grouped, member_id, most_hosts, move_after
from facilitate.core.state import State
from facilitate.core.tables import Member, Phase


class StayAsHost(Command, frozen=True):
    """To stay at one's table at the next change after `phase`, or not; the desk says whose place it speaks of."""

    phase: str
    stay: bool = True
    member: str | None = None


class MemberStays(Fact, frozen=True):
    member: str
    stays: bool


@decides(StayAsHost, "participant", "facilitator")
def _stay(command: StayAsHost, case: Case) -> list[Fact]:
    state, phase = case.state, known(case, command.phase)
    after, most = move_after(state, phase), most_hosts(state, phase)
    if not is_grouped(phase) or phase.id not in state.groupings or after is None or most is None:
        raise Refused("not-now", activity=phase.activity)
    if not phase.is_current and case.at - (phase.closed or 0) > GRACE:
        raise Refused("phase.over")
    member = _member(command, phase, case)
    if member.stays == command.stay:
        return []
    if command.stay and hosts_of(state, member.group) >= most:
        raise Refused("group.hosts", n=most)
    facts: list[Fact] = [MemberStays(member=member.id, stays=command.stay)]
    if state.session.grouping == after.id:  # it came within the grace time: the groups have just moved
        facts += _corrected(state, member, after, command.stay)
    return facts


def _member(command: StayAsHost, phase: Phase, case: Case) -> Member:
    if case.actor.role == "participant":
        found = case.state.members.get(member_id(case.state, case.actor, phase.id))
        if found is None:
            raise Refused("group.first")
        return found
    found = case.state.members.get(command.member or "")
    if found is None or found.grouping != phase.id:
        raise Refused("group.unknown")
    return found


def bring(phase: Phase, case: Case) -> list[Fact]:
    """Groups that are formed already find their people where they were, but for who has since become a host, or
    is none any more."""
    grouping = case.state.groupings.get(phase.id)
    if grouping is None or grouping.before is None or not phase.settings["groups"].get("hosts"):
        return []
    if grouping.seed == case.command:
        return []  # formed just now, hosts and all
    facts: list[Fact] = []
    for member in [member for member in case.state.members.values() if member.grouping == grouping.before]:
        moved = list(_corrected(case.state, member, phase, member.stays))
        case = afterwards(case, moved) if moved else case
        facts += moved
    return facts


BRINGS.append(bring)


def _corrected(state: State, member: Member, after: Phase, stays: bool) -> Iterator[Fact]:
    """From the travelling group to the table, or from the table to the group; not whom the desk has put elsewhere."""
    now = state.members.get(f"{after.id}/{member.id.partition('/')[2]}")
    groups = {group.number: group for group in state.groups.values() if group.grouping == after.id}
    table = next((group for group in groups.values() if group.board == state.groups[member.group].board), None)
    if now is None or table is None or now.stays == stays:
        return
    ring = sorted(groups)
    travelling = groups[ring[(ring.index(table.number) + 1) % len(ring)]]
    seats = (state.members.get(f"{after.id}/{one.id.partition('/')[2]}") for one in state.members_of(member.group))
    sit = Counter(seat.group for seat in seats if seat is not None and seat is not now and not seat.stays)
    if sit and travelling.id not in sit:  # a table that was added since stands outside of the round
        travelling = state.groups[sit.most_common(1)[0][0]]
    start, end = (travelling, table) if stays else (table, travelling)
    if now.group == start.id and not end.gone:
        if start.id != end.id:
            yield MemberMoved(member=now.id, group=end.id)
        most = most_hosts(state, after)
        if not stays or most is None or hosts_of(state, end.id) < most:  # who stays next may have been said already
            yield MemberStays(member=now.id, stays=stays)


@evolves(MemberStays)
def _stays(state: State, fact: MemberStays) -> None:
    state.set("member", fact.member, stays=fact.stays)
    state.touch("group", state.members[fact.member].group)
