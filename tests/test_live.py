"""The live floor over the real wire: order, catch-up, refusals, secrets, slow readers, polling clients."""

import asyncio
import base64
import json
import secrets
import socket
from collections.abc import Iterable
from functools import partial
from typing import Any

import pytest
import socketio

from facilitate.core.projection import Projection, Seen
from facilitate.core.state import State
from facilitate.core.tables import Key
from facilitate.live import wire
from facilitate.live.clock import ManualClock
from facilitate.live.limits import Rate, Rates
from facilitate.store import Append
from facilitate.store.memory import MemoryStore
from tests.hall import Client, Hall, hall

pytestmark = pytest.mark.server


async def staff(room: Hall, code: str) -> Client:
    runner = await room.lobby.find(code)
    token = await room.lobby.issue(runner.session, "facilitator")
    return await Client(room.url, code, token=token).open()


async def test_an_idea_is_stored_acknowledged_and_seen_by_all() -> None:
    async with hall() as room:
        code = await room.session()
        desk, anna, bert = await staff(room, code), Client(room.url, code), Client(room.url, code)
        await anna.open()
        await bert.open()
        assert (await desk.do("StartPhase", phase="collect"))["ok"]
        answer = await anna.do("PostIdea", phase="collect", text="More benches")
        assert answer["ok"]
        record = await bert.until(lambda: bert.records.get(("idea", answer["id"])))
        assert record["text"] == "More benches"
        await anna.until(lambda: anna.records.get(("own", answer["id"])))
        assert ("own", answer["id"]) not in bert.records
        assert bert.gaps == anna.gaps == 0
        stored = await room.lobby.writer.call(
            lambda store: [e.kind for e in store.read(next(iter(room.lobby._runners)))]
        )
        assert stored[-1] == "IdeaPosted"
        for client in (desk, anna, bert):
            await client.close()


async def test_a_repeat_gets_the_same_answer_and_another_use_of_the_id_is_refused() -> None:
    async with hall() as room:
        code = await room.session()
        desk, anna, bert = await staff(room, code), Client(room.url, code), Client(room.url, code)
        await anna.open()
        await bert.open()
        await desk.do("StartPhase", phase="collect")
        first = await anna.do("PostIdea", phase="collect", text="Once")
        again = await anna.do("PostIdea", id=first["id"], phase="collect", text="Once")
        assert again == first
        other = await anna.do("PostIdea", id=first["id"], phase="collect", text="Twice")
        assert other["error"]["key"] == "id.taken"
        stranger = await bert.do("PostIdea", id=first["id"], phase="collect", text="Once")
        assert stranger["error"]["key"] == "id.taken"
        await bert.until(lambda: bert.all("idea"))
        assert len(bert.all("idea")) == 1
        for client in (desk, anna, bert):
            await client.close()


async def test_a_browser_that_comes_back_gets_what_it_missed_and_only_that() -> None:
    async with hall() as room:
        code = await room.session()
        desk, anna = await staff(room, code), Client(room.url, code)
        await anna.open()
        await desk.do("StartPhase", phase="collect")
        posted = [await anna.do("PostIdea", phase="collect", text=f"Idea {n}") for n in range(5)]
        await anna.until(lambda: len(anna.all("idea")) == 5)
        await anna.close()
        await desk.do("HideIdea", idea=posted[0]["id"])
        await desk.do("PostIdea", phase="collect", text="From the room")
        await anna.open()
        welcome = anna.frames[-1][1]
        assert welcome["from"] > 0
        assert ["idea", posted[0]["id"]] in welcome["drop"]
        texts = {record["text"] for record in anna.all("idea") if record["state"] == "open"}
        assert texts == {"Idea 1", "Idea 2", "Idea 3", "Idea 4", "From the room"}
        assert anna.records["own", posted[0]["id"]]["state"] == "hidden"
        assert anna.records["idea", posted[0]["id"]]["text"] == "Idea 0", "one's own text stays with its author"
        await anna.close()
        await desk.close()


async def test_a_log_that_is_not_this_one_means_forget_everything() -> None:
    async with hall() as room:
        code = await room.session()
        anna = await Client(room.url, code).open()
        await anna.close()
        anna.log, anna.seq = "another-log", 99
        await anna.open()
        assert anna.frames[-1][1]["from"] == 0
        await anna.close()


