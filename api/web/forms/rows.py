"""Fields with rows: arrays of objects. Each cell has a name of its own: ``vaccinations.0.type``.

Forms have empty rows for new objects. An object whose row is emptied is removed. A cell is a field of one line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from api.web.forms.field import Field, Texts

EMPTY_ROWS = 2
"""The number of empty rows for new objects."""
_CELL = re.compile(r"(.+)\.(\d{1,3})\.([^.]+)")
_POINTER = re.compile(r"(.+)/(\d{1,3})/([^/]+)")


def row_fields(field: Field, number: int) -> list[Field]:
    """Return the fields of a row, in the order of the columns."""
    return [replace(column, name=f"{field.name}.{number}.{column.name}") for column in field.columns]


def split_cells(field: Field, texts: Sequence[str]) -> list[list[str]]:
    """Return the rows of the texts of all cells."""
    width = len(field.columns)
    split = [list(texts[start : start + width]) for start in range(0, len(texts), width)]
    return [[*row, *[""] * (width - len(row))] for row in split]


def join_cells(field: Field, texts: Texts, normalise: Callable[[Field, str], str]) -> list[str] | None:
    """Return the texts of all cells without the empty rows; None if there is no cell."""
    if texts.get(field.name):
        return [normalise(field, text) for text in texts[field.name]]
    matches = [match for name in texts if (match := _CELL.fullmatch(name)) and match[1] == field.name]
    joined = list[str]()
    for number in sorted({int(match[2]) for match in matches}):
        row = [normalise(cell, (texts.get(cell.name) or [""])[0]) for cell in row_fields(field, number)]
        joined += row if any(row) else []
    return joined if matches else None


def find_cell(by_pointer: Mapping[str, Field], pointer: str) -> Field | None:
    """Return the field of the cell with a JSON Pointer, or None."""
    match = _POINTER.fullmatch(pointer)
    field = by_pointer.get(match[1]) if match else None
    if match is None or field is None:
        return None
    names = [column.name for column in field.columns]
    return row_fields(field, int(match[2]))[names.index(match[3])] if match[3] in names else None
