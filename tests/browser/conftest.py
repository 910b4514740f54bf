"""A café on a free port of this machine, and a browser that visits it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.support.app import TestApp
from tests.support.page import VisitedPage

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIEWER = Path(__file__).resolve().parents[2] / "api" / "web" / "static" / "vendor" / "swagger-ui-bundle.js"

Visits = Callable[..., VisitedPage]


class _Silent(WSGIRequestHandler):
    """Writes no line for each request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine. A machine without one may test the rest; CI has to have it."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        sentence = "There is no Chromium on this machine, so nobody looks at the pages (apt-get install chromium)."
        if os.environ.get("CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def origin(cafe: TestApp) -> Iterator[str]:
    """The address of a café with three cats."""
    for name in ("Luna", "Mogli", "Zoë"):
        assert cafe.staff.put(f"/cats/{name}", {"status": "available"}).status_code == 201
    server = make_server("127.0.0.1", 0, cafe.app, threaded=True, request_handler=_Silent)
    assert isinstance(server, ThreadingMixIn)
    server.daemon_threads = False  # its end waits for theirs
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def visit(browser: Browser, origin: str) -> Iterator[Visits]:
    """Opens pages as somebody who has never been here; takes what ``Browser.new_context`` takes."""
    contexts = []

    def go(path: str, **how: Any) -> VisitedPage:
        context = browser.new_context(base_url=origin, **how)
        contexts.append(context)
        return VisitedPage(context.new_page(), origin, path)

    yield go
    for context in contexts:
        context.close()


@pytest.fixture
def viewer() -> None:
    """Swagger UI, which the page /docs is made of and npm brings."""
    assert VIEWER.is_file(), f"{VIEWER.name} is missing, so /docs cannot show anything: run make assets first."
