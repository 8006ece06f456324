"""Links that people give for everybody to follow: they lead where they say, in whatever way a browser reads them."""

from typing import Any

import pytest
from typer.testing import CliRunner

from facilitate.cli import command
from facilitate.core.text import is_link, is_web
from tests.test_api import desk, problem

pytestmark = pytest.mark.usefixtures("at_once")

GOOD = [
    "https://town.example/imprint",
    "https://town.example",
    "HTTPS://town.example:8443/a/b?c=d&e=%20f#g",
    "http://192.0.2.7/imprint",
    "http://[2001:db8::7]:8080/imprint",
    "https://m\u00fcnchen.example/datenschutz/f\u00fcr-alle",
    "/imprint",
    "/imprint?lang=de#top",
    "mailto:office@town.example",
    "mailto:office@town.example?subject=Workshop",
]
# What some browser reads as another host, as a script, or as something else than it looks like.
EVIL = [
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "//evil.example",
    "///evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "/\u200b/evil.example",
    "/\x00/evil.example",
    "/ /evil.example",
    "/\u2028/evil.example",
    "/path\\..\\evil",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\tscript:alert(1)",
    "java\x00script:alert(1)",
    "\x01javascript:alert(1)",
    " javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "blob:https://town.example/x",
    "file:///etc/passwd",
    "ftp://town.example/x",
    "view-source:https://town.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https:\\\\evil.example",
    "https://\\evil.example",
    "https://",
    "https://:443/",
    "https://town.example@evil.example/",
    "https://user:word@evil.example/",
    "https://town.example\\@evil.example/",
    "https://town.example\uff0f@evil.example/",
    "https://town.example\u2100evil.example/",
    "https://town.example:evil/",
    "https://town.example:99999/",
    "https://[::1/",
    "https://town example/",
    "https://town.example/a b",
    "https://town.example/\u202egnp.exe",
    "https://town.example/\"onclick=alert(1)",
    "https://town.example/<script>",
    "https://town.example/\ud800",
    "mailto:",
    "mailto:nobody",
    "mailto:a@b c",
    "town.example",
    "imprint",
    "#",
    "?",
    "https",
    ".",
    "http://" + "[" * 400,
]  # fmt: skip


@pytest.mark.parametrize("url", GOOD)
def test_what_is_a_link(url: str) -> None:
    assert is_link(url)
    assert is_web(url) is url.lower().startswith("http")


@pytest.mark.parametrize("url", EVIL, ids=ascii)
def test_what_is_none(url: str) -> None:
    assert not is_link(url)
    assert not is_web(url)


@pytest.mark.parametrize("field", ["imprint", "privacy"])
async def test_links_of_a_session(field: str) -> None:
    """By the API, and with that by all that makes sessions: refused, or kept so that it leads nowhere else."""
    async with desk() as it:
        for url in GOOD:
            made = (await it.make(**{field: f" {url} "})).json()
            assert getattr((await it.lobby.find(made["code"])).state.session, field) == url
        for url in EVIL:
            if "\ud800" not in url:  # no JSON holds half a sign
                wish: dict[str, Any] = {field: url}
                answer = await it.make(**wish)
                if answer.status_code == 201:  # what nobody sees was taken out of it
                    kept = getattr((await it.lobby.find(answer.json()["code"])).state.session, field)
                    assert kept != url
                    assert is_link(kept), url
                else:
                    problem(answer, 422, "command.malformed")


@pytest.mark.parametrize("url", [url for url in EVIL if "\x00" not in url and "\ud800" not in url], ids=ascii)
def test_no_public_address_of_a_server(url: str) -> None:
    """What phones open is a whole address; checked before anything is made."""
    done = CliRunner().invoke(command, ["serve", "--data", "/dev/null/nowhere", "--public-url", url])
    assert done.exit_code == 2, done.output
    assert "http" in done.output
