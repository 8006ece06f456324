"""What one browser can do to the others, by too much, too fast or nonsense: nothing. And what a server is told to take.

Figures are printed (`pytest -s`); the bounds are far from them.
"""

import asyncio
import statistics
import subprocess
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from facilitate.live.limits import Bucket, Rate, Rates
from facilitate.live.nonsense import UNREAD
from tests.bench.driver import memory_of
from tests.bench.phones import Phone, connect
from tests.hall import Client, Hall, hall
from tests.server import PROGRAM, Server, free_port, serving

PEOPLE = 20
CALM, FLOOD = 2.0, 3.0  # seconds
FLOODED = 1000  # commands a second

Times = list[float]


async def joined(server: Server, code: str, token: str = "") -> Phone:
    phone = await connect(server.port, {"code": code, **({"token": token} if token else {})}, full=True)
    await phone.welcomed
    return phone


async def writing(phones: list[Phone], seconds: float) -> Times:
    """Everybody posts twice a second, all are accepted: the seconds until each was saved."""
    loop = asyncio.get_running_loop()
    began, waiting = loop.time(), []
    for turn in range(round(2 * seconds * len(phones))):
        await asyncio.sleep(max(0.0, began + turn / (2 * len(phones)) - loop.time()))
        phone = phones[turn % len(phones)]
        sent = asyncio.get_running_loop().time()
        waiting.append((sent, phone.do("PostIdea", phase="collect", text=f"Idea {turn}")))
    times = []
    for sent, answer in waiting:
        at, what = await asyncio.wait_for(answer, 30)
        assert what["ok"], what
        times.append(at - sent)
    return times


async def flooding(phone: Phone, seconds: float) -> list[dict[str, Any]]:
    """A thousand commands a second from one phone, and all their answers."""
    loop = asyncio.get_running_loop()
    began, waiting = loop.time(), []
    for turn in range(round(FLOODED * seconds)):
        if turn % 10 == 0:
            await asyncio.sleep(max(0.0, began + turn / FLOODED - loop.time()))
        waiting.append(phone.do("PostIdea", phase="collect", text=f"Flood {turn}"))
    return [what for _, what in await asyncio.wait_for(asyncio.gather(*waiting), 60)]


@pytest.mark.server
async def test_a_phone_that_sends_a_thousand_commands_a_second_harms_nobody_else(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with serving(tmp_path, environment) as server:
        assert server.process is not None
        code = server.new("quick-vote")["code"]
        desk = await joined(server, code, server.owner)
        assert (await desk.do("StartPhase", phase="collect"))[1]["ok"]
        phones = [await joined(server, code) for _ in range(PEOPLE)]
        flooder = await joined(server, code)
        calm = await writing(phones, CALM)
        memory = memory_of(server.process.pid)
        flooded, answers = await asyncio.gather(writing(phones, FLOOD), flooding(flooder, FLOOD))
        grown = memory_of(server.process.pid) - memory
        refused = [what["error"] for what in answers if not what["ok"]]
        accepted = len(answers) - len(refused)
        rate = Rates().participant
        assert rate.at_once <= accepted < rate.at_once + 10 * FLOOD * rate.a_second
        assert {error["key"] for error in refused} == {"rate.slow-down"}
        assert all(0 < error["retry"] < 10 for error in refused)
        await asyncio.sleep(refused[-1]["retry"])
        _, after = await flooder.do("PostIdea", phase="collect", text="Calm again")
        assert after["ok"], "the same connection, after the time it was told to wait"
        ratio = statistics.median(flooded) / statistics.median(calm)
        print(
            f"\nsaved, median: {1000 * statistics.median(calm):.1f} ms in calm, "
            f"{1000 * statistics.median(flooded):.1f} ms in the flood, {ratio:.2f} x; "
            f"worst {1000 * max(calm):.0f} and {1000 * max(flooded):.0f} ms; "
            f"of {len(answers)} {accepted} accepted; memory {grown:+.1f} MB"
        )
        assert ratio < 20
        assert grown < 50
        for phone in (desk, flooder, *phones):
            phone.close()


async def started(room: Hall, code: str) -> Client:
    """The desk, with the first phase begun."""
    runner = await room.lobby.find(code)
    desk = await Client(room.url, code, token=await room.lobby.issue(runner.session, "facilitator")).open()
    assert (await desk.do("StartPhase", phase="collect"))["ok"]
    return desk


def port_of(room: Hall) -> int:
    return int(room.url.rpartition(":")[2])


@pytest.mark.server
async def test_answers_that_nobody_reads_do_not_pile_up() -> None:
    """One sends on and on and reads nothing: a bounded number of answers waits; reading again, it is as others are."""
    async with hall() as room:
        code = await room.session()
        desk = await started(room, code)
        phone = await connect(port_of(room), {"code": code}, full=True)
        await phone.welcomed
        connection = next(c for _, _, c in room.live.at.values() if c.actor.role == "participant")
        assert phone.transport is not None
        phone.transport.pause_reading()
        waiting = []
        most = 0
        for turn in range(300):
            waiting += [phone.do("PostIdea", phase="collect", text="x" * 100) for _ in range(100)]
            await asyncio.sleep(0.005)
            most = max(most, connection.socket.queue.qsize())
            if turn > 10 and connection.socket.queue.qsize() >= UNREAD:
                break
        assert most >= UNREAD, "they did wait"
        for _ in range(20):
            waiting += [phone.do("PostIdea", phase="collect", text="x" * 100) for _ in range(100)]
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.2)
        assert connection.socket.queue.qsize() <= UNREAD + 100
        assert (await desk.do("PostIdea", phase="collect", text="Unharmed"))["ok"]
        phone.transport.resume_reading()
        await asyncio.sleep(1)
        assert not connection.socket.queue.qsize()
        await asyncio.wait_for(asyncio.gather(*waiting), 20)
        _, again = await asyncio.wait_for(phone.do("Join"), 10)
        assert again["ok"] or again["error"]["retry"] > 0
        phone.close()
        await desk.close()


