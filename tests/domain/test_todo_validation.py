"""Validation of to-dos: due dates, malformed bodies, and the pointer and detail of each error."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.due_dates import END, START, deadline, normalise_due
from api.domain.todos import CreateTodo, ReplaceTodo, TodoKind, create, update, validate
from tests.support.factories import NOON, make_todo, make_todo_body, make_write_context

DAILY = {"every": 1, "unit": "days"}


def errors(**fields: Any) -> dict[str | None, str]:
    """Return the details of the errors of a body by pointer."""
    return {error.pointer: error.detail for error in validate(make_todo_body(**fields), NOON, UTC)}


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        ("2026-11-30", "2026-12-01T00:00:00+00:00"),
        ("2000-01-01T00:00:00Z", "2000-01-01T00:00:00+00:00"),
        ("2000-01-01", "2000-01-02T00:00:00+00:00"),
        ("2000-02-29", "2000-03-01T00:00:00+00:00"),
        ("2100-12-31", "2101-01-01T00:00:00+00:00"),
        ("2026-11-30T08:00:00Z", "2026-11-30T08:00:00+00:00"),
        ("2026-11-30T08:00:00+02:00", "2026-11-30T06:00:00+00:00"),
        ("2026-11-30T23:30:00-05:30", "2026-12-01T05:00:00+00:00"),
    ],
)
def test_deadline_is_the_end_of_a_day_or_the_time_itself(due: str, expected: str) -> None:
    assert errors(due=due) == {}
    assert deadline(due, UTC).isoformat() == expected


@pytest.mark.parametrize(
    ("due", "normalised"),
    [
        ("2026-11-30", "2026-11-30"),
        ("2026-11-30T08:00:00Z", "2026-11-30T08:00:00Z"),
        ("2026-11-30T08:00:00.500+02:00", "2026-11-30T06:00:00.500000Z"),
        ("2026-11-30T00:00:00.000+14:00", "2026-11-29T10:00:00Z"),
    ],
)
def test_due_is_normalised_to_utc(due: str, normalised: str) -> None:
    assert normalise_due(due) == normalised
    assert create(make_todo_body(due=due), "t", make_write_context()).due == normalised
    assert update(make_todo(), make_todo_body(due=due), make_write_context()).due == normalised


@pytest.mark.parametrize(
    "due",
    [
        "2026-02-30", "2026-13-01", "2026-00-10", "2100-02-29", "2026-11-30T25:00:00Z", "2026-11-30T24:00:00Z",
        "2026-11-30T12:60:00Z", "2026-11-30T12:00:00+24:00", "2026-11-30T12:00:00+05:60",
        "2000-01-01T00:00:00+00:01", "2100-12-31T23:59:59-00:01", "2100-12-31T23:59:59.999999999Z",
    ],
)  # fmt: skip
def test_due_that_does_not_exist_is_rejected_with_one_error(due: str) -> None:
    assert errors(due=due, waitUntil="2026-11-01T00:00:00Z", recurrence=DAILY) == {
        "/due": "due must be an existing date or time in the years 2000 to 2100 (UTC)."
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"due": "1999-12-31"}, {"due": "2101-01-01"}, {"due": "2026-11-30\n"}, {"due": "2026-11-30T08:00:00"},
        {"due": "2026-11-30T08:00Z"}, {"due": "2026-11-30 08:00:00Z"}, {"due": "20261130"}, {"due": ""},
        {"due": "2026-11-30T08:00:00Z\n"}, {"blockedBy": ["a\n"]}, {"blockedBy": [""]}, {"blockedBy": ["a" * 65]},
        {"blockedBy": ["é"]}, {"blockedBy": [f"t{n}" for n in range(21)]}, {"title": "x" * 201}, {"assignee": ""},
        {"assignee": "x" * 65}, {"notes": "x" * 4001}, {"kind": "party"}, {"priority": "urgent"}, {"id": "a b"},
        {"waitUntil": "2026-11-30T08:00:00"}, {"recurrence": {"every": 0, "unit": "days"}}, {"title": None},
        {"recurrence": {"every": 1001, "unit": "days"}}, {"recurrence": {"every": 1, "unit": "years"}},
        {"recurrence": DAILY | {"from_": "due"}}, {"recurrence": DAILY | {"from": "now"}}, {"overdue": True},
    ],
)  # fmt: skip
def test_malformed_body_is_rejected(fields: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        make_todo_body(**fields)


def test_only_the_title_is_required() -> None:
    with pytest.raises(msgspec.ValidationError, match="title"):
        msgspec.convert({}, ReplaceTodo)
    assert make_todo_body() == ReplaceTodo(title="Do it", kind="admin", priority="normal", blocked_by=(), done=False)


@pytest.mark.parametrize(
    ("fields", "pointer", "detail"),
    [
        ({"title": ""}, "/title", "Title cannot be blank!"),
        ({"title": " \t\u2003"}, "/title", "Title cannot be blank!"),
        ({"cat": "lu/na"}, "/cat", "A name may only have letters"),
        ({"cat": " "}, "/cat", "A name must have 1 to 64 characters."),
        ({"blockedBy": ["a", "b", "a"]}, "/blockedBy/2", "This to-do is listed twice."),
        (
            {"due": "2026-11-30", "waitUntil": "2026-12-01T00:00:01Z"},
            "/waitUntil",
            "waitUntil must not be later than due.",
        ),
        (
            {"due": "2026-11-30T08:00:00Z", "waitUntil": "2026-11-30T08:00:00-00:01"},
            "/waitUntil",
            "waitUntil must not be later",
        ),
        ({"waitUntil": "0001-01-01T00:00:00+14:00"}, "/waitUntil", "waitUntil must be in the years 2000 to 2100"),
        ({"waitUntil": "9999-12-31T23:59:59-14:00"}, "/waitUntil", "waitUntil must be in the years 2000 to 2100"),
        ({"recurrence": DAILY}, "/recurrence", "A recurring to-do needs a due date."),
        (
            {"due": "2026-11-30", "recurrence": {"every": 8, "unit": "hours"}},
            "/recurrence/unit",
            "A to-do that recurs by hours",
        ),
        ({"due": "2100-12-31", "recurrence": DAILY}, "/recurrence/every", "The next due date would be after the year"),
    ],
)
def test_each_broken_rule_is_one_error(fields: dict[str, Any], pointer: str, detail: str) -> None:
    found = errors(**fields)
    assert list(found) == [pointer]
    assert found[pointer].startswith(detail)


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "x" * 200, "assignee": "x", "cat": "Zoe\u0308", "blockedBy": ["a", "A", "-_"]},
        {"due": "2026-11-30", "waitUntil": "2026-12-01T00:00:00Z"},
        {"due": "2026-11-30T08:00:00Z", "waitUntil": "2026-11-30T09:00:00+01:00"},
        {"due": "2026-11-30T08:00:00Z", "recurrence": {"every": 8, "unit": "hours"}},
        {"due": "2020-01-01", "recurrence": {"every": 2, "unit": "weeks", "from": "done"}},
        {"due": "2100-12-30", "recurrence": DAILY},
        {"due": "2100-12-31", "recurrence": DAILY, "done": True},
    ],
)
def test_valid_body_has_no_errors(fields: dict[str, Any]) -> None:
    assert errors(**fields) == {}


def test_kinds_of_todos() -> None:
    assert get_args(TodoKind) == ("medicine", "feeding", "cleaning", "vet", "socialise", "shop", "kitchen", "admin")


def test_body_with_a_malformed_title_is_validated_further() -> None:
    assert validate(CreateTodo(title=msgspec.UNSET, due="2026-02-30"), NOON, UTC)[0].pointer == "/due"  # type: ignore[arg-type]


def test_due_and_wait_until_are_in_the_years_2000_to_2100() -> None:
    assert (
        validate(CreateTodo(title="a", due="2100-12-31", wait_until=END - timedelta(microseconds=1)), NOON, UTC) == []
    )
    assert (START.isoformat(), END.isoformat()) == ("2000-01-01T00:00:00+00:00", "2101-01-01T00:00:00+00:00")
    assert validate(CreateTodo(title="a", wait_until=START), NOON, UTC) == []
    assert validate(CreateTodo(title="a", wait_until=END), NOON, UTC) != []
    assert validate(CreateTodo(title="a", wait_until=START - timedelta(microseconds=1)), NOON, UTC) != []


@given(st.datetimes(datetime(2001, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)), st.timezones())  # noqa: DTZ001
def test_wait_until_must_not_be_later_than_due(due: datetime, zone: Any) -> None:
    for delay in (timedelta(0), timedelta(microseconds=1)):
        body = CreateTodo(title="a", due=due.isoformat(), wait_until=due.astimezone(zone) + delay)
        assert bool(validate(body, NOON, UTC)) == bool(delay)
