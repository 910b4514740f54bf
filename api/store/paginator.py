"""The paginator: a page of one or more key ranges, merged in their common order, with bounded reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, cast

from msgspec import Struct
from msgspec.structs import replace

from api.store.keys import FIRST, LAST, KeyRange
from api.store.table import Table
from api.store.transaction import Item

T = TypeVar("T")

READ_FACTOR = 10
"""A page reads at most this many times its limit. Then it is short, and has a position to continue from."""
MAX_BYTES = 1_000_000
"""The size after which a page is short. A Lambda response may have six million bytes."""


class Before(Struct, frozen=True):
    """The end of a page that is read backwards."""

    position: str
    """The sort key at which the page ends."""
    inclusive: bool
    """Whether the item at the position belongs to the page."""


Position = str | Before | None
"""Where a page begins, after a sort key, or where it ends; None for the first page."""


class Page(Struct, Generic[T], frozen=True):
    """A page of a list, and the positions of the next and the previous page."""

    items: list[T]
    position: str | None
    """The sort key after which the next page begins; None on the last page."""
    before: Before | None = None
    """The end of the previous page; None on the first page, and for a list that is only read forwards."""
    first: str | None = None
    """The sort key that was read first, also of an item that does not match."""


class _ReadBudget:
    """The number of items that may still be read for a page."""

    def __init__(self, items: int) -> None:
        self.left = items

    def take(self, wanted: int) -> int:
        taken = min(wanted, self.left)
        self.left -= taken
        return taken


class _RangeReader(Struct):
    """A key range with a buffer of items."""

    table: Table
    span: KeyRange
    position: str | None
    """The sort key that was read last. The next read begins with it and drops it."""
    buffer: list[Item] = []
    ended: bool = False
    chunk: int = 0
    """The number of items of the next read. It doubles, so that a rare match takes few round trips."""

    def fill(self, budget: _ReadBudget) -> bool:
        """Fill an empty buffer. Return False if the budget is used up."""
        while not self.buffer and not self.ended:
            rest = self.span.starting_at(self.position)
            if rest.low > rest.high:
                self.ended = True  # the bounds depend on the day, and have moved past the position
                break
            # The item at the position is read again, if it still exists.
            limit = budget.take(self.chunk + (self.position is not None))
            self.chunk *= 2
            if not limit:
                return False
            items, more = self.table.query(rest, limit)
            self.ended = not more
            self.buffer = [item for item in items if item[self.span.sort] != self.position]
            if items:
                self.position = cast(str, items[-1][self.span.sort])
        return True


class _MergedRanges:
    """Several key ranges as one, in their common order."""

    def __init__(self, readers: Sequence[_RangeReader], budget: _ReadBudget) -> None:
        self._readers, self._budget = readers, budget
        self._sort = readers[0].span.sort
        self._pick = max if readers[0].span.reverse else min
        self.stopped = False
        """Whether the budget was used up before the end."""

    def next(self) -> Item | None:
        """Return the next item, or None at the end."""
        # The next item is known only when every buffer has an item.
        filled = [reader.fill(self._budget) for reader in self._readers]
        ready = [reader for reader in self._readers if reader.buffer]
        if not all(filled):
            self.stopped = True
            return None
        return (
            self._pick(ready, key=lambda reader: cast(str, reader.buffer[0][self._sort])).buffer.pop(0)
            if ready
            else None
        )

    def after(self, position: str | None) -> Iterator[tuple[str, Item]]:
        """Yield the sort keys and items after a position. An item that moves between the ranges is yielded once."""
        while (item := self.next()) is not None:
            key = cast(str, item[self._sort])
            if key != position:
                yield key, item
            position = key


def read_page(
    table: Table,
    spans: Sequence[KeyRange],
    position: str | None,
    limit: int,
    read: Callable[[Item], T | None],
    matches: Callable[[T], bool] | None,
    *,
    looks_ahead: bool = True,
) -> Page[T]:
    """Return a page of the entities in some key ranges that match.

    Args:
        table: the table.
        spans: key ranges with the same sort key and direction. No range gives an empty page.
        position: the sort key after which the page begins, None for the first page. The item need not exist.
        limit: the most entities of a page.
        read: returns the entity of an item; None for an item that the list leaves out.
        matches: returns whether an entity belongs to the list; None for all.
        looks_ahead: whether one item more is read, which shows whether there is a next page. Without it, a full page
            always has a position.
    """
    if not spans:
        return Page([], None)
    chunk = limit + looks_ahead
    readers = [_RangeReader(table, span, position, chunk=chunk) for span in spans]
    merged = _MergedRanges(readers, _ReadBudget(limit * READ_FACTOR))
    entities, size, first = list[T](), 0, None
    for key, item in merged.after(position):
        first = first or key
        entity = read(item)
        if entity is not None and (matches is None or matches(entity)):
            if len(entities) == limit or (entities and size > MAX_BYTES):
                return Page(entities, position, first=first)
            entities.append(entity)
            size += len(str(item.get("doc", "")))
        position = key
        if len(entities) == limit and not looks_ahead:
            return Page(entities, position, first=first)
    return Page(entities, position if merged.stopped else None, first=first)


def read_page_before(
    table: Table,
    spans: Sequence[KeyRange],
    before: Before,
    limit: int,
    read: Callable[[Item], T | None],
    matches: Callable[[T], bool] | None,
) -> Page[T]:
    """Return the page that ends at a position. The arguments are those of ``read_page``."""
    beginning = LAST if any(span.reverse for span in spans) else FIRST
    spans = [replace(span, reverse=not span.reverse) for span in spans]
    if before.inclusive:
        spans = [span.starting_at(before.position) for span in spans]
        spans = [span for span in spans if span.low <= span.high]
    page = read_page(table, spans, None if before.inclusive else before.position, limit, read, matches)
    # If nothing was read, the next page begins where this one ends, or at the beginning of the list.
    after = page.first or (before.position if before.inclusive else beginning)
    start = Before(page.position, inclusive=False) if page.position else None
    return Page(page.items[::-1], after, start)


def slice_page(items: Sequence[T], sort_key: Callable[[T], str], position: str | None, limit: int) -> Page[T]:
    """Return a page of a list in memory, in descending order of its sort keys."""
    ordered = sorted(items, key=sort_key, reverse=True)
    rest = [item for item in ordered if position is None or sort_key(item) < position]
    return Page(rest[:limit], sort_key(rest[limit - 1]) if len(rest) > limit else None)
