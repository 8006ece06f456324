"""`make bench`: one table, and the same as JSON with `--json FILE`. `--short` is a smoke test."""

import argparse
import asyncio
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench import driver
from tests.bench.driver import Figures, Load
from tests.bench.phones import join
from tests.server import free_port

RELAY = Path(__file__).parent / "relay"
TICK = 100  # ms, ours with a thousand phones; the relay gets the same


@contextmanager
def ours(sessions: int = 1) -> Iterator[tuple[int, int, list[str], str]]:
    """Our server on core 0: (port, process, codes, token)."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "NICEGUI_"))}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.bench.ours", str(port), folder, str(sessions)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert server.stdout is not None
        try:
            ready = json.loads(server.stdout.readline())
            wait_for(port)
            asyncio.run(open_phase(port, ready["codes"], ready["token"], "collect"))
            yield port, server.pid, ready["codes"], ready["token"]
        finally:
            server.terminate()
            server.wait(20)


@contextmanager
def relay() -> Iterator[tuple[int, int]]:
    """The bare Node relay on core 0: (port, process)."""
    port = free_port()
    command = ["node", str(RELAY / "relay.js"), str(port), str(TICK)]
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, preexec_fn=lambda: os.sched_setaffinity(0, {0})
    )
    assert server.stdout is not None
    try:
        assert server.stdout.readline().strip() == "ready"
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(20)


def wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server did not open its port")


async def open_phase(port: int, codes: list[str], token: str, phase: str) -> dict[str, Any]:
    """Start a phase of every session; the records that the last desk holds then."""
    records: dict[str, Any] = {}
    for code in codes:
        desk = await driver.desk(port, code, token)
        _, answer = await desk.do("StartPhase", phase=phase)
        assert answer["ok"], answer
        await asyncio.sleep(0.2)
        records = {f"{type_}/{id_}": record for (type_, id_), record in desk.records.items()}
        desk.close()
    return records


def node_is_ready() -> str:
    """Empty, or the sentence that says why the relay is not measured."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "The Node relay is left out: there is no Node here. Install nodejs and npm to compare."
    if not (RELAY / "node_modules").is_dir():
        made = subprocess.run(
            ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund"],
            cwd=RELAY,
            capture_output=True,
            text=True,
        )
        if made.returncode:
            return "The Node relay is left out: npm could not install socket.io."
    return ""


def posting(people: int, rate: float, seconds: float, *, at: str = "ours", sessions: int = 1) -> Figures:
    if at == "relay":
        with relay() as (port, server):
            return driver.run(Load(port, ["relay"], people, rate, seconds), server)
    with ours(sessions) as (port, server, codes, _):
        return driver.run(Load(port, codes, people, rate, seconds), server)


def voting(people: int, seconds: float) -> Figures:
    with ours() as (port, server, codes, token):
        asyncio.run(seed(port, codes[0]))
        records = asyncio.run(open_phase(port, codes, token, "choose"))
        round_ = next(record["id"] for record in records.values() if record["type"] == "round")
        option = next(record["id"] for record in records.values() if record["type"] == "idea")
        load = Load(port, codes, people, seconds=seconds, act="vote", round=round_, choices={option: 1})
        return driver.run(load, server)


async def seed(port: int, code: str, ideas: int = 20) -> None:
    phone = await join(port, {"code": code}, full=True)
    for number in range(ideas):
        _, answer = await phone.do("PostIdea", phase="collect", text=f"An idea to choose, number {number}")
        assert answer["ok"], answer
    phone.close()


def row(name: str, figures: Figures) -> str:
    seen, acked = (" / ".join(f"{value:.0f}" for value in values) for values in (figures.seen, figures.acked))
    share = f"{figures.driver_share:.2f}" + (", it is the bottleneck" if figures.driver_share > 0.9 else "")
    cells = (
        name, figures.people, seen, acked, f"{figures.server_cpu:.2f}", f"{figures.server_mb:.0f}",
        figures.bytes_per_phone, figures.lost, figures.doubled, sum(figures.refused.values()), share,
    )  # fmt: skip
    return f"| {' | '.join(str(cell) for cell in cells)} |"


HEAD = (
    "| what | people | seen p50 / p95 / p99 ms | answered p50 / p95 / p99 ms | server CPU s | MB | bytes a phone "
    "| lost | doubled | refused | driver's share |\n|---|---|---|---|---|---|---|---|---|---|---|"
)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--short", action="store_true")
    options.add_argument("--only", default="", help="a part of the name of what to run")
    options.add_argument("--runs", type=int, default=5, help="alternating runs for the comparison with the relay")
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    results: dict[str, Any] = {}

    def show(name: str, figures: Figures) -> None:
        results.setdefault(name, []).append(asdict(figures))
        print(row(name, figures), flush=True)

    print(HEAD)
    if chosen.short:
        show("60 phones, 20 posts/s", posting(60, 20, 2))
        show("60 ballots in a second", voting(60, 1))
    else:
        everything(chosen.only, chosen.runs, show)
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=1))


def everything(only: str, runs: int, show: Callable[[str, Figures], None]) -> None:
    missing = node_is_ready()
    for rate in (50.0, 200.0):
        name = f"1,000 phones, {rate:.0f} posts/s"
        if only not in name:
            continue
        pairs: list[tuple[Figures, Figures]] = []
        for _ in range(runs):
            mine = posting(1000, rate, 6)
            show(name, mine)
            if not missing:
                theirs = posting(1000, rate, 6, at="relay")
                show(f"{name}, Node relay", theirs)
                pairs.append((mine, theirs))
        if pairs:
            slow = statistics.median(mine.seen[1] / theirs.seen[1] for mine, theirs in pairs)
            cpu = statistics.median(mine.server_cpu / theirs.server_cpu for mine, theirs in pairs)
            print(f"\n{name}: p95 {slow:.2f} x, CPU {cpu:.2f} x the Node relay's (medians of {len(pairs)} pairs)\n")
    if missing:
        print(missing)
    plain: dict[str, Callable[[], Figures]] = {
        "2,000 phones, 200 posts/s": lambda: posting(2000, 200, 6),
        "300 phones, 20 posts/s (quiet)": lambda: posting(300, 20, 6),
        "500 ballots within a second": lambda: voting(500, 1),
        "1,000 ballots within a second": lambda: voting(1000, 1),
        "1,000 ballots within ten seconds": lambda: voting(1000, 10),
        "100 sessions of 20 people, 50 posts/s": lambda: posting(2000, 50, 6, sessions=100),
        "500 phones, 50 posts/s (half)": lambda: posting(500, 50, 6),
        "5,000 phones, 50 posts/s": lambda: posting(5000, 50, 6),
        "10,000 phones, 10 posts/s": lambda: posting(10_000, 10, 10),
    }
    for name, measure in plain.items():
        if only in name:
            show(name, measure())


if __name__ == "__main__":
    main()
