"""Render the results: the tables for the terminal, docs/load.md and its chart."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from bench.load.chart import draw_chart
from bench.load.histogram import count_unexpected, latency_ms
from bench.load.mix import MIX
from bench.load.process_monitor import final_memory, memory_growth, warm_memory
from bench.load.result import EMULATOR, MAX_GROWTH, LoadResult
from bench.report_parts import ROOT, commit, machine, table
from tools.package.target import host_target

REPORT = ROOT / "docs" / "load.md"
CHART = REPORT.with_suffix(".svg")
SUCCESS = "Every response had the expected status, every request had a response, and the memory did not grow too much."
ROWS: tuple[tuple[str, Callable[[LoadResult], str]], ...] = (
    ("concurrent clients", lambda result: f"{result.clients}"),
    ("responses", lambda result: f"{result.total:,}"),
    ("unexpected responses", lambda result: f"{_unexpected(result):,}"),
    ("requests without a response", lambda result: f"{result.responses.failed.total():,}"),
    ("responses per second", lambda result: f"{result.total / result.seconds:,.0f}"),
    ("responses per CPU second", lambda result: f"{result.per_core:,.0f}"),
    ("CPU per response, ms", lambda result: f"{result.application_cpu / result.total * 1000:.2f}"),
    ("emulator CPU per response, ms", lambda result: f"{result.cpu[EMULATOR] / result.total * 1000:.2f}"),
    ("median latency (p50), ms", lambda result: f"{latency_ms(result.responses.histogram, 0.5):.1f}"),
    ("99th percentile (p99), ms", lambda result: f"{latency_ms(result.responses.histogram, 0.99):.1f}"),
    ("maximum latency, ms", lambda result: f"{latency_ms(result.responses.histogram, 1):.0f}"),
)


def tables(results: Sequence[LoadResult]) -> str:
    """Return all tables."""
    return "\n\n".join([overview(results), latencies(results), memory(results)])


def overview(results: Sequence[LoadResult]) -> str:
    """Return the table of throughput and latency."""
    lines = [(name, *(format_value(result) for result in results)) for name, format_value in ROWS]
    return table(("", *(result.name for result in results)), lines)


def latencies(results: Sequence[LoadResult]) -> str:
    """Return the table of the latencies of each request type."""
    head = ["ms", "percent"]
    for result in results:
        head += [f"{result.name}: p50", "p99"]
    lines = []
    for request_type in MIX:
        values = [
            f"{latency_ms(result.responses.histogram, share, request_type.name):.1f}"
            for result in results
            for share in (0.5, 0.99)
        ]
        lines.append((request_type.name, str(request_type.percent), *values))
    return table(head, lines)


def memory(results: Sequence[LoadResult]) -> str:
    """Return the table of the memory of each process."""
    lines = []
    for result in results:
        for name, samples in result.memory.items():
            megabytes = [f"{value:.1f}" for value in (warm_memory(samples), final_memory(samples), max(samples))]
            lines.append((f"{result.name}: {name}", *megabytes, f"{memory_growth(samples):+.1%}"))
    return table(("MB", "third tenth", "last tenth", "peak", "growth"), lines)


def write(results: Sequence[LoadResult], load: float) -> None:
    """Write the report and its chart."""
    REPORT.write_text(render(results, load), encoding="utf-8")
    CHART.write_text(memory_chart(results), encoding="utf-8")


def render(results: Sequence[LoadResult], load: float) -> str:
    """Return docs/load.md.

    Args:
        results: the results of both tests.
        load: the load average of the machine before the tests.
    """
    return Template(Path(__file__).with_name("report.md").read_text(encoding="utf-8")).substitute(
        date=datetime.now(UTC).date().isoformat(),
        commit=commit(REPORT, CHART),
        machine=machine(),
        load=f"{load:.1f}",
        server_python=platform.python_version(),
        runtime=host_target().runtime,
        minutes=f"{results[0].seconds / 60:g}",
        overview=overview(results),
        latencies=latencies(results),
        memory=memory(results),
        growth=f"{MAX_GROWTH:.0%}",
        verdict=verdict(results),
    )


def verdict(results: Sequence[LoadResult]) -> str:
    """Return a list of the problems, or a sentence about the success."""
    problems = [f"- {problem}" for result in results for problem in result.problems()]
    return "\n".join(["**The tests found problems:**", "", *problems] if problems else [SUCCESS])


def memory_chart(results: Sequence[LoadResult]) -> str:
    """Return the chart of the memory of all processes except the emulator."""
    series = {name: samples for result in results for name, samples in result.memory.items() if name != EMULATOR}
    return draw_chart("Memory during the tests", "MB", results[0].seconds / 60, series)


def _unexpected(result: LoadResult) -> int:
    return count_unexpected(result.responses.histogram, result.types).total()
