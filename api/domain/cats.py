"""Cats: the entity, its request bodies, visibility, age groups and validation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo
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
    PublicLocation,
    PublicVaccination,
    Sex,
    ShortText,
    Sociability,
    SpecialNeeds,
    TestResult,
    Vaccination,
    YesNo,
)
from api.domain.due_dates import local_date
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
from api.domain.photos import Photo

AgeGroup = Literal["baby", "young", "adult", "senior"]
CatStatus = Literal[
    "intake", "quarantine", "hold", "resident", "available", "reserved",
    "trial", "foster", "adopted", "transferred", "reclaimed", "deceased",
]  # fmt: skip

PUBLIC_STATUSES: frozenset[str] = frozenset({"resident", "available", "reserved", "trial"})
AGE_GROUPS: tuple[tuple[AgeGroup, int], ...] = (("baby", 1), ("young", 3), ("adult", 8), ("senior", 200))
"""The age groups, each with the age in years at which a cat leaves it."""
MAX_YEARS_AGO = 60
"""Dates of a cat must not be further in the past."""


class CatFields(ApiStruct, frozen=True):
    """The public fields of a cat."""

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
    fiv: TestResult = "unknown"
    felv: TestResult = "unknown"
    tested_on: date | None = None
    vaccinations: Annotated[tuple[PublicVaccination, ...], Meta(max_length=50)] = ()
    good_with: Sociability = Sociability()
    special_needs: SpecialNeeds = SpecialNeeds()
    bonded_with: Annotated[
        tuple[Name, ...], Meta(max_length=10, description="Names of cats that must stay together with this cat.")
    ] = ()
    status: CatStatus = "intake"
    location: PublicLocation = PublicLocation()
    adoption_fee: Money | None = None
    description: LongText | None = None


class CreateCat(CatFields, frozen=True):
    """The body of ``POST /cats``. Only the staff reads the fields that it adds or extends."""

    vaccinations: Annotated[tuple[Vaccination, ...], Meta(max_length=50)] = ()
    location: Location = Location()
    microchips: Annotated[tuple[Microchip, ...], Meta(max_length=5)] = ()
    staff_notes: LongText | None = None
    hold_until: date | None = None
    """The last day of a hold or quarantine. From then on, a derived to-do reminds the staff to end it."""


class ReplaceCat(CreateCat, frozen=True, kw_only=True):
    """The body of ``PUT /cats/{name}``. Every field has a default. A name must equal the name in the path."""

    name: Name | UnsetType = UNSET  # type: ignore[assignment]


class Cat(CreateCat, frozen=True, kw_only=True, omit_defaults=True):
    """The stored cat."""

    uid: str
    """Generated at creation. A later cat of the same name has another uid."""
    created: Timestamp
    updated: Timestamp
    version: int
    hidden_bonds: tuple[str, ...] = ()
    """The names in ``bonded_with`` that the public may not see."""
    public_version: int | None = None
    """The number of versions that the public could see; None if it is ``version``."""
    public_updated: Timestamp | None = None
    """The time of the last version that the public could see; None if it is ``updated``."""
    chips_claimed: bool = False
    """Whether this cat has the claims of all of its microchips."""
    photos: tuple[Photo, ...] = ()


class ChipClaim(ApiStruct, frozen=True):
    """The claim of a microchip by a cat. There is at most one for each number."""

    number: str
    cat: str
    """The name of the cat."""
    uid: str


def is_public(cat: CatFields) -> bool:
    """Return whether the public may see a cat."""
    return cat.status in PUBLIC_STATUSES


def is_adoption(before: Cat | None, after: Cat | None) -> bool:
    """Return whether a change of a cat is its adoption. A cat that is created as adopted was adopted before."""
    return before is not None and after is not None and before.status != "adopted" == after.status


def birthday(born: date, years: int) -> date:
    """Return the birthday of an age. For a birth date of 29 February it is 1 March in common years."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def latest_birth_date(today: date, years: int) -> date:
    """Return the latest birth date of a cat that has reached an age by today."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return date(today.year - years, 2, 28)


def age_group(born: date | None, today: date) -> AgeGroup | None:
    """Return the age group, or None if the birth date is unknown or in the future."""
    if born is None or born > today:
        return None
    oldest, _ = AGE_GROUPS[-1]  # no cat leaves it, also not in the history at a date far in the future
    return next((group for group, years in AGE_GROUPS if today < birthday(born, years)), oldest)


def birth_date_range(group: AgeGroup, today: date) -> tuple[date, date]:
    """Return the first and the last birth date of cats that are in an age group today."""
    index = [name for name, _ in AGE_GROUPS].index(group)
    min_age = AGE_GROUPS[index - 1][1] if index else 0
    return latest_birth_date(today, AGE_GROUPS[index][1]) + timedelta(days=1), latest_birth_date(today, min_age)


def to_body(cat: Cat) -> ReplaceCat:
    """Return the fields that a client may write: the target of a merge patch."""
    return project(ReplaceCat, cat)


def validate(body: CreateCat, now: datetime, zone: tzinfo) -> list[FieldError]:
    """Return the errors of a body whose types are valid."""
    today = local_date(now, zone)
    return [*_bond_errors(body), *_date_errors(body, today), *_contradictions(body), *_repeated_chips(body)]


def _bond_errors(body: CreateCat) -> list[FieldError]:
    errors = [names.name_error(names.normalise(name)) for name in body.bonded_with]
    return [error.at(f"/bondedWith/{index}") for index, error in enumerate(errors) if error]


def _date_errors(body: CreateCat, today: date) -> list[FieldError]:
    """Return an error for each past event that is in the future, too long ago, or before the birth date."""
    past: list[tuple[str, date | None]] = [
        ("/birthDate", body.birth_date),
        ("/alteredOn", body.altered_on),
        ("/testedOn", body.tested_on),
    ]
    past += [(f"/microchips/{i}/implantedOn", chip.implanted_on) for i, chip in enumerate(body.microchips)]
    past += [(f"/vaccinations/{i}/givenOn", shot.given_on) for i, shot in enumerate(body.vaccinations)]
    oldest = latest_birth_date(today, MAX_YEARS_AGO)
    born = body.birth_date or oldest
    errors = []
    for pointer, day in past:
        name = pointer.rpartition("/")[2]
        if day is not None and day > today:
            errors.append(FieldError("in_the_future", f"{name} must not be in the future.", pointer=pointer))
        elif day is not None and day < oldest:
            detail = f"{name} must not be more than {MAX_YEARS_AGO} years ago."
            errors.append(FieldError("out_of_range", detail, pointer=pointer))
        elif day is not None and day < born:
            errors.append(FieldError("contradiction", f"{name} must not be before birthDate.", pointer=pointer))
    return errors


def _contradictions(body: CreateCat) -> Iterator[FieldError]:
    """Yield an error for each date that contradicts another field."""
    if body.altered == "no" and body.altered_on is not None:
        yield FieldError("contradiction", "alteredOn must be null if altered is no.", pointer="/alteredOn")
    for index, shot in enumerate(body.vaccinations):
        if shot.given_on and shot.expires_on and shot.expires_on < shot.given_on:
            pointer = f"/vaccinations/{index}/expiresOn"
            yield FieldError("contradiction", "expiresOn must not be before givenOn.", pointer=pointer)


def _repeated_chips(body: CreateCat) -> Iterator[FieldError]:
    numbers = [chip.number for chip in body.microchips]
    for index, number in enumerate(numbers):
        if number in numbers[:index]:
            yield FieldError("duplicate", f"{number} is listed twice.", pointer=f"/microchips/{index}/number")


def create(body: CreateCat, name: str, write: WriteContext) -> Cat:
    """Return a new cat."""
    return Cat(**_fields(body, name), uid=write.id, **first_version(write.at))


def update(cat: Cat, body: CreateCat, write: WriteContext) -> Cat:
    """Return the next version of a cat. A field that the body does not have gets its default."""
    return msgspec.structs.replace(cat, **_fields(body, cat.name), **next_version(cat, write.at))


def _fields(body: CreateCat, name: str) -> dict[str, Any]:
    bonds = dict.fromkeys(names.normalise(bond) for bond in body.bonded_with)
    return non_default_fields(body, CreateCat) | {"name": name, "bonded_with": tuple(bonds)}
