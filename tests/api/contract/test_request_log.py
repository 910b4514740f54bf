"""The request log: one JSON line for each request, without secrets, and safe from log injection."""

from __future__ import annotations

import json
from urllib.parse import quote, unquote

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


def test_request_ids_are_unique_and_ignore_the_header_of_the_client(cafe: TestApp) -> None:
    headers = {"X-Request-Id": "mine"}
    ids = {cafe.public.get("/health", headers).headers["X-Request-Id"] for _ in range(20)}
    assert len(ids) == 20
    assert "mine" not in ids


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
