"""What is covered for the desk too leaves the server by no way out: every export, every page, the API, the shell."""

import asyncio
import http.cookiejar
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Iterator
from typing import Any

import pytest

from facilitate import exports
from facilitate.languages import catalogue
from tests.hall import Client
from tests.play import Play, key_of, phase
from tests.server import Server

SECRET = "Zebra crossing"

# --- on the rules alone: each thing that can be covered, and what uncovers it

Deed = Callable[[Play], object]


def carded(**settings: Any) -> Play:
    play = Play(phase("brainstorm", **settings), phase("vote", of="ideas"))
    play.start("brainstorm")
    play.post(play.join(), SECRET)
    return play


def strictly() -> tuple[Play, Deed]:
    return carded(private=True, strict=True), reveal


def privately() -> tuple[Play, Deed]:
    return carded(private=True), reveal


def peeked() -> tuple[Play, Deed]:
    return carded(private=True), lambda play: play.do(play.facilitator, "Peek", board="wall")


def taken_back() -> tuple[Play, Deed]:
    play = carded(private=True)
    person = next(actor for actor, _ in play.people.values())
    play.do(person, "WithdrawIdea", idea=next(iter(play.state.ideas)))
    return play, reveal


def hidden() -> tuple[Play, Deed]:
    play = carded(private=True)
    play.do(play.facilitator, "HideIdea", idea=next(iter(play.state.ideas)))
    return play, reveal


def edited() -> tuple[Play, Deed]:
    play = carded(private=True)
    person = next(actor for actor, _ in play.people.values())
    play.do(person, "EditIdea", idea=next(iter(play.state.ideas)), text=f"{SECRET} lights")
    return play, reveal


def voted_on() -> tuple[Play, Deed]:
    """A card of a closed round that lies face down again: its result names it by its number alone."""
    play = carded(private=True)
    shown = reveal(play)
    play.start("vote")
    idea = next(iter(play.state.ideas))
    play.vote(next(actor for actor, _ in play.people.values()), **{idea: 1})
    play.do(play.facilitator, "ShowResults", round=play.round)
    play.do(play.facilitator, "TakeNote", phase="vote", item=idea, text="noted")
    play.undo(shown)
    return play, reveal


def voting() -> tuple[Play, Deed]:
    play = Play(phase("brainstorm"), phase("vote", of="ideas"))
    play.start("brainstorm")
    person = play.join()
    idea = play.post(person, "card", id="the-only-card-that-there-is")
    play.start("vote")
    play.vote(person, **{idea: 2})
    return play, lambda play: play.do(play.facilitator, "CloseRound", round=play.round)


def reveal(play: Play) -> str:
    return play.do(play.facilitator, "RevealIdeas", board="wall")


COVERED = [strictly, privately, peeked, taken_back, hidden, edited, voted_on, voting]


def secrets_of(play: Play) -> Iterator[bytes]:
    """The words of the cards, and the ballots as a file may write them."""
    yield SECRET.encode()
    for event in play.log:
        if event.kind == "BallotCast":
            yield event.kind.encode()
            yield json.dumps(json.loads(event.data)["choices"])[1:-1].encode()


@pytest.mark.parametrize("kind", exports.kinds())
@pytest.mark.parametrize("cover", COVERED)
def test_no_file_holds_what_is_covered(cover: Callable[[], tuple[Play, Deed]], kind: str) -> None:
    """Not in one byte; the backup is refused as long as something is, and afterwards it is whole."""
    play, uncover = cover()
    export = exports.kinds()[kind]

    def assert_covered() -> None:
        if exports.is_whole(export):
            assert key_of(lambda: exports.file(export, play.report(), play.state)) == "export.covered"
            return
        content = exports.file(export, play.report(), play.state)
        for secret in secrets_of(play) if cover is not voted_on else [SECRET.encode()]:
            assert secret not in content

    assert_covered()
    play.restart()
    assert_covered()
    uncover(play)
    content = exports.file(export, play.report(), play.state)
    if exports.is_whole(export):
        assert all(event.command.encode() in content for event in play.log)


@pytest.mark.parametrize("cover", COVERED)
def test_no_report_holds_what_is_covered(cover: Callable[[], tuple[Play, Deed]]) -> None:
    """Whatever an export may come to write of it: but for the log it has no word that the desk does not read."""
    play, _ = cover()
    report = play.report()
    assert SECRET.encode() not in b"\n".join(play.holds("facilitators").values())
    fields = {field: getattr(report, field) for field in report.__struct_fields__ if field != "log"}
    assert SECRET not in repr(fields)


def test_the_log_says_who_peeked() -> None:
    """A backup of what was face down stands behind a fact that tells of it."""
    play, uncover = peeked()
    uncover(play)
    content = exports.file(exports.kinds()["json"], play.report(), play.state)
    assert SECRET.encode() in content
    assert b'"Peeked"' in content


