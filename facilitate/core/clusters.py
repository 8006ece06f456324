"""Clusters: things of their own, with a title and a letter. An idea lies in one cluster of its board or in none."""

from collections.abc import Iterable

from msgspec import Struct

from facilitate.core import text as words
from facilitate.core.book import Case, Command, Fact, decides, evolves
from facilitate.core.ideas import board_of, idea_of
from facilitate.core.refused import Refused
from facilitate.core.seats import board_for
from facilitate.core.state import State
from facilitate.core.tables import Cluster, Idea

MOST = 60  # clusters formed by one command


class FormCluster(Command, frozen=True):
    title: str = ""
    ideas: tuple[str, ...] = ()
    board: str | None = None


class MoveIdea(Command, frozen=True):
    idea: str
    cluster: str | None = None


class RenameCluster(Command, frozen=True):
    cluster: str
    title: str


class DissolveCluster(Command, frozen=True):
    cluster: str


class MoveIdeas(Command, frozen=True):
    """Many at once; those that are gone meanwhile stay out."""

    ideas: tuple[str, ...]
    cluster: str | None = None


class SetAside(Command, frozen=True):
    """Into the parking lot, or, with `aside` false, back among those that are not placed."""

    ideas: tuple[str, ...]
    aside: bool = True


class SplitCluster(Command, frozen=True):
    """Some of a cluster's ideas become a cluster of their own."""

    cluster: str
    ideas: tuple[str, ...]
    title: str = ""


class MergeClusters(Command, frozen=True):
    """One takes in others: their ideas, and the votes that they got."""

    into: str
    clusters: tuple[str, ...]


class Draft(Struct, frozen=True, forbid_unknown_fields=True):
    """A suggestion that was accepted: a new cluster with its title, or one that is there already."""

    ideas: tuple[str, ...]
    title: str = ""
    cluster: str | None = None


class FormClusters(Command, frozen=True):
    """Accepted suggestions. Whatever somebody has placed, set aside or taken down meanwhile stays where it is."""

    board: str
    drafts: tuple[Draft, ...]


class ClusterFormed(Fact, frozen=True):
    cluster: str
    board: str
    letter: str
    title: str | None


class IdeaMoved(Fact, frozen=True):
    idea: str
    cluster: str | None


class IdeasMoved(Fact, frozen=True):
    ideas: tuple[str, ...]
    cluster: str | None


class IdeasSetAside(Fact, frozen=True):
    ideas: tuple[str, ...]
    aside: bool


class ClustersMerged(Fact, frozen=True):
    into: str
    clusters: tuple[str, ...]


class ClusterRenamed(Fact, frozen=True):
    cluster: str
    title: str | None


class ClusterDissolved(Fact, frozen=True):
    cluster: str


class ClustersShown(Fact, frozen=True):
    board: str


def cluster_of(case: Case, cluster: str) -> Cluster:
    found = case.state.clusters.get(cluster)
    if found is None or found.dissolved:
        raise Refused("cluster.unknown")
    return found


def card_of(case: Case, idea: str) -> Idea:
    """An idea that has a card of its own: not a duplicate that lies on another's."""
    found = idea_of(case, idea)
    if found.same_as:
        raise Refused("idea.gone")
    return found


def cards_of(case: Case, ideas: Iterable[str]) -> list[Idea]:
    """Those of these ideas that stand. Refused where none does, or where they lie on several boards."""
    wanted = dict.fromkeys(ideas)
    if any(idea not in case.state.ideas for idea in wanted):
        raise Refused("idea.unknown")
    found = [idea for idea in map(case.state.ideas.__getitem__, wanted) if idea.stands]
    if not found:
        raise Refused("idea.gone")
    if len({idea.board for idea in found}) > 1:
        raise Refused("board.unknown")
    return found


def letter_after(taken: Iterable[str]) -> str:
    """The first free of A ... Z, AA, AB ..."""
    used = set(taken)
    number = 0
    while True:
        number += 1
        letter, rest = "", number
        while rest:
            rest, sign = divmod(rest - 1, 26)
            letter = chr(65 + sign) + letter
        if letter not in used:
            return letter


