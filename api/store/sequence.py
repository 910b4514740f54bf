"""A sequence of numbers without gaps and duplicates."""

from __future__ import annotations

from typing import cast

from msgspec import Struct

from api.store import keys
from api.store.table import Table
from api.store.transaction import TransactItem


class NumberSequence(Struct, frozen=True):
    """The sequence of a collection. An item of the table contains the last number.

    Args:
        table: the table.
        collection: the collection whose entities have numbers.
    """

    table: Table
    collection: str

    def next(self, rev: str) -> tuple[int, TransactItem]:
        """Return the next number, and the write that reserves it in the transaction of the entity.

        Of two concurrent transactions with the same number, one fails and has to read again.
        """
        key = keys.item_key("counters", self.collection)
        item = self.table.get(key, consistent=True)
        number = cast(int, item["last"]) + 1 if item else 1
        return number, TransactItem(
            "Put", {**key, "last": number, "rev": rev}, cast(str, item["rev"]) if item else None
        )
