"""The writes of a transaction, with the conditions that they check, and the retry after a lost race."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar

from msgspec import Struct

from api.domain.errors import Unavailable
from api.store.keys import Item as Item
from api.store.keys import Key, marshal

T = TypeVar("T")

UNCONDITIONAL = "*"
"""The expected version of an item whose version does not matter. No version id has this value."""
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
