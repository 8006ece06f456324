"""The lobby: all sessions of this server by their codes, who may enter, and new ones."""

import asyncio
import hmac
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Annotated, Any

import msgspec
from msgspec import Struct, to_builtins

from facilitate.core import text as words
from facilitate.core.actors import CLOCK, Actor
from facilitate.core.book import Decision, Rules
from facilitate.core.copies import all_copies, copies
from facilitate.core.decide import evolve, numbered, replay
from facilitate.core.door import is_open
from facilitate.core.events import kind_of
from facilitate.core.formats import AttributePlan, Begin, ColumnPlan, Format, FormatMistake, Names, Texts, read
from facilitate.core.refused import Refused
from facilitate.core.sessions import DeleteSession, SessionCreated, SessionDeleted
from facilitate.core.state import State
from facilitate.languages import timezones
from facilitate.live.almanac import DAY, Almanac, Doubt
from facilitate.live.clock import Clock
from facilitate.live.limits import Limits
from facilitate.live.runner import Runner
from facilitate.live.tokens import Access, LinkRole, Pass, Tokens, hashed, new_token
from facilitate.live.writer import Writer
from facilitate.store import Append, Entry, Token

ALPHABET = "234679ACDEFGHJKMNPQRTUVWXY"  # no look-alikes: 0 O, 1 I L, 5 S, 8 B, 2 Z
CODE = 6
MOST = 20_000  # people in one session
LINKED = "link-"  # begins the id of a screen that was opened by a link, not by the code that everybody knows
LONGEST = 2000  # characters of a token that was signed here
DELETED = kind_of(SessionDeleted)
AGAIN = 30.0  # seconds until what could not be deleted is tried again
JUST = 0.1  # seconds between two readings of the list, however many wrong codes come

logger = logging.getLogger("facilitate")


class PhaseWish(Struct, frozen=True, forbid_unknown_fields=True):
    """What a planned phase says differently from its format; all of it, with an activity, of one that is added."""

    title: Texts | None = None
    prompt: Texts | None = None
    guide: Texts | None = None
    minutes: float | None = None  # 0: no time limit
    settings: dict[str, Any] | None = None
    activity: str | None = None
    board: str | None = None
    stage: str | None = None
    begin: Begin | None = None


class BoardWish(Struct, frozen=True, forbid_unknown_fields=True):
    """What a board has instead of its format's: a title, columns; none of these at all where they are empty."""

    columns: tuple[ColumnPlan, ...] | None = None
    title: Texts | None = None


class NewSession(Struct, frozen=True, forbid_unknown_fields=True):
    """A wish for a session; everything but the format may be left to the format."""

    format: str
    title: Texts | None = None
    languages: tuple[str, ...] | None = None
    names: Names | None = None
    delete_after: int | None = None  # days
    operator: str = ""
    imprint: str = ""
    privacy: str = ""
    filmed: bool = False
    capacity: Annotated[int, msgspec.Meta(ge=1, le=MOST)] = 1000  # people
    attributes: tuple[AttributePlan, ...] | None = None  # what people are asked when they join
    boards: dict[str, BoardWish] = {}
    phases: dict[str, PhaseWish] = {}
    agenda: tuple[str, ...] | None = None  # the ids of all phases that there shall be, in order
    timezone: str = ""  # by its IANA name; "": the house's


class Created(Struct, frozen=True):
    id: str
    code: str
    title: Texts
    tokens: dict[str, str]


