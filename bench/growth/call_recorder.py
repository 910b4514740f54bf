"""Measures the calls to the engine: the capacity consumed, the items read, and the time they took."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Cost:
    """What one request costs."""

    units: float
    """Capacity units, as the engine reports them."""
    calls: int
    items: int
    """How many items the engine read."""
    returned: int
    """How many things the answer has."""
    ms: float = field(compare=False)
    """Milliseconds from sending a call until its whole response has arrived, summed over all calls."""


class CallRecorder:
    """Adds up the calls of a client, by botocore's events.

    Args:
        client: boto3's client for DynamoDB.
    """

    def __init__(self, client: DynamoDBClient) -> None:
        events = client.meta.events
        events.register("before-send.dynamodb", self._sent)
        events.register_first("before-parse.dynamodb", self._received)
        events.register("after-call.dynamodb", self._called)
        self.start()

    def start(self) -> None:
        """Begin to count from zero."""
        self._units, self._calls, self._items, self._seconds, self._began = 0.0, 0, 0, 0.0, 0.0

    def cost(self, returned: int) -> Cost:
        """Return the cost of the calls since the start, for an answer that has so many things."""
        return Cost(self._units, self._calls, self._items, returned, self._seconds * 1000)

    def _sent(self, **_: object) -> None:
        self._began = time.perf_counter()

    def _received(self, **_: object) -> None:
        self._seconds += time.perf_counter() - self._began

    def _called(self, parsed: dict[str, Any], **_: object) -> None:
        self._calls += 1
        consumed = parsed.get("ConsumedCapacity", [])
        self._units += sum(one["CapacityUnits"] for one in (consumed if isinstance(consumed, list) else [consumed]))
        self._items += parsed.get("ScannedCount", 0) + ("Item" in parsed)
        self._items += sum(len(found) for found in parsed.get("Responses", {}).values())
