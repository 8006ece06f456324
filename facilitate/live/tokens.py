"""Who is it: participants' signed tokens, privileged links stored as hashes, and short-lived tokens for a desk."""

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Literal

from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer
from msgspec import Struct

from facilitate.core.actors import Actor, Role, secret_of
from facilitate.core.refused import Refused

LIVE = 300  # seconds in which a desk's or screen's live token may be used to connect, also by a clock that was set back


LinkRole = Literal["owner", "facilitator", "theme", "moderator", "screen"]


class Pass(Struct, frozen=True):
    """By what a desk or screen is open: the hash of its link, and the name of the browser. Empty: by none of them."""

    link: str = ""
    browser: str = ""


class Access(Struct, frozen=True):
    """What a privileged token opens. `session` None: every session (the owner of the house). `link` is its hash."""

    role: LinkRole
    session: str | None
    id: str
    link: str = ""

    @property
    def is_house(self) -> bool:
        """May make sessions, and see all of them."""
        return self.role == "owner" and self.session is None

    @property
    def is_staff(self) -> bool:
        return self.role != "screen"

    @property
    def leads(self) -> bool:
        """Runs the session, and takes its results home; the desks of helpers do neither."""
        return self.role in ("owner", "facilitator")

    def opens(self, session: str) -> bool:
        return self.session is None or self.session == session


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    return secrets.token_urlsafe(24)


NOTHING = ("", "", "", Pass())  # what a live token says that is none


class Tokens:
    """Signs and reads with the server's key. Nothing here is stored."""

    def __init__(self, key: bytes) -> None:
        self.key = key
        self._participant = URLSafeSerializer(key, salt="participant")
        self._live = URLSafeTimedSerializer(key, salt="live")

    def new_participant(self, session: str, nonce: str | None) -> tuple[str, str]:
        """(token, id). The same nonce gives the same person, so a lost welcome makes no ghost."""
        nonce = nonce or secrets.token_urlsafe(18)
        id_ = hmac.digest(self.key, f"id/{session}/{nonce}".encode(), "sha256")[:12]
        secret = hmac.digest(self.key, f"secret/{session}/{nonce}".encode(), "sha256")[:18]
        person = urlsafe_b64encode(id_).decode()
        return self._participant.dumps([session, person, urlsafe_b64encode(secret).decode()]), person

    def participant(self, token: str, session: str, *, named: bool) -> Actor:
        """Refused: `token.invalid`."""
        try:
            of, person, secret = self._participant.loads(token)
        except (BadData, ValueError, TypeError) as error:
            raise Refused("token.invalid") from error
        if of != session:
            raise Refused("token.invalid")
        return Actor("participant", person, urlsafe_b64decode(secret), named=named)

    def live(self, session: str, role: str, id_: str, by: Pass | None = None) -> str:
        return self._live.dumps([session, role, id_, *((by.link, by.browser) if by else ())])

    def privileged(self, token: str, session: str) -> Actor | None:
        """A desk's or screen's live token, or None if it is none, too old, or another session's."""
        of, role, id_, _ = self._read(token, LIVE)
        return self.actor(role, id_) if of == session else None

    def passed(self, token: str) -> Pass:
        """By what a live token was given; an empty one for those of screens, and for what is none."""
        return self._read(token, LIVE)[3]

    def screen_of(self, token: str, session: str) -> str | None:
        """The screen whose live token this was, however long ago; None if it was none of this session's."""
        of, role, id_, _ = self._read(token, None)
        return id_ if of == session and role == "screen" else None

    def _read(self, token: str, age: int | None) -> tuple[str, str, str, Pass]:
        """(session, role, id, by what); empty ones for what is no live token, or older than `age` seconds.

        It counts how far the clock is from then, either way: one that was set back shuts out no desk.
        """
        try:
            (session, role, id_, *by), made = self._live.loads(token, return_timestamp=True)
            fresh = age is None or abs(time.time() - made.timestamp()) <= age
            return (session, role, id_, Pass(*by)) if fresh else NOTHING
        except (BadData, ValueError, TypeError):
            return NOTHING

    def session_of(self, token: str) -> str | None:
        """The session that a participant's token or a live one is of, however old; None if we have not signed it."""
        for signer in (self._participant, self._live):
            try:
                of, *_ = signer.loads(token)
            except (BadData, ValueError, TypeError):
                continue
            return str(of)
        return None

    def actor(self, role: str, id_: str) -> Actor:
        """An owner acts as a facilitator."""
        if role == "screen":
            return Actor("screen", id_)
        acts: Role = "theme" if role == "theme" else "moderator" if role == "moderator" else "facilitator"
        return Actor(acts, id_, secret_of(self.key, "facilitator", id_))
