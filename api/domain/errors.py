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

import msgspec


class FieldError(msgspec.Struct, frozen=True, omit_defaults=True):
    """One error in a request, with its location."""

    detail: str
    pointer: str | None = None
    """JSON Pointer (RFC 6901) into the body."""
    parameter: str | None = None
    """Name of a query parameter."""
    header: str | None = None
    """Name of a header."""


class ClowderError(Exception):
    """The base of all errors of the domain."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


def _with_location(error: FieldError) -> str:
    """Return the detail of an error after its pointer, unless the detail begins with the name of the field."""
    name = (error.pointer or "").rpartition("/")[2]
    return error.detail if name and error.detail.startswith(f"{name}: ") else f"{error.pointer}: {error.detail}"


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


def required_message(field: str) -> str:
    """Return the error message for a required field that is missing or blank."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", field)
    return f"{words[:1].upper()}{words[1:].lower()} cannot be blank!"
