"""The log lines of security events: failed logins, and changes of passwords, roles and states."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.store.table import Table
from tests.support.app import TestApp
from tests.support.engine_app import InstrumentedTable
from tests.support.inspection import log_lines
from tests.support.users import PASSWORD, BrowserClient, attempt_login, log_in, register

NEW_PASSWORD = "another nine lives"
FIELDS = ("level", "message", "account", "by", "members")


def logging_app(table: Table) -> TestApp:
    """Return an application that logs, with the user Ada and a limit of two. Call it in the test, as capsys needs."""
    cafe = TestApp(table, log_level="INFO", login_tries=2)
    assert register(cafe, "ada").status_code == 201
    return cafe


def events(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the security events that were logged since the last call."""
    return [line for line in log_lines(capsys) if "account" in line]


def test_failed_logins_are_logged_with_account_and_address(
    mocked_table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    cafe = logging_app(mocked_table)
    events(capsys)
    attempt_login(cafe, " ADA ", "wrong")
    BrowserClient(cafe).log_in("ada", "wrong")
    attempt_login(cafe, "ada")
    BrowserClient(cafe, "2001:db8::1").log_in("\u212b" * 64, "wrong")
    lines = events(capsys)
    assert [(line["level"], line["message"]) for line in lines] == [
        ("WARNING", "login failed"),
        ("WARNING", "login failed"),
        ("WARNING", "login throttled"),
        ("WARNING", "login failed"),
    ]
    assert [line["account"] for line in lines[:3]] == ["ada"] * 3
    assert [line["address"] for line in lines] == ["127.0.0.1"] * 3 + ["2001:db8::1"]
    assert lines[3]["account"].startswith("unknown#")
    assert all(line["requestId"] for line in lines)
    assert attempt_login(cafe, "ada", "wrong").status_code == 429
    assert [line["message"] for line in events(capsys)] == ["login throttled"]


def test_name_that_no_user_has_is_not_logged(mocked_table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    """Some people type their password into the field of the username."""
    cafe = logging_app(mocked_table)
    capsys.readouterr()
    for _ in range(3):
        attempt_login(cafe, "hunter2-hunter2", "x")
    attempt_login(cafe, "hunter3", "x")
    output = capsys.readouterr().err
    lines = [json.loads(line) for line in output.splitlines()]
    accounts = [line["account"] for line in lines if "account" in line]
    assert len(accounts) == 4
    assert len(set(accounts)) == 2  # one account can be recognised
    assert "hunter" not in output


def test_only_the_request_that_creates_a_user_logs_it(mocked_table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    """Two requests with one Idempotency-Key race: the one that loses has planned the creation too."""
    table = InstrumentedTable(mocked_table.client, mocked_table.name)
    cafe = TestApp(table, log_level="INFO")
    body = {"username": "bea", "password": PASSWORD}
    responses = []
    table.before_write = lambda: responses.append(cafe.public.post("/users", body, idempotency_key="k"))
    responses.append(cafe.public.post("/users", body, idempotency_key="k"))
    assert [response.status_code for response in responses] == [201, 201]
    assert "Idempotent-Replayed" in responses[1].headers
    assert [line["message"] for line in events(capsys)] == ["user created"]


def test_wrong_current_password_is_logged_as_a_failed_login(
    mocked_table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    cafe = logging_app(mocked_table)
    ada = log_in(cafe, "ada")
    events(capsys)
    for current in ("guess 1", "guess 2", PASSWORD):
        ada.put("/users/ada", {"password": NEW_PASSWORD, "currentPassword": current})
    assert [(line["message"], line["account"], line["by"]) for line in events(capsys)] == [
        ("login failed", "ada", "ada"),
        ("login failed", "ada", "ada"),
        ("login throttled", "ada", "ada"),
    ]


def test_successful_changes_are_logged_with_who_and_what(
    mocked_table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    cafe = logging_app(mocked_table)
    owner, ada = cafe.client("owner", "olga"), log_in(cafe, "ada")
    events(capsys)
    ada.put("/users/ada", {"about": "no security"})
    ada.put("/users/ada", {"password": NEW_PASSWORD, "email": "ada@example.org", "currentPassword": PASSWORD})
    ada.patch("/users/ada", {"role": "owner"}, if_match="*")
    owner.patch("/users/ada", {"role": "staff", "password": PASSWORD}, if_match="*")
    owner.patch("/users/ada", {"active": False}, if_match="*")
    owner.post("/users", {"username": "bea", "password": PASSWORD, "role": "owner"})
    owner.delete("/users/ada")
    lines = events(capsys)
    assert [tuple(line.get(name) for name in FIELDS) for line in lines] == [
        ("INFO", "user changed", "ada", "ada", ["email", "password"]),
        ("INFO", "user changed", "ada", "olga", ["role", "password"]),
        ("INFO", "user changed", "ada", "olga", ["active"]),
        ("INFO", "user created", "bea", "olga", ["role", "active", "password"]),
        ("INFO", "user deleted", "ada", "olga", ["role", "active", "email"]),
    ]
    for secret in (PASSWORD, NEW_PASSWORD, "example.org", "staff", "argon2"):
        assert secret not in str(lines)


def test_successful_login_is_logged(mocked_table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    cafe = logging_app(mocked_table)
    events(capsys)
    token = attempt_login(cafe, "ada").json["token"]
    (line,) = events(capsys)
    assert (line["level"], line["message"], line["account"]) == ("INFO", "login succeeded", "ada")
    assert token not in str(line)
