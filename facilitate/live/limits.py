"""How often: commands per person and per session, wrong codes and tokens per address and in all.

Nothing that is right is ever slowed by its address: a whole hall is one.
"""

from collections import OrderedDict

from msgspec import Struct

from facilitate.core.refused import Refused
from facilitate.live.clock import Clock

ADDRESSES = 10_000  # remembered at most
MOST = 1e9


class Rate(Struct, frozen=True):
    """So many a second on and on, and so many at once."""

    a_second: float
    at_once: float

    @classmethod
    def read(cls, text: str) -> "Rate":
        """`10/40`: ten a second, forty at once. Raises ValueError."""
        a_second, border, at_once = text.partition("/")
        rate = cls(float(a_second), float(at_once))
        if not border or not 0 < rate.a_second < MOST or not 1 <= rate.at_once < MOST:
            raise ValueError(text)
        return rate

    def __str__(self) -> str:
        return f"{self.a_second:g}/{self.at_once:g}"


class Rates(Struct, frozen=True, kw_only=True):
    """What a server takes: commands of one person, by role, and of one session's people in all; connections to it."""

    participant: Rate = Rate(10, 40)
    facilitator: Rate = Rate(50, 200)
    screen: Rate = Rate(1, 5)
    session: Rate = Rate(2000, 4000)  # twenty times what a thousand people write, and all their ballots at once
    connections: Rate = Rate(300, 1500)
    questions: Rate = Rate(0.5, 5)  # suggestions that one desk asks for: each keeps a core busy for seconds
    hints: Rate = Rate(4, 10)  # word hints that one desk asks for, a hundred cards a question


class Bucket:
    """A token bucket: `burst` at once, `rate` a second on and on."""

    __slots__ = ("burst", "last", "rate", "tokens")

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self.tokens = burst
        self.last = 0

    def take(self, now: int) -> float:
        """0 if there was a token, else the seconds until there will be one."""
        self.tokens = min(self.burst, self.tokens + max(0, now - self.last) * self.rate / 1000)
        self.last = now
        if self.tokens >= 1:
            self.tokens -= 1
            return 0
        return (1 - self.tokens) / self.rate


class Limits:
    """Wrong codes and tokens: 20 a minute and address, 600 a minute in all."""

    def __init__(self, clock: Clock, per_address: int = 20, in_all: int = 600) -> None:
        self.clock = clock
        self.per_address = per_address
        self._addresses: OrderedDict[str, Bucket] = OrderedDict()
        self._all = Bucket(in_all / 60, in_all)

    def wrong(self, address: str) -> None:
        """Count a wrong one; `Refused` with `rate.slow-down` where there were too many."""
        now = self.clock.now()
        bucket = self._addresses.pop(address, None) or Bucket(self.per_address / 60, self.per_address)
        self._addresses[address] = bucket
        if len(self._addresses) > ADDRESSES:
            self._addresses.popitem(last=False)
        wait = max(bucket.take(now), self._all.take(now))
        if wait:
            raise Refused("rate.slow-down", retry=round(wait + 0.5, 1), s=round(wait + 0.5))
