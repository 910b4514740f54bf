"""The rate limit of failed logins, for each account and each address. tests/concurrency has the races."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from api.store.table import Table
from tests.support.app import TestApp, problem
from tests.support.inspection import items

PASSWORD = "correct horse"


@pytest.fixture
def cafe(mocked_table: Table) -> TestApp:
    """An application that allows 3 failed logins per account and 30 per address in a minute."""
    cafe = TestApp(mocked_table, login_tries=3, login_window_seconds=60)
    cafe.create_owner(PASSWORD)
    return cafe


def log_in(cafe: TestApp, password: str, username: str = "owner", address: str = "192.0.2.1") -> TestResponse:
    """Try to log in with the password from the address."""
    body = {"username": username, "password": password}
    return cafe.public.send("POST", "/sessions", json=body, environ_overrides={"REMOTE_ADDR": address})


def statuses(cafe: TestApp, *passwords: str) -> list[int]:
    """Try to log in with each password and return the statuses."""
    return [log_in(cafe, password).status_code for password in passwords]


def test_login_locks_after_three_failures_until_the_window_ends(cafe: TestApp) -> None:
    assert statuses(cafe, "a", "b", "c", "d", PASSWORD) == [401, 401, 401, 429, 429]
    cafe.clock.advance(seconds=15)
    response = log_in(cafe, PASSWORD)
    assert problem(response, 429)["type"] == "/problems/throttled"
    assert response.headers["Retry-After"] == "45"
    assert response.headers["RateLimit-Policy"] == '"default";q=3;w=60'
    assert response.headers["RateLimit"] == '"default";r=0;t=45'
    cafe.clock.advance(seconds=44)
    assert statuses(cafe, PASSWORD) == [429]
    cafe.clock.advance(seconds=1)
    assert statuses(cafe, PASSWORD) == [201]


def test_successful_login_is_not_counted(cafe: TestApp) -> None:
    assert statuses(cafe, *[PASSWORD] * 40) == [201] * 40
    assert statuses(cafe, "a", "b", PASSWORD, "c", "d") == [401, 401, 201, 401, 429]


@pytest.mark.parametrize("address", ["192.0.2.1", "198.51.100.7"])
def test_account_is_locked_for_every_address_but_other_accounts_are_not(cafe: TestApp, address: str) -> None:
    statuses(cafe, "a", "b", "c")
    assert log_in(cafe, PASSWORD, address=address).status_code == 429
    assert log_in(cafe, "a", "missing", address).status_code == 401


def test_unknown_account_is_locked_too(cafe: TestApp) -> None:
    assert [log_in(cafe, "x", "missing").status_code for _ in range(4)] == [401, 401, 401, 429]


def test_address_is_locked_after_thirty_failures_of_any_account(cafe: TestApp) -> None:
    results = [log_in(cafe, "x", f"name {number}").status_code for number in range(31)]
    assert results == [401] * 30 + [429]
    assert log_in(cafe, PASSWORD).status_code == 429
    assert log_in(cafe, PASSWORD, address="198.51.100.7").status_code == 201


def test_forwarded_headers_do_not_change_the_address(cafe: TestApp) -> None:
    body = {"username": "owner", "password": "x"}
    responses = [
        cafe.public.send(
            "POST", "/sessions", {"X-Forwarded-For": f"203.0.113.{n}", "Forwarded": f"for=203.0.113.{n}"}, json=body
        )
        for n in range(4)
    ]
    assert [response.status_code for response in responses] == [401, 401, 401, 429]


def test_counters_reveal_no_names_and_expire(cafe: TestApp) -> None:
    log_in(cafe, "a secret guess", "wilhelmina", "203.0.113.99")
    counters = [item for item in items(cafe) if item["pk"]["S"].startswith("rate_limits#")]
    assert len(counters) == 2
    for counter in counters:
        assert 0 < int(counter["expires"]["N"]) - cafe.clock.now.timestamp() <= 60
        assert not [word for word in ("secret", "wilhelmina", "203.0.113") if word in str(counter)]
