"""The OpenAPI 3.1 document, built from the operations and structs that serve requests.

apispec and flask-smorest would need a second declaration of each body with marshmallow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import msgspec

import api
from api.http import cookies
from api.http.openapi.components import Components
from api.http.openapi.examples import load_examples
from api.http.openapi.headers import REQUEST_HEADERS, RESPONSE_HEADERS, parameter_document
from api.http.openapi.operations import path_item, query_parameter
from api.http.openapi.responses import ERROR_NAMES, error_response
from api.http.query_params import Parameter
from api.http.resource import Operation, Resource
from api.http.schemas import Problem, iter_structs

DESCRIPTION = f"""\
{api.__doc__}

Public data needs no account. For the rest, log in with `POST /sessions` and send the token as
`Authorization: Bearer …`.

A GET of an entity has a strong ETag; a PATCH of an existing entity needs it in `If-Match`. HEAD works wherever GET
does, and OPTIONS everywhere.

Errors are `application/problem+json` (RFC 9457). A client that prefers `text/html` to JSON, such as a browser, gets an
HTML page instead, and some resources have a page too. Pages are for people: their HTML may change at any time.

Every response also has `Cache-Control`, `Vary` and the security headers of browsers. A list without a token may be
five seconds old, or 35 if a cache supports `stale-while-revalidate`.

New members, operations, optional parameters and headers may come at any time: ignore what you do not know. Nothing is
removed or renamed without notice. What is deprecated works for at least six months and has the headers `Deprecation`
(RFC 9745) and `Sunset` (RFC 8594). `docs/versioning.md` in the source repository has the rules.
"""
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
    components = Components(types, bodies, load_examples())
    shared = _shared_parameters(operations)
    paths = {path: path_item(cls, path, components, shared) for cls in resources for path in (cls.path, *cls.aliases)}
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
    problem = components.schema_of(Problem)
    return {
        "schemas": components.schemas,
        "responses": {
            name: error_response(status, {"schema": problem, **components.examples.problem(status)})
            for status, name in ERROR_NAMES.items()
        },
        "parameters": {
            **{parameter.name: query_parameter(parameter, components) for parameter in shared},
            **{name: parameter_document(name) for name in REQUEST_HEADERS},
        },
        "headers": {name: header.document() for name, header in RESPONSE_HEADERS.items()},
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer", "description": "From POST /sessions or POST /tokens."},
            "cookie": {
                "type": "apiKey",
                "in": "cookie",
                "name": cookies.PREFIX + cookies.SESSION,
                "description": "The session cookie of /login. Only pages of this origin can write with it.",
            },
        },
    }
