"""Authentication of requests, and sessions: create, find, change and delete them.

A session is stored twice: under an HMAC of its token, where a request finds it in one read, and in the session list of
its user. Whatever changes a session changes the list in the same transaction. So a lost role, a new password or a
deletion applies to every session from the next request on.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from api.context import Context, Prefetched, Principal
from api.domain import names
from api.domain.errors import NotFound
from api.domain.sessions import Session, UserSessions, keyed_id, new_session, unexpired, with_session
from api.domain.tokens import PREFIX
from api.domain.users import User
from api.services.mappings import SESSION, USER, USER_SESSIONS
from api.services.tokens import token_keys, token_principal
from api.store.keys import Item, Key
from api.store.repository import Stored, get_items
from api.store.table import Table
from api.store.transaction import UNCONDITIONAL, TransactItem, Write


def generate_token() -> str:
    """Return a new token: 32 random bytes as base64url."""
    return secrets.token_urlsafe(32)


def find_callers(
    table: Table, secret: str, cookie: str | None, bearer: str | None, wanted: Sequence[Key], now: datetime
) -> tuple[Principal | None, Principal | None, Prefetched]:
    """Return the callers of a session cookie and of a bearer token, and the items that were read, in one round trip.

    A caller is None if the token is unknown, has expired or was revoked. An API token in a cookie is unknown.

    Args:
        table: the table.
        secret: the secret of the server.
        cookie: the token in the session cookie.
        bearer: the token of a session, or an API token.
        wanted: the keys of other items to read.
        now: the current time.
    """
    api_token = bearer if bearer and bearer.startswith(PREFIX) else None
    tokens = [token for token in (cookie, None if api_token else bearer) if token]
    session_keys = {token: SESSION.item_key(keyed_id(secret, "sessions", token)) for token in tokens}
    keys = [*session_keys.values(), *wanted]
    if api_token:
        keys += token_keys(api_token)
    items = get_items(table, keys)
    browser, caller = (
        _principal(items[session_keys[token]["pk"]], now) if token in session_keys else None
        for token in (cookie, bearer)
    )
    if api_token:
        caller = token_principal(table, secret, api_token, items, now)
    return browser and replace(browser, browser=True), caller, items


def _principal(item: Item | None, now: datetime) -> Principal | None:
    """Return the caller with the session of an item, or None."""
    record = SESSION.try_read(item) if item else None
    if record is None or record.value.expires <= now:
        return None
    session = record.value
    return Principal(session.username, session.uid, session.role, session.id)


def get_user_sessions(table: Table, username: str) -> Stored[UserSessions] | None:
    """Return the session list of a user, or None. Expired sessions may be in it."""
    return USER_SESSIONS.get(table, username, consistent=True)


def session_list(record: Stored[UserSessions] | None) -> tuple[Session, ...]:
    """Return the sessions of a session list."""
    return record.value.sessions if record else ()


def session_list_writes(
    username: str, before: Stored[UserSessions] | None, after: Sequence[Session], rev: str
) -> list[TransactItem]:
    """Return the writes that replace the session list of a user, and the sessions in it.

    Args:
        username: the user.
        before: the list as it was read. The transaction fails if it has changed since.
        after: the new sessions, oldest first.
        rev: the id of the write.
    """
    old = {session.id: session for session in session_list(before)}
    changed = [session for session in after if old.get(session.id) != session]
    ended = old.keys() - {session.id for session in after}
    if after:
        sessions = UserSessions(username=username, sessions=tuple(after))
        writes = [USER_SESSIONS.replace(before, sessions, rev) if before else USER_SESSIONS.put(sessions, rev, None)]
    elif before:
        writes = [USER_SESSIONS.delete(username, before.rev)]
    else:
        # There was no list. Check that there still is none, so that a concurrent login is not lost.
        writes = [USER_SESSIONS.check_absent(username)]
    writes += [SESSION.put(session, rev, UNCONDITIONAL) for session in changed]
    return writes + [SESSION.delete(session_id, UNCONDITIONAL) for session_id in sorted(ended)]


def get_user_with_sessions(
    table: Table, username: str, more: Sequence[Key] = ()
) -> tuple[Stored[User] | None, Stored[UserSessions] | None, dict[str, Item | None]]:
    """Return a user, their session list, and the items of other keys, in one round trip; None for a missing one."""
    user_key, list_key = USER.item_key(username), USER_SESSIONS.item_key(username)
    items = get_items(table, [user_key, list_key, *more])
    user, sessions = items[user_key["pk"]], items[list_key["pk"]]
    return USER.read(user) if user else None, USER_SESSIONS.read(sessions) if sessions else None, items


def create_session(
    table: Table,
    secret: str,
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
        secret: the secret of the server.
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
    session = new_session(user.value, keyed_id(secret, "sessions", token), now, lifetime)
    user_write = USER.check(user)
    if new_hash:
        user_write = USER.replace(user, replace(user.value, password_hash=new_hash), rev)
    all_sessions = with_session(session_list(sessions), session, now)
    writes = session_list_writes(user.value.username, sessions, all_sessions, rev)
    table.transact([user_write, *writes, *more], rev)
    return session, token


def get_session(context: Context, id: str) -> Stored[Session]:
    """Return a session of the principal.

    Raises:
        NotFound: it is unknown, has expired, or is the session of another user.
    """
    record = context.get(SESSION, id) if names.is_valid_id(id) else None
    if record is None or record.value.username != context.principal.username or record.value.expires <= context.now:
        raise NotFound
    return record


def revoke_other_sessions(context: Context) -> None:
    """Delete all sessions of the principal except for the one of the request."""
    username, rev = str(context.principal.username), context.dependencies.new_id()
    before = get_user_sessions(context.dependencies.table, username)
    remaining = [session for session in session_list(before) if session.id == context.principal.session]
    context.dependencies.table.transact(session_list_writes(username, before, remaining, rev), rev)


def revoke_session(context: Context, id: str) -> None:
    """Delete a session of the principal."""
    table, username = context.dependencies.table, str(context.principal.username)
    before = get_user_sessions(table, username)
    remaining = [session for session in unexpired(session_list(before), context.now) if session.id != id]
    rev = context.dependencies.new_id()
    # Delete the session even if it is missing in the list.
    listed = id in {session.id for session in session_list(before)}
    unlisted = [] if listed else [SESSION.delete(id, UNCONDITIONAL)]
    table.transact([*session_list_writes(username, before, remaining, rev), *unlisted], rev)
