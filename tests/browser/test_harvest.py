"""The page of results holds what the files hold: answers, duplicates, what was set aside, hands, origins of cards."""

from playwright.sync_api import Browser, expect

from tests.browser.room import Room, violations
from tests.browser.steering import steering
from tests.server import Server


def test_results_of_an_evening_with_everything(browser: Browser, server: Server) -> None:
    room = Room(browser, server, format="citizens-forum")
    facilitator = room.created["tokens"]["facilitator"]
    with steering(server, room.code, facilitator) as desk, steering(server, room.code) as anna:
        desk.do("StartPhase", phase="check-in")
        anna.do("GiveAnswer", phase="check-in", value=5)
        desk.do("StartPhase", phase="collect")
        texts = ("A square to meet", "A place to meet", "Parking for everybody")
        square, place, parking = (desk.do("PostIdea", phase="collect", text=text, column="missing") for text in texts)
        desk.do("RevealIdeas", board="life")
        desk.do("StartPhase", phase="themes")
        meet = desk.do("FormCluster", title="Meeting", ideas=[square])
        desk.do("MergeIdeas", keep=square, ideas=[place])
        desk.do("SetAside", ideas=[parking])
        desk.do("StartPhase", phase="weigh")
        (round_,) = desk.all("round")
        anna.do("CastBallot", round=round_["id"], rev=1, choices={meet: 2})
        desk.do("CountHands", round=round_["id"], option=meet, n=14)
        desk.do("ShowResults", round=round_["id"])
        desk.do("StartPhase", phase="proposals")
        desk.do("CarryForward", board="life", phase="proposals", top=1)
        page = room.open("harvest", f"/harvest/{room.code}#{facilitator}", 1280, 800)
        paper = page.locator(".paper")
        expect(paper).to_contain_text("5 (quite at home)")
        expect(paper).to_contain_text("A place to meet")
        expect(paper.get_by_role("heading", name="Set aside")).to_be_visible()
        expect(paper.get_by_role("row", name="1 A Meeting 16 14")).to_be_visible()
        expect(paper).to_contain_text("14 hands were counted in the room.")
        expect(paper).to_contain_text("Likewise: 2")
        expect(paper).to_contain_text("1 card came from another board.")
        expect(paper).to_contain_text("Life here")
        assert violations([("harvest", page)]) == []
    room.close()
    assert room.problems == []


def test_minutes_of_a_german_session_are_german_on_an_english_laptop(browser: Browser, server: Server) -> None:
    """What is around them goes by the browser; in a third language that is the session's too."""
    room = Room(browser, server, format="pin-board", languages=["de"])
    link = f"/harvest/{room.code}#{room.created['tokens']['facilitator']}"
    for name, locale, label in (("english", "en-GB", "Print"), ("french", "fr-FR", "Drucken")):
        page = room.open(name, link, 1280, 800, locale=locale)
        expect(page.locator(".paper").get_by_role("heading", name="Ablauf")).to_be_visible()
        expect(page.locator("article.paper")).to_have_attribute("lang", "de-DE")
        expect(page.get_by_role("button", name=label)).to_be_visible()
    room.close()
    assert room.problems == []
