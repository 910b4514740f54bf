"""What can go wrong, with no word of HTTP.

    ClowderError
    ├── ValidationFailed      the request breaks rules; it names all of them
    ├── Unauthenticated       the caller is unknown
    ├── Forbidden             the caller is known and lacks the permission
    ├── NotFound              the entity does not exist, or not for this caller
    ├── AlreadyExists         another entity has the key
    ├── InvalidState          the state of the entity does not allow this
    ├── IdempotencyKeyReused  an Idempotency-Key came again with another request
    ├── RateLimited           too many attempts; it says when to come back
    └── Unavailable           the store cannot answer now; no acknowledged write is lost

``api/http/problems.py`` maps each of them to a status.
"""

from __future__ import annotations

import re

import msgspec


class FieldError(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entity that is wrong with a request, and where it stands."""

    detail: str
    pointer: str | None = None
    """RFC 6901 pointer into the body."""
    parameter: str | None = None
    """Name of a query argument."""
    header: str | None = None
    """Name of a header field."""


class ClowderError(Exception):
    """The root of everything that the café refuses."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


def _with_location(fault: FieldError) -> str:
    """Say a fault with its place, if it does not begin with the name of the member anyway."""
    name = (fault.pointer or "").rpartition("/")[2]
    return fault.detail if name and fault.detail.startswith(f"{name}: ") else f"{fault.pointer}: {fault.detail}"


class ValidationFailed(ClowderError):
    """Well-formed, but it breaks a rule."""

    def __init__(self, *faults: FieldError) -> None:
        super().__init__(" ".join(map(_with_location, faults)))
        self.errors = faults


class Unauthenticated(ClowderError):
    """Nobody knows who is calling."""


class Forbidden(ClowderError):
    """The caller is known, and may not."""


class NotFound(ClowderError):
    """There is no such entity, or none that this caller may know of."""


class AlreadyExists(ClowderError):
    """The key of a new entity is in use already."""


class InvalidState(ClowderError):
    """The entity is in a state in which this cannot be done."""


class IdempotencyKeyReused(ClowderError):
    """An idempotency key came again with another request."""


class RateLimited(ClowderError):
    """Too many tries in a window of time."""

    def __init__(self, detail: str, *, limit: int, window: int, retry_after: int) -> None:
        super().__init__(detail)
        self.limit = limit
        self.window = window
        """Length of the window, in seconds."""
        self.retry_after = retry_after
        """Seconds until the window ends."""


class Unavailable(ClowderError):
    """The store cannot answer now."""


def required_message(member: str) -> str:
    """Say that a member is missing, or that there is nothing in it."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", member)
    return f"{words[:1].upper()}{words[1:].lower()} cannot be blank!"
