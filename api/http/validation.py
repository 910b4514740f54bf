"""Validation: convert plain data to a struct, or report all errors.

msgspec stops at the first error, and clients get all errors in one response. So if msgspec rejects the data, this
module converts each value on its own and collects the errors with their JSON pointers, up to a limit.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from itertools import islice
from math import inf
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from api.domain.errors import ErrorCode, FieldError, ValidationFailed, blank, required
from api.http import problems

T = TypeVar("T", bound=msgspec.Struct)

INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
BOOLEANS = {"true": True, "false": False}
CODES: tuple[tuple[str, ErrorCode], ...] = (
    (r"Expected `array` of length <=", "too_many"),
    (r"Expected `str` of length <=", "too_long"),
    (r"Expected `str` of length >=", "too_short"),
    (r"Expected `str` matching regex", "invalid_format"),
    (r"Expected `(int|float)` <=", "too_large"),
    (r"Expected `(int|float)` >=", "too_small"),
    (r"Expected `datetime` with a timezone", "invalid_format"),
    (r"Expected .*, got", "wrong_type"),
    (r"Invalid RFC3339 encoded", "invalid_format"),
    (r"Invalid enum value", "invalid_value"),
)
"""The messages of msgspec and their codes. A test checks them with the installed version."""
TYPES_EXPECTED: dict[Any, str] = {
    bool: "true or false", float: "a number", type(None): "null",
    date: "a date such as 2026-11-30", datetime: "an RFC 3339 time with its offset such as 2026-11-30T08:00:00Z",
}  # fmt: skip
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


def convert_body(
    data: dict[str, Any],
    struct: type[T],
    view: Any,
    *,
    current: Iterator[msgspec.Struct] | None = None,
    text: bool = False,
) -> tuple[T, list[FieldError]]:
    """Return the result of ``convert_partial`` for the body of an entity, which may have read-only members.

    Args:
        data: the body.
        struct: the type to convert to.
        view: the type of the response. Its members that the body does not have are read-only.
        current: yields views of the entity with the values that are ignored; None of a new entity.
        text: whether all values are text, as in a form.
    """
    body, errors = convert_partial(data, struct, text=text)
    if not errors:
        return body, errors
    from api.http.read_only import without_read_only  # only an invalid body needs it

    rest, read_only = without_read_only(data, struct, view, current, text=text)
    if rest is not data:
        body, errors = convert_partial(rest, struct, text=text)
    return body, [*read_only, *errors]


def convert_partial(data: dict[str, Any], struct: type[T], *, text: bool = False) -> tuple[T, list[FieldError]]:
    """Return the valid fields of data as a struct, and the errors, so that other rules can be checked as well.

    An invalid field has its default in the struct, or UNSET if it is required.
    """
    data = _coerce_form(data, struct) if text else data
    try:
        return msgspec.convert(data, struct), []
    except msgspec.ValidationError as error:
        errors = list(islice(_struct_errors(data, struct, ""), MAX_ERRORS))
        return _valid_fields(data, struct), errors or [FieldError(code_of(error), f"{error}.", pointer="")]


def _coerce_form(data: dict[str, str], struct: type[T]) -> dict[str, Any]:
    """Return the fields of a form as JSON values. Integers and booleans must be written as in JSON."""
    hints = get_type_hints(struct)
    field_types = {field.encode_name: set(options_of(hints[field.name])) for field in msgspec.structs.fields(struct)}
    return {name: coerce(value, field_types.get(name, set())) for name, value in data.items()}


def coerce(text: str, options: set[Any]) -> Any:
    """Return the value of a form field as JSON.

    Args:
        text: the value.
        options: the types of the member, from ``options_of``.
    """
    if int in options:
        return int(text) if INTEGER.fullmatch(text) else text
    return BOOLEANS.get(text, text) if bool in options else text


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
    hints, fields = get_type_hints(struct), fields_of(struct)
    for name, value in data.items():
        member = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in fields:
            yield FieldError("unknown_member", "Unknown member.", pointer=member)
        else:
            yield from _value_errors(value, hints[fields[name].name], member, is_required=fields[name].required)
    for name, field in fields.items():
        if field.required and name not in data:
            yield required(name, is_text=str in options_of(hints[field.name])).at(f"{pointer}/{name}")


@cache
def fields_of(struct: Any) -> Mapping[str, msgspec.structs.FieldInfo]:
    """Return the fields of a struct by their JSON names."""
    return {field.encode_name: field for field in msgspec.structs.fields(struct)}


def _value_errors(value: Any, hint: Any, pointer: str, *, is_required: bool = False) -> Iterator[FieldError]:
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        struct, item_type, max_length = _parts(hint)
        if isinstance(value, dict) and struct:
            yield from _struct_errors(value, struct, pointer)
        elif isinstance(value, list) and item_type and len(value) <= max_length:
            # The elements of an array that is too long are not looked at.
            for index, item in enumerate(value):
                yield from _value_errors(item, item_type, f"{pointer}/{index}")
        else:
            yield _value_error(value, hint, pointer, error, is_required=is_required)


def _value_error(value: Any, hint: Any, pointer: str, error: Exception, *, is_required: bool) -> FieldError:
    """Return the error of one value: its description and what is expected."""
    array, _, name = pointer.rpartition("/")
    code = code_of(error)
    if value == "" and code == "too_short":
        return (required(name) if is_required else blank(name)).at(pointer)
    subject = f"Each element of {array.rpartition('/')[2]}" if name.isdigit() else name
    description = _description(hint)
    prefix = f"{subject}: {description.rstrip('.')}. " if description else ""
    return FieldError(code, f"{prefix}{subject} must be {expected(hint)}.", pointer=pointer)


def code_of(error: Exception) -> ErrorCode:
    """Return the code for a message of msgspec."""
    return next((code for pattern, code in CODES if re.match(pattern, str(error))), "invalid_value")


@cache
def _parts(hint: Any) -> tuple[type[msgspec.Struct] | None, Any, float]:
    """Return the struct of a type, the type of the elements of its array, and the maximum length of the array."""
    options = list(options_of(hint))
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


def options_of(hint: Any) -> Iterator[Any]:
    """Yield the types of a union, or the type itself, without their annotations."""
    if get_origin(hint) is Annotated:
        yield from options_of(get_args(hint)[0])
    elif get_origin(hint) in (Union, types.UnionType):
        for option in get_args(hint):
            yield from options_of(option)
    else:
        yield hint


@cache
def expected(hint: Any) -> str:
    """Return what a value of a type must be, for a message: ``an integer from 1 to 100``."""
    if get_origin(hint) in (Union, types.UnionType):
        options = [expected(option) for option in get_args(hint) if option is not msgspec.UnsetType]
        return " or ".join([", ".join(options[:-1]), options[-1]] if options[1:] else options)
    metas = [meta for meta in get_args(hint)[1:] if isinstance(meta, msgspec.Meta)] if _is_annotated(hint) else []
    plain = get_args(hint)[0] if _is_annotated(hint) else hint
    if get_origin(plain) is Literal:
        return f"one of {', '.join(map(str, get_args(plain)))}" if get_args(plain)[1:] else str(get_args(plain)[0])
    if plain is int:
        return f"an integer{_bounds(metas, 'ge', 'le')}"
    if plain is str:
        of_format = " in this format" if any(meta.pattern for meta in metas) else ""
        return f"a string{of_format}{_bounds(metas, 'min_length', 'max_length', of='of ', unit=' characters')}"
    if get_origin(plain) is tuple:
        return f"an array{_bounds(metas, 'min_length', 'max_length', of='of ', unit=' elements')}"
    if plain in TYPES_EXPECTED or plain is hint:
        return TYPES_EXPECTED.get(plain, "an object")
    return expected(plain)


def _bounds(metas: list[msgspec.Meta], low: str, high: str, of: str = "", unit: str = "") -> str:
    """Return the bounds of a number or a length, with a space before them; an empty text without bounds."""
    lows = [getattr(meta, low) for meta in metas if getattr(meta, low) is not None]
    highs = [getattr(meta, high) for meta in metas if getattr(meta, high) is not None]
    if lows and highs:
        return f" {of or 'from '}{lows[0]} to {highs[0]}{unit}"
    if highs:
        return f" of at most {highs[0]}{unit}"
    return f" of at least {lows[0]}{unit}" if lows else ""


def _is_annotated(hint: Any) -> bool:
    return get_origin(hint) is Annotated


def _description(hint: Any) -> str | None:
    """Return the description of a type, or of the first member of a union that has one."""
    metas = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    own = [meta.description for meta in metas if isinstance(meta, msgspec.Meta) and meta.description]
    inner = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else get_args(hint)[:1] if metas else ()
    return own[0] if own else next((text for option in inner if (text := _description(option))), None)
