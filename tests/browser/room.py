"""A room as people see it: pages of phones, a screen and a desk in one browser, each with storage of its own."""

from collections.abc import Callable, Iterable
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from tests.browser.translator import TRANSLATOR, lost
from tests.server import Server

Scheme = Literal["light", "dark"]

# What axe cannot know: NiceGUI's own hidden frame is empty until it is needed.
axe = Axe()


class Room:
    """One session. `problems` gathers what browsers complained of; it must stay empty."""

    def __init__(self, browser: Browser, server: Server, **wish: Any) -> None:
        self.browser = browser
        self.server = server
        self.created = server.new(**wish)
        self.code: str = self.created["code"]
        self.problems: list[str] = []
        self.pages: dict[str, Page] = {}

    def open(
        self,
        name: str,
        path: str,
        width: int,
        height: int,
        *,
        locale: str = "en-GB",
        scheme: Scheme = "light",
        touch: bool = False,
        translated: bool = False,
    ) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            locale=locale,
            color_scheme=scheme,
            has_touch=touch,
            base_url=self.server.public,
        )
        context.set_default_timeout(15_000)
        if translated:
            context.add_init_script(TRANSLATOR)
        page = context.new_page()
        page.on("pageerror", lambda error: self.problems.append(f"{name}: {error}"))
        page.on("console", lambda message: self._hear(name, message))
        page.on("request", lambda request: self._watch(name, request.url))
        page.goto(path)
        self.pages[name] = page
        return page

    def _hear(self, name: str, message: ConsoleMessage) -> None:
        # A page that is refused before its token was exchanged, and a network that was cut on purpose, are no news.
        quiet = ("Failed to load resource", "WebSocket connection to", "net::ERR_")
        if message.type in ("error", "warning") and not any(part in message.text for part in quiet):
            self.problems.append(f"{name}: {message.text}")

    def _watch(self, name: str, url: str) -> None:
        if not url.startswith((self.server.public, self.server.public.replace("http", "ws"), "data:", "blob:")):
            self.problems.append(f"{name} asked another host: {url}")

    def phone(self, name: str, width: int = 390, height: int = 844, **more: Any) -> Page:
        return self.open(name, f"/j/{self.code}", width, height, **more)

    def screen(self, width: int = 1920, height: int = 1080, name: str = "screen", **more: Any) -> Page:
        return self.open(name, f"/s/{self.code}", width, height, **more)

    def desk(self, width: int = 1280, height: int = 800, name: str = "desk", **more: Any) -> Page:
        page = self.open(name, f"/desk/{self.code}#{self.created['tokens']['facilitator']}", width, height, **more)
        expect(page.locator("#desk-next")).to_be_visible()
        mirror = page.locator(".mirror .strong")
        if mirror.is_visible():
            mirror.click()
        return page

    def close(self) -> None:
        for page in self.pages.values():
            page.context.close()


def seldom(desk: Page, tool: str) -> None:
    """Press a tool of the desk that lies behind "More"."""
    more = desk.locator(".tools-more")
    if more.get_attribute("open") is None:
        more.locator("summary").click()
    more.get_by_role("button", name=tool).click()


def go_on(desk: Page, to: str) -> None:
    """Press the one big button, which must name what comes."""
    button = desk.locator("#desk-next")
    expect(button).to_contain_text(to)
    before = button.inner_text()
    button.click()
    expect(button).not_to_have_text(before)
    desk.wait_for_timeout(450)  # for 400 ms after a change phones take no tap and the desk no second "Next"


def tap(button: Locator, shows: Locator) -> None:
    """As people do: once more, where a phone took no tap because its phase had only just changed."""
    for _ in range(3):
        button.click()
        try:
            return expect(shows).to_be_visible(timeout=2000)
        except AssertionError:
            continue
    expect(shows).to_be_visible()


def post(phone: Page, text: str, column: str | None = None) -> None:
    if column is not None:
        phone.get_by_role("radio", name=column).check(force=True)
    phone.get_by_label("Write one idea").or_(phone.get_by_label("Eine Idee schreiben")).fill(text)
    tap(phone.locator("form.write button.main"), phone.get_by_text(text).locator("visible=true").first)


def violations(pages: Iterable[tuple[str, Page]], schemes: tuple[Scheme, ...] = ("light", "dark")) -> list[str]:
    """What axe-core finds on these pages, in both colour schemes; and texts that would stay if they are translated."""
    found = []
    for name, page in pages:
        found += [f"{name} if translated: {it}" for it in lost(page)]
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            for violation in axe.run(page).response["violations"]:
                nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
                found.append(f"{name} {scheme}: {violation['id']}: {nodes}")
        page.emulate_media(color_scheme="light")
    return found


def until(page: Page, condition: Callable[[], bool], seconds: float = 20) -> None:
    """Let the page live on until a condition outside of it holds."""
    for _ in range(int(seconds * 20)):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("did not come")


SEED = """async ({code, phase, texts, column}) => {
  const ids = [];
  for (let start = 0; start < texts.length; start += 4) {
    const socket = window.io("/live", { auth: { code }, forceNew: true, transports: ["websocket"] });
    await new Promise(resolve => socket.on("welcome", resolve));
    for (const [i, text] of texts.slice(start, start + 4).entries()) {
      const id = `seed-${Date.now()}-${start + i}`.padEnd(20, "x");
      const command = { kind: "PostIdea", id, phase, text, ...column };
      const answer = await new Promise(resolve => socket.emit("do", command, resolve));
      if (!answer.ok) throw new Error(JSON.stringify(answer));
      ids.push(id);
    }
    socket.disconnect();
  }
  return ids;
}"""


def seed(desk: Page, code: str, phase: str, texts: list[str], column: str | None = None) -> list[str]:
    """Ideas of other people, four each, over connections of their own from a page that has Socket.IO."""
    more = {"column": column} if column else {}
    ids: list[str] = desk.evaluate(SEED, {"code": code, "phase": phase, "texts": texts, "column": more})
    return ids
