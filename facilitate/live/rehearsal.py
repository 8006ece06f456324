"""A rehearsal: simulated participants go through all phases of a session over the real wire, and nothing may be lost.

Every figure is measured in one process by one clock, from the sending of an idea to the moment when a phone holds it.
So it contains the work of that process: a thousand phones on one core are slower than a thousand phones in a hall.
"""

import asyncio
import socket
import time
from array import array
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from math import ceil
from random import Random
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import aiohttp
from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from facilitate.live import descriptors
from facilitate.live.addresses import addresses
from facilitate.live.chatter import NOTES, TITLES
from facilitate.live.guests import Guest, is_open, on_board, open_round
from facilitate.live.phones import Phone, Record, Silent, Turned, Watch

SHARES = {"brainstorm": 4.0, "vote": 3.0, "cluster": 2.0, "discuss": 2.0}  # of the time; any other activity: 1
IDEAS = 3  # that one person writes in a phase, where there is time
RATE = 50.0  # ideas a second of all together, beyond the first of each
AT_ONCE = 25  # phones that connect at the same time
SETTLES = 30.0  # seconds in which all phones must hold what was said last
BEAT = 0.05  # seconds between two looks at how late this process is
PLACES = ("placed", "aside", "unplaced", "merged")
REASONS = ("Who could do this?", "Bitte einen Ort nennen.")
DESCRIPTORS = 200  # open files besides the phones


class Hindered(Exception):  # noqa: N818
    """A rehearsal that cannot be held. `str()` says why, and what to do."""


class Target(NamedTuple):
    code: str
    url: str
    token: str | None = None  # a facilitator's, where the link carries one


class Spread(Struct, frozen=True):
    """Milliseconds; `count` 0 where nothing was measured."""

    count: int
    p50: float
    p95: float
    p99: float
    max: float


class Findings(Struct, frozen=True):
    """`posted` and `ballots` count what was acknowledged, `people` who voted once a round. `seen`: from sending an idea
    to each phone that then shows it; `revealed`: from turning a board over to each card on each phone; `acked`: from
    sending a command to its acknowledgement. `late`: how much later than it wanted this process itself came to its
    turn; where that is much, the other figures tell of this machine and not of the server."""

    people: int
    connected: int
    seconds: float
    phases: list[str]
    posted: int
    edited: int
    withdrawn: int
    ballots: int
    cards: dict[str, int]  # that lie open at the end: in a cluster, set aside, not placed, on another's card
    seen: Spread
    revealed: Spread
    acked: Spread
    late: Spread
    refusals: dict[str, int]
    reconnects: int
    gaps: int
    lost: int  # acknowledged ideas that a phone lacks that should hold them, and ballots
    doubled: int  # ideas and ballots that are there more often than they were sent
    differing: int  # phones whose records are not those of a fresh connection

    @property
    def is_whole(self) -> bool:
        return not (self.lost or self.doubled or self.differing)


def target(where: str, announced: str | None) -> Target:
    """What a code, a join link or a facilitator's link means. Raises `Hindered`."""
    if "/" in where:
        parts = urlsplit(where)
        path = [part for part in parts.path.split("/") if part]
        if parts.scheme not in ("http", "https") or not parts.netloc or not path:
            told = where.partition("#")[0]  # a secret may stand behind it
            raise Hindered(f"{told} is not a link to a session: give its join link, or its code alone.")
        return Target(unquote(path[-1]), f"{parts.scheme}://{parts.netloc}", unquote(parts.fragment) or None)
    if not announced:
        raise Hindered("No server has run on this data folder: start one with facilitate serve, or give a join link.")
    return Target(where, _near(announced))


def _near(url: str) -> str:
    """The same server by the shortest way, where it is this machine's own."""
    parts = urlsplit(url)
    port = parts.port or 80
    if parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", *addresses()):
        # Refused: it listens on its one address alone, or not at all.
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return f"http://127.0.0.1:{port}"
    return url


