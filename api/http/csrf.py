"""The cookie, and the CSRF tokens of the forms that are sent with it.

Before a login the cookie holds a random text, after it the token of the session. A CSRF token is bound to the value of
the cookie. Both values share one cookie, because a response of API Gateway has one Set-Cookie header.
"""

from __future__ import annotations

import hmac
import secrets

from flask import Request, Response

from api.domain.errors import Forbidden
from api.http import request_body
from api.http.authentication import ANONYMOUS_PREFIX, COOKIE

HEADER = "X-CSRF-Token"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def csrf_seed(request: Request) -> tuple[str, bool]:
    """Return the value that CSRF tokens are bound to, and whether it is new and must be set as the cookie."""
    value = request.cookies.get(COOKIE)
    return (value, False) if value else (ANONYMOUS_PREFIX + secrets.token_urlsafe(32), True)


def is_cross_site(request: Request) -> bool:
    """Return whether another site sent this write.

    With SameSite=Lax the browser omitted the cookie, so its absence does not mean that there is no session.
    """
    return request.method in UNSAFE and request.headers.get("Sec-Fetch-Site") == "cross-site"


def set_session_cookie(response: Response, value: str, seconds: int | None = None) -> None:
    """Set the cookie. Without a lifetime in seconds, it lasts until the browser is closed."""
    response.set_cookie(COOKIE, value, max_age=seconds, secure=True, httponly=True, samesite="Lax", path="/")


def clear_session_cookie(response: Response) -> None:
    """Delete the cookie."""
    set_session_cookie(response, "", 0)


def csrf_token(key: str, value: str) -> str:
    """Return the CSRF token for a value of the cookie."""
    return hmac.digest(key.encode(), b"form\n" + value.encode(), "sha256").hex()


def check_csrf(request: Request, key: str) -> None:
    """Check the CSRF token of a write with the cookie, in the header or in the field of the form.

    Raises:
        Forbidden: the token is missing or wrong.
    """
    value = request.cookies.get(COOKIE, "")
    sent = request.headers.get(HEADER) or request_body.get_form_field(request, request_body.CSRF_FIELD) or ""
    if not value or not hmac.compare_digest(sent.encode(), csrf_token(key, value).encode()):
        raise Forbidden("The CSRF token is missing or belongs to another session. Reload the page and try again.")
