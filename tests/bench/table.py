"""What is shown: a row for each measurement, and the machine that it was made on."""

import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Spread = tuple[float, float, float]
OTHERS = 0.3  # of a core: other work on the machine that is more than this spoils the figures
BUSY = 0.9  # of its core: a driver that works more than this is what is measured

HEAD = (
    "| what | people | seen p50 / p95 / p99 ms | answered p50 / p95 / p99 ms | server CPU s | MB | bytes a phone "
    "| lost | doubled | refused | driver's share | besides |\n|---|---|---|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """`seen`: from sending to each phone that shows it; `acked`: to its answer. `besides`: what is this row's own.

    Shares are of one core: the driver's, and that of all other work on the two cores.
    """

    what: str
    people: int = 0
    seen: Spread | None = None
    acked: Spread | None = None
    server_cpu: float | None = None
    server_mb: float | None = None
    bytes_per_phone: int | None = None
    lost: int | None = None
    doubled: int | None = None
    gaps: int | None = None
    refused: dict[str, int] = field(default_factory=dict)
    driver_share: float | None = None
    others_share: float | None = None
    besides: Mapping[str, float] = field(default_factory=dict)


def line(row: Row) -> str:
    share = "" if row.driver_share is None else f"{row.driver_share:.2f}"
    if row.driver_share is not None and row.driver_share > BUSY:
        share += ", it is the bottleneck"
    if row.others_share is not None and row.others_share > OTHERS:
        share += f", others {row.others_share:.1f}: disturbed"
    cells = (
        row.what, row.people or "", _spread(row.seen), _spread(row.acked), _number(row.server_cpu, 2),
        _number(row.server_mb), _number(row.bytes_per_phone), _number(row.lost), _number(row.doubled),
        sum(row.refused.values()) if row.people else "", share,
        "; ".join(f"{name}: {value:g}" for name, value in row.besides.items()),
    )  # fmt: skip
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def _spread(values: Spread | None) -> str:
    return "" if values is None else " / ".join(f"{value:.0f}" for value in values)


def _number(value: float | None, digits: int = 0) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def spread(seconds: Sequence[float]) -> Spread | None:
    """p50, p95, p99 in milliseconds; None where there is nothing."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    p50, p95, p99 = (1000 * ordered[min(len(ordered) - 1, int(len(ordered) * part))] for part in (0.5, 0.95, 0.99))
    return p50, p95, p99


def machine() -> dict[str, Any]:
    """What these figures were measured on."""
    names = [line.partition(":")[2].strip() for line in _cpu() if line.startswith("model name")]
    return {
        "cpu": names[0] if names else platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
    }


def _cpu() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return []
