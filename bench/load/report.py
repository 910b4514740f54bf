"""Writes what was measured under load: the tables for the terminal, docs/load.md, and its picture."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from bench.load.mix import MIX
from bench.load.picture import picture
from bench.load.result import ENGINE, GROWTH, Result
from bench.load.tally import wait, wrong
from bench.load.watch import growth, last, settled
from bench.pages import ROOT, commit, machine, table
from tools.package.target import host_target

PAGE = ROOT / "docs" / "load.md"
PICTURE = PAGE.with_suffix(".svg")
GOOD = (
    "Every answer was the good one of its kind, every request had one, and the memory of none that answered has grown "
    "by more than is well."
)
ROWS: tuple[tuple[str, Callable[[Result], str]], ...] = (
    ("callers at once", lambda result: f"{result.callers}"),
    ("answers", lambda result: f"{result.answers:,}"),
    ("wrong answers", lambda result: f"{wrong(result.called.tally, result.kinds).total():,}"),
    ("requests without an answer", lambda result: f"{result.called.broken.total():,}"),
    ("answers a second", lambda result: f"{result.answers / result.seconds:,.0f}"),
    ("answers a second and core", lambda result: f"{result.per_core:,.0f}"),
    ("CPU for an answer, ms", lambda result: f"{result.own_cpu / result.answers * 1000:.2f}"),
    ("of the engine for it, ms", lambda result: f"{result.cpu[ENGINE] / result.answers * 1000:.2f}"),
    ("half within, ms (p50)", lambda result: f"{wait(result.called.tally, 0.5):.1f}"),
    ("99 of 100 within, ms (p99)", lambda result: f"{wait(result.called.tally, 0.99):.1f}"),
    ("the slowest, ms", lambda result: f"{wait(result.called.tally, 1):.0f}"),
)


def tables(results: Sequence[Result]) -> str:
    """Return all that was measured, as tables."""
    return "\n\n".join([overview(results), kinds(results), memory(results)])


def overview(results: Sequence[Result]) -> str:
    """Return how much was answered."""
    lines = [(name, *(told(result) for result in results)) for name, told in ROWS]
    return table(("", *(result.name for result in results)), lines)


def kinds(results: Sequence[Result]) -> str:
    """Return how long callers wait for what."""
    head = ["ms", "of 100"]
    for result in results:
        head += [f"{result.name}: p50", "p99"]
    lines = []
    for kind in MIX:
        times = [f"{wait(result.called.tally, share, kind.name):.1f}" for result in results for share in (0.5, 0.99)]
        lines.append((kind.name, str(kind.share), *times))
    return table(head, lines)


def memory(results: Sequence[Result]) -> str:
    """Return what the processes hold."""
    lines = []
    for result in results:
        for name, held in result.memory.items():
            megabytes = [f"{value:.1f}" for value in (settled(held), last(held), max(held))]
            lines.append((f"{result.name}: {name}", *megabytes, f"{growth(held):+.1%}"))
    return table(("MB", "third tenth", "last tenth", "peak", "growth"), lines)


def write(results: Sequence[Result], load: float) -> None:
    """Write the page and its picture."""
    PAGE.write_text(text(results, load), encoding="utf-8")
    PICTURE.write_text(drawn(results), encoding="utf-8")


def text(results: Sequence[Result], load: float) -> str:
    """Return the page.

    Args:
        results: of both runs.
        load: the machine's load average before them.
    """
    return Template(Path(__file__).with_name("page.md").read_text(encoding="utf-8")).substitute(
        date=datetime.now(UTC).date().isoformat(),
        commit=commit(PAGE, PICTURE),
        machine=machine(),
        load=f"{load:.1f}",
        server_python=platform.python_version(),
        runtime=host_target().runtime,
        minutes=f"{results[0].seconds / 60:g}",
        overview=overview(results),
        kinds=kinds(results),
        memory=memory(results),
        growth=f"{GROWTH:.0%}",
        verdict=verdict(results),
    )


def verdict(results: Sequence[Result]) -> str:
    """Return whether all is as it must be, and what is not."""
    faults = [f"- {fault}" for result in results for fault in result.faults()]
    return "\n".join(["**Not all is as it must be:**", "", *faults] if faults else [GOOD])


def drawn(results: Sequence[Result]) -> str:
    """Return the memory of what answers, in the course of the runs."""
    lines = {name: held for result in results for name, held in result.memory.items() if name != ENGINE}
    return picture("Memory in the course of the runs", "MB", results[0].seconds / 60, lines)
