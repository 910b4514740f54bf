"""Why a cat is not up for adoption: each reason, what clears it, and their order."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.adoption_blockers import blockers
from api.domain.cat_fields import Microchip, Vaccination
from api.domain.cats import Cat, Status

TODAY = date(2026, 11, 22)
READY: dict[str, Any] = {
    "status": "available",
    "birth_date": date(2024, 5, 1),
    "fiv": "negative",
    "felv": "negative",
    "altered": "yes",
    "microchips": (Microchip(number="276098106234567"),),
    "vaccinations": (Vaccination(type="rabies", given_on=date(2026, 1, 1), expires_on=date(2027, 1, 1)),),
}


def cat(**members: Any) -> Cat:
    """Return a cat who could go today, but for some members."""
    noon = datetime.fromisoformat("2026-01-01T12:00:00Z")
    return Cat(**{"name": "luna", "uid": "u", "created": noon, "updated": noon, "version": 1} | READY | members)


def codes(**members: Any) -> list[str]:
    """Return why such a cat cannot go."""
    return [blocker.code for blocker in blockers(cat(**members), TODAY)]


def shots(*some: tuple[str, str, str, str]) -> dict[str, Any]:
    """Return vaccinations: type, and when due, given and expired (a day of 2026, or nothing)."""

    def day(text: str) -> date | None:
        return date.fromisoformat(f"2026-{text}") if text else None

    told = tuple(Vaccination(type=t, due_on=day(d), given_on=day(g), expires_on=day(e)) for t, d, g, e in some)
    return {"vaccinations": told}


def test_who_has_everything_can_go() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"birth_date": date(2026, 9, 28)}, "too-young"),
        ({"fiv": "unknown"}, "fiv-untested"),
        ({"felv": "unknown"}, "felv-untested"),
        ({"altered": "no"}, "not-altered"),
        ({"altered": "unknown"}, "not-altered"),
        ({"microchips": ()}, "no-microchip"),
        ({"vaccinations": ()}, "not-vaccinated"),
        (shots(("rabies", "", "01-01", "11-22")), "vaccination-due"),
    ],
)
def test_each_reason_stands_alone(members: dict[str, Any], code: str) -> None:
    assert codes(**members) == [code]


@pytest.mark.parametrize("status", [status for status in get_args(Status) if status != "available"])
def test_every_other_status_is_a_reason_that_says_what_clears_it(status: str) -> None:
    (blocker,) = blockers(cat(status=status), TODAY)
    assert blocker.code == f"status-{status}"
    assert blocker.detail
    assert blocker.cleared_by


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"birth_date": date(2026, 9, 27)}, []),
        ({"birth_date": None}, []),
        ({"fiv": "positive", "felv": "positive"}, []),
        (shots(("rabies", "11-23", "", ""), ("flu", "", "01-01", "")), []),
        (shots(("rabies", "11-22", "", ""), ("flu", "", "01-01", "")), ["vaccination-due"]),
        (shots(("rabies", "11-22", "", "")), ["not-vaccinated", "vaccination-due"]),
        (shots(("rabies", "", "01-01", "11-01"), ("rabies", "", "11-01", "12-01")), []),
        (shots(("rabies", "", "01-01", "11-01"), ("rabies", "11-30", "", "")), ["vaccination-due"]),
        (shots(("rabies", "11-01", "11-01", "12-30")), []),
        (shots(("a", "01-01", "", ""), ("b", "02-01", "", ""), ("c", "", "01-01", "")), ["vaccination-due"] * 2),
    ],
)
def test_the_edges_of_each_reason(members: dict[str, Any], found: list[str]) -> None:
    assert codes(**members) == found


def test_the_reasons_come_in_one_order_the_weightiest_first() -> None:
    nothing = {"birth_date": date(2026, 11, 1), "fiv": "unknown", "felv": "unknown", "altered": "no", "microchips": ()}
    assert codes(status="intake", **nothing, **shots(("rabies", "11-01", "", ""))) == [
        "status-intake", "too-young", "fiv-untested", "felv-untested", "not-vaccinated", "vaccination-due",
        "not-altered", "no-microchip",
    ]  # fmt: skip


def test_a_reason_says_since_when_and_until_when() -> None:
    young, due = (blockers(cat(**members), TODAY)[0] for members in (
        {"birth_date": date(2026, 11, 1)}, shots(("rabies", "", "01-01", "11-01")),
    ))  # fmt: skip
    assert young.cleared_by == "Wait until 2026-12-27."
    assert due.detail == "Her rabies vaccination has been due since 2026-11-01."


@given(st.dates(date(2024, 5, 1), date(2040, 1, 1)), st.integers(0, 100))
def test_she_is_too_young_for_eight_weeks_and_never_again(born: date, days: int) -> None:
    found = {blocker.code for blocker in blockers(cat(birth_date=born), born + timedelta(days=days))}
    assert ("too-young" in found) == (days < 56)
