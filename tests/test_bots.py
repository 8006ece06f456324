"""Bots play every format in `sessions/` to its end on a movable clock; the report holds every idea."""

import secrets
from random import Random
from typing import Any

import pytest

from facilitate import exports
from facilitate.core import commands, report
from facilitate.core.actors import CLOCK, Actor
from facilitate.core.decide import replay
from facilitate.core.refused import Refused
from facilitate.core.seats import is_grouped, member_id
from facilitate.core.state import State
from facilitate.core.tables import Phase
from facilitate.languages import catalogue
from facilitate.live.clock import ManualClock
from facilitate.live.folders import sessions_folder
from facilitate.live.lobby import Lobby, NewSession
from facilitate.live.runner import Runner
from facilitate.store.memory import MemoryStore
from tests.hall import lobby_on

FORMATS = sorted(path.stem for path in sessions_folder().glob("*.toml"))
PEOPLE = 12


class Bots:
    """A facilitator and twelve people at one runner; what time does happens when it is moved."""

    def __init__(self, runner: Runner, clock: ManualClock, lobby: Lobby) -> None:
        self.runner, self.clock = runner, clock
        self.facilitator = lobby.tokens.actor("facilitator", "f1")
        self.people = [self._person(lobby, number) for number in range(PEOPLE)]
        self.random = Random(7)
        self.posted: dict[str, str] = {}
        self.answered: list[str] = []

    def _person(self, lobby: Lobby, number: int) -> Actor:
        token, _ = lobby.tokens.new_participant(self.runner.session, f"nonce-{number}")
        named = self.runner.state.session.names != "none"
        return lobby.tokens.participant(token, self.runner.session, named=named)

    @property
    def state(self) -> State:
        return self.runner.state

    async def do(self, actor: Actor, kind: str, **fields: Any) -> str:
        command = commands.read({"kind": kind, "id": secrets.token_urlsafe(15), **fields})
        await self.runner.do(command, actor)
        return command.id

    async def play(self) -> None:
        for person in self.people:
            await self.do(person, "Join", name="Somebody")
        for phase in self.state.agenda():
            await self.do(self.facilitator, "StartPhase", phase=phase.id)
            if phase.begin == "on-go":
                self.clock.advance(120)
                await self.do(self.facilitator, "Begin", phase=phase.id)
            if is_grouped(self.state.phases[phase.id]):
                await self.take_seats(phase)
            await getattr(self, phase.activity)(phase)
            await self.choose(phase)
            self.clock.advance(60 * (phase.minutes or 5))
            await self.runner.tick()
        await self.do(self.facilitator, "EndSession")

    async def take_seats(self, phase: Phase) -> None:
        await self.do(CLOCK, "FormGroups", phase=phase.id, people=PEOPLE)
        for person in self.people:
            await self.do(person, "JoinGroup", phase=phase.id)
        groups = self.state.groups_of(phase.id)
        assert sum(len(self.state.members_of(group.id)) for group in groups) == PEOPLE

    async def choose(self, phase: Phase) -> None:
        """Every group chooses what it brings along, as many cards as it may."""
        wish = phase.settings.get("groups") or {}
        for group in self.state.groups_of(phase.id) if wish.get("choose") else ():
            member = self.state.members_of(group.id)[0]
            person = next(p for p in self.people if member_id(self.state, p, phase.id) == member.id)
            cards = [idea.id for idea in self.state.on_board(str(group.board)) if not idea.chosen]
            chosen = sum(idea.chosen for idea in self.state.on_board(str(group.board)))
            for card in cards[: wish["choose"] - chosen]:
                await self.do(person, "ChooseIdea", idea=card)

    async def welcome(self, phase: Phase) -> None:
        with pytest.raises(Refused, match="not-now"):
            await self.do(self.people[0], "PostIdea", phase=phase.id, text="Too soon")

    async def pause(self, phase: Phase) -> None:
        await self.welcome(phase)

    async def brainstorm(self, phase: Phase) -> None:
        columns = [column.id for column in self.state.boards[str(phase.board)].columns]
        for number, person in enumerate(self.people):
            for card in range(2):
                text = f"{phase.id}: card {card} of person {number}"
                more = {"column": self.random.choice(columns)} if columns else {}
                self.posted[await self.do(person, "PostIdea", phase=phase.id, text=text, **more)] = text
            self.clock.advance(5)
        if phase.settings["private"]:
            await self.do(self.facilitator, "RevealIdeas", board=phase.board)

        if phase.settings["approval"]:
            for idea in [idea.id for idea in self.state.ideas.values() if idea.review == "waiting"]:
                await self.do(self.facilitator, "AcceptIdea", idea=idea)

    async def check_in(self, phase: Phase) -> None:
        for person in self.people:
            await self.do(person, "GiveAnswer", phase=phase.id, value=self.random.randint(1, phase.settings["steps"]))

    async def reflect(self, phase: Phase) -> None:
        for number, person in enumerate(self.people):
            text = f"{phase.id}: answer of person {number}"
            await self.do(person, "GiveAnswer", phase=phase.id, text=text)
            self.answered.append(text)

    async def cluster(self, phase: Phase) -> None:
        ideas = [idea.id for idea in self.state.on_board(str(phase.board))]
        made = [
            await self.do(self.facilitator, "FormCluster", title=f"Theme {n}", ideas=ideas[n::4][:3]) for n in range(3)
        ]
        for idea in ideas:
            if self.state.ideas[idea].cluster is None and self.random.random() < 0.7:
                await self.do(self.facilitator, "MoveIdea", idea=idea, cluster=self.random.choice(made))

    async def vote(self, phase: Phase) -> None:
        round_ = list(self.state.rounds.values())[-1]
        for person in self.people:
            options = self.state.options_of(round_)
            most = int(round_.settings.get("dots", 2))
            choices = dict.fromkeys(self.random.sample(options, min(most, len(options))), 1)
            await self.do(person, "CastBallot", round=round_.id, rev=1, choices=choices)
        await self.do(self.facilitator, "ShowResults", round=round_.id)

    async def discuss(self, phase: Phase) -> None:
        for item in self.state.slice_of(phase.id)["items"]:
            await self.do(self.facilitator, "discuss.Turn", phase=phase.id, item=item)
            await self.do(self.facilitator, "TakeNote", phase=phase.id, item=item, text=f"Note on {item}")


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("language", ["en", "de"])
async def test_bots_play_a_format_and_the_report_holds_every_idea(format_: str, language: str) -> None:
    clock = ManualClock()
    lobby = lobby_on(MemoryStore, clock)
    await lobby.start()
    try:
        began = clock.now()
        runner = await lobby.find((await lobby.create(NewSession(format=format_, languages=(language,)))).code)
        bots = Bots(runner, clock, lobby)
        await bots.play()
        state = runner.state
        assert state.session.state == "ended"
        assert clock.now() - began >= 60_000 * lobby.formats[format_].minutes, "as long as planned, in no time"
        log = await runner.log()
        assert replay(log, state.names) == state
        made = report.report(state, runner.rules, state.names, language, catalogue(language).say, clock.now(), log)
        for kind, export in exports.kinds().items():
            text = export.write(made).decode("utf-8-sig")
            for idea in bots.posted.values():
                assert idea in text.replace("\\", ""), f"{idea} is not in {kind}"
        assert all(round_.state == "shown" for round_ in state.rounds.values())
    finally:
        await lobby.stop()
