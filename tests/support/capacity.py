"""What requests cost, as the engine reports it call by call."""

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
    """What one request cost."""

    calls: list[str] = field(default_factory=list)
    """The operations of DynamoDB, in order."""
    read: float = 0.0
    """Read units, on the table and on indexes."""
    written: float = 0.0
    """Write units on the table alone."""
    indexes: Counter[str] = field(default_factory=Counter)
    """Write units on each index."""
    items: int = 0
    """How many items the queries read."""

    def add(self, operation: str, answer: dict[str, Any]) -> None:
        """Add one call."""
        self.calls.append(operation)
        self.items += answer.get("ScannedCount", 0)
        consumed = answer["ConsumedCapacity"]
        for one in consumed if isinstance(consumed, list) else [consumed]:
            on_indexes = {name: told["CapacityUnits"] for name, told in one.get("GlobalSecondaryIndexes", {}).items()}
            assert one["CapacityUnits"] == one["Table"]["CapacityUnits"] + sum(on_indexes.values())
            if operation in READS:
                self.read += one["CapacityUnits"]
            else:
                self.written += one["Table"]["CapacityUnits"]
                self.indexes.update(on_indexes)


def measure_capacity(cafe: EngineApp, send: Callable[[], TestResponse]) -> tuple[TestResponse, Capacity]:
    """Send a request and return its answer with its bill, which the café's own meter has to agree with."""
    told, events = Capacity(), cafe.table.client.meta.events

    def record(model: Any, parsed: dict[str, Any], **_: object) -> None:
        told.add(model.name, parsed)

    events.register(AFTER_CALL, record)
    try:
        answer, meter = cafe.measure(send)
    finally:
        events.unregister(AFTER_CALL, record)
    assert meter.units == told.read + told.written + sum(told.indexes.values()), "the log line tells the same"
    return answer, told
