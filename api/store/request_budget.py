"""The budget of a request: its deadline, the capacity that it has consumed, and the business metrics of its writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import Any

from msgspec import Struct


class RequestBudget(Struct):
    """The deadline of a request, its consumed capacity, and the business metrics of its writes."""

    units: float = 0.0
    """The sum of read and write capacity units, as DynamoDB reports them."""
    calls: list[Mapping[str, Any]] = []
    """The ConsumedCapacity of each table in each call, in order."""
    metrics: dict[str, int] = {}
    """How many writes each business metric counts."""
    ends: float = float("inf")
    """The deadline, in seconds of the monotonic clock."""

    def record(self, response: Mapping[str, Any]) -> None:
        """Add the capacity that a response of DynamoDB reports."""
        consumed = response.get("ConsumedCapacity", [])
        for capacity in consumed if isinstance(consumed, list) else [consumed]:
            self.units += capacity.get("CapacityUnits", 0.0)
            self.calls.append(capacity)

    def count(self, metrics: Iterable[str]) -> None:
        """Count the metrics of writes that were made."""
        for name in metrics:
            self.metrics[name] = self.metrics.get(name, 0) + 1


current_budget: ContextVar[RequestBudget | None] = ContextVar("request_budget", default=None)
"""The budget of the current request; None outside of a request."""
