"""When something is due: a day or an instant, until when that is, and when it is due again."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from api.domain.entity import ApiStruct

DAY = timedelta(days=1)
FIRST, END = datetime(2000, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)
"""Nothing is due before the one or after the other."""

Due = Annotated[
    str,
    Meta(
        pattern=r"^(20[0-9]{2}|2100)-[0-9]{2}-[0-9]{2}"
        r"(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2}))?(?![\s\S])",
        description="A day of the years 2000 to 2100 (2026-11-30: until it ends, in UTC), "
        "or an RFC 3339 instant with its offset (2026-11-30T08:00:00Z).",
        examples=["2026-11-30", "2026-11-30T08:00:00Z"],
    ),
]


class Recurrence(ApiStruct, frozen=True):
    """How often something is to be done."""

    every: Annotated[int, Meta(ge=1, le=1000)]
    unit: Literal["hours", "days", "weeks"]
    from_: Literal["due", "done"] = msgspec.field(name="from", default="due")
    """Counted from when it was due, which keeps the rhythm; or from when it was done."""

    @property
    def interval(self) -> timedelta:
        """The time from one to the next."""
        return timedelta(**{self.unit: self.every})


def is_date_only(due: str) -> bool:
    """Say whether a due is a day, not an instant."""
    return "T" not in due


def deadline(due: str) -> datetime:
    """Return the instant in UTC at which a due has passed; of a day, the midnight that ends it.

    Raises:
        ValueError: there is no such day or time.
    """
    if is_date_only(due):
        return midnight(msgspec.convert(due, date)) + DAY
    return msgspec.convert(due, datetime).astimezone(UTC)


def normalise_due(due: str) -> str:
    """Return the one spelling of a due: a day as it is, an instant in UTC with ``Z``.

    Raises:
        ValueError: there is no such time.
    """
    return due if is_date_only(due) else format_utc(deadline(due))


def is_valid_due(due: str) -> bool:
    """Say whether there is such a day or time, within the years 2000 to 2100 of UTC."""
    try:
        return deadline(due) >= FIRST and normalise_due(due)[:4] <= "2100"
    except ValueError:
        return False


def midnight(day: date) -> datetime:
    """Return the instant at which a day begins in UTC."""
    return datetime.combine(day, time(), UTC)


def format_utc(at: datetime) -> str:
    """Return an instant in UTC as a due."""
    return at.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def next_due(due: str | None, recurrence: Recurrence | None, done_at: datetime) -> str | None:
    """Return when something is due again that was done at an instant: always after that instant.

    Counted from its due, it is the first beat of the rhythm that lies after ``done_at``: what was missed is
    not piled up. A day stays a day, and is compared by the midnight that ends it.

    Returns:
        A due of the same kind; None if nothing recurs, or not before the end of the year 2100.
    """
    if due is None or recurrence is None:
        return None
    interval, day = recurrence.interval, is_date_only(due)
    if recurrence.from_ == "due":
        start = deadline(due)
        ends = start + interval * max(1, (done_at - start) // interval + 1)
    else:
        ends = (midnight(done_at.astimezone(UTC).date()) + DAY if day else done_at) + interval
    again = (ends - DAY).date().isoformat() if day else format_utc(ends)
    return again if is_valid_due(again) else None