async def test_a_gap_is_noticed_and_filled() -> None:
    async with hall() as room:
        code = await room.session()
        desk, anna = await staff(room, code), Client(room.url, code)
        await anna.open()
        await desk.do("StartPhase", phase="collect")
        await anna.until(lambda: anna.records.get(("phase", "collect"), {}).get("state") == "open")
        anna.seq -= 1  # as if a frame had been lost
        await desk.do("PostIdea", phase="collect", text="After the gap")
        await anna.until(lambda: anna.all("idea"))
        assert anna.gaps == 1
        await desk.do("PostIdea", phase="collect", text="And on")
        await anna.until(lambda: len(anna.all("idea")) == 2)
        await anna.close()
        await desk.close()


async def test_private_ideas_reach_their_author_alone_until_they_are_revealed() -> None:
    async with hall() as room:
        code = await room.session(format="co-learning-sharing-creation")
        runner = await room.lobby.find(code)
        phase = next(p for p in runner.state.agenda() if p.settings.get("private"))
        column = next(iter(runner.state.boards[phase.board].columns)).id  # type: ignore[index]
        desk, anna, bert = await staff(room, code), Client(room.url, code), Client(room.url, code)
        await anna.open()
        await bert.open()
        await desk.do("StartPhase", phase=phase.id)
        ids = []
        for client, text in ((anna, "Secret of one"), (bert, "Secret of two")):
            answer = await client.do("PostIdea", phase=phase.id, text=text, column=column)
            assert answer["ok"], answer
            ids.append(answer["id"])
        await anna.until(lambda: anna.records.get(("idea", ids[0])))
        await desk.until(lambda: len(desk.all("idea")) == 2)
        assert "Secret of two" not in repr(anna.frames)
        assert "Secret" not in repr(desk.frames)
        await desk.do("RevealIdeas", board=phase.board)
        for client in (anna, bert, desk):
            await client.texts(2)
        assert {record["text"] for record in anna.all("idea")} == {"Secret of one", "Secret of two"}
        assert anna.gaps == bert.gaps == desk.gaps == 0
        for client in (desk, anna, bert):
            await client.close()


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (None, "command.malformed"),
        ("text", "command.malformed"),
        ([], "command.malformed"),
        ({}, "command.malformed"),
        ({"kind": "PostIdea", "id": "short"}, "command.malformed"),
        ({"kind": "PostIdea", "id": "i" * 20, "phase": "collect", "text": 5}, "command.malformed"),
        ({"kind": "PostIdea", "id": "i" * 20, "phase": "collect", "text": "x", "more": 1}, "command.malformed"),
        ({"kind": "Nonsense", "id": "i" * 20}, "command.unknown"),
        ({"kind": "StartPhase", "id": "i" * 20, "phase": "collect"}, "role.refused"),
        ({"kind": "RunOut", "id": "i" * 20, "phase": "collect"}, "role.refused"),
        ({"kind": "PostIdea", "id": "i" * 20, "phase": "nowhere", "text": "x"}, "phase.unknown"),
        ({"kind": "PostIdea", "id": "i" * 20, "phase": "collect", "text": "x"}, "not-now"),
        ({"kind": "PostIdea", "id": "i" * 20, "phase": "collect", "text": "x" * 70_000}, "command.large"),
        ({"kind": "CastBallot", "id": "i" * 20, "round": "r", "rev": 1, "choices": {}}, "round.unknown"),
    ],
)
async def test_bad_input_is_answered_with_a_key(raw: Any, key: str) -> None:
    async with hall() as room:
        anna = await Client(room.url, await room.session()).open()
        answer = await anna.sio.call("do", raw, namespace="/live")
        assert answer["ok"] is False
        assert answer["error"]["key"] == key
        again = await anna.do("Join")
        assert again["ok"], "the connection goes on"
        await anna.close()


