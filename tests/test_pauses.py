"""One session that has grown very large must not hold up the others: whatever is done in it, a phone in another
session waits no longer for its answers than else.

Every way in is walked: each address, each export, each command, each event of the live server. What is new here and
has no step in the walk makes a test fail.
"""

import asyncio
import inspect
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from facilitate import exports
from facilitate.app import application
from facilitate.core import book
from facilitate.live import themes
from facilitate.store.memory import MemoryStore
from facilitate.store.sqlite import SqliteStore
from facilitate.ui.access import COOKIE
from tests.bystander import EVERY
from tests.hall import Client, lobby_on
from tests.masses import Mass
from tests.server import Server, serving

CARDS = 20_000
EVENTS = 100_000  # of the longest log
LEAST = 0.02  # seconds that nobody notices
TIMES = 3  # as long as without it
TRIES = 3  # walks: other programs of this machine make pauses too
QUIET = 0.25  # seconds before each step
AFTER = 0.3  # seconds in which what follows from a step happens
CODES = ("MASSAA", "MASSAC", "MASSAD")  # one for each walk
LONG = ("MANYAA", "MANYAC", "MANYAD")  # those with the longest log
BY_CLOCK = {"RunOut", "FormGroups", "DeleteSession"}  # nobody gives these; they follow from steps of the walk

# How each address that can be asked for is asked for in the walk.
ADDRESSES: dict[str, Callable[[str], list[str]]] = {
    "GET /": lambda code: ["/", f"/?code={code}"],
    "GET /j/{code}": lambda code: [f"/j/{code}"],
    "GET /J/{code}": lambda code: [f"/J/{code}"],
    "GET /j/{code}/{table:path}": lambda code: [f"/j/{code}/7"],
    "GET /J/{code}/{table:path}": lambda code: [f"/J/{code}/7"],
    "GET /s/{code}": lambda code: [f"/s/{code}"],
    "GET /sheet/{code}": lambda code: [f"/sheet/{code}", f"/sheet/{code}?tables=8"],
    "GET /home": lambda code: ["/home"],
    "GET /plan": lambda code: ["/plan"],
    "GET /desk/{code}": lambda code: [f"/desk/{code}"],
    "GET /harvest/{code}": lambda code: [f"/harvest/{code}"],
    "GET /harvest/{code}/export/{kind}": lambda code: [f"/harvest/{code}/export/{kind}" for kind in exports.kinds()],
    "GET /api/formats": lambda code: ["/api/formats"],
    "GET /api/sessions/{code}": lambda code: [f"/api/sessions/{code}"],
    "GET /api/sessions/{code}/export/{kind}": lambda it: [f"/api/sessions/{it}/export/{k}" for k in exports.kinds()],
    "GET /api/openapi.json": lambda code: ["/api/openapi.json"],
    "GET /api/docs": lambda code: ["/api/docs"],
    "GET /healthz": lambda code: ["/healthz"],
    "GET /a/{build}/{name}": lambda code: [],  # files of the program: no session is in them
    "POST /api/sessions": lambda code: [],  # what is new is small
    "POST /auth": lambda code: [],  # these three know of no session
    "POST /auth/out": lambda code: [],
    "POST /auth/closed/{page}": lambda code: [],
    "POST /auth/deleted": lambda code: [],  # asks for tokens of sessions that are not there any more
    "GET /gone/{code}": lambda code: [],
    "POST /auth/live/{code}": lambda code: [f"/auth/live/{code}"],
    "POST /auth/screen/{code}": lambda code: [f"/auth/screen/{code}"],
    "POST /auth/links/{code}": lambda code: [f"/auth/links/{code}"],
    "POST /auth/link/{code}": lambda code: [f"/auth/link/{code}"],
    "POST /auth/link/{code}/{id_}/{deed}": lambda code: [],  # does what the one before does
}

# step and what was waited for -> the longest wait, and the longest in the quiet before it
Pauses = dict[str, tuple[float, float]]


