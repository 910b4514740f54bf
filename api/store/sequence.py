"""Numbers that rise one by one, none left out and none given twice."""

from __future__ import annotations

from typing import cast

from msgspec import Struct

from api.store import keys
from api.store.table import Table
from api.store.transaction import TransactItem


class NumberSequence(Struct, frozen=True):
    """The number that was given last, in an item of its own.

    Args:
        table: where it is kept.
        collection: what is numbered.
    """

    table: Table
    collection: str

    def next(self, rev: str) -> tuple[int, TransactItem]:
        """Return the next number, and the write that takes it.

        It is taken only if that write and the one of what bears the number are one transaction; of two who were
        given the same number, one has to begin anew.
        """
        own = keys.item_key("counters", self.collection)
        item = self.table.get(own, consistent=True)
        number = cast(int, item["last"]) + 1 if item else 1
        return number, TransactItem(
            "Put", {**own, "last": number, "rev": rev}, cast(str, item["rev"]) if item else None
        )
