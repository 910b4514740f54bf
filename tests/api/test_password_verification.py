"""Password verification: equal work for every failed login, and rehashing of outdated hashes."""

from __future__ import annotations

from typing import Any

import argon2.low_level
import pytest
from argon2.low_level import Type, hash_secret, verify_secret

from api.domain.passwords import LANES, MEMORY_KIB, TIME_COST, hash_password
from tests.support.app import TestApp
from tests.support.users import (
    PASSWORD,
    BrowserClient,
    attempt_login,
    get_password_hash,
    register,
    register_and_log_in,
    set_password_hash,
)

CURRENT_PARAMETERS = f"$argon2id$v=19$m={MEMORY_KIB},t={TIME_COST},p={LANES}$"
OTHER_PARAMETERS = {
    "weaker": (1, 8 * 1024, 1, 32),
    "other memory": (2, 20 * 1024, 1, 32),
    "shorter hash": (2, 19 * 1024, 1, 16),
}


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The parameters of each hash that argon2 verifies."""
    parameters: list[str] = []

    def counting(hash: bytes, secret: bytes, type: Type) -> Any:
        parameters.append(hash.decode().rpartition("$")[0].rpartition("$")[0] + "$")
        return verify_secret(hash, secret, type)

    monkeypatch.setattr(argon2.low_level, "verify_secret", counting)
    return parameters


@pytest.fixture
def app_with_users(cafe: TestApp) -> TestApp:
    """An application with an active user, an inactive user and a user without a password."""
    register(cafe, "ada")
    register(cafe, "idle")
    cafe.client("owner", "olga").patch("/users/idle", {"active": False}, if_match="*")
    cafe.client("staff", "without")
    return cafe


FAILED_LOGINS = [
    ("ada", "wrong password"),
    ("missing", PASSWORD),
    ("idle", PASSWORD),
    ("idle", "wrong"),
    ("without", "x"),
]


def test_all_failed_logins_get_the_same_response_after_one_verification(
    app_with_users: TestApp, verified: list[str]
) -> None:
    replies = []
    for username, password in FAILED_LOGINS:
        verified.clear()
        response = attempt_login(app_with_users, username, password)
        assert verified == [CURRENT_PARAMETERS], username
        headers = sorted((name, value) for name, value in response.headers if name not in ("X-Request-Id", "RateLimit"))
        text = response.get_data(as_text=True).replace(response.headers["X-Request-Id"], "")
        replies.append((response.status_code, text, headers))
    assert replies[0][0] == 401
    assert replies == [replies[0]] * len(FAILED_LOGINS)


def test_all_failed_logins_get_the_same_page_after_one_verification(
    app_with_users: TestApp, verified: list[str]
) -> None:
    replies = []
    for username, password in FAILED_LOGINS:
        verified.clear()
        browser = BrowserClient(app_with_users)
        response = browser.log_in(username, password)
        assert verified == [CURRENT_PARAMETERS], username
        text = response.get_data(as_text=True).replace(f'value="{username}"', "")  # the form repeats the username
        replies.append((response.status_code, text))
    assert replies[0][0] == 401
    assert replies == [replies[0]] * len(FAILED_LOGINS)


def test_successful_login_is_verified_once_and_rate_limited_login_never(
    app_with_users: TestApp, verified: list[str]
) -> None:
    assert attempt_login(app_with_users, "ada").status_code == 201
    assert verified == [CURRENT_PARAMETERS]
    for _ in range(app_with_users.settings.login_tries):
        attempt_login(app_with_users, "ada", "wrong")
    verified.clear()
    assert attempt_login(app_with_users, "ada").status_code == 429
    assert verified == []


@pytest.mark.parametrize("parameters", OTHER_PARAMETERS.values(), ids=OTHER_PARAMETERS)
def test_login_rehashes_a_password_with_outdated_parameters(
    cafe: TestApp, parameters: tuple[int, int, int, int]
) -> None:
    ada = register_and_log_in(cafe, "ada")
    time, memory, lanes, size = parameters
    old = hash_secret(PASSWORD.encode(), bytes(16), time, memory, lanes, size, Type.ID).decode()
    set_password_hash(cafe, "ada", old)
    assert attempt_login(cafe, "ada", "wrong").status_code == 401
    assert ada.get("/users/ada").status_code == ada.get("/sessions").status_code == 200
    assert get_password_hash(cafe, "ada") == old
    assert attempt_login(cafe, "ada").status_code == 201
    new = get_password_hash(cafe, "ada")
    assert new is not None
    assert new.startswith(CURRENT_PARAMETERS)
    assert new != old
    assert ada.get("/users/ada").json["version"] == 1
    assert (attempt_login(cafe, "ada").status_code, attempt_login(cafe, "ada", "wrong").status_code) == (201, 401)
    assert get_password_hash(cafe, "ada") == new


def test_login_keeps_a_hash_with_current_parameters(cafe: TestApp) -> None:
    register(cafe, "ada")
    set_password_hash(cafe, "ada", hash_password(PASSWORD, bytes(16)))
    before = get_password_hash(cafe, "ada")
    assert BrowserClient(cafe).log_in("ada").status_code == 303
    assert attempt_login(cafe, "ada").status_code == 201
    assert get_password_hash(cafe, "ada") == before


def test_equal_passwords_have_different_hashes(cafe: TestApp) -> None:
    register(cafe, "ada")
    register(cafe, "bea")
    assert get_password_hash(cafe, "ada") != get_password_hash(cafe, "bea")
