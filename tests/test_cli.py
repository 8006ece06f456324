"""The command line as its contract has it: beside a running server, with exit codes and one line for every refusal."""

import csv
import io
import json
import os
import pty
import re
import shlex
import sqlite3
import stat
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
import socketio

from facilitate import exports
from facilitate.live.lobby import ALPHABET
from tests.hall import Client
from tests.server import PROGRAM, Server, free_port, run, serving

CODE = re.compile(f"[{ALPHABET}]{{6}}")
KINDS = sorted(exports.kinds())
BEGINS = {"csv": "\ufeff", "html": "<!DOCTYPE html", "json": "{", "markdown": "#"}


def refused(result: object, *words: str) -> str:
    """Exit 1, nothing on standard output, one line on standard error that says these words; no traceback."""
    code, out, err = result.returncode, result.stdout, result.stderr  # type: ignore[attr-defined]
    assert (code, out) == (1, ""), err
    assert err.count("\n") == 1, err
    assert "Traceback" not in err
    for word in words:
        assert word in err, err
    return str(err)


async def desk_of(server: Server, code: str) -> Client:
    return await Client(server.url, code, token=server.owner).open()


# --- what there is


def test_formats_are_listed_for_people_and_as_json(environment: dict[str, str], tmp_path: Path) -> None:
    told = run("formats", "--data", str(tmp_path / "d"), environment=environment)
    listed = run("formats", "--json", "--data", str(tmp_path / "d"), environment=environment)
    assert (told.returncode, listed.returncode, told.stderr, listed.stderr) == (0, 0, "", "")
    formats = {one["id"]: one for one in json.loads(listed.stdout)}
    assert {"co-learning-sharing-creation", "pin-board", "quick-vote"} <= set(formats)
    for id_, one in formats.items():
        assert id_ in told.stdout
        assert one["title"]["en"]
        assert one["title"]["de"]
        assert one["minutes"] == sum(phase["minutes"] or 0 for phase in one["phases"])


