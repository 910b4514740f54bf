"""Read-only members in bodies: a client may send back what it got.

The read-only members of an entity are those of the response that the body does not have. They are looked at only if a
body has errors. A member with its current value is ignored; another value is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from api.domain.errors import FieldError
from api.http.schemas import iter_structs
from api.http.validation import coerce, convert_partial, fields_of, get_type_hints, options_of

T = TypeVar("T", bound=msgspec.Struct)


def convert_body(
    data: dict[str, Any],
    struct: type[T],
    view: Any,
    *,
    current: Iterator[msgspec.Struct] | None = None,
    text: bool = False,
) -> tuple[T, list[FieldError]]:
    """Return the valid fields of a body as a struct, and the errors, as ``convert_partial`` does.

    Args:
        data: the body.
        struct: the type to convert to.
        view: the type of the response.
        current: yields the views of the entity; None if it is created.
        text: whether all values are text, as in a form.
    """
    body, errors = convert_partial(data, struct, text=text)
    sent = {name: data[name] for name in _read_only_members(view, struct) if name in data} if errors else {}
    if not sent:
        return body, errors
    unequal = list(sent)
    for entity in current or ():
        unequal = [name for name in unequal if not _equals(sent[name], entity, name, text=text)]
        if not unequal:
            break
    body, errors = convert_partial({name: data[name] for name in data if name not in sent}, struct, text=text)
    return body, [*(_error(name, is_new=current is None) for name in unequal), *errors]


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
