"""Days and recurring to-dos in the time zone of the café, at every clock change of the last 20 years in every zone."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from api.domain.care_cards import derived_todos
from api.domain.due_dates import deadline, midnight, to_utc
from api.domain.entity import WriteContext
from api.domain.recurrence import Recurrence
from api.domain.todos import Todo, is_overdue, next_occurrence, to_body, update
from tests.support.factories import make_card, make_todo

FIRST, LAST = datetime(2006, 11, 28, tzinfo=UTC), datetime(2026, 11, 28, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


class ClockChange(NamedTuple):
    """A change of the UTC offset in a zone."""

    zone: ZoneInfo
    at: datetime
    before: timedelta
    after: timedelta

    @property
    def local(self) -> datetime:
        """The local time at which the clocks change, before the change."""
        return self.at.replace(tzinfo=None) + self.before

    def first_instant(self, local: datetime) -> datetime:
        """Return the time in UTC of a local time near the change: the first, or the one after the gap.

        It only converts from UTC to local time, so that it does not depend on ``fold``.
        """
        found = [(local - offset).replace(tzinfo=UTC) for offset in (self.before, self.after)]
        existing = [at for at in found if at.astimezone(self.zone).replace(tzinfo=None, fold=0) == local]
        gap = self.after - self.before
        return min(existing) if existing else (local + gap - self.after).replace(tzinfo=UTC)


def offset(zone: ZoneInfo, at: datetime) -> timedelta:
    """Return the UTC offset at a time."""
    found = at.astimezone(zone).utcoffset()
    assert found is not None
    return found


def change_between(zone: ZoneInfo, low: datetime, high: datetime) -> ClockChange:
    """Return the clock change between two times with different offsets."""
    before, after = offset(zone, low), offset(zone, high)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
    return ClockChange(zone, high, before, after)


@cache
def clock_changes() -> list[ClockChange]:
    """Return the clock changes of all zones. Zones with the same changes are one."""
    fortnights = [FIRST + number * 2 * WEEK for number in range((LAST - FIRST) // (2 * WEEK) + 1)]
    unique = {}
    for name in sorted(zoneinfo.available_timezones()):
        zone = ZoneInfo(name)
        offsets = [(at, offset(zone, at)) for at in fortnights]
        changes = [change_between(zone, a, b) for (a, before), (b, after) in pairwise(offsets) if before != after]
        unique[tuple(change[1:] for change in changes)] = changes
    return [change for changes in unique.values() for change in changes]


CHANGES = st.deferred(lambda: st.sampled_from(clock_changes()))


def test_all_zones_have_clock_changes_to_test() -> None:
    changes = clock_changes()
    assert len(changes) > 2_000
    assert {"Europe/London", "America/New_York"} <= zoneinfo.available_timezones()
    assert any(change.after - change.before == DAY for change in changes)  # Samoa has no 30 December 2011


def test_local_time_in_a_gap_moves_forward_and_in_an_overlap_is_the_first() -> None:
    for change in clock_changes():
        minutes = {
            change.local + timedelta(minutes=step) for step in (-90, -61, -60, -30, -1, 0, 1, 29, 30, 59, 60, 90)
        }
        for local in minutes:
            assert to_utc(local, change.zone) == change.first_instant(local), (change, local)


def test_day_begins_at_its_first_local_midnight() -> None:
    for change in clock_changes():
        for day in (change.local.date() + number * DAY for number in (-1, 0, 1, 2)):
            begins = midnight(day, change.zone)
            local = begins.astimezone(change.zone)
            assert local.date() == day or change.after - change.before == DAY
            assert (begins - timedelta(microseconds=1)).astimezone(change.zone).date() < day
            assert deadline((day - DAY).isoformat(), change.zone) == begins


def nominal_times(start: datetime, unit: str, every: int) -> Any:
    """Yield the local times of a series, counted day by day."""
    at, number = start, 0
    while True:
        number += 1
        if unit == "months":
            yield start + relativedelta(months=number * every)
        elif unit == "weekdays":
            for _ in range(every):
                at += DAY
                while at.weekday() > 4:
                    at += DAY
            yield at
        else:
            yield start + number * every * (WEEK if unit == "weeks" else DAY)


def complete_in(zone: ZoneInfo, todo: Todo, at: datetime) -> Todo:
    """Complete a to-do and return its next occurrence."""
    write = WriteContext(f"{todo.id}+", "bo", at, zone)
    following = next_occurrence(todo, update(todo, replace(to_body(todo), done=True), write), zone)
    assert following is not None
    return following


def instant(change: ClockChange, local: datetime) -> datetime:
    """Return the time in UTC of any local time."""
    if abs(local - change.local) > 3 * DAY:
        return local.replace(tzinfo=change.zone).astimezone(UTC)
    return change.first_instant(local)


@st.composite
def series(draw: st.DrawFn) -> tuple[ClockChange, datetime, str, int, timedelta | None]:
    """Draw a clock change, and a series with an occurrence within two hours of it."""
    change = draw(CHANGES)
    unit, every = draw(st.sampled_from(["days", "weekdays", "weeks", "months"])), draw(st.integers(1, 3))
    near = change.local.replace(microsecond=0) + timedelta(minutes=draw(st.integers(-120, 120)))
    back = {"days": every * DAY, "weeks": every * WEEK, "weekdays": 4 * DAY, "months": relativedelta(months=every)}
    lead = draw(st.none() | st.integers(0, 600).map(lambda minutes: timedelta(minutes=minutes)))
    return change, near - back[unit], unit, every, lead


@given(series(), st.lists(st.timedeltas(-2 * HOUR, 2 * HOUR), min_size=3, max_size=3))
def test_series_stays_at_its_local_time_when_the_clocks_change(
    drawn: tuple[ClockChange, datetime, str, int, timedelta | None], delays: list[timedelta]
) -> None:
    change, start, unit, every, lead = drawn
    due = start.replace(tzinfo=change.zone).astimezone(UTC)
    if due.astimezone(change.zone).replace(tzinfo=None) != start:
        return  # the first due date exists
    wait = None if lead is None else min(due, (start - lead).replace(tzinfo=change.zone).astimezone(UTC))
    if wait and wait.astimezone(change.zone).replace(tzinfo=None, fold=0) != start - (lead or HOUR):
        return
    todo = make_todo(
        due=due.isoformat().replace("+00:00", "Z"),
        wait_until=wait,
        recurrence=Recurrence(every=every, unit=unit),  # type: ignore[arg-type]
    )
    expected = nominal_times(start, unit, every)
    for delay in delays:
        open_until = deadline(str(todo.due), UTC)
        done_at = open_until + delay
        todo = complete_in(change.zone, todo, done_at)
        nominal = next(at for at in expected if instant(change, at) > max(open_until, done_at))
        assert deadline(str(todo.due), UTC) == instant(change, nominal)
        if lead is not None:
            assert todo.wait_until == min(instant(change, nominal), instant(change, nominal - lead))


@given(CHANGES, st.integers(1, 50), st.integers(-100, 100))
def test_recurrence_by_hours_counts_real_hours(change: ClockChange, every: int, minutes: int) -> None:
    due = change.at + timedelta(minutes=minutes)
    todo = make_todo(due=due.isoformat(), recurrence=Recurrence(every=every, unit="hours"))
    assert deadline(str(complete_in(change.zone, todo, due).due), UTC) == due + every * HOUR
    later = complete_in(change.zone, todo, due - HOUR)
    assert deadline(str(later.due), UTC) == due + every * HOUR


def dues(first: str, recurrence: Recurrence, count: int, zone: Any = UTC) -> list[str]:
    """Return the next due dates of a series in which each to-do is done at its deadline, or early."""
    todo, found = make_todo(due=first, recurrence=recurrence), []
    for _ in range(count):
        todo = complete_in(zone, todo, deadline(str(todo.due), zone) - HOUR)
        todo = update(todo, replace(to_body(todo), title="New"), WriteContext("w", "bo", todo.updated, zone))
        found.append(str(todo.due))
    return found


@pytest.mark.parametrize(
    ("first", "every", "unit", "expected"),
    [
        ("2027-01-31", 1, "months", ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]),
        ("2027-01-30", 1, "months", ["2027-02-28", "2027-03-30", "2027-04-30"]),
        ("2027-12-31", 2, "months", ["2028-02-29", "2028-04-30", "2028-06-30", "2028-08-31"]),
        ("2028-02-29", 12, "months", ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]),
        ("2026-11-26", 1, "weekdays", ["2026-11-27", "2026-11-30", "2026-12-01"]),
        ("2026-11-28", 1, "weekdays", ["2026-11-30", "2026-12-01"]),
        ("2026-11-29", 5, "weekdays", ["2026-12-04", "2026-12-11"]),
        ("2026-11-30", 6, "weekdays", ["2026-12-08", "2026-12-16", "2026-12-24"]),
    ],
)
def test_months_and_weekdays(first: str, every: int, unit: Any, expected: list[str]) -> None:
    assert dues(first, Recurrence(every=every, unit=unit), len(expected)) == expected


@pytest.mark.parametrize(
    ("zone", "first", "expected"),
    [
        # 08:00 in London, before and after the clocks change
        ("Europe/London", "2027-03-27T08:00:00Z", ["2027-03-28T07:00:00Z", "2027-03-29T07:00:00Z"]),
        ("Europe/London", "2027-10-30T07:00:00Z", ["2027-10-31T08:00:00Z", "2027-11-01T08:00:00Z"]),
        # 01:30 does not exist on 28 March, and comes twice on 31 October
        ("Europe/London", "2027-03-27T01:30:00Z", ["2027-03-28T01:30:00Z", "2027-03-29T00:30:00Z"]),
        ("Europe/London", "2027-10-30T00:30:00Z", ["2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z"]),
        # Samoa has no 30 December 2011
        ("Pacific/Apia", "2011-12-29T18:00:00Z", ["2011-12-30T18:00:00Z", "2011-12-31T18:00:00Z"]),
    ],
)
def test_daily_todo_stays_at_its_local_time(zone: str, first: str, expected: list[str]) -> None:
    assert dues(first, Recurrence(every=1, unit="days"), 2, ZoneInfo(zone)) == expected


def test_change_of_the_due_date_or_of_waituntil_begins_anew() -> None:
    zone, monthly = ZoneInfo("Europe/London"), Recurrence(every=1, unit="months")
    clamped = complete_in(zone, make_todo(due="2027-01-31", recurrence=monthly), LAST)
    assert (clamped.due, clamped.series and clamped.series.day) == ("2027-02-28", 31)
    moved = update(clamped, replace(to_body(clamped), due="2027-02-27"), WriteContext("w", "bo", LAST, zone))
    assert complete_in(zone, moved, LAST).due == "2027-03-27"
    first = make_todo(due="2027-01-31", recurrence=monthly, wait_until=datetime(2027, 1, 30, 8, tzinfo=UTC))
    clamped, waits = complete_in(zone, first, LAST), datetime(2027, 2, 27, 12, tzinfo=UTC)
    assert clamped.wait_until == datetime(2027, 2, 27, 8, tzinfo=UTC)
    waiting = update(clamped, replace(to_body(clamped), wait_until=waits), WriteContext("w", "bo", LAST, zone))
    following = complete_in(zone, waiting, LAST)
    assert (following.due, following.wait_until) == ("2027-03-31", datetime(2027, 3, 30, 11, tzinfo=UTC))


def test_gap_does_not_move_waituntil_past_the_due_date() -> None:
    zone, due = ZoneInfo("Europe/London"), datetime(2027, 3, 27, 2, 10, tzinfo=UTC)
    todo = make_todo(due=due.isoformat(), wait_until=due - HOUR, recurrence=Recurrence(every=1, unit="days"))
    following = complete_in(zone, todo, due)
    assert (following.due, following.wait_until) == ("2027-03-28T01:10:00Z", datetime(2027, 3, 28, 1, 10, tzinfo=UTC))
    assert complete_in(zone, following, due + DAY).wait_until == datetime(2027, 3, 29, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("unit", "due", "done_at", "expected"),
    [
        ("months", "2027-01-05", "2027-01-31T23:30:00Z", "2027-03-01"),  # it is 1 February in Berlin
        ("months", "2027-01-05", "2027-01-31T12:00:00Z", "2027-02-28"),
        ("weekdays", "2027-01-05", "2027-01-08T23:30:00Z", "2027-01-11"),  # a Saturday in Berlin
        ("days", "2027-03-20T08:00:00Z", "2027-03-27T08:00:00Z", "2027-03-28T07:00:00Z"),
        ("weeks", "2027-03-20T08:00:00Z", "2027-03-27T01:30:00Z", "2027-04-03T00:30:00Z"),
    ],
)
def test_interval_from_done_is_counted_in_local_time(unit: Any, due: str, done_at: str, expected: str) -> None:
    todo = make_todo(due=due, recurrence=Recurrence(every=1, unit=unit, from_="done"))
    assert complete_in(ZoneInfo("Europe/Berlin"), todo, datetime.fromisoformat(done_at)).due == expected


@pytest.mark.parametrize(("zone", "ends"), [("America/Los_Angeles", "12-01T08:00"), ("Asia/Tokyo", "11-30T15:00")])
def test_day_of_a_due_date_ends_at_the_midnight_of_the_cafe(zone: str, ends: str) -> None:
    at, todo = datetime.fromisoformat(f"2026-{ends}Z"), make_todo(due="2026-11-30")
    assert is_overdue(todo, at, ZoneInfo(zone))
    assert not is_overdue(todo, at - timedelta(microseconds=1), ZoneInfo(zone))


@pytest.mark.parametrize(("zone", "begins"), [("America/Los_Angeles", "11-30T08:00"), ("Asia/Tokyo", "11-29T15:00")])
def test_derived_todos_begin_at_the_midnight_of_the_cafe(zone: str, begins: str) -> None:
    at, day = datetime.fromisoformat(f"2026-{begins}Z"), date(2026, 11, 30)
    for fields in ({"vaccinations": (("FVRCP", day),)}, {"hold_until": day}):
        card = make_card(**fields, since=LAST)
        assert len(derived_todos(card, at, ZoneInfo(zone))) == 1
        assert derived_todos(card, at - timedelta(microseconds=1), ZoneInfo(zone)) == []


@pytest.mark.parametrize("day", [date.min, date.max])
def test_first_and_last_day_of_the_calendar_have_a_midnight_in_every_zone(day: date) -> None:
    for name in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        assert abs(midnight(day, ZoneInfo(name)).date() - day) <= 2 * DAY
