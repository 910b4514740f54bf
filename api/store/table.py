"""The table as the café uses it: read, write, transact."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal

from api.domain.errors import Unavailable
from api.store.keys import INDEXES, Key, Span
from api.store.meter import check, metered
from api.store.wire import Answer, Call, Refused, jitter
from api.store.write import ConditionFailed, Item, Write, plain, typed

CANCELLED = "TransactionCanceledException"
PASSING = frozenset({
    "None", "DuplicateItem", "ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict",
})  # fmt: skip
"""Why a transaction is cancelled that may pass the next time."""
BATCH = 100
"""How many items DynamoDB gives in one batch."""
RETRIES = 6
RETRY_PAUSE = 0.02
"""Seconds; the pause doubles with each retry, with full jitter, and sums up to 1.3 s at the most."""


class Table:
    """A DynamoDB table as the café uses it.

    Args:
        call: calls DynamoDB, as ``wire.Wire`` does.
        name: the name of the table.
        capacity: how finely consumed capacity is reported ("TOTAL", or "INDEXES" to tell the indexes apart).
        patience: how many seconds a call may take with all its retries; none begins later than that before the
            request's deadline.
        pause: waits that many seconds; given by tests that want to count retries.
    """

    def __init__(
        self,
        call: Call,
        name: str,
        capacity: Literal["TOTAL", "INDEXES"] = "TOTAL",
        patience: float = 0.0,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.call = call
        self.name = name
        self._capacity = {"ReturnConsumedCapacity": capacity}
        self._common = {"TableName": name, **self._capacity}
        self._patience = patience
        self._pause = pause

    def get(self, key: Key, *, consistent: bool) -> Item | None:
        """Return one item, or None."""
        answer = self._ask("GetItem", {**self._common, "Key": typed(key), "ConsistentRead": consistent})
        return plain(answer["Item"]) if "Item" in answer else None

    def get_many(self, wanted: Sequence[Key], *, consistent: bool) -> list[Item]:
        """Return those of some items that are there, in no order; a hundred take one round trip."""
        found: list[Item] = []
        left, retry = [typed(key) for key in wanted], 0
        while left:
            asked, left = left[:BATCH], left[BATCH:]
            request = {self.name: {"Keys": asked, "ConsistentRead": consistent}}
            answer = self._ask("BatchGetItem", {"RequestItems": request, **self._capacity})
            found += [plain(item) for item in answer["Responses"].get(self.name, ())]
            if unread := answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", ()):
                left += unread
                retry += 1
                self._wait(retry, "The store is busy; please try again.")
        return found

    def query(self, span: Span, limit: int, *, consistent: bool = False) -> tuple[list[Item], bool]:
        """Return the first ``limit`` items of a span, and whether there may be more behind them.

        Only the table itself can be read consistently, an index cannot.
        """
        partition, sort = INDEXES[span.index]
        request: dict[str, Any] = {
            **self._common,
            "KeyConditionExpression": "#p = :p AND #s BETWEEN :low AND :high",
            "ExpressionAttributeNames": {"#p": partition, "#s": sort},
            "ExpressionAttributeValues": typed({":p": span.partition, ":low": span.low, ":high": span.high}),
            "ScanIndexForward": not span.reverse,
            "Limit": limit,
            "ConsistentRead": consistent,
        }
        if span.index:
            request["IndexName"] = span.index
        answer = self._ask("Query", request)
        return [plain(item) for item in answer["Items"]], "LastEvaluatedKey" in answer

    def count(self, key: Key, by: int, expires: int) -> int:
        """Add to the counter at a key and return its new value.

        A call is counted once more for each reply that was lost: a counter is for what may be off by a few.
        """
        request = {
            **self._common,
            "Key": typed(key),
            "UpdateExpression": "ADD #n :by SET #e = :e",
            "ExpressionAttributeNames": {"#n": "tries", "#e": "expires"},
            "ExpressionAttributeValues": typed({":by": by, ":e": expires}),
            "ReturnValues": "UPDATED_NEW",
        }
        return int(self._ask("UpdateItem", request)["Attributes"]["tries"]["N"])

    def commit(self, writes: Sequence[Write], token: str) -> None:
        """Make all writes or none, exactly once.

        Every item that is put carries ``token`` as its ``rev``. A reply that got lost is asked for again
        with the same ClientRequestToken. Should the store have forgotten the token (it remembers for ten
        minutes), then the item that stands in the way bears our own ``rev``: the write was ours, and is done.

        Raises:
            ConditionFailed: an item was not as expected; nothing is written.
            Unavailable: others held the items all the time, or the store does not answer.
        """
        items = [write.request(self.name) for write in writes]
        request = {"TransactItems": items, "ClientRequestToken": token, **self._capacity}
        for retry in itertools.count(1):
            try:
                self._ask("TransactWriteItems", request)
            except Refused as refused:
                if not _settled(refused, token):
                    self._wait(retry, "Others are changing the same thing; please try again.")
                    continue
            return

    def _wait(self, retry: int, message: str) -> None:
        if retry > RETRIES:
            raise Unavailable(message)
        self._pause(jitter(RETRY_PAUSE * 2 ** (retry - 1)))

    def _ask(self, operation: str, request: dict[str, Any]) -> Answer:
        check(self._patience)
        answer = self.call(operation, request)
        metered(answer)
        return answer


def _settled(refused: Refused, token: str) -> bool:
    """Say whether a refused transaction is done after all (True), or is worth another try (False)."""
    if refused.code != CANCELLED:
        raise refused
    reasons = refused.answer["CancellationReasons"]
    failed = [reason for reason in reasons if reason["Code"] == "ConditionalCheckFailed"]
    if any(reason.get("Item", {}).get("rev") == {"S": token} for reason in failed):
        return True
    if failed:
        raise ConditionFailed
    if any(reason["Code"] not in PASSING for reason in reasons):
        raise refused
    return False
