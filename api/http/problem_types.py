"""Every kind of problem that a caller can meet: its type URI, its status, and what to do about it."""

from __future__ import annotations

from msgspec import Struct


class ProblemType(Struct, frozen=True):
    """One problem type (RFC 9457, section 3). Its URI is ``/problems/<slug>`` and never changes."""

    slug: str
    status: int
    title: str
    explanation: str


MALFORMED = ProblemType(
    "malformed",
    400,
    "Malformed request",
    "The request cannot be read: the body is not well-formed, or a header or a cursor is wrong. "
    "The member 'errors' says where. Correct the request before sending it again.",
)
BAD_QUERY = ProblemType(
    "bad-query",
    400,
    "Bad query argument",
    "A query argument is unknown, repeated, of a wrong type or out of range. The member 'errors' "
    "names each of them and says what it takes; /openapi.json lists all.",
)
UNAUTHENTICATED = ProblemType(
    "unauthenticated",
    401,
    "Authentication required",
    "A bearer token is missing, has expired or was revoked. Get one with POST "
    "/sessions and send it as 'Authorization: Bearer …'.",
)
FORBIDDEN = ProblemType(
    "forbidden",
    403,
    "Permission denied",
    "The caller is known, but may not do this: it needs another role (an owner gives roles), it is not theirs to do, "
    "or a form did not come from this browser's visit. The member 'detail' says which.",
)
NOT_FOUND = ProblemType(
    "not-found",
    404,
    "Nothing here",
    "There is nothing at this address, or nothing that this caller may know of.",
)
METHOD_NOT_ALLOWED = ProblemType(
    "method-not-allowed",
    405,
    "Method not allowed",
    "The address exists, but not with this method. The Allow header lists those that it has.",
)
NOT_ACCEPTABLE = ProblemType(
    "not-acceptable",
    406,
    "Not available in that format",
    "None of the formats in the Accept header can be had here. The member 'available' lists those that can.",
)
CONFLICT = ProblemType(
    "conflict",
    409,
    "The name is taken",
    "An entity has this key already. Choose another key, or change the entity that has it.",
)
WRONG_STATE = ProblemType(
    "wrong-state",
    409,
    "Not in this state",
    "The state of the entity does not allow this. The member 'detail' says what is allowed.",
)
PRECONDITION_FAILED = ProblemType(
    "precondition-failed",
    412,
    "It has changed in the meantime",
    "The entity is not in the state that If-Match or If-None-Match asks for, and nothing was changed. "
    "Read it again and decide anew.",
)
TOO_LARGE = ProblemType(
    "too-large",
    413,
    "Too large",
    "The body is larger than this server takes: 256 KiB.",
)
UNSUPPORTED_MEDIA_TYPE = ProblemType(
    "unsupported-media-type",
    415,
    "Unsupported media type",
    "The body is in a format or a coding that is not read here. The headers Accept, Accept-Patch and "
    "Accept-Encoding list those that are.",
)
INVALID = ProblemType(
    "invalid",
    422,
    "Some values are not valid",
    "The body is well-formed, but breaks rules. The member 'errors' names all of them, each with a "
    "JSON Pointer (RFC 6901) into the body. Nothing was changed.",
)
KEY_REUSED = ProblemType(
    "idempotency-key-reused",
    422,
    "Idempotency key used before",
    "The Idempotency-Key came before with another request. Use a new key for a new request.",
)
PRECONDITION_REQUIRED = ProblemType(
    "precondition-required",
    428,
    "Say which version you mean",
    "A change in part needs If-Match with the ETag of the version that it was made for, so that "
    "nobody's work is lost. To create, send 'If-None-Match: *'.",
)
THROTTLED = ProblemType(
    "throttled",
    429,
    "Too many tries",
    "This was tried too often in a short time. The Retry-After header says in how many seconds it may be tried again.",
)
INTERNAL = ProblemType(
    "internal",
    500,
    "Internal error",
    "A fault of this server, not of the request. The request id finds it in the log.",
)
UNAVAILABLE = ProblemType(
    "unavailable",
    503,
    "Not available now",
    "The store does not answer at the moment. Try again in a little while; with an Idempotency-Key or "
    "a condition that is safe.",
)
OTHER = ProblemType(
    "http",
    0,
    "Refused",
    "A refusal that HTTP itself defines; the status says which (RFC 9110, section 15).",
)

PROBLEM_TYPES: dict[str, ProblemType] = {
    kind.slug: kind
    for kind in (
        MALFORMED, BAD_QUERY, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, METHOD_NOT_ALLOWED, NOT_ACCEPTABLE, CONFLICT,
        WRONG_STATE, PRECONDITION_FAILED, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, INVALID, KEY_REUSED,
        PRECONDITION_REQUIRED, THROTTLED, INTERNAL, UNAVAILABLE, OTHER,
    )
}  # fmt: skip
