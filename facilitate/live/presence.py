"""Who is here. Kept in memory alone: phones sleep and wake, and that is nobody's business."""

QUARTER = 15 * 60_000


class Presence:
    def __init__(self) -> None:
        self.connections: dict[str, int] = {}
        self.seen: dict[str, int] = {}
        self.parties: dict[str, str] = {}

    @property
    def reached(self) -> int:
        """How many people's devices have come at all."""
        return len(self.seen)

    @property
    def connected(self) -> int:
        return len(self.connections)

    def came(self, person: str, now: int, party: str) -> None:
        """`party` is the tag with which a person's device speaks for several."""
        self.parties[person] = party
        self.connections[person] = self.connections.get(person, 0) + 1
        self.seen[person] = now

    def went(self, person: str, now: int) -> None:
        left = self.connections.get(person, 0) - 1
        if left > 0:
            self.connections[person] = left
        else:
            self.connections.pop(person, None)
        self.seen[person] = now

    def here(self, now: int, phase_started: int | None) -> list[str]:
        """Whose phones are connected, or were seen in this phase or in the last quarter of an hour."""
        since = min(now - QUARTER, phase_started if phase_started is not None else now)
        return [person for person, at in self.seen.items() if person in self.connections or at >= since]
