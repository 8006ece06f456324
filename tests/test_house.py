"""The house is in order: floors, names, files in their places, and a wheel that carries everything it needs."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from statistics import median, quantiles

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = {"facilitate", "sessions", "assets", "tests"}
FILES = {"pyproject.toml", "README.md", "Makefile", "LICENSE", "CHANGELOG.md", "constraints.txt", ".ci"}
EMPTY_WORDS = {"util", "helper", "common", "manager", "service", "handler", "data"}
MODULES = [path for folder in ("facilitate", "tests") for path in sorted((ROOT / folder).rglob("*.py"))]


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_floors() -> None:
    """A floor imports what stands below it, and the rules know no network and no database."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo"]
    lint = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert lint.returncode == 0, lint.stdout + lint.stderr


def test_top_level() -> None:
    """Whoever opens the repository sees four folders and the few files that every project has."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    top = {name.split("/")[0] for name in listed.stdout.splitlines()}
    assert {name for name in top - FOLDERS - FILES if not name.startswith(".git")} == set()


def test_readme_folders() -> None:
    """The README names every top-level folder."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert {folder for folder in FOLDERS if f"{folder}/" not in readme} == set()


def test_readme_commands() -> None:
    """Each `make ...` of the README is a target, and those who check a change call the same ones."""
    readme = (ROOT / "README.md").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    commands = set(re.findall(r"(?:^|`)make ([a-z]+)", readme, re.MULTILINE))
    assert {"run", "test"} <= commands <= targets
    assert re.search(r"^make test$", (ROOT / ".ci/run").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_docstring(path: Path) -> None:
    """A module's first line says what it is for."""
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


# Where a script may ask for the time of day, and why. It jumps when a device's clock is set: nothing is measured by it.
TIME_OF_DAY = {
    "live.js": {
        "let offset = Date.now() - performance.now();": "what we take the time for until the server has said it",
        "let day = Date.now();": "held against the page's own time, it tells of sleep and of a clock that was set",
        "const jump = Date.now() - day - passed;": "as above",
        "day = Date.now();": "as above",
        "const at = Math.max(Date.now(), (outbox[outbox.length - 1]?.at ?? 0) + 1);": "in order also after a reload",
    },
    "wire.js": {"&t=${Date.now().toString(36)}`;": "so that no address is asked for twice"},
}


def test_the_time_of_day_is_no_stop_watch() -> None:
    """A clock that is set back by an hour would keep buttons dead and pages standing for an hour."""
    for path in sorted((ROOT / "assets").glob("*.js")):
        code = re.sub(r"^\s*//.*$|\s//\s.*$", "", path.read_text("utf-8"), flags=re.MULTILINE)
        lines = [line.strip() for line in code.splitlines() if re.search(r"\bDate\b", line)]
        allowed = TIME_OF_DAY.get(path.name, {})
        assert [line for line in lines if not line.endswith(tuple(allowed) or "\n")] == [], path.name
        assert [part for part in allowed if not any(part in line for line in lines)] == [], path.name


def test_names() -> None:
    """No file has a name that says nothing."""
    files = [path for path in (ROOT / "facilitate").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    words = {place(path): {word.removesuffix("s") for word in re.split("[_.-]", path.stem)} for path in files}
    assert {name for name, parts in words.items() if parts & EMPTY_WORDS} == set()


def test_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    """Say how long functions are; no limit, since a long one may be right."""
    lengths = {
        f"{place(path)}:{node.lineno} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in MODULES
        if path.is_relative_to(ROOT / "facilitate")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    if len(lengths) < 2:
        pytest.skip("no functions yet")
    ninetieth = quantiles(lengths.values(), n=10)[-1]
    longest = max(lengths, key=lambda name: lengths[name])
    with capsys.disabled():
        print(
            f"\n{len(lengths)} functions: median {median(lengths.values()):.0f} lines, 90th percentile {ninetieth:.0f},"
            f" longest {lengths[longest]} ({longest})"
        )


@pytest.mark.slow
def test_wheel(tmp_path: Path, environment: dict[str, str]) -> None:
    """The wheel alone, in an empty venv and away from the checkout, knows every format and carries the assets."""

    def run(*command: str | Path, cwd: Path = tmp_path) -> str:
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, cwd=ROOT)
    run(sys.executable, "-m", "venv", "empty")
    (wheel,) = tmp_path.glob("*.whl")
    empty = tmp_path / "empty/bin"
    run(empty / "python", "-m", "pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt", wheel)

    listed = {entry["id"] for entry in json.loads(run(empty / "facilitate", "formats", "--json"))}
    assert listed == {path.stem for path in (ROOT / "sessions").glob("*.toml")}
    assert len(listed) >= 3

    package = Path(run(empty / "python", "-c", "import facilitate; print(facilitate.__path__[0])").strip())
    carried = {path.relative_to(package / "_assets") for path in (package / "_assets").rglob("*") if path.is_file()}
    assert carried == {path.relative_to(ROOT / "assets") for path in (ROOT / "assets").rglob("*") if path.is_file()}
