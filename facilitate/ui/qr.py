"""A QR code as SVG: dark on white in both themes, a quiet zone of four, one path."""

import html
from functools import lru_cache

import qrcode
from qrcode.constants import ERROR_CORRECT_M

QUIET = 4  # modules on each side


def capitals(url: str) -> str:
    """`url` with its scheme and host in capitals, which means the same and makes a smaller code.

    A path goes into capitals only where it is ours (`/J/CODE`), since elsewhere case may matter.
    """
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}".upper() + slash + path


@lru_cache(maxsize=512)  # the cards of a hundred tables are a quarter of a second's work
def svg(text: str, title: str = "") -> str:
    """The SVG element, without a size of its own; `title` is what a screen reader says, nothing if it is empty."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
    code.add_data(capitals(text) if "://" in text else text)
    code.make(fit=True)
    rows = code.get_matrix()
    size = len(rows)
    name = html.escape(title)
    said = f'role="img" aria-label="{name}"' if title else 'aria-hidden="true"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" {said} shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/>'
        f'<path fill="#000" d="{_path(rows)}"/></svg>'
    )


def _path(rows: list[list[bool | None]]) -> str:
    """Dark modules, one stroke for each run in a row."""
    runs: list[str] = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            start = x
            while x < len(row) and row[x]:
                x += 1
            runs.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
    return "".join(runs)
