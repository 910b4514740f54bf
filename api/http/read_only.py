"""Read-only members in bodies: a client may send back what it got.

The read-only members of an entity are those of the response that the body does not have. They are looked at only if a
body has errors. A member with its current value is ignored; another value is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from api.domain.errors import FieldError
from api.http.schemas import iter_structs
from api.http.validation import coerce, fields_of, get_type_hints, options_of


def without_read_only(
    data: dict[str, Any],
    struct: type[msgspec.Struct],
    view: Any,
    current: Iterator[msgspec.Struct] | None,
    *,
    text: bool,
) -> tuple[dict[str, Any], list[FieldError]]:
    """Return a body without its read-only members, and an error for each of them that has another value.

    The arguments are those of ``validation.convert_body``. A body without read-only members is returned unchanged.
    """
    sent = {name: data[name] for name in _read_only_members(view, struct) if name in data}
    unequal = list(sent)
    for entity in (current or ()) if sent else ():
        unequal = [name for name in unequal if not _equals(sent[name], entity, name, text=text)]
        if not unequal:
            break
    rest = {name: value for name, value in data.items() if name not in sent} if sent else data
    return rest, [_error(name, is_new=current is None) for name in unequal]


def _read_only_members(view: Any, body: type[msgspec.Struct]) -> dict[str, None]:
    names = (name for struct in iter_structs(view) for name in struct.__struct_encode_fields__)
    return dict.fromkeys(name for name in names if name not in body.__struct_encode_fields__)


def _equals(value: Any, view: msgspec.Struct, name: str, *, text: bool) -> bool:
    """Return whether a value is the JSON form of a member of a view, in any notation of a time."""
    if (field := fields_of(type(view)).get(name)) is None:
        return False
    hint = get_type_hints(type(view))[field.name]
    try:
        converted = msgspec.convert(coerce(value, set(options_of(hint))) if text else value, hint)
    except msgspec.ValidationError:
        return False
    return bool(converted == getattr(view, field.name))


def _error(name: str, *, is_new: bool) -> FieldError:
    expected = "The server sets it." if is_new else "Leave it out, or send the value that a GET returns to you."
    return FieldError("read_only", f"{name} is read-only. {expected}", pointer=f"/{name}")