async def test_unknown_events_and_too_much_at_once_harm_nobody_else() -> None:
    async with hall() as room:
        code = await room.session()
        anna, bert = await Client(room.url, code).open(), await Client(room.url, code).open()
        answer = await anna.sio.call("steal", {"a": 1}, namespace="/live")
        assert answer["error"]["key"] == "command.unknown"
        await anna.sio.emit("do", {"kind": "PostIdea", "id": "i" * 20, "text": "x" * 400_000}, namespace="/live")
        answers = await asyncio.gather(*(bert.do("Join") for _ in range(100)))
        keys = {answer["error"]["key"] for answer in answers if not answer["ok"]}
        assert keys == {"rate.slow-down"}
        assert all(answer["error"]["retry"] > 0 for answer in answers if not answer["ok"])
        clara = await Client(room.url, code).open()
        assert (await clara.do("Join"))["ok"]
        for client in (anna, bert, clara):
            await client.close()


NONE: list[Any] = [
    *(7, True, False, [], {}, ["t"], {"token": "t"}, 1.5, ""),
    *("t\u00e4uschend-\u00e4hnlich-aber-keins", "\u202e" + "t" * 22, "\U0001f600" * 9),
]
NO_TOKENS = [*NONE, "forged", "t" * 1999, "t" * 2000, "t" * 50_000, ". .", "a.b.c", "\x00" * 9, " " * 40]
NO_NONCES = [*NONE, "short", "j" * 101, "j" * 50_000]


@pytest.mark.parametrize(
    ("auth", "key"),
    [
        ({}, "session.unknown"),
        ({"code": 7}, "session.unknown"),
        ({"code": "AAAAAA"}, "session.unknown"),
        *[({"code": "{code}", "token": token}, "token.invalid") for token in NO_TOKENS],
        *[({"code": "{code}", "token": token, "join": "j" * 22}, "token.invalid") for token in NO_TOKENS],
        *[({"code": "{code}", "join": nonce}, "command.malformed") for nonce in NO_NONCES],
    ],
    ids=lambda value: ascii(value)[:60],
)
async def test_a_refused_connection_carries_a_key(auth: dict[str, Any], key: str) -> None:
    """And makes nobody: what was sent as a token or a nonce and is none is not left out."""
    async with hall() as room:
        code = await room.session()
        auth = {name: code if value == "{code}" else value for name, value in auth.items()}
        sio = socketio.AsyncClient(reconnection=False)
        errors: list[Any] = []
        sio.on("connect_error", lambda data: errors.append(data), namespace="/live")
        with pytest.raises(socketio.exceptions.ConnectionError):
            await sio.connect(room.url, auth=auth, namespaces=["/live"], transports=["websocket"])
        assert errors[0]["message"] == key
        assert not any(runner.presence.seen for runner in room.lobby.runners())
        await sio.disconnect()


@pytest.mark.parametrize("seq", ["1", None, True, -1, 1.0, 10**9, [], {}])
async def test_who_says_nonsense_of_where_they_were_gets_all_anew(seq: Any) -> None:
    """A `since` of any kind makes nobody else of anybody; and nothing is left out."""
    async with hall() as room:
        anna = await Client(room.url, await room.session()).open()
        assert (await anna.do("Join"))["ok"]
        token, id_, held = anna.token, anna.you["id"], dict(anna.records)
        await anna.close()
        logs: list[Any] = [anna.log, 7, None, []]
        for log in logs:
            anna.log, anna.seq = log, seq
            await anna.open()
            assert anna.frames[-1][0] in ("welcome", "now")
            assert next(frame for kind, frame in reversed(anna.frames) if kind == "welcome")["from"] == 0
            assert (anna.token, anna.you["id"], anna.records) == (token, id_, held)
            await anna.close()


async def test_the_same_nonce_is_the_same_person_and_codes_may_be_spelled_freely() -> None:
    async with hall() as room:
        code = await room.session()
        first = await Client(room.url, code, join="a-random-nonce").open()
        again = await Client(room.url, f" {code[:3].lower()} {code[3:]} ", join="a-random-nonce").open()
        other = await Client(room.url, code).open()
        assert first.you["id"] == again.you["id"] != other.you["id"]
        runner = await room.lobby.find(code)
        assert runner.presence.connected == 2
        for client in (first, again, other):
            await client.close()


