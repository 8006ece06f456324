"""Clusters: things of their own, with a title and a letter. An idea lies in one cluster of its board or in none."""

from collections.abc import Iterable

from facilitate.core import text as words
from facilitate.core.book import Case, Command, Fact, decides, evolves
from facilitate.core.ideas import board_of, idea_of
from facilitate.core.refused import Refused
from facilitate.core.state import Cluster, Idea, State


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


class ClusterFormed(Fact, frozen=True):
    cluster: str
    board: str
    letter: str
    title: str | None


class IdeaMoved(Fact, frozen=True):
    idea: str
    cluster: str | None


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
    if case.actor.role == "facilitator":
        return
    phase = case.state.current
    if phase is None or not phase.is_open or not case.rules.allows(phase, kind):
        raise Refused("not-now", activity=phase.activity if phase else "welcome")
    if phase.board != board:
        raise Refused("board.unknown")
    if case.state.boards[board].locked:
        raise Refused("board.locked")
    for idea in ideas:
        if not idea.is_visible and not case.actor.wrote(idea.author, idea.id):
            raise Refused("idea.unknown")
        if phase.settings.get("who") == "own" and not case.actor.wrote(idea.author, idea.id):
            raise Refused("role.refused")


@decides(FormCluster, "participant", "facilitator")
def _form(command: FormCluster, case: Case) -> list[Fact]:
    ideas = [idea_of(case, idea) for idea in dict.fromkeys(command.ideas)]
    boards = {idea.board for idea in ideas} | ({command.board} if command.board else set())
    if len(boards) != 1:
        raise Refused("board.unknown")
    board = board_of(case, boards.pop())
    _allowed(case, "FormCluster", board.id, ideas)
    if command.id in case.state.clusters:
        raise Refused("id.taken")
    title = words.clean(command.title, words.TITLE, what="title") or None
    # A letter is never given twice: a cluster that was dissolved may come back by Undo.
    letter = letter_after(cluster.letter for cluster in case.state.clusters.values() if cluster.board == board.id)
    formed = ClusterFormed(cluster=command.id, board=board.id, letter=letter, title=title)
    return [formed, *(IdeaMoved(idea=idea.id, cluster=command.id) for idea in ideas)]


@decides(MoveIdea, "participant", "facilitator")
def _move(command: MoveIdea, case: Case) -> list[Fact]:
    idea = idea_of(case, command.idea)
    _allowed(case, "MoveIdea", idea.board, [idea])
    if command.cluster is not None and cluster_of(case, command.cluster).board != idea.board:
        raise Refused("cluster.unknown")
    return [] if idea.cluster == command.cluster else [IdeaMoved(idea=idea.id, cluster=command.cluster)]


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
    state.set("idea", fact.idea, cluster=fact.cluster)


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
    state.set("board", fact.board, clusters_shown=True)
    for cluster in state.clusters_of(fact.board):
        state.touch("cluster", cluster.id)
    for idea in state.ideas.values():
        if idea.board == fact.board and idea.cluster:
            state.touch("idea", idea.id)
