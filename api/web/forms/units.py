"""Numbers as people write them, with a decimal point or comma and marks between thousands, and weights with a unit."""

from __future__ import annotations

import re
from typing import Literal

_SPACED = re.compile("(?<=[0-9])[ \u00a0\u2009\u202f'\u2019](?=[0-9]{3}(?![0-9]))")
"""A space or an apostrophe between thousands."""
_DIGITS = re.compile(r"[0-9]{1,12}(?:[.,][0-9]{1,9}){0,4}")
_WEIGHT = re.compile(r"([0-9].*?) ?(g|gr|grams?|kg|kgs|kilos?|kilograms?)?", re.IGNORECASE)
_SMALLEST = 40
"""The least weight without a unit, in grams. A newborn kitten weighs about 100 g, and no cat weighs 40 kg."""
EXPECTED = "Write grams, such as 4210, or the unit: 4.21 kg."

Three = Literal["ask", "thousands", "decimals"]
"""What three digits after the only mark are: "4,210" is 4210, or 4.210, or a question to the user."""


def parse_decimal(text: str, expected: str, three: Three = "ask") -> tuple[str, str]:
    """Return the digits before and after the decimal mark of a number that is not negative.

    "1,000.50", "1.000,50", "1 000,50", "1'000.50" and "1000.5" are the same number.

    Args:
        text: the text.
        expected: the message for a text that is no number.
        three: the meaning of three digits after the only mark.

    Raises:
        ValueError: the text is no number, or has two meanings.
    """
    plain = _SPACED.sub("", text[:64])
    if not _DIGITS.fullmatch(plain):
        raise ValueError(expected)
    marks, groups = re.findall("[.,]", plain), re.split("[.,]", plain)
    if len(marks) <= 1:
        return _read_one_mark(text, groups, three if plain == text else "decimals")
    is_grouped = marks[0] == marks[-1]
    whole, fraction = (groups, "") if is_grouped else (groups[:-1], groups[-1])
    if len({*marks[: len(whole) - 1]}) != 1 or not _may_be_thousands(whole):
        raise ValueError(expected)
    return "".join(whole), fraction


def _read_one_mark(text: str, groups: list[str], three: Three) -> tuple[str, str]:
    """Return the digits before and after the only mark, which a number may not have."""
    whole, fraction = (*groups, "")[:2]
    if not fraction or three == "decimals" or not _may_be_thousands(groups):
        return whole, fraction
    if three == "thousands":
        return whole + fraction, ""
    raise ValueError(f"“{text}” can be read in two ways. Write {whole}{fraction}, or {whole}.{fraction[:2]}.")


def _may_be_thousands(groups: list[str]) -> bool:
    """Return whether groups of digits may be the thousands of a number: "1", "000"."""
    return not groups[0].startswith("0") and len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])


def parse_grams(text: str) -> int:
    """Return a weight in grams: "4210", "4,210 g", "4.21 kg", "4,21 kg".

    Raises:
        ValueError: the text is no weight, or has no unit and is too small for grams.
    """
    match = _WEIGHT.fullmatch(text)
    if match is None:
        raise ValueError(EXPECTED)
    unit = (match[2] or "").lower()
    is_kilograms = unit.startswith("k")
    whole, fraction = parse_decimal(match[1], EXPECTED, "decimals" if is_kilograms else "thousands")
    if is_kilograms and len(fraction) <= 3:
        return int(whole) * 1000 + int(fraction.ljust(3, "0"))
    if fraction or (not unit and int(whole) < _SMALLEST):
        raise ValueError(EXPECTED)
    return int(whole)
