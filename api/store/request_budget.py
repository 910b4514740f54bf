"""The budget of a request: its deadline, and the capacity that it has consumed."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from msgspec import Struct


class RequestBudget(Struct):
    """The deadline of a request and its consumed capacity."""

    units: float = 0.0
    """The sum of read and write capacity units, as DynamoDB reports them."""
    calls: list[Mapping[str, Any]] = []
    """The ConsumedCapacity of each table in each call, in order."""
    ends: float = float("inf")
    """The deadline, in seconds of the monotonic clock."""

    def record(self, response: Mapping[str, Any]) -> None:
        """Add the capacity that a response of DynamoDB reports."""
        consumed = response.get("ConsumedCapacity", [])
        for capacity in consumed if isinstance(consumed, list) else [consumed]:
            self.units += capacity.get("CapacityUnits", 0.0)
            self.calls.append(capacity)


current_budget: ContextVar[RequestBudget | None] = ContextVar("request_budget", default=None)
"""The budget of the current request; None outside of a request."""
