"""What is erased is gone from wherever the desk has said it again: from every byte of the file and of every record."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from facilitate.core.actors import Actor
from facilitate.core.book import Decision
from facilitate.core.copies import KEYS, copies
from facilitate.core.decide import replay
from facilitate.core.events import Event
from facilitate.store import Append
from facilitate.store.sqlite import SqliteStore
from tests.play import RULES, SCREEN, Play, Who, phase, refusal

WORDS = "Zebra crossing now"
TRACE = "ebra crossing"
SAID = f"Who wants a “{WORDS}”?"


class Kept(Play):
    """A session whose every step is stored at once, as the runner does it."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        super().__init__(
            phase("brainstorm", approval=True, prompt={"en": "What is missing?"}, guide={"en": "Be kind"}),
            phase("brainstorm", "talk", comments=True),
            phase("check_in", "asked", kind="words"),
            phase("brainstorm", "groups", groups={"by": "random", "count": 2}),
            phase("brainstorm", "later", board="side"),
        )

    def _take(self, rows: list[Event], decision: Decision) -> None:
        before = self.state.seq
        super()._take(rows, decision)
        touched = {key for key, at in self.state.touched.items() if at > before}
        copied = tuple(copies(self.state, touched, RULES))
        events, erases = tuple(rows), decision.erases
        one = Append(session=rows[0].session, expected=before, events=events, copies=copied, erases=erases)
        assert self.store.append([one]) == [None]

    def accepted(self, person: Actor, text: str) -> str:
        idea = self.post(person, text, "brainstorm")
        self.do(self.facilitator, "AcceptIdea", idea=idea)
        return idea


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Kept]:
    store = SqliteStore(tmp_path / "file")
    yield Kept(store)
    store.close()


def insert(play: Kept, **fields: Any) -> str:
    wish = {"activity": "pause", "title": {"en": "One more"}, "after": "asked", **fields}
    return play.do(play.facilitator, "InsertPhase", **wish)


def waiting(play: Kept) -> str:
    return play.post(play.join(), "Something else", "brainstorm")


def inserted_prompt(play: Kept) -> None:
    insert(play, prompt={"en": SAID})


def inserted_title(play: Kept) -> None:
    insert(play, title={"en": WORDS.upper()})


def inserted_guide(play: Kept) -> None:
    play.start(insert(play, guide={"en": f"Say:\n{SAID}"}))


def inserted_sentence(play: Kept) -> None:
    """In what an activity is set to; another setting that changes bears it again."""
    step = insert(play, settings={"sentence": {"en": SAID}})
    play.do(play.facilitator, "ChangePhase", phase=step, settings={"ready": True})
    play.start(step)


def inserted_and_taken_back(play: Kept) -> None:
    play.undo(insert(play, prompt={"en": SAID}))


def inserted_and_removed(play: Kept) -> None:
    play.do(play.facilitator, "RemovePhase", phase=insert(play, prompt={"en": SAID}))


def repeated(play: Kept) -> None:
    step = insert(play, prompt={"en": SAID}, title={"en": WORDS})
    play.do(play.facilitator, "RepeatPhase", phase=step)


def board_of_its_own(play: Kept) -> None:
    step = insert(play, activity="brainstorm", new_board={"en": SAID})
    play.do(play.facilitator, "RepeatPhase", phase=step, new_board=True)


def changed_prompt(play: Kept) -> None:
    play.do(play.facilitator, "ChangePhase", phase="later", prompt={"en": SAID}, title={"en": WORDS})


def changed_back(play: Kept) -> None:
    play.do(play.facilitator, "ChangePhase", phase="later", prompt={"en": SAID})
    play.do(play.facilitator, "ChangePhase", phase="later", prompt={"en": "Another question"})


def changed_and_undone(play: Kept) -> None:
    again = play.do(play.facilitator, "ChangePhase", phase="later", guide={"en": SAID})
    play.undo(play.undo(again))


def _groups(play: Kept) -> str:
    play.start("groups")
    return str(play.state.groups_of("groups")[0].id)


def group_prompt(play: Kept) -> None:
    play.do(play.facilitator, "PromptGroup", group=_groups(play), prompt=SAID)


def earlier_group_prompt(play: Kept) -> None:
    group = _groups(play)
    first = play.do(play.facilitator, "PromptGroup", group=group, prompt=SAID)
    play.undo(first)
    play.do(play.facilitator, "PromptGroup", group=group, prompt=f"{SAID} Or not?")
    play.do(play.facilitator, "PromptGroup", group=group, prompt="Another question")


def prompt_of_a_group_that_moves_on(play: Kept) -> None:
    """The next groups at the same board are asked it too, and those who come back to it."""
    play.do(play.facilitator, "PromptGroup", group=_groups(play), prompt=SAID)
    later = insert(play, activity="brainstorm", board="wall", after="groups", settings={"groups": {"keep": True}})
    for step in (later, "groups", later):
        play.start(step)
    play.do(play.facilitator, "PromptGroup", group=play.state.groups_of(later)[0].id, prompt="Another question")


