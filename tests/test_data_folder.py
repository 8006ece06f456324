"""Every command on every folder: a look makes none that is not there, and no damaged file ends in a traceback."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from facilitate import app, cli
from facilitate.live.lobby import Lobby
from facilitate.live.opening import lobby_of
from facilitate.store.folder import Folder, Unusable

CODE = "AAAAAA"
DEAD = "http://127.0.0.1:9/j/AAAAAA"

# Every command as it is given; those of READING make nothing where nothing is.
COMMANDS: dict[str, tuple[str, ...]] = {
    "serve": ("serve", "--port", "8080", "--no-open"),
    "demo": ("demo", "--port", "8080", "--no-open"),
    "new": ("new", "quick-vote"),
    "formats": ("formats",),
    "export csv": ("export", CODE, "--to", "csv"),
    "export json": ("export", CODE, "--to", "json"),
    "rehearse": ("rehearse", CODE),
    "rehearse a link": ("rehearse", DEAD),
    "owner-link": ("owner-link",),
    "owner-link --renew": ("owner-link", "--renew"),
}
READING = [name for name in COMMANDS if name not in ("serve", "demo", "new")]
SMALL = ("owner-token", "signing-key", "url", "lock", "sample")

READS: dict[str, set[str]] = {
    "serve": {"owner-token", "signing-key", "lock", "url"},
    "demo": {"owner-token", "signing-key", "lock", "url", "sample"},
    "new": {"signing-key", "url"},
    "formats": set(),
    "export csv": {"url"},
    "export json": {"url"},
    "rehearse": {"owner-token", "url"},
    "rehearse a link": {"owner-token"},
    "owner-link": {"owner-token", "url"},
    "owner-link --renew": {"url"},
}

Harm = Callable[[Path], object]


def folder_instead(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.mkdir()
    (file / "in it").write_text("kept")


def led_nowhere(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.symlink_to(file.parent / "nowhere")


HARMS: dict[str, Harm] = {
    "empty": lambda file: file.write_bytes(b""),
    "binary": lambda file: file.write_bytes(bytes(range(256))),
    "latin": lambda file: file.write_bytes("schl\u00fcssel-ohne-t\u00fcr-und-schl\u00fcssel".encode("latin-1")),
    "non-ASCII": lambda file: file.write_text("schl\u00fcssel-ohne-t\u00fcr-und-schl\u00fcssel", "utf-8"),
    "long": lambda file: file.write_bytes(b"x" * 3_000_000),
    "folder": folder_instead,
    "link": led_nowhere,
}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Give a command; a server ends as soon as it is ready."""

    async def attend(*given: Any) -> None: ...

    class Socket:
        """Nothing listens."""

    monkeypatch.setattr(app, "attend", attend)
    monkeypatch.setattr(app, "listening", lambda settings: Socket())
    monkeypatch.setattr(app, "application", lambda *given: None)
    monkeypatch.setattr(cli, "_has_desktop", lambda: False)
    return lambda data, *command: CliRunner().invoke(cli.command, [*command, "--data", str(data)])


