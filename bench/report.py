"""Writes what was measured: the table for the terminal, and docs/performance.md."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from bench.profiles import Table, Warm
from bench.rounds import REQUESTS, Row
from bench.stage import HERE, ROOT

PAGE = ROOT / "docs" / "performance.md"
LONGEST = 12
"""How many lines a list of what takes time has."""


def comparison(rows: Iterable[Row]) -> str:
    """Return the table of both."""
    lines = []
    for row in rows:
        ours, bare = row.medians
        low, high = row.middle
        goal = f"≤ {row.goal:.2f}" if row.goal else ""
        lines.append((f"{row.name}, {row.unit}", _digits(ours), _digits(bare), f"{row.ratio:.2f}",
                      f"{low:.2f} to {high:.2f}", goal))  # fmt: skip
    return table(("", "Clowder", "bare boto3", "ratio", "middle half", "goal"), lines)


def goals(rows: Iterable[Row]) -> str:
    """Return what is aimed at, with whether it is reached."""
    return "\n".join(
        f"- {row.name}: at most {row.goal:.2f} of bare boto3. It is {row.ratio:.2f}: "
        f"{'reached' if row.ratio <= row.goal else 'not yet reached'}."
        for row in rows
        if row.goal
    )


def page(rows: Sequence[Row], load: float, steps: Table, imports: tuple[Table, Table], warm: Warm) -> str:
    """Return the page."""
    packages, modules = imports
    spent = [(name, f"{share:.1%}") for name, share in warm.packages[:LONGEST]]
    functions = [(f"`{name}`", f"{calls:g}", f"{share:.1%}") for name, calls, share in warm.functions[:LONGEST]]
    return Template((HERE / "page.md").read_text(encoding="utf-8")).substitute(
        date=datetime.now(UTC).date().isoformat(),
        commit=_commit(),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        machine=_machine(),
        load=f"{load:.1f}",
        rounds=len(rows[0].ours),
        requests=f"{REQUESTS:,}",
        comparison=comparison(rows),
        steps=table(("step", "CPU, ms"), _spent(steps)),
        packages=table(("package", "ms"), _spent(packages[:LONGEST])),
        modules=table(("module", "ms"), _spent(modules[:LONGEST])),
        store=f"{warm.store:.0%}",
        spent=table(("in the code of", "share"), spent),
        functions=table(("function", "calls a request", "its own share"), functions),
        goals=goals(rows),
    )


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown that can be read as it is; the first column is text, the others are numbers."""
    rows = [list(head), *map(list, lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    texts = [
        [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        for row in rows
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in [texts[0], rule, *texts[1:]])


def _spent(found: Table) -> list[tuple[str, str]]:
    return [(name, f"{spent:.1f}") for name, spent in found]


def _digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _commit() -> str:
    commit = _git("rev-parse", "--short", "HEAD") or "unknown"
    changed = _git("status", "--porcelain", "--", ".", f":!{PAGE.relative_to(ROOT)}")
    return f"{commit} (and changes that are not committed)" if changed else commit


def _git(*arguments: str) -> str:
    try:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _machine() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        told = []
    models = [line.partition(":")[2].strip() for line in told if line.startswith("model name")]
    model = models[0] if models else platform.machine()
    return f"{model} ({os.cpu_count()} cores, {platform.system()})"
