"""What a session consists of: one table of frozen records a kind, and what follows from a record alone."""

from typing import Any, Literal

from msgspec import Struct

from facilitate.core.formats import AttributePlan, ColumnPlan, Names, Texts

Key = tuple[str, str]  # (type of record, id)


class Session(Struct, frozen=True):
    id: str
    code: str
    title: Texts
    languages: tuple[str, ...]
    format: str
    names: Names
    created: int
    delete_after: int  # days
    operator: str = ""
    imprint: str = ""
    privacy: str = ""
    filmed: bool = False
    capacity: int = 1000
    state: Literal["planned", "running", "ended"] = "planned"
    phase: str | None = None
    ended: int | None = None
    called: int = 0  # how often everybody was called to the current phase
    sound: bool = False  # whether screens say one minute and the end by a sound
    door: Literal["open", "approval", "closed"] = "open"
    hands: bool = False  # whether hands may be raised in every phase
    attributes: tuple[AttributePlan, ...] = ()  # what people are asked when they join
    grouping: str | None = None  # the phase whose groups people sit in now
    timezone: str = ""  # by its IANA name; "" of what was made before sessions had one: the house's

    @property
    def delete_at(self) -> int:
        return (self.ended or self.created) + self.delete_after * 86_400_000


class Phase(Struct, frozen=True):
    id: str
    order: int
    activity: str
    title: Texts
    prompt: Texts
    guide: Texts
    settings: dict[str, Any]
    stage: str | None = None
    board: str | None = None
    minutes: float | None = None
    begin: Literal["at-once", "on-go"] = "at-once"
    # waiting: shown, input open, clock not begun; closed: shown, time ran out and input with it
    state: Literal["planned", "waiting", "open", "closed", "ended"] = "planned"
    started: int | None = None
    ends: int | None = None
    left: int | None = None  # ms, while the clock is stopped
    closed: int | None = None  # when input ended
    place: float = 0.0  # where it stands in the agenda; `order` counts what is there
    inserted: bool = False  # while the session ran
    repeats: str | None = None  # the phase that it is a fresh copy of
    skipped: bool = False
    removed: bool = False
    shown: int | None = None  # when this run of it began, with its clock or without
    spent: int = 0  # ms, of all its earlier runs
    runs: int = 0

    @property
    def is_current(self) -> bool:
        return self.state in ("waiting", "open", "closed")

    @property
    def is_open(self) -> bool:
        return self.state in ("waiting", "open")

    @property
    def was_started(self) -> bool:
        return self.state != "planned"


class Board(Struct, frozen=True):
    id: str
    title: Texts
    columns: tuple[ColumnPlan, ...] = ()
    locked: bool = False
    revealed: bool = True
    revealed_columns: tuple[str, ...] = ()
    peeked: bool = False
    clusters_shown: bool = False
    removed: bool = False  # its making was undone before anything stood on it
    frozen: bool = False  # nobody but the facilitators moves or edits anything on it
    of: str | None = None  # the board of the plan that this is a group's own one of
    group: str | None = None  # who sits at it
    table: int = 0
    prompt: Texts = {}


class Origin(Struct, frozen=True, omit_defaults=True):
    """Where a carried card comes from. `idea` is the one whose text it bears; a cluster with a title has none."""

    board: str
    mark: str  # the number of the idea, or the letter of the cluster
    idea: str | None = None
    cluster: str | None = None
    votes: int | None = None  # where a result was shown

    @property
    def item(self) -> str:
        return str(self.cluster or self.idea)


class Idea(Struct, frozen=True):
    id: str
    number: int
    board: str
    phase: str
    author: str
    text: str | None  # None after it was blanked
    lang: str = ""
    column: str | None = None
    cluster: str | None = None
    source: Literal["phone", "desk", "carried"] = "phone"
    late: bool = False
    hidden: bool = False
    withdrawn: bool = False
    erased: bool = False
    face_down: bool = False
    reason: str | None = None
    slot: str | None = None
    origin: Origin | None = None
    review: Literal["", "waiting", "returned", "rejected"] = ""  # where ideas are read before the others see them
    rev: int = 0  # how often its author has changed it: what was read is what is decided on
    aside: bool = False  # in the parking lot: neither in a cluster nor waiting for one
    same_as: str | None = None  # a duplicate, shown on the card of this idea, which stands

    @property
    def is_kept(self) -> bool:
        """Part of the board, on a card of its own or on another's."""
        return not (self.late or self.hidden or self.withdrawn or self.erased or self.review)

    chosen: bool = False  # by its group, to bring along

    @property
    def stands(self) -> bool:
        """On the board, face up or down: neither late, hidden, withdrawn nor erased, nor waiting to be accepted.

        Nor a duplicate: the card that shows it stands for it.
        """
        return self.is_kept and not self.same_as

    @property
    def is_visible(self) -> bool:
        return self.stands and not self.face_down

    @property
    def state(self) -> str:
        for word in ("erased", "withdrawn", "hidden", "late"):
            if getattr(self, word):
                return word
        if self.review or self.same_as:
            return self.review or "merged"
        return "face-down" if self.face_down else "open"


