"""The request log: one JSON line for each request, without secrets, and safe from log injection."""

from __future__ import annotations

import json
from urllib.parse import quote, unquote
from uuid import UUID

import pytest

from api.app import create_app
from api.settings import Settings
from api.store.client import open_table
from api.store.table import Table
from tests.support.app import PATCH, TestApp, problem
from tests.support.inspection import log_lines
from tests.support.resource_spec import ResourceSpec
from tests.support.resource_specs import every_resource
from tools.local.child_server import free_port


def logging_app(table: Table) -> TestApp:
    """Return an application that logs requests. Call it in the test, where capsys captures standard error."""
    return TestApp(table, log_level="INFO")


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/cats", "/cats", 200),
        ("HEAD", "/cats", "/cats", 200),
        ("OPTIONS", "/cats/luna", "/cats/<name>", 204),
        ("GET", "/cats/missing", "/cats/<name>", 404),
        ("DELETE", "/cats/luna", "/cats/<name>", 401),
        ("POST", "/cats/luna", None, 405),
        ("GET", "/nothing", None, 404),
        ("GET", "/cats?limit=0", "/cats", 400),
        ("GET", "/pies/steak%20&%20kidney", "/pies/<pie>", 404),
        ("GET", "/post/9", "/post/<id>", 404),
        ("PATCH", "/users/lu", "/users/<username>", 401),
        ("POST", "/todos", "/todos", 401),
    ],
)
def test_each_request_is_one_log_line(
    mocked_table: Table, capsys: pytest.CaptureFixture[str], method: str, path: str, route: str | None, status: int
) -> None:
    response = logging_app(mocked_table).public.send(method, path, {"X-Amzn-Trace-Id": "Root=1-2-3"})
    (line,) = log_lines(capsys)
    assert line["requestId"] == response.headers["X-Request-Id"]
    assert (line["level"], line["message"], line["trace"], line["who"]) == ("INFO", "request", "Root=1-2-3", None)
    assert (line["method"], line["path"], line["route"], line["status"]) == (
        method,
        unquote(path.split("?")[0]),
        route,
        status,
    )
    assert isinstance(line["ms"], float)
    assert isinstance(line["capacity"], float)


