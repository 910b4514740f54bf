"""Documents of other releases: read leniently, and written again with what this release does not know.

A newer release may have written members and values that this release does not know, before it was rolled back.
``Repository`` decodes a document strictly, and calls this module only when that fails. Attributes of the item beside
the document are not carried.

- An unknown member is dropped from the entity and carried: the next version of the entity is stored with it. In an
  array, the unknown members of an element are carried while its known members do not change.
- Text, a number or an array beyond the bounds of today is read as it is.
- A value that this release does not understand, such as a new status, is read as the default of its member. It is
  carried until the member gets another value than the default. A type may declare an ``is_understood`` in the ``extra``
  of its ``Meta``, and a ``fallback`` where the member is required.
- A document without a required member, or with a value that is not understood and has no default, is unreadable.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Meta, Struct, ValidationError

from api.store.keys import Item

T = TypeVar("T")
Part = Any
"""A ``Carried``, ``CarriedElements`` or ``CarriedValue``."""

log = logging.getLogger("clowder")


class UnreadableDocument(Exception):
    """A stored document that this release cannot read."""


class CarriedValue(Struct, frozen=True):
    """A value that is not understood."""

    value: Any

    def merge(self, new: Any, default: Any) -> Any:
        """Return the stored value while the member has its default."""
        return self.value if new == default else new


class CarriedElements(Struct, frozen=True):
    """The unknown members in an array, each with the known members of its element."""

    elements: Sequence[tuple[Any, Part]]

    def merge(self, new: Any, _default: Any) -> Any:
        """Return an array with the unknown members of its unchanged elements."""
        if not isinstance(new, list):
            return new
        left, merged = list(self.elements), []
        for element in new:
            match = next((pair for pair in left if pair[0] == element), None)
            if match:
                left.remove(match)
            merged.append(match[1].merge(element, None) if match else element)
        return merged


class Carried(Struct, frozen=True):
    """What a document has that this release does not know."""

    members: Mapping[str, Any]
    """The unknown members by name."""
    parts: Mapping[str, tuple[Part, Any]]
    """The known members that contain something unknown, by name, each with the default of the member."""

    def merge(self, new: Any, _default: Any = None) -> Any:
        """Return a new document with what the earlier one had and this release does not know."""
        if not isinstance(new, dict):
            return new
        merged = {**new, **self.members}
        for name, (part, default) in self.parts.items():
            value = new.get(name, default)
            if (carried := part.merge(value, default)) != value:
                merged[name] = carried
        return merged


def read_document(item: Item, attribute: str, type: type[T]) -> tuple[T, Carried | None]:
    """Return the entity of a document that the strict decoder rejects, and what it has in addition.

    Args:
        item: the item.
        attribute: the attribute that contains the document.
        type: the struct of the entity.

    Raises:
        UnreadableDocument: this release cannot read it.
    """
    try:
        return cast("tuple[T, Carried | None]", _read(msgspec.json.decode(cast(str, item[attribute])), type))
    except (KeyError, TypeError, msgspec.DecodeError) as error:
        message = f"The item {item.get('pk')} {item.get('sk')} is unreadable: {error}"
        raise UnreadableDocument(message) from None  # the log needs no stack of the decoder


def read_or_log(item: Item, attribute: str, type: type[T]) -> tuple[T, Carried | None] | None:
    """Return what ``read_document`` returns; None for an unreadable item, which the log then has as an error."""
    try:
        return read_document(item, attribute, type)
    except UnreadableDocument as error:
        log.error("unreadable", extra={"fields": {"cause": str(error)}})
        return None


def _read(value: Any, hint: Any) -> tuple[Any, Part | None]:
    """Return the value of a type and what it has in addition.

    Raises:
        ValidationError: the value is not understood.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if (is_understood := _extra(hint, "is_understood")) and not (isinstance(value, str) and is_understood(value)):
        raise ValidationError("The value is not understood.")
    if origin is Annotated and (arguments[0] in (str, int, float) or get_origin(arguments[0])):
        return _read(value, arguments[0])  # without the bounds, which may have changed
    if origin in (Union, UnionType):
        return _read_union(value, arguments)
    if origin is tuple and arguments[-1] is Ellipsis and isinstance(value, list):
        return _read_elements(value, arguments[0])
    if isinstance(hint, type) and issubclass(hint, Struct) and isinstance(value, dict):
        return _read_struct(value, hint)
    return msgspec.convert(value, hint), None


def _read_union(value: Any, hints: Sequence[Any]) -> tuple[Any, Part | None]:
    for hint in hints[:-1]:
        try:
            return _read(value, hint)
        except ValidationError:
            continue
    return _read(value, hints[-1])


def _read_elements(values: list[Any], hint: Any) -> tuple[Any, Part | None]:
    pairs = [_read(value, hint) for value in values]
    unknown = [(_plain(element), part) for element, part in pairs if part is not None]
    return tuple(element for element, _ in pairs), CarriedElements(unknown) if unknown else None


def _read_struct(document: dict[str, Any], struct: type[Struct]) -> tuple[Struct, Carried | None]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    members = {name: value for name, value in document.items() if name not in fields}
    values, parts = dict[str, Any](), dict[str, tuple[Part, Any]]()
    for name, field in fields.items():
        if name not in document:
            if field.required:
                raise ValidationError(f"The member {name} of {struct.__name__} is missing.")
            continue
        try:
            values[field.name], part = _read(document[name], field.type)
        except ValidationError as error:
            if field.required:
                values[field.name] = _default(field)
            if field.required and values[field.name] is None:
                raise ValidationError(f"{name} of {struct.__name__}: {error}") from error
            part = CarriedValue(document[name])
        if part is not None:
            parts[name] = part, _plain(_default(field))
    return struct(**values), Carried(members, parts) if members or parts else None


def _default(field: msgspec.structs.FieldInfo) -> Any:
    """Return the default of a field. It is the fallback of its type for a required one, or None."""
    if field.default is not NODEFAULT:
        return field.default
    return _extra(field.type, "fallback") if field.default_factory is NODEFAULT else field.default_factory()


def _extra(hint: Any, name: str) -> Any:
    """Return what the ``Meta`` of a type declares for this module, or None."""
    metas = [meta.extra or {} for meta in getattr(hint, "__metadata__", ()) if isinstance(meta, Meta)]
    return next((extra[name] for extra in metas if name in extra), None)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    return msgspec.json.decode(msgspec.json.encode(value))
