"""The benchmark runs, and what it measures is whole. No figure of time is asserted: machines differ."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.bench.phones import Phone
from tests.bench.posts import Post, seen_after, wrong
from tests.bench.scenarios import Scenario, files
from tests.bench.table import BUSY, OTHERS, Row, line

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def short(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the short form writes."""
    out = tmp_path_factory.mktemp("bench") / "figures.json"
    command = [sys.executable, "-m", "tests.bench", "--short", "--json", str(out)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return found


def rows(short: dict[str, Any], file: str) -> list[dict[str, Any]]:
    return [row for row in short["rows"] if row["scenario"] == file and row["people"]]


@pytest.mark.parametrize("file", files())
def test_every_kind_of_load_loses_doubles_and_refuses_nothing(short: dict[str, Any], file: str) -> None:
    mine = rows(short, file)
    assert mine
    for row in mine:
        assert (row["lost"] or 0, row["gaps"] or 0, row["refused"]) == (0, 0, {}), row["what"]
        if "NiceGUI board" not in row["what"]:
            assert not row["doubled"], row["what"]
        assert row["server_mb"] > 0


def test_what_is_seen_was_seen(short: dict[str, Any]) -> None:
    for file in ("crowds", "doubling", "laggards", "nicegui", "phase", "polling"):
        assert all(row["seen"][1] > 0 for row in rows(short, file)), file
    for file in ("ballots", "crowds", "phase"):
        assert all(row["acked"][1] > 0 for row in rows(short, file)), file


def test_laggards_lagged_and_the_one_that_was_given_up_left_no_socket(short: dict[str, Any]) -> None:
    (row,) = rows(short, "laggards")
    besides = row["besides"]
    assert besides["frames of a laggard"] < besides["of another"]
    assert besides["sockets left of it"] == 0


def test_each_poller_and_each_upgrade_is_whole(short: dict[str, Any]) -> None:
    kinds = rows(short, "polling")
    assert len(kinds) == 3
    assert all(row["besides"]["whole"] == row["besides"]["of"] > 0 for row in kinds)


def test_the_machine_is_named(short: dict[str, Any]) -> None:
    assert {"cpu", "cores", "python", "date"} <= short["machine"].keys()


def test_names_are_the_scenarios_own(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "tests.bench", "--list"]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout
    everything: list[Scenario] = [scenario for some in files().values() for scenario in some]
    assert len({scenario.name for scenario in everything}) == len(everything)
    assert all(scenario.name in said and scenario.goal in said for scenario in everything)


IDEA = '{"type":"idea","id":"a"}'


def change(start: int, seq: int, put: str) -> bytes:
    return f'42/live,["change",{{"from":{start},"seq":{seq},"put":[{put}],"drop":[]}}]'.encode()


async def welcomed() -> Phone:
    phone = Phone({}, full=True)
    phone.hear(b'42/live,["welcome",{"you":{},"now":0,"log":"x","from":0,"seq":1,"put":[],"drop":[]}]')
    return phone


async def test_what_a_phone_lacks_or_has_twice_is_counted() -> None:
    phone = await welcomed()
    phone.hear(change(1, 2, IDEA))
    phone.hear(change(2, 3, IDEA))
    assert wrong(phone, [Post(2, "a", 0, 0), Post(3, "b", 0, 0)]) == (1, 1)


async def test_what_does_not_follow_is_a_gap_and_is_not_taken() -> None:
    phone = await welcomed()
    phone.hear(change(2, 3, IDEA))
    assert (phone.gaps, phone.seq) == (1, 1)
    phone.hear(change(1, 3, IDEA))
    assert (phone.gaps, phone.seq) == (1, 3)


async def test_whoever_comes_back_holds_what_it_held() -> None:
    before = await welcomed()
    before.hear(change(1, 2, IDEA))
    phone = Phone({}, full=True, before=before)
    phone.hear(b'42/live,["welcome",{"you":{},"now":0,"log":"x","from":2,"seq":4,"put":[],"drop":[]}]')
    assert wrong(phone, [Post(2, "a", 0, 0)]) == (0, 0)
    assert (phone.gaps, phone.seq) == (0, 4)


def test_an_idea_was_seen_with_the_first_frame_of_its_number_or_more() -> None:
    assert seen_after([(2, 1.0), (5, 3.0)], [(2, 0.5), (3, 0.5), (6, 0.5)]) == [0.5, 2.5]


def test_a_driver_that_is_the_bottleneck_is_named() -> None:
    assert "bottleneck" in line(Row(what="x", people=1, driver_share=BUSY + 0.01))
    assert "bottleneck" not in line(Row(what="x", people=1, driver_share=BUSY - 0.01))


def test_other_work_on_the_machine_is_named() -> None:
    assert "disturbed" in line(Row(what="x", people=1, driver_share=0.1, others_share=OTHERS + 0.01))
    assert "disturbed" not in line(Row(what="x", people=1, driver_share=0.1, others_share=OTHERS - 0.01))


def test_nothing_measured_is_no_zero() -> None:
    assert "| x | 1 |  |  |" in line(Row(what="x", people=1))
