"""The OpenAPI 3.1 document, built from the operations and structs that serve requests.

apispec and flask-smorest would need a second declaration of each body with marshmallow.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Any

from msgspec import Struct

import api
from api.http import cookies, csrf, idempotency
from api.http.components import Components
from api.http.examples import load_examples
from api.http.problems import PROBLEM_JSON
from api.http.query_params import Parameter
from api.http.request_body import FORM, JSON, MERGE_PATCH
from api.http.resource import Operation, Resource
from api.http.schemas import Problem, Schema, iter_structs, name_schema

DESCRIPTION = f"""\
{api.__doc__}

Public data needs no account. For the rest, log in with `POST /sessions` and send the token as
`Authorization: Bearer …`.

Errors are `application/problem+json` (RFC 9457), or HTML if the client prefers it. A GET of an entity has a strong
ETag; a PATCH of an existing entity needs it in `If-Match`.
"""
PATH_SCHEMAS: dict[str, Schema] = {
    "name": name_schema(),
    "username": name_schema(),
    "slug": {"type": "string", "minLength": 1},
    "id": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$"},
}
HEADER_PARAMETERS: dict[str, tuple[str, Sequence[str]]] = {
    "If-Match": (
        "The request succeeds only if the entity has this entity tag (RFC 9110, section 13.1.1).",
        ("put", "patch", "delete"),
    ),
    "If-None-Match": (
        "GET: the response is 304 if the entity tag still matches. Writes: `*` means that the entity must not exist.",
        ("get", "put", "patch", "delete"),
    ),
    "Prefer": ("`return=minimal` for a response without a body (RFC 7240).", ("post", "put", "patch")),
    "Idempotency-Key": (
        "A random text for each new request. A request that is sent again with the same key takes effect once.",
        ("post",),
    ),
}
HEADER_SCHEMAS = {idempotency.HEADER: {"type": "string", "pattern": f"^({idempotency.KEY.pattern})$"}}
RESPONSE_HEADERS = {
    "ETag": "The strong entity tag of this representation.",
    "Location": "The URL of the created entity, or of the redirect.",
    idempotency.REPLAYED: "`true` if the response is the saved one of an earlier request with the Idempotency-Key.",
    "Set-Cookie": "The session cookie, or its deletion.",
    "Link": "The next page (rel=next), the OpenAPI document (service-desc) and the API docs (service-doc).",
    "Retry-After": "The number of seconds to wait before the next request.",
    "WWW-Authenticate": "The authentication scheme (RFC 6750).",
}


def build_document(resources: Sequence[type[Resource]]) -> dict[str, Any]:
    """Return the OpenAPI document of some resources."""
    operations = [operation for cls in resources for operation in cls.operations.values()]
    types = [
        struct for operation in operations for body in operation.responses.values() for struct in iter_structs(body)
    ]
    bodies = [operation.body for operation in operations if operation.body]
    components = Components(types, bodies, load_examples())
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
        "headers": {
            name: {"description": text, "schema": {"type": "string"}} for name, text in RESPONSE_HEADERS.items()
        },
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer", "description": "A token from POST /sessions."},
            "cookie": {
                "type": "apiKey",
                "in": "cookie",
                "name": cookies.PREFIX + cookies.SESSION,
                "description": "The session cookie of /login. Only pages of this origin can write with it.",
            },
        },
    }


def _path(cls: type[Resource], path: str, components: Components) -> dict[str, Any]:
    names, schemas = re.findall(r"{(\w+)}", path), {**PATH_SCHEMAS, **cls.keys}
    parameters = [{"name": name, "in": "path", "required": True, "schema": schemas[name]} for name in names]
    item: dict[str, Any] = {"parameters": parameters} if parameters else {}
    item |= {method: _operation(cls, method, operation, components) for method, operation in cls.operations.items()}
    for method in cls.operations if path != cls.path else ():
        item[method]["operationId"] += "Alias"
    return item


def _operation(cls: type[Resource], method: str, operation: Operation, components: Components) -> dict[str, Any]:
    parameters = [_query_parameter(parameter, components) for parameter in operation.query.parameters]
    parameters += [
        {"name": name, "in": "header", "description": text, "schema": HEADER_SCHEMAS.get(name, {"type": "string"})}
        for name, (text, methods) in HEADER_PARAMETERS.items()
        if method in methods and name not in cls.ignores
    ]
    document: dict[str, Any] = {
        "operationId": f"{method}{cls.name or cls.__name__}",
        "tags": [cls.tag],
        "summary": operation.summary,
        "description": operation.description or inspect.getdoc(getattr(cls, method)),
        "x-role": operation.role,
        "security": [*([{}] if operation.role == "public" else []), {"bearer": []}, {"cookie": []}],
        "parameters": parameters,
        "responses": {str(status): response for status, response in _responses(cls, method, operation, components)},
    }
    if operation.body:
        key = getattr(getattr(cls, "service", None), "key_field", "")
        content = dict(_content(operation.body, operation.accepts, components, key))
        document["requestBody"] = {"required": True, "content": content}
    return document


def _query_parameter(parameter: Parameter, components: Components) -> dict[str, Any]:
    style = {"style": "form", "explode": False} if parameter.schema.get("type") == "array" else {}
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.help,
        "schema": components.with_named_enums(parameter.schema),
        **style,
    }


def _content(body: type[Struct], accepts: Sequence[str], components: Components, key: str) -> Iterator[tuple[str, Any]]:
    schemas: dict[str, Callable[[type[Struct]], Schema]] = {
        JSON: components.body_schema,
        FORM: components.form_schema,
        MERGE_PATCH: lambda body: components.patch_schema(body, key),
    }
    for media in accepts:
        schema = schemas[media](body)
        name = schema["$ref"].rpartition("/")[2]
        example = components.examples.body(name, media, components.schemas[name]["properties"])
        yield media, {"schema": schema, **example}


def _responses(
    cls: type[Resource], method: str, operation: Operation, components: Components
) -> Iterator[tuple[int, Any]]:
    selectable = any(parameter.name == "fields" for parameter in operation.query.parameters)
    for status, body in operation.responses.items():
        headers = _headers(status, operation.tagged)
        if method == "post" and status == 201 and idempotency.HEADER not in cls.ignores:
            headers |= _headers_of(idempotency.REPLAYED)
        response: dict[str, Any] = {"description": HTTPStatus(status).phrase, "headers": headers}
        if body is not None:
            schemas = {
                media: components.schema_of(body, selectable) if media.endswith("json") else {"type": "string"}
                for media in operation.produces
                if media == JSON or 303 not in operation.responses  # a browser gets the redirect
            }
            response["content"] = {
                media: {"schema": schema, **components.examples.response(cls.path, media, schema)}
                for media, schema in schemas.items()
            }
        yield status, response
    if method in ("post", "put", "patch") and 200 in operation.responses and "Prefer" not in cls.ignores:
        yield 204, {"description": "Done. The client preferred a response without a body."}
    if method == "get" and operation.tagged:
        yield 304, {"description": "The client has the current representation.", "headers": _headers(304)}
    schema = components.schema_of(Problem)
    for status in sorted(_error_statuses(cls, method, operation)):
        problem = {
            PROBLEM_JSON: {"schema": schema, **components.examples.problem(status)},
            "text/html": {"schema": {"type": "string"}},
        }
        yield status, {"description": HTTPStatus(status).phrase, "headers": _headers(status), "content": problem}


def _error_statuses(cls: type[Resource], method: str, operation: Operation) -> set[int]:
    """Return all error statuses of an operation: the declared ones, and those that follow from its fields."""
    statuses = {400, 401, 406, 503, *operation.error_statuses}
    if operation.tagged or method == "post":
        statuses |= {412}
    # The user of a session is at least a member. A write with the cookie must come from a page of this origin.
    if operation.role not in ("public", "member") or method.upper() in csrf.UNSAFE:
        statuses |= {403}
    if "{" in cls.path and (method != "put" or 201 not in operation.responses):
        statuses |= {404}
    if operation.body:
        statuses |= {413, 415, 422}
    return statuses | ({428} if method == "patch" else set())


def _headers(status: int, tagged: bool = True) -> dict[str, Any]:
    by_status: dict[int, tuple[str, ...]] = {
        200: ("ETag", "Link"),
        201: ("ETag", "Location"),
        303: ("Location", "Set-Cookie"),
        304: ("ETag",),
        401: ("WWW-Authenticate",),
        429: ("Retry-After",),
        503: ("Retry-After",),
    }
    names = by_status.get(status, ())
    return _headers_of(*(name for name in names if tagged or name != "ETag"))


def _headers_of(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