def test_erased_words_keep_nothing_waiting() -> None:
    play = carded(private=True, strict=True)
    play.do(play.facilitator, "EraseIdea", idea=next(iter(play.state.ideas)))
    assert SECRET.encode() not in exports.file(exports.kinds()["json"], play.report(), play.state)


# --- on a server: all ways out at once

WHY = catalogue("en").say("error.export.covered")
WAITS = catalogue("en").say("harvest.waits", file="")
BOARDS = {"practice": "Strictly covered", "insights": "Privately covered", "solutions": "Public words"}


async def held(server: Server, code: str, token: str) -> dict[str, Client]:
    """A desk and a phone in a session whose boards hold a card each, and whose vote is open, with a ballot."""
    desk, phone = Client(server.url, code, token=token), Client(server.url, code)
    await desk.open()
    await phone.open()
    assert (await phone.do("Join"))["ok"]
    for board, text in BOARDS.items():
        assert (await desk.do("StartPhase", phase=board))["ok"]
        answer = await phone.do("PostIdea", phase=board, text=text)
        assert answer["ok"], answer
    card = answer["id"]
    assert (await desk.do("StartPhase", phase="choice"))["ok"]
    round_ = await phone.until(lambda: next(iter(phone.all("round")), None))
    assert (await phone.do("CastBallot", round=round_["id"], rev=1, choices={card: 1}))["ok"]
    return {"desk": desk, "phone": phone}


def fetched(opener: urllib.request.OpenerDirector, request: urllib.request.Request) -> tuple[int, bytes]:
    try:
        with opener.open(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def ways_out(server: Server, code: str, token: str, kinds: Collection[str]) -> Iterator[tuple[str, int, bytes]]:
    """(way, HTTP status or exit code, every byte) of all that a facilitator can take from a server."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    headers = {"Content-Type": "application/json", "Origin": server.url}
    entering = urllib.request.Request(f"{server.url}/auth", json.dumps({"token": token}).encode(), headers)
    assert fetched(opener, entering)[0] == 200
    files = [f"{place}/export/{kind}" for kind in kinds for place in (f"/harvest/{code}", f"/api/sessions/{code}")]
    pages = [f"{page}/{code}" for page in ("/harvest", "/desk", "/j", "/s", "/sheet", "/api/sessions")]
    for path in [*files, *pages]:
        bearer = {"Authorization": f"Bearer {token}"} if path.startswith("/api") else {}
        yield path, *fetched(opener, urllib.request.Request(f"{server.url}{path}", headers=bearer))
    for kind in kinds:
        done = server.run("export", code, "--to", kind)
        yield f"export --to {kind}", done.returncode, (done.stdout + done.stderr).encode()


def test_no_way_out_of_a_server_holds_what_is_covered(server: Server) -> None:
    """Cards face down and an open vote: the backup waits, all else goes on and holds none of it."""
    private = {"private": True}
    made = server.new(
        "co-learning-sharing-creation",
        agenda=["practice", "insights", "solutions", "choice"],
        phases={
            "practice": {"settings": {**private, "strict": True}},
            "insights": {"settings": private},
            "choice": {"settings": {"method": "approval", "of": "ideas"}},
        },
        boards={board: {"columns": []} for board in BOARDS},
    )
    code, token = made["code"], made["tokens"]["facilitator"]

    async def hold() -> None:
        clients = await held(server, code, token)
        try:
            for way, status, content in ways_out(server, code, token, exports.kinds()):
                whole = way.endswith("json")
                for secret in (b"Strictly covered", b"Privately covered", b"BallotCast"):
                    assert secret not in content, (way, secret)
                assert status == {"/": {False: 200, True: 409}, "e": {False: 0, True: 1}}[way[0]][whole], way
                assert not whole or WHY.encode() in content
                assert way[:8] != "/harvest" or "export" in way or WAITS.encode() in content
            desk = clients["desk"]
            round_ = desk.all("round")[0]["id"]
            assert (await desk.do("CloseRound", round=round_))["ok"]
            assert (await desk.do("Peek", board="insights"))["ok"]
            assert [way[1] for way in ways_out(server, code, token, ["json"]) if "export" in way[0]] == [409, 409, 1]
            assert (await desk.do("RevealIdeas", board="practice"))["ok"]
            for way, status, content in ways_out(server, code, token, ["json"]):
                assert status in (200, 0)
                for word in (b"Strictly covered", b"Privately covered", b"BallotCast", b"Peeked"):
                    assert word in content or "export" not in way, way
        finally:
            for client in clients.values():
                await client.close()

    asyncio.run(hold())
