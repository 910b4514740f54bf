"""Ages: birthdays and leap days, age groups and the birth dates that belong to each."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.cats import AGE_GROUPS, OLDEST, age_group, birth_date_range, birthday, latest_birth_date

TODAYS = st.dates(date(2000, 1, 1), date(2200, 12, 31)) | st.sampled_from(
    [date(year, month, day) for year in (2023, 2024, 2028, 2100) for month, day in ((2, 28), (3, 1), (12, 31), (1, 1))]
    + [date(2024, 2, 29), date(2028, 2, 29)]
)


@pytest.mark.parametrize(
    ("born", "years", "on"),
    [
        (date(2020, 5, 1), 3, date(2023, 5, 1)),
        (date(2020, 2, 29), 1, date(2021, 3, 1)),
        (date(2020, 2, 29), 4, date(2024, 2, 29)),
        (date(2096, 2, 29), 4, date(2100, 3, 1)),
    ],
)
def test_who_was_born_on_a_leap_day_has_their_birthday_on_the_first_of_march(born: date, years: int, on: date) -> None:
    assert birthday(born, years) == on


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
    ],
)
def test_she_leaves_an_age_group_on_her_birthday(born: date | None, today: date, group: str | None) -> None:
    assert age_group(born, today) == group


@given(TODAYS, st.integers(0, OLDEST * 366), st.integers(-2, 2))
def test_the_birth_dates_of_a_group_are_those_who_are_in_it(today: date, days: int, aside: int) -> None:
    born = today - timedelta(days=days)
    for group, _ in AGE_GROUPS:
        first, last = birth_date_range(group, today)
        assert (age_group(born, today) == group) == (first <= born <= last)
        for edge in (first, last):
            near = edge + timedelta(days=aside)
            if near > today - timedelta(days=366 * 100):
                assert (age_group(near, today) == group) == (first <= near <= last)


@given(TODAYS)
def test_the_groups_leave_no_gap_and_do_not_overlap(today: date) -> None:
    spans = [birth_date_range(group, today) for group, _ in AGE_GROUPS]
    assert spans[0][1] == today
    for (younger, _), (_, older) in pairwise(spans):
        assert older + timedelta(days=1) == younger


@given(TODAYS, st.integers(0, 100))
def test_the_last_who_were_born_so_many_years_ago_have_their_birthday_today_or_before(today: date, years: int) -> None:
    last = latest_birth_date(today, years)
    assert birthday(last, years) <= today < birthday(last + timedelta(days=1), years)
