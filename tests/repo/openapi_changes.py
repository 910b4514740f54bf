"""A table of changes to an OpenAPI document, with the rules that they break."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

TEXT = {"type": "string"}
TEXT_OR_NULL = {"anyOf": [TEXT, {"type": "null"}]}
LIST = {"type": "array", "items": TEXT}
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
BEARER, COOKIE, ANONYMOUS = {"bearer": []}, {"cookie": []}, {}

Item = dict[str, Any]


class Change(NamedTuple):
    """A path item before and after a change (None if it is removed), and the rules that the change breaks."""

    before: Item
    after: Item | None
    rules: tuple[str, ...] = ()


def obj(*required: str, closed: bool = False, **members: Any) -> Item:
    """Return the schema of an object."""
    options = {"additionalProperties": False} if closed else {}
    return {"type": "object", "properties": members, "required": list(required), **options}


def operation(**members: Any) -> Item:
    """Return a path item with one operation."""
    return {"get": {"responses": {"204": {"description": "Done"}}, **members}}


def request(schema: Item, *media: str, required: bool = True) -> Item:
    """Return a path item with a request body."""
    content = {name: {"schema": schema} for name in media or (JSON,)}
    return {"post": operation(requestBody={"required": required, "content": content})["get"]}


def response(schema: Item, *media: str, statuses: tuple[int, ...] = (200,), headers: tuple[str, ...] = ()) -> Item:
    """Return a path item with a response body."""
    definition = {
        "description": "A response",
        "headers": {name: {"schema": TEXT} for name in headers},
        "content": {name: {"schema": schema} for name in media or (JSON,)},
    }
    return operation(responses={str(status): definition for status in statuses})


def parameter(schema: Item, **options: Any) -> Item:
    """Return a path item with a query parameter."""
    return operation(parameters=[{"name": "q", "in": "query", "schema": schema, **options}])


def string(**limits: Any) -> Item:
    """Return the schema of an object with a string."""
    return obj(a=TEXT | limits)


def enum(*values: str) -> Item:
    """Return the schema of an object with an enum."""
    return string(enum=list(values))


TYPE, COMBINATOR, LIMIT = ("schema-type-changed",), ("schema-combinator-changed",), ("schema-constraint-changed",)
FEWER, MORE = ("enum-values-removed",), ("enum-values-added",)
CHANGES = {
    # Operations
    "path removed": Change(operation(), None, ("path-removed",)),
    "operation removed": Change(operation() | request(TEXT), operation(), ("operation-removed",)),
    "operation added": Change(operation(), operation() | request(TEXT)),
    "operation renamed": Change(operation(operationId="a"), operation(operationId="b"), ("operation-id-changed",)),
    "description reworded": Change(operation(description="One."), operation(description="Another.")),
    # Request bodies
    "request: member removed": Change(
        request(obj(a=TEXT, b=TEXT, closed=True)), request(obj(a=TEXT, closed=True)), ("property-removed",)
    ),
    "request: optional member added": Change(request(obj(a=TEXT)), request(obj(a=TEXT, b=TEXT))),
    "request: required member added": Change(
        request(obj(a=TEXT)), request(obj("b", a=TEXT, b=TEXT)), ("required-properties-added",)
    ),
    "request: member became required": Change(
        request(obj(a=TEXT)), request(obj("a", a=TEXT)), ("required-properties-added",)
    ),
    "request: member became optional": Change(request(obj("a", a=TEXT)), request(obj(a=TEXT))),
    "request: null rejected": Change(request(obj(a=TEXT_OR_NULL)), request(obj(a=TEXT)), TYPE),
    "request: type changed": Change(request(string()), request(string(type="integer")), TYPE),
    "request: type widened": Change(request(string()), request(string(type=["string", "null"]))),
    "request: enum value removed": Change(request(enum("x", "y")), request(enum("x")), FEWER),
    "request: enum value added": Change(request(enum("x")), request(enum("x", "y"))),
    "request: enum set": Change(request(string()), request(enum("x")), FEWER),
    "request: maxLength decreased": Change(request(string(maxLength=9)), request(string(maxLength=8)), LIMIT),
    "request: maxLength increased": Change(request(string(maxLength=9)), request(string(maxLength=10))),
    "request: limit set": Change(request(string()), request(string(maxLength=9)), LIMIT),
    "request: pattern changed": Change(request(string(pattern="^a")), request(string(pattern="^b")), LIMIT),
    "request: unknown members rejected": Change(request(obj()), request(obj(closed=True)), LIMIT),
    "request: body removed": Change(request(TEXT), {"post": operation()["get"]}, ("request-body-removed",)),
    "request: body became required": Change(
        request(TEXT, required=False), request(TEXT), ("request-body-became-required",)
    ),
    "request: required body added": Change({"post": operation()["get"]}, request(TEXT), ("request-body-added",)),
    "request: optional body added": Change({"post": operation()["get"]}, request(TEXT, required=False)),
    "request: form removed": Change(request(TEXT, JSON, FORM), request(TEXT, JSON), ("media-type-removed",)),
    "request: form added": Change(request(TEXT, JSON), request(TEXT, JSON, FORM)),
    # Responses
    "response: member removed": Change(response(obj(a=TEXT, b=TEXT)), response(obj(a=TEXT)), ("property-removed",)),
    "response: member added": Change(response(obj(a=TEXT)), response(obj(a=TEXT, b=TEXT))),
    "response: member became optional": Change(
        response(obj("a", a=TEXT)), response(obj(a=TEXT)), ("required-properties-removed",)
    ),
    "response: member became required": Change(response(obj(a=TEXT)), response(obj("a", a=TEXT))),
    "response: null added": Change(response(obj(a=TEXT)), response(obj(a=TEXT_OR_NULL)), TYPE),
    "response: alternative added": Change(
        response({"anyOf": [obj(a=TEXT)]}), response({"anyOf": [obj(a=TEXT), obj(b=TEXT)]}), COMBINATOR
    ),
    "response: null removed": Change(response(string(type=["string", "null"])), response(string())),
    "response: enum value added": Change(response(enum("x")), response(enum("x", "y")), MORE),
    "response: enum value removed": Change(response(enum("x", "y")), response(enum("x"))),
    "response: maxLength removed": Change(response(string(maxLength=9)), response(string()), LIMIT),
    "response: format removed": Change(response(string(format="date")), response(string()), LIMIT),
    "response: media type removed": Change(response(TEXT, JSON, FORM), response(TEXT, JSON), ("media-type-removed",)),
    "response: status removed": Change(response(TEXT, statuses=(200, 201)), response(TEXT), ("response-removed",)),
    "response: error added": Change(response(TEXT), response(TEXT, statuses=(200, 409))),
    "response: header removed": Change(response(TEXT, headers=("ETag",)), response(TEXT), ("response-header-removed",)),
    # Parameters
    "parameter removed": Change(parameter(TEXT), operation(), ("parameter-removed",)),
    "parameter added": Change(operation(), parameter(TEXT)),
    "required parameter added": Change(operation(), parameter(TEXT, required=True), ("parameter-became-required",)),
    "parameter became required": Change(
        parameter(TEXT), parameter(TEXT, required=True), ("parameter-became-required",)
    ),
    "parameter type changed": Change(parameter(TEXT), parameter({"type": "integer"}), TYPE),
    "parameter style changed": Change(
        parameter(LIST, explode=False), parameter(LIST, explode=True), ("parameter-serialization-changed",)
    ),
    # Authentication and roles
    "authentication added": Change(
        operation(security=[ANONYMOUS, BEARER]), operation(security=[BEARER]), ("security-requirement-changed",)
    ),
    "authentication became optional": Change(operation(security=[BEARER]), operation(security=[ANONYMOUS, BEARER])),
    "cookie removed": Change(
        operation(security=[BEARER, COOKIE]), operation(security=[BEARER]), ("security-requirement-changed",)
    ),
    "role raised": Change(operation(**{"x-role": "member"}), operation(**{"x-role": "staff"}), ("role-raised",)),
    "role lowered": Change(operation(**{"x-role": "owner"}), operation(**{"x-role": "staff"})),
}  # fmt: skip


def path_of(name: str) -> str:
    """Return the path of a change in the documents."""
    return "/" + re.sub(r"\W+", "-", name)


def document(**paths: Item | None) -> Item:
    """Return a document with paths."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "A table of changes", "version": "1.0.0"},
        "servers": [{"url": "/"}],
        "paths": {path: item for path, item in paths.items() if item is not None},
        "components": {"securitySchemes": {name: {"type": "http", "scheme": name} for name in ("bearer", "cookie")}},
    }
