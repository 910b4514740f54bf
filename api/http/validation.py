"""From plain data to a struct, or every fault at once (msgspec itself stops at the first)."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from api.domain.errors import FieldError, ValidationFailed, required_message

T = TypeVar("T", bound=msgspec.Struct)

INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
BOOLEANS = {"true": True, "false": False}
JSON_TYPE_NAMES = {
    "str": "a string", "float": "a number", "array": "an array", "object": "an object", "int": "an integer",
    "bool": "true or false", "null": "null",
}  # fmt: skip
"""What msgspec calls a type, in words of JSON."""
MAX_ERRORS = 500
"""No honest body has more; a list of a hundred thousand would be larger than what a function may answer with."""


def convert(data: dict[str, Any], struct: type[T], *, text: bool = False) -> T:
    """Return data as a struct.

    Args:
        data: what was sent.
        struct: what it has to be.
        text: whether all values are text, as in a form.

    Raises:
        ValidationFailed: with every fault, each with its RFC 6901 pointer.
    """
    sound, found = convert_partial(data, struct, text=text)
    if found:
        raise ValidationFailed(*found)
    return sound


def convert_partial(data: dict[str, Any], struct: type[T], *, text: bool = False) -> tuple[T, list[FieldError]]:
    """Return what is sound of data as a struct, and the faults of the rest, so that more rules can be asked at once.

    Where there are faults, a member that has one has its default in the struct, and UNSET if it is required.
    """
    data = _coerce_form(data, struct) if text else data
    try:
        return msgspec.convert(data, struct), []
    except msgspec.ValidationError as error:
        found = list(islice(_struct_errors(data, struct, ""), MAX_ERRORS))
        return _valid_fields(data, struct), found or [FieldError(_sentence(error), pointer="")]


def _coerce_form(data: dict[str, str], struct: type[T]) -> dict[str, Any]:
    """Return what a form says as JSON: numbers and yes-or-no are written as they are there, and in no other way."""
    hints = get_type_hints(struct, include_extras=True)
    may_be = {field.encode_name: set(_options(hints[field.name])) for field in msgspec.structs.fields(struct)}
    return {name: _read(value, may_be.get(name, set())) for name, value in data.items()}


def _read(text: str, options: set[Any]) -> Any:
    if int in options:
        return _integer(text)
    return BOOLEANS.get(text, text) if bool in options else text


def _integer(text: str) -> int | str:
    return int(text) if INTEGER.fullmatch(text) else text


def _valid_fields(data: dict[str, Any], struct: type[T]) -> T:
    hints = get_type_hints(struct, include_extras=True)
    members: dict[str, Any] = {}
    for field in msgspec.structs.fields(struct):
        try:
            members[field.name] = msgspec.convert(data[field.encode_name], hints[field.name])
        except (KeyError, msgspec.ValidationError):
            if field.required:
                members[field.name] = msgspec.UNSET
    return struct(**members)


def _struct_errors(data: dict[str, Any], struct: type[Any], pointer: str) -> Iterator[FieldError]:
    hints = get_type_hints(struct, include_extras=True)
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    for name, value in data.items():
        here = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in fields:
            yield FieldError("There is no such member.", pointer=here)
        else:
            yield from _value_errors(value, hints[fields[name].name], here)
    for name, field in fields.items():
        if field.required and name not in data:
            yield FieldError(required_message(name), pointer=f"{pointer}/{name}")


def _value_errors(value: Any, hint: Any, pointer: str) -> Iterator[FieldError]:
    options = list(_options(hint))
    struct = next((one for one in options if isinstance(one, type) and issubclass(one, msgspec.Struct)), None)
    if isinstance(value, dict) and struct:
        yield from _struct_errors(value, struct, pointer)
        return
    item = next((get_args(one)[0] for one in options if get_origin(one) is tuple), None)
    if isinstance(value, list) and item:
        found = [fault for i, one in enumerate(value) for fault in _value_errors(one, item, f"{pointer}/{i}")]
        if found:
            yield from found
            return
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        yield FieldError(_detail(pointer, hint, error), pointer=pointer)


def _options(hint: Any) -> Iterator[Any]:
    """Yield the types that a value may be of, without what is annotated to them."""
    if get_origin(hint) is Annotated:
        yield from _options(get_args(hint)[0])
    elif get_origin(hint) in (Union, types.UnionType):
        for one in get_args(hint):
            yield from _options(one)
    else:
        yield hint


def _detail(pointer: str, hint: Any, error: Exception) -> str:
    """Say what is wrong with a value, with the help of its declaration: a pattern is no help to people."""
    told = _help(hint)
    if "matching regex" in str(error):
        return f"Expected: {told}" if told else "This text has not the form that it has to have."
    name = pointer.rpartition("/")[2]
    return f"{name}: {told.rstrip('.')}. {_sentence(error)}" if told else _sentence(error)


def _help(hint: Any) -> str | None:
    """Return the description of a type, be it annotated itself or inside of a union."""
    metas = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    own = [meta.description for meta in metas if isinstance(meta, msgspec.Meta) and meta.description]
    inner = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else get_args(hint)[:1] if metas else ()
    return own[0] if own else next((text for one in inner if (text := _help(one))), None)


def _sentence(error: Exception) -> str:
    """Say msgspec's message in words of JSON."""
    message = str(error).split(" - at `")[0]
    return re.sub(r"`([^`]*)`", lambda quoted: _type_names(quoted[1].split(" | ")), message) + "."


def _type_names(types_of_python: list[str]) -> str:
    words = [JSON_TYPE_NAMES.get(name, f"'{name}'") for name in types_of_python]
    return " or ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
