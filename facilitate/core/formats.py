"""Formats: the recipes that sessions follow, checked in full before anybody stands in front of a hall.

A format is data (a TOML file in `sessions/`), read here into a `Format`. Whatever the file says that is not
known, is of another kind than expected or is missing in one of its languages is a `FormatMistake`.
"""

import math
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final, Literal, NoReturn, TypeVar, cast

from msgspec import Struct

from facilitate.core import text as words

Texts = dict[str, str]  # language -> text
Names = Literal["none", "optional", "shown"]
Begin = Literal["at-once", "on-go"]

STAGES: Final = ("co-learning", "co-sharing", "co-creation")
NAMES: Final = ("none", "optional", "shown")
BEGINS: Final = ("at-once", "on-go")
LONGEST_PHASE: Final = 24 * 60  # minutes
LONGEST_STORAGE: Final = 3650  # days
MOST_ATTRIBUTES: Final = 4  # questions when people join: each costs some of them

# What every phase can be set to, whatever its activity; an activity's own defaults go before these. Phases of logs
# that are older than a key do not have it: read them with `settings.get`.
COMMON: Final[dict[str, Any]] = {
    "ready": False,  # people can tap "I am ready"
    "ready_shown": False,  # the screen says how many are
    "hands": False,  # people can raise a hand, and a table can call for help
    "look_back": False,  # people may look at earlier boards and results meanwhile
    "groups": None,  # {by, size | count, attribute, mix, prompts, choose}, {keep}, {merge = 2}, {rotate, hosts}, {back}
    "carry": None,  # {from = board, top = 5, of?}: the first of another board become cards when the phase starts
}
LIVE: Final = ("ready", "ready_shown", "look_back")  # those that may be changed while the session runs
CARRIED: Final = ("clusters", "ideas")
MOST_CARRIED: Final = 50

_ID = re.compile(r"[a-z0-9-]{1,40}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*", re.ASCII)


class ColumnPlan(Struct, frozen=True):
    id: str
    title: Texts


class BoardPlan(Struct, frozen=True):
    id: str
    title: Texts
    columns: tuple[ColumnPlan, ...] = ()


class AttributePlan(Struct, frozen=True):
    """What people may say of themselves when they join; without options in their own words."""

    id: str
    title: Texts
    options: tuple[ColumnPlan, ...] = ()


class PhasePlan(Struct, frozen=True):
    """`settings` are complete: the activity's defaults with what the format says on top."""

    id: str
    activity: str
    title: Texts
    prompt: Texts
    guide: Texts
    settings: dict[str, Any]
    stage: str | None = None
    board: str | None = None
    minutes: float | None = None
    begin: Begin = "at-once"


Plan = TypeVar("Plan", AttributePlan, BoardPlan, ColumnPlan)


class Format(Struct, frozen=True):
    """A whole recipe. `id` is the file's name without `.toml`; `delete_after` counts days."""

    id: str
    title: Texts
    summary: Texts
    languages: tuple[str, ...]
    boards: tuple[BoardPlan, ...]
    phases: tuple[PhasePlan, ...]
    names: Names = "none"
    delete_after: int = 90
    attributes: tuple[AttributePlan, ...] = ()

    @property
    def minutes(self) -> float:
        """The time of all phases that have one."""
        return sum(phase.minutes or 0 for phase in self.phases)


class FormatMistake(Exception):  # noqa: N818 - a mistake in a file, with the place to mend
    """What is wrong in a format: `file`, `phase` and `key` ("" where there is none) and `why`, on one line."""

    def __init__(self, file: str, phase: str, key: str, why: str) -> None:
        self.file = file
        self.phase = phase
        self.key = key
        self.why = " ".join(why.split())
        place = [file, f"phase {phase}" if phase else "", key]
        super().__init__(f"{', '.join(part for part in place if part)}: {self.why}")


