"""Due dates: a date or a time, its deadline, and the next due date of a recurring to-do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from api.domain.entity import YEARS, ApiStruct

DAY = timedelta(days=1)
START, END = datetime(YEARS.start, 1, 1, tzinfo=UTC), datetime(YEARS.stop, 1, 1, tzinfo=UTC)
"""The range of due dates: from ``START`` to before ``END``."""

Due = Annotated[
    str,
    Meta(
        pattern=r"^(20[0-9]{2}|2100)-[0-9]{2}-[0-9]{2}"
        r"(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2}))?(?![\s\S])",
        description="A date of the years 2000 to 2100 (2026-11-30: until the end of that day in UTC), "
        "or an RFC 3339 time with an offset (2026-11-30T08:00:00Z).",
        examples=["2026-11-30", "2026-11-30T08:00:00Z"],
    ),
]


class Recurrence(ApiStruct, frozen=True):
    """How often a to-do recurs."""

    every: Annotated[int, Meta(ge=1, le=1000)]
    unit: Literal["hours", "days", "weeks"]
    from_: Literal["due", "done"] = msgspec.field(name="from", default="due")
    """Whether the interval is counted from the due date or from the time when the to-do was done."""

    @property
    def interval(self) -> timedelta:
        """The time between two occurrences."""
        return timedelta(**{self.unit: self.every})


def is_date_only(due: str) -> bool:
    """Return whether a due date has no time."""
    return "T" not in due


def deadline(due: str) -> datetime:
    """Return the time in UTC at which a due date has passed. A date has passed at the midnight that ends it.

    Raises:
        ValueError: the date or time does not exist.
    """
    if is_date_only(due):
        return midnight(msgspec.convert(due, date)) + DAY
    return msgspec.convert(due, datetime).astimezone(UTC)


def normalise_due(due: str) -> str:
    """Return a due date in its canonical form: a date unchanged, a time in UTC with ``Z``.

    Raises:
        ValueError: the time does not exist.
    """
    return due if is_date_only(due) else format_utc(deadline(due))


def is_valid_due(due: str) -> bool:
    """Return whether a date or time exists and is in the years 2000 to 2100 in UTC."""
    try:
        return deadline(due) >= START and int(normalise_due(due)[:4]) in YEARS
    except ValueError:
        return False


def midnight(day: date) -> datetime:
    """Return the time at which a day begins in UTC."""
    return datetime.combine(day, time(), UTC)


def format_utc(at: datetime) -> str:
    """Return a time as a due date, in UTC."""
    return at.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def next_due(due: str | None, recurrence: Recurrence | None, done_at: datetime) -> str | None:
    """Return the next due date of a to-do that was done at a time. Its deadline is always after ``done_at``.

    If the interval is counted from the due date, missed occurrences are skipped. The next due date of a date is a
    date, and of a time a time.

    Returns:
        The due date; None if the to-do does not recur, or only after the year 2100.
    """
    if due is None or recurrence is None:
        return None
    interval, date_only = recurrence.interval, is_date_only(due)
    if recurrence.from_ == "due":
        start = deadline(due)
        ends = start + interval * max(1, (done_at - start) // interval + 1)
    else:
        ends = (midnight(done_at.astimezone(UTC).date()) + DAY if date_only else done_at) + interval
    following = (ends - DAY).date().isoformat() if date_only else format_utc(ends)
    return following if is_valid_due(following) else None
