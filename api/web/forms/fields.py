"""The fields of forms: what a browser sends, as the JSON members that the API has, and the other way round.

A form changes only the members that its fields show. A field whose text did not change leaves its member as it is, so
that saving a form loses nothing that a text cannot say, such as the seconds of a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any, Literal

import msgspec
from msgspec import Struct

from api.domain.due_dates import deadline, format_utc, is_date_only, to_local, to_utc
from api.domain.errors import FieldError
from api.web import words

Texts = Mapping[str, Sequence[str]]
"""The texts of a form by the names of its fields. A list of check boxes has several."""
Options = tuple[tuple[str, str], ...]
"""The choices of a field: the value and the text of each."""
Kind = Literal[
    "text", "textarea", "email", "password", "url", "number", "date", "datetime", "checkbox", "checkboxes", "select",
    "money", "names", "lines", "hours", "radio", "due",
]  # fmt: skip
"""How a field looks, and which JSON value it has: ``names`` is an array of texts, separated by commas, ``lines`` one of
lines, and ``hours`` one of time spans (``9:00-12:00, 14:00-18:00``). ``due`` is a day and a time, or no
time."""

NONE = "none"
"""The value of the check box for an empty array, where null means that nobody has said anything."""
NUMBER = re.compile(r"(-?\d{1,12})(?:[.,](\d{1,9}))?")
HOURS = re.compile(r"(\d{1,2})(?:[:.](\d\d))? *(?:-|–|to) *(\d{1,2})(?:[:.](\d\d))?")
MONEY = re.compile(r"([A-Z]{3}|[£€$])? ?(\d{1,9})(?:[.,](\d{1,3}))? ?([A-Z]{3}|[£€$])?")
EMAIL = "Write an e-mail address, such as ada@example.org."
SIGNS = {sign: currency for currency, sign in words.CURRENCY_SIGNS.items()}


class Field(Struct, frozen=True, kw_only=True):
    """A field of a form."""

    name: str
    """The member of the body. A dot stands before a member of a member: ``goodWith.children``."""
    label: str
    kind: Kind = "text"
    help: str = ""
    """What to write, if the label does not say it."""
    options: Options = ()
    none: str = ""
    """The text of the check box for an empty array; empty if there is no such box."""
    required: bool = False
    only_new: bool = False
    """Whether the field is set once: it is in the form for a new entity only."""
    only_existing: bool = False
    """Whether a new entity cannot have the field."""
    previews: Mapping[str, Any] = {}
    """What the template draws beside the option of a radio button."""
    attributes: Mapping[str, str | int] = {}
    """More attributes of the HTML element, such as ``maxlength``."""

    @property
    def path(self) -> list[str]:
        """The names of the members, from the outermost."""
        return self.name.split(".")

    @property
    def pointer(self) -> str:
        """The JSON Pointer of the member."""
        return f"/{self.name.replace('.', '/')}"


class Section(Struct, frozen=True):
    """Fields with a common title. An empty title is not shown."""

    title: str
    fields: tuple[Field, ...]


def all_fields(sections: Iterable[Section], *, is_new: bool) -> list[Field]:
    """Return the fields of a form for a new entity, or for an existing one."""
    fields = (field for section in sections for field in section.fields)
    return [field for field in fields if not (field.only_existing if is_new else field.only_new)]


def to_texts(fields: Iterable[Field], body: Mapping[str, Any], zone: tzinfo) -> dict[str, list[str]]:
    """Return the texts of the fields for a body, as ``msgspec.to_builtins`` returns it."""
    return {field.name: _format(field, _get(body, field.path), zone) for field in fields}


def apply(
    fields: Iterable[Field], texts: Texts, body: Mapping[str, Any], zone: tzinfo
) -> tuple[dict[str, Any], list[FieldError]]:
    """Return a body with what a form says, and the errors of texts that have no value.

    Args:
        fields: the fields of the form.
        texts: what the browser sent.
        body: the body before, as ``msgspec.to_builtins`` returns it. It is not changed.
        zone: the time zone of times without an offset.
    """
    changed: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(body))
    before, errors = to_texts(fields := list(fields), body, zone), []
    for field in fields:
        sent = _sent(field, texts)
        if sent is None or sent == before[field.name]:
            continue
        try:
            _set(changed, field.path, PARSERS.get(field.kind, _parse_text)(field, sent, zone))
        except ValueError as error:
            errors.append(FieldError("invalid_format", str(error), pointer=field.pointer))
    return changed, errors


def errors_by_field(fields: Iterable[Field], errors: Iterable[FieldError]) -> tuple[dict[str, list[str]], list[str]]:
    """Return the errors of each field, and the errors that belong to none."""
    by_pointer = {field.pointer: field for field in fields}
    found, others = dict[str, list[str]](), list[str]()
    for error in errors:
        pointer = error.pointer or ""
        while pointer and pointer not in by_pointer:
            pointer = pointer.rpartition("/")[0]
        if field := by_pointer.get(pointer):
            is_email = field.kind == "email" and error.code == "invalid_format"
            found.setdefault(field.name, []).append(EMAIL if is_email else _with_label(field, error.detail))
        else:
            others.append(error.detail)
    return found, others


def _with_label(field: Field, detail: str) -> str:
    """Return a detail that names a field as the form does, and not as JSON does."""
    return re.sub(rf"(\A|\. ){re.escape(field.path[-1])}:?(?= )", rf"\1{field.label}", detail)


def texts_of(field: Field, texts: Texts) -> list[str]:
    """Return the texts of a field. The time of a due date has a name of its own: ``due.time``."""
    return [*texts.get(field.name, ()), *(texts.get(f"{field.name}.time", ()) if field.kind == "due" else ())]


def _sent(field: Field, texts: Texts) -> list[str] | None:
    """Return the texts of a field; None if the form did not have the field."""
    if field.name not in texts:  # a browser sends nothing for a box that is not checked
        return [] if field.kind in ("checkbox", "checkboxes") else None
    if field.kind == "password":  # its spaces count
        return list(texts[field.name])
    return [text.replace("\r\n", "\n").strip() for text in texts_of(field, texts)]


def _get(body: Mapping[str, Any], path: Sequence[str]) -> Any:
    value: Any = body
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _set(body: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Set a member. None removes it, so that it gets its default."""
    *outer, name = path
    for part in outer:
        if not isinstance(body.get(part), dict):
            body[part] = {}
        body = body[part]
    if value is None:
        body.pop(name, None)
    else:
        body[name] = value


