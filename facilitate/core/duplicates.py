"""Duplicates: several ideas on one card. It keeps all their texts and all their authors, and can be split again."""

from facilitate.core.book import Case, Command, Fact, decides, evolves
from facilitate.core.clusters import card_of, cards_of
from facilitate.core.refused import Refused
from facilitate.core.state import State


class MergeIdeas(Command, frozen=True):
    """These ideas go on the card of `keep`; what was on their cards already comes along."""

    keep: str
    ideas: tuple[str, ...]


class SplitIdeas(Command, frozen=True):
    """These ideas get cards of their own again, where the card lies on which they were."""

    ideas: tuple[str, ...]


class IdeasMerged(Fact, frozen=True):
    keep: str
    ideas: tuple[str, ...]


class IdeasSplit(Fact, frozen=True):
    ideas: tuple[str, ...]


@decides(MergeIdeas, "facilitator")
def _merge(command: MergeIdeas, case: Case) -> list[Fact]:
    keep = card_of(case, command.keep)
    others = [idea for idea in cards_of(case, (keep.id, *command.ideas)) if idea.id != keep.id]
    if not keep.stands or not others:
        raise Refused("idea.gone")
    if any(idea.face_down != keep.face_down for idea in others):
        raise Refused("merge.face-down")  # what lies open would be covered by what does not
    merged: list[str] = []
    for idea in others:
        merged += [*case.state.shared.get(idea.id, ()), idea.id]  # first what lies on it, so that it never lies on none
    return [IdeasMerged(keep=keep.id, ideas=tuple(merged))]


@decides(SplitIdeas, "facilitator")
def _split(command: SplitIdeas, case: Case) -> list[Fact]:
    wanted = dict.fromkeys(command.ideas)
    if any(idea not in case.state.ideas for idea in wanted):
        raise Refused("idea.unknown")
    ideas = tuple(idea for idea in wanted if case.state.ideas[idea].same_as)
    return [IdeasSplit(ideas=ideas)] if ideas else []


@evolves(IdeasMerged)
def _merged(state: State, fact: IdeasMerged) -> None:
    for idea in fact.ideas:
        state.set("idea", idea, same_as=fact.keep)
    state.touch_results(state.ideas[fact.keep].board)


@evolves(IdeasSplit)
def _were_split(state: State, fact: IdeasSplit) -> None:
    for idea in fact.ideas:
        keep = state.ideas[state.ideas[idea].same_as or idea]
        state.set("idea", idea, same_as=None, cluster=keep.cluster, aside=keep.aside)
        state.touch_results(keep.board)
