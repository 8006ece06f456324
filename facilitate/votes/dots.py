"""Dot voting: everybody sticks a few dots, several on one idea where the format allows it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from facilitate.core.refused import Refused

DEFAULTS: dict[str, Any] = {"dots": 3, "stack": True}


def check(ballot: Mapping[str, int], settings: Mapping[str, Any]) -> None:
    if sum(ballot.values()) > settings["dots"]:
        raise Refused("vote.too-many-dots", n=settings["dots"])
    if not settings["stack"] and max(ballot.values(), default=0) > 1:
        raise Refused("vote.one-dot-each")


def tally(ballots: Sequence[Mapping[str, int]], settings: Mapping[str, Any]) -> list[tuple[str, int]]:
    dots: Counter[str] = Counter()
    for ballot in ballots:
        dots.update(ballot)
    return dots.most_common()