def read(name: str, data: Mapping[str, Any], activities: Mapping[str, Any], methods: Mapping[str, Any]) -> Format:
    """The format `name` out of its parsed file; FormatMistake at the first thing that is wrong.

    An activity is a module with `DEFAULTS` (its settings), `NEEDS_BOARD` and `check(settings, methods)`, which
    raises ValueError("key: why"). A setting that is a table of texts is held to the format's languages too.
    """
    top = _Table(f"{name}.toml", "", "", data)
    if not _ID.fullmatch(name):
        top.mistaken("", "the file's name may hold only a-z, 0-9 and -, at most 40 of them")
    top.only("title", "summary", "languages", "names", "delete_after", "attributes", "boards", "phases")
    languages = _languages(top)
    boards = _distinct(top, "boards", [_board(table, languages) for table in top.tables("boards", ())])
    phases = [
        _phase(table, languages, {board.id for board in boards}, activities, methods)
        for table in _named(top.tables("phases"))
    ]
    if not phases:
        top.mistaken("phases", "there must be at least one")
    attributes = _distinct(top, "attributes", _attributes(top.tables("attributes", ()), languages))
    for phase in phases:
        asked = (phase.settings["groups"] or {}).get("attribute")
        if asked is not None and asked not in {attribute.id for attribute in attributes}:
            top.mistaken("attributes", f"{asked!r} is missing; the groups of phase {phase.id} are formed by it")
    return Format(
        id=name,
        title=top.texts("title", languages),
        summary=top.texts("summary", languages),
        languages=languages,
        boards=boards,
        phases=tuple(phases),
        names=cast(Names, top.choice("names", NAMES, "none")),
        delete_after=top.whole("delete_after", 1, LONGEST_STORAGE, 90),
        attributes=attributes,
    )


def _languages(top: "_Table") -> tuple[str, ...]:
    codes = top.take("languages", list, "a list of language codes")
    for code in codes:
        if not isinstance(code, str) or not _LANGUAGE.fullmatch(code):
            top.mistaken("languages", f"{code!r} is not a language code")
    if not codes:
        top.mistaken("languages", "there must be at least one")
    if len(set(codes)) < len(codes):
        top.mistaken("languages", "each only once")
    return tuple(codes)


def _attributes(tables: "list[_Table]", languages: Sequence[str]) -> list[AttributePlan]:
    if len(tables) > MOST_ATTRIBUTES:
        why = f"{len(tables)} questions when people join are too many; at most {MOST_ATTRIBUTES}: leave the others out"
        tables[MOST_ATTRIBUTES].mistaken("", why)
    return [_attribute(table, languages) for table in tables]


def _attribute(table: "_Table", languages: Sequence[str]) -> AttributePlan:
    table.only("id", "title", "options")
    options = [_column(option, languages) for option in table.tables("options", ())]
    if len(options) == 1:
        table.mistaken("options", "one is no choice: at least two, or none for words of one's own")
    return AttributePlan(
        id=table.id(), title=table.texts("title", languages), options=_distinct(table, "options", options)
    )


def _board(table: "_Table", languages: Sequence[str]) -> BoardPlan:
    table.only("id", "title", "columns")
    columns = [_column(column, languages) for column in table.tables("columns", ())]
    return BoardPlan(id=table.id(), title=table.texts("title", languages), columns=_distinct(table, "columns", columns))


def _column(table: "_Table", languages: Sequence[str]) -> ColumnPlan:
    table.only("id", "title")
    return ColumnPlan(id=table.id(), title=table.texts("title", languages))


def _named(tables: "Sequence[_Table]") -> "list[_Table]":
    """The phases' tables, each speaking of itself by its id, or by its number until it has a good one."""
    named: list[_Table] = []
    for number, table in enumerate(tables, 1):
        numbered = _Table(table.file, str(number), "", table.data)
        phase = numbered.id()
        if phase in [earlier.phase for earlier in named]:
            numbered.mistaken("id", f"{phase!r} is taken by an earlier phase")
        named.append(_Table(table.file, phase, "", table.data))
    return named


def _phase(
    table: "_Table",
    languages: Sequence[str],
    boards: set[str],
    activities: Mapping[str, Any],
    methods: Mapping[str, Any],
) -> PhasePlan:
    table.only("id", "stage", "activity", "board", "title", "prompt", "guide", "minutes", "begin", "settings")
    activity = table.choice("activity", tuple(activities))
    settings = _settings(table, languages, activities[activity], methods)
    board = _place(table, boards, activities[activity].NEEDS_BOARD)
    _check_carry(table, settings["carry"], board, boards)
    _check_groups(table, settings["groups"], activity, languages, board)
    return PhasePlan(
        id=table.id(),
        stage=table.choice("stage", STAGES) if "stage" in table.data else None,
        activity=activity,
        board=board,
        title=table.texts("title", languages),
        prompt=table.texts("prompt", languages, {}),
        guide=table.texts("guide", languages, {}),
        minutes=_minutes(table),
        begin=cast(Begin, table.choice("begin", BEGINS, "at-once")),
        settings=settings,
    )


def phase_of(
    data: Mapping[str, Any],
    languages: Sequence[str],
    boards: set[str],
    activities: Mapping[str, Any],
    methods: Mapping[str, Any],
) -> PhasePlan:
    """One phase by itself, held to all that a format's phase is held to; FormatMistake at the first thing wrong."""
    return _phase(_Table("agenda", str(data.get("id", "")), "", data), languages, boards, activities, methods)