async def test_polling_clients_are_served_and_lose_nothing() -> None:
    async with hall() as room:
        code = await room.session()
        desk = await staff(room, code)
        anna = await Client(room.url, code).open(["polling"])
        await desk.do("StartPhase", phase="collect")
        for number in range(20):
            assert (await desk.do("PostIdea", phase="collect", text=f"Idea {number}"))["ok"]
        await anna.until(lambda: len(anna.all("idea")) == 20, 15)
        assert anna.gaps == 0
        assert (await anna.do("PostIdea", phase="collect", text="From a poller"))["ok"]
        await desk.until(lambda: len(desk.all("idea")) == 21)
        await desk.close()
    await asyncio.wait_for(anna.sio.wait(), 10)  # its open poll ends with the server


class Raw:
    """A bare WebSocket on a socket with a tiny buffer, that reads only when it is told to."""

    def __init__(self, url: str, code: str) -> None:
        host, port = url.removeprefix("http://").split(":")
        self.sock = socket.socket()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.sock.connect((host, int(port)))
        self.sock.sendall(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Key: " + base64.b64encode(secrets.token_bytes(16)) + b"\r\n"
            b"Sec-WebSocket-Version: 13\r\n\r\n"
        )
        self.rest = b""
        self.frames: list[Any] = []
        self.code = code

    async def join(self) -> None:
        while b"\r\n\r\n" not in self.rest:
            self.rest += await asyncio.to_thread(self.sock.recv, 4096)
        self.rest = self.rest.split(b"\r\n\r\n", 1)[1]
        text = f'40/live,{{"code":"{self.code}"}}'.encode()
        self.sock.sendall(bytes([0x81, 0x80 | len(text)]) + bytes(4) + text)
        while not any(event == "welcome" for event, _ in self.frames):
            await self.read()

    async def read(self) -> None:
        self.rest += await asyncio.to_thread(self.sock.recv, 1 << 16)
        while len(self.rest) >= 2:
            size, at = self.rest[1] & 127, 2
            if size == 126:
                size, at = int.from_bytes(self.rest[2:4]), 4
            elif size == 127:
                size, at = int.from_bytes(self.rest[2:10]), 10
            if len(self.rest) < at + size:
                return
            text, self.rest = self.rest[at : at + size].decode(), self.rest[at + size :]
            if text.startswith("42/live,"):
                event, frame = json.loads(text[8:])
                self.frames.append((event, frame))


async def test_a_reader_that_stops_is_caught_up_and_holds_nobody_up() -> None:
    """One socket stops reading while 500 long ideas come: the others see all; it is whole when it reads on."""
    async with hall(rates=Rates(facilitator=Rate(10_000, 10_000))) as room:
        code = await room.session()
        desk, anna = await staff(room, code), await Client(room.url, code).open()
        stalled = Raw(room.url, code)
        await stalled.join()
        await desk.do("StartPhase", phase="collect")
        for number in range(500):
            await desk.insist("PostIdea", phase="collect", text=f"{number} " + "x" * 270)
        await anna.until(lambda: len(anna.all("idea")) == 500, 20)
        assert anna.gaps == 0
        runner = await room.lobby.find(code)
        behind = [c for c in room.live.fanouts[runner.session].connections.values() if c.sent < runner.state.seq]
        assert len(behind) == 1, "the stalled one is behind, nothing is queued for it"
        assert behind[0].socket.queue.empty()
        ideas: list[str] = []
        start = next(frame for event, frame in stalled.frames if event == "welcome")["seq"]
        while len(ideas) < 500:
            seen = len(stalled.frames)
            await asyncio.wait_for(stalled.read(), 10)
            for event, frame in stalled.frames[seen:]:
                if event == "change":
                    assert frame["from"] == start, "no gap"
                    start = frame["seq"]
                    ideas += [record["id"] for record in frame["put"] if record["type"] == "idea"]
        assert len(ideas) == len(set(ideas)) == 500, "none twice"
        changes = sum(event == "change" for event, _ in stalled.frames)
        assert changes < 500, "frames were skipped"
        stalled.sock.close()
        await anna.close()
        await desk.close()


class Failing(MemoryStore):
    """A store whose disk is full until it is not."""

    full = False

    def append(self, batch: Any) -> list[Exception | None]:
        if Failing.full:
            raise OSError(28, "No space left on device")
        return super().append(batch)


