"""What one run has measured, and whether what it costs grows with the café."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.growth.call_recorder import Cost
from bench.growth.patterns import Pattern

MARGIN = 1.10
"""What has grown by no more than that is flat."""
FLAT, GROWN, TOLD, UNKNOWN = "flat", "grown", "grown as told", "n/a"


@dataclass(frozen=True)
class Run:
    """What each pattern costs in a café of each size."""

    sizes: Sequence[int]
    patterns: Sequence[Pattern]
    costs: Mapping[str, Sequence[Cost | None]]
    """By the name of the pattern, one for each size; None where a list has no such page."""
    items: int
    """How many items lie in the largest database."""
    bytes: int
    """How large its file is."""

    def verdict(self, pattern: Pattern) -> str:
        """Say whether capacity stays the same at every size, but for what is returned.

        Returns:
            FLAT; GROWN; TOLD, where it has grown and the pattern says with what; UNKNOWN without a cost to go by.
        """
        known = [cost for cost in self.costs[pattern.name] if cost]
        if not known:
            return UNKNOWN
        units, returned = known[0].units, max(1, known[0].returned)
        if all(cost.units <= units * MARGIN * max(1, cost.returned / returned) for cost in known[1:]):
            return FLAT
        return TOLD if pattern.grows_with else GROWN

    def grown(self) -> list[str]:
        """Return the names of the patterns that cost more in a larger café, and do not say so."""
        return [pattern.name for pattern in self.patterns if self.verdict(pattern) == GROWN]

    def lines(self) -> list[str]:
        """Return a line for each pattern: its name, its capacity units at each size, and the verdict."""
        return [
            f"growth {pattern.name} "
            f"{' '.join(f'{cost.units:g}' if cost else 'n/a' for cost in self.costs[pattern.name])} "
            f"{self.verdict(pattern)}"
            for pattern in self.patterns
        ]