class Cluster(Struct, frozen=True):
    id: str
    board: str
    letter: str
    title: str | None
    dissolved: bool = False
    into: str | None = None  # the cluster that took in its cards and its votes


class Round(Struct, frozen=True):
    id: str
    phase: str
    method: str
    settings: dict[str, Any]
    of: Literal["ideas", "clusters"]
    number: int
    board: str | None = None
    named: bool = False
    state: Literal["open", "closed", "shown"] = "open"
    closed: int | None = None
    options: tuple[str, ...] | None = None  # fixed when it closes; while open they are what stands on the board
    undone: bool = False


class Ballot(Struct, frozen=True):
    id: str  # round + "/" + voter
    round: str
    voter: str
    choices: dict[str, int]
    rev: int


class Note(Struct, frozen=True):
    id: str  # phase + "/" + item
    phase: str
    item: str
    text: str | None


class Participant(Struct, frozen=True):
    id: str
    people: int = 1
    state: Literal["in", "knocking", "away"] = "in"
    knocked: int = 0  # the number of the event: who came before whom


class Party(Struct, frozen=True):
    """Several people at one device, where no names are kept: the tag leads to no participant and to no idea."""

    id: str
    people: int


class Hand(Struct, frozen=True):
    """Raised to speak, or a call for help; `by` leads to nobody where no names are shown."""

    id: str
    by: str
    of: Literal["hand", "help"]
    at: int
    table: str | None = None
    state: Literal["up", "lowered", "answered"] = "up"


class Count(Struct, frozen=True):
    """Hands that were counted in the room for one option of a round, beside the ballots."""

    id: str  # round + "/" + option
    round: str
    option: str
    n: int


class Grouping(Struct, frozen=True):
    """People are in groups. Members' tags are those of `root`, so that groups can be kept, merged and moved on."""

    id: str  # the phase
    root: str
    seed: str
    before: str | None = None  # the grouping whose groups were kept, merged or moved on


class Group(Struct, frozen=True):
    id: str
    grouping: str
    number: int
    board: str | None = None
    name: str | None = None  # the code of its table, or what its members have in common
    gone: bool = False
    prompt: Texts | None = None  # of its board while it sits there


class Member(Struct, frozen=True):
    """Somebody's place in a grouping; `seat` counts within the group, for who must be called without a name."""

    id: str  # grouping + "/" + tag
    grouping: str
    group: str
    seat: int
    trait: str = ""  # equal in people who are alike
    stays: bool = False  # as the host of the table, when the groups move on
    people: int = 1  # for whom this device speaks


class Screen(Struct, frozen=True):
    id: str
    shows: dict[str, Any]
    title: str = ""
    closed: bool = False


class Slice(Struct, frozen=True):
    """What an activity keeps for itself in one phase."""

    id: str  # the phase
    value: Any


class Mark(Struct, frozen=True):
    """Somebody is ready in a run of a phase; `id` is a tag that leads to nobody and to no other run."""

    id: str
    phase: str
    run: int
    there: bool = True


class Comment(Struct, frozen=True):
    """What somebody says to an idea."""

    id: str
    idea: str
    phase: str
    author: str
    text: str | None
    lang: str = ""
    hidden: bool = False
    withdrawn: bool = False
    erased: bool = False
    reason: str | None = None

    @property
    def state(self) -> str:
        return next((word for word in ("erased", "withdrawn", "hidden") if getattr(self, word)), "open")


class Plus(Struct, frozen=True):
    """Somebody agrees with an idea; the tag in `id` leads to nobody and to no other idea."""

    id: str  # idea + "/" + tag
    idea: str
    on: bool


class Answer(Struct, frozen=True):
    """What one person says to a question that all are asked: a step of a scale, words of their own, or both."""

    id: str
    phase: str
    author: str
    value: int | None = None
    text: str | None = None
    lang: str = ""
    hidden: bool = False
    withdrawn: bool = False
    erased: bool = False
    reason: str | None = None

    @property
    def state(self) -> str:
        return next((word for word in ("erased", "withdrawn", "hidden") if getattr(self, word)), "open")


class Mute(Struct, frozen=True):
    """Whoever wrote the thing `id` may not write, or is no longer here. No name is needed for it."""

    id: str  # of an idea, a comment or an answer
    author: str
    level: Literal["", "muted", "removed"] = ""
    reason: str | None = None


class Receipt(Struct, frozen=True):
    """An accepted command: who, what (fingerprint), and the answer."""

    by: str
    check: str
    seq: int


TABLES = (
    "session", "phase", "board", "idea", "cluster", "round", "ballot", "note", "participant", "screen", "slice", "mark",
    "comment", "plus", "answer", "mute", "hand", "count",
    "grouping", "group", "member", "party",
)  # fmt: skip
# What lies on no board, whoever sees it.
OFF_BOARDS = frozenset({"session", "phase", "participant", "screen", "slice", "grouping", "group", "member", "party"})


# The texts that may quote others, or be quoted: erasing one must find it wherever it stood.
QUOTABLE: dict[str, set[str]] = {"idea": {"text"}, "cluster": {"title"}, "note": {"text"}}
