"""Render docs/growth.md and its two charts."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from bench.growth.access_patterns import AccessPattern
from bench.growth.call_recorder import Cost
from bench.growth.chart import Chart, Series, format_number
from bench.growth.measure import REPEATS
from bench.growth.population import DOSE_EVERY, INTERVAL
from bench.growth.result import FLAT, GrowthResult
from bench.report_parts import ROOT, commit, machine, table

DOCS = ROOT / "docs"
REPORT, CAPACITY, TIME = DOCS / "growth.md", DOCS / "growth-capacity.svg", DOCS / "growth-time.svg"
TEMPLATE = Path(__file__).with_name("report.md")


def describe_run() -> dict[str, str]:
    """Return the date, the commit, the machine and its load. Call this before the run."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(REPORT, CAPACITY, TIME),
        "machine": f"{machine()}, {platform.python_implementation()} {platform.python_version()}",
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def render(result: GrowthResult, run_info: Mapping[str, str]) -> dict[Path, str]:
    """Return the report and the charts by path.

    Args:
        result: the measured costs.
        run_info: the result of ``describe_run``.
    """
    units = Chart(
        "Capacity units per request", "Read units, as the emulator reports them", result.sizes, _series(result, _units)
    )
    time = Chart(
        "Emulator time per request", "Milliseconds at the socket of the emulator", result.sizes, _series(result, _ms)
    )
    return {REPORT: _report(result, run_info, units, time), CAPACITY: units.svg(), TIME: time.svg()}


def _units(cost: Cost) -> float:
    return cost.units


def _ms(cost: Cost) -> float:
    return cost.ms


def _values(result: GrowthResult, pattern: AccessPattern, measure: Callable[[Cost], float]) -> list[float | None]:
    return [None if cost is None else measure(cost) for cost in result.costs[pattern.name]]


def _series(result: GrowthResult, measure: Callable[[Cost], float]) -> list[Series]:
    return [
        Series(pattern.title, _values(result, pattern, measure), grows=result.verdict(pattern) != FLAT)
        for pattern in result.patterns
    ]


def _report(result: GrowthResult, run_info: Mapping[str, str], units: Chart, time: Chart) -> str:
    largest = {name: costs[-1] for name, costs in result.costs.items()}
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        sizes=" and ".join(f"{size:,}" for size in result.sizes).replace(" and ", ", ", len(result.sizes) - 2),
        **run_info,
        capacity=_alt_text(units),
        time=_alt_text(time),
        repeats=REPEATS,
        units=_table(result, "capacity units", _units),
        emulator_time=_table(result, "emulator time, ms", _ms),
        requests=table(
            ("", "calls", "read", "returned"),
            [(f"{pattern.title}: `{pattern.path}`", *_counts(largest[pattern.name])) for pattern in result.patterns],
        ),
        matches=_matches(result),
        doses=f"{result.sizes[-1] // DOSE_EVERY:,}",
        span=f"{result.sizes[-1] * INTERVAL.total_seconds() / 3600:.0f} hours",
        items=f"{result.items:,}",
        gigabytes=f"{result.bytes / 1e9:.1f}",
    )


def _alt_text(chart: Chart) -> str:
    """Return the alternative text of a chart. The tables have the numbers."""
    growing = [series.name for series in chart.series if series.grows]
    return f"{chart.title}: a line for each access pattern. Those that grow: {'; '.join(growing) or 'none'}."


def _table(result: GrowthResult, title: str, measure: Callable[[Cost], float]) -> str:
    """Return the table of a measure at each size."""
    rows = [(pattern.title, *map(format_number, _values(result, pattern, measure))) for pattern in result.patterns]
    return table((title, *(f"{size:,}" for size in result.sizes)), rows)


def _counts(cost: Cost | None) -> tuple[str, str, str]:
    return (f"{cost.calls:,}", f"{cost.items:,}", f"{cost.returned:,}") if cost else ("n/a",) * 3


def _matches(result: GrowthResult) -> str:
    """Return the number of cats on the first page of a filter without an index, at each size."""
    counts = [str(cost.returned) for cost in result.costs["filter_unindexed"] if cost]
    return f"{', '.join(counts[:-1])} and {counts[-1]}"
