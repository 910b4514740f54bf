"""The rate limits of failed logins: account and address, account, address, device. tests/concurrency has the races."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from api.services.rate_limit import address_key
from api.store.table import Table
from tests.support.app import TestApp, problem
from tests.support.inspection import items
from tests.support.users import BrowserClient, register

PASSWORD = "correct horse"
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def cafe(mocked_table: Table) -> TestApp:
    """An application that allows 3 failed logins per account and address, and 30 per address, in a minute."""
    cafe = TestApp(mocked_table, login_tries=3, login_window_seconds=60)
    cafe.create_owner(PASSWORD)
    return cafe


def log_in(cafe: TestApp, password: str, username: str = "owner", address: str = HERE) -> TestResponse:
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


def quota(response: TestResponse) -> tuple[str | None, str | None]:
    """Return the headers of the rate limit."""
    return response.headers.get("RateLimit-Policy"), response.headers.get("RateLimit")


def test_every_counted_response_has_what_is_left_of_the_strictest_limit(cafe: TestApp) -> None:
    cafe.clock.advance(seconds=20)
    policy = '"default";q=3;w=60'
    attempts = [log_in(cafe, password) for password in (PASSWORD, "a", PASSWORD, "b", "c", "d", PASSWORD)]
    assert [response.status_code for response in attempts] == [201, 401, 201, 401, 401, 429, 429]
    expected = [(policy, f'"default";r={left};t=40') for left in (3, 2, 2, 1, 0, 0, 0)]
    assert [quota(response) for response in attempts] == expected
    for number in range(26):
        log_in(cafe, "x", f"name {number}")
    # The address has 30 for all accounts together. It has used 29, those of "owner" among them.
    assert quota(log_in(cafe, "x", "name 30")) == ('"default";q=30;w=60', '"default";r=0;t=40')
    assert quota(log_in(cafe, "x", "name 30", ELSEWHERE)) == (policy, '"default";r=2;t=40')


def test_quota_does_not_reveal_whether_an_account_exists(cafe: TestApp) -> None:
    for _ in range(4):
        responses = [log_in(cafe, "x", name) for name in ("owner", "missing")]
        assert len({(response.status_code, *quota(response)) for response in responses}) == 1
        assert None not in quota(responses[0])


def test_response_that_is_not_counted_has_no_quota(cafe: TestApp) -> None:
    assert quota(cafe.public.post("/sessions", {"username": "owner"})) == (None, None)
    assert quota(cafe.public.get("/cats")) == (None, None)
    assert (
        quota(cafe.public.post("/sessions", {"username": "owner", "password": "x"}, accept="text/xml")) == (None,) * 2
    )


def test_form_of_a_browser_has_the_quota_too(cafe: TestApp) -> None:
    browser = BrowserClient(cafe, HERE)
    assert quota(browser.log_in("owner", "x"))[1] == '"default";r=2;t=60'
    assert quota(browser.log_in("owner", PASSWORD))[1] == '"default";r=2;t=60'


def test_successful_login_is_not_counted(cafe: TestApp) -> None:
    assert statuses(cafe, *[PASSWORD] * 40) == [201] * 40
    assert statuses(cafe, "a", "b", PASSWORD, "c", "d") == [401, 401, 201, 401, 429]


def test_account_is_locked_only_for_the_address_of_the_failures(cafe: TestApp) -> None:
    assert statuses(cafe, "a", "b", "c", PASSWORD) == [401, 401, 401, 429]
    assert log_in(cafe, PASSWORD, address=ELSEWHERE).status_code == 201
    assert log_in(cafe, "a", "missing").status_code == 401, "other accounts are not locked"


def test_unknown_account_is_locked_too(cafe: TestApp) -> None:
    assert [log_in(cafe, "x", "missing").status_code for _ in range(4)] == [401, 401, 401, 429]


def test_account_is_locked_for_all_strangers_after_thirty_failures_in_twelve_windows(cafe: TestApp) -> None:
    for number in range(30):
        assert log_in(cafe, "x", address=f"203.0.113.{number // 3}").status_code == 401
    response = log_in(cafe, PASSWORD, address=ELSEWHERE)
    assert (response.status_code, response.headers["RateLimit-Policy"]) == (429, '"default";q=30;w=720')
    assert log_in(cafe, "x", "missing", ELSEWHERE).status_code == 401
    cafe.clock.advance(seconds=60)
    assert log_in(cafe, PASSWORD).status_code == 429
    cafe.clock.advance(seconds=int(response.headers["Retry-After"]) - 60)
    assert log_in(cafe, PASSWORD).status_code == 201


def test_address_is_locked_after_thirty_failures_of_any_account(cafe: TestApp) -> None:
    results = [log_in(cafe, "x", f"name {number}").status_code for number in range(31)]
    assert results == [401] * 30 + [429]
    assert log_in(cafe, PASSWORD).status_code == 429
    assert log_in(cafe, PASSWORD, address=ELSEWHERE).status_code == 201


def test_device_that_has_logged_in_before_is_not_locked_by_strangers(cafe: TestApp) -> None:
    """Strangers lock the account, and the address that they share with the device. The device can still log in."""
    known, other = BrowserClient(cafe, HERE), BrowserClient(cafe, HERE)
    assert known.log_in("owner", PASSWORD).status_code == 303
    for number in range(30):
        log_in(cafe, "x", address=f"203.0.113.{number // 3}")
        log_in(cafe, "x", f"name {number}")
    assert other.log_in("owner", PASSWORD).status_code == 429
    assert known.log_in("OWNER", PASSWORD).status_code == 303
    known.cookie = None
    assert known.log_in("owner", PASSWORD).status_code == 303, "the session is not needed"
    assert [known.log_in("owner", "x").status_code for _ in range(3)] == [401] * 3
    assert known.log_in("owner", PASSWORD).status_code == 429, "the device has a limit of its own"


def test_device_cookie_helps_only_its_own_account(cafe: TestApp) -> None:
    """A user must not guess the passwords of others with the cookie of their own login, or with an invented one."""
    register(cafe, "mallory")
    mallory = BrowserClient(cafe, HERE)
    assert mallory.log_in("mallory", "nine lives and a tail").status_code == 303
    device = mallory.device or ""
    for cookie in (device, device[:-1], device.replace(".", "x."), ".", device.partition(".")[0], "é.ü"):
        mallory.cookies["__Host-device"] = cookie
        assert mallory.log_in("owner", "x").status_code in (401, 429)
    assert log_in(cafe, PASSWORD).status_code == 429, "all guesses count for the account and the address"


def test_devices_of_an_account_have_a_limit_together(cafe: TestApp) -> None:
    """Who has known the password once has not unlimited guesses after it was changed."""
    browsers = [BrowserClient(cafe, HERE) for _ in range(11)]
    for browser in browsers:
        assert browser.log_in("owner", PASSWORD).status_code == 303
    assert [browser.log_in("owner", "x").status_code for browser in browsers[:10] for _ in range(3)] == [401] * 30
    assert browsers[10].log_in("owner", PASSWORD).status_code == 429


ADDRESS_KEYS = {
    "192.0.2.1": "192.0.2.1",
    "::ffff:192.0.2.1": "192.0.2.1",
    "2001:db8:1:2::1": "2001:db8:1:2::/64",
    "2001:DB8:1:2:ffff:ffff:ffff:ffff": "2001:db8:1:2::/64",
    "2001:db8:1:3::1": "2001:db8:1:3::/64",
    "fe80::1%eth0": "fe80::/64",
    "unknown": "unknown",
    "": "",
}


def test_ipv6_addresses_count_by_their_first_64_bits() -> None:
    assert {address: address_key(address) for address in ADDRESS_KEYS} == ADDRESS_KEYS
    assert address_key(None) == "None"


def test_all_limits_count_ipv6_addresses_by_their_first_64_bits(cafe: TestApp) -> None:
    addresses = [f"2001:db8:1:2::{number:x}" for number in range(31)]
    assert [log_in(cafe, "x", address=address).status_code for address in addresses[:4]] == [401, 401, 401, 429]
    names = [f"name {number}" for number in range(28)]
    results = [log_in(cafe, "x", name, address).status_code for name, address in zip(names, addresses, strict=False)]
    assert results == [401] * 27 + [429]
    registrations = [
        cafe.public.send("POST", "/users", json={}, environ_overrides={"REMOTE_ADDR": address}).status_code
        for address in addresses
    ]
    assert registrations == [422] * 30 + [429]
    assert log_in(cafe, PASSWORD, address="2001:db8:1:3::1").status_code == 201


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
    assert len(counters) == 3
    for counter in counters:
        assert 0 < int(counter["expires"]["N"]) - cafe.clock.now.timestamp() <= 12 * 60
        assert not [word for word in ("secret", "wilhelmina", "203.0.113") if word in str(counter)]
