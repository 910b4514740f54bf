"""Append-only lists that belong to an entity."""

from __future__ import annotations

from typing import Generic, TypeVar, cast

import msgspec

from api.store import keys
from api.store.paginator import Page, read_page
from api.store.repository import Stored
from api.store.table import Table
from api.store.transaction import Item, TransactItem

T = TypeVar("T", bound=msgspec.Struct)


class AppendLog(Generic[T]):
    """One append-only list of an entity.

    Args:
        table: where it is kept.
        collection: the collection of the entity that it belongs to.
        key: the key of that entity.
        name: the name of the list.
        type: what an entry is.
    """

    def __init__(self, table: Table, collection: str, key: str, name: str, type: type[T]) -> None:
        self._table, self._collection, self._key, self._name = table, collection, key, name
        self._decode = msgspec.json.Decoder(type).decode

    def get(self, id: str) -> Stored[T] | None:
        """Return one entry, or None."""
        item = self._table.get(keys.log_key(self._collection, self._key, self._name, id), consistent=True)
        return Stored(self._read(item), cast(str, item["rev"])) if item else None

    def page(self, position: str | None, limit: int) -> Page[T]:
        """Return some of the entries, newest first, from after a position on."""
        span = keys.log_range(self._collection, self._key, self._name)
        return read_page(self._table, [span], position, limit, self._read, None)

    def newest(self, number: int) -> list[T]:
        """Return some of the entries, newest first, with all that has been written: for what is decided by them."""
        span = keys.log_range(self._collection, self._key, self._name)
        return [self._read(item) for item in self._table.query(span, number, consistent=True)[0]]

    def write(self, id: str, entry: T, rev: str) -> TransactItem:
        """Return the write that appends an entry."""
        key = keys.log_key(self._collection, self._key, self._name, id)
        return TransactItem("Put", {**key, "doc": msgspec.json.encode(entry).decode(), "rev": rev}, None)

    def _read(self, item: Item) -> T:
        return self._decode(cast(str, item["doc"]))
