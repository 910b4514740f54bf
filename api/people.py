"""Makes users and tokens for those who run the café: the local start, and the first owner in the cloud."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta

from api.domain.passwords import SALT_BYTES, hash_password
from api.domain.users import Role, Session, User, open_session
from api.store import keys
from api.store.records import Change, Kind, Record, Records
from api.store.table import ConditionFailed, Table, Write

USERS: Kind[User] = Kind("users", User, key=lambda user: user.username, places=lambda user: {})
SESSIONS: Kind[Session] = Kind(
    "sessions",
    Session,
    key=lambda session: session.id,
    places=lambda session: {
        "shelf": f"sessions#{session.username}",
        "by_time": f"{keys.instant(session.created)}#{session.id}",
    },
    expires=lambda session: session.expires,
)

FIRST_OWNER = keys.record("claims", "first-owner")
"""The item that says who it was; its being there is what makes them the only one."""


def new_token() -> str:
    """Return a bearer token: 32 random bytes, and nothing in it."""
    return secrets.token_urlsafe(32)


def token_id(token: str) -> str:
    """Return what is kept of a token: its SHA-256, as base64url."""
    return urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()


def ensure_user(table: Table, username: str, role: Role, password: str | None, now: datetime) -> bool:
    """Make somebody unless they are there already; say whether they were made.

    Without a password nobody can log in as them, but tokens can be issued.
    """
    users = Records(table, USERS)
    if users.get(username, consistent=True):
        return False
    hashed = hash_password(password, secrets.token_bytes(SALT_BYTES)) if password else None
    user = User(username=username, role=role, password_hash=hashed, created=now, updated=now)
    rev = secrets.token_urlsafe(12)
    try:
        table.commit(users.writes(Change(None, user, "created", username, now), rev), rev)
    except ConditionFailed:
        return False
    return True


def issue_token(table: Table, username: str, now: datetime, lifetime: timedelta) -> str:
    """Open a session for somebody who exists and return its bearer token.

    Raises:
        LookupError: there is nobody of that name.
    """
    user: Record[User] | None = Records(table, USERS).get(username, consistent=True)
    if user is None:
        raise LookupError(username)
    token = new_token()
    session = open_session(user.value, token_id(token), now, lifetime)
    Records(table, SESSIONS).put(session, rev=secrets.token_urlsafe(12))
    return token


def claim_first_owner(table: Table, username: str, password: str, now: datetime) -> bool:
    """Make the first owner; False, and nothing written, if there has been one already, or somebody of that name.

    The claim and the owner are one transaction: of two who try at once, one becomes the owner.
    """
    hashed = hash_password(password, secrets.token_bytes(SALT_BYTES))
    user = User(username=username, role="owner", password_hash=hashed, created=now, updated=now)
    rev = secrets.token_urlsafe(12)
    claim = Write("Put", {**FIRST_OWNER, "username": username, "rev": rev}, None)
    try:
        table.commit([*Records(table, USERS).writes(Change(None, user, "created", username, now), rev), claim], rev)
    except ConditionFailed:
        return False
    return True


def first_owner(table: Table) -> str | None:
    """Return the username of whoever was made the first owner, None if nobody was."""
    claim = table.get(FIRST_OWNER, consistent=True)
    return str(claim["username"]) if claim else None
