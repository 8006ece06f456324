"""The data folder: one server at a time, the key that it signs with, the owner's token, the place of the database."""

import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

KEY_LENGTH = 32  # bytes


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
            process = file.read().strip() or "unknown"
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
            return open(self.path / "lock", "a+", encoding="ascii", opener=_private)
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
        """Leave word for commands beside the server where it is reached."""
        _written(self.path / "url", f"{url}\n".encode()).replace(self.path / "url")

    def announced(self) -> str | None:
        """Where the server of this folder is reached, or was when it last ran."""
        try:
            return (self.path / "url").read_text("utf-8").strip() or None
        except FileNotFoundError:
            return None

    def database(self) -> Path:
        return self.path / "facilitate.sqlite"

    def signing_key(self) -> bytes:
        """32 random bytes, made once. Raises `Unusable` if the file does not hold them."""
        file = self.path / "signing-key"
        if not file.exists():
            place_once(_written(file, secrets.token_bytes(KEY_LENGTH)), file)
        key = file.read_bytes()
        if len(key) != KEY_LENGTH:
            raise Unusable(
                f"The signing key {file} is damaged and was left untouched: put your last backup of it here, "
                "or delete it; then a new one is made, and devices that had joined join again as new ones."
            )
        return key

    def owner_token(self) -> str:
        """The secret of the owner's link, made once."""
        file = self.path / "owner-token"
        if not file.exists():
            place_once(_written(file, _new_token()), file)
        return file.read_text("ascii").strip() or self.renew_owner_token()

    def renew_owner_token(self) -> str:
        """A new one; the old link opens nothing any more."""
        file = self.path / "owner-token"
        _written(file, _new_token()).replace(file)
        sync(self.path)
        return file.read_text("ascii").strip()


def _new_token() -> bytes:
    return f"{secrets.token_urlsafe(32)}\n".encode()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


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
