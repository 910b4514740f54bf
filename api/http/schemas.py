"""JSON Schemas (2020-12) of request and response bodies, for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import msgspec

from api.domain import names
from api.domain.errors import FieldError

REF = "#/components/schemas/{name}"
Schema = dict[str, Any]


class ListOf(msgspec.Struct, frozen=True):
    """A page of items, with the members of another struct."""

    item: Any
    extra: type[msgspec.Struct] | None = None
    deleted: type[msgspec.Struct] | None = None
    """What a list has of a deleted entity, if clients can read it with ``updatedSince``."""

    def __or__(self, other: Any) -> OneOf:
        return OneOf((self, other))


class OneOf(msgspec.Struct, frozen=True):
    """One of several bodies, depending on the query parameters."""

    options: tuple[Any, ...]


class Problem(msgspec.Struct, rename="camel", omit_defaults=True):
    """A problem document (RFC 9457)."""

    type: str
    """URI of the problem type, which resolves to its explanation."""
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    """The id of the request in the log."""
    errors: list[FieldError] = []
    """The errors of an invalid request, at most a hundred."""
    more_errors: bool = False
    """Whether the request has more errors than ``errors``, which is limited so that the response is small."""
    available: list[str] = []
    """The media types of the resource, for a 406."""


def name_schema(ampersand: bool = False) -> Schema:
    """Return the schema of a name in a path. Some names may contain an ampersand."""
    forbidden, allowed = ("!-%(-,", "space, '&', '.', '-'") if ampersand else ("!-&(-,", "space, '.', '-'")
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": names.MAX_LENGTH,
        # The ASCII characters that a name must not contain. No portable pattern describes the letters of Unicode.
        "pattern": rf"^[^\u0000-\u001f{forbidden}/:-@\[-`{{-\u007f]+$",
        "description": f"The key: Unicode letters, digits, {allowed} and apostrophe; NFC, trimmed.",
    }


def iter_structs(body: Any) -> Iterator[type[msgspec.Struct]]:
    """Yield the structs of the type of a body: a struct, a union, a ``ListOf`` or a ``OneOf``."""
    if isinstance(body, ListOf):
        yield from iter_structs(body.item)
        yield from iter_structs(body.extra)
        yield from iter_structs(body.deleted)
    elif isinstance(body, OneOf):
        for option in body.options:
            yield from iter_structs(option)
    elif isinstance(body, type) and issubclass(body, msgspec.Struct):
        yield body
    else:
        for option in get_args(body):
            yield from iter_structs(option)


class Components:
    """The named schemas of the OpenAPI document."""

    def __init__(self, types: list[type[msgspec.Struct]]) -> None:
        unique = list(dict.fromkeys(types))
        refs, self.schemas = msgspec.json.schema_components(unique, ref_template=REF)
        self._refs = dict(zip(unique, refs, strict=True))

    def schema_of(self, body: Any, selectable: bool = False) -> Schema:
        """Return the schema of a body. If its fields are selectable, none of them is required."""
        if body is dict:
            return {"type": "object"}
        if isinstance(body, ListOf):
            return self._page(body, selectable)
        if isinstance(body, OneOf):
            return {"anyOf": [self.schema_of(option, selectable) for option in body.options]}
        options = [self._selection(struct) if selectable else self._refs[struct] for struct in iter_structs(body)]
        return options[0] if len(options) == 1 else {"anyOf": options}

    def form_schema(self, struct: type[msgspec.Struct]) -> Schema:
        """Return the schema of a form: the members of a struct that are scalars."""
        full = self.schemas[struct.__name__]
        scalars = {name: schema for name, member in full["properties"].items() if (schema := _scalar(member))}
        name = f"{struct.__name__}Form"
        self.schemas[name] = full | {"title": name, "properties": scalars}
        return {"$ref": REF.format(name=name)}

    def patch_schema(self, struct: type[msgspec.Struct]) -> Schema:
        """Return the schema of a merge patch: no member is required, and null removes a member."""
        full = self.schemas[struct.__name__]
        members = {name: _nullable(member) for name, member in full["properties"].items()}
        name = f"{struct.__name__}Patch"
        self.schemas[name] = {
            "title": name,
            "description": "A merge patch (RFC 7396).",
            "type": "object",
            "properties": members,
            "additionalProperties": False,
        }
        return {"$ref": REF.format(name=name)}

    def _selection(self, struct: type[msgspec.Struct]) -> Schema:
        name = f"{struct.__name__}Selection"
        full = self.schemas[struct.__name__]
        self.schemas[name] = {key: value for key, value in full.items() if key != "required"} | {"title": name}
        return {"$ref": REF.format(name=name)}

    def _page(self, page: ListOf, selectable: bool) -> Schema:
        extra = self.schemas[page.extra.__name__]["properties"] if page.extra else {}
        items = {"type": "array", "items": self.schema_of(page.item, selectable)}
        next_url = {
            "type": "string",
            "format": "uri-reference",
            "description": "The URL of the next page. Missing on the last page.",
        }
        prev_url = next_url | {
            "description": "The URL of the previous page. The first page has none, and some lists have none."
        }
        changes = self._changes(page.deleted) if page.deleted else {}
        return {
            "type": "object",
            "properties": {"items": items, "next": next_url, "prev": prev_url, **changes, **extra},
            "required": ["items", *extra],
        }

    def _changes(self, deleted: type[msgspec.Struct]) -> Schema:
        return {
            "deleted": {
                "type": "array",
                "items": self._refs[deleted],
                "description": "Only with ``updatedSince``: what was deleted, or what the caller no longer sees.",
            },
            "updatedUntil": {
                "type": "string",
                "format": "date-time",
                "description": "Only with ``updatedSince``: its next value. All pages have the same.",
            },
        }


def _nullable(member: Schema) -> Schema:
    schema = {key: value for key, value in member.items() if key != "default"}
    return schema if {"type": "null"} in schema.get("anyOf", ()) else {"anyOf": [schema, {"type": "null"}]}


def _scalar(member: Schema) -> Schema | None:
    """Return the schema of a member without null if it is a string, a number or a boolean. Otherwise return None."""
    if "anyOf" in member:
        scalars = [schema for option in member["anyOf"] if (schema := _scalar(option))]
        return scalars[0] if len(scalars) == 1 else None
    if member.get("type") in ("string", "integer", "number", "boolean") or "enum" in member:
        return {key: value for key, value in member.items() if key != "default"}
    return None
