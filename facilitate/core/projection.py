"""What an audience holds: its records, encoded once, in the order of their last change that it could see.

A browser at number `a` gets the records whose last visible change is newer than `a`, in pieces. A piece ends between
two numbers where it can; where one event touched more than fits (a reveal), it ends inside, with the number unchanged,
and the next piece goes on behind the last key. Either way a browser that is cut off asks again from its number.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct

from facilitate.core.actors import Actor
from facilitate.core.book import Rules
from facilitate.core.comments import plus_tag
from facilitate.core.people import party_of
from facilitate.core.rounds import ballot_id
from facilitate.core.seats import PREFIX, may_see, moved_at
from facilitate.core.state import State
from facilitate.core.tables import Key
from facilitate.core.view import (
    AUDIENCES,
    Audience,
    Record,
    own,
    own_answer,
    own_ballot,
    own_comment,
    own_hand,
    own_idea,
    own_mute,
    own_place,
    own_plus,
    own_ready,
    own_seat,
    view,
)

Look = Callable[[State, Key], Record | None]
Seen = tuple[Key, bytes | None]  # None: not there, or not for this audience
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
        return self.put(self.looked(state, keys), seq, again=again)

    def looked(self, state: State, keys: Iterable[Key]) -> list[Seen]:
        """What these records look like in a state that need not be the one that is held."""
        records = ((key, self.look(state, key)) for key in keys)
        return [(key, None if record is None else _encode(record)) for key, record in records]

    def put(self, looked: Iterable[Seen], seq: int, *, again: bool = False) -> bool:
        different = False
        for key, data in looked:
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

    def ahead(self, looked: Iterable[Seen], seq: int) -> "Projection":
        """What this will be with what was looked at; until it follows, it stays as it is."""
        then = Projection(self.look)
        then.records, then.changed, then.seq = dict(self.records), dict(self.changed), self.seq
        then.put(looked, seq)
        return then

    def follow(self, then: "Projection") -> None:
        self.records, self.changed, self.seq = then.records, then.changed, then.seq

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

    def holds(self, key: Key) -> bytes | None:
        return self.records.get(key)

    def all(self) -> Iterator[Entry]:
        """Every record that is there now."""
        for key, at in self.changed.items():
            data = self.records[key]
            if data is not None:
                yield key, at, data


def shared(audience: Audience, rules: Rules) -> Projection:
    """The projection of an audience that many share."""
    return Projection(lambda state, key: view(state, audience, key, rules))


class Together:
    """What a group's members hold beside what is theirs alone: what all participants see, and what the group sees."""

    def __init__(self, common: Projection, inner: Projection) -> None:
        self.common = common
        self.inner = inner

    @property
    def seq(self) -> int:
        return max(self.common.seq, self.inner.seq)

    def holds(self, key: Key) -> bytes | None:
        return self.common.holds(key) or self.inner.holds(key)

    def since(self, seq: int, after: Mark | None = None) -> list[Entry]:
        """As of one projection; what is shown to one half and taken from the other is not lost between them."""
        entries: list[Entry] = []
        for half, other in ((self.common, self.inner), (self.inner, self.common)):
            entries += [entry for entry in half.since(seq) if entry[2] is not None or other.holds(entry[0]) is None]
        entries.sort(key=lambda entry: entry[1])  # what one number did stays together
        marks = [entry[:2] for entry in entries]
        return entries[marks.index(after) + 1 :] if after in marks else entries

    def all(self) -> Iterator[Entry]:
        yield from self.common.all()
        yield from self.inner.all()


