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
from api.store import keys
from api.store.records import Kind, Record, Records
from api.store.table import Table
from api.store.write import ANYTHING, Write

SESSIONS: Kind[Session] = Kind(
    "sessions", Session, key=lambda session: session.id, places=lambda session: {}, expires=lambda one: one.expires
)
ROSTERS: Kind[Roster] = Kind(
    "rosters",
    Roster,
    key=lambda roster: roster.username,
    places=lambda roster: {},
    expires=lambda roster: max(session.expires for session in roster.sessions),
)


def new_token() -> str:
    """Return a token: 32 random bytes, and nothing in it."""
    return secrets.token_urlsafe(32)


def token_id(token: str) -> str:
    """Return what is kept of a token: its SHA-256, as base64url."""
    return urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()


def roster(table: Table, username: str) -> Record[Roster] | None:
    """Return all sessions of somebody, None if there is none; expired ones may be among them."""
    return Records(table, ROSTERS).get(username, consistent=True)


def sessions_of(record: Record[Roster] | None) -> tuple[Session, ...]:
    """Return the sessions of a roster."""
    return record.value.sessions if record else ()


def seated(
    table: Table, username: str, before: Record[Roster] | None, after: Sequence[Session], rev: str
) -> list[Write]:
    """Return the writes that let somebody have these sessions and no others.

    Args:
        table: where they are kept.
        username: whose they are.
        before: the roster as it was read; the writes hold only if it is so still.
        after: the sessions that are to be, oldest first.
        rev: names the write.
    """
    there = {session.id: session for session in sessions_of(before)}
    own = dict(keys.record(ROSTERS.noun, username))
    expected = before.rev if before else None
    if after:
        item = Records(table, ROSTERS).item(Roster(username=username, sessions=tuple(after)), rev)
        writes = [Write("Put", item, expected)]
    else:
        # Where there was none, there must be none still: nobody has come in since it was looked for.
        writes = [Write("Delete" if before else "ConditionCheck", own, expected)]
    records = Records(table, SESSIONS)
    writes += [Write("Put", records.item(one, rev), ANYTHING) for one in after if there.pop(one.id, None) != one]
    return writes + [ended(gone) for gone in there]


def ended(id: str) -> Write:
    """Return the write that ends a session."""
    return Write("Delete", dict(keys.record(SESSIONS.noun, id)), ANYTHING)
