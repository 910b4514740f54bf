"""Guessing passwords: failures are counted per account and per address, and answered with 429."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from api.store.table import Table
from tests.support.app import TestApp, problem
from tests.support.inspection import items

RIGHT = "correct horse"


@pytest.fixture
def cafe(mocked_table: Table) -> TestApp:
    """A café where an account has three tries in a minute, and an address thirty."""
    cafe = TestApp(mocked_table, login_tries=3, login_window_seconds=60)
    cafe.create_owner(RIGHT)
    return cafe


def guess(cafe: TestApp, password: str, username: str = "owner", address: str = "192.0.2.1") -> TestResponse:
    """Try a password from an address."""
    body = {"username": username, "password": password}
    return cafe.public.send("POST", "/sessions", json=body, environ_overrides={"REMOTE_ADDR": address})


def statuses(cafe: TestApp, *passwords: str) -> list[int]:
    """Try passwords one after the other."""
    return [guess(cafe, password).status_code for password in passwords]


def test_after_too_many_failures_even_the_right_password_has_to_wait(cafe: TestApp) -> None:
    assert statuses(cafe, "a", "b", "c", "d", RIGHT) == [401, 401, 401, 429, 429]
    cafe.clock.advance(seconds=15)
    refused = guess(cafe, RIGHT)
    assert problem(refused, 429)["type"] == "/problems/throttled"
    assert refused.headers["Retry-After"] == "45"
    assert refused.headers["RateLimit-Policy"] == '"default";q=3;w=60'
    assert refused.headers["RateLimit"] == '"default";r=0;t=45'
    cafe.clock.advance(seconds=44)
    assert statuses(cafe, RIGHT) == [429]
    cafe.clock.advance(seconds=1)
    assert statuses(cafe, RIGHT) == [201]


def test_a_good_login_counts_for_nothing(cafe: TestApp) -> None:
    assert statuses(cafe, *[RIGHT] * 40) == [201] * 40
    assert statuses(cafe, "a", "b", RIGHT, "c", "d") == [401, 401, 201, 401, 429]


@pytest.mark.parametrize("address", ["192.0.2.1", "198.51.100.7"])
def test_an_account_is_counted_wherever_the_tries_come_from_and_alone(cafe: TestApp, address: str) -> None:
    statuses(cafe, "a", "b", "c")
    assert guess(cafe, RIGHT, address=address).status_code == 429
    assert guess(cafe, "a", "nobody", address).status_code == 401


def test_an_account_that_is_not_there_is_counted_like_one_that_is(cafe: TestApp) -> None:
    assert [guess(cafe, "x", "nobody").status_code for _ in range(4)] == [401, 401, 401, 429]


def test_an_address_is_counted_whatever_names_it_tries(cafe: TestApp) -> None:
    told = [guess(cafe, "x", f"name {number}").status_code for number in range(31)]
    assert told == [401] * 30 + [429]
    assert guess(cafe, RIGHT).status_code == 429
    assert guess(cafe, RIGHT, address="198.51.100.7").status_code == 201


def test_what_a_caller_says_of_its_address_is_not_believed(cafe: TestApp) -> None:
    body = {"username": "owner", "password": "x"}
    told = [
        cafe.public.send(
            "POST", "/sessions", {"X-Forwarded-For": f"203.0.113.{n}", "Forwarded": f"for=203.0.113.{n}"}, json=body
        )
        for n in range(4)
    ]
    assert [answer.status_code for answer in told] == [401, 401, 401, 429]


def test_the_counters_are_no_list_of_who_tried_and_go_away_by_themselves(cafe: TestApp) -> None:
    guess(cafe, "a secret guess", "somebody's name", "203.0.113.99")
    counters = [item for item in items(cafe) if item["pk"]["S"].startswith("rate_limits#")]
    assert len(counters) == 2
    for counter in counters:
        assert 0 < int(counter["expires"]["N"]) - cafe.clock.now.timestamp() <= 60
        assert not [word for word in ("secret", "somebody", "203.0.113") if word in str(counter)]
