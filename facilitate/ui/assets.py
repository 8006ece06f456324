"""What browsers load from us, compressed once at the start and kept by them for ever: `/a/HASH/name`.

The hash is that of all files together, so that modules find one another by relative paths. Our own scripts and styles
go out without indentation and without comments that have a line to themselves: 90 kB is what a page may weigh.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from fastapi import FastAPI, Request, Response
from msgspec import Struct

from facilitate.languages import available, catalogue
from facilitate.live.folders import assets_folder
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
PAGES = ("phone", "screen")  # each with its own choice of texts, `phone.de.json`
FOR_EVER = "public, max-age=31536000, immutable"

_COMMENT = {".js": re.compile(r"^[ \t]*(?://.*)?\n?", re.MULTILINE), ".css": re.compile(r"^[ \t]*(?:/\*[^*]*\*/)?\n?", re.M)}


class Asset(Struct, frozen=True):
    body: bytes
    zipped: bytes | None
    media_type: str


class Assets:
    def __init__(self, folder: Path | None = None) -> None:
        files = {path.name: path.read_bytes() for path in (folder or assets_folder()).iterdir() if path.is_file()}
        self._sources = {name: body for name, body in files.items() if Path(name).suffix in MEDIA_TYPES}
        served = {name: slim(name, body) for name, body in self._sources.items()}
        served |= {name: (_borrowed() / file).read_bytes() for name, file in BORROWED.items()}
        for page in PAGES:
            for language in available():
                served[f"{page}.{language}.json"] = _json(self.words(page, language))
        self.build = _hash(served)
        self.files = {name: _asset(name, body) for name, body in served.items()}

    def url(self, name: str) -> str:
        """The address of a file; KeyError if there is none of this name."""
        self.files[name]
        return f"/a/{self.build}/{name}"

    def source(self, name: str) -> str:
        """The text of a file of ours as it was written."""
        return self._sources[name].decode()

    def weight(self, name: str) -> int:
        """Bytes over the wire, without headers."""
        asset = self.files[name]
        return len(asset.zipped or asset.body)

    def modules(self, entry: str) -> list[str]:
        """The module `entry` and all that it imports, each once, those that are needed first in front."""
        found: list[str] = []

        def follow(name: str) -> None:
            if name in found:
                return
            imported = re.findall(r'^import\b[^;]*?"\./([\w.-]+)";', self.source(name), re.MULTILINE)
            for other in imported if name in self._sources else []:
                if other in self._sources:
                    follow(other)
                elif other not in found:
                    found.append(other)
            found.append(name)

        follow(entry)
        return found

    def words(self, page: str, language: str) -> dict[str, str]:
        """The texts that a page's modules name; KeyError for a language that is not there."""
        ours = [self.source(name) for name in self.modules(f"{page}.js") if name in self._sources]
        return named(ours, catalogue(language).entries())

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
        if asset.zipped is not None:
            headers["Vary"] = "Accept-Encoding"
            if "gzip" in request.headers.get("accept-encoding", ""):
                body, headers["Content-Encoding"] = asset.zipped, "gzip"
        return Response(body, headers=headers, media_type=asset.media_type)

    def add(self, app: FastAPI) -> None:
        """Serve the files."""

        async def file(request: Request, build: str, name: str) -> Response:
            return self.respond(request, build, name)

        app.add_api_route("/a/{build}/{name}", file, methods=["GET", "HEAD"], include_in_schema=False)


def slim(name: str, body: bytes) -> bytes:
    """Without indentation and whole-line comments; untouched where a text in backquotes goes over several lines."""
    comment = _COMMENT.get(Path(name).suffix)
    text = body.decode() if comment else ""
    if comment is None or any(line.count("`") % 2 for line in text.splitlines()):
        return body
    return comment.sub("", text).encode()


def _asset(name: str, body: bytes) -> Asset:
    suffix = Path(name).suffix
    zipped = gzip.compress(body, 9, mtime=0) if suffix in COMPRESSED else None
    return Asset(body, zipped, MEDIA_TYPES[suffix])


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
