"""The fields of forms: what a browser sends, as the JSON members that the API has, and the other way round.

A form changes only the members that its fields show. A field whose text did not change leaves its member as it is, so
that saving a form loses nothing that a text cannot say, such as the seconds of a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import Any

import msgspec
from msgspec.structs import replace

from api.domain.errors import FieldError
from api.web import words
from api.web.forms import rows
from api.web.forms.field import Field as Field
from api.web.forms.field import Kind as Kind
from api.web.forms.field import Options as Options
from api.web.forms.field import Section as Section
from api.web.forms.field import Suggestions as Suggestions
from api.web.forms.field import Texts as Texts
from api.web.forms.values import NONE as NONE
from api.web.forms.values import format_value, parse_value, with_currency

CATS = ("cat", "cats")
"""The kinds of fields that name cats."""


def all_fields(sections: Iterable[Section], *, is_new: bool) -> list[Field]:
    """Return the fields of a form for a new entity, or for an existing one."""
    fields = (field for section in sections for field in section.fields)
    return [field for field in fields if not (field.only_existing if is_new else field.only_new)]


def with_cats(sections: tuple[Section, ...], find_names: Callable[[], Iterable[str]]) -> tuple[Section, ...]:
    """Return the sections of a form with the names of cats as suggestions; the same ones if no field names a cat."""
    if not any(field.kind in CATS for section in sections for field in section.fields):
        return sections
    suggestions = Suggestions("cat-names", tuple(map(words.name, find_names())))

    def suggest(field: Field) -> Field:
        return replace(field, suggestions=suggestions) if field.kind in CATS else field

    return tuple(replace(section, fields=tuple(map(suggest, section.fields))) for section in sections)


def to_texts(fields: Iterable[Field], body: Mapping[str, Any], zone: tzinfo) -> dict[str, list[str]]:
    """Return the texts of the fields for a body, as ``msgspec.to_builtins`` returns it."""
    return {
        field.name: [_normalise(field, text) for text in _format(field, _get(body, field.path), zone)]
        for field in fields
    }


def apply(
    fields: Iterable[Field], texts: Texts, body: Mapping[str, Any], zone: tzinfo
) -> tuple[dict[str, Any], list[FieldError]]:
    """Return a body with what a form says, and the errors of texts that have no value.

    Args:
        fields: the fields of the form.
        texts: what the browser sent.
        body: the body before, as ``msgspec.to_builtins`` returns it; empty for a new entity. It is not changed.
        zone: the time zone of times without an offset.
    """
    changed: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(body))
    before, errors = to_texts(fields := list(fields), body, zone), []
    for field in fields:
        sent = sent_texts(field, texts)
        if sent is not None and field.kind == "money":
            sent = with_currency(sent, _get(body, field.path))
        is_set = bool(body) or field.kind != "checkbox"  # the default of a new box may be checked
        if sent is None or (sent == before[field.name] and is_set):
            continue
        value, wrong = _parse_rows(field, sent, zone) if field.kind == "rows" else parse_value(field, sent, zone)
        errors += wrong
        if not wrong or field.kind == "rows":  # the other cells are validated too
            _set(changed, field.path, value)
    return changed, errors


def sent_texts(field: Field, texts: Texts) -> list[str] | None:
    """Return the texts of a field, without what a browser changes in them; None if the form did not have the field.

    The texts of rows are those of all cells, row by row, without the empty rows.
    """
    if field.kind == "rows":
        return rows.join_cells(field, texts, _normalise)
    if not texts.get(field.name):  # a box that is not checked, or a field that the form did not have
        return [] if field.name in texts and field.kind in ("checkbox", "checkboxes") else None
    times = texts.get(f"{field.name}.time", ()) if field.kind == "due" else ()  # a field of its own: due.time
    return [_normalise(field, text) for text in (*texts[field.name], *times)]


def canonical_texts(field: Field, texts: Texts, zone: tzinfo) -> list[str] | None:
    """Return the texts of a field as the form shows them after it was saved; the same texts if they have no value."""
    sent = sent_texts(field, texts)
    if not sent or field.kind == "password":
        return sent
    value, wrong = _parse_rows(field, sent, zone) if field.kind == "rows" else parse_value(field, sent, zone)
    shown = sent if wrong else [_normalise(field, text) for text in _format(field, value, zone)]
    return [text.casefold() for text in shown] if field.kind in CATS else shown


def _normalise(field: Field, text: str) -> str:
    """Return a text as a browser sends it back. It has no line breaks in a field of one line (HTML, section 4.10.5)."""
    if field.kind == "password":  # its spaces count
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    gap = ", " if field.kind == "cats" else ""
    return (text if field.kind in ("textarea", "lines") else text.replace("\n", gap)).strip()


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
    """Return the texts of a JSON value; for rows, those of all cells."""
    if field.kind != "rows":
        return format_value(field, value, zone)
    cells = [(column, _get(row, column.path)) for row in value or () for column in field.columns]
    return [format_value(column, member, zone)[0] for column, member in cells]


def _parse_rows(field: Field, texts: Sequence[str], zone: tzinfo) -> tuple[Any, list[FieldError]]:
    """Return the array of the texts of all cells, and the errors of cells whose text has no value."""
    array, errors = list[dict[str, Any]](), list[FieldError]()
    for number, cells in enumerate(rows.split_cells(field, texts)):
        values = dict[str, Any]()
        for cell, column, text in zip(rows.row_fields(field, number), field.columns, cells, strict=True):
            value, wrong = parse_value(cell, [text], zone)
            errors += wrong
            _set(values, column.path, value)
        array.append(values)
    return array, errors
