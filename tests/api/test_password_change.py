"""Changing a password: who may without the old one, and which sessions it ends."""

from __future__ import annotations

from typing import Any

import pytest

from api.store.table import Table
from tests.support.app import Client, TestApp, pointers, problem
from tests.support.inspection import writes_nothing
from tests.support.users import PASSWORD, attempt_login, get_password_hash, log_in, register, register_and_log_in

NEW = "another nine lives"


def change(who: Client, way: str, **body: Any) -> Any:
    """Ask for another password for Ada."""
    if way == "PUT":
        return who.put("/users/ada", body)
    return who.patch("/users/ada", body, if_match="*")


BOTH = pytest.mark.parametrize("way", ["PUT", "PATCH"])


@BOTH
def test_right_after_the_login_a_new_password_needs_no_other_proof(cafe: TestApp, way: str) -> None:
    me = register_and_log_in(cafe, "ada")
    cafe.clock.advance(minutes=15)
    assert change(me, way, password=NEW).status_code == 200
    assert (attempt_login(cafe, "ada").status_code, attempt_login(cafe, "ada", NEW).status_code) == (401, 201)


@BOTH
def test_a_current_password_that_is_sent_has_to_be_right_also_right_after_the_login(cafe: TestApp, way: str) -> None:
    me = register_and_log_in(cafe, "ada")
    assert pointers(change(me, way, password=NEW, currentPassword="guessed it")) == ["/currentPassword"]
    assert attempt_login(cafe, "ada").status_code == 201


@BOTH
def test_later_it_needs_the_current_one(cafe: TestApp, way: str) -> None:
    me = register_and_log_in(cafe, "ada")
    cafe.clock.advance(minutes=15, seconds=1)
    with writes_nothing(cafe):
        assert pointers(change(me, way, password=NEW)) == ["/currentPassword"]
    before = get_password_hash(cafe, "ada")
    for wrong in ("a wrong password", "", NEW):
        assert pointers(change(me, way, password=NEW, currentPassword=wrong)) == ["/currentPassword"]
    assert get_password_hash(cafe, "ada") == before
    answer = change(me, way, password=NEW, currentPassword=PASSWORD)
    assert answer.status_code == 200
    assert not [word for word in (PASSWORD, NEW, "assword") if word in answer.get_data(as_text=True)]
    assert (attempt_login(cafe, "ada").status_code, attempt_login(cafe, "ada", NEW).status_code) == (401, 201)


def test_what_is_no_password_is_said_and_a_weak_one_is_refused(cafe: TestApp) -> None:
    me = register_and_log_in(cafe, "ada-lovelace")
    for weak in ("short", "password1", "ADA-Lovelace", "x" * 129, 12345678, None):
        assert pointers(me.put("/users/ada-lovelace", {"password": weak})) == ["/password"]
    assert attempt_login(cafe, "ada-lovelace").status_code == 201


def test_the_current_password_alone_changes_nothing(cafe: TestApp) -> None:
    me = register_and_log_in(cafe, "ada")
    before = get_password_hash(cafe, "ada")
    assert me.put("/users/ada", {"currentPassword": "whatever"}).status_code == 200
    assert get_password_hash(cafe, "ada") == before


@BOTH
def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(cafe: TestApp, way: str) -> None:
    others = [register_and_log_in(cafe, "ada"), log_in(cafe, "ada")]
    me = log_in(cafe, "ada")
    assert change(me, way, password=NEW).status_code == 200
    for other in others:
        problem(other.get("/sessions"), 401)
    (left,) = me.get("/sessions").json["items"]
    assert left["current"] is True


def test_a_profile_that_changes_without_a_password_ends_no_session(cafe: TestApp) -> None:
    me, other = register_and_log_in(cafe, "ada"), log_in(cafe, "ada")
    assert me.put("/users/ada", {"about": "I like calicos."}).status_code == 200
    assert other.get("/sessions").status_code == 200


@BOTH
def test_an_owner_resets_the_password_of_another_and_ends_all_their_sessions(cafe: TestApp, way: str) -> None:
    sessions = [register_and_log_in(cafe, "ada"), log_in(cafe, "ada")]
    owner, sleeper = cafe.client("owner", "olga"), cafe.client("member", "bea")
    cafe.clock.advance(minutes=30)
    assert change(owner, way, password=NEW).status_code == 200
    for session in sessions:
        problem(session.get("/sessions"), 401)
    assert owner.get("/sessions").status_code == sleeper.get("/sessions").status_code == 200
    assert (attempt_login(cafe, "ada").status_code, attempt_login(cafe, "ada", NEW).status_code) == (401, 201)


def test_an_owner_too_says_the_current_password_for_one_of_their_own(cafe: TestApp) -> None:
    password = cafe.create_owner()
    owner = log_in(cafe, "owner", password)
    cafe.clock.advance(minutes=16)
    assert pointers(owner.put("/users/owner", {"password": NEW})) == ["/currentPassword"]
    assert owner.put("/users/owner", {"password": NEW, "currentPassword": password}).status_code == 200


def test_somebody_without_a_password_gets_none_with_a_guess(cafe: TestApp) -> None:
    me = cafe.client("staff", "ada")
    cafe.clock.advance(minutes=16)
    for guess in ("", "whatever"):
        assert pointers(me.put("/users/ada", {"password": NEW, "currentPassword": guess})) == ["/currentPassword"]
    assert get_password_hash(cafe, "ada") is None


def test_guessing_the_current_password_is_throttled_like_logins(mocked_table: Table) -> None:
    cafe = TestApp(mocked_table, login_tries=3, login_window_seconds=10_000)
    me = register_and_log_in(cafe, "ada")
    cafe.clock.advance(minutes=16)
    guesses = [change(me, "PUT", password=NEW, currentPassword=f"guess {n}").status_code for n in range(4)]
    assert guesses == [422, 422, 422, 429]
    refused = change(me, "PUT", password=NEW, currentPassword=PASSWORD)
    assert problem(refused, 429)["type"] == "/problems/throttled"
    assert int(refused.headers["Retry-After"]) > 0
    assert attempt_login(cafe, "ada").status_code == 429
    assert me.put("/users/ada", {"about": "x"}).status_code == 200


def test_logins_and_changes_count_together_and_good_ones_count_for_nothing(mocked_table: Table) -> None:
    cafe = TestApp(mocked_table, login_tries=3, login_window_seconds=10_000)
    me = register_and_log_in(cafe, "ada")
    cafe.clock.advance(minutes=16)
    for number in range(6):
        old, new = (PASSWORD, NEW) if number % 2 == 0 else (NEW, PASSWORD)
        assert change(me, "PUT", password=new, currentPassword=old).status_code == 200
    assert [attempt_login(cafe, "ada", "wrong").status_code for _ in range(2)] == [401, 401]
    assert change(me, "PUT", password=NEW, currentPassword="wrong").status_code == 422
    assert change(me, "PUT", password=NEW, currentPassword=PASSWORD).status_code == 429


def test_a_password_is_one_however_its_letters_are_written(cafe: TestApp) -> None:
    assert register(cafe, "ada", "Zoë schläft gern").status_code == 201
    assert attempt_login(cafe, "ada", "Zoe\u0308 schla\u0308ft gern").status_code == 201
    assert attempt_login(cafe, "ada", "zoë schläft gern").status_code == 401
