"""Filters of the list of cats. A cat has to match every filter; an unknown value matches only "unknown"."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from api.domain.cat_fields import Breed, Sociability
from api.domain.cat_filters import FILTERS, build_filter
from tests.support.factories import make_cat

TODAY = date(2026, 11, 22)


def matches(filters: dict[str, Any], sees_all: bool = False, **fields: Any) -> bool:
    """Return whether a cat with some fields matches the filters."""
    predicate = build_filter(filters, sees_all, TODAY)
    assert predicate is not None
    return predicate(make_cat(**fields))


@pytest.mark.parametrize(
    ("filters", "fields", "expected"),
    [
        ({"status": ("hold",)}, {"status": "hold"}, True),
        ({"status": ("hold",)}, {}, False),
        ({"sex": ("unknown",)}, {}, True),
        ({"sex": ("female", "unknown")}, {}, True),
        ({"sex": ("female", "male")}, {}, False),
        ({"sex": ("female", "unknown"), "status": ("hold", "trial")}, {"status": "foster"}, False),
        ({"ageGroup": ("baby",)}, {"birth_date": TODAY}, True),
        ({"ageGroup": ("baby",)}, {}, False),
        ({"breed": "persian"}, {"breed": Breed(secondary="Persian")}, True),
        ({"breed": "STRASSE"}, {"breed": Breed(primary="Straße")}, True),
        ({"breed": "pers"}, {"breed": Breed(primary="Persian")}, False),
        ({"breed": "none"}, {}, False),
        ({"goodWith.children": ("yes",)}, {"good_with": Sociability(children="yes")}, True),
        ({"goodWith.children": ("yes",)}, {}, False),
        ({"goodWith.children": ("yes",)}, {"good_with": Sociability(children="over5")}, False),
        ({"goodWith.cats": ("yes",)}, {"good_with": Sociability(dogs="yes")}, False),
        ({"goodWith.dogs": ("selective",)}, {"good_with": Sociability(dogs="selective")}, True),
        ({"altered": ("no",)}, {}, False),
        ({"bonded": True}, {"bonded_with": ("bo",)}, True),
        ({"bonded": False}, {"bonded_with": ("bo",)}, False),
        ({"bonded": False}, {}, True),
        ({"bonded": True}, {"bonded_with": ("bo",), "hidden_bonds": ("bo",)}, False),
        ({"bonded": True}, {"bonded_with": ("bo", "cleo"), "hidden_bonds": ("bo",)}, True),
        ({"name": "lu"}, {"name": "Luna"}, True),
        ({"name": "una"}, {"name": "Luna"}, False),
        ({"sex": ("male",), "status": ("hold",)}, {"sex": "male"}, False),
        ({"sex": ("male",), "status": ("hold",)}, {"sex": "male", "status": "hold"}, True),
    ],
)
def test_cat_matches_if_it_matches_every_filter(
    filters: dict[str, Any], fields: dict[str, Any], expected: bool
) -> None:
    assert matches(filters, **fields) is expected


def test_bonded_filter_counts_hidden_bonds_for_callers_who_see_every_cat() -> None:
    fields: dict[str, Any] = {"bonded_with": ("bo",), "hidden_bonds": ("bo",)}
    assert matches({"bonded": True}, sees_all=True, **fields)
    assert not matches({"bonded": False}, sees_all=True, **fields)


def test_build_filter_without_filters_returns_none() -> None:
    assert build_filter({}, False, TODAY) is None
    assert build_filter({}, True, TODAY) is None


def test_this_module_covers_every_filter() -> None:
    assert FILTERS.keys() == {
        "status", "sex", "ageGroup", "breed", "altered", "bonded", "name",
        "goodWith.children", "goodWith.cats", "goodWith.dogs",
    }  # fmt: skip
