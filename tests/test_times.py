"""One clock for a session: its own time zone, on every page and paper, whatever the machine's or the reader's is."""

import ast
import asyncio
import json
import re
import secrets
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI

import facilitate
from facilitate import exports
from facilitate.core.actors import Actor
from facilitate.core.commands import read
from facilitate.core.refused import Refused
from facilitate.core.sessions import SessionCreated
from facilitate.core.view import AUDIENCES, view
from facilitate.languages import available, catalogue, stamp, timezones, usable
from facilitate.live.clock import ManualClock, timezone_here
from facilitate.live.folders import assets_folder
from facilitate.live.lobby import NewSession
from facilitate.live.reports import drawn_up
from facilitate.phrases import Phrases
from facilitate.store.memory import MemoryStore
from facilitate.ui import light, sheet
from facilitate.ui.assets import Assets
from tests.hall import lobby_on
from tests.play import RULES
from tests.server import Server, run, serving
from tests.workshop import Workshop

ASSETS = Assets()
DAYS = 7
DAY = 86_400_000
MONTHS = {
    "de": [
        "Januar", "Februar", "März", "April", "Mai", "Juni",
        "Juli", "August", "September", "Oktober", "November", "Dezember",
    ],
    "en": [
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ],
}  # fmt: skip
# Midnights: of the nights in which clocks are changed, before and after; where hours are halved; at the date line.
MIDNIGHTS = [
    ("Europe/Berlin", 2026, 10, 25),
    ("Europe/Berlin", 2026, 10, 26),
    ("Europe/Berlin", 2027, 3, 28),
    ("Europe/Berlin", 2027, 3, 29),
    ("Asia/Kolkata", 2026, 12, 1),
    ("Asia/Kathmandu", 2027, 1, 1),
    ("Pacific/Kiritimati", 2026, 12, 31),
    ("Pacific/Pago_Pago", 2027, 1, 1),
]
CASES = [
    (zone, round((datetime(year, month, day, tzinfo=ZoneInfo(zone)) + timedelta(minutes=minutes)).timestamp() * 1000))
    for zone, year, month, day in MIDNIGHTS
    for minutes in (-30, 30)
]
MACHINES = ("UTC", "America/Los_Angeles")


def day(ms: int, zone: str, language: str) -> str:
    """As a calendar on the wall in that zone says it."""
    it = datetime.fromtimestamp(ms / 1000, ZoneInfo(zone))
    dot = "." if language == "de" else ""
    return f"{it.day}{dot} {MONTHS[language][it.month - 1]} {it.year}"


async def papers(zone: str, deleted: int) -> dict[str, bytes]:
    """Every page without a script and every file of a workshop that was held on its first day, by a name each."""
    clock = ManualClock(deleted - DAYS * DAY)
    lobby = lobby_on(MemoryStore, clock)
    await lobby.start()
    app = FastAPI()
    light.add(app, lobby, ASSETS)
    sheet.add(app, lobby, ASSETS)
    found: dict[str, bytes] = {}
    try:
        made = await lobby.create(NewSession(format="quick-vote", delete_after=DAYS, timezone=zone))
        runner = await lobby.find(made.code)
        ids = (f"command-{n:012}" for n in range(100))
        leader, guest = Actor("facilitator", "f"), Actor("participant", "p" * 20)
        for phase in runner.state.agenda():
            await runner.do(read({"kind": "StartPhase", "id": next(ids), "phase": phase.id}), leader)
            if phase.activity == "brainstorm":
                await runner.do(read({"kind": "Join", "id": next(ids)}), guest)
                await runner.do(read({"kind": "PostIdea", "id": next(ids), "phase": phase.id, "text": "A"}), guest)
            clock.advance(300)
        clock.time = deleted - DAYS * DAY
        await runner.do(read({"kind": "EndSession", "id": next(ids)}), leader)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://hall.test") as client:
            for language in available():
                for page in ("j", "s", "sheet"):
                    answer = await client.get(f"/{page}/{made.code}?lang={language}")
                    found[f"{page} {language}"] = answer.raise_for_status().content
                for kind, export in exports.kinds().items():
                    found[f"{kind} {language}"] = export.write(await drawn_up(runner, lobby, language))
    finally:
        await lobby.stop()
    return found


