"""Rounds and ballots. A ballot's voter is a tag of its round, so it links to no idea and to no other round."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from facilitate.core.actors import Actor
from facilitate.core.book import Case, Command, Fact, decides, evolves
from facilitate.core.ideas import over_since
from facilitate.core.phases import GRACE
from facilitate.core.refused import Refused
from facilitate.core.state import State
from facilitate.core.tables import Ballot, Count, Phase, Round


class CastBallot(Command, frozen=True):
    round: str
    rev: int
    choices: dict[str, int]


class CloseRound(Command, frozen=True):
    round: str


class ShowResults(Command, frozen=True):
    round: str


class CountHands(Command, frozen=True):
    """So many hands went up in the room for this option; a new count replaces the earlier one."""

    round: str
    option: str
    n: int


class RoundOpened(Fact, frozen=True):
    round: str
    phase: str
    board: str | None
    method: str
    settings: dict[str, Any]
    of: Literal["ideas", "clusters"]
    number: int
    named: bool = False


class BallotCast(Fact, frozen=True):
    round: str
    voter: str
    choices: dict[str, int]
    rev: int


class RoundClosed(Fact, frozen=True):
    round: str
    at: int
    options: tuple[str, ...]


class ResultsShown(Fact, frozen=True):
    round: str


class HandsCounted(Fact, frozen=True):
    round: str
    option: str
    n: int


def last_round(state: State, phase: str) -> Round | None:
    rounds = [round_ for round_ in state.rounds.values() if round_.phase == phase]
    return rounds[-1] if rounds else None


def opening(state: State, phase: Phase, case: Case) -> RoundOpened:
    """The fact that opens a new round beside the earlier ones of a vote phase."""
    method = str(phase.settings["method"])
    keys = case.rules.methods[method].DEFAULTS
    return RoundOpened(
        round=f"{case.command}-round"[:40],
        phase=phase.id,
        board=phase.board,
        method=method,
        settings={key: phase.settings.get(key, default) for key, default in keys.items()},
        of=phase.settings.get("of", "clusters"),
        number=1 + sum(round_.phase == phase.id for round_ in state.rounds.values()),
        named=bool(phase.settings.get("named")) and state.session.names != "none",
    )


def closing(state: State, round_: Round, at: int) -> RoundClosed:
    return RoundClosed(round=round_.id, at=at, options=tuple(state.options_of(round_)))


def round_of(case: Case, round_: str) -> Round:
    found = case.state.rounds.get(round_)
    if found is None:
        raise Refused("round.unknown")
    return found


def voter_of(actor: Actor, round_: Round) -> str:
    return actor.id if round_.named else actor.tag(round_.id)


def ballot_id(actor: Actor, round_: Round) -> str:
    """The id of somebody's ballot, cast or not."""
    return f"{round_.id}/{voter_of(actor, round_)}"


def tally_of(state: State, round_: Round, methods: Any) -> list[tuple[str, int]]:
    """Best first: every option with what it got, also those with nothing, in a stable order.

    Hands that were counted in the room are in it, one each; `hands_of` says how many of a number they are.
    """
    options, hands = state.options_of(round_), hands_of(state, round_)
    there = set(options)
    ballots = [
        _together(state, round_, {chosen: n for chosen, n in ballot.choices.items() if state.stand_in(chosen) in there})
        for ballot in state.ballots_in(round_.id)
    ]
    got = dict(methods[round_.method].tally(ballots, round_.settings))
    numbers = ((option, got.get(option, 0) + hands.get(option, 0)) for option in options)
    return sorted(numbers, key=lambda pair: -pair[1])


def leading(results: Sequence[tuple[str, int]], top: int, most: int) -> list[str]:
    """The first `top` of a tally that got something, and all that got as much as the last of them.

    Where that would be more than `most`, those that are equal stay behind together: no list decides between them.
    """
    got = [(option, number) for option, number in results if number]
    if len(got) <= top:
        return [option for option, _ in got]
    least = got[top - 1][1]
    with_equals = [option for option, number in got if number >= least]
    return with_equals if len(with_equals) <= most else [option for option, number in got if number > least]


def hands_of(state: State, round_: Round) -> dict[str, int]:
    """Option -> the hands that were counted for it in the room; none where nobody counted."""
    hands: dict[str, int] = {}
    for count in state.hands_counted.values():
        if count.round == round_.id and count.n:
            option = state.stand_in(count.option)
            hands[option] = hands.get(option, 0) + count.n
    return hands


def choices_of(state: State, round_: Round, ballot: Ballot) -> dict[str, int]:
    """What a ballot says of the options that there are now."""
    there = {option: n for option, n in ballot.choices.items() if state.is_option(round_, state.stand_in(option))}
    return _together(state, round_, there)


