"""Groups inside a session: formed, kept, merged, moved on; each works on a board of its own and brings cards back.

Groups of a phase are a *grouping*. Who comes is given a place by `JoinGroup`, one after another: by chance, by what
people have in common or not, or by the code of a table. Chance is a hash of the command's id that started the phase.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

from msgspec import structs

from facilitate.core import text as words
from facilitate.core.actors import Actor
from facilitate.core.book import Case, Command, Fact, decides, evolves
from facilitate.core.formats import Texts
from facilitate.core.ideas import IdeaPosted, idea_of
from facilitate.core.people import speaks_for
from facilitate.core.phases import BRINGS, GRACE, current
from facilitate.core.refused import Refused
from facilitate.core.seats import check_place, hosts_of, is_grouped, member_id, most_hosts
from facilitate.core.state import State
from facilitate.core.tables import Board, Group, Grouping, Idea, Member, Origin, Phase

CODE = 12  # characters of a table's code
MOST = 1000  # groups of a phase
USUAL: Mapping[str, Any] = {"by": "random", "size": 4}  # where there are no groups yet that could be kept


class JoinGroup(Command, frozen=True):
    """A place in the phase's groups; `group` is the code of a table, where groups are, or were, tables."""

    phase: str
    group: str | None = None


class FormGroups(Command, frozen=True):
    """So many people are here (see `places`): make as many groups as that takes, before they come one by one."""

    phase: str
    people: int


class MoveMember(Command, frozen=True):
    member: str
    group: str


class MergeGroups(Command, frozen=True):
    """The people and the cards of `group` go to the group `into`."""

    group: str
    into: str


class PromptGroup(Command, frozen=True):
    """A question of its own for one group's board; "": the phase's."""

    group: str
    prompt: str


class ChooseIdea(Command, frozen=True):
    """A group chooses a card of its board to bring along, or thinks better of it."""

    idea: str
    chosen: bool = True


class GroupingOpened(Fact, frozen=True):
    """People sit in the groups of this phase now; anew where `seed` is given."""

    phase: str
    root: str
    seed: str
    before: str | None = None


class GroupMade(Fact, frozen=True):
    """`board` is the group's own one for `of`; it is made unless it is there already."""

    group: str
    grouping: str
    number: int
    name: str | None = None
    board: str | None = None
    of: str | None = None
    table: int = 0
    prompt: Texts | None = None


class MemberSeated(Fact, frozen=True):
    member: str
    grouping: str
    group: str
    trait: str = ""
    stays: bool = False
    people: int = 1


class BoardTaken(Fact, frozen=True):
    """Who sits at a board now, and what they are asked where others were asked something else there."""

    board: str
    group: str
    prompt: Texts | None = None


class MemberMoved(Fact, frozen=True):
    member: str
    group: str


class GroupMerged(Fact, frozen=True):
    group: str
    into: str


class GroupPrompted(Fact, frozen=True):
    board: str
    prompt: Texts


class IdeaChosen(Fact, frozen=True):
    idea: str
    chosen: bool


# --- when a phase starts


def bring(phase: Phase, case: Case) -> list[Fact]:
    """The groups of a phase as far as they are known when it starts, or what the groups bring back to plenary."""
    wish = phase.settings.get("groups")
    if not wish:
        return []
    if wish.get("back"):
        return list(_returned(phase, wish, case))
    state = case.state
    before = state.groupings.get(phase.id)
    if before is not None:
        back: list[Fact] = [GroupingOpened(phase=phase.id, root=before.root, seed=before.seed, before=before.before)]
        back += [_taken_again(state, group, group.board) for group in state.groups_of(phase.id) if group.board]
        if before.before is not None:
            back += _since(phase, before.before, state)
            back += _merged_cards(phase, before.before, case) if wish.get("merge") else ()
        return back
    last = state.session.grouping
    if last is None or last not in state.groupings or wish.get("by"):
        opened = GroupingOpened(phase=phase.id, root=phase.id, seed=case.command)
        count = int((wish if wish.get("by") else USUAL).get("count", 0))
        return [opened, *(_made(phase, number, state) for number in range(1, count + 1))]
    return [
        GroupingOpened(phase=phase.id, root=state.groupings[last].root, seed=case.command, before=last),
        *_derived(phase, wish, last, state),
        *(_merged_cards(phase, last, case) if wish.get("merge") else ()),
    ]


