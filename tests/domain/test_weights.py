"""The alarm of the scales: rates per day of real time, whatever the intervals and the order of entry."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.weights import Assessment, NewWeighing, Thresholds, Weighing, assess, validate
from tests.support.factories import NOON

LIMITS = Thresholds(
    kitten_days=182, kitten_grams_per_day=10.0, kitten_span_days=7, adult_loss_percent=10.0, adult_span_days=30
)
KITTEN, ADULT = NOON.date() - timedelta(days=60), NOON.date() - timedelta(days=2000)


def weighing(days_ago: float, grams: int) -> Weighing:
    """Return what the scales showed some days before noon."""
    at = NOON - timedelta(days=days_ago)
    return Weighing(id=f"{days_ago}", grams=grams, weighed_at=at, note=None, by="ann", recorded=NOON)


def course(*points: tuple[float, int]) -> list[Weighing]:
    """Return weighings: days ago and grams."""
    return [weighing(*point) for point in points]


def code(born: date | None, *points: tuple[float, int]) -> str | None:
    """Return the alarm of a course."""
    alarm = assess(course(*points), born, LIMITS).alarm
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
        # a weighing every day, and then one that is missing for a while
        ([(7, 700), (6, 712), (1, 765), (0, 775)], False),
        # interpolated between 14 days ago and today: 10 g a day at any window
        ([(14, 600), (0, 740)], False),
        ([(14, 600), (0, 739)], True),
        # she gained before the window and does not gain in it
        ([(20, 300), (7, 700), (0, 710)], True),
        # she lost before the window and gains in it
        ([(20, 900), (7, 700), (0, 775)], False),
        # too close together to tell anything
        ([(0.4, 700), (0, 600)], False),
        ([(0, 700), (0, 600)], False),
        ([(0, 700)], False),
        ([], False),
    ],
)
def test_a_kitten_gains_ten_grams_a_day(points: list[tuple[float, int]], alarmed: bool) -> None:
    assert code(KITTEN, *points) == ("kitten-gains-too-little" if alarmed else None)


@pytest.mark.parametrize(
    ("points", "alarmed"),
    [
        ([(30, 4000), (0, 3600)], True),
        ([(30, 4000), (0, 3601)], False),
        ([(10, 4000), (0, 3600)], True),
        # from the heaviest within the span, not from the first
        ([(30, 3800), (15, 4000), (0, 3600)], True),
        ([(40, 4200), (30, 3900), (0, 3600)], False),
        # at the beginning of the span she weighed 4000, between 4100 and 3900
        ([(35, 4100), (25, 3900), (0, 3600)], True),
        ([(35, 4100), (25, 3900), (0, 3601)], False),
        # slowly over a year
        ([(360, 5000), (0, 3600)], False),
        # she has lost and is gaining again
        ([(30, 4000), (10, 3500), (0, 3700)], False),
        ([(30, 4000), (0, 5000)], False),
        ([(0.4, 4000), (0, 3000)], False),
        ([(31, 4000)], False),
    ],
)
@pytest.mark.parametrize("born", [ADULT, None])
def test_an_adult_does_not_lose_a_tenth_in_thirty_days(
    points: list[tuple[float, int]], alarmed: bool, born: date | None
) -> None:
    assert code(born, *points) == ("adult-loses-too-much" if alarmed else None)


@pytest.mark.parametrize(("days", "kitten"), [(0, True), (181, True), (182, True), (183, False)])
def test_she_is_a_kitten_at_her_last_weighing_for_half_a_year(days: int, kitten: bool) -> None:
    born = NOON.date() - timedelta(days=days)
    assert code(born, (7, 4000), (0, 4000)) == ("kitten-gains-too-little" if kitten else None)


def test_the_trend_is_over_the_span_in_real_time() -> None:
    trend = assess(course((10, 4000), (0, 3950)), ADULT, LIMITS).trend
    assert trend is not None
    assert (trend.grams_per_day, trend.percent, trend.days) == (-5.0, -1.25, 10.0)
    longer = assess(course((60, 4000), (0, 3940)), ADULT, LIMITS).trend
    assert longer is not None
    assert (longer.grams_per_day, longer.percent, longer.days) == (-1.0, -0.76, 30.0)


def test_an_alarm_says_how_much_and_against_which_limit() -> None:
    kitten = assess(course((7, 700), (0, 721)), KITTEN, LIMITS).alarm
    adult = assess(course((20, 4000), (0, 3400)), ADULT, LIMITS).alarm
    assert kitten is not None
    assert adult is not None
    assert kitten.detail == "She gains 3 g a day; a kitten gains at least 10."
    assert adult.detail == "She has lost 15.0 % since 2026-11-02; the limit is 10 % in 30 days."


def test_thresholds_move_the_alarm() -> None:
    strict = Thresholds(10, 20.0, 3, 1.0, 5)
    assert assess(course((3, 700), (0, 759)), NOON.date(), strict).alarm is not None
    assert assess(course((5, 4000), (0, 3960)), ADULT, strict).alarm is not None
    assert assess(course((6, 4000), (5, 3961), (0, 3960)), ADULT, strict).alarm is None


POINTS = st.lists(
    st.tuples(st.floats(0, 400, allow_nan=False).map(lambda days: round(days, 3)), st.integers(1, 30_000)),
    max_size=12,
    unique_by=lambda point: point[0],
)


@given(POINTS, st.sampled_from([KITTEN, ADULT, None]), st.randoms(use_true_random=False))
def test_the_order_of_entry_makes_no_difference(
    points: list[tuple[float, int]], born: date | None, order: random.Random
) -> None:
    shuffled = order.sample(points, len(points))
    assert assess(course(*shuffled), born, LIMITS) == assess(course(*points), born, LIMITS)


@given(POINTS, st.sampled_from([KITTEN, ADULT, None]))
def test_two_weighings_far_enough_apart_have_a_trend_and_fewer_have_none(
    points: list[tuple[float, int]], born: date | None
) -> None:
    told = assess(course(*points), born, LIMITS)
    span = max((days for days, _ in points), default=0) - min((days for days, _ in points), default=0)
    assert (told.trend is not None) == (span >= 0.5)
    if told.trend is None:
        assert told == Assessment()


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (None, None),
        ("2026-11-22T12:00:00Z", None),
        ("2026-11-22T12:00:00.000001Z", "This instant is in the future."),
        ("2026-11-22T13:00:00+02:00", None),
        ("2026-11-01T00:00:00Z", None),
        ("2026-10-31T23:59:59Z", "This instant is before her birth date."),
        ("1966-11-21T23:59:59Z", "This instant is more than 60 years ago."),
        ("0001-01-01T00:00:00+14:00", "This instant is more than 60 years ago."),
    ],
)
def test_nobody_is_weighed_in_the_future_or_before_her_birth(at: str | None, told: str | None) -> None:
    body = NewWeighing(grams=1, weighed_at=datetime.fromisoformat(at) if at else None)
    found = validate(body, NOON, date(2026, 11, 1))
    assert [fault.detail for fault in found] == ([told] if told else [])
