"""The care card: what it takes from a cat and from the scales."""

from __future__ import annotations

from datetime import date, timedelta
from typing import get_args

import msgspec
import pytest
from msgspec.structs import replace

from api.domain.care_cards import CareCard, card_from_cat, update_card, with_latest_weighing
from api.domain.cat_fields import Vaccination
from api.domain.cats import Status
from api.domain.weights import Alarm
from tests.support.factories import NOON, card, cat

LOSES = Alarm(code="adult-loses-too-much", detail="She has lost 12 %.")
GONE = {"adopted", "transferred", "reclaimed", "deceased"}
TODAY = NOON.date()
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize("status", get_args(Status))
def test_she_is_in_our_care_until_she_has_gone(status: str) -> None:
    assert update_card(cat(status=status), None).in_care == (status not in GONE)


@pytest.mark.parametrize("status", get_args(Status))
def test_only_a_hold_or_a_quarantine_ends(status: str) -> None:
    held = update_card(cat(status=status, hold_until=TODAY), None).hold_until
    assert held == (TODAY if status in ("hold", "quarantine") else None)


def test_a_card_has_each_vaccination_that_is_due_some_day() -> None:
    shots = (
        Vaccination(type="tricat", given_on=date(2026, 1, 1), expires_on=date(2027, 1, 1)),
        Vaccination(type="rabies", due_on=date(2026, 12, 1)),
        Vaccination(type="tricat", due_on=date(2026, 12, 24)),
        Vaccination(type="flu", given_on=date(2026, 1, 1)),
    )
    told = update_card(cat(vaccinations=shots), None).vaccinations
    assert told == (("rabies", date(2026, 12, 1)), ("tricat", date(2026, 12, 24)))
    assert card_from_cat(cat(vaccinations=shots[::-1])) == card_from_cat(cat(vaccinations=shots))


def test_the_vaccinations_on_a_card_stand_in_one_order() -> None:
    told = update_card(cat(vaccinations=tuple(Vaccination(type=kind, due_on=TODAY) for kind in "hcgaebfd")), None)
    assert "".join(kind for kind, _ in told.vaccinations) == "abcdefgh"


def test_what_the_scales_said_stays_with_the_same_cat() -> None:
    before = with_latest_weighing(update_card(cat(), None), NOON, LOSES)
    after = update_card(cat(status="hold", hold_until=TODAY), before)
    assert (after.weighed, after.alarm, after.hold_until) == (NOON, LOSES, TODAY)
    assert with_latest_weighing(after, NOON + TICK, None).alarm is None
    another = update_card(cat(uid="another"), before)
    assert another == card_from_cat(cat(uid="another"))
    assert (another.weighed, another.alarm) == (None, None)


def test_what_the_cat_says_is_compared_without_the_scales() -> None:
    kept = with_latest_weighing(update_card(cat(), None), NOON, LOSES)
    assert card_from_cat(cat(version=9, description="New")) == replace(kept, weighed=None, alarm=None)
    assert card_from_cat(cat(status="adopted")) != card_from_cat(cat())


def test_a_card_reads_as_it_was_written_and_keeps_only_what_is_there() -> None:
    full = card(vaccinations=(("flu", TODAY),), hold_until=TODAY, weighed=NOON, alarm=LOSES)
    assert msgspec.json.decode(msgspec.json.encode(full), type=CareCard) == full
    assert set(msgspec.to_builtins(card())) == {"cat", "uid", "inCare", "since"}
