"""Change records: which entities changed, in the order of change, also those that were deleted.

An entity has at most one record in each list of changes (see ``Repository.changes``). Each change overwrites it in the
same transaction. The list is one partition of the index ``list-by_date``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

from msgspec import Struct

from api.store import keys
from api.store.keys import LAST, KeyRange
from api.store.paginator import Page, read_page
from api.store.table import Table
from api.store.transaction import UNCONDITIONAL, Item, TransactItem

RETENTION = timedelta(days=90)
"""How long a record exists. After it, DynamoDB may delete the record."""


class ChangeRecord(Struct, frozen=True):
    """The last change of an entity in one list of changes."""

    key: str
    """The key of the entity, which may have been deleted."""
    at: datetime
    position: str
    """The sort key of the record."""


def change_writes(
    collection: str, key: str, positions: Mapping[str, datetime | None], rev: str
) -> Sequence[TransactItem]:
    """Return the writes of the records of a change.

    Args:
        collection: the collection of the entity.
        key: its key.
        positions: the time of the record in each list of changes; None to remove it.
        rev: the id of the write.
    """
    return [_write(collection, key, name, at, rev) for name, at in positions.items()]


def _write(collection: str, key: str, name: str, at: datetime | None, rev: str) -> TransactItem:
    # The write of the entity is in the same transaction and has a condition, so this one needs none.
    record = keys.change_key(collection, key, name)
    if at is None:
        return TransactItem("Delete", record, UNCONDITIONAL)
    index: Item = {"list_key": keys.change_list(collection, name), "by_date": f"{keys.timestamp_key(at)}#{key}"}
    item: Item = {**record, **index, "expires": int((at + RETENTION).timestamp()), "rev": rev}
    return TransactItem("Put", item, UNCONDITIONAL)


def read_changes(
    table: Table, collection: str, until: Mapping[str, datetime], since: datetime, position: str | None, limit: int
) -> Page[ChangeRecord]:
    """Return a page of the records in some lists of changes, oldest first.

    Args:
        table: the table.
        collection: the collection of the entities.
        until: the names of the lists, each with the time of the last record.
        since: the time of the first record.
        position: the sort key after which the page begins, None for the first page.
        limit: the most records of a page.
    """
    low = keys.timestamp_key(since)
    spans = [
        KeyRange("list-by_date", keys.change_list(collection, name), low, keys.timestamp_key(last) + LAST)
        for name, last in until.items()
    ]
    return read_page(table, spans, position, limit, _read, None)


def _read(item: Item) -> ChangeRecord:
    position = cast(str, item["by_date"])
    at, _, key = position.partition("#")
    return ChangeRecord(key, datetime.fromisoformat(at), position)
