"""Weights: weighings, the trend, and the alarm for kittens that gain too little and adults that lose too much."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Annotated, Literal

from msgspec import Meta, Struct

from api.domain.cat_fields import LongText
from api.domain.cats import MAX_YEARS_AGO, latest_birth_date
from api.domain.due_dates import DAY, local_date, midnight
from api.domain.entity import ApiStruct, Timestamp
from api.domain.errors import FieldError

MIN_SPAN = timedelta(hours=12)
"""The minimum time between weighings for a trend. A shorter time shows meals, not growth."""

AlarmCode = Literal["kitten-gains-too-little", "adult-loses-too-much"]
Grams = Annotated[int, Meta(ge=1, le=30_000, description="In grams.")]


class CreateWeight(ApiStruct, frozen=True):
    """The body of ``POST /cats/{name}/weights``."""

    grams: Grams
    weighed_at: Timestamp | None = None
    """When the cat was weighed. The default is now."""
    note: LongText | None = None


class Weight(ApiStruct, frozen=True):
    """A stored weighing. It cannot be changed."""

    id: str
    grams: int
    weighed_at: Timestamp
    note: LongText | None
    by: str
    """The user who recorded the weight: stored as a uid, shown as a username."""
    recorded: Timestamp


class Trend(ApiStruct, frozen=True):
    """The change of the weight over the last days."""

    grams_per_day: float
    percent: float
    """The change over the span in percent of the first weight; a loss is negative."""
    days: float
    """The length of the span in days. It ends with the last weighing."""


class Alarm(ApiStruct, frozen=True):
    """A weight alarm."""

    code: AlarmCode
    detail: str


class Thresholds(Struct, frozen=True):
    """The limits of the alarms. ``api/settings.py`` has the defaults and their source."""

    kitten_days: int
    """The maximum age of a kitten in days."""
    kitten_grams_per_day: float
    kitten_span_days: int
    """The number of days over which the gain of a kitten is measured."""
    adult_loss_percent: float
    adult_span_days: int


class Assessment(ApiStruct, frozen=True):
    """The trend and the alarm. The trend is null without two weighings at least 12 hours apart."""

    trend: Trend | None = None
    alarm: Alarm | None = None


def validate(body: CreateWeight, now: datetime, born: date | None, zone: tzinfo) -> list[FieldError]:
    """Return the error of a time that is in the future, too long ago, or before the birth date."""
    if body.weighed_at is None:
        return []
    if body.weighed_at > now:
        return [FieldError("in_the_future", "weighedAt must not be in the future.", pointer="/weighedAt")]
    if body.weighed_at < midnight(latest_birth_date(local_date(now, zone), MAX_YEARS_AGO), zone):
        detail = f"weighedAt must not be more than {MAX_YEARS_AGO} years ago."
        return [FieldError("out_of_range", detail, pointer="/weighedAt")]
    if born is not None and body.weighed_at < midnight(born, zone):
        return [FieldError("contradiction", "weighedAt must not be before the birth date.", pointer="/weighedAt")]
    return []


def sorted_by_time(weighings: Sequence[Weight]) -> list[Weight]:
    """Return weighings by time. Of two weighings at the same time, the one that was recorded later is last."""
    return sorted(weighings, key=lambda weighing: (weighing.weighed_at, weighing.recorded))


def assess(weighings: Sequence[Weight], born: date | None, limits: Thresholds, zone: tzinfo) -> Assessment:
    """Assess the weights of a cat up to the last weighing.

    A kitten (up to ``kitten_days`` old at the last weighing) must gain; any other cat must not lose too much within
    the span. Without a weighing at the beginning of the span, that weight is interpolated.

    Args:
        weighings: the weighings, in any order.
        born: the birth date; a cat without one is assessed as an adult.
        limits: the limits of the alarms.
        zone: the time zone of the café.
    """
    course = sorted_by_time(weighings)
    if not course:
        return Assessment()
    last = course[-1]
    kitten = born is not None and (local_date(last.weighed_at, zone) - born).days <= limits.kitten_days
    span = timedelta(days=limits.kitten_span_days if kitten else limits.adult_span_days)
    window = _window(course, last.weighed_at - span)
    first_at, first = window[0]
    if last.weighed_at - first_at < MIN_SPAN:
        return Assessment()
    trend = _trend(first_at, first, last)
    return Assessment(trend, _kitten_alarm(trend, limits) if kitten else _adult_alarm(window, last, limits, zone))


def _window(course: Sequence[Weight], start: datetime) -> list[tuple[datetime, float]]:
    """Return the times and weights from ``start`` on. The first may be interpolated at ``start``."""
    points = [(w.weighed_at, float(w.grams)) for w in course]
    inside = [point for point in points if point[0] >= start]
    earlier = [point for point in points if point[0] < start]
    if not earlier:
        return inside
    (t0, g0), (t1, g1) = earlier[-1], inside[0]
    return [(start, g0 + (g1 - g0) * ((start - t0) / (t1 - t0))), *inside]


def _trend(first_at: datetime, first: float, last: Weight) -> Trend:
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
        detail=f"The kitten gains {trend.grams_per_day:g} g a day; the minimum is {limits.kitten_grams_per_day:g} g.",
    )


def _adult_alarm(window: list[tuple[datetime, float]], last: Weight, limits: Thresholds, zone: tzinfo) -> Alarm | None:
    top_at, top = max(window, key=lambda point: point[1])
    loss = (top - last.grams) / top * 100
    if loss < limits.adult_loss_percent:
        return None
    return Alarm(
        code="adult-loses-too-much",
        detail=f"The cat has lost {loss:.1f} % since {local_date(top_at, zone).isoformat()}; the limit is "
        f"{limits.adult_loss_percent:g} % in {limits.adult_span_days} days.",
    )
