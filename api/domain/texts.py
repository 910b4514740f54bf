"""The short texts of a body, which must have a visible character and no invisible one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args, get_type_hints

from msgspec import Struct

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
            if name in short and isinstance(field, str) and (detail := names.text_error(field, json_name)):
                yield FieldError(detail, pointer=f"{pointer}/{json_name}")
            if isinstance(field, Struct | tuple):
                yield from text_errors(field, f"{pointer}/{json_name}")
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from text_errors(item, f"{pointer}/{index}")


@cache
def _short_texts(struct: type[Struct]) -> frozenset[str]:
    hints = get_type_hints(struct, include_extras=True)
    return frozenset(name for name, hint in hints.items() if ShortText in (hint, *get_args(hint)))
