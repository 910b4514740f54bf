"""The error responses of the OpenAPI document. All operations share them."""

from __future__ import annotations

from typing import Any

from api.http.openapi_headers import DEPRECATION_HEADERS, LIMIT_HEADERS, header_references
from api.http.problem_types import PROBLEM_TYPES
from api.http.problems import PROBLEM_JSON

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
