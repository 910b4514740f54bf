"""The problem types of the API (RFC 9457): slug, status, title and explanation of each."""

from __future__ import annotations

from msgspec import Struct


class ProblemType(Struct, frozen=True):
    """A problem type (RFC 9457, section 3). Its URI is ``/problems/<slug>`` and never changes."""

    slug: str
    status: int
    title: str
    explanation: str


MALFORMED = ProblemType(
    "malformed",
    400,
    "Malformed request",
    "The request cannot be parsed: the body is not well-formed, or a header or a cursor is invalid. The member "
    "'errors' lists the errors with their locations. Correct the request before you send it again.",
)
BAD_QUERY = ProblemType(
    "bad-query",
    400,
    "Invalid query parameter",
    "A query parameter is unknown, repeated, of a wrong type or out of range. The member 'errors' lists each of them "
    "with the expected values.",
)
UNAUTHENTICATED = ProblemType(
    "unauthenticated",
    401,
    "Authentication required",
    "The bearer token is missing, has expired or was revoked. Get a token with POST /sessions and send it as "
    "'Authorization: Bearer …'.",
)
FORBIDDEN = ProblemType(
    "forbidden",
    403,
    "Permission denied",
    "The caller is authenticated and lacks the permission: the request needs a higher role, which an owner can give, "
    "it changes data of another user, it needs a session and has an API token, or another site sent it with the "
    "session cookie. The member 'detail' gives the reason.",
)
NOT_FOUND = ProblemType(
    "not-found",
    404,
    "Not found",
    "The resource does not exist, or the caller may not see it.",
)
METHOD_NOT_ALLOWED = ProblemType(
    "method-not-allowed",
    405,
    "Method not allowed",
    "The resource does not have this method. The Allow header lists its methods.",
)
NOT_ACCEPTABLE = ProblemType(
    "not-acceptable",
    406,
    "Not acceptable",
    "The resource has none of the media types in the Accept header. The member 'available' lists its media types.",
)
CONFLICT = ProblemType(
    "conflict",
    409,
    "Name already taken",
    "Another entity has this key. Choose another key, or change the existing entity.",
)
INVALID_STATE = ProblemType(
    "wrong-state",
    409,
    "Invalid state",
    "The current state of the entity does not allow this request. The member 'detail' says what is allowed.",
)
PRECONDITION_FAILED = ProblemType(
    "precondition-failed",
    412,
    "Precondition failed",
    "If-Match does not match the current version of the entity, or If-None-Match matches it. Nothing was changed. "
    "Read the entity again before you repeat the change.",
)
TOO_LARGE = ProblemType(
    "too-large",
    413,
    "Payload too large",
    "The body is larger than 256 KiB.",
)
UNSUPPORTED_MEDIA_TYPE = ProblemType(
    "unsupported-media-type",
    415,
    "Unsupported media type",
    "The media type or the content coding of the body is not supported. The headers Accept, Accept-Patch and "
    "Accept-Encoding list what is supported.",
)
VALIDATION_FAILED = ProblemType(
    "invalid",
    422,
    "Validation failed",
    "The body is well-formed and has invalid values, or the change is too large for the database. The member 'errors' "
    "lists the errors, each with a JSON Pointer (RFC 6901) into the body. Nothing was changed.",
)
IDEMPOTENCY_KEY_REUSED = ProblemType(
    "idempotency-key-reused",
    422,
    "Idempotency key already used",
    "An earlier request with other content had the same Idempotency-Key. Use a new key for a new request.",
)
PRECONDITION_REQUIRED = ProblemType(
    "precondition-required",
    428,
    "Precondition required",
    "A PATCH of an existing entity needs If-Match with the ETag of the version that it changes, so that no other "
    "change is lost. To create an entity, send 'If-None-Match: *'.",
)
RATE_LIMITED = ProblemType(
    "throttled",
    429,
    "Too many requests",
    "There were too many attempts in a short time. The Retry-After header gives the seconds until the next attempt.",
)
INTERNAL = ProblemType(
    "internal",
    500,
    "Internal error",
    "An error of the server, not of the request. The log has the details under the request id.",
)
UNAVAILABLE = ProblemType(
    "unavailable",
    503,
    "Service unavailable",
    "The database does not respond at the moment. Try again after the seconds in the Retry-After header. A write with "
    "an Idempotency-Key or a precondition is safe to repeat.",
)
HTTP_ERROR = ProblemType(
    "http",
    0,
    "HTTP error",
    "An error that HTTP defines; see the status (RFC 9110, section 15).",
)

PROBLEM_TYPES: dict[str, ProblemType] = {
    kind.slug: kind
    for kind in (
        MALFORMED, BAD_QUERY, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, METHOD_NOT_ALLOWED, NOT_ACCEPTABLE, CONFLICT,
        INVALID_STATE, PRECONDITION_FAILED, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, VALIDATION_FAILED,
        IDEMPOTENCY_KEY_REUSED, PRECONDITION_REQUIRED, RATE_LIMITED, INTERNAL, UNAVAILABLE, HTTP_ERROR,
    )
}  # fmt: skip
