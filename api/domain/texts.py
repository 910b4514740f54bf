"""The short texts of a body, which must have a visible character and no invisible one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args, get_type_hints

from msgspec import Struct, structs

from api.domain import names
from api.domain.cat_fields import ShortText
from api.domain.errors import FieldError


def text_errors(value: Any, pointer: str = "") -> Iterator[FieldError]:
    """Yield an error for each ``ShortText`` of a body that is blank or has invisible characters, at any depth.

    Args:
        value: a struct, or a field of one.
        pointer: its JSON Pointer (RFC 6901).
    """
    if isinstance(value, Struct):
        short = _short_texts(type(value))
        for name, json_name in zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True):
            field = getattr(value, name)
            if name in short and isinstance(field, str):
                error = names.text_error(field, json_name, is_required=short[name])
                if error:
                    yield error.at(f"{pointer}/{json_name}")
            if isinstance(field, Struct | tuple):
                yield from text_errors(field, f"{pointer}/{json_name}")
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from text_errors(item, f"{pointer}/{index}")


@cache
def _short_texts(struct: type[Struct]) -> dict[str, bool]:
    """Return the names of the fields that are short texts, and whether each is required."""
    hints = get_type_hints(struct, include_extras=True)
    return {
        field.name: field.required
        for field in structs.fields(struct)
        if ShortText in (hints[field.name], *get_args(hints[field.name]))
    }
