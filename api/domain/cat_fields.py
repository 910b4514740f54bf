"""The types of the fields of a cat."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from api.domain import names
from api.domain.entity import ApiStruct

# The length counts after normalisation: names.name_error checks it, and the schema documents it.
Name = Annotated[
    str,
    Meta(
        description="Unicode letters, digits, space, '.', '-' and apostrophe; NFC, trimmed.",
        examples=["luna"],
        extra_json_schema={"minLength": 1, "maxLength": names.MAX_LENGTH},
    ),
]
# The entity service rejects blank texts in bodies. A text that is already stored may be blank.
ShortText = Annotated[
    str, Meta(min_length=1, max_length=64, description="Not blank.", extra_json_schema={"pattern": r"\S"})
]
LongText = Annotated[str, Meta(max_length=4000)]
ChipNumber = Annotated[
    str,
    Meta(
        pattern=r"^([0-9]{15}|[0-9A-Z]{9,10})(?![\s\S])",
        description="15 digits (ISO 11784), or the 9 or 10 characters of an older chip.",
        examples=["276098106234567"],
    ),
]

Sex = Literal["female", "male", "unknown"]
Coat = Literal["short", "medium", "long", "hairless", "curly", "wire"]
YesNo = Literal["yes", "no", "unknown"]
TestResult = Literal["unknown", "negative", "positive"]
GoodWith = Literal["yes", "no", "unknown", "selective"]
GoodWithChildren = Literal["yes", "no", "unknown", "over5", "over12"]


class Breed(ApiStruct, frozen=True):
    """The breed, judged by appearance."""

    primary: ShortText | None = None
    secondary: ShortText | None = None
    mixed: bool = False


class Colors(ApiStruct, frozen=True):
    """The colours of the coat, in descending order of area."""

    primary: ShortText | None = None
    secondary: ShortText | None = None
    tertiary: ShortText | None = None


class Microchip(ApiStruct, frozen=True):
    """A microchip under the skin."""

    number: ChipNumber
    implanted_on: date | None = None


class PublicVaccination(ApiStruct, frozen=True):
    """A vaccination that is due or was given, as the public sees it."""

    type: ShortText
    due_on: date | None = None
    given_on: date | None = None
    expires_on: date | None = None


class Vaccination(PublicVaccination, frozen=True):
    """A vaccination that is due or was given."""

    batch: ShortText | None = None


class Sociability(ApiStruct, frozen=True):
    """The companions that the cat can live with."""

    cats: GoodWith = "unknown"
    dogs: GoodWith = "unknown"
    children: GoodWithChildren = "unknown"


class SpecialNeeds(ApiStruct, frozen=True):
    """The special needs of the cat."""

    has: bool = False
    note: LongText | None = None
    diet: LongText | None = None


class PublicLocation(ApiStruct, frozen=True):
    """The place of the cat in the building, as the public sees it."""

    area: ShortText | None = None
    on_floor: bool = False


class Location(PublicLocation, frozen=True):
    """The place of the cat: in the building, or the family that has it."""

    unit: ShortText | None = None
