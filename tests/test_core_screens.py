"""Screens: as many as wanted, each shows what the desk chose for it."""

from typing import Any

import pytest

from facilitate.core.actors import Actor
from facilitate.core.decide import replay
from facilitate.core.screens import MOST, SHOWABLE
from tests.play import SCREEN, START, Play, phase, refusal


def workshop() -> Play:
    play = Play(phase("brainstorm"), phase("cluster"), phase("vote"))
    play.start("brainstorm")
    person = play.join()
    ideas = [play.post(person, f"card {number}") for number in range(2)]
    play.do(play.facilitator, "FormCluster", id="a-cluster-of-cards", title="Together", ideas=ideas)
    play.do(play.facilitator, "OpenScreen", screen="foyer", title="Foyer")
    return play


def shows(play: Play, screen: str = "main") -> dict[str, Any]:
    return dict(play.sees(SCREEN, "screen")[screen]["shows"])


def test_each_screen_shows_what_was_chosen_for_it() -> None:
    play = workshop()
    card = next(iter(play.state.ideas))
    play.do(play.facilitator, "Show", screen="foyer", what="card", idea=card)
    play.do(play.facilitator, "Show", what="cluster", cluster="a-cluster-of-cards")
    assert shows(play) == {"what": "cluster", "cluster": "a-cluster-of-cards"}
    assert shows(play, "foyer") == {"what": "card", "idea": card}
    assert play.sees("participants", "screen")["foyer"]["title"] == "Foyer"
    assert play.state == replay(play.log)


def test_the_main_screen_goes_along_with_the_session_and_the_others_stay() -> None:
    play = workshop()
    for screen in ("main", "foyer"):
        play.do(play.facilitator, "Show", screen=screen, what="message", text="Coffee")
    play.start("cluster")
    assert shows(play) == {"what": "phase"}
    assert shows(play, "foyer") == {"what": "message", "text": "Coffee"}


def test_a_countdown_ends_at_a_time() -> None:
    play = workshop()
    play.wait(5)
    play.do(play.facilitator, "Show", what="countdown", seconds=60)
    assert shows(play) == {"what": "countdown", "until": START + 65_000}
    play.do(play.facilitator, "Show", what="countdown")
    assert shows(play) == {"what": "countdown"}


def test_a_screen_is_closed_and_comes_back_with_what_it_showed() -> None:
    play = workshop()
    play.do(play.facilitator, "Show", screen="foyer", what="black")
    close = play.do(play.facilitator, "CloseScreen", screen="foyer")
    assert "foyer" not in play.sees(SCREEN, "screen")
    assert refusal(play, play.facilitator, "Show", screen="foyer", what="phase") == "screen.unknown"
    play.undo(close)
    assert shows(play, "foyer") == {"what": "black"}
    play.do(play.facilitator, "CloseScreen", screen="foyer")
    play.do(play.facilitator, "OpenScreen", screen="foyer", title="Hall")
    assert play.sees(SCREEN, "screen")["foyer"]["title"] == "Hall"


def test_opening_a_screen_can_be_undone() -> None:
    play = Play(phase("brainstorm"))
    opened = play.do(play.facilitator, "OpenScreen", screen="foyer")
    play.undo(opened)
    assert list(play.sees(SCREEN, "screen")) == ["main"]
    assert play.state == replay(play.log)


def test_the_main_screen_cannot_be_closed() -> None:
    assert refusal(workshop(), Actor("facilitator", "f1", b"s"), "CloseScreen", screen="main") == "screen.main"


def test_there_are_not_any_number_of_screens() -> None:
    play = Play(phase("brainstorm"))
    for number in range(MOST - 1):
        play.do(play.facilitator, "OpenScreen", screen=f"screen-{number}")
    assert refusal(play, play.facilitator, "OpenScreen", screen="one-more") == "screen.many"


@pytest.mark.parametrize(
    ("wish", "key"),
    [
        ({"what": "the moon"}, "command.malformed"),
        ({"what": "card"}, "command.malformed"),
        ({"what": "cluster"}, "command.malformed"),
        ({"what": "card", "idea": "none"}, "idea.unknown"),
        ({"what": "cluster", "cluster": "none"}, "cluster.unknown"),
        ({"what": "board", "board": "none"}, "board.unknown"),
        ({"what": "results", "round": "none"}, "round.unknown"),
        ({"what": "board", "page": -1}, "command.malformed"),
        ({"what": "board", "zoom": 9}, "command.malformed"),
        ({"what": "countdown", "seconds": 0}, "command.malformed"),
        ({"what": "phase", "screen": "none"}, "screen.unknown"),
    ],
)
def test_what_cannot_be_shown_is_refused(wish: dict[str, Any], key: str) -> None:
    play = workshop()
    assert refusal(play, play.facilitator, "Show", **wish) == key


