"""HTTP servers for a working app and for apps with wrong responses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import Any

import pytest
from werkzeug.serving import make_server

from tests.conftest import new_table
from tests.support.app import TestApp
from tools.local.child_server import free_port

POLL_SECONDS = 0.01
"""How often the server checks whether to stop."""

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    """Return a working app."""
    with new_table() as table:
        yield TestApp(table).app


def with_response(
    path: str, status: str, media: str, body: bytes, once: bool = False, method: str = "*"
) -> Callable[[App], App]:
    """Return a function that replaces the response of an app: for each request, or once.

    The path and the method are patterns, for example ``/users/*``.
    """
    active = [True]

    def change(app: App) -> App:
        def changed(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
            matches = fnmatchcase(environ["PATH_INFO"], path) and fnmatchcase(environ["REQUEST_METHOD"], method)
            if not matches or not active[0]:
                return app(environ, start)
            active[0] = not once
            return respond(environ, start, status, media, body)

        return changed

    return change


def respond(
    environ: dict[str, Any], start: Callable[..., Any], status: str, media: str, body: bytes
) -> Iterable[bytes]:
    """Respond to a WSGI request. Read its body before, because werkzeug waits for the end of an unread one."""
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start(status, [("Content-Type", media), ("Content-Length", str(len(body)))])
    return [body]


@contextmanager
def served(app: App) -> Iterator[str]:
    """Serve an app on 127.0.0.1 and yield its URL."""
    server = make_server("127.0.0.1", free_port(), app)
    thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
