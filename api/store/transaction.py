"""A write of a transaction, and items as DynamoDB spells them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from msgspec import Struct

from api.domain.errors import Unavailable
from api.store.keys import Item as Item
from api.store.keys import marshal

T = TypeVar("T")

UNCONDITIONAL = "*"
"""The expected version of an item whose version does not matter. No version id has this value."""
TRIES = 25
"""How often a write that lost a race begins anew; of n clients at once, the last one to win needs n."""


class ConditionFailed(Exception):
    """Somebody was faster: an item is not as this write expected it, and nothing was written."""


class TransactItem(Struct, frozen=True):
    """One item of a transaction, with what must be true of it before.

    ``expected`` is the ``rev`` that the item must have; None for an item that must not be there, ANYTHING for
    one that another write of the same transaction guards.
    """

    kind: Literal["Put", "Delete", "ConditionCheck"]
    item: Mapping[str, str | int]
    """The whole item for a put, its key otherwise."""
    expected: str | None

    def request(self, table: str) -> dict[str, Any]:
        """Return the write as TransactWriteItems takes it."""
        request: dict[str, Any] = {"TableName": table, "Item" if self.kind == "Put" else "Key": marshal(self.item)}
        if self.expected != UNCONDITIONAL:
            new = self.expected is None
            request["ConditionExpression"] = "attribute_not_exists(pk)" if new else "rev = :rev"
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
            request |= {} if new else {"ExpressionAttributeValues": marshal({":rev": self.expected})}
        return {self.kind: request}


def retry_on_conflict(step: Callable[[], T]) -> T:
    """Take a step that reads, decides and writes; begin anew when somebody else was faster.

    The new start sees what the other one wrote: a condition that held before fails now, with its own answer.

    Raises:
        Unavailable: others were faster every time.
    """
    for _ in range(TRIES):
        try:
            return step()
        except ConditionFailed:
            continue
    raise Unavailable("Others are changing the same entity; please try again.")


retry_on_conflict = retry_on_conflict
