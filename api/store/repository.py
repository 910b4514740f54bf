"""Repositories: entities with a key and a version, stored as JSON documents with index attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

import msgspec

from api.domain.entity import Action, HistoryEntry, changed_fields
from api.store import keys
from api.store.keys import Key, KeyRange
from api.store.paginator import Page, read_page
from api.store.table import Table
from api.store.transaction import Item, TransactItem

T = TypeVar("T")
_encode = msgspec.json.Encoder().encode


class Stored(msgspec.Struct, Generic[T], frozen=True):
    """An entity as it was read."""

    value: T
    rev: str
    """The id of the write that created this version. No other version has it."""


class Change(msgspec.Struct, Generic[T], frozen=True):
    """An entity before and after a change, with the author of the change."""

    before: Stored[T] | None
    after: T | None
    action: Action
    by: str
    at: datetime


class Repository(msgspec.Struct, Generic[T], frozen=True, dict=True):
    """The repository of one entity: how it is stored and read. The table is an argument."""

    collection: str
    """The name of the collection, which is the first part of its keys."""
    type: type[T]
    key: Callable[[T], str]
    index_attributes: Callable[[T, tzinfo], Mapping[str, str]] = lambda _entity, _zone: {}
    """Return the index attributes of an entity: the partition keys and sort keys of its indexes.

    They may depend on the time zone of the café."""
    expires: Callable[[T], datetime] | None = None
    """Return the time after which DynamoDB may delete the entity."""
    keeps_history: bool = False
    """Whether every version is stored, with its author."""

    @cached_property
    def _decoder(self) -> msgspec.json.Decoder[T]:
        return msgspec.json.Decoder(self.type)

    def item_key(self, key: str) -> Key:
        """Return the primary key of an entity's item."""
        return keys.item_key(self.collection, key)

    def get(self, table: Table, key: str, *, consistent: bool) -> Stored[T] | None:
        """Return one entity, or None."""
        item = table.get(self.item_key(key), consistent=consistent)
        return self.read(item) if item else None

    def get_many(self, table: Table, names: Iterable[str], *, consistent: bool) -> dict[str, Stored[T]]:
        """Return the existing entities of some keys, by their keys. A hundred keys take one round trip."""
        wanted = [self.item_key(name) for name in dict.fromkeys(names)]
        records = map(self.read, table.get_many(wanted, consistent=consistent))
        return {self.key(record.value): record for record in records}

    def page(
        self,
        table: Table,
        spans: Sequence[KeyRange],
        position: str | None,
        limit: int,
        matches: Callable[[T], bool] | None,
    ) -> Page[T]:
        """Return a page of the entities in some key ranges, merged in their order, after a position."""
        return read_page(table, spans, position, limit, lambda item: self.read(item).value, matches)

    def put(self, entity: T, rev: str, expected: str | None, zone: tzinfo = UTC) -> TransactItem:
        """Return the write of an entity.

        Args:
            entity: the new version.
            rev: the id of the write.
            expected: the ``rev`` of the version that it replaces, None for a new entity, or UNCONDITIONAL.
            zone: the time zone of the café. Only the index of to-dos depends on it.
        """
        return TransactItem("Put", self.item(entity, rev, zone), expected)

    def delete(self, key: str, expected: str | None) -> TransactItem:
        """Return the write that deletes an entity."""
        return TransactItem("Delete", self.item_key(key), expected)

    def check(self, record: Stored[T]) -> TransactItem:
        """Return the check that an entity is still the version that was read."""
        return TransactItem("ConditionCheck", self.item_key(self.key(record.value)), record.rev)

    def check_absent(self, key: str) -> TransactItem:
        """Return the check that there is still no entity with a key."""
        return TransactItem("ConditionCheck", self.item_key(key), None)

    def writes(self, change: Change[T], rev: str, zone: tzinfo = UTC) -> list[TransactItem]:
        """Return the writes of a change: the entity and, where the repository keeps a history, the history entry."""
        entity = change.after or cast(Stored[T], change.before).value
        expected = change.before.rev if change.before else None
        if change.after is None:
            first = self.delete(self.key(entity), expected)
        else:
            first = self.put(change.after, rev, expected, zone)
        return [first, self._entry(change, entity, rev)] if self.keeps_history else [first]

    def item(self, entity: T, rev: str, zone: tzinfo = UTC) -> Item:
        """Return the item of an entity."""
        key, expires = self.item_key(self.key(entity)), {}
        if self.expires:
            expires = {"expires": int(self.expires(entity).timestamp())}
        return {**key, **self.index_attributes(entity, zone), **expires, **self._document(entity), "rev": rev}

    def history(self, table: Table, key: str, position: str | None, limit: int) -> Page[HistoryEntry]:
        """Return a page of the versions of an entity, newest first. The entity may have been deleted."""
        decode = msgspec.json.Decoder(HistoryEntry).decode
        span = keys.log_range(self.collection, key, keys.HISTORY)
        return read_page(table, [span], position, limit, lambda item: decode(cast(str, item["entry"])), None)

    def version_at(self, table: Table, key: str, at: datetime) -> T | None:
        """Return the version of an entity at a time, or None if it did not exist."""
        versions = keys.log_range(self.collection, key, keys.HISTORY, until=keys.timestamp_key(at))
        items, _ = table.query(versions, limit=1)
        return self._decoder.decode(cast(str, items[0]["doc"])) if items and "doc" in items[0] else None

    def _entry(self, change: Change[T], entity: T, rev: str) -> TransactItem:
        entry = HistoryEntry(
            at=change.at,
            action=change.action,
            by=change.by,
            version=getattr(entity, "version") + (change.after is None),  # noqa: B009
            changed=changed_fields(change.before.value if change.before else None, change.after),
        )
        key = keys.log_key(self.collection, self.key(entity), keys.HISTORY, f"{keys.timestamp_key(change.at)}#{rev}")
        snapshot = self._document(change.after) if change.after else {}
        return TransactItem("Put", {**key, "entry": _encode(entry).decode(), "rev": rev, **snapshot}, None)

    def _document(self, entity: T) -> Item:
        return {"doc": _encode(entity).decode()}

    def read(self, item: Item) -> Stored[T]:
        """Return the entity of an item."""
        return Stored(self._decoder.decode(cast(str, item["doc"])), cast(str, item["rev"]))


def get_together(
    table: Table, *wanted: tuple[Repository[Any], str], consistent: bool = True
) -> list[Stored[Any] | None]:
    """Return entities of several repositories in one batch; None for an entity that does not exist."""
    keys_of_wanted = [repository.item_key(key) for repository, key in wanted]
    items = get_items(table, keys_of_wanted, consistent=consistent)
    return [
        repository.read(item) if (item := items[key["pk"]]) else None
        for (repository, _), key in zip(wanted, keys_of_wanted, strict=True)
    ]


def get_items(table: Table, wanted: Sequence[Key], *, consistent: bool = True) -> dict[str, Item | None]:
    """Return the items of some keys by their partition keys, in one batch; None for an item that does not exist."""
    # DynamoDB rejects a batch with duplicate keys.
    keys_by_partition = {key["pk"]: key for key in wanted}
    items = {str(item["pk"]): item for item in table.get_many([*keys_by_partition.values()], consistent=consistent)}
    return {name: items.get(name) for name in keys_by_partition}
