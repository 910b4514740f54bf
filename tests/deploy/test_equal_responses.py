"""The Lambda handler, the local server and the test client of Flask send the same headers for every operation."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
import urllib3

from api.context import utc_now
from api.store.table import Table
from tests.support.api_gateway import Gateway
from tests.support.app import FakeClock, TestApp
from tests.support.permission_requests import PreparedRequest, prepare
from tests.support.permissions import GROUPS
from tools.local.waitress_server import make_server, url_of

Headers = dict[str, list[str]]
Request = tuple[str, str, dict[str, str], bytes | None]
Send = Callable[[str, str, dict[str, str], bytes | None], tuple[int, Headers, bytes]]

ROWS = [
    row
    for row in {row[:2]: row for group in GROUPS.values() for row in reversed(group)}.values()
    if "/photos" not in row[1]  # photos need a bucket: tests/local/test_photos.py has servers with one
]
"""The first case of each operation in the permission matrix."""
REQUEST_ID = "x-request-id"
DIFFERENT: dict[str, str] = {
    "date": "Waitress sends it; on AWS the gateway does.",
    "connection": "It is about the connection to Waitress (RFC 9110, section 7.6.1).",
    "transfer-encoding": "It is about the connection to Waitress.",
    "server": "Waitress sends it.",
    REQUEST_ID: "It differs for each request.",
}
"""The headers that may differ, with the reasons."""
RANDOM_VALUES: dict[str, str] = {
    "etag": "It contains the random id of the write.",
    "location": "It contains the random id of the created entity.",
    "link": "The cursor of the next page is signed with the key of the last item.",
    "set-cookie": "It contains a random token.",
    "content-security-policy": "It contains a nonce.",
    "content-length": "Numbers of posts and ids in the body have different lengths.",
    "expires": "It is the time of the response and a lifetime.",
    "retry-after": "It is the rest of a window of time.",
    "ratelimit": "It is the rest of a window of time.",
}
"""The headers that all servers send, with different values, and the reasons."""
READS: tuple[tuple[str, dict[str, str]], ...] = (
    ("HEAD", {}),
    ("OPTIONS", {}),
    ("TRACE", {}),
    ("GET", {"If-None-Match": "*"}),
    ("GET", {"Accept": "text/html"}),
    ("GET", {"Accept-Encoding": "gzip"}),
)
"""Requests to the path of each GET operation."""
REJECTED: tuple[dict[str, str], ...] = (
    {"Accept": "image/png"},
    {"If-Match": "old"},
    {"If-Match": '"old"'},
    {"Authorization": "Bearer wrong"},
)
"""Headers with which an operation changes nothing."""
REJECTED_WITH_BODY: tuple[dict[str, str], ...] = ({"Content-Type": "text/csv"}, {"Content-Encoding": "br"})
OTHERS: tuple[tuple[str, str, dict[str, str], bytes | None, int], ...] = (
    ("POST", "/cats", {"Content-Type": "application/json"}, b'{"name": "luna"}', 409),
    ("POST", "/cats", {"Content-Type": "application/json"}, b'{"name": "luna", "wings": 2}', 422),
    ("POST", "/cats", {"Content-Type": "application/json"}, b"{", 400),
    ("POST", "/cats", {"Content-Type": "application/json"}, b" " * (256 * 1024 + 1), 413),
    ("PUT", "/cats/luna", {"Content-Type": "application/json", "Prefer": "return=minimal"}, b"{}", 204),
    ("PUT", "/cats/luna", {"Content-Type": "application/json", "Content-Range": "bytes 0-1/2"}, b"{}", 400),
    ("PATCH", "/cats/luna", {"Content-Type": "application/merge-patch+json"}, b"{}", 428),
    ("POST", "/todos", {"Content-Type": "application/json", "Prefer": "return=minimal"}, b'{"title": "x"}', 201),
    ("GET", "/cats/luna%2Fhistory", {}, None, 404),
    ("GET", "/cats/%D0%9C%D1%83%D1%80%D0%BA%D0%B0/history?limit=1", {}, None, 200),
    ("GET", "/nowhere", {}, None, 404),
    ("GET", "/static/" + "a" * 300, {"Accept-Encoding": "gzip"}, None, 404),
    ("GET", "/static/vendor/swagger-ui.css", {"Accept-Encoding": "gzip"}, None, 200),
    ("POST", "/sessions", {"Content-Type": "application/json"}, b'{"username": "luna", "password": "x"}', 429),
)
"""Requests of an owner to a café with two cats, luna and Мурка, and their statuses."""
STATUSES = {200, 201, 204, 304, 400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 429}


@pytest.fixture
def cafe(function: ModuleType, mocked_table: Table) -> TestApp:
    """Return the application of handler.py with its clients."""
    cafe = TestApp(mocked_table, FakeClock(utc_now()))
    cafe.app = function.app
    return cafe


@pytest.fixture
def servers(function: ModuleType) -> Iterator[dict[str, Send]]:
    """Return a function for each server that sends a request to it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = make_server(function.app, listener)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        with urllib3.PoolManager(retries=False) as pool:
            waitress = via_http(pool, url_of(listener))
            yield {"client": via_client(function), "gateway": via_gateway(function), "waitress": waitress}
        server.trigger.pull_trigger(server.close)
        server.maintenance_interval = 0
        thread.join(timeout=10)


