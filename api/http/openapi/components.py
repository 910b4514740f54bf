"""The named schemas (JSON Schema 2020-12) of the OpenAPI document, built from the structs of the bodies."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Any, Literal, get_args

import msgspec

from api.domain.errors import FieldError
from api.http.openapi.examples import Examples
from api.http.schemas import ListOf, Problem, Schema, entity_name, iter_structs

PREFIX = "#/components/schemas/"
STAFF_ONLY = "Only for the staff."
SCALARS = ("string", "integer", "number", "boolean")
NEXT_SCHEMA = {
    "type": "string",
    "format": "uri-reference",
    "description": "The URL of the next page. Missing on the last page.",
}
PREV_SCHEMA = NEXT_SCHEMA | {"description": "The URL of the previous page. Missing on the first page."}


class Variant(Enum):
    """The use of a struct, which decides the members of its schema that are required or may be null."""

    RESPONSE = "response"
    REQUEST = "request"
    PATCH = "patch"


class Components:
    """The named schemas of the OpenAPI document. A schema is added when something refers to it.

    Views of one entity for different roles have one schema: it requires the members that all views have.
    A schema of a body has no ``default``, because generators make a member with a default required. The description
    of the member has the default instead.
    """

    def __init__(
        self, responses: Iterable[type[msgspec.Struct]], bodies: Iterable[type[msgspec.Struct]], examples: Examples
    ) -> None:
        self.examples = examples
        views: list[type[msgspec.Struct]] = [Problem, FieldError, *responses]
        structs = list(dict.fromkeys([*views, *bodies]))
        _, self._structs = msgspec.json.schema_components(structs, ref_template="{name}")
        self._references = {
            name: re.findall(r'"\$ref":"(\w+)"', msgspec.json.encode(schema).decode())
            for name, schema in self._structs.items()
        }
        self._lean = {struct.__name__ for struct in structs if struct.__struct_config__.omit_defaults}
        self._views: dict[str, list[str]] = {}
        for name in self._closure([struct.__name__ for struct in views]):
            self._views.setdefault(entity_name(name), []).append(name)
        self._enums = _literal_aliases()
        self.schemas: dict[str, Schema] = {}

    def schema_of(self, body: Any) -> Schema:
        """Return the schema of a response body."""
        if body is dict:
            return {"type": "object"}
        if isinstance(body, ListOf):
            return self._page(body)
        names = dict.fromkeys(self._use(struct.__name__, Variant.RESPONSE) for struct in iter_structs(body))
        options = [_ref(name) for name in names]
        return options[0] if len(options) == 1 else {"anyOf": options}

    def body_schema(self, struct: type[msgspec.Struct]) -> Schema:
        """Return the schema of a JSON body."""
        name = struct.__name__
        return self._add(name, lambda: self._object(name, name, Variant.REQUEST))

    def form_schema(self, struct: type[msgspec.Struct]) -> Schema:
        """Return the schema of a form: the members of a struct that are scalars."""
        full, name = self._structs[struct.__name__], f"{struct.__name__}Form"
        scalars = {member: scalar for member, schema in full["properties"].items() if (scalar := _scalar(schema))}
        return self._add(
            name,
            lambda: full | {"title": name, "properties": self._members(scalars, Variant.REQUEST)},
        )

    def patch_schema(self, struct: type[msgspec.Struct], key: str) -> Schema:
        """Return the schema of a merge patch: no member is required, and null gives a member its default.

        The default of the key is the key in the path. An entity of which there is only one has no key.
        """
        name = self._use(struct.__name__, Variant.PATCH)
        members = self.schemas[name]["properties"]
        if key in members:
            members[key] = _nullable(members[key])
        return _ref(name)

    def add_read_only(self, reference: Schema, view: Any) -> None:
        """Add the members that only a response has to the schema of a body. A client may send back what it got."""
        body = self.schemas[reference["$ref"].removeprefix(PREFIX)]["properties"]
        entity = self.schemas[self.schema_of(view)["$ref"].removeprefix(PREFIX)]["properties"]
        body |= {name: schema | {"readOnly": True} for name, schema in entity.items() if name not in body}

    def with_named_enums(self, schema: Schema) -> Schema:
        """Return a schema of a parameter with references to the enums that have a name."""
        if "enum" in schema:
            return self._enum(schema)
        return schema | {"items": self.with_named_enums(schema["items"])} if "items" in schema else schema

    def _add(self, name: str, build: Callable[[], Schema]) -> Schema:
        """Add a schema if it is not there, and return a reference to it."""
        if name not in self.schemas:
            self.schemas[name] = {}  # the place of the schema, before those that it refers to
            self.schemas[name] = build()
        return _ref(name)

    def _use(self, struct: str, variant: Variant) -> str:
        """Add the schema of a struct if it is not there, and return its name."""
        name = entity_name(struct)
        if variant is Variant.PATCH:
            name += "Patch"
        elif variant is Variant.REQUEST and self._has_optional_members(struct):
            name += "Input"
        self._add(name, lambda: self._object(name, struct, variant))
        return name

    def _has_optional_members(self, struct: str) -> bool:
        closure = [self._structs[name] for name in self._closure([struct])]
        return any(set(full["properties"]) - set(full.get("required", ())) for full in closure)

    def _object(self, name: str, struct: str, variant: Variant) -> Schema:
        if variant is Variant.RESPONSE and name in self._views:
            return self._entity(name)
        full = self._structs[struct]
        schema: Schema = full | {"title": name, "properties": self._members(full["properties"], variant)}
        if variant is Variant.PATCH:
            schema.pop("required")
            schema["description"] = "A merge patch (RFC 7396): null gives a member its default."
        return schema

    def _entity(self, name: str) -> Schema:
        """Return the schema of the views of an entity."""
        views = [self._structs[view] for view in self._views[name]]
        full = max(views, key=lambda view: len(view["properties"]))
        members = self._members(full["properties"], Variant.RESPONSE)
        for member in members:
            if not all(member in view["properties"] for view in views):
                text = members[member].get("description", "")
                members[member] = members[member] | {"description": f"{STAFF_ONLY} {text}".strip()}
        required = [
            member for member in members if all(self._is_always_sent(view, member) for view in self._views[name])
        ]
        entity: Schema = full | {"title": name, "properties": members, "required": required}
        return entity

    def _is_always_sent(self, struct: str, member: str) -> bool:
        schema = self._structs[struct]
        if member in schema.get("required", ()):
            return True
        # A member without a default that is not required is left out if it is UNSET.
        return struct not in self._lean and "default" in schema["properties"].get(member, ())

    def _members(self, properties: dict[str, Schema], variant: Variant) -> dict[str, Schema]:
        return {name: self._member(schema, variant) for name, schema in properties.items()}

    def _member(self, schema: Schema, variant: Variant) -> Schema:
        member = self._convert(schema, variant)
        default = schema.get("default")
        if variant is Variant.PATCH and "default" in schema:
            return _nullable(member)
        if variant is Variant.REQUEST and isinstance(default, str | int):  # also a boolean
            text = f"Default: {default if isinstance(default, str) else json.dumps(default)}."
            return member | {"description": f"{member.get('description', '')} {text}".strip()}
        return member

    def _convert(self, schema: Schema, variant: Variant) -> Schema:
        """Return a schema without default, with references to components instead of structs and enums."""
        converted = {key: value for key, value in schema.items() if key != "default"}
        if "$ref" in schema:
            return converted | _ref(self._use(schema["$ref"], variant))
        if "enum" in schema:
            return self._enum(converted)
        if "anyOf" in schema:
            converted["anyOf"] = [self._convert(option, variant) for option in schema["anyOf"]]
        if "items" in schema:  # an array is replaced as a whole
            converted["items"] = self._convert(
                schema["items"], Variant.REQUEST if variant is Variant.PATCH else variant
            )
        return converted

    def _enum(self, schema: Schema) -> Schema:
        """Return a reference to the enum with the values of a schema, if they have a name."""
        values = schema["enum"]
        name, values = self._enums.get(frozenset(values), (schema.get("title"), values))
        if name is None:
            return schema
        self._add(name, lambda: {"title": name, "type": "string", "enum": list(values)})
        return _ref(name) | {key: schema[key] for key in ("description", "default") if key in schema}

    def _closure(self, structs: Iterable[str]) -> list[str]:
        """Return the names of structs and of those that their members have."""
        found: dict[str, None] = {}
        waiting = list(structs)
        while waiting:
            name = waiting.pop(0)
            if name not in found:
                found[name] = None
                waiting += self._references[name]
        return list(found)

    def _page(self, page: ListOf) -> Schema:
        extra = self._members(self._structs[page.extra.__name__]["properties"], Variant.RESPONSE) if page.extra else {}
        structs = list(iter_structs(page.item))
        name = entity_name(structs[0].__name__) + ("Page" if page.paged else "List")
        items = {"type": "array", "items": self.schema_of(page.item)}
        following: dict[str, Schema] = {"next": NEXT_SCHEMA} if page.paged else {}
        following |= {"prev": PREV_SCHEMA} if page.has_previous else {}
        following |= self._changes(page.deleted) if page.deleted else {}
        return self._add(
            name,
            lambda: {
                "title": name,
                "type": "object",
                "properties": {"items": items, **following, **extra},
                "required": ["items", *extra],
            },
        )

    def _changes(self, deleted: type[msgspec.Struct]) -> dict[str, Schema]:
        """Return the members of a page that only a list with ``updatedSince`` has."""
        return {
            "deleted": {
                "type": "array",
                "items": self.schema_of(deleted),
                "description": "Only with ``updatedSince``: what was deleted, or what the caller no longer sees.",
            },
            "updatedUntil": {
                "type": "string",
                "format": "date-time",
                "description": "Only with ``updatedSince``: its next value. All pages have the same.",
            },
        }


def _ref(name: str) -> Schema:
    return {"$ref": PREFIX + name}


def _literal_aliases() -> dict[frozenset[str], tuple[str, Sequence[str]]]:
    """Return the names and values of the public type aliases of enums in the domain, by their values."""
    return {
        frozenset(get_args(value)): (name, get_args(value))
        for module, content in sorted(sys.modules.items())
        if module.startswith("api.domain.")
        for name, value in vars(content).items()
        if getattr(value, "__origin__", None) is Literal and not name.startswith("_")
    }


def _nullable(member: Schema) -> Schema:
    return member if {"type": "null"} in member.get("anyOf", ()) else {"anyOf": [member, {"type": "null"}]}


def _scalar(member: Schema) -> Schema | None:
    """Return the schema of a member without null if it is a string, a number or a boolean. Otherwise return None."""
    if "anyOf" in member:
        scalars = [schema for option in member["anyOf"] if (schema := _scalar(option))]
        return scalars[0] if len(scalars) == 1 else None
    return member if member.get("type") in SCALARS or "enum" in member else None
