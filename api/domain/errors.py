"""The errors of the domain, independent of HTTP.

    ClowderError
    ├── ValidationFailed      the request breaks rules; the error has all of them
    ├── Unauthenticated       the caller is not authenticated
    ├── Forbidden             the caller lacks the permission
    ├── NotFound              the entity does not exist or is hidden from the caller
    ├── AlreadyExists         another entity has the key
    ├── InvalidState          the state of the entity does not allow the operation
    ├── ChangeTooLarge        the change exceeds a limit of the database
    ├── IdempotencyKeyReused  the Idempotency-Key was used with another request
    ├── RateLimited           too many attempts; the error has the time to wait
    └── Unavailable           the table is not available

``api/http/problems.py`` maps each error to a status.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

ErrorCode = Literal[
    "blank", "circular", "contradiction", "duplicate", "in_the_future", "invalid_character", "invalid_format",
    "invalid_value", "not_allowed", "not_found", "out_of_range", "read_only", "required", "reserved", "taken",
    "too_large", "too_long", "too_many", "too_short", "too_small", "unknown_member", "unknown_parameter",
    "weak_password", "wrong_password", "wrong_type",
]  # fmt: skip
"""What is wrong, for programs. The codes are stable; docs/errors.md explains each of them."""


class FieldError(msgspec.Struct, frozen=True, omit_defaults=True):
    """One error in a request, with its location."""

    code: ErrorCode
    detail: str
    """What is wrong and what is expected, for people. The text may change."""
    pointer: str | None = None
    """JSON Pointer (RFC 6901) into the body."""
    parameter: str | None = None
    """Name of a query parameter."""
    header: str | None = None
    """Name of a header."""

    def at(self, pointer: str) -> FieldError:
        """Return the error with a pointer into the body."""
        return msgspec.structs.replace(self, pointer=pointer)


class ClowderError(Exception):
    """The base of all errors of the domain."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


def _with_location(error: FieldError) -> str:
    """Return the detail of an error after its pointer, unless the detail begins with the name of the member."""
    name = (error.pointer or "").removeprefix("/")  # a client may have written it: no pattern is made of it
    has_name = name and error.detail.startswith((f"{name} ", f"{name}: "))
    return error.detail if has_name else f"{error.pointer}: {error.detail}"


class ValidationFailed(ClowderError):
    """A well-formed request breaks rules."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(" ".join(map(_with_location, errors)))
        self.errors = errors


class Unauthenticated(ClowderError):
    """The caller is not authenticated."""


class Forbidden(ClowderError):
    """The caller lacks the permission."""


class NotFound(ClowderError):
    """The entity does not exist or is hidden from the caller."""


class AlreadyExists(ClowderError):
    """Another entity has the key of a new entity."""


class InvalidState(ClowderError):
    """The state of the entity does not allow the operation."""


class ChangeTooLarge(ClowderError):
    """The change exceeds a limit of the database. Nothing was sent to it."""


class IdempotencyKeyReused(ClowderError):
    """The idempotency key was used with another request."""


class RateLimited(ClowderError):
    """Too many attempts in a time window."""

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        """The seconds until the end of the window."""


class Unavailable(ClowderError):
    """The table is not available. No acknowledged write is lost."""


def required(member: str, *, is_text: bool = True) -> FieldError:
    """Return the error of a required member that is missing, or of a required text that is blank."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", member)
    sentence = f"{words[:1].upper()}{words[1:].lower()} cannot be blank!"
    return FieldError("required", sentence if is_text else f"{member} is required.")


def blank(member: str) -> FieldError:
    """Return the error of an optional text without a visible character."""
    return FieldError("blank", f"{member} must not be blank.")
