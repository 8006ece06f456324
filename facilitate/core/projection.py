"""What an audience holds: its records, encoded once, in the order of their last change that it could see.

A browser at number `a` gets the records whose last visible change is newer than `a`, in pieces. A piece ends between
two numbers where it can; where one event touched more than fits (a reveal), it ends inside, with the number unchanged,
and the next piece goes on behind the last key. Either way a browser that is cut off asks again from its number.
"""

from collections.abc import Callable, Iterable, Iterator

import msgspec

from facilitate.core.actors import Actor
from facilitate.core.book import Rules
from facilitate.core.state import Key, State
from facilitate.core.view import AUDIENCES, Audience, Record, own, own_ballot, own_idea, view

Look = Callable[[State, Key], Record | None]
Entry = tuple[Key, int, bytes | None]  # None: gone
Mark = tuple[Key, int]  # the last entry of a piece that ends inside a number

_encode = msgspec.json.Encoder().encode


class Projection:
    """`records` maps a key to its JSON; a key that is gone, but was there, maps to None."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.records: dict[Key, bytes | None] = {}
        self.changed: dict[Key, int] = {}  # in the order of change
        self.seq = 0

    def update(self, state: State, keys: Iterable[Key], seq: int, *, again: bool = False) -> bool:
        """Look at these records again; true if any looks different now. `seq` is that of the last event.

        With `again` every record that was ever seen counts as changed: nobody knows what browsers hold of it.
        """
        different = False
        for key in keys:
            record = self.look(state, key)
            data = None if record is None else _encode(record)
            before = self.records.get(key)
            if data == before and not (again and key in self.records):
                continue
            self.records[key] = data
            self.changed.pop(key, None)
            self.changed[key] = seq
            different = True
        if different:
            self.seq = seq
        return different

    def since(self, seq: int, after: Mark | None = None) -> list[Entry]:
        """What changed behind `seq` (and, with `after`, behind that key), oldest first.

        If the key of `after` has changed again meanwhile, it no longer marks the place: then all behind `seq`.
        """
        newer: list[Entry] = []
        for key in reversed(self.changed):
            at = self.changed[key]
            if at <= seq or (key, at) == after:
                break
            newer.append((key, at, self.records[key]))
        newer.reverse()
        return newer

    def all(self) -> Iterator[Entry]:
        """Every record that is there now."""
        for key, at in self.changed.items():
            data = self.records[key]
            if data is not None:
                yield key, at, data


def shared(audience: Audience, rules: Rules) -> Projection:
    """The projection of an audience that many share."""
    return Projection(lambda state, key: view(state, audience, key, rules))


def audiences(rules: Rules) -> dict[Audience, Projection]:
    """Screens see what participants see, and share their projection: nothing is encoded twice."""
    made = {audience: shared(audience, rules) for audience in AUDIENCES}
    return made | {"screens": made["participants"]}


def personal(person: Actor) -> Projection:
    """What one person sees beyond the others. Its keys are `own`, `idea` and `ballot`."""
    looks: dict[str, Callable[[State, Actor, str], Record | None]] = {
        "own": own,
        "idea": own_idea,
        "ballot": own_ballot,
    }
    return Projection(lambda state, key: looks[key[0]](state, person, key[1]))


def personal_keys(state: State, keys: Iterable[Key]) -> Iterator[Key]:
    """Which keys of a personal projection a touched record bears upon."""
    for type_, id_ in keys:
        if type_ == "idea":
            yield "own", id_
            yield "idea", id_
        elif type_ == "ballot":
            yield "ballot", id_.rpartition("/")[0]


def personal_from(state: State, person: Actor) -> Projection:
    """Built when somebody comes (back). Numbers are those of the last change at all: never too old."""
    projection = personal(person)
    keys: list[tuple[int, Key]] = []
    for idea in state.ideas.values():
        if idea.source == "phone" and person.wrote(idea.author, idea.id):
            at = state.touched.get(("idea", idea.id), state.seq)
            keys += [(at, ("own", idea.id)), (at, ("idea", idea.id))]
    for round_ in state.rounds.values():
        voter = person.id if round_.named else person.tag(round_.id)
        id_ = f"{round_.id}/{voter}"
        if id_ in state.ballots:
            keys.append((state.touched.get(("ballot", id_), state.seq), ("ballot", round_.id)))
    for at, key in sorted(keys):
        projection.update(state, [key], at)
        if key not in projection.records and not (key[0] == "idea" and state.ideas[key[1]].is_visible):
            projection.records[key] = None  # it may still lie on the phone from before
            projection.changed[key] = at
    projection.seq = max(projection.changed.values(), default=0)
    return projection
