"""The DynamoDB table: its calls, with retries, and with AWS errors as domain errors."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from api.domain.errors import Unavailable
from api.store.keys import INDEXES, Item, Key, KeyRange, marshal, unmarshal
from api.store.request_budget import current_budget
from api.store.transaction import ConditionFailed, Increment, TransactItem, Write, check_size

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ATTEMPTS = 3
"""The most attempts of a call that gets no response, a damaged response or a temporary error."""
PAUSE_SECONDS, THROTTLED_PAUSE_SECONDS = 0.025, 1.0
"""The longest pauses before the second attempt; the latter after a throttling error. The pause doubles each time."""
THROTTLED = frozenset({
    "LimitExceededException", "ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException",
})  # fmt: skip
TRANSIENT = frozenset({
    "RequestTimeout", "RequestTimeoutException", "TransactionConflictException", "TransactionInProgressException",
})  # fmt: skip
"""Errors of status 400 that AWS calls temporary. Every error of status 429 or 5xx is temporary too."""
NO_RESPONSE_MESSAGE = "The database does not respond. Please try again."
BUSY_MESSAGE = "The database is busy. Please try again."
CONFLICT_MESSAGE = "Other clients are changing the same entity. Please try again."
NO_RESPONSE = (BotoCoreError, AttributeError, RuntimeError, TypeError, ValueError)
"""The exceptions of botocore without a usable response: its own errors, a RuntimeError for credentials that cannot be
renewed, and Python's errors where its parser meets a body that is no JSON object or a header that is no number."""
CANCELLED = "TransactionCanceledException"
RETRYABLE_REASONS = frozenset({
    "None", "DuplicateItem", "ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict",
})  # fmt: skip
"""Cancellation reasons after which the same transaction may succeed."""
BATCH = 100
"""The most keys that DynamoDB takes in one batch."""
CONFLICT_RETRIES = 8
CONFLICT_PAUSE_SECONDS = 0.02
"""For conflicts of transactions, and for keys that a batch leaves out. Each pause is random, its limit doubles with
each retry, and all pauses together take at most 5.1 s."""

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_random = random.SystemRandom()  # functions that start from one snapshot share the state of any other generator


