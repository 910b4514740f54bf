"""Pies: what they cost, what is in them, who may eat them, and which of them a list asks for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.domain import names
from api.domain.cat_fields import LongText, ShortText
from api.domain.entity import (
    ApiStruct,
    Timestamp,
    WriteContext,
    first_version,
    next_version,
    non_default_fields,
    project,
)
from api.domain.errors import FieldError
from api.domain.money import Money

# The fourteen of Regulation (EU) No 1169/2011, Annex II.
Allergen = Literal[
    "celery", "gluten", "crustaceans", "eggs", "fish", "lupin", "milk", "molluscs", "mustard", "nuts", "peanuts",
    "sesame", "soybeans", "sulphites",
]  # fmt: skip
Diet = Literal["vegan", "vegetarian", "glutenFree", "dairyFree", "nutFree", "halal", "kosher"]
ALLERGENS: tuple[Allergen, ...] = get_args(Allergen)
DIETS: tuple[Diet, ...] = get_args(Diet)

YEARS = range(2000, 2101)
_MARKS = "&"
_FLESH: frozenset[Allergen] = frozenset({"fish", "crustaceans", "molluscs"})
FORBIDDEN_ALLERGENS: dict[Diet, frozenset[Allergen]] = {
    "vegan": _FLESH | {"eggs", "milk"},
    "vegetarian": _FLESH,
    "glutenFree": frozenset({"gluten"}),
    "dairyFree": frozenset({"milk"}),
    "nutFree": frozenset({"nuts", "peanuts"}),
}
"""The allergens that nothing for a diet contains."""
IMPLIED_DIETS: dict[str, frozenset[str]] = {"vegan": frozenset({"vegan", "vegetarian"})}
"""The diets that are met by one that is declared; every other meets itself alone."""

# Its length is measured after its spelling is normalised: fault() says so, and the schema.
PieName = Annotated[
    str,
    Meta(
        description="Unicode letters, digits, space, '&', '.', '-' and apostrophe; NFC, trimmed.",
        examples=["Apple & Blackberry"],
        extra_json_schema={"minLength": 1, "maxLength": names.LONGEST},
    ),
]
Pence = Annotated[int, Meta(ge=0, le=1_000_000_000)]
_ONCE = {"uniqueItems": True}
_Allergens = Annotated[tuple[Allergen, ...], Meta(max_length=len(ALLERGENS), extra_json_schema=_ONCE)]


class CreatePie(ApiStruct, frozen=True):
    """The body of ``POST /pies``: a pie under a free name."""

    name: PieName
    public_name: ShortText | None = None
    """As it stands on the board; the name, if it is not said."""
    rate: Annotated[Pence | Money | None, Meta(description="Rate to charge for this resource, an integer in pence")] = (
        None
    )
    description: LongText | None = None
    allergens: _Allergens | None = None
    """Null is not declared, which is never the same as none."""
    diets: Annotated[tuple[Diet, ...], Meta(max_length=len(DIETS), extra_json_schema=_ONCE)] = ()
    available: bool = True
    sold_out_until: Timestamp | None = None


class ReplacePie(CreatePie, frozen=True, kw_only=True):
    """The body of ``PUT /pies/{name}``: every member has a default; a name must equal the path."""

    name: PieName | UnsetType = UNSET  # type: ignore[assignment]


class Pie(CreatePie, frozen=True, kw_only=True, omit_defaults=True):
    """A pie as it is kept."""

    public_name: str
    rate: Money | None = None
    created: datetime
    updated: datetime
    version: int


class PieView(CreatePie, frozen=True, kw_only=True):
    """A pie as it shows."""

    public_name: ShortText
    rate: Money | None = None
    sold_out: bool
    """Derived: it is not available, or not yet again."""
    created: Timestamp
    updated: Timestamp
    version: int


normalise = names.normalise


def name_error(name: str) -> str | None:
    """Say what is wrong with a normalised name of a pie, or None: like any name, but it may have an '&'."""
    return names.name_error(name, also=_MARKS)


def sold_out(pie: Pie, now: datetime) -> bool:
    """Say whether there is none of it at an instant."""
    return not pie.available or (pie.sold_out_until is not None and pie.sold_out_until > now)


def to_body(pie: Pie) -> ReplacePie:
    """Return what a client may write of it: the target of a merge patch."""
    return project(ReplacePie, pie)


def to_view(pie: Pie, now: datetime) -> PieView:
    """Return it as everybody sees it at an instant."""
    return project(PieView, pie, sold_out=sold_out(pie, now))


def validate(body: CreatePie, _now: datetime) -> list[FieldError]:
    """Return every rule that a well-formed body breaks, besides those that its types and its name say."""
    found = [*_duplicates(body.allergens or (), "/allergens"), *_duplicates(body.diets, "/diets")]
    for place, diet in enumerate(body.diets):
        against = [allergen for allergen in body.allergens or () if allergen in FORBIDDEN_ALLERGENS.get(diet, ())]
        if against:
            detail = f"Nothing that is {diet} contains {' or '.join(dict.fromkeys(against))}."
            found.append(FieldError(detail, pointer=f"/diets/{place}"))
    if body.sold_out_until is not None and body.sold_out_until.year not in YEARS:
        detail = f"This instant is not in the years {YEARS[0]} to {YEARS[-1]}."
        found.append(FieldError(detail, pointer="/soldOutUntil"))
    return found


def _duplicates(told: tuple[str, ...], pointer: str) -> list[FieldError]:
    return [
        FieldError(f"{one} is in the list already.", pointer=f"{pointer}/{place}")
        for place, one in enumerate(told)
        if one in told[:place]
    ]


def create(body: CreatePie, key: str, stamp: WriteContext) -> Pie:
    """Return a new pie."""
    return Pie(**_told(body, key), **first_version(stamp.at))


def update(pie: Pie, body: CreatePie, stamp: WriteContext) -> Pie:
    """Return its next version, with all that the body tells and nothing else."""
    return msgspec.structs.replace(pie, **_told(body, pie.name), **next_version(pie, stamp.at))


def _told(body: CreatePie, key: str) -> dict[str, Any]:
    # In its one spelling, or it could be longer than a public name may be.
    name = normalise(body.name) if isinstance(body.name, str) else key
    return non_default_fields(body, CreatePie) | {
        "name": key,
        "public_name": name if body.public_name is None else body.public_name,
        "rate": Money(body.rate, "GBP") if isinstance(body.rate, int) else body.rate,
        "sold_out_until": body.sold_out_until.astimezone(UTC) if body.sold_out_until else None,
    }


Test = Callable[[Pie, Any, datetime], bool]

FILTERS: dict[str, Test] = {
    "diet": lambda pie, wanted, now: _implied(pie.diets).issuperset(wanted),
    "withoutAllergen": lambda pie, wanted, now: pie.allergens is not None and not set(wanted) & set(pie.allergens),
    "maxRate": lambda pie, wanted, now: pie.rate is not None and pie.rate.amount <= wanted,
    "available": lambda pie, wanted, now: sold_out(pie, now) != wanted,
}
"""Each filter by the name of its query argument. Unknown is never yes: not declared is not free of anything."""


def build_filter(wanted: Mapping[str, Any], now: datetime) -> Callable[[Pie], bool] | None:
    """Return what tells the pies that pass all filters; None where there is no filter."""
    if not wanted:
        return None
    tests = [(FILTERS[name], value) for name, value in wanted.items()]
    return lambda pie: all(test(pie, value, now) for test, value in tests)


def _implied(diets: Collection[str]) -> set[str]:
    return {met for diet in diets for met in IMPLIED_DIETS.get(diet, {diet})}
