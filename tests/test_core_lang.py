"""In which language something is written: never more than which of the session's, so that no phone is known by it."""

import re

import msgspec
import pytest

from facilitate.core import book
from facilitate.core.scripts import fits
from facilitate.exports import csv, html, json, markdown
from tests.workshop import PHASES, Workshop

# What phones may be set to, or say of themselves.
SET = (None, "de", "de-AT", "en", "en-GB", "fr-CA", "tlh", "x" * 30, "en-x-1234567", "<b>", "")


def held(languages: tuple[str, ...]) -> Workshop:
    back = {"id": "back", "activity": "reflect", "board": None, "settings": {"to": "all"}}
    workshop = Workshop(phases=[{**PHASES[1], "settings": {"comments": True}}, back], languages=languages)
    workshop.start("collect")
    return workshop


def said_by(workshop: Workshop, lang: str | None) -> str:
    """One person says everything that a language goes along with; what the log, all records and files hold of it."""
    person = workshop.guest(1)
    more = {} if lang is None else {"lang": lang}
    idea = workshop.write("Bänke", 1, **more)
    workshop.do(person, "PostComment", phase="collect", idea=workshop.write("Other", 2), text="Ja", **more)
    workshop.do(person, "EditIdea", idea=idea, text="Mehr Bänke")
    workshop.start("back")
    workshop.do(person, "GiveAnswer", phase="back", text="Mut", **more)
    workshop.do(person, "GiveAnswer", phase="back", text="Viel Mut", **more)
    workshop.do(workshop.facilitator, "EndSession")
    report = workshop.report("de")
    files = [one.write(report) for one in (csv, html, markdown, json)]
    log = b"".join(event.data for event in workshop.log)
    frames = b"".join(frame for frames in workshop.frames.values() for frame in frames)
    # A command's fingerprint is made with the author's own secret: whoever has the file alone reads nothing from it.
    return re.sub(r'"check": "[^"]+"', "", b"".join([log, frames, *files]).decode("utf-8", "replace"))


def test_every_command_that_names_a_language_is_tried_here() -> None:
    """The next one has to be said by the person above."""
    found = {
        kind
        for kind, command in book.COMMANDS.items()
        if "lang" in {field.name for field in msgspec.structs.fields(command)}
    }
    assert found == {"PostIdea", "PostComment", "GiveAnswer"}


@pytest.mark.parametrize("lang", SET)
def test_in_a_session_of_one_language_nothing_tells_phones_apart(lang: str | None) -> None:
    """Neither log nor records nor files differ by what a phone is set to."""
    assert said_by(held(("de",)), lang) == said_by(held(("de",)), "de")


@pytest.mark.parametrize(
    ("languages", "lang", "text", "kept"),
    [
        (("de", "en"), "en-GB", "Benches", "en"),
        (("de", "en"), "EN", "Benches", "en"),
        (("de", "en"), "fr", "Bancs", "de"),
        (("de-AT", "en"), "de", "Sessel", "de-AT"),
        (("de", "en"), "ar", "مقاعد", ""),
        (("de",), "de", "лавки", ""),
        (("de",), "de", "παγκάκια", ""),
        (("de", "ar"), "de", "مقاعد", "ar"),
        (("ar", "de"), "ar", "Bänke", "de"),
        (("de",), "en", "Mehr مقاعد", "de"),
        (("de",), "en", "👍 100 %", "de"),
        (("ja", "de"), "ja", "ベンチ", "ja"),
    ],
)
def test_which_of_the_sessions_languages_it_is(languages: tuple[str, ...], lang: str, text: str, kept: str) -> None:
    """The one that its author reads in, if it is one of them and its letters allow it; else one that they allow."""
    workshop = held(languages)
    idea = workshop.write(text, lang=lang)
    assert workshop.state.ideas[idea].lang == kept


@pytest.mark.parametrize("text", ["", "12", "👍", "¿?"])
def test_without_letters_any_language_will_do(text: str) -> None:
    assert fits(text, "de")
    assert fits(text, "ar")