@pytest.mark.server
@pytest.mark.parametrize("packet", ["5", "40/nowhere,", '42/live,7["steal"]', '42/live,8["do",{}]'])
async def test_questions_of_a_poller_that_fetches_no_answer_do_not_pile_up(packet: str) -> None:
    """Whatever it posts and is answered: in the end it is turned out, and nothing of it is left."""
    async with hall() as room, aiohttp.ClientSession() as http:
        code = await room.session()
        desk = await started(room, code)
        at = f"{room.url}/socket.io/?EIO=4&transport=polling"
        async with http.get(at) as answer:
            sid = (await answer.text()).split('"')[3]
        sockets = room.live.server.eio.sockets
        socket = sockets[sid]
        statuses, most = [], 0
        for content in (f'40/live,{{"code":"{code}"}}', *["\x1e".join([packet] * 16)] * 100):
            async with http.post(f"{at}&sid={sid}", data=content) as answer:
                statuses.append(answer.status)
            most = max(most, socket.queue.qsize())
        assert UNREAD <= most <= UNREAD + 100
        assert statuses[-1] == 400
        assert sid not in sockets
        assert len(room.live.at) == 1
        assert (await desk.do("PostIdea", phase="collect", text="Unharmed"))["ok"]
        await desk.close()


@pytest.mark.server
async def test_a_session_has_a_rate_of_its_own_that_never_holds_up_the_desk() -> None:
    """What one session says in all is bounded: who is refused is told when to come again, and gets through then."""
    async with hall(rates=Rates(session=Rate(20, 10))) as room:
        code, other = await room.session(), await room.session()
        desk, quiet = await started(room, code), await started(room, other)
        phones = [await Client(room.url, code).open() for _ in range(10)]
        elsewhere = await Client(room.url, other).open()
        answers = await asyncio.gather(
            *(phone.do("PostIdea", phase="collect", text=f"{turn}") for turn in range(3) for phone in phones)
        )
        errors = [answer["error"] for answer in answers if not answer["ok"]]
        assert 0 < len(errors) <= 20
        assert {error["key"] for error in errors} == {"rate.slow-down"}
        assert all(error["retry"] >= 1 for error in errors)
        assert (await desk.do("PostIdea", phase="collect", text="From the desk"))["ok"]
        assert (await elsewhere.do("PostIdea", phase="collect", text="Another session"))["ok"]
        assert (await phones[0].insist("PostIdea", phase="collect", text="After the wait"))["ok"]
        for client in (desk, quiet, elsewhere, *phones):
            await client.close()


@pytest.mark.server
async def test_what_is_refused_to_one_takes_nothing_from_the_session() -> None:
    async with hall(rates=Rates(participant=Rate(0.1, 5), session=Rate(0.1, 10))) as room:
        code = await room.session()
        desk = await started(room, code)
        flooder, anna = await Client(room.url, code).open(), await Client(room.url, code).open()
        answers = await asyncio.gather(*(flooder.do("PostIdea", phase="collect", text="Flood") for _ in range(50)))
        assert sum(answer["ok"] for answer in answers) == 5
        for text in ("One", "Two", "Three"):
            assert (await anna.do("PostIdea", phase="collect", text=text))["ok"]
        for client in (desk, flooder, anna):
            await client.close()


