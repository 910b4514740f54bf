"""The headers of requests and responses in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from api.http import idempotency
from api.http.schemas import Schema

TEXT: Schema = {"type": "string"}
URL: Schema = {"type": "string", "format": "uri-reference"}
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TAG = '"5zB5edvMYwAaobFT.28bde8dbb3bb3e42"'
REQUEST_ID = "7f1c1ae2-6f0c-4b7e-9d57-0f2b7a9e3c11"


class Header(Struct, frozen=True):
    """A header with its description, schema and example."""

    description: str
    schema: Schema
    example: Any
    required: bool = False
    """Whether each response that lists the header has it."""

    def document(self) -> dict[str, Any]:
        """Return the Header Object of the OpenAPI document."""
        required = {"required": True} if self.required else {}
        return {"description": self.description, **required, "schema": self.schema, "example": self.example}


REQUEST_HEADERS = {
    "X-Request-Id": Header(
        "The id of the request in the log and in the response: 1 to 128 letters, digits, `.`, `_` and `-`. Other values"
        " are ignored.",
        TEXT,
        REQUEST_ID,
    ),
    "traceparent": Header("The position in a trace (W3C Trace Context). An invalid one is ignored.", TEXT, TRACE),
    "If-Match": Header(
        "The request succeeds only if the current version has one of these entity tags; `*` means any version"
        " (RFC 9110, section 13.1.1).",
        TEXT,
        TAG,
    ),
    "If-None-Match": Header(
        "GET: the response is 304 if the entity tag still matches. Writes: `*` means that the entity must not exist"
        " (RFC 9110, section 13.1.2).",
        TEXT,
        TAG,
    ),
    "Prefer": Header("`return=minimal` for a response without a body (RFC 7240).", TEXT, "return=minimal"),
    idempotency.HEADER: Header(
        "A random text for each new request. A request that is sent again with the same key takes effect once.",
        {"type": "string", "pattern": f"^({idempotency.KEY.pattern})$"},
        "8e03978e-40d5-43dd-bc93-6894a57f9324",
    ),
}
"""The request headers that the server reads, besides those that OpenAPI describes elsewhere (Accept, Authorization)."""

RESPONSE_HEADERS = {
    "X-Request-Id": Header("The id of the request in the log.", TEXT, REQUEST_ID, True),
    "Link": Header(
        "The next and previous page (next, prev), the OpenAPI document (service-desc) and the docs (service-doc).",
        TEXT,
        '</openapi.json>; rel="service-desc", </docs>; rel="service-doc"',
        required=True,
    ),
    "traceparent": Header("The traceparent of the request (W3C Trace Context).", TEXT, TRACE),
    "ETag": Header("The strong entity tag of this representation.", TEXT, TAG, True),
    "Location": Header("The URL of the created entity, or of the redirect.", URL, "/sessions/dFXYKvhaUmHKUAvd", True),
    "Content-Location": Header("The URL of the entity, if the request has another one.", URL, "/users/ada"),
    "Set-Cookie": Header(
        "The session cookie, or its deletion.", TEXT, "__Host-session=v9WzMJ; Secure; HttpOnly; SameSite=Lax", True
    ),
    idempotency.REPLAYED: Header(
        "`true` if the response is the saved one of an earlier request with the Idempotency-Key.",
        {"const": "true"},
        "true",
    ),
    "Preference-Applied": Header(
        "The preference that the response follows (RFC 7240).", {"const": "return=minimal"}, "return=minimal"
    ),
    "WWW-Authenticate": Header(
        "The authentication scheme and the error (RFC 6750).",
        TEXT,
        'Bearer realm="clowder", error="invalid_token"',
        required=True,
    ),
    "Accept": Header("The media types that the operation accepts.", TEXT, "application/json"),
    "Accept-Patch": Header(
        "The media types of a PATCH that the operation accepts (RFC 5789).", TEXT, "application/merge-patch+json"
    ),
    "Accept-Encoding": Header("The content codings that the operation accepts.", TEXT, "identity"),
    "Retry-After": Header(
        "The number of seconds to wait before the next request.", {"type": "integer", "minimum": 0}, 1, required=True
    ),
    "RateLimit-Policy": Header("The limit `q` of requests in a window of `w` seconds.", TEXT, '"default";q=10;w=300'),
    "RateLimit": Header(
        "The remaining requests `r`, and the seconds `t` to the next window.", TEXT, '"default";r=9;t=1'
    ),
    "Deprecation": Header(
        "The time since which this form of the request is deprecated (RFC 9745).", TEXT, "@1795824000"
    ),
    "Sunset": Header(
        "The time after which this form of the request may stop working (RFC 8594).",
        TEXT,
        "Wed, 01 Sep 2027 00:00:00 GMT",
    ),
}
COMMON = ("X-Request-Id", "traceparent", "Link")
"""The headers of every response."""
LIMIT_HEADERS = ("RateLimit-Policy", "RateLimit")
"""The headers of an operation with a limit of requests."""
DEPRECATION_HEADERS = ("Deprecation", "Sunset")
"""The headers of a deprecated operation."""


def header_references(names: Iterable[str]) -> dict[str, Any]:
    """Return the headers of a response: the common ones and some others, as references to the components."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*COMMON, *names)}


def parameter_document(name: str) -> dict[str, Any]:
    """Return the Parameter Object of a request header.

    The example is in the schema. Swagger UI would send the ``example`` of a parameter with every request.
    """
    header = REQUEST_HEADERS[name]
    schema = header.schema | {"examples": [header.example]}
    return {"name": name, "in": "header", "description": header.description, "schema": schema}
