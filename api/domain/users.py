"""People who work here or come here, and how they prove who they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from api.domain.part import Instant, Part

Role = Literal["public", "member", "staff", "owner"]
RANKS: dict[str, int] = {"public": 0, "member": 1, "staff": 2, "owner": 3}
"""Every role may do what the roles below it may."""

Username = Annotated[
    str,
    Meta(min_length=1, max_length=64, description="The name that somebody logs in with.", examples=["owner"]),
]
Password = Annotated[str, Meta(min_length=1, max_length=128)]


class User(Struct, frozen=True, rename="camel", kw_only=True):
    """Somebody as they are kept."""

    username: str
    role: Role
    password_hash: str | None
    """argon2id, in its usual encoding; None for somebody who cannot log in with a password."""
    created: datetime
    updated: datetime
    version: int = 1


class Credentials(Part, frozen=True, kw_only=True):
    """The body of ``POST /sessions``."""

    username: Username
    password: Password


class Session(Struct, frozen=True, rename="camel", kw_only=True):
    """A bearer token as it is kept: its SHA-256, never itself."""

    id: str
    username: str
    role: Role
    created: datetime
    expires: datetime


class SessionView(Part, frozen=True, kw_only=True):
    """A session as its owner sees it. The id is the token's SHA-256 and gives no access."""

    id: str
    username: str
    role: Role
    created: Instant
    expires: Instant
    current: bool
    """Whether this very request came with its token."""


class NewSession(SessionView, frozen=True, kw_only=True):
    """A session just made: the only answer that bears the token."""

    token: str


def open_session(user: User, id: str, now: datetime, lifetime: timedelta) -> Session:
    """Return a session of somebody, with the role that they have now."""
    return Session(id=id, username=user.username, role=user.role, created=now, expires=now + lifetime)


def allows(role: Role, needed: Role) -> bool:
    """Say whether somebody of a role may do what needs a role."""
    return RANKS[role] >= RANKS[needed]
