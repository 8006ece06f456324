"""How alike texts are, sign by sign: near-duplicates, and words for a title. For any script, without dictionaries.

Two texts are alike as far as they share short runs of letters (the Dice coefficient of the sets of their trigrams,
each word with a space before and behind it, so that the order of words counts for little). A set is one whole number
with a bit for each trigram: 500 ideas, 125,000 pairs, take a fraction of a second.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from math import log

ALIKE = 0.7  # from here on two texts are near-duplicates
# Tried on labelled texts, a third of them not placed: every second one found a place, three of four the right one.
NEAR = 0.4  # from here on a text belongs where the other lies ...
CLEARLY = 0.05  # ... if it is so much nearer to that than to any text elsewhere
STEM = 6  # letters by which two forms of one word are known
TITLE = 60  # letters of a title that is a whole idea
WORDS = 3  # of a title that is made of words

_WORD = re.compile(r"[^\W_]+(?:[\u200c\u200d'\u2019-][^\W_]+)*")


def folded(text: str) -> str:
    """One form for all ways of writing the same: no case, no accents, no width, only words with a space between."""
    text = unicodedata.normalize("NFKD", text).casefold()
    kept = (sign for sign in text if not unicodedata.combining(sign) or unicodedata.category(sign) == "Mc")
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFC", "".join(kept))))


def duplicates(texts: Mapping[str, str], alike: float = ALIKE) -> list[list[str]]:
    """Groups of ids whose texts are near-duplicates of one another, each with its longest text first.

    In a group every text is alike to every other; the closest pairs find together first.
    """
    sets = _sets(texts)
    pairs = _pairs(sets, alike)
    group: dict[str, list[str]] = {}
    for _, one, other in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        first, second = group.get(one, [one]), group.get(other, [other])
        if first is second or any(_dice(sets[a], sets[b]) < alike for a in first for b in second):
            continue
        both = first + second
        group.update(dict.fromkeys(both, both))
    order = {id_: place for place, id_ in enumerate(texts)}
    groups = {id(members): members for members in group.values()}.values()
    return sorted(
        (sorted(members, key=lambda id_: (-len(texts[id_]), order[id_])) for members in groups),
        key=lambda members: min(order[id_] for id_ in members),
    )


def places(texts: Mapping[str, str], placed: Mapping[str, str]) -> dict[str, list[str]]:
    """For each text that has no place that of the text it is nearest to, if it is near to any: place -> ids."""
    sets = _sets(texts)
    found: dict[str, list[str]] = {}
    for one in sets:
        if one in placed:
            continue
        nearest: dict[str, float] = {}
        for other, place in placed.items():
            if other in sets:
                nearest[place] = max(nearest.get(place, 0.0), _dice(sets[one], sets[other]))
        best, second, *_ = [*sorted(nearest.values(), reverse=True), 0.0, 0.0]
        if best >= NEAR and best - second >= CLEARLY:
            found.setdefault(max(nearest, key=lambda place: nearest[place]), []).append(one)
    return found


Set = tuple[int, int]  # the bits of the trigrams that are there, and how many they are


def _sets(texts: Mapping[str, str]) -> dict[str, Set]:
    numbers: dict[str, int] = {}
    sets = {}
    for id_, text in texts.items():
        bits = 0
        for gram in _grams(text):
            bits |= 1 << numbers.setdefault(gram, len(numbers))
        if bits:
            sets[id_] = (bits, bits.bit_count())
    return sets


def _grams(text: str) -> set[str]:
    padded = f" {folded(text)} "
    if padded.isspace():
        padded = f" {text.strip()} "  # signs alone, such as emoji
    return {gram for at in range(len(padded) - 2) if not (gram := padded[at : at + 3])[1].isspace()}


def _pairs(sets: Mapping[str, Set], alike: float) -> list[tuple[float, str, str]]:
    """All pairs that are alike. By size, because sets of very different sizes cannot be."""
    ordered = sorted(sets.items(), key=lambda item: item[1][1])
    found = []
    for place, (one, (bits, size)) in enumerate(ordered):
        largest = size * (2 - alike) / alike
        for other, (more, larger) in ordered[place + 1 :]:
            if larger > largest:
                break
            score = 2 * (bits & more).bit_count() / (size + larger)
            if score >= alike:
                found.append((score, one, other))
    return found


def _dice(one: Set, other: Set) -> float:
    return 2 * (one[0] & other[0]).bit_count() / (one[1] + other[1])


# --- titles


def titles(groups: Sequence[Sequence[str]], rest: Sequence[str] = ()) -> list[str]:
    """A title for each group of texts, out of its own words: those that it uses and the others, and `rest`, do not.

    Where no word is in two of its texts, as in scripts without spaces, its most typical text stands for it.
    """
    counts = [_spread(group) for group in groups]
    everywhere = _spread(rest)
    for count in counts:
        everywhere.update(count)
    total = len(rest) + sum(map(len, groups))
    return [_title(group, count, everywhere, total) for group, count in zip(groups, counts, strict=True)]


def _spread(texts: Sequence[str]) -> Counter[str]:
    """In how many texts a word is, in any of its forms."""
    return Counter(stem for text in texts for stem in {_stem(word) for word in _WORD.findall(text)})


def _stem(word: str) -> str:
    return folded(word).replace(" ", "")[:STEM]


def _title(group: Sequence[str], count: Counter[str], everywhere: Counter[str], total: int) -> str:
    others = total - len(group)
    scores: dict[str, float] = {}
    for stem, inside in count.items():
        if len(stem) < 3 or inside < 2:
            continue
        share = inside / len(group)
        outside = (everywhere[stem] - inside + 0.5) / (others + 1)
        if share > 2 * outside:
            scores[stem] = share * log(share / outside) * min(1.0, len(stem) / 5)
    best = sorted(scores, key=lambda stem: (-scores[stem], stem))[:WORDS]
    best = [stem for stem in best if scores[stem] >= scores[best[0]] / 3]
    if not best:
        return _shortened(_typical(group))
    return _shortened(", ".join(_form(stem, group) for stem in best))


def _form(stem: str, group: Sequence[str]) -> str:
    """How the group writes a word most often; the shorter form where two are as frequent."""
    forms = Counter(word for text in group for word in _WORD.findall(text) if _stem(word) == stem)
    found: str = min(forms, key=lambda form: (-forms[form], len(form), form))
    return found[0].upper() + found[1:]


def _typical(group: Sequence[str]) -> str:
    """The text that is most like the others."""
    sets = _sets({str(place): text for place, text in enumerate(group)})
    if not sets:
        return group[0] if group else ""
    score = {one: sum(_dice(sets[one], sets[other]) for other in sets) for one in sets}
    return group[int(max(score, key=lambda one: (score[one], -len(group[int(one)]))))]


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    if len(text) <= TITLE:
        return text
    cut = text[:TITLE]
    return f"{cut.rpartition(' ')[0] or cut}…"