class Projections(dict[Audience, Projection]):
    """Those that many share, by audience, and those of groups, which are made as there are groups."""

    def __init__(self, rules: Rules) -> None:
        made = {audience: shared(audience, rules) for audience in AUDIENCES}
        super().__init__(made | {"screens": made["participants"], "outside": shared("outside", rules)})
        self.rules = rules
        self.groups: dict[Audience, Projection] = {}
        self._holders: dict[Key, set[Audience]] = {}

    def take(self, state: State, keys: Collection[Key], seq: int, *, again: bool = False) -> None:
        """Look at these records again, for everybody. As `Projection.update`."""
        self.put(self.looked(state, keys), seq, again=again)

    def looked(self, state: State, keys: Collection[Key]) -> list[tuple[Projection, list[Seen]]]:
        """What everybody will hold of these records; a state that cannot be shown raises here, before it counts."""
        all_ = [(projection, projection.looked(state, keys)) for projection in set(self.values())]
        groups = [(self._group(audience), theirs) for audience, theirs in self._by_group(state, keys).items()]
        return all_ + [(projection, projection.looked(state, theirs)) for projection, theirs in groups]

    def put(self, looked: Iterable[tuple[Projection, list[Seen]]], seq: int, *, again: bool = False) -> None:
        for projection, seen in looked:
            projection.put(seen, seq, again=again)

    def drop(self, keys: Collection[Key], seq: int) -> None:
        """Nobody holds these records any more."""
        for projection in {*self.values(), *self.groups.values()}:
            projection.put([(key, None) for key in keys], seq)

    def _by_group(self, state: State, keys: Iterable[Key]) -> dict[Audience, list[Key]]:
        """Only those groups look that hold a record, or will."""
        found: dict[Audience, list[Key]] = {}
        for key in keys:
            place = state.place_of(key)
            group = key[1] if key[0] == "group" else place.group if place else None
            if group is not None:
                self._holders.setdefault(key, set()).add(f"{PREFIX}{group}")
            for audience in self._holders.get(key, ()):
                found.setdefault(audience, []).append(key)
        return found

    def _group(self, audience: Audience) -> Projection:
        found = self.groups.get(audience)  # two threads may ask at once, and both get the same
        return self.groups.setdefault(audience, shared(audience, self.rules)) if found is None else found

    def of(self, audience: Audience) -> Projection | Together:
        if audience.startswith(PREFIX):
            return Together(self["participants"], self._group(audience))
        return self[audience]

    def moved(self, left: Iterable[Audience], audience: Audience, own: Projection | None) -> list[Entry]:
        """The difference for who goes from some groups to another audience: away with all that was the groups' own,
        but for what can still be seen or is one's `own`, and here with all that is the new one's own."""
        now = self.of(audience)
        entries: list[Entry] = []
        for before in left:
            if before.startswith(PREFIX) and before != audience:
                for key, at in self._group(before).changed.items():
                    entries.append((key, at, now.holds(key) or (own.holds(key) if own else None)))
        return entries + (list(now.inner.all()) if isinstance(now, Together) else [])


def audiences(rules: Rules) -> Projections:
    """Screens see what participants see, and share their projection: nothing is encoded twice."""
    return Projections(rules)


def personal(person: Actor) -> Projection:
    """What one person sees beyond the others. Its keys are `own`, `idea` and `ballot`."""
    looks: dict[str, Callable[[State, Actor, str], Record | None]] = {
        "own": own,
        "seat": own_seat,
        "idea": own_idea,
        "ballot": own_ballot,
        "ready": own_ready,
        "place": own_place,
        "hand": own_hand,
        "said": own_comment,
        "answered": own_answer,
        "agreed": own_plus,
        "muted": own_mute,
    }
    return Projection(lambda state, key: looks[key[0]](state, person, key[1]))


# What a record of the tables is called where it is somebody's own, beside ideas and ballots.
DEEDS = {"own", "said", "answered", "ballot", "agreed"}  # what shows that somebody took part
MINE = {"comment": "said", "answer": "answered", "mute": "muted"}


def took_part(own: Projection) -> bool:
    """Whether somebody wrote, answered or voted: also who never joined, and so stands in no list."""
    return any(type_ in DEEDS and record is not None for (type_, _), record in own.records.items())