async def test_nobody_is_told_saved_when_the_store_fails_and_service_resumes_by_itself() -> None:
    Failing.full = False
    async with hall(Failing) as room:
        code = await room.session()
        desk, anna = await staff(room, code), await Client(room.url, code).open()
        await desk.do("StartPhase", phase="collect")
        Failing.full = True
        failed = await anna.do("PostIdea", phase="collect", text="Lost?")
        assert failed["error"]["key"] == "store.failing"
        assert failed["error"]["retry"] > 0
        assert not desk.all("idea")
        Failing.full = False
        assert (await anna.do("PostIdea", id=failed["id"], phase="collect", text="Lost?"))["ok"]
        await desk.until(lambda: desk.all("idea"))
        assert len(desk.all("idea")) == 1
        await anna.close()
        await desk.close()


async def test_a_conflict_with_another_writer_is_read_and_decided_again() -> None:
    async with hall() as room:
        code = await room.session()
        desk = await staff(room, code)
        runner = await room.lobby.find(code)
        await desk.do("StartPhase", phase="collect")
        # Another process appends behind our back: the same idea number is taken.
        from facilitate.core import commands
        from facilitate.core.actors import Actor
        from facilitate.core.decide import decide, enveloped

        other = Actor("facilitator", "other", b"o")
        command = commands.read({"kind": "PostIdea", "id": "o" * 20, "phase": "collect", "text": "Behind"})
        decision = decide(runner.state, command, other, runner.clock.now(), runner.rules)
        events = enveloped(runner.state, decision, command, other, runner.clock.now())
        await room.lobby.writer.append(Append(session=runner.session, expected=runner.state.seq, events=tuple(events)))
        assert (await desk.do("PostIdea", phase="collect", text="Mine"))["ok"]
        await desk.until(lambda: len(desk.all("idea")) == 2)
        assert sorted(record["number"] for record in desk.all("idea")) == [1, 2]
        await desk.close()


async def test_after_a_restart_everybody_goes_on_from_where_they_were() -> None:
    store = MemoryStore()
    async with hall(lambda: store) as room:
        code = await room.session()
        desk, anna = await staff(room, code), await Client(room.url, code).open()
        await desk.do("StartPhase", phase="collect")
        first = await anna.do("PostIdea", phase="collect", text="Before")
        await anna.until(lambda: anna.all("own"))
        await anna.close()
        await desk.close()
    async with hall(lambda: store) as room:
        anna.url = room.url
        await anna.open()
        assert anna.frames[-1][1]["from"] > 0
        assert (await anna.do("PostIdea", id=first["id"], phase="collect", text="Before")) == first
        edited = await anna.do("EditIdea", idea=first["id"], text="After")
        assert edited["ok"]
        await anna.until(lambda: anna.records["idea", first["id"]]["text"] == "After")
        await anna.close()


async def test_a_phone_that_slept_through_an_erasure_and_a_restart_keeps_no_quotation() -> None:
    """The log no longer says what stood in a title: whoever has an older state forgets all of it."""
    store = MemoryStore()
    async with hall(lambda: store) as room:
        code = await room.session(format="pin-board")
        desk, anna = await staff(room, code), await Client(room.url, code).open()
        await desk.do("StartPhase", phase="collect")
        idea = (await anna.do("PostIdea", phase="collect", text="Zebra"))["id"]
        await desk.do("StartPhase", phase="sort")
        cluster = (await desk.do("FormCluster", title="Zebra", ideas=[idea]))["id"]
        await anna.until(lambda: ("cluster", cluster) in anna.records)
        await anna.close()
        assert (await desk.do("EraseIdea", idea=idea))["ok"]
        await desk.close()
    async with hall(lambda: store) as room:
        anna.url = room.url
        await anna.open()
        assert "Zebra" not in repr(anna.records)
        assert anna.records["cluster", cluster]["title"] is None
        await anna.close()
        await anna.open()
        assert anna.frames[-1][1]["from"] > 0, "only once"
        await anna.close()


