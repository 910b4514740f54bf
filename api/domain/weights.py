"""Weights over time: the trend, and the alarm for a kitten who does not gain or an adult who loses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from api.domain.cat_fields import LongText
from api.domain.cats import OLDEST, latest_birth_date
from api.domain.entity import ApiStruct, Timestamp
from api.domain.errors import FieldError

DAY = timedelta(days=1)
SHORTEST_SPAN = timedelta(hours=12)
"""Two weighings closer together than this tell of a meal, not of growth."""

Grams = Annotated[int, Meta(ge=1, le=30_000, description="In grams.")]


class NewWeighing(ApiStruct, frozen=True):
    """The body of ``POST /cats/{name}/weights``."""

    grams: Grams
    weighed_at: Timestamp | None = None
    """When the cat was weighed; now, if it is missing."""
    note: LongText | None = None


class Weighing(ApiStruct, frozen=True):
    """One weighing as it is kept; there is no way to change it."""

    id: str
    grams: int
    weighed_at: Timestamp
    note: LongText | None
    by: str
    recorded: Timestamp


class Trend(ApiStruct, frozen=True):
    """How her weight moved over the last days."""

    grams_per_day: float
    percent: float
    """Change over the whole span, in percent of its first weight; negative is a loss."""
    days: float
    """Length of the span in days, up to the last weighing."""


class Alarm(ApiStruct, frozen=True):
    """What is wrong with the trend."""

    code: Literal["kitten-gains-too-little", "adult-loses-too-much"]
    detail: str


class Thresholds(Struct, frozen=True):
    """Where an alarm begins; ``api/settings.py`` says the defaults and their sources."""

    kitten_days: int
    """Up to which age, in days, she must gain."""
    kitten_grams_per_day: float
    kitten_span_days: int
    """Over how many days a kitten's gain is measured."""
    adult_loss_percent: float
    adult_span_days: int


class Assessment(ApiStruct, frozen=True):
    """The trend and its alarm; None where two weighings do not say enough."""

    trend: Trend | None = None
    alarm: Alarm | None = None


def validate(body: NewWeighing, now: datetime, born: date | None) -> list[FieldError]:
    """Return the rules that a weighing breaks: nobody is weighed in the future or before her birth."""
    if body.weighed_at is None:
        return []
    if body.weighed_at > now:
        return [FieldError("This instant is in the future.", pointer="/weighedAt")]
    if body.weighed_at.date() < latest_birth_date(now.date(), OLDEST):
        return [FieldError(f"This instant is more than {OLDEST} years ago.", pointer="/weighedAt")]
    if born is not None and body.weighed_at.date() < born:
        return [FieldError("This instant is before her birth date.", pointer="/weighedAt")]
    return []


def sorted_by_time(weighings: Sequence[Weighing]) -> list[Weighing]:
    """Return weighings in the order of time; of two at one instant, the later entry corrects the other."""
    return sorted(weighings, key=lambda weighing: (weighing.weighed_at, weighing.recorded))


def assess(weighings: Sequence[Weighing], born: date | None, limits: Thresholds) -> Assessment:
    """Judge the course of a cat's weight up to her last weighing.

    Rates are per day of real time between the weighings, whatever the order in which they were entered.
    A kitten (up to ``kitten_days`` old at her last weighing) must gain; any other cat must not lose too
    much within the span. Where no weighing stands at the beginning of the span, the weight of that
    instant is interpolated between its neighbours.

    Args:
        weighings: her weighings, in any order.
        born: her birth date; a cat without one is judged as an adult.
        limits: where an alarm begins.
    """
    course = sorted_by_time(weighings)
    if not course:
        return Assessment()
    last = course[-1]
    kitten = born is not None and (last.weighed_at.date() - born).days <= limits.kitten_days
    span = timedelta(days=limits.kitten_span_days if kitten else limits.adult_span_days)
    window = _window(course, last.weighed_at - span)
    first_at, first = window[0]
    if last.weighed_at - first_at < SHORTEST_SPAN:
        return Assessment()
    trend = _trend(first_at, first, last)
    return Assessment(trend, _kitten_alarm(trend, limits) if kitten else _adult_alarm(window, last, limits))


def _window(course: Sequence[Weighing], start: datetime) -> list[tuple[datetime, float]]:
    """Return the course from ``start`` on, opened by the weight at that very instant where it is known."""
    points = [(w.weighed_at, float(w.grams)) for w in course]
    inside = [point for point in points if point[0] >= start]
    earlier = [point for point in points if point[0] < start]
    if not earlier:
        return inside
    (t0, g0), (t1, g1) = earlier[-1], inside[0]
    return [(start, g0 + (g1 - g0) * ((start - t0) / (t1 - t0))), *inside]


def _trend(first_at: datetime, first: float, last: Weighing) -> Trend:
    days = (last.weighed_at - first_at) / DAY
    return Trend(
        grams_per_day=round((last.grams - first) / days, 2),
        percent=round((last.grams - first) / first * 100, 2),
        days=round(days, 2),
    )


def _kitten_alarm(trend: Trend, limits: Thresholds) -> Alarm | None:
    if trend.grams_per_day >= limits.kitten_grams_per_day:
        return None
    return Alarm(
        code="kitten-gains-too-little",
        detail=f"She gains {trend.grams_per_day:g} g a day; a kitten gains at least {limits.kitten_grams_per_day:g}.",
    )


def _adult_alarm(window: list[tuple[datetime, float]], last: Weighing, limits: Thresholds) -> Alarm | None:
    top_at, top = max(window, key=lambda point: point[1])
    loss = (top - last.grams) / top * 100
    if loss < limits.adult_loss_percent:
        return None
    return Alarm(
        code="adult-loses-too-much",
        detail=f"She has lost {loss:.1f} % since {top_at.date().isoformat()}; the limit is "
        f"{limits.adult_loss_percent:g} % in {limits.adult_span_days} days.",
    )
