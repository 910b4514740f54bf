"""Pies: the entity, its request bodies, its view, validation of allergens and diets, and filters."""

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
    year_errors,
)
from api.domain.errors import FieldError
from api.domain.money import Money
from api.domain.photos import Photo, PhotoView, entity_key, photo_views

# The 14 allergens of Regulation (EU) No 1169/2011, Annex II.
Allergen = Literal[
    "celery", "gluten", "crustaceans", "eggs", "fish", "lupin", "milk", "molluscs", "mustard", "nuts", "peanuts",
    "sesame", "soybeans", "sulphites",
]  # fmt: skip
Diet = Literal["vegan", "vegetarian", "glutenFree", "dairyFree", "nutFree", "halal", "kosher"]
ALLERGENS: tuple[Allergen, ...] = get_args(Allergen)
DIETS: tuple[Diet, ...] = get_args(Diet)

_EXTRA_CHARACTERS = "&"
_FISH: frozenset[Allergen] = frozenset({"fish", "crustaceans", "molluscs"})
FORBIDDEN_ALLERGENS: dict[Diet, frozenset[Allergen]] = {
    "vegan": _FISH | {"eggs", "milk"},
    "vegetarian": _FISH,
    "glutenFree": frozenset({"gluten"}),
    "dairyFree": frozenset({"milk"}),
    "nutFree": frozenset({"nuts", "peanuts"}),
}
"""The allergens that a pie for a diet must not contain."""
IMPLIED_DIETS: dict[str, frozenset[str]] = {"vegan": frozenset({"vegan", "vegetarian"})}
"""The diets that a declared diet includes. A diet that is not listed includes only itself."""

# The length counts after normalisation: name_error checks it, and the schema documents it.
PieName = Annotated[
    str,
    Meta(
        description="Unicode letters, digits, space, '&', '.', '-' and apostrophe; NFC, trimmed.",
        examples=["Apple & Blackberry"],
        extra_json_schema={"minLength": 1, "maxLength": names.MAX_LENGTH},
    ),
]
Pence = Annotated[int, Meta(ge=0, le=1_000_000_000)]
_UNIQUE = {"uniqueItems": True}
_Allergens = Annotated[tuple[Allergen, ...], Meta(max_length=len(ALLERGENS), extra_json_schema=_UNIQUE)]


class CreatePie(ApiStruct, frozen=True):
    """The body of ``POST /pies``."""

    name: PieName
    public_name: ShortText | None = None
    """The name on the menu board. The default is the name."""
    rate: Annotated[Pence | Money | None, Meta(description="Rate to charge for this resource, an integer in pence")] = (
        None
    )
    description: LongText | None = None
    allergens: _Allergens | None = None
    """Null means not declared; an empty list means without allergens."""
    diets: Annotated[tuple[Diet, ...], Meta(max_length=len(DIETS), extra_json_schema=_UNIQUE)] = ()
    available: bool = True
    sold_out_until: Timestamp | None = None


class ReplacePie(CreatePie, frozen=True, kw_only=True):
    """The body of ``PUT /pies/{pie}``. Every field has a default. A name must equal the name in the path."""

    name: PieName | UnsetType = UNSET  # type: ignore[assignment]


class Pie(CreatePie, frozen=True, kw_only=True, omit_defaults=True):
    """The stored pie."""

    public_name: str
    rate: Money | None = None
    created: Timestamp
    updated: Timestamp
    version: int
    photos: tuple[Photo, ...] = ()


class PieView(CreatePie, frozen=True, kw_only=True):
    """A pie as clients see it."""

    public_name: ShortText
    rate: Money | None = None
    sold_out: bool
    """Derived: ``available`` is false, or ``soldOutUntil`` is in the future."""
    photos: tuple[PhotoView, ...]
    """The photo, if the pie has one."""
    created: Timestamp
    updated: Timestamp
    version: int


class DeletedPie(ApiStruct, frozen=True):
    """A pie that was deleted."""

    name: PieName
    updated: Timestamp
    """The time of the deletion."""


