"""Repositories: entities with a key and a version, stored as JSON documents with index attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

import msgspec
from msgspec.structs import replace

from api.domain.entity import Action, HistoryEntry, changed_fields
from api.store import keys
from api.store.keys import Key, KeyRange
from api.store.paginator import Page, read_page
from api.store.table import Table
from api.store.transaction import Item, TransactItem

T = TypeVar("T")
_encode = msgspec.json.Encoder().encode
_decode_entry = msgspec.json.Decoder(HistoryEntry).decode


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
    index_attributes: Callable[[T], Mapping[str, str]] = lambda _: {}
    """Return the index attributes of an entity: the partition keys and sort keys of its indexes."""
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

    def put(self, entity: T, rev: str, expected: str | None) -> TransactItem:
        """Return the write of an entity.

        Args:
            entity: the new version.
            rev: the id of the write.
            expected: the ``rev`` of the version that it replaces, None for a new entity, or UNCONDITIONAL.
        """
        return TransactItem("Put", self.item(entity, rev), expected)

    def delete(self, key: str, expected: str | None) -> TransactItem:
        """Return the write that deletes an entity."""
        return TransactItem("Delete", self.item_key(key), expected)

    def check(self, record: Stored[T]) -> TransactItem:
        """Return the check that an entity is still the version that was read."""
        return TransactItem("ConditionCheck", self.item_key(self.key(record.value)), record.rev)

    def check_absent(self, key: str) -> TransactItem:
        """Return the check that there is still no entity with a key."""
        return TransactItem("ConditionCheck", self.item_key(key), None)

    def writes(self, change: Change[T], rev: str) -> list[TransactItem]:
        """Return the writes of a change: the entity and, where the repository keeps a history, the history entry."""
        entity = change.after or cast(Stored[T], change.before).value
        expected = change.before.rev if change.before else None
        if change.after is None:
            first = self.delete(self.key(entity), expected)
        else:
            first = self.put(change.after, rev, expected)
        return [first, self._entry(change, entity, rev)] if self.keeps_history else [first]

    def item(self, entity: T, rev: str) -> Item:
        """Return the item of an entity."""
        key, expires = self.item_key(self.key(entity)), {}
        if self.expires:
            expires = {"expires": int(self.expires(entity).timestamp())}
        return {**key, **self.index_attributes(entity), **expires, **self._document(entity), "rev": rev}

    def history(self, table: Table, key: str, position: str | None, limit: int) -> Page[HistoryEntry]:
        """Return a page of the versions of an entity, newest first. The entity may have been deleted."""
        span = keys.log_range(self.collection, key, keys.HISTORY)
        return read_page(table, [span], position, limit, read_entry, None)

    def version_at(self, table: Table, key: str, at: datetime) -> T | None:
        """Return the version of an entity at a time, or None if it did not exist. A redaction is no version."""
        versions = keys.log_range(self.collection, key, keys.HISTORY, until=keys.timestamp_key(at))
        items, _ = table.query(versions, limit=1)
        while items and read_entry(items[-1]).action == "redacted":
            items, _ = table.query(versions.starting_at(cast(str, items[-1]["sk"])), limit=2)
            items = items[1:]
        return self._decoder.decode(cast(str, items[0]["doc"])) if items and "doc" in items[0] else None

    def versions_with(self, table: Table, key: str, member: str, position: str | None, limit: int) -> Page[Item]:
        """Return a page of the items of the versions that have a member in their JSON, newest first."""
        span = replace(keys.log_range(self.collection, key, keys.HISTORY), consistent=True)
        return read_page(table, [span], position, limit, lambda item: item, lambda item: member in _members(item))

    def newest_entry(self, table: Table, key: str) -> HistoryEntry | None:
        """Return the newest entry of a history with a consistent read, or None without a history."""
        items, _ = table.query(keys.log_range(self.collection, key, keys.HISTORY), 1, consistent=True)
        return read_entry(items[0]) if items else None

    def redaction(
        self, key: str, entry: HistoryEntry, versions: Sequence[Item], member: str, rev: str
    ) -> list[TransactItem]:
        """Return the writes that remove a member from stored versions, and record this in the history."""
        writes = [self._entry_write(key, entry, {}, rev)]
        for item in versions:
            members = {name: value for name, value in _members(item).items() if name != member}
            document = {"doc": _encode(members).decode(), "rev": rev}
            writes.append(TransactItem("Put", {**item, **document}, cast(str, item["rev"])))
        return writes

    def _entry(self, change: Change[T], entity: T, rev: str) -> TransactItem:
        entry = HistoryEntry(
            at=change.at,
            action=change.action,
            by=change.by,
            version=getattr(entity, "version") + (change.after is None),  # noqa: B009
            changed=changed_fields(change.before.value if change.before else None, change.after),
        )
        return self._entry_write(self.key(entity), entry, self._document(change.after) if change.after else {}, rev)

    def _entry_write(self, key: str, entry: HistoryEntry, snapshot: Item, rev: str) -> TransactItem:
        item = {
            **keys.log_key(self.collection, key, keys.HISTORY, f"{keys.timestamp_key(entry.at)}#{rev}"),
            **keys.author_index(entry.by, entry.at, rev),
            "entry": _encode(entry).decode(),
            "rev": rev,
        }
        return TransactItem("Put", {**item, **snapshot}, None)

    def _document(self, entity: T) -> Item:
        return {"doc": _encode(entity).decode()}

    def read(self, item: Item) -> Stored[T]:
        """Return the entity of an item."""
        return Stored(self._decoder.decode(cast(str, item["doc"])), cast(str, item["rev"]))


def read_entry(item: Item) -> HistoryEntry:
    """Return the history entry of an item."""
    return _decode_entry(cast(str, item["entry"]))


def _members(item: Item) -> dict[str, Any]:
    """Return the members of the JSON document of an item; none without a document."""
    return cast(dict[str, Any], msgspec.json.decode(cast(str, item["doc"]))) if "doc" in item else {}


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