def print_all() -> None:
    """For a process of its own: whatever is random is not."""
    known: Any = secrets
    known.choice = lambda signs: signs[0]
    known.token_hex = lambda n: "0" * 2 * n
    known.token_bytes = lambda n: b"0" * n
    for zone, deleted in CASES:
        for name, paper in asyncio.run(papers(zone, deleted)).items():
            print(zone, deleted, name, paper)


@pytest.mark.parametrize(("zone", "deleted"), CASES)
async def test_one_day_for_all(zone: str, deleted: int) -> None:
    """The day of deletion is one and the same in every language, and the day of the session's own calendar; minutes
    and tables bear its day and hour, and minutes name the zone."""
    found = await papers(zone, deleted)
    began = datetime.fromtimestamp(deleted / 1000 - DAYS * DAY / 1000, ZoneInfo(zone))
    for language in available():
        phone = unescape(found[f"j {language}"].decode())
        assert f'"text":"{day(deleted, zone, language)}"' in phone
        assert f'"timezone":"{zone}"' in phone
        for kind in ("html", "markdown"):
            text = unescape(found[f"{kind} {language}"].decode()).replace("\\_", "_")
            assert day(deleted - DAYS * DAY, zone, language) in text
            assert began.strftime("%H:%M") in text
            assert text.count(zone) == 1
        assert began.strftime('"%Y-%m-%d %H:%M"') in found[f"csv {language}"].decode()
        assert f'"timezone": "{zone}"' in found[f"json {language}"].decode()


def test_the_same_bytes_on_every_machine(environment: dict[str, str]) -> None:
    """What a server in Greenwich writes, one in California writes too, sign by sign."""
    code = "from tests.test_times import print_all; print_all()"
    root = Path(__file__).parents[1]
    outputs = []
    for zone in MACHINES:
        ran = asyncio.run(_ran(code, {**environment, "TZ": zone, "PYTHONPATH": str(root)}, root))
        outputs.append(ran)
    assert len(outputs[0]) > 100_000
    assert outputs[0] == outputs[1]


async def _ran(code: str, environment: dict[str, str], folder: Path) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, env=environment, cwd=folder, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Iterator[Server]:
    """A server in California, whose house is in Kathmandu."""
    with serving(
        tmp_path_factory.mktemp("far"),
        {**environment, "TZ": "America/Los_Angeles"},
        "--timezone",
        "Asia/Kathmandu",
    ) as server:
        yield server


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", None])
def test_staff_pages(far: Server, zone: str | None) -> None:
    """Home, results and the file over HTTP go by one clock, which they name; where none was wished for it is the
    house's. Two zones are a day apart, so one is never where the server is."""
    wish = {} if zone is None else {"timezone": zone}
    made = far.new("quick-vote", delete_after=DAYS, **wish)
    zone = zone or "Asia/Kathmandu"
    code, token = made["code"], made["tokens"]["facilitator"]
    _, session = far.ask(f"/api/sessions/{code}", token)
    last = day(session["delete_at"], zone, "de")
    with httpx.Client(base_url=far.url, timeout=30, follow_redirects=True) as owner:
        owner.post("/auth", json={"token": far.owner}, headers={"Origin": far.url}).raise_for_status()
        for page in ("/home", f"/harvest/{code}"):
            assert last in unescape(owner.get(f"{page}?lang=de").raise_for_status().text), page
    headers = {"Authorization": f"Bearer {token}"}
    for kind in exports.kinds():
        file = httpx.get(f"{far.url}/api/sessions/{code}/export/{kind}?language=de", headers=headers).text
        assert zone in file or kind == "csv"


