"""Passwords: argon2id with OWASP's parameters, and the same work for somebody who is not there."""

from __future__ import annotations

import pytest

from api.domain.passwords import SALT_BYTES, hash_password, verify
from api.services.sessions import generate_token, hash_token

SALT = bytes(range(SALT_BYTES))


def test_a_hash_tells_its_parameters_and_not_its_password() -> None:
    hashed = hash_password("correct horse", SALT)
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "correct" not in hashed
    assert hashed != hash_password("correct horse", bytes(SALT_BYTES))


@pytest.mark.parametrize("password", ["correct horse", "пароль", "x" * 128, " ", "a\x00b"])
def test_the_right_password_is_right_and_others_are_not(password: str) -> None:
    hashed = hash_password(password, SALT)
    assert verify(password, hashed)
    assert not verify(password + " ", hashed)
    assert not verify(password.upper() + "x", hashed)


@pytest.mark.parametrize("password", ["", "x"])
def test_nobody_has_no_password_not_even_an_empty_one(password: str) -> None:
    assert not verify(password, None)


def test_a_hash_that_is_none_lets_nobody_in() -> None:
    assert not verify("x", "x")
    assert not verify("", "$argon2id$")


def test_a_token_is_32_random_bytes_and_its_id_gives_no_access() -> None:
    tokens = {generate_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {43}
    assert hash_token("a") == "ypeBEsobvcr6wjGzmiPcTaeG7_gUfE5yuYB3ha_uSLs"