def prompts_of_inserted_groups(play: Kept) -> None:
    wish = {"by": "random", "count": 2, "prompts": [{"en": "What else?"}, {"en": SAID}]}
    play.start(insert(play, activity="brainstorm", board="wall", settings={"groups": wish}))


def hidden(play: Kept) -> None:
    other = play.accepted(play.join(), "Something else")
    play.do(play.facilitator, "HideIdea", idea=other, reason=SAID)


def hidden_and_back(play: Kept) -> None:
    other = play.accepted(play.join(), "Something else")
    hide = play.do(play.facilitator, "HideIdea", idea=other, reason=SAID)
    play.undo(play.undo(hide))
    play.do(play.facilitator, "RestoreIdea", idea=other)


def returned(play: Kept) -> None:
    play.do(play.facilitator, "ReturnIdea", idea=waiting(play), reason=SAID)


def rejected(play: Kept) -> None:
    play.do(play.facilitator, "RejectIdea", idea=waiting(play), reason=SAID)


def muted(play: Kept) -> None:
    play.do(play.facilitator, "MuteAuthor", idea=waiting(play), reason=SAID)


def removed_and_let_in_again(play: Kept) -> None:
    other = waiting(play)
    play.do(play.facilitator, "RemoveAuthor", idea=other, reason=SAID)
    play.do(play.facilitator, "UnmuteAuthor", idea=other)


def hidden_twice(play: Kept) -> None:
    other = play.accepted(play.join(), "Something else")
    for _ in range(2):
        play.do(play.facilitator, "HideIdea", idea=other, reason=SAID)
        play.do(play.facilitator, "RestoreIdea", idea=other)


def muted_and_then_removed(play: Kept) -> None:
    other = waiting(play)
    play.do(play.facilitator, "MuteAuthor", idea=other, reason=SAID)
    play.do(play.facilitator, "RemoveAuthor", idea=other, reason=SAID)


def returned_twice(play: Kept) -> None:
    author = play.join()
    other = play.post(author, "Something else", "brainstorm")
    for number in range(2):
        play.do(play.facilitator, "ReturnIdea", idea=other, reason=SAID)
        play.do(author, "EditIdea", idea=other, text=f"Something else {number}")
    play.do(play.facilitator, "RejectIdea", idea=other, reason=SAID)


def changed_twice(play: Kept) -> None:
    for minutes in (5, 6):
        play.do(play.facilitator, "ChangePhase", phase="later", prompt={"en": SAID}, minutes=minutes)


def screen_opened_twice(play: Kept) -> None:
    for _ in range(2):
        play.do(play.facilitator, "OpenScreen", screen="foyer", title=WORDS)
        play.do(play.facilitator, "CloseScreen", screen="foyer")
    play.do(play.facilitator, "OpenScreen", screen="door", title="Door")


def locked(play: Kept) -> None:
    play.do(play.facilitator, "LockBoard", board="wall", locked=True, reason=SAID)


def frozen(play: Kept) -> None:
    play.undo(play.do(play.facilitator, "FreezeBoard", board="wall", frozen=True, reason=SAID))


def comment(play: Kept) -> None:
    other = play.accepted(play.join(), "Something else")
    play.start("talk")
    said = play.do(play.join(), "PostComment", phase="talk", idea=other, text="Well")
    play.do(play.facilitator, "HideComment", comment=said, reason=SAID)


def answer(play: Kept) -> None:
    play.start("asked")
    said = play.do(play.join(), "GiveAnswer", phase="asked", text="Well")
    play.do(play.facilitator, "HideAnswer", answer=said, reason=SAID)


def screen(play: Kept) -> None:
    play.do(play.facilitator, "OpenScreen", screen="foyer", title=WORDS)
    play.do(play.facilitator, "OpenScreen", screen="door", title="Door")


def carried_title(play: Kept) -> None:
    """A cluster's title becomes the words of a card, and that one's another."""
    other = play.accepted(play.join(), "Something else")
    play.do(play.facilitator, "FormCluster", ideas=[other], title=SAID)
    play.do(play.facilitator, "CarryForward", board="wall", phase="later", of="clusters", top=1)
    play.do(play.facilitator, "CarryForward", board="side", phase="groups", top=1)


