"""Who sits where: which group somebody is in now, at which board, and what that group alone may see."""

from facilitate.core.actors import Actor
from facilitate.core.book import Case
from facilitate.core.refused import Refused
from facilitate.core.state import State
from facilitate.core.tables import Group, Key, Member, Phase

PREFIX = "group:"  # of the audience that a group is


def is_grouped(phase: Phase) -> bool:
    """Whether a phase is worked through in groups. One that brings back what groups chose is not."""
    wish = phase.settings.get("groups") or {"back": True}
    return not wish.get("back")


def member_id(state: State, actor: Actor, grouping: str) -> str:
    """The id of somebody's place. Without names it is a tag, so that the file leads from no group to a person."""
    root = state.groupings[grouping].root
    return f"{grouping}/{actor.id if actor.named else actor.tag(f'groups/{root}')}"


def seat_of(state: State, actor: Actor) -> Member | None:
    """Somebody's place in the groups that are formed now."""
    grouping = state.session.grouping
    if grouping is None or actor.role != "participant" or grouping not in state.groupings:
        return None
    return state.members.get(member_id(state, actor, grouping))


def group_of(state: State, actor: Actor) -> Group | None:
    seat = seat_of(state, actor)
    return state.groups.get(seat.group) if seat else None


def moved_at(state: State, actor: Actor) -> int:
    """The number at which somebody last came to where they sit: what a browser held before may be another group's."""
    started = max((state.touched.get(("grouping", id_), 0) for id_ in state.groupings), default=0)
    seat = seat_of(state, actor)
    return max(started, state.touched.get(("member", seat.id), 0)) if seat else started


def audience_of(state: State, actor: Actor) -> str:
    """The audience that a participant belongs to: all participants, or these and a group."""
    group = group_of(state, actor)
    return f"{PREFIX}{group.id}" if group else "participants"


def board_for(case: Case, phase: Phase) -> str | None:
    """The board that somebody's command in this phase goes to: the phase's, or their group's own one.

    Refused: `group.first` for who has no group yet; it is said again until there is one, but for tables.
    """
    if phase.board is None or not is_grouped(phase) or case.actor.role != "participant":
        return phase.board
    state = case.state
    if phase.id in state.groupings:
        seat = state.members.get(member_id(state, case.actor, phase.id))
        if seat is not None:
            return state.groups[seat.group].board
    if phase.settings["groups"].get("by") == "table" or state.session.grouping != phase.id:
        raise Refused("group.first")
    raise Refused("group.first", retry=1.0)


def may_see(state: State, actor: Actor, key: Key) -> bool:
    """Whether what lies on a group's own board may be seen by this participant."""
    place = state.place_of(key)
    if place is None or state.is_shown(key):
        return True
    group = group_of(state, actor)
    return group is not None and place.group == group.id


def check_place(case: Case, key: Key) -> None:
    """Participants' commands are for what lies on their own group's board, or in plenary. Refused: `group.other`."""
    if case.actor.role == "participant" and not may_see(case.state, case.actor, key):
        raise Refused("group.other")


def move_after(state: State, phase: Phase) -> Phase | None:
    """The next phase after this one that forms groups or ends them, if it moves them on and asks for hosts."""
    later = (one for one in state.agenda() if one.order > phase.order and not one.skipped)
    after = next((one for one in later if one.settings.get("groups")), None)
    return after if after and after.settings["groups"].get("hosts") else None


def most_hosts(state: State, phase: Phase) -> int | None:
    """How many may stay at a table at the next change after this phase; None where nobody is asked."""
    after = move_after(state, phase)
    return int(after.settings["groups"]["hosts"]) if after else None


def hosts_of(state: State, group: str) -> int:
    """How many of a group stay at the next change."""
    return sum(one.stays for one in state.members_of(group))
