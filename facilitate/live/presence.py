"""Who is here. Kept in memory alone: phones sleep and wake, and that is nobody's business."""

QUARTER = 15 * 60_000
PASSING = 3000  # who came and went without joining, and is remembered: whoever likes may come as another each time


class Presence:
    def __init__(self) -> None:
        self.connections: dict[str, int] = {}
        self.seen: dict[str, int] = {}
        self.parties: dict[str, str] = {}
        self.passing: dict[str, None] = {}
        self.reached = 0  # people's devices that have come at all, or at least so many

    @property
    def connected(self) -> int:
        return len(self.connections)

    def came(self, person: str, now: int, party: str) -> None:
        """`party` is the tag with which a person's device speaks for several."""
        self.parties[person] = party
        self.connections[person] = self.connections.get(person, 0) + 1
        self.seen[person] = now
        self.passing.pop(person, None)
        self.reached = max(self.reached, len(self.seen))

    def went(self, person: str, now: int, *, known: bool) -> None:
        """`known`: whether this is somebody who has joined."""
        left = self.connections.get(person, 0) - 1
        if left > 0:
            self.connections[person] = left
        else:
            self.connections.pop(person, None)
        self.seen[person] = now
        if not known and left <= 0:
            self.passing[person] = None
            if len(self.passing) > PASSING:
                self._forget(next(iter(self.passing)))

    def _forget(self, person: str) -> None:
        for kept in (self.passing, self.seen, self.parties):
            kept.pop(person, None)

    def here(self, now: int, phase_started: int | None) -> list[str]:
        """Whose phones are connected, or were seen in this phase or in the last quarter of an hour."""
        since = min(now - QUARTER, phase_started if phase_started is not None else now)
        return [person for person, at in self.seen.items() if person in self.connections or at >= since]
