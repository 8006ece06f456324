"""What the desk types beside the cards: questions, titles, reasons. Each may quote one, and is erased by itself."""

from collections.abc import Iterator, Mapping
from typing import Any

from facilitate.core.formats import COMMON

# Of the records of these tables; `settings` hold texts by language.
SPOKEN: dict[str, tuple[str, ...]] = {
    "phase": ("title", "prompt", "guide", "settings"),
    "board": ("title", "prompt"),
    "group": ("prompt",),
    "screen": ("title",),
    "idea": ("reason",),
    "comment": ("reason",),
    "answer": ("reason",),
    "mute": ("reason",),
}
DOTS = "…"  # the title of what must have one


def texts_in(field: str, value: Any) -> Iterator[str]:
    """What was typed into a field."""
    if field == "settings":
        for inner in (value[key] for key in _texts_by_language(value)):
            yield from inner.values()
        for prompt in (value.get("groups") or {}).get("prompts", ()):
            yield from prompt.values()
    else:
        texts = value.values() if isinstance(value, Mapping) else (value,)
        yield from (text for text in texts if text and text != DOTS)


def silenced(field: str, value: Any) -> Any:
    """A field without what was typed into it."""
    if field == "settings":
        groups = value.get("groups") or {}
        silent = {"groups": {**groups, "prompts": []}} if "prompts" in groups else {}
        return {**value, **{key: {} for key in _texts_by_language(value)}, **silent}
    if field == "title":
        return dict.fromkeys(value, DOTS) if isinstance(value, Mapping) else ""
    return None if field == "reason" else {}


def _texts_by_language(settings: Mapping[str, Any]) -> list[str]:
    return [key for key, value in settings.items() if key not in COMMON and _are_texts(value)]


def _are_texts(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values())


def places(fact: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """(record, where in the fact its fields stand; None: at the top) of all records whose fields an event may hold."""
    if "record" in fact:
        yield fact["record"], "fields"
    elif "plan" in fact:
        yield fact["plan"]["id"], "plan"
        if fact.get("board"):
            yield fact["board"]["id"], "board"
    elif "phase" in fact and "fields" in fact:
        yield fact["phase"], "fields"
    else:
        for kind in ("idea", "comment", "answer", "board", "group", "screen"):
            if isinstance(fact.get(kind), str):
                yield fact[kind], None
