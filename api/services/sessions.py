"""Bearer tokens and what stands behind them: opened, found, changed and ended.

A session lies in two places: under the hash of its token, where a request finds it in one read, and in the roster of
its user. The roster guards both: whatever changes a session changes the roster in the same transaction, so a
role that is taken away, a new password or a deletion holds for every session from the next request on.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence

from api.context import Context
from api.domain.sessions import Session, UserSessions, unexpired
from api.services.mappings import SESSION, USER_SESSIONS
from api.store import keys
from api.store.keys import Item, Key
from api.store.repository import Stored
from api.store.table import Table
from api.store.transaction import UNCONDITIONAL, TransactItem


def generate_token() -> str:
    """Return a token: 32 random bytes, and nothing in it."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what is kept of a token: its SHA-256, as base64url."""
    return urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()


def find_sessions(
    table: Table, tokens: Sequence[str], wanted: Sequence[Key]
) -> tuple[dict[str, Session], dict[str, Item | None]]:
    """Return the sessions of some tokens, and the items of other keys, in one round trip.

    Returns:
        The sessions by their tokens, and the items by their partition keys. Without a token nothing is read: an
        anonymous caller does not need the consistency that a session needs.
    """
    if not tokens:
        return {}, {}
    own = {token: SESSION.item_key(hash_token(token)) for token in tokens}
    # DynamoDB refuses a batch that has a key twice.
    keys_by_partition = {key["pk"]: key for key in (*own.values(), *wanted)}
    items = {str(item["pk"]): item for item in table.get_many([*keys_by_partition.values()], consistent=True)}
    sessions = {token: SESSION.read(items[key["pk"]]).value for token, key in own.items() if key["pk"] in items}
    return sessions, {key["pk"]: items.get(key["pk"]) for key in wanted}


def get_user_sessions(table: Table, username: str) -> Stored[UserSessions] | None:
    """Return all sessions of somebody, None if there is none; expired ones may be among them."""
    return USER_SESSIONS.get(table, username, consistent=True)


def session_list(record: Stored[UserSessions] | None) -> tuple[Session, ...]:
    """Return the sessions of a roster."""
    return record.value.sessions if record else ()


def session_list_writes(
    username: str, before: Stored[UserSessions] | None, after: Sequence[Session], rev: str
) -> list[TransactItem]:
    """Return the writes that let somebody have these sessions and no others.

    Args:
        username: whose they are.
        before: the roster as it was read; the writes hold only if it is so still.
        after: the sessions that are to be, oldest first.
        rev: names the write.
    """
    there = {session.id: session for session in session_list(before)}
    own = dict(keys.item_key(USER_SESSIONS.collection, username))
    expected = before.rev if before else None
    if after:
        item = USER_SESSIONS.item(UserSessions(username=username, sessions=tuple(after)), rev)
        writes = [TransactItem("Put", item, expected)]
    else:
        # Where there was none, there must be none still: nobody has come in since it was looked for.
        writes = [TransactItem("Delete" if before else "ConditionCheck", own, expected)]
    writes += [
        TransactItem("Put", SESSION.item(one, rev), UNCONDITIONAL) for one in after if there.pop(one.id, None) != one
    ]
    return writes + [delete_session_write(gone) for gone in there]


def delete_session_write(id: str) -> TransactItem:
    """Return the write that ends a session."""
    return TransactItem("Delete", dict(keys.item_key(SESSION.collection, id)), UNCONDITIONAL)


def revoke_session(context: Context, id: str) -> None:
    """End one session of the principal."""
    table, username = context.dependencies.table, str(context.principal.username)
    before = get_user_sessions(table, username)
    left = [session for session in unexpired(session_list(before), context.now) if session.id != id]
    rev = context.dependencies.new_id()
    # A session that is missing in the list ends too.
    unlisted = [] if id in {one.id for one in session_list(before)} else [delete_session_write(id)]
    table.transact([*session_list_writes(username, before, left, rev), *unlisted], rev)