def changed_settings(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A phase's settings with those of `LIVE` changed while the session runs; ValueError("key: why")."""
    for key in changes:
        if key not in LIVE:
            raise ValueError(f"{key}: can't be changed now")
    changed = {**COMMON, **settings, **changes}
    check_common(changed)
    return {**settings, **changes}


def _check_carry(table: "_Table", carry: Any, board: str | None, boards: set[str]) -> None:
    if carry is None:
        return
    if board is None:
        table.mistaken("settings.carry", "goes with a board that the cards come to")
    if carry["from"] not in boards or carry["from"] == board:
        others = ", ".join(sorted(boards - {board}))
        table.mistaken("settings.carry", f"from must be another board; there are {others or 'none'}")


def _check_groups(table: "_Table", groups: Any, activity: str, languages: Sequence[str], board: str | None) -> None:
    if groups is None:
        return
    if groups.get("back") and board is None:
        table.mistaken("settings.groups", "back goes with a board that the cards come to")
    if not groups.get("back") and activity in PLENARY:
        table.mistaken("settings.groups", f"{activity} is done in plenary")
    for number, prompt in enumerate(groups.get("prompts", ()), 1):
        table.inner("settings.groups.prompts", {str(number): prompt}).texts(str(number), languages)


PLENARY: Final = ("vote", "discuss")  # what no group can do by itself


def _place(table: "_Table", boards: set[str], needed: bool) -> str | None:
    if "board" in table.data:
        return table.choice("board", tuple(sorted(boards)))
    if needed:
        table.mistaken("board", f"is missing; {table.data['activity']} needs one")
    return None


def _minutes(table: "_Table") -> float | None:
    if "minutes" not in table.data:
        return None
    minutes = table.data["minutes"]
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not math.isfinite(minutes):
        table.mistaken("minutes", f"must be a number, not {minutes!r}")
    if not 0 < minutes <= LONGEST_PHASE:
        table.mistaken("minutes", f"must be more than 0 and at most {LONGEST_PHASE}, not {minutes}")
    return minutes


def _settings(table: "_Table", languages: Sequence[str], activity: Any, methods: Mapping[str, Any]) -> dict[str, Any]:
    own = table.inner("settings", table.take("settings", dict, "a table", {}))
    own.only(*dict.fromkeys([*activity.DEFAULTS, *COMMON]))
    for key, value in own.data.items():
        if key in COMMON:
            continue
        if value and isinstance(value, dict) and all(isinstance(text, str) for text in value.values()):
            own.texts(key, languages)
    settings = deepcopy({**COMMON, **activity.DEFAULTS, **own.data})
    try:
        check_common(settings)
        activity.check(settings, methods)
    except (ValueError, TypeError) as mistake:
        key, _, why = str(mistake).partition(": ")
        if key in settings:
            own.mistaken(key, why)
        own.mistaken("", str(mistake))
    return settings


def check_common(settings: Mapping[str, Any]) -> None:
    """The settings that every phase has; ValueError("key: why"). That the boards are there, `read` checks."""
    for key in ("ready", "ready_shown", "hands", "look_back"):
        if not isinstance(settings[key], bool):
            raise ValueError(f"{key}: must be true or false")
    check_groups(settings["groups"])
    carry = settings["carry"]
    if carry is None:
        return
    if not isinstance(carry, dict) or not isinstance(carry.get("from"), str) or set(carry) - {"from", "top", "of"}:
        raise ValueError('carry: must be like { from = "a-board", top = 5, of = "clusters" }')
    top = carry.get("top", 5)
    if isinstance(top, bool) or not isinstance(top, int) or not 1 <= top <= MOST_CARRIED:
        raise ValueError(f"carry: top must be a whole number from 1 to {MOST_CARRIED}")
    if carry.get("of", "clusters") not in CARRIED:
        raise ValueError('carry: of must be "clusters" or "ideas"')


def check_groups(groups: Any) -> None:
    """How people come into groups: formed anew (`by`), kept, merged, moved on, or back in plenary. ValueError."""
    if groups is None:
        return
    if not isinstance(groups, dict) or set(groups) - GROUP_KEYS.keys():
        raise ValueError(f"groups: must be a table; known are {', '.join(GROUP_KEYS)}")
    for key, value in groups.items():
        kind, least, most = GROUP_KEYS[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise ValueError(f"groups: {key} must be {kind.__name__}")
        if isinstance(value, int) and kind is int and not least <= value <= most:
            raise ValueError(f"groups: {key} must be from {least} to {most}")
    ways = [key for key in ("by", "keep", "merge", "rotate", "back") if groups.get(key)]
    if len(ways) != 1:
        raise ValueError("groups: must say one of by, keep, merge, rotate, back")
    by = groups.get("by")
    if by is not None and by not in GROUPED_BY:
        raise ValueError(f"groups: by must be one of {', '.join(GROUPED_BY)}")
    if (by == "attribute") != ("attribute" in groups):
        raise ValueError('groups: attribute goes with by = "attribute"')
    if "hosts" in groups and not groups.get("rotate"):
        raise ValueError("groups: hosts stay where groups rotate")
    sized = by == "random" or (by == "attribute" and groups.get("mix"))
    if bool(sized) != (("size" in groups) + ("count" in groups) == 1):
        raise ValueError("groups: one of size and count goes with groups that are drawn or mixed, and with no others")


GROUPED_BY: Final = ("random", "attribute", "table")
GROUP_KEYS: Final[dict[str, tuple[type, int, int]]] = {
    "by": (str, 0, 0),
    "size": (int, 1, 50),
    "count": (int, 1, 200),
    "attribute": (str, 0, 0),
    "mix": (bool, 0, 0),
    "keep": (bool, 0, 0),
    "merge": (int, 2, 10),
    "rotate": (bool, 0, 0),
    "hosts": (int, 1, 5),
    "back": (bool, 0, 0),
    "top": (int, 1, MOST_CARRIED),
    "choose": (int, 1, 20),
    "prompts": (list, 0, 0),
}


def _distinct(table: "_Table", key: str, plans: list[Plan]) -> tuple[Plan, ...]:
    seen: set[str] = set()
    for plan in plans:
        if plan.id in seen:
            table.mistaken(f"{key}.id", f"{plan.id!r} stands there twice")
        seen.add(plan.id)
    return tuple(plans)


_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of the file that knows where it stands, so that every mistake names its place."""

    file: str
    phase: str
    path: str
    data: Mapping[str, Any]

    def mistaken(self, key: str, why: str) -> NoReturn:
        raise FormatMistake(self.file, self.phase, ".".join(part for part in (self.path, key) if part), why)

    def only(self, *known: str) -> None:
        for key in self.data:
            if key not in known:
                self.mistaken(str(key), f"is not known here; known are {', '.join(known) or 'none'}")

    def take(self, key: str, kind: Any, called: str, default: Any = _ABSENT) -> Any:
        value = self.data.get(key, default)
        if value is _ABSENT:
            self.mistaken(key, "is missing")
        if not isinstance(value, kind):
            self.mistaken(key, f"must be {called}, not {value!r}")
        return value

    def tables(self, key: str, default: Any = _ABSENT) -> "list[_Table]":
        found = self.take(key, list | tuple, "a list of tables", default)
        return [self._item(key, number, item) for number, item in enumerate(found, 1)]

    def inner(self, key: str, data: Mapping[str, Any]) -> "_Table":
        return _Table(self.file, self.phase, f"{self.path}.{key}" if self.path else key, data)

    def id(self) -> str:
        name: str = self.take("id", str, "a name")
        if not _ID.fullmatch(name):
            self.mistaken("id", f"{name!r} may hold only a-z, 0-9 and -, at most 40 of them")
        return name

    def texts(self, key: str, languages: Sequence[str], default: Any = _ABSENT) -> Texts:
        found: Texts = self.take(key, dict, "a table of texts", default)
        if key not in self.data:
            return found
        for language, text in found.items():
            if language not in languages:
                self.mistaken(key, f"{language!r} is not among the format's languages")
            if not isinstance(text, str) or not words.shows(text):
                self.mistaken(key, f"{language!r} must be a text that is not empty")
        for language in languages:
            if language not in found:
                self.mistaken(key, f"is missing in {language!r}")
        return dict(found)

    def choice(self, key: str, known: Sequence[str], default: Any = _ABSENT) -> str:
        value: str = self.take(key, str, "a name", default)
        if value not in known:
            self.mistaken(key, f"{value!r} is not known; known are {', '.join(known) or 'none'}")
        return value

    def whole(self, key: str, least: int, most: int, default: int) -> int:
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.mistaken(key, f"must be a whole number from {least} to {most}, not {value!r}")
        return value

    def _item(self, key: str, number: int, item: Any) -> "_Table":
        if not isinstance(item, dict):
            self.mistaken(key, f"number {number} must be a table, not {item!r}")
        name = item.get("id")
        return self.inner(f"{key}.{name if isinstance(name, str) and _ID.fullmatch(name) else number}", item)
