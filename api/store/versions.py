"""The versions of an entity in its history: at a time, by number, and the last one.

The key of a history entry has its time and not its number. So a version is found by a binary search over the time
between the creation and the last version, with one query of one item for each step. The search ends when few versions
are left, which one more query reads. Of 10,000 versions at equal distances, that takes about ten steps. It never takes
more steps than the time has bits in microseconds: 49 for ten years.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Generic, TypeVar, cast

from msgspec import Struct

from api.domain.entity import TICK, HistoryEntry, Versioned
from api.store import keys
from api.store.repository import Repository, Stored, read_entry
from api.store.table import Table
from api.store.transaction import Item

T = TypeVar("T", bound=Versioned)

NEAR = 20
"""The number of versions that are read at once instead of searched."""
MAX_ITEMS = 100
"""The most items of one query."""


class _Entry(Struct, frozen=True):
    """An item of a history, and its entry; None if this release cannot read the entry."""

    item: Item
    entry: HistoryEntry | None

    @property
    def is_version(self) -> bool:
        """Whether this is a version of the entity or its deletion. A redaction is neither."""
        return self.entry is None or self.entry.action != "redacted"

    @property
    def has_document(self) -> bool:
        """Whether this is a version with a document. A deletion and a redaction have none."""
        return "doc" in self.item

    @property
    def number(self) -> int | None:
        """The number of the version; None if this is no version, or if this release cannot read it."""
        return self.entry.version if self.entry and self.is_version else None


class Versions(Generic[T]):
    """The versions of one entity, also of a deleted one.

    A number means the last entity with the key: an entity that gets the key of a deleted one begins again at 1.

    Args:
        table: the table.
        repository: the repository of the entity, which keeps a history.
        key: the key of the entity.
    """

    def __init__(self, table: Table, repository: Repository[T], key: str) -> None:
        self._table, self._repository, self._key = table, repository, key

    def last(self) -> Stored[T] | None:
        """Return the last version, also of a deleted entity, or None if no entity ever had the key.

        Raises:
            UnreadableDocument.
        """
        # The newest entry may be the deletion, so that two are read.
        found = next((found for found in self._entries(None, 2) if found.has_document), None)
        return self._repository.read(found.item) if found else None

    def at(self, at: datetime) -> Stored[T] | None:
        """Return the version at a time, or None if the entity did not exist then.

        Raises:
            UnreadableDocument.
        """
        found = self._newest(lambda found: found.is_version, at)
        return self._repository.read(found.item) if found and found.has_document else None

    def numbered(self, number: int) -> Stored[T] | None:
        """Return the version with a number, or None if there is none. A deletion has a number and no document.

        Raises:
            UnreadableDocument.
        """
        last = self.last()
        if last is None or number >= last.value.version:
            return last if last and number == last.value.version else None
        low, high, newer = last.value.created, last.value.updated, last.value.version
        while newer - number > NEAR and low < high:
            middle = low + (high - low) / 2
            found = self._newest(lambda found: found.number is not None, middle)
            if found is None or cast(int, found.number) < number:
                low = middle + TICK
            else:
                high, newer = cast(HistoryEntry, found.entry).at, cast(int, found.number)
        return self._read_back(number, high)

    def _read_back(self, number: int, until: datetime) -> Stored[T] | None:
        """Return the version with a number. It is one of the newest up to a time."""
        for found in self._entries(until, NEAR + 1):
            if found.number is not None and found.number <= number:
                return self._repository.read(found.item) if found.number == number else None
        return None

    def _newest(self, matches: Callable[[_Entry], bool], until: datetime) -> _Entry | None:
        """Return the newest item up to a time that matches. Nearly always it is the first one."""
        return next((found for found in self._entries(until, 1) if matches(found)), None)

    def _entries(self, until: datetime | None, limit: int) -> Iterator[_Entry]:
        """Yield the items up to a time, newest first. The first query reads ``limit`` items, the next ones more."""
        bound = keys.timestamp_key(until) if until else ""
        span = keys.log_range(self._repository.collection, self._key, keys.HISTORY, until=bound)
        position, more = None, True
        while more:
            # The item at the position is read again.
            items, more = self._table.query(span.starting_at(position), limit + (position is not None))
            yield from (_Entry(item, read_entry(item)) for item in items if item["sk"] != position)
            position, limit = cast(str, items[-1]["sk"]) if items else position, min(2 * limit, MAX_ITEMS)
