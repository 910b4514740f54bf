"""Opening hours in words, and as structured data."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from api.domain.site import OpeningHours
from api.web.opening_hours import is_published, now_text, rows, structured_data

MONDAY = 23
"""A Monday of November 2026."""


def make_hours(**days: str) -> OpeningHours:
    """Return hours from texts: ``monday="09:00-12:00 14:00-18:00"``."""
    value: dict[str, Any] = {
        day: [dict(zip(("opens", "closes"), span.split("-"), strict=True)) for span in text.split()]
        for day, text in days.items()
    }
    return msgspec.convert(value, OpeningHours)


def at(day: int, time: str) -> datetime:
    """Return a time in the week from Monday, 23 November 2026; 0 is the Monday."""
    hour, minute = map(int, time.split(":"))
    return datetime(2026, 11, MONDAY + day, hour, minute, tzinfo=ZoneInfo("Europe/London"))


WEEK = make_hours(
    tuesday="09:00-12:00 14:00-18:00", wednesday="09:00-18:00", thursday="09:00-18:00", friday="09:00-18:00"
)


@pytest.mark.parametrize(
    ("day", "time", "text"),
    [
        (0, "12:00", "Closed today; open tomorrow from 9:00"),
        (1, "08:59", "Closed now; open today from 9:00"),
        (1, "09:00", "Open today until 12:00"),
        (1, "11:59", "Open today until 12:00"),
        (1, "12:00", "Closed now; open again today from 14:00"),
        (1, "14:00", "Open today until 18:00"),
        (1, "18:00", "Closed now; open tomorrow from 9:00"),
        (4, "23:00", "Closed now; open on Tuesday from 9:00"),
        (5, "12:00", "Closed today; open on Tuesday from 9:00"),
        (6, "12:00", "Closed today; open on Tuesday from 9:00"),
    ],
)
def test_now_in_words(day: int, time: str, text: str) -> None:
    assert now_text(WEEK, at(day, time)) == text


@pytest.mark.parametrize(
    ("hours", "day", "time", "text"),
    [
        (make_hours(), 0, "12:00", None),
        (make_hours(monday="09:00-10:00"), 0, "11:00", "Closed now; open next Monday from 9:00"),
        (make_hours(monday="09:00-12:00 12:00-15:00"), 0, "11:00", "Open today until 15:00"),
        (make_hours(friday="20:00-23:59", saturday="00:00-02:00"), 4, "21:00", "Open today until 2:00"),
        (make_hours(friday="20:00-23:59", saturday="00:00-02:00"), 4, "23:59", "Open today until 2:00"),
        (make_hours(friday="20:00-23:59", saturday="00:00-02:00"), 5, "01:00", "Open today until 2:00"),
        (make_hours(friday="20:00-23:59"), 4, "21:00", "Open today until midnight"),
    ],
)
def test_special_hours_in_words(hours: OpeningHours, day: int, time: str, text: str | None) -> None:
    assert now_text(hours, at(day, time)) == text


def test_days_with_the_same_hours_are_together() -> None:
    assert rows(WEEK) == [
        ("Monday", "Closed"),
        ("Tuesday", "9:00 to 12:00 and 14:00 to 18:00"),
        ("Wednesday to Friday", "9:00 to 18:00"),
        ("Saturday and Sunday", "Closed"),
    ]
    days = msgspec.structs.asdict(WEEK)
    assert rows(make_hours(**dict.fromkeys(days, "08:00-23:59"))) == [("Every day", "8:00 to midnight")]
    assert rows(make_hours(monday="08:00-09:00 10:00-11:00 12:00-13:00"))[0][1] == (
        "8:00 to 9:00, 10:00 to 11:00 and 12:00 to 13:00"
    )


def test_hours_without_an_open_day_are_not_published() -> None:
    assert (is_published(make_hours()), rows(make_hours()), structured_data(make_hours())) == (False, [], [])


def test_structured_data_has_each_span_with_its_days() -> None:
    data = structured_data(WEEK)
    assert [(len(item["dayOfWeek"]), item["opens"], item["closes"]) for item in data] == [
        (1, "09:00", "12:00"), (1, "14:00", "18:00"), (3, "09:00", "18:00"),
    ]  # fmt: skip
    assert data[0]["dayOfWeek"] == ["https://schema.org/Tuesday"]
