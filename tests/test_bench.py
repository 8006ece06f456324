"""The benchmark runs, and what it measures is whole. No figure of time is asserted: machines differ."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.server


def test_the_short_form_loses_and_doubles_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    command = [sys.executable, "-m", "tests.bench", "--short", "--json", str(out)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    figures = json.loads(out.read_text())
    assert len(figures) == 2
    for (one,) in figures.values():
        assert (one["lost"], one["doubled"], one["gaps"], one["refused"]) == (0, 0, 0, {})
        assert one["acked"][1] > 0
    assert figures["60 phones, 20 posts/s"][0]["seen"][1] > 0
