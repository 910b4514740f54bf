"""Credentials, and the sessions that belong to bearer tokens and cookies."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta
from msgspec.structs import force_setattr

from api.domain.entity import ApiStruct, Timestamp
from api.domain.passwords import MAX_LENGTH
from api.domain.users import Role, StoredRole, User, Username

MAX_SESSIONS = 20
"""The maximum number of sessions per user. A new session above it ends the oldest."""

Password = Annotated[str, Meta(min_length=1, max_length=MAX_LENGTH)]


class Credentials(ApiStruct, frozen=True, kw_only=True):
    """A username and a password."""

    username: Annotated[Username, Meta(min_length=1, max_length=64)]
    password: Password


class Session(ApiStruct, frozen=True, kw_only=True):
    """A stored session. Its id is an HMAC of the token; the token itself is not stored."""

    id: str
    uid: str = ""
    username: str
    role: StoredRole
    created: Timestamp
    expires: Timestamp

    def __post_init__(self) -> None:
        """Give a session of a release without uids the uid of its user, which is the username."""
        if not self.uid:
            force_setattr(self, "uid", self.username)


class UserSessions(ApiStruct, frozen=True, kw_only=True):
    """The sessions of a user, oldest first."""

    username: str
    sessions: tuple[Session, ...]


class SessionView(ApiStruct, frozen=True, kw_only=True):
    """A session as its user sees it. The id is an HMAC of the token and gives no access."""

    id: str
    username: str
    role: Role
    created: Timestamp
    expires: Timestamp
    current: bool
    """Whether the session belongs to this request."""


class SessionWithToken(SessionView, frozen=True, kw_only=True):
    """A new session with its token. No other response contains the token."""

    token: str


def keyed_id(secret: str, kind: str, token: str) -> str:
    """Return the id of a session or an API token: the HMAC-SHA256 of its kind and its token, as base64url.

    Without the secret, who can write to the table cannot write a session for a token of their choice.
    """
    digest = hmac.digest(secret.encode(), f"{kind}\n{token}".encode(), "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def new_session(user: User, id: str, now: datetime, lifetime: timedelta) -> Session:
    """Return a session of a user, with the present role of the user. It does not outlast the user."""
    expires = min(now + lifetime, user.expires or now + lifetime)
    return Session(id=id, uid=user.uid, username=user.username, role=user.role, created=now, expires=expires)


def unexpired(sessions: Sequence[Session], now: datetime) -> tuple[Session, ...]:
    """Return the sessions that have not expired."""
    return tuple(session for session in sessions if session.expires > now)


def with_session(sessions: Sequence[Session], new: Session, now: datetime) -> tuple[Session, ...]:
    """Return the sessions of a user with a new one, without expired sessions and those above the maximum."""
    return (*unexpired(sessions, now), new)[-MAX_SESSIONS:]
