"""Creates users, and opens sessions for them: at a login, at the local start, for the first owner of a deployment."""

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
from api.domain.users import DELETED_USER_LABEL, Role, User, normalise_username
from api.services.mappings import USER, USER_SESSIONS
from api.services.rate_limit import count_attempt, login_limits, uncount_attempt
from api.services.sessions import generate_token, hash_token, session_list, session_list_writes
from api.store import keys
from api.store.repository import Change, Stored, get_together
from api.store.table import Table
from api.store.transaction import ConditionFailed, TransactItem, Write, retry_on_conflict

WRONG_CREDENTIALS = "Invalid username/password"
FIRST_OWNER = keys.item_key("claims", "first-owner")
"""The item that says who it was; its being there is what makes them the only one."""


def hash_new_password(password: str) -> str:
    """Return what is kept of a password."""
    return hash_password(password, secrets.token_bytes(SALT_BYTES))


def ensure_user(table: Table, username: str, role: Role, password: str | None, now: datetime) -> bool:
    """Make somebody unless they are there already; say whether they were made.

    Without a password nobody can log in as them, but tokens can be issued.
    """
    if USER.get(table, normalise_username(username), consistent=True):
        return False
    try:
        _make(table, username, role, password, now)
    except ConditionFailed:
        return False
    return True


def claim_first_owner(table: Table, username: str, password: str, now: datetime) -> bool:
    """Make the first owner; False, and nothing written, if there has been one already, or somebody of that name.

    The claim and the owner are one transaction: of two who try at once, one becomes the owner.
    """
    try:
        _make(table, username, "owner", password, now, claim=True)
    except ConditionFailed:
        return False
    return True


def _make(table: Table, username: str, role: Role, password: str | None, now: datetime, claim: bool = False) -> None:
    hash_ = hash_new_password(password) if password else None
    user = User(username=normalise_username(username), role=role, password_hash=hash_, **first_version(now))
    rev = secrets.token_urlsafe(12)
    writes = USER.writes(Change(None, user, "created", user.username, now), rev)
    if claim:
        writes.append(TransactItem("Put", {**FIRST_OWNER, "username": user.username, "rev": rev}, None))
    table.transact(writes, rev)


def get_first_owner(table: Table) -> str | None:
    """Return the username of the first owner; None while there is none."""
    claim = table.get(FIRST_OWNER, consistent=True)
    return str(claim["username"]) if claim else None


def get_user_with_sessions(table: Table, username: str) -> tuple[Stored[User] | None, Stored[UserSessions] | None]:
    """Return somebody and their sessions, in one round trip; None for what is not there."""
    user, roster = get_together(table, (USER, username), (USER_SESSIONS, username))
    return user, roster


def create_session(
    table: Table,
    user: Stored[User],
    roster: Stored[UserSessions] | None,
    now: datetime,
    lifetime: timedelta,
    fresh_hash: str | None = None,
    more: Sequence[Write] = (),
) -> tuple[Session, str]:
    """Open a session for somebody as they were read, and return it with its token.

    Args:
        table: where it is kept.
        user: who comes in.
        roster: the sessions that they have.
        now: the instant.
        lifetime: how long the session lasts.
        fresh_hash: a new hash of the same password, to replace an outdated one.
        more: other writes of the same transaction.

    Raises:
        ConditionFailed: they were changed in the meantime, or have logged in elsewhere; read again.
    """
    token, rev = generate_token(), secrets.token_urlsafe(12)
    session = new_session(user.value, hash_token(token), now, lifetime)
    unchanged = USER.check(user)
    if fresh_hash:
        unchanged = TransactItem("Put", USER.item(replace(user.value, password_hash=fresh_hash), rev), user.rev)
    seats = session_list_writes(user.value.username, roster, with_session(session_list(roster), session, now), rev)
    table.transact([unchanged, *seats, *more], rev)
    return session, token


def log_in(context: Context, credentials: Credentials) -> tuple[Session, str]:
    """Open a session for a user with a password, and return it with its token.

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
        fresh = hash_again() if needs_rehash(stored) else None
        return create_session(table, user, sessions, context.now, lifetime, fresh, uncount_attempt(context, limits))

    count_attempt(context, limits)
    return retry_on_conflict(attempt)


def issue_token(table: Table, username: str, now: datetime, lifetime: timedelta) -> str:
    """Open a session for somebody who exists and return its bearer token.

    Raises:
        LookupError: there is nobody of that name.
    """

    def step() -> str:
        user, roster = get_user_with_sessions(table, normalise_username(username))
        if user is None:
            raise LookupError(username)
        return create_session(table, user, roster, now, lifetime)[1]

    return retry_on_conflict(step)


def resolve_author_names(table: Table, signed: Iterable[tuple[str, datetime]]) -> dict[tuple[str, datetime], str]:
    """Return how each signature shows: the username, or DELETED_USER_LABEL if that user does not exist any more.

    Args:
        table: where the users are kept.
        signed: who signed, and when. Another person of the same name later did not sign what is older than they are.
    """
    wanted = set(signed)
    users = USER.get_many(table, {name for name, _ in wanted}, consistent=False)
    return {
        (name, at): name if name in users and users[name].value.created <= at else DELETED_USER_LABEL
        for name, at in wanted
    }
