"""A language that nobody has texts in: the session's own is read, not English. On every page, paper and refusal."""

import re
import subprocess
import urllib.request
from pathlib import Path

import pytest

from facilitate.languages import available, catalogue, negotiate, of_papers, ours
from tests.server import Server

FRENCH = "fr-CA,fr;q=0.9"


@pytest.mark.parametrize(
    ("wishes", "languages", "language"),
    [
        ("fr", ("de",), "de"),
        ("fr", ("de", "en"), "de"),
        ("fr", ("en", "de"), "en"),
        ("en-GB,en;q=0.9", ("de",), "de"),
        ("en-GB,en;q=0.9", ("de", "en"), "en"),
        ("de-AT", ("en", "de"), "de"),
        ("", ("de-AT", "en"), "de"),
        ("de", ("fr",), "de"),
        ("fr", ("fr",), "en"),
        ("fr", ("fr", "de"), "de"),
    ],
)
def test_papers_are_in_a_language_of_the_session(wishes: str, languages: tuple[str, ...], language: str) -> None:
    """The one that the reader likes best; where there are no texts in any of them, the reader's."""
    assert of_papers(wishes, languages) == language


@pytest.mark.parametrize(
    ("wishes", "languages", "language"),
    [("fr", ("de",), "de"), ("fr", ("de-AT",), "de"), ("en", ("de",), "en"), ("fr", ("fr",), "en"), ("fr", (), "en")],
)
def test_pages_are_in_the_readers_language_else_in_the_sessions(
    wishes: str, languages: tuple[str, ...], language: str
) -> None:
    assert negotiate(wishes, otherwise=languages) == language
    assert set(ours(languages)) <= set(available())


def read(server: Server, path: str, wishes: str, token: str = "") -> str:
    headers = {"Accept-Language": wishes, **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(f"{server.url}{path}", headers=headers)
    opener = urllib.request.build_opener(Kept)
    with opener.open(request, timeout=30) as answer:
        return str(answer.read().decode("utf-8-sig"))


class Kept(urllib.request.HTTPErrorProcessor):
    """Refusals are pages too."""

    def http_response(self, request: object, response: object) -> object:
        return response

    https_response = http_response


PAGES = ["/j/CODE", "/j/CODE/3", "/J/CODE", "/s/CODE", "/sheet/CODE", "/sheet/CODE?tables=4"]
PAPERS = ["markdown", "html", "csv"]


@pytest.fixture(scope="module")
def german(server: Server) -> dict[str, str]:
    made = server.new("pin-board", languages=["de"])
    return {"code": made["code"], "token": made["tokens"]["facilitator"]}


@pytest.mark.parametrize("address", PAGES)
def test_a_phone_of_a_third_language_reads_the_sessions(server: Server, german: dict[str, str], address: str) -> None:
    """In its HTML, and in the words that come along; a reader of English reads English there, the screen excepted."""
    path = address.replace("CODE", german["code"])
    assert re.search(r'<html lang="([a-z]+)', read(server, path, FRENCH))[1] == "de"  # type: ignore[index]
    english = re.search(r'<html lang="([a-z]+)', read(server, path, "en"))[1]  # type: ignore[index]
    assert english == ("de" if address.startswith("/s/") else "en")


@pytest.mark.parametrize("kind", PAPERS)
@pytest.mark.parametrize("wishes", [FRENCH, "en-GB", ""])
def test_papers_of_a_german_session_are_german(server: Server, german: dict[str, str], kind: str, wishes: str) -> None:
    """Also on a laptop that is set to English; what `?language` asks for goes before."""
    path = f"/api/sessions/{german['code']}/export/{kind}"
    number, agenda = (catalogue("de").say(f"report.{key}") for key in ("number", "agenda"))
    assert (number if kind == "csv" else agenda) in read(server, path, wishes, german["token"])
    said = catalogue("en").say("report.number" if kind == "csv" else "report.agenda")
    assert said in read(server, f"{path}?language=en", wishes, german["token"])


def test_a_refusal_about_a_session_is_in_its_language(server: Server, german: dict[str, str]) -> None:
    answer = read(server, f"/api/sessions/{german['code']}/export/poem", FRENCH, german["token"])
    assert catalogue("de").say("error.export.unknown") in answer


@pytest.mark.parametrize(
    ("locale", "languages", "language"),
    [
        ("en_GB.UTF-8", ["de"], "de"),
        ("en_GB.UTF-8", ["de", "en"], "en"),
        ("C.UTF-8", ["de", "en"], "de"),
        ("", ["de", "en"], "de"),
        ("fr_FR.UTF-8", ["de", "en"], "de"),
    ],
)
def test_the_command_line_writes_in_the_machines_language_where_the_session_has_it(
    server: Server, environment: dict[str, str], locale: str, languages: list[str], language: str
) -> None:
    code = server.new("pin-board", languages=languages)["code"]
    kept = {name: value for name, value in environment.items() if name not in ("LC_ALL", "LC_MESSAGES", "LANG")}
    told = {**kept, "PYTHONIOENCODING": "utf-8", **({"LANG": locale} if locale else {})}
    command = (*server.program, "export", code, "--to", "markdown", "--data", str(server.data))
    done = subprocess.run(command, env=told, capture_output=True, encoding="utf-8", timeout=100)
    assert done.returncode == 0, done.stderr
    assert f"## {catalogue(language).say('report.agenda')}" in done.stdout


def test_nobody_negotiates_alone() -> None:
    """What is about a session asks for its languages too: the rule stands in three places."""
    root = Path(__file__).parent.parent / "facilitate"
    alone = re.compile(r"(?<!def )\bnegotiate\((?!.*otherwise)")
    found = {path.relative_to(root).as_posix() for path in root.rglob("*.py") if alone.search(path.read_text("utf-8"))}
    assert found == {"languages/__init__.py", "phrases.py"}
