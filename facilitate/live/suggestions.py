"""What a desk asks for: suggestions for a board, one question at a time per session, answered by `live/themes.py`.

Nothing is moved and nothing is stored. What goes into a suggestion is what facilitators can read, and no more.
"""

import asyncio
import logging
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct

from facilitate.core.refused import Refused
from facilitate.core.state import State
from facilitate.core.tables import Idea
from facilitate.core.view import is_covered
from facilitate.live import themes
from facilitate.live.themes import Answer, Kind, Question, Text

PATIENCE = 120.0  # seconds
MOST = 2000  # ideas that are looked at, the newest ones
PROGRAM = (sys.executable, "-m", "facilitate.live.themes")
MISSING = 3  # the exit code of a worker without the extra

logger = logging.getLogger("facilitate")


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """What a desk asks."""

    kind: Kind
    board: str


def read(raw: Any) -> Wish:
    """Refused: `command.malformed`."""
    try:
        return msgspec.convert(raw, Wish, strict=True)
    except (msgspec.ValidationError, UnicodeError, RecursionError) as error:
        raise Refused("command.malformed") from error


class Suggestions:
    """The vectors of each session's last question are kept, and with them no text: so that it need not be read anew."""

    def __init__(self) -> None:
        self.busy: set[str] = set()
        self.vectors: dict[str, dict[str, str]] = {}

    async def suggest(self, session: str, state: State, wish: Wish) -> list[dict[str, Any]]:
        """Groups as `live/themes.py` finds them: `{ideas, title, cluster}`. Refused: `suggestion....`."""
        if wish.board not in state.boards:
            raise Refused("board.unknown")
        plain = wish.kind == "duplicates" or (wish.kind == "places" and not themes.is_there())
        if not plain and not themes.is_there():
            raise Refused("suggestion.missing")
        if session in self.busy:
            raise Refused("suggestion.busy", retry=2.0)
        self.busy.add(session)
        try:
            texts = texts_for(state, wish)
            known = {} if plain else self.vectors.get(session, {})
            found = await worked_out(Question(wish.kind, texts, known, plain))
        finally:
            self.busy.discard(session)
        if not plain:
            self.vectors[session] = found.vectors
        least = 1 if wish.kind == "places" else 2
        return [msgspec.to_builtins(group) for group in found.groups if len(group.ideas) >= least]

    def forget(self, session: str) -> None:
        self.vectors.pop(session, None)


def texts_for(state: State, wish: Wish) -> list[Text]:
    """The newest, in the order of their numbers. Found from the end: no more need be looked at than are wanted.

    Duplicates are looked for among all cards, topics among those that are not placed, places with the placed.
    """
    return list(islice(_newest(state, wish), MOST))[::-1]


def _newest(state: State, wish: Wish) -> Iterator[Text]:
    for idea in reversed(state.ideas.values()):
        if idea.board != wish.board or not idea.stands or not idea.text:
            continue
        if _concerns(idea, wish.kind) and not is_covered(state, idea):
            yield Text(idea.id, idea.text, idea.lang, idea.cluster)


def _concerns(idea: Idea, kind: Kind) -> bool:
    if kind == "duplicates":
        return True
    return not idea.aside and (kind == "places" or idea.cluster is None)


async def worked_out(question: Question, patience: float = PATIENCE) -> Answer:
    """The answer of a process of its own. Refused: `suggestion.missing`, `suggestion.failed`."""
    if not question.texts:
        return Answer([])
    pipe = asyncio.subprocess.PIPE
    worker = await asyncio.create_subprocess_exec(*PROGRAM, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        out, complaint = await asyncio.wait_for(worker.communicate(msgspec.json.encode(question)), patience)
        if worker.returncode == 0:
            return msgspec.json.decode(out, type=Answer)
    except (TimeoutError, OSError, msgspec.MsgspecError) as error:
        complaint = repr(error).encode()
    finally:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()
    if worker.returncode == MISSING:
        raise Refused("suggestion.missing")
    logger.error("no suggestions: %s", complaint.decode("utf-8", "replace")[-2000:])
    raise Refused("suggestion.failed")
