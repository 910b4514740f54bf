"""The OpenAPI 3.1 document, made from the declarations and structs that serve requests."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Any

from msgspec import Struct

import api
from api.http import authentication, csrf, idempotency
from api.http.problems import PROBLEM_TYPE
from api.http.query_params import Parameter
from api.http.request_body import FORM, JSON, MERGE_PATCH
from api.http.resource import Operation, Resource
from api.http.schemas import Components, Problem, Schema, iter_structs

DESCRIPTION = f"""\
{api.__doc__}

Reading what is public needs no account; for the rest, log in with `POST /sessions` and send the token as
`Authorization: Bearer …`.

Every error is `application/problem+json` (RFC 9457). Every GET has a strong ETag; a PATCH needs it in `If-Match`.
"""
NAME: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 64,
    # What of ASCII may not stand in a name. No portable pattern says which other characters are letters.
    "pattern": r"^[^\u0000-\u001f!-&(-,/:-@\[-`{-\u007f]+$",
    "description": "The key: Unicode letters, digits, space, '.', '-' and apostrophe; NFC, trimmed.",
}
PATH_SCHEMAS: dict[str, Schema] = {
    "name": NAME,
    "username": NAME,
    "slug": {"type": "string", "minLength": 1},
    "id": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$"},
}
HEADER_PARAMETERS: dict[str, tuple[str, Sequence[str]]] = {
    "If-Match": (
        "Do it only if the entity still has this entity tag (RFC 9110, section 13.1.1).",
        ("put", "patch", "delete"),
    ),
    "If-None-Match": (
        "For a read: 304 if it still has this tag. For a write: `*` means only if nothing is there.",
        ("get", "put", "patch", "delete"),
    ),
    "Prefer": ("`return=minimal` for an answer without a body (RFC 7240).", ("post", "put", "patch")),
    "Idempotency-Key": (
        "A new random text for each new request; sent again with it, a request happens once.",
        ("post",),
    ),
}
HEADER_SCHEMAS = {idempotency.HEADER: {"type": "string", "pattern": f"^({idempotency.KEY.pattern})$"}}
ANSWER_HEADERS = {
    "ETag": "The strong entity tag of this representation.",
    "Location": "The URL of what was created, or of what to read next.",
    "Set-Cookie": "The session, or its end.",
    "Link": "The next page (rel=next), this document (service-desc) and its page (service-doc).",
    "Retry-After": "In how many seconds to try again.",
    "WWW-Authenticate": "How to say who is calling (RFC 6750).",
}


def build_document(resources: Sequence[type[Resource]]) -> dict[str, Any]:
    """Return the document of some resources."""
    operations = [declared for cls in resources for declared in cls.operations.values()]
    types = [
        struct for declared in operations for answer in declared.answers.values() for struct in iter_structs(answer)
    ]
    bodies = [declared.body for declared in operations if declared.body]
    components = Components([Problem, *types, *bodies])
    paths = {path: _path(cls, path, components) for cls in resources for path in (cls.path, *cls.aliases)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Clowder",
            "version": api.__version__,
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(cls.tag for cls in resources)],
        "paths": paths,
        "components": _components(components),
    }


def _components(components: Components) -> dict[str, Any]:
    return {
        "schemas": components.schemas,
        "headers": {name: {"description": text, "schema": {"type": "string"}} for name, text in ANSWER_HEADERS.items()},
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer", "description": "A token from POST /sessions."},
            "cookie": {
                "type": "apiKey",
                "in": "cookie",
                "name": authentication.COOKIE,
                "description": "What /login gives to a browser. Writes then need X-CSRF-Token or the form's field.",
            },
        },
    }


def _path(cls: type[Resource], path: str, components: Components) -> dict[str, Any]:
    names, schemas = re.findall(r"{(\w+)}", path), {**PATH_SCHEMAS, **cls.keys}
    parameters = [{"name": name, "in": "path", "required": True, "schema": schemas[name]} for name in names]
    item: dict[str, Any] = {"parameters": parameters} if parameters else {}
    item |= {method: _operation(cls, method, declared, components) for method, declared in cls.operations.items()}
    for method in cls.operations if path != cls.path else ():
        item[method]["operationId"] += "Alias"
    return item


def _operation(cls: type[Resource], method: str, declared: Operation, components: Components) -> dict[str, Any]:
    parameters = [_query_parameter(argument) for argument in declared.query.arguments]
    parameters += [
        {"name": name, "in": "header", "description": text, "schema": HEADER_SCHEMAS.get(name, {"type": "string"})}
        for name, (text, methods) in HEADER_PARAMETERS.items()
        if method in methods and name not in cls.ignores
    ]
    told: dict[str, Any] = {
        "operationId": f"{method}{cls.name or cls.__name__}",
        "tags": [cls.tag],
        "summary": declared.summary,
        "description": declared.description or inspect.getdoc(getattr(cls, method)),
        "x-role": declared.role,
        "security": [*([{}] if declared.role == "public" else []), {"bearer": []}, {"cookie": []}],
        "parameters": parameters,
        "responses": {str(status): answer for status, answer in _responses(cls, method, declared, components)},
    }
    if declared.body:
        told["requestBody"] = {"required": True, "content": dict(_content(declared.body, declared.accepts, components))}
    return told


def _query_parameter(argument: Parameter) -> dict[str, Any]:
    listed = {"style": "form", "explode": False} if argument.schema.get("type") == "array" else {}
    return {
        "name": argument.name,
        "in": "query",
        "description": argument.help,
        "schema": argument.schema,
        **listed,
    }


def _content(body: type[Struct], accepts: Sequence[str], components: Components) -> Iterator[tuple[str, Any]]:
    schemas: dict[str, Callable[[type[Struct]], Schema]] = {
        JSON: components.of,
        FORM: components.form,
        MERGE_PATCH: components.patch,
    }
    for media in accepts:
        yield media, {"schema": schemas[media](body)}


def _responses(
    cls: type[Resource], method: str, declared: Operation, components: Components
) -> Iterator[tuple[int, Any]]:
    selectable = any(argument.name == "fields" for argument in declared.query.arguments)
    for status, answer in declared.answers.items():
        told: dict[str, Any] = {"description": HTTPStatus(status).phrase, "headers": _headers(status, declared.tagged)}
        if answer is not None:
            schemas = {
                media: components.of(answer, selectable) if media.endswith("json") else {"type": "string"}
                for media in declared.produces
                if media == JSON or 303 not in declared.answers  # a browser is led on
            }
            told["content"] = {media: {"schema": schema} for media, schema in schemas.items()}
        yield status, told
    if method in ("post", "put", "patch") and 200 in declared.answers:
        yield 204, {"description": "Done; the caller prefers to get no representation."}
    if method == "get" and declared.tagged:
        yield 304, {"description": "The caller has it already.", "headers": _headers(304)}
    problem = {PROBLEM_TYPE: {"schema": components.of(Problem)}, "text/html": {"schema": {"type": "string"}}}
    for status in sorted(_refusals(cls, method, declared)):
        yield status, {"description": HTTPStatus(status).phrase, "headers": _headers(status), "content": problem}


def _refusals(cls: type[Resource], method: str, declared: Operation) -> set[int]:
    """Every status by which the rules of HTTP can refuse this operation, besides its own."""
    found = {400, 401, 406, 503, *declared.refuses} | ({412} if declared.tagged or method == "post" else set())
    # Each token belongs to a member at least. A write that carries the cookie must also carry the CSRF proof.
    if declared.role not in ("public", "member") or method.upper() in csrf.UNSAFE:
        found |= {403}
    if "{" in cls.path and (method != "put" or 201 not in declared.answers):
        found |= {404}
    if declared.body:
        found |= {413, 415, 422}
    return found | ({428} if method == "patch" else set())


def _headers(status: int, tagged: bool = True) -> dict[str, Any]:
    listed = {200: ("ETag", "Link"), 201: ("ETag", "Location"), 303: ("Location", "Set-Cookie"), 304: ("ETag",)}
    names = {**listed, 401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}.get(status, ())
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names if tagged or name != "ETag"}
