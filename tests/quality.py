"""How good suggestions are, measured: `python -m tests.quality --data FOLDER` prints a table of real texts with topics
that people gave them.

FOLDER (or the variable FACILITATE_REAL_DATA) holds data sets under the names below, as their publishers give them out.
The adjusted Rand index (Hubert and Arabie 1985) says how far our groups and theirs agree: 1 is the same, 0 what chance
gives. Neighbour agreement says how often the text that is closest has the same topic, beside what chance gives.
"""

import argparse
import asyncio
import base64
import csv
import io
import os
import resource
import time
from collections import Counter
from collections.abc import Hashable, Sequence
from math import comb
from pathlib import Path

from facilitate.live import themes
from facilitate.live.suggestions import worked_out
from facilitate.live.themes import Question, Text

Topics = list[tuple[str, str]]  # text, the topic that people gave it

OTTENSEN = "cimt-ottensen-topics-de/dataset-Ottensen-thematic-d1a.csv"
WIDE = {"motorized transport", "non-motorized transport", "moving traffic"}  # topics above the others
ARGUMENTS = "argkp-keypoints-en"
PROJECTS = {
    "Toulouse 2022 (fr)": "France_Toulouse_2022",
    "Amsterdam 166 (nl)": "netherlands_amsterdam_166_",
    "Budapest 11 2025 (hu)": "Hungary_Budapest_District_11_2025",
}


def ottensen(folder: Path) -> Topics:
    """Titles of contributions on a quarter's traffic that have one narrow topic."""
    there = rows(folder / OTTENSEN)
    narrow = [key for key in list(there[0])[4:] if key not in WIDE]
    found = [(row["title"], [key for key in narrow if row[key] == "1"]) for row in there]
    return [(title, topics[0]) for title, topics in found if len(topics) == 1]


def arguments(folder: Path) -> dict[str, Topics]:
    """Per debate the arguments that make one key point; and all together by debate."""
    there = {row["arg_id"]: row for row in rows(folder / ARGUMENTS / "arguments_dev.csv")}
    points: dict[str, list[str]] = {}
    for row in rows(folder / ARGUMENTS / "labels_dev.csv"):
        if row["label"] == "1":
            points.setdefault(row["arg_id"], []).append(row["key_point_id"])
    found: dict[str, Topics] = {"Arguments by debate (en)": []}
    for argument, made in points.items():
        row = there[argument]
        if len(made) == 1:
            found["Arguments by debate (en)"].append((row["argument"], row["topic"]))
            found.setdefault(f"Key points: {row['topic'].split()[-1]} (en)", []).append((row["argument"], made[0]))
    return found


def projects(folder: Path, name: str) -> Topics:
    """Names of projects that people voted on, with the city's categories."""
    part = (folder / "pabulib-pb" / f"{name}.pb").read_text("utf-8").split("PROJECTS\n")[1].split("VOTES\n")[0]
    return [(row["name"], row["category"]) for row in csv.DictReader(io.StringIO(part), delimiter=";")]


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def rand_index(one: Sequence[Hashable], other: Sequence[Hashable]) -> float:
    """Adjusted for chance."""
    pairs = comb(len(one), 2)
    both, first, second = (
        sum(comb(n, 2) for n in Counter(labels).values()) for labels in (list(zip(one, other, strict=True)), one, other)
    )
    expected = first * second / pairs
    most = (first + second) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def measured(name: str, topics: Topics) -> list[str]:
    """A row of the table."""
    import numpy as np

    texts = [Text(str(place), text, name[-3:-1]) for place, (text, _) in enumerate(topics)]
    labels = [topic for _, topic in topics]
    began = time.monotonic()
    answer = asyncio.run(worked_out(Question("topics", texts), patience=600))
    seconds = time.monotonic() - began
    groups: dict[str, Hashable] = {text.id: ("alone", text.id) for text in texts}
    groups |= {id_: place for place, group in enumerate(answer.groups) for id_ in group.ideas}
    vectors = [base64.b64decode(answer.vectors[themes.digest(text.text)]) for text in texts]
    points = themes.centred(vectors, [text.lang for text in texts])
    likeness = points @ points.T
    np.fill_diagonal(likeness, -np.inf)
    same = sum(labels[place] == labels[int(nearest)] for place, nearest in enumerate(likeness.argmax(axis=1)))
    chance = sum((n / len(labels)) ** 2 for n in Counter(labels).values())
    alone = len(texts) - sum(len(group.ideas) for group in answer.groups)
    return [
        str(len(texts)), str(len(set(labels))), f"{len(answer.groups)} + {alone}",
        f"{rand_index(labels, list(groups.values())):.2f}", f"{same / len(texts):.2f} ({chance:.2f})", f"{seconds:.1f}",
    ]  # fmt: skip


def timed(topics: Topics) -> str:
    """300 ideas from the start of the process to the answer."""
    texts = [Text(str(place), text, "en") for place, (text, _) in enumerate(topics[:300])]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    answer = asyncio.run(worked_out(Question("topics", texts), patience=600))
    seconds = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    began = time.monotonic()
    asyncio.run(worked_out(Question("topics", texts, answer.vectors)))
    again = time.monotonic() - began
    began = time.monotonic()
    asyncio.run(worked_out(Question("duplicates", texts)))
    letters = sum(len(text.text) for text in texts) / len(texts)
    return (
        f"{len(texts)} ideas of {letters:.0f} letters: themes in {seconds:.1f} s ({used:.1f} s of processor time, load"
        f" {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores); asked again {again:.1f} s;"
        f" near-duplicates {time.monotonic() - began:.2f} s"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.quality", description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("FACILITATE_REAL_DATA"))
    folder = parser.parse_args().data
    if folder is None:
        parser.error("name the folder of the data: --data FOLDER, or FACILITATE_REAL_DATA")
    if not themes.is_there():
        parser.error("the extra is missing: pip install 'facilitate[themes]'")
    debates = arguments(folder)
    sets = {"Ottensen, titles (de)": ottensen(folder), **debates}
    sets |= {name: projects(folder, file) for name, file in PROJECTS.items()}
    head = ["texts", "topics", "groups + alone", "adjusted Rand", "neighbour (chance)", "seconds"]
    print(f"| data | {' | '.join(head)} |\n|---|{'---:|' * len(head)}")
    for name, topics in sets.items():
        cells = measured(name, topics)
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    print("\n" + timed(debates["Arguments by debate (en)"]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
