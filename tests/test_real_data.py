"""Conversations that real people held, replayed as sessions: our tallies are the published ones.

The data are two Polis conversations (CC BY 4.0, The Computational Democracy Project), which lie beside the project and
not in it. What was found in the files, and is checked below:

- In `votes.csv` 1 is agree, -1 disagree, 0 pass: as in `participants-votes.csv`, which holds the last vote of each
  person on each statement, and whose column `n-agree` counts the 1s. (Polis keeps the opposite sign internally.)
- A few people voted twice on a statement. `agrees` in `comments.csv` counts both votes, so it is not the last votes.
- A statement without a column in `participants-votes.csv` was moderated out before anybody could vote on it: no row of
  `votes.csv` names it. Here a facilitator hides it before the vote begins.
- An author's agreement with the own statement is a row of `votes.csv` like any other.
"""

import asyncio
import csv
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from facilitate.core import commands
from facilitate.core import report as reports
from facilitate.core.actors import Actor, secret_of
from facilitate.core.decide import decide, enveloped, evolve
from facilitate.core.rounds import tally_of
from facilitate.core.text import clean
from facilitate.exports import csv as table
from facilitate.languages import catalogue
from facilitate.live.clock import ManualClock
from facilitate.store.sqlite import SqliteStore
from tests.hall import OWNER, Client, Hall, hall
from tests.play import RULES, Play, phase

SHARED = Path(__file__).parents[2] / "shared" / "data"
HOST = "0"  # wrote the first statements; took no part in the vote in London


class Deed(NamedTuple):
    """A statement posted (`vote` None) or voted on; `at` in ms."""

    at: int
    who: str
    statement: str
    vote: int | None = None
    text: str = ""


class Conversation:
    """`agreed`: statement -> people whose published last vote is agree, of the statements that could be voted on."""

    def __init__(self, name: str) -> None:
        self.folder = SHARED / name
        if not self.folder.is_dir():
            pytest.skip(f"{name} is not here: real conversations lie beside the project, in ../shared/data")
        self.statements, self.rows, self.people = (
            self._read(file) for file in ("comments.csv", "votes.csv", "participants-votes.csv")
        )
        self.columns = [column for column in self.people[0] if column.isdigit()]
        self.agreed = {column: sum(one[column] == "1" for one in self.people) for column in self.columns}
        self.moderated_out = {one["comment-id"] for one in self.statements} - set(self.columns)

    def _read(self, file: str) -> list[dict[str, str]]:
        with open(self.folder / file, encoding="utf-8", newline="") as it:
            return list(csv.DictReader(it))

    @property
    def begins(self) -> int:
        """When the first vote came."""
        return min(int(row["timestamp"]) for row in self.rows)

    def deeds(self) -> list[Deed]:
        """Statements and votes in the order of time; a statement before the votes of the same moment."""
        posted = [
            Deed(int(one["timestamp"]), one["author-id"], one["comment-id"], None, one["comment-body"])
            for one in self.statements
        ]
        votes = [Deed(int(one["timestamp"]), one["voter-id"], one["comment-id"], int(one["vote"])) for one in self.rows]
        return sorted(posted + votes, key=lambda deed: (deed.at, deed.vote is not None))

    def last_votes(self) -> dict[tuple[str, str], int]:
        return {(deed.who, deed.statement): deed.vote for deed in self.deeds() if deed.vote is not None}


LONDON = "polis-london-live17min-en"
BIODIVERSITY = "polis-biodiversity-nz-en"


@pytest.mark.parametrize(
    ("name", "people", "statements", "votes", "again", "moderated_out"),
    [(LONDON, 26, 39, 640, 2, {"0", "2", "3"}), (BIODIVERSITY, 536, 316, 29_802, 83, {"6", "7"})],
)
def test_the_files_are_what_the_replay_takes_them_for(
    name: str, people: int, statements: int, votes: int, again: int, moderated_out: set[str]
) -> None:
    it = Conversation(name)
    assert (len(it.people), len(it.statements), len(it.rows)) == (people, statements, votes)
    last = it.last_votes()
    assert len(it.rows) - len(last) == again
    published = {
        (one["participant"], column): int(one[column]) for one in it.people for column in it.columns if one[column]
    }
    assert published == last, "the same signs, and the last vote of each"
    for one in it.people:
        assert int(one["n-agree"]) == sum(one[column] == "1" for column in it.columns)
    rows = {one["comment-id"]: int(one["agrees"]) for one in it.statements}
    counted = Counter(row["comment-id"] for row in it.rows if row["vote"] == "1")
    assert rows == {statement: counted[statement] for statement in rows}, "every row, repeated ones too"
    assert it.moderated_out == moderated_out
    assert not it.moderated_out & {row["comment-id"] for row in it.rows}


# --- London over the wire


