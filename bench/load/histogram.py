"""What was answered, and after how long: counted and not kept, so that a long run needs no more memory than a short."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from bench.load.mix import Kind

FINENESS = 1.01
"""Each bucket of the times is so much wider than the one before: a time that is told is right to one percent."""

Tally = Counter[tuple[str, int, int]]
"""How many answers there were, by kind, status and bucket of the time that they took."""


@dataclass(frozen=True)
class Called:
    """What callers have seen."""

    tally: Tally = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)
    """Of each caller the first answer with a wrong status: kind, status and the beginning of the body."""
    broken: Counter[str] = field(default_factory=Counter)
    """Requests without an answer, by what happened."""


def bucket(seconds: float) -> int:
    """Return the bucket of a time."""
    return math.floor(math.log(max(seconds * 1e6, 1.0)) / math.log(FINENESS))


def wait(tally: Tally, share: float, kind: str | None = None) -> float:
    """Return within how many ms a share of the answers came, of one kind or of all."""
    buckets: Counter[int] = Counter()
    for (name, _, number), count in tally.items():
        if kind in (None, name):
            buckets[number] += count
    left = math.ceil(share * buckets.total())
    for number in sorted(buckets):
        left -= buckets[number]
        if left <= 0:
            return math.pow(FINENESS, number + 0.5) / 1000
    return math.nan


def statuses(tally: Tally, wanted: Callable[[str, int], bool] = lambda kind, status: True) -> Counter[tuple[str, int]]:
    """Return how many answers of each kind had which status."""
    found: Counter[tuple[str, int]] = Counter()
    for (name, status, _), count in tally.items():
        if wanted(name, status):
            found[name, status] += count
    return found


def wrong(tally: Tally, kinds: Collection[Kind]) -> Counter[tuple[str, int]]:
    """Return the answers that are not the good one of their kind."""
    good = {(kind.name, kind.status) for kind in kinds}
    return statuses(tally, lambda name, status: (name, status) not in good)
