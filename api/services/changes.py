"""Lists of changes: the entities that changed since a time, and the keys of those that were deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from msgspec import Struct

from api.context import Context
from api.domain.entity import Versioned
from api.services.entity_service import EntityService
from api.services.mappings import PUBLICATIONS
from api.store.changes import ChangeRecord, read_changes
from api.store.keys import Item, timestamp_key
from api.store.paginator import MAX_BYTES
from api.store.repository import Repository, get_items
from api.store.table import Table

Entity = TypeVar("Entity", bound=Versioned)

BATCH = 25
"""How many entities are read at once."""
OVERLAP = timedelta(seconds=60)
"""How long a change may take until a list has it: a request, the difference of clocks, and the update of an index."""


class Changes(Struct, Generic[Entity], frozen=True):
    """A page of the changes since a time."""

    entities: Sequence[Entity]
    """The entities that exist for the caller, in the order of change."""
    deleted: Sequence[ChangeRecord]
    """The others, in the order of change."""
    position: str | None
    """The position of the next page; None on the last page."""


def started_at(position: str | None, now: datetime) -> datetime:
    """Return the time of the request for the first page. It is a part of the positions of the other pages."""
    return datetime.fromisoformat(position.partition(" ")[0]) if position else now


def list_changes(
    service: EntityService[Entity, Any, Any, Any, Any],
    context: Context,
    since: datetime,
    position: str | None,
    limit: int,
) -> Changes[Entity]:
    """Return a page of the changes from a time to the request for the first page.

    An entity that changes between two pages moves to the end of the list, or to the next list of changes.
    """
    if service.change_lists is None:
        raise ValueError("The entity has no lists of changes.")
    repository, table = service.repository, context.dependencies.table
    started, after = started_at(position, context.now), position.partition(" ")[2] if position else None
    # The clock of the instance that wrote a record may be ahead. A publication is no change before its time.
    until = {name: started + OVERLAP * (name != PUBLICATIONS) for name in service.change_lists(context)}
    page = read_changes(table, repository.collection, until, since, after, limit)
    records = _last_of_each_entity(page.items)
    entities, deleted, size, end = list[Entity](), list[ChangeRecord](), 0, page.position
    for record, item, entity in _read_entities(table, repository, records):
        if entity is None or not (context.full_access or service.is_visible(context, entity)):
            if not item or entity:  # otherwise this release cannot read it
                deleted.append(record)
        elif not (context.full_access and record.at < entity.updated):
            size += len(str(item and item["doc"]))
            if entities and size > MAX_BYTES:
                break
            entities.append(entity)
        end = record.position if record is not records[-1] else page.position
    return Changes(entities, deleted, end and f"{timestamp_key(started)} {end}")


def _last_of_each_entity(records: Sequence[ChangeRecord]) -> list[ChangeRecord]:
    """Return the last record of each entity. With full access a caller reads two lists; an entity can be in both."""
    last = {record.key: record for record in records}
    return [record for record in records if record is last[record.key]]


def _read_entities(
    table: Table, repository: Repository[Entity], records: Sequence[ChangeRecord]
) -> Iterator[tuple[ChangeRecord, Item | None, Entity | None]]:
    """Yield each record with the item and the entity, which is None if it was deleted or is not readable.

    They are read in batches, so that little is read in vain if large entities end the page.
    """
    for start in range(0, len(records), BATCH):
        batch = records[start : start + BATCH]
        items = get_items(table, [repository.item_key(record.key) for record in batch], consistent=False)
        for record in batch:
            item = items[repository.item_key(record.key)["pk"]]
            yield record, item, repository.try_read_value(item) if item else None
