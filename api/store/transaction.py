"""The writes of a transaction, with the conditions that they check, and the retry after a lost race."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar

from msgspec import Struct

from api.domain.entity import BusinessMetric
from api.domain.errors import ChangeTooLarge, Unavailable
from api.store.keys import Item as Item
from api.store.keys import Key, marshal

T = TypeVar("T")

UNCONDITIONAL = "*"
"""The expected version of an item whose version does not matter. No version id has this value."""
MAX_WRITES = 100
"""The most writes in one transaction of DynamoDB."""
MAX_ITEM_BYTES, MAX_TRANSACTION_BYTES = 400 * 1024, 4 * 1024 * 1024
"""The largest item of DynamoDB, and the largest sum of the items of one transaction."""
NUMBER_BYTES = 21
"""The most bytes of a number."""
BELOW_LIMIT = "attribute_not_exists(#count) OR #count < :limit"
"""The condition that a counter is below a limit."""
TRIES = 100
"""How often ``retry_on_conflict`` runs its function. Of n concurrent clients, the last one to win needs n attempts."""


class ConditionFailed(Exception):
    """An item was not as a transaction expected it, and nothing was written."""

    def __init__(self, failed: Sequence[int] = ()) -> None:
        super().__init__("A condition of the transaction failed.")
        self.failed = failed
        """The positions of the writes whose conditions failed."""


class TransactItem(Struct, frozen=True):
    """A write of a transaction, with the version of the item that it expects.

    ``expected`` is the ``rev`` of the existing item, None for an item that must not exist, or UNCONDITIONAL for an item
    that another write of the same transaction guards.
    """

    kind: Literal["Put", "Delete", "ConditionCheck"]
    item: Mapping[str, str | int]
    """The whole item for a put, its key otherwise."""
    expected: str | None
    metric: BusinessMetric | None = None
    """The business metric that counts the write, once it is made."""

    def request(self, table: str) -> dict[str, Any]:
        """Return the write as TransactWriteItems takes it."""
        request: dict[str, Any] = {"TableName": table, "Item" if self.kind == "Put" else "Key": marshal(self.item)}
        if self.expected != UNCONDITIONAL:
            new = self.expected is None
            request["ConditionExpression"] = "attribute_not_exists(pk)" if new else "rev = :rev"
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
            request |= {} if new else {"ExpressionAttributeValues": marshal({":rev": self.expected})}
        return {self.kind: request}


class Increment(Struct, frozen=True):
    """A write of a transaction that adds one to a counter, if the counter is below a limit."""

    item: Key
    """The key of the counter."""
    expires: int
    """Unix time in seconds, after which DynamoDB may delete the counter."""
    limit: int
    kind: Literal["Update"] = "Update"

    def request(self, table: str) -> dict[str, Any]:
        """Return the write as TransactWriteItems takes it."""
        request = {
            "TableName": table,
            "Key": marshal(self.item),
            "UpdateExpression": "ADD #count :by SET #expires = :expires",
            "ConditionExpression": BELOW_LIMIT,
            "ExpressionAttributeNames": {"#count": "count", "#expires": "expires"},
            "ExpressionAttributeValues": marshal({":by": 1, ":expires": self.expires, ":limit": self.limit}),
        }
        return {self.kind: request}


class CounterCheck(Struct, frozen=True):
    """The check of a transaction that a counter is below a limit."""

    item: Key
    """The key of the counter."""
    limit: int
    kind: Literal["ConditionCheck"] = "ConditionCheck"

    def request(self, table: str) -> dict[str, Any]:
        """Return the check as TransactWriteItems takes it."""
        request = {
            "TableName": table,
            "Key": marshal(self.item),
            "ConditionExpression": BELOW_LIMIT,
            "ExpressionAttributeNames": {"#count": "count"},
            "ExpressionAttributeValues": marshal({":limit": self.limit}),
        }
        return {self.kind: request}


Write = TransactItem | Increment | CounterCheck


def check_size(writes: Sequence[Write]) -> None:
    """Check the limits of DynamoDB before a transaction is sent.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html

    Raises:
        ChangeTooLarge: too many writes, or too many bytes in an item or in all items.
    """
    if len(writes) > MAX_WRITES:
        raise ChangeTooLarge(
            f"This change writes {len(writes)} items, and one transaction has at most {MAX_WRITES}. Split the change "
            "into several requests."
        )
    sizes = [item_size(write.item) for write in writes]
    if max(sizes, default=0) > MAX_ITEM_BYTES:
        raise ChangeTooLarge(
            f"This change stores {max(sizes)} bytes in one item, and the limit is {MAX_ITEM_BYTES}. Shorten the texts."
        )
    if sum(sizes) > MAX_TRANSACTION_BYTES:
        raise ChangeTooLarge(
            f"This change writes {sum(sizes)} bytes, and one transaction has at most {MAX_TRANSACTION_BYTES}. Split it "
            "into several requests, for example with fewer new and ended bonds in each, or shorten the texts."
        )


def item_size(item: Mapping[str, str | int]) -> int:
    """Return the size of an item in bytes, as DynamoDB counts it: the names and the values in UTF-8."""
    return sum(
        len(name) + (len(value.encode()) if isinstance(value, str) else NUMBER_BYTES) for name, value in item.items()
    )


def retry_on_conflict(attempt: Callable[[], T]) -> T:
    """Call a function that reads, decides and writes, and call it again when another client was faster.

    Each call reads again, so that it decides on what the other client wrote.

    Raises:
        Unavailable: another client was faster each time.
    """
    for _ in range(TRIES):
        try:
            return attempt()
        except ConditionFailed:
            continue
    raise Unavailable("Other clients are changing the same entity. Please try again.")
