"""What all things that are kept have in common: their versions, what of them is written down, how they show."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any, Protocol, TypeVar

import msgspec
from msgspec import Struct

V = TypeVar("V", bound=Struct)

TICK = timedelta(microseconds=1)


class Stamp(Struct, frozen=True):
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


def next_version(thing: Versioned, now: datetime) -> dict[str, Any]:
    """Return the server's members of its next version; time never stands still between two versions."""
    return {"version": thing.version + 1, "updated": max(now, thing.updated + TICK)}


def told(body: Struct, struct: type[Struct]) -> dict[str, Any]:
    """Return the members of a body that ``struct`` has, with a default in the place of its equal.

    Only what differs from the defaults is then kept in the table.
    """
    sent = [(name, default, getattr(body, name)) for name, default in _defaults(struct)]
    return {name: default if value == default else value for name, default, value in sent}


@cache
def _defaults(struct: type[Struct]) -> list[tuple[str, Any]]:
    return [(field.name, field.default) for field in msgspec.structs.fields(struct)]


def copied(struct: type[V], thing: Struct, **other: Any) -> V:
    """Return a struct with the members that a thing shares with it, and with others said here."""
    shared = [name for name in struct.__struct_fields__ if name in thing.__struct_fields__ and name not in other]
    return struct(**{name: getattr(thing, name) for name in shared}, **other)
