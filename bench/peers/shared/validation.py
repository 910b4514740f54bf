"""Validation by hand, for those whose framework has none: what a client may write of a cat, and with which limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from cafe import DEFAULTS, Cat, Refused, date_faults

Check = Callable[[Any], Iterator[str]]
"""Yields what is wrong with a value."""

STATUSES = (
    "intake", "quarantine", "hold", "resident", "available", "reserved",
    "trial", "foster", "adopted", "transferred", "reclaimed", "deceased",
)  # fmt: skip
CHIP = re.compile(r"[0-9]{15}|[0-9A-Z]{9,10}")
CURRENCY = re.compile(r"[A-Z]{3}")


def text(least: int, most: int, pattern: re.Pattern[str] | None = None) -> Check:
    """Return a check for text of some lengths."""

    def check(value: Any) -> Iterator[str]:
        if not isinstance(value, str) or not least <= len(value) <= most or (pattern and not pattern.fullmatch(value)):
            yield f": expected text of {least} to {most} characters."

    return check


def one_of(*values: str) -> Check:
    """Return a check for one of some words."""

    def check(value: Any) -> Iterator[str]:
        if value not in values:
            yield f": expected one of {', '.join(values)}."

    return check


def flag(value: Any) -> Iterator[str]:
    """Check for true or false."""
    if not isinstance(value, bool):
        yield ": expected true or false."


def amount(value: Any) -> Iterator[str]:
    """Check for an amount of money."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1_000_000_000:
        yield ": expected an integer."


def day(value: Any) -> Iterator[str]:
    """Check for a date."""
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        yield ": expected a date."


def maybe(check: Check) -> Check:
    """Return a check that lets null pass."""
    return lambda value: iter(()) if value is None else check(value)


def each(check: Check, most: int) -> Check:
    """Return a check for a list of things."""

    def check_all(values: Any) -> Iterator[str]:
        if not isinstance(values, list) or len(values) > most:
            yield f": expected a list of at most {most}."
            return
        for place, value in enumerate(values):
            yield from (f"/{place}{fault}" for fault in check(value))

    return check_all


def part(required: tuple[str, ...] = (), /, **members: Check) -> Check:
    """Return a check for an object that has these members and no others."""

    def check(value: Any) -> Iterator[str]:
        if not isinstance(value, dict):
            yield ": expected an object."
            return
        yield from (f"/{name}: is required." for name in required if name not in value)
        for name, member in value.items():
            faults = members[name](member) if name in members else (": is unknown.",)
            yield from (f"/{name}{fault}" for fault in faults)

    return check


WORD, NOTE, DAY = maybe(text(1, 64)), maybe(text(0, 4000)), maybe(day)
KNOWN, TESTED = one_of("yes", "no", "unknown"), one_of("unknown", "negative", "positive")
COMPANY = one_of("yes", "no", "unknown", "selective")
CHIPS = part(("number",), number=text(9, 15, CHIP), implantedOn=DAY)
SHOTS = part(("type",), type=text(1, 64), dueOn=DAY, givenOn=DAY, expiresOn=DAY, batch=WORD)
CHECK = part(
    name=text(1, 64), sex=one_of("female", "male", "unknown"), birthDate=DAY, birthDateExact=flag,
    breed=part(primary=WORD, secondary=WORD, mixed=flag),
    colors=part(primary=WORD, secondary=WORD, tertiary=WORD), pattern=WORD,
    coat=maybe(one_of("short", "medium", "long", "hairless", "curly", "wire")),
    altered=KNOWN, alteredOn=DAY, microchips=each(CHIPS, 5), fiv=TESTED, felv=TESTED, testedOn=DAY,
    vaccinations=each(SHOTS, 50),
    goodWith=part(cats=COMPANY, dogs=COMPANY, children=one_of("yes", "no", "unknown", "over5", "over12")),
    specialNeeds=part(has=flag, note=NOTE, diet=NOTE), bondedWith=each(text(1, 64), 10), status=one_of(*STATUSES),
    location=part(area=WORD, unit=WORD, onFloor=flag),
    adoptionFee=maybe(part(("amount", "currency"), amount=amount, currency=text(3, 3, CURRENCY))),
    description=NOTE, staffNotes=NOTE, holdUntil=DAY,
)  # fmt: skip
CHIP_DEFAULTS = {"implantedOn": None}
SHOT_DEFAULTS = {"dueOn": None, "givenOn": None, "expiresOn": None, "batch": None}


def checked(body: Any) -> Cat:
    """Return what was sent of a cat, with a default for each member that was not.

    Raises:
        Refused: with all that is wrong.
    """
    if faults := list(CHECK(body)):
        raise Refused(422, " ".join(faults))
    cat: Cat = {**DEFAULTS, **body}
    for name in ("breed", "colors", "goodWith", "specialNeeds", "location"):
        cat[name] = {**DEFAULTS[name], **cat[name]}
    cat["microchips"] = [{**CHIP_DEFAULTS, **chip} for chip in cat["microchips"]]
    cat["vaccinations"] = [{**SHOT_DEFAULTS, **shot} for shot in cat["vaccinations"]]
    if faults := date_faults(cat):
        raise Refused(422, " ".join(faults))
    return cat