def via_client(function: ModuleType) -> Send:
    def send(method: str, path: str, headers: dict[str, str], body: bytes | None) -> tuple[int, Headers, bytes]:
        response = function.app.test_client().open(path, method=method, headers=headers, data=body, buffered=True)
        return response.status_code, grouped(response.headers.items()), response.data

    return send


def via_gateway(function: ModuleType) -> Send:
    gateway = Gateway(function.handler)

    def send(method: str, path: str, headers: dict[str, str], body: bytes | None) -> tuple[int, Headers, bytes]:
        lower = {name.lower(): value for name, value in headers.items()}
        response = gateway.send(method, path, {"accept": "", "accept-encoding": ""} | lower, body)
        return response.status, grouped(response.headers.items()), response.body

    return send


def via_http(pool: urllib3.PoolManager, url: str) -> Send:
    def send(method: str, path: str, headers: dict[str, str], body: bytes | None) -> tuple[int, Headers, bytes]:
        response = pool.request(method, url + path, headers=headers, body=body, redirect=False, decode_content=False)
        return response.status, grouped(response.headers.iteritems()), response.data

    return send


def grouped(headers: Any) -> Headers:
    """Return the values of each header, sorted, under its name in lower case. All of them must be printable ASCII."""
    values: Headers = {}
    for name, value in headers:
        assert name.isascii(), name
        assert value.isascii(), (name, value)
        assert value.isprintable(), (name, value)
        values.setdefault(name.lower(), []).append(value)
    return {name: sorted(texts) for name, texts in values.items()}


def comparable(headers: Headers) -> Headers:
    """Return the headers without those that may differ, and without random values."""
    equal = {name: values for name, values in headers.items() if name not in DIFFERENT}
    return {name: [""] * len(values) if name in RANDOM_VALUES else values for name, values in equal.items()}


def request_of(prepared: PreparedRequest) -> Request:
    """Return the method, the path, the headers and the body of a request."""
    method, headers, body = prepared.row[0], dict(prepared.who.headers), None
    if "json" in prepared.how:
        body = json.dumps(prepared.how["json"]).encode()
        headers["Content-Type"] = "application/merge-patch+json" if method == "PATCH" else "application/json"
    if method == "PATCH":
        headers["If-Match"] = "*"
    return method, prepared.path, headers, body


def assert_equal(responses: dict[str, tuple[int, Headers, bytes]], what: object) -> int:
    """Check that the responses have the same status and headers, and return the status."""
    statuses = {name: status for name, (status, _, _) in responses.items()}
    headers = {name: comparable(headers) for name, (_, headers, _) in responses.items()}
    assert len(set(statuses.values())) == 1, (what, statuses)
    assert headers["gateway"] == headers["client"], what
    assert headers["waitress"] == headers["client"], what
    status = statuses["client"]
    for name, (_, sent, body) in responses.items():
        if status in (204, 304):
            assert not sent.keys() & {"content-type", "content-length"}, (what, name)
            assert body == b""
        if body:
            assert "content-type" in sent, (what, name)
    return status


def variants(request: Request) -> Iterator[Request]:
    """Yield variants of a request that change nothing."""
    method, path, headers, body = request
    if method == "GET":
        yield from ((other, path, headers | more, None) for other, more in READS)
    rejected = REJECTED + (REJECTED_WITH_BODY if body else ())
    yield from ((method, path, headers | more, body) for more in rejected)


def test_every_operation_has_the_same_headers_on_every_server(cafe: TestApp, servers: dict[str, Send]) -> None:
    statuses: set[int] = set()
    for row in ROWS:
        first = request_of(prepare(cafe, "owner", row))
        for request in variants(first):
            statuses.add(assert_equal({name: send(*request) for name, send in servers.items()}, request))
        responses = {}
        for name, send in servers.items():
            # A write needs a new entity.
            request = request_of(prepare(cafe, "owner", row)) if responses and first[0] != "GET" else first
            responses[name] = send(*request)
        statuses.add(assert_equal(responses, row))
    owner = cafe.client("owner", "another owner")
    for path in ("/cats/luna", "/cats/Мурка", "/cats/Мурка"):
        owner.put(path, {})
    for send in [*servers.values()] * cafe.settings.login_tries:  # the gateway reports another address
        send("POST", "/sessions", {"Content-Type": "application/json"}, b'{"username": "luna", "password": "x"}')
    for method, path, headers, body, expected in OTHERS:
        headers = headers if path == "/sessions" else headers | owner.headers
        responses = {name: send(method, path, headers, body) for name, send in servers.items()}
        assert assert_equal(responses, (method, path, headers)) == expected, (method, path, headers)
        statuses.add(expected)
    assert statuses == STATUSES


def test_the_local_server_responds_to_expect_100_continue_without_a_body(servers: dict[str, Send]) -> None:
    """Waitress itself would send 100 Continue and wait for a body."""
    expect = {"Expect": "100-continue"}
    assert servers["waitress"]("GET", "/health", expect, None)[0] == 200
    assert servers["waitress"]("DELETE", "/cats/luna", expect, None)[0] == 401
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert servers["waitress"]("POST", "/sessions", expect | form, b"username=luna")[0] == 422
