"""Words about to-dos: due dates, repetition and reasons."""

from __future__ import annotations

from datetime import UTC
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from api.domain.recurrence import Recurrence, RecurrenceUnit
from api.domain.todos import Priority, TodoKind, TodoView, to_view
from api.domain.urgency import HEALTH, STATUS_VALUES
from api.web import todo_words
from tests.support.factories import NOON, make_cat, make_todo

BERLIN = ZoneInfo("Europe/Berlin")


def view(**fields: Any) -> TodoView:
    """Return the view of a to-do on Sunday, 22 November 2026, at noon."""
    return to_view(make_todo(**fields), NOON, UTC)


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (None, None),
        ("2026-05-03", "Overdue since 3 May 2026"),
        ("2026-11-15", "Overdue since 15 November 2026"),
        ("2026-11-16", "Overdue since Monday"),
        ("2026-11-21", "Overdue since yesterday"),
        ("2026-11-21T09:00:00Z", "Overdue since yesterday, 9:00"),
        ("2026-11-22T09:05:00Z", "Overdue since 9:05"),
        ("2026-11-22", "Due today"),
        ("2026-11-22T18:00:00Z", "Due today, 18:00"),
        ("2026-11-23T00:00:00Z", "Due tomorrow, 0:00"),
        ("2026-11-24", "Due on Tuesday"),
        ("2026-11-28T09:00:00Z", "Due on Saturday, 9:00"),
        ("2026-11-29", "Due on 29 November 2026"),
    ],
)
def test_a_due_date_is_near_or_a_date(due: str | None, expected: str | None) -> None:
    assert todo_words.due(view(due=due), NOON, UTC) == expected


def test_times_are_those_of_the_cafe() -> None:
    assert todo_words.due(view(due="2026-11-22T23:30:00Z"), NOON, BERLIN) == "Due tomorrow, 0:30"
    assert todo_words.moment(NOON, NOON, BERLIN) == "today, 13:00"
    assert todo_words.due(view(due="2026-11-20", done=True), NOON, UTC) == "It was due on Friday"
    assert todo_words.undated(view(), NOON, UTC) == "No due date, open since today"


@pytest.mark.parametrize(
    ("recurrence", "expected"),
    [
        (None, None),
        (Recurrence(1, "days"), "Every day"),
        (Recurrence(8, "hours"), "Every 8 hours"),
        (Recurrence(1, "weekdays"), "Every weekday"),
        (Recurrence(2, "months", "done"), "Every 2 months, from the time when it is done"),
    ],
)
def test_a_recurrence_is_a_phrase(recurrence: Recurrence | None, expected: str | None) -> None:
    assert todo_words.recurrence(recurrence) == expected


@pytest.mark.parametrize(
    ("fields", "tier", "blocking", "expected"),
    [
        ({}, 3, 0, None),
        ({"kind": "medicine"}, 1, 0, "An overdue dose comes before everything else"),
        ({"kind": "vet"}, 2, 0, "A vet visit that is due soon comes before other work"),
        ({"kind": "feeding", "priority": "high"}, 2, 0, "An overdue feeding comes before other work; high priority"),
        ({"priority": "high", "cat": "luna"}, 3, 2, "High priority; Luna is in quarantine; 2 other to-dos wait for it"),
        ({"kind": "shop"}, 3, 1, "1 other to-do waits for it"),
    ],
)
def test_a_reason_names_what_counts(fields: dict[str, Any], tier: int, blocking: int, expected: str | None) -> None:
    cat = make_cat(status="quarantine") if "cat" in fields else None
    assert todo_words.reason(view(**fields), tier, blocking, cat) == expected


def test_every_kind_and_status_of_the_ranking_has_words() -> None:
    assert {kind for _, kind in todo_words.FIRST} == HEALTH
    assert todo_words.STATUSES.keys() == {status for status, value in STATUS_VALUES.items() if value == 1}
    assert [*todo_words.KINDS] == [*get_args(TodoKind)]
    assert [*todo_words.PRIORITIES] == [*get_args(Priority)]
    assert [*todo_words.UNITS] == [*get_args(RecurrenceUnit)]
