"""The changed fields of a history entry: the fields that differ, without those that the server sets."""

from __future__ import annotations

from typing import Any

import pytest

from api.domain.cat_fields import Location, Microchip, Sociability
from api.domain.entity import changed_fields
from tests.support.factories import NOON, make_cat


@pytest.mark.parametrize(
    ("fields", "changed"),
    [
        ({}, ()),
        ({"sex": "male"}, ("sex",)),
        ({"good_with": Sociability(cats="yes"), "birth_date_exact": True}, ("birthDateExact", "goodWith")),
        ({"location": Location()}, ()),
        ({"microchips": (Microchip(number="123456789"),), "staff_notes": ""}, ("microchips", "staffNotes")),
        ({"bonded_with": ("bo",), "hidden_bonds": ("bo",)}, ("bondedWith",)),
        ({"hidden_bonds": ("bo",)}, ()),
        ({"version": 2, "updated": NOON.replace(year=2027)}, ()),
    ],
)
def test_changed_fields_are_named_as_in_json_in_their_order(fields: dict[str, Any], changed: tuple[str, ...]) -> None:
    assert changed_fields(make_cat(), make_cat(**fields)) == changed
    assert changed_fields(make_cat(**fields), make_cat()) == changed


def test_creation_and_deletion_have_no_changed_fields() -> None:
    assert changed_fields(None, make_cat()) == changed_fields(make_cat(), None) == changed_fields(None, None) == ()
