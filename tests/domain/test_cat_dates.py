"""The dates of a cat: none in the future, none before her birth, none from before any cat's time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from api.domain.cat_fields import Microchip, Vaccination
from api.domain.cats import CatBody, validate
from api.domain.due_dates import midnight
from api.domain.money import Money

TODAY = date(2026, 11, 22)
TOMORROW = TODAY + timedelta(days=1)


def told(**members: Any) -> list[tuple[str | None, str]]:
    """Return the faults of a body: where and what."""
    return [(fault.pointer, fault.detail) for fault in validate(CatBody(**members), midnight(TODAY))]


def dated(day: date) -> dict[str, dict[str, Any]]:
    """Return every member that tells of something that has happened, with a day, by its pointer."""
    return {
        "/birthDate": {"birth_date": day},
        "/alteredOn": {"altered_on": day},
        "/testedOn": {"tested_on": day},
        "/microchips/1/implantedOn": {
            "microchips": (Microchip(number="123456789"), Microchip(number="123456789", implanted_on=day))
        },
        "/vaccinations/0/givenOn": {"vaccinations": (Vaccination(type="rabies", given_on=day),)},
    }


POINTERS = list(dated(TODAY))


@pytest.mark.parametrize("pointer", POINTERS)
@pytest.mark.parametrize(
    ("day", "wrong"),
    [
        (TODAY, None),
        (TOMORROW, "This date is in the future."),
        (date(9999, 12, 31), "This date is in the future."),
        (date(1966, 11, 22), None),
        (date(1966, 11, 21), "This date is more than 60 years ago."),
        (date(1, 1, 1), "This date is more than 60 years ago."),
    ],
)
def test_what_has_happened_did_not_happen_in_the_future_nor_too_long_ago(
    pointer: str, day: date, wrong: str | None
) -> None:
    assert told(**dated(day)[pointer]) == ([(pointer, wrong)] if wrong else [])


@pytest.mark.parametrize("pointer", [pointer for pointer in POINTERS if pointer != "/birthDate"])
def test_nothing_has_happened_to_her_before_she_was_born(pointer: str) -> None:
    born = date(2026, 5, 2)
    assert told(birth_date=born, **dated(born)[pointer]) == []
    before = dated(born - timedelta(days=1))[pointer]
    assert told(birth_date=born, **before) == [(pointer, "This date is before her birth date.")]
    assert told(**before) == []


def test_what_is_to_come_may_lie_in_the_future() -> None:
    shot = Vaccination(type="rabies", given_on=TODAY, due_on=TOMORROW, expires_on=date(2030, 1, 1))
    assert told(vaccinations=(shot,), adoption_fee=Money(amount=0, currency="EUR")) == []


def test_every_rule_that_is_broken_is_told_at_once() -> None:
    late = dated(TOMORROW)
    members: dict[str, Any] = {name: value for pointer in POINTERS for name, value in late[pointer].items()}
    assert [pointer for pointer, _ in told(bonded_with=("..",), **members)] == ["/bondedWith/0", *POINTERS]


def test_on_a_leap_day_sixty_years_ago_is_the_last_of_february() -> None:
    leap = date(2024, 2, 29)
    body = CatBody(birth_date=date(1964, 2, 29))
    assert validate(body, midnight(leap)) == []
    assert [fault.pointer for fault in validate(CatBody(birth_date=date(1964, 2, 28)), midnight(leap))] == [
        "/birthDate"
    ]
    assert validate(CatBody(birth_date=date(1968, 2, 28)), midnight(date(2028, 2, 29))) != []
