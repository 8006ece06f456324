"""Gives everybody who is here a place in the groups of the phase, and whoever comes later when they come."""

from asyncio import Future
from collections.abc import Collection, Iterable

from facilitate.core.actors import CLOCK, Actor
from facilitate.core.commands import program_id
from facilitate.core.groups import FormGroups, JoinGroup, places
from facilitate.core.people import speaks_for
from facilitate.core.seats import is_grouped, member_id
from facilitate.live.runner import Runner


def seat(runner: Runner, people: Collection[Actor], here: Iterable[Actor]) -> None:
    """Say so in the name of those who have no place yet; `here` are all who are there.

    Nobody is seated whose table must be asked for. Whole tables come first: the others fill up what is left.
    """
    state = runner.state
    phase = state.current
    if phase is None or not is_grouped(phase) or state.session.grouping != phase.id or not phase.is_current:
        return
    if phase.settings["groups"].get("by") == "table" or state.session.state != "running":
        return
    waiting = [actor for actor in people if member_id(state, actor, phase.id) not in state.members]
    if not waiting:
        return
    if not state.groups_of(phase.id):
        form = FormGroups(id=program_id("groups", state.seq), phase=phase.id, people=places(state, phase, here))
        _forget(runner.enqueue(form, CLOCK))
    for actor in sorted(waiting, key=lambda actor: -speaks_for(state, actor)):
        tag = actor.tag(f"seat/{phase.id}")
        _forget(runner.enqueue(JoinGroup(id=f"seat-{tag}", phase=phase.id), actor))


def _forget(answer: "Future[int]") -> None:
    """A refusal is nobody's: who has no place is asked again when they come, or when they write."""
    answer.add_done_callback(lambda done: done.cancelled() or done.exception())