class Table:
    """A DynamoDB table.

    Args:
        client: boto3's client, one per process.
        name: The name of the table.
        capacity: The detail in which consumed capacity is reported ("TOTAL", or "INDEXES" to tell the indexes apart).
        attempt_seconds: How many seconds one attempt of a call may take. No attempt begins that may end after the
            deadline of the request.
        pause: Waits for a number of seconds. Tests pass their own to count retries.
    """

    def __init__(
        self,
        client: DynamoDBClient,
        name: str,
        capacity: Literal["TOTAL", "INDEXES"] = "TOTAL",
        attempt_seconds: float = 0.0,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.client = client
        self.name = name
        self._capacity = {"ReturnConsumedCapacity": capacity}
        self._common = {"TableName": name, **self._capacity}
        self._attempt_seconds = attempt_seconds
        self._pause = pause

    def get(self, key: Key, *, consistent: bool) -> Item | None:
        """Return one item, or None."""
        response = self._call(
            self.client.get_item,
            "ConsumedCapacity",
            {**self._common, "Key": marshal(key), "ConsistentRead": consistent},
        )
        return unmarshal(response["Item"]) if "Item" in response else None

    def get_many(self, wanted: Sequence[Key], *, consistent: bool) -> list[Item]:
        """Return the existing items of some keys, in no order. A hundred keys take one round trip."""
        items: list[Item] = []
        left, retry = [marshal(key) for key in wanted], 0
        while left:
            batch, left = left[:BATCH], left[BATCH:]
            request = {self.name: {"Keys": batch, "ConsistentRead": consistent}}
            response = self._call(self.client.batch_get_item, "Responses", {"RequestItems": request, **self._capacity})
            items += [unmarshal(item) for item in response["Responses"].get(self.name, ())]
            if unread := response.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", ()):
                left += unread
                retry += 1
                self._wait(retry, CONFLICT_RETRIES, CONFLICT_PAUSE_SECONDS, BUSY_MESSAGE)
        return items

    def query(self, span: KeyRange, limit: int, *, consistent: bool = False) -> tuple[list[Item], bool]:
        """Return the first ``limit`` items of a key range, and whether there may be more.

        DynamoDB cannot read an index consistently.
        """
        partition, sort = INDEXES[span.index]
        request: dict[str, Any] = {
            **self._common,
            "KeyConditionExpression": "#p = :p AND #s BETWEEN :low AND :high",
            "ExpressionAttributeNames": {"#p": partition, "#s": sort},
            "ExpressionAttributeValues": marshal({":p": span.partition, ":low": span.low, ":high": span.high}),
            "ScanIndexForward": not span.reverse,
            "Limit": limit,
            "ConsistentRead": consistent or span.consistent,
        }
        if span.index:
            request["IndexName"] = span.index
        response = self._call(self.client.query, "Items", request)
        return [unmarshal(item) for item in response["Items"]], "LastEvaluatedKey" in response

    def increment(self, key: Key, name: str, rev: str) -> int:
        """Add 1 to a number of an item, and return the sum. The item is created if it does not exist.

        Concurrent calls get different numbers and do not wait for each other. After a lost response the call is sent
        again, and a number is left out.

        Args:
            key: the key of the item.
            name: the attribute of the number.
            rev: the id of the write, which the item gets.
        """
        request = {
            **self._common,
            "Key": marshal(key),
            "UpdateExpression": "ADD #name :one SET rev = :rev",
            "ExpressionAttributeNames": {"#name": name},
            "ExpressionAttributeValues": marshal({":one": 1, ":rev": rev}),
            "ReturnValues": "UPDATED_NEW",
        }
        response = self._call(self.client.update_item, "Attributes", request)
        return int(unmarshal(response["Attributes"])[name])

    def try_replace(self, write: TransactItem) -> None:
        """Replace the document of an item in one attempt, if the item is the expected version. Ignore a failure."""
        budget = current_budget.get()
        if budget is not None and time.monotonic() + self._attempt_seconds > budget.ends:
            return
        item = write.item
        request: dict[str, Any] = {
            **self._common,
            "Key": marshal({"pk": item["pk"], "sk": item["sk"]}),
            "UpdateExpression": "SET doc = :doc, rev = :rev",
            "ConditionExpression": "rev = :expected",
            "ExpressionAttributeValues": marshal({
                ":doc": item["doc"], ":rev": item["rev"], ":expected": str(write.expected),
            }),
        }  # fmt: skip
        with suppress(ClientError, *NO_RESPONSE):
            response = self.client.update_item(**request)
            if budget is not None:
                budget.record(response)

    def count(self, increment: Increment) -> int:
        """Make one increment, and return the count. After a lost response the call is sent again, and counts twice.

        Raises:
            ConditionFailed: the limit is reached; nothing is written.
        """
        request = increment.request(self.name)["Update"] | self._capacity | {"ReturnValues": "UPDATED_NEW"}
        try:
            response = self._call(self.client.update_item, "Attributes", request)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            raise ConditionFailed([0]) from None
        return int(unmarshal(response["Attributes"])["count"])

    def transact(self, writes: Sequence[Write], token: str) -> None:
        """Make all writes or none, exactly once, and count their metrics. Without writes, nothing is sent.

        Every item that is put has ``token`` as its ``rev``. After a lost response, the same request is sent again with
        the same ClientRequestToken. DynamoDB remembers the token for ten minutes. After that, the condition fails on an
        item that has our own ``rev``, which means that the write was made.

        Raises:
            ChangeTooLarge: the transaction exceeds a limit of DynamoDB; nothing is sent.
            ConditionFailed: an item was not as expected; nothing is written.
            Unavailable: other transactions held the items each time, or DynamoDB does not respond.
        """
        if not writes:
            return
        check_size(writes)
        items = [write.request(self.name) for write in writes]
        request = {"TransactItems": items, "ClientRequestToken": token, **self._capacity}
        for retry in itertools.count(1):
            try:
                self._call(self.client.transact_write_items, "ConsumedCapacity", request)
            except ClientError as error:
                if not _is_done(error, token):
                    self._wait(retry, CONFLICT_RETRIES, CONFLICT_PAUSE_SECONDS, CONFLICT_MESSAGE, error)
                    continue
            if budget := current_budget.get():
                budget.count(write.metric for write in writes if isinstance(write, TransactItem) and write.metric)
            return

    def _call(
        self, operation: Callable[..., Mapping[str, Any]], member: str, request: dict[str, Any]
    ) -> Mapping[str, Any]:
        """Return the response to a request that may be sent more than once.

        botocore parses a body that was cut off as an empty one, which would mean that there is no such item. So a
        response is complete only if it has the member that DynamoDB always sends.

        Raises:
            Unavailable: No attempt got a usable response, or DynamoDB was busy each time.
            ClientError: DynamoDB refuses the request.
        """
        budget = current_budget.get()
        cause: Exception | None = None
        for attempt in itertools.count(1):
            if budget is not None and time.monotonic() + self._attempt_seconds > budget.ends:
                raise Unavailable("The database is too slow at the moment. Please try again.") from cause
            cause = ValueError(f"The response has no {member}: it is damaged, or not DynamoDB's.")
            try:
                response = operation(**request)
                if member in response:
                    break
            except ClientError as error:
                if not _is_temporary(error):
                    raise
                cause = error
            except NO_RESPONSE as error:
                cause = error
            longest = THROTTLED_PAUSE_SECONDS if _is_throttled(cause) else PAUSE_SECONDS
            self._wait(attempt, ATTEMPTS - 1, longest, NO_RESPONSE_MESSAGE, cause)
        if budget is not None:
            budget.record(response)
        return response

    def _wait(self, retry: int, retries: int, longest: float, message: str, cause: Exception | None = None) -> None:
        """Pause before a retry: up to ``longest`` seconds, doubled for each retry before it, with full jitter."""
        if retry > retries:
            raise Unavailable(message) from cause
        self._pause(_random.uniform(0, longest * 2 ** (retry - 1)))


def parse_response_body(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Parse the body of a response with msgspec. This is a handler of botocore's event ``before-parse``.

    botocore's own parser copies each member by its description of the service, in order to decode binary values. Our
    items have no binary values, so the parsed JSON is the result, and botocore gets an empty body to parse. It parses
    errors, and bodies that are no JSON objects, itself. Members that are null are left out, as botocore does.

    https://docs.aws.amazon.com/boto3/latest/guide/events.html
    """
    if response_dict["status_code"] < 300:
        with suppress(msgspec.DecodeError):
            body = _decode(response_dict["body"])
            customized_response_dict.update({name: value for name, value in body.items() if value is not None})
            response_dict["body"] = b""


def _is_temporary(error: ClientError) -> bool:
    """Return whether the same request may succeed later. An error that is not DynamoDB's has a status as its code."""
    code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    return code in TRANSIENT or not code or code.isdigit() or status >= 500 or _is_throttled(error)


def _is_throttled(error: Exception | None) -> bool:
    return isinstance(error, ClientError) and (
        error.response["Error"]["Code"] in THROTTLED or error.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    )


def _is_done(error: ClientError, token: str) -> bool:
    """Return whether a refused transaction is done after all (True), or is worth another attempt (False).

    Raises:
        ConditionFailed: An item was not as expected.
        ClientError: The transaction cannot succeed.
    """
    if error.response["Error"]["Code"] != CANCELLED:
        raise error
    reasons: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons", ())
    failed = [index for index, reason in enumerate(reasons) if reason.get("Code") == "ConditionalCheckFailed"]
    if any(reasons[index].get("Item", {}).get("rev") == {"S": token} for index in failed):
        return True
    if failed:
        raise ConditionFailed(failed)
    if any(reason.get("Code", "None") not in RETRYABLE_REASONS for reason in reasons):
        raise error
    return False
