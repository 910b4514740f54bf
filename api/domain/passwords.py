"""Passwords: argon2id hashes (RFC 9106) with the parameters that OWASP recommends, and the check for weak passwords.

argon2 is imported inside functions, because only requests with a password need it.
"""

from __future__ import annotations

import unicodedata
from functools import cache

MIN_LENGTH, MAX_LENGTH = 8, 128
"""In characters. There are no rules for the composition (NIST SP 800-63B, section 3.1.1)."""
TIME_COST, MEMORY_KIB, LANES, HASH_BYTES, SALT_BYTES = 2, 19 * 1024, 1, 32, 16


def hash_password(password: str, salt: bytes) -> str:
    """Return the hash of a password in the standard encoding, with its parameters and salt."""
    from argon2.low_level import Type, hash_secret

    return hash_secret(_bytes(password), salt, TIME_COST, MEMORY_KIB, LANES, HASH_BYTES, Type.ID).decode()


def verify(password: str, hashed: str | None) -> bool:
    """Return whether a password matches a hash.

    The hash of a user who does not exist is None. The function then takes the same time and returns False.
    """
    from argon2.exceptions import VerificationError
    from argon2.low_level import Type, verify_secret

    try:
        return verify_secret((hashed or _dummy_hash()).encode(), _bytes(password), Type.ID) and hashed is not None
    except VerificationError:
        return False


def needs_rehash(hashed: str) -> bool:
    """Return whether a hash has other parameters than the current ones. It can then be replaced at the next login."""
    from argon2 import Parameters, Type, extract_parameters

    current = Parameters(Type.ID, 19, SALT_BYTES, HASH_BYTES, TIME_COST, MEMORY_KIB, LANES)
    return extract_parameters(hashed) != current


def weakness(password: str, username: str) -> str | None:
    """Return why a password is easy to guess, or None."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    lower = _nfc(password).lower()
    if lower in FREQUENCY_LISTS["passwords"]:
        return "This is one of the most common passwords. Please choose another one."
    if username and lower in (username, username * 2, username[::-1]):
        return "The password must not be the username. Please choose another one."
    if len(set(lower)) == 1:
        return "The password must not repeat a single character. Please choose another one."
    return None


def _bytes(password: str) -> bytes:
    return _nfc(password).encode()


def _nfc(password: str) -> str:
    """Return a password in NFC, so that Unicode forms that look the same are equal (RFC 8265, section 4.2.2).

    Normalisation takes quadratic time, so that a text that is too long for a password is returned unchanged.
    """
    return password if len(password) > MAX_LENGTH else unicodedata.normalize("NFC", password)


@cache
def _dummy_hash() -> str:
    """Return a hash with the current parameters. It is computed once per process."""
    return hash_password("", bytes(SALT_BYTES))