def test_rates_are_read_as_they_are_written() -> None:
    for text in ("10/40", "0.5/1", "2000/4000"):
        assert str(Rate.read(text)) == text
    for text in ("x", "10", "10/", "/40", "0/40", "-1/40", "10/0", "ten/40", "nan/40", "inf/40", "10/inf", "10/40/5"):
        with pytest.raises(ValueError, match=r"."):
            Rate.read(text)


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = Bucket(10, 40)
    assert [bucket.take(1000) for _ in range(40)] == [0] * 40
    wait = bucket.take(1000)
    assert wait == pytest.approx(0.1)
    assert bucket.take(1000 + round(wait * 1000)) == 0
    assert bucket.take(1000 + round(wait * 1000)) > 0


@pytest.mark.server
def test_rates_are_set_where_the_server_is_started(environment: dict[str, str], tmp_path: Path) -> None:
    """By an option, or by the variable of the same name; what is no rate is refused with a sentence."""

    async def accepted(server: Server) -> int:
        code = server.new("quick-vote")["code"]
        desk = await joined(server, code, server.owner)
        assert (await desk.do("StartPhase", phase="collect"))[1]["ok"]
        phone = await joined(server, code)
        answers = [phone.do("PostIdea", phase="collect", text=f"{turn}") for turn in range(10)]
        said = [what for _, what in await asyncio.gather(*answers)]
        desk.close()
        phone.close()
        return sum(what["ok"] for what in said)

    with serving(tmp_path, {**environment, "FACILITATE_PHONE_RATE": "0.1/3"}) as server:
        assert asyncio.run(accepted(server)) == 3
    command = (*PROGRAM, "serve", "--data", str(tmp_path), "--port", str(free_port()), "--session-rate", "fast")
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "fast is no rate" in done.stderr
    assert "--session-rate" in done.stderr


GARBAGE: list[str | bytes] = [
    "", "x", "9", "\u0664", "b", "bx", "b====", b"", b"\x00\xff", "4", "4x", "49", "42", "42[", "42/live", "42/live,",
    "42/live,x", "42/live,[", "42/live,[]", "42/live,{}", "42/live,[1]", "42/live,99999999999999999999999[]",
    "42/live,7", "43/live,1[", "451-/live,", "451-[]", "459999999-/live,[]", "45-", "41", "41/nowhere,", "40/live,7",
    "40/live,[", "40/nowhere,", "46", "5", "6", "0", "2", "2x", "3x", "4" + "[" * 100_000,
]  # fmt: skip


@pytest.mark.server
async def test_a_strangers_nonsense_is_no_error_of_ours(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever a socket or a long poll sends: no traceback in the log, everybody else goes on, and nothing is left."""
    async with hall() as room, aiohttp.ClientSession() as http:
        code = await room.session()
        desk = await started(room, code)
        ways = (by_socket, by_polling)
        await asyncio.gather(*(way(http, room.url, code, garbage) for garbage in GARBAGE for way in ways))
        assert (await desk.do("PostIdea", phase="collect", text="Unharmed"))["ok"]
        complaints = [record for record in caplog.records if record.exc_info]
        assert not complaints, complaints[0].getMessage()
        assert "Traceback" not in "".join(capfd.readouterr())
        for _ in range(100):
            if len(room.live.at) == 1:
                break
            await asyncio.sleep(0.05)
        assert list(room.live.at) == [desk.sio.get_sid("/live")]
        await desk.close()


async def by_socket(http: aiohttp.ClientSession, url: str, code: str, garbage: str | bytes) -> None:
    async with http.ws_connect(f"{url}/socket.io/?EIO=4&transport=websocket") as socket:
        await socket.receive()
        await socket.send_str(f'40/live,{{"code":"{code}"}}')
        await socket.receive()
        await (socket.send_str(garbage) if isinstance(garbage, str) else socket.send_bytes(garbage))
        await asyncio.sleep(0.03)


async def by_polling(http: aiohttp.ClientSession, url: str, code: str, garbage: str | bytes) -> None:
    at = f"{url}/socket.io/?EIO=4&transport=polling"
    async with http.get(at) as answer:
        at += "&sid=" + (await answer.text()).split('"')[3]
    content = garbage.encode() if isinstance(garbage, str) else garbage
    for sent in (f'40/live,{{"code":"{code}"}}'.encode(), content, b"1"):
        async with http.post(at, data=sent) as answer:
            assert answer.status in (200, 400), (garbage, answer.status)
            await answer.read()
