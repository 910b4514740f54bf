"""Adoption blockers: each code, its boundaries, its order, and the change that clears it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from api.domain.adoption_blockers import blockers
from api.domain.cat_fields import Microchip, Vaccination
from api.domain.cats import Cat, CatStatus
from tests.support.factories import make_cat

TODAY = date(2026, 11, 22)
CHIP = Microchip(number="276098106234567")
ADOPTABLE: dict[str, Any] = {
    "status": "available",
    "birth_date": date(2024, 5, 1),
    "fiv": "negative",
    "felv": "negative",
    "altered": "yes",
    "microchips": (CHIP,),
    "vaccinations": (Vaccination(type="rabies", given_on=date(2026, 1, 1), expires_on=date(2027, 1, 1)),),
}
VACCINATION_DUE = Vaccination(type="rabies", due_on=TODAY)
VACCINATION_GIVEN = replace(VACCINATION_DUE, given_on=TODAY, expires_on=TODAY + timedelta(days=365))
INTAKE_CAT = make_cat(vaccinations=(VACCINATION_DUE,))
CLEARED_BY: list[tuple[str, str, dict[str, Any]]] = [
    ("status-intake", "Finish the intake check, then set status to available.", {"status": "available"}),
    ("fiv-untested", "Test the cat and set fiv.", {"fiv": "negative"}),
    ("felv-untested", "Test the cat and set felv.", {"felv": "positive"}),
    ("not-vaccinated", "Vaccinate the cat and add it to vaccinations.", {"vaccinations": (VACCINATION_GIVEN,)}),
    ("vaccination-due", "Vaccinate the cat and set givenOn of rabies.", {"vaccinations": (VACCINATION_GIVEN,)}),
    ("not-altered", "Neuter the cat and set altered to yes.", {"altered": "yes"}),
    ("no-microchip", "Implant a microchip and add it to microchips.", {"microchips": (CHIP,)}),
]
"""The blockers of INTAKE_CAT in their order: code, ``clearedBy``, and the change that it describes."""


def codes(cat: Cat) -> list[str]:
    """Return the codes of the blockers of a cat today."""
    return [blocker.code for blocker in blockers(cat, TODAY)]


def adoptable_cat(**fields: Any) -> Cat:
    """Return a cat without blockers, except for those that the fields cause."""
    return make_cat(**ADOPTABLE | fields)


def vaccinations(*rows: tuple[str, str, str, str]) -> dict[str, Any]:
    """Return the field of vaccinations, from rows of type, due, given and expiry date (a day of 2026 or empty)."""

    def day(text: str) -> date | None:
        return date.fromisoformat(f"2026-{text}") if text else None

    return {
        "vaccinations": tuple(
            Vaccination(type=name, due_on=day(due), given_on=day(given_on), expires_on=day(expires))
            for name, due, given_on, expires in rows
        )
    }


def test_adoptable_cat_has_no_blockers() -> None:
    assert codes(adoptable_cat()) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"birth_date": date(2026, 9, 28)}, "too-young"),
        ({"fiv": "unknown"}, "fiv-untested"),
        ({"felv": "unknown"}, "felv-untested"),
        ({"altered": "no"}, "not-altered"),
        ({"altered": "unknown"}, "not-altered"),
        ({"microchips": ()}, "no-microchip"),
        ({"vaccinations": ()}, "not-vaccinated"),
        (vaccinations(("rabies", "", "01-01", "11-22")), "vaccination-due"),
    ],
)
def test_each_missing_requirement_is_one_blocker(fields: dict[str, Any], code: str) -> None:
    assert codes(adoptable_cat(**fields)) == [code]


@pytest.mark.parametrize("status", [status for status in get_args(CatStatus) if status != "available"])
def test_every_status_but_available_is_a_blocker(status: str) -> None:
    (blocker,) = blockers(adoptable_cat(status=status), TODAY)
    assert blocker.code == f"status-{status}"
    assert blocker.detail
    assert blocker.cleared_by


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"birth_date": date(2026, 9, 27)}, []),
        ({"birth_date": None}, []),
        ({"fiv": "positive", "felv": "positive"}, []),
        (vaccinations(("rabies", "11-23", "", ""), ("flu", "", "01-01", "")), []),
        (vaccinations(("rabies", "11-22", "", ""), ("flu", "", "01-01", "")), ["vaccination-due"]),
        (vaccinations(("rabies", "11-22", "", "")), ["not-vaccinated", "vaccination-due"]),
        (vaccinations(("rabies", "", "01-01", "11-01"), ("rabies", "", "11-01", "12-01")), []),
        (vaccinations(("rabies", "", "01-01", "11-01"), ("rabies", "11-30", "", "")), ["vaccination-due"]),
        (vaccinations(("rabies", "11-01", "11-01", "12-30")), []),
        (vaccinations(("a", "01-01", "", ""), ("b", "02-01", "", ""), ("c", "", "01-01", "")), ["vaccination-due"] * 2),
    ],
)
def test_boundaries_of_the_blockers(fields: dict[str, Any], expected: list[str]) -> None:
    assert codes(adoptable_cat(**fields)) == expected


def test_expiry_date_of_a_vaccination_that_was_not_given_is_ignored() -> None:
    planned = Vaccination(type="rabies", expires_on=TODAY - timedelta(days=1))
    assert "vaccination-due" not in codes(make_cat(vaccinations=(planned,)))
    expired = replace(planned, given_on=TODAY - timedelta(days=9))
    assert "vaccination-due" in codes(make_cat(vaccinations=(expired,)))


def test_blockers_have_a_fixed_order() -> None:
    cat = adoptable_cat(
        status="intake", birth_date=date(2026, 11, 1), fiv="unknown", felv="unknown", altered="no", microchips=(),
        **vaccinations(("rabies", "11-01", "", "")),
    )  # fmt: skip
    assert codes(cat) == [
        "status-intake", "too-young", "fiv-untested", "felv-untested", "not-vaccinated", "vaccination-due",
        "not-altered", "no-microchip",
    ]  # fmt: skip


def test_blockers_name_their_dates() -> None:
    (too_young,) = blockers(adoptable_cat(birth_date=date(2026, 11, 1)), TODAY)
    assert too_young.cleared_by == "Wait until 2026-12-27."
    (due,) = blockers(adoptable_cat(**vaccinations(("rabies", "", "01-01", "11-01"))), TODAY)
    assert due.detail == "The rabies vaccination has been due since 2026-11-01."


@given(st.dates(date(2024, 5, 1), date(2040, 1, 1)), st.integers(0, 100))
def test_kitten_is_too_young_for_56_days(born: date, days: int) -> None:
    found = blockers(adoptable_cat(birth_date=born), born + timedelta(days=days))
    assert ("too-young" in {blocker.code for blocker in found}) == (days < 56)


@pytest.mark.parametrize(("code", "cleared_by", "changes"), CLEARED_BY)
def test_the_change_in_cleared_by_removes_the_blocker(code: str, cleared_by: str, changes: dict[str, Any]) -> None:
    assert {blocker.code: blocker.cleared_by for blocker in blockers(INTAKE_CAT, TODAY)}[code] == cleared_by
    remaining = codes(replace(INTAKE_CAT, **changes))
    assert code not in remaining
    assert set(remaining) < set(codes(INTAKE_CAT))


def test_all_changes_together_make_the_cat_adoptable() -> None:
    cat = INTAKE_CAT
    assert codes(cat) == [code for code, _, _ in CLEARED_BY]
    for _, _, changes in CLEARED_BY:
        cat = replace(cat, **changes)
    assert codes(cat) == []


@pytest.mark.parametrize(
    ("status", "cleared_by"),
    [
        ("quarantine", "End the quarantine, then set status to available."),
        ("reserved", "Set status to available if the reservation ends."),
        ("trial", "Set status to available if the cat comes back."),
        ("foster", "Set status to available when the cat is back."),
    ],
)
def test_blocker_of_a_status_says_how_the_status_ends(status: str, cleared_by: str) -> None:
    assert blockers(make_cat(status=status), TODAY)[0].cleared_by == cleared_by


def test_detail_of_each_blocker_says_what_is_wrong() -> None:
    cat = replace(INTAKE_CAT, birth_date=TODAY)
    details = {blocker.code: blocker.detail for blocker in blockers(cat, TODAY)}
    assert details == {
        "status-intake": "The intake check is not finished.",
        "too-young": "The cat is younger than 8 weeks.",
        "fiv-untested": "The FIV status is unknown.",
        "felv-untested": "The FELV status is unknown.",
        "not-vaccinated": "No vaccination is recorded.",
        "vaccination-due": f"The rabies vaccination has been due since {VACCINATION_DUE.due_on}.",
        "not-altered": "The cat is not known to be neutered.",
        "no-microchip": "The cat has no microchip.",
    }
