"""What recurs: done once, followed by exactly one, due after it was done, in its rhythm."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from api.domain.due_dates import FIRST, Recurrence, next_due
from api.domain.todos import next_occurrence, to_body, update, validate_transition
from tests.support.factories import NOON, body, done, instant, todo, write_context

DAY = timedelta(days=1)
DAILY = Recurrence(every=1, unit="days")


def again(due: str, at: str, every: int, unit: Any, from_: Any = "due") -> str | None:
    """Return when something is due again that was done at an instant of 2026."""
    return next_due(due, Recurrence(every=every, unit=unit, from_=from_), instant(at))


@pytest.mark.parametrize(
    ("due", "at", "every", "expected"),
    [
        # before it was due, on the day, and at the last instant of it
        ("2026-11-22", "11-20T08:00", (1, "days"), "2026-11-23"),
        ("2026-11-22", "11-22T23:59:59", (1, "days"), "2026-11-23"),
        # a day later: that day has not ended, and is the next beat; it ends at midnight
        ("2026-11-22", "11-23T00:00", (1, "days"), "2026-11-23"),
        ("2026-11-22", "11-24T00:00", (1, "days"), "2026-11-24"),
        # missed ones are not piled up, and the day of the week is kept
        ("2026-11-02", "11-22T12:00", (1, "weeks"), "2026-11-23"),
        ("2026-02-27", "02-27T12:00", (2, "days"), "2026-03-01"),
        ("2026-11-22T08:00:00Z", "11-22T07:00", (12, "hours"), "2026-11-22T20:00:00Z"),
        ("2026-11-22T08:00:00Z", "11-22T19:59:59", (12, "hours"), "2026-11-22T20:00:00Z"),
        ("2026-11-22T08:00:00Z", "11-22T20:00", (12, "hours"), "2026-11-23T08:00:00Z"),
        ("2026-11-01T08:00:00Z", "11-22T20:00", (12, "hours"), "2026-11-23T08:00:00Z"),
        ("2026-11-22T08:00:00Z", "11-25T09:00", (1, "days"), "2026-11-26T08:00:00Z"),
    ],
)
def test_from_its_due_it_keeps_the_rhythm(due: str, at: str, every: tuple[int, str], expected: str) -> None:
    assert again(due, at, *every) == expected


@pytest.mark.parametrize(
    ("due", "at", "every", "expected"),
    [
        ("2026-11-22", "11-20T08:00", (3, "days"), "2026-11-23"),
        ("2026-11-22", "11-25T23:59", (3, "days"), "2026-11-28"),
        ("2026-11-22T08:00:00Z", "11-22T09:30", (8, "hours"), "2026-11-22T17:30:00Z"),
        ("2026-11-22T08:00:00Z", "11-22T07:30:00.5", (1, "weeks"), "2026-11-29T07:30:00.500000Z"),
    ],
)
def test_from_when_it_was_done_it_begins_anew(due: str, at: str, every: tuple[int, str], expected: str) -> None:
    assert again(due, at, *every, from_="done") == expected


@pytest.mark.parametrize(
    ("due", "expected"), [("2026-11-01", "2026-11-23"), ("2026-11-01T08:00:00Z", "2026-11-23T22:30:00Z")]
)
def test_what_was_done_elsewhere_on_earth_was_done_in_utc(due: str, expected: str) -> None:
    at = datetime.fromisoformat("2026-11-23T00:30:00+02:00")
    assert next_due(due, Recurrence(every=1, unit="days", from_="done"), at) == expected


def test_nothing_is_due_again_that_does_not_recur() -> None:
    assert next_due("2026-11-22", None, NOON) is None
    assert next_due(None, DAILY, NOON) is None


def test_what_is_done_names_the_one_that_follows_it() -> None:
    one = todo("t1", due="2026-11-22", recurrence=DAILY, kind="medicine", cat="luna", notes="n", blocked_by=("a",),
               assignee="ann", priority="high", version=3)  # fmt: skip
    after = done(one, NOON + DAY, id="t2")
    assert (after.next, after.done_by, after.version) == ("t2", "bo", 4)
    assert next_occurrence(one, after) == todo(
        "t2", due="2026-11-23", recurrence=DAILY, kind="medicine", cat="luna", notes="n", assignee="ann",
        priority="high", by="bo", created=NOON + DAY, updated=NOON + DAY,
    )  # fmt: skip


def test_what_follows_is_as_the_last_one_was_left() -> None:
    one = todo(due="2026-11-22", recurrence=DAILY)
    told = body(title="New", due="2026-12-01", recurrence={"every": 2, "unit": "days"}, done=True)
    following = next_occurrence(one, update(one, told, write_context()))
    assert following is not None
    assert (following.title, following.due) == ("New", "2026-12-03")


@pytest.mark.parametrize(
    ("from_", "at", "due", "wait"),
    [
        ("due", "11-22T19:00", "2026-11-23T20:00:00Z", "11-23T18:00"),
        ("due", "11-24T19:00", "2026-11-24T20:00:00Z", "11-24T18:00"),
        ("done", "11-22T19:00", "2026-11-23T19:00:00Z", "11-23T17:00"),
    ],
)
def test_the_wait_moves_with_the_deadline(from_: Any, at: str, due: str, wait: str) -> None:
    one = todo(due="2026-11-22T20:00:00Z", wait_until=instant("11-22T18:00"),
               recurrence=Recurrence(every=1, unit="days", from_=from_))  # fmt: skip
    following = next_occurrence(one, done(one, instant(at)))
    assert following is not None
    assert (following.due, following.wait_until) == (due, instant(wait))


def test_a_wait_never_moves_to_before_the_first_year() -> None:
    one = todo(due="2099-01-01", wait_until=FIRST, recurrence=Recurrence(every=1, unit="days", from_="done"))
    following = next_occurrence(one, done(one))
    assert following is not None
    assert following.wait_until == FIRST


def test_nothing_follows_what_is_open_or_was_done_before_or_does_not_recur() -> None:
    one = todo(due="2026-11-22", recurrence=DAILY)
    assert next_occurrence(one, update(one, to_body(one), write_context())) is None
    after = done(one)
    assert next_occurrence(after, done(after, NOON + DAY, id="other")) is None
    assert done(after, id="other").next == "fresh"
    assert next_occurrence(todo(), done(todo())) is None
    assert done(todo(due="2026-11-22")).next is None


def test_a_series_ends_with_the_year_2100() -> None:
    last = todo(due="2100-12-31", recurrence=DAILY)
    assert done(todo(due="2100-12-30", recurrence=DAILY)).next == "fresh"
    assert done(last).next is None
    assert next_occurrence(last, done(last)) is None


def test_what_has_been_followed_stays_done() -> None:
    one = todo(due="2026-11-22", recurrence=DAILY)
    after = done(one)
    (fault,) = validate_transition(after, body())
    assert (fault.pointer, fault.detail) == (
        "/done", "It stays done: the one that follows it, fresh, has been made.",
    )  # fmt: skip
    assert validate_transition(after, body(done=True)) == []
    assert validate_transition(one, body(done=True)) == []
    assert validate_transition(one, body()) == []


def test_what_is_done_does_not_begin_to_recur() -> None:
    before = done(todo(due="2026-11-22"), NOON)
    begins = body(due="2026-11-22", done=True, recurrence={"every": 1, "unit": "days"})
    (fault,) = validate_transition(before, begins)
    assert (fault.pointer, fault.detail) == ("/recurrence", "It is done already: nothing would follow it.")
    assert validate_transition(before, body(due="2026-11-22", recurrence={"every": 1, "unit": "days"})) == []
