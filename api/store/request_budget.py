"""What a request may take and has taken: time until its deadline, and the capacity units that it consumes."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from msgspec import Struct


class RequestBudget(Struct):
    """What the calls since the meter was started consumed."""

    units: float = 0.0
    """Capacity units, read and write together, as DynamoDB reports them."""
    calls: list[Mapping[str, Any]] = []
    """ConsumedCapacity of each table in each call, in order."""
    ends: float = float("inf")
    """The deadline, in seconds of the monotonic clock."""

    def record(self, response: Mapping[str, Any]) -> None:
        """Add the capacity that a response of DynamoDB reports."""
        consumed = response.get("ConsumedCapacity", [])
        for one in consumed if isinstance(consumed, list) else [consumed]:
            self.units += one["CapacityUnits"]
            self.calls.append(one)


current_budget: ContextVar[RequestBudget | None] = ContextVar("meter", default=None)
"""The meter of the request at hand; None outside of one."""
