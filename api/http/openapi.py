"""The OpenAPI 3.1 document, built from the operations and structs that serve requests.

apispec and flask-smorest would need a second declaration of each body with marshmallow.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import Struct

import api
from api.http import cookies, csrf, idempotency
from api.http.openapi_errors import ERROR_NAMES, error_response
from api.http.openapi_headers import (
    DEPRECATION_HEADERS,
    LIMIT_HEADERS,
    REQUEST_HEADERS,
    RESPONSE_HEADERS,
    header_references,
    parameter_document,
)
from api.http.query_params import Parameter
from api.http.request_body import FORM, JSON, MERGE_PATCH
from api.http.resource import Operation, Resource
from api.http.schemas import Components, Problem, Schema, iter_structs, name_schema

DESCRIPTION = f"""\
{api.__doc__}

Public data needs no account. For the rest, log in with `POST /sessions` and send the token as
`Authorization: Bearer …`.

A GET of an entity has a strong ETag; a PATCH of an existing entity needs it in `If-Match`. HEAD works wherever GET
does, and OPTIONS everywhere.

Errors are `application/problem+json` (RFC 9457). A client that prefers `text/html` to JSON, such as a browser, gets an
HTML page instead.

Every response also has `Cache-Control`, `Vary` and the security headers of browsers.
"""
PATH_SCHEMAS: dict[str, Schema] = {
    "name": name_schema(),
    "username": name_schema(),
    "slug": {"type": "string", "minLength": 1},
    "id": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$"},
}
LOCAL_URL = "http://127.0.0.1:5000"
"""The default URL of ``make run``, for documents that no server serves."""
PLACEHOLDER = "https://url.invalid"
"""Stands for the URL of the API in the document that serves all requests (RFC 6761, section 6.4)."""


@cache
def _template(resources: Sequence[type[Resource]]) -> bytes:
    return msgspec.json.encode(build_document(resources, PLACEHOLDER))


def render_document(resources: Sequence[type[Resource]], url: str) -> bytes:
    """Return the OpenAPI document as JSON. It is built once; only the URL of the API differs between requests."""
    return _template(resources).replace(PLACEHOLDER.encode(), msgspec.json.encode(url)[1:-1])


def build_document(resources: Sequence[type[Resource]], url: str = LOCAL_URL) -> dict[str, Any]:
    """Return the OpenAPI document of some resources.

    Args:
        resources: the resources.
        url: the URL of the API, without a slash at its end.
    """
    operations = [operation for cls in resources for operation in cls.operations.values()]
    types = [
        struct for operation in operations for body in operation.responses.values() for struct in iter_structs(body)
    ]
    bodies = [operation.body for operation in operations if operation.body]
    components = Components([Problem, *types, *bodies])
    shared = _shared_parameters(operations)
    paths = {path: _path(cls, path, components, shared) for cls in resources for path in (cls.path, *cls.aliases)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Clowder",
            "version": api.__version__,
            "description": DESCRIPTION,
            "contact": {"name": "Security contact of the café", "url": f"{url}/.well-known/security.txt"},
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "externalDocs": {"description": "The API docs, to read and to try", "url": f"{url}/docs"},
        "servers": [{"url": url, "description": "The server of this document"}],
        "tags": _tags(resources),
        "paths": paths,
        "components": _components(components, shared.values()),
    }


def _tags(resources: Sequence[type[Resource]]) -> list[dict[str, str]]:
    descriptions = {cls.tag: cls.tag_description for cls in reversed(resources) if cls.tag_description}
    return [
        {"name": tag, "description": descriptions.get(tag, "")} for tag in dict.fromkeys(cls.tag for cls in resources)
    ]


def _shared_parameters(operations: Iterable[Operation]) -> dict[str, Parameter]:
    """Return the query parameters that several operations have in the same form, by name."""
    declared = [parameter for operation in operations for parameter in operation.query.parameters]
    by_name: dict[str, list[Parameter]] = {}
    for parameter in declared:
        by_name.setdefault(parameter.name, []).append(parameter)
    return {
        name: same[0] for name, same in by_name.items() if len(same) > 1 and all(other is same[0] for other in same)
    }


def _components(components: Components, shared: Iterable[Parameter]) -> dict[str, Any]:
    problem = {"schema": components.schema_of(Problem)}
    return {
        "schemas": components.schemas,
        "responses": {name: error_response(status, problem) for status, name in ERROR_NAMES.items()},
        "parameters": {
            **{parameter.name: _query_parameter(parameter) for parameter in shared},
            **{name: parameter_document(name) for name in REQUEST_HEADERS},
        },
        "headers": {name: header.document() for name, header in RESPONSE_HEADERS.items()},
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


def _path(cls: type[Resource], path: str, components: Components, shared: Mapping[str, Parameter]) -> dict[str, Any]:
    names, schemas = re.findall(r"{(\w+)}", path), {**PATH_SCHEMAS, **cls.keys}
    parameters = [{"name": name, "in": "path", "required": True, "schema": schemas[name]} for name in names]
    item: dict[str, Any] = {"parameters": parameters} if parameters else {}
    for method, operation in cls.operations.items():
        item[method] = _operation(cls, method, operation, components, shared)
        if path != cls.path:
            item[method] |= _alias(cls, operation, item[method]["responses"])
    return item


def _alias(cls: type[Resource], operation: Operation, responses: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of an operation that differ for another path of the resource."""
    deprecation = header_references(DEPRECATION_HEADERS)
    return {
        "operationId": f"{operation.id}Alias",
        "deprecated": True,
        "description": f"An alias of `{cls.path}`.",
        "responses": {
            status: response | {"headers": response["headers"] | deprecation} if "headers" in response else response
            for status, response in responses.items()
        },
    }


