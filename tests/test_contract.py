"""The wire contract as the README tells it: what each role may send, with which fields, is what the wire takes."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from facilitate.core import book, commands
from facilitate.core.actors import CLOCK
from facilitate.core.phases import RunOut
from facilitate.live.limits import Rate, Rates
from facilitate.live.lobby import Lobby, PhaseWish
from facilitate.live.runner import Runner
from tests.hall import Client, hall
from tests.test_roles import fields, workshop

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
KIND = re.compile(r"`((?:[a-z_]+\.)?[A-Z][A-Za-z]+)(?: (\{[^`]*\}))?`")
# How the paragraph of each role begins.
LISTS = {
    "participant": "- Participants: ",
    "facilitator": "- Facilitators, ",
    "theme": "- The theme desk: ",
    "moderator": "- The moderator: ",
    "screen": "- Screens: ",
}
QUICK = Rates(**{name: Rate(1e6, 1e6) for name in Rates.__struct_fields__})


def listed(role: str) -> str:
    """What the README says a role may send, with the points below it."""
    (paragraph,) = re.findall(rf"^{re.escape(LISTS[role])}.*?(?=^- |^$)", README, re.MULTILINE | re.DOTALL)
    return " ".join(paragraph.split())


def kinds(role: str) -> set[str]:
    return {kind for kind, _ in KIND.findall(listed(role))}


def described() -> Iterator[tuple[str, dict[str, bool]]]:
    """Each command with its fields as the README gives them, and whether they are needed; "..." for what it omits."""
    for role in LISTS:
        for kind, braces in KIND.findall(listed(role)):
            if braces:
                names = re.sub(r"\{[^{}]*\}|\[.*?\]", "", braces.strip("{}")).split(",")
                plain = [name.partition(":")[0].strip() for name in names]
                yield kind, {name.rstrip("?"): not name.endswith("?") for name in plain}


async def token_of(lobby: Lobby, runner: Runner, role: str) -> str | None:
    if role == "participant":
        return None
    if role == "screen":
        return lobby.screen_token(runner.session)
    return await lobby.issue(runner.session, role)  # type: ignore[arg-type]


@pytest.mark.parametrize("role", LISTS)
async def test_the_wire_takes_what_the_readme_lists(role: str) -> None:
    """Every command that there is, sent by every role over a socket: nothing more is taken, and nothing less."""
    play, _ = workshop()
    taken = set()
    async with hall(rates=QUICK) as it:
        runner = await it.lobby.find(await it.session())
        client = await Client(it.url, runner.state.session.code, token=await token_of(it.lobby, runner, role)).open()
        for kind in sorted(book.COMMANDS):
            answer = await client.do(kind, **fields(play, kind))
            key = answer.get("error", {}).get("key")
            assert key not in ("command.malformed", "command.unknown"), kind
            if key != "role.refused":
                taken.add(kind)
        await client.close()
    assert taken == kinds(role)


@pytest.mark.parametrize("role", LISTS)
async def test_who_may_ask(role: str) -> None:
    """For suggestions whoever may sort by them, for hints every desk."""
    async with hall(rates=QUICK) as it:
        runner = await it.lobby.find(await it.session())
        board = next(iter(runner.state.boards))
        client = await Client(it.url, runner.state.session.code, token=await token_of(it.lobby, runner, role)).open()
        for raw, may in (
            ({"kind": "duplicates", "board": board}, "FormClusters" in kinds(role)),
            ({"kind": "hints", "texts": ["a"]}, role not in ("participant", "screen")),
        ):
            answer = await client.sio.call("ask", raw, namespace="/live", timeout=15)
            assert answer["ok"] is may, answer
            assert may or answer["error"]["key"] == "role.refused"
        await client.close()


def test_the_readme_names_the_fields() -> None:
    """As they are spelled, and a question mark behind exactly those that may be left out."""
    seen = {}
    for kind, named in described():
        needed = {field.name: field.required for field in msgspec.structs.fields(book.COMMANDS[kind])}
        del needed["id"]
        if "..." in named:
            needed = {name: need for name, need in needed.items() if name in named or need}
            del named["..."]
        assert named == needed, kind
        seen[kind] = named
    bare = {kind for role in LISTS for kind in kinds(role)} - seen.keys()
    assert {kind for kind in bare if book.COMMANDS[kind].__struct_fields__ != ("id",)} == set()


async def test_nobody_takes_the_name_of_what_the_program_says() -> None:
    """Its commands bear ids that the wire refuses: else a phone could keep a phase from ever closing."""
    said = []
    async with hall(rates=QUICK) as it:
        closing = PhaseWish(minutes=1, settings={"closes": True})
        runner = await it.lobby.find(await it.session(phases={"collect": closing}))
        enqueue = runner.enqueue
        runner.enqueue = lambda command, actor: (  # type: ignore[method-assign]
            said.append((command, actor)) or enqueue(command, actor)  # type: ignore[func-returns-value]
        )
        code, token = runner.state.session.code, await token_of(it.lobby, runner, "facilitator")
        desk, phone = await Client(it.url, code, token=token).open(), await Client(it.url, code).open()
        await desk.do("StartPhase", phase="collect")
        await phone.do("Join", id=f"clock-{runner.state.seq + 1:016d}")
        it.lobby.clock.advance(61)  # type: ignore[attr-defined]
        await runner.tick()
        assert runner.state.phases["collect"].state == "closed"
        await phone.close()
        await desk.close()
    own = [command for command, actor in said if actor is CLOCK]
    assert [type(command) for command in own] == [RunOut]
    assert not any(commands.ID.fullmatch(command.id) for command in own)
