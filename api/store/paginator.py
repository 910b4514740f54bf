"""Reads a page out of one or more runs of neighbours, in their common order, at a bounded cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, cast

from msgspec import Struct

from api.store.keys import KeyRange
from api.store.table import Table
from api.store.transaction import Item

T = TypeVar("T")

BUDGET = 10
"""A page reads at most this many times its limit, and then comes back short with a position to go on from."""


BYTES = 1_000_000
"""A page of more than that comes back short too: a function may answer with six million at the most."""


class Page(Struct, Generic[T], frozen=True):
    """Some of the entities of a list, and where to go on."""

    items: list[T]
    position: str | None
    """The sort key after which the next page begins; None on the last page."""


class _ReadBudget:
    """How many items may still be read for this page."""

    def __init__(self, items: int) -> None:
        self.left = items

    def take(self, wanted: int) -> int:
        taken = min(wanted, self.left)
        self.left -= taken
        return taken


class _RangeReader(Struct):
    """One span with what has been read of it ahead of its use."""

    table: Table
    span: KeyRange
    position: str | None
    """What was read last; the next read begins with it, and drops it."""
    buffer: list[Item] = []
    ended: bool = False
    chunk: int = 0
    """How many items the next read asks for; doubles, so that a rare match costs few round trips."""

    def fill(self, budget: _ReadBudget) -> bool:
        """Read ahead if the buffer is empty; False if that would cost more than is left."""
        while not self.buffer and not self.ended:
            rest = self.span.after(self.position)
            if rest.low > rest.high:
                self.ended = True  # the bounds have moved past the position since: a day has gone by
                break
            # The position itself is read again, where it still is.
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
    """Several runs as one, in their common order."""

    def __init__(self, runs: Sequence[_RangeReader], budget: _ReadBudget) -> None:
        self._runs, self._budget = runs, budget
        self._sort = runs[0].span.sort
        self._pick = max if runs[0].span.reverse else min
        self.stopped = False
        """Whether there would have been more, had the budget not been used up."""

    def next(self) -> Item | None:
        """Return the next item, None where there is no more to be had."""
        # Every run must have its next item at hand before the least of them is known.
        filled = [run.fill(self._budget) for run in self._runs]
        ready = [run for run in self._runs if run.buffer]
        if not all(filled):
            self.stopped = True
            return None
        return self._pick(ready, key=lambda run: cast(str, run.buffer[0][self._sort])).buffer.pop(0) if ready else None

    def after(self, position: str | None) -> Iterator[tuple[str, Item]]:
        """Yield the sort keys and items behind a position; what went from one run to another meanwhile comes once."""
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
    read: Callable[[Item], T],
    matches: Callable[[T], bool] | None,
) -> Page[T]:
    """Return a page of the entities in some spans that match.

    Args:
        table: where to read.
        spans: runs over the same sort key and in the same direction; they are merged. None of them: nothing is there.
        position: the sort key after which to begin, None for the first page. It need not exist any more.
        limit: how many entities a page has at the most.
        read: makes an entity of an item.
        matches: which entities to keep; None for all.
    """
    if not spans:
        return Page([], None)
    # One more than the page: whether it exists decides whether there is a next page.
    merged = _MergedRanges(
        [_RangeReader(table, span, position, chunk=limit + 1) for span in spans], _ReadBudget(limit * BUDGET)
    )
    found, size = list[T](), 0
    for key, item in merged.after(position):
        entity = read(item)
        if matches is None or matches(entity):
            if len(found) == limit or (found and size > BYTES):
                return Page(found, position)
            found.append(entity)
            size += len(str(item.get("doc", "")))
        position = key
    return Page(found, position if merged.stopped else None)
