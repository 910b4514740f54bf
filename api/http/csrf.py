"""The one cookie, and the proof that a form which comes with it was one of our own (CSRF).

Before the login the cookie holds a random text, afterwards a session's token; both bind the forms that are given out
with it. There is one cookie and not two, because API Gateway's answers carry one Set-Cookie.
"""

from __future__ import annotations

import hmac
import secrets

from flask import Request, Response

from api.domain.errors import Forbidden
from api.http import request_body
from api.http.authentication import COOKIE as NAME
from api.http.authentication import VISIT

HEADER = "X-CSRF-Token"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def csrf_seed(request: Request) -> tuple[str, bool]:
    """Return the text that forms are bound to, and whether it is new and has to be set."""
    value = request.cookies.get(NAME)
    return (value, False) if value else (VISIT + secrets.token_urlsafe(32), True)


def is_cross_site(request: Request) -> bool:
    """Say whether another site had the browser send this: it keeps back the cookie (SameSite) that it may well have."""
    return request.method in UNSAFE and request.headers.get("Sec-Fetch-Site") == "cross-site"


def set_session_cookie(response: Response, value: str, seconds: int | None = None) -> None:
    """Set the cookie, for as long as the browser is open if no time is given."""
    response.set_cookie(NAME, value, max_age=seconds, secure=True, httponly=True, samesite="Lax", path="/")


def clear_session_cookie(response: Response) -> None:
    """Take the cookie away."""
    set_session_cookie(response, "", 0)


def csrf_token(key: str, value: str) -> str:
    """Return what a form has to bring along with the cookie of this value."""
    return hmac.digest(key.encode(), b"form\n" + value.encode(), "sha256").hex()


def check_csrf(request: Request, key: str) -> None:
    """Let a write pass that comes with the cookie, if its form or its script is ours.

    Raises:
        Forbidden: it has no token in the form's field or in the header, or another one.
    """
    value = request.cookies.get(NAME, "")
    sent = request.headers.get(HEADER) or request_body.get_form_field(request, request_body.CSRF_FIELD) or ""
    if not value or not hmac.compare_digest(sent.encode(), csrf_token(key, value).encode()):
        raise Forbidden("The form does not belong to this browser's visit, or has lain too long. Please load it again.")
