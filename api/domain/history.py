"""The versions that a thing went through, and who made them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from api.domain.part import Instant, Part

Action = Literal["created", "replaced", "patched", "bonded", "deleted"]
_UNTOLD = {"version", "updated", "hidden_bonds"}
"""Members that say nothing of what somebody changed."""


class Entry(Part, frozen=True):
    """One version of a thing: who made it, when, and which members it changed."""

    at: Instant
    action: Action
    by: str
    version: int
    changed: tuple[str, ...]


def changed(before: Struct | None, after: Struct | None) -> tuple[str, ...]:
    """Return the names of the members that differ between two versions, in their order."""
    if before is None or after is None:
        return ()
    names = zip(before.__struct_fields__, before.__struct_encode_fields__, strict=True)
    return tuple(told for name, told in names if name not in _UNTOLD and getattr(before, name) != getattr(after, name))
