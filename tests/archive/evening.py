"""What happens in a folder of the archive: sessions in which there is every kind of event, by the lobby's own doors."""

from typing import Any

from facilitate.core import commands
from facilitate.core.actors import CLOCK, Actor
from facilitate.core.moderation import standing
from facilitate.core.seats import member_id
from facilitate.core.state import State
from facilitate.live.clock import ManualClock
from facilitate.live.lobby import Lobby, NewSession
from facilitate.live.runner import Runner

PEOPLE = 8
MINUTE = 60.0


class Evening:
    """A session with its facilitator, two helpers and eight phones; ids are counted, so that a change is seen."""

    def __init__(self, lobby: Lobby, clock: ManualClock, runner: Runner) -> None:
        self.lobby, self.clock, self.runner = lobby, clock, runner
        self.code = runner.state.session.code
        self.desk = lobby.tokens.actor("facilitator", "f1")
        self.people = [person_of(lobby, runner, number) for number in range(PEOPLE)]
        self.given = 0

    @classmethod
    async def begin(cls, lobby: Lobby, clock: ManualClock, **wish: Any) -> "Evening":
        created = await lobby.create(NewSession(**wish))
        return cls(lobby, clock, await lobby.find(created.code))

    @property
    def state(self) -> State:
        return self.runner.state

    @property
    def round(self) -> str:
        return list(self.state.rounds)[-1]

    async def do(self, actor: Actor, kind: str, **fields: Any) -> str:
        """The id of the command, and of what it made."""
        self.given += 1
        command = commands.read({"kind": kind, "id": f"{self.code}-command-{self.given:05d}", **fields})
        self.clock.advance(3)
        await self.runner.do(command, actor)
        return command.id

    async def steer(self, kind: str, **fields: Any) -> str:
        return await self.do(self.desk, kind, **fields)

    async def all_join(self, *, names: bool = False) -> None:
        for number, person in enumerate(self.people):
            told = {"sector": ("citizens", "society", "business")[number % 3]} if number < 7 else None
            await self.do(person, "Join", name=f"Guest {number}" if names else None, attributes=told)

    async def post(self, number: int, text: str, **fields: Any) -> str:
        phase = fields.pop("phase", self.state.session.phase)
        return await self.do(self.people[number], "PostIdea", phase=phase, text=text, **fields)

    async def vote(self, number: int, rev: int = 1, /, **choices: int) -> None:
        await self.do(self.people[number], "CastBallot", round=self.round, rev=rev, choices=choices)

    async def seat_all(self, phase: str) -> None:
        await self.do(CLOCK, "FormGroups", phase=phase, people=PEOPLE)
        for person in self.people:
            if standing(self.state, person) != "removed":
                await self.do(person, "JoinGroup", phase=phase)

    def seat(self, number: int, phase: str) -> Any:
        return self.state.members[member_id(self.state, self.people[number], phase)]


def person_of(lobby: Lobby, runner: Runner, number: int) -> Actor:
    """The same person for the same number and the same folder."""
    token, _ = lobby.tokens.new_participant(runner.session, f"nonce-of-guest-{number}")
    return lobby.tokens.participant(token, runner.session, named=runner.state.session.names != "none")


async def everything(lobby: Lobby, clock: ManualClock) -> None:
    """All sessions of the folder."""
    await forum(lobby, clock)
    await cafe(lobby, clock)
    await stages(lobby, clock)
    await lobby.create(NewSession("pin-board", names="optional", title={"en": "Planned only", "de": "Nur geplant"}))
    await gone(lobby, clock)


# --- an evening that uses nearly all, in German and English, without names, to its end


async def forum(lobby: Lobby, clock: ManualClock) -> None:
    it = await Evening.begin(
        lobby, clock, format="citizens-forum", operator="The town", imprint="https://town.example/imprint",
        privacy="/privacy", filmed=True, capacity=200,
    )  # fmt: skip
    await at_the_door(it)
    await welcome(it)
    await collect(it)
    await sort(it)
    await weigh(it)
    await at_tables(it)
    await propose(it)
    await end(it)


async def at_the_door(it: Evening) -> None:
    await it.steer("SetDoor", door="approval", capacity=150)
    late, strange = person_of(it.lobby, it.runner, 50), person_of(it.lobby, it.runner, 51)
    for person in (late, strange):
        await it.do(person, "Join")
    await it.steer("LetIn", participant=late.id)
    await it.steer("TurnAway", participant=strange.id)
    await it.steer("SetDoor", door="open")
    await it.all_join()
    await it.do(it.people[0], "Join", attributes={"sector": "administration"})
    await it.do(it.people[1], "SetPeople", people=4)


