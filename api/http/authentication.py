"""Authentication: a bearer token or the session cookie. Each operation declares the role that it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from flask import Request

from api.context import ANONYMOUS, Prefetched, Principal
from api.domain.errors import Unauthenticated
from api.domain.sessions import Session
from api.http import cookies, problem_types
from api.http.problems import ProblemError
from api.store.keys import Key

FindSessions = Callable[[Sequence[str], Sequence[Key]], tuple[Mapping[str, Session], Prefetched]]
"""Returns the sessions of some tokens by their tokens, and the items of some keys, in one round trip."""


def authenticate(
    request: Request, now: datetime, find_sessions: FindSessions, prefetch: Callable[[], Sequence[Key]]
) -> tuple[Principal, Prefetched]:
    """Return the caller of a request, and the items of the prefetched keys if a session was read.

    The caller has a bearer token (RFC 6750, section 2.1) or the cookie that ``/login`` sets. An expired cookie means an
    anonymous caller, because the browser sends it by itself and its user has to be able to log in again. An expired
    token is an error. Without a token or cookie nothing is read here: public data is read eventually consistently.

    Raises:
        Unauthenticated: the token is unknown or has expired.
        ProblemError: 400, the request has a token and a session cookie (RFC 6750, section 2).
    """
    header, cookie = request.headers.get("Authorization"), cookies.read_cookie(request, cookies.SESSION)
    token = _bearer_token(header)
    tokens = [value for value in (cookie, token) if value]
    sessions, prefetched = find_sessions(tokens, prefetch()) if tokens else ({}, {})
    browser = _caller(sessions.get(cookie or ""), now, browser=True)
    if header is None:
        return browser or ANONYMOUS, prefetched
    if browser:
        raise ProblemError(problem_types.MALFORMED, "Send a bearer token or the session cookie, not both.")
    if token is None:
        raise Unauthenticated("Send 'Authorization: Bearer <token>'.")
    caller = _caller(sessions.get(token), now)
    if caller is None:
        raise Unauthenticated("The token is unknown, has expired or was revoked.")
    return caller, prefetched


def _bearer_token(header: str | None) -> str | None:
    """Return the token of an Authorization header (RFC 6750, section 2.1), or None."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _caller(session: Session | None, now: datetime, browser: bool = False) -> Principal | None:
    if session is None or session.expires <= now:
        return None
    return Principal(session.username, session.uid, session.role, session.id, browser)