def name_error(name: str) -> FieldError | None:
    """Return the error of a normalised name, or None. The name of a pie may have an ampersand."""
    return names.name_error(name, extra=_EXTRA_CHARACTERS)


def sold_out(pie: Pie, now: datetime) -> bool:
    """Return whether a pie is sold out."""
    return not pie.available or (pie.sold_out_until is not None and pie.sold_out_until > now)


def to_body(pie: Pie) -> ReplacePie:
    """Return the fields that a client may write: the target of a merge patch."""
    return project(ReplacePie, pie)


def to_view(pie: Pie, now: datetime, root: str = "") -> PieView:
    """Return the view of a pie. ``root`` is the path before the paths of the API."""
    photos = photo_views(pie.photos, entity_key("pies", pie.name), root)
    return project(PieView, pie, sold_out=sold_out(pie, now), photos=photos)


def validate(body: CreatePie) -> list[FieldError]:
    """Return the errors of a body whose types and name are valid."""
    errors = [*_duplicates(body.allergens or (), "/allergens"), *_duplicates(body.diets, "/diets")]
    for index, diet in enumerate(body.diets):
        forbidden = [allergen for allergen in body.allergens or () if allergen in FORBIDDEN_ALLERGENS.get(diet, ())]
        if forbidden:
            detail = f"The diet {diet} does not allow {' or '.join(dict.fromkeys(forbidden))}."
            errors.append(FieldError("contradiction", detail, pointer=f"/diets/{index}"))
    return errors + year_errors(body.sold_out_until, "/soldOutUntil")


def _duplicates(values: tuple[str, ...], pointer: str) -> list[FieldError]:
    return [
        FieldError("duplicate", f"{value} is listed twice.", pointer=f"{pointer}/{index}")
        for index, value in enumerate(values)
        if value in values[:index]
    ]


def create(body: CreatePie, key: str, write: WriteContext) -> Pie:
    """Return a new pie."""
    return Pie(**_fields(body, key), **first_version(write.at))


def update(pie: Pie, body: CreatePie, write: WriteContext) -> Pie:
    """Return the next version of a pie. A field that the body does not have gets its default."""
    return msgspec.structs.replace(pie, **_fields(body, pie.name), **next_version(pie, write.at))


def _fields(body: CreatePie, key: str) -> dict[str, Any]:
    # Without normalisation, the name could be longer than a public name may be.
    name = names.normalise(body.name) if isinstance(body.name, str) else key
    return non_default_fields(body, CreatePie) | {
        "name": key,
        "public_name": name if body.public_name is None else body.public_name,
        "rate": Money(body.rate, "GBP") if isinstance(body.rate, int) else body.rate,
        "sold_out_until": body.sold_out_until.astimezone(UTC) if body.sold_out_until else None,
    }


Predicate = Callable[[Pie, Any, datetime], bool]

FILTERS: dict[str, Predicate] = {
    "diet": lambda pie, wanted, now: _implied(pie.diets).issuperset(wanted),
    "withoutAllergen": lambda pie, wanted, now: pie.allergens is not None and not set(wanted) & set(pie.allergens),
    "maxRate": lambda pie, wanted, now: pie.rate is not None and pie.rate.amount <= wanted,
    "available": lambda pie, wanted, now: sold_out(pie, now) != wanted,
}
"""The filters by query parameter. A pie without declared allergens is not free of any allergen."""


def build_filter(wanted: Mapping[str, Any], now: datetime) -> Callable[[Pie], bool] | None:
    """Return a predicate that is true for pies that match all filters; None without filters."""
    if not wanted:
        return None
    predicates = [(FILTERS[name], value) for name, value in wanted.items()]
    return lambda pie: all(predicate(pie, value, now) for predicate, value in predicates)


def _implied(diets: Collection[str]) -> set[str]:
    return {implied for diet in diets for implied in IMPLIED_DIETS.get(diet, {diet})}
