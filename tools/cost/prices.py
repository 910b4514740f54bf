"""The prices of prices.toml, each with its unit and its source."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from msgspec import Struct

from tools.problem import Problem

FILE = Path(__file__).with_name("prices.toml")
REQUIRED = {"usd", "unit", "source", "read", "confirmed"}
KNOWN = REQUIRED | {"free", "published", "note"}


class Price(Struct, frozen=True, kw_only=True):
    """What one unit of something costs."""

    name: str
    usd: Decimal
    unit: str
    free: Decimal
    """Units a month that cost nothing, always."""
    source: str
    """The page or the price list of AWS that says so."""
    published: date | None
    read: date
    confirmed: bool
    note: str


def read(file: Path = FILE) -> dict[str, Price]:
    """Return the prices by their names.

    Raises:
        Problem: an entry is incomplete or wrong; says which.
    """
    entries = tomllib.loads(file.read_text(encoding="utf-8"))
    return {name: _price(name, entry) for name, entry in entries.items()}


def _price(name: str, entry: dict[str, Any]) -> Price:
    if missing := sorted(REQUIRED - entry.keys()):
        raise Problem(f"The price {name} has no {missing[0]}.")
    if unknown := sorted(entry.keys() - KNOWN):
        raise Problem(f"The price {name} has a member {unknown[0]}, which nobody reads.")
    if not str(entry["source"]).startswith("https://"):
        raise Problem(f"The price {name} has a source that is no address.")
    if not entry["confirmed"] and not entry.get("note"):
        raise Problem(f"The price {name} is not confirmed, and no note says why.")
    if not all(isinstance(entry[key], date) for key in ("read", "published") if key in entry):
        raise Problem(f"The price {name} has a date that is none.")
    return Price(
        name=name,
        usd=_amount(name, entry["usd"]),
        unit=entry["unit"],
        free=_amount(name, entry.get("free", "0")),
        source=entry["source"],
        published=entry.get("published"),
        read=entry["read"],
        confirmed=entry["confirmed"],
        note=entry.get("note", ""),
    )


def _amount(name: str, told: Any) -> Decimal:
    """Read an amount; as a text, so that no float ever stands between the page of AWS and the result."""
    try:
        amount = Decimal(told) if isinstance(told, str) else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise Problem(f"The price {name} has an amount that is no number in quotation marks.")
    return amount
