"""The table and a DynamoDB that returns less than it was asked for, or that cancels transactions."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from api.domain.errors import Unavailable
from api.store.table import CANCELLED, CONFLICT_RETRIES, Table
from api.store.transaction import ConditionFailed, TransactItem

KEYS = [{"pk": f"cats#{name}", "sk": "record"} for name in ("luna", "milo", "nori")]
WRITE = TransactItem("Put", KEYS[0] | {"rev": "r"}, None)


class Store:
    """A client that returns one item of a batch at a time, or cancels every transaction for some reasons."""

    def __init__(self, answers: int = CONFLICT_RETRIES, reasons: tuple[str, ...] = ()) -> None:
        self.left, self.reasons = answers, reasons
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
        asked = RequestItems["cafe"]["Keys"]
        given, self.left = (1, self.left - 1) if self.left else (0, 0)
        unread = {"cafe": {"Keys": asked[given:]}} if asked[given:] else {}
        return {"Responses": {"cafe": asked[:given]}, "UnprocessedKeys": unread, "ConsumedCapacity": []}


def test_what_was_left_out_of_a_batch_is_asked_for_after_a_pause() -> None:
    store = Store()
    assert store.table.get_many(KEYS, consistent=True) == KEYS
    assert (store.calls, len(store.pauses)) == (3, 2)


def test_a_batch_that_stays_incomplete_is_given_up() -> None:
    store = Store(answers=0)
    with pytest.raises(Unavailable):
        store.table.get_many(KEYS, consistent=True)
    assert (store.calls, len(store.pauses)) == (CONFLICT_RETRIES + 1, CONFLICT_RETRIES)


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_that_may_pass_is_tried_again(reason: str) -> None:
    store = Store(reasons=("None", reason))
    with pytest.raises(Unavailable):
        store.table.transact([WRITE, WRITE], "token")
    assert (store.calls, len(store.pauses)) == (CONFLICT_RETRIES + 1, CONFLICT_RETRIES)


@pytest.mark.parametrize(
    ("reasons", "error"),
    [
        (("ValidationError", "None"), ClientError),
        (("TransactionConflict", "ItemCollectionSizeLimitExceeded"), ClientError),
        (("TransactionConflict", "ConditionalCheckFailed"), ConditionFailed),
    ],
)
def test_a_transaction_that_cannot_pass_is_told_at_once(reasons: tuple[str, ...], error: type[Exception]) -> None:
    store = Store(reasons=reasons)
    with pytest.raises(error):
        store.table.transact([WRITE, WRITE], "token")
    assert (store.calls, store.pauses) == (1, [])
