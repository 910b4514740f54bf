"""JSON Schemas (2020-12) of the structs that are read and written, for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import msgspec

from api.domain.errors import FieldError

REF = "#/components/schemas/{name}"
Schema = dict[str, Any]


class ListOf(msgspec.Struct, frozen=True):
    """A page of entities of a type, with the members of another struct beside it."""

    item: Any
    beside: type[msgspec.Struct] | None = None

    def __or__(self, other: Any) -> OneOf:
        return OneOf((self, other))


class OneOf(msgspec.Struct, frozen=True):
    """One answer out of several; the arguments decide."""

    options: tuple[Any, ...]


class Problem(msgspec.Struct, rename="camel", omit_defaults=True):
    """What went wrong (RFC 9457)."""

    type: str
    """URI of the problem type; it resolves to an explanation."""
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    """Finds the request in the log."""
    errors: list[FieldError] = []
    """Every fault of the request, where it has several."""
    available: list[str] = []
    """The media types that can be had, for a 406."""


def iter_structs(answer: Any) -> Iterator[type[msgspec.Struct]]:
    """Yield the structs that an answer is made of."""
    if isinstance(answer, ListOf):
        yield from iter_structs(answer.item)
        yield from iter_structs(answer.beside)
    elif isinstance(answer, OneOf):
        for option in answer.options:
            yield from iter_structs(option)
    elif isinstance(answer, type) and issubclass(answer, msgspec.Struct):
        yield answer
    else:
        for option in get_args(answer):
            yield from iter_structs(option)


class Components:
    """The named schemas of a document."""

    def __init__(self, types: list[type[msgspec.Struct]]) -> None:
        unique = list(dict.fromkeys(types))
        refs, self.schemas = msgspec.json.schema_components(unique, ref_template=REF)
        self._refs = dict(zip(unique, refs, strict=True))

    def of(self, answer: Any, selectable: bool = False) -> Schema:
        """Return the schema of an answer; of a selectable one any members may be missing."""
        if answer is dict:
            return {"type": "object"}
        if isinstance(answer, ListOf):
            return self._page(answer, selectable)
        if isinstance(answer, OneOf):
            return {"anyOf": [self.of(option, selectable) for option in answer.options]}
        options = [self._selection(struct) if selectable else self._refs[struct] for struct in iter_structs(answer)]
        return options[0] if len(options) == 1 else {"anyOf": options}

    def form(self, struct: type[msgspec.Struct]) -> Schema:
        """Return the schema of a flat form: the members of a struct that one text can say."""
        whole = self.schemas[struct.__name__]
        flat = {name: told for name, member in whole["properties"].items() if (told := _scalar(member))}
        name = f"{struct.__name__}Form"
        self.schemas[name] = whole | {"title": name, "properties": flat}
        return {"$ref": REF.format(name=name)}

    def patch(self, struct: type[msgspec.Struct]) -> Schema:
        """Return the schema of a merge patch: every member may be missing, and null takes it away."""
        whole = self.schemas[struct.__name__]
        members = {name: _nullable(member) for name, member in whole["properties"].items()}
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
        whole = self.schemas[struct.__name__]
        self.schemas[name] = {key: value for key, value in whole.items() if key != "required"} | {"title": name}
        return {"$ref": REF.format(name=name)}

    def _page(self, page: ListOf, selectable: bool) -> Schema:
        beside = self.schemas[page.beside.__name__]["properties"] if page.beside else {}
        items = {"type": "array", "items": self.of(page.item, selectable)}
        onward = {
            "type": "string",
            "format": "uri-reference",
            "description": "The next page; the last page has none.",
        }
        return {
            "type": "object",
            "properties": {"items": items, "next": onward, **beside},
            "required": ["items", *beside],
        }


def _nullable(member: Schema) -> Schema:
    plain = {key: value for key, value in member.items() if key != "default"}
    return plain if {"type": "null"} in plain.get("anyOf", ()) else {"anyOf": [plain, {"type": "null"}]}


def _scalar(member: Schema) -> Schema | None:
    """Return a member's schema without null, if it is one of a text, a number or a yes-or-no."""
    if "anyOf" in member:
        texts = [told for option in member["anyOf"] if (told := _scalar(option))]
        return texts[0] if len(texts) == 1 else None
    if member.get("type") in ("string", "integer", "number", "boolean") or "enum" in member:
        return {key: value for key, value in member.items() if key != "default"}
    return None
