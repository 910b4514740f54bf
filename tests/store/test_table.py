"""The table retries incomplete batches and cancelled transactions."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from api.domain.errors import Unavailable
from api.store.table import CANCELLED, CONFLICT_RETRIES, Table
from api.store.transaction import ConditionFailed, TransactItem

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