def _allowed(case: Case, kind: str, board: str, ideas: Iterable[Idea] = ()) -> None:
    if case.actor.is_staff:
        return
    phase = case.state.current
    if phase is None or not phase.is_open or not case.rules.allows(phase, kind):
        raise Refused("not-now", activity=phase.activity if phase else "welcome")
    if board_for(case, phase) != board:
        raise Refused("board.unknown")
    if case.state.is_locked(board):
        raise Refused("board.locked")
    for idea in ideas:
        if not idea.is_visible and not case.actor.wrote(idea.author, idea.id):
            raise Refused("idea.unknown")
        own_only = "own" in (phase.settings.get("who"), phase.settings.get("cluster"))
        if own_only and not case.actor.wrote(idea.author, idea.id):
            raise Refused("role.refused")


@decides(FormCluster, "participant", "facilitator")
def _form(command: FormCluster, case: Case) -> list[Fact]:
    ideas = [card_of(case, idea) for idea in dict.fromkeys(command.ideas)]
    boards = {idea.board for idea in ideas} | ({command.board} if command.board else set())
    if len(boards) != 1:
        raise Refused("board.unknown")
    board = board_of(case, boards.pop())
    _allowed(case, "FormCluster", board.id, ideas)
    if command.id in case.state.clusters:
        raise Refused("id.taken")
    formed = _formed_as(case, command.id, board.id, command.title)
    return [formed, *(IdeaMoved(idea=idea.id, cluster=command.id) for idea in ideas)]


def _formed_as(case: Case, cluster: str, board: str, title: str, taken: Iterable[str] = ()) -> ClusterFormed:
    # A letter is never given twice: a cluster that was dissolved may come back by Undo.
    letters = [other.letter for other in case.state.clusters.values() if other.board == board]
    clean = words.clean(title, words.TITLE, what="title") or None
    return ClusterFormed(cluster=cluster, board=board, letter=letter_after([*letters, *taken]), title=clean)


@decides(MoveIdea, "participant", "facilitator")
def _move(command: MoveIdea, case: Case) -> list[Fact]:
    idea = card_of(case, command.idea)
    _allowed(case, "MoveIdea", idea.board, [idea])
    if command.cluster is not None and cluster_of(case, command.cluster).board != idea.board:
        raise Refused("cluster.unknown")
    if idea.cluster == command.cluster and not idea.aside:
        return []
    return [IdeaMoved(idea=idea.id, cluster=command.cluster)]


@decides(MoveIdeas, "facilitator")
def _move_all(command: MoveIdeas, case: Case) -> list[Fact]:
    ideas = cards_of(case, command.ideas)
    if command.cluster is not None and cluster_of(case, command.cluster).board != ideas[0].board:
        raise Refused("cluster.unknown")
    moved = tuple(idea.id for idea in ideas if idea.cluster != command.cluster or idea.aside)
    return [IdeasMoved(ideas=moved, cluster=command.cluster)] if moved else []


@decides(SetAside, "facilitator")
def _set_aside(command: SetAside, case: Case) -> list[Fact]:
    ideas = tuple(idea.id for idea in cards_of(case, command.ideas) if idea.aside != command.aside)
    return [IdeasSetAside(ideas=ideas, aside=command.aside)] if ideas else []


@decides(SplitCluster, "facilitator")
def _split(command: SplitCluster, case: Case) -> list[Fact]:
    cluster = cluster_of(case, command.cluster)
    if command.id in case.state.clusters:
        raise Refused("id.taken")
    ideas = tuple(idea.id for idea in cards_of(case, command.ideas) if idea.cluster == cluster.id)
    if not ideas:
        raise Refused("idea.gone")
    formed = _formed_as(case, command.id, cluster.board, command.title)
    return [formed, IdeasMoved(ideas=ideas, cluster=command.id)]


@decides(MergeClusters, "facilitator")
def _merge(command: MergeClusters, case: Case) -> list[Fact]:
    into = cluster_of(case, command.into)
    others = [cluster_of(case, cluster) for cluster in dict.fromkeys(command.clusters) if cluster != into.id]
    if not others or any(other.board != into.board for other in others):
        raise Refused("cluster.unknown")
    facts: list[Fact] = [ClustersMerged(into=into.id, clusters=tuple(other.id for other in others))]
    titles = [other.title for other in others if other.title]
    if titles and not into.title:
        facts.append(ClusterRenamed(cluster=into.id, title=titles[0]))
    return facts


