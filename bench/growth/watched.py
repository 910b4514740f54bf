"""The way to the engine, watched: what a request consumed, what was read for it, and how long that took."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.settings import Settings
from api.store import client
from api.store.line import Reply
from api.store.wire import Sender


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
    """Milliseconds from sending to the engine until the whole reply is here, of all calls together."""


class _Timed:
    """A line to the engine with a watch."""

    def __init__(self, line: Sender) -> None:
        self._line = line
        self.seconds = 0.0
        self.close = line.close

    def post(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send a request and return the reply."""
        began = time.perf_counter()
        reply = self._line.post(headers, body)
        self.seconds += time.perf_counter() - began
        return reply


class Watched:
    """Calls the engine, and adds up what that costs.

    Args:
        settings: where the engine is.
    """

    def __init__(self, settings: Settings) -> None:
        wire = client.wire(settings)
        wire.line = self._line = _Timed(wire.line)
        self._call = wire.call
        self.start()

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def start(self) -> None:
        """Forget what was."""
        self._units, self._calls, self._items, self._line.seconds = 0.0, 0, 0, 0.0

    def cost(self, returned: int) -> Cost:
        """Return what the calls since the start cost; the answer that they were for has so many things."""
        return Cost(self._units, self._calls, self._items, returned, self._line.seconds * 1000)

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Call the engine."""
        answer = self._call(operation, request)
        self._calls += 1
        consumed = answer.get("ConsumedCapacity", [])
        self._units += sum(one["CapacityUnits"] for one in (consumed if isinstance(consumed, list) else [consumed]))
        self._items += answer.get("ScannedCount", 0) + ("Item" in answer)
        self._items += sum(len(found) for found in answer.get("Responses", {}).values())
        return answer
