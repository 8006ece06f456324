"""Formats are checked in full when they are read, and every mistake says where it is."""

import copy
import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import msgspec
import pytest

import facilitate.activities
import facilitate.votes
from facilitate.core.formats import COMMON, Format, FormatMistake, read
from facilitate.live import folders
from facilitate.live.formats import folder, load

Data = dict[str, Any]

METHODS = {"dots": object(), "approval": object()}


def any_settings(settings: Mapping[str, Any], methods: Mapping[str, Any]) -> None:
    """For activities whose settings are of no interest here."""


def vote_settings(settings: Mapping[str, Any], methods: Mapping[str, Any]) -> None:
    if settings["method"] not in methods:
        raise ValueError(f"method: {settings['method']!r} is not known")
    if not settings["dots"] > 0:
        raise ValueError("there must be dots")


def activity(
    defaults: Data, needs_board: bool = True, check: Callable[[Data, Mapping[str, Any]], None] = any_settings
) -> SimpleNamespace:
    return SimpleNamespace(DEFAULTS=defaults, NEEDS_BOARD=needs_board, check=check)


ACTIVITIES = {
    "welcome": activity({"text": {}}, needs_board=False),
    "brainstorm": activity(
        {"private": False, "max_length": 140, "max_ideas": None, "closes": False, "show_all": True, "marks": []}
    ),
    "cluster": activity({"who": "facilitators"}),
    "vote": activity(
        {
            "method": "dots", "of": "clusters", "dots": 3, "stack": True, "named": False, "takes_ideas": False,
            "closes": False, "max_length": 140,
        },
        check=vote_settings,
    ),
    "discuss": activity({"top": 5, "minutes_each": None, "show_notes": True}),
    "pause": activity({"until": None, "sentence": {}}, needs_board=False),
}  # fmt: skip


def both(text: str) -> dict[str, str]:
    return {"en": text, "de": text}


GOOD: Data = {
    "title": both("Forum"),
    "summary": both("A forum."),
    "languages": ["en", "de"],
    "boards": [{"id": "ideas", "title": both("Ideas"), "columns": [{"id": "good", "title": both("Good")}]}],
    "phases": [
        {"id": "hello", "activity": "welcome", "title": both("Hello"), "settings": {"text": both("Hi")}},
        {
            "id": "collect",
            "stage": "co-learning",
            "activity": "brainstorm",
            "board": "ideas",
            "title": both("Collect"),
            "prompt": both("What?"),
            "guide": both("Listen."),
            "minutes": 7.5,
            "begin": "on-go",
            "settings": {"private": True},
        },
        {"id": "vote", "activity": "vote", "board": "ideas", "title": both("Vote"), "minutes": 4},
    ],
}


def reading(data: Data, name: str = "forum") -> Format:
    return read(name, data, ACTIVITIES, METHODS)


def changed(*path: str | int, to: Any) -> Data:
    """The good format with one value changed, or taken away (`...`)."""
    data = copy.deepcopy(GOOD)
    place: Any = data
    for key in path[:-1]:
        place = place[key]
    if to is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return data


def mistake(data: Data, name: str = "forum") -> FormatMistake:
    with pytest.raises(FormatMistake) as caught:
        reading(data, name)
    return caught.value


def test_a_good_format_is_read() -> None:
    """Everything the file says is there, and what it leaves out has its default."""
    forum = reading(GOOD)
    assert (forum.id, forum.languages, forum.names, forum.delete_after) == ("forum", ("en", "de"), "none", 90)
    assert forum.boards[0].columns[0].title == both("Good")
    hello, collect, vote = forum.phases
    assert (collect.stage, collect.board, collect.minutes, collect.begin) == ("co-learning", "ideas", 7.5, "on-go")
    assert (hello.stage, hello.board, hello.minutes, hello.begin) == (None, None, None, "at-once")
    assert (hello.prompt, hello.guide) == ({}, {})
    assert vote.settings["method"] == "dots"
    assert forum.minutes == 11.5


def test_settings_are_the_defaults_and_what_is_said() -> None:
    """The first event of a session freezes them complete, so that later defaults change no old workshop."""
    settings = reading(GOOD).phases[1].settings
    assert settings == {**COMMON, **ACTIVITIES["brainstorm"].DEFAULTS, "private": True}


def test_reading_shares_nothing() -> None:
    """Neither the activity's defaults nor the file's data hang on a format."""
    data = copy.deepcopy(GOOD)
    collect = reading(data).phases[1]
    collect.settings["marks"].append("x")
    collect.title["en"] = "x"
    assert ACTIVITIES["brainstorm"].DEFAULTS["marks"] == []
    assert data == GOOD


