"""The phone's page on a slow phone: when its first words can be read and its field be used, first visit and second.

`python -m tests.bench.page`: medians of five runs in Chromium at 1.6 Mbit/s, 150 ms a request and a CPU four times
slower; `--json FILE` keeps all runs. Times are milliseconds since the browser set out for the page.
"""

import argparse
import json
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests import chromium
from tests.browser.room import until
from tests.browser.steering import steering
from tests.conftest import CHROMIUM
from tests.server import serving, variables

DOWN, UP, LATENCY, SLOWER = 1_600_000 / 8, 750_000 / 8, 150, 4  # bytes a second, bytes a second, ms, times
IDEAS = 60  # on the board

# When the field is there, and when the page has heard from the live server.
SEEN = """
window.seen = {};
const note = name => (window.seen[name] = window.seen[name] ?? performance.now());
new MutationObserver(() => document.querySelector("#idea") && requestAnimationFrame(() => setTimeout(note, 0, "field")))
  .observe(document, { childList: true, subtree: true });
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...address) {
    note("asks");
    super(...address);
    this.addEventListener("message", event => String(event.data).includes('"welcome"') && note("welcome"));
  }
};
"""
ROWS = {
    "first words": "first visit: first words",
    "field": "first visit: field usable",
    "welcome": "first visit: live",
    "again first words": "second visit: first words",
    "again field": "second visit: field usable",
    "again welcome": "second visit: live",
}


@contextmanager
def hall() -> Iterator[tuple[str, str]]:
    """(address, path) of a phone's page with a question, a field and a board."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "folder", variables()) as server:
        made = server.new("pin-board")
        with steering(server, made["code"], made["tokens"]["facilitator"]) as desk:
            desk.do("StartPhase", phase="collect")
            for number in range(IDEAS):
                desk.do("PostIdea", phase="collect", text=f"An idea of somebody, number {number} of {IDEAS}")
        yield server.public, f"/j/{made['code']}"


def visit(context: BrowserContext, path: str) -> dict[str, float]:
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    slow = {"offline": False, "latency": LATENCY, "downloadThroughput": DOWN, "uploadThroughput": UP}
    tools.send("Network.emulateNetworkConditions", slow)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(path)
    until(page, lambda: {"field", "welcome"} <= set(page.evaluate("window.seen")), 30)
    paint = "performance.getEntriesByType('paint').find(it => it.name === 'first-contentful-paint').startTime"
    found: dict[str, float] = {"first words": page.evaluate(paint), **page.evaluate("window.seen")}
    page.close()
    return found


def measure(browser: Browser, address: str, path: str) -> dict[str, float]:
    context = browser.new_context(
        base_url=address, locale="en-GB", viewport={"width": 390, "height": 844}, has_touch=True
    )
    context.add_init_script(SEEN)
    first, second = visit(context, path), visit(context, path)
    context.close()
    return first | {f"again {name}": value for name, value in second.items()}


def figures(runs: int) -> list[dict[str, float]]:
    with hall() as (address, path), sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium.ensure(), args=CHROMIUM)
        try:
            measure(browser, address, path)  # the server's own first time
            return [measure(browser, address, path) for _ in range(runs)]
        finally:
            browser.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    found = figures(chosen.runs)
    print(f"| phone at 1.6 Mbit/s, 150 ms, 4 x slower CPU | median of {len(found)} | from | to |\n|---|---|---|---|")
    for name, what in ROWS.items():
        values = [run[name] for run in found]
        print(f"| {what} | {statistics.median(values):.0f} ms | {min(values):.0f} | {max(values):.0f} |")
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
