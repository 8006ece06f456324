"""Simulated participants of a rehearsal: they see what their phone holds, and do what the phase lets them do."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from random import Random
from typing import Any

from facilitate.live.chatter import TITLES, Chatter
from facilitate.live.phones import Answer, Phone, Record

TABLES = 8  # where people sit at tables
LATEST = 0.75  # of a phase's time after which nobody begins to write

Choices = dict[str, int]


class Guest:
    """`ideas` and `ballots` are what was acknowledged: an idea's last text (None once withdrawn), (rev, choices)."""

    def __init__(self, phone: Phone, number: int, seed: int) -> None:
        self.phone = phone
        self.number = number
        self.random = Random(f"{seed}/{number}")
        self.chatter = Chatter(self.random, str(number))
        self.ideas: dict[str, str | None] = {}
        self.ballots: dict[str, tuple[int, Choices]] = {}
        self.answered: set[str] = set()  # phases
        self.edited = 0

    async def join(self) -> None:
        session = self.phone.all("session")[0]
        fields: dict[str, Any] = {} if session["names"] == "none" else {"name": f"Guest {self.number}"}
        if asked := session.get("attributes"):
            fields["attributes"] = dict(filter(None, map(self._says, asked)))
        await self.phone.do("Join", **fields)

    def _says(self, asked: Record) -> tuple[str, str] | None:
        """An answer to a question at the door; one in five gives none."""
        if self.random.random() < 0.2:
            return None
        answers = [option["id"] for option in asked["options"]] or TITLES
        return asked["id"], self.random.choice(answers)

    async def play(self, phase: str, seconds: float, most: int) -> None:
        """One phase, from its showing on the phone on; `most` ideas."""
        shown = await self.phone.until(lambda: is_open(self.phone.get("phase", phase)))
        if not shown:
            return
        record = self.phone.get("phase", phase) or {}
        if (record["settings"].get("groups") or {}).get("by") == "table":
            await self.phone.do("JoinGroup", phase=phase, group=f"T{self.number % TABLES + 1}")
        if record["settings"].get("hands") and self.random.random() < 0.03:
            await self.phone.do("RaiseHand")
        await ACTS.get(record["activity"], Guest.look)(self, record, seconds, most)
        if record["settings"].get("ready") and self.random.random() < 0.8:
            await self.phone.do("MarkReady", phase=phase)

    async def look(self, phase: Record, seconds: float, most: int) -> None:
        """Nothing to do but to read."""

    # --- writing

    async def write(self, phase: Record, seconds: float, most: int) -> None:
        limit = phase["settings"].get("max_ideas")
        number = self.random.randint(1, most if limit is None else min(most, limit))
        began = self.phone.watch.now()
        mine: list[str] = []
        for moment in sorted(self.random.uniform(0, LATEST * seconds) for _ in range(number)):
            await asyncio.sleep(moment - (self.phone.watch.now() - began) / 1000)
            mine += await self._post(phase)
        await self._answer_others(phase)
        await asyncio.sleep(self.random.uniform(0, 0.1 * seconds))
        if mine and phase["settings"].get("cluster") == "own":
            await self._place(mine[0], phase)
        if mine and self.random.random() < 0.2:
            await self._edit(self.random.choice(mine), phase)
        if mine and self.random.random() < 0.06:
            await self._withdraw(mine[-1])

    async def _post(self, phase: Record) -> list[str]:
        text, language = self.chatter.idea(phase["settings"].get("max_length", 140))
        fields: dict[str, Any] = {"phase": phase["id"], "text": text, "lang": language}
        columns = (self.phone.get("board", phase["board"]) or {}).get("columns")
        if columns:
            fields["column"] = self._column(phase, [column["id"] for column in columns])
        answer = await self.phone.do("PostIdea", **fields)
        if not answer["ok"]:
            return []
        self.ideas[answer["id"]] = text
        return [answer["id"]]

    def _column(self, phase: Record, columns: list[str]) -> str:
        """One that takes another card of this person."""
        most = phase["settings"].get("max_per_column")
        full = {column for column, number in Counter(self._columns(phase["board"])).items() if most and number >= most}
        return self.random.choice([column for column in columns if column not in full] or columns)

    def _columns(self, board: str) -> Iterator[str]:
        for idea in self.ideas:
            record = self.phone.get("idea", idea)
            if record is not None and record["board"] == board and record.get("column"):
                yield record["column"]

    async def _answer_others(self, phase: Record) -> None:
        """A word on what somebody else wrote, agreement, and a choice for the group, where the phase has them."""
        settings = phase["settings"]
        groups = settings.get("groups") or {}
        boards = {board["id"] for board in self.phone.all("board") if phase["board"] in (board["id"], board.get("of"))}
        seen = [idea for idea in self.phone.all("idea") if idea["board"] in boards and idea["state"] == "open"]
        others = [idea["id"] for idea in seen if idea["id"] not in self.ideas]
        if others and settings.get("comments") and self.random.random() < 0.2:
            text, language = self.chatter.idea(140)
            await self.phone.do(
                "PostComment", phase=phase["id"], idea=self.random.choice(others), text=text, lang=language
            )
        if others and settings.get("plus_one") and self.random.random() < 0.5:
            await self.phone.do("PlusOne", phase=phase["id"], idea=self.random.choice(others))
        if groups and (group := self._leads()):
            n = sum(bool(idea.get("chosen")) for idea in seen)
            if seen and n < groups.get("choose", 0):
                await self.phone.do("ChooseIdea", idea=self.random.choice(seen)["id"])
            if not group.get("hosts") and self._hosts_wanted(phase) and self.random.random() < 0.7:
                await self.phone.do("StayAsHost", phase=phase["id"])

    def _leads(self) -> Record | None:
        """The own group, for who sits there first: what a group may do once, two of it would do once too often."""
        seat = self.phone.get("seat", "seat")
        return self.phone.get("group", seat["group"]) if seat and seat["seat"] == 1 else None

    def _hosts_wanted(self, phase: Record) -> bool:
        """Whether the groups move on next, and somebody is to stay at each table."""
        later = [one for one in self.phone.all("phase") if one["order"] > phase["order"] and not one.get("skipped")]
        moves = [one["groups"] for one in sorted(later, key=lambda one: one["order"]) if one.get("groups")]
        return bool(moves and moves[0].get("hosts"))

    async def _place(self, idea: str, phase: Record) -> None:
        clusters = on_board(self.phone, "cluster", phase["board"])
        if clusters:
            await self.phone.do("MoveIdea", idea=idea, cluster=self.random.choice(clusters)["id"])

    async def _edit(self, idea: str, phase: Record) -> None:
        text, _ = self.chatter.idea(phase["settings"].get("max_length", 140))
        if (await self.phone.do("EditIdea", idea=idea, text=text))["ok"]:
            self.ideas[idea] = text
            self.edited += 1

    async def _withdraw(self, idea: str) -> None:
        if (await self.phone.do("WithdrawIdea", idea=idea))["ok"]:
            self.ideas[idea] = None

    # --- sorting

    async def sort(self, phase: Record, seconds: float, most: int) -> None:
        who = phase["settings"].get("who")
        if who not in ("own", "everyone"):
            return
        await asyncio.sleep(self.random.uniform(0, 0.3 * seconds))
        board = phase["board"]
        clusters = await self.phone.until(lambda: on_board(self.phone, "cluster", board), seconds)
        own = [idea for idea in on_board(self.phone, "idea", board) if self.ideas.get(idea["id"])]
        for idea in own:
            await asyncio.sleep(self.random.uniform(0, 0.3 * seconds / len(own)))
            if clusters and self.random.random() < 0.8:
                await self.phone.do("MoveIdea", idea=idea["id"], cluster=self.random.choice(clusters)["id"])
        if who == "everyone" and own and self.random.random() < 0.1:
            await self.phone.do("FormCluster", title=self.random.choice(TITLES), ideas=[own[0]["id"]])
        if who == "everyone" and clusters and self.random.random() < 0.05:
            title = self.random.choice(TITLES)
            await self.phone.do("RenameCluster", cluster=self.random.choice(clusters)["id"], title=title)

    # --- answering

    async def answer(self, phase: Record, seconds: float, most: int) -> None:
        await asyncio.sleep(self.random.uniform(0, LATEST * seconds))
        settings = phase["settings"]
        if settings.get("kind") == "scale":
            given: dict[str, Any] = {"value": self.random.randint(1, settings["steps"])}
        else:
            text, language = self.chatter.idea(settings["max_length"])
            given = {"text": text, "lang": language}
        if (await self.phone.do("GiveAnswer", phase=phase["id"], **given))["ok"]:
            self.answered.add(phase["id"])

    # --- voting

    async def vote(self, phase: Record, seconds: float, most: int) -> None:
        round_ = await self.phone.until(lambda: open_round(self.phone, phase["id"]))
        if not round_:
            return
        await asyncio.sleep(self.random.uniform(0, 0.5 * seconds))
        if phase["settings"].get("takes_ideas") and self.random.random() < 0.1:
            await self._post(phase)
        for _ in range(1 + (self.random.random() < 0.3)):
            await asyncio.sleep(self.random.uniform(0, 0.15 * seconds))
            await self._cast(round_)

    async def _cast(self, round_: Record) -> Answer:
        options = options_of(self.phone, round_)
        choices = METHODS.get(round_["method"], one)(self.random, options, round_["settings"])
        rev = self.ballots.get(round_["id"], (0, {}))[0] + 1
        answer = await self.phone.do("CastBallot", round=round_["id"], rev=rev, choices=choices)
        if answer["ok"]:
            self.ballots[round_["id"]] = rev, choices
        return answer


