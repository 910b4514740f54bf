"""Which passwords are among the first that somebody would try, and which hashes are of yesterday."""

from __future__ import annotations

import unicodedata

import pytest
from argon2.low_level import Type, hash_secret

from api.domain.passwords import HASH_BYTES, LANES, MEMORY_KIB, TIME_COST, hash_password, needs_rehash, weakness

COMMON = ["password1", "PASSWORD1", "12345678", "qwertyuiop", "iloveyou", "trustno1", "football", "baseball1"]


@pytest.mark.parametrize("password", COMMON)
def test_common_passwords_are_weak_in_any_case(password: str) -> None:
    assert "most common" in str(weakness(password, "ada"))


@pytest.mark.parametrize("password", ["zoë-the-cat", "Zoë-The-Cat", "tac-eht-ëoz", "zoë-the-catzoë-the-cat"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_username_is_weak_forwards_backwards_twice_and_in_any_spelling(password: str, form: str) -> None:
    assert "username" in str(weakness(unicodedata.normalize(form, password), "zoë-the-cat"))


@pytest.mark.parametrize("password", ["aaaaaaaaa", "AaAaAaAaA", "ééééééééé", "         "])
def test_one_character_over_and_over_is_weak(password: str) -> None:
    assert weakness(password, "ada") is not None


@pytest.mark.parametrize("password", ["nine lives", "jfkwpqdm", "83651972", "ada likes cats", "猫が好きですよね"])
def test_what_nobody_would_try_first_is_not_weak(password: str) -> None:
    assert weakness(password, "ada") is None


def test_without_a_username_there_is_none_to_be_equal_to() -> None:
    assert weakness("", "") is None or "username" not in str(weakness("", ""))
    assert weakness("nine lives", "") is None


def test_a_hash_made_now_is_not_of_yesterday() -> None:
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
def test_a_hash_of_other_parameters_is(
    time: int, memory: int, lanes: int, size: int, salt: int, type: Type, version: int
) -> None:
    assert needs_rehash(hash_secret(b"nine lives", bytes(salt), time, memory, lanes, size, type, version).decode())
