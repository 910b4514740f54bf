"""Accounts: create users, log in, and issue tokens. The command-line tools use this module too."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from api.context import Context
from api.domain.entity import first_version
from api.domain.errors import Unauthenticated
from api.domain.passwords import SALT_BYTES, hash_password, needs_rehash, verify
from api.domain.sessions import Credentials, Session
from api.domain.users import FirstOwner, Role, User, new_uid, normalise_username
from api.services.authors import author_writes, get_authors, show_username
from api.services.mappings import FIRST_OWNER, FIRST_OWNER_KEY, USER
from api.services.rate_limit import LoginLimits, log_event
from api.services.sessions import create_session, get_user_with_sessions
from api.store.repository import Change
from api.store.table import Table
from api.store.transaction import ConditionFailed, retry_on_conflict

WRONG_CREDENTIALS = "Invalid username/password"


def hash_new_password(password: str) -> str:
    """Return the hash of a new password."""
    return hash_password(password, secrets.token_bytes(SALT_BYTES))


def hash_once(context: Context, password: str) -> str:
    """Return the hash of a new password. The retries of a request share it, because hashing is expensive."""
    return context.once(("hash", password), lambda: hash_new_password(password))


def is_password(context: Context, password: str, stored: str | None) -> bool:
    """Return whether a password matches the stored hash. The retries of a request share the result."""
    return context.once(("verify", password, stored), lambda: verify(password, stored))


def ensure_user(table: Table, username: str, role: Role, password: str | None, now: datetime) -> bool:
    """Create a user unless the user exists. Return whether the user was created.

    A user without a password cannot log in. Tokens can be issued for the user.
    """
    if USER.get(table, normalise_username(username), consistent=True):
        return False
    try:
        _create_user(table, username, role, password, now)
    except ConditionFailed:
        return False
    return True


def claim_first_owner(table: Table, username: str, password: str, now: datetime) -> bool:
    """Create the first owner. Return False and write nothing if there is a first owner or a user of that name.

    One transaction writes the owner and the record of the first owner, so that one of two concurrent calls fails.
    """
    try:
        _create_user(table, username, "owner", password, now, claim=True)
    except ConditionFailed:
        return False
    return True


def _create_user(
    table: Table, username: str, role: Role, password: str | None, now: datetime, claim: bool = False
) -> None:
    hash_ = hash_new_password(password) if password else None
    rev = secrets.token_urlsafe(12)
    user = User(
        uid=new_uid(rev),
        username=normalise_username(username),
        role=role,
        password_hash=hash_,
        **first_version(now),
    )
    writes = [*USER.writes(Change(None, user, "created", user.uid, now), rev), *author_writes(None, user, rev)]
    if claim:
        writes.append(FIRST_OWNER.put(FirstOwner(uid=user.uid), rev, None))
    table.transact(writes, rev)


def get_first_owner(table: Table) -> str | None:
    """Return the username of the first owner, DELETED_USER_LABEL if they were deleted, or None if there was none."""
    record = FIRST_OWNER.get(table, FIRST_OWNER_KEY, consistent=True)
    if record is None:
        return None
    uid = record.value.uid or record.value.username
    return show_username(get_authors(table, [uid]).get(uid))


def log_in(context: Context, credentials: Credentials) -> tuple[Session, str]:
    """Create a session for a user with a password, and return it with its token.

    An unknown user, a wrong password and a deactivated user take the same time and get the same error.

    Raises:
        Unauthenticated: The username or the password is wrong.
        RateLimited: The account or the address has failed too often.
    """
    username, dependencies = normalise_username(credentials.username), context.dependencies
    table, secret, lifetime = dependencies.table, dependencies.settings.cursor_key, dependencies.session_lifetime
    limits = LoginLimits(context, username)

    def attempt() -> tuple[Session, str]:
        user, sessions, items = get_user_with_sessions(table, username, limits.keys())
        limits.require(items, exists=user is not None)
        stored = user.value.password_hash if user and user.value.active else None
        if not is_password(context, credentials.password, stored) or user is None or stored is None:
            limits.count_failure(exists=user is not None)
            raise Unauthenticated(f"{WRONG_CREDENTIALS}.")
        new_hash = hash_once(context, credentials.password) if needs_rehash(stored) else None
        return create_session(table, secret, user, sessions, context.now, lifetime, new_hash, limits.checks())

    session, token = retry_on_conflict(attempt)
    log_event(context, "login succeeded", username)
    return session, token


def issue_token(table: Table, secret: str, username: str, now: datetime, lifetime: timedelta) -> str:
    """Create a session for an existing user and return its bearer token.

    Args:
        table: the table.
        secret: the secret of the server, ``Settings.cursor_key``.
        username: the user.
        now: the current time.
        lifetime: the lifetime of the session.

    Raises:
        LookupError: there is no such user.
    """

    def attempt() -> str:
        user, sessions, _ = get_user_with_sessions(table, normalise_username(username))
        if user is None:
            raise LookupError(username)
        return create_session(table, secret, user, sessions, now, lifetime)[1]

    return retry_on_conflict(attempt)
