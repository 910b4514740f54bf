"""Takes turns: one request in the smallest café, one in the next, and again, so that a slow moment is slow for all."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from api.store.table import Table
from bench.growth.call_recorder import Cost
from bench.growth.patterns import PATTERNS, Pattern
from bench.growth.population_app import House, house
from bench.growth.run import Run
from tools.cli import CliError

WARM_UP, REPEATS, QUICK = 5, 50, 10
"""How many requests are not counted, how many are, and that one in so many is a quick one."""


def measure(
    sizes: Sequence[int],
    patterns: Sequence[Pattern] = PATTERNS,
    repeats: int = REPEATS,
    table: type[Table] = Table,
) -> Run:
    """Measure patterns in cafés of several sizes.

    Args:
        sizes: how many cats, and how many to-dos; the least first.
        patterns: what is measured.
        repeats: how often, after some that are not counted.
        table: how the table is used; a broken variant if a test wants to see it found out.
    """
    with ExitStack() as opened:
        houses = []
        for size in sizes:
            print(f"Filling a café with {size:,} cats and as many to-dos ...", file=sys.stderr)
            houses.append(opened.enter_context(house(size, table)))
        costs = {}
        for pattern in patterns:
            print(f"Measuring: {pattern.says} ...", file=sys.stderr)
            costs[pattern.name] = _costs(pattern, houses, repeats)
    return Run(sizes, patterns, costs, houses[-1].items, houses[-1].bytes)


def _costs(pattern: Pattern, houses: Sequence[House], repeats: int) -> list[Cost | None]:
    """Return what a pattern costs in each house; None where a list has no such page."""
    paths = [measured.path(pattern) for measured in houses]
    found: list[list[Cost]] = [[] for _ in houses]
    for _ in range(WARM_UP + repeats):
        for measured, path, costs in zip(houses, paths, found, strict=True):
            if path:
                costs.append(measured.once(pattern, path))
    return [_usual(pattern, costs[WARM_UP:]) if costs else None for costs in found]


def _usual(pattern: Pattern, costs: Sequence[Cost]) -> Cost:
    """Return what all these requests cost, and how long the quick ones took: nothing else was done meanwhile."""
    if any(cost != costs[0] for cost in costs):  # times are not compared
        raise CliError(f"{pattern.name} does not cost the same each time: {costs}")
    return replace(costs[0], ms=sorted(cost.ms for cost in costs)[len(costs) // QUICK])
