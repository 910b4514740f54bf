"""The weight chart of a cat: where its points, its axes and its alarm are in a drawing. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from msgspec import Struct

from api.domain.due_dates import DAY, local_date
from api.domain.weights import Assessment, Weight, sorted_by_time
from api.web import words

WIDTH, HEIGHT = 360, 230
LEFT, RIGHT, TOP, BOTTOM = 46, 344, 34, 186
"""The edges of the plot."""
STEPS = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
"""The possible distances of the lines of the scale, in grams."""
MAX_LINES, DATES = 5, 4
KILOGRAMS_FROM = 2000
"""The end of a scale from which on it is in kilograms."""

Position = tuple[float, float]


class WeightChart(Struct, frozen=True, kw_only=True):
    """A drawing of the weights of a cat."""

    points: Sequence[Position]
    unit: str
    """The unit of the scale: kg or g."""
    scale: Sequence[tuple[float, str]]
    """The height and the text of each line."""
    dates: Sequence[tuple[float, str]]
    """The place and the text of each date."""
    years: str
    """The year of the dates, or the first and the last one."""
    alarm: tuple[Position, Position] | None
    """The trend of an alarm: from the beginning of its span to the last weight."""
    description: str
    """The drawing in words."""

    @property
    def line(self) -> str:
        """The points of the line, as SVG has them."""
        return " ".join(f"{x:g},{y:g}" for x, y in self.points)


def draw_weights(weighings: Sequence[Weight], assessment: Assessment, zone: tzinfo) -> WeightChart | None:
    """Return the drawing of weighings in any order; None without a weighing."""
    course = sorted_by_time(weighings)
    if not course:
        return None
    first, last = course[0].weighed_at, course[-1].weighed_at
    heights = [weighing.grams for weighing in course]
    start = _start_of_alarm(course, assessment)
    heights += [round(start[1])] if start else []
    low, high, step = _scale(min(heights), max(heights))

    def place(at: datetime, grams: float) -> Position:
        share = (at - first) / (last - first) if last > first else 0.5
        return round(LEFT + share * (RIGHT - LEFT), 1), round(BOTTOM - (grams - low) / (high - low) * (BOTTOM - TOP), 1)

    in_kilograms = high >= KILOGRAMS_FROM
    days = sorted({local_date(at, zone) for at in (first, last)})
    years = dict.fromkeys(str(day.year) for day in days)
    return WeightChart(
        points=[place(weighing.weighed_at, weighing.grams) for weighing in course],
        unit="kg" if in_kilograms else "g",
        scale=[
            (place(first, grams)[1], f"{grams / 1000:g}" if in_kilograms else str(grams))
            for grams in range(low, high + 1, step)
        ],
        dates=[(place(at, low)[0], _short_day(at, zone)) for at in _dates(first, last, zone)],
        years="–".join(years),
        alarm=(place(*start), place(last, course[-1].grams)) if start else None,
        description=_description(course, assessment, zone),
    )


def _start_of_alarm(course: Sequence[Weight], assessment: Assessment) -> tuple[datetime, float] | None:
    """Return the time and the weight from which the alarm is measured; None without an alarm.

    That is the beginning of the span; for an adult, who loses weight, the highest weight in it.
    """
    trend, last = assessment.trend, course[-1]
    if not assessment.alarm or not trend:
        return None
    begins = max(course[0].weighed_at, last.weighed_at - trend.days * DAY)
    start = begins, last.grams - trend.grams_per_day * trend.days
    if assessment.alarm.code == "kitten-gains-too-little":
        return start
    inside = [(weighing.weighed_at, float(weighing.grams)) for weighing in course if weighing.weighed_at >= begins]
    return max([start, *inside], key=lambda point: point[1])


def _scale(lowest: int, highest: int) -> tuple[int, int, int]:
    """Return the ends of a scale in grams, and the distance of its lines."""
    for step in STEPS:
        low, high = lowest // step * step, -(-highest // step) * step
        if low == high:
            low, high = max(0, low - step), high + step
        if (high - low) // step < MAX_LINES:
            break
    return low, high, step


def _dates(first: datetime, last: datetime, zone: tzinfo) -> list[datetime]:
    """Return the times of the dates below a drawing: the first, the last, and some between, each on its own day."""
    days = (local_date(last, zone) - local_date(first, zone)).days
    parts = min(DATES - 1, days)
    return (
        [first + timedelta(seconds=(last - first).total_seconds() * part / parts) for part in range(parts + 1)]
        if (parts)
        else [first]
    )


def _short_day(at: datetime, zone: tzinfo) -> str:
    day = local_date(at, zone)
    return f"{day.day} {words.MONTHS[day.month - 1][:3]}"


def _description(course: Sequence[Weight], assessment: Assessment, zone: tzinfo) -> str:
    first, last = course[0], course[-1]
    latest = f"{words.weight(last.grams)} on {words.local_day(last.weighed_at, zone)}"
    if len(course) == 1:
        return f"One weight: {latest}."
    grams = [weighing.grams for weighing in course]
    texts = [
        f"{len(course)} weights: from {words.weight(first.grams)} on {words.local_day(first.weighed_at, zone)} to"
        f" {latest}.",
        f"The lowest is {words.weight(min(grams))}, the highest {words.weight(max(grams))}.",
        *([f"Alarm: {assessment.alarm.detail}"] if assessment.alarm else []),
    ]
    return " ".join(texts)
