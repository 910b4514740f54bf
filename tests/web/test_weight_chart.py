"""The weight line, and weights as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from api.domain.weights import Assessment, Thresholds, Weight, assess
from api.web.weight_chart import BOTTOM, LEFT, RIGHT, TOP, WeightChart, draw_weights

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIMITS = Thresholds(
    kitten_days=84, kitten_grams_per_day=7, kitten_span_days=3, adult_loss_percent=10, adult_span_days=30
)
LONDON = ZoneInfo("Europe/London")


def weigh(*days_and_grams: tuple[float, int]) -> list[Weight]:
    """Return weighings, each so many days ago."""
    return [
        Weight(id=str(days), grams=grams, weighed_at=NOON - timedelta(days=days), note=None, by="ada", recorded=NOON)
        for days, grams in days_and_grams
    ]


def drawn(*days_and_grams: tuple[float, int], born: date | None = None) -> WeightChart:
    """Return the drawing of weighings, with their assessment."""
    weighings = weigh(*days_and_grams)
    chart = draw_weights(weighings, assess(weighings, born, LIMITS, LONDON), LONDON)
    assert chart is not None
    return chart


def test_without_a_weighing_there_is_no_line() -> None:
    assert draw_weights([], Assessment(), UTC) is None


def test_the_line_goes_from_the_first_to_the_last_weighing_on_a_scale_in_kilograms() -> None:
    chart = drawn((0, 4400), (60, 4000), (30, 4200))
    assert chart.unit == "kg"
    assert chart.points == [(LEFT, BOTTOM), ((LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2), (RIGHT, TOP)]
    assert [text for _, text in chart.scale] == ["4", "4.1", "4.2", "4.3", "4.4"]
    assert [text for _, text in chart.dates] == ["23 Sep", "13 Oct", "2 Nov", "22 Nov"]
    assert (chart.years, chart.alarm) == ("2026", None)
    assert chart.description == (
        "3 weights: from 4.00 kg on 23 September 2026 to 4.40 kg on 22 November 2026. The lowest is 4.00 kg, the"
        " highest 4.40 kg."
    )


def test_one_weighing_is_a_point_in_the_middle_and_kittens_have_grams() -> None:
    chart = drawn((0, 95))
    assert (chart.unit, chart.points[0][0]) == ("g", (LEFT + RIGHT) / 2)
    assert [text for _, text in chart.scale] == ["90", "95", "100"]
    assert len(chart.dates) == 1
    assert chart.description == "One weight: 95 g on 22 November 2026."


@pytest.mark.parametrize("grams", [(1, 1), (1, 30_000), (30_000, 30_000), (2495, 2505), (1999, 2000)])
def test_the_scale_has_few_lines_and_holds_every_point(grams: tuple[int, int]) -> None:
    chart = drawn((400, grams[0]), (0, grams[1]))
    assert 2 <= len(chart.scale) <= 5
    assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for x, y in chart.points)
    assert len({text for _, text in chart.scale}) == len(chart.scale)
    assert chart.years == "2025–2026"


def test_the_alarm_of_an_adult_begins_at_its_highest_weight() -> None:
    chart = drawn((90, 4000), (20, 4800), (10, 4500), (0, 4200))
    assert chart.alarm == (chart.points[1], chart.points[3])
    assert "Alarm: The cat has lost 12.5 %" in chart.description


def test_the_alarm_of_a_kitten_begins_at_the_span() -> None:
    chart = drawn((6, 400), (2, 440), (0, 440), born=date(2026, 10, 10))
    assert chart.alarm is not None
    (start, _), end = chart.alarm
    assert (start, end) == ((LEFT + RIGHT) / 2, chart.points[2])
