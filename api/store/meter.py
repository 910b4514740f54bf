"""Counts the capacity units that a request consumes, for its log line and for the tests of cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Meter:
    """What the calls since the meter was started consumed."""

    units: float = 0.0
    """Capacity units, read and write together, as DynamoDB reports them."""
    calls: list[Mapping[str, Any]] = field(default_factory=list)
    """ConsumedCapacity of each table in each call, in order."""


_meter: ContextVar[Meter | None] = ContextVar("meter", default=None)


@contextmanager
def metering() -> Iterator[Meter]:
    """Count all that the block consumes."""
    token = _meter.set(Meter())
    try:
        yield _meter.get()  # type: ignore[misc]
    finally:
        _meter.reset(token)


def start() -> Meter:
    """Start a meter for the request at hand and return it."""
    meter = Meter()
    _meter.set(meter)
    return meter


def metered(answer: Mapping[str, Any]) -> None:
    """Add what one answer of DynamoDB says that it consumed."""
    meter = _meter.get()
    consumed = answer.get("ConsumedCapacity")
    if meter is None or consumed is None:
        return
    for one in consumed if isinstance(consumed, list) else [consumed]:
        meter.units += one["CapacityUnits"]
        meter.calls.append(one)
