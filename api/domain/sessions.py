"""How people prove who they are: credentials, and the sessions that bearer tokens and cookies stand for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from api.domain.entity import ApiStruct, Timestamp
from api.domain.passwords import LONGEST
from api.domain.users import Role, User, Username

MOST = 20
"""How many sessions somebody has at once; one more ends the oldest."""

Password = Annotated[str, Meta(min_length=1, max_length=LONGEST)]


class Credentials(ApiStruct, frozen=True, kw_only=True):
    """What somebody logs in with."""

    username: Annotated[Username, Meta(min_length=1, max_length=64)]
    password: Password


class Session(Struct, frozen=True, rename="camel", kw_only=True):
    """A token as it is kept: its SHA-256, never itself."""

    id: str
    username: str
    role: Role
    created: datetime
    expires: datetime


class UserSessions(Struct, frozen=True, rename="camel", kw_only=True):
    """All sessions of somebody, oldest first."""

    username: str
    sessions: tuple[Session, ...]


class SessionView(ApiStruct, frozen=True, kw_only=True):
    """A session as its owner sees it. The id is the token's SHA-256 and gives no access."""

    id: str
    username: str
    role: Role
    created: Timestamp
    expires: Timestamp
    current: bool
    """Whether this very request came with its token."""


class SessionWithToken(SessionView, frozen=True, kw_only=True):
    """A session just made: the only answer that bears the token."""

    token: str


def new_session(user: User, id: str, now: datetime, lifetime: timedelta) -> Session:
    """Return a session of somebody, with the role that they have now."""
    return Session(id=id, username=user.username, role=user.role, created=now, expires=now + lifetime)


def unexpired(sessions: Sequence[Session], now: datetime) -> tuple[Session, ...]:
    """Return the sessions that have not expired."""
    return tuple(session for session in sessions if session.expires > now)


def with_session(sessions: Sequence[Session], new: Session, now: datetime) -> tuple[Session, ...]:
    """Return somebody's sessions with a new one among them."""
    return (*unexpired(sessions, now), new)[-MOST:]
