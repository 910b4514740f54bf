"""The log: one line of JSON for each request, that nobody can forge, with no secret in it."""

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


def talkative(table: Table) -> TestApp:
    """Open a café that logs every request, where standard error is captured: in the test, not in a fixture."""
    return TestApp(table, log_level="INFO")


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/cats", "/cats", 200),
        ("HEAD", "/cats", "/cats", 200),
        ("OPTIONS", "/cats/luna", "/cats/<name>", 204),
        ("GET", "/cats/nobody", "/cats/<name>", 404),
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
def test_every_request_has_one_line(
    mocked_table: Table, capsys: pytest.CaptureFixture[str], method: str, path: str, route: str | None, status: int
) -> None:
    answer = talkative(mocked_table).public.send(method, path, {"X-Amzn-Trace-Id": "Root=1-2-3"})
    (line,) = log_lines(capsys)
    assert line["requestId"] == answer.headers["X-Request-Id"]
    assert (line["level"], line["message"], line["trace"], line["who"]) == ("INFO", "request", "Root=1-2-3", None)
    assert (line["method"], line["path"], line["route"], line["status"]) == (
        method,
        unquote(path.split("?")[0]),
        route,
        status,
    )
    assert isinstance(line["ms"], float)
    assert isinstance(line["capacity"], float)


def test_the_line_tells_who_called_and_what_the_store_consumed(
    mocked_table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    cafe = talkative(mocked_table)
    staff = cafe.client("staff", "ann")
    staff.put("/cats/luna", {})
    _, meter = cafe.measure(lambda: staff.get("/cats/luna"))
    line = log_lines(capsys)[-1]
    assert (line["who"], line["capacity"]) == ("ann", meter.units)
    assert meter.units > 0


def test_a_store_that_does_not_answer_is_told_to_the_operator_and_not_to_the_caller(
    capsys: pytest.CaptureFixture[str],
) -> None:
    away = f"http://127.0.0.1:{free_port()}"
    settings = Settings(table_name="clowder-test", cursor_key="k" * 32, dynamodb_url=away)
    told = problem(create_app(settings, open_table(settings)).test_client().get("/cats"), 503)
    warning, request = log_lines(capsys)
    assert (warning["level"], warning["message"], request["status"]) == ("WARNING", "unavailable", 503)
    assert warning["requestId"] == request["requestId"] == told["requestId"]
    assert away in warning["cause"]
    assert away not in str(told)


def test_request_ids_are_never_the_same_and_never_the_callers(cafe: TestApp) -> None:
    sent = {"X-Request-Id": "mine"}
    ids = {cafe.public.get("/health", sent).headers["X-Request-Id"] for _ in range(20)}
    assert len(ids) == 20
    assert "mine" not in ids


NAMES = (
    'luna\n{"level":"INFO","message":"request","status":200}', "luna\r\nX: y", "luna\x00", "\u2028luna", '"luna"',
    "\x1b[2J",
)  # fmt: skip


@every_resource
def test_no_name_forges_a_line(mocked_table: Table, capsys: pytest.CaptureFixture[str], spec: ResourceSpec) -> None:
    reader = spec.reader_client(talkative(mocked_table))
    for name in NAMES:
        answer = reader.get(f"{spec.path}/{quote(name, safe='')}", {"X-Amzn-Trace-Id": "a\tb"})
        text = capsys.readouterr().err
        assert answer.status_code == 404
        assert text.count("\n") == 1
        assert not [c for c in text.rstrip("\n") if ord(c) < 32]
        assert json.loads(text)["path"] == f"{spec.path}/{name}"


def test_no_secret_is_ever_logged_nor_any_body(mocked_table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    cafe = talkative(mocked_table)
    password = cafe.create_owner()
    login = cafe.public.post("/sessions", {"username": "owner", "password": password})
    cafe.public.post("/sessions", {"username": "owner", "password": "a wrong one"})
    cafe.public.post("/sessions", {"username": "owner", "password": password, "passwort": password})
    bearer = {"Authorization": f"Bearer {login.json['token']}"}
    cafe.public.get("/sessions", bearer)
    cafe.public.send("PUT", "/cats/luna", bearer, json={"staffNotes": "She bites.", "wings": "She bites."})
    cafe.public.get(f"/cats?token={login.json['token']}")
    cafe.public.send("DELETE", login.headers["Location"], bearer)
    cafe.public.post("/users", {"username": "lu", "password": "purring loudly 7", "email": "lu@example.org"})
    cafe.public.post("/users", {"username": "lu", "password": "purring loudly 7", "passwort": "purring loudly 7"})
    cafe.public.post("/login", {"username": "lu", "password": "purring loudly 7"})
    changed = {"password": "hissing loudly 7", "currentPassword": password}
    cafe.public.send("PATCH", "/users/owner", bearer | PATCH | {"If-Match": "*"}, json=changed)
    text = capsys.readouterr().err
    assert len(text.splitlines()) == 11
    told = (password, "a wrong one", login.json["token"], "She bites", "Bearer", "loudly 7", "lu@example.org")
    for secret in told:
        assert secret not in text


def test_what_is_below_the_level_is_not_logged(capsys: pytest.CaptureFixture[str], mocked_table: Table) -> None:
    TestApp(mocked_table, log_level="ERROR").public.get("/cats/nobody")
    assert log_lines(capsys) == []
