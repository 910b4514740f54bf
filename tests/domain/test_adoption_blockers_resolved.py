"""What clears a reason against an adoption: it is told, and who does it is rid of the reason."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from api.domain.adoption_blockers import blockers
from api.domain.cat_fields import Microchip, Vaccination
from api.domain.cats import Cat
from tests.support.factories import cat

TODAY = date(2026, 11, 22)
DUE = Vaccination(type="rabies", due_on=TODAY)
GIVEN = Vaccination(type="rabies", due_on=TODAY, given_on=TODAY, expires_on=TODAY + timedelta(days=365))
CHIP = Microchip(number="276098106234567")
CLEARED: list[tuple[str, str, dict[str, Any]]] = [
    ("status-intake", "Finish the intake check, then set status to available.", {"status": "available"}),
    ("fiv-untested", "Test her and set fiv.", {"fiv": "negative"}),
    ("felv-untested", "Test her and set felv.", {"felv": "positive"}),
    ("not-vaccinated", "Vaccinate her and add it to vaccinations.", {"vaccinations": (GIVEN,)}),
    ("vaccination-due", "Vaccinate her and set givenOn of rabies.", {"vaccinations": (GIVEN,)}),
    ("not-altered", "Neuter her and set altered to yes.", {"altered": "yes"}),
    ("no-microchip", "Chip her and add it to microchips.", {"microchips": (CHIP,)}),
]


def stray() -> Cat:
    """Return a cat who has come in with nothing."""
    return cat(vaccinations=(DUE,))


def codes(one: Cat) -> list[str]:
    """Return why she cannot go today."""
    return [blocker.code for blocker in blockers(one, TODAY)]


@pytest.mark.parametrize(("code", "cleared_by", "changes"), CLEARED)
def test_a_reason_names_what_clears_it_and_that_clears_it(code: str, cleared_by: str, changes: dict[str, Any]) -> None:
    assert {blocker.code: blocker.cleared_by for blocker in blockers(stray(), TODAY)}[code] == cleared_by
    left = codes(replace(stray(), **changes))
    assert code not in left
    assert set(left) < set(codes(stray()))


def test_who_clears_one_reason_after_the_other_can_let_her_go() -> None:
    luna = stray()
    assert codes(luna) == [code for code, _, _ in CLEARED]
    for _, _, changes in CLEARED:
        luna = replace(luna, **changes)
    assert codes(luna) == []


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("quarantine", "End the quarantine, then set status to available."),
        ("reserved", "Set status to available if the reservation ends."),
        ("trial", "Set status to available if she comes back."),
        ("foster", "Set status to available when she is back."),
    ],
)
def test_a_status_names_what_ends_it(status: str, words: str) -> None:
    assert blockers(cat(status=status), TODAY)[0].cleared_by == words


def test_what_a_shot_that_was_never_given_would_have_expired_on_counts_for_nothing() -> None:
    planned = Vaccination(type="rabies", expires_on=TODAY - timedelta(days=1))
    assert "vaccination-due" not in codes(cat(vaccinations=(planned,)))
    assert "vaccination-due" in codes(cat(vaccinations=(replace(planned, given_on=TODAY - timedelta(days=9)),)))
