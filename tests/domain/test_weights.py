"""Weighings: the trend, the weight alarm of kittens and adults, and validation."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.weights import Assessment, CreateWeight, Thresholds, Weight, assess, validate
from tests.support.factories import NOON

LIMITS = Thresholds(
    kitten_days=182, kitten_grams_per_day=10.0, kitten_span_days=7, adult_loss_percent=10.0, adult_span_days=30
)
KITTEN, ADULT = NOON.date() - timedelta(days=60), NOON.date() - timedelta(days=2000)


def make_weighing(days_ago: float, grams: int) -> Weight:
    """Return a weighing some days before noon."""
    weighed_at = NOON - timedelta(days=days_ago)
    return Weight(id=f"{days_ago}", grams=grams, weighed_at=weighed_at, note=None, by="ann", recorded=NOON)


def make_weighings(*points: tuple[float, int]) -> list[Weight]:
    """Return weighings, from pairs of days ago and grams."""
    return [make_weighing(*point) for point in points]


def alarm_code(born: date | None, *points: tuple[float, int]) -> str | None:
    """Return the code of the alarm, or None."""
    alarm = assess(make_weighings(*points), born, LIMITS, UTC).alarm
    return alarm.code if alarm else None


@pytest.mark.parametrize(
    ("points", "alarmed"),
    [
        ([(7, 700), (0, 770)], False),
        ([(7, 700), (0, 769)], True),
        ([(7, 700), (3.5, 760), (0, 769)], True),
        ([(3, 700), (0, 730)], False),
        ([(3, 700), (0, 729)], True),
        ([(1, 700), (0, 690)], True),
        # daily weighings with a gap
        ([(7, 700), (6, 712), (1, 765), (0, 775)], False),
        # interpolated between 14 days ago and today: 10 g a day
        ([(14, 600), (0, 740)], False),
        ([(14, 600), (0, 739)], True),
        # a gain before the span and none in the span
        ([(20, 300), (7, 700), (0, 710)], True),
        # a loss before the span and a gain in the span
        ([(20, 900), (7, 700), (0, 775)], False),
        # too close together for a trend: less than 12 hours
        ([(0.4, 700), (0, 600)], False),
        ([(0.49, 700), (0, 600)], False),
        ([(0.5, 700), (0, 600)], True),
        ([(0, 700), (0, 600)], False),
        ([(0, 700)], False),
        ([], False),
    ],
)
def test_alarm_for_a_kitten_that_gains_less_than_10_grams_a_day(points: list[tuple[float, int]], alarmed: bool) -> None:
    assert alarm_code(KITTEN, *points) == ("kitten-gains-too-little" if alarmed else None)


@pytest.mark.parametrize(
    ("points", "alarmed"),
    [
        ([(30, 4000), (0, 3600)], True),
        ([(30, 4000), (0, 3601)], False),
        ([(10, 4000), (0, 3600)], True),
        # compared with the highest weight within the span, not with the first
        ([(30, 3800), (15, 4000), (0, 3600)], True),
        ([(40, 3800), (15, 4000), (0, 3600)], True),
        ([(40, 4200), (30, 3900), (0, 3600)], False),
        # the interpolated weight at the beginning of the span is 4000, between 4100 and 3900
        ([(35, 4100), (25, 3900), (0, 3600)], True),
        ([(35, 4100), (25, 3900), (0, 3601)], False),
        # a slow loss over a year
        ([(360, 5000), (0, 3600)], False),
        # a loss followed by a gain
        ([(30, 4000), (10, 3500), (0, 3700)], False),
        ([(30, 4000), (0, 5000)], False),
        ([(0.4, 4000), (0, 3000)], False),
        ([(31, 4000)], False),
    ],
)
@pytest.mark.parametrize("born", [ADULT, None])
def test_alarm_for_an_adult_that_loses_10_percent_in_30_days(
    points: list[tuple[float, int]], alarmed: bool, born: date | None
) -> None:
    assert alarm_code(born, *points) == ("adult-loses-too-much" if alarmed else None)


@pytest.mark.parametrize(("days", "kitten"), [(0, True), (181, True), (182, True), (183, False)])
def test_age_at_the_last_weighing_decides_between_kitten_and_adult(days: int, kitten: bool) -> None:
    born = NOON.date() - timedelta(days=days)
    assert alarm_code(born, (7, 4000), (0, 4000)) == ("kitten-gains-too-little" if kitten else None)


def test_trend_is_calculated_over_at_most_the_span() -> None:
    trend = assess(make_weighings((10, 4000), (0, 3950)), ADULT, LIMITS, UTC).trend
    assert trend is not None
    assert (trend.grams_per_day, trend.percent, trend.days) == (-5.0, -1.25, 10.0)
    longer = assess(make_weighings((60, 4000), (0, 3940)), ADULT, LIMITS, UTC).trend
    assert longer is not None
    assert (longer.grams_per_day, longer.percent, longer.days) == (-1.0, -0.76, 30.0)


def test_trend_is_rounded_to_two_decimals() -> None:
    trend = assess(make_weighings((1.236, 4000), (0, 3950)), ADULT, LIMITS, UTC).trend
    assert trend is not None
    assert (trend.grams_per_day, trend.percent, trend.days) == (-40.45, -1.25, 1.24)


def test_detail_of_an_alarm_has_the_rate_and_the_limit() -> None:
    kitten = assess(make_weighings((7, 700), (0, 721)), KITTEN, LIMITS, UTC).alarm
    adult = assess(make_weighings((20, 4000), (0, 3400)), ADULT, LIMITS, UTC).alarm
    assert kitten is not None
    assert adult is not None
    assert kitten.detail == "The kitten gains 3 g a day; the minimum is 10 g."
    assert adult.detail == "The cat has lost 15.0 % since 2026-11-02; the limit is 10 % in 30 days."


def test_thresholds_are_configurable() -> None:
    strict = Thresholds(10, 20.0, 3, 1.0, 5)
    assert assess(make_weighings((3, 700), (0, 759)), NOON.date(), strict, UTC).alarm is not None
    assert assess(make_weighings((5, 4000), (0, 3960)), ADULT, strict, UTC).alarm is not None
    assert assess(make_weighings((6, 4000), (5, 3961), (0, 3960)), ADULT, strict, UTC).alarm is None


POINTS = st.lists(
    st.tuples(st.floats(0, 400, allow_nan=False).map(lambda days: round(days, 3)), st.integers(1, 30_000)),
    max_size=12,
    unique_by=lambda point: point[0],
)


@given(POINTS, st.sampled_from([KITTEN, ADULT, None]), st.randoms(use_true_random=False))
def test_assessment_does_not_depend_on_the_order_of_weighings(
    points: list[tuple[float, int]], born: date | None, order: random.Random
) -> None:
    shuffled = order.sample(points, len(points))
    assert assess(make_weighings(*shuffled), born, LIMITS, UTC) == assess(make_weighings(*points), born, LIMITS, UTC)


@given(POINTS, st.sampled_from([KITTEN, ADULT, None]))
def test_trend_exists_if_the_weighings_span_half_a_day(points: list[tuple[float, int]], born: date | None) -> None:
    assessment = assess(make_weighings(*points), born, LIMITS, UTC)
    span = max((days for days, _ in points), default=0) - min((days for days, _ in points), default=0)
    assert (assessment.trend is not None) == (span >= 0.5)
    if assessment.trend is None:
        assert assessment == Assessment()


@pytest.mark.parametrize(
    ("weighed_at", "detail"),
    [
        (None, None),
        ("2026-11-22T12:00:00Z", None),
        ("2026-11-22T12:00:00.000001Z", "weighedAt must not be in the future."),
        ("2026-11-22T13:00:00+02:00", None),
        ("2026-11-01T00:00:00Z", None),
        ("2026-10-31T23:59:59Z", "weighedAt must not be before the birth date."),
        ("1966-11-21T23:59:59Z", "weighedAt must not be more than 60 years ago."),
        ("0001-01-01T00:00:00+14:00", "weighedAt must not be more than 60 years ago."),
    ],
)
def test_weighed_at_is_not_in_the_future_nor_before_the_birth(weighed_at: str | None, detail: str | None) -> None:
    body = CreateWeight(grams=1, weighed_at=datetime.fromisoformat(weighed_at) if weighed_at else None)
    errors = validate(body, NOON, date(2026, 11, 1), UTC)
    assert [error.detail for error in errors] == ([detail] if detail else [])
