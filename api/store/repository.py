"""Repositories: entities with a key and a version, stored as JSON documents with index attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import msgspec
from msgspec.structs import replace

from api.domain.entity import Action, HistoryEntry, changed_fields
from api.store import keys
from api.store.keys import Key, KeyRange
from api.store.paginator import Before, Page, Position, read_page, read_page_before
from api.store.table import Table
from api.store.transaction import Item, TransactItem

if TYPE_CHECKING:
    from api.store.documents import Carried

T = TypeVar("T")
_encode = msgspec.json.Encoder().encode
_REJECTED = (msgspec.DecodeError, KeyError, TypeError)
"""The errors of the strict decoder. Another release wrote the item, and ``api/store/documents.py`` reads it."""
INITIAL = "initial"
"""The id of an entity that was never written. No write has it."""
_ENTRY = msgspec.json.Decoder(HistoryEntry)


class Stored(msgspec.Struct, Generic[T], frozen=True):
    """An entity as it was read."""

    value: T
    rev: str
    """The id of the write that created this version. No other version has it."""
    carried: Carried | None = None
    """What the document has that this release does not know. The next version is stored with it."""


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
    expires: Callable[[T], datetime | None] | None = None
    """Return the time after which DynamoDB may delete the entity, or None."""
    keeps_history: bool = False
    """Whether every version is stored, with its author."""
    initial: T | None = None
    """The entity before its first write, where there is always exactly one; None if an entity may not exist."""

    changes: Callable[[Change[T]], Mapping[str, datetime | None]] | None = None
    """Return the lists of changes that a change belongs to, each with its time there; None to remove it from a list.

    Clients read these lists with ``updatedSince``. None if the entity has no such lists."""

    @cached_property
    def _decoder(self) -> msgspec.json.Decoder[T]:
        return msgspec.json.Decoder(self.type)

    @cached_property
    def absent(self) -> Stored[T] | None:
        """What is read where there is no item: the initial entity, or None."""
        return None if self.initial is None else Stored(self.initial, INITIAL)

    def item_key(self, key: str) -> Key:
        """Return the primary key of an entity's item."""
        return keys.item_key(self.collection, key)

    def get(self, table: Table, key: str, *, consistent: bool) -> Stored[T] | None:
        """Return one entity, or None."""
        item = table.get(self.item_key(key), consistent=consistent)
        return self.read(item) if item else self.absent

    def get_many(self, table: Table, names: Iterable[str], *, consistent: bool) -> dict[str, Stored[T]]:
        """Return the readable entities of some keys, by their keys. A hundred keys take one round trip."""
        wanted = [self.item_key(name) for name in dict.fromkeys(names)]
        records = map(self.try_read, table.get_many(wanted, consistent=consistent))
        return {self.key(record.value): record for record in records if record}

    def page(
        self,
        table: Table,
        spans: Sequence[KeyRange],
        position: Position,
        limit: int,
        matches: Callable[[T], bool] | None,
        *,
        looks_ahead: bool = True,
    ) -> Page[T]:
        """Return a page of the entities in some key ranges, merged in their order, after or before a position."""
        if isinstance(position, Before):
            return read_page_before(table, spans, position, limit, self.try_read_value, matches)
        return read_page(table, spans, position, limit, self.try_read_value, matches, looks_ahead=looks_ahead)

    def put(self, entity: T, rev: str, expected: str | None, zone: tzinfo = UTC) -> TransactItem:
        """Return the write of a new entity, or of one that another write of the transaction guards.

        Args:
            entity: the entity.
            rev: the id of the write.
            expected: None for a new entity, or UNCONDITIONAL.
            zone: the time zone of the café. Only the index of to-dos depends on it.
        """
        return TransactItem("Put", self.item(entity, rev, zone), expected)

    def replace(self, before: Stored[T], after: T, rev: str, zone: tzinfo = UTC) -> TransactItem:
        """Return the write of the next version of an entity, with what this release does not know of it."""
        expected = None if before.rev == INITIAL else before.rev
        return TransactItem("Put", self.item(after, rev, zone, before.carried), expected)

    def delete(self, key: str, expected: str | None) -> TransactItem:
        """Return the write that deletes an entity."""
        return TransactItem("Delete", self.item_key(key), expected)

    def check(self, record: Stored[T]) -> TransactItem:
        """Return the check that an entity is still the version that was read."""
        expected = None if record.rev == INITIAL else record.rev
        return TransactItem("ConditionCheck", self.item_key(self.key(record.value)), expected)

    def check_absent(self, key: str) -> TransactItem:
        """Return the check that there is still no entity with a key."""
        return TransactItem("ConditionCheck", self.item_key(key), None)

    def writes(self, change: Change[T], rev: str, zone: tzinfo = UTC) -> list[TransactItem]:
        """Return the writes of a change: the entity, its history entry and its change records, where it has them."""
        entity = change.after or cast(Stored[T], change.before).value
        if change.before is None:
            first = self.put(entity, rev, None, zone)
        elif change.after is None:
            first = self.delete(self.key(entity), change.before.rev)
        else:
            first = self.replace(change.before, change.after, rev, zone)
        history = [self._entry(change, entity, rev)] if self.keeps_history else []
        return [first, *history, *self._change_records(change, entity, rev)]

    def _change_records(self, change: Change[T], entity: T, rev: str) -> Sequence[TransactItem]:
        if self.changes is None:
            return []
        from api.store.changes import change_writes  # only writes need it

        return change_writes(self.collection, self.key(entity), self.changes(change), rev)

    def item(self, entity: T, rev: str, zone: tzinfo = UTC, carried: Carried | None = None) -> Item:
        """Return the item of an entity, with what an earlier version has and this release does not know."""
        key, expires = self.item_key(self.key(entity)), {}
        if self.expires and (at := self.expires(entity)):
            expires = {"expires": int(at.timestamp())}
        return {**key, **self.index_attributes(entity, zone), **expires, **_document(entity, carried), "rev": rev}

    def history(self, table: Table, key: str, position: str | None, limit: int) -> Page[HistoryEntry]:
        """Return a page of the versions of an entity, newest first. The entity may have been deleted."""
        span = keys.log_range(self.collection, key, keys.HISTORY)
        return read_page(table, [span], position, limit, read_entry, None)

    def versions_with(self, table: Table, key: str, member: str, position: str | None, limit: int) -> Page[Item]:
        """Return a page of the items of the versions that have a member in their JSON, newest first."""
        span = replace(keys.log_range(self.collection, key, keys.HISTORY), consistent=True)
        return read_page(
            table, [span], position, limit, lambda item: item, lambda item: member in document_members(item)
        )

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
            members = {name: value for name, value in document_members(item).items() if name != member}
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
        carried = change.before.carried if change.before else None
        return self._entry_write(self.key(entity), entry, _document(change.after, carried) if change.after else {}, rev)

    def _entry_write(self, key: str, entry: HistoryEntry, snapshot: Item, rev: str) -> TransactItem:
        item = {
            **keys.log_key(self.collection, key, keys.HISTORY, f"{keys.timestamp_key(entry.at)}#{rev}"),
            **keys.author_index(entry.by, entry.at, rev),
            "entry": _encode(entry).decode(),
            "rev": rev,
        }
        return TransactItem("Put", {**item, **snapshot}, None)

    def read(self, item: Item) -> Stored[T]:
        """Return the entity of an item.

        Raises:
            UnreadableDocument: this release cannot read it.
        """
        try:
            return Stored(self._decoder.decode(cast(str, item["doc"])), cast(str, item["rev"]))
        except _REJECTED:
            from api.store.documents import read_document

            value, carried = read_document(item, "doc", self.type)
            return Stored(value, cast(str, item.get("rev", "")), carried)

    def try_read(self, item: Item) -> Stored[T] | None:
        """Return the entity of an item; None, and a line in the log, if this release cannot read it."""
        try:
            return Stored(self._decoder.decode(cast(str, item["doc"])), cast(str, item["rev"]))
        except _REJECTED:
            from api.store.documents import read_or_log

            found = read_or_log(item, "doc", self.type)
            return Stored(found[0], cast(str, item.get("rev", "")), found[1]) if found else None

    def try_read_value(self, item: Item) -> T | None:
        """Return the entity of an item without its version, or None as ``try_read`` does."""
        record = self.try_read(item)
        return record.value if record else None


