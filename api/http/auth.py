"""Who is calling. Which role a method needs is declared on it; what nobody declared is closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from flask import Request
from msgspec import Struct

from api.domain.errors import Forbidden, Unauthenticated
from api.domain.sessions import Session
from api.domain.users import Role, allows
from api.http import cookies, kinds
from api.http.errors import Refusal

FindSessions = Callable[[Sequence[str]], Mapping[str, Session]]
"""Returns the sessions of some tokens, by the token, in one round trip."""


class Caller(Struct, frozen=True):
    """Somebody who calls, or the public."""

    username: str | None = None
    role: Role = "public"
    session: str | None = None
    """The id of the session that the call belongs to."""
    since: datetime | None = None
    """When that session began."""
    browser: bool = False
    """Whether the session came in a cookie, which a browser sends by itself: also where another site has it write."""

    def may(self, needed: Role) -> bool:
        """Say whether the caller has a role, or one above it."""
        return allows(self.role, needed)


PUBLIC = Caller()


def who_calls(request: Request, find: FindSessions, now: datetime) -> Caller:
    """Return the caller: of a bearer token (RFC 6750, section 2.1) or of the cookie that ``/login`` gives.

    A cookie that is not good any more is nobody's: the browser sends it by itself, and its user has to be able to
    log in again. A bearer token that is not good is never passed over in silence.

    Raises:
        Unauthenticated: the token is not good.
        Refusal: 400; a token and a session's cookie came together (RFC 6750, section 2).
    """
    header, cookie = request.headers.get("Authorization"), cookies.session(request)
    token = _bearer_token(header)
    sessions = find([sent for sent in (cookie, token) if sent])
    browser = _caller(sessions.get(cookie or ""), now, browser=True)
    if header is None:
        return browser or PUBLIC
    if browser:
        raise Refusal(kinds.MALFORMED, "Send a bearer token or the session's cookie, not both.")
    if token is None:
        raise Unauthenticated("Send 'Authorization: Bearer <token>'.")
    caller = _caller(sessions.get(token), now)
    if caller is None:
        raise Unauthenticated("The token is unknown, has expired or was revoked.")
    return caller


def _bearer_token(header: str | None) -> str | None:
    """Return the token of an Authorization header (RFC 6750, section 2.1), None if there is none."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _caller(session: Session | None, now: datetime, browser: bool = False) -> Caller | None:
    if session is None or session.expires <= now:
        return None
    return Caller(session.username, session.role, session.id, session.created, browser)


def require(caller: Caller, needed: Role) -> None:
    """Let a caller pass, or not.

    Raises:
        Unauthenticated: nobody is known to be calling.
        Forbidden: the caller has not the role.
    """
    if caller.may(needed):
        return
    if caller.username is None:
        raise Unauthenticated
    raise Forbidden(f"This needs the role {needed}; yours is {caller.role}.")