class Bystander:
    """The process beside, and what it has noted down."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def longest(self, what: str, began: float, ended: float) -> float:
        """Of what was asked in this time, or was not answered yet when it began."""
        lines = (line.split() for line in self.file.read_text().splitlines()[:-1])
        waits = ((float(asked), float(answered)) for which, asked, answered in lines if which == what)
        return max((answered - asked for asked, answered in waits if answered > began and asked < ended), default=0.0)


@asynccontextmanager
async def bystanding(server: Server, folder: Path) -> AsyncIterator[Bystander]:
    """Somebody's phone in a small session of this server, as long as the block lasts."""
    small = server.new("quick-vote", phases={"collect": {"settings": {"ready": True}}})
    desk = await Client(server.url, small["code"], token=small["tokens"]["facilitator"]).open()
    assert (await desk.do("StartPhase", phase="collect"))["ok"]
    await desk.close()
    file = folder / f"{small['code']}.txt"
    with file.open("w") as lines:
        command = (sys.executable, "-m", "tests.bystander", server.url, small["code"])
        process = await asyncio.create_subprocess_exec(*command, stdout=lines)
        try:
            while len(file.read_text().splitlines()) < 100:
                assert process.returncode is None
                await asyncio.sleep(0.05)
            yield Bystander(file)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


