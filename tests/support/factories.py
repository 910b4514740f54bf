"""Factories of cats, to-dos and care cards for unit tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from api.domain.care_cards import CareCard
from api.domain.cats import Cat
from api.domain.entity import WriteContext
from api.domain.todos import Todo, TodoBody, to_body, update

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def cat(name: str = "luna", **members: Any) -> Cat:
    """Return a cat as she is kept, with some members."""
    kept: dict[str, Any] = {"uid": f"uid of {name}", "created": NOON, "updated": NOON, "version": 1}
    return Cat(name=name, **kept | members)


def todo(id: str = "t", **members: Any) -> Todo:
    """Return an open to-do as it is kept, with some members."""
    kept: dict[str, Any] = {"title": "Do it", "by": "ann", "created": NOON, "updated": NOON, "version": 1}
    return Todo(id=id, **kept | members)


def body(**members: Any) -> TodoBody:
    """Return a body as it comes in, with members named as there."""
    return msgspec.convert({"title": "Do it"} | members, TodoBody)


def write_context(at: datetime = NOON, id: str = "fresh", by: str = "bo") -> WriteContext:
    """Return an act of writing."""
    return WriteContext(id=id, by=by, at=at)


def done(one: Todo, at: datetime = NOON, id: str = "fresh") -> Todo:
    """Return a to-do after it was done."""
    return update(one, replace(to_body(one), done=True), write_context(at, id))


def card(**members: Any) -> CareCard:
    """Return the card of Luna, who came at noon, with some members."""
    kept: dict[str, Any] = {"cat": "luna", "uid": "u", "in_care": True, "since": NOON}
    return CareCard(**kept | members)


def instant(text: str) -> datetime:
    """Return an instant of 2026, as in ``11-22T12:00`` (UTC)."""
    return datetime.fromisoformat(f"2026-{text}Z")
