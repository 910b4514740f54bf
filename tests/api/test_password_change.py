"""Password changes: when the current password is needed, and which sessions end."""

from __future__ import annotations

from typing import Any

import pytest

from api.store.table import Table
from tests.support.app import Client, TestApp, pointers, problem
from tests.support.inspection import writes_nothing
from tests.support.users import PASSWORD, attempt_login, get_password_hash, log_in, register, register_and_log_in

NEW_PASSWORD = "another nine lives"


def change(client: Client, method: str, **body: Any) -> Any:
    """Change the user Ada."""
    if method == "PUT":
        return client.put("/users/ada", body)
    return client.patch("/users/ada", body, if_match="*")


both_methods = pytest.mark.parametrize("method", ["PUT", "PATCH"])


@both_methods
def test_password_change_within_15_minutes_needs_no_current_password(cafe: TestApp, method: str) -> None:
    ada = register_and_log_in(cafe, "ada")
    cafe.clock.advance(minutes=15)
    assert change(ada, method, password=NEW_PASSWORD).status_code == 200
    assert (attempt_login(cafe, "ada").status_code, attempt_login(cafe, "ada", NEW_PASSWORD).status_code) == (401, 201)


@both_methods
def test_wrong_current_password_is_422_even_right_after_login(cafe: TestApp, method: str) -> None:
    ada = register_and_log_in(cafe, "ada")
    assert pointers(change(ada, method, password=NEW_PASSWORD, currentPassword="guessed it")) == ["/currentPassword"]
    assert attempt_login(cafe, "ada").status_code == 201


@both_methods
def test_password_change_after_15_minutes_needs_the_current_password(cafe: TestApp, method: str) -> None:
    ada = register_and_log_in(cafe, "ada")
    cafe.clock.advance(minutes=15, seconds=1)
    with writes_nothing(cafe):
        assert pointers(change(ada, method, password=NEW_PASSWORD)) == ["/currentPassword"]
    before = get_password_hash(cafe, "ada")
    for guess in ("a wrong password", "", NEW_PASSWORD):
        assert pointers(change(ada, method, password=NEW_PASSWORD, currentPassword=guess)) == ["/currentPassword"]
    assert get_password_hash(cafe, "ada") == before
    response = change(ada, method, password=NEW_PASSWORD, currentPassword=PASSWORD)
    assert response.status_code == 200
    assert not [word for word in (PASSWORD, NEW_PASSWORD, "assword") if word in response.get_data(as_text=True)]
    assert (attempt_login(cafe, "ada").status_code, attempt_login(cafe, "ada", NEW_PASSWORD).status_code) == (401, 201)


def test_weak_or_invalid_password_is_422(cafe: TestApp) -> None:
    ada = register_and_log_in(cafe, "ada-lovelace")
    for weak in ("short", "password1", "ADA-Lovelace", "x" * 129, 12345678, None):
        assert pointers(ada.put("/users/ada-lovelace", {"password": weak})) == ["/password"]
    assert attempt_login(cafe, "ada-lovelace").status_code == 201


def test_current_password_without_a_new_one_changes_nothing(cafe: TestApp) -> None:
    ada = register_and_log_in(cafe, "ada")
    before = get_password_hash(cafe, "ada")
    assert ada.put("/users/ada", {"currentPassword": "whatever"}).status_code == 200
    assert get_password_hash(cafe, "ada") == before


@both_methods
def test_password_change_ends_other_sessions_but_not_this_one(cafe: TestApp, method: str) -> None:
    others = [register_and_log_in(cafe, "ada"), log_in(cafe, "ada")]
    ada = log_in(cafe, "ada")
    assert change(ada, method, password=NEW_PASSWORD).status_code == 200
    for other in others:
        problem(other.get("/sessions"), 401)
    (session,) = ada.get("/sessions").json["items"]
    assert session["current"] is True


