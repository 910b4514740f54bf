"""Opening hours in words, and as structured data. Pure functions."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any

from api.domain.site import WEEKDAYS, OpeningHours

Span = tuple[str, str]
"""The times at which the café opens and closes: ``("09:00", "18:00")``."""
LAST_MINUTE = "23:59"


def is_published(hours: OpeningHours) -> bool:
    """Return whether any day has opening hours. A new café has none yet."""
    return any(_week(hours))


def rows(hours: OpeningHours) -> list[tuple[str, str]]:
    """Return the days with the same hours together: ``("Monday to Friday", "9:00 to 18:00")``."""
    return [(_days(days), _spans(spans)) for days, spans in _groups(hours)] if is_published(hours) else []


def now_text(hours: OpeningHours, now: datetime) -> str | None:
    """Return whether people can come in now, and when that changes; None without hours.

    Args:
        hours: the opening hours.
        now: the time in the time zone of the café.
    """
    week, today, time = _week(hours), now.weekday(), f"{now:%H:%M}"
    for opens, closes in week[today]:
        if opens <= time and (time < closes or time == closes == LAST_MINUTE):
            return f"Open today until {_closing(closes, week[(today + 1) % 7])}"
        if time < opens:
            again = "again " if opens != week[today][0][0] else ""
            return f"Closed now; open {again}today from {_time(opens)}"
    closed = "Closed now" if week[today] else "Closed today"
    for days in range(1, 8):
        if spans := week[(today + days) % 7]:
            day = f"on {_name((today + days) % 7)}"
            day = {1: "tomorrow", 7: f"next {_name(today)}"}.get(days, day)
            return f"{closed}; open {day} from {_time(spans[0][0])}"
    return None


def structured_data(hours: OpeningHours) -> list[dict[str, Any]]:
    """Return the hours as https://schema.org/OpeningHoursSpecification."""
    return [
        {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": [f"https://schema.org/{_name(day)}" for day in days],
            "opens": opens,
            "closes": closes,
        }
        for days, spans in _groups(hours)
        for opens, closes in spans
    ]


def _week(hours: OpeningHours) -> list[list[Span]]:
    """Return the spans of each day, from Monday. Spans without a pause between them are one."""
    week = list[list[Span]]()
    for day in WEEKDAYS:
        spans = list[Span]()
        for span in getattr(hours, day):
            begin = spans.pop()[0] if spans and spans[-1][1] == span.opens else span.opens
            spans.append((begin, span.closes))
        week.append(spans)
    return week


def _groups(hours: OpeningHours) -> list[tuple[list[int], list[Span]]]:
    """Return the days that follow each other and have the same spans."""
    return [([day for day, _ in group], spans) for spans, group in groupby(enumerate(_week(hours)), lambda day: day[1])]


def _days(days: list[int]) -> str:
    names = [_name(day) for day in days]
    if len(names) == len(WEEKDAYS):
        return "Every day"
    return f"{names[0]} to {names[-1]}" if len(names) > 2 else " and ".join(names)


def _spans(spans: list[Span]) -> str:
    texts = [f"{_time(opens)} to {_time(closes)}" for opens, closes in spans]
    return " and ".join([*([", ".join(texts[:-1])] if texts[1:] else []), *texts[-1:]]) or "Closed"


def _closing(closes: str, tomorrow: list[Span]) -> str:
    """Return the time when the café closes. Hours after midnight are those of the next day."""
    continues = closes == LAST_MINUTE and tomorrow and tomorrow[0][0] == "00:00" and tomorrow[0][1] != LAST_MINUTE
    return _time(tomorrow[0][1] if continues else closes)


def _time(text: str) -> str:
    return "midnight" if text == LAST_MINUTE else text.removeprefix("0")


def _name(day: int) -> str:
    return WEEKDAYS[day].capitalize()
