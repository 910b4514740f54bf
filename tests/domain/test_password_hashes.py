"""A password that was kept with other parameters, before they were raised, is right still."""

from __future__ import annotations

import pytest
from argon2.low_level import Type, hash_secret

from api.domain.passwords import verify


@pytest.mark.parametrize(("time", "memory", "lanes", "size"), [(1, 8, 1, 16), (3, 64, 2, 32), (2, 19 * 1024, 1, 64)])
def test_a_hash_brings_its_own_parameters(time: int, memory: int, lanes: int, size: int) -> None:
    kept = hash_secret(b"correct horse", bytes(16), time, memory, lanes, size, Type.ID).decode()
    assert f"m={memory},t={time},p={lanes}" in kept
    assert verify("correct horse", kept)
    assert not verify("correct horse ", kept)
