"""Attacks over the wire: what must not open, not leak and not fall over, whatever is sent."""

import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.server import PROGRAM, Server, free_port


def fetched(url: str) -> tuple[int, str]:
    """(status, body) of a page as somebody without any cookie gets it."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.parametrize(
    "path",
    [
        "/home",
        "/home%0A",
        "/home/%0A",
        "/plan%0A",
        "/plan/?format=quick-vote",
        "/desk/CODE%0A",
        "/desk/CODE" + "-" * 90,
        "/harvest/CODE" + "-" * 90,
        "/harvest/CODE" + "-" * 90 + "/",
        "/harvest/CODE%20" + "%20" * 90 + "%0A",
    ],
)
def test_no_spelling_of_an_address_leads_around_the_gate(server: Server, path: str) -> None:
    """Whatever address the router takes for a staff page, the gate does too."""
    created = server.new(title="Only for its facilitators")
    status, body = fetched(server.url + path.replace("CODE", created["code"]))
    assert status in (401, 404)
    assert "Only for its facilitators" not in body


def test_a_full_disk_is_called_a_full_disk(environment: dict[str, str], tmp_path: Path) -> None:
    """Not a port that is taken: whoever reads it must know what to do."""
    command = (*PROGRAM, "serve", "--data", str(tmp_path / "folder"), "--port", str(free_port()), "--no-open")
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *command],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "Port" not in done.stderr
    assert "Make room" in done.stderr
    assert len(done.stderr.splitlines()) == 1