class Lobby:
    """`formats` are what new sessions are made from; `public_url` is what the QR carries."""

    def __init__(
        self,
        *,
        writer: Writer,
        clock: Clock,
        rules: Rules,
        formats: Mapping[str, Format],
        key: bytes,
        owner_token: Callable[[], str],
        public_url: str,
        almanac: Almanac | None = None,
    ) -> None:
        self.writer = writer
        self.clock = clock
        self.almanac = almanac or Almanac()
        self.rules = rules
        self.formats = dict(formats)
        self.tokens = Tokens(key)
        self.owner_token = owner_token
        self.public_url = public_url.rstrip("/")
        self.limits = Limits(clock)
        self.removed: Callable[[str], None] = lambda session: None
        self.opened: Callable[[str, str], int] = lambda session, id_: 0  # desks that a link holds open
        self.withdrawn: Callable[[], None] = lambda: None  # something that `stands` told of stands no more
        self._entries: dict[str, Entry] = {}  # by code
        self._tokens: dict[str, Token] = {}  # by hash
        self._owner = ""  # the hash of the owner's token, as it was last seen
        self._out: set[str] = set()  # names of browsers that signed out: who comes back has a new one
        self._runners: dict[str, asyncio.Future[Runner]] = {}  # by session
        self._unreadable: set[str] = set()  # sessions
        self._over: set[str] = set()  # sessions that were over when time was last looked at
        self._gone: set[str] = set()  # those that were so by a date that is believed: a clock that goes back or not
        self._reading = asyncio.Lock()
        self._read_at = 0.0
        self._time: asyncio.Task[None] | None = None

    async def start(self, *, beside: bool = False) -> None:
        """Opens the store (raises `Damaged`) and lets time pass, unless it is `beside` a server, which does that."""
        await self.writer.start()
        await self.writer.call(lambda store: store.renew(lambda log: all_copies(replay(log), self.rules)))
        await self._read()
        if not beside:
            if self.almanac.known is None:
                latest: int | None = await self.writer.call(lambda store: store.latest())
                self.almanac.begin(latest or self.clock.now())
            self._time = asyncio.create_task(self._pass_time())

    async def stop(self) -> None:
        if self._time is not None:
            self._time.cancel()
            with suppress(asyncio.CancelledError):
                await self._time
        for runner in self.runners():
            await runner.settle()
        await self.writer.close()

    async def ready(self) -> None:
        """Raises if the store does not answer."""
        await self.writer.call(lambda store: store.check())

    # --- sessions

    def entries(self) -> list[Entry]:
        """The sessions, newest first; those that run as they are now, but for what can't be read to its end."""
        entries = []
        for entry in self._entries.values():
            if self._is_over(entry):
                continue
            runner = self.running(entry.id)
            if runner is not None and not runner.read_only:
                session = runner.state.session
                title = next(iter(session.title.values()), "")
                entry = msgspec.structs.replace(
                    entry, state=session.state, title=title, ended=session.ended, delete_at=session.delete_at
                )
            entries.append(entry)
        return sorted(entries, key=lambda entry: entry.created if isinstance(entry.created, int) else 0, reverse=True)

    def is_unreadable(self, session: str) -> bool:
        """Whether it was asked for, and could not be read at all."""
        return session in self._unreadable

    def _delete_at(self, entry: Entry) -> int | None:
        runner = self.running(entry.id)
        return entry.delete_at if runner is None or runner.read_only else runner.state.session.delete_at

    def _is_over(self, entry: Entry) -> bool:
        """From the promised moment on nobody comes in, whether or not it has been deleted yet."""
        delete_at = self._delete_at(entry)
        return entry.id in self._gone or (isinstance(delete_at, int) and delete_at <= self.clock.now())

    def runners(self) -> list[Runner]:
        return [
            future.result()
            for future in self._runners.values()
            if future.done() and not future.cancelled() and future.exception() is None
        ]

    def running(self, session: str) -> Runner | None:
        future = self._runners.get(session)
        if future is None or not future.done() or future.cancelled() or future.exception() is not None:
            return None
        return future.result()

    async def find(self, code: str, address: str = "") -> Runner:
        """The session with this code in any spelling. Wrong ones are counted, right ones never slowed."""
        plain = spelled(code)
        entry = self._entries.get(plain)
        if entry is None and len(plain) == CODE:
            await self._read_again()  # another process may have made it
            entry = self._entries.get(plain)
        if entry is None:
            self.limits.wrong(address)
            raise Refused("session.unknown")
        runner = None if self._is_over(entry) else await self._load(entry.id)
        if runner is None or self._is_over(entry):
            raise Refused("session.over", retry=60.0)
        return runner

    async def _read(self) -> None:
        """Read the list of sessions and tokens, unless that was just now."""
        async with self._reading:
            now = time.monotonic()
            if self._read_at and now - self._read_at < JUST:
                return
            self._read_at = now
            entries, tokens = await self.writer.call(lambda store: (store.sessions(), store.tokens()))
            self._entries = {entry.code: entry for entry in entries if entry.code}
            self._tokens = {token.hash: token for token in tokens}

    async def _read_again(self) -> None:
        """The list as it is after this call began: who asks for a new code waits a moment rather than in vain."""
        await asyncio.sleep(max(0.0, self._read_at + JUST - time.monotonic()))
        await self._read()

    async def _load(self, session: str) -> Runner:
        future = self._runners.get(session)
        if future is None:
            future = self._runners[session] = asyncio.ensure_future(self._start(session))
            future.add_done_callback(lambda done: self._forget(session, done))
        return await asyncio.shield(future)

    async def _start(self, session: str) -> Runner:
        """Refused: `session.unreadable`, whatever is wrong with it: nothing of one session harms the others."""
        runner = Runner(session, self.rules, self.writer, self.clock)
        try:
            await runner.load()
        except Exception as error:
            if session not in self._unreadable:
                logger.exception("session %s cannot be read; it is left as it is", session)
            self._unreadable.add(session)
            raise Refused("session.unreadable") from error
        if not runner.state.tables["session"]:
            self._unreadable.add(session)
            raise Refused("session.unknown")
        self._unreadable.discard(session)
        return runner

    def _forget(self, session: str, done: "asyncio.Future[Runner]") -> None:
        if done.cancelled() or done.exception() is not None:
            self._runners.pop(session, None)

    async def create(self, wish: NewSession) -> Created:
        """A new session on disk. Raises `Refused` or `FormatMistake`."""
        format_ = self.wished(wish)
        if wish.timezone and wish.timezone not in timezones():
            raise Refused("timezone.unknown", zone=self.rules.timezone)
        await self._read()
        code = self._new_code()
        session = secrets.token_hex(12)
        now = self.clock.now()
        fact = SessionCreated(
            session=session,
            code=code,
            at=now,
            format=wish.format,
            title=format_.title,
            languages=format_.languages,
            names=format_.names,
            delete_after=format_.delete_after,
            boards=format_.boards,
            phases=format_.phases,
            attributes=format_.attributes,
            operator=words.clean(wish.operator, words.TITLE),
            imprint=_link(wish.imprint),
            privacy=_link(wish.privacy),
            filmed=wish.filmed,
            capacity=wish.capacity,
            timezone=wish.timezone or self.rules.timezone,
        )
        state = State()
        command = DeleteSession(id=f"create-{session}"[:40])
        events = numbered(session, 0, Decision([fact]), command, CLOCK, now)
        keys = set().union(*(evolve(state, event) for event in events))
        rows = copies(state, keys, self.rules)
        await self.writer.append(Append(session=session, expected=0, events=tuple(events), copies=tuple(rows)))
        self._entries[code] = Entry(
            id=session,
            code=code,
            title=next(iter(format_.title.values()), ""),
            state="planned",
            created=now,
            delete_at=state.session.delete_at,
            timezone=state.session.timezone,
        )
        tokens = {
            "facilitator": await self.issue(session, "facilitator"),
            "screen": await self.issue(session, "screen"),
        }
        return Created(session, code, format_.title, tokens)

    def wished(self, wish: NewSession) -> Format:
        """The format with the wishes written over it, checked as strictly as the file. Raises `FormatMistake`."""
        found = self.formats.get(wish.format)
        if found is None:
            raise Refused("format.unknown")
        languages = tuple(wish.languages or found.languages)
        data = _plain(to_builtins(found))
        del data["id"]
        data |= {"languages": list(languages), "names": wish.names or found.names}
        if wish.delete_after is not None:
            data["delete_after"] = wish.delete_after
        if wish.attributes is not None:
            data["attributes"] = _plain(to_builtins(wish.attributes))
        if wish.title:
            data["title"] = {**data["title"], **_cleaned(wish.title, words.TITLE)}
        for board in data["boards"]:
            wished = wish.boards.get(board["id"], BoardWish())
            if wished.title:
                board["title"] = {**board["title"], **_cleaned(wished.title, words.TITLE)}
            if wished.columns is not None:
                board["columns"] = [{"id": it.id, "title": _cleaned(it.title, words.TITLE)} for it in wished.columns]
        if wish.agenda is not None:
            planned = {phase["id"]: phase for phase in data["phases"]}
            data["phases"] = [planned.get(id_) or _added(id_, wish) for id_ in wish.agenda]
        for phase in data["phases"]:
            over = wish.phases.get(phase["id"])
            if over is None:
                continue
            for key in ("activity", "board", "stage", "begin"):
                if (value := getattr(over, key)) is not None:
                    phase[key] = value
            for field, limit in (("title", words.TITLE), ("prompt", words.IDEA), ("guide", words.NOTE)):
                texts = getattr(over, field)
                if texts is not None:
                    phase[field] = {**phase.get(field, {}), **_cleaned(texts, limit)}
            if over.minutes == 0:
                phase.pop("minutes", None)
            elif over.minutes is not None:
                phase["minutes"] = over.minutes
            if over.settings:
                phase["settings"] = {**phase.get("settings", {}), **over.settings}
        data = _only(data, languages, frozenset(found.languages) | set(languages))
        return read(wish.format, data, self.rules.activities, self.rules.methods)

    def _new_code(self) -> str:
        while True:
            code = "".join(secrets.choice(ALPHABET) for _ in range(CODE))
            if code not in self._entries:
                return code

    async def delete(self, session: str) -> None:
        """Everything of a session goes for good, also of one that can't be read; its code is free again."""
        seq = 0
        if session in self._runners:
            with suppress(Refused):
                runner = await self._load(session)
                runner.read_only = "session.unknown"
                await runner.settle()
                seq = runner.state.seq
        command = DeleteSession(id=f"delete-{session}"[:40])
        event = numbered(session, seq, Decision([SessionDeleted()]), command, CLOCK, self.clock.now())[0]
        await self.writer.call(lambda store: store.delete(session, event))
        self._entries = {code: entry for code, entry in self._entries.items() if entry.id != session}
        self._runners.pop(session, None)
        self._unreadable.discard(session)
        self.removed(session)

    async def was_deleted(self, token: Any, code: str = "") -> bool:
        """Whether this was a token of a session that was deleted here, for good. Nothing less makes a device forget:
        an unknown code may be a mistake, of a wrong server or of one that has another folder for a moment."""
        session = self.tokens.session_of(token) if isinstance(token, str) and len(token) < LONGEST else None
        entry = self._entries.get(spelled(code))
        if session is None or (entry is not None and entry.id == session):
            return False
        if any(entry.id == session for entry in self._entries.values()):
            return False  # it is there under another code; its log may be long
        return await self.writer.call(lambda store: any(event.kind == DELETED for event in store.read(session)))

    async def _pass_time(self) -> None:
        tried = -AGAIN
        while True:
            await asyncio.sleep(1)
            self.writer.tidy()
            with suppress(OSError):  # whoever asks for something meanwhile is told
                self._owner_now()
            for runner in self.runners():
                try:
                    await runner.tick()
                except Exception:
                    logger.exception("session %s: time stands still", runner.session)
            self._let_go()
            if self._gone and time.monotonic() - tried >= AGAIN:
                tried = time.monotonic()
                await self.delete_due()

    def _let_go(self) -> None:
        """Whose session is over is disconnected at once; it is deleted where the date is believed."""
        over = {entry.id for entry in self._entries.values() if self._is_over(entry)}
        for session in over - self._over:
            self.removed(session)
        self._over = over
        if self.almanac.look(self.clock.now()):
            self._gone = over

    async def delete_due(self) -> None:
        """Delete the sessions whose promised time is over."""
        for entry in [entry for entry in self._entries.values() if self._is_over(entry)]:
            try:
                await self.delete(entry.id)
            except Exception:
                logger.exception("session %s could not be deleted; it is tried again in a minute", entry.id)

    def doubt(self) -> tuple[Doubt, int] | None:
        """A date that nothing is deleted by yet, and how many sessions would be."""
        doubt = self.almanac.doubt(self.clock.now())
        over = sum(self._is_over(entry) for entry in self._entries.values())
        return (doubt, over) if doubt is not None and over else None

    async def confirm_date(self, now: int) -> None:
        """Somebody says that this date is right: what is over by it is deleted. Refused: `clock.moved` if it is not
        the date that they were shown."""
        if abs(self.clock.now() - now) > DAY:
            raise Refused("clock.moved")
        self.almanac.confirm(self.clock.now())
        await self.delete_due()

    # --- who may enter

    def access(self, token: str) -> Access | None:
        """What a privileged token opens; None if it opens nothing (any more)."""
        if not token or len(token) > 200:
            return None
        link = hashed(token)
        if hmac.compare_digest(link, self._owner_now()):
            return Access("owner", None, "owner", link)
        found = self._tokens.get(link)
        if found is None or found.revoked is not None:
            return None
        return Access(found.role, found.session, found.id, link)

    def _owner_now(self) -> str:
        """The hash of the owner's token. Another process may have renewed it: what the old one opened ends at once."""
        owner = hashed(self.owner_token())
        if owner != self._owner:
            self._owner = owner
            self.withdrawn()
        return owner

    def stands(self, by: Pass) -> bool:
        """Whether what was opened by this may stay open: its link opens something, its browser has not signed out."""
        if self.is_out(by.browser):
            return False
        found = self._tokens.get(by.link)
        return by.link in ("", self._owner) or (found is not None and found.revoked is None)

    def sign_out(self, browser: str) -> None:
        """What a browser holds open ends at once, in all of its tabs."""
        self._out.add(browser)
        self.withdrawn()

    def is_out(self, browser: str) -> bool:
        return browser in self._out

    async def look_up(self, token: str) -> Access | None:
        """Like `access`, for a token that comes for the first time: another process may have issued it."""
        access = self.access(token)
        if access is None and 0 < len(token) <= 200:
            await self._read_again()
            access = self.access(token)
        return access

    def is_withdrawn(self, token: str) -> bool:
        """Whether it opened something once, and was taken back."""
        found = self._tokens.get(hashed(token)) if 0 < len(token) <= 200 else None
        return found is not None and found.revoked is not None

    async def issue(self, session: str | None, role: LinkRole) -> str:
        """A new privileged token. It is told once; the store keeps its hash."""
        plain = new_token()
        token = Token(hash=hashed(plain), id=secrets.token_hex(4), role=role, session=session, created=self.clock.now())
        await self.writer.call(lambda store: store.put_token(token))
        self._tokens[token.hash] = token
        return plain

    def links(self, session: str) -> list[Token]:
        """The links to a session's desk that open it today, oldest first."""
        tokens = (token for token in self._tokens.values() if token.session == session and token.role != "screen")
        return sorted((token for token in tokens if token.revoked is None), key=lambda token: (token.created, token.id))

    async def withdraw(self, session: str, id_: str) -> None:
        """A link opens nothing any more, and what it had opened ends at once. Refused: `token.invalid`."""
        token = next((token for token in self.links(session) if token.id == id_), None)
        if token is None:
            raise Refused("token.invalid")
        gone = msgspec.structs.replace(token, revoked=self.clock.now())
        await self.writer.call(lambda store: store.put_token(gone))
        self._tokens[gone.hash] = gone
        self.withdrawn()

    def live_token(self, access: Access, session: str, browser: str = "") -> str:
        """For the Socket.IO connect of a desk or screen, within the next minutes, as long as its link stands."""
        return self.tokens.live(session, access.role, access.id, Pass(access.link, browser))

    def screen_token(self, session: str, kept: str | None = None, *, by_link: bool = False) -> str:
        """For a screen: it sees no more than participants do. With `kept`, what it had before, it stays the same."""
        was = (self.tokens.screen_of(kept, session) if kept else None) or secrets.token_hex(4)
        return self.tokens.live(session, "screen", LINKED + was.removeprefix(LINKED) if by_link else was)

    def check_screen(self, runner: Runner, kept: str | None, accesses: Iterable[Access]) -> None:
        """By the code alone a screen opens only while the door is open; else by a link, or if it was open before.

        Refused: `door.closed`, `session.ended`.
        """
        session = runner.state.session
        by_link = any(access.opens(session.id) for access in accesses)
        if not is_open(runner.state) and not by_link and not (kept and self.tokens.screen_of(kept, session.id)):
            raise Refused("session.ended" if session.state == "ended" else "door.closed")

    def actor(
        self, runner: Runner, token: str | None, nonce: str | None, address: str
    ) -> tuple[Actor, str | None, Pass]:
        """Who connects, and by what; for participants also the token to keep. Refused: `token.invalid`, `.revoked`."""
        session = runner.state.session
        named = session.names != "none"
        if token is None:
            token, _ = self.tokens.new_participant(session.id, nonce)
            return self.tokens.participant(token, session.id, named=named), token, Pass()
        access = self.access(token)
        actor, by = self.tokens.privileged(token, session.id), self.tokens.passed(token)
        if self.is_withdrawn(token) or (actor is not None and not self._carries(by, actor)):
            raise Refused("token.revoked")
        if actor is not None:
            return actor, None, by
        if access is not None and access.opens(session.id):
            id_ = f"{LINKED}{access.id}" if access.role == "screen" else access.id
            return self.tokens.actor(access.role, id_), None, Pass(access.link)
        try:
            return self.tokens.participant(token, session.id, named=named), token, Pass()
        except Refused:
            self.limits.wrong(address)
            raise

    def _carries(self, by: Pass, actor: Actor) -> bool:
        """Whether a live token still opens: it must not outlive the link that it was made of. A desk's has one."""
        self._owner_now()
        return self.stands(by) and (bool(by.link) or not actor.is_staff)

    def join_url(self, code: str) -> str:
        return f"{self.public_url}/J/{code}"


