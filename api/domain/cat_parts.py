"""What a cat is described with: the values of her members, and the structs inside her."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from api.domain import names
from api.domain.entity import Part

# Its length is measured after its spelling is normalised: names.fault() says so, and the schema.
Name = Annotated[
    str,
    Meta(
        description="Unicode letters, digits, space, '.', '-' and apostrophe; NFC, trimmed.",
        examples=["luna"],
        extra_json_schema={"minLength": 1, "maxLength": names.LONGEST},
    ),
]
Word = Annotated[str, Meta(min_length=1, max_length=64)]
Note = Annotated[str, Meta(max_length=4000)]
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
Test = Literal["unknown", "negative", "positive"]
GoodWith = Literal["yes", "no", "unknown", "selective"]
GoodWithChildren = Literal["yes", "no", "unknown", "over5", "over12"]


class Breed(Part, frozen=True):
    """What she looks to descend from."""

    primary: Word | None = None
    secondary: Word | None = None
    mixed: bool = False


class Colors(Part, frozen=True):
    """The colours of her coat, most of it first."""

    primary: Word | None = None
    secondary: Word | None = None
    tertiary: Word | None = None


class Microchip(Part, frozen=True):
    """A transponder under her skin."""

    number: ChipNumber
    implanted_on: date | None = None


class Vaccination(Part, frozen=True):
    """A shot that is due, or that was given."""

    type: Word
    due_on: date | None = None
    given_on: date | None = None
    expires_on: date | None = None
    batch: Word | None = None


class Company(Part, frozen=True):
    """Whom she can live with; unknown is never yes."""

    cats: GoodWith = "unknown"
    dogs: GoodWith = "unknown"
    children: GoodWithChildren = "unknown"


class SpecialNeeds(Part, frozen=True):
    """What she needs beyond the usual."""

    has: bool = False
    note: Note | None = None
    diet: Note | None = None


class Location(Part, frozen=True):
    """Where she is in the house."""

    area: Word | None = None
    unit: Word | None = None
    on_floor: bool = False