@pytest.mark.parametrize("kind", exports.kinds())
def test_the_command_line(far: Server, kind: str) -> None:
    """On another machine it writes the file that the server gives, and makes sessions in a zone that is named."""
    made = far.run("new", "quick-vote", "--json", "--timezone", "Asia/Tokyo")
    it = json.loads(made.stdout)
    there = {"Authorization": f"Bearer {it['tokens']['facilitator']}"}
    server = httpx.get(f"{far.url}/api/sessions/{it['code']}/export/{kind}?language=de", headers=there).text
    assert "Asia/Tokyo" in server or kind == "csv"
    away = {**far.environment, "TZ": "UTC"}
    printed = run("export", it["code"], "--to", kind, "--language", "de", "--data", str(far.data), environment=away)
    files = [re.sub(r'"written": \d+', "", file.replace("\r\n", "\n")) for file in (server, printed.stdout)]
    assert files[0].lstrip("\ufeff") == files[1].lstrip("\ufeff")


def test_the_command_line_knows_no_other_zone(far: Server) -> None:
    """It says so before it does anything."""
    for command in (("new", "quick-vote"), ("export", "AAAAAA", "--to", "csv"), ("serve",)):
        ran = far.run(*command, "--timezone", "Europe/Nowhere")
        assert ran.returncode == 2
        assert "Europe/Nowhere" in ran.stderr


# --- where the zone comes from


async def test_an_unknown_zone_is_refused() -> None:
    """Before anything is made; with one that is known as an example."""
    lobby = lobby_on(MemoryStore)
    await lobby.start()
    for name in ("Europe/Nowhere", "localtime", "../../etc/passwd", "CET-1CEST"):
        with pytest.raises(Refused, match=r"timezone\.unknown"):
            await lobby.create(NewSession(format="quick-vote", timezone=name))
    assert lobby.entries() == []
    await lobby.stop()


async def test_without_a_wish_it_is_the_houses() -> None:
    """And it is kept with the session: a house that moves takes no workshop along."""
    lobby = lobby_on(MemoryStore)
    await lobby.start()
    code = (await lobby.create(NewSession(format="quick-vote"))).code
    assert (await lobby.find(code)).state.session.timezone == lobby.rules.timezone == "UTC"
    await lobby.stop()


def test_a_log_without_a_zone_replays() -> None:
    """What was written before sessions had one goes by the house's clock."""
    workshop = Workshop()
    assert workshop.state.session.timezone == ""
    assert SessionCreated.__struct_defaults__[-1] == ""
    assert RULES.timezone_of(workshop.state.session) == "UTC"


@pytest.mark.parametrize(
    ("named", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (":America/New_York", "America/New_York"),
        ("/usr/share/zoneinfo/Asia/Kolkata", "Asia/Kolkata"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "UTC"),
        ("Nowhere/Else", "UTC"),
    ],
)
def test_this_machines_zone(monkeypatch: pytest.MonkeyPatch, named: str, zone: str) -> None:
    """Whatever `TZ` says; a zone that no browser knows is none."""
    monkeypatch.setenv("TZ", named)
    assert timezone_here() == zone


def test_this_machines_zone_without_being_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TZ", raising=False)
    assert timezone_here() in timezones()


def test_a_zone_that_is_not_known_here_breaks_nothing() -> None:
    """A log may come from a machine that knows more."""
    assert usable("Moon/Tranquility") == usable("") == usable("../x") == "UTC"
    assert stamp(0, "Moon/Tranquility") == "1970-01-01 00:00"
    assert usable("Europe/Berlin") == "Europe/Berlin"


def test_a_night_in_which_clocks_are_changed() -> None:
    """An hour that is there twice is told apart, and one that is not there is explained."""
    phrases = Phrases(Workshop().report())
    for begin, end, said in (
        (datetime(2026, 10, 25, 0, 30), datetime(2026, 10, 25, 1, 10), "02:30 (GMT+02:00)\u201302:10 (GMT+01:00)"),
        (datetime(2027, 3, 28, 0, 30), datetime(2027, 3, 28, 1, 10), "01:30 (GMT+01:00)\u201303:10 (GMT+02:00)"),
        (datetime(2027, 3, 28, 10, 0), datetime(2027, 3, 28, 11, 0), "12:00\u201313:00"),
    ):
        ms = [round(moment.replace(tzinfo=ZoneInfo("UTC")).timestamp() * 1000) for moment in (begin, end)]
        assert phrases.span(ms[0], ms[1]) == said