def test_a_format_survives_json() -> None:
    """It goes into an event and comes out the same."""
    forum = reading(GOOD)
    assert msgspec.json.decode(msgspec.json.encode(forum), type=Format) == forum


@pytest.mark.parametrize(
    ("data", "phase", "key", "why"),
    [
        (changed("titel", to="x"), "", "titel", "not known"),
        (changed("title", to=...), "", "title", "missing"),
        (changed("title", to="Forum"), "", "title", "table of texts"),
        (changed("title", "de", to=...), "", "title", "missing in 'de'"),
        (changed("title", "de", to=" "), "", "title", "not empty"),
        (changed("title", "fi", to="x"), "", "title", "'fi' is not among"),
        (changed("title", "de", to=3), "", "title", "text"),
        (changed("summary", to=...), "", "summary", "missing"),
        (changed("languages", to=...), "", "languages", "missing"),
        (changed("languages", to=[]), "", "languages", "at least one"),
        (changed("languages", to="en"), "", "languages", "list"),
        (changed("languages", to=["en", "de", "en"]), "", "languages", "only once"),
        (changed("languages", to=["en", "Deutsch!"]), "", "languages", "language code"),
        (changed("languages", to=["en", ["de"]]), "", "languages", "language code"),
        (changed("names", to="maybe"), "", "names", "known are none, optional, shown"),
        (changed("names", to=True), "", "names", "must be a name"),
        (changed("delete_after", to=0), "", "delete_after", "1 to 3650"),
        (changed("delete_after", to=1.5), "", "delete_after", "whole number"),
        (changed("delete_after", to=True), "", "delete_after", "whole number"),
        (changed("boards", to={}), "", "boards", "list of tables"),
        (changed("boards", to=["ideas"]), "", "boards", "number 1 must be a table"),
        (changed("boards", 0, "id", to=...), "", "boards.1.id", "missing"),
        (changed("boards", 0, "id", to="My Board"), "", "boards.1.id", "only a-z"),
        (changed("boards", 0, "id", to=7), "", "boards.1.id", "must be a name"),
        (changed("boards", 0, "colour", to="x"), "", "boards.ideas.colour", "not known"),
        (changed("boards", 0, "title", "de", to=...), "", "boards.ideas.title", "missing in 'de'"),
        (changed("boards", to=GOOD["boards"] * 2), "", "boards.id", "twice"),
        (changed("boards", 0, "columns", to="x"), "", "boards.ideas.columns", "list of tables"),
        (changed("boards", 0, "columns", 0, "width", to=3), "", "boards.ideas.columns.good.width", "not known"),
        (changed("boards", 0, "columns", 0, "id", to="é"), "", "boards.ideas.columns.1.id", "only a-z"),
        (changed("boards", 0, "columns", 0, "title", "en", to=...), "", "boards.ideas.columns.good.title", "'en'"),
        (changed("boards", 0, "columns", to=GOOD["boards"][0]["columns"] * 2), "", "boards.ideas.columns.id", "twice"),
        (changed("phases", to=...), "", "phases", "missing"),
        (changed("phases", to=[]), "", "phases", "at least one"),
        (changed("phases", 1, to="x"), "", "phases", "number 2 must be a table"),
        (changed("phases", 1, "id", to=...), "2", "id", "missing"),
        (changed("phases", 1, "id", to="a b"), "2", "id", "only a-z"),
        (changed("phases", 1, "id", to="x" * 41), "2", "id", "at most 40"),
        (changed("phases", 2, "id", to="collect"), "3", "id", "taken by an earlier phase"),
        (changed("phases", 1, "minuets", to=3), "collect", "minuets", "not known"),
        (changed("phases", 1, "title", to=...), "collect", "title", "missing"),
        (changed("phases", 1, "prompt", "de", to=...), "collect", "prompt", "missing in 'de'"),
        (changed("phases", 1, "guide", to="Listen."), "collect", "guide", "table of texts"),
        (changed("phases", 1, "stage", to="co-loring"), "collect", "stage", "known are co-learning"),
        (changed("phases", 1, "activity", to=...), "collect", "activity", "missing"),
        (changed("phases", 1, "activity", to="quiz"), "collect", "activity", "'quiz' is not known"),
        (changed("phases", 1, "activity", to=["vote"]), "collect", "activity", "must be a name"),
        (changed("phases", 1, "board", to=...), "collect", "board", "brainstorm needs one"),
        (changed("phases", 1, "board", to="walls"), "collect", "board", "known are ideas"),
        (changed("phases", 1, "minutes", to=0), "collect", "minutes", "more than 0"),
        (changed("phases", 1, "minutes", to=-5), "collect", "minutes", "more than 0"),
        (changed("phases", 1, "minutes", to=100_000), "collect", "minutes", "at most 1440"),
        (changed("phases", 1, "minutes", to="8"), "collect", "minutes", "must be a number"),
        (changed("phases", 1, "minutes", to=True), "collect", "minutes", "must be a number"),
        (changed("phases", 1, "minutes", to=float("nan")), "collect", "minutes", "must be a number"),
        (changed("phases", 1, "minutes", to=float("inf")), "collect", "minutes", "must be a number"),
        (changed("phases", 1, "begin", to="later"), "collect", "begin", "at-once, on-go"),
        (changed("phases", 1, "settings", to=[]), "collect", "settings", "must be a table"),
        (changed("phases", 1, "settings", "privat", to=True), "collect", "settings.privat", "known are private"),
        (changed("phases", 0, "settings", "text", "de", to=...), "hello", "settings.text", "missing in 'de'"),
        (changed("phases", 0, "settings", "text", "fi", to="x"), "hello", "settings.text", "'fi'"),
        (changed("phases", 2, "settings", to={"method": "choir"}), "vote", "settings.method", "'choir' is not known"),
        (changed("phases", 2, "settings", to={"method": []}), "vote", "settings", "list"),
        (changed("phases", 2, "settings", to={"dots": 0}), "vote", "settings", "there must be dots"),
    ],
)
def test_a_mistake_names_its_place(data: Data, phase: str, key: str, why: str) -> None:
    """File, phase and key stand in one line, so that whoever wrote the file can mend it."""
    found = mistake(data)
    assert (found.file, found.phase, found.key) == ("forum.toml", phase, key)
    assert why in found.why
    line = str(found)
    assert "\n" not in line
    assert line.startswith("forum.toml")
    assert f"phase {phase}" in line or not phase
    assert key in line


