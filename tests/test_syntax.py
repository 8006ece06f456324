"""Old phones: what phone and screen load keeps to iOS 14.0, Chrome 87, Samsung Internet 14 (Chromium 87), Firefox 78.

Parsed, and not searched: in a text or a comment everything may stand. Syntax and methods of every script in `assets/`
(the desk's too: it mounts the phone's components), of the bundles as they are served and of NiceGUI's Vue, which they
import; styles of phone, screen and lobby. Not held to it are the styles of staff pages: NiceGUI's pages carry an import
map (Chrome 89, Firefox 108, Safari 16.4) and Tailwind 4 (Chrome 111, Firefox 128, Safari 16.4), so no older laptop
gets that far. Below these lines (no modules, or modules without `?.`) a sentence in the HTML says so.

Years of features: the compatibility tables of MDN.
"""

import re
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import tree_sitter_css
import tree_sitter_javascript
from playwright.sync_api import Browser, Page, Route, expect
from tree_sitter import Language, Node, Parser

from facilitate.languages import catalogue
from facilitate.live.folders import assets_folder
from facilitate.ui.assets import PAGES, Assets
from tests.server import Server

ASSETS = Assets()
JAVASCRIPT = Parser(Language(tree_sitter_javascript.language()))
CSS = Parser(Language(tree_sitter_css.language()))

# What we write, what is put together of it, and what it stands on; the page of old browsers is older still.
SCRIPTS = {path.name: path.read_bytes() for path in sorted(assets_folder().glob("*.js"))}
SERVED = {
    f"served {name}": asset.body
    for name, asset in ASSETS.files.items()
    if name.endswith(".js") and name != "socket.io.js"  # no page of ours loads that one
}
STYLES = {name: ASSETS.files[name].body for name in ("phone.css", "screen.css", "base.css")}

FUNCTIONS = {
    "function_declaration", "function_expression", "arrow_function", "method_definition",
    "generator_function", "generator_function_declaration",
}  # fmt: skip
NODES = {
    "class_static_block": "class static block",
    "field_definition": "class field",
    "private_property_identifier": "private name",
    "namespace_export": "export * as",
    "import_attribute": "import attributes",
    "hash_bang_line": "hashbang",
}
ASSIGNMENTS = {"??=", "||=", "&&="}
# Methods and fields of a name that nothing older has. Two that would do are the house's own choice: replaceAll, any.
YOUNG_MEMBERS = {
    "any", "at", "checkVisibility", "findLast", "findLastIndex", "fromAsync", "getOrInsert", "groupBy",
    "hasOwn", "hasIndices", "isWellFormed", "randomUUID", "replaceAll", "requestIdleCallback", "requestSubmit", "show",
    "showModal", "showPicker", "showPopover", "submitter", "throwIfAborted", "timeout", "toReversed", "toSorted",
    "toSpliced", "toWellFormed", "togglePopover", "try", "waitAsync", "with", "withResolvers",
    "DurationFormat", "ListFormat", "Segmenter", "DisplayNames", "supportedValuesOf",
}  # fmt: skip
YOUNG_NAMES = {
    "AggregateError", "BroadcastChannel", "CSSStyleSheet", "CompressionStream", "DecompressionStream",
    "FinalizationRegistry", "Iterator", "Navigation", "SharedWorker", "Temporal", "URLPattern", "WeakRef",
    "cookieStore", "navigation", "reportError", "requestIdleCallback", "scheduler", "structuredClone",
}  # fmt: skip
PROPERTIES = {
    "aspect-ratio": "Safari 15", "inset": "Chrome 87, Safari 14.1", "inset-inline": "Safari 14.1",
    "inset-block": "Safari 14.1", "margin-inline": "Safari 14.1", "margin-block": "Safari 14.1",
    "padding-inline": "Safari 14.1", "padding-block": "Safari 14.1", "translate": "Chrome 104", "rotate": "Chrome 104",
    "scale": "Chrome 104", "border-start-start-radius": "Safari 15", "accent-color": "Chrome 93",
    "gap": "flex: Safari 14.1",
}  # fmt: skip
HARMLESS = {"accent-color"}  # without it all is there, with another face
PSEUDO = {"has", "is", "where", "user-valid", "user-invalid", "popover-open", "modal", "open", "state", "dir"}
AT_RULES = {"@layer", "@container", "@property", "@scope", "@starting-style", "@view-transition"}
UNITS = re.compile(r"^\d*\.?\d+(?:[dls]v(?:h|w|min|max|b|i)|cq\w+|lh|rlh|cap)$")
FUNCTIONS_OF_CSS = {"color-mix", "light-dark", "oklch", "oklab", "lab", "lch", "round", "anchor", "if"}


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from walk(child)


