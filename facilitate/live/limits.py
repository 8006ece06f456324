"""How often: commands per person, wrong codes and tokens per address and in all. Right ones are never slowed."""

from collections import OrderedDict

from facilitate.core.refused import Refused
from facilitate.live.clock import Clock

ADDRESSES = 10_000  # remembered at most


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

    def is_empty(self, now: int) -> float:
        """Like `take`, but takes nothing."""
        tokens = min(self.burst, self.tokens + max(0, now - self.last) * self.rate / 1000)
        return 0 if tokens >= 1 else (1 - tokens) / self.rate


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