def personal_keys(state: State, keys: Iterable[Key]) -> Iterator[Key]:
    """Which keys of a personal projection a touched record bears upon."""
    for type_, id_ in keys:
        if type_ == "idea":
            yield "own", id_
            yield "idea", id_
            if id_ in state.agreed:
                yield "agreed", id_
        elif type_ == "ballot":
            yield "ballot", id_.rpartition("/")[0]
        elif type_ in MINE:
            yield MINE[type_], id_
        elif type_ == "plus":
            yield "agreed", id_.rpartition("/")[0]
        elif type_ in ("participant", "party"):
            yield "place", "place"
        elif type_ in ("member", "grouping"):
            yield "seat", "seat"
        elif type_ == "hand":
            yield "hand", id_
        elif type_ == "ready":
            yield "ready", id_


def own_places(projection: Projection) -> list[Key]:
    """What of somebody's own looks different when they come to another group."""
    ideas: list[Key] = [("idea", id_) for type_, id_ in projection.changed if type_ == "own"]
    return [("seat", "seat"), *ideas]


class Found(Struct, frozen=True):
    """What somebody made, as (table, id), and how many of each table were looked through for it."""

    things: tuple[Key, ...] = ()
    through: dict[str, int] = {}


MADE = ("idea", "comment", "answer", "mute", "hand")  # tables in which somebody's things are found one by one


def search(state: State, person: Actor, before: Found | None = None) -> Found:
    """Only whoever made a thing can prove it, so all are tried; with `before`, those that have come since."""
    before = before or Found()
    through = {table: len(state.tables[table]) for table in (*MADE, "plus")}
    things = list(before.things)
    for table in MADE:
        for thing in _later(state, table, before):
            if getattr(thing, "source", "phone") != "phone":
                continue
            if person.wrote(thing.by if table == "hand" else thing.author, thing.id):
                things.append((table, thing.id))
    for agreed in dict.fromkeys(plus.idea for plus in _later(state, "plus", before)):
        if f"{agreed}/{plus_tag(person, agreed)}" in state.pluses:
            things.append(("plus", agreed))
    return Found(tuple(dict.fromkeys(things)), through)


def _later(state: State, table: str, before: Found) -> Iterator[Any]:
    """Nothing leaves a table, so what came later stands behind."""
    return islice(state.tables[table].values(), before.through.get(table, 0), None)


def personal_from(state: State, person: Actor, found: Found | None = None) -> Projection:
    """Built when somebody comes (back). Numbers are those of the last change at all: never too old. `found` is what a
    search in an earlier state gave."""
    projection = personal(person)
    keys: list[tuple[int, Key]] = []

    def mine(type_: str, id_: str, table: str, row: str) -> None:
        keys.append((state.touched.get((table, row), state.seq), (type_, id_)))

    for table, id_ in search(state, person, found).things:
        if table != "plus" and id_ not in state.tables[table]:
            continue  # the session was deleted
        if table == "idea":
            mine("own", id_, table, id_)
            mine("idea", id_, table, id_)
        elif table == "plus":
            mine("agreed", id_, table, f"{id_}/{plus_tag(person, id_)}")
        else:
            mine(MINE.get(table, table), id_, table, id_)
    for round_ in state.rounds.values():
        id_ = ballot_id(person, round_)
        if id_ in state.ballots:
            mine("ballot", round_.id, "ballot", id_)
    if person.id in state.participants:
        said = (("participant", person.id), ("party", party_of(person)))
        keys.append((max(state.touched.get(key, 0) for key in said), ("place", "place")))
    for place in {f"{mark.phase}/{mark.run}" for mark in state.marks.values()}:
        if person.tag(f"ready/{place}") in state.marks:
            keys.append((state.touched.get(("ready", place), state.seq), ("ready", place)))
    if state.groupings:
        keys.append((moved_at(state, person), ("seat", "seat")))
    for at, key in sorted(keys):
        projection.update(state, [key], at)
        seen = key[0] == "idea" and state.ideas[key[1]].is_visible and may_see(state, person, key)
        if key not in projection.records and not seen:
            projection.records[key] = None  # it may still lie on the phone from before
            projection.changed[key] = at
    projection.seq = max(projection.changed.values(), default=0)
    return projection
