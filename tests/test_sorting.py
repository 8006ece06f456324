"""Many hands sort the same cards, in any order, with undo: no card is lost or lies twice, and counters are true."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from facilitate.core import roles
from facilitate.core.actors import Actor
from facilitate.core.refused import Refused
from tests.play import Play, phase, refusal
from tests.test_convergence import Watcher

CARDS = 5
HANDS = 4  # two desks, a theme desk, and the phone that wrote the cards

KINDS = (
    "MoveIdeas", "MoveIdea", "SetAside", "BringBack", "FormCluster", "FormClusters", "SplitCluster", "MergeClusters",
    "DissolveCluster", "DissolveCluster", "MergeIdeas", "SplitIdeas", "HideIdea", "RestoreIdea", "WithdrawIdea",
    "RestoreOwn", *["Undo"] * 8,
)  # fmt: skip
few = st.lists(st.integers(0, CARDS - 1), min_size=1, max_size=4, unique=True)
moves = st.tuples(st.integers(0, HANDS - 1), st.sampled_from(KINDS), few, st.integers(0, 9), st.integers(0, 9))


class Sorting:
    """`done` are the commands that were accepted; `cards` and `clusters` all that were ever there."""

    def __init__(self) -> None:
        self.play = Play(phase("brainstorm", cluster="own"))
        self.play.start("brainstorm")
        self.author = self.play.join()
        self.hands = [
            self.play.facilitator, Actor("facilitator", "f2", b"another desk"), Actor("theme", "t1", b"a theme desk"),
            self.author,
        ]  # fmt: skip
        self.cards = [self.play.post(self.author, f"card {n}") for n in range(CARDS)]
        self.clusters = [self.play.do(self.play.facilitator, "FormCluster", board="wall", title=t) for t in "AB"]
        self.done: list[str] = []

    def make(self, hand: int, kind: str, few: list[int], one: int, other: int) -> None:
        ideas, cluster = [self.cards[n] for n in few], self.clusters[one % len(self.clusters)]
        second = self.clusters[other % len(self.clusters)]
        every: dict[str, dict[str, Any]] = {
            "MoveIdeas": {"ideas": ideas, "cluster": cluster if other % 4 else None},
            "MoveIdea": {"idea": ideas[0], "cluster": cluster if other % 4 else None},
            "SetAside": {"ideas": ideas},
            "BringBack": {"ideas": ideas, "aside": False},
            "FormCluster": {"board": "wall", "ideas": ideas[:2]},
            "FormClusters": {"board": "wall", "drafts": [{"ideas": ideas}, {"ideas": ideas[:1], "cluster": cluster}]},
            "SplitCluster": {"cluster": cluster, "ideas": ideas},
            "MergeClusters": {"into": cluster, "clusters": [second]},
            "DissolveCluster": {"cluster": cluster},
            "MergeIdeas": {"keep": ideas[0], "ideas": ideas[1:]},
            "SplitIdeas": {"ideas": ideas},
            "HideIdea": {"idea": ideas[0]},
            "RestoreIdea": {"idea": ideas[0]},
            "WithdrawIdea": {"idea": ideas[0]},
            "RestoreOwn": {"idea": ideas[0]},
            "Undo": {"command": self.done[-1 - one % len(self.done)] if self.done else "none"},
        }
        name = "SetAside" if kind == "BringBack" else kind
        actor = self.author if kind in ("WithdrawIdea", "RestoreOwn") else self.hands[hand]
        try:
            done = self.play.do(actor if roles.may(actor.role, name) else self.play.facilitator, name, **every[kind])
        except Refused:
            return
        if kind != "Undo":
            self.done.append(done)
        self.clusters += [id_ for id_ in self.play.state.clusters if id_ not in self.clusters]

    def lies(self) -> dict[str, list[str]]:
        """Where each card lies as a desk reckons it from its records alone: cluster, "aside" or "loose" -> ideas."""
        desk = self.play.sees("facilitators", "idea")
        found: dict[str, list[str]] = {}
        for id_, idea in desk.items():
            if idea["state"] == "open":
                found.setdefault("aside" if idea.get("aside") else idea.get("cluster") or "loose", []).append(id_)
        return found

    def check(self) -> None:
        play = self.play
        lies, there = self.lies(), set(play.sees("facilitators", "cluster")) | {"aside", "loose"}
        assert set(lies) <= there, "a card lies where nothing is drawn"
        assert sorted(lies.get("loose", [])) == sorted(idea.id for idea in play.state.unplaced("wall"))
        for idea in play.state.ideas.values():
            assert not (idea.aside and idea.cluster)
            top = play.state.ideas[idea.same_as] if idea.same_as else idea
            assert not top.same_as, "a card lies on a card that lies on a card"
            gone = idea.hidden or idea.withdrawn or top.hidden or top.withdrawn
            assert gone or sum(top.id in cards for cards in lies.values()) == 1, "lost, or in two places"


@settings(max_examples=150, deadline=None)
@given(st.lists(moves, min_size=15, max_size=40))
def test_whatever_many_hands_do_every_card_lies_in_one_place(history: list[Any]) -> None:
    """On the desk as in the rules, for who saw all of it and who comes late; and a restart changes nothing."""
    sorting = Sorting()
    play = sorting.play
    watchers = [Watcher(play, who) for who in ("facilitators", "participants", "screens")]
    for move in [None, *history]:
        if move:
            sorting.make(*move)
        sorting.check()
        for watcher in watchers:
            watcher.catch_up(None)
    held = [play.holds(watcher.who) for watcher in watchers]
    assert [watcher.records for watcher in watchers] == held
    play.restart()
    assert [play.holds(watcher.who) for watcher in watchers] == held
    sorting.check()


@settings(max_examples=60, deadline=None)
@given(st.lists(moves, max_size=12))
def test_an_accepted_suggestion_is_taken_back_whole_or_not_at_all(history: list[Any]) -> None:
    """After others changed a part of it: refused, and then nothing has moved; else every card lies as before."""
    sorting = Sorting()
    play = sorting.play
    drafts = [
        {"ideas": sorting.cards[:3], "title": "New"},
        {"ideas": sorting.cards[3:5], "cluster": sorting.clusters[0]},
    ]
    accepted = play.do(play.facilitator, "FormClusters", board="wall", drafts=drafts)
    for move in history:
        sorting.make(*move)
    then = sorting.lies()
    key = refusal(play, play.facilitator, "Undo", command=accepted)
    assert key in ("", "undo.overtaken", "undo.nothing")
    new = f"{accepted[:36]}-00"
    if key:
        assert sorting.lies() == then
    else:
        assert new not in play.sees("facilitators", "cluster")
        assert not any(idea.cluster or idea.aside for idea in map(play.state.ideas.__getitem__, sorting.cards))
    sorting.check()
