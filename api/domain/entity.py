"""What every entity has in common: the base struct, versions, the context of a write, the history entry."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Annotated, Any, Literal, Protocol, TypeVar

import msgspec
from msgspec import Meta, Struct

V = TypeVar("V", bound=Struct)

TICK = timedelta(microseconds=1)


class WriteContext(Struct, frozen=True):
    """One act of writing."""

    id: str
    """Names the act: no other one has it. What is made by it may bear it, and so does the version that it makes."""
    by: str
    """The username of who acts."""
    at: datetime


class Versioned(Protocol):
    """Whatever goes through versions."""

    @property
    def version(self) -> int:
        """Counts from 1."""

    @property
    def updated(self) -> datetime:
        """When this version was made."""


def first_version(now: datetime) -> dict[str, Any]:
    """Return the server's members of something new."""
    return {"version": 1, "created": now, "updated": now}


def next_version(entity: Versioned, now: datetime) -> dict[str, Any]:
    """Return the server's members of its next version; time never stands still between two versions."""
    return {"version": entity.version + 1, "updated": max(now, entity.updated + TICK)}


def non_default_fields(body: Struct, struct: type[Struct]) -> dict[str, Any]:
    """Return the members of a body that ``struct`` has, with a default in the place of its equal.

    Only what differs from the defaults is then kept in the table.
    """
    sent = [(name, default, getattr(body, name)) for name, default in _defaults(struct)]
    return {name: default if value == default else value for name, default, value in sent}


@cache
def _defaults(struct: type[Struct]) -> list[tuple[str, Any]]:
    return [(field.name, field.default) for field in msgspec.structs.fields(struct)]


def project(struct: type[V], entity: Struct, **other: Any) -> V:
    """Return a struct with the members that an entity shares with it, and with others said here."""
    shared = [name for name in struct.__struct_fields__ if name in entity.__struct_fields__ and name not in other]
    return struct(**{name: getattr(entity, name) for name in shared}, **other)


Timestamp = Annotated[datetime, Meta(tz=True)]
"""A point in time, with its offset; ours are in UTC."""


class ApiStruct(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Unknown members are refused, names are lowerCamelCase, nothing changes in place."""


Action = Literal["created", "replaced", "patched", "bonded", "deleted"]
_UNTOLD = {"version", "updated", "hidden_bonds"}
"""Members that say nothing of what somebody changed."""


class HistoryEntry(ApiStruct, frozen=True):
    """One version of an entity: who made it, when, and which members it changed."""

    at: Timestamp
    action: Action
    by: str
    version: int
    changed: tuple[str, ...]


def changed_fields(before: Any, after: Any) -> tuple[str, ...]:
    """Return the names of the members that differ between two versions, in their order."""
    if before is None or after is None:
        return ()
    names = zip(before.__struct_fields__, before.__struct_encode_fields__, strict=True)
    return tuple(told for name, told in names if name not in _UNTOLD and getattr(before, name) != getattr(after, name))
