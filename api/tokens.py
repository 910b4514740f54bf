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

from api.domain.sessions import Roster, Session
from api.services.mappings import SESSION, USER_SESSIONS
from api.store import keys
from api.store.keys import Item, Key
from api.store.records import Record
from api.store.table import Table
from api.store.write import ANYTHING, Write


def new_token() -> str:
    """Return a token: 32 random bytes, and nothing in it."""
    return secrets.token_urlsafe(32)


def token_id(token: str) -> str:
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
    own = {token: SESSION.item_key(token_id(token)) for token in tokens}
    # DynamoDB refuses a batch that has a key twice.
    keys_by_partition = {key["pk"]: key for key in (*own.values(), *wanted)}
    items = {str(item["pk"]): item for item in table.get_many([*keys_by_partition.values()], consistent=True)}
    sessions = {token: SESSION.read(items[key["pk"]]).value for token, key in own.items() if key["pk"] in items}
    return sessions, {key["pk"]: items.get(key["pk"]) for key in wanted}


def roster(table: Table, username: str) -> Record[Roster] | None:
    """Return all sessions of somebody, None if there is none; expired ones may be among them."""
    return USER_SESSIONS.get(table, username, consistent=True)


def sessions_of(record: Record[Roster] | None) -> tuple[Session, ...]:
    """Return the sessions of a roster."""
    return record.value.sessions if record else ()


def seated(username: str, before: Record[Roster] | None, after: Sequence[Session], rev: str) -> list[Write]:
    """Return the writes that let somebody have these sessions and no others.

    Args:
        username: whose they are.
        before: the roster as it was read; the writes hold only if it is so still.
        after: the sessions that are to be, oldest first.
        rev: names the write.
    """
    there = {session.id: session for session in sessions_of(before)}
    own = dict(keys.record(USER_SESSIONS.noun, username))
    expected = before.rev if before else None
    if after:
        item = USER_SESSIONS.item(Roster(username=username, sessions=tuple(after)), rev)
        writes = [Write("Put", item, expected)]
    else:
        # Where there was none, there must be none still: nobody has come in since it was looked for.
        writes = [Write("Delete" if before else "ConditionCheck", own, expected)]
    writes += [Write("Put", SESSION.item(one, rev), ANYTHING) for one in after if there.pop(one.id, None) != one]
    return writes + [ended(gone) for gone in there]


def ended(id: str) -> Write:
    """Return the write that ends a session."""
    return Write("Delete", dict(keys.record(SESSION.noun, id)), ANYTHING)
