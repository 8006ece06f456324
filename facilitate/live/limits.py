"""How often: commands per person and per session, wrong codes and tokens per address and in all.

Nothing that is right is slowed by its address before far more has come from it than from a whole hall, which is one.
"""

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address

from msgspec import Struct

from facilitate.core.refused import Refused
from facilitate.live.clock import Clock

ADDRESSES = 10_000  # remembered at most
VISITS = 50_000  # of an address to a session, remembered at most
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
    """What a server takes: commands of one person, by role, and of one session's people in all; connections to it.

    Of connections each of those who belong has a share alone; only strangers have one together.
    """

    participant: Rate = Rate(10, 40)
    facilitator: Rate = Rate(50, 200)
    screen: Rate = Rate(1, 5)
    session: Rate = Rate(2000, 4000)  # twenty times what a thousand people write, and all their ballots at once
    coming: Rate = Rate(2, 40)  # connections of one person who has joined, or one desk's link
    connections: Rate = Rate(300, 1500)  # of all who are new to a session
    newcomers: Rate = Rate(20, 3000)  # ... and of these of one address: a thousand who all come again, and again
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


class Shares:
    """A bucket for each address; the ones that were used last are remembered."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, address: str, now: int) -> float:
        """0 if there was one for this address, else the seconds until there will be."""
        key = network(address)
        bucket = self._buckets.pop(key, None) or Bucket(self.rate.a_second, self.rate.at_once)
        self._buckets[key] = bucket
        if len(self._buckets) > ADDRESSES:
            self._buckets.popitem(last=False)
        return bucket.take(now)


def network(address: str) -> str:
    """What somebody has an address in: of the newer ones everybody has more than could be counted, one by one."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or int(ip) >> 64)
    return str(ip)


def is_own(address: str) -> bool:
    """This machine's own: a proxy beside us that does not say for whom it asks, and so it may be everybody."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return not address


class Limits:
    """Wrong codes and tokens: 20 a minute and address, 600 a minute in all. Right codes: 30 different ones a minute.

    The second is what guessing looks like; those who come to one session, be they thousands, are not counted there.
    """

    def __init__(self, clock: Clock, per_address: int = 20, in_all: int = 600, different: int = 30) -> None:
        self.clock = clock
        self._addresses = Shares(Rate(per_address / 60, per_address))
        self._all = Bucket(in_all / 60, in_all)

        self._different = Shares(Rate(different / 60, different))
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def visit(self, address: str, session: str) -> None:
        """Somebody comes by the code alone; `Refused` with `rate.slow-down` where too many others were tried before."""
        if is_own(address):
            return
        visited = network(address), session
        if visited in self._known:
            self._known.move_to_end(visited)
            return
        if wait := self._different.take(address, self.clock.now()):
            raise Refused("rate.slow-down", retry=round(wait + 0.5, 1), s=round(wait + 0.5))
        self._known[visited] = None
        if len(self._known) > VISITS:
            self._known.popitem(last=False)

    def wrong(self, address: str) -> None:
        """Count a wrong one; `Refused` with `rate.slow-down` where there were too many."""
        now = self.clock.now()
        wait = max(self._addresses.take(address, now), self._all.take(now))
        if wait:
            raise Refused("rate.slow-down", retry=round(wait + 0.5, 1), s=round(wait + 0.5))
