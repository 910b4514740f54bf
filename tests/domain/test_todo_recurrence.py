"""Recurring to-dos: the next due date, the next occurrence, and the rules of ``done`` in a series."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from api.domain.due_dates import START, deadline, is_date_only
from api.domain.recurrence import Recurrence, occurrence_after
from api.domain.todos import (
    ReplaceTodo,
    Todo,
    deadline_of,
    next_occurrence,
    to_body,
    update,
    validate,
    validate_transition,
)
from tests.support.factories import NOON, complete, make_todo, make_todo_body, make_write_context, utc

DAY = timedelta(days=1)
DAILY = Recurrence(every=1, unit="days")


def next_due_of(due: str, done_at: str, every: int, unit: Any, from_: Any = "due") -> str | None:
    """Return the next due date of a to-do that was done at a time of 2026."""
    following = occurrence_after(due, Recurrence(every=every, unit=unit, from_=from_), utc(done_at), UTC)
    return following and following.due


@pytest.mark.parametrize(
    ("due", "done_at", "interval", "expected"),
    [
        # done before the due date, and in the last second of it
        ("2026-11-22", "11-20T08:00", (1, "days"), "2026-11-23"),
        ("2026-11-22", "11-22T23:59:59", (1, "days"), "2026-11-23"),
        # done a day late: the next due date is that day, which ends at midnight
        ("2026-11-22", "11-23T00:00", (1, "days"), "2026-11-23"),
        ("2026-11-22", "11-24T00:00", (1, "days"), "2026-11-24"),
        # missed occurrences are skipped, the weekday stays
        ("2026-11-02", "11-22T12:00", (1, "weeks"), "2026-11-23"),
        ("2026-02-27", "02-27T12:00", (2, "days"), "2026-03-01"),
        ("2026-11-22T08:00:00Z", "11-22T07:00", (12, "hours"), "2026-11-22T20:00:00Z"),
        ("2026-11-22T08:00:00Z", "11-22T19:59:59", (12, "hours"), "2026-11-22T20:00:00Z"),
        ("2026-11-22T08:00:00Z", "11-22T20:00", (12, "hours"), "2026-11-23T08:00:00Z"),
        ("2026-11-01T08:00:00Z", "11-22T20:00", (12, "hours"), "2026-11-23T08:00:00Z"),
        ("2026-11-22T08:00:00Z", "11-25T09:00", (1, "days"), "2026-11-26T08:00:00Z"),
    ],
)
def test_interval_from_due_is_counted_from_the_due_date(
    due: str, done_at: str, interval: tuple[int, str], expected: str
) -> None:
    assert next_due_of(due, done_at, *interval) == expected


@pytest.mark.parametrize(
    ("due", "done_at", "interval", "expected"),
    [
        ("2026-11-22", "11-20T08:00", (3, "days"), "2026-11-23"),
        ("2026-11-22", "11-25T23:59", (3, "days"), "2026-11-28"),
        ("2026-11-22T08:00:00Z", "11-22T09:30", (8, "hours"), "2026-11-22T17:30:00Z"),
        ("2026-11-22T08:00:00Z", "11-22T07:30:00.5", (1, "weeks"), "2026-11-29T07:30:00.500000Z"),
    ],
)
def test_interval_from_done_is_counted_from_the_time_it_was_done(
    due: str, done_at: str, interval: tuple[int, str], expected: str
) -> None:
    assert next_due_of(due, done_at, *interval, from_="done") == expected


@pytest.mark.parametrize(
    ("due", "expected"), [("2026-11-01", "2026-11-23"), ("2026-11-01T08:00:00Z", "2026-11-23T22:30:00Z")]
)
def test_next_due_is_calculated_in_utc(due: str, expected: str) -> None:
    done_at = datetime.fromisoformat("2026-11-23T00:30:00+02:00")
    following = occurrence_after(due, Recurrence(every=1, unit="days", from_="done"), done_at, UTC)
    assert following is not None
    assert following.due == expected


def test_next_due_without_due_date_or_recurrence_is_none() -> None:
    assert occurrence_after("2026-11-22", None, NOON, UTC) is None
    assert occurrence_after(None, DAILY, NOON, UTC) is None


def test_done_occurrence_has_the_id_of_the_next_occurrence() -> None:
    todo = make_todo(
        "t1", due="2026-11-22", recurrence=DAILY, kind="medicine", cat="luna", notes="n", blocked_by=("a",),
        assignee="ann", priority="high", version=3,
    )  # fmt: skip
    after = complete(todo, NOON + DAY, id="t2")
    assert (after.next, after.done_by, after.version) == ("t2", "bo", 4)
    assert next_occurrence(todo, after, UTC) == make_todo(
        "t2", due="2026-11-23", recurrence=DAILY, kind="medicine", cat="luna", notes="n", assignee="ann",
        priority="high", by="bo", created=NOON + DAY, updated=NOON + DAY,
    )  # fmt: skip


def test_next_occurrence_has_the_fields_of_the_update_that_set_done() -> None:
    todo = make_todo(due="2026-11-22", recurrence=DAILY)
    new_body = make_todo_body(title="New", due="2026-12-01", recurrence={"every": 2, "unit": "days"}, done=True)
    following = next_occurrence(todo, update(todo, new_body, make_write_context()), UTC)
    assert following is not None
    assert (following.title, following.due) == ("New", "2026-12-03")


@pytest.mark.parametrize(
    ("from_", "done_at", "due", "wait_until"),
    [
        ("due", "11-22T19:00", "2026-11-23T20:00:00Z", "11-23T18:00"),
        ("due", "11-24T19:00", "2026-11-24T20:00:00Z", "11-24T18:00"),
        ("done", "11-22T19:00", "2026-11-23T19:00:00Z", "11-23T17:00"),
    ],
)
def test_wait_until_moves_with_the_due_date(from_: Any, done_at: str, due: str, wait_until: str) -> None:
    todo = make_todo(
        due="2026-11-22T20:00:00Z",
        wait_until=utc("11-22T18:00"),
        recurrence=Recurrence(every=1, unit="days", from_=from_),
    )
    following = next_occurrence(todo, complete(todo, utc(done_at)), UTC)
    assert following is not None
    assert (following.due, following.wait_until) == (due, utc(wait_until))


def test_wait_until_is_never_before_2000() -> None:
    todo = make_todo(due="2099-01-01", wait_until=START, recurrence=Recurrence(every=1, unit="days", from_="done"))
    following = next_occurrence(todo, complete(todo), UTC)
    assert following is not None
    assert following.wait_until == START


def test_only_a_recurring_todo_that_becomes_done_has_a_next_occurrence() -> None:
    todo = make_todo(due="2026-11-22", recurrence=DAILY)
    assert next_occurrence(todo, update(todo, to_body(todo), make_write_context()), UTC) is None
    after = complete(todo)
    assert next_occurrence(after, complete(after, NOON + DAY, id="other"), UTC) is None
    assert complete(after, id="other").next == "fresh"
    assert next_occurrence(make_todo(), complete(make_todo()), UTC) is None
    assert complete(make_todo(due="2026-11-22")).next is None


def test_series_ends_in_2100() -> None:
    last = make_todo(due="2100-12-31", recurrence=DAILY)
    assert complete(make_todo(due="2100-12-30", recurrence=DAILY)).next == "fresh"
    assert complete(last).next is None
    assert next_occurrence(last, complete(last), UTC) is None


def test_occurrence_is_reopened_only_while_its_next_occurrence_is_untouched() -> None:
    todo = make_todo(due="2026-11-22", recurrence=DAILY)
    after = complete(todo)
    following = next_occurrence(todo, after, UTC)
    assert following is not None
    for untouched in (following, replace(following, version=3)):
        assert validate_transition(after, make_todo_body(), untouched) == []
    changed = replace(following, version=2, notes="Twice.")
    for touched, state in ((changed, "has been changed"), (complete(following), "is done")):
        (error,) = validate_transition(after, make_todo_body(), touched)
        assert (error.pointer, error.detail) == (
            "/done",
            f"The to-do cannot be reopened: its next occurrence {state}. Delete that one first.",
        )
    assert validate_transition(after, make_todo_body(done=True)) == []
    assert validate_transition(todo, make_todo_body(done=True)) == []
    assert validate_transition(todo, make_todo_body()) == []


def test_done_todo_cannot_become_recurring() -> None:
    before = complete(make_todo(due="2026-11-22"), NOON)
    recurring_body = make_todo_body(due="2026-11-22", done=True, recurrence={"every": 1, "unit": "days"})
    (error,) = validate_transition(before, recurring_body)
    assert (error.pointer, error.detail) == ("/recurrence", "The recurrence of a done to-do can only be removed.")
    assert validate_transition(before, make_todo_body(due="2026-11-22", recurrence={"every": 1, "unit": "days"})) == []


TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
DUE_DATES = TIMES.map(lambda time: time.date().isoformat()) | TIMES.map(
    lambda time: time.isoformat().replace("+00:00", "Z")
)
FROM: st.SearchStrategy[Any] = st.sampled_from(["due", "done"])


@st.composite
def recurring_todos(draw: st.DrawFn) -> Todo:
    """Draw a valid open recurring to-do."""
    due = draw(DUE_DATES)
    unit: Any = draw(st.sampled_from(["days", "weeks"] if is_date_only(due) else ["hours", "days", "weeks"]))
    lead = draw(st.none() | st.timedeltas(timedelta(0), timedelta(days=40)))
    return make_todo(
        due=due,
        recurrence=Recurrence(every=draw(st.integers(1, 100)), unit=unit, from_=draw(FROM)),
        wait_until=None if lead is None else deadline(due, UTC) - lead,
        blocked_by=draw(st.sampled_from([(), ("a",)])),
    )


@given(recurring_todos(), TIMES)
def test_next_deadline_is_the_first_of_the_interval_after_the_todo_was_done(todo: Todo, done_at: datetime) -> None:
    following = next_occurrence(todo, complete(todo, done_at), UTC)
    assert following is not None
    assert following.recurrence is not None
    old, new = deadline_of(todo, UTC), deadline_of(following, UTC)
    interval = timedelta(**{following.recurrence.unit: following.recurrence.every})
    assert old is not None
    assert new is not None
    assert new > done_at
    assert is_date_only(following.due or "") == is_date_only(todo.due or "")
    if following.recurrence.from_ == "due":
        assert (new - old) % interval == timedelta(0)
        assert new - old >= interval
        assert new - interval <= done_at or new - interval == old
    else:
        assert done_at + interval <= new <= done_at + interval + DAY
    if todo.wait_until is not None:
        assert following.wait_until == todo.wait_until + (new - old)


@given(recurring_todos(), TIMES)
def test_next_occurrence_is_valid_and_round_trips_through_json(todo: Todo, done_at: datetime) -> None:
    following = next_occurrence(todo, complete(todo, done_at), UTC)
    assert following is not None
    document = msgspec.to_builtins(to_body(following))
    assert msgspec.convert(document, ReplaceTodo) == to_body(following)
    assert validate(msgspec.convert(document, ReplaceTodo), done_at, UTC) == []
    assert msgspec.json.decode(msgspec.json.encode(following), type=Todo) == following


@given(recurring_todos(), st.lists(st.tuples(st.booleans(), st.timedeltas(timedelta(0), DAY)), max_size=8))
def test_series_always_has_one_open_occurrence(todo: Todo, writes: list[tuple[bool, timedelta]]) -> None:
    series, now = {todo.id: todo}, NOON
    for number, (is_done, delay) in enumerate(writes):
        now += delay
        for before in list(series.values()):
            new_body = replace(to_body(before), done=is_done)
            if before.id not in series:
                continue
            obsolete = series.get(before.next or "") if not is_done else None
            if not validate_transition(before, new_body, obsolete):
                after = update(before, new_body, make_write_context(now, id=f"{number} after {before.id}"))
                series[before.id] = after
                if obsolete:
                    del series[obsolete.id]
                if following := next_occurrence(before, after, UTC):
                    assert following.id == after.next
                    assert following.id not in series
                    series[following.id] = following
    assert sum(not each.done for each in series.values()) == 1
    assert all(each.done == (each.next in series) for each in series.values())
