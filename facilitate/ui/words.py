"""The texts that a page brings along: those that its modules name, and no others, since every byte is a phone's."""

import re
from collections.abc import Iterable, Mapping

_NAMED = re.compile(r'"([a-z][a-z0-9-]*(?:\.[a-z0-9_-]+)+)"')
_BEGUN = re.compile(r"`((?:[a-z][a-z0-9-]*\.)+)\$\{")  # `stage.${stage}` names all that begin with `stage.`
_SHORT = re.compile(r'\bsay\("([a-z-]+)"')  # keys of one word, as in say("gone")
_PLURAL = re.compile(r"_(?:zero|one|two|few|many|other)$")

ALWAYS = ("language.name", "language.locale")
# Refusals that only staff can meet, or that lead to another page.
NOT_FOR_ALL = re.compile(
    r"error\.(session\.deleted|format|export|activity|screen|undo|note|reason|page|title|participant|address|agenda|carry|suggestion|merge|timezone"
    r"|person\.desk|idea\.(?:changed|decided)|phase\.(?:plan|minutes|started))\b"
)


def named(sources: Iterable[str], texts: Mapping[str, str]) -> dict[str, str]:
    """Those of `texts` that the sources name, with all their plural forms."""
    literal, begun = set(ALWAYS), set()
    for source in sources:
        literal.update(_NAMED.findall(source), _SHORT.findall(source))
        begun.update(_BEGUN.findall(source))
    starts = tuple(begun)
    return {
        key: text
        for key, text in texts.items()
        if (_PLURAL.sub("", key) in literal or key in literal or (starts and key.startswith(starts)))
        and not NOT_FOR_ALL.match(key)
    }
