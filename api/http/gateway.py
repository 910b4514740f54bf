"""What API Gateway does to a request on its way into WSGI, put right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import serverless_wsgi

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]

TEXT_TYPES = (
    "application/atom+xml",
    "application/problem+json",
    "application/linkset+json",
    "application/schema+json",
    "application/vnd.oai.openapi+json",
)
"""Types that serverless-wsgi would send as base64, because it does not know that they are text."""


def text_types() -> None:
    """Tell serverless-wsgi which of our types are text."""
    serverless_wsgi.TEXT_MIME_TYPES.extend(t for t in TEXT_TYPES if t not in serverless_wsgi.TEXT_MIME_TYPES)


class StagePrefix:
    """Moves the stage from the path to SCRIPT_NAME.

    With payload v2 the path of a named stage begins with the stage (``/dev/cats``), unless a custom domain
    has taken it off. Links that we make then begin with it too.
    """

    def __init__(self, wsgi: Wsgi) -> None:
        self._wsgi = wsgi

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a WSGI request."""
        event = environ.get("serverless.event") or {}
        stage = event.get("requestContext", {}).get("stage", "$default")
        prefix, path = f"/{stage}", environ["PATH_INFO"]
        if stage != "$default" and (path == prefix or path.startswith(f"{prefix}/")):
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = prefix, path[len(prefix) :] or "/"
        answer = self._wsgi(environ, start_response)
        return _read(answer) if event else answer


def _read(answer: Iterable[bytes]) -> list[bytes]:
    """Read an answer and close it, as WSGI asks for; serverless-wsgi never does, and files stay open."""
    try:
        return [b"".join(answer)]
    finally:
        close = getattr(answer, "close", None)
        if close:
            close()
