"""Who is calling. Which role a method needs is declared on it; what nobody declared is closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from flask import Request

from api.context import ANONYMOUS, Principal
from api.domain.errors import Unauthenticated
from api.domain.sessions import Session
from api.http import problem_types
from api.http.problems import ProblemError

COOKIE = "__Host-session"
"""The prefix has browsers refuse it unless it is Secure, for this host alone, and for all of its paths."""
VISIT = "visit."
"""How the cookie of somebody who has not logged in begins; no token has a dot."""
FindSessions = Callable[[Sequence[str]], Mapping[str, Session]]
"""Returns the sessions of some tokens, by the token, in one round trip."""


def authenticate(request: Request, now: datetime, find: FindSessions) -> Principal:
    """Return the caller: of a bearer token (RFC 6750, section 2.1) or of the cookie that ``/login`` gives.

    A cookie that is not good any more is nobody's: the browser sends it by itself, and its user has to be able to
    log in again. A bearer token that is not good is never passed over in silence.

    Raises:
        Unauthenticated: the token is not good.
        ProblemError: 400, a token and a session's cookie came together (RFC 6750, section 2).
    """
    header, cookie = request.headers.get("Authorization"), _session_cookie(request)
    token = _bearer_token(header)
    sessions = find([sent for sent in (cookie, token) if sent])
    browser = _caller(sessions.get(cookie or ""), now, browser=True)
    if header is None:
        return browser or ANONYMOUS
    if browser:
        raise ProblemError(problem_types.MALFORMED, "Send a bearer token or the session's cookie, not both.")
    if token is None:
        raise Unauthenticated("Send 'Authorization: Bearer <token>'.")
    caller = _caller(sessions.get(token), now)
    if caller is None:
        raise Unauthenticated("The token is unknown, has expired or was revoked.")
    return caller


def _session_cookie(request: Request) -> str | None:
    """Return the token in the session's cookie, None if there is none."""
    # serverless-wsgi sets an empty header where no cookie came; Flask would parse it.
    value = request.headers.get("Cookie") and request.cookies.get(COOKIE)
    return value if value and not value.startswith(VISIT) else None


def _bearer_token(header: str | None) -> str | None:
    """Return the token of an Authorization header (RFC 6750, section 2.1), None if there is none."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _caller(session: Session | None, now: datetime, browser: bool = False) -> Principal | None:
    if session is None or session.expires <= now:
        return None
    return Principal(session.username, session.role, session.id, session.created, browser)
