"""The parts that all entities share: the base struct, versions, the write context and the history entry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Annotated, Any, Literal, Protocol, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from api.domain.errors import FieldError

V = TypeVar("V", bound=Struct)

TICK = timedelta(microseconds=1)
YEARS = range(2000, 2101)
"""The years of the times and due dates of to-dos, posts and pies."""


class WriteContext(Struct, frozen=True):
    """The id, the author and the time of one write."""

    id: str
    """Unique. It is the id of the new version, and may be the id of a created entity."""
    by: str
    """The uid of the author."""
    at: datetime
    zone: tzinfo = UTC
    """The time zone of the café."""


class Versioned(Protocol):
    """An entity with versions."""

    @property
    def version(self) -> int:
        """The number of the version, from 1."""

    @property
    def created(self) -> datetime:
        """The time of the first version."""

    @property
    def updated(self) -> datetime:
        """The time of the version."""


def first_version(now: datetime) -> dict[str, Any]:
    """Return the fields that the server sets in a new entity."""
    return {"version": 1, "created": now, "updated": now}


def next_version(entity: Versioned, now: datetime) -> dict[str, Any]:
    """Return the fields that the server sets in the next version. ``updated`` increases even if the clock does not."""
    return {"version": entity.version + 1, "updated": max(now, entity.updated + TICK)}


def non_default_fields(body: Struct, struct: type[Struct]) -> dict[str, Any]:
    """Return the fields of a body that ``struct`` has. A value that equals the default is replaced by the default.

    The table then stores only the fields that differ from their defaults.
    """
    fields = [(name, default, getattr(body, name)) for name, default in _defaults(struct)]
    return {name: default if value == default else value for name, default, value in fields}


@cache
def _defaults(struct: type[Struct]) -> list[tuple[str, Any]]:
    return [(field.name, field.default) for field in msgspec.structs.fields(struct)]


def project(struct: type[V], entity: Struct, **other: Any) -> V:
    """Return a struct with the fields that it shares with an entity, and with other fields."""
    shared = [name for name in struct.__struct_fields__ if name in entity.__struct_fields__ and name not in other]
    return struct(**{name: getattr(entity, name) for name in shared}, **other)


def year_errors(at: datetime | None, pointer: str) -> list[FieldError]:
    """Return an error if a time is not in the supported years in UTC, as responses have it."""
    if at is None or datetime(YEARS.start, 1, 1, tzinfo=UTC) <= at < datetime(YEARS.stop, 1, 1, tzinfo=UTC):
        return []
    name = pointer.rpartition("/")[2]
    detail = f"{name} must be in the years {YEARS[0]} to {YEARS[-1]} (UTC)."
    return [FieldError("out_of_range", detail, pointer=pointer)]


Timestamp = Annotated[datetime, Meta(tz=True)]
"""A time with its UTC offset. Responses are in UTC."""
TIMESTAMP_EXPECTED = "an RFC 3339 time with its offset and without leap seconds, such as 2026-11-30T08:00:00Z"


def parse_timestamp(text: str) -> datetime:
    """Return the time in UTC of an RFC 3339 text (section 5.6), as in the fields of bodies.

    Raises:
        ValueError: the text is no time, has no offset, or is out of range in UTC.
    """
    if text[10:11] not in ("T", "t"):  # msgspec also accepts a space
        raise ValueError("An RFC 3339 time has a T before its hours.")
    try:
        return msgspec.convert(text, Timestamp).astimezone(UTC)
    except OverflowError:
        raise ValueError("The time is out of range in UTC.") from None


class ApiStruct(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The base of structs of the API: immutable, with fields in lowerCamelCase. Unknown fields are rejected."""


BusinessMetric = Literal["Adoptions", "LateDoses", "Weighings"]
"""The business metrics. A late dose is a medicine to-do that was done after its due date."""
Action = Literal["created", "replaced", "patched", "bonded", "deleted", "redacted"]
_SERVER_FIELDS = {"version", "updated", "hidden_bonds", "public_version", "public_updated", "chips_claimed"}
"""Fields that are not changes by a user."""


class HistoryEntry(ApiStruct, frozen=True):
    """One version of an entity: its author, its time, and the changed fields."""

    at: Timestamp
    action: Action
    by: str
    """The author: stored as a uid, shown as a username."""
    version: int
    changed: tuple[str, ...]
    member: str | UnsetType = UNSET
    """Only of a redaction: the member whose values were removed from earlier versions."""
    reason: str | UnsetType = UNSET
    """Only of a redaction."""


def changed_fields(before: Any, after: Any) -> tuple[str, ...]:
    """Return the JSON names of the fields that differ between two versions."""
    if before is None or after is None:
        return ()
    names = zip(before.__struct_fields__, before.__struct_encode_fields__, strict=True)
    return tuple(
        json_name
        for name, json_name in names
        if name not in _SERVER_FIELDS and getattr(before, name) != getattr(after, name)
    )


def fields_equal(**wanted: object) -> Callable[[Any], bool] | None:
    """Return a predicate that compares fields with values; a tuple has several possible values.

    A value of None is ignored. Return None if all values are None.
    """
    values = {name: value for name, value in wanted.items() if value is not None}
    possible = {name: value if isinstance(value, tuple) else (value,) for name, value in values.items()}
    return (lambda entity: all(getattr(entity, name) in some for name, some in possible.items())) if possible else None
