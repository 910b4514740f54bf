"""Validation of the body of a cat for frameworks without their own validation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from cats import DEFAULTS, Cat, RequestError, date_errors

Check = Callable[[Any], Iterator[str]]
"""Yields the errors in a value."""

STATUSES = (
    "intake", "quarantine", "hold", "resident", "available", "reserved",
    "trial", "foster", "adopted", "transferred", "reclaimed", "deceased",
)  # fmt: skip
CHIP_NUMBER = re.compile(r"[0-9]{15}|[0-9A-Z]{9,10}")
CURRENCY = re.compile(r"[A-Z]{3}")


def text(min_length: int, max_length: int, pattern: re.Pattern[str] | None = None) -> Check:
    """Return a check of the length and the pattern of a text."""

    def check(value: Any) -> Iterator[str]:
        valid = isinstance(value, str) and min_length <= len(value) <= max_length
        if not valid or (pattern and not pattern.fullmatch(value)):
            yield f": expected text of {min_length} to {max_length} characters."

    return check


def one_of(*values: str) -> Check:
    """Return a check for one of some values."""

    def check(value: Any) -> Iterator[str]:
        if value not in values:
            yield f": expected one of {', '.join(values)}."

    return check


def boolean(value: Any) -> Iterator[str]:
    """Check that the value is true or false."""
    if not isinstance(value, bool):
        yield ": expected true or false."


def amount(value: Any) -> Iterator[str]:
    """Check that the value is an amount of money in the minor unit."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1_000_000_000:
        yield ": expected an integer."


def iso_date(value: Any) -> Iterator[str]:
    """Check that the value is a date."""
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        yield ": expected a date."


def nullable(check: Check) -> Check:
    """Return a check that also accepts null."""
    return lambda value: iter(()) if value is None else check(value)


def list_of(check: Check, max_items: int) -> Check:
    """Return a check for a list of values."""

    def check_all(values: Any) -> Iterator[str]:
        if not isinstance(values, list) or len(values) > max_items:
            yield f": expected a list of at most {max_items}."
            return
        for index, value in enumerate(values):
            yield from (f"/{index}{error}" for error in check(value))

    return check_all


def object_of(required: tuple[str, ...] = (), /, **members: Check) -> Check:
    """Return a check for an object with these members. Unknown members are errors."""

    def check(value: Any) -> Iterator[str]:
        if not isinstance(value, dict):
            yield ": expected an object."
            return
        yield from (f"/{name}: is required." for name in required if name not in value)
        for name, member in value.items():
            errors = members[name](member) if name in members else (": is unknown.",)
            yield from (f"/{name}{error}" for error in errors)

    return check


SHORT_TEXT, LONG_TEXT, DATE = nullable(text(1, 64)), nullable(text(0, 4000)), nullable(iso_date)
YES_NO, TEST_RESULT = one_of("yes", "no", "unknown"), one_of("unknown", "negative", "positive")
COMPATIBILITY = one_of("yes", "no", "unknown", "selective")
MICROCHIP = object_of(("number",), number=text(9, 15, CHIP_NUMBER), implantedOn=DATE)
VACCINATION = object_of(("type",), type=text(1, 64), dueOn=DATE, givenOn=DATE, expiresOn=DATE, batch=SHORT_TEXT)
CAT = object_of(
    name=text(1, 64), sex=one_of("female", "male", "unknown"), birthDate=DATE, birthDateExact=boolean,
    breed=object_of(primary=SHORT_TEXT, secondary=SHORT_TEXT, mixed=boolean),
    colors=object_of(primary=SHORT_TEXT, secondary=SHORT_TEXT, tertiary=SHORT_TEXT), pattern=SHORT_TEXT,
    coat=nullable(one_of("short", "medium", "long", "hairless", "curly", "wire")),
    altered=YES_NO, alteredOn=DATE, microchips=list_of(MICROCHIP, 5), fiv=TEST_RESULT, felv=TEST_RESULT,
    testedOn=DATE, vaccinations=list_of(VACCINATION, 50),
    goodWith=object_of(
        cats=COMPATIBILITY, dogs=COMPATIBILITY, children=one_of("yes", "no", "unknown", "over5", "over12")
    ),
    specialNeeds=object_of(has=boolean, note=LONG_TEXT, diet=LONG_TEXT), bondedWith=list_of(text(1, 64), 10),
    status=one_of(*STATUSES), location=object_of(area=SHORT_TEXT, unit=SHORT_TEXT, onFloor=boolean),
    adoptionFee=nullable(object_of(("amount", "currency"), amount=amount, currency=text(3, 3, CURRENCY))),
    description=LONG_TEXT, staffNotes=LONG_TEXT, holdUntil=DATE,
)  # fmt: skip
MICROCHIP_DEFAULTS = {"implantedOn": None}
VACCINATION_DEFAULTS = {"dueOn": None, "givenOn": None, "expiresOn": None, "batch": None}


def validate(body: Any) -> Cat:
    """Return the valid body with defaults for missing members.

    Raises:
        RequestError: the body is invalid; the detail lists all errors.
    """
    if errors := list(CAT(body)):
        raise RequestError(422, " ".join(errors))
    cat: Cat = {**DEFAULTS, **body}
    for name in ("breed", "colors", "goodWith", "specialNeeds", "location"):
        cat[name] = {**DEFAULTS[name], **cat[name]}
    cat["microchips"] = [{**MICROCHIP_DEFAULTS, **chip} for chip in cat["microchips"]]
    cat["vaccinations"] = [{**VACCINATION_DEFAULTS, **vaccination} for vaccination in cat["vaccinations"]]
    if errors := date_errors(cat):
        raise RequestError(422, " ".join(errors))
    return cat