def read_listed(decoder: msgspec.json.Decoder[T], attribute: str, item: Item) -> T | None:
    """Return the document of an item in a list; None, and a line in the log, if this release cannot read it."""
    try:
        return decoder.decode(cast(str, item[attribute]))
    except _REJECTED:
        from api.store.documents import read_or_log

        found = read_or_log(item, attribute, decoder.type)
        return found[0] if found else None


def _document(entity: object, carried: Carried | None) -> Item:
    document = _encode(entity)
    return {"doc": (_encode(carried.merge(msgspec.json.decode(document))) if carried else document).decode()}


def read_entry(item: Item) -> HistoryEntry | None:
    """Return the history entry of an item; None, and a line in the log, if this release cannot read it."""
    return read_listed(_ENTRY, "entry", item)


def document_members(item: Item) -> dict[str, Any]:
    """Return the members of the JSON document of an item; none without a document."""
    return cast(dict[str, Any], msgspec.json.decode(cast(str, item["doc"]))) if "doc" in item else {}


def get_together(
    table: Table, *wanted: tuple[Repository[Any], str], for_list: bool = False
) -> list[Stored[Any] | None]:
    """Return entities of several repositories in one batch; None for an entity that does not exist.

    Args:
        table: the table.
        wanted: the repositories and keys.
        for_list: whether eventually consistent reads are enough, and an unreadable entity is left out.

    Raises:
        UnreadableDocument.
    """
    keys_of_wanted = [repository.item_key(key) for repository, key in wanted]
    items = get_items(table, keys_of_wanted, consistent=not for_list)
    return [
        (repository.try_read(item) if for_list else repository.read(item)) if (item := items[key["pk"]]) else None
        for (repository, _), key in zip(wanted, keys_of_wanted, strict=True)
    ]


def get_items(table: Table, wanted: Sequence[Key], *, consistent: bool = True) -> dict[str, Item | None]:
    """Return the items of some keys by their partition keys, in one batch; None for an item that does not exist."""
    # DynamoDB rejects a batch with duplicate keys.
    keys_by_partition = {key["pk"]: key for key in wanted}
    items = {str(item["pk"]): item for item in table.get_many([*keys_by_partition.values()], consistent=consistent)}
    return {name: items.get(name) for name in keys_by_partition}
