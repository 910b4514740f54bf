"""Append-only lists of an entity, such as the weights of a cat."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Generic, TypeVar, cast

import msgspec

from api.store import keys
from api.store.paginator import Page, read_page
from api.store.repository import Stored, read_listed
from api.store.table import Table
from api.store.transaction import Item, TransactItem

T = TypeVar("T", bound=msgspec.Struct)


class AppendLog(Generic[T]):
    """An append-only list of an entity.

    Args:
        table: the table.
        collection: the collection of the entity.
        key: the key of the entity.
        name: the name of the list.
        type: the type of its entries.
    """

    def __init__(self, table: Table, collection: str, key: str, name: str, type: type[T]) -> None:
        self._table, self._collection, self._key, self._name = table, collection, key, name
        self._read = partial(read_listed, msgspec.json.Decoder(type), "doc")

    def get(self, id: str) -> Stored[T] | None:
        """Return an entry, or None."""
        item = self._table.get(keys.log_key(self._collection, self._key, self._name, id), consistent=True)
        entry = self._read(item) if item else None
        return Stored(entry, cast(str, item["rev"])) if item and entry else None

    def page(self, position: str | None, limit: int) -> Page[T]:
        """Return a page of the entries after a position, newest first."""
        span = keys.log_range(self._collection, self._key, self._name)
        return read_page(self._table, [span], position, limit, self._read, None)

    def newest(self, number: int, *, consistent: bool) -> list[T]:
        """Return the newest entries, newest first. The basis of a write needs a consistent read."""
        span, items, more = keys.log_range(self._collection, self._key, self._name), list[Item](), True
        while more and len(items) < number:  # one query reads at most 1 MB
            # The last item is read again, if it still exists.
            rest = span.starting_at(cast(str, items.pop()["sk"])) if items else span
            page, more = self._table.query(rest, number - len(items), consistent=consistent)
            items += page
        return [entry for entry in map(self._read, items) if entry]

    def write(self, id: str, entry: T, rev: str, index_attributes: Mapping[str, str]) -> TransactItem:
        """Return the write that appends an entry."""
        key = keys.log_key(self._collection, self._key, self._name, id)
        document = msgspec.json.encode(entry).decode()
        return TransactItem("Put", {**key, **index_attributes, "doc": document, "rev": rev}, None)
