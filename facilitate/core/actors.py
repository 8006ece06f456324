"""Who acts. A participant's secret proves what is theirs without the store's knowing whose it is."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Literal

Role = Literal["participant", "facilitator", "theme", "moderator", "screen", "clock"]
STAFF: tuple[Role, ...] = ("facilitator", "theme", "moderator")  # they work at a desk: see `core/roles.py`


@dataclass(frozen=True, slots=True)
class Actor:
    """`secret` never enters the store. `named` actors sign with their id, all others with tags."""

    role: Role
    id: str
    secret: bytes = b""
    named: bool = False

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF

    def tag(self, thing: str) -> str:
        """HMAC-SHA256(secret, thing), 128 bits: proves authorship of one thing, links no two things."""
        return urlsafe_b64encode(hmac.digest(self.secret, thing.encode(), "sha256")[:16]).decode().rstrip("=")

    def signs(self, thing: str) -> str:
        """What stands as `by` in the log for a command that makes `thing`."""
        if self.role == "clock":
            return "clock"
        if self.is_staff:
            return f"{self.role}:{self.id}"
        return self.id if self.named else self.tag(thing)

    def wrote(self, author: str, thing: str) -> bool:
        return author == self.id if self.named else hmac.compare_digest(author, self.tag(thing))

    def print_of(self, content: bytes) -> str:
        """A keyed fingerprint of a command, to tell a repeat from another use of the same id."""
        return urlsafe_b64encode(hmac.digest(self.secret or b"clock", content, "sha256")[:9]).decode()


CLOCK = Actor("clock", "clock")


def secret_of(key: bytes, *parts: str) -> bytes:
    """A secret derived from the server's signing key; the same parts give the same secret."""
    return hashlib.blake2b("\x00".join(parts).encode(), key=key[:64], digest_size=32).digest()


def is_facilitators(by: str) -> bool:
    """Whether a command came from a desk, of a facilitator or of a helper: no tag and no id holds a colon."""
    return by.partition(":")[0] in STAFF and ":" in by