class Walk:
    """Through one large session, step by step; `pauses` is what came of it."""

    def __init__(self, server: Server, bystander: Bystander, code: str) -> None:
        self.server, self.bystander, self.code = server, bystander, code
        self.pauses: Pauses = {}
        self.desk = Client(server.url, code, token=server.owner)
        self.phone = Client(server.url, code)
        self.refused: dict[str, Any] = {}
        self.given: set[str] = set()

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[None]:
        quiet = time.monotonic()
        await asyncio.sleep(QUIET)
        began = time.monotonic()
        try:
            yield
        finally:
            await asyncio.sleep(AFTER)
            ended = time.monotonic() - 0.05
            for what in EVERY:
                longest, key = self.bystander.longest(what, began, ended), f"{name}: {what}"
                before = self.pauses.get(key, (0.0, 0.0))
                self.pauses[key] = max(before, (longest, self.bystander.longest(what, quiet, began)))
                print(f"{key:60s} {1000 * longest:6.0f} {1000 * self.pauses[key][1]:6.0f}", flush=True)

    async def do(self, kind: str, who: Client | None = None, **fields: Any) -> str:
        """A command, as a step; its id."""
        who = who or self.desk
        async with self.step(kind):
            answer = await asyncio.wait_for(who.do(kind, **fields), 60)
        self.given.add(kind)
        if not answer["ok"]:
            self.refused[kind] = answer["error"]
        return str(answer["id"])

    async def go(self) -> Pauses:
        async with httpx.AsyncClient(base_url=self.server.url, timeout=300) as web:
            self.web = web
            web.cookies.set(COOKIE, self.server.owner)
            await self.enter()
            await self.collecting()
            await self.addresses()
        await self.questions()
        await self.sorting()
        await self.voting()
        await self.talking()
        await self.steering()
        await self.people()
        await self.grouping()
        await self.erasing()
        await self.ending()
        await self.desk.close()
        await self.phone.close()
        assert not self.refused
        return self.pauses

    # --- coming in

    async def enter(self) -> None:
        long = LONG[CODES.index(self.code)]
        for what in (f"/j/{long}", f"/harvest/{long}/export/markdown"):
            async with self.step(f"GET {what.replace(long, 'LONG')}"):
                assert (await self.web.get(what)).status_code == 200
        async with self.step("open"):
            assert (await self.web.get(f"/j/{self.code}")).status_code == 200
        async with self.step("connect phone"):
            await self.phone.open()
        async with self.step("connect desk"):
            await self.desk.open()
        await self.phone.close()
        before, self.phone = self.phone, Client(self.server.url, self.code, token=self.phone.token)
        self.phone.log, self.phone.seq = before.log, before.seq
        async with self.step("connect since"):
            await self.phone.open()
        self.phone.records = before.records | self.phone.records
        async with self.step("connect again"):
            other = await Client(self.server.url, self.code, token=self.phone.token).open()
        async with self.step("resume"):
            await other.sio.emit("resume", {"since": {"log": other.log, "seq": 1}}, namespace="/live")
            await other.sio.emit("resume", {"since": None}, namespace="/live")
        await other.close()
        async with self.step("connect screen"):
            screen = await Client(self.server.url, self.code, token=self.server.owner).open(["polling"])
        await screen.close()

    async def addresses(self) -> None:
        for way in ways():
            method = way.partition(" ")[0]
            for address in ADDRESSES[way](self.code):
                async with self.step(f"{method} {address.replace(self.code, 'CODE')}"):
                    headers = {"Authorization": f"Bearer {self.server.owner}"} if address.startswith("/api") else {}
                    body: Any = {} if method == "POST" else None
                    answer = await self.web.request(method, address, headers=headers, json=body, follow_redirects=True)
                assert answer.status_code == 200, (address, answer.text[:500])

    async def questions(self) -> None:
        for kind in get_args(themes.Kind):
            async with self.step(f"ask {kind}"):
                await self.desk.sio.call("ask", {"kind": kind, "board": "wall"}, namespace="/live", timeout=300)
            await asyncio.sleep(1)
        async with self.step("ask hints"):
            texts = [idea["text"] for idea in self.desk.all("idea") if idea["text"]][:100]
            await self.desk.sio.call("ask", {"kind": "hints", "texts": texts}, namespace="/live", timeout=60)

    # --- what is done in it

    async def collecting(self) -> None:
        card = await self.do("PostIdea", self.phone, phase="private", text="One more")
        await self.do("EditIdea", self.phone, idea=card, text="One more tree")
        await self.do("WithdrawIdea", self.phone, idea=card)
        await self.do("RestoreOwn", self.phone, idea=card)
        await self.do("MarkReady", self.phone, phase="private")
        await self.do("Peek", board="wall")
        await self.do("LockBoard", board="wall", locked=True)
        await self.do("LockBoard", board="wall", locked=False)
        await self.do("FreezeBoard", board="wall", frozen=True)
        await self.do("FreezeBoard", board="wall", frozen=False)
        await self.do("ExtendPhase", phase="private", seconds=60)
        await self.do("PausePhase", phase="private")
        await self.do("ResumePhase", phase="private")
        await self.do("RevealIdeas", board="wall")
        await self.do("HideIdea", idea="card-000021")
        await self.do("RestoreIdea", idea="card-000021")
        await self.do("PostComment", self.phone, phase="private", idea="card-000041", text="Yes, please")
        said = next(iter(self.phone.all("said")), {"id": "comment-000001"})["id"]
        await self.do("HideComment", comment=said)
        await self.do("RestoreComment", comment=said)
        await self.do("PlusOne", self.phone, phase="private", idea="card-000041")
        await self.do("WithdrawComment", self.phone, comment=said)
        await self.do("MuteAuthor", idea=card)
        await self.do("UnmuteAuthor", idea=card)
        await self.do("RemoveAuthor", idea="card-000022")
        await self.do("CarryForward", board="wall", phase="approve", top=50)
        await self.do("AdmitLate", idea=await self.do("PostIdea", self.phone, phase="open", text="Too late"))

    async def sorting(self) -> None:
        await self.do("StartPhase", phase="short")
        async with self.step("RunOut"):
            await self.desk.until(lambda: self.phase("short")["state"] == "closed")
        await self.do("StartPhase", phase="sort")
        many = tuple(f"card-{number:06d}" for number in range(4, CARDS * 2 // 3, 4))[:1500]
        own = await self.do("FormCluster", self.phone, title="Trees", ideas=[many[0]], board="wall")
        await self.do("MoveIdea", self.phone, idea=many[1], cluster=own)
        await self.do("MoveIdeas", ideas=many[2:1000], cluster=own)
        await self.do("SetAside", ideas=many[1000:1100])
        await self.do("RenameCluster", cluster=own, title="Trees and benches")
        await self.do("SplitCluster", cluster=own, ideas=many[2:400], title="Benches")
        merged = await self.do("MergeClusters", into=own, clusters=[f"cluster-{n:02d}" for n in range(1, 50)])
        await self.do("Undo", command=merged)
        await self.do("MergeClusters", into="cluster-00", clusters=[f"cluster-{n:02d}" for n in range(1, 50)])
        drafts = [{"ideas": many[at : at + 20], "title": f"Draft {at}"} for at in range(1100, 1500, 20)]
        await self.do("FormClusters", board="wall", drafts=drafts)
        await self.do("DissolveCluster", cluster="cluster-00")
        one = await self.do("MergeIdeas", keep=many[3], ideas=many[4:50])
        await self.do("SplitIdeas", ideas=many[4:50])
        assert one

    async def voting(self) -> None:
        for phase in ("second", "third"):
            await self.do("StartPhase", phase=phase)
            await self.phone.until(partial(self.rounds, phase))
            round_ = self.rounds(phase)[0]
            filled = {idea.get("cluster") for idea in self.desk.all("idea")}
            clusters = [cluster["id"] for cluster in self.desk.all("cluster") if cluster["id"] in filled]
            option = "card-000041" if phase == "third" else clusters[0]
            await self.do("CastBallot", self.phone, round=round_, rev=1, choices={option: 1})
            await self.do("CountHands", round=round_, option=option, n=12)
            await self.do("CloseRound", round=round_)
            await self.do("ShowResults", round=round_)
            await self.do("HideIdea", idea="card-000043")  # a result is reckoned anew
            await self.do("RestoreIdea", idea="card-000043")
        await self.do("VoteAgain", phase="third")
        await self.do("StartPhase", phase="first")

    async def talking(self) -> None:
        await self.do("StartPhase", phase="talk")
        await self.do("Begin", phase="talk")
        await self.desk.until(lambda: self.doing("talk").get("items"))
        item = self.doing("talk")["items"][0]
        await self.do("discuss.Turn", phase="talk", item=item)
        await self.do("TakeNote", phase="talk", item=item, text="That is settled")
        await self.do("StartPhase", phase="reflect")
        await self.do("GiveAnswer", self.phone, phase="reflect", text="It was good")
        await self.phone.until(lambda: self.phone.all("answered"))
        answer = self.phone.all("answered")[0]["id"]
        await self.do("HideAnswer", answer=answer)
        await self.do("RestoreAnswer", answer=answer)
        await self.do("WithdrawAnswer", self.phone, phase="reflect")
        await self.do("StartPhase", phase="check-in")
        await self.do("ShowAnswers", phase="check-in")
        await self.do("StartPhase", phase="approve")
        for decided in ("AcceptIdea", "ReturnIdea", "RejectIdea"):
            card = await self.do("PostIdea", self.phone, phase="approve", text=f"To be read: {decided}")
            reason: Any = {} if decided == "AcceptIdea" else {"reason": "Say it in one sentence"}
            await self.do(decided, idea=card, **reason)

    def rounds(self, phase: str) -> list[str]:
        return [round_["id"] for round_ in self.phone.all("round") if round_["phase"] == phase]

    def phase(self, id_: str) -> dict[str, Any]:
        return next(phase for phase in self.desk.all("phase") if phase["id"] == id_)

    def doing(self, phase: str) -> dict[str, Any]:
        return self.phase(phase).get("doing") or {}

    async def steering(self) -> None:
        added = await self.do("InsertPhase", activity="brainstorm", title={"en": "More"}, after="talk", board="wall")
        await self.desk.until(lambda: [phase for phase in self.desk.all("phase") if phase["title"] == {"en": "More"}])
        added = next(phase["id"] for phase in self.desk.all("phase") if phase["title"] == {"en": "More"})
        await self.do("RepeatPhase", phase="private", after=added)
        await self.do("MovePhase", phase=added, after="reflect")
        await self.do("SkipPhase", phase=added)
        await self.do("RemovePhase", phase=added)
        await self.do("ChangePhase", phase="further", minutes=20)
        await self.do("BringEverybody")
        await self.do("SetSound", on=True)
        await self.do("OpenScreen", screen="wall")
        await self.do("Show", screen="wall", what="board", board="wall")
        await self.do("Show", screen="wall", what="groups")
        await self.do("CloseScreen", screen="wall")
        await self.do("AllowHands", allowed=True)
        hand = await self.do("RaiseHand", self.phone)
        await self.do("LowerHand", self.phone, hand=hand)
        await self.do("AnswerHand", hand=await self.do("CallHelp", self.phone))

    async def people(self) -> None:
        await self.do("Join", self.phone)
        await self.do("SetPeople", self.phone, people=2)
        await self.do("SetDoor", door="approval")
        for kind in ("LetIn", "TurnAway"):
            async with self.step("connect outside"):
                other = await Client(self.server.url, self.code).open()
            await self.do("Join", other)
            await self.do(kind, participant=other.you["id"])
            await other.close()
        await self.do("SetDoor", door="open")

    async def grouping(self) -> None:
        await self.do("StartPhase", phase="groups")
        others = [await Client(self.server.url, self.code).open() for _ in range(8)]
        await self.do("JoinGroup", self.phone, phase="groups")
        await self.desk.until(lambda: len(self.desk.all("member")) >= 9 and len(self.desk.all("group")) >= 2)
        first, second = [group["id"] for group in self.desk.all("group")][:2]
        member = next(member["id"] for member in self.desk.all("member") if member["group"] == first)
        await self.do("MoveMember", member=member, group=second)
        await self.do("PromptGroup", group=first, prompt="What about trees?")
        card = await self.do("PostIdea", self.phone, phase="groups", text="In a group")
        await self.do("ChooseIdea", self.phone, idea=card)
        await self.do("StayAsHost", self.phone, phase="groups")
        await self.do("MergeGroups", group=second, into=first)
        await self.do("StartPhase", phase="further")
        for other in others:
            await other.close()

    async def erasing(self) -> None:
        await self.do("StartPhase", phase="private")
        await self.do("PostComment", self.phone, phase="private", idea="card-000041", text="Yes, please")
        await self.phone.until(lambda: self.phone.all("said"))
        await self.do("EraseComment", comment=self.phone.all("said")[-1]["id"])
        await self.do("StartPhase", phase="reflect")
        await self.do("GiveAnswer", self.phone, phase="reflect", text="It was very good")
        await self.desk.until(lambda: self.desk.all("answer"))
        await self.do("EraseAnswer", answer=self.desk.all("answer")[0]["id"])
        await self.do("EraseIdea", idea="card-000045")
        await self.do("EndPhase", phase="reflect")

    async def ending(self) -> None:
        await self.do("EndSession")


def ways() -> list[str]:
    """Method and address of whatever a browser or a program may ask for, but for the frame's own files."""

    def beneath(routes: Any, before: str) -> Iterator[str]:
        for route in routes:
            path = before + getattr(route, "path", "")
            if path.startswith("/_nicegui"):
                continue
            inner = getattr(route, "original_router", route)
            if hasattr(inner, "routes"):
                yield from beneath(inner.routes, path)
            else:
                yield from (f"{method} {path}" for method in sorted(route.methods) if method != "HEAD")

    return list(beneath(application(lobby_on(MemoryStore)).other_asgi_app.routes, ""))


def too_long(pauses: Pauses) -> dict[str, str]:
    return {
        step: f"{longest * 1000:.0f} ms, and {before * 1000:.0f} ms without it"
        for step, (longest, before) in pauses.items()
        if longest > max(LEAST, TIMES * before)
    }


@pytest.fixture(scope="module")
def crowded(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with sessions that have grown very large; none of them is open yet."""
    folder = tmp_path_factory.mktemp("masses") / "folder"
    folder.mkdir()
    store = SqliteStore(folder / "facilitate.sqlite")
    for codes, events in ((CODES, 0), (LONG, EVENTS)):
        mass = Mass(CARDS, events)
        for code in codes:
            mass.store(store, f"session-{code}", code)
    store.close()
    rates = {"FACILITATE_PHONE_RATE": "1000/1000"}
    with serving(folder, environment | rates) as server:
        yield server


def test_every_address_is_walked() -> None:
    assert set(ways()) == set(ADDRESSES)


def test_every_command_is_walked() -> None:
    steps = inspect.getsource(Walk)
    assert {kind for kind in book.COMMANDS.keys() - BY_CLOCK if f'"{kind}"' not in steps} == set()


@pytest.mark.slow
def test_nobody_waits_for_another_session(crowded: Server, tmp_path: Path) -> None:
    """Whatever is done in a session of 20,000 cards, none of it is felt in another one."""

    async def walks() -> Pauses:
        best: Pauses = {}
        async with bystanding(crowded, tmp_path) as bystander:
            for code in CODES[:TRIES]:
                walk = Walk(crowded, bystander, code)
                for step, pause in (await walk.go()).items():
                    best[step] = min(best.get(step, pause), pause)
                assert walk.given == book.COMMANDS.keys() - BY_CLOCK
                if not too_long(best):
                    break
        return best

    pauses = asyncio.run(walks())
    assert too_long(pauses) == {}
