"""Care cards: the fields that come from the cat and those that come from its weighings."""

from __future__ import annotations

from datetime import date, timedelta
from typing import get_args

import msgspec
import pytest
from msgspec.structs import replace

from api.domain.care_cards import CareCard, card_from_cat, update_card
from api.domain.cat_fields import Vaccination
from api.domain.cats import CatStatus
from api.domain.weights import Alarm
from tests.support.factories import NOON, make_card, make_cat

WEIGHT_LOSS = Alarm(code="adult-loses-too-much", detail="The cat has lost 12 %.")
GONE = {"adopted", "transferred", "reclaimed", "deceased"}
TODAY = NOON.date()
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize("status", get_args(CatStatus))
def test_cat_is_in_care_until_it_leaves(status: str) -> None:
    assert update_card(make_cat(status=status), None).in_care == (status not in GONE)


@pytest.mark.parametrize("status", get_args(CatStatus))
def test_only_hold_and_quarantine_have_an_end(status: str) -> None:
    hold_until = update_card(make_cat(status=status, hold_until=TODAY), None).hold_until
    assert hold_until == (TODAY if status in ("hold", "quarantine") else None)


def test_card_has_the_next_due_date_of_each_vaccination_type() -> None:
    vaccinations = (
        Vaccination(type="tricat", given_on=date(2026, 1, 1), expires_on=date(2027, 1, 1)),
        Vaccination(type="rabies", due_on=date(2026, 12, 1)),
        Vaccination(type="tricat", due_on=date(2026, 12, 24)),
        Vaccination(type="flu", given_on=date(2026, 1, 1)),
    )
    due_dates = update_card(make_cat(vaccinations=vaccinations), None).vaccinations
    assert due_dates == (("rabies", date(2026, 12, 1)), ("tricat", date(2026, 12, 24)))
    assert card_from_cat(make_cat(vaccinations=vaccinations[::-1])) == card_from_cat(
        make_cat(vaccinations=vaccinations)
    )


def test_vaccinations_are_sorted_by_type() -> None:
    vaccinations = tuple(Vaccination(type=letter, due_on=TODAY) for letter in "hcgaebfd")
    card = update_card(make_cat(vaccinations=vaccinations), None)
    assert "".join(letter for letter, _ in card.vaccinations) == "abcdefgh"


def test_weighing_data_is_preserved_for_the_same_cat_only() -> None:
    before = replace(update_card(make_cat(), None), weighed=NOON, alarm=WEIGHT_LOSS)
    after = update_card(make_cat(status="hold", hold_until=TODAY), before)
    assert (after.weighed, after.alarm, after.hold_until) == (NOON, WEIGHT_LOSS, TODAY)
    assert replace(after, weighed=NOON + TICK, alarm=None).alarm is None
    another = update_card(make_cat(uid="another"), before)
    assert another == card_from_cat(make_cat(uid="another"))
    assert (another.weighed, another.alarm) == (None, None)


def test_card_from_cat_ignores_weighings() -> None:
    card = replace(update_card(make_cat(), None), weighed=NOON, alarm=WEIGHT_LOSS)
    assert card_from_cat(make_cat(version=9, description="New")) == replace(card, weighed=None, alarm=None)
    assert card_from_cat(make_cat(status="adopted")) != card_from_cat(make_cat())


def test_card_round_trips_through_json_without_default_fields() -> None:
    full = make_card(vaccinations=(("flu", TODAY),), hold_until=TODAY, weighed=NOON, alarm=WEIGHT_LOSS)
    assert msgspec.json.decode(msgspec.json.encode(full), type=CareCard) == full
    assert set(msgspec.to_builtins(make_card())) == {"cat", "uid", "inCare", "since"}
