"""Repositories: entities with a key and a version, stored as JSON documents with index attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

import msgspec

from api.domain.entity import Action, Entry, changed_fields
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
    """Names the write that made this version; no other version, past or future, bears it."""


class Change(msgspec.Struct, Generic[T], frozen=True):
    """One entity before and after a change, with who made it."""

    before: Stored[T] | None
    after: T | None
    action: Action
    by: str
    at: datetime


class Repository(msgspec.Struct, Generic[T], frozen=True, dict=True):
    """The repository of one entity: how it is stored and read. The table is an argument."""

    collection: str
    """The collection's name, the first part of its keys."""
    type: type[T]
    key: Callable[[T], str]
    index_attributes: Callable[[T], Mapping[str, str]] = lambda _: {}
    """The index attributes of an entity: on which shelf it stands, and its sort keys there."""
    expires: Callable[[T], datetime] | None = None
    """When the table may forget an entity by itself."""
    keeps_history: bool = False
    """Whether every version is kept beside it, with who made it."""

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
        """Return those of some entities that are there, by their keys, in one round trip for a hundred of them."""
        wanted = [keys.item_key(self.collection, name) for name in dict.fromkeys(names)]
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
        """Return up to ``limit`` entities of some spans, merged in their order, from after a position on."""
        return read_page(table, spans, position, limit, lambda item: self.read(item).value, matches)

    def writes(self, change: Change[T], rev: str) -> list[TransactItem]:
        """Return the writes that carry a change: the entity itself and, for a kind with a history, its entry there."""
        entity = change.after or cast(Stored[T], change.before).value
        expected = change.before.rev if change.before else None
        if change.after is None:
            first = TransactItem("Delete", dict(keys.item_key(self.collection, self.key(entity))), expected)
        else:
            first = TransactItem("Put", self.item(change.after, rev), expected)
        return [first, self._entry(change, entity, rev)] if self.keeps_history else [first]

    def item(self, entity: T, rev: str) -> Item:
        """Return an entity as it lies in the table."""
        own = keys.item_key(self.collection, self.key(entity))
        return {**own, **self._all_index_attributes(entity), **self._document(entity), "rev": rev}

    def check(self, record: Stored[T]) -> TransactItem:
        """Return the check that an entity is still as it was read."""
        return TransactItem("ConditionCheck", dict(keys.item_key(self.collection, self.key(record.value))), record.rev)

    def _all_index_attributes(self, entity: T) -> Item:
        """Return the index attributes of an entity, and when the table may forget it."""
        expires = {"expires": int(self.expires(entity).timestamp())} if self.expires else {}
        return {**self.index_attributes(entity), **expires}

    def history(self, table: Table, key: str, position: str | None, limit: int) -> Page[Entry]:
        """Return the versions that an entity went through, newest first; the entity may be gone."""
        decode = msgspec.json.Decoder(Entry).decode
        span = keys.log_range(self.collection, key, keys.HISTORY)
        return read_page(table, [span], position, limit, lambda item: decode(cast(str, item["entry"])), None)

    def version_at(self, table: Table, key: str, at: datetime) -> T | None:
        """Return an entity as it was at an instant, or None where it was not there."""
        versions = keys.log_range(self.collection, key, keys.HISTORY, until=keys.timestamp_key(at))
        items, _ = table.query(versions, limit=1)
        return self._decoder.decode(cast(str, items[0]["doc"])) if items and "doc" in items[0] else None

    def _entry(self, change: Change[T], entity: T, rev: str) -> TransactItem:
        entry = Entry(
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
        """Return the entity that an item holds."""
        return Stored(self._decoder.decode(cast(str, item["doc"])), cast(str, item["rev"]))


def get_together(table: Table, *wanted: tuple[Repository[Any], str]) -> list[Stored[Any] | None]:
    """Return entities of several repositories by their keys, in one consistent batch; None for a missing one."""
    asked = [keys.item_key(kind.collection, key) for kind, key in wanted]
    found = {item["pk"]: item for item in table.get_many(asked, consistent=True)}
    return [
        kind.read(found[key["pk"]]) if key["pk"] in found else None
        for (kind, _), key in zip(wanted, asked, strict=True)
    ]
