"""Changes to an API's document, and which of them break a client."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

TEXT = {"type": "string"}
TEXT_OR_NULL = {"anyOf": [TEXT, {"type": "null"}]}
LIST = {"type": "array", "items": TEXT}
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
BEARER, COOKIE, NOBODY = {"bearer": []}, {"cookie": []}, {}

Item = dict[str, Any]


class Change(NamedTuple):
    """A path before and after a change (None: it is gone), and the rules by which that breaks a client."""

    before: Item
    after: Item | None
    rules: tuple[str, ...] = ()


def thing(*required: str, closed: bool = False, **members: Any) -> Item:
    """Return the schema of an object."""
    shut = {"additionalProperties": False} if closed else {}
    return {"type": "object", "properties": members, "required": list(required), **shut}


def call(**operation: Any) -> Item:
    """Return a path with one operation."""
    return {"get": {"responses": {"204": {"description": "Done"}}, **operation}}


def send(schema: Item, *media: str, required: bool = True) -> Item:
    """Return a path that takes a body."""
    content = {name: {"schema": schema} for name in media or (JSON,)}
    return {"post": call(requestBody={"required": required, "content": content})["get"]}


def give(schema: Item, *media: str, statuses: tuple[int, ...] = (200,), headers: tuple[str, ...] = ()) -> Item:
    """Return a path that answers."""
    answer = {
        "description": "An answer",
        "headers": {name: {"schema": TEXT} for name in headers},
        "content": {name: {"schema": schema} for name in media or (JSON,)},
    }
    return call(responses={str(status): answer for status in statuses})


def ask(schema: Item, **parameter: Any) -> Item:
    """Return a path that takes an argument."""
    return call(parameters=[{"name": "q", "in": "query", "schema": schema, **parameter}])


def text(**limits: Any) -> Item:
    """Return the schema of a member that is a text."""
    return thing(a=TEXT | limits)


def one_of(*values: str) -> Item:
    """Return the schema of a member that is one of some words."""
    return text(enum=list(values))


TYPE, COMBINATOR, LIMIT = ("schema-type-changed",), ("schema-combinator-changed",), ("schema-constraint-changed",)
FEWER, MORE = ("enum-values-removed",), ("enum-values-added",)
CHANGES = {
    # What there is
    "path removed": Change(call(), None, ("path-removed",)),
    "operation removed": Change(call() | send(TEXT), call(), ("operation-removed",)),
    "operation added": Change(call(), call() | send(TEXT)),
    "operation renamed": Change(call(operationId="one"), call(operationId="other"), ("operation-id-changed",)),
    "description reworded": Change(call(description="One."), call(description="Another.")),
    # What is sent
    "sent: member removed": Change(
        send(thing(a=TEXT, b=TEXT, closed=True)), send(thing(a=TEXT, closed=True)), ("property-removed",)
    ),
    "sent: optional member added": Change(send(thing(a=TEXT)), send(thing(a=TEXT, b=TEXT))),
    "sent: required member added": Change(
        send(thing(a=TEXT)), send(thing("b", a=TEXT, b=TEXT)), ("required-properties-added",)
    ),
    "sent: member became required": Change(
        send(thing(a=TEXT)), send(thing("a", a=TEXT)), ("required-properties-added",)
    ),
    "sent: member became optional": Change(send(thing("a", a=TEXT)), send(thing(a=TEXT))),
    "sent: null refused": Change(send(thing(a=TEXT_OR_NULL)), send(thing(a=TEXT)), TYPE),
    "sent: type changed": Change(send(text()), send(text(type="integer")), TYPE),
    "sent: type widened": Change(send(text()), send(text(type=["string", "null"]))),
    "sent: choice taken away": Change(send(one_of("x", "y")), send(one_of("x")), FEWER),
    "sent: choice added": Change(send(one_of("x")), send(one_of("x", "y"))),
    "sent: choices set": Change(send(text()), send(one_of("x")), FEWER),
    "sent: longest made shorter": Change(send(text(maxLength=9)), send(text(maxLength=8)), LIMIT),
    "sent: longest made longer": Change(send(text(maxLength=9)), send(text(maxLength=10))),
    "sent: limit set": Change(send(text()), send(text(maxLength=9)), LIMIT),
    "sent: pattern changed": Change(send(text(pattern="^a")), send(text(pattern="^b")), LIMIT),
    "sent: unknown members refused": Change(send(thing()), send(thing(closed=True)), LIMIT),
    "sent: body removed": Change(send(TEXT), {"post": call()["get"]}, ("request-body-removed",)),
    "sent: body became required": Change(
        send(TEXT, required=False), send(TEXT), ("request-body-became-required",)
    ),
    "sent: required body added": Change({"post": call()["get"]}, send(TEXT), ("request-body-added",)),
    "sent: optional body added": Change({"post": call()["get"]}, send(TEXT, required=False)),
    "sent: form refused": Change(send(TEXT, JSON, FORM), send(TEXT, JSON), ("media-type-removed",)),
    "sent: form taken": Change(send(TEXT, JSON), send(TEXT, JSON, FORM)),
    # What is answered
    "answered: member removed": Change(give(thing(a=TEXT, b=TEXT)), give(thing(a=TEXT)), ("property-removed",)),
    "answered: member added": Change(give(thing(a=TEXT)), give(thing(a=TEXT, b=TEXT))),
    "answered: member may be missing": Change(
        give(thing("a", a=TEXT)), give(thing(a=TEXT)), ("required-properties-removed",)
    ),
    "answered: member is always there": Change(give(thing(a=TEXT)), give(thing("a", a=TEXT))),
    "answered: may be null": Change(give(thing(a=TEXT)), give(thing(a=TEXT_OR_NULL)), TYPE),
    "answered: one more kind": Change(
        give({"anyOf": [thing(a=TEXT)]}), give({"anyOf": [thing(a=TEXT), thing(b=TEXT)]}), COMBINATOR
    ),
    "answered: is never null": Change(give(text(type=["string", "null"])), give(text())),
    "answered: choice added": Change(give(one_of("x")), give(one_of("x", "y")), MORE),
    "answered: choice taken away": Change(give(one_of("x", "y")), give(one_of("x"))),
    "answered: limit lifted": Change(give(text(maxLength=9)), give(text()), LIMIT),
    "answered: format gone": Change(give(text(format="date")), give(text()), LIMIT),
    "answered: media type removed": Change(give(TEXT, JSON, "text/plain"), give(TEXT, JSON), ("media-type-removed",)),
    "answered: status removed": Change(give(TEXT, statuses=(200, 201)), give(TEXT), ("response-removed",)),
    "answered: error added": Change(give(TEXT), give(TEXT, statuses=(200, 409))),
    "answered: header removed": Change(give(TEXT, headers=("ETag",)), give(TEXT), ("response-header-removed",)),
    # What is asked with
    "argument removed": Change(ask(TEXT), call(), ("parameter-removed",)),
    "argument added": Change(call(), ask(TEXT)),
    "required argument added": Change(call(), ask(TEXT, required=True), ("parameter-became-required",)),
    "argument became required": Change(ask(TEXT), ask(TEXT, required=True), ("parameter-became-required",)),
    "argument of another type": Change(ask(TEXT), ask({"type": "integer"}), TYPE),
    "argument written otherwise": Change(
        ask(LIST, explode=False), ask(LIST, explode=True), ("parameter-serialization-changed",)
    ),
    # Who may
    "login needed": Change(
        call(security=[NOBODY, BEARER]), call(security=[BEARER]), ("security-requirement-changed",)
    ),
    "login not needed": Change(call(security=[BEARER]), call(security=[NOBODY, BEARER])),
    "cookie refused": Change(
        call(security=[BEARER, COOKIE]), call(security=[BEARER]), ("security-requirement-changed",)
    ),
    "role raised": Change(call(**{"x-role": "member"}), call(**{"x-role": "staff"}), ("role-raised",)),
    "role lowered": Change(call(**{"x-role": "owner"}), call(**{"x-role": "staff"})),
}  # fmt: skip


def place(name: str) -> str:
    """Return the path under which a change of the table is made."""
    return "/" + re.sub(r"\W+", "-", name)


def document(**paths: Item | None) -> Item:
    """Return a document with some paths."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "A table of changes", "version": "1.0.0"},
        "servers": [{"url": "/"}],
        "paths": {path: item for path, item in paths.items() if item is not None},
        "components": {"securitySchemes": {name: {"type": "http", "scheme": name} for name in ("bearer", "cookie")}},
    }
