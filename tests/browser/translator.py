"""A browser that translates a page, as one does it on a phone or a laptop; and what Vue thinks stands on a page.

Each text node goes, and two `font` elements come in its place, at once and for as long as the page lives; nothing is
done within `translate="no"`. In the "other language" each letter has a dot below, so that `plain` gives what was there.
"""

import re

from playwright.sync_api import Page

DOT = "\u0323"

TRANSLATOR = """(() => {
  const foreign = text => text.replace(/\\p{L}/gu, "$&\u0323");
  const KEPT = "head, script, style, noscript, textarea, font, [translate=no]";
  const isKept = node => !node.parentElement || node.parentElement.closest(KEPT);
  function translate(text) {
    if (!text.data.trim() || isKept(text)) return;
    const [outer, inner] = [document.createElement("font"), document.createElement("font")];
    outer.dir = "auto";
    outer.style.verticalAlign = inner.style.verticalAlign = "inherit";
    inner.textContent = foreign(text.data);
    outer.append(inner);
    text.replaceWith(outer);
  }
  function read(node) {
    if (node.nodeType === Node.TEXT_NODE) return translate(node);
    const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) found.push(texts.currentNode);
    found.forEach(translate);
  }
  new MutationObserver(changes => {
    for (const { addedNodes, target, type } of changes) {
      if (type === "characterData") read(target);
      for (const node of addedNodes) if (node.isConnected) read(node);
    }
  }).observe(document, { childList: true, characterData: true, subtree: true });
})()"""

# A text among children, as Vue has it, is a node that a translator takes away; the text of an element that holds
# nothing else must be what the page shows. NiceGUI's own parts are looked at by test_plan.py.
LOST = """() => {
  const [found, isStaff] = [[], document.querySelector(".nicegui-content")];
  const isOurs = it => !isStaff || !it.el.parentElement || it.el.parentElement.closest(".desk");
  const plain = text => text.replace(/\\u0323/g, "");
  const look = it => {
    if (!it || typeof it !== "object") return;
    if (it.component) look(it.component.subTree);
    if (it.suspense) look(it.suspense.activeBranch);
    if (it.type === Symbol.for("v-txt") && isOurs(it)) found.push(`has neighbours: ${it.children}`);
    if (Array.isArray(it.children)) it.children.forEach(look);
    else if (typeof it.type === "string" && typeof it.children === "string") {
      const shown = plain(it.el.textContent);
      if (shown !== it.children) found.push(`shows "${shown}" and means "${it.children}"`);
    }
  };
  look(document.getElementById("app")?._vnode);
  return found;
}"""

READ = "places => [...document.querySelectorAll(places)].map(it => it.innerText).join('\\n')"
TIME = re.compile(r"\d+:\d\d")


def foreign(text: str) -> str:
    """A text as it stands on a page that was translated."""
    return "".join(sign + DOT if sign.isalpha() else sign for sign in text)


def plain(text: str) -> str:
    """The same as it was before."""
    return text.replace(DOT, "")


def lost(page: Page) -> list[str]:
    """Texts that a translator would keep for ever, and those that stand on the page and are not meant any more."""
    found: list[str] = page.evaluate(LOST)
    return found


class Twins:
    """Two pages that should say the same, of which one is translated; `places` is a selector of what is compared."""

    def __init__(self, name: str, own: Page, other: Page, places: str = "#app") -> None:
        self.name, self.own, self.other, self.places = name, own, other, places

    def differ(self) -> str:
        """Where they do first. A clock may be a second ahead of the other; white space goes by boxes, not by words."""
        texts = [plain(page.evaluate(READ, self.places)) for page in (self.own, self.other)]
        times = [[seconds(it) for it in TIME.findall(text)] for text in texts]
        one, two = ("".join(TIME.sub("0:00", text).split()) for text in texts)
        if one != two:
            at = next((i for i, pair in enumerate(zip(one, two, strict=False)) if pair[0] != pair[1]), -1)
            return f"{self.name}: {one[max(0, at - 40) : at + 40]!r}, translated {two[max(0, at - 40) : at + 40]!r}"
        apart = [pair for pair in zip(*times, strict=True) if abs(pair[0] - pair[1]) > 1]
        return f"{self.name}: clocks {apart}" if apart else ""


def seconds(time: str) -> int:
    minutes, rest = time.split(":")
    return 60 * int(minutes) + int(rest)
