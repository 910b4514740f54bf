"""Recurring to-dos: the next due date after a to-do is done.

Days, weekdays, weeks and months are counted in the local time of the café, so that "daily at 08:00" stays at 08:00 when
the clocks change. Hours are real hours.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from api.domain.due_dates import START, deadline, format_utc, is_date_only, is_valid_due, midnight, to_local, to_utc
from api.domain.entity import YEARS, ApiStruct

LAST_ORDINAL = date(YEARS.stop, 1, 1).toordinal()
MAX_STEPS = LAST_ORDINAL - date(YEARS.start, 1, 1).toordinal() + 1
"""The most occurrences of a series: one on each day."""

RecurrenceUnit = Literal["hours", "days", "weekdays", "weeks", "months"]
RecurrenceStart = Literal["due", "done"]


class Recurrence(ApiStruct, frozen=True):
    """How often a to-do recurs."""

    every: Annotated[int, Meta(ge=1, le=1000)]
    unit: RecurrenceUnit
    """Weekdays are Monday to Friday. In a month without the day, the last day counts."""
    from_: RecurrenceStart = msgspec.field(name="from", default="due")
    """Whether the interval is counted from the due date or from the time when the to-do was done."""


class Series(ApiStruct, frozen=True, omit_defaults=True):
    """The part of a series that the due date of an occurrence does not show. A to-do stores it only if there is one."""

    at: Annotated[datetime, Meta(tz=False)]
    """The local due date, before a change of the clocks moves it. For a date, the midnight at which it begins."""
    day: int
    """The day of the month, which a shorter month does not have."""
    lead: float | None = None
    """The local time from ``waitUntil`` to ``at``, in seconds."""


class Occurrence(Struct, frozen=True):
    """The due date of a next occurrence."""

    due: str
    wait_until: datetime | None
    series: Series | None


def occurrence_after(
    due: str | None,
    recurrence: Recurrence | None,
    done_at: datetime,
    zone: tzinfo,
    *,
    wait_until: datetime | None = None,
    series: Series | None = None,
) -> Occurrence | None:
    """Return the next occurrence of a to-do. Its deadline is after ``done_at``; missed occurrences are skipped.

    The next due date of a date is a date, and of a time a time. ``waitUntil`` has the same distance from it.

    Args:
        due: the due date of the to-do.
        recurrence: how often it recurs.
        done_at: when it was done.
        zone: the time zone of the café.
        wait_until: its ``waitUntil``.
        series: what it stores about its series.

    Returns:
        The next occurrence; None if the to-do does not recur, or only after the year 2100.
    """
    if due is None or recurrence is None:
        return None
    if recurrence.unit == "hours":
        following = _after_hours(deadline(due, zone), recurrence, done_at, wait_until)
    else:
        following = _after_days(due, recurrence, done_at, zone, wait_until, series)
    return following if is_valid_due(following.due) else None


def _after_hours(until: datetime, recurrence: Recurrence, done_at: datetime, wait_until: datetime | None) -> Occurrence:
    interval = timedelta(hours=recurrence.every)
    if recurrence.from_ == "done":
        ends = done_at + interval
    else:
        ends = until + interval * max(1, (done_at - until) // interval + 1)
    return Occurrence(format_utc(ends), wait_until and max(START, wait_until + (ends - until)), None)


def _after_days(
    due: str,
    recurrence: Recurrence,
    done_at: datetime,
    zone: tzinfo,
    wait_until: datetime | None,
    series: Series | None,
) -> Occurrence:
    date_only = is_date_only(due)
    series = series or _new_series(due, zone)
    begin, after = series, max(done_at, deadline(due, zone))
    if recurrence.from_ == "done":
        local = to_local(done_at, zone)
        begin, after = Series(datetime.combine(local.date(), time()) if date_only else local, local.day), done_at

    at, until = _first_after(after, begin, recurrence, zone, date_only=date_only)
    following = at.date().isoformat() if date_only else format_utc(until)
    rest = Series(at, begin.day if recurrence.unit == "months" else at.day)
    is_shown = rest == _new_series(following, zone)
    if wait_until is None:
        return Occurrence(following, None, None if is_shown else rest)
    lead = (series.at - to_local(wait_until, zone)).total_seconds() if series.lead is None else series.lead
    local_wait = at - timedelta(seconds=lead)
    # A change of the clocks must not move it past the due date.
    wait = max(START, min(until, to_utc(local_wait, zone)))
    is_shown = is_shown and local_wait == to_local(wait, zone)
    return Occurrence(following, wait, None if is_shown else Series(at, rest.day, lead))


def _first_after(
    after: datetime, begin: Series, recurrence: Recurrence, zone: tzinfo, *, date_only: bool
) -> tuple[datetime, datetime]:
    """Return the local time and the deadline of the first occurrence of a series whose deadline is after a time."""

    def occurrence(number: int) -> datetime:
        return _add(begin, number * recurrence.every, recurrence.unit)

    def deadline_of(number: int) -> datetime:
        at = occurrence(number)
        return midnight(at.date() + timedelta(days=1), zone) if date_only else to_utc(at, zone)

    number = 1 + bisect_right(range(1, MAX_STEPS), after, key=deadline_of)
    return occurrence(number), deadline_of(number)


def _new_series(due: str, zone: tzinfo) -> Series:
    """Return the series that begins with a due date."""
    at = datetime.fromisoformat(due) if is_date_only(due) else to_local(deadline(due, UTC), zone)
    return Series(at, at.day)


def _add(series: Series, count: int, unit: str) -> datetime:
    """Return a local time that is later by some units, at most in the year after the last supported one."""
    at = series.at
    if unit == "months":
        year, month = divmod(at.year * 12 + at.month - 1 + count, 12)
        year, month = min(year, YEARS.stop), month + 1
        return at.replace(year=year, month=month, day=min(series.day, monthrange(year, month)[1]))
    ordinal = at.toordinal()
    if unit == "weekdays":
        # Ordinal 1 is a Monday. A Saturday or Sunday counts as the Friday before it.
        week, weekday = divmod(ordinal - 1, 7)
        week, weekday = divmod(week * 5 + min(weekday, 4) + count, 5)
        ordinal = week * 7 + weekday + 1
    else:
        ordinal += count * (7 if unit == "weeks" else 1)
    return datetime.combine(date.fromordinal(min(ordinal, LAST_ORDINAL)), at.time())
