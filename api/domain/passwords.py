"""Passwords, kept as argon2id (RFC 9106) with the parameters that OWASP's table gives first for its memory.

argon2 is imported where it is used: it is needed at a login and never on another request.
"""

from __future__ import annotations

import unicodedata

SHORTEST, LONGEST = 8, 128
"""Characters (NIST SP 800-63B, section 3.1.1: length counts, composition does not)."""
TIME_COST, MEMORY_KIB, LANES, HASH_BYTES, SALT_BYTES = 2, 19 * 1024, 1, 32, 16


def hash_password(password: str, salt: bytes) -> str:
    """Return the hash of a password in its usual encoding, parameters and salt included."""
    from argon2.low_level import Type, hash_secret

    return hash_secret(_bytes(password), salt, TIME_COST, MEMORY_KIB, LANES, HASH_BYTES, Type.ID).decode()


def verify(password: str, hashed: str | None) -> bool:
    """Say whether a password is right.

    Takes the same time for somebody who is not there (None): their password is checked against a hash
    that nothing matches.
    """
    from argon2.exceptions import VerificationError
    from argon2.low_level import Type, verify_secret

    try:
        return verify_secret((hashed or _dummy_hash()).encode(), _bytes(password), Type.ID) and hashed is not None
    except VerificationError:
        return False


def needs_rehash(hashed: str) -> bool:
    """Say whether a hash was made with other parameters than those in force; a login is the moment to make it anew."""
    from argon2 import Parameters, Type, extract_parameters

    wanted = Parameters(Type.ID, 19, SALT_BYTES, HASH_BYTES, TIME_COST, MEMORY_KIB, LANES)
    return extract_parameters(hashed) != wanted


def weakness(password: str, username: str) -> str | None:
    """Say why a password is one of the first that somebody would try, or None."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    lower = unicodedata.normalize("NFC", password).lower()
    if lower in FREQUENCY_LISTS["passwords"]:
        return "This is one of the most common passwords. Please choose another one."
    if username and lower in (username, username * 2, username[::-1]):
        return "The password must not be the username. Please choose another one."
    if len(set(lower)) == 1:
        return "The password must not be one character over and over. Please choose another one."
    return None


def _bytes(password: str) -> bytes:
    """Two spellings that look the same are one password (RFC 8265, section 4.2.2)."""
    return unicodedata.normalize("NFC", password).encode()


_made: list[str] = []


def _dummy_hash() -> str:
    """A hash of the parameters in force, made once in the life of a process."""
    if not _made:
        _made.append(hash_password("", bytes(SALT_BYTES)))
    return _made[0]
