"""Dates and times as people write them, where a browser has no field for them, and opening hours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from api.web import words

DAY_EXPECTED = "Write a day such as 2026-11-28."
TIME_EXPECTED = "Write a time such as 18:30."
MOMENT_EXPECTED = "Write a day and a time, such as 2026-11-28 18:30."
HOURS_EXPECTED = "Write hours such as 9:00-12:00, 14:00-18:00, or nothing for a closed day."
MAX_LENGTH = 64
"""No date or time is longer."""
_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")
_DAY_MONTH = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th|\.)? ([a-z]{3,9})\.?,? ([0-9]{4})")
_MONTH_DAY = re.compile(r"([a-z]{3,9})\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})")
_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.h]([0-9]{2}))?(?::([0-9]{2})(?:\.0+)?)?(?: ?([ap])\.?m\.?)?")
_SPAN = re.compile(r"(.+?) ?(?:[-\u2010-\u2015\u2212]|\bto\b|\buntil\b) ?(.+)")
_GAP = re.compile(r",? +(?:at )?|,|(?<=[0-9])T(?=[0-9])")
_MONTHS = {month.lower(): number for number, month in enumerate(words.MONTHS, 1)}
MONTHS = _MONTHS | {month[:3]: number for month, number in _MONTHS.items()} | {"sept": 9}


class AmbiguousError(ValueError):
    """A text has two meanings."""


def parse_date(text: str) -> date:
    """Return a date: "2026-11-28", "28.11.2026", "28 Nov 2026", "November 28, 2026".

    Raises:
        AmbiguousError: "3/4/2026" has two meanings.
        ValueError: the text is no date.
    """
    text = text.strip()[:MAX_LENGTH].lower()
    for pattern, read in _DATES.items():
        if match := pattern.fullmatch(text):
            try:
                return read(match)
            except AmbiguousError:
                raise
            except (ValueError, KeyError):
                break
    raise ValueError(DAY_EXPECTED)


def _read_year_last(match: re.Match[str]) -> date:
    """Return a date whose day comes first. With slashes, some countries write the month first."""
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if match[2] == "." or first > 12 or first == second:
        return date(year, second, first)
    if second > 12:
        return date(year, first, second)
    days = f"{date(year, second, first)} or {date(year, first, second)}"
    raise AmbiguousError(f"“{match[0]}” can be read in two ways. Write {days}.")


_DATES: Mapping[re.Pattern[str], Callable[[re.Match[str]], date]] = {
    _YEAR_FIRST: lambda match: date(int(match[1]), int(match[3]), int(match[4])),
    _YEAR_LAST: _read_year_last,
    _DAY_MONTH: lambda match: date(int(match[3]), MONTHS[match[2]], int(match[1])),
    _MONTH_DAY: lambda match: date(int(match[3]), MONTHS[match[1]], int(match[2])),
}
"""For each notation, a function from its match to the date. They raise ValueError or KeyError."""


def parse_clock(text: str) -> time:
    """Return a time of day: "18:30", "18.30", "18h30", "9", "6:30 pm".

    Raises:
        ValueError: the text is no time.
    """
    match = _CLOCK.fullmatch(text.strip()[:MAX_LENGTH].lower())
    if match is None or (match[4] and not 1 <= int(match[1]) <= 12):
        raise ValueError(TIME_EXPECTED)
    hour = int(match[1]) if not match[4] else int(match[1]) % 12 + 12 * (match[4] == "p")
    try:
        return time(hour, int(match[2] or 0), int(match[3] or 0))
    except ValueError:
        raise ValueError(TIME_EXPECTED) from None


def parse_moment(text: str) -> datetime:
    """Return a date and a time, without an offset if the text has none. A date alone is its midnight.

    Raises:
        ValueError: the text is no time, or has two meanings.
    """
    text = text.strip()[:MAX_LENGTH]
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        gaps = [(match.start(), match.end()) for match in _GAP.finditer(text)]
    for start, end in gaps:
        try:
            return datetime.combine(parse_date(text[:start]), parse_clock(text[end:]))
        except AmbiguousError:
            raise
        except ValueError:
            continue
    try:
        return datetime.combine(parse_date(text), time())
    except AmbiguousError:
        raise
    except ValueError:
        raise ValueError(MOMENT_EXPECTED) from None


def parse_hours(text: str) -> list[dict[str, str]]:
    """Return the time spans of a day: "9:00-12:00, 14-18", "9am–5pm". A closed day has none.

    Raises:
        ValueError: a part of the text is no time span, or has two meanings.
    """
    if text.lower().strip(" .") in ("", "closed"):
        return []
    return [_parse_span(part.strip()) for part in re.split(r"[,;&\n]| and ", text)]


def _parse_span(text: str) -> dict[str, str]:
    match = _SPAN.fullmatch(text[:MAX_LENGTH])
    if match is None:
        raise ValueError(HOURS_EXPECTED)
    first, last = match[1].lower(), match[2].lower()
    try:
        opens, closes = parse_clock(first), time() if last in ("24", "24:00", "24.00") else parse_clock(last)
    except ValueError:
        raise ValueError(HOURS_EXPECTED) from None
    has_half = first.rstrip(". ").endswith("m"), last.rstrip(". ").endswith("m")
    if has_half[0] and not has_half[1] and closes.hour <= 12:
        raise AmbiguousError(f"Write am or pm for both times of “{text}”.")
    if has_half[1] and not has_half[0] and opens.hour < 12 <= closes.hour and opens.hour + 12 < closes.hour:
        raise AmbiguousError(f"Write am or pm for both times of “{text}”.")
    return {"opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}" if closes != time() else "23:59"}
