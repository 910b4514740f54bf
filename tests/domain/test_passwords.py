"""Passwords: argon2id hashes, verification, rehashing, and the check for weak passwords."""

from __future__ import annotations

import unicodedata

import pytest
from argon2.low_level import Type, hash_secret

from api.domain.passwords import (
    HASH_BYTES,
    LANES,
    MEMORY_KIB,
    SALT_BYTES,
    TIME_COST,
    hash_password,
    needs_rehash,
    verify,
    weakness,
)

SALT = bytes(range(SALT_BYTES))
COMMON = ["password1", "PASSWORD1", "12345678", "qwertyuiop", "iloveyou", "trustno1", "football", "baseball1"]


def test_hash_has_the_parameters_of_owasp_and_depends_on_the_salt() -> None:
    hashed = hash_password("correct horse", SALT)
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert "correct" not in hashed
    assert hashed != hash_password("correct horse", bytes(SALT_BYTES))


@pytest.mark.parametrize("password", ["correct horse", "пароль", "x" * 128, " ", "a\x00b"])
def test_verify_accepts_only_the_right_password(password: str) -> None:
    hashed = hash_password(password, SALT)
    assert verify(password, hashed)
    assert not verify(password + " ", hashed)
    assert not verify(password.upper() + "x", hashed)


@pytest.mark.parametrize("password", ["", "x"])
def test_verify_rejects_every_password_of_a_user_without_a_hash(password: str) -> None:
    assert not verify(password, None)


def test_verify_rejects_malformed_hashes() -> None:
    assert not verify("x", "x")
    assert not verify("", "$argon2id$")


@pytest.mark.parametrize(("time", "memory", "lanes", "size"), [(1, 8, 1, 16), (3, 64, 2, 32), (2, 19 * 1024, 1, 64)])
def test_verify_uses_the_parameters_of_the_hash(time: int, memory: int, lanes: int, size: int) -> None:
    hashed = hash_secret(b"correct horse", bytes(16), time, memory, lanes, size, Type.ID).decode()
    assert f"m={memory},t={time},p={lanes}" in hashed
    assert verify("correct horse", hashed)
    assert not verify("correct horse ", hashed)


def test_new_hash_needs_no_rehash() -> None:
    assert not needs_rehash(hash_password("nine lives", bytes(16)))


@pytest.mark.parametrize(
    ("time", "memory", "lanes", "size", "salt", "type", "version"),
    [
        (TIME_COST + 1, MEMORY_KIB, LANES, HASH_BYTES, 16, Type.ID, 19),
        (TIME_COST, MEMORY_KIB - 8, LANES, HASH_BYTES, 16, Type.ID, 19),
        (TIME_COST, MEMORY_KIB, LANES + 1, HASH_BYTES, 16, Type.ID, 19),
        (TIME_COST, MEMORY_KIB, LANES, HASH_BYTES * 2, 16, Type.ID, 19),
        (TIME_COST, MEMORY_KIB, LANES, HASH_BYTES, 8, Type.ID, 19),
        (TIME_COST, MEMORY_KIB, LANES, HASH_BYTES, 16, Type.I, 19),
        (TIME_COST, MEMORY_KIB, LANES, HASH_BYTES, 16, Type.ID, 16),
    ],
)
def test_hash_with_other_parameters_needs_a_rehash(
    time: int, memory: int, lanes: int, size: int, salt: int, type: Type, version: int
) -> None:
    assert needs_rehash(hash_secret(b"nine lives", bytes(salt), time, memory, lanes, size, type, version).decode())


@pytest.mark.parametrize("password", COMMON)
def test_common_password_is_weak_in_any_case(password: str) -> None:
    assert "most common" in str(weakness(password, "ada"))


@pytest.mark.parametrize("password", ["zoë-the-cat", "Zoë-The-Cat", "tac-eht-ëoz", "zoë-the-catzoë-the-cat"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_username_is_weak_reversed_doubled_and_in_any_unicode_form(password: str, form: str) -> None:
    assert "username" in str(weakness(unicodedata.normalize(form, password), "zoë-the-cat"))


@pytest.mark.parametrize("password", ["aaaaaaaaa", "AaAaAaAaA", "ééééééééé", "         "])
def test_repeated_character_is_weak(password: str) -> None:
    assert weakness(password, "ada") is not None


@pytest.mark.parametrize("password", ["nine lives", "jfkwpqdm", "83651972", "ada likes cats", "猫が好きですよね"])
def test_other_passwords_are_not_weak(password: str) -> None:
    assert weakness(password, "ada") is None


def test_empty_username_is_not_compared() -> None:
    assert weakness("", "") is None or "username" not in str(weakness("", ""))
    assert weakness("nine lives", "") is None
