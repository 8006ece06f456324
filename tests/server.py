"""A real server for tests: `facilitate serve` as a process of its own on a free port, with a data folder of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAM = (sys.executable, "-m", "facilitate")


def variables() -> dict[str, str]:
    """The environment of a process of ours: NiceGUI refuses all connections where it sees pytest's."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "NICEGUI_"))}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`url` is where it is reached, `public` the hall's name for it, which is what its links carry."""

    program: Sequence[str] = PROGRAM

    def __init__(self, data: Path, environment: Mapping[str, str], *more: str, command: str = "serve") -> None:
        self.data = data
        self.environment = dict(environment)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.public = f"http://hall.test:{self.port}"
        self.command = (command, "--data", str(data), "--port", str(self.port), "--no-open", *more)
        if "--public-url" not in more:
            self.command += ("--public-url", self.public)
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> "Server":
        """Returns when it answers; on the same folder and port as before, if it ran before."""
        self.process = subprocess.Popen(
            [*self.program, *self.command],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 60
        while not self.is_healthy():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise AssertionError(f"the server did not start: {''.join(self.process.communicate())}")
            time.sleep(0.05)
        return self

    def is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """(exit code, standard output, standard error) of the process that was told to end."""
        assert self.process is not None
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err

    @property
    def owner(self) -> str:
        return (self.data / "owner-token").read_text("ascii").strip()

    def new(self, format: str = "quick-vote", **wish: Any) -> dict[str, Any]:
        """A new session as the API answers it: code, title, links, tokens."""
        status, answer = self.ask("/api/sessions", self.owner, {"format": format, **wish})
        assert status == 201, answer
        return answer

    def ask(self, path: str, token: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        """(status, JSON); a POST where there is a body."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", content, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Another command on the same data folder, beside the server."""
        return run(*arguments, "--data", str(self.data), environment=self.environment)


def run(*arguments: str, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """A command of ours, to its end."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@contextmanager
def serving(data: Path, environment: Mapping[str, str], *more: str, command: str = "serve") -> Iterator[Server]:
    """A server for the length of a block; whatever happens in it, its process ends."""
    server = Server(data, environment, *more, command=command).start()
    try:
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.stop()