class Sitting:
    """The people of a conversation in a hall of ours: each comes with a phone of their own when they first act."""

    def __init__(self, room: Hall, clock: ManualClock, code: str) -> None:
        self.room, self.clock, self.code = room, clock, code
        self.start = clock.now()
        self.phones: dict[str, Client] = {}
        self.ideas: dict[str, str] = {}  # statement -> idea
        self.choices: dict[str, dict[str, int]] = {}
        self.revs: dict[str, int] = {}
        self.said = 0

    async def phone(self, who: str) -> Client:
        if who not in self.phones:
            token = OWNER if who == HOST else None
            self.phones[who] = await Client(self.room.url, self.code, token=token, join=f"person-number-{who}").open()
        return self.phones[who]

    async def say(self, who: str, kind: str, **fields: Any) -> dict[str, Any]:
        """As a phone does it: what is refused with `retry` is sent again, under the same id."""
        self.said += 1
        phone, id_ = await self.phone(who), f"command-number-{self.said}"
        while not (answer := await phone.do(kind, id=id_, **fields))["ok"]:
            assert "retry" in answer["error"], answer
            await asyncio.sleep(answer["error"]["retry"])
        return answer

    async def post(self, deed: Deed, phase: str) -> None:
        answer = await self.say(deed.who, "PostIdea", phase=phase, text=deed.text)
        self.ideas[deed.statement] = answer["id"]

    async def vote(self, deed: Deed) -> None:
        """The person's whole ballot, as it is after this vote."""
        phone, idea = await self.phone(deed.who), self.ideas[deed.statement]
        await phone.until(lambda: phone.records.get(("idea", idea)))
        (round_,) = await phone.until(lambda: phone.all("round"))
        choices = self.choices.setdefault(deed.who, {})
        choices.pop(idea, None)
        if deed.vote == 1:
            choices[idea] = 1
        self.revs[deed.who] = self.revs.get(deed.who, 0) + 1
        await self.say(deed.who, "CastBallot", round=round_["id"], rev=self.revs[deed.who], choices=choices)

    async def replay(self, it: Conversation) -> None:
        """The host's statements first, then everything in the order of time, by the clock of the conversation."""
        await self.say(HOST, "StartPhase", phase="collect")
        for deed in it.deeds():
            if deed.at < it.begins:
                await self.post(deed, "collect")
        for statement in it.moderated_out:
            await self.say(HOST, "HideIdea", idea=self.ideas[statement])
        await self.say(HOST, "StartPhase", phase="choose")
        for deed in it.deeds():
            if deed.at < it.begins:
                continue
            self.clock.time = self.start + deed.at - it.begins
            await (self.post(deed, "choose") if deed.vote is None else self.vote(deed))


@pytest.mark.server
async def test_one_real_sitting_over_the_wire_gives_the_published_tallies(tmp_path: Path) -> None:
    """26 people, 39 statements, 640 votes in 16.5 minutes, in true order, each person with a phone of their own."""
    it = Conversation(LONDON)
    clock = ManualClock()
    async with hall(lambda: SqliteStore(tmp_path / "hall.sqlite"), clock) as room:
        sitting = Sitting(room, clock, await room.session(format="quick-vote", title={"en": "London"}))
        await sitting.replay(it)
        assert 16 * 60_000 < clock.now() - sitting.start < 17 * 60_000
        assert len(sitting.phones) == 26 + 1
        assert sum(sitting.revs.values()) == 640
        for phone in sitting.phones.values():
            assert not phone.all("tally"), "nobody sees a count while the vote is open"
        (round_,) = sitting.phones[HOST].all("round")
        await sitting.say(HOST, "ShowResults", round=round_["id"])
        published = {sitting.ideas[statement]: number for statement, number in it.agreed.items()}
        for phone in sitting.phones.values():
            (tally,) = await phone.until(lambda phone=phone: phone.all("tally"))  # type: ignore[misc]
            assert tally["results"] == published
            assert tally["voters"] == 26
            assert phone.gaps == 0
        for who, phone in sitting.phones.items():
            if who != HOST:
                assert phone.all("ballot")[0]["choices"] == sitting.choices[who]
        assert await exported(room, sitting.code) == {
            clean(one["comment-body"], 280): it.agreed[one["comment-id"]]
            for one in it.statements
            if one["comment-id"] not in it.moderated_out
        }
        for phone in sitting.phones.values():
            await phone.close()


async def exported(room: Hall, code: str) -> dict[str, int]:
    """Text -> votes, out of the CSV that a town hall takes home."""
    runner = await room.lobby.find(code)
    say = catalogue("en").say
    report = reports.report(runner.state, runner.rules, {}, "en", say, room.lobby.clock.now(), await runner.log())
    _, *rows = table.read(table.write(report))
    text, votes = table.COLUMNS.index("text"), table.COLUMNS.index("votes")
    assert len({row[text] for row in rows}) == len(rows)
    return {row[text]: int(row[votes]) for row in rows}


# --- a larger one on the rules alone


def test_a_conversation_of_536_people_gives_the_published_tallies() -> None:
    """29,802 votes in the order of time on the rules alone: no server, no store."""
    it = Conversation(BIODIVERSITY)
    play = Play(phase("vote", method="approval", of="ideas", takes_ideas=True, max_length=500))
    state = play.state
    people: dict[str, Actor] = {}
    ideas: dict[str, str] = {}
    ballots: dict[str, dict[str, int]] = {}
    number = 0

    def do(actor: Actor, kind: str, **fields: Any) -> str:
        nonlocal number
        number += 1
        command = commands.read({"kind": kind, "id": f"command-{number:08d}", **fields})
        decision = decide(state, command, actor, play.now, RULES)
        for event in enveloped(state, decision, command, actor, play.now):
            evolve(state, event)
        return command.id

    do(play.facilitator, "StartPhase", phase="vote")
    for deed in it.deeds():
        person = people.setdefault(deed.who, Actor("participant", deed.who, secret_of(b"key", deed.who)))
        play.now += 1
        if deed.vote is None:
            ideas[deed.statement] = do(person, "PostIdea", phase="vote", text=deed.text)
            if deed.statement in it.moderated_out:
                do(play.facilitator, "HideIdea", idea=ideas[deed.statement])
            continue
        idea = ideas[deed.statement]
        choices = ballots.setdefault(deed.who, {})
        choices.pop(idea, None)
        if deed.vote == 1:
            choices[idea] = 1
        do(person, "CastBallot", round=play.round, rev=number, choices=choices)
    tally = dict(tally_of(state, state.rounds[play.round], RULES.methods))
    assert tally == {ideas[statement]: agreed for statement, agreed in it.agreed.items()}
    assert len(state.ballots_in(play.round)) == 536
