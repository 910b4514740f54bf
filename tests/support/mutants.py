"""The store as it must not be: each of these tables lacks one guard, and a proof has to see it."""

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


class Unconditional(TransactItem):
    """A write that does not ask what stands in its way."""

    def request(self, table: str) -> dict[str, Any]:
        [(kind, item)] = super().request(table).items()
        item.pop("ReturnValuesOnConditionCheckFailure", None)
        return {kind: item}


class Unchecked(TransactItem):
    """A write without its condition."""

    def request(self, table: str) -> dict[str, Any]:
        [(kind, item)] = super().request(table).items()
        return {kind: {name: value for name, value in item.items() if name not in CONDITION}}


def _unchecked(writes: Sequence[Write]) -> list[Write]:
    return [
        Unchecked(one.kind, one.item, one.expected) if isinstance(one, TransactItem) else one
        for one in writes
        if one.kind != "ConditionCheck"
    ]


class ChecksOnlyBefore(InstrumentedTable):
    """Lets a request check what it has read, and then writes whatever is there by now."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write without any condition."""
        super().write(_unchecked(writes), token)


class ChecksOnlyTheFirst(InstrumentedTable):
    """Checks the thing that is changed, and not those that change with it."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write with one condition."""
        super().write([writes[0], *_unchecked(writes[1:])], token)


class ChecksOnlyWhatItWrites(InstrumentedTable):
    """Checks what is written, and not what a decision was made from besides."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write without a mere check."""
        super().write([one for one in writes if one.kind != "ConditionCheck"], token)


class WithoutRequestToken(InstrumentedTable):
    """Takes its own write for somebody else's: it does not ask who wrote what stands in the way."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Ask for no reason."""
        super().write(
            [
                Unconditional(one.kind, one.item, one.expected) if isinstance(one, TransactItem) else one
                for one in writes
            ],
            token,
        )


class TreatsConflictsAsConditionFailures(InstrumentedTable):
    """Believes that a transaction that met another one has lost a race, and begins the whole request anew."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Ask once."""
        items = [write.request(self.name) for write in writes]
        try:
            self.client.transact_write_items(TransactItems=items, ClientRequestToken=token)
        except ClientError as error:
            raise ConditionFailed from error


class WritesOneByOne(InstrumentedTable):
    """Writes the items of a change one after the other, each on its condition; what is only checked, it is not."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write the first item, then the others."""
        for place, write in enumerate(one for one in writes if one.kind != "ConditionCheck"):
            if place == 1:
                super().happened()
            self._write_one(write)

    def happened(self) -> None:
        """Nothing new: the effect was there by halves before."""

    def _write_one(self, write: Write) -> None:
        [(kind, item)] = write.request(self.name).items()
        try:
            operation = {
                "Put": self.client.put_item,
                "Delete": self.client.delete_item,
                "Update": self.client.update_item,
            }[kind]
            self._call(operation, "ConsumedCapacity", {**item, "ReturnConsumedCapacity": "TOTAL"})
        except ClientError as error:
            raise ConditionFailed from error


class SavesResponseLater(InstrumentedTable):
    """Makes the effect of a request first, and keeps the answer under its Idempotency-Key afterwards."""

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write in two transactions."""
        later = [write for write in writes if str(write.item["pk"]).startswith("idempotency#")]
        super().write([write for write in writes if write not in later], token)
        if later:
            self.happened()
            if self.meeting:
                self.meeting.arrive()
            super().write(later, f"{token}-later")


class RespondsTooEarly(InstrumentedTable):
    """Says that a cat is written when the one before her is."""

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        self._held: tuple[Sequence[Write], str] | None = None
        self._one = Lock()

    def write(self, writes: Sequence[Write], token: str) -> None:
        """Write what was held back, and hold this back."""
        if not str(writes[0].item["pk"]).startswith("cats#"):
            super().write(writes, token)
            return
        with self._one:
            held, self._held = self._held, (writes, token)
            if held:
                super().write(*held)


class ReadsStaleItems(InstrumentedTable):
    """Answers every other read from memory, as if nobody else could have written."""

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        self._copies: dict[str, Item] = {}
        self._reads = itertools.count()

    def get(self, key: Key, *, consistent: bool) -> Item | None:
        """Read, or remember."""
        if next(self._reads) % 2 and str(key) in self._copies:
            return self._copies[str(key)]
        found = super().get(key, consistent=consistent)
        if found:
            self._copies[str(key)] = found
        return found

    def get_many(self, wanted: Sequence[Key], *, consistent: bool) -> list[Item]:
        """Read, or remember."""
        if next(self._reads) % 2 and all(str(key) in self._copies for key in wanted):
            return [self._copies[str(key)] for key in wanted]
        found = super().get_many(wanted, consistent=consistent)
        self._copies |= {str({"pk": item["pk"], "sk": item["sk"]}): item for item in found}
        return found


class ScansTheTable(InstrumentedTable):
    """Looks through everything for what stands in one place."""

    def query(self, span: KeyRange, limit: int, *, consistent: bool = False) -> tuple[list[Item], bool]:
        """Scan, and pick."""
        answer = self.client.scan(**self._common)
        if meter := current_budget.get():
            meter.record(answer)
        rows = [{name: str(*typed.values()) for name, typed in item.items()} for item in answer["Items"]]
        partition, sort = INDEXES[span.index]
        found = [row for row in rows if row.get(partition) == span.partition]
        run = sorted((row for row in found if span.low <= row[sort] <= span.high), key=lambda row: row[sort])
        return cast(list[Item], run[::-1] if span.reverse else run)[:limit], len(run) > limit