def test_a_mistake_as_people_read_it() -> None:
    """One line: where, then why."""
    line = "forum.toml, phase collect, minutes: must be more than 0 and at most 1440, not 0"
    assert str(mistake(changed("phases", 1, "minutes", to=0))) == line


def test_a_file_name_is_an_id() -> None:
    """It stands in addresses and on the command line."""
    assert "file's name" in mistake(GOOD, "My Forum").why


def write(directory: Path, name: str, text: str) -> None:
    (directory / name).write_text(text, "utf-8")


MINIMAL = """
title = { en = "Small" }
summary = { en = "Small." }
languages = ["en"]
[[phases]]
id = "hello"
activity = "welcome"
title = { en = "Hello" }
"""


def test_a_folder_is_loaded_by_name(tmp_path: Path) -> None:
    """Each file is a format; other files are left alone."""
    write(tmp_path, "small.toml", MINIMAL)
    write(tmp_path, "also-small.toml", MINIMAL)
    write(tmp_path, "README.md", "no format")
    assert list(load(tmp_path, ACTIVITIES, METHODS)) == ["also-small", "small"]


def test_broken_toml_is_a_mistake_of_the_file(tmp_path: Path) -> None:
    """With the line on which the parser stumbled."""
    write(tmp_path, "broken.toml", 'title = { en = "x"\n')
    with pytest.raises(FormatMistake, match=r"^broken\.toml: is not TOML: .*line 1"):
        load(tmp_path, ACTIVITIES, METHODS)


def test_a_file_that_is_not_utf8_is_a_mistake(tmp_path: Path) -> None:
    """Old editors write umlauts in other ways."""
    (tmp_path / "old.toml").write_bytes('title = "Öffnung"'.encode("latin-1"))
    with pytest.raises(FormatMistake, match=r"^old\.toml: is not TOML"):
        load(tmp_path, ACTIVITIES, METHODS)


def test_an_empty_folder_has_no_formats(tmp_path: Path) -> None:
    """That is no mistake."""
    assert load(tmp_path, ACTIVITIES, METHODS) == {}