def _operation(
    cls: type[Resource], method: str, operation: Operation, components: Components, shared: Mapping[str, Parameter]
) -> dict[str, Any]:
    parameters = [
        _parameter_reference(parameter.name) if parameter.name in shared else _query_parameter(parameter)
        for parameter in operation.query.parameters
    ]
    parameters += [_parameter_reference(name) for name in _request_headers(cls, method, operation)]
    document: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [cls.tag],
        "summary": operation.summary,
        "description": operation.description or inspect.getdoc(getattr(cls, method)),
        "x-role": operation.role,
        "security": [*([{}] if operation.role == "public" else []), {"bearer": []}, {"cookie": []}],
        "parameters": parameters,
        "responses": {str(status): response for status, response in _responses(cls, method, operation, components)},
    }
    if operation.body:
        content = dict(_content(operation.body, operation.accepts, components))
        document["requestBody"] = {"required": True, "content": content}
    return document


def _request_headers(cls: type[Resource], method: str, operation: Operation) -> Iterator[str]:
    """Yield the names of the request headers that an operation reads."""
    names = {
        "X-Request-Id": True,
        "traceparent": True,
        "If-Match": _has_preconditions(method, operation),
        "If-None-Match": _has_preconditions(method, operation),
        "Prefer": method in ("post", "put", "patch"),
        idempotency.HEADER: method == "post",
    }
    yield from (name for name, is_read in names.items() if is_read and name not in cls.ignores)


def _has_preconditions(method: str, operation: Operation) -> bool:
    """Return whether an operation reads If-Match and If-None-Match: it has a tag, or it is a POST to a collection."""
    return operation.tagged or method == "post"


def _parameter_reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{name}"}


def _query_parameter(parameter: Parameter) -> dict[str, Any]:
    style = {"style": "form", "explode": False} if parameter.schema.get("type") == "array" else {}
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.help,
        "schema": parameter.schema,
        **style,
    }


def _content(body: type[Struct], accepts: Sequence[str], components: Components) -> Iterator[tuple[str, Any]]:
    schemas: dict[str, Callable[[type[Struct]], Schema]] = {
        JSON: components.schema_of,
        FORM: components.form_schema,
        MERGE_PATCH: components.patch_schema,
    }
    for media in accepts:
        yield media, {"schema": schemas[media](body)}


def _responses(
    cls: type[Resource], method: str, operation: Operation, components: Components
) -> Iterator[tuple[int, Any]]:
    selectable = any(parameter.name == "fields" for parameter in operation.query.parameters)
    for status, body in operation.responses.items():
        headers = header_references(_response_headers(cls, method, status, operation))
        response: dict[str, Any] = {"description": HTTPStatus(status).phrase, "headers": headers}
        if body is not None:
            schemas = {
                media: components.schema_of(body, selectable) if media.endswith("json") else {"type": "string"}
                for media in operation.produces
                if media == JSON or 303 not in operation.responses  # a browser gets the redirect
            }
            response["content"] = {media: {"schema": schema} for media, schema in schemas.items()}
        yield status, response
    if method in ("post", "put", "patch") and 200 in operation.responses and "Prefer" not in cls.ignores:
        headers = header_references(_response_headers(cls, method, 204, operation))
        yield 204, {"description": "Done. The client preferred a response without a body.", "headers": headers}
    if method == "get" and operation.tagged:
        yield 304, {"description": "The client has the current representation.", "headers": header_references(["ETag"])}
    for status in sorted(_error_statuses(cls, method, operation)):
        yield status, {"$ref": f"#/components/responses/{ERROR_NAMES[status]}"}


def _error_statuses(cls: type[Resource], method: str, operation: Operation) -> set[int]:
    """Return all error statuses of an operation: the declared ones, and those that follow from its fields."""
    statuses = {400, 401, 406, 500, 503, *operation.error_statuses}
    if _has_preconditions(method, operation):
        statuses |= {412}
    # The user of a session is at least a member. A write with the cookie must come from a page of this origin.
    if operation.role not in ("public", "member") or method.upper() in csrf.UNSAFE:
        statuses |= {403}
    if "{" in cls.path and (method != "put" or 201 not in operation.responses):
        statuses |= {404}
    if operation.body:
        statuses |= {413, 415, 422}
    return statuses | ({428} if method == "patch" else set())


def _response_headers(cls: type[Resource], method: str, status: int, operation: Operation) -> Iterator[str]:
    """Yield the names of the headers of a successful response, besides the common ones."""
    has_preference = method in ("post", "put", "patch") and "Prefer" not in cls.ignores
    names = {
        "ETag": (operation.tagged and status in (200, 201)) or (has_preference and status == 204),
        "Location": status in (201, 303),
        "Set-Cookie": status == 303,
        idempotency.REPLAYED: method == "post" and status == 201 and idempotency.HEADER not in cls.ignores,
        "Preference-Applied": has_preference and status in (201, 204),
    }
    yield from (name for name, is_sent in names.items() if is_sent)
    yield from LIMIT_HEADERS if 429 in operation.error_statuses else ()