async def rehearse(
    url: str, code: str, owner_token: str, *, people: int, seconds: float, quiet: bool, seed: int = 1
) -> Findings:
    """Play all phases in about `seconds`; connecting and comparing come on top. Raises `Hindered`."""
    _allow_files(people)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        play = Play(url, code, owner_token, http, seed)
        try:
            async with _shown(play, people, seconds, quiet):
                await play.enter(people)
                await play.run(seconds)
                return await play.findings(people)
        except Silent:
            raise Hindered(f"The server at {url} does not answer: see that it runs, and try again.") from None
        finally:
            await play.leave()


def _allow_files(people: int) -> None:
    """Every phone is an open file. Raises `Hindered` where the system allows too few."""
    more = AT_ONCE + DESCRIPTORS
    allowed = descriptors.allowed(people + more)
    if allowed < people + more:
        most = max(1, allowed - more)
        raise Hindered(f"This system allows {allowed} open files: take at most --people {most}, or raise ulimit -n.")


@asynccontextmanager
async def _shown(play: "Play", people: int, seconds: float, quiet: bool) -> AsyncIterator[None]:
    """A progress bar on standard error, where that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}"), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        bar = progress.add_task("", total=people + seconds, told="")

        async def tick() -> None:
            while True:
                told = f"{len(play.guests)} phones, {play.posted} ideas, {play.ballots} ballots"
                progress.update(bar, description=play.doing, completed=len(play.guests) + play.elapsed, told=told)
                await asyncio.sleep(0.2)

        ticking = asyncio.create_task(tick())
        try:
            yield
        finally:
            ticking.cancel()


class Play:
    """One desk and its guests. `doing` says in a word or two what is going on."""

    def __init__(self, url: str, code: str, token: str, http: aiohttp.ClientSession, seed: int) -> None:
        self.url, self.code, self.http, self.seed = url, code, http, seed
        self.random = Random(seed)
        self.watch = Watch()
        self.desk = Phone(url, code, http, Watch(), token)  # what a desk sees is not what phones see
        self.guests: list[Guest] = []
        self.phases: list[str] = []
        self.doing = "Connecting"
        self._began = 0.0
        self._took = 0.0
        self._late = array("d")

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._began if self._began else 0.0

    @property
    def posted(self) -> int:
        return sum(len(guest.ideas) for guest in self.guests)

    @property
    def ballots(self) -> int:
        return sum(len(guest.ballots) for guest in self.guests)

    # --- coming and going

    async def enter(self, people: int) -> None:
        """Raises `Hindered` where the session is not there, not ours, or has begun already."""
        try:
            await self.desk.open(attempts=2)
        except Turned as turned:
            raise Hindered(_why_turned(str(turned), self.code)) from None
        if self.desk.you["role"] != "facilitator":
            raise Hindered("This link is not a facilitator's: give a join link, or the facilitator's own.")
        state = self.desk.all("session")[0]["state"]
        if state != "planned":
            word = "is over" if state == "ended" else "has begun"
            raise Hindered(f"Session {self.code} {word}: make one for the rehearsal with facilitate new.")
        places = asyncio.Semaphore(AT_ONCE)

        async def come(number: int) -> None:
            async with places:
                guest = Guest(Phone(self.url, self.code, self.http, self.watch), number, self.seed)
                with suppress(Turned, Silent):
                    await guest.phone.open()
                    self.guests.append(guest)
                    await guest.join()

        await asyncio.gather(*(come(number) for number in range(1, people + 1)))
        if not self.guests:
            keys = ", ".join(self.watch.refusals) or "no answer"
            raise Hindered(f"No phone could join ({keys}): see the server, and try again.")

    async def leave(self) -> None:
        phones = [self.desk, *(guest.phone for guest in self.guests)]
        for first in range(0, len(phones), AT_ONCE):
            await asyncio.gather(*(phone.close() for phone in phones[first : first + AT_ONCE]))

    # --- the phases, as a facilitator leads through them

    async def run(self, seconds: float) -> None:
        self._began = time.monotonic()
        beating = asyncio.create_task(self._beat())
        try:
            await self._run(seconds)
        finally:
            beating.cancel()

    async def _beat(self) -> None:
        while True:
            due = self.watch.now() + BEAT * 1000
            await asyncio.sleep(BEAT)
            self._late.append(max(0.0, self.watch.now() - due))

    async def _run(self, seconds: float) -> None:
        phases = sorted(self.desk.all("phase"), key=lambda phase: int(phase["order"]))
        whole = sum(SHARES.get(phase["activity"], 1.0) for phase in phases) or 1.0
        for phase in phases:
            self.doing = next(iter(phase["title"].values()), phase["id"])
            await self._lead(phase, seconds * SHARES.get(phase["activity"], 1.0) / whole)
            self.phases.append(phase["id"])
        self.doing = "Comparing"
        await self._say("EndSession")
        self._took = self.elapsed
        await self._all_hold(lambda phone: phone.all("session")[0]["state"] == "ended")

    async def _lead(self, phase: Record, seconds: float) -> None:
        id_ = phase["id"]
        most = 1 + min(IDEAS - 1, int(RATE * seconds / len(self.guests)))
        acting = [asyncio.ensure_future(guest.play(id_, seconds, most)) for guest in self.guests]
        try:
            await self._say("StartPhase", phase=id_)
            await self.desk.until(lambda: is_open(self.desk.get("phase", id_)))
            if (self.desk.get("phase", id_) or {}).get("state") == "waiting":
                await self._say("Begin", phase=id_)
            leading = LEADS.get(phase["activity"], Play._wait)
            await asyncio.gather(leading(self, self.desk.get("phase", id_) or phase, seconds), *acting)
        finally:
            for one in acting:
                one.cancel()
        close = CLOSES.get(phase["activity"])
        if close is not None:
            await close(self, phase)

    async def _say(self, kind: str, **fields: Any) -> Record:
        return await self.desk.do(kind, **fields)

    async def _wait(self, phase: Record, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _reveal(self, phase: Record) -> None:
        """Turn over what was written face down, once the desk holds all of it."""
        board = self.desk.get("board", phase["board"])
        if board is None or board["revealed"]:
            return
        standing = {idea for guest in self.guests for idea, text in guest.ideas.items() if text}
        await self.desk.until(lambda: all(self.desk.get("idea", idea) for idea in standing), SETTLES)
        down = [idea["id"] for idea in on_board(self.desk, "idea", board["id"]) if idea["state"] == "face-down"]
        self.watch.revealed.update(dict.fromkeys(down, self.watch.now()))
        await self._say("RevealIdeas", board=board["id"])
        await self._all_hold(lambda phone: (phone.get("board", board["id"]) or {}).get("revealed"))

    async def _read(self, phase: Record, seconds: float) -> None:
        """What waits for approval is read as it comes: most of it goes on the board, a little goes back."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            await asyncio.sleep(min(0.2, seconds / 4))
            await self._decide(phase)

    async def _decide(self, phase: Record) -> None:
        for idea in self.desk.all("idea"):
            if idea["state"] != "waiting" or idea["phase"] != phase["id"]:
                continue
            if self.random.random() < 0.05:
                await self._say("ReturnIdea", idea=idea["id"], reason=self.random.choice(REASONS))
            else:
                await self._say("AcceptIdea", idea=idea["id"])

    async def _close_writing(self, phase: Record) -> None:
        await self._decide(phase)
        await self._reveal(phase)

    async def _cluster(self, phase: Record, seconds: float) -> None:
        """A few clusters with a part of the ideas in each; where the guests sort, most is left to them."""
        began = time.monotonic()
        ideas = [idea["id"] for idea in on_board(self.desk, "idea", phase["board"]) if idea["state"] == "open"]
        self.random.shuffle(ideas)
        number = min(5, 1 + len(ideas) // 3)
        for title in self.random.sample(TITLES, number):
            await self._say("FormCluster", title=title, board=phase["board"], ideas=ideas[:40])
            ideas = ideas[40:]
            await asyncio.sleep(0.1 * seconds / number)
        if len(ideas) > 10:
            await self._say("SetAside", ideas=ideas[:2])
            await self._say("MergeIdeas", keep=ideas[2], ideas=ideas[3:5])
        await asyncio.sleep(seconds - (time.monotonic() - began))

    async def _show_results(self, phase: Record) -> None:
        round_ = open_round(self.desk, phase["id"])
        if round_ is not None:
            await self._say("ShowResults", round=round_["id"])
            await self._all_hold(lambda phone: phone.get("tally", round_["id"]))

    async def _discuss(self, phase: Record, seconds: float) -> None:
        items = phase.get("doing", {}).get("items", [])
        for item in items:
            await self._say("discuss.Turn", phase=phase["id"], item=item)
            await asyncio.sleep(seconds / len(items))
            await self._say("TakeNote", phase=phase["id"], item=item, text=self.random.choice(NOTES))
        if not items:
            await asyncio.sleep(seconds)

    async def _all_hold(self, condition: Callable[[Phone], object]) -> None:
        """Wait until it holds on every phone. Who is too late is found by the comparison at the end."""
        phones = [guest.phone for guest in self.guests]
        await asyncio.gather(*(phone.until(partial(condition, phone), SETTLES) for phone in phones))

    # --- what was seen

    async def findings(self, people: int) -> Findings:
        lost = self._lost_ideas() + self._lost_ballots() + self._lost_answers()
        doubled = self._doubled()
        differing = await self._differing()
        watch, desk = self.watch, self.desk.watch
        return Findings(
            people=people,
            connected=len(self.guests),
            seconds=round(self._took, 1),
            phases=self.phases,
            posted=self.posted,
            edited=sum(guest.edited for guest in self.guests),
            withdrawn=sum(text is None for guest in self.guests for text in guest.ideas.values()),
            ballots=self.ballots,
            cards=self._cards(),
            seen=spread(watch.seen),
            revealed=spread(watch.turned),
            acked=spread(watch.acks),
            late=spread(self._late),
            refusals=dict((watch.refusals + desk.refusals).most_common()),
            reconnects=watch.reconnects + desk.reconnects,
            gaps=watch.gaps + desk.gaps,
            lost=lost,
            doubled=doubled,
            differing=differing,
        )

    def _cards(self) -> dict[str, int]:
        """Every idea that lies open, or with others on one card, is in one of these places, as the desk counts them."""
        places = Counter(_place_of(idea) for idea in self.desk.all("idea") if idea["state"] in ("open", "merged"))
        return {place: places[place] for place in PLACES}

    def _lost_ideas(self) -> int:
        """Every idea that stands, with its last text, on every phone that may see it; else on its author's."""
        lost = 0
        for guest in self.guests:
            for idea, text in guest.ideas.items():
                if text is None:
                    continue
                record = self.desk.get("idea", idea)
                holders = self._holders(guest, record)
                held = record is not None and all(_text_of(one.phone, idea, record) == text for one in holders)
                lost += not held
        return lost

    def _holders(self, author: Guest, record: Record | None) -> list[Guest]:
        """Whose phones must hold it: all that hold its board, which in groups is one group; else its author's."""
        if record is None or record["state"] != "open":
            return [author]
        return [guest for guest in self.guests if guest.phone.get("board", record["board"])]

    def _lost_ballots(self) -> int:
        """Every last ballot in its voter's own record, and as many voters in the tally as there were."""
        lost = 0
        voters: Counter[str] = Counter()
        for guest in self.guests:
            for round_, (rev, choices) in guest.ballots.items():
                voters[round_] += bool(choices)  # whoever chose nothing has not voted
                record = guest.phone.get("ballot", round_) or {}
                lost += (record.get("rev"), record.get("choices")) != (rev, choices)
        for round_, number in voters.items():
            lost += max(0, number - (self.desk.get("tally", round_) or {}).get("voters", 0))
        return lost

    def _lost_answers(self) -> int:
        """As many in each phase as were acknowledged."""
        given = Counter(phase for guest in self.guests for phase in guest.answered)
        return sum(max(0, n - (self.desk.get("answers", phase) or {}).get("n", 0)) for phase, n in given.items())

    def _doubled(self) -> int:
        """Texts that stand more often than they were sent, numbers that two ideas bear, voters who were none.

        Others may take part in the session, so only what carries our own texts is counted.
        """
        sent = Counter(text for guest in self.guests for text in guest.ideas.values() if text)
        ideas = [idea for idea in self.desk.all("idea") if idea["source"] != "carried"]  # these repeat what was said
        there = Counter(idea["text"] for idea in ideas)
        numbers = Counter(idea["number"] for idea in ideas)
        doubled = sum(max(0, there[text] - number) for text, number in sent.items())
        doubled += sum(number - 1 for number in numbers.values())
        if self.desk.counts.get("reached") == len(self.guests):
            ballots = [ballot for guest in self.guests for ballot in guest.ballots.items()]
            voters = Counter(round_ for round_, (_, choices) in ballots if choices)
            doubled += sum(max(0, tally["voters"] - voters[tally["round"]]) for tally in self.desk.all("tally"))
        return doubled

    async def _differing(self) -> int:
        """How many phones hold other records than the same person's fresh connection gets."""
        places = asyncio.Semaphore(AT_ONCE)

        async def differs(phone: Phone) -> bool:
            async with places:
                fresh = Phone(self.url, self.code, self.http, Watch(), phone.token)
                try:
                    await fresh.open()
                    return fresh.records.held != phone.records.held
                except (Turned, Silent):
                    return True
                finally:
                    await fresh.close()

        phones = [self.desk, *(guest.phone for guest in self.guests)]
        return sum(await asyncio.gather(*(differs(phone) for phone in phones)))


LEADS = {"brainstorm": Play._read, "cluster": Play._cluster, "discuss": Play._discuss}
CLOSES = {"brainstorm": Play._close_writing, "vote": Play._show_results}


def _place_of(idea: Record) -> str:
    if idea.get("same_as"):
        return "merged"
    return "placed" if idea.get("cluster") else "aside" if idea.get("aside") else "unplaced"


def _text_of(phone: Phone, idea: str, record: Record) -> str | None:
    """The idea's text, on a card of its own or beside the one that it was put on as a duplicate."""
    found = phone.get("idea", idea)
    if found is not None and not record.get("same_as"):
        return found["text"]  # type: ignore[no-any-return]
    card = phone.get("idea", record.get("same_as", idea)) or {}
    return next((one["text"] for one in card.get("also", ()) if one["id"] == idea), None)


def _why_turned(key: str, code: str) -> str:
    if key == "session.unknown":
        return f"There is no session {code} on this server: compare the code, or name its data folder with --data."
    if key == "token.invalid":
        return "The server does not know this owner: name its data folder with --data, or give a facilitator's link."
    return f"The server does not let the facilitator in ({key}): wait a minute, and try again."


def spread(times: "array[float]") -> Spread:
    """Nearest-rank percentiles."""
    if not times:
        return Spread(0, 0.0, 0.0, 0.0, 0.0)
    ordered = sorted(times)

    def rank(share: float) -> float:
        return round(ordered[ceil(share * len(ordered)) - 1], 1)

    return Spread(len(ordered), rank(0.5), rank(0.95), rank(0.99), round(ordered[-1], 1))


def told(findings: Findings) -> str:
    """For people, one line a fact."""
    it = findings
    refusals = ", ".join(f"{key} {number}" for key, number in it.refusals.items()) or "none"
    lines = {
        "People": f"{it.connected} of {it.people} connected; {it.reconnects} reconnects, {it.gaps} gaps",
        "Phases": f"{len(it.phases)} in {it.seconds:g} s: {', '.join(it.phases)}",
        "Ideas": f"{it.posted} posted, {it.edited} edited, {it.withdrawn} withdrawn",
        "Cards": ", ".join(f"{number} {place}" for place, number in it.cards.items()),
        "Ballots": f"{it.ballots}",
        "Seen": _times(it.seen, "from sending an idea to a phone that shows it"),
        "Revealed": _times(it.revealed, "from turning over to a phone that shows the card"),
        "Saved": _times(it.acked, "from sending to the answer"),
        "Late": _times(it.late, "by which this process itself came late"),
        "Refusals": refusals,
        "Lost": f"{it.lost}, doubled {it.doubled}, phones that differ from a fresh one {it.differing}",
    }
    return "\n".join(f"{name + ':':10}{line}" for name, line in lines.items())


def _times(it: Spread, what: str) -> str:
    if not it.count:
        return "nothing measured"
    return f"p50 {it.p50:g} ms, p95 {it.p95:g} ms, p99 {it.p99:g} ms, at most {it.max:g} ms ({it.count} times {what})"
