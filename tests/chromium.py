"""Find a real Chromium for the browser tests, or install one: `python -m tests.chromium` prints its path."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-core")
MISSING = "No Chromium found: install it (apt install chromium), or name one in FACILITATE_CHROMIUM."

# In a process of its own: Playwright's sync API refuses to start beside a running event loop.
ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


def main() -> None:
    try:
        print(ensure())
    except LookupError as missing:
        sys.exit(str(missing))


@cache
def ensure() -> str:
    """Return the path of a Chromium that starts; install one first where there is none.

    Raises LookupError with a sentence for the reader if there is none and none can be installed.
    """
    if path := find():
        return path
    for install in (install_with_apt, install_with_playwright):
        if install() and (path := find()):
            return path
    raise LookupError(MISSING)


def find() -> str | None:
    """Return the path of the first Chromium that starts."""
    return next(filter(starts, candidates()), None)


def candidates() -> Iterator[str]:
    if named := os.environ.get("FACILITATE_CHROMIUM"):
        yield named
    yield from filter(None, map(shutil.which, NAMES))
    yield from run(sys.executable, "-c", ASK_PLAYWRIGHT).stdout.split("\n")[:1]


def starts(path: str) -> bool:
    """Tell whether it runs at all: Ubuntu's package is a stub that only names another way to install it."""
    return bool(path) and run(path, "--version").returncode == 0


def install_with_apt() -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say("Installing Chromium with apt-get ...")
    return (
        run("apt-get", "update", "-qq").returncode == 0
        and run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES).returncode == 0
    )


def install_with_playwright() -> bool:
    say("Installing Playwright's Chromium ...")
    return run(sys.executable, "-m", "playwright", "install", "chromium").returncode == 0


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command without a word of its own; one that is not there or hangs counts as failed."""
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)
    except (OSError, subprocess.TimeoutExpired):
        return subprocess.CompletedProcess(command, returncode=1, stdout="", stderr="")


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr)


if __name__ == "__main__":
    main()
