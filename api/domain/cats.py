"""What a cat is, what may be written of her, how old she is, and who may know of her."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.domain import names
from api.domain.cat_fields import (
    Breed,
    Coat,
    Colors,
    Location,
    LongText,
    Microchip,
    Name,
    Sex,
    ShortText,
    Sociability,
    SpecialNeeds,
    TestResult,
    Vaccination,
    YesNo,
)
from api.domain.entity import ApiStruct, WriteContext, first_version, next_version, non_default_fields, project
from api.domain.errors import FieldError
from api.domain.money import Money

AgeGroup = Literal["baby", "young", "adult", "senior"]
Status = Literal[
    "intake", "quarantine", "hold", "resident", "available", "reserved",
    "trial", "foster", "adopted", "transferred", "reclaimed", "deceased",
]  # fmt: skip

PUBLIC_STATUSES: frozenset[str] = frozenset({"resident", "available", "reserved", "trial"})
AGE_GROUPS: tuple[tuple[AgeGroup, int], ...] = (("baby", 1), ("young", 3), ("adult", 8), ("senior", 200))
"""Each group with the birthday at which a cat leaves it, in years."""
OLDEST = 60
"""No date of a cat lies further back, in years."""


class CatFields(ApiStruct, frozen=True):
    """What anybody may read about a cat."""

    name: Name
    sex: Sex = "unknown"
    birth_date: date | None = None
    birth_date_exact: bool = False
    breed: Breed = Breed()
    colors: Colors = Colors()
    pattern: ShortText | None = None
    coat: Coat | None = None
    altered: YesNo = "unknown"
    altered_on: date | None = None
    microchips: Annotated[tuple[Microchip, ...], Meta(max_length=5)] = ()
    fiv: TestResult = "unknown"
    felv: TestResult = "unknown"
    tested_on: date | None = None
    vaccinations: Annotated[tuple[Vaccination, ...], Meta(max_length=50)] = ()
    good_with: Sociability = Sociability()
    special_needs: SpecialNeeds = SpecialNeeds()
    bonded_with: Annotated[
        tuple[Name, ...], Meta(max_length=10, description="Names of cats who must stay together with her.")
    ] = ()
    status: Status = "intake"
    location: Location = Location()
    adoption_fee: Money | None = None
    description: LongText | None = None


class CreateCat(CatFields, frozen=True):
    """The body of ``POST /cats``: a cat under a free name."""

    staff_notes: LongText | None = None
    hold_until: date | None = None
    """The last day of a hold or of a quarantine; from then on there is a chore to end it."""


class ReplaceCat(CreateCat, frozen=True, kw_only=True):
    """The body of ``PUT /cats/{name}``: every member has a default; a name must equal the path."""

    name: Name | UnsetType = UNSET  # type: ignore[assignment]


class Cat(CreateCat, frozen=True, kw_only=True, omit_defaults=True):
    """A cat as it is stored."""

    uid: str
    """Minted when she is created: another cat of the same name later is another cat."""
    created: datetime
    updated: datetime
    version: int
    hidden_bonds: tuple[str, ...] = ()
    """The names in ``bonded_with`` that the public may not see."""


def is_public(cat: CatFields) -> bool:
    """Say whether the public may know of her."""
    return cat.status in PUBLIC_STATUSES


def birthday(born: date, years: int) -> date:
    """Return the day on which someone born then turns ``years``; 29 February counts as 1 March."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def latest_birth_date(today: date, years: int) -> date:
    """Return the last birth date of those who have turned ``years`` by today."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return date(today.year - years, 2, 28)


def age_group(born: date | None, today: date) -> AgeGroup | None:
    """Return her age group on a day, or None where the birth date is unknown or still to come."""
    if born is None or born > today:
        return None
    return next(group for group, years in AGE_GROUPS if today < birthday(born, years))


def birth_date_range(group: AgeGroup, today: date) -> tuple[date, date]:
    """Return the first and the last birth date of those who are in an age group today."""
    place = [name for name, _ in AGE_GROUPS].index(group)
    turned = AGE_GROUPS[place - 1][1] if place else 0
    return latest_birth_date(today, AGE_GROUPS[place][1]) + timedelta(days=1), latest_birth_date(today, turned)


def to_body(cat: Cat) -> ReplaceCat:
    """Return what a client may write of her: the target of a merge patch."""
    return project(ReplaceCat, cat)


def validate(body: CreateCat, now: datetime) -> list[FieldError]:
    """Return every rule that a well-formed body breaks, besides those that its types say."""
    return [*_bond_errors(body), *_date_errors(body, now.date())]


def _bond_errors(body: CreateCat) -> list[FieldError]:
    wrong = [names.name_error(names.normalise(name)) for name in body.bonded_with]
    return [FieldError(detail, pointer=f"/bondedWith/{place}") for place, detail in enumerate(wrong) if detail]


def _date_errors(body: CreateCat, today: date) -> list[FieldError]:
    """What has happened did not happen in the future, nor before she was born."""
    past: list[tuple[str, date | None]] = [
        ("/birthDate", body.birth_date),
        ("/alteredOn", body.altered_on),
        ("/testedOn", body.tested_on),
    ]
    past += [(f"/microchips/{i}/implantedOn", chip.implanted_on) for i, chip in enumerate(body.microchips)]
    past += [(f"/vaccinations/{i}/givenOn", shot.given_on) for i, shot in enumerate(body.vaccinations)]
    oldest = latest_birth_date(today, OLDEST)
    born = body.birth_date or oldest
    found = []
    for pointer, day in past:
        if day is not None and day > today:
            found.append(FieldError("This date is in the future.", pointer=pointer))
        elif day is not None and day < oldest:
            found.append(FieldError(f"This date is more than {OLDEST} years ago.", pointer=pointer))
        elif day is not None and day < born:
            found.append(FieldError("This date is before her birth date.", pointer=pointer))
    return found


def create(body: CreateCat, name: str, stamp: WriteContext) -> Cat:
    """Return a new cat."""
    return Cat(**_fields(body, name), uid=stamp.id, **first_version(stamp.at))


def update(cat: Cat, body: CreateCat, stamp: WriteContext) -> Cat:
    """Return the next version of a cat, with all that the body tells of her and nothing else."""
    return msgspec.structs.replace(cat, **_fields(body, cat.name), **next_version(cat, stamp.at))


def _fields(body: CreateCat, name: str) -> dict[str, Any]:
    bonds = dict.fromkeys(names.normalise(bond) for bond in body.bonded_with)
    return non_default_fields(body, CreateCat) | {"name": name, "bonded_with": tuple(bonds)}