def test_every_zone_can_be_said() -> None:
    """Also those with odd offsets, in every language."""
    for zone in sorted(timezones()):
        for language in available():
            assert catalogue(language).date(0, zone)
            assert catalogue(language).offset(0, zone)


# --- no time without a zone

# What turns a moment into a day or an hour, or knows where this machine stands.
_CALENDAR = re.compile(
    r"^(datetime|date|zoneinfo|calendar|babel\.dates|babel\.localtime)(\.|$)"
    r"|^time\.(localtime|gmtime|strftime|ctime|asctime|mktime|tzname|timezone|altzone)$"
)
HOME_OF_TIMES = {"languages/__init__.py", "live/clock.py"}  # the one formats, the other asks the machine


def imported(tree: ast.AST) -> Iterator[str]:
    """The full names of what a module imports, and `time.x` where it uses it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


def offending(found: Callable[[str], bool], source: str) -> list[str]:
    return sorted({name for name in imported(ast.parse(source)) if found(name)})


def test_python_formats_no_time_elsewhere() -> None:
    """One file makes days and hours of moments, and each of its functions asks for the zone."""
    folder = Path(facilitate.__file__).parent
    found = {
        str(path.relative_to(folder)): names
        for path in sorted(folder.rglob("*.py"))
        if (names := offending(lambda name: bool(_CALENDAR.search(name)), path.read_text("utf-8")))
    }
    assert set(found) == HOME_OF_TIMES
    tree = ast.parse((folder / "languages/__init__.py").read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fromtimestamp":
            assert len(node.args) == 2
        if isinstance(node, ast.FunctionDef) and any(arg.arg == "ms" for arg in node.args.args):
            assert "timezone" in {arg.arg for arg in node.args.args}, node.name
            assert not node.args.defaults


@pytest.mark.parametrize(
    "line", ["from datetime import datetime", "import time\ntime.localtime()", "import babel.dates"]
)
def test_the_search_finds_them(line: str) -> None:
    assert offending(lambda name: bool(_CALENDAR.search(name)), line)


# `toLocaleLowerCase` and such are of letters. A date object knows the browser's zone alone.
_FORMATS = re.compile(
    r"\.toLocale(?:Date|Time)?String\(|\bDateTimeFormat\b|\bnew Date\b|[^.\w]Date\(|\.get(?:UTC)?Hours\("
)


def test_browsers_format_no_time_elsewhere() -> None:
    """One function of the browser's scripts makes days and hours of moments, and it names the session's zone."""
    found: dict[str, list[str]] = {}
    for path in sorted(assets_folder().glob("*.js")):
        lines = [line for line in path.read_text("utf-8").splitlines() if _FORMATS.search(line)]
        if lines:
            found[path.name] = lines
    assert set(found) == {"room.js"}
    assert len(found["room.js"]) == 1
    assert "timeZone" in found["room.js"][0]
    for path in sorted(assets_folder().glob("*.js")):
        for call in re.findall(
            r"\bformat\((?!entries, ms, options, session\)|ms\)|value\)).*", path.read_text("utf-8")
        ):
            assert re.search(r"\}, (room\.session|desk\.session\.value)\)", call), (path.name, call)


def test_sessions_of_every_audience_name_the_zone() -> None:
    """Phones, those who wait at the door, screens and desks."""
    workshop = Workshop()
    for audience in (*AUDIENCES, "outside"):
        record = view(workshop.state, audience, ("session", workshop.state.session.id), workshop.rules)
        assert record is not None
        assert record["timezone"] == "UTC"