def assert_told(result: Result, *words: str) -> None:
    """Either it did what it is for, or one line on standard error says why it did not."""
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    if result.exit_code:
        assert result.exit_code == 1, result.output
        assert len(result.stderr.splitlines()) == 1, result.stderr
        for word in words:
            assert word in result.stderr, result.stderr
    assert "Traceback" not in result.output


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder on which a server has run; nobody has its sample."""
    path = tmp_path_factory.mktemp("used") / "folder"
    folder = Folder(path)
    folder.owner_token()
    folder.announce("http://127.0.0.1:9")
    folder.keep_sample(CODE)
    asyncio.run(_opened(folder))
    with folder.locked():
        pass
    return path


async def _opened(folder: Folder) -> None:
    lobby = lobby_of(folder, "http://127.0.0.1:9")
    await lobby.start()
    await lobby.stop()


def names(path: Path) -> set[str]:
    return {str(found.relative_to(path)) for found in path.rglob("*")}


def contents(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.rglob("*") if file.is_file()}


def test_every_command_is_here() -> None:
    found = {one.name or str(getattr(one.callback, "__name__", "")) for one in cli.command.registered_commands}
    assert {command[0] for command in COMMANDS.values()} == found


def missing(path: Path) -> Path:
    return path / "TYPO" / "deeper"


def empty(path: Path) -> Path:
    path.joinpath("empty").mkdir()
    return path / "empty"


def foreign(path: Path) -> Path:
    path.joinpath("letter").write_text("Dear all")
    return path


def no_folder(path: Path) -> Path:
    path.joinpath("file").write_text("no folder")
    return path / "file"


def endless(path: Path) -> Path:
    return path / ("x" * 5000)


@pytest.mark.parametrize("place", [missing, empty, foreign, no_folder, endless])
@pytest.mark.parametrize("name", READING)
def test_a_look_makes_nothing(name: str, place: Callable[[Path], Path], told: Any, tmp_path: Path) -> None:
    """Where nobody has begun anything it says so, and what to do."""
    data = place(tmp_path)
    before = names(tmp_path), contents(tmp_path)
    result = told(data, *COMMANDS[name])
    words = ("does not answer",) if name == "rehearse a link" else (str(data), "--data", "facilitate serve")
    assert_told(result, *words)
    assert result.exit_code == (0 if name == "formats" else 1)
    assert (names(tmp_path), contents(tmp_path)) == before


@pytest.mark.parametrize("name", READING)
def test_a_look_changes_nothing(name: str, told: Any, used: Path, tmp_path: Path) -> None:
    """Nor where all is well, but for a token that is to be new; not even a key that is not there is made."""
    data = tmp_path / "folder"
    shutil.copytree(used, data)
    if name.startswith("export"):
        (data / "signing-key").unlink()
    before = contents(data)
    assert_told(told(data, *COMMANDS[name]))
    after = contents(data)
    changed = {file for file in before.keys() | after.keys() if before.get(file) != after.get(file)}
    assert changed == ({"owner-token"} if "--renew" in name else set())


# What a command reads in all ways in which it may be damaged; of the other files one way, lest it begins to read them.
DAMAGED = [
    (name, file, harm)
    for name in COMMANDS
    for file in SMALL
    for harm in (HARMS if file in READS[name] else ("binary",))
]
whole: dict[str, str] = {}  # what a command says where nothing is damaged


@pytest.mark.parametrize(("name", "file", "harm"), DAMAGED)
def test_a_damaged_file_is_told_in_a_sentence(
    name: str, file: str, harm: str, told: Any, used: Path, tmp_path: Path
) -> None:
    """Whatever became of it: the command does what it is for, or says which file it is; what was in it is kept."""
    data = tmp_path / "folder"
    shutil.copytree(used, data)
    if name not in whole:
        whole[name] = told(data, *COMMANDS[name]).stderr
        shutil.rmtree(data)
        shutil.copytree(used, data)
    HARMS[harm](data / file)
    result = told(data, *COMMANDS[name])
    assert_told(result)
    if str(data / file) in result.stderr:
        assert file in READS[name]
        assert any(advice in result.stderr for advice in ("delete it", "move it away", "--renew", "--data"))
    elif "No server has run" not in result.stderr:
        assert result.stderr == whole[name]
    if harm == "folder":
        assert (data / file / "in it").read_text() == "kept"


@pytest.mark.parametrize("harm", [harm for harm in HARMS if harm not in ("empty", "link")])
async def test_a_server_goes_on_when_the_owners_token_is_damaged(harm: str, used: Path, tmp_path: Path) -> None:
    """It opens nothing more, and neither phones nor other links notice."""
    data = tmp_path / "folder"
    shutil.copytree(used, data)
    lobby: Lobby = lobby_of(Folder(data), "http://127.0.0.1:9")
    await lobby.start()
    try:
        owner = (data / "owner-token").read_text().strip()
        link = await lobby.issue(None, "owner")
        assert (lobby.access(owner), lobby.access(link)) != (None, None)
        HARMS[harm](data / "owner-token")
        assert lobby.access(owner) is None
        assert lobby.access("") is None
        assert lobby.access(link) is not None
    finally:
        await lobby.stop()


@pytest.mark.parametrize("harm", ["binary", "latin", "long"])
def test_a_second_server_is_refused_whatever_the_lock_says(harm: str, used: Path, tmp_path: Path) -> None:
    data = tmp_path / "folder"
    shutil.copytree(used, data)
    with Folder(data).locked():
        HARMS[harm](data / "lock")
        with pytest.raises(Unusable, match=r"process unknown.*--data"):
            Folder(data).lock()
