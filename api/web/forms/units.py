"""Units: a weight as people write it, in grams."""

from __future__ import annotations

import re

_WEIGHT = re.compile(r"(\d{1,5})(?:[.,](\d{1,3}))? ?(g|kg)?", re.IGNORECASE)
_SMALLEST = 40
"""The least weight without a unit, in grams. A newborn kitten weighs about 100 g, and no cat weighs 40 kg."""
EXPECTED = "Write grams, such as 4210, or the unit: 4.21 kg."


def parse_grams(text: str) -> int:
    """Return a weight in grams: "4210", "4210 g", "4.21 kg", "4,21 kg".

    Raises:
        ValueError: the text is no weight, or has no unit and is too small for grams.
    """
    match = _WEIGHT.fullmatch(text)
    if match is None:
        raise ValueError(EXPECTED)
    whole, fraction, unit = int(match[1]), match[2] or "", (match[3] or "").lower()
    if unit == "kg":
        return whole * 1000 + int(fraction.ljust(3, "0"))
    if fraction or (not unit and whole < _SMALLEST):
        raise ValueError(EXPECTED)
    return whole
