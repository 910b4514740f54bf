"""Passwords, kept as argon2id (RFC 9106) with the parameters that OWASP's table gives first for its memory.

argon2 is imported where it is used: it is needed at a login and never on another request.
"""

from __future__ import annotations

TIME_COST, MEMORY_KIB, LANES, HASH_BYTES, SALT_BYTES = 2, 19 * 1024, 1, 32, 16


def hash_password(password: str, salt: bytes) -> str:
    """Return the hash of a password in its usual encoding, parameters and salt included."""
    from argon2.low_level import Type, hash_secret

    return hash_secret(password.encode(), salt, TIME_COST, MEMORY_KIB, LANES, HASH_BYTES, Type.ID).decode()


def verify(password: str, hashed: str | None) -> bool:
    """Say whether a password is right.

    Takes the same time for somebody who is not there (None): their password is checked against a hash
    that nothing matches.
    """
    from argon2.exceptions import VerificationError
    from argon2.low_level import Type, verify_secret

    try:
        return verify_secret((hashed or _nobody()).encode(), password.encode(), Type.ID) and hashed is not None
    except VerificationError:
        return False


_made: list[str] = []


def _nobody() -> str:
    """A hash of the parameters in force, made once in the life of a process."""
    if not _made:
        _made.append(hash_password("", bytes(SALT_BYTES)))
    return _made[0]