def told(node: Node, what: str) -> str:
    return f"{node.start_point.row + 1}: {what}"


def said(node: Node | None) -> str:
    return "" if node is None or node.text is None else node.text.decode()


# --- scripts


def too_young(script: bytes) -> list[str]:
    """`line: what`, for syntax and names that the oldest browsers do not have."""
    root = JAVASCRIPT.parse(script).root_node
    return [told(node, what) for node in walk(root) for what in reasons(node)]


def reasons(node: Node) -> Iterator[str]:
    kind = node.type
    if kind == "ERROR" or node.is_missing:
        yield f"not understood: {said(node)[:60]}"
    elif kind in NODES:
        yield NODES[kind]
    elif kind == "augmented_assignment_expression" and said(node.child_by_field_name("operator")) in ASSIGNMENTS:
        yield said(node.child_by_field_name("operator"))
    elif kind in ("await_expression", "for_in_statement"):
        waits = kind == "await_expression" or any(child.type == "await" for child in node.children)
        if waits and not is_inside_function(node):
            yield "top-level await"
    elif kind == "regex":
        yield from regex_reasons(said(node.child_by_field_name("pattern")), said(node.child_by_field_name("flags")))
    elif kind == "member_expression":
        yield from member_reasons(node)
    elif kind in ("identifier", "shorthand_property_identifier") and said(node) in YOUNG_NAMES:
        yield said(node)
    elif kind == "new_expression" and said(node.child_by_field_name("constructor")).endswith("Error"):
        given = node.child_by_field_name("arguments")
        if given is not None and given.named_child_count > 1:
            yield "Error with a cause"


def member_reasons(node: Node) -> Iterator[str]:
    owner, name = said(node.child_by_field_name("object")), said(node.child_by_field_name("property"))
    if name not in YOUNG_MEMBERS:
        return
    is_called = node.parent is not None and node.parent.type == "call_expression"
    if name in ("any", "try") and owner != "Promise":
        return
    if name == "timeout" and owner != "AbortSignal":
        return
    if name in ("at", "with", "show") and not is_called:
        return
    yield f".{name}"


def regex_reasons(pattern: str, flags: str) -> Iterator[str]:
    if re.search(r"\(\?<[=!]", pattern):
        yield "lookbehind"
    if set(flags) & set("dv"):
        yield f"regexp flags {flags}"
    if re.search(r"\(\?[a-z-]+:", pattern):
        yield "regexp modifiers"


def is_inside_function(node: Node) -> bool:
    above = node.parent
    while above is not None and above.type not in FUNCTIONS:
        above = above.parent
    return above is not None


# --- styles


def too_young_style(style: bytes) -> list[str]:
    root = CSS.parse(style).root_node
    return [told(node, what) for node in walk(root) for what in style_reasons(node)]


def style_reasons(node: Node) -> Iterator[str]:
    kind = node.type
    if kind == "ERROR":
        yield f"not understood: {said(node)[:60]}"
    elif kind == "rule_set" and is_nested(node):
        yield "nesting"
    elif kind == "at_keyword" and said(node) in AT_RULES:
        yield said(node)
    elif kind == "pseudo_class_selector":
        names = [said(child) for child in node.named_children if child.type == "class_name"]
        if names and names[-1] in PSEUDO:
            yield f":{names[-1]}"
        if names and names[-1] == "not" and said(node).rpartition(":not(")[2].count(","):
            yield ":not with a list"  # Chrome 88, Firefox 84
    elif kind == "call_expression":
        name = said(node.named_children[0])
        if name in FUNCTIONS_OF_CSS:
            yield f"{name}()"
    elif kind == "declaration":
        yield from declaration_reasons(node)


def declaration_reasons(node: Node) -> Iterator[str]:
    name = said(node.named_children[0])
    if name in PROPERTIES and name not in HARMLESS and said(node).replace(" ", "") != "gap:0;":
        yield f"{name} ({PROPERTIES[name]})"
    for value in walk(node):
        if value.type in ("integer_value", "float_value") and UNITS.match(said(value)) and not has_fallback(node, name):
            yield f"{said(value)} without a fallback"


