"""The costs that a run has measured, and whether they grow with the number of cats and to-dos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.growth.access_patterns import AccessPattern
from bench.growth.call_recorder import Cost

TOLERANCE = 1.10
"""A cost that increases by no more than this factor counts as flat."""
FLAT, GROWS, GROWS_AS_EXPECTED, UNKNOWN = "flat", "grows", "grows as expected", "n/a"


@dataclass(frozen=True)
class GrowthResult:
    """The costs of each access pattern at each size."""

    sizes: Sequence[int]
    patterns: Sequence[AccessPattern]
    costs: Mapping[str, Sequence[Cost | None]]
    """The costs for each size, None if a list has no such page, by name of the pattern."""
    items: int
    """The number of items in the largest database."""
    bytes: int
    """The file size of the largest database."""

    def verdict(self, pattern: AccessPattern) -> str:
        """Return whether the capacity grows by more than the response does.

        Returns:
            FLAT, GROWS, GROWS_AS_EXPECTED if the pattern has a reason to grow, or UNKNOWN without a cost.
        """
        costs = [cost for cost in self.costs[pattern.name] if cost]
        if not costs:
            return UNKNOWN
        units, returned = costs[0].units, max(1, costs[0].returned)
        if all(cost.units <= units * TOLERANCE * max(1, cost.returned / returned) for cost in costs[1:]):
            return FLAT
        return GROWS_AS_EXPECTED if pattern.grows_with else GROWS

    def growing(self) -> list[str]:
        """Return the names of the patterns whose cost grows unexpectedly."""
        return [pattern.name for pattern in self.patterns if self.verdict(pattern) == GROWS]

    def lines(self) -> list[str]:
        """Return a line for each pattern: its name, its capacity units at each size, and the verdict."""
        return [
            f"growth {pattern.name} "
            f"{' '.join(f'{cost.units:g}' if cost else 'n/a' for cost in self.costs[pattern.name])} "
            f"{self.verdict(pattern)}"
            for pattern in self.patterns
        ]
