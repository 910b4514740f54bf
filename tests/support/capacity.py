"""Measure the calls and the consumed capacity of a request, as the DynamoDB emulator reports them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import TestResponse

from tests.support.engine_app import EngineApp

AFTER_CALL = "after-call.dynamodb"
READS = ("GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems")


@dataclass
class Capacity:
    """The calls and the consumed capacity of one request."""

    calls: list[str] = field(default_factory=list)
    """The DynamoDB operations, in order."""
    read: float = 0.0
    """Read units of the table and the indexes."""
    written: float = 0.0
    """Write units of the table alone."""
    indexes: Counter[str] = field(default_factory=Counter)
    """Write units of each index."""
    read_indexes: Counter[str] = field(default_factory=Counter)
    """Read units of each index."""
    items: int = 0
    """The number of items that queries and scans have read."""

    def add(self, operation: str, response: dict[str, Any]) -> None:
        """Add a call."""
        self.calls.append(operation)
        self.items += response.get("ScannedCount", 0)
        consumed = response["ConsumedCapacity"]
        for table in consumed if isinstance(consumed, list) else [consumed]:
            indexes = {name: index["CapacityUnits"] for name, index in table.get("GlobalSecondaryIndexes", {}).items()}
            assert table["CapacityUnits"] == table["Table"]["CapacityUnits"] + sum(indexes.values())
            if operation in READS:
                self.read += table["CapacityUnits"]
                self.read_indexes.update(indexes)
            else:
                self.written += table["Table"]["CapacityUnits"]
                self.indexes.update(indexes)


def measure_capacity(cafe: EngineApp, send: Callable[[], TestResponse]) -> tuple[TestResponse, Capacity]:
    """Send a request; return the response and its capacity, after comparing it with the one in the request log."""
    capacity, events = Capacity(), cafe.table.client.meta.events

    def record(model: Any, parsed: dict[str, Any], **_: object) -> None:
        capacity.add(model.name, parsed)

    events.register(AFTER_CALL, record)
    try:
        response, budget = cafe.measure(send)
    finally:
        events.unregister(AFTER_CALL, record)
    total = capacity.read + capacity.written + sum(capacity.indexes.values())
    assert budget.units == total, "the request log has the same number of units"
    return response, capacity
