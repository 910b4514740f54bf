"""The values of fields: a JSON value as the texts that a browser shows and sends, and the other way round."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

from api.domain.due_dates import deadline, format_utc, is_date_only, to_local, to_utc
from api.domain.errors import FieldError
from api.web import words
from api.web.forms import units
from api.web.forms.field import Field

NONE = "none"
"""The value of the check box for an empty array, where null means that it is not known."""
NUMBER = re.compile(r"(-?\d{1,12})(?:[.,](\d{1,9}))?")
HOURS = re.compile(r"(\d{1,2})(?:[:.](\d\d))? *(?:-|–|to) *(\d{1,2})(?:[:.](\d\d))?")
MONEY = re.compile(r"([A-Z]{3}|[£€$])? ?(\d{1,9})(?:[.,](\d{1,3}))? ?([A-Z]{3}|[£€$])?")
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
        return None, [FieldError("invalid_format", str(error), pointer=field.pointer)]


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
    if not (match := NUMBER.fullmatch(texts[0])):
        raise ValueError("Write a number, such as 4.2.")
    return float(f"{match[1]}.{match[2]}") if match[2] else int(match[1])


def _parse_datetime(_field: Field, texts: Sequence[str], zone: tzinfo) -> Any:
    if not texts[0]:
        return None
    try:
        at = datetime.fromisoformat(texts[0])
    except ValueError:
        raise ValueError("Write a day and a time, such as 2026-11-28T18:30.") from None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).isoformat()


def _parse_due(_field: Field, texts: Sequence[str], zone: tzinfo) -> Any:
    day, clock = (*texts, "")[:2]
    if clock and not day:
        raise ValueError("Choose the day too, or remove the time.")
    try:
        at = datetime.fromisoformat(f"{day}T{clock}") if clock else None
        return format_utc(to_utc(at.replace(tzinfo=None), zone)) if at else day and date.fromisoformat(day).isoformat()
    except (ValueError, OverflowError):
        raise ValueError("Write a day such as 2026-11-28, and a time such as 18:30, or no time.") from None


def _parse_checkboxes(field: Field, texts: Sequence[str], _zone: tzinfo) -> Any:
    if not texts:
        return None
    return [] if field.none and list(texts) == [NONE] else list(texts)


def _parse_names(_field: Field, texts: Sequence[str], _zone: tzinfo) -> Any:
    return [text for part in texts[0].split(",") if (text := part.strip())]


def _parse_lines(_field: Field, texts: Sequence[str], _zone: tzinfo) -> Any:
    return [line for text in texts[0].split("\n") if (line := text.strip())]


def _parse_hours(_field: Field, texts: Sequence[str], _zone: tzinfo) -> Any:
    spans = list[dict[str, str]]()
    for part in re.split(r",|;| and ", texts[0]) if texts[0].lower() not in ("", "closed") else []:
        if not (match := HOURS.fullmatch(part.strip())):
            raise ValueError("Write hours such as 9:00-12:00, 14:00-18:00, or nothing for a closed day.")
        opens, closes = (f"{int(match[hour]):02}:{match[hour + 1] or '00'}" for hour in (1, 3))
        spans.append({"opens": opens, "closes": "23:59" if closes == "24:00" else closes})
    return spans


def _parse_money(_field: Field, texts: Sequence[str], _zone: tzinfo) -> Any:
    if not texts[0]:
        return None
    match = MONEY.fullmatch(texts[0].upper())
    if not match or (match[1] and match[4]):
        raise ValueError("Write a price such as 4.50, or 4.50 EUR.")
    sign = match[1] or match[4] or "GBP"
    currency = SIGNS.get(sign, sign)
    digits, fraction = words.minor_digits(currency), match[3] or ""
    if len(fraction) > digits:
        raise ValueError(f"An amount of {currency} has at most {digits} digits after the point.")
    return {"amount": int(match[2] + fraction.ljust(digits, "0")), "currency": currency}


def with_currency(texts: Sequence[str], current: Any) -> list[str]:
    """Return the text of a price with the currency of the current value, if the text has none."""
    match = MONEY.fullmatch(texts[0].upper())
    has_none = match is not None and not (match[1] or match[4])
    return [f"{texts[0]} {current['currency']}"] if has_none and current else list(texts)


FORMATTERS: Mapping[str, Callable[[Field, Any, tzinfo], list[str]]] = {
    "checkboxes": lambda field, value, _zone: list(value) or ([NONE] if field.none else []),
    "checkbox": lambda _field, value, _zone: ["true"] if value else [],
    "names": lambda _field, value, _zone: [", ".join(value)],
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
    "names": _parse_names,
    "lines": _parse_lines,
    "hours": _parse_hours,
    "money": _parse_money,
    "grams": lambda _field, texts, _zone: units.parse_grams(texts[0]) if texts[0] else None,
}
"""For each kind, a function from the texts of a field to its JSON value; None means the default.

Raises:
    ValueError: the text has no value; its message is for people.
"""
