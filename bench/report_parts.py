"""Parts that the reports share: the commit, the machine and Markdown tables."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def commit(*ignored: Path) -> str:
    """Return the checked-out commit, with a note if files other than the ignored ones have uncommitted changes."""
    short = _git("rev-parse", "--short", "HEAD") or "unknown"
    exclusions = (f":!{path.relative_to(ROOT)}" for path in ignored)
    changed = _git("status", "--porcelain", "--", ".", *exclusions)
    return f"{short} (with uncommitted changes)" if changed else short


def machine() -> str:
    """Return the processor, the number of cores and the operating system."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    model = models[0] if models else platform.machine()
    return f"{model} ({os.cpu_count()} cores, {platform.system()})"


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table with aligned columns. The first column is text, the others are numbers."""
    rows = [list(head), *map(list, lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    texts = [
        [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        for row in rows
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in [texts[0], rule, *texts[1:]])


def _git(*arguments: str) -> str:
    try:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
