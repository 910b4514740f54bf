"""The work of a login: the same for whoever it is that does not get in, and a hash is as strong as today's."""

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

IN_FORCE = f"$argon2id$v=19$m={MEMORY_KIB},t={TIME_COST},p={LANES}$"
OLD = {"older": (1, 8 * 1024, 1, 32), "other memory": (2, 20 * 1024, 1, 32), "shorter": (2, 19 * 1024, 1, 16)}


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The parameters of every verification that argon2 really does from now on."""
    seen: list[str] = []

    def counting(hash: bytes, secret: bytes, type: Type) -> Any:
        seen.append(hash.decode().rpartition("$")[0].rpartition("$")[0] + "$")
        return verify_secret(hash, secret, type)

    monkeypatch.setattr(argon2.low_level, "verify_secret", counting)
    return seen


@pytest.fixture
def people(cafe: TestApp) -> TestApp:
    """A café with somebody of each sort."""
    register(cafe, "ada")
    register(cafe, "idle")
    cafe.client("owner", "olga").patch("/users/idle", {"active": False}, if_match="*")
    cafe.client("staff", "without")
    return cafe


NOT_LET_IN = [("ada", "wrong password"), ("nobody", PASSWORD), ("idle", PASSWORD), ("idle", "wrong"), ("without", "x")]


def test_whoever_is_not_let_in_gets_the_same_answer_after_the_same_work(people: TestApp, verified: list[str]) -> None:
    told = []
    for username, password in NOT_LET_IN:
        verified.clear()
        answer = attempt_login(people, username, password)
        assert verified == [IN_FORCE], username
        headers = sorted((name, value) for name, value in answer.headers if name != "X-Request-Id")
        text = answer.get_data(as_text=True).replace(answer.headers["X-Request-Id"], "")
        told.append((answer.status_code, text, headers))
    assert told[0][0] == 401
    assert told == [told[0]] * len(NOT_LET_IN)


def test_the_page_says_the_same_to_all_of_them_too(people: TestApp, verified: list[str]) -> None:
    told = []
    for username, password in NOT_LET_IN:
        verified.clear()
        visitor = BrowserClient(people)
        answer = visitor.log_in(username, password)
        assert verified == [IN_FORCE], username
        told.append((answer.status_code, answer.get_data(as_text=True).replace(visitor.csrf, "")))
    assert told[0][0] == 401
    assert told == [told[0]] * len(NOT_LET_IN)


def test_who_is_let_in_is_verified_once_and_who_is_throttled_never(people: TestApp, verified: list[str]) -> None:
    assert attempt_login(people, "ada").status_code == 201
    assert verified == [IN_FORCE]
    for _ in range(people.settings.login_tries):
        attempt_login(people, "ada", "wrong")
    verified.clear()
    assert attempt_login(people, "ada").status_code == 429
    assert verified == []


@pytest.mark.parametrize("parameters", OLD.values(), ids=OLD)
def test_a_hash_of_other_parameters_is_made_anew_at_a_login(
    cafe: TestApp, parameters: tuple[int, int, int, int]
) -> None:
    me = register_and_log_in(cafe, "ada")
    time, memory, lanes, size = parameters
    old = hash_secret(PASSWORD.encode(), bytes(16), time, memory, lanes, size, Type.ID).decode()
    set_password_hash(cafe, "ada", old)
    assert attempt_login(cafe, "ada", "wrong").status_code == 401
    assert me.get("/users/ada").status_code == me.get("/sessions").status_code == 200
    assert get_password_hash(cafe, "ada") == old
    assert attempt_login(cafe, "ada").status_code == 201
    new = get_password_hash(cafe, "ada")
    assert new is not None
    assert new.startswith(IN_FORCE)
    assert new != old
    assert me.get("/users/ada").json["version"] == 1
    assert (attempt_login(cafe, "ada").status_code, attempt_login(cafe, "ada", "wrong").status_code) == (201, 401)
    assert get_password_hash(cafe, "ada") == new


def test_a_hash_of_the_parameters_in_force_is_left_as_it_is(cafe: TestApp) -> None:
    register(cafe, "ada")
    set_password_hash(cafe, "ada", hash_password(PASSWORD, bytes(16)))
    before = get_password_hash(cafe, "ada")
    assert BrowserClient(cafe).log_in("ada").status_code == 303
    assert attempt_login(cafe, "ada").status_code == 201
    assert get_password_hash(cafe, "ada") == before


def test_two_people_with_one_password_have_two_hashes(cafe: TestApp) -> None:
    register(cafe, "ada")
    register(cafe, "bea")
    assert get_password_hash(cafe, "ada") != get_password_hash(cafe, "bea")
