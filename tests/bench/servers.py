"""The servers that are loaded: ours, a bare Node relay, an ordinary NiceGUI board. Each on core 0."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.phones import desk, join
from tests.server import free_port, variables

RELAY = Path(__file__).parent / "relay"
TICK = 100  # ms, ours with a thousand phones; the relay gets the same
CORE = 0
CROWD = 10  # phones that write what is there before the load: none of them is slowed


@dataclass(frozen=True)
class Server:
    """`process` is its id. `codes` of its sessions and a facilitator's `token`, where it is ours."""

    port: int
    process: int
    codes: Sequence[str] = ("",)
    token: str = ""

    def start(self, phase: str) -> dict[str, list[dict[str, Any]]]:
        """Start a phase of every session; the records that the last desk holds then, by type."""
        return asyncio.run(self._start(phase))

    async def _start(self, phase: str) -> dict[str, list[dict[str, Any]]]:
        records: dict[str, list[dict[str, Any]]] = {}
        for code in self.codes:
            facilitator = await desk(self.port, code, self.token)
            _, answer = await facilitator.do("StartPhase", phase=phase)
            assert answer["ok"], answer
            await asyncio.sleep(0.2)
            facilitator.read()
            records = {}
            for (type_, _), record in facilitator.records.items():
                records.setdefault(type_, []).append(record)
            facilitator.close()
        return records

    def seed(self, ideas: int) -> None:
        """Ideas that are there before the load comes."""
        asyncio.run(self._seed(ideas))

    async def _seed(self, ideas: int) -> None:
        phones = [await join(self.port, {"code": self.codes[0]}, full=False) for _ in range(CROWD)]
        for number in range(ideas):
            text = f"An idea to choose, number {number}"
            _, answer = await phones[number % CROWD].do("PostIdea", phase="collect", text=text)
            assert answer["ok"], answer
        for phone in phones:
            phone.close()


@contextmanager
def ours(sessions: int = 1, **wish: Any) -> Iterator[Server]:
    """Our server in its first phase; for `wish` see `ours.py`."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        wishes = json.dumps({**wish, "sessions": sessions})
        with _running([sys.executable, "-m", "tests.bench.ours", str(port), folder, wishes]) as process:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            _wait_for(port)
            server = Server(port, process.pid, ready["codes"], ready["token"])
            server.start("collect")
            yield server


@contextmanager
def relay() -> Iterator[Server]:
    """The bare Node relay."""
    port = free_port()
    with _running(["node", str(RELAY / "relay.js"), str(port), str(TICK)]) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        yield Server(port, process.pid)


@contextmanager
def plain_board() -> Iterator[Server]:
    """The board as an ordinary NiceGUI page."""
    port = free_port()
    with _running([sys.executable, "-m", "tests.bench.plain_board", str(port)]) as process:
        _wait_for(port)
        yield Server(port, process.pid)


@contextmanager
def _running(command: Sequence[str]) -> Iterator["subprocess.Popen[str]"]:
    # NiceGUI refuses all connections where it sees pytest's variables.
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=variables())
    os.sched_setaffinity(process.pid, {CORE})
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _wait_for(port: int) -> None:
    for _ in range(400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server did not open its port")


def node_is_missing(*, install: bool) -> str:
    """Empty, or the sentence that says why the relay is not measured."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "The Node relay is left out: there is no Node here. Install nodejs and npm to compare."
    if (RELAY / "node_modules").is_dir():
        return ""
    if not install:
        return "The Node relay is left out: its packages are not installed; the long form does that."
    command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund"]
    if subprocess.run(command, cwd=RELAY, capture_output=True, text=True).returncode:
        return "The Node relay is left out: npm could not install socket.io."
    return ""