def _taken_again(state: State, group: Group, board: str) -> BoardTaken:
    other = group.prompt is not None and group.prompt != state.boards[board].prompt
    return BoardTaken(board=board, group=group.id, prompt=group.prompt if other else None)


def _derived(phase: Phase, wish: Mapping[str, Any], last: str, state: State) -> Iterator[Fact]:
    """The groups of the phase before: the same ones, at the next table, or several as one."""
    groups = state.groups_of(last)
    seats = {group.id: state.members_of(group.id) for group in groups}
    for number, those in enumerate(_heaps(groups, int(wish.get("merge", 1))), 1):
        first = those[0]
        same = first.board is not None and phase.board == state.boards[first.board].of and not wish.get("merge")
        boards = [group.board for group in groups]
        board = boards[(number if wish.get("rotate") else number - 1) % len(boards)] if same else None
        table = state.boards[board].table if board else number
        name = first.name if len(those) == 1 else None
        yield _made(phase, number, state, name=name, board=board, table=table)
        hosts = Counter[str]()
        for member in (member for group in those for member in seats[group.id]):
            tag = member.id.partition("/")[2]
            stays = member.stays and bool(wish.get("keep") or hosts[member.group] < wish.get("hosts", 0))
            hosts[member.group] += stays
            # The table that one's group leaves is the group's that comes before it.
            goes_to = (number - 1 or len(groups)) if stays and same and wish.get("rotate") else number
            yield MemberSeated(
                member=f"{phase.id}/{tag}",
                grouping=phase.id,
                group=group_id(phase, goes_to),
                trait=member.trait,
                stays=stays,
                people=member.people,
            )


def _since(phase: Phase, last: str, state: State) -> Iterator[Fact]:
    """Who has come to the groups before since those of this phase were formed, as where it was only tried out: they
    go with their group, and a group that was not there yet is made."""
    wish = phase.settings["groups"]
    there = {group.id: group for group in state.groups.values() if group.grouping == phase.id}
    free = [group.board for group in state.groups_of(last)]
    free = [board for board in free if board not in {group.board for group in there.values()}]
    at = {group.board: group.id for group in there.values() if not group.gone}
    ways = _ways(phase, last, state)
    for fact in _derived(phase, wish, last, state):
        if isinstance(fact, GroupMade) and fact.group not in there and fact.group in ways.values():
            if fact.board in state.boards and fact.board not in free and free:
                table = state.boards[str(free[0])].table
                fact = _made(phase, fact.number, state, name=fact.name, board=free[0], table=table)
            free = [board for board in free if board != fact.board]
            at[fact.board] = fact.group
            yield fact
        elif isinstance(fact, MemberSeated) and fact.member not in state.members:
            old = state.groups[state.members[f"{last}/{fact.member.partition('/')[2]}"].group]
            home = at.get(old.board) if fact.stays and wish.get("rotate") and old.board else None
            sits = home or ways[old.id]
            room = hosts_of(state, sits) < (most_hosts(state, phase) or MOST)
            yield structs.replace(fact, group=sits, stays=fact.stays and room)


def _ways(phase: Phase, last: str, state: State) -> dict[str, str]:
    """The group of this phase that each group before goes to: where its people sit already, else by its number."""
    those = state.groups_of(last)
    heaps = _heaps(those, int(phase.settings["groups"].get("merge", 1)))
    ways = {group.id: group_id(phase, number) for number, heap in enumerate(heaps, 1) for group in heap}
    standing = [group.id for group in state.groups_of(phase.id)]
    for group in those:
        seats = (state.members.get(f"{phase.id}/{one.id.partition('/')[2]}") for one in state.members_of(group.id))
        sit = Counter(seat.group for seat in seats if seat is not None and not seat.stays)
        here = state.groups.get(ways[group.id])
        if sit:
            ways[group.id] = sit.most_common(1)[0][0]
        elif here is not None and here.gone and standing:
            ways[group.id] = standing[0]
    return ways


