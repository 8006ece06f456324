"""What browsers load from us, compressed once and kept by them for ever: `/a/HASH/name`.

The hash is that of all files together, so that modules find one another by relative paths. Our own scripts and styles
go out without comments and needless white space: 90 kB is what a page may weigh.
"""

import gzip
import hashlib
import importlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from types import ModuleType

import rcssmin
import rjsmin
from fastapi import FastAPI, Request, Response
from msgspec import Struct
from msgspec.structs import replace

from facilitate.exports import html
from facilitate.languages import available, catalogue
from facilitate.live.folders import assets_folder
from facilitate.ui.bundle import bundles, later, modules
from facilitate.ui.words import named

MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".json": "application/json",
    ".woff2": "font/woff2",
}
COMPRESSED = {".js", ".css", ".svg", ".json"}
BORROWED = {"vue.js": "vue.esm-browser.prod.js", "socket.io.js": "socket.io.min.js"}  # as NiceGUI's wheel has them
PAGES = ("phone", "screen")  # made of several modules, put together; each with its own choice of texts
LEARNS = ("phone",)  # whose texts of what comes later come with it
FOR_EVER = "public, max-age=31536000, immutable"

_SQUEEZE = {".js": rjsmin.jsmin, ".css": rcssmin.cssmin}


try:  # not everywhere is there a wheel of it
    _brotli: ModuleType | None = importlib.import_module("brotli")
except ImportError:
    _brotli = None


class Asset(Struct, frozen=True):
    """A file, and what it is in the encodings that browsers take; the smallest first."""

    body: bytes
    encoded: tuple[tuple[str, bytes], ...]
    media_type: str


class Assets:
    def __init__(self, folder: Path | None = None) -> None:
        files = {path.name: path.read_bytes() for path in (folder or assets_folder()).iterdir() if path.is_file()}
        files[html.STYLE.name] = html.STYLE.read_bytes()  # the page of results is dressed as the file is
        self._sources = {name: body for name, body in files.items() if Path(name).suffix in MEDIA_TYPES}
        pages = [(page, code) for page in PAGES for code in available()]
        self.words = {(page, code): self._words(page, code, whole=page not in LEARNS) for page, code in pages}
        self.whole = {(page, code): self._words(page, code, whole=True) for page, code in pages}
        served = {name: slim(name, body) for name, body in (self._sources | self._pages()).items()}
        served |= {name: (_borrowed() / file).read_bytes() for name, file in BORROWED.items()}
        served |= {f"{page}.{code}.json": _json(words) for (page, code), words in self.whole.items()}
        self.build = _hash(served)
        self.files = {name: _asset(name, body) for name, body in served.items()}
        self.squeezing = Thread(target=self._squeeze, daemon=True)
        self.squeezing.start()

    def _squeeze(self) -> None:
        """The smallest form of each file takes over half a second in all: a server that starts does not wait for it."""
        for name, asset in self.files.items():
            if asset.encoded and _brotli is not None:
                self.files[name] = replace(asset, encoded=(("br", _smallest(asset.body)), *asset.encoded))

    def _pages(self) -> dict[str, bytes]:
        """What a page loads, put together: its modules as one, its styles as one."""
        made: dict[str, bytes] = {}
        for page in PAGES:
            made |= {name: text.encode() for name, text in bundles(f"{page}.js", self.source).items()}
            made[f"{page}.css"] = self._sources["base.css"] + self._sources[f"{page}.css"]
        return made

    def _words(self, page: str, language: str, *, whole: bool) -> dict[str, str]:
        """The texts that a page's modules name: those it begins with, or with those that come later."""
        entries = (f"{page}.js", *(later(f"{page}.js", self.source) if whole else ()))
        names = dict.fromkeys(name for entry in entries for name in modules(entry, self.source))
        return named((self.source(name) or "" for name in names), catalogue(language).entries())

    def url(self, name: str) -> str:
        """The address of a file; KeyError if there is none of this name."""
        self.files[name]
        return f"/a/{self.build}/{name}"

    def source(self, name: str) -> str | None:
        """The text of a file of ours as it was written; None if it is not ours."""
        body = self._sources.get(name)
        return None if body is None else body.decode()

    def weight(self, name: str) -> int:
        """Bytes over the wire, without headers, as gzip: over plain HTTP browsers take nothing better."""
        asset = self.files[name]
        return len(dict(asset.encoded).get("gzip", asset.body))

    def respond(self, request: Request, build: str, name: str) -> Response:
        asset = self.files.get(name)
        if asset is None:
            return Response("Not found", 404, media_type="text/plain", headers={"X-Content-Type-Options": "nosniff"})
        headers = {
            # A page from before an update gets the new file, but does not keep it under the old name.
            "Cache-Control": FOR_EVER if build == self.build else "no-store",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        body = asset.body
        if asset.encoded:
            headers["Vary"] = "Accept-Encoding"
            taken = accepted(request.headers.get("accept-encoding", ""))
            for encoding, encoded in asset.encoded:
                if encoding in taken:
                    body, headers["Content-Encoding"] = encoded, encoding
                    break
        return Response(body, headers=headers, media_type=asset.media_type)

    def add(self, app: FastAPI) -> None:
        """Serve the files."""

        async def file(request: Request, build: str, name: str) -> Response:
            return self.respond(request, build, name)

        app.add_api_route("/a/{build}/{name}", file, methods=["GET", "HEAD"], include_in_schema=False)


def slim(name: str, body: bytes) -> bytes:
    """Without comments and the white space that nobody needs; names and texts stay as they are."""
    squeeze = _SQUEEZE.get(Path(name).suffix)
    return squeeze(body.decode()).encode() if squeeze else body


def accepted(header: str) -> set[str]:
    """The encodings of an `Accept-Encoding` header, without those that it refuses (`q=0`)."""
    parts = (part.replace(" ", "").lower().partition(";") for part in header.split(","))
    return {name for name, _, weight in parts if not re.fullmatch(r"q=0(\.0*)?", weight)}


def _asset(name: str, body: bytes) -> Asset:
    suffix = Path(name).suffix
    if suffix not in COMPRESSED:
        return Asset(body, (), MEDIA_TYPES[suffix])
    return Asset(body, (("gzip", gzip.compress(body, 9, mtime=0)),), MEDIA_TYPES[suffix])


@cache  # who builds an app twice pays it once
def _smallest(body: bytes) -> bytes:
    assert _brotli is not None
    return bytes(_brotli.compress(body, quality=11))


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _hash(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    return digest.hexdigest()[:12]


def _borrowed() -> Path:
    """NiceGUI's folder of static files, found without importing it."""
    spec = find_spec("nicegui")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("nicegui is not installed")
    return Path(spec.submodule_search_locations[0]) / "static"
