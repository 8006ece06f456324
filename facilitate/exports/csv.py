"""CSV for spreadsheets: one row per idea that readers may see (RFC 4180, UTF-8 with a mark, commas, all cells quoted).

What a spreadsheet could take for a formula is defused by an apostrophe before its sign; `read` takes it away again.
`votes` is what the idea got in the last round shown, or the cluster it lies in, where clusters were voted on.
"""

import csv
import io
import re

from msgspec.structs import replace

from facilitate.core.report import Card, Report
from facilitate.languages import stamp
from facilitate.phrases import Phrases

KIND = "csv"
MEDIA_TYPE = "text/csv; charset=utf-8"
EXTENSION = "csv"

COLUMNS = ("number", "text", "column", "cluster", "votes", "phase", "time")

# Before a sign that begins a formula (OWASP, "CSV Injection"): where a cell begins, and behind whatever a spreadsheet
# may split at in place of our commas. Spaces and quotes between are passed over, because it may do that too; the
# apostrophes count, so that none is taken away that a person wrote. Some languages' spreadsheets read the wide and
# small forms of the signs like the plain ones.
_FORMULA = re.compile(
    r"""(?:\A|(?<=[;,|\t-\r\x1c-\x1e\x85\u2028\u2029]))  # a beginning
        (?P<between>(?:[^\S\t-\r\x1c-\x1e\x85\u2028\u2029]|[\"\u200b\ufeff])*+)
        (?P<apostrophes>'*+)
        (?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b])""",
    re.VERBOSE,
)


def write(report: Report) -> bytes:
    """Columns as in `COLUMNS`, headed in the report's language; `author` where the session shows names, the origin
    where cards were carried, hands where some were counted (they are in `votes` too)."""
    say = Phrases(report)
    columns = (*COLUMNS, "author") if report.names != "none" else COLUMNS
    if any(card.origin for card in say.cards.values()):
        columns = (*columns, "from-label")
    if any(card.agree for card in say.cards.values()):
        columns = (*columns, "plus-label")
    if any(card.comments for card in say.cards.values()):
        columns = (*columns, "comments-label")
    if any(card.hands for card in say.cards.values()):
        columns = (*columns, "hands-of")
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([_cell(say.say(f"report.{column}")) for column in columns])
    numbers = {card.number: card for card in report.cards}
    rows = (row for card in say.cards.values() for row in (card, *_duplicates(card, numbers)))
    for card in rows:
        cells = {
            "number": card.number,
            "text": card.text,
            "column": card.column.text if card.column else None,
            "cluster": say.cluster(say.clusters[card.cluster]) if card.cluster else None,
            "votes": card.votes,
            "phase": say.steps[card.phase].title.text,
            "time": None if card.time is None else stamp(card.time, say.zone),
            "author": card.author,
            "from-label": say.origin(card),
            "plus-label": card.agree,
            "comments-label": "\n".join(comment.text for comment in card.comments),
            "hands-of": card.hands,
        }
        writer.writerow([_cell(cells[column]) for column in columns])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _duplicates(card: Card, numbers: dict[int, Card]) -> list[Card]:
    """What lies on a card besides its own idea: each has a row, where that card lies."""
    place = {"cluster": card.cluster, "votes": card.votes, "hands": card.hands}
    return [replace(numbers[twin.number], author=twin.author, **place) for twin in card.also]


def read(file: bytes) -> list[list[str]]:
    """The cells of a file as they were before they were defused; the first row is the header."""
    rows = csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""))
    return [
        [_FORMULA.sub(lambda place: place["between"] + place["apostrophes"][1:], cell) for cell in row] for row in rows
    ]


def _cell(value: str | int | None) -> str:
    return _FORMULA.sub(r"\g<0>'", "" if value is None else str(value))