def _heaps(groups: list[Group], size: int) -> list[list[Group]]:
    """`size` groups to a heap; what is left over at the end goes with the last, so that nobody stays behind."""
    heaps = [groups[at : at + size] for at in range(0, len(groups), size)]
    if len(heaps) > 1 and len(heaps[-1]) < size:
        last = heaps.pop()
        heaps[-1] += last
    return heaps


def group_id(phase: Phase, number: int) -> str:
    return f"{phase.id}.{number}"


def _made(
    phase: Phase, number: int, state: State, *, name: str | None = None, board: str | None = None, table: int = 0
) -> GroupMade:
    """A group of this phase, with a new board unless one is given."""
    id_ = group_id(phase, number)
    prompts = phase.settings["groups"].get("prompts") or [{}]
    table = table or number
    return GroupMade(
        group=id_,
        grouping=phase.id,
        number=number,
        name=name,
        board=board or (id_ if phase.board else None),
        of=phase.board,
        table=table,
        prompt=prompts[(table - 1) % len(prompts)],
    )


BRINGS.append(bring)


# --- cards that go with a group, or back to plenary


def _lying(state: State) -> dict[str, list[Idea]]:
    """Board -> the cards face up on it."""
    cards: dict[str, list[Idea]] = {}
    for idea in state.ideas.values():
        if idea.is_visible:
            cards.setdefault(idea.board, []).append(idea)
    return cards


def picked(state: State, cards: list[Idea], top: int | None = None) -> list[Idea]:
    """What a group brings along of its cards: what it chose, or else what got most "+1"; of equals, or without any, all
    come."""
    chosen = [idea for idea in cards if idea.chosen]
    if chosen:
        return chosen[:top]
    pluses = {idea.id: state.agreed.get(idea.id, 0) for idea in cards}
    if top is None or len(cards) <= top:
        return cards
    least = sorted(pluses.values(), reverse=True)[top - 1]
    return [idea for idea in cards if pluses[idea.id] >= least]


def _borne(state: State, boards: Iterable[str]) -> Set[str | None]:
    """The cards that any of these boards bears, also hidden: what the desk has put away comes not back by itself."""
    boards = set(boards)
    return {
        idea.origin.idea
        for idea in state.ideas.values()
        if idea.board in boards and idea.origin
        if not (idea.withdrawn or idea.erased)
    }


def _carried(
    cards: Iterable[Idea], phase: Phase, board: str, case: Case, first: int, borne: Set[str | None]
) -> list[Fact]:
    """A card on `board` for each that is not borne yet. `first` is the next number."""
    state = case.state
    target = state.boards.get(board) or state.boards[str(phase.board)]
    columns = {column.id for column in target.columns}
    facts: list[Fact] = []
    for card in cards:
        if card.id in borne or not card.text:
            continue
        id_ = f"{case.command[:20]}-{_hash(case.command, board, card.id)}"
        facts.append(
            IdeaPosted(
                idea=id_,
                number=first + len(facts),
                board=board,
                phase=phase.id,
                author=card.author if state.session.names != "none" else case.actor.signs(id_),
                text=card.text,
                lang=card.lang,
                column=card.column if card.column in columns else None,
                source="carried",
                origin=Origin(board=card.board, mark=str(card.number), idea=card.id),
            )
        )
    return facts


def _hash(*parts: str) -> str:
    return hashlib.blake2b("\x00".join(parts).encode(), digest_size=8).hexdigest()


def _returned(phase: Phase, wish: Mapping[str, Any], case: Case) -> Iterator[Fact]:
    """What every group of the last grouping chose, group by group, onto the board of the plenary."""
    state, last = case.state, case.state.session.grouping
    if last is None or phase.board is None:
        return
    number, lying, borne = state.next_number, _lying(state), _borne(state, [phase.board])
    for group in state.groups_of(last):
        cards = picked(state, lying.get(str(group.board), []), wish.get("top"))
        for fact in _carried(cards, phase, phase.board, case, number, borne):
            number += 1
            yield fact


