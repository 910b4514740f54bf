"""Validation: convert plain data to a struct, or report all errors.

msgspec stops at the first error, and clients get all errors in one response. So if msgspec rejects the data, this
module converts each value on its own and collects the errors with their JSON pointers, up to a limit.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from itertools import islice
from math import inf
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec

from api.domain.errors import FieldError, ValidationFailed, required_message
from api.http import problems
from api.http.request_body import parse_number

T = TypeVar("T", bound=msgspec.Struct)

BOOLEANS = {"true": True, "false": False, "on": True}
"""The booleans of a form. A browser sends ``on`` for a checkbox, and nothing for one that is not checked."""
JSON_TYPE_NAMES = {
    "str": "a string", "float": "a number", "array": "an array", "object": "an object", "int": "an integer",
    "bool": "true or false", "null": "null",
}  # fmt: skip
"""The types in messages of msgspec, in terms of JSON."""
MAX_ERRORS = problems.MAX_ERRORS + 1
"""Where the search for errors ends. One error more than a response has shows that there are more."""


def convert(data: dict[str, Any], struct: type[T], *, text: bool = False) -> T:
    """Return data as a struct.

    Args:
        data: the data.
        struct: the type to convert to.
        text: whether all values are text, as in a form.

    Raises:
        ValidationFailed: with all errors, each with its RFC 6901 pointer.
    """
    value, errors = convert_partial(data, struct, text=text)
    if errors:
        raise ValidationFailed(*errors)
    return value


def convert_partial(data: dict[str, Any], struct: type[T], *, text: bool = False) -> tuple[T, list[FieldError]]:
    """Return the valid fields of data as a struct, and the errors, so that other rules can be checked as well.

    An invalid field has its default in the struct, or UNSET if it is required.
    """
    data = _coerce_form(data, struct) if text else data
    data = _refuse_loose_times(data, struct)
    try:
        return msgspec.convert(data, struct), []
    except msgspec.ValidationError as error:
        errors = list(islice(_struct_errors(data, struct, ""), MAX_ERRORS))
        return _valid_fields(data, struct), errors or [FieldError(_sentence(error), pointer="")]


def _coerce_form(data: dict[str, str], struct: type[T]) -> dict[str, Any]:
    """Return the fields of a form as JSON values. Numbers are written as in JSON, and booleans too, or as ``on``."""
    hints = get_type_hints(struct)
    field_types = {field.encode_name: set(_options(hints[field.name])) for field in msgspec.structs.fields(struct)}
    return {name: _coerce(value, field_types.get(name, set())) for name, value in data.items()}


def _coerce(text: str, options: set[Any]) -> Any:
    if int in options or float in options:
        try:
            return parse_number(text)
        except ValueError:
            return text
    return BOOLEANS.get(text, text) if bool in options else text


def _refuse_loose_times(value: Any, hint: Any) -> Any:
    """Return a value with an invalid text in place of each time that has no T, which msgspec would accept."""
    if not _has_times(hint):
        return value
    struct, item_type, _ = _parts(hint)
    if isinstance(value, str):
        return value if value[10:11] in ("T", "t") else ""
    if isinstance(value, dict) and struct:
        hints = {field.encode_name: get_type_hints(struct)[field.name] for field in msgspec.structs.fields(struct)}
        return {name: _refuse_loose_times(item, hints.get(name)) for name, item in value.items()}
    if isinstance(value, list) and item_type:
        return [_refuse_loose_times(item, item_type) for item in value]
    return value


@cache
def _has_times(hint: Any) -> bool:
    """Return whether a type is a time, or has one in it."""
    struct, item_type, _ = _parts(hint)
    inner = get_type_hints(struct).values() if struct else [item_type] if item_type else []
    return datetime in _options(hint) or any(map(_has_times, inner))


def _valid_fields(data: dict[str, Any], struct: type[T]) -> T:
    hints = get_type_hints(struct)
    members: dict[str, Any] = {}
    for field in msgspec.structs.fields(struct):
        try:
            members[field.name] = msgspec.convert(data[field.encode_name], hints[field.name])
        except (KeyError, msgspec.ValidationError):
            if field.required:
                members[field.name] = msgspec.UNSET
    return struct(**members)


@cache
def get_type_hints(struct: Any) -> dict[str, Any]:
    """Return the types of the fields of a struct, by their names in Python."""
    return typing.get_type_hints(struct, include_extras=True)


def _struct_errors(data: dict[str, Any], struct: Any, pointer: str) -> Iterator[FieldError]:
    hints, fields = get_type_hints(struct), _fields(struct)
    for name, value in data.items():
        member = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in fields:
            yield FieldError("Unknown member.", pointer=member)
        else:
            yield from _value_errors(value, hints[fields[name].name], member)
    for name, field in fields.items():
        if field.required and name not in data:
            yield FieldError(required_message(name), pointer=f"{pointer}/{name}")


@cache
def _fields(struct: Any) -> Mapping[str, msgspec.structs.FieldInfo]:
    """Return the fields of a struct by their JSON names."""
    return {field.encode_name: field for field in msgspec.structs.fields(struct)}


def _value_errors(value: Any, hint: Any, pointer: str) -> Iterator[FieldError]:
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        struct, item_type, max_length = _parts(hint)
        if isinstance(value, dict) and struct:
            yield from _struct_errors(value, struct, pointer)
        elif isinstance(value, list) and len(value) > max_length:
            # The elements of an array that is too long are not looked at.
            yield FieldError(f"Expected an array of length <= {max_length}.", pointer=pointer)
        elif isinstance(value, list) and item_type:
            for index, item in enumerate(value):
                yield from _value_errors(item, item_type, f"{pointer}/{index}")
        else:
            yield FieldError(_detail(pointer, hint, error), pointer=pointer)


@cache
def _parts(hint: Any) -> tuple[type[msgspec.Struct] | None, Any, float]:
    """Return the struct of a type, the type of the elements of its array, and the maximum length of the array."""
    options = list(_options(hint))
    structs = (option for option in options if isinstance(option, type) and issubclass(option, msgspec.Struct))
    items = (get_args(option)[0] for option in options if get_origin(option) is tuple)
    return next(structs, None), next(items, None), min(_max_lengths(hint), default=inf)


def _max_lengths(hint: Any) -> Iterator[int]:
    """Yield the maximum lengths of the arrays of a type."""
    if get_origin(hint) in (Union, types.UnionType):
        for option in get_args(hint):
            yield from _max_lengths(option)
    elif get_origin(hint) is Annotated and get_origin(get_args(hint)[0]) is tuple:
        yield from (meta.max_length for meta in get_args(hint)[1:] if meta.max_length is not None)


def _options(hint: Any) -> Iterator[Any]:
    """Yield the members of a union, or the type itself, without their annotations."""
    if get_origin(hint) is Annotated:
        yield from _options(get_args(hint)[0])
    elif get_origin(hint) in (Union, types.UnionType):
        for option in get_args(hint):
            yield from _options(option)
    else:
        yield hint


def _detail(pointer: str, hint: Any, error: Exception) -> str:
    """Return the message for an invalid value. The description of its type replaces a regular expression."""
    description = _description(hint)
    if "matching regex" in str(error):
        return f"Expected: {description}" if description else "The text has the wrong format."
    name = pointer.rpartition("/")[2]
    return f"{name}: {description.rstrip('.')}. {_sentence(error)}" if description else _sentence(error)


def _description(hint: Any) -> str | None:
    """Return the description of a type, or of the first member of a union that has one."""
    metas = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    own = [meta.description for meta in metas if isinstance(meta, msgspec.Meta) and meta.description]
    inner = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else get_args(hint)[:1] if metas else ()
    return own[0] if own else next((text for option in inner if (text := _description(option))), None)


def _sentence(error: Exception) -> str:
    """Return a message of msgspec in terms of JSON."""
    message = str(error).split(" - at `")[0]
    if message == "Invalid RFC3339 encoded datetime":
        message = "Expected an RFC 3339 time with its UTC offset. Leap seconds are refused"
    return re.sub(r"`([^`]*)`", lambda quoted: _type_names(quoted[1].split(" | ")), message) + "."


def _type_names(python_types: list[str]) -> str:
    names = [JSON_TYPE_NAMES.get(name, f"'{name}'") for name in python_types]
    return " or ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
