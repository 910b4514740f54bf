"""The error handler: problem documents (RFC 9457) for programs, HTML pages for people."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec
from flask import Flask, Response, g, render_template, request
from msgspec.structs import replace
from werkzeug.exceptions import HTTPException

from api.domain import errors
from api.domain.errors import FieldError
from api.http import problem_types
from api.http.negotiation import prefers_html
from api.http.problem_types import ProblemType

log = logging.getLogger("clowder")

PROBLEM_JSON = "application/problem+json"
MAX_BYTES = 16 * 1024
"""The largest body of an error, in bytes, whatever the request contains."""
MAX_ERRORS = 100
"""The most errors in a response. A large body can have a hundred thousand."""
MAX_DETAIL, MAX_LOCATION = 800, 200
"""The longest detail of an error, and the longest pointer, name or path, in characters."""


class ProblemError(Exception):
    """An error that a rule of HTTP defines."""

    def __init__(
        self,
        kind: ProblemType,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.errors = kind, detail, errors
        self.headers, self.extra = headers or {}, extra or {}


BY_ERROR: dict[type[Exception], ProblemType] = {
    errors.ValidationFailed: problem_types.VALIDATION_FAILED,
    errors.Unauthenticated: problem_types.UNAUTHENTICATED,
    errors.Forbidden: problem_types.FORBIDDEN,
    errors.NotFound: problem_types.NOT_FOUND,
    errors.AlreadyExists: problem_types.CONFLICT,
    errors.InvalidState: problem_types.INVALID_STATE,
    errors.ChangeTooLarge: problem_types.VALIDATION_FAILED,
    errors.IdempotencyKeyReused: problem_types.IDEMPOTENCY_KEY_REUSED,
    errors.RateLimited: problem_types.RATE_LIMITED,
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
BEARER_ERRORS = {problem_types.UNAUTHENTICATED: "invalid_token", problem_types.FORBIDDEN: "insufficient_scope"}
"""The error codes of a response to a bearer token (RFC 6750, section 3.1). A request with the cookie gets none."""


def problem_type_of(error: Exception) -> ProblemType:
    """Return the problem type of an error: the entry of its nearest base class in ``BY_ERROR``."""
    if isinstance(error, ProblemError):
        return error.kind
    if isinstance(error, HTTPException):
        status = error.code or 500
        return BY_STATUS.get(status, replace(problem_types.HTTP_ERROR, status=status, title=error.name))
    return next(BY_ERROR[cls] for cls in type(error).__mro__ if cls in BY_ERROR)


def log_failure(error: Exception, kind: ProblemType) -> None:
    """Log an error of the server, and mark the request, so that its page reads nothing."""
    if kind is problem_types.INTERNAL:
        log.error("unhandled", exc_info=error)
    elif error.__cause__ and kind.status >= 500:
        # The cause is for the operator only.
        log.warning("unavailable", extra={"fields": {"cause": str(error.__cause__)}})
    g.server_failed = kind.status >= 500


def handle_error(error: Exception) -> Response:
    """Respond to an error with problem+json or an HTML page."""
    kind = problem_type_of(error)
    log_failure(error, kind)
    problem, html = to_problem(error, kind), prefers_html(request.headers.get("Accept"))
    while len(body := _render(problem, html)) > MAX_BYTES:
        problem |= _shorter(problem)
    response = Response(body, kind.status, content_type="text/html; charset=utf-8" if html else PROBLEM_JSON)
    response.headers.update(_headers(error, kind))
    return response


def _render(problem: Mapping[str, Any], html: bool) -> bytes:
    if not html:
        return msgspec.json.encode(problem)
    from api.http.return_path import login_path  # only pages need it

    return render_template("problem.html", problem=problem, login=login_path(request)).encode()


def _shorter(problem: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a smaller problem: with a short detail, or else with half of the errors."""
    if len(problem["detail"]) > MAX_DETAIL:
        return {"detail": _cut(problem["detail"], MAX_DETAIL)}
    return {"errors": problem["errors"][: len(problem["errors"]) // 2], "moreErrors": True}


def to_problem(error: Exception, kind: ProblemType) -> dict[str, Any]:
    """Return the problem document of an error. Internal errors give no details.

    Texts that may come from the client are cut here and in ``handle_error``, so that no other module has to.
    """
    detail = "" if kind is problem_types.INTERNAL or isinstance(error, HTTPException) else getattr(error, "detail", "")
    problem = problem_document(kind, g.ids.log["requestId"], request.script_root) | {
        "detail": detail or kind.explanation
    }
    # A percent sign in the path is that of an encoded slash or percent sign (``routing.decode_path``).
    problem["instance"] = quote(_cut(request.script_root + request.path, MAX_LOCATION), safe="/%")
    if errors := getattr(error, "errors", ()):
        problem["errors"] = [_error_document(error) for error in errors[:MAX_ERRORS]]
    if len(errors) > MAX_ERRORS:
        problem["moreErrors"] = True
    return problem | getattr(error, "extra", {})


def _error_document(error: FieldError) -> dict[str, str]:
    members: dict[str, str] = msgspec.to_builtins(error)
    return {name: _cut(text, MAX_DETAIL if name == "detail" else MAX_LOCATION) for name, text in members.items()}


def _cut(text: str, length: int) -> str:
    """Return a text without its middle if it is too long. The client then still sees how it begins and ends."""
    return text if len(text) <= length else f"{text[: length - 101]}…{text[-100:]}"


def problem_document(kind: ProblemType, request_id: Any, script_root: str = "") -> dict[str, Any]:
    """Return the members that every problem document has (RFC 9457, section 3.1)."""
    return {
        "type": f"{script_root}/problems/{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": kind.explanation,
        "requestId": request_id,
    }


def _headers(error: Exception, kind: ProblemType) -> dict[str, str]:
    headers = {"Cache-Control": "no-store", **getattr(error, "headers", {})}
    if isinstance(error, HTTPException):
        headers |= {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    if code := BEARER_ERRORS.get(kind):
        has_token = request.headers.get("Authorization", "").lower().startswith("bearer ")
        headers["WWW-Authenticate"] = f'{CHALLENGE}, error="{code}"' if has_token else CHALLENGE
    if kind is problem_types.UNAVAILABLE:
        headers["Retry-After"] = "1"
    if isinstance(error, errors.RateLimited):
        headers["Retry-After"] = str(error.retry_after)
    return headers


def init_app(app: Flask) -> None:
    """Register the error handler."""
    app.register_error_handler(Exception, handle_error)