def _merged_cards(phase: Phase, before: str, case: Case) -> Iterator[Fact]:
    """What the groups that became one chose, onto the board of the new group."""
    state = case.state
    if not phase.board:
        return
    wish, number = phase.settings["groups"], state.next_number
    own = {group.id: str(group.board) for group in state.groups.values() if group.grouping == phase.id}
    ways, lying = _ways(phase, before, state), _lying(state)
    borne = _borne(state, [*own.values(), *ways.values()])
    for old, new in ways.items():
        cards = picked(state, lying.get(str(state.groups[old].board), []), wish.get("top"))
        for fact in _carried(cards, phase, own.get(new, new), case, number, borne):
            number += 1
            yield fact


# --- people come


@decides(FormGroups, "clock")
def _form(command: FormGroups, case: Case) -> list[Fact]:
    phase = _grouped(case, command.phase)
    wish = _way(case.state, phase)
    if not 0 <= command.people <= 100_000:
        raise Refused("command.malformed")
    if case.state.groups_of(phase.id) or "size" not in wish or command.people == 0:
        return []
    number = min(MOST, _number(command.people, int(wish["size"])))
    return [_made(phase, one, case.state) for one in range(1, number + 1)]


def places(state: State, phase: Phase, people: Iterable[Actor]) -> int:
    """For how many people groups are formed. A device that speaks for as many as are wished is a group already."""
    size = int(_way(state, phase).get("size", 1))
    return sum(min(size, speaks_for(state, actor)) for actor in people)


