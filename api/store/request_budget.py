"""What a request may take and has taken: time until its deadline, and the capacity units that it consumes."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from msgspec import Struct


class RequestBudget(Struct):
    """What a request has consumed, and its deadline."""

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
            self.units += one.get("CapacityUnits", 0.0)
            self.calls.append(one)


current_budget: ContextVar[RequestBudget | None] = ContextVar("request_budget", default=None)
"""The budget of the present request; None outside of a request."""
