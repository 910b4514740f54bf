"""Style sheets and scripts. The package has the large ones compressed only, because few clients need the original."""

from __future__ import annotations

import gzip
import mimetypes
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from flask import Flask, Response, request, send_file
from werkzeug.exceptions import NotFound

from api.http import preconditions
from api.http.negotiation import accepts_gzip

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

GZIP = ".gz"
MAX_AGE = 3600
"""In seconds, for a URL without the current version."""
IMMUTABLE = "public, max-age=31536000, immutable"
"""For the URL of a version. Another content has another URL (RFC 8246)."""


Variants = Mapping[str, Callable[[Mapping[str, str]], bytes | None]]
"""For files that have variants, by their names: return the variant that a query selects, or None for the file."""


def init_app(app: Flask, folder: Path, variants: Variants | None = None) -> None:
    """Serve the files of a folder at ``/static``, without hidden files.

    The files are listed once, at the first request, so that the path of a request never reaches the file system.
    """

    @cache
    def files() -> dict[str, Path]:
        paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        return {name: path for name, path in paths.items() if "/." not in f"/{name}"}

    def variant(filename: str, query: Mapping[str, str]) -> bytes | None:
        return variants[filename](query) if query and variants and filename in variants else None

    def asset(filename: str, **query: str) -> str:
        """Return the URL of the current version of a file, or of a variant."""
        content = variant(filename, query)
        version = _digest(content) if content else _version(files().get(filename) or files()[filename + GZIP])
        return f"{request.script_root}/static/{filename}?{urlencode(query | {'v': version})}"

    app.context_processor(lambda: {"asset": asset})

    @app.get("/static/<path:filename>")
    def static(filename: str) -> Response:
        # A compressed file is a representation of its original and has no URL of its own.
        original, compressed = files().get(filename), files().get(filename + GZIP)
        if not (original or compressed) or filename.endswith(GZIP):
            raise NotFound
        preconditions.check_syntax(request.environ)
        media = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        content = variant(filename, request.args)
        version = _digest(content) if content else _version(original or cast(Path, compressed))
        response = _send_variant(content, media) if content else _send(original, compressed, media)
        return _finish(response, version)


def _finish(response: Response, version: str) -> Response:
    """Return the response to a request with a version and preconditions."""
    # During a deployment, the URL of the next version can reach the previous release.
    if request.args.get("v") == version:
        response.headers["Cache-Control"] = IMMUTABLE
    # The files are small, so that Range is ignored (RFC 9110, section 14.2).
    response.make_conditional(_without_asterisk(request.environ))
    return response


@cache
def _version(path: Path) -> str:
    """Return a digest of a file."""
    return _digest(path.read_bytes())


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=6).hexdigest()


def _send(original: Path | None, compressed: Path | None, media: str) -> Response:
    """Respond with a file, or with its compressed form."""
    if compressed and accepts_gzip(request.headers.get("Accept-Encoding")):
        response = send_file(compressed, mimetype=media, max_age=MAX_AGE, conditional=False)
        response.headers["Content-Encoding"] = "gzip"
        return response
    if original:
        return send_file(original, mimetype=media, max_age=MAX_AGE, conditional=False)
    return _send_decompressed(cast(Path, compressed), media)


def _send_variant(content: bytes, media: str) -> Response:
    """Respond with a variant of a file."""
    return send_file(BytesIO(content), media, max_age=MAX_AGE, conditional=False, etag=_digest(content))


def _send_decompressed(path: Path, media: str) -> Response:
    """Respond with the original of a compressed file."""
    content, modified = BytesIO(gzip.decompress(path.read_bytes())), path.stat().st_mtime
    tag = f"{modified}-{content.getbuffer().nbytes}"
    return send_file(content, media, max_age=MAX_AGE, conditional=False, etag=tag, last_modified=modified)


def _without_asterisk(environ: WSGIEnvironment) -> WSGIEnvironment:
    """Return the environment without ``If-Match: *``, which matches each file (RFC 9110, section 13.1.1)."""
    is_asterisk = environ.get("HTTP_IF_MATCH", "").strip() == "*"
    return {name: value for name, value in environ.items() if name != "HTTP_IF_MATCH" or not is_asterisk}