def _together(state: State, round_: Round, choices: Mapping[str, int]) -> dict[str, int]:
    """Who chose two ideas that are one card now chose it twice where several dots may lie on one, and else once."""
    summed: dict[str, int] = {}
    for chosen, number in choices.items():
        option = state.stand_in(chosen)
        before = summed.get(option, 0)
        summed[option] = before + number if round_.settings.get("stack") else max(before, number)
    return summed


@decides(CastBallot, "participant")
def _cast(command: CastBallot, case: Case) -> list[Fact]:
    round_ = round_of(case, command.round)
    before = case.state.ballots.get(ballot_id(case.actor, round_))
    phase = case.state.phases[round_.phase]
    since = over_since(phase, case.at)
    closed_by_hand = round_.closed is not None and round_.closed != phase.closed
    if round_.state == "shown" or closed_by_hand or (since is not None and since > GRACE):
        raise Refused("vote.late-change" if before else "vote.late")
    choices = {option: number for option, number in command.choices.items() if number != 0}
    if any(number < 0 for number in choices.values()):
        raise Refused("command.malformed")
    choices = _that_are_there(choices, round_, before, case.state)
    if before:
        if command.rev == before.rev and choices == before.choices:
            return []
        if command.rev <= before.rev:
            raise Refused("vote.newer", rev=before.rev)
    if not 0 < command.rev < 2**31:
        raise Refused("command.malformed")
    case.rules.methods[round_.method].check(choices, round_.settings)
    return [BallotCast(round=round_.id, voter=voter_of(case.actor, round_), choices=choices, rev=command.rev)]


def _that_are_there(
    choices: Mapping[str, int], round_: Round, before: Ballot | None, state: State
) -> dict[str, int]:
    """The choices without what is no option any more: what lay on it is free again. Refused: what never was one."""
    there = {option: n for option, n in choices.items() if state.is_option(round_, state.stand_in(option))}
    known = before.choices if before else {}
    if any(option not in known and state.stand_in(option) not in known for option in choices.keys() - there.keys()):
        raise Refused("vote.unknown-option")
    return _together(state, round_, there)


@decides(CloseRound, "facilitator")
def _close(command: CloseRound, case: Case) -> list[Fact]:
    round_ = round_of(case, command.round)
    return [closing(case.state, round_, case.at)] if round_.state == "open" else []


@decides(ShowResults, "facilitator")
def _show(command: ShowResults, case: Case) -> list[Fact]:
    round_ = round_of(case, command.round)
    if round_.state == "shown":
        return []
    facts: list[Fact] = [closing(case.state, round_, case.at)] if round_.state == "open" else []
    return [*facts, ResultsShown(round=round_.id)]


MOST_HANDS = 20_000


@decides(CountHands, "facilitator")
def _count(command: CountHands, case: Case) -> list[Fact]:
    round_ = round_of(case, command.round)
    if not case.state.is_option(round_, command.option):
        raise Refused("vote.unknown-option")
    if not 0 <= command.n <= MOST_HANDS:
        raise Refused("command.malformed")
    before = hands_of(case.state, round_).get(command.option, 0)
    return [] if before == command.n else [HandsCounted(round=round_.id, option=command.option, n=command.n)]


@evolves(RoundOpened)
def _opened(state: State, fact: RoundOpened) -> None:
    state.put(
        "round",
        Round(
            id=fact.round,
            phase=fact.phase,
            method=fact.method,
            settings=fact.settings,
            of=fact.of,
            number=fact.number,
            board=fact.board,
            named=fact.named,
        ),
    )
    state.touch("tally", fact.round)


@evolves(BallotCast)
def _ballot(state: State, fact: BallotCast) -> None:
    id_ = f"{fact.round}/{fact.voter}"
    ballot = Ballot(id_, fact.round, fact.voter, fact.choices, fact.rev)
    state.put("ballot", ballot)
    state.note_choices(ballot)
    if state.rounds[fact.round].state != "open":
        state.touch("tally", fact.round)


@evolves(RoundClosed)
def _closed(state: State, fact: RoundClosed) -> None:
    state.set("round", fact.round, state="closed", closed=fact.at, options=fact.options)
    state.touch("tally", fact.round)


@evolves(HandsCounted)
def _hands_counted(state: State, fact: HandsCounted) -> None:
    id_ = f"{fact.round}/{fact.option}"
    if id_ not in state.hands_counted:
        state.put("count", Count(id_, fact.round, fact.option, 0))
    state.set("count", id_, n=fact.n)
    state.touch("round", fact.round)
    state.touch("tally", fact.round)


@evolves(ResultsShown)
def _shown(state: State, fact: ResultsShown) -> None:
    state.set("round", fact.round, state="shown")
    state.touch("tally", fact.round)
