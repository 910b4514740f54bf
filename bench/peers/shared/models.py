"""A cat as pydantic has her, for those whose framework validates with it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from cafe import date_faults
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

Name = Annotated[str, Field(min_length=1, max_length=64)]
Word = Annotated[str, Field(min_length=1, max_length=64)]
Note = Annotated[str, Field(max_length=4000)]
YesNo = Literal["yes", "no", "unknown"]
Test = Literal["unknown", "negative", "positive"]
GoodWith = Literal["yes", "no", "unknown", "selective"]
Status = Literal[
    "intake", "quarantine", "hold", "resident", "available", "reserved",
    "trial", "foster", "adopted", "transferred", "reclaimed", "deceased",
]  # fmt: skip


class Model(BaseModel):
    """What all have in common."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class Breed(Model):
    """What she looks to descend from."""

    primary: Word | None = None
    secondary: Word | None = None
    mixed: bool = False


class Colors(Model):
    """The colours of her coat."""

    primary: Word | None = None
    secondary: Word | None = None
    tertiary: Word | None = None


class Microchip(Model):
    """A transponder under her skin."""

    number: Annotated[str, Field(pattern=r"^([0-9]{15}|[0-9A-Z]{9,10})$")]
    implanted_on: date | None = None


class Vaccination(Model):
    """A shot that is due, or that was given."""

    type: Word
    due_on: date | None = None
    given_on: date | None = None
    expires_on: date | None = None
    batch: Word | None = None


class Company(Model):
    """Whom she can live with."""

    cats: GoodWith = "unknown"
    dogs: GoodWith = "unknown"
    children: Literal["yes", "no", "unknown", "over5", "over12"] = "unknown"


class SpecialNeeds(Model):
    """What she needs beyond the usual."""

    has: bool = False
    note: Note | None = None
    diet: Note | None = None


class Location(Model):
    """Where she is in the house."""

    area: Word | None = None
    unit: Word | None = None
    on_floor: bool = False


class Money(Model):
    """An amount in the minor unit of its currency."""

    amount: Annotated[int, Field(ge=0, le=1_000_000_000)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Profile(Model):
    """What anybody may read about a cat."""

    sex: Literal["female", "male", "unknown"] = "unknown"
    birth_date: date | None = None
    birth_date_exact: bool = False
    breed: Breed = Breed()
    colors: Colors = Colors()
    pattern: Word | None = None
    coat: Literal["short", "medium", "long", "hairless", "curly", "wire"] | None = None
    altered: YesNo = "unknown"
    altered_on: date | None = None
    microchips: Annotated[list[Microchip], Field(max_length=5)] = []
    fiv: Test = "unknown"
    felv: Test = "unknown"
    tested_on: date | None = None
    vaccinations: Annotated[list[Vaccination], Field(max_length=50)] = []
    good_with: Company = Company()
    special_needs: SpecialNeeds = SpecialNeeds()
    bonded_with: Annotated[list[Name], Field(max_length=10)] = []
    status: Status = "intake"
    location: Location = Location()
    adoption_fee: Money | None = None
    description: Note | None = None


class CatBody(Profile):
    """The body of ``PUT /cats/{name}``."""

    name: Name | None = None
    staff_notes: Note | None = None
    hold_until: date | None = None

    @model_validator(mode="after")
    def _dates(self) -> CatBody:
        if faults := date_faults(self.model_dump(mode="json", by_alias=True)):
            raise ValueError(" ".join(faults))
        return self


class PublicCat(Profile):
    """A cat as the public sees her."""

    name: Name
    age_group: Literal["baby", "young", "adult", "senior"] | None
    created: datetime
    updated: datetime
    version: int


class Blocker(Model):
    """One reason against an adoption."""

    code: str
    detail: str
    cleared_by: str


class StaffCat(PublicCat):
    """A cat as the staff sees her."""

    staff_notes: Note | None
    hold_until: date | None
    blockers: list[Blocker]


class CatPage(Model):
    """A page of the herd."""

    items: list[PublicCat]
    next: str | None = None
