"""The desk's wall with 500 cards: how soon a move is seen, and how many frames a second scrolling and dragging have.

`python -m tests.bench.board`: figures of a Chromium trace (frames as its compositor drew them), in a window of
1440 x 900, without a graphics card; `--cards N`, `--slower TIMES` for a slower processor, `--json FILE`.
"""

import argparse
import json
import statistics
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests import chromium
from tests.browser.room import Room
from tests.browser.steering import Steering, steering
from tests.conftest import CHROMIUM
from tests.server import serving, variables

PRESENTED = "AnimationFrame::Presentation"  # in a trace: a frame has come to the screen
CLUSTERS = 12
SECONDS = 3
SUBJECTS = ("cycle lanes", "a choir", "solar roofs", "reading aloud", "benches", "night buses", "a repair café")

# A pointer as the page sees it.
FIRE = """(type, target, x, y) => target.dispatchEvent(new PointerEvent(type, {
  bubbles: true, cancelable: true, button: 0, pointerId: 1, pointerType: "mouse", clientX: x, clientY: y,
}))"""
# One step a frame, as fast as frames come, for so many ms.
SCROLL = """async ({ ms }) => {
  const pane = document.querySelector(".pane.loose");
  const end = performance.now() + ms;
  let down = true;
  performance.mark("begin");
  while (performance.now() < end) {
    pane.scrollTop += down ? 40 : -40;
    if (pane.scrollTop <= 0 || pane.scrollTop + pane.clientHeight >= pane.scrollHeight - 1) down = !down;
    await new Promise(requestAnimationFrame);
  }
  performance.mark("end");
}"""
DRAG = """async ({ ms, fire: source }) => {
  const fire = (0, eval)(source);
  const card = document.querySelector(".pane.loose [data-card]");
  const box = card.getBoundingClientRect();
  fire("pointerdown", card, box.left + 9, box.top + 9);
  const end = performance.now() + ms;
  performance.mark("begin");
  for (let i = 0; performance.now() < end; i++) {
    const [x, y] = [innerWidth / 2 + 420 * Math.sin(i / 25), innerHeight / 2 + 200 * Math.cos(i / 19)];
    fire("pointermove", window, x, y);
    await new Promise(requestAnimationFrame);
  }
  performance.mark("end");
  window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
}"""
FRAME = """async ({ ms, fire: source }) => {
  const fire = (0, eval)(source);
  const pane = document.querySelector(".pane.loose");
  const box = pane.getBoundingClientRect();
  pane.scrollTop = 0;
  fire("pointerdown", pane, box.left + 2, box.top + 2);
  const end = performance.now() + ms;
  performance.mark("begin");
  for (let i = 0; performance.now() < end; i++) {
    const [x, y] = [box.width / 2 * (1 + Math.sin(i / 20)), box.height / 2 * (1 + Math.cos(i / 27))];
    fire("pointermove", window, box.left + x, box.top + y);
    await new Promise(requestAnimationFrame);
  }
  performance.mark("end");
  window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
}"""
# A move by keyboard: until the card is seen in its cluster, and until the server has it.
MOVE = """async cluster => {
  const wait = async until => { while (!until()) await new Promise(requestAnimationFrame); return performance.now(); };
  const press = key =>
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const card = document.querySelector(".pane.loose [data-card]");
  card.focus();
  const status = document.querySelector(".spoken [role=status]");
  status.textContent = "";
  const id = card.dataset.card;
  const opened = performance.now();
  press("m");
  await wait(() => document.querySelector(".move-list button:focus"));
  const begin = performance.now();
  press(cluster);
  const seen = await wait(() => !document.querySelector(`.pane.loose [data-card="${id}"]`));
  const stored = await wait(() => status.textContent);
  await new Promise(resolve => setTimeout(resolve, 150));
  return { dialog: begin - opened, seen: seen - begin, stored: stored - begin };
}"""


def wall(steer: Steering, cards: int) -> None:
    """Two thirds of the cards lie free, one third in clusters."""
    steer.do("StartPhase", phase="solutions")
    steer.do("Begin", phase="solutions")
    ideas = [
        steer.do("PostIdea", phase="solutions", text=f"{subject.capitalize()} for everybody in the quarter, number {n}")
        for n, subject in zip(range(cards), SUBJECTS * cards, strict=False)
    ]
    placed = ideas[: cards // 3]
    for place in range(CLUSTERS):
        steer.do("FormCluster", board="solutions", title=f"Theme {place + 1}", ideas=placed[place::CLUSTERS])


def frames(browser: Browser, page: Page, script: str) -> dict[str, float]:
    """Frames while `script` runs: how many a second, and the longest gaps between two (ms)."""
    page.evaluate("performance.clearMarks()")
    browser.start_tracing(page=page, categories=["blink.user_timing", "devtools.timeline.frame", "devtools.timeline"])
    page.evaluate(script, {"ms": SECONDS * 1000, "fire": FIRE})
    page.wait_for_timeout(200)
    events: list[dict[str, Any]] = json.loads(browser.stop_tracing())["traceEvents"]
    marks = {event["name"]: event["ts"] for event in events if event["name"] in ("begin", "end")}
    drawn = sorted(
        event["ts"] for event in events if event["name"] == PRESENTED and marks["begin"] <= event["ts"] <= marks["end"]
    )
    gaps = sorted((later - earlier) / 1000 for earlier, later in pairwise(drawn))
    return {
        "frames a second": len(gaps) / ((drawn[-1] - drawn[0]) / 1e6),
        "gap p95": gaps[int(len(gaps) * 0.95)],
        "gap p99": gaps[int(len(gaps) * 0.99)],
        "longest": gaps[-1],
    }


def measured(browser: Browser, page: Page, moves: int = 12) -> dict[str, dict[str, float]]:
    found = [page.evaluate(MOVE, "ABCDEFGHIJKL"[place % CLUSTERS]) for place in range(moves)]
    result: dict[str, dict[str, float]] = {}
    for name, label in (("dialog", "M to the list"), ("seen", "move seen"), ("stored", "move stored and said")):
        values = sorted(one[name] for one in found)
        result[label] = {"median ms": statistics.median(values), "longest": values[-1]}
    for label, script in (("scrolling", SCROLL), ("dragging a card", DRAG), ("drawing a frame", FRAME)):
        result[label] = frames(browser, page, script)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.board", description=__doc__)
    parser.add_argument("--cards", type=int, default=500)
    parser.add_argument("--slower", type=float, default=1)
    parser.add_argument("--json", type=Path)
    wish = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "folder", variables()) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium.ensure(), args=CHROMIUM)
        room = Room(browser, server, format="co-learning-sharing-creation")
        with steering(server, room.code, room.created["tokens"]["facilitator"]) as steer:
            wall(steer, wish.cards)
            page = room.desk(1440, 900)
            page.locator("[data-card]").nth(wish.cards // 2).wait_for(state="attached")
            if wish.slower > 1:
                page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": wish.slower})
            result = measured(browser, page)
        room.close()
        browser.close()
    for label, figures in result.items():
        print(f"{label:22} " + "   ".join(f"{name} {value:.1f}" for name, value in figures.items()))
    if wish.json:
        wish.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
