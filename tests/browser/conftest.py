"""Fixtures of the browser tests: Chromium, the app on a free port, and pages opened in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.support.app import TestApp
from tests.support.page import VisitedPage

EXECUTABLES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SWAGGER_UI = Path(__file__).resolve().parents[2] / "api" / "web" / "static" / "vendor" / "swagger-ui-bundle.js.gz"

OpenPage = Callable[..., VisitedPage]


class _SilentRequestHandler(WSGIRequestHandler):
    """Logs no requests, and closes connections that Chromium opens in advance and does not use."""

    timeout = 2
    """In seconds. Chromium closes an unused connection after a minute, and the end of the server waits for that."""

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start Chromium. Without it, the tests are skipped, in CI they fail."""
    executable = next(filter(None, map(shutil.which, EXECUTABLES)), None)
    if executable is None:
        message = "The browser tests need Chromium: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def origin(cafe: TestApp) -> Iterator[str]:
    """Serve the app with three public cats on a free port, and return its origin."""
    for name in ("Luna", "Mogli", "Zoë"):
        assert cafe.staff.put(f"/cats/{name}", {"status": "available"}).status_code == 201
    with served(cafe.app) as origin:
        yield origin


@contextmanager
def served(app: Callable[..., Any]) -> Iterator[str]:
    """Serve a WSGI application on a free port, and return its origin."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_SilentRequestHandler)
    assert isinstance(server, ThreadingMixIn)
    server.daemon_threads = False  # server_close waits for the threads of the requests
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def open_page(browser: Browser, origin: str) -> Iterator[OpenPage]:
    """Return a function that opens a path in a new browser context, with the options of ``Browser.new_context``."""
    contexts = []

    def open_path(path: str, **options: Any) -> VisitedPage:
        context = browser.new_context(base_url=origin, **options)
        contexts.append(context)
        return VisitedPage(context.new_page(), origin, path)

    yield open_path
    for context in contexts:
        context.close()


@pytest.fixture
def swagger_ui() -> None:
    """Require Swagger UI, which the page /docs uses and ``make assets`` installs."""
    assert SWAGGER_UI.is_file(), f"{SWAGGER_UI.name} is missing, and /docs needs it: run make assets first."
