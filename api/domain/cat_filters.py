"""Which cats a list asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from api.domain.cats import Cat, age_group

Test = Callable[[Cat, Any, date], bool]

FILTERS: dict[str, Test] = {
    "status": lambda cat, wanted, today: cat.status == wanted,
    "sex": lambda cat, wanted, today: cat.sex == wanted,
    "ageGroup": lambda cat, wanted, today: age_group(cat.birth_date, today) == wanted,
    "breed": lambda cat, wanted, today: wanted.casefold() in _breeds(cat),
    "goodWith.children": lambda cat, wanted, today: cat.good_with.children == wanted,
    "goodWith.cats": lambda cat, wanted, today: cat.good_with.cats == wanted,
    "goodWith.dogs": lambda cat, wanted, today: cat.good_with.dogs == wanted,
    "altered": lambda cat, wanted, today: cat.altered == wanted,
    "bonded": lambda cat, wanted, today: bool(set(cat.bonded_with) - set(cat.hidden_bonds)) == wanted,
    "name": lambda cat, wanted, today: cat.name.casefold().startswith(wanted),
}
"""Each filter by the name of its query argument. Unknown is never yes: a filter asks for what is written."""


_OF_ALL: dict[str, Test] = {"bonded": lambda cat, wanted, today: bool(cat.bonded_with) == wanted}
"""The filters that ask more of a cat for those who see all of her: bonds with cats that are not public, too."""


def build_filter(wanted: Mapping[str, Any], sees_all: bool, today: date) -> Callable[[Cat], bool] | None:
    """Return what tells the cats that pass all filters; None where there is no filter."""
    if not wanted:
        return None
    filters = FILTERS | _OF_ALL if sees_all else FILTERS
    tests = [(filters[name], value) for name, value in wanted.items()]
    return lambda cat: all(test(cat, value, today) for test, value in tests)


def _breeds(cat: Cat) -> set[str]:
    return {breed.casefold() for breed in (cat.breed.primary, cat.breed.secondary) if breed}