def has_fallback(node: Node, name: str) -> bool:
    before = node.prev_named_sibling
    return before is not None and before.type == "declaration" and said(before.named_children[0]) == name


def is_nested(node: Node) -> bool:
    block = node.parent
    return block is not None and block.type == "block" and block.parent is not None and block.parent.type == "rule_set"


# --- what is held to it


@pytest.mark.parametrize("name", [*SCRIPTS, *SERVED])
def test_scripts_keep_to_what_the_oldest_phones_understand(name: str) -> None:
    found = too_young({**SCRIPTS, **SERVED}[name])
    if name == "served vue.js":  # wraps or asks for what there may be, and needs none of it
        found = [it for it in found if not re.search(r": (?:\.\w+|requestIdleCallback)$", it)]
    assert found == []


@pytest.mark.parametrize("name", STYLES)
def test_styles_of_phone_and_screen_keep_to_what_the_oldest_phones_understand(name: str) -> None:
    assert too_young_style(STYLES[name]) == []


def test_what_speaks_to_old_browsers_is_older_than_modules() -> None:
    """ES5: a browser that cannot read this script could not be told that it is too old."""
    young = {
        "arrow_function", "lexical_declaration", "template_string", "class_declaration", "optional_chain",
        "spread_element", "object_pattern", "array_pattern", "import_statement", "export_statement",
        "shorthand_property_identifier", "method_definition", "await_expression",
    }  # fmt: skip
    root = JAVASCRIPT.parse(SCRIPTS["old.js"]).root_node
    assert [told(node, node.type) for node in walk(root) if node.type in young] == []


@pytest.mark.parametrize(
    "script",
    [
        "a ??= b", "a ||= b", "a &&= b", "class A { x = 1 }", "class A { #x; }", "class A { static { f() } }",
        "await f()", "for await (const a of b) f(a)", "/(?<=a)b/", "/(?<!a)b/", "/a/d", "/[a]/v", "/(?i:a)/",
        "a.at(-1)", "a?.at(-1)",
        "a.replaceAll('b', 'c')", "structuredClone(a)", "Object.hasOwn(a, 'b')", "crypto.randomUUID()",
        "a.findLast(f)", "a.findLastIndex(f)", "Promise.any(a)", "new WeakRef(a)", "AbortSignal.timeout(1)",
        "new Intl.ListFormat('de')", "new Intl.DurationFormat('de')", "new Error('a', { cause: b })", "a.toSorted()",
        "a.with(0, 1)", "export * as a from './b.js'", "new BroadcastChannel('a')", "form.requestSubmit()",
        "dialog.showModal()", "Object.groupBy(a, f)", "let = = 1",
    ],
)  # fmt: skip
def test_young_scripts_are_found(script: str) -> None:
    assert too_young(script.encode()) != []


@pytest.mark.parametrize(
    "script",
    [
        "a?.b ?? c", "'a ??= b'", "// a.at(-1)\nf()", "async () => { await f() }", "/(?<year>\\d)/u.exec(a)", "1_000",
        "try { f() } catch { g() }", "({ ...a, b })", "new Error('a')", "const { at } = a", "state.at = 1", "a.some(f)",
        "async function* f() { for await (const a of b) yield a }", "x.any", "options.timeout",
    ],
)  # fmt: skip
def test_old_scripts_are_not(script: str) -> None:
    assert too_young(script.encode()) == []


@pytest.mark.parametrize(
    "style",
    [
        ".a { .b { color: red } }", ".a { &:hover { color: red } }", ".a:has(.b) {}", ":is(.a, .b) {}", ":where(.a) {}",
        ".a { display: flex; gap: 1rem; }", ".a { inset: 0; }", ".a { aspect-ratio: 1; }", ".a { height: 100dvh; }",
        "@layer a { .b { top: 0 } }", "@container (width) { .a { top: 0 } }",
        ".a { color: color-mix(in srgb, red, blue); }",
        ".a { margin-inline: auto; }", ".a:not(.b, .c) { top: 0; }",
    ],
)  # fmt: skip
def test_young_styles_are_found(style: str) -> None:
    assert too_young_style(style.encode()) != []


