"""Record the calls to DynamoDB: the consumed capacity, the items read, and the time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Cost:
    """The cost of one request."""

    units: float
    """Capacity units, as the emulator reports them."""
    calls: int
    items: int
    """The number of items that the emulator read."""
    returned: int
    """The number of entities in the response."""
    ms: float = field(compare=False)
    """Milliseconds from sending a call until its whole response has arrived, summed over all calls."""


class CallRecorder:
    """Sum up the calls of a client through botocore's events.

    Args:
        client: boto3's DynamoDB client.
    """

    def __init__(self, client: DynamoDBClient) -> None:
        events = client.meta.events
        events.register("before-send.dynamodb", self._on_send)
        events.register_first("before-parse.dynamodb", self._on_response)
        events.register("after-call.dynamodb", self._on_result)
        self.start()

    def start(self) -> None:
        """Reset the sums."""
        self._units, self._calls, self._items, self._seconds, self._sent_at = 0.0, 0, 0, 0.0, 0.0

    def cost(self, returned: int) -> Cost:
        """Return the cost of the calls since the start, for a response with this number of entities."""
        return Cost(self._units, self._calls, self._items, returned, self._seconds * 1000)

    def _on_send(self, **_: object) -> None:
        self._sent_at = time.perf_counter()

    def _on_response(self, **_: object) -> None:
        self._seconds += time.perf_counter() - self._sent_at

    def _on_result(self, parsed: dict[str, Any], **_: object) -> None:
        self._calls += 1
        consumed = parsed.get("ConsumedCapacity", [])
        self._units += sum(
            capacity["CapacityUnits"] for capacity in (consumed if isinstance(consumed, list) else [consumed])
        )
        self._items += parsed.get("ScannedCount", 0) + ("Item" in parsed)
        self._items += sum(len(items) for items in parsed.get("Responses", {}).values())
