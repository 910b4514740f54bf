"""Who is calling. Which role a method needs is declared on it; what nobody declared is closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Request

from api.domain.errors import Forbidden, Unauthenticated
from api.domain.users import Role, Session, allows

FindSession = Callable[[str], Session | None]
"""Returns the session of a bearer token, or None."""


@dataclass(frozen=True)
class Caller:
    """Somebody who calls, or the public."""

    username: str | None = None
    role: Role = "public"
    session: str | None = None
    """The id of the session that the call belongs to."""

    def may(self, needed: Role) -> bool:
        """Say whether the caller has a role, or one above it."""
        return allows(self.role, needed)


PUBLIC = Caller()


def who_calls(request: Request, find: FindSession, now: datetime) -> Caller:
    """Return the caller (RFC 6750, section 2.1: a bearer token in the Authorization header, nowhere else).

    Raises:
        Unauthenticated: credentials came, and they are not good; they are never passed over in silence.
    """
    header = request.headers.get("Authorization")
    if header is None:
        return PUBLIC
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send 'Authorization: Bearer <token>'.")
    session = find(token.strip())
    if session is None or session.expires <= now:
        raise Unauthenticated("The token is unknown, has expired or was revoked.")
    return Caller(session.username, session.role, session.id)


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
