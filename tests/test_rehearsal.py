"""A rehearsal finds what is lost, doubled or shown differently, and takes what happens in a hall for no loss."""

import asyncio
import secrets
import socket
from array import array
from random import Random
from typing import Any

import pytest

from facilitate.core.text import required
from facilitate.live import rehearsal
from facilitate.live.chatter import Chatter
from facilitate.live.guests import METHODS
from facilitate.live.lobby import PhaseWish
from facilitate.live.phones import Phone, Records
from facilitate.live.rehearsal import Findings, Hindered, Spread, rehearse, spread, target, told
from facilitate.store.memory import MemoryStore
from facilitate.votes import modules
from tests.hall import OWNER, Client, Hall, hall

pytestmark = pytest.mark.server


async def held(room: Hall, people: int = 6, seconds: float = 2, **wish: Any) -> Findings:
    return await rehearse(room.url, await room.session(**wish), OWNER, people=people, seconds=seconds, quiet=True)


@pytest.mark.parametrize(
    "format", ["co-learning-sharing-creation", "pin-board", "quick-vote", "one-two-four-all", "world-cafe"]
)
async def test_every_format_is_played_to_its_end_and_nothing_is_lost(format: str) -> None:
    async with hall() as room:
        found = await held(room, format=format)
        assert found.is_whole, told(found)
        assert found.phases == [phase.id for phase in room.lobby.formats[format].phases]
        assert (found.people, found.connected) == (6, 6)
        rounds = sum(phase.activity == "vote" for phase in room.lobby.formats[format].phases)
        assert found.ballots == 6 * rounds
        assert found.posted >= 6
        assert found.seen.count
        assert found.late.count
        assert not found.refusals
        assert (found.reconnects, found.gaps) == (0, 0)
        (runner,) = room.lobby.runners()
        assert runner.state.session.state == "ended"
        lying = [idea for idea in runner.state.ideas.values() if idea.is_kept and not idea.face_down]
        assert sum(found.cards.values()) == len(lying)
        written = [idea for idea in runner.state.ideas.values() if idea.source != "carried"]
        assert sum(idea.stands for idea in written) == found.posted - found.withdrawn
        assert runner.state.notes
        assert all(round_.state == "shown" for round_ in runner.state.rounds.values())
        private = [phase for phase in runner.state.agenda() if phase.settings.get("private")]
        assert bool(found.revealed.count) == bool(private)


@pytest.mark.slow
@pytest.mark.server
async def test_two_hundred_people_go_through_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """Groups, approval, votes, carried cards: nothing lost, and every card placed or counted as not placed."""
    async with hall() as room:
        found = await held(room, people=200, seconds=60, format="citizens-forum")
        with capsys.disabled():
            print(f"\n{told(found)}")
        assert found.is_whole
        assert found.connected == 200
        assert all(found.cards[place] for place in ("placed", "aside", "unplaced", "merged")), found.cards
        runner = next(iter(room.lobby.runners()))
        lying = [idea for idea in runner.state.ideas.values() if idea.is_kept and not idea.face_down]
        assert sum(found.cards.values()) == len(lying)
        assert found.cards["merged"] == sum(bool(idea.same_as) for idea in lying)


@pytest.mark.parametrize("who", ["own", "everyone"])
async def test_guests_sort_where_the_phase_lets_them(who: str) -> None:
    async with hall() as room:
        found = await held(room, format="pin-board", people=8, phases={"sort": PhaseWish(settings={"who": who})})
        assert found.is_whole, told(found)
        (runner,) = room.lobby.runners()
        moves = [event for event in await runner.log() if event.kind == "IdeaMoved"]
        assert any(not event.by.startswith("facilitator") for event in moves)


async def test_a_hall_with_names_is_entered_by_name() -> None:
    async with hall() as room:
        found = await held(room, people=3, seconds=1, names="shown")
        assert found.is_whole, told(found)
        (runner,) = room.lobby.runners()
        assert sorted(row["name"] for row in runner.state.names.values()) == ["Guest 1", "Guest 2", "Guest 3"]


async def test_broken_connections_are_counted_and_nothing_is_lost() -> None:
    async with hall() as room:

        async def tear() -> None:
            for _ in range(3):
                await asyncio.sleep(0.8)
                for connection in list(room.live.server.eio.sockets.values()):
                    connection.direct.asgi_send.__self__.transport.abort()

        tearing = asyncio.create_task(tear())
        found = await held(room, seconds=4, format="pin-board")
        await tearing
        assert found.is_whole, told(found)
        assert found.reconnects >= 6
        assert found.ballots == 6


class Full(MemoryStore):
    """A disk that is full now and then."""

    appends = 0

    def append(self, batch: Any) -> list[Exception | None]:
        Full.appends += 1
        if Full.appends % 25 == 20:
            raise OSError(28, "No space left on device")
        return super().append(batch)


