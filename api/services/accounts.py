"""Accounts: create users, log in, and issue tokens. The command-line tools use this module too."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache, partial

from msgspec.structs import replace

from api.context import Context
from api.domain.entity import first_version
from api.domain.errors import Unauthenticated
from api.domain.passwords import SALT_BYTES, hash_password, needs_rehash, verify
from api.domain.sessions import Credentials, Session, UserSessions, new_session, with_session
from api.domain.users import DELETED_USER_LABEL, FirstOwner, Role, User, normalise_username
from api.services.mappings import FIRST_OWNER, FIRST_OWNER_KEY, USER, USER_SESSIONS
from api.services.rate_limit import count_attempt, login_limits, uncount_attempt
from api.services.sessions import generate_token, hash_token, session_list, session_list_writes
from api.store.repository import Change, Stored, get_together
from api.store.table import Table
from api.store.transaction import ConditionFailed, Write, retry_on_conflict

WRONG_CREDENTIALS = "Invalid username/password"


def hash_new_password(password: str) -> str:
    """Return the hash of a new password."""
    return hash_password(password, secrets.token_bytes(SALT_BYTES))


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
    user = User(username=normalise_username(username), role=role, password_hash=hash_, **first_version(now))
    rev = secrets.token_urlsafe(12)
    writes = USER.writes(Change(None, user, "created", user.username, now), rev)
    if claim:
        writes.append(FIRST_OWNER.put(FirstOwner(username=user.username), rev, None))
    table.transact(writes, rev)


def get_first_owner(table: Table) -> str | None:
    """Return the username of the first owner, or None."""
    record = FIRST_OWNER.get(table, FIRST_OWNER_KEY, consistent=True)
    return record.value.username if record else None


def get_user_with_sessions(table: Table, username: str) -> tuple[Stored[User] | None, Stored[UserSessions] | None]:
    """Return a user and their session list in one round trip; None for a missing one."""
    user, sessions = get_together(table, (USER, username), (USER_SESSIONS, username))
    return user, sessions


def create_session(
    table: Table,
    user: Stored[User],
    sessions: Stored[UserSessions] | None,
    now: datetime,
    lifetime: timedelta,
    new_hash: str | None = None,
    more: Sequence[Write] = (),
) -> tuple[Session, str]:
    """Create a session for a user, and return it with its token.

    Args:
        table: the table.
        user: the user as it was read.
        sessions: the session list of the user as it was read.
        now: the current time.
        lifetime: the lifetime of the session.
        new_hash: a new hash of the same password, to replace an outdated one.
        more: other writes of the same transaction.

    Raises:
        ConditionFailed: the user or the session list has changed since.
    """
    token, rev = generate_token(), secrets.token_urlsafe(12)
    session = new_session(user.value, hash_token(token), now, lifetime)
    user_write = USER.check(user)
    if new_hash:
        user_write = USER.put(replace(user.value, password_hash=new_hash), rev, user.rev)
    all_sessions = with_session(session_list(sessions), session, now)
    writes = session_list_writes(user.value.username, sessions, all_sessions, rev)
    table.transact([user_write, *writes, *more], rev)
    return session, token


def log_in(context: Context, credentials: Credentials) -> tuple[Session, str]:
    """Create a session for a user with a password, and return it with its token.

    An unknown user, a wrong password and a deactivated user take the same time and get the same error.

    Raises:
        Unauthenticated: The username or the password is wrong.
        RateLimited: The account or the address has failed too often.
    """
    username, table = normalise_username(credentials.username), context.dependencies.table
    limits, lifetime = login_limits(context, username), context.dependencies.session_lifetime
    check_password = cache(partial(verify, credentials.password))  # a retry hashes the password only if it was changed
    hash_again = cache(partial(hash_new_password, credentials.password))

    def attempt() -> tuple[Session, str]:
        user, sessions = get_user_with_sessions(table, username)
        stored = user.value.password_hash if user and user.value.active else None
        if not check_password(stored) or user is None or stored is None:
            raise Unauthenticated(f"{WRONG_CREDENTIALS}.")
        new_hash = hash_again() if needs_rehash(stored) else None
        return create_session(table, user, sessions, context.now, lifetime, new_hash, uncount_attempt(context, limits))

    count_attempt(context, limits)
    return retry_on_conflict(attempt)


def issue_token(table: Table, username: str, now: datetime, lifetime: timedelta) -> str:
    """Create a session for an existing user and return its bearer token.

    Raises:
        LookupError: there is no such user.
    """

    def attempt() -> str:
        user, sessions = get_user_with_sessions(table, normalise_username(username))
        if user is None:
            raise LookupError(username)
        return create_session(table, user, sessions, now, lifetime)[1]

    return retry_on_conflict(attempt)


def resolve_author_names(table: Table, authors: Iterable[tuple[str, datetime]]) -> dict[tuple[str, datetime], str]:
    """Return the name to show for each author: the username, or DELETED_USER_LABEL for a deleted user.

    Args:
        table: the table.
        authors: usernames, each with the time of its action. A user with the same name who was created later is
            another user.
    """
    pairs = set(authors)
    users = USER.get_many(table, {name for name, _ in pairs}, consistent=False)
    return {
        (name, at): name if name in users and users[name].value.created <= at else DELETED_USER_LABEL
        for name, at in pairs
    }
