"""Counts of responses by type, status and latency. Their size does not depend on the duration of a test."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from bench.load.mix import RequestType

BUCKET_FACTOR = 1.01
"""The factor between the bounds of a latency bucket, so that latencies are accurate to one percent."""

Histogram = Counter[tuple[str, int, int]]
"""The number of responses by request type, status and latency bucket."""


@dataclass(frozen=True)
class Responses:
    """The responses that the clients have received."""

    histogram: Histogram = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    """The first response of each client with an unexpected status: type, status and start of the body."""
    failed: Counter[str] = field(default_factory=Counter)
    """The number of requests without a response, by type of error."""


def bucket(seconds: float) -> int:
    """Return the latency bucket of a time."""
    return math.floor(math.log(max(seconds * 1e6, 1.0)) / math.log(BUCKET_FACTOR))


def latency_ms(histogram: Histogram, share: float, name: str | None = None) -> float:
    """Return the latency in ms within which a share of the responses arrived, of one request type or of all."""
    buckets: Counter[int] = Counter()
    for (type_name, _, number), count in histogram.items():
        if name in (None, type_name):
            buckets[number] += count
    remaining = math.ceil(share * buckets.total())
    for number in sorted(buckets):
        remaining -= buckets[number]
        if remaining <= 0:
            return math.pow(BUCKET_FACTOR, number + 0.5) / 1000
    return math.nan


def count_statuses(
    histogram: Histogram, matches: Callable[[str, int], bool] = lambda name, status: True
) -> Counter[tuple[str, int]]:
    """Return the number of responses by request type and status."""
    counts: Counter[tuple[str, int]] = Counter()
    for (name, status, _), count in histogram.items():
        if matches(name, status):
            counts[name, status] += count
    return counts


def count_unexpected(histogram: Histogram, types: Collection[RequestType]) -> Counter[tuple[str, int]]:
    """Return the number of responses with an unexpected status, by request type and status."""
    expected = {(request_type.name, request_type.status) for request_type in types}
    return count_statuses(histogram, lambda name, status: (name, status) not in expected)
