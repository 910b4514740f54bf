"""Models of a cat for frameworks that validate with pydantic."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from cats import date_errors
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

Name = Annotated[str, Field(min_length=1, max_length=64)]
ShortText = Annotated[str, Field(min_length=1, max_length=64)]
LongText = Annotated[str, Field(max_length=4000)]
YesNo = Literal["yes", "no", "unknown"]
TestResult = Literal["unknown", "negative", "positive"]
Compatibility = Literal["yes", "no", "unknown", "selective"]
Status = Literal[
    "intake", "quarantine", "hold", "resident", "available", "reserved",
    "trial", "foster", "adopted", "transferred", "reclaimed", "deceased",
]  # fmt: skip


class ApiModel(BaseModel):
    """The base of all models."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class Breed(ApiModel):
    """The breeds that the cat seems to descend from."""

    primary: ShortText | None = None
    secondary: ShortText | None = None
    mixed: bool = False


class Colors(ApiModel):
    """The colours of the coat."""

    primary: ShortText | None = None
    secondary: ShortText | None = None
    tertiary: ShortText | None = None


class Microchip(ApiModel):
    """An implanted microchip."""

    number: Annotated[str, Field(pattern=r"^([0-9]{15}|[0-9A-Z]{9,10})$")]
    implanted_on: date | None = None


class PublicVaccination(ApiModel):
    """A vaccination that is due or was given, as the public sees it."""

    type: ShortText
    due_on: date | None = None
    given_on: date | None = None
    expires_on: date | None = None


class Vaccination(PublicVaccination):
    """A vaccination."""

    batch: ShortText | None = None


class GoodWith(ApiModel):
    """Which companions the cat gets along with."""

    cats: Compatibility = "unknown"
    dogs: Compatibility = "unknown"
    children: Literal["yes", "no", "unknown", "over5", "over12"] = "unknown"


class SpecialNeeds(ApiModel):
    """Special needs of the cat."""

    has: bool = False
    note: LongText | None = None
    diet: LongText | None = None


class PublicLocation(ApiModel):
    """Where the cat is in the café, as the public sees it."""

    area: ShortText | None = None
    on_floor: bool = False


class Location(PublicLocation):
    """Where the cat is."""

    unit: ShortText | None = None


class Money(ApiModel):
    """An amount in the minor unit of its currency."""

    amount: Annotated[int, Field(ge=0, le=1_000_000_000)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class CatFields(ApiModel):
    """The public fields that a client can write."""

    sex: Literal["female", "male", "unknown"] = "unknown"
    birth_date: date | None = None
    birth_date_exact: bool = False
    breed: Breed = Breed()
    colors: Colors = Colors()
    pattern: ShortText | None = None
    coat: Literal["short", "medium", "long", "hairless", "curly", "wire"] | None = None
    altered: YesNo = "unknown"
    altered_on: date | None = None
    fiv: TestResult = "unknown"
    felv: TestResult = "unknown"
    tested_on: date | None = None
    vaccinations: Annotated[list[PublicVaccination], Field(max_length=50)] = []
    good_with: GoodWith = GoodWith()
    special_needs: SpecialNeeds = SpecialNeeds()
    bonded_with: Annotated[list[Name], Field(max_length=10)] = []
    status: Status = "intake"
    location: PublicLocation = PublicLocation()
    adoption_fee: Money | None = None
    description: LongText | None = None


class CatBody(CatFields):
    """The body of ``PUT /cats/{name}``."""

    name: Name | None = None
    vaccinations: Annotated[list[Vaccination], Field(max_length=50)] = []
    location: Location = Location()
    microchips: Annotated[list[Microchip], Field(max_length=5)] = []
    staff_notes: LongText | None = None
    hold_until: date | None = None

    @model_validator(mode="after")
    def _dates(self) -> CatBody:
        if errors := date_errors(self.model_dump(mode="json", by_alias=True)):
            raise ValueError(" ".join(errors))
        return self


class PublicCat(CatFields):
    """The public view of a cat."""

    name: Name
    age_group: Literal["baby", "young", "adult", "senior"] | None
    photos: list[str]
    """The peers have no photos."""
    created: datetime
    updated: datetime
    version: int


class Blocker(ApiModel):
    """A reason against an adoption."""

    code: str
    detail: str
    cleared_by: str


class StaffCat(PublicCat):
    """The staff view of a cat."""

    vaccinations: list[Vaccination]
    location: Location
    microchips: list[Microchip]
    staff_notes: LongText | None
    hold_until: date | None
    blockers: list[Blocker]


class CatPage(ApiModel):
    """A page of a list of cats."""

    items: list[PublicCat]
    next: str | None = None
