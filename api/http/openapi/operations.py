"""The operations of the OpenAPI document."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from api.http import idempotency
from api.http.openapi.components import Components
from api.http.openapi.headers import DEPRECATION_HEADERS, header_references
from api.http.openapi.responses import has_preconditions, responses
from api.http.query_params import Parameter
from api.http.request_body import FORM, JSON, MERGE_PATCH
from api.http.resource import Operation, Resource
from api.http.schemas import Schema, name_schema

PATH_SCHEMAS: dict[str, Schema] = {
    "name": name_schema(),
    "username": name_schema(),
    "slug": {"type": "string", "minLength": 1},
    "id": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$"},
    "width": {"type": "integer", "minimum": 1},
}


def path_item(
    cls: type[Resource], path: str, components: Components, shared: Mapping[str, Parameter]
) -> dict[str, Any]:
    """Return the Path Item Object of a path of a resource.

    Args:
        cls: the resource.
        path: its path, or an alias.
        components: the schemas.
        shared: the query parameters in ``components.parameters``, by name.
    """
    names, schemas = re.findall(r"{(\w+)}", path), {**PATH_SCHEMAS, **cls.keys}
    parameters = [{"name": name, "in": "path", "required": True, "schema": schemas[name]} for name in names]
    item: dict[str, Any] = {"parameters": parameters} if parameters else {}
    for method, operation in cls.operations.items():
        item[method] = _operation(cls, method, operation, components, shared)
        if path != cls.path:
            item[method] |= _alias(cls, operation, item[method])
    return item


def _alias(cls: type[Resource], operation: Operation, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of an operation that differ for another path of the resource."""
    deprecation = header_references(DEPRECATION_HEADERS)
    return {
        "operationId": f"{operation.id}Alias",
        "deprecated": True,
        "description": f"An alias of `{cls.path}`. {document['description']}",
        "responses": {
            status: response | {"headers": response["headers"] | deprecation} if "headers" in response else response
            for status, response in document["responses"].items()
        },
    }


def _operation(
    cls: type[Resource], method: str, operation: Operation, components: Components, shared: Mapping[str, Parameter]
) -> dict[str, Any]:
    parameters = [
        _parameter_reference(parameter.name) if parameter.name in shared else query_parameter(parameter, components)
        for parameter in operation.query.parameters
        if not parameter.changes_type
    ]
    parameters += [_parameter_reference(name) for name in _request_headers(cls, method, operation)]
    document: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [cls.tag],
        "summary": operation.summary,
        "description": _description(cls, method, operation),
        "x-role": operation.role,
        "security": _security(operation),
        "parameters": parameters,
        "responses": {str(status): response for status, response in responses(cls, method, operation, components)},
    }
    if operation.body:
        content = dict(_content(cls, method, operation, operation.body, components))
        document["requestBody"] = {"required": True, "content": content}
    return document


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    """Return the Security Requirement Objects of an operation."""
    if not operation.uses_caller:
        return []
    return [*([{}] if operation.role == "public" else []), {"bearer": []}, {"cookie": []}]


def _description(cls: type[Resource], method: str, operation: Operation) -> str:
    """Return the description of an operation, and of the parameters that change the type of its response."""
    own = operation.description or inspect.getdoc(getattr(cls, method)) or ""
    others = [parameter for parameter in operation.query.parameters if parameter.changes_type]
    texts = [f"Query parameter `{parameter.name}`, which changes the type: {parameter.help}" for parameter in others]
    return "\n\n".join([own, *texts])


def _request_headers(cls: type[Resource], method: str, operation: Operation) -> Iterator[str]:
    """Yield the names of the request headers that an operation reads.

    A POST that creates also reads Prefer, with which its response has no body. OpenAPI cannot describe that.
    """
    names = {
        "X-Request-Id": True,
        "traceparent": True,
        "If-Match": has_preconditions(method, operation),
        "If-None-Match": has_preconditions(method, operation),
        "Prefer": method in ("put", "patch") or (method == "post" and 201 not in operation.responses),
        idempotency.HEADER: method == "post",
    }
    yield from (name for name, is_read in names.items() if is_read and name not in cls.ignores)


def _parameter_reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{name}"}


def query_parameter(parameter: Parameter, components: Components) -> dict[str, Any]:
    """Return the Parameter Object of a query parameter."""
    style = {"style": "form", "explode": False} if parameter.schema.get("type") == "array" else {}
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.help,
        "schema": components.with_named_enums(parameter.schema),
        **({"deprecated": True} if parameter.deprecated else {}),
        **style,
    }


def _content(
    cls: type[Resource], method: str, operation: Operation, body: type[Struct], components: Components
) -> Iterator[tuple[str, Any]]:
    """Yield each media type of a request body with its Media Type Object."""
    key = getattr(getattr(cls, "service", None), "key_field", "")
    schemas: dict[str, Callable[[type[Struct]], Schema]] = {
        JSON: components.body_schema,
        FORM: components.form_schema,
        MERGE_PATCH: lambda body: components.patch_schema(body, key),
    }
    for media in operation.accepts:
        schema = schemas[media](body)
        if method in ("put", "patch") and media != FORM:
            components.add_read_only(schema, operation.responses[200])
        name = schema["$ref"].rpartition("/")[2]
        example = components.examples.body(name, media, components.schemas[name]["properties"])
        yield media, {"schema": schema, **example}
