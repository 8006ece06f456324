"""Carrying forward: the best of one board become the cards of a later one, and each knows where it came from."""

from collections import Counter
from collections.abc import Iterator

from facilitate.core.book import Case, Command, Fact, decides
from facilitate.core.formats import CARRIED, MOST_CARRIED
from facilitate.core.ideas import IdeaPosted, board_of
from facilitate.core.phases import BRINGS, known
from facilitate.core.refused import Refused
from facilitate.core.rounds import leading, tally_of
from facilitate.core.state import State
from facilitate.core.tables import Idea, Origin, Phase, Round


class CarryForward(Command, frozen=True):
    """From `board` to the board of `phase`: the first `top` of `of` (None: as they were voted on), or the `chosen`.

    What got as many votes as the last of the first comes along; what got none does not.

    A board of the plan that groups work on in boards of their own stands for all of these; one of these for itself.
    """

    board: str
    phase: str
    top: int = 5
    of: str | None = None
    chosen: tuple[str, ...] | None = None


@decides(CarryForward, "facilitator")
def _carry(command: CarryForward, case: Case) -> list[Fact]:
    board, phase = board_of(case, command.board), known(case, command.phase)
    if phase.board is None or phase.board == board.id:
        raise Refused("carry.board")
    if not 1 <= command.top <= MOST_CARRIED or command.of not in (None, *CARRIED):
        raise Refused("command.malformed")
    if command.chosen is not None:
        items = list(dict.fromkeys(command.chosen))
        there = set(standing(case.state, board.id))
        if len(items) > MOST_CARRIED or not set(items) <= there:
            raise Refused("idea.unknown")
    else:
        items = best(case.state, board.id, command.of, command.top, case)
    if not items:
        raise Refused("carry.nothing")
    return _carried(items, board.id, phase, case)


def bring(phase: Phase, case: Case) -> list[Fact]:
    """What the format wants on the phase's board when it starts."""
    plan = phase.settings.get("carry")
    if not plan or phase.board is None or plan["from"] not in case.state.boards:
        return []
    items = best(case.state, plan["from"], plan.get("of"), plan.get("top", 5), case)
    return _carried(items, plan["from"], phase, case)


BRINGS.append(bring)


def lying(state: State, board: str) -> list[Idea]:
    """The cards face up on a board, or on those that groups have in its stead."""
    boards = {board, *(own.id for own in state.boards_of(board))}
    return [idea for idea in state.ideas.values() if idea.board in boards and idea.is_visible]


def standing(state: State, board: str) -> list[str]:
    """What can be carried from a board: clusters with a card that all see, and each such card."""
    ideas = lying(state, board)
    filled = dict.fromkeys(idea.cluster for idea in ideas)
    return [cluster for cluster in filled if cluster] + [idea.id for idea in ideas]


def best(state: State, board: str, of: str | None, top: int, case: Case) -> list[str]:
    """The first `top`, best first: by the last vote on the board that is over, if anybody voted; else clusters by size,
    then cards by number; those first that a group chose to bring along."""
    there = set(standing(state, board))
    over = [round_ for round_ in _rounds(state, board) if of in (None, round_.of) and round_.state != "open"]
    over = [round_ for round_ in over if round_.method in case.rules.methods]
    results = tally_of(state, over[-1], case.rules.methods) if over else []
    if chosen := leading([result for result in results if result[0] in there], top, MOST_CARRIED):
        return chosen
    ideas = sorted((idea for idea in lying(state, board) if not idea.aside), key=lambda idea: not idea.chosen)
    sizes = Counter(idea.cluster for idea in ideas if idea.cluster and of != "ideas")
    filled = sorted((cluster for cluster in state.clusters if cluster in sizes), key=lambda cluster: -sizes[cluster])
    return [*filled, *(idea.id for idea in ideas if idea.cluster not in sizes)][:top]


def _rounds(state: State, board: str) -> Iterator[Round]:
    return (round_ for round_ in state.rounds.values() if round_.board == board)


def _carried(items: list[str], board: str, phase: Phase, case: Case) -> list[Fact]:
    """A card for each that the other board does not bear yet."""
    state = case.state
    target = state.boards[str(phase.board)]
    borne = {
        idea.origin.item
        for idea in state.ideas.values()
        if idea.board == target.id and idea.origin
        if not (idea.withdrawn or idea.erased)
    }
    columns = {column.id for column in target.columns}
    facts: list[Fact] = []
    votes, sources = _votes(board, case), _sources(state, items)
    for item in items:
        source = sources[item]
        text = _title(state, item) or source.text
        if item in borne or not text:
            continue
        card = f"{case.command[:35]}-{len(facts) + 1:03d}"
        if card in state.ideas:
            raise Refused("id.taken")
        facts.append(
            IdeaPosted(
                idea=card,
                number=state.next_number + len(facts),
                board=target.id,
                phase=phase.id,
                author=case.actor.signs(case.command),
                text=text,
                lang="" if _title(state, item) else source.lang,
                column=source.column if source.column in columns and item == source.id else None,
                source="carried",
                origin=_origin(item, source, votes.get(item), case.state),
            )
        )
    return facts


def _sources(state: State, items: list[str]) -> dict[str, Idea]:
    """Item -> the card itself, or a cluster's first: a cluster without a title is called by its words."""
    first: dict[str, Idea] = {}
    for idea in state.ideas.values():
        if idea.cluster and idea.is_visible:
            first.setdefault(idea.cluster, idea)
    return {item: state.ideas.get(item) or first[item] for item in items}


def _title(state: State, item: str) -> str | None:
    cluster = state.clusters.get(item)
    return cluster.title if cluster else None


def _origin(item: str, source: Idea, votes: int | None, state: State) -> Origin:
    if cluster := state.clusters.get(item):
        words = None if cluster.title else source.id
        return Origin(board=cluster.board, mark=cluster.letter, cluster=item, idea=words, votes=votes)
    return Origin(board=source.board, mark=str(source.number), idea=item, votes=votes)


def _votes(board: str, case: Case) -> dict[str, int]:
    """Option -> what it got in the last vote whose result everybody was shown, of those in which it stood."""
    shown = [round_ for round_ in _rounds(case.state, board) if round_.state == "shown"]
    votes: dict[str, int] = {}
    for round_ in shown:
        if round_.method in case.rules.methods:
            votes |= tally_of(case.state, round_, case.rules.methods)
    return votes
