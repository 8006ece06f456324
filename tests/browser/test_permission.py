"""Pages that are open when their permission goes: the next act says so and does nothing, desks end by themselves."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from facilitate.languages import catalogue
from tests.browser.room import violations
from tests.server import Server, serving

Say = Callable[[str], str]
Going = Callable[[Server, BrowserContext, Say], None]


def renewed(server: Server, context: BrowserContext, say: Say) -> None:
    assert server.run("owner-link", "--renew").returncode == 0


def signed_out(server: Server, context: BrowserContext, say: Say) -> None:
    """In another tab, which is closed again."""
    tab = context.new_page()
    tab.goto("/home")
    tab.get_by_role("button", name=say("home.sign-out-do")).click()
    expect(tab.locator("#door-says")).to_be_visible()
    tab.close()


@pytest.fixture(scope="module")
def house(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Its owner's link is renewed: nobody else's tests are to notice."""
    with serving(tmp_path_factory.mktemp("house") / "folder", environment) as it:
        yield it


@pytest.fixture
def tabs(browser: Browser, house: Server) -> Iterator[Callable[..., Page]]:
    """Further tabs of one browser that opened the owner's link."""
    contexts: dict[str, BrowserContext] = {}

    def opened(path: str, locale: str = "en-GB") -> Page:
        first = not contexts
        if first:
            contexts[locale] = browser.new_context(base_url=house.public, locale=locale)
        page = contexts[locale].new_page()
        page.goto(path + (f"#{house.owner}" if first else ""))
        expect(page.locator(".staff-head")).to_be_visible()
        return page

    yield opened
    for context in contexts.values():
        context.close()


@pytest.mark.parametrize(("goes", "locale"), [(renewed, "en-GB"), (signed_out, "de-DE")])
def test_open_pages_ask_again(house: Server, tabs: Callable[..., Page], goes: Going, locale: str) -> None:
    """Home deletes nothing and says so over its own question, plan makes nothing, the desk is closed at once."""
    say = catalogue(locale[:2]).say
    made = house.new(title="To be kept")
    home = tabs("/home", locale)
    home.locator("tr", has_text="To be kept").get_by_role("button", name=say("home.delete")).click()
    plan = tabs("/plan?format=quick-vote", locale)
    create = plan.get_by_role("button", name=say("plan.create-do"))
    expect(create).to_be_visible()
    desk = tabs(f"/desk/{made['code']}", locale)
    expect(desk.locator("#desk-next")).to_be_visible()

    goes(house, home.context, say)

    expect(desk.locator(".bar.alert")).to_have_text(say("access.desk"))
    home.get_by_role("dialog").get_by_role("button", name=say("home.delete-do"), exact=True).click()
    create.click()
    for page in (home, plan):
        said = page.get_by_role("alert").filter(has_text=say("access.closed"))
        expect(said).to_be_visible()
        top = "document.elementFromPoint(innerWidth / 2, 20).closest('.staff-closed') !== null"
        assert page.evaluate(top), "it lies above everything"
    assert violations([("plan", plan)]) == []
    status, _ = house.ask(f"/api/sessions/{made['code']}", house.owner)
    assert status == 200, "it is still there"
    assert "/plan" in plan.url
    home.get_by_role("link", name=say("access.closed-do")).click()
    expect(home.locator("#door-says")).to_have_text(say("access.home"))
    home.goto(f"/home#{house.owner}")
    home.locator("tr", has_text="To be kept").get_by_role("button", name=say("home.delete")).click()
    home.get_by_role("dialog").get_by_role("button", name=say("home.delete-do"), exact=True).click()
    expect(home.locator("tr", has_text="To be kept")).to_have_count(0)
