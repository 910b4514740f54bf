"""The table beside a store that gives back less than it was asked for, or that refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from api.domain.errors import Unavailable
from api.store.table import CANCELLED, RETRIES, Table
from api.store.wire import Refused
from api.store.write import ConditionFailed, Write

KEYS = [{"pk": f"cats#{name}", "sk": "record"} for name in ("luna", "milo", "nori")]
WRITE = Write("Put", KEYS[0] | {"rev": "r"}, None)


class Store:
    """Gives one item of a batch at a time, at most so often; or cancels every transaction for some reasons."""

    def __init__(self, answers: int = RETRIES, reasons: tuple[str, ...] = ()) -> None:
        self.left, self.reasons = answers, reasons
        self.calls = 0
        self.pauses: list[float] = []
        self.table = Table(self.call, "cafe", pause=self.pauses.append)

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self.calls += 1
        if operation == "TransactWriteItems":
            raise Refused(operation, CANCELLED, {"CancellationReasons": [{"Code": code} for code in self.reasons]})
        asked = request["RequestItems"]["cafe"]["Keys"]
        given, self.left = (1, self.left - 1) if self.left else (0, 0)
        unread = {"cafe": {"Keys": asked[given:]}} if asked[given:] else {}
        return {"Responses": {"cafe": asked[:given]}, "UnprocessedKeys": unread}


def test_what_was_left_out_of_a_batch_is_asked_for_after_a_pause() -> None:
    store = Store()
    assert store.table.get_many(KEYS, consistent=True) == KEYS
    assert (store.calls, len(store.pauses)) == (3, 2)


def test_a_batch_that_stays_incomplete_is_given_up() -> None:
    store = Store(answers=0)
    with pytest.raises(Unavailable):
        store.table.get_many(KEYS, consistent=True)
    assert (store.calls, len(store.pauses)) == (RETRIES + 1, RETRIES)


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_that_may_pass_is_tried_again(reason: str) -> None:
    store = Store(reasons=("None", reason))
    with pytest.raises(Unavailable):
        store.table.commit([WRITE, WRITE], "token")
    assert (store.calls, len(store.pauses)) == (RETRIES + 1, RETRIES)


@pytest.mark.parametrize(
    ("reasons", "error"),
    [
        (("ValidationError", "None"), Refused),
        (("TransactionConflict", "ItemCollectionSizeLimitExceeded"), Refused),
        (("TransactionConflict", "ConditionalCheckFailed"), ConditionFailed),
    ],
)
def test_a_transaction_that_cannot_pass_is_told_at_once(reasons: tuple[str, ...], error: type[Exception]) -> None:
    store = Store(reasons=reasons)
    with pytest.raises(error):
        store.table.commit([WRITE, WRITE], "token")
    assert (store.calls, store.pauses) == (1, [])
