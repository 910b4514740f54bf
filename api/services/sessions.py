"""Sessions: create, find, change and delete them.

A session is stored twice: under the hash of its token, where a request finds it in one read, and in the session list of
its user. Whatever changes a session changes the list in the same transaction. So a lost role, a new password or a
deletion applies to every session from the next request on.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence

from api.context import Context
from api.domain.sessions import Session, UserSessions, unexpired
from api.services.mappings import SESSION, USER_SESSIONS
from api.store.keys import Item, Key
from api.store.repository import Stored, get_items
from api.store.table import Table
from api.store.transaction import UNCONDITIONAL, TransactItem


def generate_token() -> str:
    """Return a new token: 32 random bytes as base64url."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return the id of a session: the SHA-256 of its token, as base64url."""
    return urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()


def find_sessions(
    table: Table, tokens: Sequence[str], wanted: Sequence[Key]
) -> tuple[dict[str, Session], dict[str, Item | None]]:
    """Return the sessions of some tokens by their tokens, and the items of other keys, in one round trip."""
    session_keys = {token: SESSION.item_key(hash_token(token)) for token in tokens}
    items = get_items(table, [*session_keys.values(), *wanted])
    found = {token: items[key["pk"]] for token, key in session_keys.items()}
    sessions = {token: SESSION.read(item).value for token, item in found.items() if item}
    return sessions, {key["pk"]: items[key["pk"]] for key in wanted}


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
    ended = {session.id: session for session in session_list(before)}
    expected = before.rev if before else None
    if after:
        writes = [USER_SESSIONS.put(UserSessions(username=username, sessions=tuple(after)), rev, expected)]
    elif before:
        writes = [USER_SESSIONS.delete(username, expected)]
    else:
        # There was no list. Check that there still is none, so that a concurrent login is not lost.
        writes = [USER_SESSIONS.check_absent(username)]
    writes += [SESSION.put(session, rev, UNCONDITIONAL) for session in after if ended.pop(session.id, None) != session]
    return writes + [SESSION.delete(session_id, UNCONDITIONAL) for session_id in ended]


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