def test_log_line_has_the_user_and_the_consumed_capacity(
    mocked_table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    cafe = logging_app(mocked_table)
    staff = cafe.client("staff", "ann")
    staff.put("/cats/luna", {})
    _, budget = cafe.measure(lambda: staff.get("/cats/luna"))
    line = log_lines(capsys)[-1]
    assert (line["who"], line["capacity"]) == ("ann", budget.units)
    assert budget.units > 0


def test_unavailable_store_is_logged_but_not_revealed_to_the_client(
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    settings = Settings(table_name="clowder-test", cursor_key="k" * 32, dynamodb_url=url)
    body = problem(create_app(settings, open_table(settings)).test_client().get("/cats"), 503)
    warning, request = log_lines(capsys)
    assert (warning["level"], warning["message"], request["status"]) == ("WARNING", "unavailable", 503)
    assert warning["requestId"] == request["requestId"] == body["requestId"]
    assert url in warning["cause"]
    assert url not in str(body)


def test_request_ids_of_the_server_are_unique(cafe: TestApp) -> None:
    assert len({cafe.public.get("/health").headers["X-Request-Id"] for _ in range(20)}) == 20


SAFE_IDS = ("7", "a.B_c-9", "0f8fad5b-d9cb-469f-a165-70867728950e", "x" * 128)
UNSAFE_IDS = (
    "", " ", "x" * 129, "a b", "a,b", "one, two", "a/b", "a=", "a:b", '"a"', "<b>", "é", "\xb2", "%0a", "a;b", "*",
)  # fmt: skip


def test_safe_request_id_of_the_caller_is_returned_and_logged_with_that_of_the_server(
    mocked_table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    public = logging_app(mocked_table).public
    for sent in SAFE_IDS:
        for path, status in (("/health", 200), ("/nothing", 404), ("/cats?wings=2", 400)):
            responses = [public.get(path, {"X-Request-Id": sent}) for _ in range(2)]
            assert [response.status_code for response in responses] == [status] * 2
            assert [response.headers.getlist("X-Request-Id") for response in responses] == [[sent]] * 2
            assert status == 200 or problem(responses[0], status)["requestId"] == sent
            lines = log_lines(capsys)
            assert [line["requestId"] for line in lines] == [sent] * 2
            assert len({line["serverRequestId"] for line in lines} - {sent}) == 2, "a client can repeat its id"


def test_unsafe_request_id_of_the_caller_is_ignored(mocked_table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    public = logging_app(mocked_table).public
    for sent in UNSAFE_IDS:
        (used,) = public.get("/health", {"X-Request-Id": sent}).headers.getlist("X-Request-Id")
        (line,) = log_lines(capsys)
        assert str(UUID(used)) == used == line["requestId"], sent
        assert "serverRequestId" not in line


def test_security_event_has_the_ids_of_its_request(mocked_table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    headers = {"X-Request-Id": "mine", "traceparent": TRACEPARENT}
    body = {"username": "lu", "password": "a wrong one"}
    logging_app(mocked_table).public.send("POST", "/sessions", headers, json=body)
    event, request = log_lines(capsys)
    ids = {"requestId": "mine", "serverRequestId": request["serverRequestId"], "traceparent": TRACEPARENT}
    assert event["message"] == "login failed"
    assert event | ids == event
    assert request | ids == request


TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
TRACEPARENTS = {
    TRACEPARENT: TRACEPARENT,
    f"00-{TRACE}-{PARENT}-00": f"00-{TRACE}-{PARENT}-00",
    f"00-{TRACE}-{PARENT}-ff": f"00-{TRACE}-{PARENT}-ff",
    # A later version: its first fields count. Of its flags, only the lowest is known.
    f"01-{TRACE}-{PARENT}-01": TRACEPARENT,
    f"cc-{TRACE}-{PARENT}-03-what-the-future-will-be-like": TRACEPARENT,
    f"fe-{TRACE}-{PARENT}-02-": f"00-{TRACE}-{PARENT}-00",
}
INVALID_TRACEPARENTS = (
    "", "0", TRACEPARENT[:-1], f"{TRACEPARENT}-", f"{TRACEPARENT}0", f"{TRACEPARENT}-more", f"{TRACEPARENT}.",
    f"ff-{TRACE}-{PARENT}-01", f"00-{'0' * 32}-{PARENT}-01", f"00-{TRACE}-{'0' * 16}-01", f"cc-{'0' * 32}-{PARENT}-01",
    TRACEPARENT.upper(), f"0-{TRACE}-{PARENT}-01", f"000-{TRACE}-{PARENT}-01", f".0-{TRACE}-{PARENT}-01",
    f"00-{TRACE[1:]}-{PARENT}-01", f"00-{TRACE}a-{PARENT}-01", f"00-{TRACE}-{PARENT[1:]}-01", f"00-{TRACE}-{PARENT}-1",
    f"00_{TRACE}_{PARENT}_01", f"00-{TRACE[:-1]}g-{PARENT}-01", f"00-{TRACE[:-1]}\u0663-{PARENT}-01",
    f"cc-{TRACE}-{PARENT}-01.what", f"cc-{TRACE}-{PARENT}-010", f"cc-{TRACE}-{PARENT}-0x",
    f"{TRACEPARENT}, {TRACEPARENT}", f"cc-{TRACE}-{PARENT}-01, {TRACEPARENT}", "x" * 9000,
)  # fmt: skip


def test_traceparent_of_the_caller_is_logged_and_returned(
    mocked_table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    public = logging_app(mocked_table).public
    for sent, expected in TRACEPARENTS.items():
        for path in ("/health", "/nothing"):
            response = public.get(path, {"traceparent": sent, "tracestate": "rojo=1"})
            (line,) = log_lines(capsys)
            assert (response.headers.getlist("traceparent"), line["traceparent"]) == ([expected], expected)


def test_invalid_traceparent_is_ignored(mocked_table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    public = logging_app(mocked_table).public
    for sent in INVALID_TRACEPARENTS:
        response = public.get("/health", {"traceparent": sent.encode().decode("latin-1")})
        assert (response.status_code, "traceparent" in response.headers) == (200, False), sent
        assert "traceparent" not in log_lines(capsys)[0]


NAMES = (
    'luna\n{"level":"INFO","message":"request","status":200}', "luna\r\nX: y", "luna\x00", "\u2028luna", '"luna"',
    "\x1b[2J",
)  # fmt: skip


@every_resource
def test_name_in_the_path_cannot_forge_a_log_line(
    mocked_table: Table, capsys: pytest.CaptureFixture[str], spec: ResourceSpec
) -> None:
    reader = spec.reader_client(logging_app(mocked_table))
    for name in NAMES:
        response = reader.get(f"{spec.path}/{quote(name, safe='')}", {"X-Amzn-Trace-Id": "a\tb"})
        text = capsys.readouterr().err
        assert response.status_code == 404
        assert text.count("\n") == 1
        assert not [c for c in text.rstrip("\n") if ord(c) < 32]
        assert json.loads(text)["path"] == f"{spec.path}/{name}"


def test_secrets_and_bodies_are_not_logged(mocked_table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    cafe = logging_app(mocked_table)
    password = cafe.create_owner()
    login = cafe.public.post("/sessions", {"username": "owner", "password": password})
    cafe.public.post("/sessions", {"username": "owner", "password": "a wrong one"})
    cafe.public.post("/sessions", {"username": "owner", "password": password, "passwort": password})
    bearer = {"Authorization": f"Bearer {login.json['token']}"}
    cafe.public.get("/sessions", bearer)
    cafe.public.send("PUT", "/cats/luna", bearer, json={"staffNotes": "Luna bites.", "wings": "Luna bites."})
    cafe.public.get(f"/cats?token={login.json['token']}")
    cafe.public.send("DELETE", login.headers["Location"], bearer)
    cafe.public.post("/users", {"username": "lu", "password": "purring loudly 7", "email": "lu@example.org"})
    cafe.public.post("/users", {"username": "lu", "password": "purring loudly 7", "passwort": "purring loudly 7"})
    cafe.public.post("/login", {"username": "lu", "password": "purring loudly 7"})
    changed = {"password": "hissing loudly 7", "currentPassword": password}
    cafe.public.send("PATCH", "/users/owner", bearer | PATCH | {"If-Match": "*"}, json=changed)
    text = capsys.readouterr().err
    assert text.count('"message":"request"') == 11
    assert text.count('"message":"login') == 3
    secrets = (password, "a wrong one", login.json["token"], "Luna bites", "Bearer", "loudly 7", "lu@example.org")
    for secret in secrets:
        assert secret not in text


def test_requests_are_not_logged_at_level_error(capsys: pytest.CaptureFixture[str], mocked_table: Table) -> None:
    TestApp(mocked_table, log_level="ERROR").public.get("/cats/missing")
    assert log_lines(capsys) == []
