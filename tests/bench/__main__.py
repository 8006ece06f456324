"""`make bench`: one table, and the same as JSON with `--json FILE`. `--list` names all scenarios, `--only` picks."""

import argparse
import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.scenarios import Scenario, Size, files
from tests.bench.table import HEAD, Row, line, machine

AT_ONCE = 3  # scenarios of the short form
Choice = tuple[str, Scenario]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--list", action="store_true", help="the names and goals of all scenarios")
    options.add_argument("--only", default="", help="a part of the name of a scenario, or of its file")
    options.add_argument("--runs", type=int, default=5, help="runs behind a ratio; those in turn are pairs")
    options.add_argument("--short", action="store_true", help="one of each kind, small: shows that it works")
    options.add_argument("--json", type=Path, metavar="FILE")
    asked = options.parse_args()
    chosen = list(choice(asked.only, short=asked.short))
    if asked.list:
        print("\n".join(f"{file}: {scenario.name} ({scenario.goal})" for file, scenario in chosen))
        return
    rows: list[dict[str, Any]] = []
    print(HEAD)
    for file, scenario, row in together(chosen) if asked.short else in_turn(chosen, asked.runs):
        rows.append({"scenario": file, "goal": scenario.goal, **asdict(row)})
        print(line(row), flush=True)
        if asked.json:
            asked.json.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1), "utf-8")


def choice(only: str, *, short: bool) -> Iterator[Choice]:
    """(file, scenario) of what is to be measured."""
    for file, scenarios in files().items():
        for scenario in scenarios[:1] if short else scenarios:
            if only in file or only in scenario.name:
                yield file, scenario


def in_turn(chosen: Iterable[Choice], runs: int) -> Iterator[tuple[str, Scenario, Row]]:
    for file, scenario in chosen:
        for row in scenario.measure(Size(runs=runs)):
            yield file, scenario, row


def together(chosen: Iterable[Choice]) -> Iterator[tuple[str, Scenario, Row]]:
    """Small and a few at a time: it is not the figures that matter then."""

    def small(choice: Choice) -> list[Row]:
        return list(choice[1].measure(Size(short=True)))

    kept = list(chosen)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for (file, scenario), rows in zip(kept, pool.map(small, kept), strict=True):
            for row in rows:
                yield file, scenario, row


if __name__ == "__main__":
    main()
