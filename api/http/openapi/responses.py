"""The responses of the OpenAPI document. All operations share those of errors."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from api.http import csrf, idempotency
from api.http.openapi.components import Components
from api.http.openapi.headers import DEPRECATION_HEADERS, LIMIT_HEADERS, header_references
from api.http.problem_types import PROBLEM_TYPES
from api.http.problems import PROBLEM_JSON
from api.http.request_body import JSON
from api.http.resource import Operation, Resource

ERROR_NAMES = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    406: "NotAcceptable",
    409: "Conflict",
    412: "PreconditionFailed",
    413: "ContentTooLarge",
    415: "UnsupportedMediaType",
    422: "UnprocessableContent",
    428: "PreconditionRequired",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServiceUnavailable",
}
"""The names of the components (RFC 9110, section 15.5)."""
TEXT, BINARY = {"type": "string"}, {"type": "string", "format": "binary"}
"""The schemas of bodies that are not JSON."""
HEADERS = {
    401: ("WWW-Authenticate",),
    403: ("WWW-Authenticate",),
    415: ("Accept", "Accept-Patch", "Accept-Encoding"),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
"""The headers of some statuses."""


def error_response(status: int, problem: dict[str, Any]) -> dict[str, Any]:
    """Return the response of an error status: its problem types, headers and body.

    Args:
        status: the status.
        problem: the Media Type Object of a problem.
    """
    kinds = [kind for kind in PROBLEM_TYPES.values() if kind.status == status]
    limit_headers = LIMIT_HEADERS if status < 500 else ()
    return {
        "description": "\n".join(f"`{kind.slug}`: {kind.explanation}" for kind in kinds),
        "headers": header_references((*HEADERS.get(status, ()), *limit_headers, *DEPRECATION_HEADERS)),
        "content": {PROBLEM_JSON: problem},
    }


def has_preconditions(method: str, operation: Operation) -> bool:
    """Return whether an operation reads If-Match and If-None-Match: it has a tag, or it is a POST to a collection."""
    return operation.tagged or method == "post"


def responses(
    cls: type[Resource], method: str, operation: Operation, components: Components
) -> Iterator[tuple[int, Any]]:
    """Yield the status and the Response Object of each response of an operation."""
    for status, body in operation.responses.items():
        headers = header_references(_response_headers(cls, method, status, operation))
        response: dict[str, Any] = {"description": HTTPStatus(status).phrase, "headers": headers}
        if body is not None:
            schemas = {
                media: components.schema_of(body) if media.endswith("json") else (BINARY if body is bytes else TEXT)
                for media in operation.produces
                if media == JSON or 303 not in operation.responses  # a browser gets the redirect
            }
            response["content"] = {
                media: {"schema": schema, **components.examples.response(cls.path, media, schema)}
                for media, schema in schemas.items()
            }
        yield status, response
    if method in ("post", "put", "patch") and 200 in operation.responses and "Prefer" not in cls.ignores:
        headers = header_references(_response_headers(cls, method, 204, operation))
        yield 204, {"description": "Done. The client preferred a response without a body.", "headers": headers}
    if method == "get" and operation.tagged:
        headers = header_references(["ETag", *(["Content-Location"] if cls.aliases else [])])
        yield 304, {"description": "The client has the current representation.", "headers": headers}
    for status in sorted(_error_statuses(cls, method, operation)):
        yield status, {"$ref": f"#/components/responses/{ERROR_NAMES[status]}"}


def _error_statuses(cls: type[Resource], method: str, operation: Operation) -> set[int]:
    """Return all error statuses of an operation: the declared ones, and those that follow from its fields."""
    statuses = {400, 401, 500, 503, *operation.error_statuses}
    if not operation.ignores_accept:
        statuses |= {406}
    if has_preconditions(method, operation):
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
        "Content-Location": bool(cls.aliases) and method != "delete",
        "Set-Cookie": status == 303,
        idempotency.REPLAYED: method == "post" and status == 201 and idempotency.HEADER not in cls.ignores,
        "Preference-Applied": has_preference and status in (201, 204),
    }
    yield from (name for name, is_sent in names.items() if is_sent)
    yield from LIMIT_HEADERS if 429 in operation.error_statuses else ()
    yield from DEPRECATION_HEADERS if operation.query.deprecated else ()
