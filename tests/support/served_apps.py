"""Cafés that are served on this machine: one that works, and such as do not."""

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
"""How often the server looks whether it is to end."""

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    """A café that works."""
    with new_table() as table:
        yield TestApp(table).app


def with_response(path: str, status: str, media: str, body: bytes, once: bool = False) -> Callable[[App], App]:
    """A café that answers one path in another way; once, and then never again, if it is to mend."""
    left = [True]

    def change(app: App) -> App:
        def changed(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
            if environ["PATH_INFO"] != path or not left[0]:
                return app(environ, start)
            left[0] = not once
            start(status, [("Content-Type", media), ("Content-Length", str(len(body)))])
            return [body]

        return changed

    return change


@contextmanager
def served(app: App) -> Iterator[str]:
    """Serve a café on this machine, and say where."""
    server = make_server("127.0.0.1", free_port(), app)
    thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