async def test_what_is_refused_for_a_while_is_sent_again() -> None:
    Full.appends = 0
    async with hall(Full) as room:
        found = await held(room)
        assert found.refusals["store.failing"] >= 1
        assert found.is_whole, told(found)


async def test_an_idea_that_one_phone_never_gets_is_a_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    apply = Records._apply
    deaf: list[Records] = []

    def forget_one(records: Records, frame: dict[str, Any]) -> None:
        if not deaf and frame["from"] == 0 and not any(record.get("guide") for record in frame["put"]):
            deaf.append(records)  # the first phone; desks see guides
        if records in deaf:
            put = [record for record in frame["put"] if record["type"] != "idea" or record["number"] != 2]
            frame = {**frame, "put": put}
        apply(records, frame)

    monkeypatch.setattr(Records, "_apply", forget_one)
    async with hall() as room:
        found = await held(room)
        assert (found.lost, found.doubled, found.differing) == (1, 0, 1)
        assert not found.is_whole


async def test_an_idea_that_is_there_twice_is_doubled(monkeypatch: pytest.MonkeyPatch) -> None:
    do = Phone.do
    twice: list[str] = []

    async def do_twice(phone: Phone, kind: str, id: str | None = None, **fields: Any) -> dict[str, Any]:
        if kind == "PostIdea" and not twice:
            twice.append(fields["text"])
            await do(phone, kind, secrets.token_urlsafe(15), **fields)
        return await do(phone, kind, id, **fields)

    monkeypatch.setattr(Phone, "do", do_twice)
    async with hall() as room:
        found = await held(room)
        assert (found.lost, found.doubled, found.differing) == (0, 1, 0)


async def test_a_session_that_has_begun_is_left_alone() -> None:
    async with hall() as room:
        code = await room.session()
        desk = await Client(room.url, code, token=OWNER).open()
        await desk.do("StartPhase", phase="collect")
        with pytest.raises(Hindered, match="has begun"):
            await rehearse(room.url, code, OWNER, people=2, seconds=1, quiet=True)
        await desk.do("EndSession")
        with pytest.raises(Hindered, match="is over"):
            await rehearse(room.url, code, OWNER, people=2, seconds=1, quiet=True)
        await desk.close()


async def test_a_screens_link_cannot_lead() -> None:
    async with hall() as room:
        code = await room.session()
        runner = await room.lobby.find(code)
        token = await room.lobby.issue(runner.session, "screen")
        with pytest.raises(Hindered, match="facilitator"):
            await rehearse(room.url, code, token, people=2, seconds=1, quiet=True)


# --- what needs no server


def test_a_code_a_join_link_and_a_desk_link_say_where_to_go() -> None:
    assert target("ABC234", "https://hall.test") == ("ABC234", "https://hall.test", None)
    assert target("http://hall.test:81/J/ABC234", None) == ("ABC234", "http://hall.test:81", None)
    assert target("https://hall.test/desk/ABC234#secret", "http://x") == ("ABC234", "https://hall.test", "secret")
    for wrong in ("http://hall.test", "hall.test/j/ABC234", "file:///j/ABC234"):
        with pytest.raises(Hindered, match="join link"):
            target(wrong, None)
    with pytest.raises(Hindered, match="facilitate serve"):
        target("ABC234", None)


def test_this_machines_own_server_is_reached_by_the_shortest_way() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        assert target("ABC234", f"http://localhost:{port}").url == f"http://127.0.0.1:{port}"
    assert target("ABC234", f"http://localhost:{port}").url == f"http://localhost:{port}", "nothing listens there"


def test_percentiles_are_by_nearest_rank() -> None:
    assert spread(array("d", range(100, 0, -1))) == Spread(100, 50.0, 95.0, 99.0, 100.0)
    assert spread(array("d", [7.0])) == Spread(1, 7.0, 7.0, 7.0, 7.0)
    assert spread(array("d")) == Spread(0, 0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("longest", [8, 20, 140, 500])
def test_texts_keep_the_limit_and_differ(longest: int) -> None:
    chatter = Chatter(Random(1), "17")
    texts = [chatter.idea(longest) for _ in range(200)]
    assert {language for _, language in texts} == {"en", "de", "ar"}
    for text, _ in texts:
        assert required(text, longest) == text, "the server takes it as it is"
    if longest > 8:
        assert len({text for text, _ in texts}) == 200


def test_a_rehearsal_knows_every_vote_method() -> None:
    assert set(METHODS) == set(modules()), "else a rehearsal casts single choices where more is possible"
    assert rehearsal.CLOSES.keys() | rehearsal.LEADS.keys() >= {"brainstorm", "cluster", "vote", "discuss"}
