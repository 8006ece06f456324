"""The light pages: first words in the HTML, nothing from elsewhere, nothing that a person wrote as markup, 90 kB."""

import gzip
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from facilitate.core.actors import Actor
from facilitate.core.commands import read
from facilitate.languages import available, catalogue
from facilitate.live.folders import assets_folder
from facilitate.live.lobby import Lobby, NewSession, PhaseWish
from facilitate.store.memory import MemoryStore
from facilitate.ui import light, qr
from facilitate.ui.assets import FOR_EVER, PAGES, Assets, slim
from facilitate.ui.bundle import bundles, modules
from tests.hall import lobby_on

ASSETS = Assets()
NASTY = "</script><img src=x onerror=alert(1)> \"quoted\" & 'more'"
SCRIPTS = sorted(assets_folder().glob("*.js"))


@asynccontextmanager
async def served() -> AsyncIterator[tuple[Lobby, httpx.AsyncClient]]:
    lobby = lobby_on(MemoryStore)
    await lobby.start()
    app = FastAPI()
    light.add(app, lobby, ASSETS)
    transport = httpx.ASGITransport(app=app)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://hall.test") as client:
            yield lobby, client
    finally:
        await lobby.stop()


async def start(lobby: Lobby, code: str, phase: str) -> None:
    runner = await lobby.find(code)
    await runner.do(
        read({"kind": "StartPhase", "id": f"start-{phase}-000000000", "phase": phase}), Actor("facilitator", "f")
    )


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def about(text: str) -> Any:
    found = re.search(r'<script type="application/json" id="about">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found[1])


# --- pages


async def test_first_words_are_in_the_html_and_in_the_visitors_language() -> None:
    """The question, the title and the promise can be read before any script has come."""
    async with served() as (lobby, client):
        made = await lobby.create(NewSession(format="pin-board"))
        await start(lobby, made.code, "collect")
        for accepted, language in (("de-AT,de;q=0.9", "de"), ("en-GB", "en"), ("fi", "en")):
            page = await client.get(f"/j/{made.code}", headers={"Accept-Language": accepted})
            text = unescape(page.text)
            state = (await lobby.find(made.code)).state
            assert page.status_code == 200
            assert f'<html lang="{language}">' in text
            assert state.phases["collect"].prompt[language] in text
            assert state.session.title[language] in text
            words = catalogue(language)
            assert words.say("privacy.none", date=words.date(state.session.delete_at, lobby.rules.timezone)) in text
        chosen = await client.get(f"/j/{made.code}?lang=de", headers={"Accept-Language": "en"})
        assert '<html lang="de">' in chosen.text


@pytest.mark.parametrize(
    ("names", "filmed", "keys"),
    [
        ("none", False, {"privacy.none"}),
        ("optional", False, {"privacy.optional"}),
        ("shown", False, {"privacy.named"}),
        ("none", True, {"privacy.none", "privacy.filmed"}),
    ],
)
async def test_the_promise_follows_from_the_settings(names: Any, filmed: bool, keys: set[str]) -> None:
    """Only what is true of this session is promised, and when it is deleted is always said."""
    async with served() as (lobby, client):
        made = await lobby.create(NewSession(format="pin-board", names=names, filmed=filmed, delete_after=3))
        words = catalogue("en")
        date = words.date((await lobby.find(made.code)).state.session.delete_at, lobby.rules.timezone)
        body = unescape((await client.get(f"/j/{made.code}")).text.partition('id="about"')[0])
        every = ("privacy.none", "privacy.optional", "privacy.named", "privacy.filmed")
        assert {key for key in every if words.say(key, date=date) in body} == keys
        assert date in body


async def test_pages_ask_nobody_else_and_set_no_cookie() -> None:
    """A strict policy, no inline script or style, no address of another host, no cookie, no referrer."""
    async with served() as (lobby, client):
        made = await lobby.create(NewSession(format="pin-board"))
        for path in ("/", f"/j/{made.code}", f"/s/{made.code}", "/j/XXXXXX"):
            page = await client.get(path)
            policy = page.headers["content-security-policy"]
            assert "set-cookie" not in page.headers
            assert page.headers["referrer-policy"] == "no-referrer"
            assert page.headers["x-content-type-options"] == "nosniff"
            assert "unsafe" not in policy
            assert policy.startswith("default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:;")
            assert "connect-src 'self' ws://hall.test wss://hall.test;" in policy
            for part in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
                assert part in policy
            for tag, attributes in Tags(page.text).tags:
                assert not {name for name in attributes if name == "style" or name.startswith("on")}
                for name in ("src", "href", "action"):
                    assert (attributes.get(name) or "/").startswith("/"), (tag, attributes)
                if tag == "script":
                    assert attributes.get("src") or attributes.get("type") == "application/json"


async def test_a_forged_host_does_not_enter_the_policy() -> None:
    """Only what is a host name becomes part of a header."""
    async with served() as (_, client):
        page = await client.get("/", headers={"Host": "evil.test; script-src *"})
        assert "connect-src 'self';" in page.headers["content-security-policy"]


async def test_what_people_wrote_is_never_markup() -> None:
    """Titles, prompts and typed codes are escaped, in the words and in the data that the script reads."""
    async with served() as (lobby, client):
        texts = {"en": NASTY, "de": NASTY}
        wish = NewSession(format="pin-board", title=texts, phases={"collect": PhaseWish(prompt=texts)}, operator=NASTY)
        made = await lobby.create(wish)
        await start(lobby, made.code, "collect")
        for path in (f"/j/{made.code}", f"/s/{made.code}", "/?code=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"):
            page = await client.get(path)
            assert "img" not in {tag for tag, _ in Tags(page.text).tags}, path
            assert "<img" not in page.text, path
        shown = unescape(re.sub(r"<[^>]+>", "", (await client.get(f"/j/{made.code}")).text.partition("<h1")[2]))
        assert NASTY in " ".join(shown.split())


async def test_a_code_in_any_spelling_opens_the_phone() -> None:
    """Case, spaces and dashes make no difference, in the address and in the field of the lobby."""
    async with served() as (lobby, client):
        code = (await lobby.create(NewSession(format="pin-board"))).code
        for path in (f"/j/{code}", f"/J/{code}", f"/j/{code.lower()}", f"/j/{code[:3]}%20{code[3:]}-"):
            page = await client.get(path)
            assert page.status_code == 200
            assert about(page.text)["code"] == code
        typed = await client.get("/", params={"code": f" {code[:3].lower()} {code[3:]} "})
        assert (typed.status_code, typed.headers["location"]) == (303, f"/j/{code}")


@pytest.mark.parametrize("path", ["/J/{}/3", "/j/{}/3", "/j/{}/t-7", "/J/{}/123456789012"])
async def test_a_tables_card_opens_the_phone_and_names_the_table(path: str) -> None:
    """The same page as without it, in everything but what it is told of the table."""
    async with served() as (lobby, client):
        code = (await lobby.create(NewSession(format="pin-board"))).code
        page = await client.get(path.format(code))
        assert page.status_code == 200
        told, plain = about(page.text), about((await client.get(f"/j/{code}")).text)
        assert told.pop("table") == path.rpartition("/")[2].upper()
        assert told == plain


@pytest.mark.parametrize("table", ["1234567890123", "a b", "%203", "<script>", "..%2F..%2Fdesk", "3/4", "", "Küche"])
async def test_what_is_no_tables_code_leads_to_the_plain_page(table: str) -> None:
    async with served() as (lobby, client):
        code = (await lobby.create(NewSession(format="pin-board"))).code
        page = await client.get(f"/J/{code}/{table}")
        assert (page.status_code, page.headers["location"]) == (303, f"/j/{code}")
        german = await client.get(f"/J/{code}/{table}?lang=de")
        assert german.headers["location"] == f"/j/{code}?lang=de"


async def test_a_tables_card_of_a_code_that_is_not_there() -> None:
    """The friendly page, as without a table."""
    async with served() as (_, client):
        page = await client.get("/J/XXXXXX/3")
        assert page.status_code == 404
        assert any(tag == "input" and found.get("name") == "code" for tag, found in Tags(page.text).tags)


async def test_an_unknown_code_is_a_friendly_page_with_a_field() -> None:
    """404 with a sentence and a way on; too many from one address are slowed down, right ones are not."""
    async with served() as (lobby, client):
        code = (await lobby.create(NewSession(format="pin-board"))).code
        words = catalogue("en")
        for path, key in (
            ("/j/XXXXXX", "end.unknown"),
            ("/s/XXXXXX", "end.unknown"),
            ("/?code=XXXXXX", "join.wrong-code"),
        ):
            page = await client.get(path)
            assert page.status_code == 404
            assert words.say(key) in unescape(page.text)
            assert any(tag == "input" and found.get("name") == "code" for tag, found in Tags(page.text).tags)
        assert (await client.get("/?code=")).status_code == 422
        tries = [await client.get("/j/XXXXX") for _ in range(25)]
        assert tries[-1].status_code == 429
        assert int(tries[-1].headers["retry-after"]) >= 1
        assert words.say("error.address.slow-down") in unescape(tries[-1].text)
        assert (await client.get(f"/j/{code}")).status_code == 200


async def test_a_deleted_session_is_gone() -> None:
    """Whoever scans an old sheet reads a sentence, not a trace."""
    async with served() as (lobby, client):
        made = await lobby.create(NewSession(format="pin-board"))
        await lobby.delete(made.id)
        assert (await client.get(f"/j/{made.code}")).status_code == 404


async def test_old_browsers_and_no_script_read_a_sentence() -> None:
    """Both sentences are in the HTML."""
    async with served() as (lobby, client):
        code = (await lobby.create(NewSession(format="pin-board"))).code
        text = unescape((await client.get(f"/j/{code}", headers={"Accept-Language": "de"})).text)
        for key in ("join.no-js", "join.old-browser"):
            assert catalogue("de").say(key) in text
        assert '<div id="said" class="sr" role="status"></div>' in text


async def test_the_screen_speaks_the_workshops_language() -> None:
    """Not that of the laptop at the projector; and it carries the QR with the capitals of the join link."""
    async with served() as (lobby, client):
        made = await lobby.create(NewSession(format="pin-board", languages=("de",)))
        page = await client.get(f"/s/{made.code}", headers={"Accept-Language": "en"})
        assert '<html lang="de">' in page.text
        told = about(page.text)
        assert told["address"] == "hall.test"
        assert told["qr"].startswith("<svg")
        assert "style=" not in told["qr"]


# --- weight


async def test_a_phone_loads_at_most_90_kilobytes(capsys: pytest.CaptureFixture[str]) -> None:
    """Everything that the page names, over the wire, in the heavier of the languages."""
    async with served() as (lobby, client):
        code = (await lobby.create(NewSession(format="co-learning-sharing-creation"))).code
        await start(lobby, code, "practice")
        weights: dict[str, int] = {}
        text = ""
        for language in available():
            async with client.stream("GET", f"/j/{code}?lang={language}") as page:
                raw = b"".join([piece async for piece in page.aiter_raw()])
            assert page.headers["content-encoding"] == "gzip"
            weights["page"] = max(weights.get("page", 0), len(raw))
            text = gzip.decompress(raw).decode()
        for _, attributes in Tags(text).tags:
            address = attributes.get("src") or attributes.get("href") or ""
            if address.startswith("/a/"):
                name = address.rpartition("/")[2]
                weights[name] = ASSETS.weight(name)
        with capsys.disabled():
            print(f"\na phone loads {sum(weights.values()):,} bytes: {weights}")
        assert {"phone.js", "phone.css", "vue.js"} <= set(weights)
        assert sum(weights.values()) <= 90_000


# --- files


async def test_files_are_kept_for_ever_and_served_as_what_they_are() -> None:
    """Media types, no sniffing, compressed where it is taken, and the hash changes with any file."""
    ASSETS.squeezing.join(60)
    async with served() as (_, client):
        for name in ASSETS.files:
            answer = await client.get(ASSETS.url(name))
            assert answer.status_code == 200
            assert answer.content == ASSETS.files[name].body
            assert answer.headers["cache-control"] == FOR_EVER
            assert answer.headers["x-content-type-options"] == "nosniff"
            if name.endswith(".js"):
                assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        plain = await client.get(ASSETS.url("vue.js"), headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        refused = await client.get(ASSETS.url("vue.js"), headers={"Accept-Encoding": "gzip;q=0, br; q=0.0"})
        assert "content-encoding" not in refused.headers
        for wish in ("gzip", "gzip, deflate, br"):
            packed = await client.get(ASSETS.url("vue.js"), headers={"Accept-Encoding": wish})
            best = ASSETS.files["vue.js"].encoded[0][0] if "br" in wish else "gzip"
            assert (packed.headers["content-encoding"], packed.headers["vary"]) == (best, "Accept-Encoding")
            assert int(packed.headers["content-length"]) == len(dict(ASSETS.files["vue.js"].encoded)[best])
            assert packed.content == ASSETS.files["vue.js"].body
        stale = await client.get("/a/000000000000/vue.js")
        assert (stale.status_code, stale.headers["cache-control"]) == (200, "no-store")


def test_a_start_waits_for_no_file_to_be_at_its_smallest() -> None:
    """From the first moment each is there as gzip; what comes later is smaller and says the same."""
    brotli = pytest.importorskip("brotli")
    assets = Assets()
    assert {name for name in PAGES if "gzip" not in dict(assets.files[f"{name}.js"].encoded)} == set()
    assets.squeezing.join(60)
    for name, asset in assets.files.items():
        if asset.encoded:
            (first, small), (second, larger) = asset.encoded
            assert (first, second) == ("br", "gzip")
            assert brotli.decompress(small) == gzip.decompress(larger) == asset.body, name


@pytest.mark.parametrize("name", ["..%2fpyproject.toml", "%2e%2e/%2e%2e/pyproject.toml", "../assets.py", "none.js", ""])
async def test_no_other_file_can_be_reached(name: str) -> None:
    """Names are looked up, never joined to a path."""
    async with served() as (_, client):
        assert (await client.get(f"/a/{ASSETS.build}/{name}")).status_code == 404
    with pytest.raises(KeyError):
        ASSETS.url(name)


def test_the_hash_is_that_of_all_files(tmp_path: Path) -> None:
    """One changed sign anywhere gives every file a new address."""
    for path in assets_folder().iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert Assets(tmp_path).build == ASSETS.build
    (tmp_path / "say.js").write_text((tmp_path / "say.js").read_text("utf-8") + "\nexport const more = 1;\n", "utf-8")
    assert Assets(tmp_path).build != ASSETS.build


def test_no_blank_stands_in_a_text_within_a_text() -> None:
    """What squeezes our files takes backquotes inside of backquotes for code: a blank there would be lost."""
    within = re.compile(r"\$\{[^{}`\n]*`[^`\n]*\s")
    assert within.search("`${of ? ` ${table}` : ''}`")
    for path in sorted(assets_folder().glob("*.js")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            assert not within.search(line), f"{path.name}:{number}"


def test_slim_leaves_texts_alone() -> None:
    """Comments and needless white space go; texts, also in backquotes, patterns and other files are not touched."""
    assert slim("x.js", b'// why\nconst a = "// no";\n\n  // so\n  b( );\n') == b'const a="// no";b();'
    assert slim("x.css", b"/* why */\n.a {\n  color: red;\n}\n") == b".a{color:red}"
    kept = b"const a=`\n  // text ${b  } /* no */\n`;"
    assert slim("x.js", kept) == kept
    assert slim("x.js", b"const a = /[ /]  'x/g.test(b);") == b"const a=/[ /]  'x/g.test(b);"
    assert slim("x.png", b"  // \x89") == b"  // \x89"


def test_a_bundle_keeps_order_names_and_what_is_foreign() -> None:
    """Modules stand behind one another, those that are needed first in front; foreign files stay imports."""
    files = {
        "a.js": 'import * as V from "./v.js";\nimport B, { c as d } from "./b.js";\nexport const a = B + d + V.x;\n',
        "b.js": 'import { e } from "./e.js";\nexport const c = e;\nexport default 1;\n',
        "e.js": "export function e() {}\n",
    }
    assert modules("a.js", files.get) == ["v.js", "e.js", "b.js", "a.js"]
    (text,) = bundles("a.js", files.get).values()
    assert text.splitlines()[0] == 'import * as V from "./v.js";'
    assert text.index("const $e =") < text.index("const $b =") < text.index("const $a =")
    assert "const B = $b.default;" in text
    assert "const { c: d } = $b;" in text
    assert "return { c, default: $default };" in text


def test_what_comes_later_is_a_file_of_its_own_that_takes_from_the_page_what_is_there() -> None:
    """The page exports what its later parts need; they bring the rest."""
    files = {
        "a.js": 'import { e } from "./e.js";\nconst get = again => import("./b.js" + again);\n',
        "b.js": 'import { e } from "./e.js";\nimport f from "./f.js";\nexport default e + f;\n',
        "e.js": "export const e = 1;\n",
        "f.js": "export default 2;\n",
    }
    made = bundles("a.js", files.get)
    assert list(made) == ["a.js", "a.b.js"]
    assert 'import("./a.b.js" + again)' in made["a.js"]
    assert made["a.js"].endswith("export { $e };\n")
    assert made["a.b.js"].startswith('import { $e } from "./a.js";\n')
    assert "const $f =" in made["a.b.js"]
    assert "const $e =" not in made["a.b.js"]
    assert made["a.b.js"].endswith("export default $b.default;\n")


YOUNG = r"\?\?=|\|\|=|&&=|\.at\(|replaceAll|structuredClone|Object\.hasOwn|randomUUID|\.findLast|toSorted"
SECURE = r"crypto\.subtle|navigator\.(?:locks|clipboard|serviceWorker|wakeLock)|\beval\(|new Function"


def code_of(name: str) -> str:
    return re.sub(r"^\s*//.*$", "", ASSETS.source(name) or "", flags=re.MULTILINE)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_keep_to_what_old_phones_know(path: Path) -> None:
    """iOS 14.0, Chrome 87 and Firefox 78 lack these."""
    assert re.findall(YOUNG, code_of(path.name)) == []


@pytest.mark.parametrize("page", PAGES)
def test_pages_need_no_secure_context(page: str) -> None:
    """A hall's server has a plain http:// address, where browsers leave these undefined; and nothing is evaluated."""
    assert {name: re.findall(SECURE, code_of(name)) for name in modules(f"{page}.js", ASSETS.source)} == {
        name: [] for name in modules(f"{page}.js", ASSETS.source)
    }


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", available())
def test_every_text_that_a_page_says_is_there(page: str, language: str) -> None:
    """Each key that a module names literally exists, and goes along with the page."""
    entries = catalogue(language).entries()
    for name in modules(f"{page}.js", ASSETS.source):
        for key in re.findall(r'\bsay\(\s*"([\w.-]+)"', ASSETS.source(name) or ""):
            assert {key, f"{key}_other"} & set(entries), (name, key)
            assert {key, f"{key}_other"} & set(ASSETS.whole[page, language]), (name, key)


# --- QR


def test_the_qr_is_small_dark_on_white_and_has_a_quiet_zone() -> None:
    """Capitals are the alphanumeric mode: one size smaller than the same address in small letters."""
    from qrcode import QRCode
    from qrcode.constants import ERROR_CORRECT_M

    url = "http://192.168.1.23:8080/J/K7MPQ2"
    drawing = qr.svg(url, 'QR for "hall"')
    size = int(re.search(r'viewBox="0 0 (\d+)', drawing)[1])  # type: ignore[index]
    plain = QRCode(error_correction=ERROR_CORRECT_M, border=4)
    plain.add_data("http://192.168.1.23:8080/j/k7mpq2")
    plain.make(fit=True)
    assert size < len(plain.get_matrix())
    assert 'role="img" aria-label="QR for &quot;hall&quot;"' in drawing
    assert f'fill="#fff" d="M0 0h{size}v{size}h-{size}z"' in drawing
    dark = drawing.partition('fill="#000" d="')[2]
    cells = [(int(x), int(y), int(w)) for x, y, w in re.findall(r"M(\d+) (\d+)h(\d+)v1", dark)]
    assert min(x for x, _, _ in cells) == min(y for _, y, _ in cells) == 4
    assert max(x + w for x, _, w in cells) == size - 4


def test_the_qr_says_what_it_should() -> None:
    """Scheme and host in capitals mean the same; a path keeps its case."""
    assert qr.capitals("http://hall.test:8080/J/K7MPQ2") == "HTTP://HALL.TEST:8080/J/K7MPQ2"
    assert qr.capitals("https://hall.test/desk/K7MPQ2#aB-c") == "HTTPS://HALL.TEST/desk/K7MPQ2#aB-c"
