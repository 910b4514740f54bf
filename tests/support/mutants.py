"""Mutants of the table. Each of them lacks one safeguard, and the tests have to detect it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from threading import Lock
from typing import Any, cast

from botocore.exceptions import ClientError

from api.store.keys import INDEXES, Key, KeyRange
from api.store.request_budget import current_budget
from api.store.transaction import ConditionFailed, Item, TransactItem, Write
from tests.support.engine_app import InstrumentedTable

CONDITION = ("ConditionExpression", "ExpressionAttributeValues", "ReturnValuesOnConditionCheckFailure")


class WithoutExistingItem(TransactItem):
    """A write that does not request the existing item when its condition fails."""

    def request(self, table: str) -> dict[str, Any]:
        [(kind, item)] = super().request(table).items()
        item.pop("ReturnValuesOnConditionCheckFailure", None)
        return {kind: item}


class WithoutCondition(TransactItem):
    """A write without its condition."""

    def request(self, table: str) -> dict[str, Any]:
        [(kind, item)] = super().request(table).items()
        return {kind: {name: value for name, value in item.items() if name not in CONDITION}}


def _without_conditions(writes: Sequence[Write]) -> list[Write]:
    return [
        WithoutCondition(write.kind, write.item, write.expected) if isinstance(write, TransactItem) else write
        for write in _without_checks(writes)
    ]


def _without_checks(writes: Sequence[Write]) -> list[Write]:
    return [write for write in writes if write.kind != "ConditionCheck"]


class ChecksOnlyBefore(InstrumentedTable):
    """Writes without conditions: what a request has read is checked before the write only."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write without any condition."""
        super().write(_without_conditions(writes), token)


class ChecksOnlyTheFirst(InstrumentedTable):
    """Checks the condition of the first item only."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write with one condition."""
        super().write([writes[0], *_without_conditions(writes[1:])], token)


class ChecksOnlyWhatItWrites(InstrumentedTable):
    """Omits the condition checks of items that are read but not written."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write without ConditionCheck items."""
        super().write(_without_checks(writes), token)


class WithoutRequestToken(InstrumentedTable):
    """Takes its own earlier write for a conflicting one, because it does not compare the rev of the existing item."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write without requesting the existing items."""
        super().write(
            [
                WithoutExistingItem(write.kind, write.item, write.expected)
                if isinstance(write, TransactItem)
                else write
                for write in writes
            ],
            token,
        )


class TreatsConflictsAsConditionFailures(InstrumentedTable):
    """Treats a transaction conflict as a failed condition, so that the whole request is repeated at once."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Send the transaction once."""
        items = [write.request(self.name) for write in writes]
        try:
            self.client.transact_write_items(TransactItems=items, ClientRequestToken=token)
        except ClientError as error:
            raise ConditionFailed from error


class WritesOneByOne(InstrumentedTable):
    """Writes each item by itself, on its condition, instead of in one transaction. Omits condition checks."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write the first item, call the hook, and write the other items."""
        for index, write in enumerate(_without_checks(writes)):
            if index == 1:
                super().run_after_write()
            self._write_one(write)

    def run_after_write(self) -> None:
        """Do nothing: the hook was called after the first item."""

    def _write_one(self, write: Write) -> None:
        [(kind, item)] = write.request(self.name).items()
        try:
            operation = getattr(self.client, f"{kind.lower()}_item")
            self._call(operation, "ConsumedCapacity", {**item, "ReturnConsumedCapacity": "TOTAL"})
        except ClientError as error:
            raise ConditionFailed from error


class SavesResponseLater(InstrumentedTable):
    """Saves the response under an Idempotency-Key in a second transaction, after the effect."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write in two transactions."""
        later = [write for write in writes if str(write.item["pk"]).startswith("idempotency#")]
        super().write([write for write in writes if write not in later], token)
        if later:
            self.run_after_write()
            if self.rendezvous:
                self.rendezvous.arrive()
            super().write(later, f"{token}-later")


class RespondsTooEarly(InstrumentedTable):
    """Acknowledges each write of a cat before it is sent; it is sent with the next write."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._pending: tuple[Sequence[Write], str] | None = None
        self._lock = Lock()

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write the pending items, and make the new ones pending."""
        if not str(writes[0].item["pk"]).startswith("cats#"):
            super().write(writes, token)
            return
        with self._lock:
            pending, self._pending = self._pending, (writes, token)
            if pending:
                super().write(*pending)


class ReadsStaleItems(InstrumentedTable):
    """Returns cached items from every other read."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._cache: dict[str, Item] = {}
        self._reads = itertools.count()

    def get(self, key: Key, *, consistent: bool) -> Item | None:
        """Get an item from the table or from the cache."""
        if next(self._reads) % 2 and str(key) in self._cache:
            return self._cache[str(key)]
        item = super().get(key, consistent=consistent)
        if item:
            self._cache[str(key)] = item
        return item

    def get_many(self, wanted: Sequence[Key], *, consistent: bool) -> list[Item]:
        """Get items from the table or from the cache."""
        if next(self._reads) % 2 and all(str(key) in self._cache for key in wanted):
            return [self._cache[str(key)] for key in wanted]
        items = super().get_many(wanted, consistent=consistent)
        self._cache |= {str({"pk": item["pk"], "sk": item["sk"]}): item for item in items}
        return items


class ScansTheTable(InstrumentedTable):
    """Scans the table instead of querying a partition."""

    def query(self, span: KeyRange, limit: int, *, consistent: bool = False) -> tuple[list[Item], bool]:
        """Scan the table and select the items of the range."""
        response = self.client.scan(**self._common)
        if budget := current_budget.get():
            budget.record(response)
        rows = [{name: str(*typed.values()) for name, typed in item.items()} for item in response["Items"]]
        partition, sort = INDEXES[span.index]
        rows = [row for row in rows if row.get(partition) == span.partition and span.low <= row[sort] <= span.high]
        rows.sort(key=lambda row: row[sort], reverse=span.reverse)
        return cast(list[Item], rows)[:limit], len(rows) > limit
