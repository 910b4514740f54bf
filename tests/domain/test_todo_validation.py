"""What may be written of a to-do: each form and each rule, told where it is broken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.due_dates import END, FIRST, deadline, normalise_due
from api.domain.todos import NewTodo, TodoBody, TodoKind, create, update, validate
from tests.support.factories import NOON, body, todo, write_context

DAILY = {"every": 1, "unit": "days"}


def found(**members: Any) -> dict[str | None, str]:
    """Return the faults of a body by their pointers."""
    return {fault.pointer: fault.detail for fault in validate(body(**members), NOON)}


@pytest.mark.parametrize(
    ("due", "until"),
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
def test_a_day_is_due_until_it_ends_and_an_instant_until_it_comes(due: str, until: str) -> None:
    assert found(due=due) == {}
    assert deadline(due).isoformat() == until


@pytest.mark.parametrize(
    ("due", "one"),
    [
        ("2026-11-30", "2026-11-30"),
        ("2026-11-30T08:00:00Z", "2026-11-30T08:00:00Z"),
        ("2026-11-30T08:00:00.500+02:00", "2026-11-30T06:00:00.500000Z"),
        ("2026-11-30T00:00:00.000+14:00", "2026-11-29T10:00:00Z"),
    ],
)
def test_a_due_is_kept_in_one_spelling(due: str, one: str) -> None:
    assert normalise_due(due) == one
    assert create(body(due=due), "t", write_context()).due == one
    assert update(todo(), body(due=due), write_context()).due == one


@pytest.mark.parametrize(
    "due",
    [
        "2026-02-30", "2026-13-01", "2026-00-10", "2100-02-29", "2026-11-30T25:00:00Z", "2026-11-30T24:00:00Z",
        "2026-11-30T12:60:00Z", "2026-11-30T12:00:00+24:00", "2026-11-30T12:00:00+05:60",
        "2000-01-01T00:00:00+00:01", "2100-12-31T23:59:59-00:01", "2100-12-31T23:59:59.999999999Z",
    ],
)  # fmt: skip
def test_a_due_that_cannot_be_is_a_fault(due: str) -> None:
    assert found(due=due, waitUntil="2026-11-01T00:00:00Z", recurrence=DAILY) == {
        "/due": "There is no such day or time in the years 2000 to 2100 (UTC)."
    }


@pytest.mark.parametrize(
    "member",
    [
        {"due": "1999-12-31"}, {"due": "2101-01-01"}, {"due": "2026-11-30\n"}, {"due": "2026-11-30T08:00:00"},
        {"due": "2026-11-30T08:00Z"}, {"due": "2026-11-30 08:00:00Z"}, {"due": "20261130"}, {"due": ""},
        {"due": "2026-11-30T08:00:00Z\n"}, {"blockedBy": ["a\n"]}, {"blockedBy": [""]}, {"blockedBy": ["a" * 65]},
        {"blockedBy": ["é"]}, {"blockedBy": [f"t{n}" for n in range(21)]}, {"title": "x" * 201}, {"assignee": ""},
        {"assignee": "x" * 65}, {"notes": "x" * 4001}, {"kind": "party"}, {"priority": "urgent"}, {"id": "a b"},
        {"waitUntil": "2026-11-30T08:00:00"}, {"recurrence": {"every": 0, "unit": "days"}}, {"title": None},
        {"recurrence": {"every": 1001, "unit": "days"}}, {"recurrence": {"every": 1, "unit": "months"}},
        {"recurrence": DAILY | {"from_": "due"}}, {"recurrence": DAILY | {"from": "now"}}, {"overdue": True},
    ],
)  # fmt: skip
def test_what_has_not_its_form_is_refused(member: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        body(**member)


def test_a_title_is_needed_and_all_else_has_a_default() -> None:
    with pytest.raises(msgspec.ValidationError, match="title"):
        msgspec.convert({}, TodoBody)
    assert body() == TodoBody(title="Do it", kind="admin", priority="normal", blocked_by=(), done=False)


@pytest.mark.parametrize(
    ("members", "pointer", "told"),
    [
        ({"title": ""}, "/title", "Title cannot be blank!"),
        ({"title": " \t\u2003"}, "/title", "Title cannot be blank!"),
        ({"cat": "lu/na"}, "/cat", "A name has letters"),
        ({"cat": " "}, "/cat", "A name has 1 to 64 characters."),
        ({"blockedBy": ["a", "b", "a"]}, "/blockedBy/2", "This to-do is listed twice."),
        ({"due": "2026-11-30", "waitUntil": "2026-12-01T00:00:01Z"}, "/waitUntil", "Nothing waits beyond its due."),
        ({"due": "2026-11-30T08:00:00Z", "waitUntil": "2026-11-30T08:00:00-00:01"}, "/waitUntil", "Nothing waits"),
        ({"waitUntil": "0001-01-01T00:00:00+14:00"}, "/waitUntil", "This instant is not in the years 2000 to 2100"),
        ({"waitUntil": "9999-12-31T23:59:59-14:00"}, "/waitUntil", "This instant is not in the years 2000 to 2100"),
        ({"recurrence": DAILY}, "/recurrence", "What recurs has a due."),
        ({"due": "2026-11-30", "recurrence": {"every": 8, "unit": "hours"}}, "/recurrence/unit", "What recurs by"),
        ({"due": "2100-12-31", "recurrence": DAILY}, "/recurrence/every", "It would be due again only after the year"),
    ],
)
def test_each_rule_of_the_body_is_told_where_it_is_broken(members: dict[str, Any], pointer: str, told: str) -> None:
    faulty = found(**members)
    assert list(faulty) == [pointer]
    assert faulty[pointer].startswith(told)


@pytest.mark.parametrize(
    "members",
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
def test_what_is_within_the_rules_has_no_fault(members: dict[str, Any]) -> None:
    assert found(**members) == {}


def test_the_kinds_are_those_of_the_house() -> None:
    assert get_args(TodoKind) == ("medicine", "feeding", "cleaning", "vet", "socialise", "shop", "kitchen", "admin")


def test_the_rules_can_be_asked_of_a_body_whose_title_is_no_text() -> None:
    assert validate(NewTodo(title=msgspec.UNSET, due="2026-02-30"), NOON)[0].pointer == "/due"  # type: ignore[arg-type]


def test_the_bounds_are_those_of_the_years() -> None:
    assert validate(NewTodo(title="a", due="2100-12-31", wait_until=END - timedelta(microseconds=1)), NOON) == []
    assert (FIRST.isoformat(), END.isoformat()) == ("2000-01-01T00:00:00+00:00", "2101-01-01T00:00:00+00:00")
    assert validate(NewTodo(title="a", wait_until=FIRST), NOON) == []
    assert validate(NewTodo(title="a", wait_until=END), NOON) != []
    assert validate(NewTodo(title="a", wait_until=FIRST - timedelta(microseconds=1)), NOON) != []


@given(st.datetimes(datetime(2001, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)), st.timezones())  # noqa: DTZ001
def test_a_wait_that_is_allowed_is_over_when_it_is_overdue(until: datetime, zone: Any) -> None:
    wait = until.astimezone(zone)
    for aside in (timedelta(0), timedelta(microseconds=1)):
        told = NewTodo(title="a", due=until.isoformat(), wait_until=wait + aside)
        assert bool(validate(told, NOON)) == bool(aside)
