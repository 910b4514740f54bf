"""THE table from what went wrong to what the caller is told: problem+json for programs, a page for people."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec
from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException

from api.domain import errors
from api.domain.errors import FieldError
from api.http import problem_types
from api.http.negotiation import prefers_html
from api.http.problem_types import ProblemType

log = logging.getLogger("clowder")

PROBLEM_TYPE = "application/problem+json"


class ProblemError(Exception):
    """A request that a rule of HTTP refuses."""

    def __init__(
        self,
        kind: ProblemType,
        detail: str,
        *,
        faults: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.faults = kind, detail, faults
        self.headers, self.extra = headers or {}, extra or {}


BY_ERROR: dict[type[Exception], ProblemType] = {
    errors.ValidationFailed: problem_types.INVALID,
    errors.Unauthenticated: problem_types.UNAUTHENTICATED,
    errors.Forbidden: problem_types.FORBIDDEN,
    errors.NotFound: problem_types.NOT_FOUND,
    errors.AlreadyExists: problem_types.CONFLICT,
    errors.InvalidState: problem_types.WRONG_STATE,
    errors.IdempotencyKeyReused: problem_types.KEY_REUSED,
    errors.RateLimited: problem_types.THROTTLED,
    errors.Unavailable: problem_types.UNAVAILABLE,
    Exception: problem_types.INTERNAL,
}
BY_STATUS: dict[int, ProblemType] = {
    400: problem_types.MALFORMED,
    404: problem_types.NOT_FOUND,
    405: problem_types.METHOD_NOT_ALLOWED,
    413: problem_types.TOO_LARGE,
}
CHALLENGE = 'Bearer realm="clowder"'


def problem_type_of(error: Exception) -> ProblemType:
    """Return the kind of problem that an error is: the entry of its nearest class in the table."""
    if isinstance(error, ProblemError):
        return error.kind
    if isinstance(error, HTTPException):
        other = ProblemType(problem_types.OTHER.slug, error.code or 500, error.name, problem_types.OTHER.explanation)
        return BY_STATUS.get(error.code or 500, other)
    return next(BY_ERROR[cls] for cls in type(error).__mro__ if cls in BY_ERROR)


def handle_error(error: Exception) -> Response:
    """Answer an error, as problem+json (RFC 9457) or as a page."""
    kind = problem_type_of(error)
    if kind is problem_types.INTERNAL:
        log.error("unhandled", exc_info=error)
    elif error.__cause__ and kind.status >= 500:
        # The caller is not told of what is behind us, and the operator has to be.
        log.warning("unavailable", extra={"fields": {"cause": str(error.__cause__)}})
    problem = to_problem(error, kind)
    if prefers_html(request.headers.get("Accept")):
        page = render_template("problem.html", problem=problem)
        response = Response(page, kind.status, mimetype="text/html")
    else:
        response = Response(msgspec.json.encode(problem), kind.status, content_type=PROBLEM_TYPE)
    response.headers.update(_headers(error, kind))
    return response


def to_problem(error: Exception, kind: ProblemType) -> dict[str, Any]:
    """Return the members of the problem, without a word of how this server is made."""
    detail = "" if kind is problem_types.INTERNAL or isinstance(error, HTTPException) else getattr(error, "detail", "")
    faults = getattr(error, "faults", ())
    problem: dict[str, Any] = {
        "type": f"{request.script_root}/problems/{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail or kind.explanation,
        "instance": quote(request.script_root + request.path),
        "requestId": g.request_id,
    }
    if faults:
        problem["errors"] = [msgspec.to_builtins(fault) for fault in faults]
    return problem | getattr(error, "extra", {})


def _headers(error: Exception, kind: ProblemType) -> dict[str, str]:
    headers = {"Cache-Control": "no-store", **getattr(error, "headers", {})}
    if isinstance(error, HTTPException):
        headers |= {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    if kind is problem_types.UNAUTHENTICATED:
        came = request.headers.get("Authorization", "").lower().startswith("bearer ")
        headers["WWW-Authenticate"] = f'{CHALLENGE}, error="invalid_token"' if came else CHALLENGE
    if kind is problem_types.FORBIDDEN:
        headers["WWW-Authenticate"] = f'{CHALLENGE}, error="insufficient_scope"'
    if kind is problem_types.UNAVAILABLE:
        headers["Retry-After"] = "1"
    if isinstance(error, errors.RateLimited):
        headers |= {
            "Retry-After": str(error.retry_after),
            "RateLimit-Policy": f'"default";q={error.limit};w={error.window}',
            "RateLimit": f'"default";r=0;t={error.retry_after}',
        }
    return headers


def init_app(app: Flask) -> None:
    """Register the error handler."""
    app.register_error_handler(Exception, handle_error)