@pytest.mark.parametrize(
    "style",
    [
        ".a { height: 100vh; height: 100dvh; }", ".a { margin-inline-start: auto; }", ".a { text-wrap: balance; }",
        ".a { font-size: clamp(1rem, 2vw, 2rem); }", "@media (min-width: 3px) { .a { top: 0; } }",
        ".a:focus:not(:focus-visible) { outline: none; }", "/* :has */ .a { top: 0; }",
    ],
)  # fmt: skip
def test_old_styles_are_not(style: str) -> None:
    assert too_young_style(style.encode()) == []


# --- browsers below that line


@pytest.fixture
def opened(browser: Browser, server: Server) -> Iterator[Any]:
    """`opened(locale, ...)`: a page before its first address, and the address of a phone and of a screen."""
    code = server.new()["code"]
    contexts = []

    def make(locale: str, **more: Any) -> tuple[Page, str]:
        contexts.append(browser.new_context(locale=locale, base_url=server.public, **more))
        return contexts[-1].new_page(), code

    yield make
    for context in contexts:
        context.close()


@pytest.mark.parametrize(
    ("file", "locale"), [("phone.js", "en-GB"), ("phone.js", "de-DE"), ("vue.js", "en-GB"), ("screen.js", "en-GB")]
)
def test_a_browser_that_cannot_read_the_scripts_reads_a_sentence(opened: Any, file: str, locale: str) -> None:
    """As Chrome 70 or iOS 12 would: modules yes, `?.` no. The first words stay beside it."""
    page, code = opened(locale)
    script = "const a = b ?.?. c;"
    page.route(f"**/{file}", lambda route: route.fulfill(content_type="text/javascript", body=script))
    page.goto(f"/{'s' if file == 'screen.js' else 'j'}/{code}")
    expect(page.locator("#old")).to_have_text(catalogue(locale[:2]).say("join.old-browser"))
    expect(page.locator("#old")).to_be_visible()
    expect(page.locator("h1")).not_to_be_empty()


def test_a_browser_without_modules_reads_the_same_sentence(opened: Any) -> None:
    page, code = opened("en-GB")
    page.add_init_script("delete HTMLScriptElement.prototype.noModule")
    page.route("**/phone.js", lambda route: route.abort())
    page.goto(f"/j/{code}")
    expect(page.locator("#old")).to_be_visible()


FRAME = '<!doctype html><iframe sandbox="allow-same-origin" src="/framed" width="400" height="800"></iframe>'


def giving(html: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(content_type="text/html", body=html)


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_without_scripts_another_sentence_is_read(opened: Any, server: Server, locale: str) -> None:
    """Chromium's own switch comes too late for its parser; a frame that may run no scripts is one that has none."""
    page, code = opened(locale)
    asked = urllib.request.Request(f"{server.url}/j/{code}", headers={"Accept-Language": locale})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        html = answer.read().decode()
    for path, body in (("/frame", FRAME), ("/framed", html)):
        page.route(f"**{path}", giving(body))
    page.goto("/frame")
    page.wait_for_function("document.querySelector('iframe').contentDocument.readyState === 'complete'")
    seen = page.evaluate("document.querySelector('iframe').contentDocument.body.innerText")
    assert catalogue(locale[:2]).say("join.no-js") in seen
    assert catalogue(locale[:2]).say("join.old-browser") not in seen


def test_a_browser_that_is_new_enough_reads_neither(opened: Any) -> None:
    page, code = opened("en-GB")
    page.goto(f"/j/{code}")
    expect(page.get_by_role("button", name="Menu")).to_be_visible()
    expect(page.locator("#old")).to_be_hidden()


def test_the_lobby_needs_no_script_at_all(opened: Any) -> None:
    page, code = opened("en-GB", java_script_enabled=False)
    page.goto("/")
    page.get_by_role("textbox").fill(code.lower())
    page.get_by_role("button", name="Join").click()
    expect(page).to_have_url(re.compile(f"/j/{code}$"))


def test_every_script_is_looked_at() -> None:
    """The folder is not empty, and what a page needs is among what is served."""
    assert {"live.js", "wire.js", "phone.js"} <= set(SCRIPTS)
    assert {f"served {name}" for name in ("vue.js", *(f"{page}.js" for page in PAGES))} <= set(SERVED)
