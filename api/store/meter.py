"""What a request may take and has taken: time until its deadline, and the capacity units that it consumes."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from time import monotonic
from typing import Any

from msgspec import Struct

from api.domain.errors import Unavailable


class Meter(Struct):
    """What the calls since the meter was started consumed."""

    units: float = 0.0
    """Capacity units, read and write together, as DynamoDB reports them."""
    calls: list[Mapping[str, Any]] = []
    """ConsumedCapacity of each table in each call, in order."""
    ends: float = float("inf")
    """The deadline, in seconds of the monotonic clock."""


_meter: ContextVar[Meter | None] = ContextVar("meter", default=None)


def start(seconds: float) -> Meter:
    """Start a meter for the request at hand, which is to be answered within some seconds, and return it."""
    meter = Meter(ends=monotonic() + seconds)
    _meter.set(meter)
    return meter


def stop() -> None:
    """Forget the request at hand: what this thread does next has no deadline of its."""
    _meter.set(None)


def check(patience: float) -> None:
    """Let a call begin only if it ends before the deadline even at its worst.

    Args:
        patience: how many seconds the call, with all its retries, may take.

    Raises:
        Unavailable: it might not; the caller had better hear so in time.
    """
    meter = _meter.get()
    if meter is not None and monotonic() + patience > meter.ends:
        raise Unavailable("The store is too slow at the moment; please try again.")


def metered(answer: Mapping[str, Any]) -> None:
    """Add what one answer of DynamoDB says that it consumed."""
    meter = _meter.get()
    consumed = answer.get("ConsumedCapacity")
    if meter is None or consumed is None:
        return
    for one in consumed if isinstance(consumed, list) else [consumed]:
        meter.units += one["CapacityUnits"]
        meter.calls.append(one)
