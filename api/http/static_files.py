"""Style sheets and scripts. The build compresses the large ones."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from flask import Flask, Response, request, send_from_directory

from api.http.negotiation import accepts_gzip

MAX_AGE = 3600
"""In seconds. HTML pages link to static files with the version in the URL."""


def init_app(app: Flask, folder: Path) -> None:
    """Serve the files of a folder at ``/static``."""

    @app.get("/static/<path:filename>")
    def static(filename: str) -> Response:
        if not accepts_gzip(request.headers.get("Accept-Encoding")) or not (folder / f"{filename}.gz").is_file():
            return send_from_directory(folder, filename, max_age=MAX_AGE)
        response = send_from_directory(folder, f"{filename}.gz", max_age=MAX_AGE)
        response.mimetype = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        response.headers["Content-Encoding"] = "gzip"
        return response
