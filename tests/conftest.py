"""What all tests share: reproducible chance, markers by fixture, and a Chromium that starts offline and as root."""

import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from tests import chromium
from tests.server import Server, serving, variables

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

BROWSER = {"page", "context", "new_context", "browser"}
SERVER = {"server", "environment"}

# The pages of the address bar, which nobody opens here, cost each context twice what its own pages cost. The
# others are those that Playwright turns off: the last list counts alone.
WITHOUT = (
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,"
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,"
    "LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,"
    "TcpPortRandomizationWin,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch"
)
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    f"--disable-features={WITHOUT}",
    # Like a hall's Wi-Fi: a plain http:// address that is not localhost, so no secure context.
    "--host-resolver-rules=MAP hall.test 127.0.0.1",
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs a browser or a server by its fixtures; let the quick tests go first, those in a browser last.

    What is slow is left out unless `-m` speaks of it. The order is not only a courtesy: Playwright leaves an event
    loop running in the main thread, and no async test can start after it.
    """
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & BROWSER:
            item.add_marker("browser")
        if fixtures & SERVER:
            item.add_marker("server")
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow and "slow" not in (config.option.markexpr or ""):
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]
    items.sort(key=lambda item: bool(item.get_closest_marker("browser")) * 2 + bool(item.get_closest_marker("server")))


def pytest_collection_finish() -> None:
    """Let the garbage collector never look again at what is there now: each look costs more than most of the tests."""
    gc.collect()
    gc.freeze()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `-n 2`: file by file, in the order above, so that what needs a browser comes last for each worker too."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return nodeid.partition("::")[0] + (" in a browser" if "[chromium" in nodeid else "")

    config.option.loadscopereorder = False
    return ByFile(config, log)


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    return variables()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lobby waits a moment before it says that a code or token is unknown; here it needs not."""
    monkeypatch.setattr("facilitate.live.lobby.JUST", 0.0)


@pytest.fixture(scope="session")
def server(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A `facilitate serve` that all tests share: each makes sessions of its own in it."""
    with serving(tmp_path_factory.mktemp("hall") / "folder", environment) as it:
        yield it


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | {"executable_path": chromium.ensure(), "args": CHROMIUM}
