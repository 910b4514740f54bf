"""Writes what was measured: docs/growth.md and its two pictures."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from bench.growth.call_recorder import Cost
from bench.growth.measure import REPEATS
from bench.growth.patterns import Pattern
from bench.growth.picture import Line, Picture, digits
from bench.growth.population import APART, DOSES
from bench.growth.run import FLAT, Run
from bench.pages import ROOT, commit, machine, table

DOCS = ROOT / "docs"
PAGE, CAPACITY, TIME = DOCS / "growth.md", DOCS / "growth-capacity.svg", DOCS / "growth-time.svg"
TEMPLATE = Path(__file__).with_name("page.md")


def begin() -> dict[str, str]:
    """Return when, of which commit and on which machine a run begins that takes a while."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(PAGE, CAPACITY, TIME),
        "machine": f"{machine()}, {platform.python_implementation()} {platform.python_version()}",
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def documents(run: Run, begun: Mapping[str, str]) -> dict[Path, str]:
    """Return the page and the pictures, by where they are kept.

    Args:
        run: what was measured.
        begun: what ``begin`` returned before that.
    """
    units = Picture(
        "Capacity units per request", "Read units, as the engine reports them", run.sizes, _lines(run, _units)
    )
    spent = Picture(
        "Engine time per request", "Milliseconds at the embedded engine's socket", run.sizes, _lines(run, _ms)
    )
    return {PAGE: _page(run, begun, units, spent), CAPACITY: units.svg(), TIME: spent.svg()}


def _units(cost: Cost) -> float:
    return cost.units


def _ms(cost: Cost) -> float:
    return cost.ms


def _values(run: Run, pattern: Pattern, what: Callable[[Cost], float]) -> list[float | None]:
    return [None if cost is None else what(cost) for cost in run.costs[pattern.name]]


def _lines(run: Run, what: Callable[[Cost], float]) -> list[Line]:
    return [
        Line(pattern.says, _values(run, pattern, what), grows=run.verdict(pattern) != FLAT) for pattern in run.patterns
    ]


def _page(run: Run, begun: Mapping[str, str], units: Picture, spent: Picture) -> str:
    largest = {name: costs[-1] for name, costs in run.costs.items()}
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        sizes=" and ".join(f"{size:,}" for size in run.sizes).replace(" and ", ", ", len(run.sizes) - 2),
        **begun,
        capacity=_alt(units),
        time=_alt(spent),
        repeats=REPEATS,
        units=_table(run, "capacity units", _units),
        spent=_table(run, "engine time, ms", _ms),
        requests=table(
            ("", "calls", "read", "returned"),
            [(f"{pattern.says}: `{pattern.path}`", *_counts(largest[pattern.name])) for pattern in run.patterns],
        ),
        found=_found(run),
        doses=f"{run.sizes[-1] // DOSES:,}",
        span=f"{run.sizes[-1] * APART.total_seconds() / 3600:.0f} hours",
        items=f"{run.items:,}",
        gigabytes=f"{run.bytes / 1e9:.1f}",
    )


def _alt(picture: Picture) -> str:
    """Return what somebody hears who does not see a picture; the numbers come as a table."""
    grow = [line.name for line in picture.lines if line.grows]
    return f"{picture.title}: a line for each access pattern. Those that grow: {'; '.join(grow) or 'none'}."


def _table(run: Run, about: str, what: Callable[[Cost], float]) -> str:
    """Return the numbers at each size."""
    rows = [(pattern.says, *map(digits, _values(run, pattern, what))) for pattern in run.patterns]
    return table((about, *(f"{size:,}" for size in run.sizes)), rows)


def _counts(cost: Cost | None) -> tuple[str, str, str]:
    return (f"{cost.calls:,}", f"{cost.items:,}", f"{cost.returned:,}") if cost else ("n/a",) * 3


def _found(run: Run) -> str:
    """Return how many cats a search finds on its first page at each size."""
    found = [str(cost.returned) for cost in run.costs["filter_search"] if cost]
    return f"{', '.join(found[:-1])} and {found[-1]}"
