"""Filters of the list of pies: each filter alone, and filters combined."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.pies import DIETS, FILTERS, build_filter
from tests.support.factories import NOON, make_pie


def matches(filters: dict[str, Any], **fields: Any) -> bool:
    """Return whether a pie with some fields matches the filters."""
    predicate = build_filter(filters, NOON)
    assert predicate is not None
    return predicate(make_pie(**fields))


@pytest.mark.parametrize(
    ("filters", "fields", "expected"),
    [
        ({"diet": ("halal",)}, {"diets": ["kosher", "halal"]}, True),
        ({"diet": ("halal",)}, {}, False),
        ({"diet": ("halal", "kosher")}, {"diets": ["halal"]}, False),
        ({"diet": ("halal", "kosher")}, {"diets": ["kosher", "halal"]}, True),
        ({"diet": ("vegetarian",)}, {"diets": ["vegan"]}, True),
        ({"diet": ("vegetarian", "vegan")}, {"diets": ["vegan"]}, True),
        ({"diet": ("vegan",)}, {"diets": ["vegetarian"]}, False),
        ({"diet": ("dairyFree",)}, {"diets": ["vegan"]}, False),
        ({"withoutAllergen": ("milk",)}, {"allergens": []}, True),
        ({"withoutAllergen": ("milk",)}, {"allergens": ["eggs"]}, True),
        ({"withoutAllergen": ("milk",)}, {"allergens": ["eggs", "milk"]}, False),
        ({"withoutAllergen": ("milk", "eggs")}, {"allergens": ["eggs"]}, False),
        ({"withoutAllergen": ("milk",)}, {}, False),
        ({"withoutAllergen": ("milk",)}, {"diets": ["dairyFree"]}, False),
        ({"maxRate": 450}, {"rate": 450}, True),
        ({"maxRate": 450}, {"rate": 451}, False),
        ({"maxRate": 0}, {"rate": 0}, True),
        ({"maxRate": 450}, {"rate": {"amount": 450, "currency": "EUR"}}, True),
        ({"maxRate": 450}, {}, False),
        ({"available": True}, {}, True),
        ({"available": False}, {}, False),
        ({"available": True}, {"soldOutUntil": "2026-12-24T18:00:00Z"}, False),
        ({"available": False}, {"available": False}, True),
        ({"available": True, "maxRate": 1}, {"rate": 2}, False),
        ({"available": True, "maxRate": 2}, {"rate": 2}, True),
    ],
)
def test_pie_matches_if_it_matches_every_filter(
    filters: dict[str, Any], fields: dict[str, Any], expected: bool
) -> None:
    assert matches(filters, **fields) is expected


@given(st.sets(st.sampled_from(DIETS)), st.sets(st.sampled_from(DIETS), min_size=1))
def test_pie_matches_several_diets_if_it_matches_each(declared: set[str], wanted: set[str]) -> None:
    match = matches({"diet": tuple(wanted)}, diets=sorted(declared))
    assert match is all(matches({"diet": (diet,)}, diets=sorted(declared)) for diet in wanted)
    assert match or not wanted <= declared


def test_build_filter_without_filters_returns_none() -> None:
    assert build_filter({}, NOON) is None


def test_this_module_covers_every_filter() -> None:
    assert FILTERS.keys() == {"diet", "withoutAllergen", "maxRate", "available"}
