"""The table retries incomplete batches and cancelled transactions."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from api.domain.errors import ChangeTooLarge, Unavailable
from api.store.table import CANCELLED, CONFLICT_RETRIES, Table
from api.store.transaction import (
    MAX_ITEM_BYTES,
    MAX_TRANSACTION_BYTES,
    MAX_WRITES,
    ConditionFailed,
    Increment,
    TransactItem,
    Write,
    check_size,
    item_size,
)

KEYS = [{"pk": f"cats#{name}", "sk": "record"} for name in ("luna", "milo", "nori")]
WRITE = TransactItem("Put", KEYS[0] | {"rev": "r"}, None)


class FakeClient:
    """A client that returns one item per batch, up to a number of items, and cancels every transaction."""

    def __init__(self, items: int = CONFLICT_RETRIES, reasons: tuple[str, ...] = ()) -> None:
        self.items_left, self.reasons = items, reasons
        self.calls = 0
        self.pauses: list[float] = []
        self.table = Table(self, "cafe", pause=self.pauses.append)

    def transact_write_items(self, **_: object) -> None:
        self.calls += 1
        response = {
            "Error": {"Code": CANCELLED},
            "ResponseMetadata": {"HTTPStatusCode": 400},
            "CancellationReasons": [{"Code": code} for code in self.reasons],
        }
        raise ClientError(response, "TransactWriteItems")

    def batch_get_item(self, RequestItems: dict[str, Any], **_: object) -> dict[str, Any]:  # noqa: N803 - boto3's name
        self.calls += 1
        keys = RequestItems["cafe"]["Keys"]
        number = min(self.items_left, 1)
        self.items_left -= number
        unprocessed = {"cafe": {"Keys": keys[number:]}} if keys[number:] else {}
        return {"Responses": {"cafe": keys[:number]}, "UnprocessedKeys": unprocessed, "ConsumedCapacity": []}


def test_unprocessed_keys_are_requested_again_after_a_pause() -> None:
    client = FakeClient()
    assert client.table.get_many(KEYS, consistent=True) == KEYS
    assert (client.calls, len(client.pauses)) == (3, 2)


def test_persistently_incomplete_batch_is_unavailable() -> None:
    client = FakeClient(items=0)
    with pytest.raises(Unavailable):
        client.table.get_many(KEYS, consistent=True)
    assert (client.calls, len(client.pauses)) == (CONFLICT_RETRIES + 1, CONFLICT_RETRIES)


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_transaction_with_a_temporary_reason_is_retried(reason: str) -> None:
    client = FakeClient(reasons=("None", reason))
    with pytest.raises(Unavailable):
        client.table.transact([WRITE, WRITE], "token")
    assert (client.calls, len(client.pauses)) == (CONFLICT_RETRIES + 1, CONFLICT_RETRIES)


@pytest.mark.parametrize(
    ("reasons", "error"),
    [
        (("ValidationError", "None"), ClientError),
        (("TransactionConflict", "ItemCollectionSizeLimitExceeded"), ClientError),
        (("TransactionConflict", "ConditionalCheckFailed"), ConditionFailed),
    ],
)
def test_transaction_with_a_permanent_reason_is_not_retried(reasons: tuple[str, ...], error: type[Exception]) -> None:
    client = FakeClient(reasons=reasons)
    with pytest.raises(error):
        client.table.transact([WRITE, WRITE], "token")
    assert (client.calls, client.pauses) == (1, [])


def put(number: int, size: int) -> TransactItem:
    """Return the write of an item of a size in bytes."""
    item = {"pk": f"posts#{number:02}", "sk": "record", "rev": "r", "doc": ""}
    return TransactItem("Put", item | {"doc": "x" * (size - item_size(item))}, None)


def test_size_of_an_item_is_that_of_its_names_and_values_in_utf_8() -> None:
    assert item_size({"pk": "cats#Zoë", "doc": "😺"}) == 2 + 9 + 3 + 4
    assert item_size({"expires": 1800000000}) == 7 + 21


AT_LIMIT: dict[str, list[Write]] = {
    "writes": [put(number, 100) for number in range(MAX_WRITES)],
    "item": [put(0, MAX_ITEM_BYTES)],
    "transaction": [*(put(number, MAX_ITEM_BYTES) for number in range(10)), put(10, 96 * 1024)],
}
ABOVE_LIMIT: dict[str, tuple[list[Write], str]] = {
    "writes": ([*AT_LIMIT["writes"], Increment({"pk": "c", "sk": "w"}, 1, 0)], "at most 100. Split"),
    "item": ([put(0, MAX_ITEM_BYTES + 1)], "409601 bytes in one item, and the limit is 409600. Shorten"),
    "transaction": ([*AT_LIMIT["transaction"][:10], put(10, 96 * 1024 + 1)], "4194305 bytes, and one transaction"),
}


@pytest.mark.parametrize("limit", AT_LIMIT)
def test_change_above_a_limit_of_dynamodb_is_not_sent(limit: str) -> None:
    check_size(AT_LIMIT[limit])
    client, (writes, detail) = FakeClient(), ABOVE_LIMIT[limit]
    with pytest.raises(ChangeTooLarge, match=detail):
        client.table.transact(writes, "token")
    assert client.calls == 0
    assert sum(item_size(write.item) for write in AT_LIMIT["transaction"]) == MAX_TRANSACTION_BYTES
