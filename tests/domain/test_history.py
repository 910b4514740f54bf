"""What changed between two versions: the members that differ, and nothing of the server's own."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from api.domain.cat_fields import Company, Location, Microchip
from api.domain.entity import changed_fields
from tests.support.factories import NOON, cat


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({}, ()),
        ({"sex": "male"}, ("sex",)),
        ({"good_with": Company(cats="yes"), "birth_date_exact": True}, ("birthDateExact", "goodWith")),
        ({"location": Location()}, ()),
        ({"microchips": (Microchip(number="123456789"),), "staff_notes": ""}, ("microchips", "staffNotes")),
        ({"bonded_with": ("bo",), "hidden_bonds": ("bo",)}, ("bondedWith",)),
        ({"hidden_bonds": ("bo",)}, ()),
        ({"version": 2, "updated": NOON.replace(year=2027)}, ()),
    ],
)
def test_it_names_the_members_that_differ_in_their_order(members: dict[str, Any], told: tuple[str, ...]) -> None:
    assert changed_fields(cat(), replace(cat(), **members)) == told
    assert changed_fields(replace(cat(), **members), cat()) == told


def test_a_beginning_and_an_end_change_nothing() -> None:
    assert changed_fields(None, cat()) == changed_fields(cat(), None) == changed_fields(None, None) == ()
