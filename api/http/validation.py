"""From plain data to a struct, or every fault at once (msgspec itself stops at the first)."""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from api.domain.errors import Fault, Invalid

T = TypeVar("T", bound=msgspec.Struct)

INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
TRUTH = {"true": True, "false": False}
MOST_FAULTS = 500
"""No honest body has more; a list of a hundred thousand would be larger than what a function may answer with."""


def validated(data: dict[str, Any], struct: type[T], *, text: bool = False) -> T:
    """Return data as a struct.

    Args:
        data: what was sent.
        struct: what it has to be.
        text: whether all values are text, as in a form.

    Raises:
        Invalid: with every fault, each with its RFC 6901 pointer.
    """
    sound, found = sifted(data, struct, text=text)
    if found:
        raise Invalid(*found)
    return sound


def sifted(data: dict[str, Any], struct: type[T], *, text: bool = False) -> tuple[T, list[Fault]]:
    """Return what is sound of data as a struct, and the faults of the rest, so that more rules can be asked at once.

    Where there are faults, a member that has one has its default in the struct, and UNSET if it is required.
    """
    data = _spoken(data, struct) if text else data
    try:
        return msgspec.convert(data, struct), []
    except msgspec.ValidationError as error:
        found = list(islice(_struct_faults(data, struct, ""), MOST_FAULTS))
        return _sound(data, struct), found or [Fault(_sentence(error), pointer="")]


def _spoken(data: dict[str, str], struct: type[T]) -> dict[str, Any]:
    """Return what a form says as JSON: numbers and yes-or-no are written as they are there, and in no other way."""
    hints = get_type_hints(struct, include_extras=True)
    types_of = {field.encode_name: _unwrapped(hints[field.name]) for field in msgspec.structs.fields(struct)}
    readers: dict[Any, Callable[[str], Any]] = {int: _integer, bool: lambda text: TRUTH.get(text, text)}
    return {name: readers.get(types_of.get(name), str)(value) for name, value in data.items()}


def _integer(text: str) -> int | str:
    return int(text) if INTEGER.fullmatch(text) else text


def _sound(data: dict[str, Any], struct: type[T]) -> T:
    hints = get_type_hints(struct, include_extras=True)
    members: dict[str, Any] = {}
    for field in msgspec.structs.fields(struct):
        try:
            members[field.name] = msgspec.convert(data[field.encode_name], hints[field.name])
        except (KeyError, msgspec.ValidationError):
            if field.required:
                members[field.name] = msgspec.UNSET
    return struct(**members)


def _struct_faults(data: dict[str, Any], struct: type[Any], pointer: str) -> Iterator[Fault]:
    hints = get_type_hints(struct, include_extras=True)
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    for name, value in data.items():
        here = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in fields:
            yield Fault("There is no such member.", pointer=here)
        else:
            yield from _value_faults(value, hints[fields[name].name], here)
    for name, field in fields.items():
        if field.required and name not in data:
            yield Fault("This member is required.", pointer=f"{pointer}/{name}")


def _value_faults(value: Any, hint: Any, pointer: str) -> Iterator[Fault]:
    inner = _unwrapped(hint)
    if isinstance(value, dict) and isinstance(inner, type) and issubclass(inner, msgspec.Struct):
        yield from _struct_faults(value, inner, pointer)
        return
    if isinstance(value, list) and get_origin(inner) is tuple:
        found = [
            fault for i, one in enumerate(value) for fault in _value_faults(one, get_args(inner)[0], f"{pointer}/{i}")
        ]
        if found:
            yield from found
            return
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        yield Fault(_expected(hint) if "matching regex" in str(error) else _sentence(error), pointer=pointer)


def _unwrapped(hint: Any) -> Any:
    """Return the type behind ``Annotated`` and ``| None``."""
    if get_origin(hint) is Annotated:
        return _unwrapped(get_args(hint)[0])
    if get_origin(hint) in (Union, types.UnionType):
        others = [arg for arg in get_args(hint) if arg not in (type(None), msgspec.UnsetType)]
        return _unwrapped(others[0]) if len(others) == 1 else hint
    return hint


def _expected(hint: Any) -> str:
    """Say what a text has to be in the words of its declaration: a pattern is no help to people."""
    told = [meta.description for meta in get_args(hint)[1:] if isinstance(meta, msgspec.Meta) and meta.description]
    return f"Expected: {told[0]}" if told else "This text has not the form that it has to have."


def _sentence(error: Exception) -> str:
    """Say msgspec's message in words of JSON."""
    message = str(error).split(" - at `")[0].replace("`", "'")
    for python, plain in (
        (" | null'", "' or null"),
        ("'str'", "a string"),
        ("'float'", "a number"),
        ("'array'", "an array"),
        ("'object'", "an object"),
        ("'int'", "an integer"),
        ("'bool'", "true or false"),
        ("'null'", "null"),
    ):
        message = message.replace(python, plain)
    return f"{message}."