async def test_counts_come_without_a_number_and_say_who_is_here() -> None:
    async with hall() as room:
        code = await room.session()
        desk, anna = await staff(room, code), await Client(room.url, code).open()
        await desk.until(lambda: desk.counts.get("connected") == 1)
        await desk.do("StartPhase", phase="collect")
        await anna.do("PostIdea", phase="collect", text="One")
        await desk.until(lambda: desk.counts.get("posted") == 1)
        await anna.close()
        await desk.until(lambda: desk.counts.get("connected") == 0)
        assert desk.counts["joined"] == 1, "a phone that sleeps is still here"
        await desk.close()


async def test_screens_may_read_and_not_command() -> None:
    async with hall() as room:
        code = await room.session()
        runner = await room.lobby.find(code)
        screen = await Client(room.url, code, token=room.lobby.screen_token(runner.session)).open()
        assert screen.you["role"] == "screen"
        for kind, fields in (("StartPhase", {"phase": "collect"}), ("PostIdea", {"phase": "collect", "text": "x"})):
            assert (await screen.do(kind, **fields))["error"]["key"] == "role.refused"
        await screen.close()


async def test_100_phones_at_once_from_one_address_are_all_welcomed() -> None:
    async with hall() as room:
        code = await room.session()
        phones = [Client(room.url, code) for _ in range(100)]
        await asyncio.gather(*(phone.open() for phone in phones))
        runner = await room.lobby.find(code)
        assert runner.presence.connected == 100
        await asyncio.gather(*(phone.close() for phone in phones))


async def test_a_deleted_session_lets_everybody_go_and_leaves_nothing() -> None:
    store = MemoryStore()
    async with hall(lambda: store) as room:
        code = await room.session()
        desk, anna = await staff(room, code), await Client(room.url, code).open()
        await desk.do("StartPhase", phase="collect")
        await anna.do("PostIdea", phase="collect", text="Gone tomorrow")
        runner = await room.lobby.find(code)
        clock = room.lobby.clock
        assert isinstance(clock, ManualClock)
        await room.lobby.delete_due()
        assert runner.read_only is None, "not before its time"
        clock.advance(91 * 86_400)
        await room.lobby.delete_due()
        await asyncio.wait_for(anna.sio.wait(), 5)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await Client(room.url, code).open()
        assert room.lobby.entries() == []
        assert "Gone tomorrow" not in repr(list(store.read(runner.session)))
        await asyncio.wait_for(desk.sio.wait(), 5)


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_half_an_emoji_keeps_no_card_from_arriving(transport: str) -> None:
    """As a browser may cut it at the end of a field: the rest of the text arrives, in order."""
    async with hall() as room:
        code = await room.session()
        desk = await staff(room, code)
        assert (await desk.do("StartPhase", phase="collect"))["ok"]
        phone = await Client(room.url, code).open([transport])
        command = {"kind": "PostIdea", "id": secrets.token_urlsafe(15), "phase": "collect", "text": "Benches \ud83d"}
        await phone.sio.eio.send(f'2/live,1["do",{json.dumps(command)}]')  # a client's own encoder may refuse it
        assert (await phone.do("EditIdea", idea=command["id"], text="More benches"))["ok"]
        assert (await phone.do("PostIdea", phase="collect", text="Trees"))["ok"]
        await desk.until(lambda: {idea["text"] for idea in desk.all("idea")} == {"More benches", "Trees"})


@pytest.mark.parametrize("text", [b"[NaN,'\\ud83d']", b'["\\ud83d",NaN]', b"\\ud83d" + b"[" * 100_000, b"\\ud83d"])
def test_what_else_is_no_json_is_none(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"JSON|Expecting|nested"):
        wire.Packet.json.loads(text)


async def test_a_flood_of_resumes_from_one_that_does_not_read_piles_nothing_up() -> None:
    async with hall() as room:
        code = await room.session()
        desk = await staff(room, code)
        await desk.do("StartPhase", phase="collect")
        for number in range(100):
            await desk.insist("PostIdea", phase="collect", text=f"{number} " + "x" * 270)
        flood = Raw(room.url, code)
        await flood.join()
        message = b'42/live,["resume",{"since":null}]'
        frame = bytes([0x81, 0x80 | len(message)]) + bytes(4) + message
        for _ in range(50):
            flood.sock.sendall(frame * 20)
            await asyncio.sleep(0)
        runner = await room.lobby.find(code)
        fanout = room.live.fanouts[runner.session]
        connection = next(c for c in fanout.connections.values() if c.actor.role == "participant")
        for _ in range(20):
            await asyncio.sleep(0.05)
            assert connection.socket.queue.qsize() <= 2, "one whole at a time"
        assert (await desk.do("PostIdea", phase="collect", text="Unharmed"))["ok"]
        flood.sock.close()
        await desk.close()