async def welcome(it: Evening) -> None:
    await it.steer("OpenScreen", screen="foyer", title="Foyer")
    await it.steer("OpenScreen", screen="stage", title="Stage")
    await it.steer("CloseScreen", screen="stage")
    await it.steer("StartPhase", phase="welcome")
    await it.steer("AllowHands", allowed=True)
    hands = [await it.do(it.people[number], "RaiseHand") for number in (0, 1)]
    await it.do(it.people[2], "CallHelp", table="7")
    await it.do(it.people[0], "LowerHand", hand=hands[0])
    await it.steer("AnswerHand", hand=hands[1])
    await it.steer("Show", screen="foyer", what="message", text="Supper is <b>served</b>\nin the hall")
    await it.steer("SetSound", on=True)
    await it.steer("StartPhase", phase="check-in")
    for number, value in enumerate((1, 3, 3, 5, 4)):
        await it.do(it.people[number], "GiveAnswer", phase="check-in", value=value)
    await it.do(it.people[0], "GiveAnswer", phase="check-in", value=2)
    await it.do(it.people[4], "WithdrawAnswer", phase="check-in")


async def collect(it: Evening) -> None:
    """Face down, with columns; paused, extended, stopped."""
    await it.steer("StartPhase", phase="collect")
    await it.steer("PausePhase", phase="collect")
    await it.steer("ResumePhase", phase="collect")
    await it.steer("ExtendPhase", phase="collect", seconds=120)
    cards = [
        await it.post(number % PEOPLE, text, column=("good", "missing")[number // PEOPLE % 2], lang=LANGS[number % 3])
        for number, text in enumerate(WORDS)
    ]
    await it.do(it.people[0], "EditIdea", idea=cards[0], text="Der Wochenmarkt und seine Bänke")
    await it.do(it.people[1], "WithdrawIdea", idea=cards[1])
    await it.do(it.people[2], "WithdrawIdea", idea=cards[2])
    await it.do(it.people[2], "RestoreOwn", idea=cards[2])
    await it.do(it.people[3], "MarkReady", phase="collect")
    await it.do(it.people[4], "MarkReady", phase="collect")
    await it.do(it.people[4], "MarkReady", phase="collect", ready=False)
    await it.steer("Peek", board="life")
    await it.steer("RevealIdeas", board="life", column="good")
    await it.steer("RevealIdeas", board="life")
    await it.steer("PostIdea", phase="collect", text="Wer kein Gerät hat, hat auch etwas zu sagen", column="good")
    await it.steer("HideIdea", idea=cards[3], reason="Names a neighbour")
    await it.steer("HideIdea", idea=cards[4])
    await it.steer("RestoreIdea", idea=cards[4])
    await it.steer("LockBoard", board="life", locked=True, reason="We look at it together")
    await it.steer("LockBoard", board="life", locked=False)
    await it.steer("FreezeBoard", board="life", frozen=True, reason="Nothing moves now")
    await it.steer("FreezeBoard", board="life", frozen=False)
    await it.steer("EndPhase", phase="collect")
    it.clock.advance(MINUTE)
    late = [await it.post(number, f"Zu spät {number}", phase="collect", column="missing") for number in (5, 6)]
    await it.steer("AdmitLate", idea=late[0])
    await it.steer("MuteAuthor", idea=cards[5], reason="Insults")
    await it.steer("UnmuteAuthor", idea=cards[5])
    await it.steer("RemoveAuthor", idea=cards[15], reason="Goes on")


async def sort(it: Evening) -> None:
    """Clusters of every make; duplicates; what is undone; an erased card with all that quoted it."""
    await it.steer("StartPhase", phase="themes")
    state = it.state
    cards = [idea.id for idea in state.on_board("life") if idea.is_visible]
    market = await it.steer("FormCluster", title="Markt", ideas=cards[:3], board="life")
    move = await it.steer("MoveIdea", idea=cards[3], cluster=market)
    await it.steer("Undo", command=move)
    roads = await it.steer("FormCluster", title="Wege", ideas=cards[3:5], board="life")
    await it.steer("MoveIdeas", ideas=cards[5:8], cluster=roads)
    part = await it.steer("SplitCluster", cluster=roads, ideas=cards[6:8], title="Radwege")
    quiet = await it.steer("FormCluster", title="Ruhe", ideas=cards[8:9], board="life")
    await it.steer("MergeClusters", into=roads, clusters=[quiet])
    await it.steer("FormClusters", board="life", drafts=[{"ideas": cards[9:11], "title": "Schatten"}])
    await it.steer("RenameCluster", cluster=part, title="Mit dem Rad")
    brief = await it.steer("FormCluster", title="Kurz", ideas=cards[11:12], board="life")
    await it.steer("DissolveCluster", cluster=brief)
    await it.steer("SetAside", ideas=cards[11:13])
    await it.steer("SetAside", ideas=cards[12:13], aside=False)
    await it.steer("MergeIdeas", keep=cards[0], ideas=cards[1:3])
    await it.steer("SplitIdeas", ideas=cards[2:3])
    await it.steer("Show", screen="main", what="cluster", cluster=roads)
    await it.steer("TakeNote", phase="themes", item=roads, text="Zwei fangen an.\nAb Mai.")
    await it.steer("TakeNote", phase="themes", item="themes", text="Es war laut.")
    secret = await it.steer("PostIdea", phase="collect", text="Frau Beispiel aus der Beispielgasse", column="good")
    await it.steer("TakeNote", phase="themes", item=part, text="Dazu: Frau Beispiel aus der Beispielgasse")
    await it.steer("EraseIdea", idea=secret)


async def weigh(it: Evening) -> None:
    """Dots with hands of the room, closed, shown; once more; and steps that came while it ran."""
    await it.steer("StartPhase", phase="weigh")
    first, second, *_ = it.state.options_of(it.state.rounds[it.round])
    for number in range(6):
        await it.vote(number, **{first: 2, second: number % 3})
    await it.vote(0, 2, **{second: 4})
    await it.steer("CountHands", round=it.round, option=second, n=3)
    await it.steer("CloseRound", round=it.round)
    await it.steer("ShowResults", round=it.round)
    await it.steer("VoteAgain", phase="weigh")
    await it.vote(1, **{first: 1})
    await it.steer("ShowResults", round=it.round)
    added = await it.steer(
        "InsertPhase", activity="brainstorm", title={"de": "Stiller Gedanke", "en": "A silent thought"}, after="weigh",
        prompt={"de": "Was fehlt noch?", "en": "What else?"}, new_board={"de": "Still"}, minutes=3,
        settings={"private": True, "strict": True},
    )  # fmt: skip
    again = await it.steer("RepeatPhase", phase="themes", after=added)
    await it.steer("MovePhase", phase=again, after="tables")
    await it.steer("SkipPhase", phase=again)
    other = await it.steer("RepeatPhase", phase="weigh")
    await it.steer("RemovePhase", phase=other)
    await it.steer("ChangePhase", phase="tables", title={"de": "An fünf Tischen"}, minutes=12)
    await it.steer("StartPhase", phase=added)
    for number in (1, 2):
        await it.post(number, f"Noch verdeckt {number}")
    await it.steer("BringEverybody")


async def at_tables(it: Evening) -> None:
    """Groups with boards of their own, comments, "+1", a merged group, and back in plenary."""
    await it.steer("StartPhase", phase="tables")
    await it.seat_all("tables")
    cards = [await it.post(number, f"Am Tisch gesagt {number}") for number in (1, 2, 3, 4, 5, 6)]
    one, other = it.state.groups_of("tables")[:2]
    seat = it.seat(1, "tables")
    await it.steer("MoveMember", member=seat.id, group=other.id if seat.group == one.id else one.id)
    await it.steer("PromptGroup", group=one.id, prompt="Und was ist mit den Jüngeren?")
    mine = next(number for number in range(1, 7) if it.seat(number, "tables").group == one.id)
    card = next(card for card in cards if it.state.ideas[card].board == one.board)
    said = [
        await it.do(it.people[mine], "PostComment", phase="tables", idea=card, text=f"Dazu noch {number}")
        for number in (1, 2, 3)
    ]
    await it.do(it.people[mine], "WithdrawComment", comment=said[0])
    await it.steer("HideComment", comment=said[1], reason="Zu scharf")
    await it.steer("RestoreComment", comment=said[1])
    await it.steer("EraseComment", comment=said[2])
    await it.do(it.people[mine], "PlusOne", phase="tables", idea=card)
    await it.do(it.people[mine], "ChooseIdea", idea=card)
    await it.steer("MergeGroups", group=other.id, into=one.id)
    await it.steer("StartPhase", phase="plenary")
    ideas = [idea.id for idea in it.state.on_board("plenary")]
    group = await it.do(it.people[1], "FormCluster", title="Von den Tischen", ideas=ideas[:1], board="plenary")
    await it.do(it.people[2], "RenameCluster", cluster=group, title="Von allen Tischen")
    await it.steer("StartPhase", phase="choose")
    for number in (1, 2, 3):
        await it.vote(number, **dict.fromkeys(it.state.options_of(it.state.rounds[it.round])[:2], 1))
    await it.steer("ShowResults", round=it.round)


async def propose(it: Evening) -> None:
    """Carried cards, cards that are read first, items talked about one by one."""
    await it.steer("StartPhase", phase="proposals")
    await it.steer("Begin", phase="proposals")
    cards = [await it.post(number, f"Ein Vorschlag {number}", lang="de") for number in (1, 2, 3, 4)]
    await it.steer("AcceptIdea", idea=cards[0])
    await it.steer("ReturnIdea", idea=cards[1], reason="Wer denn?")
    await it.do(it.people[2], "EditIdea", idea=cards[1], text="Wir beide schlagen vor")
    await it.steer("RejectIdea", idea=cards[2], reason="Kein Vorschlag")
    await it.steer("CarryForward", board="life", phase="proposals", top=1)
    await it.steer("StartPhase", phase="steps")
    items = it.state.slice_of("steps")["items"]
    await it.steer("discuss.Turn", phase="steps", item=items[0])
    await it.steer("TakeNote", phase="steps", item=items[0], text="Erster Schritt: am Montag anrufen")
    await it.steer("Show", screen="foyer", what="board", board="proposals")


async def end(it: Evening) -> None:
    await it.steer("StartPhase", phase="check-out")
    for number in (1, 2, 3):
        await it.do(it.people[number], "GiveAnswer", phase="check-out", text=f"Ich nehme mit {number}", lang="de")
    answers = [answer.id for answer in it.state.answers.values() if answer.text]
    await it.steer("HideAnswer", answer=answers[0], reason="Nicht zur Sache")
    await it.steer("RestoreAnswer", answer=answers[0])
    await it.steer("EraseAnswer", answer=answers[1])
    await it.steer("EndSession")


# --- with names, at tables that move on, and still running


async def cafe(lobby: Lobby, clock: ManualClock) -> None:
    it = await Evening.begin(lobby, clock, format="world-cafe", names="shown", languages=("de",))
    await it.all_join(names=True)
    await it.do(it.people[0], "Join", name="Guest Zero")
    await it.steer("StartPhase", phase="first")
    await it.seat_all("first")
    for number in range(6):
        await it.post(number, f"Bekannt ist {number}")
    await it.do(it.people[0], "StayAsHost", phase="first")
    await it.steer("StartPhase", phase="second")
    for number in (1, 2):
        await it.post(number, f"Dazu kommt {number}")
    await it.steer("StartPhase", phase="first")
    await it.steer("StartPhase", phase="second")
    ask = await it.steer(
        "InsertPhase", activity="check_in", title={"de": "Ein Wort"}, after="second", prompt={"de": "Ein Wort dazu?"},
        settings={"kind": "words", "results": "reveal", "closes": True}, minutes=1,
    )  # fmt: skip
    await it.steer("StartPhase", phase=ask)
    for number in (1, 2):
        await it.do(it.people[number], "GiveAnswer", phase=ask, text=f"Wort {number}")
    await it.steer("ShowAnswers", phase=ask)
    clock.advance(2 * MINUTE)
    await it.runner.tick()


# --- private cards that nobody has turned over, and an open vote


async def stages(lobby: Lobby, clock: ManualClock) -> None:
    it = await Evening.begin(lobby, clock, format="co-learning-sharing-creation", names="optional", languages=("en",))
    await it.all_join(names=True)
    for phase in it.state.agenda():
        await it.steer("StartPhase", phase=phase.id)
        columns = it.state.boards[phase.board].columns if phase.board else ()
        if phase.activity == "brainstorm":
            for number in range(4):
                column = {"column": columns[number % len(columns)].id} if columns else {}
                await it.post(number, f"{phase.id} {number}: شارع هادئ", **column)
        if phase.activity == "vote":
            options = it.state.options_of(it.state.rounds[it.round])
            for number in range(4):
                await it.vote(number, **{options[number % len(options)]: 1})
            return


# --- one that was deleted


async def gone(lobby: Lobby, clock: ManualClock) -> None:
    it = await Evening.begin(lobby, clock, format="quick-vote", title={"en": "Deleted"})
    await it.all_join()
    await it.steer("StartPhase", phase=it.state.agenda()[0].id)
    await lobby.delete(it.runner.session)


LANGS = ("de", "en", "ar")
WORDS = (
    "Der Wochenmarkt", "Ein Versehen", "Bänke am Fluss", "Der Nachbar im dritten Stock", "<script>alert(1)</script>",
    "Nachbarschaftshilfevermittlungsstelle", "مقهى الإصلاح", "=1+1", "Schattenplätze für Ältere", "Mehr Radwege",
    "A tool library", "Die Bibliothek am Sonntag", "Ein Haus für die Jungen", "Trinkwasser", "Leise Straßen",
    "Unfug", "Der Wochenmarkt am Abend", "Öffnungszeiten, die zu uns passen",
)  # fmt: skip