def spelled(code: str) -> str:
    """A code as it is kept: case, spaces, dashes do not matter."""
    return "".join(sign for sign in code[:40].upper() if sign.isalnum())


def _link(url: str) -> str:
    url = words.clean(url, words.IDEA)
    if url and not words.is_link(url):
        raise Refused("command.malformed")
    return url


def _added(id_: str, wish: NewSession) -> dict[str, Any]:
    """A phase that the format does not have."""
    if id_ not in wish.phases or wish.phases[id_].activity is None:
        raise FormatMistake(f"{wish.format}.toml", id_, "agenda", "is no phase of this format and says no activity")
    return {"id": id_}


def _cleaned(texts: Texts, limit: int) -> Texts:
    lines = limit != words.TITLE
    what = "text" if lines else "title"
    return {language: words.clean(text, limit, lines=lines, what=what) for language, text in texts.items()}


def _plain(data: Any) -> Any:
    """Without the None's, which a TOML file cannot say."""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items() if value is not None}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    return data


def _only(data: Any, languages: tuple[str, ...], known: frozenset[str]) -> Any:
    """Maps from languages to texts, wherever they stand, reduced to these languages."""
    if isinstance(data, dict):
        if data and known >= data.keys() and all(isinstance(text, str) for text in data.values()):
            return {language: text for language, text in data.items() if language in languages}
        return {key: _only(value, languages, known) for key, value in data.items()}
    if isinstance(data, list):
        return [_only(value, languages, known) for value in data]
    return data
