"""Changes of the password and the e-mail address: the current password, its limits, and which sessions end."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import argon2.low_level
import pytest

from api.store.table import Table
from api.store.transaction import ConditionFailed
from tests.support.app import Client, TestApp, pointers, problem
from tests.support.engine_app import InstrumentedTable
from tests.support.inspection import writes_nothing
from tests.support.users import PASSWORD, attempt_login, get_password_hash, log_in, register, register_and_log_in

NEW_PASSWORD = "another nine lives"


def change(client: Client, method: str, **body: Any) -> Any:
    """Change the user Ada."""
    if method == "PUT":
        return client.put("/users/ada", body)
    return client.patch("/users/ada", body, if_match="*")


both_methods = pytest.mark.parametrize("method", ["PUT", "PATCH"])


def right(**body: Any) -> dict[str, Any]:
    """Return a body with the current password."""
    return {"currentPassword": PASSWORD, **body}


@both_methods
def test_password_change_needs_the_current_password_even_right_after_login(cafe: TestApp, method: str) -> None:
    ada = register_and_log_in(cafe, "ada")
    before = get_password_hash(cafe, "ada")
    with writes_nothing(cafe):
        assert pointers(change(ada, method, password=NEW_PASSWORD)) == ["/currentPassword"]
    for guess in ("a wrong password", "", NEW_PASSWORD):
        assert pointers(change(ada, method, password=NEW_PASSWORD, currentPassword=guess)) == ["/currentPassword"]
    assert get_password_hash(cafe, "ada") == before
    response = change(ada, method, **right(password=NEW_PASSWORD))
    assert response.status_code == 200
    assert not [word for word in (PASSWORD, NEW_PASSWORD, "assword") if word in response.get_data(as_text=True)]
    assert (attempt_login(cafe, "ada").status_code, attempt_login(cafe, "ada", NEW_PASSWORD).status_code) == (401, 201)


@both_methods
def test_email_change_needs_the_current_password(cafe: TestApp, method: str) -> None:
    """Setting, replacing and removing are changes. The stored address again is none."""
    ada = register_and_log_in(cafe, "ada")
    for stored, new in ((None, "ada@example.org"), ("ada@example.org", "a@example.org"), ("a@example.org", None)):
        same = {"email": stored} if stored else {}
        for body in ({"email": new}, {"email": new, "currentPassword": "a wrong password"}):
            assert pointers(change(ada, method, **body)) == ["/currentPassword"]
        assert change(ada, method, **same, about=f"before {new}").status_code == 200
        response = change(ada, method, **right(email=new))
        assert (response.status_code, response.json["email"]) == (200, new)
    assert pointers(change(ada, method, email="no address")) == ["/email"]
    if method == "PUT":
        assert change(ada, method, **right(email="ada@example.org")).status_code == 200
        assert pointers(change(ada, method, about="PUT without email removes it")) == ["/currentPassword"]


def test_session_that_ends_meanwhile_changes_no_email(cafe: TestApp) -> None:
    table = InstrumentedTable(cafe.table.client, cafe.table.name)
    racing = TestApp(table, cafe.clock)
    ada, other = register_and_log_in(racing, "ada"), log_in(cafe, "ada")
    current = next(session for session in ada.get("/sessions").json["items"] if session["current"])
    table.before_write = lambda: other.delete(f"/sessions/{current['id']}", if_match="*")
    body = {"email": "eve@example.org", "currentPassword": PASSWORD}
    problem(ada.patch("/users/ada", body, if_match="*"), 401)
    assert other.get("/users/ada").json["email"] is None
    assert other.patch("/users/ada", body, if_match="*").status_code == 200
    assert len(other.get("/sessions").json["items"]) == 1


def test_owner_changes_the_email_of_another_user_without_the_current_password(cafe: TestApp) -> None:
    register(cafe, "ada")
    assert change(cafe.client("owner", "olga"), "PATCH", email="ada@example.org").status_code == 200


def test_weak_or_invalid_password_is_422(cafe: TestApp) -> None:
    ada = register_and_log_in(cafe, "ada-lovelace")
    for weak in ("short", "password1", "ADA-Lovelace", "x" * 129, 12345678, None):
        assert pointers(ada.put("/users/ada-lovelace", right(password=weak))) == ["/password"]
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
    assert change(ada, method, **right(password=NEW_PASSWORD)).status_code == 200
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
    assert change(owner, method, password=NEW_PASSWORD).status_code == 200
    for session in sessions:
        problem(session.get("/sessions"), 401)
    assert owner.get("/sessions").status_code == other.get("/sessions").status_code == 200
    assert (attempt_login(cafe, "ada").status_code, attempt_login(cafe, "ada", NEW_PASSWORD).status_code) == (401, 201)


def test_owner_needs_the_current_password_for_their_own_user(cafe: TestApp) -> None:
    password = cafe.create_owner()
    owner = log_in(cafe, "owner", password)
    assert pointers(owner.put("/users/owner", {"password": NEW_PASSWORD})) == ["/currentPassword"]
    assert owner.put("/users/owner", {"password": NEW_PASSWORD, "currentPassword": password}).status_code == 200


def test_user_without_a_password_cannot_set_one_with_a_guess(cafe: TestApp) -> None:
    ada = cafe.client("staff", "ada")
    for guess in ("", "whatever"):
        assert pointers(ada.put("/users/ada", {"password": NEW_PASSWORD, "currentPassword": guess})) == [
            "/currentPassword"
        ]
    assert get_password_hash(cafe, "ada") is None


def test_current_password_guesses_are_rate_limited_like_logins(mocked_table: Table) -> None:
    for body in ({"password": NEW_PASSWORD}, {"email": "ada@example.org"}):
        cafe = TestApp(mocked_table, login_tries=3, login_window_seconds=10_000)
        name = f"ada-{next(iter(body))}"
        ada = register_and_log_in(cafe, name)
        guesses = [ada.put(f"/users/{name}", {**body, "currentPassword": f"guess {n}"}).status_code for n in range(3)]
        assert guesses == [422, 422, 422]
        response = ada.put(f"/users/{name}", right(**body))
        assert problem(response, 429)["type"] == "/problems/throttled"
        assert int(response.headers["Retry-After"]) > 0
        assert attempt_login(cafe, name).status_code == 429
        assert ada.put(f"/users/{name}", {"about": "x"}).status_code == 200


def test_rate_limit_counts_failed_logins_and_changes_together(mocked_table: Table) -> None:
    cafe = TestApp(mocked_table, login_tries=3, login_window_seconds=10_000)
    ada = register_and_log_in(cafe, "ada")
    assert [attempt_login(cafe, "ada", "wrong").status_code for _ in range(2)] == [401, 401]
    assert change(ada, "PATCH", **right(email="ada@example.org")).status_code == 200, "a right one is not counted"
    assert change(ada, "PATCH", email="a@example.org", currentPassword="wrong").status_code == 422
    assert change(ada, "PATCH", **right(email="a@example.org")).status_code == 429


def test_new_passwords_are_limited_per_user_and_address_and_for_an_owner(mocked_table: Table) -> None:
    """Each of them costs a hash. The limit of an owner, who sets those of other users, is that of an address."""
    cafe = TestApp(mocked_table, login_tries=2, login_window_seconds=10_000)
    ada, owner = register_and_log_in(cafe, "ada"), cafe.client("owner", "olga")
    passwords = [PASSWORD, NEW_PASSWORD, PASSWORD, NEW_PASSWORD]
    results = [change(ada, "PATCH", password=new, currentPassword=old).status_code for old, new in pairwise(passwords)]
    assert results == [200, 200, 429]
    assert change(ada, "PATCH", **right(email="ada@example.org")).status_code == 429
    assert change(ada, "PATCH", about="no password").status_code == 200
    resets = [owner.put("/users/bea", {"password": f"{NEW_PASSWORD} {number}"}).status_code for number in range(18)]
    assert resets == [201] + [200] * 17
    assert owner.post("/users", {"username": "cleo", "password": NEW_PASSWORD}).status_code == 429
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    body = {"password": NEW_PASSWORD}
    results = [owner.send("PUT", "/users/bea", json=body, environ_overrides=elsewhere).status_code for _ in range(3)]
    assert results == [200, 200, 429], "the owner has 20 at all addresses"


def test_retry_hashes_a_new_password_once(cafe: TestApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """A retry after a lost race must not multiply the work."""
    ada, calls = register_and_log_in(cafe, "ada"), []
    hash_secret, verify_secret = argon2.low_level.hash_secret, argon2.low_level.verify_secret
    monkeypatch.setattr(argon2.low_level, "hash_secret", lambda *args: (calls.append("hash"), hash_secret(*args))[1])
    monkeypatch.setattr(
        argon2.low_level, "verify_secret", lambda *args: (calls.append("verify"), verify_secret(*args))[1]
    )
    transact, races = cafe.table.transact, iter(range(3))

    def lose_three_races(writes: Any, token: str) -> None:
        if len(writes) > 2 and next(races, None) is not None:
            raise ConditionFailed
        transact(writes, token)

    monkeypatch.setattr(cafe.table, "transact", lose_three_races)
    assert change(ada, "PATCH", **right(password=NEW_PASSWORD)).status_code == 200
    assert (next(races, None), calls) == (None, ["verify", "hash"])
    assert attempt_login(cafe, "ada", NEW_PASSWORD).status_code == 201


def test_password_is_normalised_but_case_sensitive(cafe: TestApp) -> None:
    assert register(cafe, "ada", "Zoë schläft gern").status_code == 201
    assert attempt_login(cafe, "ada", "Zoe\u0308 schla\u0308ft gern").status_code == 201
    assert attempt_login(cafe, "ada", "zoë schläft gern").status_code == 401


def test_response_to_a_password_change_has_the_quota(cafe: TestApp) -> None:
    """The quota is that of the strictest limit: the changes of the user, or the failed logins of the account."""
    ada, owner = register_and_log_in(cafe, "ada"), cafe.client("owner")
    changes = [
        change(ada, "PATCH", **right(password=NEW_PASSWORD)),
        change(ada, "PATCH", password=PASSWORD, currentPassword="wrong"),
        change(ada, "PATCH", password=PASSWORD, currentPassword="wrong"),
        change(ada, "PATCH", about="I like calicos."),
        change(ada, "PATCH", password=PASSWORD),
        change(owner, "PUT", password=PASSWORD),
        change(owner, "PUT", role="staff"),
    ]
    assert [response.status_code for response in changes] == [200, 422, 422, 200, 422, 200, 200]
    assert [response.headers.get("RateLimit") for response in changes] == [
        '"default";r=9;t=300', '"default";r=8;t=300', '"default";r=7;t=300', None, None, '"default";r=96;t=300', None,
    ]  # fmt: skip
