"""Validation: convert plain data to a struct, or report all errors.

msgspec stops at the first error, and clients get all errors in one response. So if msgspec rejects the data, this
module converts each value on its own and collects the errors with their JSON pointers, up to a limit.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from itertools import islice
from math import inf
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec

from api.domain.errors import FieldError, ValidationFailed, blank, required
from api.http import problems
from api.http.request_body import parse_number
from api.http.schemas import iter_structs

T = TypeVar("T", bound=msgspec.Struct)

BOOLEANS = {"true": True, "false": False, "on": True}
"""The booleans of a form. A browser sends ``on`` for a checkbox, and nothing for one that is not checked."""
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
    rest, read_only = _without_read_only(data, struct, view, current, text=text)
    if rest is not data:
        body, errors = convert_partial(rest, struct, text=text)
    return body, [*read_only, *errors]


def _without_read_only(
    data: dict[str, Any],
    struct: type[msgspec.Struct],
    view: Any,
    current: Iterator[msgspec.Struct] | None,
    *,
    text: bool,
) -> tuple[dict[str, Any], list[FieldError]]:
    """Return a body without its read-only members, and an error for each of them that has another value.

    The arguments are those of ``convert_body``. A body without read-only members is returned unchanged.
    """
    sent = {name: data[name] for name in _read_only_members(view, struct) if name in data}
    unequal = list(sent)
    for entity in (current or ()) if sent else ():
        unequal = [name for name in unequal if not _equals_member(sent[name], entity, name, text=text)]
        if not unequal:
            break
    rest = {name: value for name, value in data.items() if name not in sent} if sent else data
    return rest, [_read_only_error(name, is_new=current is None) for name in unequal]


def _read_only_members(view: Any, body: type[msgspec.Struct]) -> dict[str, None]:
    names = (name for struct in iter_structs(view) for name in struct.__struct_encode_fields__)
    return dict.fromkeys(name for name in names if name not in body.__struct_encode_fields__)


def _equals_member(value: Any, view: msgspec.Struct, name: str, *, text: bool) -> bool:
    """Return whether a value is the JSON form of a member of a view, in any notation of a time."""
    if (field := _fields_of(type(view)).get(name)) is None:
        return False
    hint = get_type_hints(type(view))[field.name]
    try:
        converted = msgspec.convert(_coerce(value, set(_options_of(hint))) if text else value, hint)
    except msgspec.ValidationError:
        return False
    return bool(converted == getattr(view, field.name))


def _read_only_error(name: str, *, is_new: bool) -> FieldError:
    expected = "The server sets it." if is_new else "Its value has changed, or the body is wrong: GET the entity again."
    return FieldError("read_only", f"{name} is read-only. {expected}", pointer=f"/{name}")


def convert_partial(data: dict[str, Any], struct: type[T], *, text: bool = False) -> tuple[T, list[FieldError]]:
    """Return the valid fields of data as a struct, and the errors, so that other rules can be checked as well.

    An invalid field has its default in the struct, or UNSET if it is required.
    """
    data = _coerce_form(data, struct) if text else data
    data = _refuse_loose_times(data, struct)
    try:
        return msgspec.convert(data, struct), []
    except msgspec.ValidationError as error:
        from api.http.error_messages import code_of  # only an invalid body needs it

        errors = list(islice(_struct_errors(data, struct, ""), MAX_ERRORS))
        return _valid_fields(data, struct), errors or [FieldError(code_of(error), f"{error}.", pointer="")]


def _coerce_form(data: dict[str, str], struct: type[T]) -> dict[str, Any]:
    """Return the fields of a form as JSON values. Numbers are written as in JSON, and booleans too, or as ``on``."""
    hints = get_type_hints(struct)
    field_types = {field.encode_name: set(_options_of(hints[field.name])) for field in msgspec.structs.fields(struct)}
    return {name: _coerce(value, field_types.get(name, set())) for name, value in data.items()}


def _coerce(text: str, options: set[Any]) -> Any:
    """Return the value of a form field as JSON.

    Args:
        text: the value.
        options: the types of the member, from ``_options_of``.
    """
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
    return datetime in _options_of(hint) or any(map(_has_times, inner))


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


def without_nulls(data: dict[str, Any], struct: Any) -> dict[str, Any]:
    """Return a patched body without the nulls of members that have a default, at every level but in arrays.

    A null that the target of the patch does not have stays in ``merge_patch``, so that unknown members are reported.
    """
    hints, fields, members = get_type_hints(struct), _fields_of(struct), dict[str, Any]()
    for name, value in data.items():
        field = fields.get(name)
        if field is None:
            members[name] = value
        elif value is not None or field.required or field.default is msgspec.UNSET:
            inner = _parts(hints[field.name])[0] if isinstance(value, dict) else None
            members[name] = without_nulls(value, inner) if inner else value
    return members


@cache
def get_type_hints(struct: Any) -> dict[str, Any]:
    """Return the types of the fields of a struct, by their names in Python."""
    return typing.get_type_hints(struct, include_extras=True)


def _struct_errors(data: dict[str, Any], struct: Any, pointer: str) -> Iterator[FieldError]:
    hints, fields = get_type_hints(struct), _fields_of(struct)
    for name, value in data.items():
        member = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in fields:
            yield FieldError("unknown_member", "Unknown member.", pointer=member)
        else:
            yield from _value_errors(value, hints[fields[name].name], member, is_required=fields[name].required)
    for name, field in fields.items():
        if field.required and name not in data:
            yield required(name, is_text=str in _options_of(hints[field.name])).at(f"{pointer}/{name}")


@cache
def _fields_of(struct: Any) -> Mapping[str, msgspec.structs.FieldInfo]:
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
    from api.http.error_messages import code_of, description, expected

    array, _, name = pointer.rpartition("/")
    code = code_of(error)
    if value == "" and code == "too_short":
        return (required(name) if is_required else blank(name)).at(pointer)
    subject = f"Each element of {array.rpartition('/')[2]}" if name.isdigit() else name
    text = description(hint)
    prefix = f"{subject}: {text.rstrip('.')}. " if text else ""
    return FieldError(code, f"{prefix}{subject} must be {expected(hint)}.", pointer=pointer)


@cache
def _parts(hint: Any) -> tuple[type[msgspec.Struct] | None, Any, float]:
    """Return the struct of a type, the type of the elements of its array, and the maximum length of the array."""
    options = list(_options_of(hint))
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


def _options_of(hint: Any) -> Iterator[Any]:
    """Yield the types of a union, or the type itself, without their annotations."""
    if get_origin(hint) is Annotated:
        yield from _options_of(get_args(hint)[0])
    elif get_origin(hint) in (Union, types.UnionType):
        for option in get_args(hint):
            yield from _options_of(option)
    else:
        yield hint
