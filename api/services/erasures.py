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
from api.services.mappings import CAT, ERASURE
from api.store.keys import KeyRange
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
    """Without a version that has a value, only the check that the cat has not changed."""


def erase_user_writes(user: User, at: datetime, rev: str) -> list[TransactItem]:
    """Return the writes that erase the name of a deleted user, and that record the erasure."""
    person = person_hash(user.uid)
    erasure = Erasure(id=person, at=at, person=person)
    return [*author_writes(user, None, rev), ERASURE.put(erasure, rev, UNCONDITIONAL)]


def plan_redaction(table: Table, erasure: Erasure, position: str | None) -> RedactionPlan:
    """Plan the removal of a member from some versions in the history of a cat, also of deleted cats of that name.

    The current version of the cat stays as it is. The transaction checks that it is still the current one. A repeated
    redaction finds nothing and writes nothing.

    Args:
        table: the table.
        erasure: the redaction. Its id is the id of the write.
        position: where the last request ended.

    Raises:
        NotFound: there is no history.
    """
    cat = CAT.get(table, erasure.cat, consistent=True)
    newest = CAT.newest_entry(table, erasure.cat)
    if newest is None:
        raise NotFound
    check = CAT.check(cat) if cat else CAT.check_absent(erasure.cat)
    unchanged = version_id(cat.value if cat else None)
    page = CAT.versions_with(table, erasure.cat, erasure.member, position, MAX_VERSIONS)
    versions = [item for item in page.items if version_id(CAT.read(item).value) != unchanged]
    if not versions:
        return RedactionPlan(0, page.position, erasure.id, [check])
    entry = HistoryEntry(
        at=max(erasure.at, newest.at + TICK),
        action="redacted",
        by=erasure.by,
        version=newest.version,
        changed=(),
        member=erasure.member,
        reason=erasure.reason,
    )
    writes = CAT.redaction(erasure.cat, entry, versions, erasure.member, erasure.id)
    record = ERASURE.put(replace(erasure, unchanged=unchanged), erasure.id, None)
    return RedactionPlan(len(versions), page.position, erasure.id, [check, *writes, record])


def list_erasures(table: Table) -> list[Erasure]:
    """Return the records of all erasures, oldest first."""
    erasures, position, more = list[Erasure](), None, True
    while more:
        page = ERASURE.page(table, [KeyRange("list-by_time", ERASURE.collection)], position, 100, None)
        erasures, position, more = erasures + page.items, page.position, page.position is not None
    return erasures
