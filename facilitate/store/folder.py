"""The data folder: one server at a time, the key that it signs with, the owner's token, the place of the database."""

import os
import re
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from facilitate.core.text import is_web

KEY_LENGTH = 32  # bytes
SMALL = 1000  # bytes; none of the small files is longer

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,200}", re.ASCII)


class Unusable(Exception):  # noqa: N818
    """The folder cannot be used. `str()` says why, and what to do."""


class Occupied(Unusable):
    """Another server runs on it."""


def default_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """`FACILITATE_DATA`, else `facilitate` in the place where this system keeps a user's data."""
    if named := environment.get("FACILITATE_DATA"):
        return Path(named).expanduser()
    shared = Path(environment.get("XDG_DATA_HOME", ""))
    return (shared if shared.is_absolute() else Path.home() / ".local" / "share") / "facilitate"


class Folder:
    def __init__(self, path: Path | str) -> None:
        """Makes the folder, for its owner's eyes only, if it is not there. Raises `Unusable`."""
        self.path = Path(path)
        self._lock: IO[str] | None = None
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unusable(
                f"The data folder {self.path} cannot be made ({error.strerror}): name another one with --data."
            ) from error

    @classmethod
    def there(cls, path: Path) -> "Folder":
        """For what only reads: nothing is made. Raises `Unusable` where no server and no `new` has begun anything."""
        if not is_begun(path):
            raise Unusable(
                f"There is no data of this program in {path}: name its folder with --data, "
                "or begin one with facilitate serve."
            )
        return cls(path)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """For a server's whole life. Raises `Occupied` if another one runs on the folder."""
        self.lock()
        try:
            yield
        finally:
            self.release()

    def lock(self) -> None:
        """Held until `release` or the end of the process, however it ends. Raises `Occupied` if another has it.

        For servers; what only reads beside one does not lock. Where the system has no flock, nothing is locked.
        """
        try:
            import fcntl
        except ImportError:
            return
        file = self._open_lock()
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            process = "".join(re.findall("^[0-9]{1,10}$", file.read(SMALL).strip())) or "unknown"
            file.close()
            raise Occupied(
                f"Another server (process {process}) is running on the data folder {self.path}: use that one, "
                "stop it first, or name another folder with --data."
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._lock = file

    def _open_lock(self) -> IO[str]:
        try:
            return open(self.path / "lock", "a+", encoding="ascii", errors="replace", opener=_private)
        except IsADirectoryError as error:
            raise Unusable(_is_a_folder(self.path / "lock")) from error
        except OSError as error:
            raise Unusable(
                f"The data folder {self.path} cannot be written to ({error.strerror}): "
                "make it writable for this user, or name another one with --data."
            ) from error

    def release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def announce(self, url: str) -> None:
        """Leave word for commands beside the server where it is reached. Raises `Unusable`."""
        _put(f"{url}\n".encode(), self.path / "url")

    def announced(self) -> str | None:
        """Where the server of this folder is reached, or was when it last ran. Raises `Unusable`."""
        file = self.path / "url"
        url = _text(file)
        if url and not is_web(url):
            raise Unusable(f"The file {file} is damaged: delete it, or start the server, which writes it anew.")
        return url or None

    def sampled(self) -> str:
        """The code of the sample session; "" where none was made. Raises `Unusable`."""
        return _text(self.path / "sample")

    def keep_sample(self, code: str) -> None:
        _put(f"{code}\n".encode(), self.path / "sample")

    def database(self) -> Path:
        return self.path / "facilitate.sqlite"

    def clock(self) -> Path:
        """Where it is written down how far the clock of this machine has been believed."""
        return self.path / "clock"

    def signing_key(self) -> bytes:
        """32 random bytes, made once. Raises `Unusable` if the file does not hold them."""
        file = self.path / "signing-key"
        if not file.exists():
            place_once(_written(file, secrets.token_bytes(KEY_LENGTH)), file)
        key = _content(file) or b""
        if len(key) != KEY_LENGTH:
            raise Unusable(
                f"The signing key {file} is damaged and was left untouched: put your last backup of it here, "
                "or delete it; then a new one is made, and devices that had joined join again as new ones."
            )
        return key

    def owner_token(self) -> str:
        """The secret of the owner's link, made once. Raises `Unusable` if the file does not hold one."""
        file = self.path / "owner-token"
        if not self.has_owner():
            place_once(_written(file, _new_token()), file)
        token = _text(file)
        if token and not _TOKEN.fullmatch(token):
            raise Unusable(
                f"The owner's token {file} is damaged and was left untouched: facilitate owner-link --renew makes "
                "a new one; the old link then opens nothing any more."
            )
        return token or self.renew_owner_token()

    def has_owner(self) -> bool:
        return (self.path / "owner-token").exists()

    def renew_owner_token(self) -> str:
        """A new one; the old link opens nothing any more. Raises `Unusable`."""
        file = self.path / "owner-token"
        _put(_new_token(), file)
        return _text(file)


def is_begun(path: Path) -> bool:
    """Whether a server, or a command that makes sessions, has worked on this folder."""
    try:
        return (path / "facilitate.sqlite").exists()
    except OSError:  # a name that is too long, or that may not be looked up
        return False


def _new_token() -> bytes:
    return f"{secrets.token_urlsafe(32)}\n".encode()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _content(file: Path) -> bytes | None:
    """What a small file holds, at most a little more than it may; None where it is not there. Raises `Unusable`."""
    try:
        with file.open("rb") as opened:
            return opened.read(SMALL + 1)
    except FileNotFoundError:
        return None
    except IsADirectoryError as error:
        raise Unusable(_is_a_folder(file)) from error


def _text(file: Path) -> str:
    """Its text; whatever is no UTF-8 is none of ours, and stays to be seen as such."""
    return (_content(file) or b"").decode("utf-8", "replace").strip()


def _put(content: bytes, file: Path) -> None:
    """In the place of what was there, on disk. Raises `Unusable`."""
    if file.is_dir():
        raise Unusable(_is_a_folder(file))
    _written(file, content).replace(file)
    sync(file.parent)


def _is_a_folder(file: Path) -> str:
    return f"{file} is a folder, and a small file belongs there: move it away, and try again."


def _written(file: Path, content: bytes) -> Path:
    """A neighbour of `file` with this content, on disk, and readable by its owner alone."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with open(descriptor, "wb") as new:
            new.write(content)
            new.flush()
            os.fsync(descriptor)
    except BaseException:
        os.unlink(name)
        raise
    return Path(name)


def place_once(new: Path, path: Path) -> None:
    """Give a finished file its name, unless another process was quicker: then the other's stays."""
    try:
        os.link(new, path)
        new.unlink()
    except FileExistsError:
        new.unlink()
    except OSError:  # a file system without links, such as that of a USB stick
        new.rename(path)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Put the names in a folder on disk, where the system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
