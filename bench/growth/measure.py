"""Measure the applications in turns, so that a slow moment of the machine affects all of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from api.store.table import Table
from bench.growth.access_patterns import PATTERNS, AccessPattern
from bench.growth.call_recorder import Cost
from bench.growth.populated_app import PopulatedApp, create_populated_app
from bench.growth.result import GrowthResult
from tools.cli import CliError

WARM_UP, REPEATS, QUANTILE = 5, 50, 10
"""The number of requests that are not counted and that are; the reported time is that of the fastest tenth."""


def measure(
    sizes: Sequence[int],
    patterns: Sequence[AccessPattern] = PATTERNS,
    repeats: int = REPEATS,
    table: type[Table] = Table,
) -> GrowthResult:
    """Measure access patterns at several sizes.

    Args:
        sizes: the numbers of cats and of to-dos, in ascending order.
        patterns: the access patterns.
        repeats: the number of requests for each pattern, without the warm-up.
        table: the class that accesses the table. Tests pass a broken one.
    """
    with ExitStack() as stack:
        apps = []
        for size in sizes:
            print(f"Creating {size:,} cats and to-dos ...", file=sys.stderr)
            apps.append(stack.enter_context(create_populated_app(size, table)))
        costs = {}
        for pattern in patterns:
            print(f"Measuring: {pattern.title} ...", file=sys.stderr)
            costs[pattern.name] = _measure_pattern(pattern, apps, repeats)
    return GrowthResult(sizes, patterns, costs, apps[-1].items, apps[-1].bytes)


def _measure_pattern(pattern: AccessPattern, apps: Sequence[PopulatedApp], repeats: int) -> list[Cost | None]:
    """Return the cost of a pattern in each application, None if the list has no such page."""
    paths = [app.find_path(pattern) for app in apps]
    samples: list[list[Cost]] = [[] for _ in apps]
    for _ in range(WARM_UP + repeats):
        for app, path, costs in zip(apps, paths, samples, strict=True):
            if path:
                costs.append(app.measure_request(pattern, path))
    return [_summarize(pattern, costs[WARM_UP:]) if costs else None for costs in samples]


def _summarize(pattern: AccessPattern, costs: Sequence[Cost]) -> Cost:
    """Return the cost that all requests have, with the first decile of the times."""
    if any(cost != costs[0] for cost in costs):  # times are not compared
        raise CliError(f"{pattern.name} does not cost the same each time: {costs}")
    return replace(costs[0], ms=sorted(cost.ms for cost in costs)[len(costs) // QUANTILE])
