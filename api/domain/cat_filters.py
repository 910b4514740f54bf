"""Filters of the list of cats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from api.domain.cats import Cat, age_group

Predicate = Callable[[Cat, Any, date], bool]

FILTERS: dict[str, Predicate] = {
    "status": lambda cat, wanted, today: cat.status in wanted,
    "sex": lambda cat, wanted, today: cat.sex in wanted,
    "ageGroup": lambda cat, wanted, today: age_group(cat.birth_date, today) in wanted,
    "breed": lambda cat, wanted, today: wanted.casefold() in _breeds(cat),
    "goodWith.children": lambda cat, wanted, today: cat.good_with.children in wanted,
    "goodWith.cats": lambda cat, wanted, today: cat.good_with.cats in wanted,
    "goodWith.dogs": lambda cat, wanted, today: cat.good_with.dogs in wanted,
    "altered": lambda cat, wanted, today: cat.altered in wanted,
    "bonded": lambda cat, wanted, today: bool(set(cat.bonded_with) - set(cat.hidden_bonds)) == wanted,
    "name": lambda cat, wanted, today: cat.name.casefold().startswith(wanted),
}
"""The filters by query parameter. They compare stored values: an unknown value is not a yes. A filter by an enum has
several values, of which the cat needs one."""

_FULL_ACCESS_FILTERS: dict[str, Predicate] = {"bonded": lambda cat, wanted, today: bool(cat.bonded_with) == wanted}
"""The filters that differ for callers with full access: they also see bonds with cats that are not public."""


def build_filter(wanted: Mapping[str, Any], sees_all: bool, today: date) -> Callable[[Cat], bool] | None:
    """Return a predicate that is true for cats that match all filters; None without filters."""
    if not wanted:
        return None
    filters = FILTERS | _FULL_ACCESS_FILTERS if sees_all else FILTERS
    predicates = [(filters[name], value) for name, value in wanted.items()]
    return lambda cat: all(predicate(cat, value, today) for predicate, value in predicates)


def _breeds(cat: Cat) -> set[str]:
    return {breed.casefold() for breed in (cat.breed.primary, cat.breed.secondary) if breed}
