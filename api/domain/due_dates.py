"""Due dates: a date or a time, its deadline, and the days of the café."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Annotated

import msgspec
from msgspec import Meta

from api.domain.entity import YEARS, parse_timestamp

DAY = timedelta(days=1)
START, END = datetime(YEARS.start, 1, 1, tzinfo=UTC), datetime(YEARS.stop, 1, 1, tzinfo=UTC)
"""The range of due dates: from ``START`` to before ``END``."""

FIRST_DAY, LAST_DAY = date(1, 1, 2), date(9999, 12, 30)
"""The days whose midnight is a valid time in every zone."""

# The times are those that msgspec accepts in the other fields.
Due = Annotated[
    str,
    Meta(
        pattern=r"^(20[0-9]{2}|2100)-[0-9]{2}-[0-9]{2}"
        r"([Tt][0-9]{2}:[0-9]{2}:[0-5][0-9](\.[0-9]+)?([Zz]|[+-][0-9]{2}:?[0-9]{2}))?(?![\s\S])",
        description="A date of the years 2000 to 2100 (2026-11-30: until the end of that day in the time zone of the "
        "café), or an RFC 3339 time with an offset and without leap seconds (2026-11-30T08:00:00Z).",
        examples=["2026-11-30", "2026-11-30T08:00:00Z"],
        extra={"is_understood": lambda due: is_valid_due(due)},
    ),
]


def is_date_only(due: str) -> bool:
    """Return whether a due date has no time."""
    return len(due) == len("2026-11-30")


def deadline(due: str, zone: tzinfo) -> datetime:
    """Return the time in UTC at which a due date has passed. A date has passed at the midnight that ends it.

    Args:
        due: the due date.
        zone: the time zone of the café.

    Raises:
        ValueError: the date or time does not exist.
    """
    return midnight(msgspec.convert(due, date) + DAY, zone) if is_date_only(due) else parse_timestamp(due)


def normalise_due(due: str) -> str:
    """Return a due date in its canonical form: a date unchanged, a time in UTC with ``Z``.

    Raises:
        ValueError: the time does not exist.
    """
    return due if is_date_only(due) else format_utc(parse_timestamp(due))


def is_valid_due(due: str) -> bool:
    """Return whether a date or time exists and is in the years 2000 to 2100 in UTC."""
    try:
        return deadline(due, UTC) >= START and int(normalise_due(due)[:4]) in YEARS
    except (ValueError, OverflowError):
        return False


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the time in UTC at which a day begins in a time zone."""
    return to_utc(datetime.combine(min(max(day, FIRST_DAY), LAST_DAY), time()), zone)


def to_utc(local: datetime, zone: tzinfo) -> datetime:
    """Return the time in UTC of a local time without an offset (PEP 495, ``fold=0``).

    A time that the clocks skip moves forward by the length of the gap. Of a time that comes twice, the first counts.
    """
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def to_local(at: datetime, zone: tzinfo) -> datetime:
    """Return the local time of a time, without an offset."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def local_date(at: datetime, zone: tzinfo) -> date:
    """Return the local date of a time; its own date if the local one is not in the years 1 to 9999."""
    try:
        return at.astimezone(zone).date()
    except OverflowError:
        return at.date()


def format_utc(at: datetime) -> str:
    """Return a time as a due date, in UTC."""
    return at.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