def test_folders_of_a_checkout_and_of_an_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a wheel carries inside the package goes before what lies beside it."""
    monkeypatch.setattr(folders, "_PACKAGE", tmp_path / "facilitate")
    assert folders.sessions_folder() == tmp_path / "sessions"
    assert folders.assets_folder() == tmp_path / "assets"
    (tmp_path / "facilitate" / "_sessions").mkdir(parents=True)
    assert folders.sessions_folder() == tmp_path / "facilitate" / "_sessions"
    assert folders.assets_folder() == tmp_path / "assets"


def registry(package: ModuleType) -> dict[str, Any]:
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    return {name: importlib.import_module(f"{package.__name__}.{name}") for name in names}


REAL = registry(facilitate.activities)
SHIPPED = load(folder(), REAL, registry(facilitate.votes))


def texts_of(shipped: Format) -> list[dict[str, str]]:
    found = [shipped.title, shipped.summary]
    for board in shipped.boards:
        found += [board.title, *(column.title for column in board.columns)]
    for phase in shipped.phases:
        found += [phase.title, phase.prompt, phase.guide]
        found += (phase.settings["groups"] or {}).get("prompts", [])
        own = {key: value for key, value in phase.settings.items() if key not in COMMON}
        found += [value for value in own.values() if isinstance(value, dict) and value]
    return found


def test_the_formats_that_come_with_the_program() -> None:
    """Three are there from the start."""
    assert {"co-learning-sharing-creation", "pin-board", "quick-vote"} <= set(SHIPPED)


@pytest.mark.parametrize("shipped", SHIPPED.values(), ids=lambda shipped: shipped.id)
def test_a_shipped_format_is_complete(shipped: Format) -> None:
    """In both languages, with a question, a guide and minutes for every phase."""
    assert set(shipped.languages) >= {"en", "de"}
    for text in texts_of(shipped):
        assert set(text) == set(shipped.languages), text
    for phase in shipped.phases:
        assert phase.minutes, phase.id
        for language in shipped.languages:
            assert len(phase.title[language]) <= 40, phase.id
            assert len(phase.prompt[language]) <= 90, phase.id
            assert 2 <= len(re.findall(r"[.?!](?=\s|$)", phase.guide[language])) <= 5, (phase.id, language)


@pytest.mark.parametrize("shipped", SHIPPED.values(), ids=lambda shipped: shipped.id)
def test_a_shipped_format_addresses_nobody_in_german(shipped: Format) -> None:
    """Neither Sie nor du."""
    for text in texts_of(shipped):
        assert not re.search(r"\b(Sie|Ihr\w*|Ihnen|[Dd]u|[Dd]ich|[Dd]ir|[Dd]eine?\w*|[Ee]uch)\b", text["de"]), text


@pytest.mark.parametrize("shipped", SHIPPED.values(), ids=lambda shipped: shipped.id)
def test_nothing_is_sorted_or_weighed_before_it_is_collected(shipped: Format) -> None:
    """A board is written on before it is clustered, voted on or discussed."""
    written: set[str | None] = set()
    for phase in shipped.phases:
        if phase.activity == "brainstorm" or phase.settings["carry"] or (phase.settings["groups"] or {}).get("back"):
            written.add(phase.board)
        if REAL[phase.activity].NEEDS_BOARD:
            assert phase.board in written, phase.id
    assert written == {board.id for board in shipped.boards}


def test_the_three_stages_take_ninety_minutes() -> None:
    """Each stage comes once, in order, and a break lies between sharing and creating."""
    forum = SHIPPED["co-learning-sharing-creation"]
    assert 80 <= forum.minutes <= 100
    stages = [phase.stage for phase in forum.phases if phase.stage]
    assert list(dict.fromkeys(stages)) == ["co-learning", "co-sharing", "co-creation"]
    assert stages == sorted(stages, key=["co-learning", "co-sharing", "co-creation"].index)
    order = [phase.id for phase in forum.phases]
    assert order.index("weighing") < order.index("break") < order.index("solutions")


def test_talks_fit_into_their_phase() -> None:
    """The minutes of the items add up to no more than the phase has."""
    for shipped in SHIPPED.values():
        for phase in shipped.phases:
            if phase.activity == "discuss" and phase.settings["minutes_each"]:
                assert phase.settings["top"] * phase.settings["minutes_each"] <= (phase.minutes or 0)


@pytest.mark.parametrize(("name", "longest"), [("pin-board", 60), ("quick-vote", 20)])
def test_small_formats_have_no_limit_of_number(name: str, longest: int) -> None:
    """As many cards as come, of up to 280 characters."""
    shipped = SHIPPED[name]
    assert shipped.minutes <= longest
    collect = shipped.phases[0]
    assert collect.settings["max_ideas"] is None
    assert collect.settings["max_length"] == 280
    assert not collect.settings["private"]


def test_the_quick_vote_takes_ideas_while_it_runs() -> None:
    """Whoever thinks of something better says so at once."""
    settings = SHIPPED["quick-vote"].phases[1].settings
    assert (settings["method"], settings["takes_ideas"], settings["max_length"]) == ("approval", True, 280)
