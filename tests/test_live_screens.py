"""A screen's link is code and name, without a secret: it sees what every participant sees, and can do nothing."""

import json
from typing import Any

import pytest

from facilitate.core import book
from facilitate.live.lobby import NewSession
from tests.hall import Client, Hall
from tests.test_light import served, start
from tests.test_live_groups import boards, bytes_of, in_groups, seated, texts, workshop

OWN = {"seat", "own", "ballot", "place", "counts"}


async def screen_of(room: Hall, code: str) -> Client:
    """Whoever knows the code, or guesses a screen's name, gets this far."""
    runner = await room.lobby.find(code)
    return await Client(room.url, code, token=room.lobby.screen_token(runner.session)).open()


async def called(desk: Client, screen: Client) -> None:
    """Everything from before has come to the screen, if it was to come."""
    before = desk.all("session")[0]["called"]
    await desk.do("BringEverybody")
    await screen.until(lambda: screen.all("session")[0]["called"] > before)


def common(client: Client) -> dict[tuple[str, str], Any]:
    return {key: record for key, record in client.records.items() if key[0] not in OWN}


@pytest.mark.server
async def test_a_screen_holds_what_somebody_holds_who_has_done_nothing_yet() -> None:
    """Cards face down, guides, hands, names and what becomes of cards are none of its business."""
    plan = in_groups(None, private=True)
    async with workshop(plan, 2) as (room, desk, phones):
        for phone in phones:
            assert (await phone.do("PostIdea", phase="phase-1", text="face down"))["ok"]
        await desk.do("AllowHands", allowed=True)
        await phones[0].do("CallHelp", table="4")
        await desk.do("OpenScreen", screen="foyer", title="Foyer")
        await desk.do("Show", screen="foyer", what="message", text="Coffee")
        somebody, screen = await Client(room.url, desk.code).open(), await screen_of(room, desk.code)
        await screen.until(lambda: ("screen", "foyer") in screen.records)
        await somebody.until(lambda: common(somebody) == common(screen))
        assert "face down" in bytes_of(phones[0])
        assert "Wait." in bytes_of(desk)
        await desk.until(lambda: [hand["table"] for hand in desk.all("hand")] == ["4"])
        assert not screen.all("hand")
        for secret in ("face down", "Wait."):
            assert secret not in bytes_of(screen)
        for client in (somebody, screen):
            await client.close()


@pytest.mark.server
async def test_a_screen_sees_a_groups_board_for_as_long_as_the_desk_shows_it() -> None:
    """Not before, and nothing that is written afterwards; whatever its name is."""
    async with workshop(in_groups({"by": "random", "count": 2}), 4) as (room, desk, phones):
        ((_, here), (_, there)) = (await seated(phones)).items()
        screen = await screen_of(room, desk.code)
        await here[0].do("PostIdea", phase="phase-1", text="ours, and not for all")
        await there[0].do("PostIdea", phase="phase-1", text="theirs")
        await desk.until(lambda: len(texts(desk)) == 2)
        await called(desk, screen)
        assert boards(screen) == []
        assert "ours, and not for all" not in bytes_of(screen)
        board = next(idea["board"] for idea in desk.all("idea") if idea["text"].startswith("ours"))
        await desk.do("OpenScreen", screen="foyer")
        await desk.do("Show", screen="foyer", what="board", board=board)
        await screen.until(lambda: texts(screen) == {"ours, and not for all"})
        await desk.do("Show", screen="foyer", what="phase")
        await screen.until(lambda: not texts(screen) and not boards(screen))
        await here[1].do("PostIdea", phase="phase-1", text="said afterwards")
        await desk.until(lambda: "said afterwards" in texts(desk))
        await called(desk, screen)
        late = await screen_of(room, desk.code)
        for one in (screen, late):
            assert "said afterwards" not in bytes_of(one)
            assert "theirs" not in bytes_of(one)
            await one.close()


@pytest.mark.server
async def test_a_screen_can_do_nothing_at_all() -> None:
    """Every command there is, over the wire: no screen appears, and nothing changes."""
    async with workshop(in_groups(None), 1) as (room, desk, _):
        screen = await screen_of(room, desk.code)
        before = (await room.lobby.find(desk.code)).state.seq
        fields = {"OpenScreen": {"screen": "mine"}, "Show": {"what": "black"}, "CloseScreen": {"screen": "main"}}
        for kind in book.COMMANDS:
            answer = await screen.do(kind, **fields.get(kind, {"phase": "phase-1"}))
            assert not answer["ok"], kind
            assert answer["error"]["key"] in ("role.refused", "command.malformed", "rate.slow-down"), kind
        assert (await screen.do("OpenScreen", screen="mine"))["error"]["key"] in ("role.refused", "rate.slow-down")
        assert (await room.lobby.find(desk.code)).state.seq == before
        assert [one["id"] for one in desk.all("screen")] == ["main"]
        await screen.close()


async def test_a_name_that_is_guessed_makes_no_screen_and_tells_nothing() -> None:
    """The page is the same for every name, and knows none of what is on the screens."""
    async with served() as (lobby, client):
        code = (await lobby.create(NewSession(format="pin-board"))).code
        await start(lobby, code, "collect")
        runner = await lobby.find(code)
        before = runner.state.seq
        pages = [(await client.get(f"/s/{code}{more}")).text for more in ("", "?screen=foyer", "?screen=%3Cscript%3E")]
        assert len(set(pages)) == 1
        assert json.dumps(runner.state.phases["collect"].prompt["en"]) not in pages[0]
        assert runner.state.seq == before
        assert list(runner.state.screens) == ["main"]
