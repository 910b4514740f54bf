"""Dates of a cat: past events are not in the future, not before its birth and not more than 60 years ago."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import Any

import pytest

from api.domain.cat_fields import Microchip, Vaccination
from api.domain.cats import ReplaceCat, validate
from api.domain.due_dates import midnight
from api.domain.money import Money

TODAY = date(2026, 11, 22)
TOMORROW = TODAY + timedelta(days=1)


def errors(**fields: Any) -> list[tuple[str | None, str]]:
    """Return the pointers and details of the errors of a body."""
    return [(error.pointer, error.detail) for error in validate(ReplaceCat(**fields), midnight(TODAY, UTC), UTC)]


def past_events(day: date) -> dict[str, dict[str, Any]]:
    """Return the fields with the date of a past event, set to a day, by the pointer of the date."""
    return {
        "/birthDate": {"birth_date": day},
        "/alteredOn": {"altered_on": day},
        "/testedOn": {"tested_on": day},
        "/microchips/1/implantedOn": {
            "microchips": (Microchip(number="123456789"), Microchip(number="123456780", implanted_on=day))
        },
        "/vaccinations/0/givenOn": {"vaccinations": (Vaccination(type="rabies", given_on=day),)},
    }


POINTERS = list(past_events(TODAY))


def name_of(pointer: str) -> str:
    """Return the name of the member at a pointer."""
    return pointer.rpartition("/")[2]


@pytest.mark.parametrize("pointer", POINTERS)
@pytest.mark.parametrize(
    ("day", "detail"),
    [
        (TODAY, None),
        (TOMORROW, "must not be in the future."),
        (date(9999, 12, 31), "must not be in the future."),
        (date(1966, 11, 22), None),
        (date(1966, 11, 21), "must not be more than 60 years ago."),
        (date(1, 1, 1), "must not be more than 60 years ago."),
    ],
)
def test_past_event_is_neither_in_the_future_nor_more_than_60_years_ago(
    pointer: str, day: date, detail: str | None
) -> None:
    assert errors(**past_events(day)[pointer]) == ([(pointer, f"{name_of(pointer)} {detail}")] if detail else [])


@pytest.mark.parametrize("pointer", [pointer for pointer in POINTERS if pointer != "/birthDate"])
def test_past_event_is_not_before_the_birth_date(pointer: str) -> None:
    born = date(2026, 5, 2)
    assert errors(birth_date=born, **past_events(born)[pointer]) == []
    before = past_events(born - timedelta(days=1))[pointer]
    assert errors(birth_date=born, **before) == [(pointer, f"{name_of(pointer)} must not be before birthDate.")]
    assert errors(**before) == []


def test_due_and_expiry_dates_may_be_in_the_future() -> None:
    vaccination = Vaccination(type="rabies", given_on=TODAY, due_on=TOMORROW, expires_on=date(2030, 1, 1))
    assert errors(vaccinations=(vaccination,), adoption_fee=Money(amount=0, currency="EUR")) == []


def test_all_errors_are_returned_at_once() -> None:
    future = past_events(TOMORROW)
    fields: dict[str, Any] = {name: value for pointer in POINTERS for name, value in future[pointer].items()}
    assert [pointer for pointer, _ in errors(bonded_with=("..",), **fields)] == ["/bondedWith/0", *POINTERS]


def test_sixty_years_before_a_leap_day_is_the_last_day_of_february() -> None:
    leap_day = date(2024, 2, 29)
    assert validate(ReplaceCat(birth_date=date(1964, 2, 29)), midnight(leap_day, UTC), UTC) == []
    (error,) = validate(ReplaceCat(birth_date=date(1964, 2, 28)), midnight(leap_day, UTC), UTC)
    assert error.pointer == "/birthDate"
    assert validate(ReplaceCat(birth_date=date(1968, 2, 28)), midnight(date(2028, 2, 29), UTC), UTC) != []
