"""HTTP servers for a working app and for apps with wrong responses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
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


def with_response(path: str, status: str, media: str, body: bytes, once: bool = False) -> Callable[[App], App]:
    """Return a function that replaces the response of an app at one path: for each request, or once."""
    active = [True]

    def change(app: App) -> App:
        def changed(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
            if environ["PATH_INFO"] != path or not active[0]:
                return app(environ, start)
            active[0] = not once
            start(status, [("Content-Type", media), ("Content-Length", str(len(body)))])
            return [body]

        return changed

    return change


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
