"""The codes and the messages of invalid values. Only an invalid body needs this module."""

from __future__ import annotations

import re
import types
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from api.domain.entity import TIMESTAMP_EXPECTED
from api.domain.errors import ErrorCode

CODES: tuple[tuple[str, ErrorCode], ...] = (
    (r"Expected `array` of length <=", "too_many"),
    (r"Expected `str` of length <=", "too_long"),
    (r"Expected `str` of length >=", "too_short"),
    (r"Expected `str` matching regex", "invalid_format"),
    (r"Expected `(int|float)` <=", "too_large"),
    (r"Expected `(int|float)` >=", "too_small"),
    (r"Expected `datetime` with a timezone", "invalid_format"),
    (r"Expected .*, got", "wrong_type"),
    (r"Invalid RFC3339 encoded", "invalid_format"),
    (r"Invalid enum value", "invalid_value"),
)
"""The messages of msgspec and their codes. A test checks them with the installed version."""
TYPES_EXPECTED: dict[Any, str] = {
    bool: "true or false", float: "a number", type(None): "null",
    date: "a date such as 2026-11-30", datetime: TIMESTAMP_EXPECTED,
}  # fmt: skip


def code_of(error: Exception) -> ErrorCode:
    """Return the code for a message of msgspec."""
    return next((code for pattern, code in CODES if re.match(pattern, str(error))), "invalid_value")


@cache
def expected(hint: Any) -> str:
    """Return what a value of a type must be, for a message: ``an integer from 1 to 100``."""
    if get_origin(hint) in (Union, types.UnionType):
        options = [expected(option) for option in get_args(hint) if option is not msgspec.UnsetType]
        return " or ".join([", ".join(options[:-1]), options[-1]] if options[1:] else options)
    metas = [meta for meta in get_args(hint)[1:] if isinstance(meta, msgspec.Meta)] if _is_annotated(hint) else []
    plain = get_args(hint)[0] if _is_annotated(hint) else hint
    if get_origin(plain) is Literal:
        return f"one of {', '.join(map(str, get_args(plain)))}" if get_args(plain)[1:] else str(get_args(plain)[0])
    if plain is int:
        return f"an integer{_bounds(metas, 'ge', 'le')}"
    if plain is str:
        of_format = " in this format" if any(meta.pattern for meta in metas) else ""
        return f"a string{of_format}{_bounds(metas, 'min_length', 'max_length', of='of ', unit=' characters')}"
    if get_origin(plain) is tuple:
        return f"an array{_bounds(metas, 'min_length', 'max_length', of='of ', unit=' elements')}"
    if plain in TYPES_EXPECTED or plain is hint:
        return TYPES_EXPECTED.get(plain, "an object")
    return expected(plain)


def _bounds(metas: list[msgspec.Meta], low: str, high: str, of: str = "", unit: str = "") -> str:
    """Return the bounds of a number or a length, with a space before them; an empty text without bounds."""
    lows = [getattr(meta, low) for meta in metas if getattr(meta, low) is not None]
    highs = [getattr(meta, high) for meta in metas if getattr(meta, high) is not None]
    if lows and highs:
        return f" {of or 'from '}{lows[0]} to {highs[0]}{unit}"
    if highs:
        return f" of at most {highs[0]}{unit}"
    return f" of at least {lows[0]}{unit}" if lows else ""


def _is_annotated(hint: Any) -> bool:
    return get_origin(hint) is Annotated


def description(hint: Any) -> str | None:
    """Return the description of a type, or of the first member of a union that has one."""
    metas = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    own = [meta.description for meta in metas if isinstance(meta, msgspec.Meta) and meta.description]
    inner = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else get_args(hint)[:1] if metas else ()
    return own[0] if own else next((text for option in inner if (text := description(option))), None)