SERVERS = {"fastapi", "nicegui", "socketio", "starlette", "uvicorn"}  # a second to import, all together
IMPORTED = """
import sys
from facilitate.cli import command

try:
    command(sys.argv[1:])
finally:
    print(*sorted({name.split(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def test_only_the_server_loads_what_serves(environment: dict[str, str], tmp_path: Path) -> None:
    """A command that is over in a moment begins in a moment."""

    def imports(*command: str) -> tuple[str, set[str]]:
        program = [sys.executable, "-c", IMPORTED, *command, "--data", str(tmp_path / "d")]
        done = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, done.stderr
        return done.stdout, set(done.stderr.split())

    made, new = imports("new", "quick-vote", "--json")
    assert "facilitate" in new
    assert new & SERVERS == set()
    assert imports("formats")[1] & SERVERS == set()
    for kind in KINDS:
        content, exported = imports("export", json.loads(made)["code"], "--to", kind)
        assert content
        assert exported & SERVERS == set(), kind


def test_every_command_has_a_help(environment: dict[str, str]) -> None:
    told = run("--help", environment=environment)
    assert told.returncode == 0
    for command in ("serve", "demo", "new", "formats", "export", "rehearse", "owner-link"):
        assert command in told.stdout


# --- beside a running server


async def test_a_session_made_beside_the_server_is_there_at_once(server: Server) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        await Client(server.url, "AAAAAA").open()  # so the server has read its list of sessions just now
    made = server.run("new", "quick-vote", "--title", "Ideas for the yard", "--json")
    assert (made.returncode, made.stderr) == (0, "")
    session = json.loads(made.stdout)
    assert CODE.fullmatch(session["code"])
    assert session["title"] == {"en": "Ideas for the yard", "de": "Ideas for the yard"}
    assert set(session) == {"code", "title", "links", "tokens"}
    assert set(session["tokens"]) == {"facilitator", "screen"}
    assert session["links"]["join"] == f"{server.public}/J/{session['code']}"
    assert session["links"]["desk"] == f"{server.public}/desk/{session['code']}#{session['tokens']['facilitator']}"
    status, seen = server.ask(f"/api/sessions/{session['code']}", session["tokens"]["facilitator"])
    assert (status, seen["code"]) == (200, session["code"])
    phone = await Client(server.url, session["code"].lower()).open()
    assert phone.all("session")[0]["title"]["en"] == "Ideas for the yard"
    desk = await Client(server.url, session["code"], token=session["tokens"]["facilitator"]).open()
    assert desk.you["role"] == "facilitator"
    for client in (phone, desk):
        await client.close()


def test_a_desk_link_made_beside_the_server_opens_the_desk_at_once(server: Server) -> None:
    session = json.loads(server.run("new", "pin-board", "--json").stdout)
    request = urllib.request.Request(
        f"{server.url}/auth",
        json.dumps({"token": session["tokens"]["facilitator"]}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert json.load(answer) == {"role": "facilitator"}
        assert "HttpOnly" in answer.headers["set-cookie"]


def test_new_for_people_prints_the_code_and_every_link(server: Server) -> None:
    made = server.run("new", "quick-vote")
    assert (made.returncode, made.stderr) == (0, "")
    for part in ("Quick vote", "/J/", "/s/", "/desk/", "/harvest/"):
        assert part in made.stdout


async def test_every_export_is_written_beside_the_server(server: Server, tmp_path: Path) -> None:
    code = server.new("quick-vote", title="Bänke für den Hof")["code"]
    desk, phone = await desk_of(server, code), await Client(server.url, code).open()
    assert (await desk.do("StartPhase", phase="collect"))["ok"]
    assert (await phone.do("PostIdea", phase="collect", text="=Bänke und Bäume"))["ok"]
    for kind in KINDS:
        file = tmp_path / f"harvest.{kind}"
        done = server.run("export", code, "--to", kind, "--out", str(file))
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
        text = file.read_text("utf-8")
        assert text.startswith(BEGINS[kind])
        assert "Bänke und Bäume" in text
    printed = server.run("export", code.lower(), "--to", "csv")
    assert printed.returncode == 0
    rows = list(csv.reader(io.StringIO(printed.stdout.removeprefix("\ufeff"))))
    assert [row[1] for row in rows[1:]] == ["'=Bänke und Bäume"]
    assert (await phone.do("PostIdea", phase="collect", text="The server goes on"))["ok"]
    for client in (desk, phone):
        await client.close()


def test_headings_of_an_export_are_in_the_language_asked_for(server: Server) -> None:
    code = server.new("quick-vote")["code"]
    german = server.run("export", code, "--to", "csv", "--language", "de")
    english = server.run("export", code, "--to", "csv")
    assert (german.returncode, english.returncode) == (0, 0)
    assert german.stdout != english.stdout
    refused(server.run("export", code, "--to", "csv", "--language", "xx"), "xx", "de, en")


def test_the_owners_link_is_the_servers_and_a_new_one_makes_the_old_useless(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with serving(tmp_path / "d", environment) as it:
        link = it.run("owner-link")
        assert (link.returncode, link.stderr) == (0, "")
        page, _, old = link.stdout.strip().partition("#")
        assert page == f"{it.public}/home"
        assert it.ask("/api/sessions", old, {"format": "quick-vote"})[0] == 201
        renewed = it.run("owner-link", "--renew").stdout.strip().partition("#")[2]
        assert renewed != old
        status, problem = it.ask("/api/sessions", old, {"format": "quick-vote"})
        assert (status, problem["key"]) == (401, "token.invalid")
        assert it.ask("/api/sessions", renewed, {"format": "quick-vote"})[0] == 201
        assert it.run("owner-link").stdout.strip().endswith(renewed)
        assert stat.S_IMODE((it.data / "owner-token").stat().st_mode) == 0o600


# --- serving


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_serve_prints_its_links_and_ends_when_it_is_told_to(
    command: str, environment: dict[str, str], tmp_path: Path
) -> None:
    """The owner's secret at the first start alone: whatever else is printed goes into a service's journal."""
    data = tmp_path / "a folder"
    told = f"facilitate owner-link --data '{data}'"
    for start in ("first", "second", "third"):
        with serving(data, environment, command=command) as it:
            owner = it.owner
            code, out, err = it.stop()
        assert (code, err) == (0, "")
        assert f"{it.public}/home" in out
        assert it.public in out.splitlines()[-1], "where phones reach it"
        assert (f"{it.public}/home#{owner}" in out) is (start == "first")
        assert (owner in out) is (start == "first")
        assert (told in out) is (start != "first")
    assert run(*shlex.split(told)[1:], environment=environment).stdout.strip().endswith(f"/home#{owner}")


async def test_no_secret_is_printed_or_logged(environment: dict[str, str], tmp_path: Path) -> None:
    """Whatever is asked, refused or broken off: neither the journal nor the small files that are no secret hold one."""
    run("new", "quick-vote", "--data", str(tmp_path), environment=environment)
    run("owner-link", "--data", str(tmp_path), environment=environment)
    with serving(tmp_path, environment) as it:
        made = it.new()
        secrets = {it.owner, *made["tokens"].values()}
        for role in ("facilitator", "screen"):
            await (await Client(it.url, made["code"], token=made["tokens"][role]).open()).close()
        phone = await Client(it.url, made["code"], join="a-nonce-that-only-it-has").open()
        secrets |= {str(phone.token), "a-nonce-that-only-it-has"}
        for raw in (None, 7, {"kind": "Join", "id": str(phone.token)[:40]}, [phone.token], "x" * 100_000):
            await phone.sio.call("do", raw, namespace="/live")
        await phone.sio.eio.ws.close()
        for token in list(secrets):
            for path in ("/api/sessions/AAAAAA", "/api/nowhere", f"/home?token={token}", f"/healthz?{token}"):
                with suppress(ValueError):
                    it.ask(path, token, {"token": token, "format": token})
            broken = Client(it.url, made["code"], token=f"{token}x", join=token)
            with pytest.raises(socketio.exceptions.ConnectionError):
                await broken.open()
        stray = refused(it.run("rehearse", f"ftp://hall.test/desk/{made['code']}#{it.owner}"), "join link")
        _, out, err = it.stop()
    files = (tmp_path / "url").read_text() + (tmp_path / "lock").read_text()
    for secret in secrets:
        assert secret not in out + err + stray + files


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_on_a_terminal_the_owners_link_is_printed_each_time(
    command: str, environment: dict[str, str], tmp_path: Path
) -> None:
    run("new", "quick-vote", "--data", str(tmp_path), environment=environment)
    token = run("owner-link", "--data", str(tmp_path), environment=environment).stdout.partition("#")[2].strip()
    ours, theirs = pty.openpty()
    port = str(free_port())
    given = [*PROGRAM, command, "--data", str(tmp_path), "--port", port, "--no-open"]
    with subprocess.Popen(given, env=environment, stdin=subprocess.DEVNULL, stdout=theirs) as process:
        os.close(theirs)
        seen = b""
        while b"Phones" not in seen and b"phones" not in seen:
            seen += os.read(ours, 4096)
        process.terminate()
    os.close(ours)
    assert f"/home#{token}".encode() in seen


def test_the_folder_may_be_named_by_the_environment(environment: dict[str, str], tmp_path: Path) -> None:
    there = {**environment, "FACILITATE_DATA": str(tmp_path / "named")}
    assert run("new", "quick-vote", environment=there).returncode == 0
    named = run("owner-link", environment=there)
    assert named.returncode == 0
    assert (tmp_path / "named" / "owner-token").read_text().strip() in named.stdout


async def test_demo_prints_the_links_of_a_sample_session_and_keeps_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    codes: list[str] = []
    for _ in range(2):
        with serving(tmp_path / "d", environment, command="demo") as it:
            owner = it.owner
            code = (tmp_path / "d" / "sample").read_text().strip()
            phone = await Client(it.url, code).open()
            assert phone.all("session")
            await phone.close()
            _, out, err = it.stop()
        assert err == ""
        secret = "" if codes else f"#{owner}"  # told at the first start
        for link in (f"/j/{code}", f"/desk/{code}{secret}", f"/s/{code}", f"/home{secret}"):
            assert f"{it.public}{link}\n" in out
        codes.append(code)
    assert codes[0] == codes[1], "a restart keeps the sample"


# --- rehearsing


def test_a_rehearsal_loses_nothing_and_says_so(server: Server) -> None:
    code = server.new("pin-board")["code"]
    link = f"{server.url}/j/{code}"
    done = server.run("rehearse", link, "--people", "8", "--seconds", "4", "--json")
    assert done.returncode == 0, done.stderr
    findings = json.loads(done.stdout)
    assert (findings["people"], findings["connected"]) == (8, 8)
    assert findings["phases"] == ["collect", "sort", "weigh", "talk"]
    assert findings["posted"] >= 8
    assert findings["ballots"] == 8
    assert findings["seen"]["count"] >= 8 * 8
    assert 0 < findings["seen"]["p50"] <= findings["seen"]["p95"] <= findings["seen"]["max"]
    assert (findings["lost"], findings["doubled"], findings["differing"]) == (0, 0, 0)
    status, session = server.ask(f"/api/sessions/{code}", server.owner)
    assert (status, session["state"]) == (200, "ended")
    assert session["ideas"] == findings["posted"] - findings["withdrawn"]
    refused(server.run("rehearse", link), code, "is over", "facilitate new")


# --- refusals


def test_what_is_not_there_is_refused_with_a_sentence(server: Server, tmp_path: Path) -> None:
    refused(server.run("new", "no-such-format"), "no-such-format", "quick-vote")
    refused(server.run("new", "quick-vote", "--title", "x" * 121), "1 character")
    refused(server.run("export", "AAAAAA", "--to", "csv"), "code")
    code = server.new()["code"]
    refused(server.run("export", code, "--to", "papyrus"), "papyrus", ", ".join(KINDS))
    refused(server.run("export", code, "--to", "csv", "--out", str(tmp_path / "no" / "file")), "--out")
    refused(server.run("rehearse", f"{server.url}/j/AAAAAA"), "AAAAAA")
    refused(server.run("rehearse", "ftp://hall.test/j/AAAAAA"), "join link")


def test_a_rehearsal_needs_a_server_that_answers(environment: dict[str, str], tmp_path: Path) -> None:
    fresh = str(tmp_path / "d")
    refused(run("rehearse", "AAAAAA", "--data", fresh, environment=environment), "facilitate serve")
    away = run("rehearse", "http://127.0.0.1:9/j/AAAAAA", "--data", fresh, environment=environment)
    refused(away, "http://127.0.0.1:9", "does not answer")


def test_another_servers_owner_is_not_this_ones(server: Server, environment: dict[str, str], tmp_path: Path) -> None:
    code = server.new()["code"]
    link = f"{server.url}/j/{code}"
    stranger = run("rehearse", link, "--data", str(tmp_path / "other"), environment=environment)
    refused(stranger, "--data")


@pytest.mark.parametrize(
    "command", [("serve",), ("new", "quick-vote"), ("export", "AAAAAA", "--to", "csv")], ids=lambda it: it[0]
)
def test_a_damaged_file_is_refused_and_left_untouched(
    command: tuple[str, ...], environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "facilitate.sqlite"
    content = b"this is no database, but somebody's only copy of something" * 100
    file.write_bytes(content)
    if command[0] == "serve":
        command = (*command, "--port", str(free_port()))
    refused(run(*command, "--data", str(tmp_path), environment=environment), str(file), "damaged")
    assert file.read_bytes() == content


def test_a_newer_file_is_refused_and_left_untouched(environment: dict[str, str], tmp_path: Path) -> None:
    with serving(tmp_path, environment) as it:
        it.new()
    file = tmp_path / "facilitate.sqlite"
    with sqlite3.connect(file) as base:
        base.execute("PRAGMA user_version = 9999")
    base.close()
    content = file.read_bytes()
    for command in (("serve", "--port", str(it.port)), ("new", "quick-vote")):
        refused(run(*command, "--data", str(tmp_path), environment=environment), str(file), "newer")
    assert file.read_bytes() == content


def test_a_second_server_on_the_folder_is_refused(server: Server) -> None:
    assert server.process is not None
    second = server.run("serve", "--port", str(free_port()))
    refused(second, str(server.data), str(server.process.pid))
    assert server.is_healthy()


def test_a_port_in_use_is_refused(server: Server, environment: dict[str, str], tmp_path: Path) -> None:
    second = run("serve", "--port", str(server.port), "--data", str(tmp_path / "d"), environment=environment)
    refused(second, str(server.port), "--port")
    assert server.is_healthy()


def test_an_address_that_is_not_this_machines_is_refused(environment: dict[str, str], tmp_path: Path) -> None:
    elsewhere = run("serve", "--host", "203.0.113.1", "--data", str(tmp_path / "d"), environment=environment)
    refused(elsewhere, "203.0.113.1", "--host")


def unwritable(tmp_path: Path) -> Path:
    """A folder that nobody can write to, root neither."""
    if os.geteuid() == 0:
        if not sys.platform.startswith("linux"):
            pytest.skip("root may write to every folder here")
        return Path("/proc")
    tmp_path.chmod(0o500)
    return tmp_path


@pytest.mark.parametrize("command", [("serve",), ("new", "quick-vote"), ("owner-link",)], ids=lambda it: it[0])
def test_a_folder_that_cannot_be_written_to_is_refused(
    command: tuple[str, ...], environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder")
    below = tmp_path / "file" / "folder"
    refused(run(*command, "--data", str(below), environment=environment), str(below), "--data")
    folder = unwritable(tmp_path)
    refused(run(*command, "--data", str(folder), environment=environment), str(folder), "--data")
    tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    "command",
    [
        ("serve", "--nonsense"),
        ("new",),
        ("export", "AAAAAA"),
        ("nonsense",),
        ("rehearse", "AAAAAA", "--people", "0"),
        ("serve", "--port", "99999"),
        ("serve", "--public-url", "hall.test"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_2(command: tuple[str, ...], environment: dict[str, str]) -> None:
    wrong = run(*command, environment=environment)
    assert wrong.returncode == 2
    assert wrong.stdout == ""
    assert "Usage" in wrong.stderr
    assert "Traceback" not in wrong.stderr