def _format(field: Field, value: Any, zone: tzinfo) -> list[str]:
    if value is None:
        return {"checkbox": [], "checkboxes": [], "due": ["", ""]}.get(field.kind, [""])
    if field.kind == "checkboxes":
        return list(value) or ([NONE] if field.none else [])
    if field.kind == "checkbox":
        return ["true"] if value else []
    if field.kind == "due":
        return _format_due(value, zone)
    return [FORMATTERS[field.kind](value, zone) if field.kind in FORMATTERS else str(value)]


FORMATTERS: Mapping[str, Callable[[Any, tzinfo], str]] = {
    "names": lambda names, _zone: ", ".join(names),
    "lines": lambda lines, _zone: "\n".join(lines),
    "hours": lambda spans, _zone: ", ".join(f"{span['opens']}-{span['closes']}" for span in spans),
    "datetime": lambda at, zone: datetime.fromisoformat(at).astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
    "money": lambda money, _zone: f"{words.decimal_text(money['amount'], money['currency'])} {money['currency']}",
}
"""For each kind with one text, a function from its JSON value to the text of its field."""


def _format_due(due: str, zone: tzinfo) -> list[str]:
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
}
"""For each kind, a function from the texts of a field to its JSON value; None means the default.

Raises:
    ValueError: the text has no value; its message is for people.
"""
