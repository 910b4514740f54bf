"""Factories of cats, to-dos and care cards for unit tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from api.domain import pies
from api.domain.care_cards import CareCard
from api.domain.cats import Cat
from api.domain.entity import WriteContext
from api.domain.pies import Pie, ReplacePie
from api.domain.todos import ReplaceTodo, Todo, to_body, update

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def make_cat(name: str = "luna", **fields: Any) -> Cat:
    """Return a cat with some fields."""
    defaults: dict[str, Any] = {"uid": f"uid of {name}", "created": NOON, "updated": NOON, "version": 1}
    return Cat(name=name, **defaults | fields)


def make_todo(id: str = "t", **fields: Any) -> Todo:
    """Return an open to-do with some fields."""
    defaults: dict[str, Any] = {"title": "Do it", "by": "ann", "created": NOON, "updated": NOON, "version": 1}
    return Todo(id=id, **defaults | fields)


def make_todo_body(**fields: Any) -> ReplaceTodo:
    """Return the body of a PUT, from fields named as in JSON."""
    return msgspec.convert({"title": "Do it"} | fields, ReplaceTodo)


def make_write_context(at: datetime = NOON, id: str = "fresh", by: str = "bo") -> WriteContext:
    """Return the context of a write by Bo."""
    return WriteContext(id=id, by=by, at=at)


def complete(todo: Todo, at: datetime = NOON, id: str = "fresh") -> Todo:
    """Return the next version of a to-do, which is done."""
    return update(todo, replace(to_body(todo), done=True), make_write_context(at, id))


def make_card(**fields: Any) -> CareCard:
    """Return the care card of Luna, who was created at noon, with some fields."""
    defaults: dict[str, Any] = {"cat": "luna", "uid": "u", "in_care": True, "since": NOON}
    return CareCard(**defaults | fields)


def utc(text: str) -> datetime:
    """Return a time of 2026 in UTC, written as ``11-22T12:00``."""
    return datetime.fromisoformat(f"2026-{text}Z")


def make_pie_body(**fields: Any) -> ReplacePie:
    """Return the body of a PUT, from fields named as in JSON."""
    return msgspec.convert(fields, ReplacePie)


def make_pie(**fields: Any) -> Pie:
    """Return an apple pie that Ada created at noon, from fields named as in JSON."""
    return pies.create(make_pie_body(**fields), "apple", make_write_context(by="ada"))