async def test_who_goes_before_the_welcome_leaves_nothing_behind() -> None:
    async with hall() as room:
        code = await room.session()
        runner = await room.lobby.find(code)
        hasty = [Raw(room.url, code) for _ in range(10)]
        for raw in hasty:
            text = f'40/live,{{"code":"{code}"}}'.encode()
            raw.sock.sendall(bytes([0x81, 0x80 | len(text)]) + bytes(4) + text)
            raw.sock.close()
        anna = await Client(room.url, code).open()
        await anna.close()
        fanout = room.live.fanouts[runner.session]
        for _ in range(100):
            if not (fanout.people or fanout.connections or runner.presence.connections):
                break
            await asyncio.sleep(0.05)
        assert (fanout.people, fanout.connections, runner.presence.connections) == ({}, {}, {})


async def test_what_cannot_be_shown_is_not_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of the program's in one view: that command is refused, those beside it stand, and a restart is well."""
    look = Projection.looked

    def stumbles(self: Projection, state: State, keys: Iterable[Key]) -> list[Seen]:
        if any(idea.text == "stumble" for idea in state.ideas.values()):
            raise KeyError("a view that nobody thought of")
        return look(self, state, keys)

    monkeypatch.setattr(Projection, "looked", stumbles)
    async with hall() as room:
        code = await room.session()
        desk = await staff(room, code)
        phones = [await Client(room.url, code).open() for _ in range(4)]
        await desk.do("StartPhase", phase="collect")
        texts = ("one", "stumble", "two", "three")
        posts = (phone.do("PostIdea", phase="collect", text=text) for phone, text in zip(phones, texts, strict=True))
        answers = await asyncio.gather(*posts)
        assert [answer["ok"] for answer in answers] == [True, False, True, True]
        assert answers[1]["error"]["key"] == "command.failed"
        assert (await phones[1].do("PostIdea", phase="collect", text="four"))["ok"]
        await desk.until(lambda: {idea["text"] for idea in desk.all("idea")} == {"one", "two", "three", "four"})
        (runner,) = room.lobby.runners()
        await runner.load()
        assert {idea.text for idea in runner.state.ideas.values()} == {"one", "two", "three", "four"}
        for client in (desk, *phones):
            await client.close()


async def test_who_chose_a_card_that_the_desk_takes_away_is_told_at_once() -> None:
    """Also who has come back meanwhile; and nobody else is told anything of it."""
    async with hall() as room:
        code = await room.session()
        desk = await staff(room, code)
        phones = [await Client(room.url, code).open() for _ in range(3)]
        phases = {it["activity"]: it["id"] for it in desk.all("phase")}
        write, vote = phases["brainstorm"], phases["vote"]
        await desk.do("StartPhase", phase=write)
        cards = [(await phone.do("PostIdea", phase=write, text=f"card {n}"))["id"] for n, phone in enumerate(phones)]
        await desk.do("StartPhase", phase=vote)
        await phones[0].until(lambda: phones[0].all("round"))
        round_ = phones[0].all("round")[0]["id"]
        for phone in phones[:2]:
            assert (await phone.do("CastBallot", round=round_, rev=1, choices={cards[0]: 1, cards[1]: 1}))["ok"]
        await phones[1].close()
        await phones[1].open()
        await desk.do("HideIdea", idea=cards[0], reason="Not now")
        for phone in phones[:2]:
            await phone.until(partial(_has_freed, phone, round_))
            assert phone.records["ballot", round_]["choices"] == {cards[1]: 1}
        assert not phones[2].all("ballot")
        for client in (desk, *phones):
            await client.close()


def _has_freed(phone: Client, round_: str) -> bool:
    return phone.records.get(("ballot", round_), {}).get("freed") == 1