WAYS = [
    inserted_prompt, inserted_title, inserted_guide, inserted_sentence, inserted_and_taken_back, inserted_and_removed,
    repeated, board_of_its_own, changed_prompt, changed_back, changed_and_undone, group_prompt, earlier_group_prompt,
    prompt_of_a_group_that_moves_on, prompts_of_inserted_groups, hidden, hidden_and_back, returned, rejected, muted,
    removed_and_let_in_again, hidden_twice, muted_and_then_removed, returned_twice, changed_twice, screen_opened_twice,
    locked, frozen, comment, answer, screen, carried_title,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_nothing_of_it_remains(play: Kept, way: Any) -> None:
    """In log, copy, state and records, also after a restart; undoing and going on work as before."""
    play.start("brainstorm")
    author = play.join()
    idea = play.accepted(author, WORDS)
    way(play)
    file = play.store.path
    assert sum(TRACE in event.data.decode().lower() for event in play.log) > 1, "said again"
    play.do(play.facilitator, "EraseIdea", idea=idea)
    bytes_ = b"".join(path.read_bytes().lower() for path in file.parent.iterdir())
    assert b"something" in bytes_ or b"what is missing" in bytes_, "the file holds what people said"
    assert TRACE.encode() not in bytes_
    assert list(play.store.read(play.state.session.id)) == play.log
    everybody: list[Who] = ["facilitators", "participants", "outside", author, SCREEN]
    for _ in range(2):
        assert TRACE not in repr(vars(play.state)).lower()
        for who in everybody:
            assert not any(TRACE.encode() in data.lower() for data in play.holds(who).values())
        for projection in play.projections.groups.values():
            assert not any(TRACE.encode() in data.lower() for _, _, data in projection.all() if data)
        assert replay(play.log, play.rows) == play.state
        before = play.state
        play.restart()
        assert play.state == before
    for table in KEYS:
        rows = play.store.rows(table)
        assert all(TRACE not in str(row).lower() for row in rows)
    for command in reversed(list(play.state.history)):
        assert refusal(play, play.facilitator, "Undo", command=command) in ("", "undo.nothing", "undo.overtaken")
        assert TRACE not in repr(vars(play.state)).lower()
    assert replay(play.log, play.rows) == play.state


def test_what_else_was_said_stays(play: Kept) -> None:
    """Only the texts that quote go: not the plan's, not other steps', nor what a question was changed to."""
    play.start("brainstorm")
    idea = play.accepted(play.join(), "missing")
    changed_back(play)
    step = insert(play, prompt={"en": "Something is missing"}, guide={"en": "Wait for all"})
    again = play.do(play.facilitator, "RepeatPhase", phase="brainstorm")
    other = play.accepted(play.join(), "Parks")
    play.do(play.facilitator, "HideIdea", idea=other, reason="Unkind")
    play.do(play.facilitator, "EraseIdea", idea=idea)
    phases = play.sees("facilitators", "phase")
    assert phases["brainstorm"]["prompt"] == phases[again]["prompt"] == {"en": "What is missing?"}
    assert phases["later"]["prompt"] == {"en": "Another question"}
    assert (phases[step]["prompt"], phases[step]["guide"]) == ({}, {"en": "Wait for all"})
    assert play.sees("facilitators", "idea")[other]["reason"] == "Unkind"


def test_an_erased_title_is_no_gap(play: Kept) -> None:
    """A step needs a name: its own is dots until the desk gives it another, which can be undone."""
    play.start("brainstorm")
    idea = play.accepted(play.join(), WORDS)
    step = insert(play, title={"en": WORDS})
    play.do(play.facilitator, "EraseIdea", idea=idea)
    assert play.sees("facilitators", "phase")[step]["title"] == {"en": "…"}
    rename = play.do(play.facilitator, "ChangePhase", phase=step, title={"en": "Streets"})
    assert play.sees("facilitators", "phase")[step]["title"] == {"en": "Streets"}
    play.undo(rename)
    play.start(step)
    play.restart()
    assert play.sees("participants", "phase")[step]["title"] == {"en": "…"}


def asked_later(play: Kept, *prompts: str) -> list[str]:
    return [insert(play, prompt={"en": prompt}) for prompt in prompts]


def left(play: Kept, steps: list[str]) -> list[bool]:
    phases = play.sees("facilitators", "phase")
    return [bool(phases[step]["prompt"]) for step in steps]


@pytest.mark.parametrize("text", ["und", "Ja!", "The", "?", "...", "👍", "3"])
def test_words_that_say_nothing_are_quoted_only_as_a_whole(play: Kept, text: str) -> None:
    """A question is not taken away because a little word, a sign or a number of it stood on a card as well."""
    play.start("brainstorm")
    idea = play.accepted(play.join(), text)
    asked = "Parks und 3 trees ... who is it, the 👍 gardener, ja?"
    whole, quoted, spelled = text.upper(), f"Why “{text}”, of all?", f"Why: '{text}'!"
    steps = asked_later(play, asked, whole, quoted, spelled)
    cluster = play.do(play.facilitator, "FormCluster", ideas=[idea], title="Streets und 3 trees? Ja, the 👍 …")
    play.do(play.facilitator, "EraseIdea", idea=idea)
    assert left(play, steps) == [True, False, False, False]
    assert play.state.clusters[cluster].title


@pytest.mark.parametrize("text", ["Eva", "Eva and me!", "“Eva”", "and the", "is\tEva the", "C++"])
def test_words_that_say_something_are_found_within_a_sentence(play: Kept, text: str) -> None:
    """Whatever signs stand around them there or here."""
    play.start("brainstorm")
    idea = play.accepted(play.join(), text)
    bare = " ".join(text.strip("!“”").split())
    steps = asked_later(play, f"What does {bare} want?", f"{bare.upper()}: now", "Option C, Evas and evaluations")
    play.do(play.facilitator, "EraseIdea", idea=idea)
    assert left(play, steps) == [False, False, True]
