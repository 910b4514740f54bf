"""The values of fields: a JSON value as the texts that a browser shows and sends, and the other way round."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from api.domain.due_dates import deadline, format_utc, is_date_only, to_local, to_utc
from api.domain.errors import FieldError
from api.web import words
from api.web.forms import times, units
from api.web.forms.field import Field, TextError

NONE = "none"
"""The value of the check box for an empty array, where null means that it is not known."""
NUMBER_EXPECTED, PRICE_EXPECTED = "Write a number, such as 4.2.", "Write a price such as 4.50, or 4.50 EUR."
CHIP_EXPECTED = "Write the 15 digits of the chip, or the 9 or 10 letters and digits of an older one."
COLOR_EXPECTED = "Write six digits or letters from a to f, such as 9a4310."
MONEY = re.compile(r"([A-Z]{3}|[£€$])? ?([0-9](?:.{0,30}[0-9])?) ?([A-Z]{3}|[£€$])?")
COLOR = re.compile("#?([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")
CHIP = re.compile("[0-9]{15}|[0-9A-Z]{9,10}")
SIGNS = {sign: currency for currency, sign in words.CURRENCY_SIGNS.items()}


def format_value(field: Field, value: Any, zone: tzinfo) -> list[str]:
    """Return the texts of a JSON value. A field with options may have several, and a due date has two."""
    if value is None:
        return {"checkbox": [], "checkboxes": [], "due": ["", ""]}.get(field.kind, [""])
    return FORMATTERS.get(field.kind, _format_text)(field, value, zone)


def parse_value(field: Field, texts: Sequence[str], zone: tzinfo) -> tuple[Any, list[FieldError]]:
    """Return the JSON value of texts, None for the default; or the error, if they have no value."""
    try:
        return PARSERS.get(field.kind, _parse_text)(field, texts, zone), []
    except ValueError as error:
        return None, [TextError("invalid_format", str(error), pointer=field.pointer)]


def _format_text(_field: Field, value: Any, _zone: tzinfo) -> list[str]:
    return [str(value)]


def _format_datetime(_field: Field, value: Any, zone: tzinfo) -> list[str]:
    return [datetime.fromisoformat(value).astimezone(zone).strftime("%Y-%m-%dT%H:%M")]


def _format_money(_field: Field, value: Any, _zone: tzinfo) -> list[str]:
    return [f"{words.decimal_text(value['amount'], value['currency'])} {value['currency']}"]


def _format_due(_field: Field, due: Any, zone: tzinfo) -> list[str]:
    if is_date_only(due):
        return [due, ""]
    local = to_local(deadline(due, zone), zone)
    return [f"{local:%Y-%m-%d}", f"{local:%H:%M}"]


def _parse_text(_field: Field, texts: Sequence[str], _zone: tzinfo) -> Any:
    return texts[0] or None


def _parse_number(_field: Field, texts: Sequence[str], _zone: tzinfo) -> Any:
    if not texts[0]:
        return None
    sign = "-" if texts[0][0] in "-\u2212" else ""
    whole, fraction = units.parse_decimal(texts[0].lstrip("-\u2212"), NUMBER_EXPECTED)
    return float(f"{sign}{whole}.{fraction}") if fraction else int(sign + whole)


def _parse_date(_field: Field, texts: Sequence[str], _zone: tzinfo) -> Any:
    return times.parse_date(texts[0]).isoformat() if texts[0] else None


def _parse_datetime(_field: Field, texts: Sequence[str], zone: tzinfo) -> Any:
    if not texts[0]:
        return None
    at = times.parse_moment(texts[0])
    return (at if at.tzinfo else at.replace(tzinfo=zone)).isoformat()


def _parse_due(_field: Field, texts: Sequence[str], zone: tzinfo) -> Any:
    day, clock = (*texts, "")[:2]
    if clock and not day:
        raise ValueError("Choose the day too, or remove the time.")
    if not day:
        return None
    on = times.parse_date(day)
    if not clock:
        return on.isoformat()
    try:
        return format_utc(to_utc(datetime.combine(on, times.parse_clock(clock)), zone))
    except OverflowError:
        raise ValueError(times.DAY_EXPECTED) from None


def _parse_checkboxes(field: Field, texts: Sequence[str], _zone: tzinfo) -> Any:
    if not texts:
        return None
    if field.none and NONE in texts and len(texts) > 1:
        raise ValueError(f"Choose “{field.none}”, or the others, but not both.")
    return [] if field.none and NONE in texts else list(texts)


def _parse_names(_field: Field, texts: Sequence[str], _zone: tzinfo) -> Any:
    return [text for part in re.split(r"[,;\n]", texts[0]) if (text := part.strip())]


def _parse_lines(_field: Field, texts: Sequence[str], _zone: tzinfo) -> Any:
    return [line for text in texts[0].split("\n") if (line := text.strip())]


def _parse_chip(_field: Field, texts: Sequence[str], _zone: tzinfo) -> Any:
    number = re.sub("[ .\u00a0\u2010-\u2015-]", "", texts[0]).upper()
    if number and not CHIP.fullmatch(number):
        raise ValueError(CHIP_EXPECTED)
    return number or None


def _parse_color(_field: Field, texts: Sequence[str], _zone: tzinfo) -> Any:
    if texts[0] and not COLOR.fullmatch(texts[0]):
        raise ValueError(COLOR_EXPECTED)
    return f"#{texts[0].removeprefix('#')}" if texts[0] else None


def _parse_money(_field: Field, texts: Sequence[str], _zone: tzinfo) -> Any:
    if not texts[0]:
        return None
    match = MONEY.fullmatch(texts[0].upper())
    if not match or (match[1] and match[3]):
        raise ValueError(PRICE_EXPECTED)
    sign = match[1] or match[3] or "GBP"
    currency = SIGNS.get(sign, sign)
    digits = words.minor_digits(currency)
    is_exact = digits == 3 and "," not in match[2]  # as _format_money writes it
    whole, fraction = units.parse_decimal(match[2], PRICE_EXPECTED, "decimals" if is_exact else "ask")
    if len(fraction) > digits:
        raise ValueError(f"An amount of {currency} has at most {digits} digits after the point.")
    return {"amount": int(whole + fraction.ljust(digits, "0")), "currency": currency}


def with_currency(texts: Sequence[str], current: Any) -> list[str]:
    """Return the text of a price with the currency of the current value, if the text has none."""
    match = MONEY.fullmatch(texts[0].upper())
    has_none = match is not None and not (match[1] or match[3])
    return [f"{texts[0]} {current['currency']}"] if has_none and current else list(texts)


FORMATTERS: Mapping[str, Callable[[Field, Any, tzinfo], list[str]]] = {
    "checkboxes": lambda field, value, _zone: list(value) or ([NONE] if field.none else []),
    "checkbox": lambda _field, value, _zone: ["true"] if value else [],
    "cats": lambda _field, value, _zone: [", ".join(value)],
    "lines": lambda _field, value, _zone: ["\n".join(value)],
    "hours": lambda _field, value, _zone: [", ".join(f"{span['opens']}-{span['closes']}" for span in value)],
    "datetime": _format_datetime,
    "due": _format_due,
    "money": _format_money,
}
"""For each kind, a function from a JSON value to its texts."""
PARSERS: Mapping[str, Callable[[Field, Sequence[str], tzinfo], Any]] = {
    "number": _parse_number,
    "datetime": _parse_datetime,
    "due": _parse_due,
    "checkbox": lambda _field, texts, _zone: bool(texts),
    "checkboxes": _parse_checkboxes,
    "cats": _parse_names,
    "chip": _parse_chip,
    "color": _parse_color,
    "date": _parse_date,
    "lines": _parse_lines,
    "hours": lambda _field, texts, _zone: times.parse_hours(texts[0]),
    "money": _parse_money,
    "grams": lambda _field, texts, _zone: units.parse_grams(texts[0]) if texts[0] else None,
}
"""For each kind, a function from the texts of a field to its JSON value; None means the default.

Raises:
    ValueError: the text has no value; its message is for people.
"""
