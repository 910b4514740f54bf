"""Things with a key and a version, kept as JSON documents; knows no noun, only what a ``Kind`` says of it."""

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
    """A thing as it was read."""

    value: T
    rev: str
    """Names the write that made this version; no other version, past or future, bears it."""


class Change(msgspec.Struct, Generic[T], frozen=True):
    """One thing before and after a change, with who made it."""

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
    """The index attributes of a thing: on which shelf it stands, and its sort keys there."""
    expires: Callable[[T], datetime] | None = None
    """When the table may forget a thing by itself."""
    keeps_history: bool = False
    """Whether every version is kept beside it, with who made it."""

    @cached_property
    def _decoder(self) -> msgspec.json.Decoder[T]:
        return msgspec.json.Decoder(self.type)

    def item_key(self, key: str) -> Key:
        """Return the primary key of an entity's item."""
        return keys.item_key(self.collection, key)

    def get(self, table: Table, key: str, *, consistent: bool) -> Stored[T] | None:
        """Return one thing, or None."""
        item = table.get(self.item_key(key), consistent=consistent)
        return self.read(item) if item else None

    def get_many(self, table: Table, names: Iterable[str], *, consistent: bool) -> dict[str, Stored[T]]:
        """Return those of some things that are there, by their keys, in one round trip for a hundred of them."""
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
        """Return up to ``limit`` things of some spans, merged in their order, from after a position on."""
        return read_page(table, spans, position, limit, lambda item: self.read(item).value, matches)

    def writes(self, change: Change[T], rev: str) -> list[TransactItem]:
        """Return the writes that carry a change: the thing itself and, for a kind with a history, its entry there."""
        thing = change.after or cast(Stored[T], change.before).value
        expected = change.before.rev if change.before else None
        if change.after is None:
            first = TransactItem("Delete", dict(keys.item_key(self.collection, self.key(thing))), expected)
        else:
            first = TransactItem("Put", self.item(change.after, rev), expected)
        return [first, self._entry(change, thing, rev)] if self.keeps_history else [first]

    def item(self, thing: T, rev: str) -> Item:
        """Return a thing as it lies in the table."""
        own = keys.item_key(self.collection, self.key(thing))
        return {**own, **self._all_index_attributes(thing), **self._document(thing), "rev": rev}

    def check(self, record: Stored[T]) -> TransactItem:
        """Return the check that a thing is still as it was read."""
        return TransactItem("ConditionCheck", dict(keys.item_key(self.collection, self.key(record.value))), record.rev)

    def _all_index_attributes(self, thing: T) -> Item:
        """Return the index attributes of a thing, and when the table may forget it."""
        expires = {"expires": int(self.expires(thing).timestamp())} if self.expires else {}
        return {**self.index_attributes(thing), **expires}

    def history(self, table: Table, key: str, position: str | None, limit: int) -> Page[Entry]:
        """Return the versions that a thing went through, newest first; the thing may be gone."""
        decode = msgspec.json.Decoder(Entry).decode
        span = keys.log_range(self.collection, key, keys.HISTORY)
        return read_page(table, [span], position, limit, lambda item: decode(cast(str, item["entry"])), None)

    def version_at(self, table: Table, key: str, at: datetime) -> T | None:
        """Return a thing as it was at an instant, or None where it was not there."""
        versions = keys.log_range(self.collection, key, keys.HISTORY, until=keys.timestamp_key(at))
        items, _ = table.query(versions, limit=1)
        return self._decoder.decode(cast(str, items[0]["doc"])) if items and "doc" in items[0] else None

    def _entry(self, change: Change[T], thing: T, rev: str) -> TransactItem:
        entry = Entry(
            at=change.at,
            action=change.action,
            by=change.by,
            version=getattr(thing, "version") + (change.after is None),  # noqa: B009
            changed=changed_fields(change.before.value if change.before else None, change.after),
        )
        key = keys.log_key(self.collection, self.key(thing), keys.HISTORY, f"{keys.timestamp_key(change.at)}#{rev}")
        snapshot = self._document(change.after) if change.after else {}
        return TransactItem("Put", {**key, "entry": _encode(entry).decode(), "rev": rev, **snapshot}, None)

    def _document(self, thing: T) -> Item:
        return {"doc": _encode(thing).decode()}

    def read(self, item: Item) -> Stored[T]:
        """Return the thing that an item holds."""
        return Stored(self._decoder.decode(cast(str, item["doc"])), cast(str, item["rev"]))


def get_together(table: Table, *wanted: tuple[Repository[Any], str]) -> list[Stored[Any] | None]:
    """Return things of several kinds by their keys, consistently and in one round trip; None for what is not there."""
    asked = [keys.item_key(kind.collection, key) for kind, key in wanted]
    found = {item["pk"]: item for item in table.get_many(asked, consistent=True)}
    return [
        kind.read(found[key["pk"]]) if key["pk"] in found else None
        for (kind, _), key in zip(wanted, asked, strict=True)
    ]
