"""To-dos: stored fields, updates, done and reopened, overdue, and views."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from api.domain.todos import (
    CreateTodo,
    ReplaceTodo,
    Todo,
    create,
    relevant_from,
    to_body,
    to_view,
    update,
    validate_transition,
)
from tests.support.factories import NOON, complete, make_todo, make_todo_body, make_write_context, utc

LATER = NOON + timedelta(hours=1)
DAILY = {"every": 1, "unit": "days"}


def test_new_todo_is_open_and_names_its_author() -> None:
    created = create(CreateTodo(title="Shop", cat=" Zoe\u0308 "), "t1", make_write_context())
    assert created == make_todo("t1", title="Shop", cat="Zoë", by="bo")


def test_only_non_default_fields_are_stored() -> None:
    assert set(msgspec.to_builtins(create(make_todo_body(blockedBy=[]), "t", make_write_context()))) == {
        "title", "id", "by", "created", "updated", "version",
    }  # fmt: skip


def test_wait_until_is_stored_in_utc() -> None:
    created = create(make_todo_body(waitUntil="2026-11-30T08:00:00+02:00"), "t", make_write_context())
    assert created.wait_until == datetime(2026, 11, 30, 6, tzinfo=UTC)
    assert created.wait_until.utcoffset() == timedelta(0)


def test_update_replaces_every_writable_field() -> None:
    before = make_todo(kind="shop", cat="luna", notes="much", assignee="ann")
    after = update(before, make_todo_body(title="New", kind="vet", priority="high"), make_write_context(LATER))
    assert after == make_todo(title="New", kind="vet", priority="high", updated=LATER, version=2)


def test_updated_increases_even_when_the_clock_goes_back() -> None:
    after = update(make_todo(), make_todo_body(), make_write_context(NOON - timedelta(days=1)))
    assert after.updated == NOON + timedelta(microseconds=1)


def test_done_todo_has_done_at_and_done_by_until_it_is_reopened() -> None:
    done = complete(make_todo(), LATER)
    assert (done.done, done.done_at, done.done_by, done.next) == (True, LATER, "bo", None)
    context = make_write_context(LATER + timedelta(days=1), by="cy")
    edited = update(done, make_todo_body(done=True, title="New"), context)
    assert (edited.title, edited.done_at, edited.done_by) == ("New", LATER, "bo")
    assert validate_transition(done, make_todo_body()) == []
    reopened = update(done, make_todo_body(), make_write_context(LATER))
    assert (reopened.done, reopened.done_at, reopened.done_by) == (False, None, None)


def test_todo_can_be_created_as_done_unless_it_is_recurring() -> None:
    assert validate_transition(None, make_todo_body(done=True)) == []
    created = create(make_todo_body(done=True), "t", make_write_context(LATER))
    assert (created.done, created.done_at, created.done_by, created.next) == (True, LATER, "bo", None)
    (error,) = validate_transition(None, make_todo_body(done=True, due="2026-11-30", recurrence=DAILY))
    assert (error.pointer, error.detail) == ("/done", "A recurring to-do cannot be created as done.")
    assert validate_transition(None, make_todo_body(due="2026-11-30", recurrence=DAILY)) == []


@pytest.mark.parametrize(
    ("due", "at", "overdue"),
    [
        ("2026-11-22", "11-22T23:59:59.999999", False),
        ("2026-11-22", "11-23T00:00", True),
        ("2026-11-22T12:00:00Z", "11-22T11:59:59", False),
        ("2026-11-22T12:00:00Z", "11-22T12:00", True),
        (None, "11-23T00:00", False),
    ],
)
def test_open_todo_is_overdue_when_its_deadline_has_passed(due: str | None, at: str, overdue: bool) -> None:
    assert to_view(make_todo(due=due), utc(at), UTC).overdue == overdue
    assert not to_view(make_todo(due=due, done=True), utc(at), UTC).overdue


def test_view_has_every_stored_field() -> None:
    stored = make_todo(done=True, done_at=LATER, done_by="bo", next="n", cat="luna", due="2026-11-22")
    view = to_view(stored, NOON, UTC)
    assert {name: getattr(view, name) for name in Todo.__struct_fields__ if name != "series"} == {
        name: value for name, value in msgspec.structs.asdict(stored).items() if name != "series"
    }


def test_update_with_to_body_changes_no_field() -> None:
    before = make_todo(done=True, done_at=NOON, notes="n", recurrence=None, blocked_by=("a",))
    document = msgspec.to_builtins(to_body(before))
    assert "id" not in document
    after = update(before, msgspec.convert(document, ReplaceTodo), make_write_context())
    assert after == msgspec.structs.replace(before, version=2, updated=NOON + timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, NOON),
        ({"due": "2026-11-25"}, utc("11-26T00:00")),
        ({"due": "2026-11-25", "wait_until": utc("11-24T08:00")}, utc("11-24T08:00")),
        ({"wait_until": utc("11-24T08:00")}, utc("11-24T08:00")),
    ],
)
def test_relevant_from_is_wait_until_or_the_deadline_or_created(fields: dict[str, Any], expected: datetime) -> None:
    assert relevant_from(make_todo(**fields), UTC) == expected
