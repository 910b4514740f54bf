"""Authentication: a bearer token or the session cookie. Each operation declares the role that it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import Request

from api.context import ANONYMOUS, Prefetched, Principal
from api.domain.errors import Unauthenticated
from api.http import cookies, problem_types
from api.http.problems import ProblemError
from api.store.keys import Key

FindCallers = Callable[
    [str | None, str | None, Sequence[Key], datetime], tuple[Principal | None, Principal | None, Prefetched]
]
"""Returns the callers of a session cookie and of a bearer token, and the items of some keys, in one round trip."""


def authenticate(
    request: Request, now: datetime, find_callers: FindCallers, prefetch: Callable[[], Sequence[Key]]
) -> tuple[Principal, Prefetched]:
    """Return the caller of a request, and the items of the prefetched keys if a token was looked up.

    The caller has the bearer token of a session or an API token (RFC 6750, section 2.1), or the cookie that ``/login``
    sets. An expired cookie means an anonymous caller, because the browser sends it by itself and its user has to be
    able to log in again. An expired token is an error. Without a token or cookie nothing is read here: public data is
    read eventually consistently.

    Raises:
        Unauthenticated: the token is unknown or has expired.
        ProblemError: 400, the request has a token and a session cookie (RFC 6750, section 2).
    """
    header, cookie = request.headers.get("Authorization"), cookies.read_cookie(request, cookies.SESSION)
    token = _bearer_token(header)
    if not cookie and not token:
        browser, caller, prefetched = None, None, Prefetched()
    else:
        browser, caller, prefetched = find_callers(cookie, token, prefetch(), now)
    if header is None:
        return browser or ANONYMOUS, prefetched
    if browser:
        raise ProblemError(problem_types.MALFORMED, "Send a bearer token or the session cookie, not both.")
    if token is None:
        raise Unauthenticated("Send 'Authorization: Bearer <token>'.")
    if caller is None:
        raise Unauthenticated("The token is unknown, has expired or was revoked.")
    return caller, prefetched


def _bearer_token(header: str | None) -> str | None:
    """Return the token of an Authorization header (RFC 6750, section 2.1), or None."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