def _number(people: int, size: int) -> int:
    """How many groups come nearest to the size; nobody is left alone who was to have company."""
    few = max(1, people // size)
    many = -(-people // size)
    if people // many < min(2, size):
        return few
    return min((few, many), key=lambda number: abs(people / number - size))


def _grouped(case: Case, phase: str) -> Phase:
    found = current(case, phase)
    if not is_grouped(found) or case.state.session.grouping != found.id:
        raise Refused("not-now", activity=found.activity)
    return found


def _way(state: State, phase: Phase) -> Mapping[str, Any]:
    """How people come into the groups of a phase; for latecomers where groups are those of before: any."""
    wish: Mapping[str, Any] = phase.settings["groups"]
    if wish.get("by"):
        return wish
    return {"by": "late"} if state.groupings[phase.id].root != phase.id else USUAL


@decides(JoinGroup, "participant")
def _join(command: JoinGroup, case: Case) -> list[Fact]:
    state, phase = case.state, _grouped(case, command.phase)
    wish = _way(state, phase)
    me = member_id(state, case.actor, phase.id)
    sits = state.members.get(me)
    code = "".join(words.clean(command.group or "", CODE, what="table").upper().split())
    if wish["by"] == "table":
        if not code:
            if sits:
                return []
            raise Refused("group.first")
        return _to(phase, me, code, case)
    people = speaks_for(state, case.actor)
    if code and (group := _at_table(state, phase, code)):
        return _sat_down(phase, me, group, sits, people)
    if sits is not None:
        return []
    value = _attribute(wish, case)
    if wish["by"] == "attribute" and not wish.get("mix"):
        return _to(phase, me, value, case)
    trait = _hash(state.groupings[phase.id].seed, value)[:6] if value else ""
    return _seated(phase, me, trait, wish, state, people)


def _attribute(wish: Mapping[str, Any], case: Case) -> str:
    row = case.state.names.get(case.actor.id) or {}
    return str((row.get("attributes") or {}).get(wish.get("attribute"), ""))


def _to(phase: Phase, me: str, name: str, case: Case) -> list[Fact]:
    """To the group of this name; it is made for the first who comes."""
    state = case.state
    groups = state.groups_of(phase.id)
    found = next((group for group in groups if (group.name or "") == name), None)
    sits, people = state.members.get(me), speaks_for(state, case.actor)
    if found is not None:
        return _sat_down(phase, me, found.id, sits, people)
    number = _next(state, phase, int(name) if name.isascii() and name.isdigit() else 0)
    made = _made(phase, number, state, name=name or None)
    return [made, *_sat_down(phase, me, made.group, sits, people)]


def _sat_down(phase: Phase, me: str, group: str, sits: Member | None, people: int) -> list[Fact]:
    if sits is None:
        return [MemberSeated(member=me, grouping=phase.id, group=group, people=people)]
    return [] if sits.group == group else [MemberMoved(member=me, group=group)]


def _at_table(state: State, phase: Phase, code: str) -> str | None:
    """The group that works at a table now: its board still bears the code, whoever has moved on."""
    for group in state.groups_of(phase.id):
        if group.board and table_of(state, group.board) == code:
            return group.id
    return None


def table_of(state: State, board: str) -> str | None:
    """The code of the table that a group's own board lies on, where groups were formed by tables."""
    home = state.groups.get(board)  # whoever made a board gave it their own id
    if home is None or state.phases[home.grouping].settings["groups"].get("by") != "table":
        return None
    return home.name


def title_of(state: State, group: Group) -> Texts | None:
    """What the members of a group have in common, where they chose it from a list: its name is that choice's id."""
    wish = state.phases[state.groupings[group.grouping].root].settings.get("groups") or {}
    plans = (plan for plan in state.session.attributes if plan.id == wish.get("attribute"))
    return next((option.title for plan in plans for option in plan.options if option.id == group.name), None)


def _next(state: State, phase: Phase, wanted: int = 0) -> int:
    """A number for a new group: the one that stands on its table, if it is free."""
    taken = {group.number for group in state.groups.values() if group.grouping == phase.id}
    if len(taken) >= MOST:
        raise Refused("group.many")
    if 1 <= wanted <= MOST and wanted not in taken:
        return wanted
    return next(number for number in range(len(taken) + 1, MOST + len(taken) + 2) if number not in taken)


def _seated(phase: Phase, me: str, trait: str, wish: Mapping[str, Any], state: State, people: int) -> list[Fact]:
    """The smallest group, of several by chance; where people are to be mixed, the one with fewest of one's kind.

    Several at one device, for whom no group has room, make one of their own, but leave nobody alone.
    """
    groups: dict[str, list[Member]] = {group.id: [] for group in state.groups_of(phase.id)}
    for member in state.members.values():
        if member.group in groups:
            groups[member.group].append(member)
    size = int(wish.get("size") or 0)
    heads = {id_: sum(member.people for member in members) for id_, members in groups.items()}
    least = min(heads.values(), default=0)
    crowds = people > 1 and least > 1 and least + people > size + 1
    full = bool(size) and (crowds or least > size or (least == size == 1))
    facts: list[Fact] = []
    if not groups or full:
        number = _next(state, phase)
        facts.append(_made(phase, number, state))
        group = group_id(phase, number)
    else:
        seed = state.groupings[phase.id].seed

        def rank(id_: str) -> tuple[int, str]:
            return sum(bool(trait) and member.trait == trait for member in groups[id_]), _hash(seed, me, id_)

        group = min((id_ for id_ in groups if heads[id_] == least), key=rank)
    return [*facts, MemberSeated(member=me, grouping=phase.id, group=group, trait=trait, people=people)]


# --- the desk moves people


def group_called(case: Case, group: str) -> Group:
    found = case.state.groups.get(group)
    if found is None or found.gone:
        raise Refused("group.unknown")
    return found


@decides(MoveMember, "facilitator")
def _move(command: MoveMember, case: Case) -> list[Fact]:
    group = group_called(case, command.group)
    member = case.state.members.get(command.member)
    if member is None or member.grouping != group.grouping:
        raise Refused("group.unknown")
    return [] if member.group == group.id else [MemberMoved(member=member.id, group=group.id)]


@decides(MergeGroups, "facilitator")
def _merge(command: MergeGroups, case: Case) -> list[Fact]:
    group, into = group_called(case, command.group), group_called(case, command.into)
    if group.grouping != into.grouping or group.id == into.id:
        raise Refused("group.unknown")
    facts: list[Fact] = [MemberMoved(member=member.id, group=into.id) for member in case.state.members_of(group.id)]
    if group.board and into.board:
        cards = [idea for idea in case.state.on_board(group.board) if idea.is_visible]
        phase, borne = case.state.phases[group.grouping], _borne(case.state, [into.board])
        facts += _carried(cards, phase, into.board, case, case.state.next_number, borne)
    return [*facts, GroupMerged(group=group.id, into=into.id)]


@decides(PromptGroup, "facilitator")
def _prompt(command: PromptGroup, case: Case) -> list[Fact]:
    group = group_called(case, command.group)
    text = words.clean(command.prompt, words.IDEA, lines=True)
    if group.board is None:
        raise Refused("board.unknown")
    prompt = {case.state.session.languages[0]: text} if text else {}
    return [] if case.state.boards[group.board].prompt == prompt else [GroupPrompted(board=group.board, prompt=prompt)]


# --- a group chooses


@decides(ChooseIdea, "participant", "facilitator")
def _choose(command: ChooseIdea, case: Case) -> list[Fact]:
    idea = idea_of(case, command.idea)
    place = case.state.place_of(("idea", idea.id))
    if place is None:
        raise Refused("idea.unknown")
    if case.actor.role == "participant":
        check_place(case, ("idea", idea.id))
        _check_open(case, idea, place)
    if idea.chosen == command.chosen:
        return []
    return [IdeaChosen(idea=idea.id, chosen=command.chosen)]


def _check_open(case: Case, idea: Idea, place: Board) -> None:
    phase = case.state.current
    if phase is None or not is_grouped(phase) or phase.board != place.of or not phase.settings["groups"].get("choose"):
        raise Refused("not-now", activity=phase.activity if phase else "welcome")
    if not phase.is_open and case.at - (phase.closed or 0) > GRACE:
        raise Refused("phase.over")
    if not idea.is_visible:
        raise Refused("idea.unknown")
    most = int(phase.settings["groups"]["choose"])
    if not idea.chosen and sum(one.chosen for one in case.state.on_board(place.id)) >= most:
        raise Refused("group.enough", n=most)


# --- effects


@evolves(GroupingOpened)
def _opened(state: State, fact: GroupingOpened) -> None:
    if fact.phase not in state.groupings:
        state.lay("grouping", Grouping(fact.phase, fact.root, fact.seed, fact.before))
    state.set("session", state.session.id, grouping=fact.phase)


@evolves(GroupMade)
def _group(state: State, fact: GroupMade) -> None:
    there = state.boards.get(fact.board or "")
    prompt = fact.prompt or (there.prompt if there else {})
    state.lay("group", Group(fact.group, fact.grouping, fact.number, fact.board, fact.name, prompt=prompt))
    if fact.board is None:
        return
    if there is None:
        plan = state.boards[str(fact.of)]
        state.lay(
            "board",
            Board(
                id=fact.board,
                title=plan.title,
                columns=plan.columns,
                revealed=plan.revealed,
                revealed_columns=plan.revealed_columns,
                clusters_shown=plan.clusters_shown,
                of=plan.id,
                group=fact.group,
                table=fact.table,
                prompt=prompt,
            ),
        )
        return
    state.set("board", fact.board, group=fact.group, prompt=prompt)


@evolves(BoardTaken)
def _taken(state: State, fact: BoardTaken) -> None:
    state.set("board", fact.board, group=fact.group, **({} if fact.prompt is None else {"prompt": fact.prompt}))


@evolves(MemberSeated)
def _seat(state: State, fact: MemberSeated) -> None:
    seat = 1 + max((member.seat for member in state.members_of(fact.group)), default=0)
    state.lay("member", Member(fact.member, fact.grouping, fact.group, seat, fact.trait, fact.stays, fact.people))
    state.touch("group", fact.group)


@evolves(MemberMoved)
def _member_moved(state: State, fact: MemberMoved) -> None:
    before = state.members[fact.member].group
    seat = 1 + max((member.seat for member in state.members_of(fact.group)), default=0)
    state.set("member", fact.member, group=fact.group, seat=seat, stays=False)
    state.touch("group", before)
    state.touch("group", fact.group)


@evolves(GroupMerged)
def _merged(state: State, fact: GroupMerged) -> None:
    state.set("group", fact.group, gone=True)
    state.touch("group", fact.into)


@evolves(GroupPrompted)
def _prompted(state: State, fact: GroupPrompted) -> None:
    state.set("board", fact.board, prompt=fact.prompt)
    if group := state.boards[fact.board].group:
        state.set("group", group, prompt=fact.prompt)


@evolves(IdeaChosen)
def _chosen(state: State, fact: IdeaChosen) -> None:
    state.set("idea", fact.idea, chosen=fact.chosen)
