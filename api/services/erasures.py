"""Erase users and redact the history of a cat, with the records that a restore from a backup needs to repeat it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from api.domain.entity import TICK, HistoryEntry
from api.domain.erasures import Erasure, person_hash, version_id
from api.domain.errors import NotFound
from api.domain.users import User
from api.services.authors import author_writes
from api.services.mappings import CAT, ERASURE, USER_TOKENS
from api.store.keys import Item, KeyRange
from api.store.repository import document_members
from api.store.table import Table
from api.store.transaction import UNCONDITIONAL, TransactItem

MAX_VERSIONS = 20
"""The most versions that one request redacts. Twenty of the largest cats are below the 4 MB of a transaction."""


class RedactionPlan(Struct, frozen=True):
    """A redaction of some versions that is not written yet."""

    redacted: int
    position: str | None
    """Where the next request continues; None at the end."""
    rev: str
    """The id of the write."""
    writes: Sequence[TransactItem]
    """Only the check of the cat if no version has a value."""


def erase_user_writes(user: User, at: datetime, rev: str) -> list[TransactItem]:
    """Return the writes that erase the name and the API tokens of a deleted user, and that record the erasure.

    A user who expires needs no record, because a restored table deletes that user too.
    """
    person = person_hash(user.uid)
    erasure = Erasure(id=person, at=at, person=person)
    tokens = USER_TOKENS.delete(user.username, UNCONDITIONAL)
    record = [] if user.expires else [ERASURE.put(erasure, rev, UNCONDITIONAL)]
    return [*author_writes(user, None, rev), tokens, *record]


def plan_redaction(table: Table, erasure: Erasure, position: str | None) -> RedactionPlan:
    """Plan the removal of a member from some versions in the history of a cat, also of deleted cats of that name.

    The current version of the cat stays as it is. The writes check that it is still the current one: otherwise a change
    at the same time would make it an earlier version that keeps its value. A repeated redaction only has this check.
    A version that this release cannot read is redacted too.

    Args:
        table: the table.
        erasure: the redaction. Its id is the id of the write.
        position: where the last request ended.

    Raises:
        NotFound: there is no history.
    """
    newest = CAT.newest_entry(table, erasure.cat)
    if newest is None:
        raise NotFound
    current = table.get(CAT.item_key(erasure.cat), consistent=True)
    check = TransactItem("ConditionCheck", CAT.item_key(erasure.cat), str(current["rev"]) if current else None)
    unchanged = _version_id(current) if current else ""
    page = CAT.versions_with(table, erasure.cat, erasure.member, position, MAX_VERSIONS)
    versions = [item for item in page.items if _version_id(item) != unchanged]
    if not versions:
        return RedactionPlan(0, page.position, erasure.id, [check])
    writes = CAT.redaction(erasure.cat, _entry(erasure, newest), versions, erasure.member, erasure.id)
    record = ERASURE.put(replace(erasure, unchanged=unchanged), erasure.id, None)
    return RedactionPlan(len(versions), page.position, erasure.id, [check, *writes, record])


def _entry(erasure: Erasure, newest: HistoryEntry) -> HistoryEntry:
    """Return the history entry of a redaction, which follows the newest one."""
    return HistoryEntry(
        at=max(erasure.at, newest.at + TICK),
        action="redacted",
        by=erasure.by,
        version=newest.version,
        changed=(),
        member=erasure.member,
        reason=erasure.reason,
    )


def _version_id(item: Item) -> str:
    """Return the id of a stored version of a cat, also of one that this release cannot read."""
    members = document_members(item)
    return version_id(members.get("uid"), members.get("version"))


def list_erasures(table: Table) -> list[Erasure]:
    """Return the records of all erasures, oldest first."""
    erasures, position, more = list[Erasure](), None, True
    while more:
        page = ERASURE.page(table, [KeyRange("list-by_time", ERASURE.collection)], position, 100, None)
        erasures, position, more = erasures + page.items, page.position, page.position is not None
    return erasures
