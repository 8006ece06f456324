"""Approval: everybody marks all that is good, as many as they like (Brams and Fishburn 1978)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from facilitate.core.refused import Refused

DEFAULTS: dict[str, Any] = {}


def check(ballot: Mapping[str, int], settings: Mapping[str, Any]) -> None:
    if any(number != 1 for number in ballot.values()):
        raise Refused("vote.one-each")


def tally(ballots: Sequence[Mapping[str, int]], settings: Mapping[str, Any]) -> list[tuple[str, int]]:
    approvals: Counter[str] = Counter()
    for ballot in ballots:
        approvals.update(ballot.keys())
    return approvals.most_common()