@pytest.mark.parametrize("name", ["", "a b", "ä", "x" * 41, "../x"])
def test_a_screens_name_is_part_of_an_address(name: str) -> None:
    play = Play(phase("brainstorm"))
    assert refusal(play, play.facilitator, "OpenScreen", screen=name) == "command.malformed"


def test_a_card_that_lies_face_down_is_not_shown() -> None:
    play = Play(phase("brainstorm", private=True))
    play.start("brainstorm")
    card = play.post(play.join(), "private")
    assert refusal(play, play.facilitator, "Show", what="card", idea=card) == "idea.gone"


def test_participants_steer_no_screen() -> None:
    play = workshop()
    person = play.join()
    for kind, fields in (("Show", {}), ("OpenScreen", {"screen": "mine"}), ("CloseScreen", {"screen": "foyer"})):
        assert refusal(play, person, kind, **fields) == "role.refused"


def test_everything_that_can_be_shown_has_a_name() -> None:
    assert set(SHOWABLE) >= {"phase", "board", "cluster", "card", "code", "message", "countdown", "results", "black"}


def test_a_cluster_that_a_screen_shows_is_seen_before_all_clusters_are() -> None:
    play = workshop()
    assert not play.sees("participants", "cluster")
    show = play.do(play.facilitator, "Show", what="cluster", cluster="a-cluster-of-cards")
    assert play.sees("participants", "cluster")["a-cluster-of-cards"]["title"] == "Together"
    assert all(idea["cluster"] == "a-cluster-of-cards" for idea in play.sees("participants", "idea").values())
    play.undo(show)
    assert not play.sees("participants", "cluster")
    assert not any("cluster" in idea for idea in play.sees("participants", "idea").values())


QUOTED = "Zebra crossing now"


@pytest.mark.parametrize("how", ["now", "before", "elsewhere", "undone", "put back", "closed"])
def test_a_message_that_quotes_an_erased_idea_goes_with_it(how: str) -> None:
    """From log, state and screens, wherever it was shown; a screen that shows it now follows the session again."""
    play = workshop()
    author, desk = play.join(), play.facilitator
    idea = play.post(author, QUOTED)
    screen = "foyer" if how in ("elsewhere", "closed") else "main"
    message = play.do(desk, "Show", screen=screen, what="message", text=f"Said:\n“{QUOTED.lower()}”, twice")
    if how in ("before", "put back"):
        after = play.do(desk, "Show", what="black")
        if how == "put back":
            play.undo(after)
    if how == "undone":
        play.undo(message)
    if how == "closed":
        play.do(desk, "CloseScreen", screen="foyer")
    other = play.do(desk, "Show", screen="main" if screen == "foyer" else "foyer", what="message", text="Coffee at ten")
    play.do(desk, "EraseIdea", idea=idea)
    for _ in range(2):
        assert b"ebra crossing" not in play.written()
        assert "ebra crossing" not in repr(vars(play.state))
        for who in (author, SCREEN, "facilitators"):
            assert not any(b"ebra crossing" in data for data in play.holds(who).values())
        before = play.state
        play.restart()
        assert play.state == before
    assert play.state.screens[screen].shows == {"what": "black" if how == "before" else "phase"}
    assert "Coffee at ten" in [screen.shows.get("text") for screen in play.state.screens.values()]
    play.undo(other)


def test_other_messages_of_the_same_screen_stay() -> None:
    """What quotes nothing is kept in the log, and goes on being shown."""
    play = workshop()
    idea = play.post(play.join(), QUOTED)
    for text in ("Coffee", QUOTED, "Lunch"):
        play.do(play.facilitator, "Show", what="message", text=text)
    play.do(play.facilitator, "EraseIdea", idea=idea)
    assert shows(play) == {"what": "message", "text": "Lunch"}
    assert [b"Coffee" in play.written(), b"Lunch" in play.written()] == [True, True]
    play.restart()
    assert shows(play) == {"what": "message", "text": "Lunch"}
