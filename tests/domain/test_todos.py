"""What is kept of a to-do, how it is done and opened again, and how it shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from api.domain.todos import (
    NewTodo,
    Todo,
    TodoBody,
    create,
    relevant_from,
    to_body,
    to_view,
    update,
    validate_transition,
)
from tests.support.factories import NOON, body, instant, todo, write_context

LATER = NOON + timedelta(hours=1)
DAILY = {"every": 1, "unit": "days"}


def test_a_new_one_is_open_and_says_who_made_it() -> None:
    made = create(NewTodo(title="Shop", cat=" Zoe\u0308 "), "t1", write_context())
    assert made == todo("t1", title="Shop", cat="Zoë", by="bo")


def test_what_is_kept_is_what_differs_from_the_defaults() -> None:
    assert set(msgspec.to_builtins(create(body(blockedBy=[]), "t", write_context()))) == {
        "title", "id", "by", "created", "updated", "version",
    }  # fmt: skip


def test_a_wait_is_kept_in_utc() -> None:
    made = create(body(waitUntil="2026-11-30T08:00:00+02:00"), "t", write_context())
    assert made.wait_until == datetime(2026, 11, 30, 6, tzinfo=UTC)
    assert made.wait_until.utcoffset() == timedelta(0)


def test_a_change_says_all_and_what_it_does_not_say_is_the_default() -> None:
    old = todo(kind="shop", cat="luna", notes="much", assignee="ann")
    new = update(old, body(title="New", kind="vet", priority="high"), write_context(LATER))
    assert new == todo(title="New", kind="vet", priority="high", updated=LATER, version=2)


def test_time_never_stands_still_between_two_versions() -> None:
    assert update(todo(), body(), write_context(NOON - timedelta(days=1))).updated == NOON + timedelta(microseconds=1)


def test_done_and_opened_again_says_when_and_by_whom_and_forgets_it() -> None:
    done = update(todo(), body(done=True), write_context(LATER))
    assert (done.done, done.done_at, done.done_by, done.next) == (True, LATER, "bo", None)
    kept = update(done, body(done=True, title="New"), write_context(LATER + timedelta(days=1), by="cy"))
    assert (kept.title, kept.done_at, kept.done_by) == ("New", LATER, "bo")
    assert validate_transition(done, body()) == []
    opened = update(done, body(), write_context(LATER))
    assert (opened.done, opened.done_at, opened.done_by) == (False, None, None)


def test_one_may_be_written_down_as_done_unless_it_recurs() -> None:
    assert validate_transition(None, body(done=True)) == []
    made = create(body(done=True), "t", write_context(LATER))
    assert (made.done, made.done_at, made.done_by, made.next) == (True, LATER, "bo", None)
    (fault,) = validate_transition(None, body(done=True, due="2026-11-30", recurrence=DAILY))
    assert (fault.pointer, fault.detail) == ("/done", "What recurs begins open.")
    assert validate_transition(None, body(due="2026-11-30", recurrence=DAILY)) == []


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
def test_it_is_overdue_when_its_due_has_passed_and_it_is_open(due: str | None, at: str, overdue: bool) -> None:
    assert to_view(todo(due=due), instant(at)).overdue == overdue
    assert not to_view(todo(due=due, done=True), instant(at)).overdue


def test_a_view_tells_all_that_is_kept() -> None:
    kept = todo(done=True, done_at=LATER, done_by="bo", next="n", cat="luna", due="2026-11-22")
    shown = to_view(kept, NOON)
    assert {name: getattr(shown, name) for name in Todo.__struct_fields__} == msgspec.structs.asdict(kept)


def test_what_is_writable_is_what_a_put_says() -> None:
    kept = todo(done=True, done_at=NOON, notes="n", recurrence=None, blocked_by=("a",))
    told = msgspec.to_builtins(to_body(kept))
    assert "id" not in told
    assert update(kept, msgspec.convert(told, TodoBody), write_context()) == msgspec.structs.replace(
        kept, version=2, updated=NOON + timedelta(microseconds=1)
    )


@pytest.mark.parametrize(
    ("members", "at"),
    [
        ({}, NOON),
        ({"due": "2026-11-25"}, instant("11-26T00:00")),
        ({"due": "2026-11-25", "wait_until": instant("11-24T08:00")}, instant("11-24T08:00")),
        ({"wait_until": instant("11-24T08:00")}, instant("11-24T08:00")),
    ],
)
def test_it_wakes_after_its_wait_or_at_its_due_or_at_once(members: dict[str, Any], at: datetime) -> None:
    assert relevant_from(todo(**members)) == at