def is_open(phase: Record | None) -> bool:
    return phase is not None and phase["state"] in ("waiting", "open")


def on_board(phone: Phone, type_: str, board: str | None) -> list[Record]:
    return [record for record in phone.all(type_) if record["board"] == board]


def open_round(phone: Phone, phase: str) -> Record | None:
    rounds = (one for one in phone.all("round") if one["phase"] == phase and one["state"] == "open")
    return next(rounds, None)


def options_of(phone: Phone, round_: Record) -> list[str]:
    """What this phone offers for choice, as the pages do."""
    if not isinstance(round_["options"], str):
        return list(round_["options"])
    ideas = [idea for idea in on_board(phone, "idea", round_["board"]) if idea["state"] == "open"]
    if round_["options"] == "ideas":
        return [idea["id"] for idea in ideas]
    filled = {idea.get("cluster") for idea in ideas}
    clusters = [cluster["id"] for cluster in on_board(phone, "cluster", round_["board"]) if cluster["id"] in filled]
    return clusters + [idea["id"] for idea in ideas if not idea.get("cluster")]


def dots(random: Random, options: list[str], settings: dict[str, Any]) -> Choices:
    choices: Choices = {}
    for _ in range(min(settings["dots"], random.randint(1, settings["dots"] + 2))):
        if options:
            option = random.choice(options)
            choices[option] = choices.get(option, 0) + 1 if settings["stack"] else 1
    return choices


def approval(random: Random, options: list[str], settings: dict[str, Any]) -> Choices:
    return dict.fromkeys(random.sample(options, random.randint(0, min(8, len(options)))), 1)


def one(random: Random, options: list[str], settings: dict[str, Any]) -> Choices:
    """A method that a rehearsal does not know: a single choice suits most."""
    return dict.fromkeys(random.sample(options, min(1, len(options))), 1)


METHODS: dict[str, Callable[[Random, list[str], dict[str, Any]], Choices]] = {"dots": dots, "approval": approval}
ACTS: dict[str, Callable[[Guest, Record, float, int], Awaitable[None]]] = {
    "brainstorm": Guest.write,
    "check_in": Guest.answer,
    "cluster": Guest.sort,
    "reflect": Guest.answer,
    "vote": Guest.vote,
}