def test_profile_change_ends_no_session(cafe: TestApp) -> None:
    ada, other = register_and_log_in(cafe, "ada"), log_in(cafe, "ada")
    assert ada.put("/users/ada", {"about": "I like calicos."}).status_code == 200
    assert other.get("/sessions").status_code == 200


@both_methods
def test_owner_resets_a_password_and_ends_all_sessions_of_the_user(cafe: TestApp, method: str) -> None:
    sessions = [register_and_log_in(cafe, "ada"), log_in(cafe, "ada")]
    owner, other = cafe.client("owner", "olga"), cafe.client("member", "bea")
    cafe.clock.advance(minutes=30)
    assert change(owner, method, password=NEW_PASSWORD).status_code == 200
    for session in sessions:
        problem(session.get("/sessions"), 401)
    assert owner.get("/sessions").status_code == other.get("/sessions").status_code == 200
    assert (attempt_login(cafe, "ada").status_code, attempt_login(cafe, "ada", NEW_PASSWORD).status_code) == (401, 201)


def test_owner_needs_the_current_password_for_their_own_user(cafe: TestApp) -> None:
    password = cafe.create_owner()
    owner = log_in(cafe, "owner", password)
    cafe.clock.advance(minutes=16)
    assert pointers(owner.put("/users/owner", {"password": NEW_PASSWORD})) == ["/currentPassword"]
    assert owner.put("/users/owner", {"password": NEW_PASSWORD, "currentPassword": password}).status_code == 200


def test_user_without_a_password_cannot_set_one_with_a_guess(cafe: TestApp) -> None:
    ada = cafe.client("staff", "ada")
    cafe.clock.advance(minutes=16)
    for guess in ("", "whatever"):
        assert pointers(ada.put("/users/ada", {"password": NEW_PASSWORD, "currentPassword": guess})) == [
            "/currentPassword"
        ]
    assert get_password_hash(cafe, "ada") is None


def test_current_password_guesses_are_rate_limited_like_logins(mocked_table: Table) -> None:
    cafe = TestApp(mocked_table, login_tries=3, login_window_seconds=10_000)
    ada = register_and_log_in(cafe, "ada")
    cafe.clock.advance(minutes=16)
    statuses = [change(ada, "PUT", password=NEW_PASSWORD, currentPassword=f"guess {n}").status_code for n in range(4)]
    assert statuses == [422, 422, 422, 429]
    response = change(ada, "PUT", password=NEW_PASSWORD, currentPassword=PASSWORD)
    assert problem(response, 429)["type"] == "/problems/throttled"
    assert int(response.headers["Retry-After"]) > 0
    assert attempt_login(cafe, "ada").status_code == 429
    assert ada.put("/users/ada", {"about": "x"}).status_code == 200


def test_rate_limit_counts_failed_logins_and_changes_together(mocked_table: Table) -> None:
    cafe = TestApp(mocked_table, login_tries=3, login_window_seconds=10_000)
    ada = register_and_log_in(cafe, "ada")
    cafe.clock.advance(minutes=16)
    for number in range(6):
        old, new = (PASSWORD, NEW_PASSWORD) if number % 2 == 0 else (NEW_PASSWORD, PASSWORD)
        assert change(ada, "PUT", password=new, currentPassword=old).status_code == 200
    assert [attempt_login(cafe, "ada", "wrong").status_code for _ in range(2)] == [401, 401]
    assert change(ada, "PUT", password=NEW_PASSWORD, currentPassword="wrong").status_code == 422
    assert change(ada, "PUT", password=NEW_PASSWORD, currentPassword=PASSWORD).status_code == 429


def test_password_is_normalised_but_case_sensitive(cafe: TestApp) -> None:
    assert register(cafe, "ada", "Zoë schläft gern").status_code == 201
    assert attempt_login(cafe, "ada", "Zoe\u0308 schla\u0308ft gern").status_code == 201
    assert attempt_login(cafe, "ada", "zoë schläft gern").status_code == 401