@decides(FormClusters, "facilitator")
def _form_all(command: FormClusters, case: Case) -> list[Fact]:
    board = board_of(case, command.board)
    if len(command.drafts) > MOST:
        raise Refused("command.large")
    free = {idea.id for idea in case.state.unplaced(board.id)}
    facts: list[Fact] = []
    letters: list[str] = []
    for number, draft in enumerate(command.drafts):
        ideas = tuple(idea for idea in dict.fromkeys(draft.ideas) if idea in free)
        free.difference_update(ideas)
        cluster = case.state.clusters.get(draft.cluster or "")
        if not ideas or (draft.cluster and (cluster is None or cluster.dissolved or cluster.board != board.id)):
            continue
        made = draft.cluster or f"{command.id[:36]}-{number:02d}"
        if not draft.cluster:
            if made in case.state.clusters:
                raise Refused("id.taken")
            formed = _formed_as(case, made, board.id, draft.title, letters)
            letters.append(formed.letter)
            facts.append(formed)
        facts.append(IdeasMoved(ideas=ideas, cluster=made))
    if not facts:
        raise Refused("suggestion.overtaken")
    return facts


@decides(RenameCluster, "participant", "facilitator")
def _rename(command: RenameCluster, case: Case) -> list[Fact]:
    cluster = cluster_of(case, command.cluster)
    _allowed(case, "RenameCluster", cluster.board)
    title = words.clean(command.title, words.TITLE, what="title") or None
    return [] if cluster.title == title else [ClusterRenamed(cluster=cluster.id, title=title)]


@decides(DissolveCluster, "participant", "facilitator")
def _dissolve(command: DissolveCluster, case: Case) -> list[Fact]:
    cluster = cluster_of(case, command.cluster)
    _allowed(case, "DissolveCluster", cluster.board)
    return [ClusterDissolved(cluster=cluster.id)]


@evolves(ClusterFormed)
def _formed(state: State, fact: ClusterFormed) -> None:
    state.put("cluster", Cluster(fact.cluster, fact.board, fact.letter, fact.title))


@evolves(IdeaMoved)
def _moved(state: State, fact: IdeaMoved) -> None:
    state.set("idea", fact.idea, cluster=fact.cluster, aside=False)


@evolves(IdeasMoved)
def _all_moved(state: State, fact: IdeasMoved) -> None:
    for idea in fact.ideas:
        state.set("idea", idea, cluster=fact.cluster, aside=False)


@evolves(IdeasSetAside)
def _were_set_aside(state: State, fact: IdeasSetAside) -> None:
    for idea in fact.ideas:
        if fact.aside:
            state.set("idea", idea, cluster=None)
        state.set("idea", idea, aside=fact.aside)


@evolves(ClustersMerged)
def _merged(state: State, fact: ClustersMerged) -> None:
    for idea in [idea for idea in state.ideas.values() if idea.cluster in fact.clusters]:
        state.set("idea", idea.id, cluster=fact.into)
    for cluster in fact.clusters:
        state.set("cluster", cluster, dissolved=True, into=fact.into)
    state.touch_results(state.clusters[fact.into].board)


@evolves(ClusterRenamed)
def _renamed(state: State, fact: ClusterRenamed) -> None:
    state.set("cluster", fact.cluster, title=fact.title)


@evolves(ClusterDissolved)
def _dissolved(state: State, fact: ClusterDissolved) -> None:
    for idea in [idea for idea in state.ideas.values() if idea.cluster == fact.cluster]:
        state.set("idea", idea.id, cluster=None)
    state.set("cluster", fact.cluster, dissolved=True)
    state.touch_results(state.clusters[fact.cluster].board)


@evolves(ClustersShown)
def _clusters_shown(state: State, fact: ClustersShown) -> None:
    for board in state.boards_of(fact.board):
        _clusters_shown(state, ClustersShown(board=board.id))
    state.set("board", fact.board, clusters_shown=True)
    for cluster in state.clusters_of(fact.board):
        state.touch("cluster", cluster.id)
    for idea in state.ideas.values():
        if idea.board == fact.board and (idea.cluster or idea.aside):
            state.touch("idea", idea.id)
