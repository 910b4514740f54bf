"""Which cats a list asks for: each filter by itself, and all of them together. Unknown is never yes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from api.domain.cat_fields import Breed, Company
from api.domain.cat_filters import FILTERS, build_filter
from tests.support.factories import cat

TODAY = date(2026, 11, 22)


def passes(wanted: dict[str, Any], sees_all: bool = False, **members: Any) -> bool:
    """Say whether a cat with some members is among those that are wanted."""
    test = build_filter(wanted, sees_all, TODAY)
    assert test is not None
    return test(cat(**members))


@pytest.mark.parametrize(
    ("wanted", "members", "passed"),
    [
        ({"status": "hold"}, {"status": "hold"}, True),
        ({"status": "hold"}, {}, False),
        ({"sex": "unknown"}, {}, True),
        ({"ageGroup": "baby"}, {"birth_date": TODAY}, True),
        ({"ageGroup": "baby"}, {}, False),
        ({"breed": "persian"}, {"breed": Breed(secondary="Persian")}, True),
        ({"breed": "STRASSE"}, {"breed": Breed(primary="Straße")}, True),
        ({"breed": "pers"}, {"breed": Breed(primary="Persian")}, False),
        ({"breed": "none"}, {}, False),
        ({"goodWith.children": "yes"}, {"good_with": Company(children="yes")}, True),
        ({"goodWith.children": "yes"}, {}, False),
        ({"goodWith.children": "yes"}, {"good_with": Company(children="over5")}, False),
        ({"goodWith.cats": "yes"}, {"good_with": Company(dogs="yes")}, False),
        ({"goodWith.dogs": "selective"}, {"good_with": Company(dogs="selective")}, True),
        ({"altered": "no"}, {}, False),
        ({"bonded": True}, {"bonded_with": ("bo",)}, True),
        ({"bonded": False}, {"bonded_with": ("bo",)}, False),
        ({"bonded": False}, {}, True),
        ({"bonded": True}, {"bonded_with": ("bo",), "hidden_bonds": ("bo",)}, False),
        ({"bonded": True}, {"bonded_with": ("bo", "cleo"), "hidden_bonds": ("bo",)}, True),
        ({"name": "lu"}, {"name": "Luna"}, True),
        ({"name": "una"}, {"name": "Luna"}, False),
        ({"sex": "male", "status": "hold"}, {"sex": "male"}, False),
        ({"sex": "male", "status": "hold"}, {"sex": "male", "status": "hold"}, True),
    ],
)
def test_a_cat_passes_if_every_filter_holds(wanted: dict[str, Any], members: dict[str, Any], passed: bool) -> None:
    assert passes(wanted, **members) is passed


def test_who_sees_every_cat_sees_the_bonds_with_hidden_ones_too() -> None:
    members: dict[str, Any] = {"bonded_with": ("bo",), "hidden_bonds": ("bo",)}
    assert passes({"bonded": True}, sees_all=True, **members)
    assert not passes({"bonded": False}, sees_all=True, **members)


def test_without_a_filter_there_is_nothing_to_ask() -> None:
    assert build_filter({}, False, TODAY) is None
    assert build_filter({}, True, TODAY) is None


def test_every_filter_is_tried_here() -> None:
    attempt_login = {"status", "sex", "ageGroup", "breed", "altered", "bonded", "name"}
    assert FILTERS.keys() == attempt_login | {"goodWith.children", "goodWith.cats", "goodWith.dogs"}
