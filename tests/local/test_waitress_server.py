"""The HTTP server of ``make run`` leaves connections open, and passes on ``OPTIONS *``."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from tests.support.app import TestApp
from tools.local.waitress_server import make_server


@pytest.fixture
def connection(cafe: TestApp) -> Iterator[HTTPConnection]:
    """Serve the application, and return a connection to it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = make_server(cafe.app, listener)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        connection = HTTPConnection(*listener.getsockname(), timeout=20)
        yield connection
        connection.close()
        server.trigger.pull_trigger(server.close)
        server.maintenance_interval = 0
        thread.join(timeout=10)


def status(connection: HTTPConnection, method: str, path: str, headers: dict[str, str]) -> int:
    """Send a request and return its status."""
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    response.read()
    return response.status


def test_connection_stays_open_after_responses_without_content(connection: HTTPConnection) -> None:
    connection.connect()
    first = connection.sock
    for method, path, headers, expected in (
        ("GET", "/cats", {"If-None-Match": "*"}, 304),
        ("OPTIONS", "/cats", {}, 204),
        ("OPTIONS", "*", {}, 204),
        ("HEAD", "/cats", {}, 200),
        ("GET", "/cats/missing", {}, 404),
    ):
        assert status(connection, method, path, headers) == expected
        assert connection.sock is first, (method, path)
    assert status(connection, "OPTIONS", "/cats", {"Connection": "close"}) == 204
    assert connection.sock is None
