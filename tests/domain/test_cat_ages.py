"""Ages of cats: birthdays, age groups, and the range of birth dates of each group."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.cats import AGE_GROUPS, MAX_YEARS_AGO, age_group, birth_date_range, birthday, latest_birth_date

TODAYS = st.dates(date(2000, 1, 1), date(2200, 12, 31)) | st.sampled_from(
    [date(year, month, day) for year in (2023, 2024, 2028, 2100) for month, day in ((2, 28), (3, 1), (12, 31), (1, 1))]
    + [date(2024, 2, 29), date(2028, 2, 29)]
)


@pytest.mark.parametrize(
    ("born", "years", "expected"),
    [
        (date(2020, 5, 1), 3, date(2023, 5, 1)),
        (date(2020, 2, 29), 1, date(2021, 3, 1)),
        (date(2020, 2, 29), 4, date(2024, 2, 29)),
        (date(2096, 2, 29), 4, date(2100, 3, 1)),
    ],
)
def test_birthday_of_29_february_is_1_march_in_common_years(born: date, years: int, expected: date) -> None:
    assert birthday(born, years) == expected


@pytest.mark.parametrize(
    ("born", "today", "group"),
    [
        (date(2026, 5, 1), date(2026, 5, 1), "baby"),
        (date(2026, 5, 2), date(2026, 5, 1), None),
        (None, date(2026, 5, 1), None),
        (date(2025, 5, 2), date(2026, 5, 1), "baby"),
        (date(2025, 5, 1), date(2026, 5, 1), "young"),
        (date(2023, 5, 2), date(2026, 5, 1), "young"),
        (date(2023, 5, 1), date(2026, 5, 1), "adult"),
        (date(2018, 5, 2), date(2026, 5, 1), "adult"),
        (date(2018, 5, 1), date(2026, 5, 1), "senior"),
        (date(1966, 5, 1), date(2026, 5, 1), "senior"),
        (date(2024, 2, 29), date(2025, 2, 28), "baby"),
        (date(2024, 2, 29), date(2025, 3, 1), "young"),
        (date(2020, 2, 29), date(2028, 2, 28), "adult"),
        (date(2020, 2, 29), date(2028, 2, 29), "senior"),
        (date(2020, 2, 29), date(2220, 2, 29), "senior"),
        (date(2020, 2, 29), date.max, "senior"),
    ],
)
def test_age_group_changes_on_the_birthday(born: date | None, today: date, group: str | None) -> None:
    assert age_group(born, today) == group


@given(TODAYS, st.integers(0, MAX_YEARS_AGO * 366), st.integers(-2, 2))
def test_birth_date_range_contains_exactly_the_birth_dates_of_the_group(today: date, days: int, offset: int) -> None:
    born = today - timedelta(days=days)
    for group, _ in AGE_GROUPS:
        first, last = birth_date_range(group, today)
        assert (age_group(born, today) == group) == (first <= born <= last)
        for edge in (first, last):
            near = edge + timedelta(days=offset)
            if near > today - timedelta(days=366 * 100):
                assert (age_group(near, today) == group) == (first <= near <= last)


@given(TODAYS)
def test_age_groups_neither_overlap_nor_leave_a_gap(today: date) -> None:
    ranges = [birth_date_range(group, today) for group, _ in AGE_GROUPS]
    assert ranges[0][1] == today
    for (younger, _), (_, older) in pairwise(ranges):
        assert older + timedelta(days=1) == younger


@given(TODAYS, st.integers(0, 100))
def test_latest_birth_date_is_the_last_date_whose_birthday_has_come(today: date, years: int) -> None:
    latest = latest_birth_date(today, years)
    assert birthday(latest, years) <= today < birthday(latest + timedelta(days=1), years)
